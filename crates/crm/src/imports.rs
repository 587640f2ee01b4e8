//! Imports: a file's rows are staged as they came, what its columns mean is guessed and may be said, a dry
//! run judges every row, and then batches of rows are written, each with its change set and its position in
//! one transaction: what was done before a crash is done, and nothing is done twice.

mod cells;
mod check;
mod commit;
mod guess;
mod job;
mod matching;
mod prepare;
mod rows;
mod stage;
mod undo;

pub use cells::{Style, Vocabulary};
pub use guess::guess;
pub use job::{
    Job, Options, State, Verb, ask, cancel, choose, delete, find, is_mapped, list, open, stopped,
};
pub use rows::{StagedRow, each_wrong, rows, sample};
pub use stage::{NewJob, Stage, Staged};

use crate::assignment::Assigning;
use crate::work::By;
use jiff::tz::TimeZone;
use sindico_db::{Result, Statement, TenantConnection};
use sindico_domain::crm::{Kind, UserRef};
use std::collections::HashMap;

/// Rows that are judged, or written, in one transaction.
const PIECE: i64 = 2_000;

/// What is needed to work on an import beside the tenant's data.
pub struct Desk<'a> {
    /// Words that files use.
    pub words: &'a Vocabulary,
    /// The active members, by their names and addresses in lower case.
    pub members: &'a HashMap<String, UserRef>,
    /// Where days begin.
    pub zone: &'a TimeZone,
}

impl Desk<'_> {
    /// How leads of a file that names no owners get theirs; whoever imports has the rest.
    fn assigning(&self, job: &Job, by: By<'_>) -> Option<Assigning> {
        if !open_owner(job) {
            return None;
        }
        let users = self.members.values();
        let members: HashMap<i64, String> =
            users.map(|user| (user.id, user.username.clone())).collect();
        let id = by.actor.user_id;
        let me = id.and_then(|id| Some((id, members.get(&id)?.clone())));
        Some(Assigning {
            otherwise: me.map(|(id, username)| UserRef { id, username }),
            members,
            zone: Some(self.zone.clone()),
        })
    }
}

/// Whether its rows are leads that nobody is named for.
fn open_owner(job: &Job) -> bool {
    job.kind == Kind::Lead && !job.mapping.iter().any(|field| field == "owner")
}

/// Does the next piece of an open import; whether there is more to do.
///
/// # Errors
/// When the tenant's place can't be reached: nothing of the piece is done then.
pub async fn step(
    data: &TenantConnection,
    by: By<'_>,
    desk: &Desk<'_>,
    job: &Job,
    course: &mut Course,
) -> Result<bool> {
    match job.state {
        State::Checking => check::step(data, by, desk, job.id, &mut course.seen).await,
        State::Committing => commit::step(data, by, desk, job.id, &mut course.pace).await,
        State::Undoing => undo::step(data, by, job.id).await,
        _ => Ok(false),
    }
}

/// What a program knows of an import between its pieces, and forgets with its end.
#[derive(Default)]
pub struct Course {
    seen: check::Seen,
    pace: commit::Pace,
}

pub(crate) fn statements() -> Vec<Statement> {
    [
        job::STATEMENTS,
        stage::STATEMENTS,
        rows::STATEMENTS,
        matching::STATEMENTS,
        check::STATEMENTS,
        commit::STATEMENTS,
        undo::STATEMENTS,
        &undo::by_kind(),
    ]
    .concat()
}
