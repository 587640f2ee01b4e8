//! The tenants' API: `/api/*` behind a tenant's gate.

pub mod capabilities;
pub mod customers;
pub mod tenant_me;
pub mod tenant_members;
pub mod tenant_rbac;
mod wire;
