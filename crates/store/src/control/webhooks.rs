//! What webhooks need outside of their tenant's data: the secrets that they are signed with, and which tenants'
//! data have something to tell.

use crate::statement::{self, statements};
use crate::tenant::vault::Vault;
use crate::{Result, Store};
use secrecy::SecretString;
use sindico_domain::webhook::OVERLAP_HOURS;
use sindico_secrets::Sealed;

statements! { "webhooks":
    // The one before is good for a while yet; those before that no more.
    KEEP = "WITH older AS (UPDATE webhook_secret SET until = now() + $6 * interval '1 hour'
            WHERE company_id = $1 AND name = $2 AND until IS NULL)
        INSERT INTO webhook_secret (company_id, name, key_id, wrapped_key, payload) VALUES ($1, $2, $3, $4, $5)";
    FIND = "SELECT key_id, wrapped_key, payload FROM webhook_secret
        WHERE company_id = $1 AND name = $2 AND (until IS NULL OR until > now()) ORDER BY id DESC LIMIT 3";
    FORGET = "DELETE FROM webhook_secret WHERE company_id = $1 AND name = $2";
    PURGE = "DELETE FROM webhook_secret WHERE until < now()";
    OLD_KEYS = "SELECT id, company_id, key_id, wrapped_key, payload FROM webhook_secret
        WHERE key_id <> $1 ORDER BY id LIMIT 100";
    REWRAP = "UPDATE webhook_secret SET key_id = $3, wrapped_key = $4 WHERE id = $1 AND key_id = $2";

    WATCH = "INSERT INTO webhook_chore (company_id) VALUES ($1)
        ON CONFLICT (company_id) DO UPDATE SET asked = true, wanted_at = now()";
    ASK = "UPDATE webhook_chore SET asked = true WHERE company_id = ANY ($1) AND NOT asked";
    ASK_ALL = "UPDATE webhook_chore SET asked = true WHERE NOT asked";
    CLAIM = "UPDATE webhook_chore SET asked = false, look_at = now(), lease_until = now() + interval '15 seconds'
        WHERE company_id = (SELECT company_id FROM webhook_chore
            WHERE (asked OR look_at <= now()) AND lease_until < now()
            ORDER BY look_at LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING company_id";
    HOLD = "UPDATE webhook_chore SET lease_until = now() + interval '15 seconds' WHERE company_id = $1";
    REST = "UPDATE webhook_chore SET look_at = now() + $2 * interval '1 second', lease_until = '-infinity'
        WHERE company_id = $1";
    // Long enough for whoever wanted it to write a webhook there.
    LEAVE = "DELETE FROM webhook_chore
        WHERE company_id = $1 AND NOT asked AND wanted_at < now() - interval '1 minute'";
}

/// A sealed secret, to be sealed anew.
pub(crate) struct Old {
    pub(crate) id: i64,
    pub(crate) company_id: i64,
    pub(crate) sealed: Sealed,
}

/// Keeps a secret under this name; the one before is good for a day yet.
///
/// # Errors
/// When the control database can't be reached, or there is no randomness; so with the others.
pub async fn keep_secret(
    store: &Store,
    vault: &Vault,
    (company_id, name): (i64, &str),
    secret: &SecretString,
) -> Result<()> {
    let sealed = vault.seal_of_webhooks(company_id, secret)?;
    let hours = OVERLAP_HOURS as f64;
    let params: statement::Params<'_> = &[
        &company_id,
        &name,
        &sealed.key_id,
        &sealed.wrapped_key,
        &sealed.payload,
        &hours,
    ];
    statement::execute(&store.client().await?, &KEEP, params).await?;
    Ok(())
}

/// The secrets under this name that are good, the newest first.
///
/// # Errors
/// As [`keep_secret`]; or a seal that can't be opened.
pub async fn secrets(
    store: &Store,
    vault: &Vault,
    company_id: i64,
    name: &str,
) -> Result<Vec<SecretString>> {
    let rows = statement::rows(&store.client().await?, &FIND, &[&company_id, &name]).await?;
    let open = |row: &tokio_postgres::Row| {
        let sealed = Sealed {
            key_id: row.get(0),
            wrapped_key: row.get(1),
            payload: row.get(2),
        };
        vault.open_of_webhooks(company_id, &sealed)
    };
    rows.iter().map(open).collect()
}

