//! What a request passes before its handler, in this order: [`trace`] (request id, log line,
//! metrics), [`headers`], then for its route [`access`]: [`tenant`], actor, CSRF proof, permission.

pub mod access;
pub mod actor;
pub mod address;
pub mod data;
pub mod entry;
pub mod headers;
pub mod host;
pub mod scope;
pub mod tenant;
pub mod trace;
pub(crate) mod visit;
