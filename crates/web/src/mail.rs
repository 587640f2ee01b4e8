//! Mails: by SMTP, or as files in a folder when no server is set. They leave in the background, so
//! that no answer waits for a mail server, and a few times, since mail servers like to say "later".
//!
//! The log names neither receivers nor links, and not the server's own words, which repeat them.

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, SinglePart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_util::task::TaskTracker;

/// Pauses between attempts: a link must arrive well within its hour.
const PAUSES: [Duration; 3] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(180),
];
/// How long one conversation with the mail server may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Conversations at once.
const AT_ONCE: usize = 4;
/// Background work that may be waiting; whatever comes on top is dropped, and logged.
const WAITING: usize = 1000;

/// How mails leave.
pub struct MailConfig {
    /// The sender: `Síndico <sindico@example.com>`.
    pub from: String,
    /// The mail server; without one, mails become files.
    pub smtp: Option<SmtpConfig>,
    /// Where those files go; made when it is missing.
    pub directory: PathBuf,
}

/// A mail server.
pub struct SmtpConfig {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whom to sign in as; empty: no sign-in.
    pub user: String,
    /// The user's password.
    pub password: Option<SecretString>,
    /// How the connection is protected.
    pub tls: SmtpTls,
}

/// How the connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpTls {
    /// It must turn to TLS before anything is said (RFC 3207).
    StartTls,
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// Not at all: a server on this very machine.
    None,
}

impl FromStr for SmtpTls {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "starttls" => Ok(Self::StartTls),
            "tls" => Ok(Self::Tls),
            "none" => Ok(Self::None),
            _ => Err("Use starttls, tls or none.".to_owned()),
        }
    }
}

/// A text to one person.
pub struct Mail {
    /// Where to.
    pub to: String,
    /// What about.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// Sends mails. Clones are the same mailer.
#[derive(Clone)]
pub struct Mailer(Arc<Inner>);

struct Inner {
    from: Mailbox,
    way: Way,
    tasks: TaskTracker,
    turns: Semaphore,
}

enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Files(PathBuf),
}

/// Why a mail did not leave, in words without secrets.
struct Failure {
    why: String,
    for_good: bool,
}

impl Mailer {
    /// Prepares the way; connects only to send.
    ///
    /// # Errors
    /// A sender that is no mailbox, or a server name that TLS can't check.
    pub fn new(config: MailConfig) -> Result<Self, String> {
        let from = config
            .from
            .parse()
            .map_err(|_| "the sender of mails is not like: Síndico <sindico@example.com>")?;
        let way = match config.smtp {
            Some(smtp) => Way::Smtp(connect(smtp)?),
            None => Way::Files(config.directory),
        };
        Ok(Self(Arc::new(Inner {
            from,
            way,
            tasks: TaskTracker::new(),
            turns: Semaphore::new(AT_ONCE),
        })))
    }

    /// Does something in the background that a stop of the program waits for.
    pub fn in_background(&self, work: impl Future<Output = ()> + Send + 'static) {
        if self.0.tasks.len() >= WAITING {
            tracing::error!("too many mails are waiting; one was dropped");
            return;
        }
        self.0.tasks.spawn(work);
    }

    /// Sends, and tries again for some minutes; the outcome is logged.
    pub async fn send(&self, mail: Mail) {
        let Some(message) = self.message(&mail) else {
            tracing::warn!("a mail was not sent: its receiver's address is not valid");
            return;
        };
        let mut pauses = PAUSES.iter();
        loop {
            let outcome = match self.0.turns.acquire().await {
                Ok(_turn) => self.deliver(&message).await,
                Err(_) => return,
            };
            let Err(failure) = outcome else {
                tracing::info!("a mail was sent");
                return;
            };
            let why = failure.why;
            match pauses.next() {
                Some(pause) if !failure.for_good => {
                    tracing::warn!(why, "a mail was not sent; it is tried again");
                    sleep(*pause).await;
                }
                _ => {
                    tracing::error!(why, "a mail was not sent");
                    return;
                }
            }
        }
    }

    /// Waits until the background is empty, for a stop of the program; at most this long.
    pub async fn finish(&self, grace: Duration) {
        self.0.tasks.close();
        if timeout(grace, self.0.tasks.wait()).await.is_err() {
            tracing::warn!(mails = self.0.tasks.len(), "some mails were not sent");
        }
    }

    fn message(&self, mail: &Mail) -> Option<Message> {
        let receiver: Address = mail.to.parse().ok()?;
        // No "I am away" in return (RFC 3834).
        let automatic = HeaderName::new_from_ascii_str("Auto-Submitted");
        Message::builder()
            .from(self.0.from.clone())
            .to(Mailbox::new(None, receiver))
            .subject(&mail.subject)
            .date_now()
            .message_id(None)
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .singlepart(SinglePart::plain(mail.text.clone()))
            .ok()
    }

