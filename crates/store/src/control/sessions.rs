//! Sessions of browsers: a cookie with a secret, kept as SHA-256. A session ends after 30 days
//! whatever happens, and after 7 days without use (OWASP, "Session Management": both an absolute
//! and an idle limit).

use super::access::{Kept, Known};
use super::audit::{self, NewEvent};
use super::members::role;
use super::secrets;
use super::users::{self, UNKNOWN_USER, read_user};
use crate::statement::{self, statements};
use crate::{Result, Store};
use deadpool_postgres::GenericClient;
use hmac::{Hmac, Mac};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sha2::Sha256;
use sindico_domain::FieldErrors;
use sindico_domain::access::scopes::Scopes;
use sindico_domain::access::{Actor, Role, User};
use std::fmt;
use std::time::Duration;
use subtle::ConstantTimeEq;

/// How long a session lasts at most; also the cookie's age.
pub const MAX_AGE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// What is kept of a browser's name.
const USER_AGENT_MAX: usize = 300;

/// A valid session.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// Id, to revoke it by.
    pub id: i64,
    /// What an unsafe request must carry in `X-CSRF-Token` (contract section 2). It is made from
    /// the cookie, so whoever can't read the cookie can't make it, and nothing has to be kept.
    pub csrf_token: String,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// The visit of support that it is for.
    pub visit_id: Option<i64>,
}

impl Session {
    /// Whether this is the session's CSRF token, compared in constant time.
    pub fn accepts_csrf(&self, presented: &str) -> bool {
        self.csrf_token
            .as_bytes()
            .ct_eq(presented.as_bytes())
            .into()
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

statements! { "sessions":
    INSERT = "INSERT INTO auth_session (user_id, digest, address, user_agent, expires_at, visit_id)
        VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5), $6) RETURNING id, expires_at";
    AUTHENTICATE = "SELECT u.id, u.username, u.email, u.is_staff, u.is_superuser, s.id,
            s.last_used_at < now() - interval '1 minute', s.expires_at, m.role, s.visit_id
        FROM auth_session s JOIN app_user u ON u.id = s.user_id
        LEFT JOIN company_membership m ON m.company_id = $2 AND m.user_id = u.id AND m.is_active
        WHERE s.digest = $1 AND s.revoked_at IS NULL AND u.is_active
          AND s.expires_at > now() AND s.last_used_at > now() - interval '7 days'
          AND (s.visit_id IS NULL OR EXISTS (SELECT FROM support_visit v WHERE v.id = s.visit_id
              AND v.ended_at IS NULL AND v.until > now() AND ($2::bigint IS NULL OR v.company_id = $2)))";
    TOUCH = "UPDATE auth_session SET last_used_at = now() WHERE id IN (
        SELECT id FROM auth_session WHERE id = $1 AND last_used_at < now() - interval '1 minute'
        FOR NO KEY UPDATE SKIP LOCKED)";
    REVOKE = "UPDATE auth_session s SET revoked_at = now() FROM app_user u
        WHERE s.id = $1 AND s.revoked_at IS NULL AND u.id = s.user_id RETURNING u.username";
    REVOKE_OTHERS = "UPDATE auth_session SET revoked_at = now()
        WHERE user_id = $1 AND revoked_at IS NULL AND ($2::bigint IS NULL OR id <> $2)";
    OF_USER = "SELECT id, host(address), user_agent, created_at, last_used_at FROM auth_session
        WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > now()
          AND last_used_at > now() - interval '7 days'
        ORDER BY last_used_at DESC, id DESC LIMIT 100";
    OWNED = "SELECT 1 FROM auth_session WHERE id = $1 AND user_id = $2";
    PURGE = "DELETE FROM auth_session WHERE expires_at < now()
        OR last_used_at < now() - interval '7 days' OR revoked_at < now() - interval '1 day'";
}

/// Opens a session of a user, who comes from `actor.address`; the secret goes into the cookie. One for a
/// visit of support is good in its tenant alone, and no longer than the visit.
///
/// # Errors
/// An unknown or inactive user is refused on `username`; or the database can't be reached.
pub async fn create(
    store: &Store,
    actor: &Actor,
    user_id: i64,
    user_agent: &str,
    visit_id: Option<i64>,
) -> Result<(SecretString, Session)> {
    let (secret, digest) = secrets::generate()?;
    let browser: String = user_agent
        .chars()
        .filter(|c| !c.is_control())
        .take(USER_AGENT_MAX)
        .collect();
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    let Some(user) = users::hold(&tx, user_id).await? else {
        return Err(FieldErrors::one("username", UNKNOWN_USER).into());
    };
    let row = statement::one(
        &tx,
        &INSERT,
        &[
            &user_id,
            &digest,
            &actor.address,
            &browser,
            &MAX_AGE.as_secs_f64(),
            &visit_id,
        ],
    )
    .await?;
    let id: i64 = row.get(0);
    let event = NewEvent {
        action: "session.create",
        company_id: None,
        subject: format!("user {}", user.username),
        before: None,
        after: Some(json!({ "session_id": id, "user_agent": browser })),
    };
    audit::record(&tx, actor, event).await?;
    tx.commit().await?;
    let csrf_token = csrf_token(secret.expose_secret());
    let session = Session {
        id,
        csrf_token,
        expires_at: row.get(1),
        visit_id,
    };
    Ok((secret, session))
}

