//! The operations engine: provisioning that cannot be half done (tenancy.md section 1).
//!
//! A request writes an operation and its steps in the transaction of the change that it asks for
//! ([`Engine::execute`]); a worker of any program on the same control database claims it for the
//! time of a lease, runs the recipe in [`plan`], and records each step. The recipe's steps *ensure*:
//! they look, act and check, so that running one twice is harmless, and a killed worker's operation
//! goes on where the world stands. Every write of a worker is conditional on the epoch of its
//! lease, so that one that was frozen can harm nothing when it wakes up.

mod config;
mod engine;
mod error;
pub mod failpoints;
pub mod fleet;
pub mod plan;
mod provider;
mod sessions;
mod warm;
mod work;

pub use config::{AdminSettings, Config};
pub use engine::Engine;
pub use error::{Class, StepError};
