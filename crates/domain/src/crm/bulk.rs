//! What is done to many records at once.

use super::custom::Known;
use super::datum::Datum;
use super::draft::{Draft, Whole, tags};
use super::field::FieldType;
use super::kind::Kind;
use super::record::Record;
use crate::FieldErrors;
use crate::access::capability::Method;
use crate::words::words;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// The most records of one bulk edit.
pub const MOST: usize = 10_000;

words! {
    /// What is done to many records.
    Action { /// Fields are set.
        Edit = "edit", /// They become another member's.
        Reassign = "reassign", /// They get tags.
        Tag = "tag", /// They lose tags.
        Untag = "untag", /// They go to the bin.
        Delete = "delete" }
}

impl Action {
    /// The permission that it takes.
    pub fn method(self) -> Method {
        match self {
            Self::Delete => Method::Delete,
            _ => Method::Patch,
        }
    }

    /// Whether it can be done to this kind.
    pub fn fits(self, kind: Kind) -> bool {
        match self {
            Self::Tag | Self::Untag => kind.position(TAGS).is_some(),
            // A member's goal of a month is there once.
            Self::Reassign => kind != Kind::SalesGoal,
            Self::Edit | Self::Delete => true,
        }
    }
}

const TAGS: &str = "tags";

/// Fields that no two records share: they can't be set for many.
pub fn is_unique(kind: Kind, field: &str) -> bool {
    matches!(
        (kind, field),
        (Kind::Customer, "email") | (Kind::SalesGoal, "year" | "month" | "assignee")
    )
}

/// The field with the member whose a record is.
pub fn keeper(kind: Kind) -> &'static str {
    match kind {
        Kind::Activity => "assigned_to",
        Kind::SalesGoal => "assignee",
        _ => "owner",
    }
}

/// What is done to many records of a kind, read and checked.
#[derive(Debug, Clone)]
pub struct Bulk {
    /// Of this kind.
    pub kind: Kind,
    /// What.
    pub action: Action,
    draft: Draft,
    tags: Vec<String>,
    /// As it was said, to be told apart from another.
    said: Value,
}

impl Bulk {
    /// Reads the values of an action.
    ///
    /// # Errors
    /// What is wrong, by field.
    pub fn parse<'a>(
        known: impl Into<Known<'a>>,
        action: Action,
        values: &Map<String, Value>,
    ) -> Result<Self, FieldErrors> {
        let known = known.into();
        let kind = known.kind;
        let mut bulk = Self {
            kind,
            action,
            draft: Draft::default(),
            tags: Vec::new(),
            said: Value::Object(values.clone()),
        };
        let required = |field: &str| FieldErrors::one(field, "This field is required.");
        match action {
            Action::Edit => {
                let mut errors = FieldErrors::new();
                for field in kind.fields() {
                    if is_unique(kind, field.name) && values.contains_key(field.name) {
                        let message = "No two records share it: change it one by one.";
                        errors.add(field.name, message);
                    }
                }
                errors.check(())?;
                bulk.draft = Draft::parse(known, values, Whole::No)?;
                if bulk.draft.is_empty() {
                    return Err(FieldErrors::whole("Name at least one field to change."));
                }
            }
            Action::Reassign => {
                let field = keeper(kind);
                let told = values.get(field).ok_or_else(|| required(field))?;
                let only = Map::from_iter([(field.to_owned(), told.clone())]);
                bulk.draft = Draft::parse(kind, &only, Whole::No)?;
            }
            Action::Tag | Action::Untag => {
                let told = values.get(TAGS).ok_or_else(|| required(TAGS))?;
                bulk.tags = tags(told).map_err(|message| FieldErrors::one(TAGS, message))?;
                if bulk.tags.is_empty() {
                    return Err(FieldErrors::one(TAGS, "Name at least one tag."));
                }
            }
            Action::Delete => {}
        }
        Ok(bulk)
    }

    /// The ids of the members that it names.
    pub fn users(&self) -> Vec<i64> {
        self.draft.users()
    }

    /// Does it to a record; the rules of its kind come after.
    ///
    /// # Errors
    /// What can't be done to this one.
    pub fn apply(
        &self,
        record: &mut Record,
        members: &HashMap<i64, String>,
    ) -> Result<(), FieldErrors> {
        self.draft.apply(record, members)?;
        if self.tags.is_empty() {
            return Ok(());
        }
        let Datum::Tags(mut now) = record.get(TAGS).clone() else {
            return Ok(());
        };
        if self.action == Action::Untag {
            now.retain(|tag| !self.tags.contains(tag));
        } else {
            for tag in &self.tags {
                if !now.contains(tag) {
                    now.push(tag.clone());
                }
            }
            // The same limit as for one that is sent with a record.
            let all = Value::from_iter(now.iter().map(String::as_str));
            tags(&all).map_err(|message| FieldErrors::one(TAGS, message))?;
        }
        record.set(TAGS, Datum::Tags(now));
        Ok(())
    }

    /// Names what would be done to exactly these records at these versions, so that nothing else is done
    /// than what somebody has seen.
    pub fn token(&self, rows: impl Iterator<Item = (i64, i64, bool)>) -> String {
        let mut hash = Sha256::new();
        let said = format!("{} {} {}\n", self.kind, self.action, self.said);
        hash.update(said.as_bytes());
        let mut count = 0u64;
        for (id, version, changes) in rows {
            hash.update(id.to_be_bytes());
            hash.update(version.to_be_bytes());
            hash.update([u8::from(changes)]);
            count += 1;
        }
        format!("{count}-{}", hex::encode(&hash.finalize()[..16]))
    }
}

