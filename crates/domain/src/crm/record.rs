//! A record of any kind.

use super::custom::{self, Customs, Values, Writer};
use super::datum::{Datum, UserRef};
use super::field::FieldType;
use super::kind::Kind;
use super::pipeline::{self, Pipelines};
use super::{activity, customer, lead};
use crate::FieldErrors;
use jiff::Timestamp;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use std::str::FromStr;

/// A record with its values, in the order of its kind's fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// Its kind.
    pub kind: Kind,
    /// Unique among the tenant's records of its kind; 0 before it is written.
    pub id: i64,
    /// Counts its changes: the ETag.
    pub version: i64,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Its values.
    pub values: Vec<Datum>,
}

impl Record {
    /// A record that is not written yet, with nothing but the defaults of its kind.
    pub fn new(kind: Kind, now: Timestamp) -> Self {
        Self {
            kind,
            id: 0,
            version: 0,
            created_at: now,
            updated_at: now,
            values: kind.fields().iter().map(Datum::default_of).collect(),
        }
    }

    /// The value of this field.
    ///
    /// # Panics
    /// When the kind has no such field: names are written in this program only, and each is used by a
    /// test.
    pub fn get(&self, name: &str) -> &Datum {
        &self.values[self.index(name)]
    }

    /// Gives this field a value.
    ///
    /// # Panics
    /// As [`Record::get`].
    pub fn set(&mut self, name: &str, value: Datum) {
        let index = self.index(name);
        self.values[index] = value;
    }

    /// Gives this text field a value.
    pub fn set_text(&mut self, name: &str, text: impl Into<String>) {
        self.set(name, Datum::Text(text.into()));
    }

    fn index(&self, name: &str) -> usize {
        match self.kind.position(name) {
            Some(index) => index,
            None => unreachable!("{} has no field {name}", self.kind),
        }
    }

    /// The text of this field; empty when it holds none.
    pub fn text(&self, name: &str) -> &str {
        match self.get(name) {
            Datum::Text(text) => text,
            _ => "",
        }
    }

    /// The word of this field, as the type that knows it.
    pub fn word<T: FromStr>(&self, name: &str) -> Option<T> {
        self.text(name).parse().ok()
    }

