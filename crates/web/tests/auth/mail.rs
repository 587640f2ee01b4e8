//! Mails over SMTP, to a server of the test's own.

use sindico_web::mail::{Mail, MailConfig, Mailer, SmtpConfig, SmtpTls};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

/// Takes one conversation; answers the end of the mail with this line. Gives back what it heard.
async fn converse(listener: TcpListener, verdict: &str) -> String {
    let (mut stream, _) = listener.accept().await.unwrap();
    let (read, mut write) = stream.split();
    let mut lines = BufReader::new(read).lines();
    let mut heard = String::new();
    let mut in_mail = false;
    write.write_all(b"220 test\r\n").await.unwrap();
    while let Ok(Some(line)) = lines.next_line().await {
        heard.push_str(&line);
        heard.push('\n');
        let answer = match line.split(' ').next().unwrap_or_default() {
            "." => {
                in_mail = false;
                verdict
            }
            _ if in_mail => continue,
            "DATA" => {
                in_mail = true;
                "354 go on"
            }
            "QUIT" => break,
            _ => "250 ok",
        };
        write
            .write_all(format!("{answer}\r\n").as_bytes())
            .await
            .unwrap();
    }
    heard
}

async fn send(verdict: &str) -> (String, Duration) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mailer = Mailer::new(MailConfig {
        from: "Síndico <sindico@example.com>".to_owned(),
        smtp: Some(SmtpConfig {
            host: "127.0.0.1".to_owned(),
            port: listener.local_addr().unwrap().port(),
            user: String::new(),
            password: None,
            tls: SmtpTls::None,
        }),
        directory: "/nonexistent".into(),
    })
    .unwrap();
    let mail = Mail {
        to: "ana@example.com".to_owned(),
        subject: "Olá".to_owned(),
        text: "Bom dia".to_owned(),
    };
    let begun = Instant::now();
    let (heard, ()) = tokio::join!(converse(listener, verdict), mailer.send(mail));
    (heard, begun.elapsed())
}

#[tokio::test]
async fn a_mail_server_gets_the_mail() {
    let (heard, _) = send("250 taken").await;
    assert!(heard.contains("RCPT TO:<ana@example.com>"), "{heard}");
    assert!(heard.contains("MAIL FROM:<sindico@example.com>"), "{heard}");
    assert!(heard.contains("Bom dia"), "{heard}");
}

#[tokio::test]
async fn what_is_refused_for_good_is_not_tried_again() {
    let (_, took) = send("550 no such person").await;
    assert!(took < Duration::from_secs(4), "{took:?}");
}

/// The second conversation finds nobody listening, the third neither; here only that it waits.
#[tokio::test]
async fn what_is_refused_for_now_is_tried_again() {
    let sent = tokio::time::timeout(Duration::from_secs(2), send("451 later")).await;
    assert!(sent.is_err(), "it gave up");
}
