//! What the law asks for when data tell something about a person: Brazil's LGPD (Law 13.709/2018).

mod consent;
mod erase;
mod request;
mod retention;
mod traces;

pub use consent::{Basis, ConsentDraft, ConsentState};
pub use erase::{CALLED, called, erased, told_of};
pub use request::{DUE_DAYS, MOST_RECORDS, Request, RequestKind, RequestState, refusal};
pub use retention::{MOST_RULES, RuleDraft};
pub use traces::Traces;
