//! The value of a field.

use super::custom::Values;
use super::field::{Default, Field, FieldType};
use super::pipeline;
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// A member, with the name that they had when they were written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserRef {
    /// Their id.
    pub id: i64,
    /// Their name.
    pub username: String,
}

/// The value of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Datum {
    /// None.
    Null,
    /// Text, or a word.
    Text(String),
    /// A whole number, or the id of a record.
    Int(i64),
    /// Money.
    Money(Decimal),
    /// A day.
    Date(Date),
    /// An instant.
    Instant(Timestamp),
    /// True or false.
    Flag(bool),
    /// A member.
    User(UserRef),
    /// Tags.
    Tags(Vec<String>),
    /// A list of objects.
    List(Value),
    /// Values of custom fields.
    Custom(Values),
}

impl Datum {
    /// What a new record has in this field unless it is told.
    pub fn default_of(field: &Field) -> Self {
        match (field.default, field.ty) {
            (Default::Word(word), _) => Self::Text(word.to_owned()),
            (Default::Zero, FieldType::Money) => Self::Money(Decimal::new(0, 2)),
            (Default::Zero, _) => Self::Int(0),
            (Default::FirstPipeline, _) => Self::Int(pipeline::FIRST),
            (Default::No, _) => Self::Flag(false),
            (_, ty) => Self::empty(ty),
        }
    }

    /// Nothing, for a field of this type.
    pub fn empty(ty: FieldType) -> Self {
        match ty {
            FieldType::Text(_) | FieldType::Email | FieldType::Phone | FieldType::TaxId => {
                Self::Text(String::new())
            }
            FieldType::Tags => Self::Tags(Vec::new()),
            FieldType::Addresses | FieldType::Contacts => Self::List(json!([])),
            FieldType::Flag => Self::Flag(false),
            FieldType::Custom => Self::Custom(Values::default()),
            _ => Self::Null,
        }
    }

    /// Whether nothing is there.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            Self::Tags(tags) => tags.is_empty(),
            Self::List(list) => list.as_array().is_none_or(Vec::is_empty),
            Self::Custom(values) => values.is_empty(),
            _ => false,
        }
    }

    /// As it stands in answers and in the history; a member as `{id, username}` there.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Text(text) => json!(text),
            Self::Int(number) => json!(number),
            Self::Money(amount) => json!(amount.to_string()),
            Self::Date(date) => json!(date.to_string()),
            Self::Instant(instant) => json!(instant.to_string()),
            Self::Flag(flag) => json!(flag),
            Self::User(user) => json!({"id": user.id, "username": user.username}),
            Self::Tags(tags) => json!(tags),
            Self::List(list) => list.clone(),
            Self::Custom(values) => values.to_json(),
        }
    }

    /// Reads what [`Datum::to_json`] wrote; `None` when it is of another type.
    pub fn from_json(ty: FieldType, value: &Value) -> Option<Self> {
        let text = || value.as_str();
        if value.is_null() {
            return Some(Self::Null);
        }
        Some(match ty {
            FieldType::Text(_)
            | FieldType::Email
            | FieldType::Phone
            | FieldType::TaxId
            | FieldType::Choice(_)
            | FieldType::Stage => Self::Text(text()?.to_owned()),
            FieldType::Integer(..) | FieldType::Ref(_) | FieldType::Pipeline => {
                Self::Int(value.as_i64()?)
            }
            FieldType::Money => Self::Money(text()?.parse().ok()?),
            FieldType::Date => Self::Date(text()?.parse().ok()?),
            FieldType::Instant => Self::Instant(text()?.parse().ok()?),
            FieldType::Flag => Self::Flag(value.as_bool()?),
            FieldType::User => Self::User(UserRef {
                id: value["id"].as_i64()?,
                username: value["username"].as_str()?.to_owned(),
            }),
            FieldType::Tags => Self::Tags(serde_json::from_value(value.clone()).ok()?),
            FieldType::Addresses | FieldType::Contacts => Self::List(value.clone()),
            FieldType::Custom => Self::Custom(Values::from_json(value)?),
        })
    }
}
