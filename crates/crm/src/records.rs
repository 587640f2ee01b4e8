//! Records of any kind: read, created, changed, put into the bin and taken out of it.

use crate::assignment::Assigning;
use crate::idempotency;
use crate::model;
use crate::row::Listed;
use crate::work::{By, Work};
use serde_json::Value;
use sindico_db::idempotency::{Key, Once};
use sindico_db::{Error, Result, TenantConnection};
use sindico_domain::Refusal;
use sindico_domain::crm::draft::Draft;
use sindico_domain::crm::pipeline::Pipelines;
use sindico_domain::crm::{Kind, Record};
use sindico_domain::precondition::Precondition;
use std::collections::HashMap;

/// The record with this id, in one round trip; `None` when there is none, or it is in the bin.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn find(data: &TenantConnection, kind: Kind, id: i64) -> Result<Option<Listed>> {
    let row = data.row(&model::of(kind).find, &[&id]).await?;
    Ok(row.map(|row| Listed { kind, row }))
}

/// Creates a record; its answer as JSON, since a repeated request gets the first one's.
///
/// # Errors
/// What the rules refuse, by field; a key that was used with another request; or the tenant's place
/// can't be reached.
pub async fn create(
    data: &TenantConnection,
    by: By<'_>,
    record: Record,
    key: Option<&Key>,
) -> Result<Once<Value>> {
    let mut work = Work::begin(data, by).await?;
    if let Some(earlier) = idempotency::begin(&work.tx, key).await? {
        return Ok(earlier);
    }
    data.sight().veil().permit(None, &record)?;
    let made = work.create(record).await?;
    work.record(&format!("{}.create", made.kind), None).await?;
    let told = work.told(&made)?;
    work.finish(key, told, made.version).await
}

/// Creates a lead that nobody was named for, as [`create`]: it is of whom the company's rules say.
///
/// # Errors
/// As [`create`].
pub async fn create_open(
    data: &TenantConnection,
    by: By<'_>,
    record: Record,
    assigning: &Assigning,
    key: Option<&Key>,
) -> Result<Once<Value>> {
    let mut work = Work::begin(data, by).await?;
    if let Some(earlier) = idempotency::begin(&work.tx, key).await? {
        return Ok(earlier);
    }
    data.sight().veil().permit(None, &record)?;
    let made = work.create_open(record, assigning).await?;
    work.record("lead.create", None).await?;
    let told = work.told(&made)?;
    work.finish(key, told, made.version).await
}

/// Changes a record; `None` when there is none with this id. A change that changes nothing leaves its
/// version. `members` are those active ones whom the draft names.
///
/// # Errors
/// As [`create`]; `PreconditionFailed` when it is not at the version that the caller means.
pub async fn change(
    data: &TenantConnection,
    by: By<'_>,
    at: (Kind, i64),
    draft: &Draft,
    members: &HashMap<i64, String>,
    condition: &Precondition,
) -> Result<Option<Once<Value>>> {
    let act = Act {
        name: "update",
        condition,
        key: None,
    };
    edit(data, by, at, act, |record, _| {
        Ok(draft.apply(record, members)?)
    })
    .await
}

/// A named act on one record.
pub(crate) struct Act<'a> {
    /// What the history calls it.
    pub(crate) name: &'a str,
    /// The version that the caller means.
    pub(crate) condition: &'a Precondition,
    /// The caller's key, for an act that is asked for by POST.
    pub(crate) key: Option<&'a Key>,
}

/// Changes a record by a named act: its own words refuse what can't be done. It is told what the company has
/// set up.
pub(crate) async fn edit(
    data: &TenantConnection,
    by: By<'_>,
    at: (Kind, i64),
    act: Act<'_>,
    change: impl FnOnce(&mut Record, &Pipelines) -> Result<(), Refusal>,
) -> Result<Option<Once<Value>>> {
    let mut work = Work::begin(data, by).await?;
    if let Some(earlier) = idempotency::begin(&work.tx, act.key).await? {
        return Ok(Some(earlier));
    }
    let Some(before) = work.lock_at(at, act.condition).await? else {
        return Ok(None);
    };
    let mut after = before.clone();
    change(&mut after, work.rules(at.0).await?.pipelines)?;
    data.sight().veil().keep(&before, &mut after);
    let changed = work.update(&before, after).await?;
    work.record(&format!("{}.{}", at.0, act.name), None).await?;
    let told = work.told(&changed)?;
    Ok(Some(work.finish(act.key, told, changed.version).await?))
}

/// Puts a record into the bin; the change set, or `None` when there is no such record.
///
/// # Errors
/// As [`change`].
pub async fn remove(
    data: &TenantConnection,
    by: By<'_>,
    at: (Kind, i64),
    condition: &Precondition,
) -> Result<Option<i64>> {
    let mut work = Work::begin(data, by).await?;
    let Some(record) = work.lock_at(at, condition).await? else {
        return Ok(None);
    };
    work.delete(&record).await?;
    let change_set = work.record(&format!("{}.delete", at.0), None).await?;
    work.commit().await?;
    Ok(change_set)
}

/// Takes a record out of the bin; `None` when it is not there.
///
/// # Errors
/// As [`create`]: what is unique may have been taken meanwhile.
pub async fn restore(
    data: &TenantConnection,
    by: By<'_>,
    at: (Kind, i64),
    key: Option<&Key>,
) -> Result<Option<Once<Value>>> {
    let mut work = Work::begin(data, by).await?;
    if let Some(earlier) = idempotency::begin(&work.tx, key).await? {
        return Ok(Some(earlier));
    }
    let Some((record, Some(_))) = work.lock_any(at.0, at.1).await? else {
        return Ok(None);
    };
    let restored = work.restore(&record).await?;
    work.record(&format!("{}.restore", at.0), None).await?;
    let told = work.told(&restored)?;
    Ok(Some(work.finish(key, told, restored.version).await?))
}

pub(crate) fn json(value: &impl serde::Serialize) -> Result<Value> {
    serde_json::to_value(value).map_err(|error| Error::Internal(error.to_string()))
}
