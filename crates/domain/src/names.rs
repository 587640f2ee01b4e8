//! Names that people choose for tenants and that end up in hosts, URLs and SQL.

use serde::Serialize;
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// PostgreSQL cuts identifiers at 63 bytes (manual, 4.1.1 "Identifiers and Key Words").
pub const IDENTIFIER_BYTES: usize = 63;

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }
    };
}

name_type! {
    /// A tenant's code: a slug of at most 63 characters, kept in lower case; never changes.
    TenantCode
}
name_type! {
    /// A DNS label (RFC 1035, 2.3.1; RFC 1123, 2.1), kept in lower case.
    Subdomain
}
name_type! {
    /// The name of a database or role that Síndico may put into SQL: the strict allow-list of
    /// tenancy.md section 2. Lower case, so that it means the same quoted and unquoted.
    Identifier
}

impl FromStr for TenantCode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let code = text.to_ascii_lowercase();
        let slug = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
        if code.is_empty() || code.len() > 63 {
            return Err("Use 1 to 63 characters.".into());
        }
        if !code.bytes().all(slug) {
            return Err(
                "Use letters without accents, digits, hyphens and underscores only.".into(),
            );
        }
        if !code.as_bytes()[0].is_ascii_alphanumeric() {
            return Err("Begin with a letter or a digit.".into());
        }
        Ok(Self(code))
    }
}

impl FromStr for Subdomain {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let label = text.to_ascii_lowercase();
        let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if label.is_empty() || label.len() > 63 {
            return Err("Use 1 to 63 characters.".into());
        }
        if !label.bytes().all(inner) {
            return Err("Use letters without accents, digits and hyphens only.".into());
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Err("Begin and end with a letter or a digit.".into());
        }
        Ok(Self(label))
    }
}

impl FromStr for Identifier {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let first = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if text.is_empty() || text.len() > IDENTIFIER_BYTES {
            return Err("Use 1 to 63 characters.".into());
        }
        if !text.bytes().all(|b| first(b) || b == b'-') || !first(text.as_bytes()[0]) {
            return Err(
                "Use lower-case letters without accents, digits, underscores and hyphens only, \
                 and do not begin with a hyphen."
                    .into(),
            );
        }
        if text == "postgres" || text.starts_with("pg_") || text.starts_with("template") {
            return Err("This name belongs to PostgreSQL itself. Choose another.".into());
        }
        Ok(Self(text.to_owned()))
    }
}

/// The default names of a tenant's place, made from its code (contract section 4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultNames {
    /// `database_alias`.
    pub alias: Identifier,
    /// `database_name`.
    pub database: Identifier,
    /// `database_user`.
    pub user: Identifier,
}

impl DefaultNames {
    /// The plain names: alias `a_b`, database `crm_a_b`, user `a_b_user`. A name over 63 bytes
    /// is shortened and gets a digest of the whole code, so that long codes with a common
    /// beginning stay apart.
    pub fn plain(code: &TenantCode) -> Self {
        Self::build(code, false)
    }

    /// The names when the plain ones are taken (`a-b` came after `a_b`): with the digest.
    pub fn distinct(code: &TenantCode) -> Self {
        Self::build(code, true)
    }

    fn build(code: &TenantCode, distinct: bool) -> Self {
        let base = code.as_str().replace('-', "_");
        let digest = hex::encode(&Sha256::digest(code.as_str())[..5]);
        let make = |prefix: &str, suffix: &str| {
            let plain = format!("{prefix}{base}{suffix}");
            if !distinct && plain.len() <= IDENTIFIER_BYTES && plain.parse::<Identifier>().is_ok() {
                return Identifier(plain);
            }
            let room = IDENTIFIER_BYTES - prefix.len() - suffix.len() - digest.len() - 1;
            let short = &base[..base.len().min(room)];
            let name = format!("{prefix}{short}_{digest}{suffix}");
            // `pg_x` and the like are refused as they stand; a letter in front makes them ours.
            name.parse().unwrap_or_else(|_| {
                let cut = name.len().min(IDENTIFIER_BYTES - 2);
                Identifier(format!("t_{}", &name[..cut]))
            })
        };
        Self {
            alias: make("", ""),
            database: make("crm_", ""),
            user: make("", "_user"),
        }
    }
}

