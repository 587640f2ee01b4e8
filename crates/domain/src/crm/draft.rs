//! What a request wants to write: the fields that it sends, each read by its type, all errors at once.

mod list;

pub(super) use list::tags;

use super::custom::{self, CustomField, Known};
use super::datum::{Datum, UserRef};
use super::field::{Access, Default, Field, FieldType};
use super::kind::Kind;
use super::pipeline;
use super::record::Record;
use crate::brazil::TaxId;
use crate::input::{Fields, Parsed, boolean, date, decimal, instant, integer, text};
use crate::{FieldErrors, account};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::Arc;

/// How much a request must say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whole {
    /// All that a record must have: `POST` and `PUT`.
    Yes,
    /// What is to change: `PATCH`.
    No,
}

/// The fields that a request sends, by their position.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    values: Vec<(usize, Datum)>,
    /// The custom fields that it says something of.
    customs: Vec<Arc<CustomField>>,
}

impl Draft {
    /// Reads a body. What the rules derive may be sent back, and is ignored.
    ///
    /// # Errors
    /// What is wrong, by field.
    pub fn parse<'a>(
        known: impl Into<Known<'a>>,
        body: &Map<String, Value>,
        whole: Whole,
    ) -> Result<Self, FieldErrors> {
        let known = known.into();
        let kind = known.kind;
        let mut fields = Fields::new(body);
        let mut values = Vec::new();
        let mut customs = Vec::new();
        let mut wrong = FieldErrors::new();
        for (position, field) in kind.fields().iter().enumerate() {
            if field.access != Access::Input {
                continue;
            }
            if field.ty == FieldType::Custom {
                let Some(told) = body.get(field.name) else {
                    continue;
                };
                let told = custom::object(known, told, whole == Whole::Yes, &mut wrong);
                let named = known.customs.of(kind);
                customs = named.filter(|one| told.tells(&one.key)).cloned().collect();
                if !told.is_untold() {
                    values.push((position, Datum::Custom(told)));
                }
                continue;
            }
            let parse = |value: &Value| read(field, value);
            let value = if whole == Whole::Yes && field.default == Default::Required {
                fields.require(field.name, parse)
            } else {
                fields.read(field.name, parse)
            };
            values.extend(value.map(|value| (position, value)));
        }
        let mut errors = fields.finish();
        errors.merge(wrong);
        errors.check(Self { values, customs })
    }

    /// Only this field.
    pub fn one(kind: Kind, name: &str, value: Datum) -> Self {
        let values = kind.position(name).map(|position| (position, value));
        Self {
            values: values.into_iter().collect(),
            customs: Vec::new(),
        }
    }

    /// The ids of the members that it names.
    pub fn users(&self) -> Vec<i64> {
        let ids = self.values.iter().filter_map(|(_, value)| match value {
            Datum::User(user) => Some(user.id),
            _ => None,
        });
        ids.collect()
    }

    /// Puts its values into a record. `members` are the active members of the tenant among those that it
    /// names, with their names; a member who stays the same may have left since.
    ///
    /// # Errors
    /// Whoever would come in and is no active member of this tenant.
    pub fn apply(
        &self,
        record: &mut Record,
        members: &HashMap<i64, String>,
    ) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::new();
        for (position, value) in &self.values {
            let kept = &mut record.values[*position];
            if let (Datum::Custom(told), Datum::Custom(kept)) = (value, &mut *kept) {
                for field in &self.customs {
                    let Some((_, value)) = told.told().find(|(key, _)| *key == field.key) else {
                        continue;
                    };
                    if let Some(refusal) = field.retired(value, kept.get(&field.key)) {
                        errors.add(&custom::path(&field.key), refusal);
                    }
                }
                kept.lay(told);
                continue;
            }
            let value = match (value, &*kept) {
                (Datum::User(new), Datum::User(old)) if new.id == old.id => continue,
                (Datum::User(new), _) => match members.get(&new.id) {
                    Some(username) => Datum::User(UserRef {
                        id: new.id,
                        username: username.clone(),
                    }),
                    None => {
                        errors.add(
                            record.kind.fields()[*position].name,
                            "There is no active member with this id in this tenant.",
                        );
                        continue;
                    }
                },
                (value, _) => value.clone(),
            };
            *kept = value;
        }
        errors.check(())
    }

    /// What it says of these fields, and of no other; a custom one is asked for as `custom.<key>`.
    pub fn only(&self, kind: Kind, names: &dyn Fn(&str) -> bool) -> Self {
        let kept = self.values.iter().filter_map(|(position, value)| {
            let Datum::Custom(told) = value else {
                let named = names(kind.fields()[*position].name);
                return named.then(|| (*position, value.clone()));
            };
            let mut kept = custom::Values::default();
            for (key, value) in told.told().filter(|(key, _)| names(&custom::name(key))) {
                kept.set(key, value.clone());
            }
            (!kept.is_untold()).then_some((*position, Datum::Custom(kept)))
        });
        Self {
            values: kept.collect(),
            customs: self.customs.clone(),
        }
    }

    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Whether it says anything of this field.
    pub fn tells(&self, kind: Kind, name: &str) -> bool {
        let told = kind.position(name);
        self.values
            .iter()
            .any(|(position, _)| Some(*position) == told)
    }
}

