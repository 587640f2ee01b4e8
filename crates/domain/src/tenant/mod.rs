//! A tenant: a company, its contract, and where its data live (contract section 4).

mod changes;
pub mod domain;
mod draft;
mod fields;
mod query;

pub use changes::{ContractChanges, ProvisioningChanges, StateReport, TenantChanges};
pub use draft::{Names, NewContract, NewProvisioning, NewTenant};
pub use query::{TenantFilter, TenantSort};

use crate::host::Zones;
use crate::words::words;
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

words! {
    /// What the company pays for.
    Plan { /// The small one.
        Starter = "STARTER", /// The usual one.
        Pro = "PRO", /// The large one.
        Enterprise = "ENTERPRISE" }
}
words! {
    /// Where the contract stands.
    ContractStatus { /// Trying it out.
        Trial = "TRIAL", /// In force.
        Active = "ACTIVE", /// Paused: members are shut out.
        Suspended = "SUSPENDED", /// Over.
        Canceled = "CANCELED" }
}
words! {
    /// How a tenant's data are kept apart from the others'.
    IsolationModel { /// A database and a role of its own.
        DatabasePerTenant = "DATABASE_PER_TENANT", /// A shared schema behind row-level security.
        SharedSchema = "SHARED_SCHEMA" }
}
words! {
    /// Where provisioning stands.
    ProvisioningStatus { /// Nothing was done yet.
        Pending = "PENDING", /// An operation is at work.
        Provisioning = "PROVISIONING", /// Ready to serve.
        Ready = "READY", /// The last attempt failed; `last_error` says why.
        Failed = "FAILED" }
}

/// What the rules need to know of this installation.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The configured hosts and domains.
    pub zones: Zones,
    /// `TENANT_SHARED_DATABASE`: the database of SHARED_SCHEMA tenants.
    pub shared_database: String,
    /// Databases that belong to the platform and never to a tenant.
    pub reserved_databases: Vec<String>,
}

/// A tenant as the platform API reads it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Tenant {
    /// The company's id.
    pub id: i64,
    /// The company's name.
    #[schema(example = "Padaria Acme Ltda.")]
    pub name: String,
    /// The tenant's code: a slug that never changes.
    #[schema(example = "acme")]
    pub tenant_code: String,
    /// The DNS label of the tenant's portal.
    #[schema(example = "acme")]
    pub subdomain: String,
    /// An inactive company is as if it did not exist.
    pub is_active: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// When the company itself was last changed.
    pub updated_at: Timestamp,
    /// What the company pays for.
    pub contract: Contract,
    /// Where its data live.
    pub provisioning: Provisioning,
    /// Counts every change of any part; the ETag.
    #[serde(skip)]
    pub version: i64,
}

/// The contract of a tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Contract {
    /// The plan.
    pub plan: Plan,
    /// Where it stands.
    pub status: ContractStatus,
    /// How many active members it admits; at least 1.
    pub seats: i32,
    /// In BRL, two decimals.
    #[schema(value_type = String, example = "1299.90")]
    pub monthly_fee: Decimal,
    /// The first day.
    #[schema(value_type = String, format = Date)]
    pub start_date: Date,
    /// The last day, if one is set.
    #[schema(value_type = Option<String>, format = Date)]
    pub end_date: Option<Date>,
    /// Whether it goes on after `end_date`.
    pub auto_renew: bool,
    /// Free text.
    pub notes: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl Tenant {
    /// Whether its members are served: it is active, so is its contract, and its place is ready.
    pub fn is_served(&self) -> bool {
        self.is_active
            && self.contract.status.serves()
            && self.provisioning.status == ProvisioningStatus::Ready
    }
}

impl ContractStatus {
    /// Whether members are served under it.
    pub fn serves(self) -> bool {
        matches!(self, Self::Trial | Self::Active)
    }
}

/// Where a tenant's data live, and in which state that place is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Provisioning {
    /// How the data are kept apart.
    pub isolation_model: IsolationModel,
    /// Where provisioning stands.
    pub status: ProvisioningStatus,
    /// The name by which requests are routed; unique.
    pub database_alias: String,
    /// The database.
    pub database_name: String,
    /// The server; a path is a Unix socket directory.
    pub database_host: String,
    /// The server's port, or the number in the socket file's name.
    pub database_port: i32,
    /// The tenant's role.
    pub database_user: String,
    /// A reference to where the password is kept, never a password.
    pub database_password_secret: String,
    /// Where the tenant's people go.
    pub portal_url: String,
    /// When it first became READY.
    pub provisioned_at: Option<Timestamp>,
    /// Why the last attempt failed, in one sentence; empty when it did not.
    pub last_error: String,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}
