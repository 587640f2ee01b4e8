//! Activities: what is to be done, and what was done.

use super::datum::Datum;
use super::field::{Default, Field, FieldType, SortKey};
use super::kind::Kind;
use super::record::Record;
use crate::FieldErrors;
use crate::words::words;
use jiff::{SignedDuration, Timestamp};

words! {
    /// What sort of activity it is.
    ActivityKind { /// Something to do.
        Task = "TASK", /// Coming back to somebody.
        FollowUp = "FOLLOW_UP", /// Something to be remembered.
        Note = "NOTE", /// A call.
        Call = "CALL", /// A meeting.
        Meeting = "MEETING", /// A mail.
        Email = "EMAIL", /// A talk on WhatsApp.
        Whatsapp = "WHATSAPP" }
}

words! {
    /// Whether it is done.
    ActivityStatus { /// Not yet.
        Pending = "PENDING", /// Done.
        Done = "DONE", /// Will not be.
        Canceled = "CANCELED" }
}

words! {
    /// How urgent it is.
    Priority { /// It can wait.
        Low = "LOW", /// As usual.
        Medium = "MEDIUM", /// Soon.
        High = "HIGH", /// Now.
        Urgent = "URGENT" }
}

pub(super) const FIELDS: &[Field] = &[
    Field::new("kind", FieldType::Choice(&["TASK", "FOLLOW_UP", "NOTE", "CALL", "MEETING", "EMAIL", "WHATSAPP"]), "What sort of activity it is.").or(Default::Word("TASK")).filtered(),
    Field::new("title", FieldType::Text(255), "What is to be done.").required(),
    Field::new("description", FieldType::Text(10_000), "The details.").personal(),
    Field::new("status", FieldType::Choice(&["PENDING", "DONE", "CANCELED"]), "Whether it is done.").or(Default::Word("PENDING")).filtered(),
    Field::new("priority", FieldType::Choice(&["LOW", "MEDIUM", "HIGH", "URGENT"]), "How urgent it is.").or(Default::Word("MEDIUM")).filtered(),
    Field::new("due_at", FieldType::Instant, "When it has to be done.").filtered(),
    Field::new("reminder_at", FieldType::Instant, "When to remind of it; not after it is due.").filtered(),
    Field::new("reminder_sent", FieldType::Flag, "Whether it was reminded of.").or(Default::No).derived(),
    Field::new("sla_hours", FieldType::Integer(1, 8_760), "In how many hours after its creation it must be done."),
    Field::new("sla_due_at", FieldType::Instant, "When those are over.").derived().filtered(),
    Field::new("completed_at", FieldType::Instant, "When it was done.").derived().filtered(),
    Field::new("lead", FieldType::Ref(Kind::Lead), "The lead that it is about.").filtered(),
    Field::new("opportunity", FieldType::Ref(Kind::Opportunity), "The opportunity that it is about.").filtered(),
    Field::new("assigned_to", FieldType::User, "The member who does it.").filtered(),
    Field::new("created_by", FieldType::User, "Who wrote it down.").derived().filtered(),
    Field::new("outcome", FieldType::Text(500), "What came of it.").personal(),
    Field::new("duration_minutes", FieldType::Integer(0, 100_000), "How long it took, in minutes."),
    Field::new("is_overdue", FieldType::Flag, "Whether it is pending and past due.").computed("(status = 'PENDING' AND coalesce(due_at < now(), false))"),
    Field::new("is_sla_breached", FieldType::Flag, "Whether it was not done within its hours.").computed("coalesce(CASE status WHEN 'PENDING' THEN now() > sla_due_at WHEN 'DONE' THEN completed_at > sla_due_at END, false)"),
    Field::custom(),
];

pub(super) const SORTS: &[SortKey] = &[
    SortKey {
        name: "due_at",
        expression: "(CASE WHEN due_at IS NULL THEN 'infinity'::timestamptz ELSE due_at END)",
        sql_type: "timestamptz",
    },
    SortKey {
        name: "created_at",
        expression: "created_at",
        sql_type: "timestamptz",
    },
    SortKey {
        name: "id",
        expression: "id",
        sql_type: "bigint",
    },
];

