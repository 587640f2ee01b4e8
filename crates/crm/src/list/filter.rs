//! Conditions of lists, read from query parameters: `status=NEW,QUALIFIED`, `owner=none`,
//! `amount_min=1000`, `due_at_from=2026-11-01T00:00:00Z`, `tags=vip`.

use super::Sql;
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;
use sindico_db::pattern;
use sindico_domain::crm::draft::word;
use sindico_domain::crm::search::parts_of;
use sindico_domain::crm::{Field, FieldType, Kind};
use sindico_domain::input::{Fields, Parsed, date, decimal, instant, integer, text};

/// A condition on one column.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter {
    column: String,
    test: Test,
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    /// One of these texts.
    Texts(Vec<String>),
    /// One of these e-mail addresses, in any letter case.
    Emails(Vec<String>),
    /// One of these numbers, or none at all.
    Ints(Vec<i64>, bool),
    /// Has all of these tags.
    Tags(Vec<String>),
    From(Bound),
    To(Bound),
    /// All of these are in its text.
    Like(Vec<String>),
}

#[derive(Debug, Clone, PartialEq)]
enum Bound {
    Int(i64),
    Date(Date),
    Instant(Timestamp),
}

/// The most values of one filter.
const MOST: usize = 100;

impl Filter {
    /// Reads the filters of a list of this kind.
    pub fn read(kind: Kind, query: &mut Fields<'_>) -> Vec<Self> {
        let mut filters = Vec::new();
        for field in kind.fields().iter().filter(|field| field.filter) {
            read(field, query, &mut filters);
        }
        for (name, from) in [("created_from", true), ("created_to", false)] {
            if let Some(at) = query.read(name, instant) {
                filters.push(bound("created_at", from, Bound::Instant(at)));
            }
        }
        filters
    }

    /// Records in whose text all parts of this query are; of a query without parts, none.
    pub fn matching(q: &str) -> Self {
        let parts = parts_of(q);
        let patterns = parts.iter().map(|part| pattern::containing(part));
        Self {
            column: "search_text".to_owned(),
            test: match parts.is_empty() {
                true => Test::Texts(Vec::new()),
                false => Test::Like(patterns.collect()),
            },
        }
    }

    /// Records whose field refers to this one.
    pub fn refers(field: &str, id: i64) -> Self {
        Self {
            column: format!("{field}_id"),
            test: Test::Ints(vec![id], false),
        }
    }

    pub(crate) fn sql<'a>(&'a self, sql: &mut Sql<'a>) -> String {
        let column = &self.column;
        match &self.test {
            // One value keeps the order of an index that begins with its column.
            Test::Texts(texts) if texts.len() == 1 => format!("{column} = {}", sql.bind(&texts[0])),
            Test::Ints(ids, false) if ids.len() == 1 => format!("{column} = {}", sql.bind(&ids[0])),
            Test::Texts(texts) => format!("{column} = ANY ({}::text[])", sql.bind(texts)),
            Test::Ints(ids, false) => format!("{column} = ANY ({}::bigint[])", sql.bind(ids)),
            Test::Ints(ids, true) if ids.is_empty() => format!("{column} IS NULL"),
            Test::Ints(ids, true) => format!(
                "({column} IS NULL OR {column} = ANY ({}::bigint[]))",
                sql.bind(ids)
            ),
            // As the index on addresses has it.
            Test::Emails(emails) => format!(
                "lower({column} COLLATE \"und-x-icu\") = ANY (ARRAY(
                    SELECT lower(one COLLATE \"und-x-icu\") FROM unnest({}::text[]) one))",
                sql.bind(emails)
            ),
            Test::Tags(tags) => format!("{column} @> {}::text[]", sql.bind(tags)),
            Test::From(bound) => format!("{column} >= {}", bound.sql(sql)),
            Test::To(bound) => format!("{column} <= {}", bound.sql(sql)),
            Test::Like(patterns) => format!("{column} LIKE ALL ({}::text[])", sql.bind(patterns)),
        }
    }
}

impl Bound {
    fn sql<'a>(&'a self, sql: &mut Sql<'a>) -> String {
        match self {
            Self::Int(number) => format!("{}::bigint", sql.bind(number)),
            Self::Date(date) => format!("{}::date", sql.bind(date)),
            Self::Instant(instant) => format!("{}::timestamptz", sql.bind(instant)),
        }
    }
}

fn bound(column: &str, from: bool, bound: Bound) -> Filter {
    Filter {
        column: column.to_owned(),
        test: if from {
            Test::From(bound)
        } else {
            Test::To(bound)
        },
    }
}

