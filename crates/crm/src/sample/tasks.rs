//! Activities: what was done, and what is to be done.

use super::calendar::Calendar;
use super::chance::Chance;
use super::texts::{DEEDS, DETAILS_OF_DEEDS, Deed};
use super::{About, Plan};
use jiff::{SignedDuration, Timestamp};
use sindico_domain::FieldErrors;
use sindico_domain::crm::pipeline::Pipelines;
use sindico_domain::crm::{ActivityStatus, Datum, Kind, Priority, Record, settle};

/// In how many days the pending ones are due, one after the other.
const DUE: &[i64] = &[0, -1, 0, 1, -3, 2, 0, 4, -6, 1, 7, -2, 3, 12, -1, 20];

/// The frequent ones come more than once.
const PRIORITIES: &[Priority] = &[
    Priority::Medium,
    Priority::Medium,
    Priority::High,
    Priority::Low,
    Priority::Medium,
    Priority::Urgent,
    Priority::High,
    Priority::Low,
];

/// An activity that was written down at this time.
fn begun(
    chance: &mut Chance,
    plan: &Plan<'_>,
    (about, deed): (&About, &Deed),
    at: Timestamp,
) -> Record {
    let mut record = Record::new(Kind::Activity, at);
    let target = match about.kind {
        Kind::Lead => "lead",
        _ => "opportunity",
    };
    record.set(target, Datum::Int(about.id));
    record.set_text("kind", deed.kind.as_str());
    record.set_text("title", *chance.pick(deed.titles));
    if chance.percent(20) {
        record.set_text("description", *chance.pick(DETAILS_OF_DEEDS));
    }
    record.set_text("priority", chance.pick(PRIORITIES).as_str());
    let own = about.owner.filter(|_| chance.percent(75));
    let assignee = own.or_else(|| plan.somebody(chance));
    record.set("assigned_to", plan.user(assignee));
    record.set("created_by", plan.user(about.owner.or(assignee)));
    record
}

/// Something that was done, or that came to nothing.
pub(super) fn past(
    chance: &mut Chance,
    plan: &Plan<'_>,
    calendar: &Calendar,
    about: &About,
    at: Timestamp,
) -> Result<Record, FieldErrors> {
    let until = about.closed.unwrap_or(calendar.now);
    let at = if at < about.at || at > until {
        let at = calendar.within(chance, about.at, until);
        calendar.office(at).max(about.at)
    } else {
        at
    };
    let deed = chance.pick(DEEDS);
    let mut record = begun(chance, plan, (about, deed), at);
    let done = calendar
        .now
        .min(at + SignedDuration::from_hours(chance.between(1, 24 * 6)));
    let done = calendar.office(done).max(at);
    if deed.minutes.is_some() {
        let due = done + SignedDuration::from_mins(15 * chance.between(-8, 24));
        record.set("due_at", Datum::Instant(due.max(at)));
        if chance.percent(12) {
            record.set("sla_hours", Datum::Int(*chance.pick(&[8, 24, 48, 72])));
        }
    }
    settle(None, &mut record, at, Pipelines::contract())?;
    let before = record.clone();
    let status = if chance.percent(4) {
        ActivityStatus::Canceled
    } else {
        ActivityStatus::Done
    };
    record.set_text("status", status.as_str());
    if status == ActivityStatus::Done {
        record.set_text("outcome", *chance.pick(deed.outcomes));
        if let Some((least, most)) = deed.minutes {
            let minutes = Datum::Int(chance.between(least, most));
            record.set("duration_minutes", minutes);
        }
    }
    settle(Some(&before), &mut record, done, Pipelines::contract())?;
    record.updated_at = done;
    Ok(record)
}

/// Something to be done around now; number `n` of them.
pub(super) fn pending(
    chance: &mut Chance,
    plan: &Plan<'_>,
    calendar: &Calendar,
    about: &About,
    n: u64,
) -> Result<Record, FieldErrors> {
    let turn = usize::try_from(n).unwrap_or_default();
    let due = calendar.day(chance, DUE[turn % DUE.len()]);
    let at = due.min(calendar.now) - SignedDuration::from_hours(chance.between(20, 240));
    let at = calendar.office(at.max(about.at));
    // A note is never pending.
    let deed = loop {
        let deed = chance.pick(DEEDS);
        if !deed.outcomes.contains(&"") {
            break deed;
        }
    };
    let mut record = begun(chance, plan, (about, deed), at);
    record.set("due_at", Datum::Instant(due));
    if chance.percent(55) {
        let minutes = *chance.pick(&[15, 30, 60, 120, 1440]);
        let reminder = due - SignedDuration::from_mins(minutes);
        record.set("reminder_at", Datum::Instant(reminder));
        let long_ago = calendar.now - SignedDuration::from_hours(24);
        record.set("reminder_sent", Datum::Flag(reminder < long_ago));
    }
    if chance.percent(20) {
        record.set("sla_hours", Datum::Int(*chance.pick(&[24, 48, 72, 168])));
    }
    settle(None, &mut record, at, Pipelines::contract())?;
    Ok(record)
}
