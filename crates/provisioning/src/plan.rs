//! The recipe by which a tenant's place is made (tenancy.md section 1).

/// A step of the recipe. Each is an *ensure*: it looks, acts only when something is missing, and
/// looks again; running it twice is harmless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The place's names are well formed and nobody else's, and its portal has an address.
    Reserve,
    /// A version of the tenant's password is made and kept.
    Secret,
    /// The tenant's roles are there, with our mark.
    Roles,
    /// The database is there, with our mark, and lets nobody in yet.
    Database,
    /// Nobody has rights but those who should.
    Grants,
    /// Limits and timeouts are set.
    Settings,
    /// The database knows whose it is.
    Identity,
    /// Connections are let in.
    Open,
    /// The schema is at this program's version.
    Migrate,
    /// Signing in *as the tenant* works.
    SignIn,
    /// Requests are routed there.
    Publish,
    /// All of it holds; the tenant may be READY.
    Ready,
}

/// The steps, in order.
pub const PROVISION: &[Step] = &[
    Step::Reserve,
    Step::Secret,
    Step::Roles,
    Step::Database,
    Step::Grants,
    Step::Settings,
    Step::Identity,
    Step::Open,
    Step::Migrate,
    Step::SignIn,
    Step::Publish,
    Step::Ready,
];

impl Step {
    /// The step's name, as the API shows it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reserve => "reserve",
            Self::Secret => "secret",
            Self::Roles => "roles",
            Self::Database => "database",
            Self::Grants => "grants",
            Self::Settings => "settings",
            Self::Identity => "identity",
            Self::Open => "open",
            Self::Migrate => "migrate",
            Self::SignIn => "sign_in",
            Self::Publish => "publish",
            Self::Ready => "ready",
        }
    }

    /// The step with this name, unless it is another program's.
    pub fn named(name: &str) -> Option<Self> {
        PROVISION.iter().copied().find(|step| step.name() == name)
    }
}

/// The names of the steps, in order.
pub fn step_names() -> Vec<&'static str> {
    PROVISION.iter().map(|step| step.name()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_found_again() {
        for step in PROVISION {
            assert_eq!(Step::named(step.name()), Some(*step));
        }
        assert_eq!(Step::named("nothing"), None);
    }
}
