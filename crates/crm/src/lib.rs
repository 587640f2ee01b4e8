//! The CRM's use cases: plain functions on a [`TenantConnection`](sindico_db::TenantConnection), the
//! same for both isolation models. Pages, JSON and commands call the same ones.

pub mod customers;
mod idempotency;

use sindico_db::Statement;

/// Every statement of the CRM; a test prepares each against the migrated schema.
pub fn statements() -> Vec<Statement> {
    [&customers::statements(), idempotency::statements()].concat()
}
