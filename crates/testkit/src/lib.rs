//! For tests: a private cluster, a database per test, a whole server in the process or as the built
//! program, and users of every kind. Everything is real: PostgreSQL, HTTP, signals.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may end at once"
)]

mod app;
mod client;
mod cluster;
mod pattern;
mod private;
mod program;
mod sheets;
mod waiting;

pub use app::{Options, PASSWORD, TEST_KEY, TestApp, execute_path, join, token, vault};
pub use client::{Answer, Client};
pub use cluster::{TestDatabase, use_guardian};
pub use private::PrivateServer;
pub use program::{Program, free_port};
pub use tokio_postgres::{Client as Sql, Error as SqlError};
pub use waiting::{until_given_up, until_locked};
