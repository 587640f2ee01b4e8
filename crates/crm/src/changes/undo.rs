//! Taking a change set back: as a whole, and only while nothing stands on it.

use super::{Change, read, select};
use crate::idempotency;
use crate::work::{By, Work};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use sindico_db::idempotency::{Key, Once};
use sindico_db::{Result, Statement, TenantConnection};
use sindico_domain::access::capability::Method;
use sindico_domain::crm::{Datum, Kind, Record};
use sindico_domain::{FieldErrors, Refusal};
use std::collections::BTreeMap;
use utoipa::ToSchema;

sindico_db::statements! { "undo":
    LOCK = "SELECT undone_by FROM change_set WHERE id = $1 FOR UPDATE";
    CHANGES = select!("WHERE s.id = $1 ORDER BY c.id");
    // What was taken back meanwhile, and what took it back, leave the record as it was.
    LATER = "SELECT EXISTS (SELECT FROM change c JOIN change_set s ON s.id = c.change_set_id
        WHERE c.kind = $1 AND c.record_id = $2 AND c.id > $3 AND s.undone_by IS NULL
            AND NOT EXISTS (SELECT FROM change_set u WHERE u.id = s.undoes AND u.undone_by = s.id AND u.id > $4))";
    // What an undo had taken back stands again when the undo is taken back, and so on down the chain.
    MARK = "WITH RECURSIVE chain AS (
            SELECT id, undoes, $2::bigint AS by, 0 AS n FROM change_set WHERE id = $1
            UNION ALL SELECT s.id, s.undoes, chain.id, chain.n + 1 FROM chain JOIN change_set s ON s.id = chain.undoes)
        UPDATE change_set s SET undone_by = CASE WHEN chain.n % 2 = 0 THEN chain.by END FROM chain WHERE s.id = chain.id";
}

pub(super) fn statements() -> &'static [Statement] {
    STATEMENTS
}

/// What stands in the way of taking a change back.
#[derive(Debug, Serialize, ToSchema)]
pub struct Conflict {
    /// The kind of record.
    pub kind: Kind,
    /// The record's id.
    pub record: i64,
    /// What it is called.
    pub title: String,
    /// The field that was changed again; none when the record as a whole is not as it was left.
    pub field: Option<String>,
    /// What the change set had left there.
    #[schema(value_type = Object)]
    pub left: Value,
    /// What is there now.
    #[schema(value_type = Object)]
    pub found: Value,
    /// In words.
    pub detail: String,
}

/// What came of it.
pub enum Undone {
    /// There is no such change set.
    Missing,
    /// The caller's role may not do that to this kind of record.
    NotAllowed(Kind, Method),
    /// It was taken back before, by this change set.
    Already(i64),
    /// It can't be taken back: nothing was changed.
    Conflicts(Vec<Conflict>),
    /// `change_set`: the one that took it back.
    Done(Once<Value>),
}

/// Takes a change set back. Edits are set to what they were, what was made goes to the bin, what was
/// deleted comes back; all or nothing. To take back an undo is to do it again.
///
/// # Errors
/// What is unique may have been taken meanwhile; or the tenant's place can't be reached.
pub async fn undo(
    data: &TenantConnection,
    by: By<'_>,
    id: i64,
    may: &(dyn Fn(Kind, Method) -> bool + Sync),
    key: Option<&Key>,
) -> Result<Undone> {
    let mut work = Work::begin(data, by).await?;
    if let Some(earlier) = idempotency::begin(&work.tx, key).await? {
        return Ok(Undone::Done(earlier));
    }
    let rows = work.tx.rows(&CHANGES, &[&id]).await?;
    let changes: Vec<Change> = rows.iter().map(read).collect();
    if changes.is_empty() {
        return Ok(Undone::Missing);
    }
    for change in &changes {
        let method = match change.op.as_str() {
            "CREATE" | "RESTORE" => Method::Delete,
            "DELETE" => Method::Post,
            _ => Method::Patch,
        };
        if !may(change.kind, method) {
            return Ok(Undone::NotAllowed(change.kind, method));
        }
    }
    // In one order, so that two who do this at once wait for each other and never in a circle.
    let mut records: BTreeMap<(Kind, i64), Found> = BTreeMap::new();
    let mut keys: Vec<(Kind, i64)> = changes
        .iter()
        .map(|change| (change.kind, change.record))
        .collect();
    keys.sort_unstable();
    keys.dedup();
    for (kind, id) in keys {
        if let Some(found) = work.lock_any(kind, id).await? {
            records.insert((kind, id), found);
        }
    }
    // Behind the records: whoever takes back what this one stands on has them all the same.
    let marked = work.tx.one(&LOCK, &[&id]).await?;
    if let Some(earlier) = marked.get(0) {
        return Ok(Undone::Already(earlier));
    }
    let mut conflicts = Vec::new();
    for change in &changes {
        let found = records.get(&(change.kind, change.record));
        check(&work, change, found, &mut conflicts).await?;
    }
    if !conflicts.is_empty() {
        return Ok(Undone::Conflicts(conflicts));
    }
    for change in changes.iter().rev() {
        let Some(found) = records.remove(&(change.kind, change.record)) else {
            continue;
        };
        let now = take_back(&mut work, change, found).await?;
        records.insert((change.kind, change.record), now);
    }
    let Some(undo) = work.record("undo", Some(id)).await? else {
        return Ok(Undone::Missing);
    };
    work.tx.execute(&MARK, &[&id, &undo]).await?;
    Ok(Undone::Done(
        work.finish(key, json!({ "change_set": undo }), undo)
            .await?,
    ))
}

