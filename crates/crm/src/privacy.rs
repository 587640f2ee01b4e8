//! What the law asks for when data tell something about a person (docs/adr/0028-privacy.md): what people asked
//! for, their copy, their erasure, the grounds on which something is done with their data, who looked at them,
//! and for how long they are kept.

mod accesses;
mod consents;
mod erase;
mod person;
mod report;
mod requests;
mod retention;

pub use accesses::{Access, Look, accesses, keep};
pub use consents::{Consent, add as consent, of as consents};
pub use erase::{Erased, TRACES};
pub use person::{Found, Survey, Why, survey};
pub use report::report;
pub use requests::{
    RequestRow, create as request, execute, find as request_of, list as requests, refuse,
};
pub use retention::{
    Due, Rule, change as change_rule, create as create_rule, due, find as rule, list as rules,
    remove as remove_rule, run, turn, undo as undo_rule,
};

use sindico_db::Statement;

pub(crate) fn statements() -> Vec<Statement> {
    [
        accesses::statements(),
        consents::statements(),
        erase::statements(),
        person::statements(),
        report::statements(),
        requests::statements(),
        retention::statements(),
    ]
    .concat()
}
