//! `Idempotency-Key`: the answer is saved in the transaction of its effect, so a repeated request
//! gets the first one's answer, or, if that left no effect, is carried out.

use crate::statement::{self, statements};
use crate::{Error, Result, Store};
use deadpool_postgres::GenericClient;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sindico_domain::Refusal;

pub use sindico_db::idempotency::{Key, Once};

statements! { "idempotency":
    // Waits for a transaction that holds the same key: then either its answer is there, or not.
    CLAIM = "INSERT INTO idempotency_key (caller, key, fingerprint) VALUES ($1, $2, $3)
        ON CONFLICT DO NOTHING";
    FIND = "SELECT fingerprint, body, version FROM idempotency_key WHERE caller = $1 AND key = $2";
    SAVE = "UPDATE idempotency_key SET body = $3, version = $4 WHERE caller = $1 AND key = $2";
    FORGET = "DELETE FROM idempotency_key WHERE created_at < now() - interval '24 hours'";
}

/// Claims the key in the caller's transaction; the earlier answer when it was used before.
///
/// # Errors
/// [`Refusal::KeyReused`] when it was used with another request.
pub(crate) async fn begin<T: DeserializeOwned>(
    tx: &impl GenericClient,
    key: Option<&Key>,
) -> Result<Option<Once<T>>> {
    let Some(key) = key else { return Ok(None) };
    let fresh = statement::execute(tx, &CLAIM, &[&key.caller, &key.key, &key.fingerprint]).await?;
    if fresh == 1 {
        return Ok(None);
    }
    let row = statement::one(tx, &FIND, &[&key.caller, &key.key]).await?;
    if row.get::<_, Vec<u8>>("fingerprint") != key.fingerprint {
        return Err(Refusal::KeyReused.into());
    }
    let body: Option<serde_json::Value> = row.get("body");
    let value = serde_json::from_value(body.unwrap_or_default())
        .map_err(|e| Error::Internal(format!("a saved answer can't be read: {e}")))?;
    Ok(Some(Once {
        value,
        version: row.get::<_, Option<i64>>("version").unwrap_or(0),
        replayed: true,
        change_set: None,
    }))
}

/// Saves the answer under the key that [`begin`] claimed in the same transaction.
pub(crate) async fn finish<T: Serialize>(
    tx: &impl GenericClient,
    key: Option<&Key>,
    value: T,
    version: i64,
) -> Result<Once<T>> {
    if let Some(key) = key {
        let body = serde_json::to_value(&value).map_err(|e| Error::Internal(e.to_string()))?;
        statement::execute(tx, &SAVE, &[&key.caller, &key.key, &body, &version]).await?;
    }
    Ok(Once {
        value,
        version,
        replayed: false,
        change_set: None,
    })
}

/// Forgets keys older than a day.
///
/// # Errors
/// When the database can't be reached.
pub async fn forget_old(store: &Store) -> Result<u64> {
    statement::execute(&store.client().await?, &FORGET, &[]).await
}
