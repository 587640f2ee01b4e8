//! The values of a record's custom fields.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Values by the keys of their fields, as they stand in answers. This is the one place from which they are read
/// out: by answers, lists, exports and the history.
///
/// A key that was emptied is kept with null until it is written, so that writing touches nothing but what was told:
/// the row also has what fields held that are deleted.
#[derive(Debug, Clone, Default)]
pub struct Values(BTreeMap<String, Value>);

impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        self.shown().eq(other.shown())
    }
}

impl Values {
    /// Reads an object; `None` for anything else.
    pub fn from_json(value: &Value) -> Option<Self> {
        let map = value.as_object()?;
        Some(Self(map.clone().into_iter().collect()))
    }

    /// The value of the field with this key; `None` when it has none.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    /// Gives a field a value; null empties it.
    pub fn set(&mut self, key: &str, value: Value) {
        self.0.insert(key.to_owned(), value);
    }

    /// Forgets the field with this key, as if nothing had ever been told of it.
    pub fn forget(&mut self, key: &str) {
        self.0.remove(key);
    }

    /// Lays what was told over it.
    pub fn lay(&mut self, told: &Self) {
        let told = told.0.iter();
        self.0
            .extend(told.map(|(key, value)| (key.clone(), value.clone())));
    }

    /// Whether something was told of the field with this key, if only that it is empty.
    pub fn tells(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    /// What was told, what was emptied included.
    pub fn told(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// What there is to show.
    pub fn shown(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.told().filter(|(_, value)| !value.is_null())
    }

    /// Whether nothing is there.
    pub fn is_empty(&self) -> bool {
        self.shown().next().is_none()
    }

    /// Whether nothing was told.
    pub fn is_untold(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys under which the two differ.
    pub fn differs<'a>(&'a self, other: &'a Self) -> Vec<&'a str> {
        let keys: BTreeSet<&str> = self
            .told()
            .chain(other.told())
            .map(|(key, _)| key)
            .collect();
        keys.into_iter()
            .filter(|key| self.get(key) != other.get(key))
            .collect()
    }

    /// As it stands in answers.
    pub fn to_json(&self) -> Value {
        let shown = self.shown();
        Value::Object(Map::from_iter(
            shown.map(|(key, value)| (key.to_owned(), value.clone())),
        ))
    }

    /// As it is laid over a row: null takes away.
    pub fn to_row(&self) -> Value {
        Value::Object(self.0.clone().into_iter().collect())
    }
}

impl Serialize for Values {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in self.shown() {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}
