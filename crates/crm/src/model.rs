//! The SQL of each kind of record, made of its table of fields.

mod rows;

pub(crate) use rows::{Cells, Columns};

use crate::scope::SEEN;
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value;
use sindico_db::{Row, Statement, ToSql};
use sindico_domain::crm::custom::{Customs, Values};
use sindico_domain::crm::identity::Keys;
use sindico_domain::crm::{Datum, Field, FieldType, Kind, Record, UserRef, search};
use std::sync::LazyLock;

/// What a row begins with, before its fields.
const HEAD: usize = 4;

/// What every write of a row does besides.
const TOUCH: &str = "version = version + 1, updated_at = now()";

/// A kind's statements.
pub(crate) struct Model {
    pub(crate) kind: Kind,
    /// `id, version, created_at, updated_at`, then the fields.
    pub(crate) columns: &'static str,
    /// One that is not in the bin.
    pub(crate) find: Statement,
    /// The same, locked until the transaction's end; others may refer to it meanwhile.
    pub(crate) lock: Statement,
    /// Those of these that are not in the bin, locked.
    pub(crate) find_many: Statement,
    /// In the bin or not, locked, with the time of its deletion at the end.
    pub(crate) lock_any: Statement,
    pub(crate) insert: Statement,
    /// What [`Model::insert_many`] takes.
    pub(crate) new: Columns,
    /// Rows of [`Model::new`], which come back in the order of its arrays.
    pub(crate) insert_many: Statement,
    pub(crate) update: Statement,
    pub(crate) bin: Statement,
    pub(crate) unbin: Statement,
    /// Several, in the bin or not, locked in the order of their ids, with the time of their deletion.
    pub(crate) lock_many: Statement,
    pub(crate) bin_many: Statement,
    pub(crate) unbin_many: Statement,
}

static MODELS: LazyLock<Vec<Model>> =
    LazyLock::new(|| Kind::ALL.iter().map(|kind| Model::new(*kind)).collect());

pub(crate) fn of(kind: Kind) -> &'static Model {
    &MODELS[kind as usize]
}

pub(crate) fn statements() -> Vec<Statement> {
    let all = |m: &Model| {
        [
            m.find,
            m.lock,
            m.lock_any,
            m.find_many,
            m.insert,
            m.insert_many,
            m.update,
            m.bin,
            m.unbin,
            m.lock_many,
            m.bin_many,
            m.unbin_many,
        ]
    };
    let many = |m: &Model| {
        let every: Vec<usize> = (0..m.kind.fields().len()).collect();
        let sql = Columns::of_changed(m.kind, &every).update(m.columns);
        Statement {
            name: "record.update_many",
            sql: Box::leak(sql.into_boxed_str()),
        }
    };
    MODELS
        .iter()
        .flat_map(|m| all(m).into_iter().chain([many(m)]))
        .collect()
}

