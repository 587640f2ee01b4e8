//! The SQL that writes many records at once, and its parameters: each column as an array of its own. PostgreSQL
//! takes seven times as long to read rows as one JSON array (docs/adr/0034-many-rows-are-arrays.md).

use super::{TOUCH, changed_value, new_value};
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use sindico_db::{Error, Result, ToSql};
use sindico_domain::crm::custom::Customs;
use sindico_domain::crm::identity::{Keys, has_keys};
use sindico_domain::crm::{Datum, FieldType, Kind, Record, search};
use std::borrow::Cow;

/// What a column of a written row is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Id,
    /// The field at this position; of somebody, their id.
    Field(usize),
    /// The name of who is in the field at this position.
    Username(usize),
    SearchText,
    /// One of [`Keys`].
    Key(usize),
    CreatedAt,
    UpdatedAt,
}

/// A column that many rows are written into.
struct Column {
    name: String,
    of: Of,
    cells: Cells<'static>,
}

/// The columns of a kind that a statement writes.
pub(crate) struct Columns {
    kind: Kind,
    all: Vec<Column>,
}

impl Columns {
    /// Those that every write of a whole row fills.
    pub(super) fn written(kind: Kind) -> Self {
        let mut columns = Self::of_fields(kind, 0..kind.fields().len());
        columns.derive(true, true);
        columns
    }

    /// The same with the times of the record itself: one of many may have happened earlier.
    pub(super) fn of_new(kind: Kind) -> Self {
        let mut columns = Self::written(kind);
        columns.push("created_at", Of::CreatedAt);
        columns.push("updated_at", Of::UpdatedAt);
        columns
    }

    /// Those of these fields, and of what is derived from them, before the record's id.
    pub(crate) fn of_changed(kind: Kind, positions: &[usize]) -> Self {
        let fields = || positions.iter().map(|n| &kind.fields()[*n]);
        let mut columns = Self::of_fields(kind, positions.iter().copied());
        columns.derive(
            fields().any(|field| is_searched(field.ty)),
            fields().any(|field| Keys::FIELDS.contains(&field.name)),
        );
        columns.push("id", Of::Id);
        columns
    }

    fn of_fields(kind: Kind, positions: impl Iterator<Item = usize>) -> Self {
        let mut columns = Self {
            kind,
            all: Vec::new(),
        };
        for n in positions.filter(|n| kind.fields()[*n].is_stored()) {
            for (name, of) in kind.fields()[n]
                .columns()
                .iter()
                .zip([Of::Field(n), Of::Username(n)])
            {
                columns.push(name, of);
            }
        }
        columns
    }

    fn derive(&mut self, searched: bool, keyed: bool) {
        if searched {
            self.push("search_text", Of::SearchText);
        }
        if keyed && has_keys(self.kind) {
            for (n, name) in Keys::COLUMNS.iter().enumerate() {
                self.push(name, Of::Key(n));
            }
        }
    }

    fn push(&mut self, name: &str, of: Of) {
        let cells = match of {
            Of::Id => Cells::Int(Vec::new()),
            Of::Username(_) | Of::SearchText | Of::Key(_) => Cells::Text(Vec::new()),
            Of::CreatedAt | Of::UpdatedAt => Cells::Instant(Vec::new()),
            Of::Field(n) => Cells::of(self.kind.fields()[n].ty),
        };
        let name = name.to_owned();
        self.all.push(Column { name, of, cells });
    }

    /// Their names.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|column| column.name.as_str())
    }

    /// The text that makes rows of them: they come back in the order of the arrays, and their ids grow with it, since
    /// they are numbered after they were put in order.
    pub(crate) fn insert(&self, returning: &str) -> String {
        let names: Vec<&str> = self.names().collect();
        let values = self.all.iter().map(|column| column.value(new_value));
        format!(
            "INSERT INTO {kind} ({}) SELECT {} FROM {} ORDER BY new_place RETURNING {returning}",
            names.join(", "),
            values.collect::<Vec<_>>().join(", "),
            self.arrays(|n, ty| format!("${n}::{ty}[]")),
            kind = self.kind,
        )
    }

    /// The text that writes them into rows that are there.
    pub(crate) fn update(&self, returning: &str) -> String {
        let written = self.all.iter().filter(|column| column.of != Of::Id);
        let sets =
            written.map(|column| format!("{} = {}, ", column.name, column.value(changed_value)));
        format!(
            "UPDATE {kind} SET {}{TOUCH} FROM {} WHERE id = new_id RETURNING {returning}",
            sets.collect::<String>(),
            // PostgreSQL is not to know how many there are: for some hundreds it would read the whole table, where each is
            // found by its key.
            self.arrays(|n, ty| format!("(SELECT ${n}::{ty}[])")),
            kind = self.kind,
        )
    }

    fn arrays(&self, param: impl Fn(usize, &str) -> String) -> String {
        let types = self.all.iter().zip(1..);
        let types = types.map(|(column, n)| param(n, column.cells.ty()));
        let names = self.names().map(|name| format!("new_{name}"));
        format!(
            "unnest({}) WITH ORDINALITY AS new ({}, new_place)",
            types.collect::<Vec<_>>().join(", "),
            names.collect::<Vec<_>>().join(", "),
        )
    }

    /// What these records fill them with: an array for each.
    ///
    /// # Errors
    /// When a value is of another type than its field.
    pub(crate) fn fill<'r>(
        &self,
        records: impl Iterator<Item = &'r Record>,
        customs: &Customs,
    ) -> Result<Vec<Cells<'r>>> {
        let mut filled: Vec<Cells<'r>> = self.all.iter().map(|c| c.cells.clone()).collect();
        let keyed = self.all.iter().any(|c| matches!(c.of, Of::Key(_)));
        for record in records {
            let mut keys = match keyed {
                true => Keys::of(record).map(|keys| keys.into_values().map(Some)),
                false => None,
            };
            for (column, cells) in self.all.iter().zip(&mut filled) {
                match (column.of, cells) {
                    (Of::Field(n), cells) => cells.push(&record.values[n])?,
                    (Of::Id, Cells::Int(all)) => all.push(Some(record.id)),
                    (Of::CreatedAt, Cells::Instant(all)) => all.push(Some(record.created_at)),
                    (Of::UpdatedAt, Cells::Instant(all)) => all.push(Some(record.updated_at)),
                    (Of::Username(n), Cells::Text(all)) => all.push(match &record.values[n] {
                        Datum::User(user) => Some(user.username.as_str().into()),
                        _ => None,
                    }),
                    (Of::SearchText, Cells::Text(all)) => {
                        all.push(Some(search::text_of(record, customs).into()));
                    }
                    (Of::Key(n), Cells::Text(all)) => {
                        let key = keys.as_mut().and_then(|keys| keys[n].take());
                        all.push(key.map(Cow::Owned));
                    }
                    (_, cells) => return Err(cells.refuse()),
                }
            }
        }
        Ok(filled)
    }
}

