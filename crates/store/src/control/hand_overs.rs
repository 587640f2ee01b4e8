//! From a session on one host to one on another. Cookies stay with their host, so the way leads over a
//! secret: good once, for half a minute, for one user and one place.

use super::secrets;
use super::users::read_user;
use crate::statement::{self, statements};
use crate::{Result, Store};
use secrecy::SecretString;
use sindico_domain::access::User;

/// Somebody on their way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    /// Who.
    pub user: User,
    /// To which tenant; `None`: to the console.
    pub company_id: Option<i64>,
    /// From which host.
    pub origin: String,
    /// The visit of support that it leads to.
    pub visit_id: Option<i64>,
}

statements! { "hand_overs":
    INSERT = "INSERT INTO hand_over (digest, user_id, company_id, origin, visit_id, expires_at)
        VALUES ($1, $2, $3, $4, $5, now() + interval '30 seconds')";
    FIND = "SELECT u.id, u.username, u.email, u.is_staff, u.is_superuser, h.company_id, h.origin, h.visit_id
        FROM hand_over h JOIN app_user u ON u.id = h.user_id
        WHERE h.digest = $1 AND h.expires_at > now() AND u.is_active";
    USE = "DELETE FROM hand_over WHERE digest = $1";
    PURGE = "DELETE FROM hand_over WHERE expires_at < now()";
}

/// Begins the way of a user from the host `origin` to a tenant, or to the console; to a tenant also for a
/// visit of support.
///
/// # Errors
/// When the database can't be reached.
pub async fn begin(
    store: &Store,
    user_id: i64,
    company_id: Option<i64>,
    origin: &str,
    visit_id: Option<i64>,
) -> Result<SecretString> {
    let (secret, digest) = secrets::generate()?;
    let params: statement::Params<'_> = &[&digest, &user_id, &company_id, &origin, &visit_id];
    statement::execute(&store.client().await?, &INSERT, params).await?;
    Ok(secret)
}

/// Who is on this way; `None` when there is none, or it is over.
///
/// # Errors
/// When the database can't be reached.
pub async fn find(store: &Store, presented: &str) -> Result<Option<Arrival>> {
    let Some(digest) = secrets::digest(presented) else {
        return Ok(None);
    };
    let row = statement::row(&store.client().await?, &FIND, &[&digest]).await?;
    Ok(row.map(|row| Arrival {
        user: read_user(&row),
        company_id: row.get(5),
        origin: row.get(6),
        visit_id: row.get(7),
    }))
}

/// Ends a way; whether it was open until now. Of two at once one gets it.
///
/// # Errors
/// When the database can't be reached.
pub async fn finish(store: &Store, presented: &str) -> Result<bool> {
    let Some(digest) = secrets::digest(presented) else {
        return Ok(false);
    };
    Ok(statement::execute(&store.client().await?, &USE, &[&digest]).await? == 1)
}

/// Forgets ways that are over.
pub(crate) async fn purge(store: &Store) -> Result<u64> {
    statement::execute(&store.client().await?, &PURGE, &[]).await
}
