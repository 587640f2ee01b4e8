//! Values as they are sent, by the type of their field.

use super::{CustomField, CustomType, FIELDS, Known, Values, path};
use crate::crm::field::FieldType;
use crate::crm::filter::{Op, Operand};
use crate::input::{Parsed, boolean, date, decimal, integer, text};
use crate::{FieldErrors, account};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// The longest line.
const LINE: usize = 255;
/// The longest text.
const LONG: usize = 5_000;
/// The longest address on the web.
const URL: usize = 500;
/// The longest e-mail address.
const EMAIL: usize = 254;
/// The longest telephone.
const PHONE: usize = 40;
/// Whole numbers that any client reads as they are.
const WHOLE: i64 = 9_007_199_254_740_991;

impl CustomType {
    /// How many characters it takes, where it takes any that are typed.
    pub fn longest(self) -> Option<usize> {
        match self {
            Self::Text => Some(LINE),
            Self::LongText => Some(LONG),
            Self::Url => Some(URL),
            Self::Email => Some(EMAIL),
            Self::Phone => Some(PHONE),
            _ => None,
        }
    }
}

impl CustomField {
    /// Reads a value; null for nothing. An option that is not offered any more is read: a record may have it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(&self, value: &Value) -> Parsed<Value> {
        let nothing = match value {
            Value::Null => true,
            Value::String(text) => text.trim().is_empty(),
            Value::Array(list) => self.ty == CustomType::MultiChoice && list.is_empty(),
            _ => false,
        };
        if nothing {
            return Ok(Value::Null);
        }
        Ok(match self.ty {
            CustomType::Text => json!(line(value)?),
            CustomType::LongText => json!(text(1..=LONG)(value)?),
            CustomType::Integer => json!(integer(-WHOLE..=WHOLE)(value)?),
            CustomType::Decimal => json!(number(value)?.to_string()),
            CustomType::Date => json!(date(value)?.to_string()),
            CustomType::Boolean => json!(boolean(value)?),
            CustomType::Choice => json!(self.one(value)?),
            CustomType::MultiChoice => json!(self.some(value)?),
            CustomType::Url => json!(url(value)?),
            CustomType::Email => json!(account::email(&text(1..=EMAIL)(value)?)?),
            CustomType::Phone => json!(text(1..=PHONE)(value)?),
        })
    }

    fn one(&self, value: &Value) -> Parsed<String> {
        let told = value.as_str().map(str::trim).unwrap_or_default();
        match self.option(told) {
            Some(option) => Ok(option.value.clone()),
            None => Err(self.use_one()),
        }
    }

    /// The value of an option that a filter looks for.
    pub(in crate::crm) fn word(&self, value: &Value) -> Parsed<String> {
        self.one(value)
    }

    /// In the order of the options, each once.
    fn some(&self, value: &Value) -> Parsed<Vec<String>> {
        let told: Vec<Value> = match value {
            Value::Array(list) => list.clone(),
            // As forms send it.
            Value::String(text) => {
                let parts = text.split(',').map(str::trim);
                parts
                    .filter(|part| !part.is_empty())
                    .map(Value::from)
                    .collect()
            }
            _ => return Err("Expected a list of options.".to_owned()),
        };
        let told = told.iter().map(|one| self.one(one));
        let told = told.collect::<Parsed<Vec<String>>>()?;
        let all = self.options.iter().map(|option| option.value.clone());
        Ok(all.filter(|value| told.contains(value)).collect())
    }

    fn use_one(&self) -> String {
        let words: Vec<&str> = self.offered().map(|option| option.value.as_str()).collect();
        format!("Not a valid choice. Use one of: {}.", words.join(", "))
    }

    /// The options among these values that are not offered any more, and that the record does not have.
    pub(in crate::crm) fn retired(&self, told: &Value, kept: Option<&Value>) -> Option<String> {
        let words = |value: &Value| -> Vec<String> {
            match value {
                Value::String(word) => vec![word.clone()],
                Value::Array(words) => {
                    let words = words.iter().filter_map(Value::as_str);
                    words.map(str::to_owned).collect()
                }
                _ => Vec::new(),
            }
        };
        if !self.ty.has_options() {
            return None;
        }
        let kept = kept.map(words).unwrap_or_default();
        let retired = |word: &String| self.option(word).is_some_and(|option| option.retired);
        words(told)
            .iter()
            .any(|word| retired(word) && !kept.contains(word))
            .then(|| self.use_one())
    }

    /// The operators that filters have for it.
    pub fn ops(&self) -> &'static [Op] {
        use crate::crm::filter::subject as ops;
        match self.ty {
            CustomType::Integer => ops::NUMBERS,
            CustomType::Decimal => ops::AMOUNTS,
            CustomType::Date => ops::DAYS,
            CustomType::Boolean => &[Op::Is, Op::IsEmpty, Op::IsSet],
            CustomType::Choice => ops::WORDS,
            CustomType::MultiChoice => ops::TAGS,
            _ => ops::TEXTS,
        }
    }

    /// The type of records' own fields that is compared in the same way.
    pub fn like(&self) -> FieldType {
        match self.ty {
            CustomType::Integer => FieldType::Integer(-WHOLE, WHOLE),
            CustomType::Decimal => FieldType::Money,
            CustomType::Date => FieldType::Date,
            CustomType::Boolean => FieldType::Flag,
            CustomType::MultiChoice => FieldType::Tags,
            CustomType::Phone => FieldType::Phone,
            CustomType::LongText => FieldType::Text(LONG),
            CustomType::Url => FieldType::Text(URL),
            _ => FieldType::Text(LINE),
        }
    }

    /// Reads a value that a filter compares with.
    pub(in crate::crm) fn operand(&self, value: &Value) -> Parsed<Operand> {
        Ok(match self.ty {
            CustomType::Integer => Operand::Int(integer(i64::MIN..=i64::MAX)(value)?),
            CustomType::Decimal => Operand::Money(number(value)?),
            CustomType::Date => Operand::Date(date(value)?),
            CustomType::Boolean => Operand::Flag(boolean(value)?),
            CustomType::Choice => Operand::Text(self.one(value)?),
            _ => Operand::Text(line(value)?),
        })
    }
}

