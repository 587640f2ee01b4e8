//! The dry run: a verdict for every row, piece by piece. Nothing is written but verdicts.

use super::job::{self, Job, State};
use super::prepare::{Line, Plan, prepare};
use super::{Desk, PIECE, Seen};
use crate::work::By;
use serde_json::{Value, json};
use sindico_db::{Result, TenantConnection, TenantTransaction};

sindico_db::statements! { "imports.check":
    NEXT = "SELECT line, cells FROM import_row WHERE job_id = $1 AND line > $2 ORDER BY line LIMIT $3";
    // Between the first line and the last: PostgreSQL does not know how few lines a document has, and would look
    // at all rows of the file for each piece of it.
    JUDGED = "UPDATE import_row r SET verdict = v.verdict, record_id = v.record, notes = v.notes
        FROM jsonb_to_recordset($2) AS v (line bigint, verdict text, record bigint, notes jsonb)
        WHERE r.job_id = $1 AND r.line = v.line AND r.line BETWEEN $3 AND $4";
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
    let mut judged = Vec::with_capacity(lines.len());
    for (line, plan) in lines.iter().zip(&plans) {
        let (verdict, record, notes) = verdict(plan);
        job.count(verdict, 1);
        judged
            .push(json!({"line": line.line, "verdict": verdict, "record": record, "notes": notes}));
    }
    judge(&tx, id, &lines, judged).await?;
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

/// Verdicts of these lines.
pub(super) async fn judge(
    tx: &TenantTransaction,
    id: i64,
    lines: &[Line],
    judged: Vec<Value>,
) -> Result<()> {
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else {
        return Ok(());
    };
    let judged = Value::Array(judged);
    tx.execute(&JUDGED, &[&id, &judged, &first.line, &last.line])
        .await?;
    Ok(())
}