impl Column {
    /// What is written into it, of what its array has.
    fn value(&self, write: impl Fn(&str, &str) -> String) -> String {
        let value = format!("new_{}", self.name);
        match self.cells {
            // An array of arrays has to have as many in each.
            Cells::Tags(_) => format!("ARRAY(SELECT jsonb_array_elements_text({value}))"),
            _ => write(&self.name, &value),
        }
    }
}

fn is_searched(ty: FieldType) -> bool {
    matches!(
        ty,
        FieldType::Text(_)
            | FieldType::Email
            | FieldType::Phone
            | FieldType::TaxId
            | FieldType::Tags
            | FieldType::Contacts
            | FieldType::Custom
    )
}

/// The values of one column.
#[derive(Clone)]
pub(crate) enum Cells<'r> {
    Text(Vec<Option<Cow<'r, str>>>),
    Int(Vec<Option<i64>>),
    Money(Vec<Option<Decimal>>),
    Date(Vec<Option<Date>>),
    Instant(Vec<Option<Timestamp>>),
    Flag(Vec<Option<bool>>),
    Json(Vec<Option<Value>>),
    Tags(Vec<Option<Value>>),
}

impl<'r> Cells<'r> {
    fn of(ty: FieldType) -> Self {
        match ty {
            FieldType::Text(_)
            | FieldType::Email
            | FieldType::Phone
            | FieldType::TaxId
            | FieldType::Choice(_)
            | FieldType::Stage => Self::Text(Vec::new()),
            FieldType::Integer(..) | FieldType::Ref(_) | FieldType::Pipeline | FieldType::User => {
                Self::Int(Vec::new())
            }
            FieldType::Money => Self::Money(Vec::new()),
            FieldType::Date => Self::Date(Vec::new()),
            FieldType::Instant => Self::Instant(Vec::new()),
            FieldType::Flag => Self::Flag(Vec::new()),
            FieldType::Tags => Self::Tags(Vec::new()),
            FieldType::Addresses | FieldType::Contacts | FieldType::Custom => {
                Self::Json(Vec::new())
            }
        }
    }

    /// The type of a value.
    fn ty(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Int(_) => "bigint",
            Self::Money(_) => "numeric",
            Self::Date(_) => "date",
            Self::Instant(_) => "timestamptz",
            Self::Flag(_) => "boolean",
            Self::Json(_) | Self::Tags(_) => "jsonb",
        }
    }

    fn push(&mut self, value: &'r Datum) -> Result<()> {
        match (self, value) {
            (cells, Datum::Null) => cells.push_null(),
            (Self::Text(all), Datum::Text(text)) => all.push(Some(text.as_str().into())),
            (Self::Int(all), Datum::Int(number)) => all.push(Some(*number)),
            (Self::Int(all), Datum::User(user)) => all.push(Some(user.id)),
            (Self::Money(all), Datum::Money(amount)) => all.push(Some(*amount)),
            (Self::Date(all), Datum::Date(date)) => all.push(Some(*date)),
            (Self::Instant(all), Datum::Instant(instant)) => all.push(Some(*instant)),
            (Self::Flag(all), Datum::Flag(flag)) => all.push(Some(*flag)),
            (Self::Tags(all), Datum::Tags(tags)) => all.push(Some(json!(tags))),
            (Self::Json(all), Datum::List(list)) => all.push(Some(list.clone())),
            (Self::Json(all), Datum::Custom(values)) => all.push(Some(values.to_row())),
            (cells, _) => return Err(cells.refuse()),
        }
        Ok(())
    }

    fn push_null(&mut self) {
        match self {
            Self::Text(all) => all.push(None),
            Self::Int(all) => all.push(None),
            Self::Money(all) => all.push(None),
            Self::Date(all) => all.push(None),
            Self::Instant(all) => all.push(None),
            Self::Flag(all) => all.push(None),
            Self::Json(all) | Self::Tags(all) => all.push(None),
        }
    }

    fn refuse(&self) -> Error {
        Error::Internal(format!("a value that is no {}", self.ty()))
    }

    /// As a parameter.
    pub(crate) fn param(&self) -> &(dyn ToSql + Sync) {
        match self {
            Self::Text(all) => all,
            Self::Int(all) => all,
            Self::Money(all) => all,
            Self::Date(all) => all,
            Self::Instant(all) => all,
            Self::Flag(all) => all,
            Self::Json(all) | Self::Tags(all) => all,
        }
    }
}
