//! Setting up: pipelines, stages and reasons made and changed.

use super::read_in;
use crate::customs;
use crate::held::Held;
use crate::idempotency;
use crate::records::json;
use crate::work::{By, Work};
use serde::Serialize;
use serde_json::{Map, Value};
use sindico_db::idempotency::{Key, Once};
use sindico_db::{Result, TenantConnection, ToSql};
use sindico_domain::FieldErrors;
use sindico_domain::crm::pipeline::{
    LossReason, Pipeline, PipelineDraft, PipelineStage, Pipelines, ReasonDraft, StageDraft,
    new_pipeline,
};
use sindico_domain::precondition::Precondition;

sindico_db::statements! { "pipelines.change":
    SEED = "CALL seed_pipeline(current_company())";
    // Whoever sets something up does so alone.
    HOLD = "SELECT id FROM pipeline ORDER BY id FOR UPDATE";
    MAKE = "INSERT INTO pipeline (name, strict, version) VALUES ($1, $2, 1) RETURNING id, version";
    PUT = "INSERT INTO pipeline AS p (id, name, strict, version) VALUES ($1, $2, $3, $4)
        ON CONFLICT (company_id, id) DO UPDATE SET name = $2, strict = $3, version = p.version + 1, updated_at = now()
        RETURNING version";
    MAKE_STAGE = "INSERT INTO pipeline_stage (pipeline_id, code, position, probability, color, forecast)
        VALUES ($1, $2, 0, 0, '', '') RETURNING id";
    PUT_STAGES = "INSERT INTO pipeline_stage (id, pipeline_id, code, name, position, probability, color, rots_after_days, required_fields, forecast, archived)
        SELECT s.id, $1, s.code, s.name, s.position, s.probability, s.color, s.rots_after_days, s.required_fields, s.forecast, s.archived
        FROM jsonb_to_recordset($2) AS s (id bigint, code text, name text, position bigint, probability bigint, color text,
            rots_after_days bigint, required_fields text[], forecast text, archived boolean)
        ON CONFLICT (company_id, id) DO UPDATE SET name = excluded.name, position = excluded.position, probability = excluded.probability,
            color = excluded.color, rots_after_days = excluded.rots_after_days, required_fields = excluded.required_fields,
            forecast = excluded.forecast, archived = excluded.archived";
    // What stands there rots at another time from now on.
    ROTS = "UPDATE opportunity SET rots_at = stage_since + make_interval(days => $3::bigint::int) WHERE pipeline = $1 AND stage = $2";
    DROP_STAGES = "DELETE FROM pipeline_stage WHERE pipeline_id = $1 AND id = ANY ($2)";
    DROP = "DELETE FROM pipeline WHERE id = $1";
    MAKE_REASON = "INSERT INTO loss_reason (name) VALUES ($1) RETURNING id";
    PUT_REASON = "INSERT INTO loss_reason (id, name) VALUES ($1, $2) ON CONFLICT (company_id, id) DO UPDATE SET name = $2";
    DROP_REASON = "DELETE FROM loss_reason WHERE id = $1";
}

/// Holds everything that is set up, until the transaction's end, and reads it.
pub(crate) async fn hold(work: &Work<'_>) -> Result<Pipelines> {
    work.tx.execute(&SEED, &[]).await?;
    work.tx.rows(&HOLD, &[]).await?;
    read_in(&work.tx).await
}

