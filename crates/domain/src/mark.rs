//! The mark on everything that Síndico makes on a server, so that it never takes somebody else's
//! for its own (tenancy.md section 1).

use std::fmt;
use std::str::FromStr;

const PREFIX: &str = "sindico:v1:";

/// Whose a database or a role is: the comment on it, and the identity inside it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Mark {
    tenant: String,
    generation: i64,
}

impl Mark {
    /// The mark with these parts, if there can be one.
    pub fn new(tenant: &str, generation: i64) -> Option<Self> {
        format!("{PREFIX}{tenant}:{generation}").parse().ok()
    }

    /// The place of one tenant. `installation` tells apart control databases that use one server.
    pub fn of_tenant(installation: &str, company_id: i64, generation: i64) -> Self {
        Self {
            tenant: format!("{installation}.{company_id}"),
            generation,
        }
    }

    /// The shared place of an installation on a server.
    pub fn of_shared(installation: &str, generation: i64) -> Self {
        Self {
            tenant: format!("{installation}.shared"),
            generation,
        }
    }

    /// Whose it is: the installation, and the company's id or `shared`.
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// How many places the tenant has had, this one included.
    pub fn generation(&self) -> i64 {
        self.generation
    }

    /// Whether both are of the same tenant, whatever the generation.
    pub fn is_of_same_tenant(&self, other: &Self) -> bool {
        self.tenant == other.tenant
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}:{}", self.tenant, self.generation)
    }
}

impl FromStr for Mark {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (tenant, generation) = text
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.rsplit_once(':'))
            .ok_or(())?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if tenant.is_empty() || !tenant.bytes().all(plain) || !digits(generation) {
            return Err(());
        }
        Ok(Self {
            tenant: tenant.to_owned(),
            generation: generation.parse().map_err(|_| ())?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tenants_and_installations_differ() {
        let mark = Mark::of_tenant("a1", 7, 1);
        assert_eq!(mark.to_string(), "sindico:v1:a1.7:1");
        assert!(mark.is_of_same_tenant(&Mark::of_tenant("a1", 7, 2)));
        assert!(!mark.is_of_same_tenant(&Mark::of_tenant("a1", 71, 1)));
        assert!(!mark.is_of_same_tenant(&Mark::of_tenant("b2", 7, 1)));
        assert!(!mark.is_of_same_tenant(&Mark::of_shared("a1", 1)));
    }

    #[test]
    fn other_comments_are_no_marks() {
        for text in [
            "",
            "acme",
            "sindico:v1:",
            "sindico:v1:a.1",
            "sindico:v1::1",
            "sindico:v2:a.1:1",
            "sindico:v1:a.1:-1",
            "sindico:v1:a.1:x",
            "sindico:v1:a'.1:1",
            " sindico:v1:a.1:1",
        ] {
            assert!(text.parse::<Mark>().is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn marks_round_trip(installation in "[0-9a-f]{8}", company in 0i64.., generation in 0i64..) {
            let mark = Mark::of_tenant(&installation, company, generation);
            prop_assert_eq!(mark.to_string().parse::<Mark>(), Ok(mark));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,40}") {
            let _ = text.parse::<Mark>();
        }
    }
}
