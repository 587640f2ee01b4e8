//! Why a step failed, and whether it is worth another try (tenancy.md section 1).

/// What to do about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// It may well work in a moment: try again soon, a bounded number of times.
    Transient,
    /// Somebody has to make room first: try again slowly, until the deadline.
    Wait,
    /// It will not work by itself: fail at once.
    Permanent,
}

/// A failed step, in words for an operator: never a password or a connection string.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct StepError {
    /// Whether another try makes sense.
    pub class: Class,
    /// What went wrong, one clear sentence; it becomes the tenant's `last_error`.
    pub message: String,
    /// What to do about it; may be empty.
    pub hint: String,
}

impl StepError {
    /// A failure that only a person can mend.
    pub fn permanent(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            class: Class::Permanent,
            message: message.into(),
            hint: hint.into(),
        }
    }

    /// What a target server answered: its SQLSTATE decides. `doing` says at what, as in
    /// `Making the database crm_acme`; the server's own text may quote values, so of it only the
    /// code is shown.
    pub fn from_server(doing: &str, sqlstate: &str, server_message: &str) -> Self {
        Self {
            class: classify(sqlstate, server_message),
            message: format!(
                "{doing} failed: {} (SQLSTATE {sqlstate}).",
                meaning(sqlstate)
            ),
            hint: hint(sqlstate).to_owned(),
        }
    }
}

/// Sorts a server's error by its SQLSTATE (PostgreSQL manual, appendix A).
///
/// `XX000` is transient only as "tuple concurrently updated", which is what two `GRANT`s on one
/// object at the same time end with.
pub fn classify(sqlstate: &str, server_message: &str) -> Class {
    match sqlstate {
        // too_many_connections, cannot_connect_now, object_in_use, deadlock_detected
        "53300" | "57P03" | "55006" | "40P01" => Class::Transient,
        // connection exceptions
        code if code.starts_with("08") => Class::Transient,
        "XX000" if server_message.contains("tuple concurrently updated") => Class::Transient,
        // disk_full
        "53100" => Class::Wait,
        _ => Class::Permanent,
    }
}

fn meaning(sqlstate: &str) -> &'static str {
    match sqlstate {
        "53300" => "the server has no connection left",
        "57P03" => "the server is starting up or shutting down",
        "55006" => "the database is in use",
        "40P01" => "the server ended a deadlock",
        "53100" => "the server's disk is full",
        "42501" => "the administrator's role may not do this",
        "22023" => "the server refuses a value",
        "XX000" => "the server met another change at the same time, or a fault of its own",
        code if code.starts_with("08") => "the connection to the server broke",
        _ => "the server refused it",
    }
}

fn hint(sqlstate: &str) -> &'static str {
    match sqlstate {
        "53300" => "Raise max_connections on the server, or close what uses its connections.",
        "57P03" => "Wait until the server is up, then execute again.",
        "55006" => "Close the sessions on the database, then execute again.",
        "53100" => "Free space on the server's disk; provisioning goes on by itself.",
        "42501" => {
            "Give the administrator's role CREATEROLE and CREATEDB, and see that the objects are the platform's."
        }
        "22023" => "Check the tenant's names and the server's settings, then execute again.",
        code if code.starts_with("08") => {
            "Check that the server runs and can be reached, then execute again."
        }
        _ => "Look the code up in the server's log, mend the cause, then execute again.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlstates_are_sorted() {
        for code in [
            "53300", "57P03", "55006", "40P01", "08000", "08006", "08P01",
        ] {
            assert_eq!(classify(code, ""), Class::Transient, "{code}");
        }
        assert_eq!(classify("53100", ""), Class::Wait);
        for code in ["42501", "22023", "42P04", "28P01", "XX000", ""] {
            assert_eq!(classify(code, ""), Class::Permanent, "{code}");
        }
        assert_eq!(
            classify("XX000", "tuple concurrently updated"),
            Class::Transient
        );
        // The words alone prove nothing.
        assert_eq!(
            classify("42501", "tuple concurrently updated"),
            Class::Permanent
        );
    }

    #[test]
    fn the_servers_text_is_not_repeated() {
        let error = StepError::from_server("Making the role", "22023", "password 'hunter2'");
        assert!(!error.message.contains("hunter2") && error.message.contains("22023"));
        assert!(!error.hint.is_empty());
    }
}
