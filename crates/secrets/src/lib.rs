//! Where tenants' passwords are kept (tenancy.md section 4): what a reference names, how a password
//! is sealed for the control database, and what of it a server is told. And the codes of people's second
//! factor, whose secrets are sealed in the same way.

mod keyring;
mod password;
mod reference;
mod source;
pub mod totp;

pub use keyring::{Bound, Keyring, OpenError, Sealed};
pub use password::{random_password, verifier, weak_iterations};
pub use reference::{Outside, Reference};
pub use source::{Lookup, SourceError, Sources};