fn line(value: &Value) -> Parsed<String> {
    text(1..=LINE)(value)
}

/// At least two decimals, as money has them, and at most four.
fn number(value: &Value) -> Parsed<Decimal> {
    let mut number = decimal(18, 4)(value)?.normalize();
    if number.scale() < 2 {
        number.rescale(2);
    }
    Ok(number)
}

fn url(value: &Value) -> Parsed<String> {
    let told = text(1..=URL)(value)?;
    let lower = told.to_ascii_lowercase();
    let rest = ["https://", "http://"]
        .iter()
        .find_map(|scheme| lower.strip_prefix(scheme));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next());
    let fits = host.is_some_and(|host| !host.is_empty() && !host.starts_with([':', '@', '.']))
        && !told
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"'));
    match fits {
        true => Ok(told),
        false => Err("Expected an address that begins with https:// or http://.".to_owned()),
    }
}

/// Reads what a request says of the custom fields of a record: those that are there, whatever else it names.
/// `whole` empties what it does not name.
pub(in crate::crm) fn object(
    known: Known<'_>,
    value: &Value,
    whole: bool,
    errors: &mut FieldErrors,
) -> Values {
    let mut values = Values::default();
    let told = match value {
        Value::Object(told) => told.clone(),
        // As an import or a form may have it.
        Value::String(text) if !text.trim().is_empty() => match serde_json::from_str(text) {
            Ok(Value::Object(told)) => told,
            _ => {
                errors.add(FIELDS, "Expected an object of keys and values.");
                return values;
            }
        },
        Value::Null | Value::String(_) => serde_json::Map::new(),
        _ => {
            errors.add(FIELDS, "Expected an object of keys and values.");
            return values;
        }
    };
    for field in known.customs.of(known.kind) {
        match told.get(&field.key) {
            Some(value) => match field.read(value) {
                Ok(value) => values.set(&field.key, value),
                Err(message) => errors.add(&path(&field.key), message),
            },
            None if whole => values.set(&field.key, Value::Null),
            None => {}
        }
    }
    values
}