/// Forgets the secrets under this name.
///
/// # Errors
/// See [`keep_secret`].
pub async fn forget_secret(store: &Store, company_id: i64, name: &str) -> Result<()> {
    statement::execute(&store.client().await?, &FORGET, &[&company_id, &name]).await?;
    Ok(())
}

/// Forgets secrets that are good no more.
pub(crate) async fn purge(store: &Store) -> Result<u64> {
    statement::execute(&store.client().await?, &PURGE, &[]).await
}

pub(crate) async fn sealed_with_other_keys(store: &Store, key_id: &str) -> Result<Vec<Old>> {
    let rows = statement::rows(&store.client().await?, &OLD_KEYS, &[&key_id]).await?;
    let read = |row: &tokio_postgres::Row| Old {
        id: row.get(0),
        company_id: row.get(1),
        sealed: Sealed {
            key_id: row.get(2),
            wrapped_key: row.get(3),
            payload: row.get(4),
        },
    };
    Ok(rows.iter().map(read).collect())
}

/// Replaces the sealed key of a secret, unless somebody else did meanwhile.
pub(crate) async fn rewrap(store: &Store, old: &Old, new: &Sealed) -> Result<()> {
    let params: statement::Params<'_> =
        &[&old.id, &old.sealed.key_id, &new.key_id, &new.wrapped_key];
    statement::execute(&store.client().await?, &REWRAP, params).await?;
    Ok(())
}

/// Has programs look into this tenant's data from now on. To be asked before the webhook is written there: what is
/// written then is found, whatever happens in between.
///
/// # Errors
/// See [`keep_secret`].
pub async fn watch(store: &Store, company_id: i64) -> Result<()> {
    statement::execute(&store.client().await?, &WATCH, &[&company_id]).await?;
    Ok(())
}

/// Something is new in these tenants' data: whichever of them has webhooks is looked at.
///
/// # Errors
/// See [`keep_secret`].
pub async fn ask(store: &Store, companies: &[i64]) -> Result<u64> {
    statement::execute(&store.client().await?, &ASK, &[&companies]).await
}

/// Something may have been missed: all are looked at.
///
/// # Errors
/// See [`keep_secret`].
pub async fn ask_all(store: &Store) -> Result<()> {
    statement::execute(&store.client().await?, &ASK_ALL, &[]).await?;
    Ok(())
}

/// Takes a tenant that is to be looked at, for fifteen seconds.
///
/// # Errors
/// See [`keep_secret`].
pub async fn claim(store: &Store) -> Result<Option<i64>> {
    let rows = statement::rows(&store.client().await?, &CLAIM, &[]).await?;
    Ok(rows.first().map(|row| row.get(0)))
}

/// Keeps it for fifteen seconds more.
///
/// # Errors
/// See [`keep_secret`].
pub async fn hold(store: &Store, company_id: i64) -> Result<()> {
    statement::execute(&store.client().await?, &HOLD, &[&company_id]).await?;
    Ok(())
}

/// Gives it back, for who looks after so many seconds; at once, if somebody has asked meanwhile.
///
/// # Errors
/// See [`keep_secret`].
pub async fn rest(store: &Store, company_id: i64, seconds: f64) -> Result<()> {
    let client = store.client().await?;
    statement::execute(&client, &REST, &[&company_id, &seconds]).await?;
    Ok(())
}

/// It has no webhooks: nobody looks any more, unless somebody is about to make one.
///
/// # Errors
/// See [`keep_secret`].
pub async fn leave(store: &Store, company_id: i64) -> Result<()> {
    let client = store.client().await?;
    statement::execute(&client, &LEAVE, &[&company_id]).await?;
    statement::execute(&client, &REST, &[&company_id, &60.0_f64]).await?;
    Ok(())
}
