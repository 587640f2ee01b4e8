//! The operations engine: durable, leased, fenced provisioning of tenants (tenancy.md section 1).
//!
//! # How an operation goes
//!
//! [`Engine::execute`] writes the operation, its steps and the tenant's state PROVISIONING in one
//! transaction of the control database; from there on nothing depends on who asked. Any program on
//! the same database may take the operation up: a *claim* gives it a lease with an epoch, which a
//! heartbeat renews. Steps are run in the order of [`plan::PROVISION`]; each is an *ensure* (look,
//! act, look again), so a step that was run already does no harm. The end (outcome, tenant, audit)
//! is one transaction again.
//!
//! # What can go wrong, and what then
//!
//! - *The program is killed*: its lease runs out, another worker goes on with the first step that
//!   was not recorded as done.
//! - *The program is frozen and wakes up*: all its writes are conditional on its epoch; they touch
//!   nothing, and it drops the work.
//! - *A step fails*: the error's [`error::Class`] decides between another try later, with a growing
//!   pause, and the end FAILED. Tries are bounded, time is too (`deadline`).
//! - *A step takes the program down each time*: each begin counts as a try.
//! - *The control database goes away*: what was to be written is tried again until the lease is
//!   lost; workers wait and go on.
//! - *An operator cancels*: at the next step's boundary.
//! - *The program is told to stop*: no claims any more; what is at work may end within the grace,
//!   else it is given back at the next step's boundary.
//!
//! So no tenant is PROVISIONING without a live worker for longer than a lease and a poll.

mod config;
mod engine;
pub mod error;
pub mod failpoints;
mod lease;
pub mod plan;
mod provider;
mod watch;
mod worker;

pub use config::{AdminSettings, Config};
pub use engine::Engine;
pub use provider::PROVIDERS;
