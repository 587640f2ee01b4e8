//! Taking back what was set up: pipelines, their stages, and reasons.

use crate::pipelines::{Held, hold, lower, raise};
use crate::work::Work;
use sindico_db::{Error, Result, Row};
use sindico_domain::Refusal;
use sindico_domain::access::capability::Method;
use sindico_domain::crm::pipeline::Pipelines;

/// One thing that a change set has set up: as it was, and as it left it.
struct Setup {
    what: String,
    id: i64,
    before: Option<Held>,
    after: Option<Held>,
}

/// All of them.
pub(super) struct Setups(Vec<Setup>);

impl Setups {
    pub(super) fn read(rows: &[Row]) -> Self {
        let read = |row: &Row| {
            let what: String = row.get(0);
            let state = |n: usize| {
                let value: Option<serde_json::Value> = row.get(n);
                value.and_then(|value| Held::from_json(&what, &value))
            };
            Setup {
                id: row.get(1),
                before: state(2),
                after: state(3),
                what: what.clone(),
            }
        };
        Self(rows.iter().map(read).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What the opposite of it takes.
    pub(super) fn method(&self) -> Option<Method> {
        let opposite = |one: &Setup| match (&one.before, &one.after) {
            (None, _) => Method::Delete,
            (_, None) => Method::Post,
            _ => Method::Patch,
        };
        self.0.first().map(opposite)
    }

    /// Holds what is set up now.
    pub(super) async fn hold(&self, work: &Work<'_>) -> Result<Option<Pipelines>> {
        match self.is_empty() {
            true => Ok(None),
            false => hold(work).await.map(Some),
        }
    }

    /// That all is as it was left.
    pub(super) fn check(&self, all: Option<&Pipelines>) -> Result<()> {
        let Some(all) = all else { return Ok(()) };
        for one in &self.0 {
            if Held::found(all, &one.what, one.id) != one.after {
                return Err(conflict(
                    "It was set up otherwise since. Nothing was undone.",
                ));
            }
        }
        Ok(())
    }

    /// Brings back what was there, before the records that are to go there.
    pub(super) async fn raise(&self, work: &mut Work<'_>) -> Result<()> {
        for one in &self.0 {
            if let Some(before) = &one.before {
                raise(work, one.after.as_ref(), before).await?;
            }
            work.note_setup(one.after.as_ref(), one.before.as_ref())?;
        }
        Ok(())
    }

    /// Takes away what was not there, once no record is in it.
    pub(super) async fn lower(&self, work: &Work<'_>) -> Result<()> {
        for one in &self.0 {
            let Some(after) = &one.after else { continue };
            match lower(work, after, one.before.as_ref()).await {
                Err(Error::Refused(Refusal::Fields(errors))) if errors.has("stage") => {
                    return Err(conflict("Sales have come in since. Nothing was undone."));
                }
                done => done?,
            }
        }
        Ok(())
    }
}

fn conflict(detail: &str) -> Error {
    Refusal::Conflict {
        detail: detail.to_owned(),
        location: None,
    }
    .into()
}
