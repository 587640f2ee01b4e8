//! Webhooks: what is told, where, and how often it is tried.

use crate::FieldErrors;
use crate::crm::Kind;
use crate::input::{Fields, text};
use crate::words::words;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

words! {
    /// Where a webhook stands.
    State { /// It is called.
        Active = "ACTIVE", /// Somebody paused it.
        Paused = "PAUSED", /// It failed for too long.
        Stopped = "STOPPED" }
}

words! {
    /// What became of a delivery.
    Outcome { /// It is still to be sent, for the first time or again.
        Pending = "PENDING", /// The receiver took it.
        Delivered = "DELIVERED", /// It was tried often enough.
        Failed = "FAILED" }
}

/// How long the name of a webhook may be.
pub const NAME_MAX: usize = 60;
/// How long its address may be.
pub const URL_MAX: usize = 2_000;
/// How many webhooks a company may have.
pub const MOST: i64 = 20;
/// For how many days the log of deliveries is kept.
pub const LOG_DAYS: i64 = 30;
/// For how many hours the secret before is still signed with.
pub const OVERLAP_HOURS: i64 = 24;

/// What is done to records, as events tell it, beside the word of the history.
const OPS: [(&str, &str); 4] = [
    ("CREATE", "created"),
    ("UPDATE", "updated"),
    ("DELETE", "deleted"),
    ("RESTORE", "restored"),
];

/// The event of a test.
pub const TEST: &str = "test";

/// The event of a change: `lead.created`. None for a word that the history does not have.
pub fn event(kind: Kind, op: &str) -> Option<String> {
    let (_, word) = OPS.iter().find(|(name, _)| *name == op)?;
    Some(format!("{kind}.{word}"))
}

/// The events of a kind, in the order in which they are shown.
pub fn events_of(kind: Kind) -> impl Iterator<Item = String> {
    OPS.iter().map(move |(_, word)| format!("{kind}.{word}"))
}

/// All events.
pub fn events() -> Vec<String> {
    Kind::ALL.iter().flat_map(|kind| events_of(*kind)).collect()
}

/// What somebody wants of a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// What people call it.
    pub name: String,
    /// Where it leads.
    pub url: String,
    /// What it is told; in the order of [`events`], each once.
    pub events: Vec<String>,
}

impl Wish {
    /// Reads a webhook as it is sent; what is not sent is as `before` has it.
    ///
    /// # Errors
    /// All wrong fields.
    pub fn parse(body: &Map<String, Value>, before: Option<&Self>) -> Result<Self, FieldErrors> {
        let mut f = Fields::new(body);
        let (name, url, events) = match before {
            None => (
                f.require("name", text(1..=NAME_MAX)),
                f.require("url", text(1..=URL_MAX)),
                f.require("events", read_events),
            ),
            Some(before) => (
                f.read("name", text(1..=NAME_MAX))
                    .or(Some(before.name.clone())),
                f.read("url", text(1..=URL_MAX))
                    .or(Some(before.url.clone())),
                f.read("events", read_events)
                    .or(Some(before.events.clone())),
            ),
        };
        let wish = Self {
            name: name.unwrap_or_default(),
            url: url.unwrap_or_default(),
            events: events.unwrap_or_default(),
        };
        f.finish().check(wish)
    }
}

/// A list of events; or, from a form, an object with those that are `on`.
fn read_events(value: &Value) -> Result<Vec<String>, String> {
    let named: Vec<&str> = match value {
        Value::Array(list) => {
            let named: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
            named.ok_or("Expected a list of events.")?
        }
        Value::Object(form) => {
            let on = form
                .iter()
                .filter(|(_, value)| *value == "on" || **value == Value::Bool(true));
            on.map(|(name, _)| name.as_str()).collect()
        }
        _ => return Err("Expected a list of events.".to_owned()),
    };
    let all = events();
    if let Some(odd) = named
        .iter()
        .find(|name| !all.iter().any(|event| event == *name))
    {
        let odd: String = odd.chars().take(40).collect();
        return Err(format!(
            "There is no event {odd}. Use some of: {}.",
            all.join(", ")
        ));
    }
    let chosen: Vec<String> = all
        .into_iter()
        .filter(|event| named.contains(&event.as_str()))
        .collect();
    match chosen.is_empty() {
        true => Err("Choose at least one event.".to_owned()),
        false => Ok(chosen),
    }
}

/// The body that tells a change: which record, and no data of it. Who is told reads the record with a token, and
/// so sees what that token may see, as it is then.
pub fn body(event: &str, at: Timestamp, tenant: &str, data: &Value) -> String {
    serde_json::json!({ "type": event, "timestamp": at, "tenant": tenant, "data": data })
        .to_string()
}