/// Writes what is to be there. What is not to be there any more goes by [`lower`]: sales may have to move
/// between the two.
pub(crate) async fn raise(work: &Work<'_>, before: Option<&Held>, after: &Held) -> Result<Held> {
    let (pipeline, known) = match (after, before) {
        (Held::Reason(reason), _) => {
            return raise_reason(work, reason.clone()).await.map(Held::Reason);
        }
        (Held::Field(field), before) => {
            let before = before.and_then(Held::field);
            return customs::raise(work, before, field).await.map(Held::Field);
        }
        (Held::Pipeline(after), Some(Held::Pipeline(before))) => (after, before.stages.as_slice()),
        (Held::Pipeline(after), _) => (after, [].as_slice()),
    };
    let mut pipeline = pipeline.clone();
    if pipeline.id == 0 {
        let row = work
            .tx
            .one(&MAKE, &[&pipeline.name, &pipeline.strict])
            .await?;
        (pipeline.id, pipeline.version) = (row.get(0), row.get(1));
    } else {
        let params: [&(dyn ToSql + Sync); 4] = [
            &pipeline.id,
            &pipeline.name,
            &pipeline.strict,
            &(pipeline.version + 1),
        ];
        pipeline.version = work.tx.one(&PUT, &params).await?.get(0);
    }
    for stage in pipeline.stages.iter_mut().filter(|stage| stage.id == 0) {
        let row = work
            .tx
            .one(&MAKE_STAGE, &[&pipeline.id, &stage.code])
            .await?;
        stage.id = row.get(0);
    }
    let mut rows = Vec::with_capacity(pipeline.stages.len());
    for (stage, position) in pipeline.stages.iter().zip(1i64..) {
        let mut row = json(stage)?;
        row["position"] = position.into();
        rows.push(row);
    }
    let rows = Value::Array(rows);
    work.tx.execute(&PUT_STAGES, &[&pipeline.id, &rows]).await?;
    for stage in &pipeline.stages {
        let was = known.iter().find(|known| known.id == stage.id);
        if was.is_some_and(|was| was.rots_after_days != stage.rots_after_days) {
            let params: [&(dyn ToSql + Sync); 3] =
                [&pipeline.id, &stage.code, &stage.rots_after_days];
            work.tx.execute(&ROTS, &params).await?;
        }
    }
    Ok(Held::Pipeline(pipeline))
}

async fn raise_reason(work: &Work<'_>, mut reason: LossReason) -> Result<LossReason> {
    if reason.id == 0 {
        reason.id = work.tx.one(&MAKE_REASON, &[&reason.name]).await?.get(0);
    } else {
        work.tx
            .execute(&PUT_REASON, &[&reason.id, &reason.name])
            .await?;
    }
    Ok(reason)
}

/// Takes away what is not to be there any more. Sales that are still in such a stage hold it.
pub(crate) async fn lower(work: &Work<'_>, before: &Held, after: Option<&Held>) -> Result<()> {
    match (before, after) {
        (Held::Pipeline(before), Some(Held::Pipeline(after))) => {
            let gone = |stage: &&PipelineStage| after.stages.iter().all(|kept| kept.id != stage.id);
            let gone: Vec<i64> = before
                .stages
                .iter()
                .filter(gone)
                .map(|stage| stage.id)
                .collect();
            if !gone.is_empty() {
                work.tx.execute(&DROP_STAGES, &[&before.id, &gone]).await?;
            }
        }
        (Held::Pipeline(before), _) => {
            work.tx.execute(&DROP, &[&before.id]).await?;
        }
        (Held::Reason(before), None) => {
            work.tx.execute(&DROP_REASON, &[&before.id]).await?;
        }
        (Held::Field(before), None) => customs::lower(work, before).await?,
        (Held::Reason(_) | Held::Field(_), Some(_)) => {}
    }
    Ok(())
}

/// What came of a change, and the change set that can be undone; none when nothing changed.
#[derive(Debug, Clone, Serialize)]
pub struct Changed<T> {
    /// As it is now.
    pub now: T,
    /// The change set.
    pub change_set: Option<i64>,
}

/// Makes a pipeline.
///
/// # Errors
/// What is wrong, by field; a key that was used with another request; or the tenant's place can't be reached.
pub async fn create(
    data: &TenantConnection,
    by: By<'_>,
    body: &Map<String, Value>,
    key: Option<&Key>,
) -> Result<Once<Value>> {
    let mut work = Work::begin(data, by).await?;
    if let Some(earlier) = idempotency::begin(&work.tx, key).await? {
        return Ok(earlier);
    }
    let all = hold(&work).await?;
    let made = new_pipeline(body, &all)?;
    made.knows(None, work.customs().await?)?;
    let made = Held::Pipeline(made);
    let made = raise(&work, None, &made).await?;
    work.note_setup(None, Some(&made))?;
    work.record("pipeline.create", None).await?;
    let Held::Pipeline(made) = made else {
        return Err(sindico_db::Error::Internal(
            "a pipeline that is none".to_owned(),
        ));
    };
    work.finish(key, json(&made)?, made.version).await
}