fn read(field: &Field, query: &mut Fields<'_>, filters: &mut Vec<Filter>) {
    let name = field.name;
    let mut test = |test: Test| {
        filters.push(Filter {
            column: field.column(),
            test,
        })
    };
    match field.ty {
        FieldType::Choice(words) => {
            let parse = |value: &Value| each(value, |one| word(words, one));
            query
                .read(name, parse)
                .map(Test::Texts)
                .into_iter()
                .for_each(&mut test);
        }
        FieldType::Ref(_) | FieldType::User => {
            query
                .read(name, ids)
                .map(|(ids, none)| Test::Ints(ids, none))
                .into_iter()
                .for_each(&mut test);
        }
        FieldType::Email => {
            let parse = |value: &Value| each(value, text(1..=254));
            query
                .read(name, parse)
                .map(Test::Emails)
                .into_iter()
                .for_each(&mut test);
        }
        FieldType::Tags => {
            let parse = |value: &Value| each(value, text(1..=50));
            query
                .read(name, parse)
                .map(Test::Tags)
                .into_iter()
                .for_each(&mut test);
        }
        FieldType::Integer(..) => {
            let parse = |value: &Value| each(value, integer(i64::MIN..=i64::MAX));
            query
                .read(name, parse)
                .map(|ints| Test::Ints(ints, false))
                .into_iter()
                .for_each(&mut test);
            let mut range = |suffix: &str, from: bool| {
                if let Some(number) =
                    query.read(&format!("{name}_{suffix}"), integer(i64::MIN..=i64::MAX))
                {
                    filters.push(bound(name, from, Bound::Int(number)));
                }
            };
            range("min", true);
            range("max", false);
        }
        FieldType::Money => {
            // By its cents, which an index can compare behind the wall.
            for (suffix, from) in [("min", true), ("max", false)] {
                if let Some(amount) = query.read(&format!("{name}_{suffix}"), cents) {
                    filters.push(bound(&format!("{name}_cents"), from, Bound::Int(amount)));
                }
            }
        }
        FieldType::Date => {
            for (suffix, from) in [("from", true), ("to", false)] {
                if let Some(day) = query.read(&format!("{name}_{suffix}"), date) {
                    filters.push(bound(name, from, Bound::Date(day)));
                }
            }
        }
        FieldType::Instant => {
            for (suffix, from) in [("from", true), ("to", false)] {
                if let Some(at) = query.read(&format!("{name}_{suffix}"), instant) {
                    filters.push(bound(name, from, Bound::Instant(at)));
                }
            }
        }
        _ => {
            let parse = |value: &Value| each(value, text(1..=255));
            query
                .read(name, parse)
                .map(Test::Texts)
                .into_iter()
                .for_each(&mut test);
        }
    }
}

/// One or several values, with commas.
fn each<T>(value: &Value, parse: impl Fn(&Value) -> Parsed<T>) -> Parsed<Vec<T>> {
    let list = value.as_str().unwrap_or_default();
    let values: Vec<&str> = list.split(',').map(str::trim).collect();
    if values.len() > MOST {
        return Err(format!("Use at most {MOST} values."));
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

fn cents(value: &Value) -> Parsed<i64> {
    let amount = decimal(14, 2)(value)?;
    i64::try_from(amount.mantissa()).map_err(|_| "Use a smaller amount.".to_owned())
}

/// One filter of each sort that this kind has.
pub(super) fn samples(kind: Kind) -> Vec<Filter> {
    let mut filters = Vec::new();
    for field in kind.fields().iter().filter(|field| field.filter) {
        let column = field.column();
        let tests = match field.ty {
            FieldType::Ref(_) | FieldType::User => vec![
                Test::Ints(vec![1], true),
                Test::Ints(vec![], true),
                Test::Ints(vec![1], false),
            ],
            FieldType::Tags => vec![Test::Tags(Vec::new())],
            FieldType::Email => vec![Test::Emails(Vec::new())],
            FieldType::Integer(..) => vec![
                Test::Ints(vec![1], false),
                Test::From(Bound::Int(1)),
                Test::To(Bound::Int(1)),
            ],
            FieldType::Money => {
                filters.push(bound(&format!("{}_cents", field.name), true, Bound::Int(1)));
                Vec::new()
            }
            FieldType::Date => vec![Test::From(Bound::Date(Date::MIN))],
            FieldType::Instant => vec![Test::To(Bound::Instant(Timestamp::UNIX_EPOCH))],
            _ => vec![Test::Texts(Vec::new()), Test::Texts(vec![String::new()])],
        };
        filters.extend(tests.into_iter().map(|test| Filter {
            column: column.clone(),
            test,
        }));
    }
    // Their parameters need addresses that last as long as the program; this is for a test.
    filters
}