/// What of a change is not as it was left.
async fn check(
    work: &Work<'_>,
    change: &Change,
    found: Option<&Found>,
    conflicts: &mut Vec<Conflict>,
) -> Result<()> {
    let mut conflict = |field: Option<&str>, left: &Value, found: Value, detail: &str| {
        conflicts.push(Conflict {
            kind: change.kind,
            record: change.record,
            title: change.title.clone(),
            field: field.map(str::to_owned),
            left: left.clone(),
            found,
            detail: detail.to_owned(),
        });
    };
    let Some((record, deleted)) = found else {
        conflict(None, &Value::Null, Value::Null, "It is not there any more.");
        return Ok(());
    };
    match change.op.as_str() {
        "DELETE" if deleted.is_none() => conflict(
            None,
            &Value::Null,
            Value::Null,
            "It has been restored already.",
        ),
        "DELETE" => {}
        // A merge changes what is in the bin, too; what went there since is somebody's later word.
        "UPDATE" if deleted.is_some_and(|at| at >= change.at) => {
            conflict(None, &Value::Null, Value::Null, "It is in the bin.");
        }
        "CREATE" | "RESTORE" if deleted.is_some() => {
            conflict(None, &Value::Null, Value::Null, "It is in the bin.");
        }
        "UPDATE" => {
            for (field, left) in &change.after {
                let Some(n) = change.kind.position(field) else {
                    continue;
                };
                let now = record.values[n].to_json();
                if now != *left {
                    conflict(Some(field), left, now, "It was changed again since.");
                }
            }
        }
        _ => {
            let params: [&(dyn sindico_db::ToSql + Sync); 4] = [
                &change.kind.as_str(),
                &change.record,
                &change.id,
                &change.change_set,
            ];
            if work.tx.one(&LATER, &params).await?.get(0) {
                conflict(
                    None,
                    &Value::Null,
                    Value::Null,
                    "It was changed since it was made.",
                );
            }
        }
    }
    Ok(())
}

/// A record, and when it went to the bin.
type Found = (Record, Option<Timestamp>);

/// Does the opposite; the record as it is then.
async fn take_back(
    work: &mut Work<'_>,
    change: &Change,
    (record, deleted): Found,
) -> Result<Found> {
    match change.op.as_str() {
        "CREATE" | "RESTORE" => {
            work.delete(&record).await?;
            let now = work.by.now;
            Ok((record, Some(now)))
        }
        "DELETE" => Ok((work.restore(&record).await?, None)),
        _ => {
            let mut after = record.clone();
            for (field, value) in &change.before {
                let Some(n) = change.kind.position(field) else {
                    continue;
                };
                let ty = change.kind.fields()[n].ty;
                after.values[n] = Datum::from_json(ty, value).ok_or_else(|| {
                    Refusal::Fields(FieldErrors::one(
                        field,
                        "What it was can't be read any more.",
                    ))
                })?;
            }
            // It may have referred to something that is in the bin by now.
            work.check_references(Some(&record), &after).await?;
            Ok((work.put(&record, &after).await?, deleted))
        }
    }
}
