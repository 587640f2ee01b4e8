//! Reads credentials out of bodies.

use secrecy::SecretString;
use serde_json::{Map, Value};
use sindico_domain::FieldErrors;
use sindico_domain::account::PASSWORD_MAX;
use sindico_domain::input::{Fields, Parsed, text};

/// A password exactly as typed: spaces at its ends are part of it. Its length is not looked at,
/// since one that is too long is simply wrong.
pub(crate) fn secret(value: &Value) -> Parsed<SecretString> {
    match value {
        Value::String(text) if text.is_empty() => Err("This field may not be blank.".into()),
        Value::String(text) if text.contains('\0') => {
            Err("Null characters are not allowed.".into())
        }
        Value::String(text) => Ok(SecretString::from(text.as_str())),
        Value::Null => Err("This field may not be null.".into()),
        // Not numbers, which might be written in more than one way.
        _ => Err("Expected text.".into()),
    }
}

/// A password to be kept, which has a longest length; the other rules need the account.
pub(crate) fn new_secret(value: &Value) -> Parsed<SecretString> {
    if value.as_str().is_some_and(|text| text.len() > PASSWORD_MAX) {
        return Err(format!("Use at most {PASSWORD_MAX} bytes."));
    }
    secret(value)
}

/// More than any code has, with spaces and hyphens.
pub(crate) const OTP_MAX: usize = 60;

/// A name and a password, not compared with anything yet.
pub(crate) struct Credentials {
    pub(crate) username: String,
    pub(crate) password: SecretString,
    /// The code of a second factor, for accounts that have one.
    pub(crate) otp: Option<String>,
}

impl Credentials {
    /// Reads both, and tells all that is wrong at once.
    pub(crate) fn parse(body: &Map<String, Value>) -> Result<Self, FieldErrors> {
        let mut f = Fields::new(body);
        let username = f.require("username", text(1..=150));
        let password = f.require("password", secret);
        let otp = f.read("otp", text(0..=OTP_MAX));
        let read = username.zip(password);
        let errors = f.finish();
        let Some((username, password)) = read else {
            return Err(errors);
        };
        errors.check(Self {
            username,
            password,
            otp,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;
    use serde_json::json;

    #[test]
    fn passwords_are_not_trimmed() {
        let read = |value: Value| secret(&value).map(|s| s.expose_secret().to_owned());
        assert_eq!(read(json!(" a b\n")).unwrap(), " a b\n");
        assert_eq!(read(json!(" ")).unwrap(), " ");
        for wrong in [
            json!(""),
            json!("a\0"),
            json!(12345678),
            json!(["a"]),
            json!(null),
        ] {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
        let long = json!("x".repeat(PASSWORD_MAX + 1));
        assert!(secret(&long).is_ok());
        assert!(new_secret(&long).is_err());
        assert!(new_secret(&json!("x".repeat(PASSWORD_MAX))).is_ok());
    }

    #[test]
    fn missing_credentials_are_told_at_once() {
        let errors = Credentials::parse(&Map::new()).err().unwrap();
        assert!(errors.has("username") && errors.has("password"));
        let Value::Object(body) = json!({"username": " ana ", "password": "x"}) else {
            unreachable!();
        };
        assert_eq!(Credentials::parse(&body).ok().unwrap().username, "ana");
    }
}
