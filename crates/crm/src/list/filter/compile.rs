//! From a tree to conditions on columns.

use super::{Bound, Column, Filter, Place, Test, Viewpoint};
use crate::metrics::day;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use sindico_db::pattern;
use sindico_domain::crm::custom::CustomType;
use sindico_domain::crm::filter::{
    Cmp, Condition, Filter as Tree, Operand, Subject, TEXT, Test as Asked,
};
use sindico_domain::crm::search::parts_of;
use sindico_domain::crm::{Access, FieldType};

pub(super) fn filter(tree: &Tree, at: &Viewpoint) -> Filter {
    let all = |parts: &[Tree]| parts.iter().map(|part| filter(part, at)).collect();
    match tree {
        Tree::All(parts) => Filter::All(all(parts)),
        Tree::Any(parts) => Filter::Any(all(parts)),
        Tree::Not(part) => not(filter(part, at)),
        Tree::Is(condition) => Compiled {
            field: &condition.field,
            column: place(&condition.field),
            at,
        }
        .condition(condition),
    }
}

fn not(filter: Filter) -> Filter {
    Filter::Not(Box::new(filter))
}

/// The column, or the expression, that a condition looks at.
fn place(subject: &Subject) -> Place {
    if let Some(custom) = &subject.custom {
        let cast = match custom.ty {
            CustomType::Integer => "::bigint",
            CustomType::Decimal => "::numeric",
            CustomType::Date => "::date",
            CustomType::Boolean => "::boolean",
            _ => "",
        };
        let key = custom.key.clone();
        return Place::Custom { key, cast };
    }
    Place::Sql(match subject.field {
        None if subject.name == TEXT => "search_text".to_owned(),
        None => subject.name.clone().into_owned(),
        Some(field) => match (field.access, field.ty) {
            (Access::Computed(sql), _) => sql.to_owned(),
            // By its cents, which an index can compare behind the wall.
            (_, FieldType::Money) if field.filter => format!("{}_cents", field.name),
            _ => field.column(),
        },
    })
}

struct Compiled<'a> {
    field: &'a Subject,
    column: Place,
    at: &'a Viewpoint,
}

