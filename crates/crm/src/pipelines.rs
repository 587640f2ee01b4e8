//! Pipelines and their stages, and the reasons why sales are lost: read, and set up. Whatever is set up is a
//! change set, with an undo as any other ([`crate::changes`]).

mod change;
mod delete;

pub use change::{Changed, add_reason, add_stage, change, change_reason, change_stage, create};
pub(crate) use change::{hold, lower, raise};
pub use delete::{Removed, delete_stage, remove, remove_reason};

use crate::work::read_support;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use sindico_db::{Error, Result, Row, Statement, TenantConnection, TenantTransaction};
use sindico_domain::access::Support;
use sindico_domain::crm::pipeline::{
    Color, FIRST, LossReason, Outlook, Pipeline, PipelineStage, Pipelines, StageKind,
};
use std::str::FromStr;
use utoipa::ToSchema;

/// The codes of all stages of open sales and their names, in their order, as `w (code, name, n)`: those of the
/// contract as long as nothing is written down.
macro_rules! open {
    () => {
        "(SELECT code, name, pipeline_id * 1000 + position AS n FROM pipeline_stage WHERE kind = 'OPEN'
            UNION ALL SELECT code, '', n FROM (VALUES ('DISCOVERY', 1), ('PROPOSAL', 2), ('NEGOTIATION', 3)) c (code, n)
                WHERE NOT EXISTS (SELECT FROM pipeline_stage))"
    };
}
pub(crate) use open;

/// The same as text.
pub(crate) const OPEN: &str = open!();

sindico_db::statements! { "pipelines":
    // Reasons first, as those of no pipeline.
    ALL = "SELECT p.id, p.name, p.strict, p.version, s.id, s.code, s.name, s.probability, s.color, s.rots_after_days,
            s.required_fields, s.forecast, s.archived, s.position
        FROM pipeline p JOIN pipeline_stage s ON s.pipeline_id = p.id
        UNION ALL SELECT 0, '', false, 0, id, '', name, 0, '', NULL, '{}', '', false, 0 FROM loss_reason
        ORDER BY 1, 14, 7";
    HISTORY = "SELECT s.id, s.action, s.user_id, s.username, s.at, s.undoes, s.undone_by, s.support, c.what, c.record_id, c.before, c.after
        FROM setup_change c JOIN change_set s ON s.id = c.change_set_id
        WHERE (c.what = 'custom_field') = $1 ORDER BY c.id DESC LIMIT 100";
}

pub(crate) fn statements() -> Vec<Statement> {
    [STATEMENTS, change::STATEMENTS, &delete::statements()].concat()
}

/// All that a company has set up for its sales; the contract's pipeline while nobody has set anything up.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn read(data: &TenantConnection) -> Result<Pipelines> {
    all(&data.rows(&ALL, &[]).await?)
}

pub(crate) async fn read_in(tx: &TenantTransaction) -> Result<Pipelines> {
    all(&tx.rows(&ALL, &[]).await?)
}

/// The text of [`read`], for who reads more in the same round trip.
pub(crate) const SQL: &str = ALL.sql;

/// What [`SQL`] reads.
pub(crate) fn all(rows: &[Row]) -> Result<Pipelines> {
    let mut found = Pipelines {
        all: Vec::new(),
        reasons: Vec::new(),
    };
    for row in rows {
        let id: i64 = row.get(0);
        if id == 0 {
            found.reasons.push(LossReason {
                id: row.get(4),
                name: row.get(6),
            });
            continue;
        }
        if found.all.last().is_none_or(|last| last.id != id) {
            found.all.push(Pipeline {
                id,
                name: row.get(1),
                strict: row.get(2),
                stages: Vec::new(),
                version: row.get(3),
            });
        }
        if let Some(pipeline) = found.all.last_mut() {
            pipeline.stages.push(stage(row)?);
        }
    }
    if found.find(FIRST).is_none() {
        found.all.insert(0, Pipeline::contract());
    }
    Ok(found)
}

fn stage(row: &Row) -> Result<PipelineStage> {
    fn word<T: FromStr<Err = String>>(text: &str) -> Result<T> {
        text.parse().map_err(Error::Internal)
    }
    let code: String = row.get(5);
    // Of the words of a kind only WON and LOST are codes of their own.
    Ok(PipelineStage {
        id: row.get(4),
        kind: code.parse().unwrap_or(StageKind::Open),
        code,
        name: row.get(6),
        probability: row.get(7),
        color: word::<Color>(row.get(8))?,
        rots_after_days: row.get(9),
        required_fields: row.get(10),
        forecast: word::<Outlook>(row.get(11))?,
        archived: row.get(12),
    })
}

/// What was done to a pipeline or a reason.
#[derive(Debug, Serialize, ToSchema)]
pub struct SetupChange {
    /// The write, which can be undone.
    pub change_set: i64,
    /// What was done, such as `pipeline.update`.
    pub action: String,
    /// `pipeline`, `loss_reason` or `custom_field`.
    pub what: String,
    /// Its id.
    pub record: i64,
    /// As it was; null when it was not there.
    #[schema(value_type = Object)]
    pub before: Option<Value>,
    /// As it was then; null when it is not there any more.
    #[schema(value_type = Object)]
    pub after: Option<Value>,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub user: Option<i64>,
    /// Their name.
    pub username: String,
    /// For whom and why, when somebody of the platform did it during a visit of support.
    pub support: Option<Support>,
    /// The change set that this one took back.
    pub undoes: Option<i64>,
    /// The change set that took this one back.
    pub undone_by: Option<i64>,
}

/// The latest changes of what is set up, the newest first.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn history(data: &TenantConnection) -> Result<Vec<SetupChange>> {
    let rows = data.rows(&HISTORY, &[&false]).await?;
    Ok(rows.iter().map(told).collect())
}

/// The same, and all that is set up, in one round trip.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn with_history(data: &TenantConnection) -> Result<(Pipelines, Vec<SetupChange>)> {
    let answers = data.read(&[(&ALL, &[]), (&HISTORY, &[&false])]).await?;
    Ok((all(&answers[0])?, answers[1].iter().map(told).collect()))
}

/// The same of custom fields.
pub(crate) const HISTORY_SQL: &Statement = &HISTORY;

pub(crate) fn told(row: &Row) -> SetupChange {
    SetupChange {
        change_set: row.get(0),
        action: row.get(1),
        user: row.get(2),
        username: row.get(3),
        at: row.get(4),
        undoes: row.get(5),
        undone_by: row.get(6),
        support: read_support(row.get(7)),
        what: row.get(8),
        record: row.get(9),
        before: row.get(10),
        after: row.get(11),
    }
}
