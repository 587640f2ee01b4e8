//! Taking a change set back: as a whole, and only while nothing stands on it.

use super::files::{Files, is_of_file};
use super::setup::Setups;
use super::{Change, read, select};
use crate::duplicates::dismissed;
use crate::idempotency;
use crate::quotes;
use crate::work::{By, Op, Work};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use sindico_db::idempotency::{Key, Once};
use sindico_db::{Result, Statement, TenantConnection};
use sindico_domain::access::capability::{Method, Resource};
use sindico_domain::crm::{Datum, FieldType, Kind, Record};
use sindico_domain::{FieldErrors, Refusal};
use std::collections::{BTreeMap, HashSet};
use utoipa::ToSchema;

sindico_db::statements! { "undo":
    LOCK = "SELECT undone_by FROM change_set WHERE id = $1 FOR UPDATE";
    // All of it, or nothing: who does not see each record that it changed can't take half of it back.
    CHANGES = select!("WHERE s.id = $1 AND (SELECT changes_of($1)) = (SELECT count(*) FROM change WHERE change_set_id = $1) ORDER BY c.id");
    // The same holds for what was set up with records that moved.
    SETUPS = "SELECT what, record_id, before, after FROM setup_change
        WHERE change_set_id = $1 AND (SELECT changes_of($1)) = (SELECT count(*) FROM change WHERE change_set_id = $1) ORDER BY id";
    // What was taken back meanwhile, and what took it back, leave the record as it was.
    LATER = "SELECT made.id FROM unnest($1::text[], $2::bigint[], $3::bigint[]) made (kind, record_id, id)
        WHERE EXISTS (SELECT FROM change c JOIN change_set s ON s.id = c.change_set_id
            WHERE c.kind = made.kind AND c.record_id = made.record_id AND c.id > made.id AND s.undone_by IS NULL
                AND NOT EXISTS (SELECT FROM change_set u WHERE u.id = s.undoes AND u.undone_by = s.id AND u.id > $4))";
    // What an undo had taken back stands again when the undo is taken back, and so on down the chain.
    MARK = "WITH RECURSIVE chain AS (
            SELECT id, undoes, $2::bigint AS by, 0 AS n FROM change_set WHERE id = $1
            UNION ALL SELECT s.id, s.undoes, chain.id, chain.n + 1 FROM chain JOIN change_set s ON s.id = chain.undoes)
        UPDATE change_set s SET undone_by = CASE WHEN chain.n % 2 = 0 THEN chain.by END FROM chain WHERE s.id = chain.id RETURNING s.id";
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
    /// The caller's role may not do that to this.
    NotAllowed(Resource, Method),
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
    may: &(dyn Fn(Resource, Method) -> bool + Sync),
    key: Option<&Key>,
) -> Result<Undone> {
    let mut work = Work::begin(data, by).await?;
    if let Some(earlier) = idempotency::begin(&work.tx, key).await? {
        return Ok(Undone::Done(earlier));
    }
    let rows = work.tx.found(&CHANGES, &[&id]).await?;
    let changes: Vec<Change> = rows.iter().map(read).collect();
    let setups = Setups::read(&work.tx.rows(&SETUPS, &[&id]).await?);
    if changes.is_empty() && setups.is_empty() {
        return Ok(Undone::Missing);
    }
    if let Some((resource, method)) = setups
        .takes()
        .filter(|(resource, method)| !may(*resource, *method))
    {
        return Ok(Undone::NotAllowed(resource, method));
    }
    for change in &changes {
        let method = match change.op.as_str() {
            "CREATE" | "RESTORE" => Method::Delete,
            "DELETE" => Method::Post,
            _ => Method::Patch,
        };
        let resource = change.kind.resource();
        if !may(resource, method) {
            return Ok(Undone::NotAllowed(resource, method));
        }
    }
    // Before the records, as whoever sets something up does.
    let held = setups.hold(&work).await?;
    let mut records = lock(&work, &changes).await?;
    let mut files = Files::lock(&work, &changes).await?;
    let of_quote = |change: &Change| quotes::told(&change.before, &change.after);
    // Behind the records: whoever takes back what this one stands on has them all the same.
    let marked = work.tx.one(&LOCK, &[&id]).await?;
    if let Some(earlier) = marked.get(0) {
        return Ok(Undone::Already(earlier));
    }
    let later = later(&work, id, &changes).await?;
    let mut conflicts = Vec::new();
    for change in &changes {
        let found = records.get(&(change.kind, change.record));
        check(change, found, later.contains(&change.id), &mut conflicts);
        files.check(change, &mut conflicts);
    }
    let veil = work.tx.sight().veil();
    for conflict in &mut conflicts {
        if conflict
            .field
            .as_ref()
            .is_some_and(|field| veil.hides(conflict.kind, field))
        {
            (conflict.left, conflict.found) = (Value::Null, Value::Null);
        }
    }
    if !conflicts.is_empty() {
        return Ok(Undone::Conflicts(conflicts));
    }
    setups.check(&held)?;
    for change in changes.iter().rev() {
        let Some(found) = records.get_mut(&(change.kind, change.record)) else {
            continue;
        };
        if of_quote(change) {
            let obstacle = quotes::undo(&mut work, change, &found.now).await?;
            if let Some(conflict) = obstacle {
                return Ok(Undone::Conflicts(vec![conflict]));
            }
        } else if is_of_file(change) {
            files.take_back(&mut work, change, &found.now);
        } else {
            take_back(&mut work, change, found)?;
        }
    }
    setups.raise(&mut work).await?;
    write(&work, &records).await?;
    files.write(&work).await?;
    setups.lower(&work).await?;
    let Some(undo) = work.record("undo", Some(id)).await? else {
        return Ok(Undone::Missing);
    };
    let marked = work.tx.write(&MARK, &[&id, &undo]).await?;
    let marked: Vec<i64> = marked.iter().map(|row| row.get(0)).collect();
    dismissed::count(&work.tx, &marked).await?;
    Ok(Undone::Done(
        work.finish(key, json!({ "change_set": undo }), undo)
            .await?,
    ))
}

