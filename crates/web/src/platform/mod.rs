//! The platform API: one file a noun of the URL (contract section 4).

pub mod audit;
pub mod domains;
pub mod operations;
pub mod provision;
pub mod tenants;
mod wire;
