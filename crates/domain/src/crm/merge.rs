//! Two records that are one: which value of each field stays.

use super::custom::{CustomType, Known, PREFIX};
use super::datum::Datum;
use super::field::{Access, Field, FieldType};
use super::kind::Kind;
use super::lead::LeadStatus;
use super::record::Record;
use crate::{FieldErrors, Refusal};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The most entries of a list; as a draft takes them.
const MOST: usize = 50;

/// Whose value of a field stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The record's that stays.
    This,
    /// The record's that goes.
    Other,
    /// Both: lists, and notes.
    Both,
}

impl Choice {
    /// The word in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::This => "this",
            Self::Other => "other",
            Self::Both => "both",
        }
    }
}

/// The choices of somebody; fields that are not among them are chosen by [`choice_of`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choices(BTreeMap<String, Choice>);

impl Choices {
    /// Reads `{"phone": "other", "notes": "both"}`.
    ///
    /// # Errors
    /// What is wrong, by field.
    pub fn parse<'a>(
        known: impl Into<Known<'a>>,
        told: &Map<String, Value>,
    ) -> Result<Self, FieldErrors> {
        let known = known.into();
        let mut errors = FieldErrors::new();
        let mut choices = BTreeMap::new();
        for (name, value) in told {
            let field = fields(known.kind).find(|field| field.name == name);
            let custom = known.customs.named(known.kind, name);
            let open = field.map(open_to);
            let Some(open) = open.or_else(|| custom.map(|custom| custom_open_to(custom.ty))) else {
                errors.add_named(name, "This field can't be chosen in a merge.");
                continue;
            };
            match open.iter().find(|choice| value == choice.as_str()) {
                Some(choice) => {
                    choices.insert(name.clone(), *choice);
                }
                None => {
                    let words: Vec<&str> = open.iter().map(|choice| choice.as_str()).collect();
                    errors.add_named(name, format!("Use one of: {}.", words.join(", ")));
                }
            }
        }
        errors.check(Self(choices))
    }
}

/// The fields that a merge chooses: those that somebody writes. A lead's status stays as it is, since no merge
/// goes around the rules of its moves.
pub fn fields(kind: Kind) -> impl Iterator<Item = &'static Field> {
    let all = kind.fields().iter();
    all.filter(|field| {
        field.access == Access::Input && field.name != "status" && field.ty != FieldType::Custom
    })
}

/// Whether records of this kind can be merged.
pub fn is_mergeable(kind: Kind) -> bool {
    super::identity::has_keys(kind)
}

/// The choices that a field has.
pub fn open_to(field: &Field) -> &'static [Choice] {
    match field.ty {
        FieldType::Tags | FieldType::Addresses | FieldType::Contacts => {
            &[Choice::This, Choice::Other, Choice::Both]
        }
        FieldType::Text(_) if field.name == "notes" => &[Choice::This, Choice::Other, Choice::Both],
        _ => &[Choice::This, Choice::Other],
    }
}

/// What is chosen unless somebody says otherwise: nothing that was written is lost, and what stands in the record
/// that stays goes first.
pub fn choice_of(field: &Field, this: &Record, other: &Record) -> Choice {
    let (this, other) = (this.get(field.name), other.get(field.name));
    if this.is_empty() && !other.is_empty() {
        return Choice::Other;
    }
    if other.is_empty() || this == other {
        return Choice::This;
    }
    match open_to(field).contains(&Choice::Both) {
        true => Choice::Both,
        false => Choice::This,
    }
}

/// The record that stays, as it is after the merge. A customer's e-mail address and telephone that were not chosen
/// stay among its contacts.
///
/// # Errors
/// Two records that can't become one are refused as a whole.
pub fn merged(this: &Record, other: &Record, choices: &Choices) -> Result<Record, Refusal> {
    let refused = |message: &str| Err(Refusal::Invalid(message.to_owned()));
    if this.kind != other.kind || !is_mergeable(this.kind) {
        return refused("Records of these kinds can't be merged.");
    }
    if this.id == other.id {
        return refused("A record can't be merged with itself.");
    }
    if this.kind == Kind::Lead {
        let converted = |lead: &Record| lead.word("status") == Some(LeadStatus::Converted);
        if converted(other) && !converted(this) {
            return refused(
                "The other lead has been converted: let that one stay, and merge this one into it.",
            );
        }
    }
    let mut after = this.clone();
    for field in fields(this.kind) {
        let chosen = choices.0.get(field.name).copied();
        let value = match chosen.unwrap_or_else(|| choice_of(field, this, other)) {
            Choice::This => continue,
            Choice::Other => other.get(field.name).clone(),
            Choice::Both => both(field, this.get(field.name), other.get(field.name)),
        };
        after.set(field.name, value);
    }
    merge_customs(this, other, &mut after, choices);
    if this.kind == Kind::Customer {
        keep_ways(this, other, &mut after);
    }
    Ok(after)
}

/// What may be chosen of a custom field of this type.
pub fn custom_open_to(ty: CustomType) -> &'static [Choice] {
    match ty {
        CustomType::MultiChoice => &[Choice::This, Choice::Other, Choice::Both],
        _ => &[Choice::This, Choice::Other],
    }
}

