//! What becomes due while nobody writes: reminders, and activities that are past their time. Found by indexes alone,
//! a bounded number at a time, by any number of programs at once.

use super::{Told, tell};
use crate::model;
use crate::work::{By, Work};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use sindico_db::{Result, Row, Statement, TenantConnection, TenantTransaction, ToSql};
use sindico_domain::crm::{Datum, Kind, Record};
use sindico_domain::notification::{KEPT_DAYS, Topic};
use std::sync::LazyLock;

/// How many are done in a transaction.
const PIECE: i64 = 200;

/// What is past due is told a little later: one that is written down in the last moment is committed by then.
const LATER: SignedDuration = SignedDuration::from_secs(60);

/// The reminders that are waited for, as the index `activity_to_remind` has it: none that was past when it was set, or
/// before anybody was told.
macro_rules! to_remind {
    () => {
        "deleted_at IS NULL AND status = 'PENDING' AND NOT reminder_sent AND reminder_at > created_at
            AND reminder_at > (SELECT begun_at FROM notification_seen)"
    };
}

/// When an activity is due, as its index has it.
macro_rules! due {
    () => {
        "(CASE WHEN due_at IS NULL THEN 'infinity'::timestamptz ELSE due_at END)"
    };
}

sindico_db::statements! { "due":
    NEXT_REMINDER = concat!("SELECT reminder_at FROM activity WHERE ", to_remind!(), " ORDER BY reminder_at, id LIMIT 1");
    NEXT_DUE = concat!("SELECT due_at FROM activity WHERE deleted_at IS NULL AND status = 'PENDING'
            AND (", due!(), ", id) > ((SELECT due_at FROM notification_seen), (SELECT due_id FROM notification_seen))
            AND ", due!(), " < 'infinity'
        ORDER BY ", due!(), ", id LIMIT 1");
    NEXT_MAIL = "SELECT due_at FROM mail WHERE state = 'PENDING' ORDER BY due_at, id LIMIT 1";
    NEXT_SLA = "SELECT sla_due_at FROM activity WHERE deleted_at IS NULL AND status = 'PENDING' AND sla_due_at IS NOT NULL
            AND (sla_due_at, id) > ((SELECT sla_at FROM notification_seen), (SELECT sla_id FROM notification_seen))
        ORDER BY sla_due_at, id LIMIT 1";
    BEGUN = "SELECT begun_at FROM notification_seen";
    BEGIN = "INSERT INTO notification_seen (begun_at, due_at, due_id, sla_at, sla_id) VALUES ($1, $1, 0, $1, 0)
        ON CONFLICT DO NOTHING";
    // One program at a time tells what is past due.
    SEEN = "SELECT due_at, due_id, sla_at, sla_id FROM notification_seen FOR UPDATE";
    PAST_DUE = concat!("SELECT id, coalesce(assigned_to_id, created_by_id), due_at FROM activity
        WHERE deleted_at IS NULL AND status = 'PENDING' AND (", due!(), ", id) > ($1, $2) AND ", due!(), " <= $3
        ORDER BY ", due!(), ", id LIMIT $4");
    PAST_SLA = "SELECT id, coalesce(assigned_to_id, created_by_id), sla_due_at FROM activity
        WHERE deleted_at IS NULL AND status = 'PENDING' AND sla_due_at IS NOT NULL AND (sla_due_at, id) > ($1, $2)
            AND sla_due_at <= $3
        ORDER BY sla_due_at, id LIMIT $4";
    MOVE_DUE = "UPDATE notification_seen SET due_at = $1, due_id = $2";
    MOVE_SLA = "UPDATE notification_seen SET sla_at = $1, sla_id = $2";
    FORGET = "DELETE FROM notification WHERE id IN (
        SELECT id FROM notification WHERE created_at < $1 ORDER BY created_at LIMIT 500)";
}

/// Those that are due; one that another program is at is its own.
static DUE: LazyLock<Statement> = LazyLock::new(|| {
    let sql = format!(
        concat!(
            "SELECT {} FROM activity WHERE ",
            to_remind!(),
            " AND reminder_at <= $1 ORDER BY reminder_at, id LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED"
        ),
        model::of(Kind::Activity).columns
    );
    Statement {
        name: "due.reminders",
        sql: Box::leak(sql.into_boxed_str()),
    }
});

pub(crate) fn statements() -> Vec<Statement> {
    [STATEMENTS, &[*DUE]].concat()
}

/// When there is something to be told in this tenant's data, perhaps at once. The first look is a beginning: what was
/// due before it is no news.
///
/// # Errors
/// When the tenant's place can't be reached; so with the others.
pub async fn next(data: &TenantConnection, now: Timestamp) -> Result<Option<Timestamp>> {
    let reads: [(&Statement, &[&(dyn ToSql + Sync)]); 5] = [
        (&BEGUN, &[]),
        (&NEXT_REMINDER, &[]),
        (&NEXT_DUE, &[]),
        (&NEXT_SLA, &[]),
        (&NEXT_MAIL, &[]),
    ];
    let mut answers = data.read(&reads).await?;
    if answers[0].is_empty() {
        let tx = data.begin().await?;
        tx.execute(&BEGIN, &[&now]).await?;
        tx.commit().await?;
        answers = data.read(&reads).await?;
    }
    let at = |n: usize| {
        let row = answers[n].first();
        row.and_then(|row| row.get::<_, Option<Timestamp>>(0))
    };
    let past = [at(2), at(3)].into_iter().flatten().map(later);
    Ok([at(1), at(4)].into_iter().flatten().chain(past).min())
}

fn later(at: Timestamp) -> Timestamp {
    at.saturating_add(LATER).unwrap_or(at)
}

/// Reminds of what is due: told, and noted as told, in one transaction. How many that were.
///
/// # Errors
/// See [`next`].
pub async fn remind(data: &TenantConnection, by: By<'_>) -> Result<usize> {
    let mut work = Work::begin(data, by).await?;
    let rows = work.tx.rows(&DUE, &[&by.now, &PIECE]).await?;
    if rows.is_empty() {
        return Ok(0);
    }
    let model = model::of(Kind::Activity);
    let mut told = Vec::with_capacity(rows.len());
    let mut pairs = Vec::with_capacity(rows.len());
    for before in rows.iter().map(|row| model.record(row)) {
        told.extend(reminder(&before));
        let mut after = before.clone();
        after.set("reminder_sent", Datum::Flag(true));
        pairs.push((before, after));
    }
    work.put_many(&pairs).await?;
    let change_set = work.record("activity.remind", None).await?;
    tell(&work.tx, &told, change_set, by.now).await?;
    work.commit().await?;
    Ok(pairs.len())
}

/// Whoever does it is reminded; nobody's, whoever wrote it down.
fn reminder(activity: &Record) -> Option<Told> {
    let user = activity
        .user("assigned_to")
        .or(activity.user("created_by"))?;
    let at = activity.instant("reminder_at")?;
    Some(Told {
        user: user.id,
        topic: Topic::Reminder,
        cause: format!("reminder:{}:{at}", activity.id),
        kind: Some(Kind::Activity),
        record: Some(activity.id),
        count: 1,
        data: json!({ "reminder_at": at, "due_at": activity.instant("due_at") }),
    })
}

/// Tells what is past due since it was told last; whether there may be more.
///
/// # Errors
/// See [`next`].
pub async fn past_due(data: &TenantConnection, now: Timestamp) -> Result<bool> {
    let until = now.saturating_sub(LATER).unwrap_or(now);
    let tx = data.begin().await?;
    let Some(seen) = tx.row(&SEEN, &[]).await? else {
        return Ok(false);
    };
    let due = (&PAST_DUE, &MOVE_DUE, Topic::Overdue);
    let sla = (&PAST_SLA, &MOVE_SLA, Topic::SlaBreached);
    let more_due = past(&tx, due, (seen.get(0), seen.get(1)), (until, now)).await?;
    let more_sla = past(&tx, sla, (seen.get(2), seen.get(3)), (until, now)).await?;
    tx.commit().await?;
    Ok(more_due || more_sla)
}

async fn past(
    tx: &TenantTransaction,
    (find, advance, topic): (&Statement, &Statement, Topic),
    (at, id): (Timestamp, i64),
    (until, now): (Timestamp, Timestamp),
) -> Result<bool> {
    // A clock that was put back takes nothing back.
    if until <= at {
        return Ok(false);
    }
    let params: [&(dyn ToSql + Sync); 4] = [&at, &id, &until, &PIECE];
    let rows = tx.rows(find, &params).await?;
    let told: Vec<Told> = rows.iter().filter_map(|row| late(row, topic)).collect();
    tell(tx, &told, None, now).await?;
    let more = i64::try_from(rows.len()).is_ok_and(|count| count == PIECE);
    let (at, id): (Timestamp, i64) = match rows.last() {
        Some(last) if more => (last.get(2), last.get(0)),
        _ => (until, i64::MAX),
    };
    tx.execute(advance, &[&at, &id]).await?;
    Ok(more)
}

fn late(row: &Row, topic: Topic) -> Option<Told> {
    let (id, at): (i64, Timestamp) = (row.get(0), row.get(2));
    Some(Told {
        user: row.get::<_, Option<i64>>(1)?,
        topic,
        cause: format!("{}:{id}:{at}", topic.as_str().to_lowercase()),
        kind: Some(Kind::Activity),
        record: Some(id),
        count: 1,
        data: json!({ "due_at": at }),
    })
}

/// Forgets what is too old.
///
/// # Errors
/// See [`next`].
pub async fn forget_old(data: &TenantConnection, now: Timestamp) -> Result<u64> {
    let before = now
        .saturating_sub(SignedDuration::from_hours(KEPT_DAYS * 24))
        .unwrap_or(now);
    let tx = data.begin().await?;
    let count = tx.execute(&FORGET, &[&before]).await?;
    tx.commit().await?;
    Ok(count)
}