/// The kinds of fields that the form of a bulk edit offers: one value for all makes sense.
pub fn is_offered(kind: Kind, field: &super::Field) -> bool {
    let one_for_all = !matches!(
        field.ty,
        FieldType::Addresses
            | FieldType::Contacts
            | FieldType::Email
            | FieldType::Phone
            | FieldType::TaxId
            | FieldType::Tags
            | FieldType::Custom
    );
    field.access == super::Access::Input && one_for_all && !is_unique(kind, field.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use serde_json::json;

    fn parse(kind: Kind, action: Action, values: Value) -> Result<Bulk, FieldErrors> {
        Bulk::parse(kind, action, values.as_object().unwrap())
    }

    #[test]
    fn values_fit_the_action() {
        for (kind, action, values, wrong) in [
            (Kind::Lead, Action::Edit, json!({"score": 7}), ""),
            (Kind::Lead, Action::Edit, json!({}), "non_field_errors"),
            (Kind::Lead, Action::Edit, json!({"score": 700}), "score"),
            (
                Kind::Customer,
                Action::Edit,
                json!({"email": "a@b.com"}),
                "email",
            ),
            (Kind::SalesGoal, Action::Edit, json!({"month": 1}), "month"),
            (Kind::Lead, Action::Reassign, json!({"owner": 7}), ""),
            (Kind::Lead, Action::Reassign, json!({"owner": null}), ""),
            (
                Kind::Activity,
                Action::Reassign,
                json!({"owner": 7}),
                "assigned_to",
            ),
            (Kind::Lead, Action::Tag, json!({"tags": "a, b"}), ""),
            (Kind::Lead, Action::Untag, json!({"tags": []}), "tags"),
            (Kind::Lead, Action::Delete, json!({}), ""),
        ] {
            match parse(kind, action, values.clone()) {
                Ok(_) => assert_eq!(wrong, "", "{kind} {action} {values}"),
                Err(errors) => assert!(errors.has(wrong), "{kind} {action} {values}: {errors:?}"),
            }
        }
    }

    #[test]
    fn tags_come_and_go() {
        let mut lead = Record::new(Kind::Lead, Timestamp::UNIX_EPOCH);
        let nobody = HashMap::new();
        let tag = parse(Kind::Lead, Action::Tag, json!({"tags": ["a", "b"]})).unwrap();
        tag.apply(&mut lead, &nobody).unwrap();
        tag.apply(&mut lead, &nobody).unwrap();
        assert_eq!(lead.get("tags").to_json(), json!(["a", "b"]));
        let untag = parse(Kind::Lead, Action::Untag, json!({"tags": ["a", "x"]})).unwrap();
        untag.apply(&mut lead, &nobody).unwrap();
        assert_eq!(lead.get("tags").to_json(), json!(["b"]));
        let many: Vec<String> = (0..50).map(|n| format!("t{n}")).collect();
        let many = parse(Kind::Lead, Action::Tag, json!({ "tags": many })).unwrap();
        assert!(many.apply(&mut lead, &nobody).unwrap_err().has("tags"));
    }

    #[test]
    fn a_token_names_rows_versions_and_what_is_done() {
        let of = |values: Value| parse(Kind::Lead, Action::Edit, values).unwrap();
        let rows = |version| [(1, version, true), (2, 1, false)].into_iter();
        let bulk = of(json!({"score": 7}));
        assert_eq!(bulk.token(rows(1)), bulk.token(rows(1)));
        assert!(bulk.token(rows(1)).starts_with("2-"));
        assert_ne!(bulk.token(rows(1)), bulk.token(rows(2)));
        assert_ne!(bulk.token(rows(1)), of(json!({"score": 8})).token(rows(1)));
    }
}
