//! Filters as SQL: a tree of the filter language ([`sindico_domain::crm::filter`]), with what it says of
//! days and of whoever asks put into plain values, and those into parameters.
//!
//! Columns and expressions come from the tables of fields and from here; nothing of a request gets into
//! the text.

mod compile;
#[cfg(test)]
mod tests;

use super::Sql;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde_json::json;
use sindico_domain::crm::custom::{CustomField, CustomOption, CustomType, Customs, KINDS};
use sindico_domain::crm::filter::{Filter as Tree, Op, Subject};
use sindico_domain::crm::{FieldType, Kind};

/// Who asks, when, and where days begin for them.
#[derive(Debug, Clone)]
pub struct Viewpoint {
    /// Whom `me` means.
    pub user: i64,
    /// The instant that counts as now.
    pub now: Timestamp,
    /// Where days begin.
    pub zone: TimeZone,
}

/// A condition that can be asked of PostgreSQL.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of these hold.
    All(Vec<Filter>),
    /// One of these holds.
    Any(Vec<Filter>),
    /// This does not hold.
    Not(Box<Filter>),
    /// A condition on one column.
    On(Column),
}

/// A condition on one column, or on an expression of this program's own.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    column: Place,
    test: Test,
}

/// What a condition looks at.
#[derive(Debug, Clone, PartialEq)]
enum Place {
    /// A column, or an expression of this program's own.
    Sql(String),
    /// The value of a custom field as text, with what makes of it what it is. Its key is a parameter.
    Custom { key: String, cast: &'static str },
}

impl Place {
    fn sql<'a>(&'a self, sql: &mut Sql<'a>) -> String {
        match self {
            Self::Sql(text) => text.clone(),
            Self::Custom { key, cast } => format!("(custom ->> {}::text){cast}", sql.bind(key)),
        }
    }

