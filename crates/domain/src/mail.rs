//! Mail of a company: by which server it leaves, and how often it is tried.

use crate::FieldErrors;
use crate::input::{Fields, boolean, choice, integer, text};
use crate::words::words;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

words! {
    /// How the way to a mail server is protected.
    Security { /// TLS after a first exchange in the clear, and never without.
        Starttls = "STARTTLS", /// TLS from the first byte.
        Tls = "TLS", /// In the clear: only into networks that the program's settings list.
        None = "NONE" }
}

words! {
    /// What became of a mail.
    State { /// It is still to be sent, for the first time or again.
        Pending = "PENDING", /// A mail server took it.
        Sent = "SENT", /// It was tried often enough.
        Failed = "FAILED", /// There was nothing to send any more, or nobody to send it to.
        Dropped = "DROPPED" }
}

/// For how many days the log of mails is kept.
pub const LOG_DAYS: i64 = 30;

/// How often a mail is tried.
pub const ATTEMPTS: i64 = 6;

/// In how many seconds a mail is tried again after so many attempts; none after the last.
pub fn again(attempt: i64) -> Option<i64> {
    let waits = [60, 300, 1_800, 7_200, 21_600];
    usize::try_from(attempt - 1)
        .ok()
        .and_then(|n| waits.get(n).copied())
}

/// What somebody wants of a company's mail server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Wish {
    /// The server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the way to it is protected.
    pub security: Security,
    /// The user to sign in as; empty: no sign-in.
    pub username: String,
    /// The sender's address.
    pub from_address: String,
    /// The sender's name.
    pub from_name: String,
    /// Where answers go; empty: to the sender.
    pub reply_to: String,
    /// Whether mail leaves by it.
    pub enabled: bool,
}

/// What is done to the password.
#[derive(Clone, PartialEq, Eq)]
pub enum Password {
    /// It stays as it is.
    Keep,
    /// There is none.
    Forget,
    /// This one. It has no `Debug`, so that it gets into no log.
    New(String),
}

impl Wish {
    /// Reads settings as they are sent; what is not sent is as `before` has it. A password that is not sent, or empty,
    /// stays as it is; `null` forgets it.
    ///
    /// # Errors
    /// All wrong fields.
    pub fn parse(
        body: &Map<String, Value>,
        before: Option<&Self>,
    ) -> Result<(Self, Password), FieldErrors> {
        let mut f = Fields::new(body);
        if before.is_none() {
            for name in ["host", "from_address"] {
                f.require(name, text(1..=253));
            }
        }
        let old = |of: fn(&Self) -> &String| before.map(of).cloned().unwrap_or_default();
        let wish = Self {
            host: f.read("host", host).unwrap_or_else(|| old(|o| &o.host)),
            port: f
                .read("port", integer(1..=65_535))
                .and_then(|port| u16::try_from(port).ok())
                .unwrap_or(before.map_or(587, |old| old.port)),
            security: f
                .read("security", choice::<Security>)
                .unwrap_or(before.map_or(Security::Starttls, |old| old.security)),
            username: f
                .read("username", line(0..=200))
                .unwrap_or_else(|| old(|o| &o.username)),
            from_address: f
                .read("from_address", address)
                .unwrap_or_else(|| old(|o| &o.from_address)),
            from_name: f
                .read("from_name", line(0..=100))
                .unwrap_or_else(|| old(|o| &o.from_name)),
            reply_to: f
                .read("reply_to", no_or(address))
                .unwrap_or_else(|| old(|o| &o.reply_to)),
            enabled: f
                .read("enabled", boolean)
                .unwrap_or(before.is_none_or(|old| old.enabled)),
        };
        let password = match body.get("password") {
            None => Password::Keep,
            Some(Value::Null) => Password::Forget,
            Some(_) => match f.read("password", secret) {
                Some(new) if !new.is_empty() => Password::New(new),
                _ => Password::Keep,
            },
        };
        f.finish().check((wish, password))
    }
}

/// Blanks at its ends are a part of it.
fn secret(value: &Value) -> Result<String, String> {
    match value {
        Value::String(text) if text.len() > 500 => Err("Use at most 500 characters.".to_owned()),
        Value::String(text) if text.contains(['\0', '\r', '\n']) => {
            Err("Use one line, without null characters.".to_owned())
        }
        Value::String(text) => Ok(text.clone()),
        _ => Err("Expected text.".to_owned()),
    }
}

