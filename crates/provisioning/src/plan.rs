//! The recipe: what makes a tenant's place, in order (tenancy.md section 1).

/// A step of provisioning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The names are well formed, the provider is known and has its settings.
    Reserve,
    /// There is a password, behind a reference.
    Secret,
    /// The tenant's role and the group roles are there.
    Roles,
    /// The database is there, closed to connections.
    Database,
    /// Nobody but the tenant's role may connect.
    Grants,
    /// Limits and timeouts are set.
    Settings,
    /// The database takes connections.
    Open,
    /// Its schema is at the target version.
    Migrate,
    /// The database says inside whose it is.
    Identity,
    /// The tenant's role can sign in, and sees what it should.
    SignIn,
    /// Requests find the way there.
    Publish,
}

impl Step {
    /// All steps, in their order.
    pub const ALL: [Self; 11] = [
        Self::Reserve,
        Self::Secret,
        Self::Roles,
        Self::Database,
        Self::Grants,
        Self::Settings,
        Self::Open,
        Self::Migrate,
        Self::Identity,
        Self::SignIn,
        Self::Publish,
    ];

    /// The name in the record.
    pub fn name(self) -> &'static str {
        match self {
            Self::Reserve => "reserve",
            Self::Secret => "secret",
            Self::Roles => "roles",
            Self::Database => "database",
            Self::Grants => "grants",
            Self::Settings => "settings",
            Self::Open => "open",
            Self::Migrate => "migrate",
            Self::Identity => "identity",
            Self::SignIn => "sign_in",
            Self::Publish => "publish",
        }
    }

    /// The step with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.name() == name)
    }

    /// The names of all steps, in their order.
    pub fn names() -> Vec<&'static str> {
        Self::ALL.iter().map(|step| step.name()).collect()
    }
}