impl Model {
    fn new(kind: Kind) -> Self {
        let table = kind.as_str();
        let fields: Vec<String> = kind
            .fields()
            .iter()
            .flat_map(|field| read_from(kind, field))
            .collect();
        let columns = format!("id, version, created_at, updated_at, {}", fields.join(", "));
        let written = Columns::written(kind);
        let written: Vec<&str> = written.names().collect();
        let places: Vec<String> = written
            .iter()
            .zip(1..)
            .map(|(column, n)| new_value(column, &format!("${n}")))
            .collect();
        let sets: Vec<String> = written
            .iter()
            .zip(2..)
            .map(|(column, n)| format!("{column} = {}", changed_value(column, &format!("${n}"))))
            .collect();
        let statement = |name: &'static str, sql: String| Statement {
            name,
            sql: Box::leak(sql.into_boxed_str()),
        };
        let live = SEEN;
        let new = Columns::of_new(kind);
        Self {
            kind,
            find: statement(
                "record.find",
                format!("SELECT {columns} FROM {table} WHERE id = $1 AND {live}"),
            ),
            lock: statement(
                "record.lock",
                format!("SELECT {columns} FROM {table} WHERE id = $1 AND {live} FOR NO KEY UPDATE"),
            ),
            lock_any: statement(
                "record.lock_any",
                format!(
                    "SELECT {columns}, deleted_at FROM {table} WHERE id = $1 FOR NO KEY UPDATE"
                ),
            ),
            find_many: statement(
                "record.find_many",
                format!(
                    "SELECT {columns} FROM {table} WHERE id = ANY ($1) AND {live} ORDER BY id FOR NO KEY UPDATE"
                ),
            ),
            insert: statement(
                "record.insert",
                format!(
                    "INSERT INTO {table} ({}) VALUES ({}) RETURNING {columns}",
                    written.join(", "),
                    places.join(", ")
                ),
            ),
            insert_many: statement("record.insert_many", new.insert(&columns)),
            new,
            update: statement(
                "record.update",
                format!(
                    "UPDATE {table} SET {}, {TOUCH} WHERE id = $1 RETURNING {columns}",
                    sets.join(", ")
                ),
            ),
            bin: statement(
                "record.bin",
                format!("UPDATE {table} SET deleted_at = now(), {TOUCH} WHERE id = $1"),
            ),
            unbin: statement(
                "record.unbin",
                format!(
                    "UPDATE {table} SET deleted_at = NULL, {TOUCH} WHERE id = $1 RETURNING {columns}"
                ),
            ),
            lock_many: statement(
                "record.lock_many",
                format!(
                    "SELECT {columns}, deleted_at FROM {table} WHERE id = ANY ($1) ORDER BY id FOR NO KEY UPDATE"
                ),
            ),
            bin_many: statement(
                "record.bin_many",
                format!("UPDATE {table} SET deleted_at = now(), {TOUCH} WHERE id = ANY ($1)"),
            ),
            unbin_many: statement(
                "record.unbin_many",
                format!("UPDATE {table} SET deleted_at = NULL, {TOUCH} WHERE id = ANY ($1)"),
            ),
            columns: Box::leak(columns.into_boxed_str()),
        }
    }

    /// Reads a row of its columns.
    pub(crate) fn record(&self, row: &Row) -> Record {
        let mut at = HEAD;
        let values = self
            .kind
            .fields()
            .iter()
            .map(|field| read(field, row, &mut at))
            .collect();
        Record {
            kind: self.kind,
            id: row.get(0),
            version: row.get(1),
            created_at: row.get(2),
            updated_at: row.get(3),
            values,
        }
    }

    /// How many columns a row of it has.
    pub(crate) fn width(&self) -> usize {
        let fields = self.kind.fields().iter().map(|field| field.columns().len());
        HEAD + fields.sum::<usize>()
    }
}

/// What values of custom fields are kept in.
const CUSTOM: &str = "custom";

/// What a field is read from. Of custom fields that is what they hold that are there: what a deleted one held
/// stays in the row, and is shown again once it is back. Which these are is asked once a statement.
fn read_from(kind: Kind, field: &Field) -> Vec<String> {
    match field.ty {
        FieldType::Custom => vec![format!(
            "({CUSTOM} - ARRAY(SELECT f.key FROM custom_field f WHERE f.kind = '{kind}' AND f.deleted_at IS NOT NULL))"
        )],
        _ => field.columns(),
    }
}

/// What is written into a column of a new row.
fn new_value(column: &str, value: &str) -> String {
    match column {
        CUSTOM => format!("jsonb_strip_nulls({value})"),
        _ => value.to_owned(),
    }
}

/// The same of one that is there: of custom fields only what was told changes.
fn changed_value(column: &str, value: &str) -> String {
    match column {
        CUSTOM => format!("jsonb_strip_nulls({CUSTOM} || {value})"),
        _ => value.to_owned(),
    }
}

/// What a write of one fills the columns of [`Columns::written`] with.
pub(crate) fn values(record: &Record, customs: &Customs) -> Vec<Box<dyn ToSql + Sync + Send>> {
    let mut values: Vec<Box<dyn ToSql + Sync + Send>> = Vec::new();
    for (field, value) in record.kind.fields().iter().zip(&record.values) {
        if field.is_stored() {
            push(&mut values, field.ty, value);
        }
    }
    values.push(Box::new(search::text_of(record, customs)));
    if let Some(keys) = Keys::of(record) {
        for value in keys.into_values() {
            values.push(Box::new(value));
        }
    }
    values
}

