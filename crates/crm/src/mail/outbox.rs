//! What is to be sent, by whichever program claims it, and what became of it.

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use sindico_db::{Error, Result, Row, TenantConnection, ToSql};
use sindico_domain::mail::{LOG_DAYS, State, again};
use sindico_domain::page::{Cursor, Page, PageRequest};
use utoipa::ToSchema;

sindico_db::statements! { "outbox":
    // The one that waits longest. An attempt counts when it begins: what kills a program can't be tried for ever. A
    // lease is longer than an attempt may take, so that no two send the same.
    CLAIM = "UPDATE mail SET attempts = attempts + 1, lease_until = clock_timestamp() + interval '60 seconds'
        WHERE id = (SELECT id FROM mail
            WHERE state = 'PENDING' AND due_at <= $1 AND lease_until < clock_timestamp()
            ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING id, user_id, notifications, attempts, created_at";
    RECORD = "UPDATE mail SET state = $3, due_at = $4, answer = $5, done_at = $6, lease_until = '-infinity'
        WHERE id = $1 AND attempts = $2 AND state = 'PENDING'";
    UNSENDABLE = "DELETE FROM mail WHERE state = 'PENDING' AND lease_until < clock_timestamp()";
    LOG = "SELECT id, user_id, state, attempts, due_at, answer, created_at, done_at FROM mail
        WHERE ($1::bigint IS NULL OR id < $1) ORDER BY id DESC LIMIT $2";
    FORGET = "DELETE FROM mail WHERE id IN (
        SELECT id FROM mail WHERE state <> 'PENDING' AND created_at < $1 ORDER BY created_at LIMIT 500)";
}

/// A mail that somebody is about to send.
#[derive(Debug)]
pub struct Claimed {
    /// Its id.
    pub id: i64,
    /// Whom it is for.
    pub user: i64,
    /// What it tells.
    pub notifications: Vec<i64>,
    /// Which attempt it is.
    pub attempt: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What came of an attempt.
#[derive(Debug)]
pub enum Outcome {
    /// A server took it, with these words.
    Sent(String),
    /// It failed for this reason, and may be tried again.
    Failed(String),
    /// It will never do.
    Refused(String),
    /// There was nothing to send.
    Dropped(&'static str),
}

/// A mail in the log: who was told, not of what.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Logged {
    /// Its id.
    pub id: i64,
    /// The user whom it is for.
    pub user: i64,
    /// What became of it.
    pub state: State,
    /// Attempts so far.
    pub attempts: i64,
    /// When it is tried next, while it is pending.
    pub due_at: Timestamp,
    /// What the server said last, or why there was none.
    pub answer: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it came to its end.
    pub done_at: Option<Timestamp>,
}

impl Logged {
    fn read(row: &Row) -> Result<Self> {
        Ok(Self {
            id: row.get(0),
            user: row.get(1),
            state: row.get::<_, &str>(2).parse().map_err(Error::Internal)?,
            attempts: row.get(3),
            due_at: row.get(4),
            answer: row.get(5),
            created_at: row.get(6),
            done_at: row.get(7),
        })
    }
}

/// Takes the mail that is due for longest, for a minute.
///
/// # Errors
/// When the tenant's place can't be reached; so with the others.
pub async fn claim(data: &TenantConnection, now: Timestamp) -> Result<Option<Claimed>> {
    let tx = data.begin().await?;
    let row = tx.row(&CLAIM, &[&now]).await?;
    tx.commit().await?;
    Ok(row.map(|row| Claimed {
        id: row.get(0),
        user: row.get(1),
        notifications: row.get(2),
        attempt: row.get(3),
        created_at: row.get(4),
    }))
}

/// Writes down what came of an attempt: the end, or when it is tried again.
///
/// # Errors
/// See [`claim`].
pub async fn record(
    data: &TenantConnection,
    claimed: &Claimed,
    outcome: &Outcome,
    now: Timestamp,
) -> Result<()> {
    let next = again(claimed.attempt);
    let (state, wait, answer) = match outcome {
        Outcome::Sent(answer) => (State::Sent, 0, answer.as_str()),
        Outcome::Dropped(why) => (State::Dropped, 0, *why),
        Outcome::Refused(why) => (State::Failed, 0, why.as_str()),
        Outcome::Failed(why) => match next {
            Some(wait) => (State::Pending, wait, why.as_str()),
            None => (State::Failed, 0, why.as_str()),
        },
    };
    let due = now
        .saturating_add(SignedDuration::from_secs(wait))
        .unwrap_or(now);
    let done = (state != State::Pending).then_some(now);
    let params: [&(dyn ToSql + Sync); 6] = [
        &claimed.id,
        &claimed.attempt,
        &state.as_str(),
        &due,
        &answer,
        &done,
    ];
    let tx = data.begin().await?;
    tx.execute(&RECORD, &params).await?;
    tx.commit().await
}

/// Forgets what waits, since there is no way by which it could leave.
///
/// # Errors
/// See [`claim`].
pub async fn drop_unsendable(data: &TenantConnection) -> Result<u64> {
    let tx = data.begin().await?;
    let count = tx.execute(&UNSENDABLE, &[]).await?;
    tx.commit().await?;
    Ok(count)
}

/// What was sent and what was not, the newest first.
///
/// # Errors
/// See [`claim`].
pub async fn log(data: &TenantConnection, page: &PageRequest) -> Result<Page<Logged>> {
    let (after, limit) = (page.after_id("-id")?, page.limit + 1);
    let rows = data.rows(&LOG, &[&after, &limit]).await?;
    let rows: Result<Vec<_>> = rows.iter().map(Logged::read).collect();
    Ok(Page::of(rows?, page, None, |mail: &Logged| Cursor {
        sort: "-id".to_owned(),
        key: String::new(),
        id: mail.id,
    }))
}

/// Forgets what is too old for the log.
///
/// # Errors
/// See [`claim`].
pub async fn forget_old(data: &TenantConnection, now: Timestamp) -> Result<u64> {
    let before = now
        .saturating_sub(SignedDuration::from_hours(LOG_DAYS * 24))
        .unwrap_or(now);
    let tx = data.begin().await?;
    let count = tx.execute(&FORGET, &[&before]).await?;
    tx.commit().await?;
    Ok(count)
}
