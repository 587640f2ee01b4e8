//! What activities can do beyond any record: be done, be opened again, and remind (contract section 6).

use crate::idempotency;
use crate::model;
use crate::records::{self, Act};
use crate::row::Listed;
use crate::work::{By, Work};
use jiff::Timestamp;
use serde_json::{Map, Value};
use sindico_db::idempotency::{Key, Once};
use sindico_db::{Result, Statement, TenantConnection};
use sindico_domain::crm::draft::{Draft, Whole};
use sindico_domain::crm::{ActivityStatus, Datum, Kind, Record};
use sindico_domain::page::{Cursor, Page, PageRequest, instant_of};
use sindico_domain::precondition::Precondition;
use sindico_domain::{FieldErrors, Refusal};
use std::collections::HashMap;
use std::sync::LazyLock;

static REMINDERS: LazyLock<Statement> = LazyLock::new(|| {
    let sql = format!(
        "SELECT {}, reminder_at::text AS sort_key FROM activity
         WHERE deleted_at IS NULL AND status = 'PENDING' AND NOT reminder_sent AND reminder_at <= $1
             AND ($2::bigint IS NULL OR assigned_to_id = $2)
             AND ($3::timestamptz IS NULL OR (reminder_at, id) > ($3, $4))
         ORDER BY reminder_at, id LIMIT $5",
        model::of(Kind::Activity).columns
    );
    Statement {
        name: "activities.reminders",
        sql: Box::leak(sql.into_boxed_str()),
    }
});

pub(crate) fn statements() -> Vec<Statement> {
    vec![*REMINDERS]
}

/// What came of an activity.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Outcome(Draft);

impl Outcome {
    /// Reads the body of `POST /api/activities/{id}/complete/`: `outcome` and `duration_minutes`.
    ///
    /// # Errors
    /// What is wrong, by field.
    pub fn parse(body: &Map<String, Value>) -> Result<Self, FieldErrors> {
        let told = ["outcome", "duration_minutes"];
        let told = body
            .iter()
            .filter(|(name, _)| told.contains(&name.as_str()));
        let told: Map<String, Value> = told
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        Ok(Self(Draft::parse(Kind::Activity, &told, Whole::No)?))
    }
}

/// Marks an activity as done; one that is done stays as it is. `None` when there is none with this id.
///
/// # Errors
/// A canceled one is refused as a whole; else as [`records::change`].
pub async fn complete(
    data: &TenantConnection,
    by: By<'_>,
    id: i64,
    outcome: &Outcome,
    (condition, key): (&Precondition, Option<&Key>),
) -> Result<Option<Once<Value>>> {
    let act = Act {
        name: "complete",
        condition,
        key,
    };
    records::edit(data, by, (Kind::Activity, id), act, |activity, _| {
        if activity.text("status") == ActivityStatus::Canceled.as_str() {
            let detail = "A canceled activity can't be completed: reopen it first.";
            return Err(Refusal::Invalid(detail.to_owned()));
        }
        activity.set_text("status", ActivityStatus::Done.as_str());
        Ok(outcome.0.apply(activity, &HashMap::new())?)
    })
    .await
}

/// Makes an activity pending again, whether it was done or canceled.
///
/// # Errors
/// As [`complete`].
pub async fn reopen(
    data: &TenantConnection,
    by: By<'_>,
    id: i64,
    (condition, key): (&Precondition, Option<&Key>),
) -> Result<Option<Once<Value>>> {
    let act = Act {
        name: "reopen",
        condition,
        key,
    };
    records::edit(data, by, (Kind::Activity, id), act, |activity, _| {
        activity.set_text("status", ActivityStatus::Pending.as_str());
        Ok(())
    })
    .await
}

/// Notes that somebody was reminded.
///
/// # Errors
/// One without a reminder is refused as a whole; else as [`complete`].
pub async fn mark_reminded(
    data: &TenantConnection,
    by: By<'_>,
    id: i64,
    (condition, key): (&Precondition, Option<&Key>),
) -> Result<Option<Once<Value>>> {
    let act = Act {
        name: "remind",
        condition,
        key,
    };
    records::edit(data, by, (Kind::Activity, id), act, |activity, _| {
        if activity.get("reminder_at").is_empty() {
            let detail = "This activity has no reminder: give it a reminder_at first.";
            return Err(Refusal::Invalid(detail.to_owned()));
        }
        activity.set("reminder_sent", Datum::Flag(true));
        Ok(())
    })
    .await
}

/// Reminds of a pending activity later. One that would be due before then is due then: it was put off.
///
/// # Errors
/// One that is not pending is refused as a whole; else as [`complete`].
pub async fn snooze(
    data: &TenantConnection,
    by: By<'_>,
    id: i64,
    until: Timestamp,
    (condition, key): (&Precondition, Option<&Key>),
) -> Result<Option<Once<Value>>> {
    let act = Act {
        name: "snooze",
        condition,
        key,
    };
    records::edit(data, by, (Kind::Activity, id), act, |activity, _| {
        if activity.text("status") != ActivityStatus::Pending.as_str() {
            let detail = "Only a pending activity can be put off.";
            return Err(Refusal::Invalid(detail.to_owned()));
        }
        activity.set("reminder_at", Datum::Instant(until));
        if activity.instant("due_at").is_some_and(|due| due < until) {
            activity.set("due_at", Datum::Instant(until));
        }
        Ok(())
    })
    .await
}

/// Writes down what was done, and what is to be done next if that is told: one change set.
///
/// # Errors
/// As [`records::create`].
pub async fn log(
    data: &TenantConnection,
    by: By<'_>,
    done: Record,
    next: Option<Record>,
    key: Option<&Key>,
) -> Result<Once<Value>> {
    let mut work = Work::begin(data, by).await?;
    if let Some(earlier) = idempotency::begin(&work.tx, key).await? {
        return Ok(earlier);
    }
    let made = work.create(done).await?;
    if let Some(next) = next {
        work.create(next).await?;
    }
    work.record("activity.log", None).await?;
    let told = work.told(&made)?;
    work.finish(key, told, made.version).await
}

/// Pending activities whose reminder is due at this instant and was not given yet, the earliest first;
/// of one member, if one is named.
///
/// # Errors
/// A cursor of another list is refused; or the tenant's place can't be reached.
pub async fn reminders(
    data: &TenantConnection,
    now: Timestamp,
    assigned_to: Option<i64>,
    page: &PageRequest,
) -> Result<Page<Listed>> {
    const SORT: &str = "reminder_at";
    let after = page.after(SORT)?;
    let key: Option<Timestamp> = match after {
        Some(cursor) => Some(instant_of(&cursor.key)?),
        None => None,
    };
    let (id, limit) = (after.map(|cursor| cursor.id), page.limit + 1);
    let rows = data
        .rows(&REMINDERS, &[&now, &assigned_to, &key, &id, &limit])
        .await?;
    let kind = Kind::Activity;
    let listed = rows.into_iter().map(|row| Listed { kind, row }).collect();
    let width = model::of(kind).width();
    Ok(Page::of(listed, page, None, |last: &Listed| Cursor {
        sort: SORT.to_owned(),
        key: last.row.get(width),
        id: last.id(),
    }))
}