/// The value of each custom field that stays: the one that was chosen, else that of the record that stays, and the
/// other's where it has none.
fn merge_customs(this: &Record, other: &Record, after: &mut Record, choices: &Choices) {
    let (Some(mine), Some(theirs)) = (this.customs(), other.customs()) else {
        return;
    };
    let Some(values) = after.customs_mut() else {
        return;
    };
    for key in mine.differs(theirs) {
        let (my, their) = (mine.get(key), theirs.get(key));
        let chosen = choices.0.get(&format!("{PREFIX}{key}")).copied();
        let choice = chosen.unwrap_or(match my {
            None => Choice::Other,
            Some(_) => Choice::This,
        });
        match (choice, my, their) {
            (Choice::Other, _, their) => values.set(key, their.cloned().unwrap_or_default()),
            (Choice::Both, Some(Value::Array(my)), Some(Value::Array(their))) => {
                values.set(key, Value::Array(union(my, their)));
            }
            (Choice::Both, None, Some(their)) => values.set(key, their.clone()),
            _ => {}
        }
    }
}

fn both(field: &Field, this: &Datum, other: &Datum) -> Datum {
    match (this, other) {
        (Datum::Tags(this), Datum::Tags(other)) => Datum::Tags(union(this, other)),
        (Datum::List(Value::Array(this)), Datum::List(Value::Array(other))) => {
            Datum::List(Value::Array(union(this, other)))
        }
        (Datum::Text(this), Datum::Text(other)) => {
            let longest = match field.ty {
                FieldType::Text(longest) => longest,
                _ => usize::MAX,
            };
            let text = format!("{this}\n\n{other}");
            Datum::Text(text.chars().take(longest).collect())
        }
        (this, _) => this.clone(),
    }
}

fn union<T: Clone + PartialEq>(this: &[T], other: &[T]) -> Vec<T> {
    let mut all: Vec<T> = this.to_vec();
    let new = other.iter().filter(|entry| !this.contains(entry)).cloned();
    all.extend(new.take(MOST.saturating_sub(this.len())));
    all
}

fn keep_ways(this: &Record, other: &Record, after: &mut Record) {
    let Datum::List(Value::Array(mut contacts)) = after.get("contacts").clone() else {
        return;
    };
    for (field, kind) in [("email", "EMAIL"), ("phone", "PHONE")] {
        for text in [this.text(field), other.text(field)] {
            let known = text.is_empty()
                || text.eq_ignore_ascii_case(after.text(field))
                || contacts.iter().any(|contact| contact["value"] == text);
            if !known && contacts.len() < MOST {
                contacts.push(json!({"kind": kind, "value": text}));
            }
        }
    }
    after.set("contacts", Datum::List(Value::Array(contacts)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    fn customer(id: i64, name: &str, email: &str, phone: &str) -> Record {
        let mut record = Record::new(Kind::Customer, Timestamp::UNIX_EPOCH);
        record.id = id;
        record.set_text("name", name);
        record.set_text("email", email);
        record.set_text("phone", phone);
        record
    }

    fn choices(kind: Kind, told: Value) -> Result<Choices, FieldErrors> {
        Choices::parse(kind, told.as_object().unwrap())
    }

    #[test]
    fn nothing_that_was_written_is_lost() {
        let mut this = customer(1, "Padaria", "a@example.com", "");
        let mut other = customer(2, "Padaria Ltda", "b@example.com", "11 98765-4321");
        this.set("tags", Datum::Tags(vec!["vip".into(), "pão".into()]));
        other.set("tags", Datum::Tags(vec!["pão".into(), "sul".into()]));
        this.set_text("notes", "Paga em dia.");
        other.set_text("notes", "Fala com Ana.");
        let after = merged(&this, &other, &Choices::default()).unwrap();
        assert_eq!(after.id, 1);
        assert_eq!(after.text("name"), "Padaria");
        assert_eq!(after.text("phone"), "11 98765-4321");
        assert_eq!(after.text("notes"), "Paga em dia.\n\nFala com Ana.");
        let tags = Datum::Tags(vec!["vip".into(), "pão".into(), "sul".into()]);
        assert_eq!(after.get("tags"), &tags);
        let contacts = json!([{"kind": "EMAIL", "value": "b@example.com"}]);
        assert_eq!(after.get("contacts"), &Datum::List(contacts));
    }

    #[test]
    fn what_is_chosen_counts_and_the_rest_is_kept() {
        let this = customer(1, "Padaria", "a@example.com", "11 3333-4444");
        let other = customer(2, "Padaria Ltda", "b@example.com", "11 98765-4321");
        let told = choices(Kind::Customer, json!({"email": "other", "name": "other"})).unwrap();
        let after = merged(&this, &other, &told).unwrap();
        assert_eq!(after.text("name"), "Padaria Ltda");
        assert_eq!(after.text("email"), "b@example.com");
        assert_eq!(after.text("phone"), "11 3333-4444");
        let contacts = json!([{"kind": "EMAIL", "value": "a@example.com"},
            {"kind": "PHONE", "value": "11 98765-4321"}]);
        assert_eq!(after.get("contacts"), &Datum::List(contacts));
    }

    #[test]
    fn all_that_is_wrong_is_told() {
        let told =
            json!({"nome": "this", "status": "other", "email": "both", "tags": "both", "notes": 1});
        let errors = choices(Kind::Lead, told).unwrap_err();
        for field in ["nome", "status", "email", "notes"] {
            assert!(errors.has(field), "{field}");
        }
        assert!(!errors.has("tags"));
    }

    #[test]
    fn a_converted_lead_stays() {
        let mut this = Record::new(Kind::Lead, Timestamp::UNIX_EPOCH);
        let mut other = this.clone();
        (this.id, other.id) = (1, 2);
        other.set_text("status", "CONVERTED");
        assert!(merged(&this, &other, &Choices::default()).is_err());
        assert!(merged(&other, &this, &Choices::default()).is_ok());
        assert!(merged(&this, &this, &Choices::default()).is_err());
    }
}
