//! The integration tests: one binary, real PostgreSQL, real HTTP, the built program.
#![expect(clippy::unwrap_used, reason = "a test may end at once")]

mod concurrency;
mod crash;
mod faults;
mod outage;
mod tenants;
mod world;

/// The built program.
const PROGRAM: &str = env!("CARGO_BIN_EXE_sindico");

/// Comes first in every test: tells the test kit which program can guard the private cluster.
fn begin() {
    sindico_testkit::use_guardian(PROGRAM);
}
