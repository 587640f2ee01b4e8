//! `Idempotency-Key` in a tenant's place: the answer is saved in the transaction of its effect.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sindico_db::idempotency::{Key, Once};
use sindico_db::{Error, Result, Statement, TenantTransaction};
use sindico_domain::Refusal;

sindico_db::statements! { "idempotency":
    // Waits for a transaction that holds the same key: then either its answer is there, or not.
    CLAIM = "INSERT INTO idempotency_key (caller, key, fingerprint) VALUES ($1, $2, $3)
        ON CONFLICT DO NOTHING";
    FIND = "SELECT fingerprint, body, version FROM idempotency_key WHERE caller = $1 AND key = $2";
    SAVE = "UPDATE idempotency_key SET body = $3, version = $4 WHERE caller = $1 AND key = $2";
    // Nobody repeats a request after a day.
    FORGET = "DELETE FROM idempotency_key WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM idempotency_key WHERE created_at < now() - interval '24 hours' LIMIT 100))";
}

pub(crate) fn statements() -> &'static [Statement] {
    STATEMENTS
}

/// Claims the key in the caller's transaction; the earlier answer when it was used before.
///
/// # Errors
/// [`Refusal::KeyReused`] when it was used with another request.
pub(crate) async fn begin<T: DeserializeOwned>(
    tx: &TenantTransaction,
    key: Option<&Key>,
) -> Result<Option<Once<T>>> {
    let Some(key) = key else { return Ok(None) };
    tx.execute(&FORGET, &[]).await?;
    let params: [&(dyn sindico_db::ToSql + Sync); 3] = [&key.caller, &key.key, &key.fingerprint];
    if tx.execute(&CLAIM, &params).await? == 1 {
        return Ok(None);
    }
    let row = tx.one(&FIND, &[&key.caller, &key.key]).await?;
    if row.get::<_, Vec<u8>>(0) != key.fingerprint {
        return Err(Refusal::KeyReused.into());
    }
    let body: Option<serde_json::Value> = row.get(1);
    let value = serde_json::from_value(body.unwrap_or_default())
        .map_err(|e| Error::Internal(format!("a saved answer can't be read: {e}")))?;
    Ok(Some(Once {
        value,
        version: row.get::<_, Option<i64>>(2).unwrap_or(0),
        replayed: true,
        change_set: None,
    }))
}

/// Saves the answer under the key that [`begin`] claimed in the same transaction.
pub(crate) async fn finish<T: Serialize>(
    tx: &TenantTransaction,
    key: Option<&Key>,
    value: T,
    version: i64,
) -> Result<Once<T>> {
    if let Some(key) = key {
        let body = serde_json::to_value(&value).map_err(|e| Error::Internal(e.to_string()))?;
        let params: [&(dyn sindico_db::ToSql + Sync); 4] = [&key.caller, &key.key, &body, &version];
        tx.execute(&SAVE, &params).await?;
    }
    Ok(Once {
        value,
        version,
        replayed: false,
        change_set: None,
    })
}
