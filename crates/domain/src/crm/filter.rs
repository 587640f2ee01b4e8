//! The filter language: a tree of conditions on the fields of a kind, the same for lists, boards, bulk
//! edits, exports and saved views.
//!
//! Groups are `{"all": [...]}`, `{"any": [...]}` and `{"not": {...}}`, conditions
//! `{"field": "amount", "op": "gte", "value": "1000.00"}`. A tree is read from JSON ([`Filter::parse`]) or
//! from the text of an address ([`Filter::read`]), and printed in one form ([`Filter::to_json`]): what is
//! printed is read as the same tree again.

mod operand;
mod parse;
pub mod simple;
mod span;
pub(super) mod subject;

#[cfg(test)]
mod laws;

pub use operand::Operand;
pub use span::Span;
pub use subject::{Op, Subject, TEXT};

use super::custom::Known;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

/// How deep groups may stand in each other.
pub const DEEPEST: usize = 5;
/// The most conditions of a tree.
pub const MOST: usize = 50;
/// The most values of one condition.
pub const VALUES: usize = 100;
/// The longest tree as text, in bytes: an address has to hold it.
pub const LONGEST: usize = 8_000;

/// A tree of conditions.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of these hold; of none, everything fits.
    All(Vec<Filter>),
    /// At least one of these holds; of none, nothing fits.
    Any(Vec<Filter>),
    /// This does not hold. What is not known (a field that is empty) does not hold.
    Not(Box<Filter>),
    /// A condition.
    Is(Condition),
}

/// A condition on one field.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// What it looks at.
    pub field: Subject,
    /// What must be there.
    pub test: Test,
}

/// What must be in a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// One of these: `is`, `in`.
    In(Vec<Operand>),
    /// None of these, or nothing at all: `is_not`, `not_in`.
    NotIn(Vec<Operand>),
    /// This text somewhere, whatever accents and letter case.
    Contains(String),
    /// This text at its beginning, likewise.
    StartsWith(String),
    /// Nothing.
    Empty,
    /// Anything.
    Set,
    /// Less, or more, than this.
    Compare(Cmp, Operand),
    /// From the one to the other, both included.
    Between(Operand, Operand),
    /// A day of this span.
    Within(Span),
    /// One of these tags.
    HasAny(Vec<String>),
    /// All of these tags.
    HasAll(Vec<String>),
    /// None of these tags.
    HasNone(Vec<String>),
}

/// An order between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cmp {
    /// Less.
    Lt,
    /// Not more.
    Lte,
    /// More.
    Gt,
    /// Not less.
    Gte,
}

impl Filter {
    /// A condition on this field of a kind; `None` when it can't be filtered by.
    pub fn on<'a>(known: impl Into<Known<'a>>, field: &str, test: Test) -> Option<Self> {
        let field = Subject::find(known, field)?;
        Some(Self::Is(Condition { field, test }))
    }

    /// Both: without a group around a single one.
    pub fn all_of(mut parts: Vec<Self>) -> Self {
        match parts.len() {
            1 => parts.remove(0),
            _ => Self::All(parts),
        }
    }

    /// Whether everything fits.
    pub fn is_everything(&self) -> bool {
        matches!(self, Self::All(parts) if parts.iter().all(Self::is_everything))
    }

    /// Its conditions, wherever they stand.
    pub fn conditions(&self) -> Vec<&Condition> {
        match self {
            Self::All(parts) | Self::Any(parts) => {
                parts.iter().flat_map(Self::conditions).collect()
            }
            Self::Not(part) => part.conditions(),
            Self::Is(condition) => vec![condition],
        }
    }

    /// As JSON, always in the same form.
    pub fn to_json(&self) -> Value {
        let group = |parts: &[Self]| parts.iter().map(Self::to_json).collect::<Vec<_>>();
        match self {
            Self::All(parts) => json!({ "all": group(parts) }),
            Self::Any(parts) => json!({ "any": group(parts) }),
            Self::Not(part) => json!({ "not": part.to_json() }),
            Self::Is(condition) => condition.to_json(),
        }
    }
}

/// The text of an address.
impl std::fmt::Display for Filter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.to_json())
    }
}

impl Serialize for Filter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

impl Condition {
    /// The operator that says it.
    pub fn op(&self) -> Op {
        match &self.test {
            Test::In(values) if values.len() == 1 => Op::Is,
            Test::In(_) => Op::In,
            Test::NotIn(values) if values.len() == 1 => Op::IsNot,
            Test::NotIn(_) => Op::NotIn,
            Test::Contains(_) => Op::Contains,
            Test::StartsWith(_) => Op::StartsWith,
            Test::Empty => Op::IsEmpty,
            Test::Set => Op::IsSet,
            Test::Compare(Cmp::Lt, _) => Op::Lt,
            Test::Compare(Cmp::Lte, _) => Op::Lte,
            Test::Compare(Cmp::Gt, _) => Op::Gt,
            Test::Compare(Cmp::Gte, _) => Op::Gte,
            Test::Between(..) => Op::Between,
            Test::Within(span) => span.op(),
            Test::HasAny(_) => Op::HasAny,
            Test::HasAll(_) => Op::HasAll,
            Test::HasNone(_) => Op::HasNone,
        }
    }

    /// The value beside the operator; `None` for one that takes none.
    pub fn value(&self) -> Option<Value> {
        let all = |values: &[Operand]| Value::from_iter(values.iter().map(Operand::to_json));
        match &self.test {
            Test::In(values) | Test::NotIn(values) => match values.as_slice() {
                [one] => Some(one.to_json()),
                several => Some(all(several)),
            },
            Test::Contains(text) | Test::StartsWith(text) => Some(json!(text)),
            Test::Compare(_, value) => Some(value.to_json()),
            Test::Between(from, to) => Some(json!([from.to_json(), to.to_json()])),
            Test::Within(span) => span.number().map(Value::from),
            Test::HasAny(tags) | Test::HasAll(tags) | Test::HasNone(tags) => Some(json!(tags)),
            Test::Empty | Test::Set => None,
        }
    }

    fn to_json(&self) -> Value {
        let mut json = json!({ "field": self.field.name, "op": self.op() });
        if let Some(value) = self.value() {
            json["value"] = value;
        }
        json
    }
}
