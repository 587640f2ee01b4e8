//! The place that a tenant is to have on a provider's server.

use crate::error::StepError;
use sindico_domain::mark::Mark;
use sindico_domain::names::{IDENTIFIER_BYTES, Identifier};
use sindico_domain::tenant::{IsolationModel, Tenant};
use sindico_store::server::LockKey;

/// What is to be made, or found. A tenant with SHARED_SCHEMA has its place in a database that it
/// shares: then database, role and mark are the shared ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) database: Identifier,
    pub(super) role: Identifier,
    pub(super) mark: Mark,
    pub(super) shared: bool,
}

impl Place {
    /// The place of this tenant.
    pub(super) fn of(
        tenant: &Tenant,
        installation: &str,
        generation: i64,
    ) -> Result<Self, StepError> {
        let place = &tenant.provisioning;
        let database = name("database_name", &place.database_name)?;
        if place.isolation_model == IsolationModel::SharedSchema {
            return Ok(Self {
                role: login(&database)?,
                database,
                mark: Mark::of_shared(installation, 1),
                shared: true,
            });
        }
        Ok(Self {
            database,
            role: name("database_user", &place.database_user)?,
            mark: Mark::of_tenant(installation, tenant.id, generation),
            shared: false,
        })
    }

    pub(super) fn lock(&self) -> LockKey {
        LockKey::of_place(&self.mark)
    }
}

/// The one role through which a shared database is reached.
fn login(database: &Identifier) -> Result<Identifier, StepError> {
    let suffix = "_login";
    let room = IDENTIFIER_BYTES - suffix.len();
    let stem = &database.as_str()[..database.as_str().len().min(room)];
    name("database_name", &format!("{stem}{suffix}"))
}

/// A name of the tenant's metadata, if it can be one.
pub(super) fn name(field: &str, value: &str) -> Result<Identifier, StepError> {
    value.parse::<Identifier>().map_err(|problem| {
        StepError::permanent(
            format!("The tenant's {field} can't be used: {problem}"),
            format!("Correct {field} of the tenant, then execute again."),
        )
    })
}
