//! What runs SQL needs, and no way to a server: statements, errors, and [`TenantConnection`], the
//! connection to one tenant's data.
//!
//! The CRM is written against this crate only. It can name neither a pool nor the control database,
//! so it can't reach any data but those of the tenant whose connection it was given
//! (tenancy.md section 6).

pub mod constraints;
mod error;
mod eyes;
pub mod idempotency;
mod naming;
pub mod pattern;
pub mod statement;
mod tenant;
mod transaction;

pub use deadpool_postgres::ClientWrapper;
pub use error::{Error, Result, describe};
pub use naming::naming_its_tenant;
pub use statement::{Params, Statement, executed, executed_on_tenants};
pub use tenant::{Connections, Held, Scope, TenantConnection};
pub use tokio_postgres::Row;
pub use tokio_postgres::types::ToSql;
pub use transaction::TenantTransaction;
