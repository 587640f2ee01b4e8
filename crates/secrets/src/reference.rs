//! References: where a password is kept, never the password (contract section 4).

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// A read reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reference {
    /// `db:<id>`: sealed in the control database.
    Db(i64),
    /// Kept by somebody else.
    Outside(Outside),
}

/// Where somebody else keeps a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outside {
    /// `env:<name>`: an environment variable of the program.
    Env(String),
    /// `file:<path>`: a file that the program can read.
    File(PathBuf),
    /// `gcp:projects/<p>/secrets/<s>/versions/<n>`: Google's Secret Manager.
    Gcp {
        /// The project's id or number.
        project: String,
        /// The secret's name.
        secret: String,
        /// The version: a number, lest a new version change a password that no role has yet.
        version: u64,
    },
}

impl fmt::Display for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Gcp {
                project,
                secret,
                version,
            } => {
                write!(
                    f,
                    "gcp:projects/{project}/secrets/{secret}/versions/{version}"
                )
            }
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Db(id) => write!(f, "db:{id}"),
            Self::Outside(outside) => outside.fmt(f),
        }
    }
}

impl FromStr for Reference {
    /// In words that don't repeat the text: it may be a password that was put in the wrong place.
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (scheme, rest) = text.split_once(':').unwrap_or((text, ""));
        match scheme {
            "db" => match rest.parse() {
                Ok(id) if id > 0 && rest.bytes().all(|b| b.is_ascii_digit()) => Ok(Self::Db(id)),
                _ => Err("Expected db: and a number.".into()),
            },
            "env" => {
                let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
                if rest.is_empty() || !rest.bytes().all(word) || rest.as_bytes()[0].is_ascii_digit() {
                    return Err("Expected env: and the name of an environment variable.".into());
                }
                Ok(Self::Outside(Outside::Env(rest.to_owned())))
            }
            "file" => {
                if !rest.starts_with('/') || rest.chars().any(char::is_control) {
                    return Err("Expected file: and a path from the root.".into());
                }
                Ok(Self::Outside(Outside::File(rest.into())))
            }
            "gcp" => gcp(rest),
            "vault" => Err("References to Vault are not supported by this release. Use env:, file:, db: or gcp:.".into()),
            _ => Err("Expected a reference that begins with env:, file:, db: or gcp:.".into()),
        }
    }
}

fn gcp(rest: &str) -> Result<Reference, String> {
    let parts: Vec<&str> = rest.split('/').collect();
    let word = |text: &str| {
        !text.is_empty()
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':'))
    };
    match parts[..] {
        ["projects", project, "secrets", secret, "versions", version]
            if word(project) && word(secret) =>
        {
            let version = version.parse().map_err(|_| {
                "Name the version by its number: with latest, a new version would count before the role has it.".to_owned()
            })?;
            Ok(Reference::Outside(Outside::Gcp {
                project: project.to_owned(),
                secret: secret.to_owned(),
                version,
            }))
        }
        _ => Err("Expected gcp:projects/P/secrets/S/versions/N.".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn references_are_strict() {
        for text in [
            "db:1",
            "env:CRM_PASSWORD",
            "file:/run/secrets/acme",
            "gcp:projects/my-project/secrets/acme-db/versions/3",
        ] {
            assert_eq!(text.parse::<Reference>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "db:",
            "db:0",
            "db:-1",
            "db:+1",
            "db:x",
            "env:",
            "env:1A",
            "env:A B",
            "file:",
            "file:relative",
            "gcp:",
            "gcp:projects/p/secrets/s/versions/latest",
            "gcp:projects/p/secrets/s",
            "vault:x",
            "hunter2",
        ] {
            let error = text.parse::<Reference>().unwrap_err();
            assert!(text.len() < 7 || !error.contains(text), "{error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "(db|env|file|gcp|vault|x)?:?\\PC{0,40}") {
            if let Ok(reference) = text.parse::<Reference>() {
                prop_assert_eq!(reference.to_string().parse::<Reference>(), Ok(reference));
            }
        }
    }
}
