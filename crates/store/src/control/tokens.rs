//! API tokens: shown once, kept as SHA-256, valid until they end or are revoked, for what they were made for.

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
use sindico_domain::access::scopes::{Scopes, Wish};
use sindico_domain::access::{Actor, Role, User};
use tokio_postgres::Row;

statements! { "tokens":
    INSERT = "INSERT INTO auth_token (user_id, digest, name, scopes, expires_at)
        VALUES ($1, $2, $3, $4, now() + $5::bigint * interval '1 day') RETURNING id";
    OF_USER = "SELECT id, name, created_at, last_used_at, scopes, expires_at FROM auth_token
        WHERE user_id = $1 AND revoked_at IS NULL ORDER BY id DESC LIMIT 200";
    REVOKE_OWN = "UPDATE auth_token t SET revoked_at = now() FROM app_user u
        WHERE t.id = $1 AND t.user_id = $2 AND t.revoked_at IS NULL AND u.id = t.user_id
        RETURNING t.id, u.username";
    AUTHENTICATE = "SELECT u.id, u.username, u.email, u.is_staff, u.is_superuser, t.id,
            coalesce(t.last_used_at < now() - interval '1 minute', true), m.role, t.scopes
        FROM auth_token t JOIN app_user u ON u.id = t.user_id
        LEFT JOIN company_membership m ON m.company_id = $2 AND m.user_id = u.id AND m.is_active
        WHERE t.digest = $1 AND t.revoked_at IS NULL AND u.is_active AND (t.expires_at IS NULL OR t.expires_at > now())";
    // Asks again, so that of many requests at once one writes; the others don't wait for it.
    TOUCH = "UPDATE auth_token SET last_used_at = now() WHERE id IN (
        SELECT id FROM auth_token WHERE id = $1
            AND coalesce(last_used_at < now() - interval '1 minute', true)
        FOR NO KEY UPDATE SKIP LOCKED)";
    REVOKE = "UPDATE auth_token t SET revoked_at = now() FROM app_user u
        WHERE t.digest = $1 AND t.revoked_at IS NULL AND u.id = t.user_id
        RETURNING t.id, u.username";
    // What became of a token stands in the audit.
    PURGE = "DELETE FROM auth_token
        WHERE revoked_at < now() - interval '30 days' OR expires_at < now() - interval '30 days'";
}

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
    /// What it may be used for.
    pub scopes: Scopes,
    /// Until when it is good.
    pub expires_at: Option<Timestamp>,
}

/// Whose a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    /// The user.
    pub user: User,
    /// Their role in the company that was asked for.
    pub role: Option<Role>,
    /// What the token may be used for.
    pub scopes: Scopes,
}

/// Makes a token of a user and returns it, for this one time.
///
/// # Errors
/// An unknown or inactive user is refused on `username`; or the database can't be reached.
pub async fn create(store: &Store, actor: &Actor, user_id: i64) -> Result<SecretString> {
    create_with(store, actor, user_id, &Wish::default()).await
}

/// The same, as somebody wants it: with a name by which its user will know it, limits and an end.
///
/// # Errors
/// As [`create`].
pub async fn create_with(
    store: &Store,
    actor: &Actor,
    user_id: i64,
    wish: &Wish,
) -> Result<SecretString> {
    let (token, digest) = secrets::generate()?;
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    let Some(user) = users::hold(&tx, user_id).await? else {
        return Err(FieldErrors::one("username", UNKNOWN_USER).into());
    };
    let scopes = wish.scopes.names();
    let params: statement::Params<'_> = &[&user_id, &digest, &wish.name, &scopes, &wish.days];
    let id: i64 = statement::one(&tx, &INSERT, params).await?.get(0);
    let mut told = json!({ "token_id": id });
    if !wish.name.is_empty() {
        told["name"] = json!(wish.name);
    }
    if let Some(scopes) = &scopes {
        told["scopes"] = json!(scopes);
    }
    if let Some(days) = wish.days {
        told["days"] = json!(days);
    }
    let event = NewEvent {
        action: "token.create",
        company_id: None,
        subject: format!("user {}", user.username),
        before: None,
        after: Some(told),
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
) -> Result<Option<Bearer>> {
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
            scopes: scopes(&row, 8),
            session: None,
        };
        let memory = store.memory();
        memory.remember(generation, (digest, company_id), known.clone());
        bearer(known)
    }))
}

/// What [`authenticate`] said a moment ago, if nothing has changed since; for requests that only read.
pub fn recall(store: &Store, presented: &str, company_id: Option<i64>) -> Option<Bearer> {
    let digest = secrets::digest(presented)?;
    let known = store.memory().recall(&(digest, company_id))?;
    Some(bearer(known))
}

fn bearer(known: Known) -> Bearer {
    Bearer {
        user: known.user,
        role: known.role,
        scopes: known.scopes,
    }
}

fn scopes(row: &Row, column: usize) -> Scopes {
    let names: Option<Vec<String>> = row.get(column);
    Scopes::of(names.as_deref())
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
        scopes: scopes(row, 4),
        expires_at: row.get(5),
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
