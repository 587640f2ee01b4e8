//! What a server that holds tenants' places can answer.

use crate::Error;
use crate::connect::ConnectError;
use sindico_db::describe;

/// Why something was not done on a server. No text has a password or an address with one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServerError {
    /// It refused, with this SQLSTATE.
    #[error("the server answered {code}: {message}")]
    Refused {
        /// PostgreSQL manual, appendix A.
        code: String,
        /// Its words.
        message: String,
    },
    /// No answer: it is down, or the way to it is.
    #[error("the server can't be reached: {0}")]
    Unreachable(String),
    /// It is not protected as the settings demand: no TLS, or a certificate that is not trusted.
    #[error("the server is not to be trusted: {0}")]
    Untrusted(String),
    /// A database or a role of this name belongs to somebody else; it was left alone.
    #[error("the {kind} {name} exists on the server and {found}")]
    Foreign {
        /// `database` or `role`.
        kind: &'static str,
        /// Its name.
        name: String,
        /// Whose it is, as far as can be seen.
        found: String,
    },
    /// The schema of the database is not one that this program can work with.
    #[error("the database can't be migrated: {0}")]
    Schema(String),
    /// Somebody else is at work there.
    #[error("another program is at work on it")]
    Busy,
    /// Something is not as it was left; what, in a sentence.
    #[error("{0}")]
    Wrong(String),
}

impl ServerError {
    /// Failures to connect become errors of the store, whose words have no secrets.
    pub(super) fn connecting(error: ConnectError) -> Self {
        if error.is_untrusted() {
            return Self::Untrusted(describe(&error));
        }
        match Error::from(error) {
            Error::Unavailable(context) | Error::Internal(context) => Self::Unreachable(context),
            Error::Refused(refusal) => Self::Unreachable(refusal.to_line()),
        }
    }

    /// The SQLSTATE, if the server gave one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            _ => None,
        }
    }

    pub(super) fn is(&self, codes: &[&str]) -> bool {
        self.code().is_some_and(|code| codes.contains(&code))
    }
}

impl From<tokio_postgres::Error> for ServerError {
    fn from(error: tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            Some(db) => Self::Refused {
                code: db.code().code().to_owned(),
                message: db.message().to_owned(),
            },
            None => Self::Unreachable(describe(&error)),
        }
    }
}