fn read(field: &Field, value: &Value) -> Parsed<Datum> {
    let required = field.default == Default::Required;
    let nothing = match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    };
    let told = matches!(
        field.ty,
        FieldType::Choice(_) | FieldType::Flag | FieldType::Stage | FieldType::Pipeline
    );
    if nothing && !required && !told {
        return Ok(match field.default {
            Default::Zero if value.is_null() => {
                return Err("This field may not be null.".to_owned());
            }
            Default::Zero => Datum::default_of(field),
            _ => Datum::empty(field.ty),
        });
    }
    Ok(match field.ty {
        FieldType::Text(most) => Datum::Text(text(usize::from(required)..=most)(value)?),
        FieldType::Email => Datum::Text(account::email(&text(1..=254)(value)?)?),
        FieldType::Phone => Datum::Text(text(0..=40)(value)?),
        FieldType::TaxId => Datum::Text(tax_id(text(0..=40)(value)?)?),
        FieldType::Choice(words) => Datum::Text(word(words, value)?),
        FieldType::Stage => Datum::Text(pipeline::code(value)?),
        FieldType::Pipeline => Datum::Int(id(value)?),
        FieldType::Integer(least, most) => Datum::Int(integer(least..=most)(value)?),
        FieldType::Money => Datum::Money(money(value)?),
        FieldType::Date => Datum::Date(date(value)?),
        FieldType::Instant => Datum::Instant(instant(value)?),
        FieldType::Flag => Datum::Flag(boolean(value)?),
        FieldType::Ref(_) => Datum::Int(id(value)?),
        FieldType::User => Datum::User(UserRef {
            id: id(value)?,
            username: String::new(),
        }),
        FieldType::Tags => Datum::Tags(list::tags(value)?),
        FieldType::Addresses => Datum::List(list::addresses(value)?),
        FieldType::Contacts => Datum::List(list::contacts(value)?),
        // Read by their own types, above.
        FieldType::Custom => Datum::empty(field.ty),
    })
}

/// One of these words.
pub fn word(words: &[&str], value: &Value) -> Parsed<String> {
    match value.as_str().map(str::trim) {
        Some(word) if words.contains(&word) => Ok(word.to_owned()),
        _ if value.is_null() => Err("This field may not be null.".to_owned()),
        _ => Err(format!(
            "Not a valid choice. Use one of: {}.",
            words.join(", ")
        )),
    }
}

/// The id of something.
pub fn id(value: &Value) -> Parsed<i64> {
    integer(1..=i64::MAX)(value).map_err(|_| "Expected an id: a whole number.".to_owned())
}

fn money(value: &Value) -> Parsed<rust_decimal::Decimal> {
    let amount = decimal(14, 2)(value)?;
    if amount.is_sign_negative() && !amount.is_zero() {
        return Err("Use 0 or more.".to_owned());
    }
    Ok(amount)
}

