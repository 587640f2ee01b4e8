//! For how long a company keeps what tells something about a person.

use crate::FieldErrors;
use crate::crm::Kind;
use crate::crm::filter::Filter;
use crate::input::{Fields, boolean, integer, nullable, text};
use serde_json::{Map, Value};

/// How many rules a company may have.
pub const MOST_RULES: i64 = 20;

/// What is told of a rule; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RuleDraft {
    /// Its name.
    pub name: Option<String>,
    /// Which records of its kind; all of them without one.
    pub filter: Option<Option<Filter>>,
    /// After so many months in which nothing was done with a record.
    pub months: Option<i64>,
    /// Whether it is gone by.
    pub active: Option<bool>,
}

impl RuleDraft {
    /// Reads the kind of a new rule: customers or leads.
    ///
    /// # Errors
    /// Another kind, or none.
    pub fn kind(body: &Map<String, Value>) -> Result<Kind, FieldErrors> {
        let mut f = Fields::new(body);
        let kind = f.require("kind", |value| match value.as_str() {
            Some("customer") => Ok(Kind::Customer),
            Some("lead") => Ok(Kind::Lead),
            _ => Err("Not a valid choice. Use one of: customer, lead.".to_owned()),
        });
        f.finish().check(kind.unwrap_or(Kind::Lead))
    }

    /// Reads `{name, filter?, months, active?}`; `whole` asks for what a new rule must have.
    ///
    /// # Errors
    /// All fields that are wrong.
    pub fn parse(kind: Kind, body: &Map<String, Value>, whole: bool) -> Result<Self, FieldErrors> {
        let mut f = Fields::new(body);
        let months = integer(1..=240);
        let (name, months) = match whole {
            true => (f.require("name", text(1..=60)), f.require("months", months)),
            false => (f.read("name", text(1..=60)), f.read("months", months)),
        };
        let told = f.read("filter", nullable(|value| Ok(value.clone())));
        let filter = told.map(|told| {
            let told = told?;
            match Filter::parse(kind, &told) {
                Ok(filter) => Some(filter),
                Err(errors) => {
                    errors.iter().for_each(|error| f.error("filter", error));
                    None
                }
            }
        });
        let active = f.read("active", boolean);
        f.finish().check(Self {
            name,
            filter,
            months,
            active,
        })
    }
}
