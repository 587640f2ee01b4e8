//! One error for everything that a use case can end with.

use crate::constraints;
use sindico_domain::{FieldErrors, Refusal};
use tokio_postgres::error::SqlState;

/// A result of a use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a use case did not do what was asked. Public words (the refusal) stand apart from the
/// internal context, which goes to the log only.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request is wrong or not allowed; nothing was changed.
    #[error("{}", .0.to_line())]
    Refused(Refusal),
    /// A database can't be reached, or is too busy, for now.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A fault of ours.
    #[error("{0}")]
    Internal(String),
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<FieldErrors> for Error {
    fn from(errors: FieldErrors) -> Self {
        Self::Refused(Refusal::Fields(errors))
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(db) = error.as_db_error() else {
            // No answer from the server: the connection is gone, or never was. Anything else
            // without an answer (a wrong parameter type) is a fault of ours.
            return if error.is_closed() || is_io(&error) {
                Self::Unavailable(describe(&error))
            } else {
                Self::Internal(describe(&error))
            };
        };
        if let Some(errors) = db.constraint().and_then(constraints::field_errors) {
            return errors.into();
        }
        let code = db.code();
        let passing = code.code().starts_with("08")
            || code.code().starts_with("57P")
            || [
                SqlState::TOO_MANY_CONNECTIONS,
                SqlState::T_R_DEADLOCK_DETECTED,
                SqlState::T_R_SERIALIZATION_FAILURE,
                SqlState::LOCK_NOT_AVAILABLE,
                SqlState::QUERY_CANCELED,
                SqlState::DISK_FULL,
                SqlState::OUT_OF_MEMORY,
                SqlState::READ_ONLY_SQL_TRANSACTION,
            ]
            .contains(code);
        let context = format!("{} ({})", db.message(), code.code());
        if passing {
            Self::Unavailable(context)
        } else {
            Self::Internal(context)
        }
    }
}

impl From<deadpool_postgres::PoolError> for Error {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        match error {
            deadpool_postgres::PoolError::Backend(error) => match Self::from(error) {
                // Whatever kept us from connecting, the caller's request was not at fault.
                Self::Internal(context) => Self::Unavailable(context),
                other => other,
            },
            other => Self::Unavailable(other.to_string()),
        }
    }
}

/// The error with its causes; the driver's own text tells only the kind.
pub fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

fn is_io(error: &tokio_postgres::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if cause.is::<std::io::Error>() {
            return true;
        }
        source = cause.source();
    }
    error.to_string().contains("connect")
}
