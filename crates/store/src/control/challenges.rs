//! The time between the two steps of signing in: the password was right, the code is still to come. There
//! is no session before it does.

use super::users::read_user;
use super::{secrets, totp};
use crate::statement::{self, statements};
use crate::tenant::vault::Vault;
use crate::{Result, Store};
use jiff::Timestamp;
use secrecy::SecretString;
use sindico_domain::access::{Actor, User};

statements! { "challenges":
    INSERT = "INSERT INTO sign_in_challenge (digest, user_id, expires_at)
        VALUES ($1, $2, now() + interval '10 minutes')";
    // A new password ends what was begun with the old one.
    FIND = "SELECT u.id, u.username, u.email, u.is_staff, u.is_superuser
        FROM sign_in_challenge c JOIN app_user u ON u.id = c.user_id
        WHERE c.digest = $1 AND c.expires_at > now() AND u.is_active
          AND (u.password_changed_at IS NULL OR u.password_changed_at <= c.created_at)";
    USE = "DELETE FROM sign_in_challenge WHERE digest = $1";
    PURGE = "DELETE FROM sign_in_challenge WHERE expires_at < now()";
}

/// Begins the second step of a user who has given the right password; `None` when they need none.
///
/// # Errors
/// When the database can't be reached.
pub async fn begin(store: &Store, user: &User) -> Result<Option<SecretString>> {
    if totp::state(store, user.id).await?.since.is_none() {
        return Ok(None);
    }
    let (secret, digest) = secrets::generate()?;
    statement::execute(&store.client().await?, &INSERT, &[&digest, &user.id]).await?;
    Ok(Some(secret))
}

/// Ends the second step with a code; the user who has passed. `None` when it took too long, was ended
/// before, or never began.
///
/// # Errors
/// As [`totp::require`]; the step stays open then.
pub async fn answer(
    store: &Store,
    vault: &Vault,
    who: impl FnOnce(&User) -> Actor,
    presented: &str,
    code: &str,
    now: Timestamp,
) -> Result<Option<User>> {
    let Some(digest) = secrets::digest(presented) else {
        return Ok(None);
    };
    let row = statement::row(&store.client().await?, &FIND, &[&digest]).await?;
    let Some(user) = row.as_ref().map(read_user) else {
        return Ok(None);
    };
    totp::require(store, vault, &who(&user), &user, Some(code), now).await?;
    let used = statement::execute(&store.client().await?, &USE, &[&digest]).await?;
    Ok((used == 1).then_some(user))
}

/// Forgets steps that nobody finished.
pub(crate) async fn purge(store: &Store) -> Result<u64> {
    statement::execute(&store.client().await?, &PURGE, &[]).await
}