/// Changes a pipeline by a function of it; `None` when there is none.
async fn edit(
    data: &TenantConnection,
    by: By<'_>,
    (id, condition): (i64, &Precondition),
    action: &str,
    change: impl FnOnce(&mut Pipeline, &Pipelines) -> Result<bool, FieldErrors> + Send,
) -> Result<Option<Changed<Pipeline>>> {
    let mut work = Work::begin(data, by).await?;
    let all = hold(&work).await?;
    let Some(before) = all.find(id) else {
        return Ok(None);
    };
    condition.check(before.version)?;
    let mut after = before.clone();
    if !change(&mut after, &all)? {
        return Ok(None);
    }
    after.valid(&all)?;
    after.knows(Some(before), work.customs().await?)?;
    if after == *before {
        return Ok(Some(Changed {
            now: after,
            change_set: None,
        }));
    }
    let before = Held::Pipeline(before.clone());
    let now = raise(&work, Some(&before), &Held::Pipeline(after)).await?;
    work.note_setup(Some(&before), Some(&now))?;
    let change_set = work.record(action, None).await?;
    work.commit().await?;
    match now {
        Held::Pipeline(now) => Ok(Some(Changed { now, change_set })),
        Held::Reason(_) | Held::Field(_) => Ok(None),
    }
}

/// Changes a pipeline's own fields; `None` when there is none with this id.
///
/// # Errors
/// As [`create`]; `PreconditionFailed` when it is not at the version that the caller means.
pub async fn change(
    data: &TenantConnection,
    by: By<'_>,
    at: (i64, &Precondition),
    draft: &PipelineDraft,
) -> Result<Option<Changed<Pipeline>>> {
    edit(data, by, at, "pipeline.update", |pipeline, _| {
        draft.apply(pipeline);
        Ok(true)
    })
    .await
}

/// Adds a stage; `None` when there is no such pipeline.
///
/// # Errors
/// As [`change`].
pub async fn add_stage(
    data: &TenantConnection,
    by: By<'_>,
    at: (i64, &Precondition),
    draft: &StageDraft,
) -> Result<Option<Changed<Pipeline>>> {
    edit(data, by, at, "pipeline.stage_add", |pipeline, all| {
        draft.add(pipeline, all)?;
        Ok(true)
    })
    .await
}

/// Changes a stage; `None` when there is no such pipeline, or no such stage of it.
///
/// # Errors
/// As [`change`].
pub async fn change_stage(
    data: &TenantConnection,
    by: By<'_>,
    at: (i64, &Precondition),
    (stage, draft): (i64, &StageDraft),
) -> Result<Option<Changed<Pipeline>>> {
    edit(data, by, at, "pipeline.stage_update", |pipeline, _| {
        let found = pipeline.stages.iter().find(|found| found.id == stage);
        let Some(code) = found.map(|found| found.code.clone()) else {
            return Ok(false);
        };
        draft.change(pipeline, &code)?;
        Ok(true)
    })
    .await
}

/// Adds a reason.
///
/// # Errors
/// As [`create`].
pub async fn add_reason(
    data: &TenantConnection,
    by: By<'_>,
    draft: ReasonDraft,
) -> Result<Changed<LossReason>> {
    let work = Work::begin(data, by).await?;
    let all = hold(&work).await?;
    let reason = draft.made(0, &all.reasons)?;
    put_reason(work, None, reason, "loss_reason.create").await
}

/// Gives a reason another name; `None` when there is none with this id. Sales keep the words that they have.
///
/// # Errors
/// As [`create`].
pub async fn change_reason(
    data: &TenantConnection,
    by: By<'_>,
    id: i64,
    draft: ReasonDraft,
) -> Result<Option<Changed<LossReason>>> {
    let work = Work::begin(data, by).await?;
    let all = hold(&work).await?;
    let Some(before) = all.reasons.iter().find(|reason| reason.id == id) else {
        return Ok(None);
    };
    let after = draft.made(id, &all.reasons)?;
    if after == *before {
        let change_set = None;
        return Ok(Some(Changed {
            now: after,
            change_set,
        }));
    }
    let before = Some(before.clone());
    let changed = put_reason(work, before, after, "loss_reason.update").await?;
    Ok(Some(changed))
}

async fn put_reason(
    mut work: Work<'_>,
    before: Option<LossReason>,
    after: LossReason,
    action: &str,
) -> Result<Changed<LossReason>> {
    let before = before.map(Held::Reason);
    let now = raise_reason(&work, after).await?;
    work.note_setup(before.as_ref(), Some(&Held::Reason(now.clone())))?;
    let change_set = work.record(action, None).await?;
    work.commit().await?;
    Ok(Changed { now, change_set })
}
