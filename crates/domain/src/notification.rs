//! Notifications: what people are told of, and where they want to be told.

use crate::FieldErrors;
use crate::input::{Fields, boolean};
use crate::words::words;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;

words! {
    /// What somebody is told of.
    Topic { /// The time has come that an activity of theirs was to be remembered at.
        Reminder = "REMINDER", /// Somebody else made something theirs.
        Assigned = "ASSIGNED", /// A form on the web made a lead that is theirs.
        LeadArrived = "LEAD_ARRIVED", /// An activity of theirs is past due.
        Overdue = "OVERDUE", /// An activity of theirs was not done within its hours.
        SlaBreached = "SLA_BREACHED", /// An import of theirs came to its end.
        ImportDone = "IMPORT_DONE", /// A webhook was stopped for its failures; told to owners.
        WebhookStopped = "WEBHOOK_STOPPED" }
}

/// For how many days a notification is kept.
pub const KEPT_DAYS: i64 = 180;

impl Topic {
    /// Whether it is told by e-mail as long as nobody said otherwise: what can't wait, and what nobody would look for.
    pub fn mailed_by_default(self) -> bool {
        !matches!(self, Self::Overdue | Self::ImportDone)
    }

    /// Whether only owners are told.
    pub fn is_for_owners(self) -> bool {
        self == Self::WebhookStopped
    }

    /// Whether it is about a record.
    pub fn is_of_records(self) -> bool {
        !matches!(self, Self::ImportDone | Self::WebhookStopped)
    }
}

/// Where something is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Ways {
    /// In the portal.
    pub portal: bool,
    /// By e-mail.
    pub mail: bool,
}

impl Ways {
    /// As long as nobody says otherwise.
    pub fn of(topic: Topic) -> Self {
        Self {
            portal: true,
            mail: topic.mailed_by_default(),
        }
    }
}

/// Reads what somebody wants: an object of topics, each with `portal` and `mail`; what is not sent is as `before`
/// has it.
///
/// # Errors
/// All wrong fields.
pub fn read_preferences(
    body: &Map<String, Value>,
    before: &BTreeMap<Topic, Ways>,
) -> Result<BTreeMap<Topic, Ways>, FieldErrors> {
    let mut f = Fields::new(body);
    let mut wanted = before.clone();
    for (&topic, ways) in &mut wanted {
        f.nested(topic.as_str(), |f| {
            ways.portal = f.read("portal", boolean).unwrap_or(ways.portal);
            ways.mail = f.read("mail", boolean).unwrap_or(ways.mail);
        });
    }
    f.finish().check(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn all() -> BTreeMap<Topic, Ways> {
        Topic::ALL
            .iter()
            .map(|&topic| (topic, Ways::of(topic)))
            .collect()
    }

    fn read(body: Value) -> Result<BTreeMap<Topic, Ways>, FieldErrors> {
        read_preferences(body.as_object().unwrap(), &all())
    }

    #[test]
    fn wrong_preferences_are_named() {
        for (body, field) in [
            (json!({"REMINDER": true}), "REMINDER"),
            (json!({"REMINDER": null}), "REMINDER"),
            (json!({"REMINDER": {"mail": "perhaps"}}), "REMINDER"),
        ] {
            assert!(read(body.clone()).unwrap_err().has(field), "{body}");
        }
    }

    proptest! {
        #[test]
        fn only_what_was_sent_changes(n in 0..Topic::ALL.len(), portal in any::<bool>(), mail in proptest::option::of(any::<bool>())) {
            let topic = Topic::ALL[n];
            let mut sent = json!({"portal": portal});
            if let Some(mail) = mail {
                sent["mail"] = json!(mail);
            }
            let wanted = read(json!({topic.as_str(): sent})).unwrap();
            let mut expected = all();
            expected.insert(topic, Ways { portal, mail: mail.unwrap_or(topic.mailed_by_default()) });
            prop_assert_eq!(wanted, expected);
        }
    }
}
