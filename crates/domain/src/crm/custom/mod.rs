//! Custom fields: what a company writes down of its records beside what every company does. They are rows, and
//! their values are one object in the record's row; records have them as their field `custom_fields`, and
//! everybody who names one of them calls it `custom.<key>`.

mod edit;
#[cfg(test)]
mod laws;
mod read;
mod values;

pub use edit::{FieldDraft, ordered};
pub(super) use read::object;
pub use values::Values;

use super::kind::Kind;
use crate::FieldErrors;
use crate::access::Role;
use crate::words::words;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, LazyLock};
use utoipa::ToSchema;

/// The name of the records' field that holds them.
pub const FIELDS: &str = "custom_fields";
/// What a custom field's name begins with, where fields of records are named.
pub const PREFIX: &str = "custom.";
/// The most that a kind of record has.
pub const MOST: usize = 50;
/// The most options of a choice, those included that are not offered any more.
pub const OPTIONS: usize = 100;
/// The most that a card of a board shows.
pub const CARD: usize = 3;
/// The kinds of records that have them.
pub const KINDS: [Kind; 4] = [
    Kind::Lead,
    Kind::Customer,
    Kind::Opportunity,
    Kind::Activity,
];

words! {
    /// What a custom field holds.
    CustomType { /// A line of text.
        Text = "TEXT", /// Text of several lines.
        LongText = "LONG_TEXT", /// A whole number.
        Integer = "INTEGER", /// A number with up to four decimals.
        Decimal = "DECIMAL", /// A day.
        Date = "DATE", /// Yes or no.
        Boolean = "BOOLEAN", /// One of its options.
        Choice = "CHOICE", /// Some of its options.
        MultiChoice = "MULTI_CHOICE", /// An address on the web.
        Url = "URL", /// An e-mail address.
        Email = "EMAIL", /// A telephone.
        Phone = "PHONE" }
}

impl CustomType {
    /// Whether it has options.
    pub fn has_options(self) -> bool {
        matches!(self, Self::Choice | Self::MultiChoice)
    }

    /// Whether it can be searched.
    pub fn is_text(self) -> bool {
        matches!(
            self,
            Self::Text | Self::LongText | Self::Url | Self::Email | Self::Phone
        )
    }
}

/// An option of a choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CustomOption {
    /// What records keep; never changes.
    pub value: String,
    /// What people read.
    pub label: String,
    /// Whether it is not offered any more; records that have it keep it.
    #[serde(default)]
    pub retired: bool,
}

/// A custom field, as a company has set it up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CustomField {
    /// Its id; 0 before it is written.
    pub id: i64,
    /// The kind of records that have it.
    pub kind: Kind,
    /// The name of its values; never changes.
    pub key: String,
    /// What people call it.
    pub label: String,
    /// What it holds; never changes.
    #[serde(rename = "type")]
    pub ty: CustomType,
    /// Of a choice.
    pub options: Vec<CustomOption>,
    /// A word to whoever fills it.
    pub help: String,
    /// Its place among those of its kind.
    pub position: i64,
    /// Whether a new record must have it, and none may lose it.
    pub required: bool,
    /// The roles of which the same is asked.
    pub required_roles: Vec<Role>,
    /// Whether searches look in it.
    pub searchable: bool,
    /// Whether cards of boards show it: the first three do.
    pub on_card: bool,
    /// Whether it tells something about a person (LGPD).
    pub pii: bool,
    /// Counts its changes: the ETag.
    pub version: i64,
}

impl CustomField {
    /// What it is called where fields of records are named.
    pub fn name(&self) -> String {
        name(&self.key)
    }

    /// The option with this value.
    pub fn option(&self, value: &str) -> Option<&CustomOption> {
        self.options.iter().find(|option| option.value == value)
    }

    /// Those that are offered.
    pub fn offered(&self) -> impl Iterator<Item = &CustomOption> {
        self.options.iter().filter(|option| !option.retired)
    }

