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

/// How an import goes on. A row that its table alone refuses, or that was taken meanwhile, refuses its whole piece:
/// which one it is, is found by halves.
pub(super) struct Pace {
    /// How many rows the next piece has at most.
    most: i64,
    /// Behind which line the next row can't be written, and why.
    refused: Option<(i64, Refusal)>,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            most: PIECE,
            refused: None,
        }
    }
}

/// What became of a piece.
enum Piece {
    /// Whether there is more.
    Written(bool),
    /// Of so many rows behind this line one is refused: nothing was written.
    Refused(i64, i64, Refusal),
}

pub(super) async fn step(
    data: &TenantConnection,
    by: By<'_>,
    desk: &Desk<'_>,
    id: i64,
    pace: &mut Pace,
) -> Result<bool> {
    let refused = pace.refused.take();
    match piece(data, by, desk, id, pace.most, refused.as_ref()).await? {
        Piece::Written(more) => {
            // One that is refused seldom comes alone.
            if refused.is_none() {
                pace.most = (pace.most * 2).min(PIECE);
            }
            Ok(more)
        }
        Piece::Refused(_, _, refusal) if refused.is_some() => Err(refusal.into()),
        Piece::Refused(at, 1, refusal) => {
            pace.most = 1;
            pace.refused = Some((at, refusal));
            Ok(true)
        }
        Piece::Refused(_, rows, _) => {
            pace.most = rows / 2;
            Ok(true)
        }
    }
}

/// Writes the next rows. `refused` says which row can't be written, and why.
async fn piece(
    data: &TenantConnection,
    by: By<'_>,
    desk: &Desk<'_>,
    id: i64,
    most: i64,
    refused: Option<&(i64, Refusal)>,
) -> Result<Piece> {
    let work = Work::begin(data, by).await?;
    let job = work.tx.row(job::LOCKED, &[&id]).await?;
    let Some(job) = job.as_ref().map(Job::read) else {
        return Ok(Piece::Written(false));
    };
    if job.state != State::Committing {
        return Ok(Piece::Written(false));
    }
    // Another program went on meanwhile, and judged that row itself.
    if refused.is_some_and(|(at, _)| *at != job.position) {
        return Ok(Piece::Written(true));
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
            return Ok(Piece::Written(false));
        }
    };
    let (at, count) = (job.position, i64::try_from(rows.len()).unwrap_or(most));
    let refusal = refused.map(|(_, refusal)| refusal);
    match write(work, desk, job, &lines, last, refusal).await {
        Err(Error::Refused(refusal)) => Ok(Piece::Refused(at, count, refusal)),
        done => done.map(|()| Piece::Written(true)),
    }
}

/// Writes these rows, and that the import is at the line that is their last.
async fn write(
    mut work: Work<'_>,
    desk: &Desk<'_>,
    mut job: Job,
    lines: &[Line],
    last: i64,
    refused: Option<&Refusal>,
) -> Result<()> {
    let (id, by) = (job.id, work.by);
    let mut seen = HashMap::new();
    let plans = match refused {
        _ if lines.is_empty() => Vec::new(),
        Some(Refusal::Fields(errors)) => vec![Plan::Wrong(errors.clone())],
        Some(other) => vec![Plan::Wrong(sindico_domain::FieldErrors::whole(
            other.to_line(),
        ))],
        None => prepare(&work.tx, by, desk, &job, lines, &mut seen).await?,
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
    work.commit().await
}