/// How long to wait after each failed attempt, in seconds; after the last one there is none.
const WAITS: [i64; 7] = [10, 60, 300, 1_800, 7_200, 21_600, 43_200];

/// The most that a receiver can ask to wait.
const LONGEST: i64 = 86_400;

/// How often a delivery is tried.
pub const ATTEMPTS: i64 = WAITS.len() as i64 + 1;

/// In how many seconds a delivery is tried again after so many failed attempts: with chance from 0 to 1, so that
/// what failed together does not come back together. None: not any more.
pub fn again(attempts: i64, retry_after: Option<u64>, chance: f64) -> Option<i64> {
    let wait = *WAITS.get(usize::try_from(attempts - 1).ok()?)?;
    // A tenth less or more.
    let wait = wait + ((chance.clamp(0.0, 1.0) - 0.5) * 0.2 * wait as f64) as i64;
    Some(wait.max(asked(retry_after)))
}

/// For how many seconds nothing at all is sent to a receiver that has failed so often in a row: who is down is
/// not called for each event anew.
pub fn hold(failures: i64, retry_after: Option<u64>) -> i64 {
    let wait = 5 << (failures - 1).clamp(0, 7);
    wait.min(600).max(asked(retry_after))
}

fn asked(retry_after: Option<u64>) -> i64 {
    let asked = retry_after.unwrap_or_default();
    i64::try_from(asked).unwrap_or(LONGEST).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn wish(value: Value) -> Result<Wish, FieldErrors> {
        Wish::parse(value.as_object().unwrap(), None)
    }

    #[test]
    fn events_are_kinds_and_what_was_done() {
        assert_eq!(events().len(), 20);
        assert_eq!(
            event(Kind::SalesGoal, "RESTORE").unwrap(),
            "sales_goal.restored"
        );
        assert_eq!(event(Kind::Lead, "DROP"), None);
        let read = wish(
            json!({"name": "a", "url": "https://x", "events": ["lead.updated", "customer.created", "lead.updated"]}),
        );
        assert_eq!(read.unwrap().events, ["customer.created", "lead.updated"]);
        let form = wish(
            json!({"name": "a", "url": "https://x", "events": {"lead.created": "on", "": ""}}),
        );
        assert_eq!(form.unwrap().events, ["lead.created"]);
        for wrong in [
            json!([]),
            json!(["lead"]),
            json!(["*"]),
            json!("lead.created"),
            json!([1]),
            json!({"": ""}),
        ] {
            let refused =
                wish(json!({"name": "a", "url": "https://x", "events": wrong})).unwrap_err();
            assert!(refused.has("events"));
        }
        let all = wish(json!({})).unwrap_err();
        assert!(["name", "url", "events"].iter().all(|name| all.has(name)));
    }

    #[test]
    fn a_change_keeps_what_is_not_sent() {
        let before =
            wish(json!({"name": "a", "url": "https://x", "events": ["lead.created"]})).unwrap();
        let body = json!({"name": "b"});
        let after = Wish::parse(body.as_object().unwrap(), Some(&before)).unwrap();
        assert_eq!((after.name.as_str(), &after.events), ("b", &before.events));
    }

    #[test]
    fn eight_attempts_over_most_of_a_day() {
        let waits: Vec<i64> = (1..).map_while(|n| again(n, None, 0.5)).collect();
        assert_eq!(waits.len() as i64 + 1, ATTEMPTS);
        let hours = waits.iter().sum::<i64>() / 3_600;
        assert!((18..=24).contains(&hours), "{hours}");
        assert_eq!(again(1, Some(120), 0.5), Some(120));
        assert_eq!(again(5, Some(120), 0.5), Some(7_200));
        assert_eq!(again(1, Some(u64::MAX), 0.5), Some(LONGEST));
        assert_eq!(again(0, None, 0.5), None);
        assert_eq!(
            [1, 2, 3, 8, 99].map(|n| hold(n, None)),
            [5, 10, 20, 600, 600]
        );
    }

    proptest! {
        #[test]
        fn waits_grow_and_stay_near_what_they_are(n in 1i64..=7, chance in 0.0f64..=1.0) {
            let (wait, middle) = (again(n, None, chance).unwrap(), again(n, None, 0.5).unwrap());
            prop_assert!((wait - middle).abs() <= middle / 10 + 1);
            prop_assert!(again(n + 1, None, 0.0).is_none_or(|next| next > wait));
        }
    }
}
