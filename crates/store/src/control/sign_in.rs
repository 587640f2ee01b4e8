//! Signing in by name and password.

use super::passwords;
use super::throttle::{self, SIGN_IN_ACCOUNT, SIGN_IN_ADDRESS};
use super::users::read_user;
use crate::statement::{self, statements};
use crate::{Error, Result, Store};
use secrecy::SecretString;
use sindico_domain::access::User;
use sindico_domain::{FieldErrors, Refusal, account};
use std::net::IpAddr;

statements! { "sign_in":
    CREDENTIALS = "SELECT id, username, email, is_staff, is_superuser, is_active, password_hash
        FROM app_user WHERE lower(username COLLATE \"und-x-icu\") = lower($1 COLLATE \"und-x-icu\")";
    NOTE = "UPDATE app_user SET last_sign_in_at = now() WHERE id = $1";
}

/// The active user with this name and password, coming from this address. What is then made for
/// them (a token, a session) is what the audit records.
///
/// # Errors
/// An unknown name, a wrong password and an inactive account get one and the same answer, in the
/// same time; [`Refusal::TooManyRequests`] after many failures of one account or address; or the
/// database can't be reached.
pub async fn sign_in(
    store: &Store,
    username: &str,
    password: &SecretString,
    address: Option<IpAddr>,
) -> Result<User> {
    let by_address = match address {
        Some(address) => {
            let network = throttle::network(address);
            Some(throttle::reserve(store, &SIGN_IN_ADDRESS, &network).await?)
        }
        None => None,
    };
    // By the name as typed, whether it exists or not: else the limit itself would tell.
    let typed = username.trim().to_lowercase();
    let by_account = match throttle::reserve(store, &SIGN_IN_ACCOUNT, &typed).await {
        Ok(attempt) => attempt,
        Err(error) => {
            tracing::warn!(
                ?address,
                "sign-in refused: too many failures of one account"
            );
            return Err(error);
        }
    };

    let outcome = check(store, username, password).await;
    // Neither success nor a fault of ours counts; only a wrong answer does.
    if !matches!(outcome, Ok(None)) {
        by_account.refund(store).await?;
        if let Some(attempt) = by_address {
            attempt.refund(store).await?;
        }
    }
    outcome?.ok_or_else(|| {
        // Not the name: people type passwords into that field.
        tracing::info!(?address, "sign-in refused: wrong credentials");
        let wrong = FieldErrors::whole("Unable to sign in with these credentials.");
        Error::Refused(Refusal::Fields(wrong))
    })
}

async fn check(store: &Store, username: &str, password: &SecretString) -> Result<Option<User>> {
    let row = match account::username(username) {
        Ok(name) => statement::row(&store.client().await?, &CREDENTIALS, &[&name]).await?,
        Err(_) => None,
    };
    let hash: Option<String> = row.as_ref().and_then(|row| row.get(6));
    let right = passwords::verify(password, hash).await?;
    let Some(row) = row.filter(|row| right && row.get(5)) else {
        return Ok(None);
    };
    let user = read_user(&row);
    statement::execute(&store.client().await?, &NOTE, &[&user.id]).await?;
    Ok(Some(user))
}
