//! API tokens: shown once, kept as SHA-256, valid until revoked.

use super::access::Known;
use super::audit::{self, NewEvent};
use super::members::role;
use super::users::{self, UNKNOWN_USER};
use super::{secrets, users::read_user};
use crate::statement::{self, statements};
use crate::{Result, Store};
use deadpool_postgres::Transaction;
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::json;
use sindico_domain::FieldErrors;
use sindico_domain::access::{Actor, Role, User};
use tokio_postgres::Row;

statements! { "tokens":
    INSERT = "INSERT INTO auth_token (user_id, digest, name) VALUES ($1, $2, $3) RETURNING id";
    OF_USER = "SELECT id, name, created_at, last_used_at FROM auth_token
        WHERE user_id = $1 AND revoked_at IS NULL ORDER BY id DESC LIMIT 200";
    REVOKE_OWN = "UPDATE auth_token t SET revoked_at = now() FROM app_user u
        WHERE t.id = $1 AND t.user_id = $2 AND t.revoked_at IS NULL AND u.id = t.user_id
        RETURNING t.id, u.username";
    AUTHENTICATE = "SELECT u.id, u.username, u.email, u.is_staff, u.is_superuser, t.id,
            coalesce(t.last_used_at < now() - interval '1 minute', true), m.role
        FROM auth_token t JOIN app_user u ON u.id = t.user_id
        LEFT JOIN company_membership m ON m.company_id = $2 AND m.user_id = u.id AND m.is_active
        WHERE t.digest = $1 AND t.revoked_at IS NULL AND u.is_active";
    // Asks again, so that of many requests at once one writes; the others don't wait for it.
    TOUCH = "UPDATE auth_token SET last_used_at = now() WHERE id IN (
        SELECT id FROM auth_token WHERE id = $1
            AND coalesce(last_used_at < now() - interval '1 minute', true)
        FOR NO KEY UPDATE SKIP LOCKED)";
    REVOKE = "UPDATE auth_token t SET revoked_at = now() FROM app_user u
        WHERE t.digest = $1 AND t.revoked_at IS NULL AND u.id = t.user_id
        RETURNING t.id, u.username";
    // What became of a token stands in the audit.
    PURGE = "DELETE FROM auth_token WHERE revoked_at < now() - interval '30 days'";
}

/// How long the name of a token may be.
pub const NAME_MAX: usize = 100;

/// A token as its user sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnToken {
    /// Id.
    pub id: i64,
    /// What its user calls it; nothing for one that was made by a program.
    pub name: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// Makes a token of a user and returns it, for this one time.
///
/// # Errors
/// An unknown or inactive user is refused on `username`; or the database can't be reached.
pub async fn create(store: &Store, actor: &Actor, user_id: i64) -> Result<SecretString> {
    create_named(store, actor, user_id, "").await
}

/// The same, with a name by which its user will know it.
///
/// # Errors
/// As [`create`].
pub async fn create_named(
    store: &Store,
    actor: &Actor,
    user_id: i64,
    name: &str,
) -> Result<SecretString> {
    let (token, digest) = secrets::generate()?;
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    let Some(user) = users::hold(&tx, user_id).await? else {
        return Err(FieldErrors::one("username", UNKNOWN_USER).into());
    };
    let id: i64 = statement::one(&tx, &INSERT, &[&user_id, &digest, &name])
        .await?
        .get(0);
    let event = NewEvent {
        action: "token.create",
        company_id: None,
        subject: format!("user {}", user.username),
        before: None,
        after: Some(match name {
            "" => json!({ "token_id": id }),
            name => json!({ "token_id": id, "name": name }),
        }),
    };
    audit::record(&tx, actor, event).await?;
    tx.commit().await?;
    Ok(token)
}

/// The active user whose token this is, with their role in a company if one is named and they are an
/// active member of it, in one statement. `None` for a token that is unknown or
/// revoked, or whose user is not active.
///
/// # Errors
/// When the database can't be reached.
pub async fn authenticate(
    store: &Store,
    presented: &str,
    company_id: Option<i64>,
) -> Result<Option<(User, Option<Role>)>> {
    let Some(digest) = secrets::digest(presented) else {
        return Ok(None);
    };
    let generation = store.memory().generation();
    let params: statement::Params<'_> = &[&digest, &company_id];
    let row = statement::row(&store.client().await?, &AUTHENTICATE, params).await?;
    Ok(row.map(|row| {
        if row.get(6) {
            secrets::touch_later(store, &TOUCH, row.get(5));
        }
        let known = Known {
            user: read_user(&row),
            role: role(&row, 7),
            session: None,
        };
        let memory = store.memory();
        memory.remember(generation, (digest, company_id), known.clone());
        (known.user, known.role)
    }))
}

/// What [`authenticate`] said a moment ago, if nothing has changed since; for requests that only read.
pub fn recall(
    store: &Store,
    presented: &str,
    company_id: Option<i64>,
) -> Option<(User, Option<Role>)> {
    let digest = secrets::digest(presented)?;
    let known = store.memory().recall(&(digest, company_id))?;
    Some((known.user, known.role))
}

/// Revokes the presented token; whether it was valid until now.
///
/// # Errors
/// When the database can't be reached.
pub async fn revoke(store: &Store, actor: &Actor, presented: &str) -> Result<bool> {
    let Some(digest) = secrets::digest(presented) else {
        return Ok(false);
    };
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    match statement::row(&tx, &REVOKE, &[&digest]).await? {
        Some(row) => revoked(store, actor, tx, &row).await,
        None => Ok(false),
    }
}

/// The tokens of a user that are valid, newest first.
///
/// # Errors
/// When the database can't be reached.
pub async fn of_user(store: &Store, user_id: i64) -> Result<Vec<OwnToken>> {
    let rows = statement::rows(&store.client().await?, &OF_USER, &[&user_id]).await?;
    let read = |row: &Row| OwnToken {
        id: row.get(0),
        name: row.get(1),
        created_at: row.get(2),
        last_used_at: row.get(3),
    };
    Ok(rows.iter().map(read).collect())
}

/// Revokes one of a user's own tokens; whether it was theirs, and valid until now.
///
/// # Errors
/// When the database can't be reached.
pub async fn revoke_own(store: &Store, actor: &Actor, user_id: i64, id: i64) -> Result<bool> {
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    match statement::row(&tx, &REVOKE_OWN, &[&id, &user_id]).await? {
        Some(row) => revoked(store, actor, tx, &row).await,
        None => Ok(false),
    }
}

async fn revoked(store: &Store, actor: &Actor, tx: Transaction<'_>, row: &Row) -> Result<bool> {
    let event = NewEvent {
        action: "token.revoke",
        company_id: None,
        subject: format!("user {}", row.get::<_, &str>(1)),
        before: Some(json!({ "token_id": row.get::<_, i64>(0) })),
        after: None,
    };
    audit::record(&tx, actor, event).await?;
    tx.commit().await?;
    store.memory().forget();
    Ok(true)
}

/// Forgets tokens that were revoked a month ago.
pub(crate) async fn purge(store: &Store) -> Result<u64> {
    statement::execute(&store.client().await?, &PURGE, &[]).await
}
