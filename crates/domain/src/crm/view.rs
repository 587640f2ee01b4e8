//! Saved views: which records of a kind, in which order, with which columns, for whom.

use super::custom::Known;
use super::draft::id;
use super::filter::Filter;
use super::kind::Kind;
use crate::FieldErrors;
use crate::access::Role;
use crate::input::{Fields, Parsed, choice, nullable, text};
use crate::words::words;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

words! {
    /// Who sees a view.
    Visibility { /// Whoever made it.
        Private = "PRIVATE", /// Who is in a team, and whoever made it.
        Team = "TEAM", /// Everybody in the company.
        Tenant = "TENANT" }
}

words! {
    /// How much room a row takes.
    Density { /// Room to read.
        Comfortable = "COMFORTABLE", /// Many rows.
        Compact = "COMPACT" }
}

/// What a view shows, and to whom.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Shown {
    /// Its name: unique among those that all see, among a team's, and among one's own.
    #[schema(max_length = 60)]
    pub name: String,
    /// Who sees it.
    pub visibility: Visibility,
    /// The team that sees it, of `TEAM`.
    #[serde(default)]
    pub team: Option<i64>,
    /// A tree of conditions; null for all records.
    #[schema(value_type = Option<Object>)]
    pub filter: Option<Value>,
    /// As `?sort=` of the list; empty for the kind's own order.
    pub sort: String,
    /// Names of fields; none for the kind's own columns.
    pub columns: Vec<String>,
    /// How much room a row takes.
    pub density: Density,
    /// The roles that begin with it; one view for each role.
    pub default_for: Vec<Role>,
}

/// A view.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct View {
    /// Its id.
    pub id: i64,
    /// The kind of records.
    pub kind: Kind,
    /// What it shows.
    #[serde(flatten)]
    pub shown: Shown,
    /// Who made it.
    pub owner: i64,
    /// Their name.
    pub owner_username: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// Counts its changes: the ETag.
    pub version: i64,
}

/// What a request says of a view.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    name: Option<String>,
    visibility: Option<Visibility>,
    team: Option<Option<i64>>,
    filter: Option<Option<Filter>>,
    sort: Option<String>,
    columns: Option<Vec<String>>,
    density: Option<Density>,
    default_for: Option<Vec<Role>>,
}

/// The most columns of a view.
const COLUMNS: usize = 20;

/// What a view may show as columns.
pub fn columns(kind: Kind) -> Vec<&'static str> {
    let fields = kind.fields().iter().map(|field| field.name);
    let fields =
        fields.filter(|name| !matches!(*name, "rank" | "addresses" | "contacts" | "custom_fields"));
    fields.chain(["created_at", "updated_at"]).collect()
}

/// Reads an order of a kind's list.
pub fn sort(kind: Kind, value: &Value) -> Parsed<String> {
    let sort = value.as_str().unwrap_or_default().to_owned();
    let name = sort.strip_prefix('-').unwrap_or(&sort);
    let known: Vec<&str> = kind.sorts().iter().map(|key| key.name).collect();
    if known.contains(&name) {
        return Ok(sort);
    }
    Err(format!(
        "Use one of: {}; with a minus sign for the other way round.",
        known.join(", ")
    ))
}

impl Draft {
    /// Reads a body; `whole` asks for what a new view must have.
    ///
    /// # Errors
    /// What is wrong, by field.
    pub fn parse<'a>(
        known: impl Into<Known<'a>>,
        body: &Map<String, Value>,
        whole: bool,
    ) -> Result<Self, FieldErrors> {
        let known = known.into();
        let kind = known.kind;
        let mut f = Fields::new(body);
        let name = match whole {
            true => f.require("name", text(1..=60)),
            false => f.read("name", text(1..=60)),
        };
        let told = f.read("filter", nullable(|value| Ok(value.clone())));
        let filter = told.map(|told| {
            told.and_then(|told| match Filter::parse(known, &told) {
                Ok(filter) => Some(filter),
                Err(errors) => {
                    errors.iter().for_each(|error| f.error("filter", error));
                    None
                }
            })
        });
        let draft = Self {
            name,
            filter,
            visibility: f.read("visibility", choice::<Visibility>),
            team: f.read("team", nullable(id)),
            sort: f.read("sort", |value| match value.as_str() {
                Some("") => Ok(String::new()),
                _ => sort(kind, value),
            }),
            columns: f.read("columns", |value| some_columns(known, value)),
            density: f.read("density", choice::<Density>),
            default_for: f.read("default_for", roles),
        };
        f.finish().check(draft)
    }

    /// A new view of what was told.
    ///
    /// # Errors
    /// What does not fit together.
    pub fn made(self) -> Result<Shown, FieldErrors> {
        let mut shown = Shown {
            name: String::new(),
            visibility: Visibility::Private,
            team: None,
            filter: None,
            sort: String::new(),
            columns: Vec::new(),
            density: Density::Comfortable,
            default_for: Vec::new(),
        };
        self.apply(&mut shown)?;
        Ok(shown)
    }

    /// Puts what was told into a view.
    ///
    /// # Errors
    /// What does not fit together.
    pub fn apply(self, shown: &mut Shown) -> Result<(), FieldErrors> {
        fn put<T>(to: &mut T, told: Option<T>) {
            if let Some(told) = told {
                *to = told;
            }
        }
        put(&mut shown.name, self.name);
        put(&mut shown.visibility, self.visibility);
        put(&mut shown.team, self.team);
        let filter = self.filter.map(|told| told.map(|filter| filter.to_json()));
        put(&mut shown.filter, filter);
        put(&mut shown.sort, self.sort);
        put(&mut shown.columns, self.columns);
        put(&mut shown.density, self.density);
        put(&mut shown.default_for, self.default_for);
        if shown.visibility != Visibility::Team {
            shown.team = None;
        } else if shown.team.is_none() {
            return Err(FieldErrors::one("team", "Name the team that sees it."));
        }
        if shown.visibility != Visibility::Tenant && !shown.default_for.is_empty() {
            let message = "Only a view that everybody sees can be the one that a role begins with.";
            return Err(FieldErrors::one("default_for", message));
        }
        Ok(())
    }
}