impl Compiled<'_> {
    fn on(&self, test: Test) -> Filter {
        let column = self.column.clone();
        Filter::On(Column { column, test })
    }

    fn condition(&self, condition: &Condition) -> Filter {
        match &condition.test {
            Asked::In(values) => self.one_of(values),
            Asked::NotIn(values) => not(self.one_of(values)),
            Asked::Contains(text) if self.field.name == TEXT => self.on(found(text)),
            Asked::Contains(text) => self.like(text, "%"),
            Asked::StartsWith(text) => self.like(text, ""),
            Asked::Empty => self.nothing(),
            Asked::Set => not(self.nothing()),
            Asked::Compare(cmp, value) => self.compare(*cmp, value),
            Asked::Between(from, to) => Filter::All(vec![
                self.compare(Cmp::Gte, from),
                self.compare(Cmp::Lte, to),
            ]),
            Asked::Within(span) => {
                let today = self.at.now.to_zoned(self.at.zone.clone()).date();
                let (from, to) = span.days(today);
                Filter::All(vec![
                    self.compare(Cmp::Gte, &Operand::Date(from)),
                    self.compare(Cmp::Lte, &Operand::Date(to)),
                ])
            }
            Asked::HasAny(tags) => self.on(Test::AnyTag(tags.clone())),
            Asked::HasAll(tags) => self.on(Test::Tags(tags.clone())),
            Asked::HasNone(tags) => not(self.on(Test::AnyTag(tags.clone()))),
        }
    }

    fn one_of(&self, values: &[Operand]) -> Filter {
        let texts = || {
            let texts = values.iter().filter_map(|value| match value {
                Operand::Text(text) => Some(text.clone()),
                _ => None,
            });
            texts.collect::<Vec<_>>()
        };
        match self.field.ty {
            FieldType::Email => self.on(Test::Emails(texts())),
            FieldType::Phone | FieldType::TaxId => {
                let each = texts().into_iter().map(|text| self.bare(&text, "", ""));
                Filter::Any(each.collect())
            }
            FieldType::Integer(..) | FieldType::Ref(_) | FieldType::Pipeline | FieldType::User => {
                let ids = values.iter().filter_map(|value| match value {
                    Operand::Int(number) => Some(*number),
                    Operand::Me => Some(self.at.user),
                    _ => None,
                });
                self.on(Test::Ints(ids.collect()))
            }
            FieldType::Money | FieldType::Date | FieldType::Instant => {
                let each = values.iter().map(|value| self.equal(value));
                Filter::Any(each.collect())
            }
            FieldType::Flag if self.field.name == "rotting" => {
                let rotting = self.rotting();
                match values {
                    [Operand::Flag(false)] => not(rotting),
                    _ => rotting,
                }
            }
            FieldType::Flag => match values {
                // Nobody may have said anything of a custom one.
                [Operand::Flag(false)] if self.field.custom.is_some() => self.on(Test::No),
                [Operand::Flag(false)] => not(self.on(Test::Yes)),
                _ => self.on(Test::Yes),
            },
            _ => self.on(Test::Texts(texts())),
        }
    }

    /// What rots is looked up by its day, which an index has, before anybody looks at its activities.
    fn rotting(&self) -> Filter {
        let day = Column {
            column: Place::Sql("rots_at".to_owned()),
            test: Test::Bound("<", Bound::Instant(self.at.now)),
        };
        Filter::All(vec![Filter::On(day), self.on(Test::Yes)])
    }

    fn equal(&self, value: &Operand) -> Filter {
        match (self.field.ty, value) {
            (FieldType::Instant, Operand::Date(_)) => Filter::All(vec![
                self.compare(Cmp::Gte, value),
                self.compare(Cmp::Lte, value),
            ]),
            _ => self.bound("=", value),
        }
    }

    fn compare(&self, cmp: Cmp, value: &Operand) -> Filter {
        if let (FieldType::Instant, Operand::Date(date)) = (self.field.ty, value) {
            return self.by_day(cmp, *date);
        }
        let sign = match cmp {
            Cmp::Lt => "<",
            Cmp::Lte => "<=",
            Cmp::Gt => ">",
            Cmp::Gte => ">=",
        };
        self.bound(sign, value)
    }

    /// An instant against a whole day, where it is for whoever asks.
    fn by_day(&self, cmp: Cmp, date: Date) -> Filter {
        // PostgreSQL's instants end before those of this program do.
        let last = Timestamp::MAX - SignedDuration::from_hours(48);
        let (begin, end) = day(date, &self.at.zone);
        let (sign, instant) = match cmp {
            Cmp::Lt => ("<", begin),
            Cmp::Lte => ("<", end),
            Cmp::Gt => (">=", end),
            Cmp::Gte => (">=", begin),
        };
        self.on(Test::Bound(sign, Bound::Instant(instant.min(last))))
    }

    fn bound(&self, sign: &'static str, value: &Operand) -> Filter {
        let bound = match value {
            Operand::Int(number) => Bound::Int(*number),
            Operand::Money(amount) => {
                match matches!(&self.column, Place::Sql(column) if column.ends_with("_cents")) {
                    // It has two decimals and fits: it was read so.
                    true => Bound::Int(i64::try_from(amount.mantissa()).unwrap_or(i64::MAX)),
                    false => Bound::Money(*amount),
                }
            }
            Operand::Date(date) => Bound::Date(*date),
            Operand::Instant(instant) => Bound::Instant(*instant),
            // No other value is compared.
            Operand::Text(_) | Operand::Me | Operand::Flag(_) => return Filter::Any(Vec::new()),
        };
        self.on(Test::Bound(sign, bound))
    }

    fn nothing(&self) -> Filter {
        self.on(match self.field.ty {
            _ if self.field.custom.is_some() => Test::Null,
            FieldType::Tags => Test::NoTags,
            FieldType::Integer(..)
            | FieldType::Money
            | FieldType::Date
            | FieldType::Instant
            | FieldType::Ref(_)
            | FieldType::Pipeline
            | FieldType::User => Test::Null,
            _ => Test::Blank,
        })
    }

    fn like(&self, text: &str, before: &str) -> Filter {
        match self.field.ty {
            FieldType::Phone | FieldType::TaxId => self.bare(text, before, "%"),
            _ if before.is_empty() => self.on(Test::Folded(pattern::starting(text))),
            _ => self.on(Test::Folded(pattern::containing(text))),
        }
    }

    /// A number however it is written; text that has nothing of one is looked for as it is.
    fn bare(&self, text: &str, before: &str, after: &str) -> Filter {
        let bare: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
        match bare.is_empty() {
            true => self.on(Test::Texts(vec![text.to_owned()])),
            false => self.on(Test::Bare(format!(
                "{before}{}{after}",
                bare.to_ascii_uppercase()
            ))),
        }
    }
}

/// Records in whose text all parts of this query are; of a query without parts, none.
fn found(q: &str) -> Test {
    let parts = parts_of(q);
    let patterns = parts.iter().map(|part| pattern::containing(part));
    match parts.is_empty() {
        true => Test::Texts(Vec::new()),
        false => Test::Like(patterns.collect()),
    }
}