/// A reference to where a password is kept, never the password (tenancy.md section 4).
/// An error never repeats the input, since that may well be a password.
pub fn secret_reference(text: &str) -> Result<String, String> {
    let known = ["env:", "file:", "db:", "gcp:", "vault:"];
    let named = known
        .iter()
        .any(|scheme| text.len() > scheme.len() && text.starts_with(scheme));
    if text.is_empty() || (named && !text.chars().any(|c| c.is_whitespace() || c.is_control())) {
        Ok(text.to_owned())
    } else {
        Err(
            "Expected a reference to a secret, such as env:NAME, file:PATH or \
             gcp:projects/P/secrets/S/versions/N. Never put a password here."
                .into(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn codes_that_look_alike_get_distinct_names() {
        let dash: TenantCode = "a-b".parse().unwrap();
        let underscore: TenantCode = "a_b".parse().unwrap();
        assert_eq!(DefaultNames::plain(&dash), DefaultNames::plain(&underscore));
        assert_ne!(
            DefaultNames::distinct(&dash),
            DefaultNames::plain(&underscore)
        );
        assert_ne!(
            DefaultNames::distinct(&dash),
            DefaultNames::distinct(&underscore)
        );
    }

    #[test]
    fn postgres_names_are_refused() {
        for name in [
            "postgres",
            "pg_toast",
            "template0",
            "Upper",
            "a b",
            "-a",
            "",
            "ação",
            "a\"b",
        ] {
            assert!(name.parse::<Identifier>().is_err(), "{name}");
        }
    }

    #[test]
    fn a_password_in_place_of_a_reference_is_not_repeated() {
        let error = secret_reference("hunter2").unwrap_err();
        assert!(!error.contains("hunter2"));
        assert!(secret_reference("env:ACME_PASSWORD").is_ok());
        assert!(secret_reference("").is_ok());
        assert!(secret_reference("env:").is_err());
    }

    proptest! {
        #[test]
        fn slugs(text in "\\PC{0,80}") {
            if let Ok(code) = text.parse::<TenantCode>() {
                prop_assert!(code.as_str().len() <= 63);
                prop_assert_eq!(code.as_str(), text.to_ascii_lowercase());
                // What was accepted once is accepted for ever, unchanged.
                prop_assert_eq!(code.as_str().parse::<TenantCode>().unwrap(), code.clone());
            }
        }

        #[test]
        fn subdomains_are_dns_labels(text in "[-a-zA-Z0-9_.é]{0,70}") {
            let good = !text.is_empty() && text.len() <= 63
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
                && !text.starts_with('-') && !text.ends_with('-');
            prop_assert_eq!(text.parse::<Subdomain>().is_ok(), good);
        }

        #[test]
        fn default_names_are_always_valid_and_distinct(
            a in "[a-z0-9][a-z0-9_-]{0,62}", b in "[a-z0-9][a-z0-9_-]{0,62}",
        ) {
            let (ca, cb): (TenantCode, TenantCode) = (a.parse().unwrap(), b.parse().unwrap());
            for names in [DefaultNames::plain(&ca), DefaultNames::distinct(&ca)] {
                for name in [&names.alias, &names.database, &names.user] {
                    prop_assert!(name.as_str().parse::<Identifier>().is_ok(), "{}", name);
                }
            }
            if ca != cb {
                prop_assert_ne!(DefaultNames::distinct(&ca).database, DefaultNames::distinct(&cb).database);
                prop_assert_ne!(DefaultNames::distinct(&ca).user, DefaultNames::distinct(&cb).user);
            }
        }
    }
}
