//! Mails: to a mail server, or as files while there is none.
//!
//! They leave in the background, so that no request waits for a mail server, nor tells by its time
//! whether a mail is sent. What is logged of one that fails is only what can't hold its link.

mod letter;
pub(crate) mod server;
pub(crate) mod told;

pub use letter::Mail;

use crate::gate::trace::in_current_request;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox};
use lettre::transport::smtp::AsyncSmtpTransport;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{Address, AsyncTransport, Message, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};
use std::fs::{DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

/// How long to wait before each further try.
const PAUSES: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(30)];
/// How long a mail server may take for one step.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many mails are worked on at once, and how many may wait besides.
const AT_ONCE: usize = 4;
const WAITING: usize = 250;

/// How the way to the mail server is protected (`SINDICO_SMTP_TLS`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailTls {
    /// TLS after a first exchange in the clear, and never without.
    Starttls,
    /// TLS from the first byte.
    Tls,
    /// In the clear.
    None,
}

/// How mails leave.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// The mail server; empty: mails become files.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way to it is protected.
    pub tls: MailTls,
    /// The user to sign in as; empty: no sign-in.
    pub user: String,
    /// The user's password.
    pub password: Option<SecretString>,
    /// The sender, such as `Síndico <sindico@example.com>`.
    pub from: String,
}

/// Sends mails. Clones share the queue.
#[derive(Clone)]
pub struct Mailer(Arc<Inner>);

struct Inner {
    from: Mailbox,
    way: Way,
    tasks: TaskTracker,
    queue: Arc<Semaphore>,
    turns: Semaphore,
}

enum Way {
    Server(Box<AsyncSmtpTransport<Tokio1Executor>>),
    Folder(PathBuf),
}

/// Why one try failed, in words without anything of the mail.
struct Failure {
    cause: String,
    again: bool,
}

impl Mailer {
    /// Checks the settings; `folder` takes the mails when there is no server, and is made here,
    /// for its owner only, since the mails hold links that are as good as passwords.
    ///
    /// # Errors
    /// A sender or server that can't be read, by its setting; a folder that can't be made.
    pub fn new(config: &MailConfig, folder: &Path) -> Result<Self, String> {
        let from: Mailbox = config.from.parse().map_err(|_| {
            format!(
                "SINDICO_MAIL_FROM is {:?}; expected an address such as Síndico <sindico@example.com>.",
                config.from
            )
        })?;
        let way = if config.host.is_empty() {
            make_folder(folder)
                .map_err(|error| format!("The folder for mails, {}: {error}.", folder.display()))?;
            Way::Folder(folder.to_owned())
        } else {
            Way::Server(Box::new(server(config)?))
        };
        Ok(Self(Arc::new(Inner {
            from,
            way,
            tasks: TaskTracker::new(),
            queue: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
            turns: Semaphore::new(AT_ONCE),
        })))
    }

    /// Makes a mail, if there is one to make, and sends it, all in the background. Of a flood, what
    /// is over the bound is dropped.
    pub fn post(&self, make: impl Future<Output = Option<Mail>> + Send + 'static) {
        let Ok(place) = Arc::clone(&self.0.queue).try_acquire_owned() else {
            tracing::warn!("too many mails are waiting: one was dropped");
            return;
        };
        let mailer = self.clone();
        let task = async move {
            let _place = place;
            let Ok(_turn) = mailer.0.turns.acquire().await else {
                return;
            };
            if let Some(mail) = make.await {
                mailer.deliver(&mail).await;
            }
        };
        // What is logged carries the id of the request that led to it.
        self.0.tasks.spawn(in_current_request(task));
    }

    /// Waits for what is on its way, for at most this long.
    pub async fn finish(&self, at_most: Duration) {
        self.0.tasks.close();
        if tokio::time::timeout(at_most, self.0.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!(mails = self.0.tasks.len(), "some mails were not sent");
        }
    }

    /// Who sends, if there is a mail server.
    pub(crate) fn sender(&self) -> Option<&Mailbox> {
        matches!(self.0.way, Way::Server(_)).then_some(&self.0.from)
    }

    /// Sends a message at once by the mail server, once; what it said.
    pub(crate) async fn send_now(&self, message: &Message) -> Result<String, server::Fault> {
        match &self.0.way {
            Way::Server(server) => server::exchange(server, message).await,
            Way::Folder(_) => Err(server::Fault::new("There is no mail server.", false)),
        }
    }

    async fn deliver(&self, mail: &Mail) {
        let about = &mail.about;
        let message = match self.message(mail) {
            Ok(message) => message,
            Err(cause) => {
                tracing::error!(about, cause, "a mail can't be written");
                return;
            }
        };
        let mut pauses = PAUSES.into_iter();
        loop {
            let Err(Failure { cause, again }) = self.send(&message).await else {
                return;
            };
            match pauses.next().filter(|_| again) {
                Some(pause) => {
                    tracing::warn!(about, cause, "a mail was not sent; it is tried again");
                    tokio::time::sleep(pause).await;
                }
                None => {
                    tracing::error!(about, cause, "a mail was not sent");
                    return;
                }
            }
        }
    }

