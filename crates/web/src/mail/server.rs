//! A company's own mail server: found, checked, and spoken to at the very address that was checked.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{AsyncSmtpTransport, Error as SmtpError};
use lettre::{AsyncTransport, Message, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};
use sindico_domain::mail::{Security, Wish};
use sindico_outbound::Outbound;
use std::time::Duration;
use tokio::time::timeout;

/// How long a server may take for one step, and for all of them. The whole is less than the lease of a mail.
const STEP: Duration = Duration::from_secs(10);
const WHOLE: Duration = Duration::from_secs(35);

/// How much of a server's words is kept.
const WORDS: usize = 300;

/// Why a mail was not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// For its company's owners.
    pub(crate) words: String,
    /// Whether another try may do better.
    pub(crate) again: bool,
}

impl Fault {
    pub(crate) fn new(words: &str, again: bool) -> Self {
        Self {
            words: words.to_owned(),
            again,
        }
    }
}

/// Sends a message by a company's server, once; what the server said. The password is in none of its words.
pub(crate) async fn send(
    outbound: &Outbound,
    wish: &Wish,
    password: Option<&SecretString>,
    message: &Message,
) -> Result<String, Fault> {
    let secret = password.map_or("", |password| password.expose_secret());
    let sent = timeout(WHOLE, send_to_first(outbound, wish, secret, message)).await;
    let sent = sent.unwrap_or_else(|_| Err(Fault::new("The server took too long.", true)));
    match sent {
        Ok(words) => Ok(without(&words, &wish.username, secret)),
        Err(fault) => Err(Fault {
            words: without(&fault.words, &wish.username, secret),
            ..fault
        }),
    }
}

async fn send_to_first(
    outbound: &Outbound,
    wish: &Wish,
    secret: &str,
    message: &Message,
) -> Result<String, Fault> {
    let secure = wish.security != Security::None;
    let found = outbound.mail_server(&wish.host, wish.port, secure).await;
    let addresses = found.map_err(|refused| Fault::new(&refused.to_string(), true))?;
    let tls = || -> Result<Tls, Fault> {
        let parameters = TlsParameters::new(wish.host.clone())
            .map_err(|error| Fault::new(&error.to_string(), false))?;
        Ok(match wish.security {
            Security::Starttls => Tls::Required(parameters),
            Security::Tls => Tls::Wrapper(parameters),
            Security::None => Tls::None,
        })
    };
    let domain = wish.from_address.rsplit('@').next().unwrap_or("localhost");
    // One address: what was checked is what is spoken to, and no second try can be a second mail.
    let address = addresses
        .first()
        .ok_or_else(|| Fault::new("This host can't be found.", true))?;
    let mut builder =
        AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(address.ip().to_string())
            .port(address.port())
            .tls(tls()?)
            .hello_name(ClientId::Domain(domain.to_owned()))
            .timeout(Some(STEP));
    if !wish.username.is_empty() {
        builder = builder.credentials(Credentials::new(wish.username.clone(), secret.to_owned()));
    }
    exchange(&builder.build(), message).await
}

/// Sends a message; what the server said.
pub(crate) async fn exchange(
    server: &AsyncSmtpTransport<Tokio1Executor>,
    message: &Message,
) -> Result<String, Fault> {
    match server.send(message.clone()).await {
        Ok(response) => {
            let lines: Vec<&str> = response.message().collect();
            Ok(clean(&format!("{} {}", response.code(), lines.join(" "))))
        }
        Err(error) => Err(Fault {
            words: clean(&error.to_string()),
            again: is_passing(&error),
        }),
    }
}

/// A refusal is for good, unless it is of the sign-in (53x): a password can be mended.
fn is_passing(error: &SmtpError) -> bool {
    let code = error.status().map(u16::from);
    !error.is_permanent() || code.is_some_and(|code| (530..=539).contains(&code))
}

/// One line, not too long.
fn clean(text: &str) -> String {
    let odd = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(odd).take(WORDS).collect()
}

/// Without the password, however an echo of the sign-in would spell it.
fn without(text: &str, user: &str, secret: &str) -> String {
    if secret.is_empty() {
        return text.to_owned();
    }
    let spellings = [
        STANDARD.encode(format!("\0{user}\0{secret}")),
        STANDARD.encode(secret),
        secret.to_owned(),
    ];
    let hidden = spellings.iter().fold(text.to_owned(), |text, one| {
        text.replace(one.as_str(), "***")
    });
    hidden.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_of_a_server_tells_the_password() {
        let secret = "uma senha";
        for echo in [
            "502 unknown: uma senha".to_owned(),
            format!("500 {}", STANDARD.encode("\0ana\0uma senha")),
            format!("535 no: {}", STANDARD.encode("uma senha")),
        ] {
            let told = without(&clean(&echo), "ana", secret);
            assert!(told.contains("***") && !told.contains(secret), "{told}");
            assert!(!told.contains("dW1hIHNlbmhh"), "{told}");
        }
    }

    #[test]
    fn words_are_one_short_line() {
        let told = clean(&format!("250\r\n{}", "x".repeat(1_000)));
        assert!(told.len() == WORDS && !told.contains(['\r', '\n']));
    }
}
