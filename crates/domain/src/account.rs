//! Accounts: user names, e-mail addresses, passwords.

use crate::FieldErrors;

/// The shortest password that is accepted, in characters (NIST SP 800-63B, 3.1.1.2).
pub const PASSWORD_MIN: usize = 8;
/// The longest password that is accepted, in bytes: a bound on the work of hashing.
pub const PASSWORD_MAX: usize = 1024;

/// Passwords that everybody tries first.
const COMMON: &[&str] = &[
    "password",
    "password1",
    "12345678",
    "123456789",
    "1234567890",
    "qwertyui",
    "qwerty123",
    "11111111",
    "00000000",
    "iloveyou",
    "senha123",
    "senha1234",
    "mudar123",
    "brasil123",
    "abc12345",
    "admin123",
    "sunshine",
    "princess",
    "football",
    "flamengo",
    "corinthians",
];

/// A user name as it is stored: letters, digits and `@ . + - _`, at most 150 characters.
pub fn username(text: &str) -> Result<String, String> {
    let name = text.trim();
    if name.is_empty() {
        return Err("This field may not be blank.".into());
    }
    if name.chars().count() > 150 {
        return Err("Use at most 150 characters.".into());
    }
    if !name
        .chars()
        .all(|c| c.is_alphanumeric() || "@.+-_".contains(c))
    {
        return Err("Use letters, digits and @ . + - _ only.".into());
    }
    Ok(name.to_owned())
}

/// An e-mail address, checked for shape only; whether it exists is shown by a mail that arrives.
pub fn email(text: &str) -> Result<String, String> {
    let wrong = || "Expected an e-mail address, such as ana@example.com.".to_owned();
    let address = text.trim();
    if address.len() > 254 || address.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(wrong());
    }
    let (local, domain) = address.rsplit_once('@').ok_or_else(wrong)?;
    let special = |c: char| "<>()[],;:\\\"@".contains(c);
    let domain_ok = url::Host::parse(domain).is_ok() && !domain.starts_with('.');
    if local.is_empty() || local.len() > 64 || local.contains(special) || !domain_ok {
        return Err(wrong());
    }
    Ok(format!("{local}@{}", domain.to_lowercase()))
}

/// Checks a new password for a user with these names.
pub fn new_password(password: &str, username: &str, email: &str) -> Result<(), String> {
    let folded = password.to_lowercase();
    let local = email.split('@').next().unwrap_or_default();
    if password.chars().count() < PASSWORD_MIN {
        return Err(format!("Use at least {PASSWORD_MIN} characters."));
    }
    if password.len() > PASSWORD_MAX {
        return Err(format!("Use at most {PASSWORD_MAX} bytes."));
    }
    if password.contains('\0') {
        return Err("Null characters are not allowed.".into());
    }
    let first = password.chars().next();
    if COMMON.contains(&folded.as_str()) || password.chars().all(|c| Some(c) == first) {
        return Err("This password is one of the first that anybody would try.".into());
    }
    if [username, email, local]
        .iter()
        .any(|name| folded == name.to_lowercase())
    {
        return Err("Use a password that is not your name or address.".into());
    }
    Ok(())
}

/// A checked new account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUser {
    /// User name.
    pub username: String,
    /// E-mail address.
    pub email: String,
    /// Platform staff.
    pub is_staff: bool,
    /// Superuser.
    pub is_superuser: bool,
}

impl NewUser {
    /// Checks name, address and password, all errors at once.
    pub fn parse(
        name: &str,
        address: &str,
        password: &str,
        is_staff: bool,
        is_superuser: bool,
    ) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::new();
        let mut keep = |field: &str, result: Result<String, String>| match result {
            Ok(value) => value,
            Err(message) => {
                errors.add(field, message);
                String::new()
            }
        };
        let username = keep("username", username(name));
        let email = keep("email", email(address));
        keep(
            "password",
            new_password(password, name, address).map(|()| String::new()),
        );
        errors.check(Self {
            username,
            email,
            is_staff,
            is_superuser,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn passwords() {
        assert!(new_password("correct horse", "ana", "ana@x.br").is_ok());
        for bad in [
            "short",
            "Password",
            "aaaaaaaaaa",
            "ana@example.com",
            "a\0bcdefgh",
        ] {
            assert!(
                new_password(bad, "ana", "ana@example.com").is_err(),
                "{bad}"
            );
        }
    }

    #[test]
    fn addresses() {
        assert_eq!(email(" Ana@Example.COM ").unwrap(), "Ana@example.com");
        assert!(email("ana@localhost").is_ok());
        for bad in [
            "",
            "ana",
            "@x",
            "ana@",
            "a b@x.br",
            "a@b@c.br",
            "a@x.br\nBcc: e@x.br",
        ] {
            assert!(email(bad).is_err(), "{bad:?}");
        }
    }

    proptest! {
        /// No accepted address can break a mail header.
        #[test]
        fn addresses_stay_on_one_line(text in "\\PC{0,40}") {
            if let Ok(address) = email(&text) {
                prop_assert!(!address.contains(['\r', '\n', ',', ' ']));
            }
        }
    }
}
