//! Why a step failed, and whether trying again can help.

use sindico_secrets::SourceError;
use sindico_store::Error;
use sindico_store::control::operations::WorkError;
use sindico_store::server::ServerError;

/// What to do about a failed step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Passing: try again, with backoff and jitter.
    Transient,
    /// Until somebody makes room: try again now and then, until the deadline.
    Wait,
    /// Trying again can't help.
    Permanent,
}

/// A step's failure, in words for an operator: no address with a password, no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct StepError {
    /// What to do.
    pub class: Class,
    /// What happened, in one sentence.
    pub message: String,
    /// What the operator can do about it.
    pub hint: String,
}

impl StepError {
    /// A failure that trying again can't help.
    pub fn permanent(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            class: Class::Permanent,
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// A failure that passes.
    pub fn transient(message: impl Into<String>) -> Self {
        Self {
            class: Class::Transient,
            message: message.into(),
            hint: "It is tried again by itself.".to_owned(),
        }
    }

    /// A failure that a server reported with this SQLSTATE (PostgreSQL manual, appendix A).
    pub fn of_sqlstate(code: &str, message: &str) -> Self {
        let class = classify(code, message);
        let hint = match (class, code) {
            (Class::Transient, _) => "It is tried again by itself.",
            (Class::Wait, _) => "Make room on the server's disk; it goes on by itself then.",
            (_, "42501") => {
                "Give the administrator the rights that docs/operating/cloud-sql.md lists."
            }
            _ => "Correct the cause, then execute again: it goes on where it stands.",
        };
        Self {
            class,
            message: format!("The server answered {code}: {message}."),
            hint: hint.to_owned(),
        }
    }
}

/// Sorts an SQLSTATE (tenancy.md section 1).
pub fn classify(code: &str, message: &str) -> Class {
    match code {
        "53100" => Class::Wait,
        "53300" | "57P01" | "57P03" | "55006" | "55P03" | "40P01" => Class::Transient,
        code if code.starts_with("08") => Class::Transient,
        _ if message.contains("tuple concurrently updated") => Class::Transient,
        // Two made the same entry of a system catalog at once: next time it is there.
        "23505" if message.contains("\"pg_") => Class::Transient,
        _ => Class::Permanent,
    }
}

impl From<SourceError> for StepError {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::Passing(why) => Self::transient(why),
            SourceError::Permanent(why) => Self::permanent(
                why,
                "Correct database_password_secret of the tenant, or what it names, then execute again.",
            ),
        }
    }
}

impl From<Error> for StepError {
    fn from(error: Error) -> Self {
        match error {
            Error::Unavailable(_) => Self::transient("The control database is not available."),
            Error::Refused(refusal) => Self::permanent(
                refusal.to_line(),
                "Correct the tenant's provisioning, then execute again.",
            ),
            Error::Internal(why) => Self::permanent(
                sentence(&why),
                "This is a fault of Síndico: report it, please.",
            ),
        }
    }
}

impl From<WorkError> for StepError {
    fn from(error: WorkError) -> Self {
        match error {
            // The next write finds the same, and ends this worker.
            WorkError::Fenced => Self::transient("The lease is lost."),
            WorkError::Store(error) => error.into(),
        }
    }
}

impl From<ServerError> for StepError {
    fn from(error: ServerError) -> Self {
        match &error {
            ServerError::Refused { code, message } => Self::of_sqlstate(code, message),
            ServerError::Unreachable(_) | ServerError::Busy => {
                Self::transient(format!("{}.", sentence(&error.to_string())))
            }
            ServerError::Foreign { name, .. } => Self::permanent(
                format!("{}; it was left alone.", sentence(&error.to_string())),
                format!(
                    "Give the tenant another name than {name}, or remove it by hand if nobody needs it; then execute again."
                ),
            ),
            ServerError::Untrusted(_) => Self::permanent(
                format!("{}.", sentence(&error.to_string())),
                "Correct the provider's ADMIN_SSLMODE and ADMIN_SSLROOTCERT, or the server's certificate, then execute again.",
            ),
            ServerError::Schema(_) | ServerError::Wrong(_) => Self::permanent(
                sentence(&error.to_string()),
                "Correct the cause, then execute again.",
            ),
        }
    }
}

/// With a capital letter.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().collect::<String>() + chars.as_str(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlstates_are_sorted() {
        for code in ["53300", "57P03", "55006", "40P01", "08006", "08001"] {
            assert_eq!(classify(code, ""), Class::Transient, "{code}");
        }
        assert_eq!(classify("53100", ""), Class::Wait);
        for code in ["42501", "22023", "42P06", "XX000"] {
            assert_eq!(classify(code, ""), Class::Permanent, "{code}");
        }
        assert_eq!(
            classify("XX000", "tuple concurrently updated"),
            Class::Transient
        );
        let catalog =
            "duplicate key value violates unique constraint \"pg_auth_members_role_member_index\"";
        assert_eq!(classify("23505", catalog), Class::Transient);
        assert_eq!(classify("23505", "\"customer_pkey\""), Class::Permanent);
    }
}