    async fn deliver(&self, message: &Message) -> Result<(), Failure> {
        match &self.0.way {
            Way::Smtp(transport) => {
                match timeout(PATIENCE, transport.send(message.clone())).await {
                    Err(_) => Err(Failure {
                        why: "the mail server took too long".to_owned(),
                        for_good: false,
                    }),
                    Ok(sent) => sent.map(drop).map_err(|error| failure(&error)),
                }
            }
            Way::Files(directory) => {
                let (directory, bytes) = (directory.clone(), message.formatted());
                let written = tokio::task::spawn_blocking(move || write(&directory, &bytes)).await;
                written
                    .unwrap_or_else(|error| Err(io::Error::other(error)))
                    .map_err(|error| Failure {
                        why: format!("a file can't be written: {error}"),
                        for_good: false,
                    })
            }
        }
    }
}

fn connect(smtp: SmtpConfig) -> Result<AsyncSmtpTransport<Tokio1Executor>, String> {
    let parameters = || {
        TlsParameters::new(smtp.host.clone())
            .map_err(|_| format!("TLS can't check the mail server's name {:?}", smtp.host))
    };
    let tls = match smtp.tls {
        SmtpTls::StartTls => Tls::Required(parameters()?),
        SmtpTls::Tls => Tls::Wrapper(parameters()?),
        SmtpTls::None => Tls::None,
    };
    // "Dangerous" are its defaults, of which none is left.
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(smtp.host.as_str())
        .port(smtp.port)
        .tls(tls)
        .timeout(Some(PATIENCE));
    if !smtp.user.is_empty() {
        let password = smtp.password.as_ref().map(ExposeSecret::expose_secret);
        let password = password.unwrap_or_default().to_owned();
        builder = builder.credentials(Credentials::new(smtp.user.clone(), password));
    }
    Ok(builder.build())
}

fn failure(error: &lettre::transport::smtp::Error) -> Failure {
    let kind = if error.is_timeout() {
        "the mail server took too long"
    } else if error.is_tls() {
        "no TLS with the mail server"
    } else if error.is_permanent() || error.is_transient() {
        "the mail server refused"
    } else {
        "the mail server can't be reached"
    };
    Failure {
        why: match error.status() {
            Some(code) => format!("{kind} ({code})"),
            None => kind.to_owned(),
        },
        for_good: error.is_permanent(),
    }
}

/// For its owner only: a mail may hold a link that opens an account.
fn write(directory: &Path, bytes: &[u8]) -> io::Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)?;
    let mut name = [0u8; 8];
    getrandom::fill(&mut name).map_err(|e| io::Error::other(e.to_string()))?;
    let path = directory.join(format!("{}.eml", hex::encode(name)));
    // Whoever looks into the folder finds whole mails only.
    let beside = path.with_extension("new");
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)?
        .write_all(bytes)?;
    std::fs::rename(beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mailer(from: &str, smtp: Option<SmtpConfig>) -> Result<Mailer, String> {
        Mailer::new(MailConfig {
            from: from.to_owned(),
            smtp,
            directory: "/nonexistent".into(),
        })
    }

    #[test]
    fn senders_are_checked() {
        assert!(mailer("Síndico <sindico@localhost>", None).is_ok());
        assert!(mailer("sindico@example.com", None).is_ok());
        for bad in ["", "Síndico", "a@b\r\nBcc: c@d"] {
            assert!(mailer(bad, None).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn every_kind_of_protection_can_be_set_up() {
        for word in ["starttls", "tls", "none"] {
            let smtp = SmtpConfig {
                host: "mail.example.com".to_owned(),
                port: 587,
                user: "ana".to_owned(),
                password: Some("secret".into()),
                tls: word.parse().unwrap(),
            };
            assert!(mailer("sindico@example.com", Some(smtp)).is_ok(), "{word}");
        }
        assert!("ssl".parse::<SmtpTls>().is_err());
    }

    #[test]
    fn a_mail_has_one_receiver_and_its_own_header_lines() {
        let mailer = mailer("Síndico <sindico@example.com>", None).unwrap();
        let mail = |to: &str| Mail {
            to: to.to_owned(),
            subject: "Olá\r\nBcc: c@d.br".to_owned(),
            text: "Oi".to_owned(),
        };
        let sent = mailer.message(&mail("ana@example.com")).unwrap();
        let text = String::from_utf8(sent.formatted()).unwrap();
        assert!(text.contains("Auto-Submitted: auto-generated"), "{text}");
        assert!(!text.contains("\nBcc:"), "{text}");
        assert!(mailer.message(&mail("a@b.br, c@d.br")).is_none());
    }
}