    /// The list of options of a custom field.
    fn options<'a>(&'a self, sql: &mut Sql<'a>) -> Option<String> {
        match self {
            Self::Sql(_) => None,
            Self::Custom { key, .. } => Some(format!("(custom -> {}::text)", sql.bind(key))),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Test {
    /// One of these texts.
    Texts(Vec<String>),
    /// One of these e-mail addresses, in any letter case.
    Emails(Vec<String>),
    /// One of these numbers.
    Ints(Vec<i64>),
    /// Nothing: NULL.
    Null,
    /// Nothing: an empty text.
    Blank,
    /// No tags.
    NoTags,
    /// Has all of these tags.
    Tags(Vec<String>),
    /// Has one of these tags.
    AnyTag(Vec<String>),
    /// True.
    Yes,
    /// False, and not nothing.
    No,
    /// `>=`, `<=`, `>`, `<` or `=` this.
    Bound(&'static str, Bound),
    /// All of these are in its text, which is folded already.
    Like(Vec<String>),
    /// Folded, it is like this.
    Folded(String),
    /// Without its punctuation, it is like this.
    Bare(String),
}

#[derive(Debug, Clone, PartialEq)]
enum Bound {
    Int(i64),
    Money(Decimal),
    Date(Date),
    Instant(Timestamp),
}

impl Filter {
    /// A tree as a condition on the table of the kind that it was read for.
    pub fn of(tree: &Tree, at: &Viewpoint) -> Self {
        compile::filter(tree, at)
    }

    /// Several that must all hold.
    pub fn all(trees: &[Tree], at: &Viewpoint) -> Vec<Self> {
        trees.iter().map(|tree| Self::of(tree, at)).collect()
    }

    pub(crate) fn sql<'a>(&'a self, sql: &mut Sql<'a>) -> String {
        match self {
            Self::All(parts) => group(parts, " AND ", "true", sql),
            Self::Any(parts) => group(parts, " OR ", "false", sql),
            // Of what is not known PostgreSQL says neither yes nor no.
            Self::Not(part) => format!("({}) IS NOT TRUE", part.sql(sql)),
            Self::On(column) => column.sql(sql),
        }
    }

    /// One condition of each sort that this kind has, for the test that prepares every statement.
    pub(crate) fn samples(kind: Kind) -> Vec<Self> {
        let at = Viewpoint {
            user: 1,
            now: Timestamp::UNIX_EPOCH,
            zone: TimeZone::UTC,
        };
        let mut trees = Vec::new();
        let customs = custom_samples(kind);
        for field in Subject::all((kind, &customs)) {
            for op in field.ops().iter().copied() {
                let tree = json!({"field": field.name, "op": op, "value": sample(field.ty, op)});
                trees.extend(Tree::parse((kind, &customs), &tree));
            }
        }
        let any = Tree::Not(Box::new(Tree::Any(trees.clone())));
        trees.push(any);
        Self::all(&trees, &at)
    }
}

/// A custom field of each type.
fn custom_samples(kind: Kind) -> Customs {
    let of = |(ty, id): (&CustomType, i64)| {
        let option = |value: &str| CustomOption {
            value: value.to_owned(),
            label: value.to_owned(),
            retired: false,
        };
        CustomField {
            id,
            kind,
            key: ty.as_str().to_lowercase(),
            label: ty.as_str().to_owned(),
            ty: *ty,
            options: ["a1", "b2"].map(option).to_vec(),
            help: String::new(),
            position: id,
            required: false,
            required_roles: Vec::new(),
            searchable: false,
            on_card: false,
            pii: false,
            version: 1,
        }
    };
    let all = CustomType::ALL.iter().zip(1..);
    Customs::new(match KINDS.contains(&kind) {
        true => all.map(of).collect(),
        false => Vec::new(),
    })
}

/// A value that this operator takes.
fn sample(ty: FieldType, op: Op) -> serde_json::Value {
    let one = match ty {
        FieldType::Choice(words) => json!(words[0]),
        FieldType::Stage => json!("WON"),
        FieldType::Integer(..) | FieldType::Ref(_) | FieldType::Pipeline | FieldType::User => {
            json!(1)
        }
        FieldType::Money => json!("1.00"),
        FieldType::Date => json!("2026-11-23"),
        FieldType::Instant => json!("2026-11-23T12:00:00Z"),
        FieldType::Flag => json!(true),
        _ => json!("a1"),
    };
    match op {
        _ if op.is_bare() => json!(null),
        Op::LastNDays | Op::NextNDays => json!(7),
        Op::Between => json!([one, one]),
        Op::In | Op::NotIn => match ty {
            FieldType::Choice(words) => json!([words[0], words[1]]),
            FieldType::Integer(..) | FieldType::Ref(_) | FieldType::Pipeline | FieldType::User => {
                json!([1, 2])
            }
            FieldType::Stage => json!(["WON", "LOST"]),
            _ => json!(["a1", "b2"]),
        },
        _ => one,
    }
}

fn group<'a>(parts: &'a [Filter], between: &str, nothing: &str, sql: &mut Sql<'a>) -> String {
    let parts: Vec<String> = parts.iter().map(|part| part.sql(sql)).collect();
    match parts.is_empty() {
        true => nothing.to_owned(),
        false => format!("({})", parts.join(between)),
    }
}

impl Column {
    fn sql<'a>(&'a self, sql: &mut Sql<'a>) -> String {
        if let Test::Tags(words) | Test::AnyTag(words) = &self.test
            && let Some(options) = self.column.options(sql)
        {
            let all = matches!(self.test, Test::Tags(_));
            let sign = if all { "?&" } else { "?|" };
            return format!("{options} {sign} {}::text[]", sql.bind(words));
        }
        let column = self.column.sql(sql);
        match &self.test {
            // One value keeps the order of an index that begins with its column.
            Test::Texts(texts) if texts.len() == 1 => format!("{column} = {}", sql.bind(&texts[0])),
            Test::Ints(ids) if ids.len() == 1 => format!("{column} = {}", sql.bind(&ids[0])),
            Test::Texts(texts) => format!("{column} = ANY ({}::text[])", sql.bind(texts)),
            Test::Ints(ids) => format!("{column} = ANY ({}::bigint[])", sql.bind(ids)),
            Test::Null => format!("{column} IS NULL"),
            Test::Blank => format!("{column} = ''"),
            Test::NoTags => format!("{column} = '{{}}'"),
            Test::Yes => format!("{column} IS TRUE"),
            Test::No => format!("{column} IS FALSE"),
            // The column that an index answers by, behind the wall as well.
            Test::Emails(emails) => format!(
                "{column}_key = ANY (ARRAY(
                    SELECT lower(one COLLATE \"und-x-icu\") COLLATE \"C\" FROM unnest({}::text[]) one))",
                sql.bind(emails)
            ),
            Test::Tags(tags) => format!("{column} @> {}::text[]", sql.bind(tags)),
            Test::AnyTag(tags) => format!("{column} && {}::text[]", sql.bind(tags)),
            Test::Bound(comparison, bound) => format!("{column} {comparison} {}", bound.sql(sql)),
            Test::Like(patterns) => format!("{column} LIKE ALL ({}::text[])", sql.bind(patterns)),
            // As `fold` does it: decomposed, without marks, lower case.
            Test::Folded(pattern) => format!(
                "lower(regexp_replace(normalize({column}, NFKD), '[\\u0300-\\u036f]', '', 'g') COLLATE \"und-x-icu\") LIKE {}",
                sql.bind(pattern)
            ),
            Test::Bare(pattern) => format!(
                "upper(regexp_replace({column}, '[^0-9A-Za-z]', '', 'g')) LIKE {}",
                sql.bind(pattern)
            ),
        }
    }
}

impl Bound {
    fn sql<'a>(&'a self, sql: &mut Sql<'a>) -> String {
        match self {
            Self::Int(number) => format!("{}::bigint", sql.bind(number)),
            Self::Money(amount) => format!("{}::numeric", sql.bind(amount)),
            Self::Date(date) => format!("{}::date", sql.bind(date)),
            Self::Instant(instant) => format!("{}::timestamptz", sql.bind(instant)),
        }
    }
}
