//! Calls addresses that somebody typed into a form: over HTTP, signed as the Standard Webhooks specification has
//! it, within limits of time and size, and never into a network that is nobody's business but its owner's.
//!
//! The name is resolved here and the connection is made to the very address that was checked, so that a
//! name that changes its mind in between leads nowhere.

mod address;
mod client;
mod signature;
mod target;

pub use address::is_public;
pub use client::{Answer, CallError, Lookup, Outbound, system};
pub use signature::{new_secret, sign};
pub use target::{Refused, Target};
