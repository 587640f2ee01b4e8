//! Taking an import back: batch by batch, the newest first. What somebody has changed since stays as it is,
//! and is counted; a batch and its mark are one transaction.

use super::check::advance;
use super::job::{self, Job, State};
use crate::model;
use crate::work::{By, Work};
use serde_json::{Map, Value};
use sindico_db::{Result, Statement, TenantConnection};
use sindico_domain::crm::{Kind, Record};
use std::sync::LazyLock;

sindico_db::statements! { "imports.undo":
    NEXT = "SELECT change_set_id FROM import_batch WHERE job_id = $1 AND change_set_id < $2
        ORDER BY change_set_id DESC LIMIT 1";
    CHANGES = "SELECT kind, record_id, op, before, after FROM change WHERE change_set_id = $1 ORDER BY id DESC";
    MARK = "UPDATE change_set SET undone_by = $2 WHERE id = $1 AND undone_by IS NULL";
}

/// Those that were made and nobody has touched since, into the bin.
static BIN: LazyLock<Vec<Statement>> = LazyLock::new(|| {
    let of = |kind: &Kind| Statement {
        name: "imports.undo.bin",
        sql: Box::leak(
            format!(
                "UPDATE {kind} SET deleted_at = now(), version = version + 1, updated_at = now()
                 WHERE id = ANY ($1) AND version = 1 AND deleted_at IS NULL RETURNING {}",
                model::of(*kind).columns
            )
            .into_boxed_str(),
        ),
    };
    Kind::ALL.iter().map(of).collect()
});

pub(super) fn by_kind() -> Vec<Statement> {
    BIN.clone()
}

struct Change {
    id: i64,
    before: Map<String, Value>,
    after: Map<String, Value>,
}

pub(super) async fn step(data: &TenantConnection, by: By<'_>, id: i64) -> Result<bool> {
    let mut work = Work::begin(data, by).await?;
    let job = work.tx.row(job::LOCKED, &[&id]).await?;
    let Some(mut job) = job.as_ref().map(Job::read) else {
        return Ok(false);
    };
    if job.state != State::Undoing {
        return Ok(false);
    }
    let next = work.tx.row(&NEXT, &[&id, &job.position]).await?;
    let Some(change_set) = next.map(|row| row.get::<_, i64>(0)).filter(|_| !job.cancel) else {
        let state = if job.cancel {
            State::Cancelled
        } else {
            State::Undone
        };
        let position = job.position;
        advance(&work.tx, &job, state, position).await?;
        if state == State::Undone {
            job::ended(&work.tx, &job, state, by.now).await?;
        }
        work.commit().await?;
        return Ok(false);
    };
    let kind = job.kind;
    let (mut made, mut changed) = (Vec::new(), Vec::new());
    // All of it: what its person does not see any more stays, and is counted.
    for row in work.tx.write(&CHANGES, &[&change_set]).await? {
        let object = |n: usize| {
            row.get::<_, Value>(n)
                .as_object()
                .cloned()
                .unwrap_or_default()
        };
        let change = Change {
            id: row.get(1),
            before: object(3),
            after: object(4),
        };
        match row.get::<_, &str>(2) {
            "CREATE" => made.push(change.id),
            _ => changed.push(change),
        }
    }
    let all = i64::try_from(made.len() + changed.len()).unwrap_or_default();
    let mut back = 0;
    for change in &changed {
        back += i64::from(put_back(&mut work, kind, change).await?);
    }
    let binned = work.tx.rows(&BIN[kind as usize], &[&made]).await?;
    for row in &binned {
        work.note_deleted(&model::of(kind).record(row));
        back += 1;
    }
    job.count("UNDONE", back);
    job.count("KEPT", all - back);
    // Marked only when nothing of it is left: the rest can still be taken back by itself.
    let left = all - back;
    let undoes = (left == 0).then_some(change_set);
    if let Some(undo) = work.record("undo", undoes).await?
        && left == 0
    {
        work.tx.execute(&MARK, &[&change_set, &undo]).await?;
    }
    advance(&work.tx, &job, State::Undoing, change_set).await?;
    work.commit().await?;
    Ok(true)
}

/// Sets a changed record to what it was, if it still is as the import left it.
async fn put_back(work: &mut Work<'_>, kind: Kind, change: &Change) -> Result<bool> {
    let Some((record, None)) = work.lock_any(kind, change.id).await? else {
        return Ok(false);
    };
    let as_left = change.after.iter().all(|(field, left)| {
        let now = record.told(field);
        now.as_ref() == Some(left)
    });
    let Some(before) = as_left.then(|| earlier(&record, change)).flatten() else {
        return Ok(false);
    };
    // A way to write what one may not is no undo.
    let may = work.tx.sight().veil().permit(Some(&record), &before);
    if may.is_err() {
        return Ok(false);
    }
    work.put(&record, &before).await?;
    Ok(true)
}

fn earlier(record: &Record, change: &Change) -> Option<Record> {
    let mut before = record.clone();
    for (field, value) in &change.before {
        before.tell(field, value)?;
    }
    Some(before)
}
