//! The tenants' API: `/api/*` behind a tenant's gate.

pub mod tenant_me;