/// One line: what goes into the head of a mail, or of an exchange, ends none.
fn line(length: std::ops::RangeInclusive<usize>) -> impl Fn(&Value) -> Result<String, String> {
    move |value| {
        let line = text(length.clone())(value)?;
        match line.chars().any(char::is_control) {
            true => Err("Use one line.".to_owned()),
            false => Ok(line),
        }
    }
}

fn host(value: &Value) -> Result<String, String> {
    let host = line(1..=253)(value)?.to_lowercase();
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
    match host.chars().all(fits) && !host.starts_with(['-', '.']) {
        true => Ok(host),
        false => Err("Use the name of a mail server, such as smtp.example.com.".to_owned()),
    }
}

fn address(value: &Value) -> Result<String, String> {
    let address = line(3..=254)(value)?;
    let wrong = || "Use an address such as sales@example.com.".to_owned();
    let (local, domain) = address.rsplit_once('@').ok_or_else(wrong)?;
    let odd = |c: char| {
        c.is_whitespace() || matches!(c, '<' | '>' | ',' | ';' | '"' | '(' | ')' | '@' | '\\')
    };
    match !local.is_empty() && !address.replacen('@', "", 1).contains(odd) && domain.contains('.') {
        true => Ok(address),
        false => Err(wrong()),
    }
}

fn no_or(
    read: impl Fn(&Value) -> Result<String, String>,
) -> impl Fn(&Value) -> Result<String, String> {
    move |value| match value {
        Value::Null => Ok(String::new()),
        Value::String(text) if text.trim().is_empty() => Ok(String::new()),
        value => read(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn parse(body: Value) -> Result<(Wish, Password), FieldErrors> {
        Wish::parse(body.as_object().unwrap(), None)
    }

    #[test]
    fn settings_are_read_and_wrong_ones_named() {
        let body =
            json!({"host": "SMTP.example.com", "from_address": "a@example.com", "password": " x "});
        let (wish, password) = parse(body.clone()).unwrap();
        assert_eq!((wish.host.as_str(), wish.port), ("smtp.example.com", 587));
        assert!(wish.enabled && password == Password::New(" x ".to_owned()));
        for (field, value) in [
            ("host", json!("a b")),
            ("host", json!("a\r\nb")),
            ("host", json!("")),
            ("host", json!("user@host")),
            ("port", json!(0)),
            ("port", json!(65_536)),
            ("security", json!("SSL")),
            ("username", json!("a\r\nb")),
            ("from_address", json!("nobody")),
            ("from_address", json!("a@b.c\r\nBcc: d@e.f")),
            ("from_address", json!("a@b.c, d@e.f")),
            ("from_name", json!("a\nb")),
            ("reply_to", json!("x")),
            ("password", json!("a\r\nQUIT")),
            ("password", json!(7)),
        ] {
            let mut body = body.clone();
            body[field] = value.clone();
            assert!(parse(body).err().unwrap().has(field), "{field} {value}");
        }
        let missing = parse(json!({})).err().unwrap();
        assert!(missing.has("host") && missing.has("from_address"));
        // What is not sent stays, the password too; null forgets it.
        let (same, keep) = Wish::parse(&Map::new(), Some(&wish)).unwrap();
        assert!(same == wish && keep == Password::Keep);
        let forget = json!({"password": null});
        let (_, forget) = Wish::parse(forget.as_object().unwrap(), Some(&wish)).unwrap();
        assert!(forget == Password::Forget);
    }

    #[test]
    fn a_mail_is_tried_so_often_and_ever_later() {
        let waits: Vec<i64> = (1..ATTEMPTS).map(|n| again(n).unwrap()).collect();
        assert!(waits.is_sorted());
        assert_eq!((again(ATTEMPTS), again(0)), (None, None));
    }

    proptest! {
        #[test]
        fn what_is_read_ends_no_line(host in "\\PC{0,30}", address in "\\PC{0,30}|[a-z]{1,5}@[a-z.]{1,9}", name in "\\PC{0,30}") {
            let read = parse(json!({"host": host, "from_address": address, "from_name": name}));
            if let Ok((wish, _)) = read {
                for text in [&wish.host, &wish.from_address, &wish.from_name] {
                    prop_assert!(!text.chars().any(char::is_control));
                }
            }
        }
    }
}