pub(super) fn settle(
    before: Option<&Record>,
    after: &mut Record,
    now: Timestamp,
    errors: &mut FieldErrors,
) {
    if after.get("lead").is_empty() && after.get("opportunity").is_empty() {
        let message = "An activity is about a lead or an opportunity: name one of them.";
        errors.add("lead", message);
        errors.add("opportunity", message);
    }
    if let (Some(reminder), Some(due)) = (after.instant("reminder_at"), after.instant("due_at"))
        && reminder > due
    {
        errors.add("reminder_at", "Use an instant that is not after due_at.");
    }
    if before.is_some_and(|before| before.get("reminder_at") != after.get("reminder_at")) {
        after.set("reminder_sent", Datum::Flag(false));
    }
    // Only other hours change it: the database's clock, which tells when the activity was created, and
    // the one that `now` comes from need not agree.
    if before.is_none_or(|before| before.get("sla_hours") != after.get("sla_hours")) {
        let begun = before.map_or(now, |before| before.created_at);
        let sla = after
            .int("sla_hours")
            .and_then(|hours| begun.checked_add(SignedDuration::from_hours(hours)).ok());
        after.set("sla_due_at", sla.map_or(Datum::Null, Datum::Instant));
    }
    let done = |record: &Record| record.text("status") == ActivityStatus::Done.as_str();
    match (before.is_some_and(done), done(after)) {
        (false, true) => after.set("completed_at", Datum::Instant(now)),
        (_, false) => after.set("completed_at", Datum::Null),
        (true, true) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::pipeline::Pipelines;
    use super::super::{Kind, settle};
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// However an activity is written: it is completed exactly while it is done, and its hours run
        /// from its creation whatever else changes.
        #[test]
        fn what_the_rules_derive_fits(ways in proptest::collection::vec((prop::sample::select(ActivityStatus::ALL), proptest::option::of(1i64..=8_760), any::<bool>()), 1..20)) {
            let created = Timestamp::UNIX_EPOCH;
            let mut now = Record::new(Kind::Activity, created);
            now.set("lead", Datum::Int(1));
            let mut clock = created;
            let mut first = true;
            for (status, hours, other) in ways {
                let mut after = now.clone();
                after.set_text("status", status.as_str());
                after.set("sla_hours", hours.map_or(Datum::Null, Datum::Int));
                after.set_text("title", if other { "a" } else { "b" });
                let before = now.clone();
                settle((!first).then_some(&before), &mut after, clock, Pipelines::contract()).unwrap();
                prop_assert_eq!(after.instant("completed_at").is_some(), status == ActivityStatus::Done);
                let due = hours.map(|hours| created + SignedDuration::from_hours(hours));
                prop_assert_eq!(after.instant("sla_due_at"), due);
                // Written again as it is, it stays.
                let mut same = after.clone();
                settle(Some(&after), &mut same, clock + SignedDuration::from_secs(1), Pipelines::contract()).unwrap();
                prop_assert!(after.differs(&same).is_empty());
                now = after;
                clock += SignedDuration::from_secs(60);
                first = false;
            }
        }

        #[test]
        fn a_reminder_after_it_is_due_is_refused(due in 0i64..4, reminder in 0i64..4) {
            let at = |seconds| Datum::Instant(Timestamp::from_second(seconds).unwrap());
            let mut activity = Record::new(Kind::Activity, Timestamp::UNIX_EPOCH);
            activity.set("opportunity", Datum::Int(1));
            activity.set("due_at", at(due));
            activity.set("reminder_at", at(reminder));
            let settled = settle(None, &mut activity, Timestamp::UNIX_EPOCH, Pipelines::contract());
            prop_assert_eq!(settled.is_ok(), reminder <= due);
            prop_assert!(settled.is_ok() || settled.unwrap_err().has("reminder_at"));
        }
    }
}
