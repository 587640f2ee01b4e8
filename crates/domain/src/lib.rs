//! The rules of Síndico: tenants, contracts, names, hosts, input, operations.
//!
//! Pure values and functions: no I/O, no SQL, no HTTP, no clock. Whatever a rule needs
//! from outside (today's date, the configured zones) comes in as an argument.

pub mod access;
pub mod account;
pub mod assignment;
pub mod attachment;
pub mod brazil;
pub mod crm;
pub mod error;
pub mod fold;
pub mod host;
pub mod input;
pub mod lead_form;
pub mod mail;
pub mod mark;
pub mod names;
pub mod notification;
pub mod operation;
pub mod page;
pub mod precondition;
pub mod privacy;
pub mod product;
pub mod quote;
pub mod setting;
pub mod template;
pub mod tenant;
pub mod webhook;
mod words;

pub use error::{FieldErrors, Refusal};