/// The active user whose session this is, the session, and the user's role in a company if one is
/// named and they are an active member of it, in one statement. `None` for a session that is unknown,
/// revoked or over, or whose user is not active; and for one of a visit that is over, or of another company.
///
/// # Errors
/// When the database can't be reached.
pub async fn authenticate(
    store: &Store,
    presented: &str,
    company_id: Option<i64>,
) -> Result<Option<(User, Session, Option<Role>)>> {
    let Some(digest) = secrets::digest(presented) else {
        return Ok(None);
    };
    let generation = store.memory().generation();
    let params: statement::Params<'_> = &[&digest, &company_id];
    let row = statement::row(&store.client().await?, &AUTHENTICATE, params).await?;
    Ok(row.map(|row| {
        let session = (row.get(5), row.get(7), row.get(9));
        if row.get(6) {
            secrets::touch_later(store, &TOUCH, session.0);
        }
        let known = Known {
            scopes: Scopes::FULL,
            user: read_user(&row),
            role: role(&row, 8),
            session: Some(session),
        };
        let memory = store.memory();
        memory.remember(generation, (digest, company_id), known.clone());
        (known.user, session_of(presented, session), known.role)
    }))
}

/// What [`authenticate`] said a moment ago, if nothing has changed since; for requests that only read.
pub fn recall(
    store: &Store,
    presented: &str,
    company_id: Option<i64>,
) -> Option<(User, Session, Option<Role>)> {
    let digest = secrets::digest(presented)?;
    let known = store.memory().recall(&(digest, company_id))?;
    Some((
        known.user,
        session_of(presented, known.session?),
        known.role,
    ))
}

fn session_of(presented: &str, (id, expires_at, visit_id): Kept) -> Session {
    Session {
        id,
        csrf_token: csrf_token(presented),
        expires_at,
        visit_id,
    }
}

/// Ends a session; whether it was open until now.
///
/// # Errors
/// When the database can't be reached.
pub async fn revoke(store: &Store, actor: &Actor, id: i64) -> Result<bool> {
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    let Some(row) = statement::row(&tx, &REVOKE, &[&id]).await? else {
        return Ok(false);
    };
    let event = NewEvent {
        action: "session.revoke",
        company_id: None,
        subject: format!("user {}", row.get::<_, &str>(0)),
        before: Some(json!({ "session_id": id })),
        after: None,
    };
    audit::record(&tx, actor, event).await?;
    tx.commit().await?;
    store.memory().forget();
    Ok(true)
}

/// A session as its user sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnSession {
    /// Id.
    pub id: i64,
    /// Where the browser was when it signed in.
    pub address: Option<String>,
    /// What the browser calls itself.
    pub user_agent: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Timestamp,
}

/// The open sessions of a user, the latest used first.
///
/// # Errors
/// When the database can't be reached.
pub async fn of_user(store: &Store, user_id: i64) -> Result<Vec<OwnSession>> {
    let rows = statement::rows(&store.client().await?, &OF_USER, &[&user_id]).await?;
    let read = |row: &tokio_postgres::Row| OwnSession {
        id: row.get(0),
        address: row.get(1),
        user_agent: row.get(2),
        created_at: row.get(3),
        last_used_at: row.get(4),
    };
    Ok(rows.iter().map(read).collect())
}

/// Ends one of a user's own sessions; whether it was theirs, and open until now.
///
/// # Errors
/// When the database can't be reached.
pub async fn revoke_own(store: &Store, actor: &Actor, user_id: i64, id: i64) -> Result<bool> {
    let owned = statement::row(&store.client().await?, &OWNED, &[&id, &user_id]).await?;
    match owned {
        Some(_) => revoke(store, actor, id).await,
        None => Ok(false),
    }
}

/// Ends all sessions of a user but the current one; says how many.
///
/// # Errors
/// When the database can't be reached.
pub async fn end_others(
    store: &Store,
    actor: &Actor,
    user: &User,
    keep: Option<i64>,
) -> Result<u64> {
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    let ended = revoke_others(&tx, user.id, keep).await?;
    let event = NewEvent {
        action: "session.revoke_others",
        company_id: None,
        subject: format!("user {}", user.username),
        before: None,
        after: Some(json!({ "sessions_ended": ended })),
    };
    audit::record(&tx, actor, event).await?;
    tx.commit().await?;
    store.memory().forget();
    Ok(ended)
}

/// Ends a user's sessions, save the one to keep, in the transaction of what calls for it, which
/// also records it.
pub(crate) async fn revoke_others(
    tx: &impl GenericClient,
    user_id: i64,
    keep: Option<i64>,
) -> Result<u64> {
    statement::execute(tx, &REVOKE_OTHERS, &[&user_id, &keep]).await
}

/// Forgets sessions that are over.
pub(crate) async fn purge(store: &Store) -> Result<u64> {
    statement::execute(&store.client().await?, &PURGE, &[]).await
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn csrf_token(secret: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any key length");
    mac.update(b"csrf");
    hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn csrf_tokens_follow_from_the_secret_alone() {
        let session = Session {
            id: 1,
            csrf_token: csrf_token("a secret"),
            expires_at: Timestamp::UNIX_EPOCH,
            visit_id: None,
        };
        assert!(session.accepts_csrf(&csrf_token("a secret")));
        for wrong in ["", "a secret", &csrf_token("another"), &csrf_token("")] {
            assert!(!session.accepts_csrf(wrong));
        }
        assert!(!format!("{session:?}").contains(&session.csrf_token));
    }
}