    /// The number, or the id of a record, in this field.
    pub fn int(&self, name: &str) -> Option<i64> {
        match self.get(name) {
            Datum::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The instant in this field.
    pub fn instant(&self, name: &str) -> Option<Timestamp> {
        match self.get(name) {
            Datum::Instant(instant) => Some(*instant),
            _ => None,
        }
    }

    /// The member in this field.
    pub fn user(&self, name: &str) -> Option<&UserRef> {
        match self.get(name) {
            Datum::User(user) => Some(user),
            _ => None,
        }
    }

    /// What people call it.
    pub fn title(&self) -> String {
        match self.kind {
            Kind::Customer => self.text("name").to_owned(),
            Kind::Lead => ["name", "company", "email", "source"]
                .map(|field| self.text(field))
                .into_iter()
                .find(|text| !text.is_empty())
                .unwrap_or_default()
                .to_owned(),
            Kind::Opportunity | Kind::Activity => self.text("title").to_owned(),
            Kind::SalesGoal => format!(
                "{:04}-{:02}",
                self.int("year").unwrap_or_default(),
                self.int("month").unwrap_or_default()
            ),
        }
    }

    /// The values of its custom fields; `None` for a kind that has none.
    pub fn customs(&self) -> Option<&Values> {
        match &self.values[self.kind.position(custom::FIELDS)?] {
            Datum::Custom(values) => Some(values),
            _ => None,
        }
    }

    /// The same, to be changed.
    pub fn customs_mut(&mut self) -> Option<&mut Values> {
        match &mut self.values[self.kind.position(custom::FIELDS)?] {
            Datum::Custom(values) => Some(values),
            _ => None,
        }
    }

    /// Empties the field of this name, `custom.<key>` for a custom one; a field that the kind does not have is left alone.
    pub fn blank(&mut self, name: &str) {
        match name.strip_prefix(custom::PREFIX) {
            Some(key) => {
                if let Some(values) = self.customs_mut() {
                    values.forget(key);
                }
            }
            None => {
                if let Some(n) = self.kind.position(name) {
                    self.values[n] = Datum::empty(self.kind.fields()[n].ty);
                }
            }
        }
    }

    /// What is in the field of this name as the history has it, `custom.<key>` for a custom one; `None` when there
    /// is no such field.
    pub fn told(&self, name: &str) -> Option<Value> {
        if let Some(key) = name.strip_prefix(custom::PREFIX) {
            let value = self.customs()?.get(key).cloned();
            return Some(value.unwrap_or_default());
        }
        let n = self.kind.position(name)?;
        Some(self.values[n].to_json())
    }

    /// Gives the field of this name what the history has of it; `None` when it can't be read any more. A field that
    /// the kind does not have is left alone.
    pub fn tell(&mut self, name: &str, value: &Value) -> Option<()> {
        if let Some(key) = name.strip_prefix(custom::PREFIX) {
            if let Some(values) = self.customs_mut() {
                values.set(key, value.clone());
            }
            return Some(());
        }
        let Some(n) = self.kind.position(name) else {
            return Some(());
        };
        self.values[n] = Datum::from_json(self.kind.fields()[n].ty, value)?;
        Some(())
    }

    /// What the history has of a change of this record to the other: the stored fields that differ, as they were
    /// and as they are then, each custom field by its own name.
    pub fn changed(&self, after: &Self) -> (Map<String, Value>, Map<String, Value>) {
        let (mut was, mut is) = (Map::new(), Map::new());
        for n in self.differs(after) {
            if let (Datum::Custom(before), Datum::Custom(after)) =
                (&self.values[n], &after.values[n])
            {
                for key in before.differs(after) {
                    let name = format!("{}{key}", custom::PREFIX);
                    let of = |values: &Values| values.get(key).cloned().unwrap_or_default();
                    was.insert(name.clone(), of(before));
                    is.insert(name, of(after));
                }
                continue;
            }
            let name = self.kind.fields()[n].name;
            was.insert(name.to_owned(), self.values[n].to_json());
            is.insert(name.to_owned(), after.values[n].to_json());
        }
        (was, is)
    }

    /// The names of the stored fields in which the two differ, each custom field by its own.
    pub fn changed_names(&self, after: &Self) -> Vec<String> {
        self.changed(after)
            .0
            .into_iter()
            .map(|(name, _)| name)
            .collect()
    }

    /// Positions of stored fields in which the two differ.
    pub fn differs(&self, other: &Self) -> Vec<usize> {
        let fields = self.kind.fields();
        (0..fields.len())
            .filter(|&n| fields[n].is_stored() && self.values[n] != other.values[n])
            .collect()
    }
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.id)?;
        for (field, value) in self.kind.fields().iter().zip(&self.values) {
            let name = field.name;
            match (field.ty, value) {
                (FieldType::User, value) => {
                    let user = match value {
                        Datum::User(user) => Some(user),
                        _ => None,
                    };
                    map.serialize_entry(name, &user.map(|user| user.id))?;
                    let username = user.map(|user| user.username.as_str());
                    map.serialize_entry(&format!("{name}_username"), &username)?;
                }
                (_, Datum::Null | Datum::User(_)) => map.serialize_entry(name, &None::<bool>)?,
                (_, Datum::Text(text)) => map.serialize_entry(name, text)?,
                (_, Datum::Int(number)) => map.serialize_entry(name, number)?,
                (_, Datum::Flag(flag)) => map.serialize_entry(name, flag)?,
                (_, Datum::Money(amount)) => map.serialize_entry(name, amount)?,
                (_, Datum::Date(date)) => map.serialize_entry(name, date)?,
                (_, Datum::Instant(instant)) => map.serialize_entry(name, instant)?,
                (_, Datum::Tags(tags)) => map.serialize_entry(name, tags)?,
                (_, Datum::List(list)) => map.serialize_entry(name, list)?,
                (_, Datum::Custom(values)) => map.serialize_entry(name, values)?,
            }
        }
        map.serialize_entry("created_at", &self.created_at)?;
        map.serialize_entry("updated_at", &self.updated_at)?;
        map.end()
    }
}

/// What a company has set up that the rules of records go by, and who writes.
#[derive(Debug, Clone, Copy)]
pub struct Rules<'a> {
    /// For its sales.
    pub pipelines: &'a Pipelines,
    /// Its custom fields.
    pub customs: &'a Customs,
    /// Who writes.
    pub writer: Writer,
}

impl<'a> From<&'a Pipelines> for Rules<'a> {
    fn from(pipelines: &'a Pipelines) -> Self {
        Self {
            pipelines,
            customs: Customs::none(),
            writer: Writer::Exempt,
        }
    }
}

impl Rules<'_> {
    /// The same for a write of which nobody can be asked for more.
    pub fn lenient(self) -> Self {
        let writer = Writer::Exempt;
        Self { writer, ..self }
    }
}

/// Has the rules of its kind complete a record that is about to be written, and says what they refuse.
/// `before` is what it was; `None` for a new one; `rules`, what the company has set up. Every write goes through here.
///
/// # Errors
/// What is wrong, by field.
pub fn settle<'a>(
    before: Option<&Record>,
    after: &mut Record,
    now: Timestamp,
    rules: impl Into<Rules<'a>>,
) -> Result<(), FieldErrors> {
    let rules = rules.into();
    let mut errors = FieldErrors::new();
    match after.kind {
        Kind::Customer => customer::settle(before, after),
        Kind::Lead => lead::settle(before, after, &mut errors),
        Kind::Opportunity => pipeline::settle(before, after, now, rules, &mut errors),
        Kind::Activity => activity::settle(before, after, now, &mut errors),
        Kind::SalesGoal => {}
    }
    if let Some(values) = after.customs() {
        let was = before.and_then(Record::customs);
        let known = (after.kind, rules.customs).into();
        custom::check((was, values), known, rules.writer, &mut errors);
    }
    errors.check(())
}
