//! The way to a tenant's data (tenancy.md section 6): which tenant, where its place is, and a
//! connection to it.

pub mod directory;
pub mod news;
pub mod pool;
pub mod route;
pub mod vault;
pub mod walls;
