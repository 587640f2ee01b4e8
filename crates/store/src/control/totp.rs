//! The second factor of an account: a generator of codes, and recovery codes for who has lost it.
//!
//! A code is good once: the step of the last one that was taken is kept, and only a later one is taken.
//! The secret is sealed as tenants' passwords are; of recovery codes only the SHA-256 is kept, which is
//! enough for 80 random bits.

mod recovery;

use super::audit::{self, NewEvent};
use super::throttle::{self, CODE_ACCOUNT, PASSWORD_CHANGE, SIGN_IN_ADDRESS};
use super::{passwords, users};
use crate::statement::{self, statements};
use crate::tenant::vault::Vault;
use crate::{Error, Result, Statement, Store};
use deadpool_postgres::GenericClient;
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::json;
use sindico_domain::access::{Actor, User};
use sindico_domain::{FieldErrors, Refusal};
use sindico_secrets::{Sealed, totp};
use std::net::IpAddr;
use tokio_postgres::Row;

pub use recovery::CODES;

const WRONG: &str = "This code is not right, or was used before.";
const MISSING: &str = "This account has a second factor: send the code of its generator.";

/// Where an account stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct State {
    /// Since when signing in takes a code.
    pub since: Option<Timestamp>,
    /// Whether it is being set up.
    pub pending: bool,
    /// Recovery codes that are still good.
    pub recovery_codes: i64,
}

statements! { "totp":
    STATE = "SELECT t.confirmed_at, (SELECT count(*) FROM recovery_code c
            WHERE c.user_id = t.user_id AND c.used_at IS NULL)
        FROM totp t WHERE t.user_id = $1";
    FIND = "SELECT key_id, wrapped_key, payload, confirmed_at IS NOT NULL, last_step
        FROM totp WHERE user_id = $1";
    BEGIN = "INSERT INTO totp AS t (user_id, key_id, wrapped_key, payload) VALUES ($1, $2, $3, $4)
        ON CONFLICT (user_id) DO UPDATE SET key_id = excluded.key_id, wrapped_key = excluded.wrapped_key,
            payload = excluded.payload, created_at = now()
        WHERE t.confirmed_at IS NULL";
    CONFIRM = "UPDATE totp SET confirmed_at = now(), last_step = $2
        WHERE user_id = $1 AND confirmed_at IS NULL";
    // Of two with the same code at once, one waits here, and then finds it taken.
    TAKE = "UPDATE totp SET last_step = $2
        WHERE user_id = $1 AND last_step < $2 AND confirmed_at IS NOT NULL";
    REMOVE = "DELETE FROM totp WHERE user_id = $1 RETURNING confirmed_at IS NOT NULL";
    OLD_KEYS = "SELECT user_id, key_id, wrapped_key, payload FROM totp
        WHERE key_id <> $1 ORDER BY user_id LIMIT 100";
    REWRAP = "UPDATE totp SET key_id = $3, wrapped_key = $4 WHERE user_id = $1 AND key_id = $2";
    PASSWORD = "SELECT password_hash FROM app_user WHERE id = $1 AND is_active";
}

/// Every statement of this noun.
pub(crate) fn all_statements() -> Vec<Statement> {
    [STATEMENTS, recovery::STATEMENTS].concat()
}

/// Where this account stands.
///
/// # Errors
/// When the database can't be reached.
pub async fn state(store: &Store, user_id: i64) -> Result<State> {
    let row = statement::row(&store.client().await?, &STATE, &[&user_id]).await?;
    Ok(row.map_or_else(State::default, |row| {
        let since: Option<Timestamp> = row.get(0);
        State {
            since,
            pending: since.is_none(),
            recovery_codes: row.get(1),
        }
    }))
}

/// Begins to set up a generator, with a new secret. One that was begun before and not confirmed is
/// forgotten.
///
/// # Errors
/// Refused while the account has one; or the database can't be reached.
pub async fn begin(store: &Store, vault: &Vault, user_id: i64) -> Result<()> {
    let secret = totp::new_secret().map_err(Error::Internal)?;
    let sealed = vault.seal_of_user(user_id, &secret)?;
    let params: statement::Params<'_> = &[
        &user_id,
        &sealed.key_id,
        &sealed.wrapped_key,
        &sealed.payload,
    ];
    match statement::execute(&store.client().await?, &BEGIN, params).await? {
        0 => Err(conflict("This account has a second factor already.")),
        _ => Ok(()),
    }
}

