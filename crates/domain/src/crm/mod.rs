//! The CRM's records and their rules (contract section 6).
//!
//! Each kind of record is a table of its fields ([`Kind::fields`]): input, SQL, answers, history and
//! filters are made from it, so that a field can't be forgotten on one of these ways. What the fields of
//! a record mean together is in the kind's own file.

mod activity;
pub mod bulk;
pub mod custom;
mod customer;
mod datum;
pub mod draft;
mod field;
pub mod filter;
mod goal;
pub mod identity;
pub mod import;
mod kind;
mod lead;
pub mod merge;
mod opportunity;
pub mod pipeline;
pub mod rank;
mod record;
pub mod search;
pub mod view;

pub use activity::{ActivityKind, ActivityStatus, Priority};
pub use customer::CustomerKind;
pub use datum::{Datum, UserRef};
pub use field::{Access, Default, Field, FieldType, SortKey};
pub use kind::Kind;
pub use lead::LeadStatus;
pub use opportunity::Stage;
pub use record::{Record, Rules, settle};
