//! What is sent, and what became of it.

use crate::notifications::{Told, tell};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use sindico_db::{Error, Result, Row, TenantConnection, TenantTransaction, ToSql};
use sindico_domain::notification::Topic;
use sindico_domain::page::{Cursor, Page, PageRequest};
use sindico_domain::webhook::{LOG_DAYS, Outcome, TEST, again, body, hold};
use utoipa::ToSchema;

macro_rules! columns {
    () => {
        "id, webhook_id, message, event, body, state, attempts, due_at, status, error, answer, duration_ms, tries,
         created_at, done_at"
    };
}

sindico_db::statements! { "webhook_deliveries":
    LIST = concat!("SELECT ", columns!(), " FROM webhook_delivery
        WHERE webhook_id = $1 AND ($2::text IS NULL OR state = $2) AND ($3::bigint IS NULL OR id < $3)
        ORDER BY id DESC LIMIT $4");
    FIND = concat!("SELECT ", columns!(), " FROM webhook_delivery WHERE id = $1");
    // The one that waits longest. An attempt counts when it begins: what kills a program can't be tried for ever.
    CLAIM = "UPDATE webhook_delivery d SET attempts = d.attempts + 1, lease_until = clock_timestamp() + interval '15 seconds'
        FROM webhook w
        WHERE w.id = d.webhook_id AND w.state = 'ACTIVE' AND w.hold_until <= $2 AND d.id = (
            SELECT id FROM webhook_delivery
            WHERE webhook_id = $1 AND state = 'PENDING' AND due_at <= $2 AND lease_until < clock_timestamp()
            ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING d.id, d.message, d.body, d.attempts, w.url, w.secret";
    RECORD = "UPDATE webhook_delivery SET state = $3, due_at = $4, status = $5, error = $6, answer = $7,
            duration_ms = $8, tries = tries || $9::jsonb, done_at = $10, lease_until = '-infinity'
        WHERE id = $1 AND attempts = $2 AND state = 'PENDING'
        RETURNING created_at";
    // First the webhook, then its deliveries: whoever deletes it locks in this order.
    LOCK = "SELECT id FROM webhook WHERE id = $1 FOR UPDATE";
    WORKED = "UPDATE webhook SET failures = 0, hold_until = '-infinity', worked_at = $2 WHERE id = $1";
    FAILED = "UPDATE webhook SET failures = failures + 1, failed_at = $2 WHERE id = $1
        RETURNING failures, worked_at";
    HOLD = "UPDATE webhook SET hold_until = $2 WHERE id = $1";
    STOP = "UPDATE webhook SET state = 'STOPPED', reason = $2, version = version + 1, updated_at = now()
        WHERE id = $1 AND state = 'ACTIVE' RETURNING name, reason, version";
    NEXT = "SELECT min(greatest(d.due_at, w.hold_until)) FROM webhook w
        CROSS JOIN LATERAL (SELECT due_at FROM webhook_delivery p WHERE p.webhook_id = w.id AND p.state = 'PENDING'
            ORDER BY due_at LIMIT 1) d
        WHERE w.state = 'ACTIVE'";
    REPLAY = concat!("UPDATE webhook_delivery SET state = 'PENDING', attempts = 0, due_at = $2, done_at = NULL
        WHERE id = $1 AND state <> 'PENDING' RETURNING ", columns!());
    REPLAY_FAILED = "UPDATE webhook_delivery SET state = 'PENDING', attempts = 0, due_at = $3, done_at = NULL
        WHERE webhook_id = $1 AND state = 'FAILED' AND ($2::timestamptz IS NULL OR created_at >= $2)";
    // Somebody waits for it: no grudge holds it back.
    LET_GO = "UPDATE webhook SET hold_until = '-infinity' WHERE id = $1";
    TEST_ONE = concat!("INSERT INTO webhook_delivery (webhook_id, message, event, body, due_at, created_at)
        VALUES ($1, $2, $3, $4, $5, $5) RETURNING ", columns!());
    GIVE_UP = "UPDATE webhook_delivery SET state = 'FAILED', done_at = $2, error = 'Skipped when the webhook went on.'
        WHERE webhook_id = $1 AND state = 'PENDING'";
    FORGET = "DELETE FROM webhook_delivery WHERE id IN (
        SELECT id FROM webhook_delivery WHERE state <> 'PENDING' AND created_at < $1 ORDER BY created_at LIMIT 500)";
}

/// A delivery in the log.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Delivery {
    /// Its id.
    pub id: i64,
    /// The webhook.
    pub webhook: i64,
    /// The header `webhook-id`: the same for each attempt.
    #[schema(example = "msg_3_1842")]
    pub message: String,
    /// What is told.
    #[schema(example = "lead.created")]
    pub event: String,
    /// The body that is sent.
    pub body: String,
    /// What became of it.
    pub state: Outcome,
    /// Attempts so far; after a replay they count anew.
    pub attempts: i64,
    /// When it is tried next, while it is pending.
    pub due_at: Timestamp,
    /// The status of the last answer.
    pub status: Option<i64>,
    /// Why there was none.
    pub error: String,
    /// The beginning of the last answer.
    pub answer: String,
    /// How long the last attempt took.
    pub duration_ms: Option<i64>,
    /// Each attempt.
    pub tries: Vec<Try>,
    /// When it was written down.
    pub created_at: Timestamp,
    /// When it came to its end.
    pub done_at: Option<Timestamp>,
}

/// One attempt.
#[derive(Debug, Clone, Serialize, serde::Deserialize, ToSchema)]
pub struct Try {
    /// When.
    pub at: Timestamp,
    /// The answer's status.
    pub status: Option<i64>,
    /// Why there was none.
    pub error: String,
    /// How long it took.
    pub duration_ms: i64,
}

impl Delivery {
    fn read(row: &Row) -> Result<Self> {
        let tries: Value = row.get(12);
        Ok(Self {
            id: row.get(0),
            webhook: row.get(1),
            message: row.get(2),
            event: row.get(3),
            body: row.get(4),
            state: row.get::<_, &str>(5).parse().map_err(Error::Internal)?,
            attempts: row.get(6),
            due_at: row.get(7),
            status: row.get(8),
            error: row.get(9),
            answer: row.get(10),
            duration_ms: row.get(11),
            tries: serde_json::from_value(tries).map_err(|error| {
                Error::Internal(format!("the attempts of a delivery can't be read: {error}"))
            })?,
            created_at: row.get(13),
            done_at: row.get(14),
        })
    }
}

/// The log of a webhook, the newest first.
///
/// # Errors
/// When the tenant's place can't be reached; so with the others.
pub async fn deliveries(
    data: &TenantConnection,
    webhook: i64,
    state: Option<Outcome>,
    page: &PageRequest,
) -> Result<Page<Delivery>> {
    let (after, limit) = (page.after_id("-id")?, page.limit + 1);
    let state = state.map(Outcome::as_str);
    let rows = data
        .rows(&LIST, &[&webhook, &state, &after, &limit])
        .await?;
    let rows: Result<Vec<_>> = rows.iter().map(Delivery::read).collect();
    Ok(Page::of(rows?, page, None, |delivery: &Delivery| Cursor {
        sort: "-id".to_owned(),
        key: String::new(),
        id: delivery.id,
    }))
}

/// One delivery.
///
/// # Errors
/// See [`deliveries`].
pub async fn delivery(data: &TenantConnection, id: i64) -> Result<Option<Delivery>> {
    data.row(&FIND, &[&id])
        .await?
        .as_ref()
        .map(Delivery::read)
        .transpose()
}

/// A delivery that somebody is about to send.
#[derive(Debug)]
pub struct Sending {
    /// Its id.
    pub id: i64,
    /// The webhook.
    pub webhook: i64,
    /// The header `webhook-id`.
    pub message: String,
    /// What is sent.
    pub body: String,
    /// Which attempt it is.
    pub attempt: i64,
    /// Where to.
    pub url: String,
    /// Names the secrets that it is signed with.
    pub secret: String,
}

/// What came of an attempt.
#[derive(Debug)]
pub struct Sent {
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub duration_ms: i64,
    /// The answer's status; `None` for no answer.
    pub status: Option<u16>,
    /// Why there was none.
    pub error: String,
    /// The beginning of the answer.
    pub answer: String,
    /// In how many seconds the receiver wants to be asked again.
    pub retry_after: Option<u64>,
    /// Chance, from 0 to 1.
    pub chance: f64,
}

/// Takes the delivery of this webhook that is due for longest, for fifteen seconds.
///
/// # Errors
/// See [`deliveries`].
pub async fn claim(
    data: &TenantConnection,
    webhook: i64,
    now: Timestamp,
) -> Result<Option<Sending>> {
    let tx = data.begin().await?;
    let row = tx.row(&CLAIM, &[&webhook, &now]).await?;
    tx.commit().await?;
    Ok(row.map(|row| Sending {
        id: row.get(0),
        webhook,
        message: row.get(1),
        body: row.get(2),
        attempt: row.get(3),
        url: row.get(4),
        secret: row.get(5),
    }))
}

/// Writes down what came of an attempt, and what follows from it: the next attempt, or the end; and for the
/// webhook a rest, or that it is stopped, of which its company's owners are told. Whether the webhook may be called again at once.
///
/// # Errors
/// See [`deliveries`].
pub async fn record(
    data: &TenantConnection,
    sending: &Sending,
    sent: &Sent,
    owners: &[i64],
) -> Result<bool> {
    let worked = sent
        .status
        .is_some_and(|status| (200..300).contains(&status));
    let next = again(sending.attempt, sent.retry_after, sent.chance);
    // The receiver says that it is gone for good.
    let next = next.filter(|_| sent.status != Some(410));
    let ended = sent
        .at
        .saturating_add(SignedDuration::from_millis(sent.duration_ms))
        .unwrap_or(sent.at);
    let (state, due, done) = match (worked, next) {
        (true, _) => (Outcome::Delivered, ended, Some(ended)),
        (false, Some(wait)) => (Outcome::Pending, later(ended, wait), None),
        (false, None) => (Outcome::Failed, ended, Some(ended)),
    };
    let status = sent.status.map(i64::from);
    let tries = json!([{ "at": sent.at, "status": status, "error": sent.error, "duration_ms": sent.duration_ms }]);
    let tx = data.begin().await?;
    let params: [&(dyn ToSql + Sync); 10] = [
        &sending.id,
        &sending.attempt,
        &state.as_str(),
        &due,
        &status,
        &sent.error,
        &sent.answer,
        &sent.duration_ms,
        &tries,
        &done,
    ];
    tx.row(&LOCK, &[&sending.webhook]).await?;
    let Some(row) = tx.row(&RECORD, &params).await? else {
        // Another has it by now, or it is gone.
        return Ok(true);
    };
    let created: Timestamp = row.get(0);
    if worked {
        tx.execute(&WORKED, &[&sending.webhook, &ended]).await?;
    } else {
        failed(&tx, sending, sent, (ended, created, state), owners).await?;
    }
    tx.commit().await?;
    Ok(worked)
}

async fn failed(
    tx: &TenantTransaction,
    sending: &Sending,
    sent: &Sent,
    (ended, created, state): (Timestamp, Timestamp, Outcome),
    owners: &[i64],
) -> Result<()> {
    let row = tx.one(&FAILED, &[&sending.webhook, &ended]).await?;
    let (failures, worked_at): (i64, Option<Timestamp>) = (row.get(0), row.get(1));
    let until = later(ended, hold(failures, sent.retry_after));
    tx.execute(&HOLD, &[&sending.webhook, &until]).await?;
    // All attempts of one are used up, and nothing else went through in all that time.
    let for_long = state == Outcome::Failed && worked_at.is_none_or(|at| at < created);
    if for_long || sent.status == Some(410) {
        let last = match sent.status {
            Some(status) => format!("The receiver answered {status}."),
            None => sent.error.clone(),
        };
        if let Some(stopped) = tx.row(&STOP, &[&sending.webhook, &last]).await? {
            tell_owners(tx, sending, &stopped, ended, owners).await?;
        }
    }
    Ok(())
}

async fn tell_owners(
    tx: &TenantTransaction,
    sending: &Sending,
    stopped: &Row,
    ended: Timestamp,
    owners: &[i64],
) -> Result<()> {
    let (name, reason, version): (&str, &str, i64) =
        (stopped.get(0), stopped.get(1), stopped.get(2));
    let told = owners.iter().map(|&user| Told {
        user,
        topic: Topic::WebhookStopped,
        cause: format!("webhook:{}:{version}", sending.webhook),
        kind: None,
        record: None,
        count: 1,
        data: json!({ "webhook": sending.webhook, "name": name, "reason": reason }),
    });
    tell(tx, &told.collect::<Vec<_>>(), None, ended).await
}

fn later(from: Timestamp, seconds: i64) -> Timestamp {
    from.saturating_add(SignedDuration::from_secs(seconds))
        .unwrap_or(from)
}

/// When something is to be sent next.
///
/// # Errors
/// See [`deliveries`].
pub async fn next_due(data: &TenantConnection) -> Result<Option<Timestamp>> {
    let row = data.row(&NEXT, &[]).await?;
    Ok(row.and_then(|row| row.get(0)))
}

/// Sends a delivery once more, with the id that it has; as it is then, or `None` when there is none. One that is
/// pending stays as it is.
///
/// # Errors
/// See [`deliveries`].
pub async fn replay(data: &TenantConnection, id: i64, now: Timestamp) -> Result<Option<Delivery>> {
    let tx = data.begin().await?;
    let Some(found) = tx.row(&FIND, &[&id]).await? else {
        return Ok(None);
    };
    let found = Delivery::read(&found)?;
    tx.execute(&LET_GO, &[&found.webhook]).await?;
    let delivery = match tx.row(&REPLAY, &[&id, &now]).await? {
        Some(row) => Delivery::read(&row)?,
        None => found,
    };
    tx.commit().await?;
    Ok(Some(delivery))
}

/// Sends all that failed once more, from this instant on; says how many.
///
/// # Errors
/// See [`deliveries`].
pub async fn replay_failed(
    data: &TenantConnection,
    webhook: i64,
    since: Option<Timestamp>,
    now: Timestamp,
) -> Result<u64> {
    let tx = data.begin().await?;
    tx.execute(&LET_GO, &[&webhook]).await?;
    let count = tx
        .execute(&REPLAY_FAILED, &[&webhook, &since, &now])
        .await?;
    tx.commit().await?;
    Ok(count)
}

/// Has a test sent, which tells nothing; the name makes its id.
///
/// # Errors
/// See [`deliveries`].
pub async fn test(
    data: &TenantConnection,
    webhook: i64,
    (tenant, name): (&str, &str),
    now: Timestamp,
) -> Result<Delivery> {
    let tx = data.begin().await?;
    let message = format!("msg_{webhook}_{name}");
    let body = body(TEST, now, tenant, &json!({}));
    let params: [&(dyn ToSql + Sync); 5] = [&webhook, &message, &TEST, &body, &now];
    let made = Delivery::read(&tx.one(&TEST_ONE, &params).await?)?;
    tx.execute(&LET_GO, &[&webhook]).await?;
    tx.commit().await?;
    Ok(made)
}

/// What was to be sent is not, since somebody wants to go on without it.
pub(super) async fn give_up(tx: &TenantTransaction, webhook: i64, now: Timestamp) -> Result<()> {
    tx.execute(&GIVE_UP, &[&webhook, &now]).await?;
    Ok(())
}

/// Forgets what is too old for the log.
///
/// # Errors
/// See [`deliveries`].
pub async fn forget_old(data: &TenantConnection, now: Timestamp) -> Result<u64> {
    let before = now
        .saturating_sub(SignedDuration::from_hours(LOG_DAYS * 24))
        .unwrap_or(now);
    let tx = data.begin().await?;
    let count = tx.execute(&FORGET, &[&before]).await?;
    tx.commit().await?;
    Ok(count)
}
