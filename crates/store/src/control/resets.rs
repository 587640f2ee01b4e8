//! Reset of a forgotten password by a link in a mail: valid for an hour, once, and only the newest.
//!
//! The handler calls [`admit`], answers, and does the rest in the background, so that neither the
//! answer nor its time tells whether an account exists.

use super::audit::{self, NewEvent};
use super::throttle::{self, RESET_ACCOUNT, RESET_ADDRESS};
use super::users::{self, read_user};
use super::{passwords, secrets};
use crate::statement::{self, statements};
use crate::{Error, Result, Store};
use deadpool_postgres::GenericClient;
use secrecy::SecretString;
use serde_json::json;
use sindico_domain::access::{Actor, User};
use sindico_domain::{FieldErrors, Refusal, account};

const INVALID: &str = "This link is not valid any more. Ask for a new one.";

statements! { "resets":
    // Accounts without a password have none to reset.
    FIND_BY_USERNAME = "SELECT id, username, email, is_staff, is_superuser FROM app_user
        WHERE lower(username COLLATE \"und-x-icu\") = lower($1 COLLATE \"und-x-icu\")
          AND is_active AND password_hash IS NOT NULL AND email <> ''";
    FIND_BY_EMAIL = "SELECT id, username, email, is_staff, is_superuser FROM app_user
        WHERE lower(email COLLATE \"und-x-icu\") = lower($1 COLLATE \"und-x-icu\")
          AND is_active AND password_hash IS NOT NULL AND email <> ''";
    VOID = "UPDATE password_reset SET used_at = now() WHERE user_id = $1 AND used_at IS NULL";
    INSERT = "INSERT INTO password_reset (user_id, digest, expires_at)
        VALUES ($1, $2, now() + interval '1 hour')";
    FIND = "SELECT u.id, u.username, u.email, u.is_staff, u.is_superuser
        FROM password_reset r JOIN app_user u ON u.id = r.user_id
        WHERE r.digest = $1 AND r.used_at IS NULL AND r.expires_at > now()
          AND u.is_active AND u.password_hash IS NOT NULL";
    USE = "UPDATE password_reset SET used_at = now()
        WHERE digest = $1 AND used_at IS NULL AND expires_at > now()";
    PURGE = "DELETE FROM password_reset WHERE expires_at < now() - interval '1 day'";
}

/// Counts a request against the limit of its address.
///
/// # Errors
/// [`Refusal::TooManyRequests`]; or the database can't be reached.
pub async fn admit(store: &Store, actor: &Actor) -> Result<()> {
    if let Some(address) = actor.address {
        let network = throttle::network(address);
        // Counts whatever comes of it, so it is never refunded.
        let _ = throttle::reserve(store, &RESET_ADDRESS, &network).await?;
    }
    Ok(())
}

/// Makes a link's secret for the account with this name or address, and voids earlier ones. `None`
/// when no active account has it, or when it was asked for too often: the caller is told the
/// same in all cases. The secret is for the mail to `user.email` only.
///
/// # Errors
/// When the database can't be reached.
pub async fn request(
    store: &Store,
    actor: &Actor,
    name_or_email: &str,
) -> Result<Option<(User, SecretString)>> {
    let Some(user) = find(store, name_or_email).await? else {
        return Ok(None);
    };
    match throttle::reserve(store, &RESET_ACCOUNT, &user.id.to_string()).await {
        Ok(_counts) => {}
        Err(Error::Refused(Refusal::TooManyRequests(_))) => return Ok(None),
        Err(error) => return Err(error),
    }
    let (secret, digest) = secrets::generate()?;
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    let Some(user) = users::hold(&tx, user.id).await? else {
        return Ok(None);
    };
    void(&tx, user.id).await?;
    statement::execute(&tx, &INSERT, &[&user.id, &digest]).await?;
    let event = NewEvent {
        action: "password_reset.request",
        company_id: None,
        subject: format!("user {}", user.username),
        before: None,
        after: Some(json!({ "sent_to": user.email })),
    };
    audit::record(&tx, actor, event).await?;
    tx.commit().await?;
    Ok(Some((user, secret)))
}

/// Sets the password of the account that the link was made for, ends its sessions, and uses the
/// link up. Recorded as done by that user.
///
/// # Errors
/// A link that is unknown, used, voided or too old is refused on `token`, a password against the
/// rules on `new_password` (the link stays good); or the database can't be reached.
pub async fn confirm(
    store: &Store,
    actor: &Actor,
    presented: &str,
    new: &SecretString,
) -> Result<User> {
    let invalid = || Error::from(FieldErrors::one("token", INVALID));
    let digest = secrets::digest(presented).ok_or_else(invalid)?;
    let row = statement::row(&store.client().await?, &FIND, &[&digest]).await?;
    let user = row.as_ref().map(read_user).ok_or_else(invalid)?;
    users::check_password("new_password", new, &user.username, &user.email)?;
    let hash = passwords::hash(new).await?;

    let actor = Actor {
        user_id: Some(user.id),
        name: user.username.clone(),
        ..actor.clone()
    };
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    // Of two at the same time one waits here, and then finds it used.
    if statement::execute(&tx, &USE, &[&digest]).await? == 0 {
        return Err(invalid());
    }
    users::replace_password(&tx, &actor, &user, &hash).await?;
    tx.commit().await?;
    store.memory().forget();
    Ok(user)
}

/// Makes all of a user's links useless.
pub(crate) async fn void(tx: &impl GenericClient, user_id: i64) -> Result<()> {
    statement::execute(tx, &VOID, &[&user_id]).await?;
    Ok(())
}

/// Forgets links that were of no use for a day.
pub(crate) async fn purge(store: &Store) -> Result<u64> {
    statement::execute(&store.client().await?, &PURGE, &[]).await
}

/// By name first: a name may look like an address.
async fn find(store: &Store, name_or_email: &str) -> Result<Option<User>> {
    let client = store.client().await?;
    if let Ok(name) = account::username(name_or_email)
        && let Some(row) = statement::row(&client, &FIND_BY_USERNAME, &[&name]).await?
    {
        return Ok(Some(read_user(&row)));
    }
    if let Ok(email) = account::email(name_or_email) {
        let row = statement::row(&client, &FIND_BY_EMAIL, &[&email]).await?;
        return Ok(row.as_ref().map(read_user));
    }
    Ok(None)
}
