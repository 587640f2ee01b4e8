//! The only crate that knows the database driver: connections, statements, migrations, and the
//! use cases of the control database.
//!
//! Nothing outside can run SQL of its own against the control database: what may be done to it
//! are the functions of [`control`], each of which takes who is acting.

mod connect;
pub mod control;
pub mod listen;
pub mod migrate;
pub mod server;
pub mod tenant;
mod tls;

pub use connect::{DatabaseConfig, Store};
pub use sindico_db::{Error, Result, Statement, executed, executed_on_tenants};
use sindico_db::{constraints, statement};
pub use tls::{SslMode, TlsError, TlsSettings};
