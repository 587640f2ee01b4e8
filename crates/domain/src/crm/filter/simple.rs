//! The short way: a parameter for each field, as `status=NEW,QUALIFIED`, `owner=none`, `amount_min=1000`,
//! `due_at_from=2026-11-01T00:00:00Z`, `tags=vip`. They are read as conditions of the same tree.

use super::{Cmp, Filter, Operand, TEXT, Test, VALUES};
use crate::crm::custom::Known;
use crate::crm::draft::{id, word};
use crate::crm::pipeline::code;
use crate::crm::{Field, FieldType, Kind};
use crate::input::{Fields, Parsed, date, decimal, instant, integer, text};
use serde_json::Value;

/// The parameter with a whole tree.
pub const FILTER: &str = "filter";

/// Reads the parameters of a list of this kind, `filter` included: conditions that must all hold.
pub fn read<'a>(known: impl Into<Known<'a>>, query: &mut Fields<'_>) -> Vec<Filter> {
    let known = known.into();
    let kind = known.kind;
    let mut short = Short {
        kind,
        filters: Vec::new(),
    };
    for field in kind.fields().iter().filter(|field| field.filter) {
        short.field(field, query);
    }
    for (name, cmp) in [("created_from", Cmp::Gte), ("created_to", Cmp::Lte)] {
        if let Some(at) = query.read(name, instant) {
            short.add("created_at", Test::Compare(cmp, Operand::Instant(at)));
        }
    }
    short.filters.extend(tree(known, query));
    short.filters
}

/// Reads the tree alone.
pub fn tree<'a>(known: impl Into<Known<'a>>, query: &mut Fields<'_>) -> Option<Filter> {
    tree_named(known, FILTER, query)
}

/// Reads a tree that has a name of its own.
pub fn tree_named<'a>(
    known: impl Into<Known<'a>>,
    name: &str,
    query: &mut Fields<'_>,
) -> Option<Filter> {
    let told = query.read(name, |value| Ok(value.clone()))?;
    match Filter::parse(known, &told) {
        Ok(filter) => Some(filter),
        Err(errors) => {
            for error in errors {
                query.error(name, error);
            }
            None
        }
    }
}

/// What a search for this kind finds, as a condition.
pub fn matching(kind: Kind, q: &str) -> Option<Filter> {
    Filter::on(kind, TEXT, Test::Contains(q.trim().to_owned()))
}

struct Short {
    kind: Kind,
    filters: Vec<Filter>,
}

impl Short {
    fn add(&mut self, field: &str, test: Test) {
        self.filters.extend(Filter::on(self.kind, field, test));
    }

    fn field(&mut self, field: &Field, query: &mut Fields<'_>) {
        let name = field.name;
        let texts = |list: Vec<String>| Test::In(list.into_iter().map(Operand::Text).collect());
        match field.ty {
            FieldType::Choice(words) => {
                let parse = |value: &Value| each(value, |one| word(words, one));
                if let Some(list) = query.read(name, parse) {
                    self.add(name, texts(list));
                }
            }
            FieldType::Stage => {
                if let Some(list) = query.read(name, |value| each(value, code)) {
                    self.add(name, texts(list));
                }
            }
            FieldType::Pipeline => {
                if let Some(list) = query.read(name, |value| each(value, id)) {
                    let list = list.into_iter().map(Operand::Int).collect();
                    self.add(name, Test::In(list));
                }
            }
            FieldType::Ref(_) | FieldType::User => {
                if let Some((ids, none)) = query.read(name, ids) {
                    self.refers(name, ids, none);
                }
            }
            FieldType::Tags => {
                let parse = |value: &Value| each(value, text(1..=50));
                if let Some(tags) = query.read(name, parse) {
                    self.add(name, Test::HasAll(tags));
                }
            }
            FieldType::Integer(..) => {
                let number = integer(i64::MIN..=i64::MAX);
                let parse = |value: &Value| each(value, &number);
                if let Some(list) = query.read(name, parse) {
                    let list = list.into_iter().map(Operand::Int).collect();
                    self.add(name, Test::In(list));
                }
                self.range(query, name, ["min", "max"], |value| {
                    Ok(Operand::Int(number(value)?))
                });
            }
            FieldType::Money => self.range(query, name, ["min", "max"], |value| {
                Ok(Operand::Money(decimal(14, 2)(value)?))
            }),
            FieldType::Date => self.range(query, name, ["from", "to"], |value| {
                Ok(Operand::Date(date(value)?))
            }),
            FieldType::Instant => self.range(query, name, ["from", "to"], |value| {
                Ok(Operand::Instant(instant(value)?))
            }),
            _ => {
                let parse = |value: &Value| each(value, text(1..=255));
                if let Some(list) = query.read(name, parse) {
                    self.add(name, texts(list));
                }
            }
        }
    }

    fn refers(&mut self, name: &str, ids: Vec<i64>, none: bool) {
        let some = !ids.is_empty();
        let ids = Test::In(ids.into_iter().map(Operand::Int).collect());
        match (none, some) {
            (true, false) => self.add(name, Test::Empty),
            (false, _) => self.add(name, ids),
            (true, true) => {
                let either = [Test::Empty, ids].map(|test| Filter::on(self.kind, name, test));
                self.filters
                    .push(Filter::Any(either.into_iter().flatten().collect()));
            }
        }
    }

    fn range(
        &mut self,
        query: &mut Fields<'_>,
        name: &str,
        ends: [&str; 2],
        parse: impl Fn(&Value) -> Parsed<Operand>,
    ) {
        for (end, cmp) in ends.into_iter().zip([Cmp::Gte, Cmp::Lte]) {
            if let Some(value) = query.read(&format!("{name}_{end}"), &parse) {
                self.add(name, Test::Compare(cmp, value));
            }
        }
    }
}

/// One or several values, with commas.
fn each<T>(value: &Value, parse: impl Fn(&Value) -> Parsed<T>) -> Parsed<Vec<T>> {
    let list = value.as_str().unwrap_or_default();
    let values: Vec<&str> = list.split(',').map(str::trim).collect();
    if values.len() > VALUES {
        return Err(format!("Use at most {VALUES} values."));
    }
    values
        .into_iter()
        .map(|one| parse(&Value::from(one)))
        .collect()
}

fn ids(value: &Value) -> Parsed<(Vec<i64>, bool)> {
    let words = each(value, text(1..=20))?;
    let none = words.iter().any(|word| word == "none");
    let ids = words.iter().filter(|word| *word != "none");
    let wrong = || "Use ids, or none.".to_owned();
    let ids = ids
        .map(|word| word.parse::<i64>().map_err(|_| wrong()))
        .collect::<Parsed<_>>()?;
    Ok((ids, none))
}