fn push(values: &mut Vec<Box<dyn ToSql + Sync + Send>>, ty: FieldType, value: &Datum) {
    match value {
        Datum::User(user) => {
            values.push(Box::new(user.id));
            values.push(Box::new(user.username.clone()));
        }
        Datum::Null => match ty {
            FieldType::User => {
                values.push(Box::new(None::<i64>));
                values.push(Box::new(None::<String>));
            }
            FieldType::Money => values.push(Box::new(None::<Decimal>)),
            FieldType::Date => values.push(Box::new(None::<Date>)),
            FieldType::Instant => values.push(Box::new(None::<Timestamp>)),
            FieldType::Integer(..) | FieldType::Ref(_) | FieldType::Pipeline => {
                values.push(Box::new(None::<i64>));
            }
            _ => values.push(Box::new(None::<String>)),
        },
        Datum::Text(text) => values.push(Box::new(text.clone())),
        Datum::Int(number) => values.push(Box::new(*number)),
        Datum::Money(amount) => values.push(Box::new(*amount)),
        Datum::Date(date) => values.push(Box::new(*date)),
        Datum::Instant(instant) => values.push(Box::new(*instant)),
        Datum::Flag(flag) => values.push(Box::new(*flag)),
        Datum::Tags(tags) => values.push(Box::new(tags.clone())),
        Datum::List(list) => values.push(Box::new(list.clone())),
        Datum::Custom(custom) => values.push(Box::new(custom.to_row())),
    }
}

/// The values of custom fields in this column.
pub(crate) fn customs_at(row: &Row, n: usize) -> Values {
    Values::from_json(&row.get::<_, Value>(n)).unwrap_or_default()
}

fn read(field: &Field, row: &Row, at: &mut usize) -> Datum {
    let n = *at;
    *at += if field.ty == FieldType::User { 2 } else { 1 };
    match field.ty {
        FieldType::Text(_)
        | FieldType::Email
        | FieldType::Phone
        | FieldType::TaxId
        | FieldType::Choice(_)
        | FieldType::Stage => Datum::Text(row.get(n)),
        FieldType::Integer(..) | FieldType::Ref(_) | FieldType::Pipeline => {
            row.get::<_, Option<i64>>(n).map_or(Datum::Null, Datum::Int)
        }
        FieldType::Money => row
            .get::<_, Option<Decimal>>(n)
            .map_or(Datum::Null, Datum::Money),
        FieldType::Date => row
            .get::<_, Option<Date>>(n)
            .map_or(Datum::Null, Datum::Date),
        FieldType::Instant => row
            .get::<_, Option<Timestamp>>(n)
            .map_or(Datum::Null, Datum::Instant),
        FieldType::Flag => Datum::Flag(row.get(n)),
        FieldType::User => match (
            row.get::<_, Option<i64>>(n),
            row.get::<_, Option<String>>(n + 1),
        ) {
            (Some(id), username) => Datum::User(UserRef {
                id,
                username: username.unwrap_or_default(),
            }),
            _ => Datum::Null,
        },
        FieldType::Tags => Datum::Tags(row.get(n)),
        FieldType::Addresses | FieldType::Contacts => Datum::List(row.get::<_, Value>(n)),
        FieldType::Custom => Datum::Custom(customs_at(row, n)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One alone is written into the same columns as one of many, which has its times besides.
    #[test]
    fn a_single_write_fills_every_column() {
        for &kind in Kind::ALL {
            let record = Record::new(kind, Timestamp::UNIX_EPOCH);
            let values = values(&record, Customs::none()).len();
            assert_eq!(values, Columns::written(kind).names().count(), "{kind}");
            let filled = of(kind).new.fill([&record].into_iter(), Customs::none());
            assert_eq!(filled.unwrap().len(), values + 2, "{kind}");
        }
    }
}