    /// The same without what counts its changes, for comparing.
    pub fn shape(&self) -> Self {
        Self {
            version: 0,
            ..self.clone()
        }
    }

    /// Whether this writer has to fill it.
    pub fn asks(&self, writer: Writer) -> bool {
        match writer {
            Writer::Exempt => false,
            Writer::Of(role) => {
                self.required || role.is_some_and(|role| self.required_roles.contains(&role))
            }
        }
    }
}

/// Who writes a record, as far as it matters for what has to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writer {
    /// Somebody with this role, or a program of the company's.
    Of(Option<Role>),
    /// Nobody who could be asked: a visitor's form, sample data, a customer that a conversion makes.
    Exempt,
}

/// All custom fields of a company that are there, by kind and in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Customs(Vec<Arc<CustomField>>);

impl Customs {
    /// These.
    pub fn new(mut all: Vec<CustomField>) -> Self {
        all.sort_by_key(|field| (field.kind, field.position, field.id));
        Self(all.into_iter().map(Arc::new).collect())
    }

    /// What a company has that has set none up.
    pub fn none() -> &'static Self {
        static NONE: LazyLock<Customs> = LazyLock::new(Customs::default);
        &NONE
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Arc<CustomField>> {
        self.0.iter()
    }

    /// Those of this kind, in their order.
    pub fn of(&self, kind: Kind) -> impl Iterator<Item = &Arc<CustomField>> {
        self.0.iter().filter(move |field| field.kind == kind)
    }

    /// The one of this kind with this key.
    pub fn find(&self, kind: Kind, key: &str) -> Option<&Arc<CustomField>> {
        self.of(kind).find(|field| field.key == key)
    }

    /// The one of this kind with this name, `custom.<key>`.
    pub fn named(&self, kind: Kind, name: &str) -> Option<&Arc<CustomField>> {
        self.find(kind, name.strip_prefix(PREFIX)?)
    }

    /// The one with this id.
    pub fn with_id(&self, id: i64) -> Option<&Arc<CustomField>> {
        self.0.iter().find(|field| field.id == id)
    }

    /// Those that cards of a board show.
    pub fn on_cards(&self, kind: Kind) -> impl Iterator<Item = &Arc<CustomField>> {
        self.of(kind).filter(|field| field.on_card).take(CARD)
    }
}

/// The fields of a kind of record: those that every company has, and the company's own.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The kind.
    pub kind: Kind,
    /// The company's own.
    pub customs: &'a Customs,
}

impl From<Kind> for Known<'static> {
    fn from(kind: Kind) -> Self {
        let customs = Customs::none();
        Self { kind, customs }
    }
}

impl<'a> From<(Kind, &'a Customs)> for Known<'a> {
    fn from((kind, customs): (Kind, &'a Customs)) -> Self {
        Self { kind, customs }
    }
}

impl Known<'_> {
    /// The names of the company's own.
    pub fn names(&self) -> Vec<String> {
        self.customs.of(self.kind).map(|one| one.name()).collect()
    }
}

/// What the field with this key is called where fields of records are named.
pub fn name(key: &str) -> String {
    format!("{PREFIX}{key}")
}

/// Whether this can be a field's key: small letters, digits and `_`, a letter first.
pub fn is_key(word: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    word.starts_with(|c: char| c.is_ascii_lowercase()) && word.chars().all(fits)
}

/// The path of a custom field's error.
pub fn path(key: &str) -> String {
    format!("{FIELDS}.{key}")
}

/// Notes what has to be told and is not: of a new record all of it, of one that was there only what it is about to
/// lose. What a record never had may stay so, or nobody could change it.
pub(super) fn check(
    (before, after): (Option<&Values>, &Values),
    known: Known<'_>,
    writer: Writer,
    errors: &mut FieldErrors,
) {
    for field in known.customs.of(known.kind) {
        let missing = field.asks(writer) && after.get(&field.key).is_none();
        let lost = before.is_none_or(|before| before.get(&field.key).is_some());
        if missing && lost {
            errors.add(&path(&field.key), "This field is required.");
        }
    }
}