/// A list, or text with commas as a form sends it.
fn list(value: &Value) -> Parsed<Vec<String>> {
    let words = match value {
        Value::Array(words) => words.iter().map(text(1..=60)).collect::<Parsed<Vec<_>>>()?,
        Value::String(words) => {
            let words = words.split(',').map(|word| word.trim().to_owned());
            words.filter(|word| !word.is_empty()).collect()
        }
        _ => return Err("Expected a list of words.".to_owned()),
    };
    let mut each: Vec<String> = Vec::new();
    for word in words {
        if !each.contains(&word) {
            each.push(word);
        }
    }
    Ok(each)
}

fn some_columns(known: Known<'_>, value: &Value) -> Parsed<Vec<String>> {
    let told = list(value)?;
    let mut all: Vec<String> = columns(known.kind)
        .iter()
        .map(|name| (*name).to_owned())
        .collect();
    all.extend(known.names());
    if told.len() > COLUMNS {
        return Err(format!("Use at most {COLUMNS}."));
    }
    match told.iter().find(|name| !all.contains(name)) {
        Some(_) => Err(format!("Use some of: {}.", all.join(", "))),
        None => Ok(told),
    }
}

fn roles(value: &Value) -> Parsed<Vec<Role>> {
    let mut roles = list(value)?
        .iter()
        .map(|word| word.parse::<Role>())
        .collect::<Parsed<Vec<Role>>>()?;
    roles.sort();
    Ok(roles)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(body: Value) -> Result<Shown, FieldErrors> {
        Draft::parse(Kind::Lead, body.as_object().unwrap(), true)?.made()
    }

    #[test]
    fn a_view_is_read_or_refused_by_field() {
        let whole = json!({"name": " Quentes ", "visibility": "TENANT", "filter": {"field": "score", "op": "gte", "value": "70"},
            "sort": "-score", "columns": ["score", "owner", "score"], "density": "COMPACT", "default_for": ["OWNER", "MEMBER"]});
        let shown = parse(whole).unwrap();
        assert_eq!(shown.name, "Quentes");
        assert_eq!(shown.filter.as_ref().unwrap()["value"], 70);
        assert_eq!(shown.columns, ["score", "owner"]);
        let kept: Shown = serde_json::from_value(serde_json::to_value(&shown).unwrap()).unwrap();
        assert_eq!(kept, shown);
        for (body, field) in [
            (json!({}), "name"),
            (json!({"name": ""}), "name"),
            (json!({"name": "a", "visibility": "ALL"}), "visibility"),
            (json!({"name": "a", "filter": {"all": 1}}), "filter"),
            (json!({"name": "a", "sort": "name"}), "sort"),
            (json!({"name": "a", "columns": ["x"]}), "columns"),
            (json!({"name": "a", "density": "x"}), "density"),
            (json!({"name": "a", "default_for": ["BOSS"]}), "default_for"),
            (json!({"name": "a", "default_for": "OWNER"}), "default_for"),
        ] {
            assert!(parse(body.clone()).unwrap_err().has(field), "{body}");
        }
    }

    #[test]
    fn what_is_not_told_stays() {
        let mut shown = parse(json!({"name": "a", "sort": "score"})).unwrap();
        let change = json!({"filter": null, "density": "COMPACT", "sort": ""});
        let draft = Draft::parse(Kind::Lead, change.as_object().unwrap(), false).unwrap();
        draft.apply(&mut shown).unwrap();
        assert_eq!((shown.name.as_str(), shown.sort.as_str()), ("a", ""));
        assert_eq!(shown.density, Density::Compact);
    }
}