    fn message(&self, mail: &Mail) -> Result<Message, String> {
        let to: Address = mail
            .to
            .parse()
            .map_err(|_| "the address can't be used in a mail".to_owned())?;
        let text = mail.text.replace('\n', "\r\n");
        let body = match self.0.way {
            // Servers may refuse eight bits, and long lines.
            Way::Server(_) => {
                Body::new_with_encoding(text, ContentTransferEncoding::QuotedPrintable)
                    .map_err(|_| "the text can't be encoded".to_owned())?
            }
            // In a file the link stays whole, to be copied.
            Way::Folder(_) => {
                Body::dangerous_pre_encoded(text.into_bytes(), ContentTransferEncoding::EightBit)
            }
        };
        // So that nobody's holiday notice answers (RFC 3834, 5).
        let automatic = HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        );
        Message::builder()
            .from(self.0.from.clone())
            .to(to.into())
            .subject(mail.subject.clone())
            .message_id(None)
            .raw_header(automatic)
            .header(ContentType::TEXT_PLAIN)
            .body(body)
            .map_err(|error| error.to_string())
    }

    async fn send(&self, message: &Message) -> Result<(), Failure> {
        match &self.0.way {
            Way::Server(server) => match server.send(message.clone()).await {
                Ok(_) => Ok(()),
                // Of a server's answer only the code: some quote what they refuse.
                Err(error) => Err(Failure {
                    again: !error.is_permanent(),
                    cause: match error.status() {
                        Some(code) => format!("the mail server answered {code}"),
                        None if error.is_response() => {
                            "the mail server's answer can't be read".to_owned()
                        }
                        None => error.to_string(),
                    },
                }),
            },
            Way::Folder(folder) => {
                write(folder, &message.formatted())
                    .await
                    .map_err(|error| Failure {
                        cause: format!("{}: {error}", folder.display()),
                        again: true,
                    })
            }
        }
    }
}

fn server(config: &MailConfig) -> Result<AsyncSmtpTransport<Tokio1Executor>, String> {
    type Transport = AsyncSmtpTransport<Tokio1Executor>;
    let host = config.host.as_str();
    let builder = match config.tls {
        MailTls::Starttls => Transport::starttls_relay(host),
        MailTls::Tls => Transport::relay(host),
        MailTls::None => Ok(Transport::builder_dangerous(host)),
    };
    let mut builder = builder
        .map_err(|error| format!("SINDICO_SMTP_HOST is {host:?}: {error}."))?
        .port(config.port)
        .timeout(Some(PATIENCE));
    if !config.user.is_empty() {
        let password = config.password.as_ref().map_or("", |p| p.expose_secret());
        builder = builder.credentials(Credentials::new(config.user.clone(), password.to_owned()));
    }
    Ok(builder.build())
}

fn make_folder(folder: &Path) -> std::io::Result<()> {
    // The folders above are not for mails only: others may have to pass through them.
    if let Some(parent) = folder.parent() {
        std::fs::create_dir_all(parent)?;
    }
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    // It may have been there before, open to others.
    std::fs::set_permissions(folder, Permissions::from_mode(0o700))
}

/// Under its name the file is whole from the first moment.
async fn write(folder: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut random = [0u8; 16];
    getrandom::fill(&mut random).map_err(|error| std::io::Error::other(error.to_string()))?;
    let name = hex::encode(random);
    let draft = folder.join(format!("{name}.part"));
    let mut file = tokio::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)
        .await?;
    file.write_all(bytes).await?;
    file.flush().await?;
    let path = folder.join(format!("{name}.eml"));
    tokio::fs::rename(&draft, &path).await?;
    tracing::info!(path = %path.display(), "a mail was written to a file, as no mail server is set");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sindico_domain::access::User;

    // As long as a real one: longer than a line of a mail may be by some encodings.
    const LINK: &str = "https://sistema.example.com/password-reset/?token=\
        0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn config(from: &str) -> MailConfig {
        MailConfig {
            host: String::new(),
            port: 587,
            tls: MailTls::Starttls,
            user: "mailer".to_owned(),
            password: Some(SecretString::from("the password of the mail server")),
            from: from.to_owned(),
        }
    }

    fn ana() -> User {
        User {
            id: 7,
            username: "ana".to_owned(),
            email: "ana@example.com".to_owned(),
            is_staff: false,
            is_superuser: false,
        }
    }

    #[tokio::test]
    async fn without_a_server_mails_become_files_of_their_owner() {
        let folder = tempfile::tempdir().unwrap();
        let above = folder.path().join("data");
        let folder = above.join("mail");
        let mailer = Mailer::new(&config("Síndico <sindico@localhost>"), &folder).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        // The private server's account must get through the data directory.
        assert_ne!(mode(&above) & 0o011, 0);

        mailer.post(async { Some(Mail::password_reset(&ana(), LINK)) });
        mailer.post(async { None });
        mailer.finish(Duration::from_secs(10)).await;
        let files: Vec<_> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        let [file] = files.as_slice() else {
            panic!("one mail expected: {files:?}");
        };
        assert_eq!(mode(file), 0o600);
        let text = std::fs::read_to_string(file).unwrap();
        for part in [
            "To: ana@example.com",
            "Auto-Submitted: auto-generated",
            LINK,
            "Olá",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
        assert!(!text.contains("the password of the mail server"));
    }

    #[test]
    fn a_wrong_sender_is_named() {
        for from in ["", "Síndico", "a@b@c", "a@b.c\r\nBcc: d@e.f"] {
            let error = Mailer::new(&config(from), Path::new("/nowhere"))
                .err()
                .unwrap();
            assert!(error.contains("SINDICO_MAIL_FROM"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_mail_server_is_prepared_without_being_asked() {
        for tls in [MailTls::Starttls, MailTls::Tls, MailTls::None] {
            let config = MailConfig {
                host: "mail.example.com".to_owned(),
                tls,
                ..config("sindico@example.com")
            };
            let mailer = Mailer::new(&config, Path::new("/nowhere")).unwrap();
            let message = mailer.message(&Mail::password_reset(&ana(), LINK)).unwrap();
            assert!(message.formatted().is_ascii());
        }
    }
}
