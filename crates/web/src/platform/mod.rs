//! The platform API: one file a noun of the URL (contract section 4).

pub mod audit;
pub mod tenants;
mod wire;