/// The secret of a generator that is being set up, for its owner to scan or type.
///
/// # Errors
/// When the database can't be reached.
pub async fn pending(store: &Store, vault: &Vault, user_id: i64) -> Result<Option<SecretString>> {
    let kept = find(&store.client().await?, user_id).await?;
    let kept = kept.filter(|kept| !kept.confirmed);
    kept.map(|kept| vault.open_of_user(user_id, &kept.sealed))
        .transpose()
}

/// Turns the second factor on, by a first code; returns recovery codes, for this one time.
///
/// # Errors
/// A wrong code is refused on `otp`, after many [`Refusal::TooManyRequests`]; refused, too, when nothing was
/// begun; or the database can't be reached.
pub async fn confirm(
    store: &Store,
    vault: &Vault,
    actor: &Actor,
    user: &User,
    code: &str,
    now: Timestamp,
) -> Result<Vec<SecretString>> {
    let attempt = throttle::reserve(store, &CODE_ACCOUNT, &user.id.to_string()).await?;
    let kept = find(&store.client().await?, user.id).await?;
    let kept = kept.filter(|kept| !kept.confirmed);
    let kept = kept.ok_or_else(|| conflict("Begin to set it up first."))?;
    let secret = vault.open_of_user(user.id, &kept.sealed)?;
    let step = totp::matching_step(&secret, &digits(code), now.as_second(), 0);
    let step = step.ok_or_else(|| FieldErrors::one("otp", WRONG))?;
    attempt.refund(store).await?;
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    if statement::execute(&tx, &CONFIRM, &[&user.id, &step]).await? == 0 {
        return Err(conflict("This account has a second factor already."));
    }
    let codes = recovery::replace(&tx, user.id).await?;
    record(&tx, actor, "totp.on", user, None).await?;
    tx.commit().await?;
    Ok(codes)
}

/// New recovery codes in place of the old ones, for this one time.
///
/// # Errors
/// A wrong password is refused on `password`, after many [`Refusal::TooManyRequests`]; refused, too, when
/// there is no second factor; or the database can't be reached.
pub async fn renew_recovery_codes(
    store: &Store,
    actor: &Actor,
    user: &User,
    password: &SecretString,
) -> Result<Vec<SecretString>> {
    prove(store, user.id, password).await?;
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    if find(&tx, user.id).await?.is_none_or(|kept| !kept.confirmed) {
        return Err(conflict("This account has no second factor."));
    }
    let codes = recovery::replace(&tx, user.id).await?;
    record(&tx, actor, "totp.renew_recovery_codes", user, None).await?;
    tx.commit().await?;
    Ok(codes)
}

/// Turns the second factor off.
///
/// # Errors
/// As [`renew_recovery_codes`]; it is no error when there is none.
pub async fn turn_off(
    store: &Store,
    actor: &Actor,
    user: &User,
    password: &SecretString,
) -> Result<()> {
    prove(store, user.id, password).await?;
    remove(store, actor, "totp.off", user).await.map(drop)
}

/// Turns the second factor of somebody off who has lost both generator and recovery codes; whether there
/// was one.
///
/// # Errors
/// When the database can't be reached.
pub async fn reset(store: &Store, actor: &Actor, user: &User) -> Result<bool> {
    remove(store, actor, "totp.reset", user).await
}

/// Lets a user pass who has given the right password: with the code of their generator, or with a recovery
/// code, if they have a second factor.
///
/// # Errors
/// A code that is missing, wrong or used is refused on `otp`; [`Refusal::TooManyRequests`] after many; or
/// the database can't be reached.
pub async fn require(
    store: &Store,
    vault: &Vault,
    actor: &Actor,
    user: &User,
    code: Option<&str>,
    now: Timestamp,
) -> Result<()> {
    let kept = find(&store.client().await?, user.id).await?;
    let Some(kept) = kept.filter(|kept| kept.confirmed) else {
        return Ok(());
    };
    let code = code.map(str::trim).filter(|code| !code.is_empty());
    let code = code.ok_or_else(|| FieldErrors::one("otp", MISSING))?;
    let by_address = match actor.address {
        Some(address) => Some(reserve_address(store, address).await?),
        None => None,
    };
    let by_account = throttle::reserve(store, &CODE_ACCOUNT, &user.id.to_string()).await?;
    let outcome = take(store, vault, actor, user, &kept, code, now).await;
    // As with passwords: only a wrong answer counts.
    if !matches!(outcome, Ok(false)) {
        by_account.refund(store).await?;
        if let Some(attempt) = by_address {
            attempt.refund(store).await?;
        }
    }
    match outcome? {
        true => Ok(()),
        false => Err(FieldErrors::one("otp", WRONG).into()),
    }
}

