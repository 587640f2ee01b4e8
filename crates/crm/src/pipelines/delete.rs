//! Stages, pipelines and reasons that are not needed any more. Sales that are still there are told where to
//! go, in the same change set.

use super::change::{hold, lower, raise};
use crate::held::Held;
use crate::model;
use crate::work::{By, Work};
use serde::Serialize;
use sindico_db::{Error, Result, Statement, TenantConnection};
use sindico_domain::crm::bulk::MOST;
use sindico_domain::crm::pipeline::{FIRST, Pipeline, is_final};
use sindico_domain::crm::{Datum, Kind, Record};
use sindico_domain::precondition::Precondition;
use sindico_domain::{FieldErrors, Refusal};
use std::sync::LazyLock;
use utoipa::ToSchema;

/// Sales of a pipeline, or of one stage of it, in the bin or not, locked.
static INSIDE: LazyLock<Statement> = LazyLock::new(|| {
    let sql = format!(
        "SELECT {} FROM opportunity WHERE pipeline = $1 AND ($2::text IS NULL OR stage = $2)
         ORDER BY id LIMIT {} FOR NO KEY UPDATE",
        model::of(Kind::Opportunity).columns,
        MOST + 1
    );
    Statement {
        name: "pipelines.inside",
        sql: Box::leak(sql.into_boxed_str()),
    }
});

pub(super) fn statements() -> Vec<Statement> {
    vec![*INSIDE]
}

/// What was removed.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Removed {
    /// The change set, which can be undone.
    pub change_set: Option<i64>,
    /// How many sales went elsewhere.
    pub moved: usize,
}

/// Removes a stage of open sales; `None` when there is no such pipeline, or no such stage of it. `to` is the
/// id of the stage of the same pipeline where its sales go.
///
/// # Errors
/// Sales that are in it and are told no place are in conflict; as is one that comes in meanwhile.
pub async fn delete_stage(
    data: &TenantConnection,
    by: By<'_>,
    (id, condition): (i64, &Precondition),
    (stage, to): (i64, Option<i64>),
) -> Result<Option<Removed>> {
    let mut work = Work::begin(data, by).await?;
    let all = hold(&work).await?;
    let Some(before) = all.find(id) else {
        return Ok(None);
    };
    let Some(gone) = before.stages.iter().find(|found| found.id == stage) else {
        return Ok(None);
    };
    condition.check(before.version)?;
    if gone.is_final() {
        let message = "A pipeline keeps its stages WON and LOST.";
        return Err(FieldErrors::whole(message).into());
    }
    let mut after = before.clone();
    after.stages.retain(|kept| kept.id != stage);
    after.valid(&all)?;
    let target = match to {
        None => None,
        Some(to) => {
            let found = after.stages.iter().find(|kept| kept.id == to);
            let open = found.filter(|kept| !kept.is_final() && !kept.archived);
            let message = "Use the id of another stage of open sales of this pipeline.";
            Some(
                open.ok_or_else(|| FieldErrors::one("move_to", message))?
                    .code
                    .clone(),
            )
        }
    };
    let sales = inside(&work, id, Some(&gone.code)).await?;
    let moved = |_: &Record| target.as_ref().map(|code| (id, code.clone()));
    let count = carry(&mut work, sales, moved).await?;
    let before = Held::Pipeline(before.clone());
    let now = raise(&work, Some(&before), &Held::Pipeline(after)).await?;
    fell(&work, &before, Some(&now)).await?;
    finish(work, (&before, Some(&now)), "pipeline.stage_delete", count).await
}

