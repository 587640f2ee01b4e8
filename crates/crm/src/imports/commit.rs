//! Writing: a piece of rows, its change set, their verdicts and the import's position are one transaction.

use super::check::{Verdicts, advance};
use super::job::{self, Job, State};
use super::prepare::{Line, Plan, prepare};
use super::{Desk, PIECE};
use crate::work::{By, Work};
use serde_json::{Value, json};
use sindico_db::{Error, Result, TenantConnection};
use sindico_domain::Refusal;
use sindico_domain::crm::Record;
use std::collections::HashMap;

sindico_db::statements! { "imports.commit":
    // Those that are not written come along: an index by verdicts would be full of what the pieces before have left.
    NEXT = "SELECT line, cells, verdict IN ('NEW', 'UPDATE') FROM import_row
        WHERE job_id = $1 AND line > $2 ORDER BY line LIMIT $3";
    // A dry run's last words on what is not written.
    LEFT = "UPDATE import_row SET verdict = 'SKIPPED' WHERE job_id = $1 AND verdict = 'SKIP'";
    BATCH = "INSERT INTO import_batch (job_id, change_set_id) VALUES ($1, $2)";
}

pub(super) async fn step(
    data: &TenantConnection,
    by: By<'_>,
    desk: &Desk<'_>,
    id: i64,
) -> Result<bool> {
    let (mut left, mut most) = (PIECE, PIECE);
    while left > 0 {
        let more = match piece(data, by, desk, id, most, None).await {
            // Something was taken meanwhile, or is refused by the tables alone: by which row, is found by halves.
            Err(Error::Refused(_)) if most > 1 => {
                most /= 2;
                continue;
            }
            Err(Error::Refused(refusal)) => piece(data, by, desk, id, most, Some(&refusal)).await?,
            done => done?,
        };
        if !more {
            return Ok(false);
        }
        left -= most;
        most = (most * 2).min(left);
    }
    Ok(true)
}

/// Writes the next rows. `refused` says why the one row of this piece can't be written.
async fn piece(
    data: &TenantConnection,
    by: By<'_>,
    desk: &Desk<'_>,
    id: i64,
    most: i64,
    refused: Option<&Refusal>,
) -> Result<bool> {
    let mut work = Work::begin(data, by).await?;
    let job = work.tx.row(job::LOCKED, &[&id]).await?;
    let Some(mut job) = job.as_ref().map(Job::read) else {
        return Ok(false);
    };
    if job.state != State::Committing {
        return Ok(false);
    }
    let rows = work.tx.rows(&NEXT, &[&id, &job.position, &most]).await?;
    let lines: Vec<Line> = rows
        .iter()
        .filter(|row| row.get(2))
        .map(|row| Line {
            line: row.get(0),
            cells: row.get(1),
        })
        .collect();
    let last = match rows.last() {
        Some(row) if !job.cancel => row.get(0),
        _ => {
            let state = if job.cancel {
                State::Cancelled
            } else {
                State::Done
            };
            let position = job.position;
            work.tx.execute(&LEFT, &[&id]).await?;
            advance(&work.tx, &job, state, position).await?;
            if state == State::Done {
                job::ended(&work.tx, &job, state, by.now).await?;
            }
            work.commit().await?;
            return Ok(false);
        }
    };
    let mut seen = HashMap::new();
    let plans = match refused {
        _ if lines.is_empty() => Vec::new(),
        Some(Refusal::Fields(errors)) => vec![Plan::Wrong(errors.clone())],
        Some(other) => vec![Plan::Wrong(sindico_domain::FieldErrors::whole(
            other.to_line(),
        ))],
        None => prepare(&work.tx, by, desk, &job, &lines, &mut seen).await?,
    };
    let mut created: Vec<(i64, Record)> = Vec::new();
    let mut updated: Vec<(Record, Record)> = Vec::new();
    let assigning = desk.assigning(&job, by);
    let mut verdicts = Verdicts::default();
    let mut tell = |line: i64, verdict: &'static str, record: Option<i64>, notes: Value| {
        job.count(verdict, 1);
        verdicts.push(line, verdict, record, notes);
    };
    for (line, plan) in lines.iter().zip(plans) {
        match plan {
            Plan::Create(record) => created.push((line.line, *record)),
            Plan::Update(both) => {
                tell(line.line, "UPDATED", Some(both.0.id), json!({}));
                updated.push(*both);
            }
            Plan::Skip(record, notes) => tell(line.line, "SKIPPED", record, notes),
            Plan::Wrong(errors) => tell(line.line, "FAILED", None, json!(errors)),
        }
    }
    work.put_many(&updated).await?;
    let (at, records): (Vec<i64>, Vec<Record>) = created.into_iter().unzip();
    let made = work.create_many(records, assigning.as_ref()).await?;
    for (line, record) in at.into_iter().zip(&made) {
        tell(line, "CREATED", Some(record.id), json!({}));
    }
    if let Some(change_set) = work.record("import", None).await? {
        work.tx.execute(&BATCH, &[&id, &change_set]).await?;
    }
    verdicts.write(&work.tx, id).await?;
    advance(&work.tx, &job, State::Committing, last).await?;
    work.commit().await?;
    Ok(true)
}
