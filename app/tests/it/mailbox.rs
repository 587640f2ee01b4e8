//! A mail server that takes mails as it is told, and keeps what it was sent.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// How a mail is answered, once all of it is there.
#[derive(Debug, Clone)]
pub enum Reply {
    /// With this line.
    Line(String),
    /// Not at all, though it was taken.
    Silence,
}

/// The server.
#[derive(Clone)]
pub struct Mailbox {
    /// Its port, on this machine.
    pub port: u16,
    mails: Arc<Mutex<Vec<String>>>,
    replies: Arc<Mutex<VecDeque<Reply>>>,
    password: Arc<Mutex<String>>,
}

impl Mailbox {
    /// One that takes all mails from `ana` with this password.
    pub async fn start(password: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mailbox = Self {
            port: listener.local_addr().unwrap().port(),
            mails: Arc::default(),
            replies: Arc::default(),
            password: Arc::new(Mutex::new(password.to_owned())),
        };
        let own = mailbox.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(own.clone().attend(stream));
            }
        });
        mailbox
    }

    /// The next mails are answered so, one after the other.
    pub fn answer(&self, replies: impl IntoIterator<Item = Reply>) {
        self.replies.lock().unwrap().extend(replies);
    }

    /// The same, and nothing of what was said before.
    pub fn replace(&self, replies: impl IntoIterator<Item = Reply>) {
        *self.replies.lock().unwrap() = replies.into_iter().collect();
    }

    /// Another password is right from now on.
    pub fn change(&self, password: &str) {
        *self.password.lock().unwrap() = password.to_owned();
    }

    /// All mails that were sent, taken or not.
    pub fn mails(&self) -> Vec<String> {
        self.mails.lock().unwrap().clone()
    }

    /// Waits for so many mails.
    pub async fn received(&self, times: usize) -> Vec<String> {
        let end = Instant::now() + Duration::from_secs(40);
        loop {
            let mails = self.mails();
            if mails.len() >= times {
                return mails;
            }
            assert!(Instant::now() < end, "{} of {times} mails", mails.len());
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    async fn attend(self, stream: TcpStream) -> Option<()> {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 box\r\n").await.ok()?;
        loop {
            let line = lines.next_line().await.ok()??;
            let verb = line.split(' ').next().unwrap().to_uppercase();
            let answer = match verb.as_str() {
                "EHLO" => "250-box\r\n250 AUTH PLAIN\r\n".to_owned(),
                "AUTH" => self.sign_in(&line),
                "MAIL" | "RCPT" => "250 ok\r\n".to_owned(),
                "DATA" => {
                    write.write_all(b"354 go on\r\n").await.ok()?;
                    let mut mail = String::new();
                    loop {
                        let line = lines.next_line().await.ok()??;
                        if line == "." {
                            break;
                        }
                        mail.push_str(&line);
                        mail.push('\n');
                    }
                    self.mails.lock().unwrap().push(mail);
                    let reply = self.replies.lock().unwrap().pop_front();
                    match reply {
                        None => "250 queued as 7\r\n".to_owned(),
                        Some(Reply::Line(line)) => format!("{line}\r\n"),
                        Some(Reply::Silence) => {
                            tokio::time::sleep(Duration::from_secs(120)).await;
                            return None;
                        }
                    }
                }
                "QUIT" => {
                    write.write_all(b"221 bye\r\n").await.ok()?;
                    return None;
                }
                _ => "500 what\r\n".to_owned(),
            };
            write.write_all(answer.as_bytes()).await.ok()?;
        }
    }

    /// A server that tells too much: it repeats what was wrong.
    fn sign_in(&self, line: &str) -> String {
        let told = line.rsplit(' ').next().unwrap();
        let right = format!("\0ana\0{}", self.password.lock().unwrap());
        match told == STANDARD.encode(right) {
            true => "235 come in\r\n".to_owned(),
            false => format!("535 5.7.8 not with {told}\r\n"),
        }
    }
}

/// A header of a mail.
pub fn header(mail: &str, name: &str) -> String {
    let found = mail.lines().find_map(|line| line.strip_prefix(name));
    found
        .unwrap_or_default()
        .trim_start_matches(':')
        .trim()
        .to_owned()
}