/// A record: as it was found, and with what is taken back already.
struct Found {
    record: Record,
    deleted: Option<Timestamp>,
    now: Record,
    now_deleted: bool,
}

type Records = BTreeMap<(Kind, i64), Found>;

/// The records of these changes, locked in one order, so that two who do this at once wait for each other
/// and never in a circle.
async fn lock(work: &Work<'_>, changes: &[Change]) -> Result<Records> {
    let mut ids: BTreeMap<Kind, Vec<i64>> = BTreeMap::new();
    for change in changes {
        ids.entry(change.kind).or_default().push(change.record);
    }
    let mut records = Records::new();
    for (kind, ids) in ids {
        for (record, deleted) in work.lock_many(kind, &ids).await? {
            let found = Found {
                now: record.clone(),
                now_deleted: deleted.is_some(),
                record,
                deleted,
            };
            records.insert((kind, found.record.id), found);
        }
    }
    Ok(records)
}

/// Those of the changes that made a record on which something stands by now.
async fn later(work: &Work<'_>, id: i64, changes: &[Change]) -> Result<HashSet<i64>> {
    let made = || {
        let made = changes.iter();
        made.filter(|change| matches!(change.op.as_str(), "CREATE" | "RESTORE"))
    };
    let kinds: Vec<&str> = made().map(|change| change.kind.as_str()).collect();
    if kinds.is_empty() {
        return Ok(HashSet::new());
    }
    let records: Vec<i64> = made().map(|change| change.record).collect();
    let ids: Vec<i64> = made().map(|change| change.id).collect();
    let params: [&(dyn sindico_db::ToSql + Sync); 4] = [&kinds, &records, &ids, &id];
    let rows = work.tx.rows(&LATER, &params).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// What of a change is not as it was left.
fn check(change: &Change, found: Option<&Found>, later: bool, conflicts: &mut Vec<Conflict>) {
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
    let mut whole = |detail: &str| conflict(None, &Value::Null, Value::Null, detail);
    let Some(found) = found else {
        return whole("It is not there any more.");
    };
    match change.op.as_str() {
        _ if change.erased => whole("Personal data were erased from it."),
        "DELETE" if found.deleted.is_none() => whole("It has been restored already."),
        "DELETE" => {}
        // A merge changes what is in the bin, too; what went there since is somebody's later word.
        "UPDATE" if found.deleted.is_some_and(|at| at >= change.at) => whole("It is in the bin."),
        "CREATE" | "RESTORE" if found.deleted.is_some() => whole("It is in the bin."),
        "UPDATE" => {
            for (field, left) in &change.after {
                let Some(now) = found.record.told(field) else {
                    continue;
                };
                if now != *left {
                    conflict(Some(field), left, now, "It was changed again since.");
                }
            }
        }
        _ if later => whole("It was changed since it was made."),
        _ => {}
    }
}

/// Does the opposite, in thought, and notes it.
fn take_back(work: &mut Work<'_>, change: &Change, found: &mut Found) -> Result<()> {
    match change.op.as_str() {
        "CREATE" | "RESTORE" => {
            found.now_deleted = true;
            work.note_deleted(&found.now);
        }
        "DELETE" => {
            found.now_deleted = false;
            work.note_restored(&found.now);
        }
        _ => {
            let before = found.now.clone();
            for (field, value) in &change.before {
                found.now.tell(field, value).ok_or_else(|| {
                    Refusal::Fields(FieldErrors::one(
                        field,
                        "What it was can't be read any more.",
                    ))
                })?;
            }
            work.tx.sight().veil().permit(Some(&before), &found.now)?;
            let (was, is) = before.changed(&found.now);
            work.note(Op::Update, &found.now, was, is);
        }
    }
    Ok(())
}

/// Writes what was taken back, a statement for each kind and each sort of change. What has to be unique is
/// free before it is taken: the bin first, what comes out of it last.
async fn write(work: &Work<'_>, records: &Records) -> Result<()> {
    for &kind in Kind::ALL {
        let of_kind = || {
            let all = records.iter().filter(|((of, _), _)| *of == kind);
            all.map(|(_, found)| found)
        };
        let moved = |bin: bool| {
            let moved =
                of_kind().filter(|f| f.deleted.is_some() != f.now_deleted && f.now_deleted == bin);
            moved.map(|found| found.record.id).collect::<Vec<_>>()
        };
        let edited: Vec<(Record, Record)> = of_kind()
            .filter(|found| !found.record.differs(&found.now).is_empty())
            .map(|found| (found.record.clone(), found.now.clone()))
            .collect();
        // It may have referred to something that is in the bin by now.
        if let Some((to, id)) = work.missing(&edited).await?.into_iter().next() {
            let field = referring(&edited, to, id).unwrap_or("non_field_errors");
            let message = format!("There is no {to} with the id {id}.");
            return Err(FieldErrors::one(field, message).into());
        }
        work.bin_many(kind, &moved(true), true).await?;
        work.write_many(&edited).await?;
        work.bin_many(kind, &moved(false), false).await?;
    }
    Ok(())
}

/// The field by which one of these records refers to this one.
fn referring(edited: &[(Record, Record)], to: Kind, id: i64) -> Option<&'static str> {
    let mut fields = edited.iter().flat_map(|(_, after)| {
        let fields = after.kind.fields().iter().zip(&after.values);
        fields.filter(|(field, value)| field.ty == FieldType::Ref(to) && **value == Datum::Int(id))
    });
    fields.next().map(|(field, _)| field.name)
}
