//! A value that a condition compares with.

use super::super::draft::{id, word};
use super::super::field::FieldType;
use super::super::pipeline::code;
use crate::input::{Parsed, boolean, date, decimal, instant, integer, text};
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// The word for whoever asks.
const ME: &str = "me";
/// The longest text to look for.
const LONGEST: usize = 255;

/// A value that a condition compares with.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// Text, or a word.
    Text(String),
    /// A whole number, or the id of something.
    Int(i64),
    /// Whoever asks: `me`.
    Me,
    /// Money.
    Money(Decimal),
    /// A day; of an instant, the day in the zone of whoever asks.
    Date(Date),
    /// An instant.
    Instant(Timestamp),
    /// Yes or no.
    Flag(bool),
}

impl Operand {
    /// Reads one for a field of this type.
    pub(super) fn parse(ty: FieldType, value: &Value) -> Parsed<Self> {
        Ok(match ty {
            FieldType::Choice(words) => Self::Text(word(words, value)?),
            FieldType::Stage => Self::Text(code(value)?),
            FieldType::Integer(..) => Self::Int(integer(i64::MIN..=i64::MAX)(value)?),
            FieldType::Money => Self::Money(decimal(14, 2)(value)?),
            FieldType::Date => Self::Date(date(value)?),
            FieldType::Instant => match date(value) {
                Ok(day) => Self::Date(day),
                Err(_) => Self::Instant(instant(value)?),
            },
            FieldType::Flag => Self::Flag(boolean(value)?),
            FieldType::User if value.as_str() == Some(ME) => Self::Me,
            FieldType::User => {
                Self::Int(id(value).map_err(|_| "Use the id of a member, or me.".to_owned())?)
            }
            FieldType::Ref(_) | FieldType::Pipeline => Self::Int(id(value)?),
            _ => Self::Text(text(1..=LONGEST)(value)?),
        })
    }

    /// As it stands in a tree.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Text(text) => json!(text),
            Self::Int(number) => json!(number),
            Self::Me => json!(ME),
            Self::Money(amount) => json!(amount.to_string()),
            Self::Date(date) => json!(date.to_string()),
            Self::Instant(instant) => json!(instant.to_string()),
            Self::Flag(flag) => json!(flag),
        }
    }

    /// Whether it comes after the other; of two that can't be told apart, no.
    pub(super) fn is_after(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a > b,
            (Self::Money(a), Self::Money(b)) => a > b,
            (Self::Date(a), Self::Date(b)) => a > b,
            (Self::Instant(a), Self::Instant(b)) => a > b,
            _ => false,
        }
    }
}