/// What has the length of a CPF or a CNPJ must be one; another country's number stays as it is.
fn tax_id(text: String) -> Parsed<String> {
    let bare: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let digits = bare.bytes().filter(u8::is_ascii_digit).count();
    let like_cpf = bare.len() == 11 && digits == 11;
    let like_cnpj = bare.len() == 14 && bare.bytes().skip(12).all(|b| b.is_ascii_digit());
    if like_cpf || like_cnpj {
        text.parse::<TaxId>()?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use proptest::prelude::*;
    use serde_json::json;

    fn body(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn all_errors_come_at_once() {
        let wrong = body(
            json!({"email": "x", "phone": [], "document": "529.982.247-26", "tags": 1, "owner": "x",
            "addresses": [{"cep": "1"}], "contacts": [{"kind": "FAX", "value": "1"}], "kind": "ROBOT"}),
        );
        let errors = Draft::parse(Kind::Customer, &wrong, Whole::Yes).unwrap_err();
        for field in [
            "name",
            "email",
            "phone",
            "document",
            "tags",
            "owner",
            "addresses",
            "contacts",
            "kind",
        ] {
            assert!(errors.has(field), "{field}");
        }
    }

    #[test]
    fn a_put_needs_all_and_a_patch_takes_any() {
        let part = body(json!({"phone": "1"}));
        assert!(Draft::parse(Kind::Customer, &part, Whole::Yes).is_err());
        let draft = Draft::parse(Kind::Customer, &part, Whole::No).unwrap();
        let mut record = Record::new(Kind::Customer, Timestamp::UNIX_EPOCH);
        draft.apply(&mut record, &HashMap::new()).unwrap();
        assert_eq!(record.text("phone"), "1");
    }

    #[test]
    fn only_active_members_come_in_and_others_may_stay() {
        let draft = Draft::parse(Kind::Lead, &body(json!({"owner": 7})), Whole::No).unwrap();
        let mut record = Record::new(Kind::Lead, Timestamp::UNIX_EPOCH);
        let nobody = HashMap::new();
        assert!(draft.apply(&mut record, &nobody).unwrap_err().has("owner"));
        let ana = HashMap::from([(7, "ana".to_owned())]);
        draft.apply(&mut record, &ana).unwrap();
        assert_eq!(record.user("owner").unwrap().username, "ana");
        draft.apply(&mut record, &nobody).unwrap();
    }

    #[test]
    fn what_clients_read_they_may_send_back() {
        for &kind in Kind::ALL {
            let mut record = Record::new(kind, Timestamp::UNIX_EPOCH);
            record.id = 7;
            let read = body(serde_json::to_value(&record).unwrap());
            let draft = Draft::parse(kind, &read, Whole::No);
            let required = kind
                .fields()
                .iter()
                .filter(|field| field.default == Default::Required);
            let errors = draft.err().unwrap_or_default();
            for field in kind.fields() {
                let needed = required.clone().any(|required| required.name == field.name);
                // Only what was never told is wrong.
                assert_eq!(
                    errors.has(field.name),
                    needed || (kind == Kind::Customer && field.name == "kind"),
                    "{kind}.{}",
                    field.name
                );
            }
        }
    }

    fn odd() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".*".prop_map(Value::from),
            "[0-9]{0,40}".prop_map(Value::from),
            Just(json!([])),
            Just(json!({})),
            ".*".prop_map(|s| json!([s, 1, null, {"kind": s, "value": s, "cep": 1}])),
        ]
    }

    proptest! {
        /// No value of any field panics, and what is taken has the type of its field.
        #[test]
        fn odd_values_are_read_or_refused(value in odd()) {
            for &kind in Kind::ALL {
                for field in kind.fields() {
                    if let Ok(datum) = read(field, &value) {
                        let kept = datum.to_json();
                        prop_assert_eq!(Datum::from_json(field.ty, &kept), Some(datum), "{}.{}", kind, field.name);
                    }
                }
            }
        }
    }
}
