//! The shapes of contract section 1: errors, bodies, queries, lists, versions, repeated requests.

pub mod body;
pub mod error;
pub mod list;
pub mod query;
pub mod repeat;
pub mod resource;

pub use body::Body;
pub use error::{ApiError, ApiResult};
pub use query::Query;
