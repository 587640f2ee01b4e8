//! Where a tenant's data are.

use sindico_db::Scope;
use sindico_domain::mark::Mark;

/// The way to a place: everything that a connection to it depends on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    /// The server; a path is a Unix socket directory.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The database.
    pub database: String,
    /// The role to sign in as.
    pub role: String,
    /// Where its password is kept.
    pub secret: String,
    /// What the place must say whose it is; `None` when somebody else made it (`noop`), who writes
    /// no identity.
    pub identity: Option<Mark>,
    /// The company whose the sessions are; `None` for the shared place.
    pub company_id: Option<i64>,
}

/// A tenant's way to its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The tenant.
    pub company_id: i64,
    /// The place.
    pub target: std::sync::Arc<Target>,
}

impl Route {
    /// How its rows are kept apart there.
    pub fn scope(&self) -> Scope {
        match self.target.company_id {
            Some(_) => Scope::Session,
            None => Scope::Transaction,
        }
    }
}
