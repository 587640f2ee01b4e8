//! The engine on a real control database.
#![allow(clippy::unwrap_used, reason = "a test may end at once")]

mod cancel;
mod interleavings;
mod leases;
mod outcomes;
mod requests;
#[path = "../support/mod.rs"]
mod support;
mod waiting;
