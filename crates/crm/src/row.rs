//! A row as JSON, written straight from PostgreSQL's answer: a list of hundreds makes no records.

use crate::model;
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;
use sindico_db::Row;
use sindico_domain::crm::{Field, FieldType, Kind, Record};
use std::sync::LazyLock;

/// A row of a list. It is written as the [`Record`](sindico_domain::crm::Record) is that it holds.
pub struct Listed {
    pub(crate) kind: Kind,
    pub(crate) row: Row,
}

impl Listed {
    /// The record's id.
    pub fn id(&self) -> i64 {
        self.row.get(0)
    }

    /// Counts its changes: the ETag.
    pub fn version(&self) -> i64 {
        self.row.get(1)
    }

    /// All of it, to be shown.
    pub fn record(&self) -> Record {
        model::of(self.kind).record(&self.row)
    }
}

impl Serialize for Listed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let row = &self.row;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &row.get::<_, i64>(0))?;
        let mut at = 4;
        for (n, field) in self.kind.fields().iter().enumerate() {
            write(&mut map, field, (self.kind, n), row, at)?;
            at += if field.ty == FieldType::User { 2 } else { 1 };
        }
        map.serialize_entry("created_at", &row.get::<_, Timestamp>(2))?;
        map.serialize_entry("updated_at", &row.get::<_, Timestamp>(3))?;
        map.end()
    }
}

fn write<M: SerializeMap>(
    map: &mut M,
    field: &Field,
    (kind, n): (Kind, usize),
    row: &Row,
    at: usize,
) -> Result<(), M::Error> {
    let name = field.name;
    match field.ty {
        FieldType::Text(_)
        | FieldType::Email
        | FieldType::Phone
        | FieldType::TaxId
        | FieldType::Choice(_)
        | FieldType::Stage => map.serialize_entry(name, row.get::<_, &str>(at)),
        FieldType::Integer(..) | FieldType::Ref(_) | FieldType::Pipeline => {
            map.serialize_entry(name, &row.get::<_, Option<i64>>(at))
        }
        FieldType::Money => map.serialize_entry(name, &row.get::<_, Option<Decimal>>(at)),
        FieldType::Date => map.serialize_entry(name, &row.get::<_, Option<Date>>(at)),
        FieldType::Instant => map.serialize_entry(name, &row.get::<_, Option<Timestamp>>(at)),
        FieldType::Flag => map.serialize_entry(name, &row.get::<_, bool>(at)),
        FieldType::User => {
            map.serialize_entry(name, &row.get::<_, Option<i64>>(at))?;
            map.serialize_entry(username(kind, n), &row.get::<_, Option<&str>>(at + 1))
        }
        FieldType::Tags => map.serialize_entry(name, &row.get::<_, Vec<&str>>(at)),
        FieldType::Addresses | FieldType::Contacts => {
            map.serialize_entry(name, &row.get::<_, Value>(at))
        }
        FieldType::Custom => map.serialize_entry(name, &model::customs_at(row, at)),
    }
}

/// `owner_username`, made once.
fn username(kind: Kind, n: usize) -> &'static str {
    static NAMES: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| {
        let names = |kind: &Kind| {
            kind.fields()
                .iter()
                .map(|f| format!("{}_username", f.name))
                .collect()
        };
        Kind::ALL.iter().map(names).collect()
    });
    &NAMES[kind as usize][n]
}