/// Removes a pipeline; `None` when there is none. `to` is the pipeline where its sales go: those that are open
/// to its first stage.
///
/// # Errors
/// As [`delete_stage`]; the first one stays.
pub async fn remove(
    data: &TenantConnection,
    by: By<'_>,
    (id, condition): (i64, &Precondition),
    to: Option<i64>,
) -> Result<Option<Removed>> {
    let mut work = Work::begin(data, by).await?;
    let all = hold(&work).await?;
    let Some(before) = all.find(id) else {
        return Ok(None);
    };
    condition.check(before.version)?;
    if id == FIRST {
        return Err(FieldErrors::whole(
            "The first pipeline stays: rename it, or change its stages.",
        )
        .into());
    }
    let target: Option<&Pipeline> = match to {
        None => None,
        Some(to) => {
            let other = all.find(to).filter(|other| other.id != id);
            let message = "Use the id of another pipeline.";
            Some(other.ok_or_else(|| FieldErrors::one("move_to", message))?)
        }
    };
    let sales = inside(&work, id, None).await?;
    let moved = |sale: &Record| {
        let stage = sale.text("stage");
        target.map(|to| match is_final(stage) {
            true => (to.id, stage.to_owned()),
            false => (to.id, to.first().code.clone()),
        })
    };
    let count = carry(&mut work, sales, moved).await?;
    let before = Held::Pipeline(before.clone());
    fell(&work, &before, None).await?;
    finish(work, (&before, None), "pipeline.delete", count).await
}

/// Removes a reason; `None` when there is none. Sales keep the words that they have.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn remove_reason(
    data: &TenantConnection,
    by: By<'_>,
    id: i64,
) -> Result<Option<Removed>> {
    let work = Work::begin(data, by).await?;
    let all = hold(&work).await?;
    let Some(before) = Held::found(&all, "loss_reason", id) else {
        return Ok(None);
    };
    lower(&work, &before, None).await?;
    finish(work, (&before, None), "loss_reason.delete", 0).await
}

async fn inside(work: &Work<'_>, pipeline: i64, stage: Option<&str>) -> Result<Vec<Record>> {
    let rows = work.tx.rows(&INSIDE, &[&pipeline, &stage]).await?;
    if rows.len() > MOST {
        let message = format!(
            "More than {MOST} sales are in it, and that many can be moved at once. Move some by a bulk edit first."
        );
        return Err(conflict(message));
    }
    let model = model::of(Kind::Opportunity);
    let found = rows.iter().map(|row| model.record(row)).collect();
    work.whole(Kind::Opportunity, found).await
}

/// Moves sales to a pipeline and a stage, whatever the rules say of such a move: what they were in goes away.
async fn carry(
    work: &mut Work<'_>,
    sales: Vec<Record>,
    place: impl Fn(&Record) -> Option<(i64, String)>,
) -> Result<usize> {
    let count = sales.len();
    let now = Datum::Instant(work.by.now);
    let mut pairs = Vec::with_capacity(count);
    for before in sales {
        let Some((pipeline, stage)) = place(&before) else {
            let message = format!(
                "{count} sales are in it, those in the bin included: say by move_to where they go."
            );
            return Err(conflict(message));
        };
        let mut after = before.clone();
        after.set("pipeline", Datum::Int(pipeline));
        if before.text("stage") != stage {
            after.set_text("stage", stage);
            after.set("stage_since", now.clone());
        }
        pairs.push((before, after));
    }
    work.put_many(&pairs).await?;
    Ok(count)
}

/// As [`lower`]; a sale that has come in meanwhile is in the way.
async fn fell(work: &Work<'_>, before: &Held, after: Option<&Held>) -> Result<()> {
    match lower(work, before, after).await {
        Err(Error::Refused(Refusal::Fields(errors))) if errors.has("stage") => Err(conflict(
            "A sale has come in meanwhile. Nothing was done: try again.".to_owned(),
        )),
        done => done,
    }
}

fn conflict(detail: String) -> Error {
    let location = None;
    Refusal::Conflict { detail, location }.into()
}

async fn finish(
    mut work: Work<'_>,
    (before, after): (&Held, Option<&Held>),
    action: &str,
    moved: usize,
) -> Result<Option<Removed>> {
    work.note_setup(Some(before), after)?;
    let change_set = work.record(action, None).await?;
    work.commit().await?;
    Ok(Some(Removed { change_set, moved }))
}
