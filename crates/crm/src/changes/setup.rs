//! Taking back what was set up: pipelines, their stages, reasons, and custom fields.

use crate::customs;
use crate::held::{FIELD, Held};
use crate::pipelines::{hold, lower, raise};
use crate::work::Work;
use sindico_db::{Error, Result, Row};
use sindico_domain::Refusal;
use sindico_domain::access::capability::{Method, Resource};
use sindico_domain::crm::custom::Customs;
use sindico_domain::crm::pipeline::Pipelines;

/// One thing that a change set has set up: as it was, and as it left it.
struct Setup {
    what: String,
    id: i64,
    before: Option<Held>,
    after: Option<Held>,
}

/// What is set up now, held as far as it is to be changed.
pub(super) struct Now {
    pipelines: Option<Pipelines>,
    customs: Option<Customs>,
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
    pub(super) fn takes(&self) -> Option<(Resource, Method)> {
        let opposite = |one: &Setup| {
            let method = match (&one.before, &one.after) {
                (None, _) => Method::Delete,
                (_, None) => Method::Post,
                _ => Method::Patch,
            };
            let held = one.before.as_ref().or(one.after.as_ref());
            (held.map_or(Resource::Pipelines, Held::resource), method)
        };
        self.0.first().map(opposite)
    }

    /// Holds what is set up now.
    pub(super) async fn hold(&self, work: &Work<'_>) -> Result<Now> {
        let about = |fields: bool| self.0.iter().any(|one| (one.what == FIELD) == fields);
        Ok(Now {
            pipelines: match about(false) {
                true => Some(hold(work).await?),
                false => None,
            },
            customs: match about(true) {
                true => Some(customs::hold(work).await?),
                false => None,
            },
        })
    }

    /// That all is as it was left, and that there is room for what comes back.
    pub(super) fn check(&self, now: &Now) -> Result<()> {
        for one in &self.0 {
            let found = match (&now.pipelines, &now.customs) {
                (_, Some(customs)) if one.what == FIELD => {
                    let found = customs.with_id(one.id);
                    found.map(|found| Held::Field(found.shape()))
                }
                (Some(pipelines), _) => Held::found(pipelines, &one.what, one.id),
                _ => None,
            };
            if found != one.after {
                return Err(conflict(
                    "It was set up otherwise since. Nothing was undone.",
                ));
            }
            let field = one.before.as_ref().and_then(Held::field);
            if let (Some(field), Some(customs)) = (field, &now.customs)
                && let Err(wrong) = field.valid(customs)
            {
                let detail = format!("It does not fit any more. {}", wrong.to_line());
                return Err(conflict(&detail));
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
