//! The tenants' API: `/api/*` behind a tenant's gate.

pub mod activities;
pub(crate) mod bulk;
pub mod capabilities;
pub mod changes;
pub mod crm;
pub mod customers;
pub mod duplicates;
pub mod events;
mod export;
pub mod forecast;
pub mod imports;
pub mod lead_forms;
pub mod leads;
pub mod metrics;
pub mod opportunities;
pub mod pipelines;
pub(crate) mod records;
pub mod sales_goals;
mod schema;
pub mod search;
pub mod streams;
pub mod tenant_me;
pub mod tenant_members;
pub mod tenant_rbac;
pub mod views;
pub mod webhooks;
mod wire;
