//! The only crate that knows the database driver: connections, statements, migrations, and the
//! use cases of the control database.
//!
//! Nothing outside can run SQL of its own against the control database: what may be done to it
//! are the functions of [`control`], each of which takes who is acting.

mod connect;
mod constraints;
pub mod control;
mod error;
pub mod listen;
pub mod migrate;
mod statement;

pub use connect::{DatabaseConfig, Store};
pub use error::{Error, Result};
pub use statement::{Statement, executed};
