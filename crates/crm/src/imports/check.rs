//! The dry run: a verdict for every row, piece by piece. Nothing is written but verdicts.

use super::job::{self, Job, State};
use super::prepare::{Line, Plan, prepare};
use super::{Desk, PIECE};
use crate::work::By;
use serde_json::{Value, json};
use sindico_db::{Result, TenantConnection, TenantTransaction, ToSql};
use std::collections::HashMap;

sindico_db::statements! { "imports.check":
    NEXT = "SELECT line, cells FROM import_row WHERE job_id = $1 AND line > $2 ORDER BY line LIMIT $3";
    // The lines are there, and their job is locked: that each is looked up by its key is certain this way. A join may
    // be done by looking at all rows of the file for each line, as PostgreSQL does not know yet how many there are.
    JUDGED = "INSERT INTO import_row (job_id, line, cells, verdict, record_id, notes)
        SELECT $1, v.line, '[]', v.verdict, v.record, v.notes
        FROM unnest($2::bigint[], $3::text[], $4::bigint[], $5::jsonb[]) AS v (line, verdict, record, notes)
        ON CONFLICT (company_id, job_id, line) DO UPDATE
            SET verdict = excluded.verdict, record_id = excluded.record_id, notes = excluded.notes";
}

/// What a dry run has seen of its file so far. Without it the dry run begins anew.
#[derive(Default)]
pub(super) struct Seen {
    /// By key, the line that had it first.
    keys: HashMap<String, i64>,
    position: i64,
}

pub(super) async fn step(
    data: &TenantConnection,
    by: By<'_>,
    desk: &Desk<'_>,
    id: i64,
    seen: &mut Seen,
) -> Result<bool> {
    let tx = data.begin().await?;
    let Some(mut job) = tx.row(job::LOCKED, &[&id]).await?.as_ref().map(Job::read) else {
        return Ok(false);
    };
    if job.state != State::Checking {
        return Ok(false);
    }
    if job.cancel {
        advance(&tx, &job, State::Ready, 0).await?;
        tx.commit().await?;
        return Ok(false);
    }
    // Another program began it: what it has seen is not known here.
    if job.position != seen.position {
        job.position = 0;
        job.counts.clear();
        *seen = Seen::default();
    }
    let rows = tx.rows(&NEXT, &[&id, &job.position, &PIECE]).await?;
    let lines: Vec<Line> = rows
        .iter()
        .map(|row| Line {
            line: row.get(0),
            cells: row.get(1),
        })
        .collect();
    let Some(last) = lines.last().map(|line| line.line) else {
        advance(&tx, &job, State::Checked, 0).await?;
        tx.commit().await?;
        return Ok(false);
    };
    let plans = prepare(&tx, by, desk, &job, &lines, &mut seen.keys).await?;
    let mut verdicts = Verdicts::default();
    for (line, plan) in lines.iter().zip(&plans) {
        let (verdict, record, notes) = verdict(plan);
        job.count(verdict, 1);
        verdicts.push(line.line, verdict, record, notes);
    }
    verdicts.write(&tx, id).await?;
    advance(&tx, &job, State::Checking, last).await?;
    tx.commit().await?;
    seen.position = last;
    Ok(true)
}

fn verdict(plan: &Plan) -> (&'static str, Option<i64>, Value) {
    match plan {
        Plan::Create(_) => ("NEW", None, json!({})),
        Plan::Update(both) => ("UPDATE", Some(both.0.id), json!({})),
        Plan::Skip(record, notes) => ("SKIP", *record, notes.clone()),
        Plan::Wrong(errors) => ("ERROR", None, json!(errors)),
    }
}

/// Writes down how far it is.
pub(super) async fn advance(
    tx: &TenantTransaction,
    job: &Job,
    state: State,
    position: i64,
) -> Result<()> {
    let counts = Value::Object(job.counts.clone());
    tx.execute(
        job::ADVANCED,
        &[&job.id, &state.as_str(), &position, &counts],
    )
    .await?;
    Ok(())
}

/// Verdicts of lines, as the arrays that they are written by.
#[derive(Default)]
pub(super) struct Verdicts {
    lines: Vec<i64>,
    verdicts: Vec<&'static str>,
    records: Vec<Option<i64>>,
    notes: Vec<Value>,
}

impl Verdicts {
    pub(super) fn push(
        &mut self,
        line: i64,
        verdict: &'static str,
        record: Option<i64>,
        notes: Value,
    ) {
        self.lines.push(line);
        self.verdicts.push(verdict);
        self.records.push(record);
        self.notes.push(notes);
    }

    /// Writes them to their lines.
    pub(super) async fn write(self, tx: &TenantTransaction, id: i64) -> Result<()> {
        let params: [&(dyn ToSql + Sync); 5] =
            [&id, &self.lines, &self.verdicts, &self.records, &self.notes];
        tx.execute(&JUDGED, &params).await?;
        Ok(())
    }
}