async fn take(
    store: &Store,
    vault: &Vault,
    actor: &Actor,
    user: &User,
    kept: &Kept,
    code: &str,
    now: Timestamp,
) -> Result<bool> {
    let secret = vault.open_of_user(user.id, &kept.sealed)?;
    let step = totp::matching_step(&secret, &digits(code), now.as_second(), kept.last_step);
    let mut client = store.client().await?;
    if let Some(step) = step {
        return Ok(statement::execute(&client, &TAKE, &[&user.id, &step]).await? == 1);
    }
    let tx = client.transaction().await?;
    let Some(left) = recovery::take(&tx, user.id, code).await? else {
        return Ok(false);
    };
    let after = Some(json!({ "codes_left": left }));
    record(&tx, actor, "totp.use_recovery_code", user, after).await?;
    tx.commit().await?;
    Ok(true)
}

/// Secrets that are sealed with another master key than this one: some of them.
pub(crate) async fn sealed_with_other_keys(
    store: &Store,
    key_id: &str,
) -> Result<Vec<(i64, Sealed)>> {
    let rows = statement::rows(&store.client().await?, &OLD_KEYS, &[&key_id]).await?;
    Ok(rows
        .iter()
        .map(|row| (row.get(0), sealed(row, 1)))
        .collect())
}

/// Replaces the sealed key of a secret, unless somebody else did meanwhile.
pub(crate) async fn rewrap(store: &Store, user_id: i64, old: &str, new: &Sealed) -> Result<()> {
    let params: statement::Params<'_> = &[&user_id, &old, &new.key_id, &new.wrapped_key];
    statement::execute(&store.client().await?, &REWRAP, params).await?;
    Ok(())
}

/// What is kept of a generator.
struct Kept {
    sealed: Sealed,
    confirmed: bool,
    last_step: i64,
}

async fn find(client: &impl GenericClient, user_id: i64) -> Result<Option<Kept>> {
    let row = statement::row(client, &FIND, &[&user_id]).await?;
    Ok(row.map(|row| Kept {
        sealed: sealed(&row, 0),
        confirmed: row.get(3),
        last_step: row.get(4),
    }))
}

fn sealed(row: &Row, at: usize) -> Sealed {
    Sealed {
        key_id: row.get(at),
        wrapped_key: row.get(at + 1),
        payload: row.get(at + 2),
    }
}

/// The password once more: a session alone must not be enough to take the second factor away.
async fn prove(store: &Store, user_id: i64, password: &SecretString) -> Result<()> {
    let attempt = throttle::reserve(store, &PASSWORD_CHANGE, &user_id.to_string()).await?;
    let row = statement::row(&store.client().await?, &PASSWORD, &[&user_id]).await?;
    let hash: Option<String> = row.and_then(|row| row.get(0));
    if !passwords::verify(password, hash).await? {
        return Err(FieldErrors::one("password", users::WRONG_PASSWORD).into());
    }
    attempt.refund(store).await
}

async fn remove(store: &Store, actor: &Actor, action: &'static str, user: &User) -> Result<bool> {
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    let Some(row) = statement::row(&tx, &REMOVE, &[&user.id]).await? else {
        return Ok(false);
    };
    recovery::forget(&tx, user.id).await?;
    let confirmed: bool = row.get(0);
    if confirmed {
        record(&tx, actor, action, user, None).await?;
    }
    tx.commit().await?;
    Ok(confirmed)
}

async fn record(
    tx: &impl GenericClient,
    actor: &Actor,
    action: &'static str,
    user: &User,
    after: Option<serde_json::Value>,
) -> Result<()> {
    let event = NewEvent {
        action,
        company_id: None,
        subject: format!("user {}", user.username),
        before: None,
        after,
    };
    audit::record(tx, actor, event).await
}

async fn reserve_address(store: &Store, address: IpAddr) -> Result<throttle::Attempt> {
    throttle::reserve(store, &SIGN_IN_ADDRESS, &throttle::network(address)).await
}

/// A code as generators show it, with the space in its middle.
fn digits(code: &str) -> String {
    code.chars().filter(|c| !c.is_whitespace()).collect()
}

fn conflict(detail: &str) -> Error {
    Refusal::Conflict {
        detail: detail.to_owned(),
        location: None,
    }
    .into()
}

/// What a generator reads, as a link or a QR code.
pub fn uri(issuer: &str, account: &str, secret: &SecretString) -> String {
    totp::uri(issuer, account, secret)
}
