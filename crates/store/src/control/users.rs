//! Accounts of people: creation, passwords, memberships.
//!
//! Names and addresses are compared without regard to letter case, by ICU's rules: those of the
//! database's own locale may know ASCII only.

use super::audit::{self, NewEvent};
use super::throttle::{self, PASSWORD_CHANGE};
use super::{passwords, resets, sessions};
use crate::control::tenants::word;
use crate::statement::{self, statements};
use crate::{Result, Store};
use deadpool_postgres::GenericClient;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sindico_domain::access::{Actor, Membership, User};
use sindico_domain::account::{self, NewUser};
use sindico_domain::{FieldErrors, Refusal};
use std::sync::Arc;
use tokio_postgres::Row;

/// What to say of a user name that nobody has, or nobody who is active.
pub const UNKNOWN_USER: &str = "No active user has this name.";

/// What to say of a password that is not the account's.
pub(crate) const WRONG_PASSWORD: &str = "This is not your current password.";

statements! { "users":
    INSERT = "INSERT INTO app_user (username, email, password_hash, is_staff, is_superuser, password_changed_at)
        VALUES ($1, $2, $3, $4, $5, now())
        RETURNING id, username, email, is_staff, is_superuser";
    FIND = "SELECT id, username, email, is_staff, is_superuser FROM app_user
        WHERE id = $1 AND is_active";
    FIND_BY_USERNAME = "SELECT id, username, email, is_staff, is_superuser FROM app_user
        WHERE lower(username COLLATE \"und-x-icu\") = lower($1 COLLATE \"und-x-icu\") AND is_active";
    // Keeps the account as it is until the transaction ends.
    HOLD = "SELECT id, username, email, is_staff, is_superuser FROM app_user
        WHERE id = $1 AND is_active FOR SHARE";
    PASSWORD = "SELECT password_hash FROM app_user WHERE id = $1 AND is_active";
    // $3: the hash that was verified, unless none had to be. A change in between wins.
    SET_PASSWORD = "UPDATE app_user
        SET password_hash = $2, password_changed_at = now(), updated_at = now()
        WHERE id = $1 AND is_active AND ($3::text IS NULL OR password_hash = $3)";
    MEMBERSHIPS = "SELECT c.id, c.name, c.tenant_code, m.role
        FROM company_membership m JOIN company c ON c.id = m.company_id
        WHERE m.user_id = $1 AND m.is_active AND c.is_active ORDER BY c.name, c.id";
}

/// Creates an account.
///
/// # Errors
/// A name or address that is taken, or a password against the rules, is refused on its field; or
/// the database can't be reached.
pub async fn create(
    store: &Store,
    actor: &Actor,
    new: &NewUser,
    password: &SecretString,
) -> Result<User> {
    check_password("password", password, &new.username, &new.email)?;
    let hash = passwords::hash(password).await?;
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    let row = statement::one(
        &tx,
        &INSERT,
        &[
            &new.username,
            &new.email,
            &hash,
            &new.is_staff,
            &new.is_superuser,
        ],
    )
    .await?;
    let user = read_user(&row);
    let event = NewEvent {
        action: "user.create",
        company_id: None,
        subject: format!("user {}", user.username),
        before: None,
        after: Some(json!({
            "id": user.id,
            "username": user.username,
            "email": user.email,
            "is_staff": user.is_staff,
            "is_superuser": user.is_superuser,
        })),
    };
    audit::record(&tx, actor, event).await?;
    tx.commit().await?;
    Ok(user)
}

/// The active user with this id.
///
/// # Errors
/// When the database can't be reached.
pub async fn find(store: &Store, id: i64) -> Result<Option<User>> {
    let row = statement::row(&store.client().await?, &FIND, &[&id]).await?;
    Ok(row.as_ref().map(read_user))
}

/// The active user with this name, whatever its letter case.
///
/// # Errors
/// When the database can't be reached.
pub async fn find_by_username(store: &Store, username: &str) -> Result<Option<User>> {
    // What is no name is nobody's name; nor would PostgreSQL take every text.
    let Ok(username) = account::username(username) else {
        return Ok(None);
    };
    let row = statement::row(&store.client().await?, &FIND_BY_USERNAME, &[&username]).await?;
    Ok(row.as_ref().map(read_user))
}

/// Changes a user's own password. Ends all their sessions but the current one, and voids links
/// for a reset; their API tokens stay valid, since programs that run with them have nothing to do
/// with the password: whoever fears for a token revokes it.
///
/// # Errors
/// A wrong `old_password`, or a `new_password` against the rules, is refused on its field; after
/// many wrong ones [`Refusal::TooManyRequests`]; or the database can't be reached.
pub async fn change_password(
    store: &Store,
    actor: &Actor,
    user_id: i64,
    old: &SecretString,
    new: &SecretString,
    current_session: Option<i64>,
) -> Result<()> {
    let gone = || Refusal::Unauthenticated("This account is not active.".to_owned());
    let user = find(store, user_id).await?.ok_or_else(gone)?;
    let account = user.id.to_string();
    let attempt = throttle::reserve(store, &PASSWORD_CHANGE, &account).await?;
    let row = statement::row(&store.client().await?, &PASSWORD, &[&user_id]).await?;
    let stored: Option<String> = row.and_then(|row| row.get(0));
    if !passwords::verify(old, stored.clone()).await? {
        return Err(FieldErrors::one("old_password", WRONG_PASSWORD).into());
    }
    attempt.refund(store).await?;
    check_password("new_password", new, &user.username, &user.email)?;
    let hash = passwords::hash(new).await?;

    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    write_password(&tx, &user, &hash, stored.as_deref()).await?;
    let ended = sessions::revoke_others(&tx, user_id, current_session).await?;
    resets::void(&tx, user_id).await?;
    record_password(&tx, actor, "user.change_password", &user, ended).await?;
    tx.commit().await?;
    store.memory().forget();
    Ok(())
}

/// Sets a user's password without the old one (an operator, or [`resets::confirm`]), and ends all
/// their sessions. API tokens stay valid, as with [`change_password`].
///
/// # Errors
/// A password against the rules is refused on `new_password`; [`Refusal::NotFound`] for an unknown
/// or inactive user; or the database can't be reached.
pub async fn set_password(
    store: &Store,
    actor: &Actor,
    user_id: i64,
    new: &SecretString,
) -> Result<()> {
    let user = find(store, user_id).await?.ok_or(Refusal::NotFound)?;
    check_password("new_password", new, &user.username, &user.email)?;
    let hash = passwords::hash(new).await?;
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    replace_password(&tx, actor, &user, &hash).await?;
    tx.commit().await?;
    store.memory().forget();
    Ok(())
}

/// The part of [`set_password`] inside a transaction.
pub(crate) async fn replace_password(
    tx: &impl GenericClient,
    actor: &Actor,
    user: &User,
    hash: &str,
) -> Result<()> {
    write_password(tx, user, hash, None).await?;
    let ended = sessions::revoke_others(tx, user.id, None).await?;
    resets::void(tx, user.id).await?;
    record_password(tx, actor, "user.set_password", user, ended).await
}

/// A user's places in active companies, by company name (`GET /api/auth/me/`).
///
/// # Errors
/// When the database can't be reached.
pub async fn memberships(store: &Store, user_id: i64) -> Result<Vec<Membership>> {
    let rows = statement::rows(&store.client().await?, &MEMBERSHIPS, &[&user_id]).await?;
    Ok(rows.iter().map(read_membership).collect())
}

/// The same as it was known a moment ago: for menus, which open nothing.
///
/// # Errors
/// When the database can't be reached.
pub async fn places(store: &Store, user_id: i64) -> Result<Arc<[Membership]>> {
    if let Some(places) = store.memory().recall_places(user_id) {
        return Ok(places);
    }
    let generation = store.memory().generation();
    let places: Arc<[Membership]> = memberships(store, user_id).await?.into();
    store.memory().remember_places(generation, user_id, &places);
    Ok(places)
}

/// The active user with this id, held as it is until the transaction ends.
pub(crate) async fn hold(tx: &impl GenericClient, id: i64) -> Result<Option<User>> {
    let row = statement::row(tx, &HOLD, &[&id]).await?;
    Ok(row.as_ref().map(read_user))
}

/// Checks a new password against the rules; the error stands at `field`.
pub(crate) fn check_password(
    field: &str,
    password: &SecretString,
    username: &str,
    email: &str,
) -> Result<(), FieldErrors> {
    account::new_password(password.expose_secret(), username, email)
        .map_err(|message| FieldErrors::one(field, message))
}

/// Reads id, username, email, `is_staff`, `is_superuser` from the first five columns.
pub(crate) fn read_user(row: &Row) -> User {
    User {
        id: row.get(0),
        username: row.get(1),
        email: row.get(2),
        is_staff: row.get(3),
        is_superuser: row.get(4),
    }
}

/// Reads company id, name, code, and role from the first four columns.
pub(crate) fn read_membership(row: &Row) -> Membership {
    Membership {
        company_id: row.get(0),
        company_name: row.get(1),
        tenant_code: row.get(2),
        role: word(row, 3),
    }
}

async fn write_password(
    tx: &impl GenericClient,
    user: &User,
    hash: &str,
    verified: Option<&str>,
) -> Result<()> {
    let changed = statement::execute(tx, &SET_PASSWORD, &[&user.id, &hash, &verified]).await?;
    if changed == 1 {
        return Ok(());
    }
    Err(Refusal::Conflict {
        detail: "This account was changed at the same moment. Sign in again.".to_owned(),
        location: None,
    }
    .into())
}

async fn record_password(
    tx: &impl GenericClient,
    actor: &Actor,
    action: &str,
    user: &User,
    sessions_ended: u64,
) -> Result<()> {
    let event = NewEvent {
        action,
        company_id: None,
        subject: format!("user {}", user.username),
        before: None,
        after: Some(json!({ "sessions_ended": sessions_ended })),
    };
    audit::record(tx, actor, event).await
}
