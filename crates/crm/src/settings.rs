//! The history of a company's settings that are no records: who did what, written once, in the transaction that
//! does it; and the way back.

use crate::work::{By, support_of};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use sindico_db::{Result, Row, Statement, TenantConnection, TenantTransaction, ToSql};
use sindico_domain::setting::Setting;
use sindico_domain::{FieldErrors, Refusal};
use utoipa::ToSchema;

sindico_db::statements! { "settings":
    NOTE = "INSERT INTO setting_change
            (what, what_id, action, user_id, username, address, request_id, support, before, after)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    LAST = "SELECT before FROM setting_change WHERE what = $1 AND what_id = $2 ORDER BY id DESC LIMIT 1";
    EDITED = "SELECT before FROM setting_change WHERE what = $1 AND what_id = $2 AND action = 'update'
        ORDER BY id DESC LIMIT 1";
    HISTORY = "SELECT action, user_id, username, at, before, after FROM setting_change
        WHERE what = $1 AND what_id = $2 ORDER BY id DESC LIMIT $3";
    // Those who make such settings do so one after the other.
    ALONE = "SELECT pg_advisory_xact_lock(hashtextextended($1, current_company()))";
}

pub(crate) fn statements() -> Vec<Statement> {
    STATEMENTS.to_vec()
}

/// Something that was done to a setting.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SettingChange {
    /// What was done, such as `update`.
    pub action: String,
    /// Who, unless the program itself.
    pub user: Option<i64>,
    /// Their name.
    pub username: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// As it was; null for one that was made.
    #[schema(value_type = Option<Object>)]
    pub before: Option<Value>,
    /// As it was then; null for one that was deleted.
    #[schema(value_type = Option<Object>)]
    pub after: Option<Value>,
}

/// What was done to a setting, the latest first, at most so many.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn history(
    data: &TenantConnection,
    (what, id): (Setting, i64),
    most: i64,
) -> Result<Vec<SettingChange>> {
    let rows = data.rows(&HISTORY, &[&what.as_str(), &id, &most]).await?;
    let read = |row: &Row| SettingChange {
        action: row.get(0),
        user: row.get(1),
        username: row.get(2),
        at: row.get(3),
        before: row.get(4),
        after: row.get(5),
    };
    Ok(rows.iter().map(read).collect())
}

/// Writes down what was done.
pub(crate) async fn note(
    tx: &TenantTransaction,
    by: By<'_>,
    (what, id, action): (Setting, i64, &str),
    before: Option<Value>,
    after: Option<Value>,
) -> Result<()> {
    let actor = by.actor;
    let address = actor.address.map(|address| address.to_string());
    let params: [&(dyn ToSql + Sync); 10] = [
        &what.as_str(),
        &id,
        &action,
        &actor.user_id,
        &actor.name,
        &address,
        &actor.request_id,
        &support_of(actor),
        &before,
        &after,
    ];
    tx.execute(&NOTE, &params).await?;
    Ok(())
}

/// As it was before its last change; `None` when it has none.
pub(crate) async fn last(tx: &TenantTransaction, what: Setting, id: i64) -> Result<Option<Value>> {
    let row = tx.row(&LAST, &[&what.as_str(), &id]).await?;
    Ok(row.and_then(|row| row.get(0)))
}

/// As it was before somebody edited it last.
///
/// # Errors
/// One that was never edited has nothing to be taken back.
pub(crate) async fn before_edit(
    data: &TenantConnection,
    what: Setting,
    id: i64,
) -> Result<Map<String, Value>> {
    let row = data.row(&EDITED, &[&what.as_str(), &id]).await?;
    match row.and_then(|row| row.get::<_, Option<Value>>(0)) {
        Some(Value::Object(before)) => Ok(before),
        _ => Err(Refusal::Conflict {
            detail: "It was not changed since it was made: there is nothing to take back."
                .to_owned(),
            location: None,
        }
        .into()),
    }
}

/// Refuses one more than a company may have; further ones wait until this transaction ends, so that two made at once
/// are not one too many.
pub(crate) async fn room(
    tx: &TenantTransaction,
    what: Setting,
    (count, most): (&Statement, i64),
) -> Result<()> {
    tx.one(&ALONE, &[&what.as_str()]).await?;
    let n: i64 = tx.one(count, &[]).await?.get(0);
    if n >= most {
        let message = format!("A company has at most {most} of these. Delete one first.");
        return Err(FieldErrors::whole(message).into());
    }
    Ok(())
}
