//! What can be filtered by, and by which operators.

use super::super::custom::{CustomField, Known};
use super::super::field::{Field, FieldType};
use crate::words::words;
use std::borrow::Cow;
use std::sync::Arc;

/// The name of all texts of a record together: what searches look in.
pub const TEXT: &str = "text";

words! {
    /// An operator.
    Op { /// This one.
        Is = "is", /// Not this one.
        IsNot = "is_not", /// One of these.
        In = "in", /// None of these.
        NotIn = "not_in", /// This text somewhere in it.
        Contains = "contains", /// This text at its beginning.
        StartsWith = "starts_with", /// Less than this.
        Lt = "lt", /// This or less.
        Lte = "lte", /// More than this.
        Gt = "gt", /// This or more.
        Gte = "gte", /// From the first to the second.
        Between = "between", /// Today.
        Today = "today", /// From Monday to Sunday.
        ThisWeek = "this_week", /// This month.
        ThisMonth = "this_month", /// So many days up to today.
        LastNDays = "last_n_days", /// So many days from today on.
        NextNDays = "next_n_days", /// One of these tags.
        HasAny = "has_any", /// All of these tags.
        HasAll = "has_all", /// None of these tags.
        HasNone = "has_none", /// Nothing is there.
        IsEmpty = "is_empty", /// Something is there.
        IsSet = "is_set" }
}

pub(in crate::crm) const TEXTS: &[Op] = &[
    Op::Is,
    Op::IsNot,
    Op::In,
    Op::NotIn,
    Op::Contains,
    Op::StartsWith,
    Op::IsEmpty,
    Op::IsSet,
];
pub(in crate::crm) const WORDS: &[Op] =
    &[Op::Is, Op::IsNot, Op::In, Op::NotIn, Op::IsEmpty, Op::IsSet];
pub(in crate::crm) const NUMBERS: &[Op] = &[
    Op::Is,
    Op::IsNot,
    Op::In,
    Op::NotIn,
    Op::Lt,
    Op::Lte,
    Op::Gt,
    Op::Gte,
    Op::Between,
    Op::IsEmpty,
    Op::IsSet,
];
pub(in crate::crm) const AMOUNTS: &[Op] = &[
    Op::Is,
    Op::IsNot,
    Op::Lt,
    Op::Lte,
    Op::Gt,
    Op::Gte,
    Op::Between,
    Op::IsEmpty,
    Op::IsSet,
];
pub(in crate::crm) const DAYS: &[Op] = &[
    Op::Is,
    Op::IsNot,
    Op::Lt,
    Op::Lte,
    Op::Gt,
    Op::Gte,
    Op::Between,
    Op::Today,
    Op::ThisWeek,
    Op::ThisMonth,
    Op::LastNDays,
    Op::NextNDays,
    Op::IsEmpty,
    Op::IsSet,
];
pub(in crate::crm) const TAGS: &[Op] =
    &[Op::HasAny, Op::HasAll, Op::HasNone, Op::IsEmpty, Op::IsSet];

/// A field that can be filtered by: one of the kind's table, or of what every record has.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Its name in the API.
    pub name: Cow<'static, str>,
    /// What it holds.
    pub ty: FieldType,
    /// Its line in the kind's table; `None` for what every record has.
    pub field: Option<&'static Field>,
    /// What the company has set up, of a custom field.
    pub custom: Option<Arc<CustomField>>,
}

impl PartialEq for Subject {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.ty == other.ty
    }
}

impl Subject {
    const fn common(name: &'static str, ty: FieldType) -> Self {
        Self {
            name: Cow::Borrowed(name),
            ty,
            field: None,
            custom: None,
        }
    }

    /// All of a kind, in the order in which they are shown.
    pub fn all<'a>(known: impl Into<Known<'a>>) -> Vec<Self> {
        let Known { kind, customs } = known.into();
        let hidden = |field: &&Field| {
            matches!(
                field.ty,
                FieldType::Addresses | FieldType::Contacts | FieldType::Custom
            ) || field.name == "rank"
        };
        let fields = kind.fields().iter().filter(|field| !hidden(field));
        let mut all: Vec<Self> = fields
            .map(|field| Self {
                name: Cow::Borrowed(field.name),
                ty: field.ty,
                field: Some(field),
                custom: None,
            })
            .collect();
        all.extend(customs.of(kind).map(|custom| Self {
            name: Cow::Owned(custom.name()),
            ty: custom.like(),
            field: None,
            custom: Some(custom.clone()),
        }));
        all.extend([
            Self::common(TEXT, FieldType::Text(200)),
            Self::common("created_at", FieldType::Instant),
            Self::common("updated_at", FieldType::Instant),
            Self::common("id", FieldType::Integer(1, i64::MAX)),
        ]);
        all
    }

    /// The one of this name.
    pub fn find<'a>(known: impl Into<Known<'a>>, name: &str) -> Option<Self> {
        Self::all(known).into_iter().find(|one| one.name == name)
    }

    /// The operators that it takes.
    pub fn ops(&self) -> &'static [Op] {
        if let Some(custom) = &self.custom {
            return custom.ops();
        }
        if self.name == TEXT {
            return &[Op::Contains];
        }
        match self.ty {
            FieldType::Choice(_)
            | FieldType::Stage
            | FieldType::Pipeline
            | FieldType::Ref(_)
            | FieldType::User => WORDS,
            FieldType::Integer(..) => NUMBERS,
            FieldType::Money => AMOUNTS,
            FieldType::Date | FieldType::Instant => DAYS,
            FieldType::Flag => &[Op::Is],
            FieldType::Tags => TAGS,
            _ => TEXTS,
        }
    }
}

impl Op {
    /// Whether no value stands beside it.
    pub fn is_bare(self) -> bool {
        matches!(
            self,
            Self::IsEmpty | Self::IsSet | Self::Today | Self::ThisWeek | Self::ThisMonth
        )
    }

    /// Whether several values stand beside it.
    pub fn is_list(self) -> bool {
        matches!(
            self,
            Self::In | Self::NotIn | Self::HasAny | Self::HasAll | Self::HasNone
        )
    }
}
