//! Setting custom fields up: what a request says, and what must hold of what comes of it.

use super::{CustomField, CustomOption, CustomType, Customs, KINDS, MOST, OPTIONS, is_key};
use crate::FieldErrors;
use crate::access::Role;
use crate::crm::kind::Kind;
use crate::fold::fold;
use crate::input::{Fields, Parsed, boolean, choice, text};
use serde_json::{Map, Value};

/// The longest label, and the longest value of an option.
const NAME: usize = 60;
/// The longest key.
const KEY: usize = 40;
/// The longest word of help.
const HELP: usize = 300;

/// What a request says of a custom field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldDraft {
    kind: Option<Kind>,
    key: Option<String>,
    label: Option<String>,
    ty: Option<CustomType>,
    options: Option<Vec<CustomOption>>,
    help: Option<String>,
    required: Option<bool>,
    required_roles: Option<Vec<Role>>,
    searchable: Option<bool>,
    on_card: Option<bool>,
    pii: Option<bool>,
}

impl FieldDraft {
    /// Reads a body; `whole` asks for what a new one must have.
    ///
    /// # Errors
    /// What is wrong, by field.
    pub fn parse(body: &Map<String, Value>, whole: bool) -> Result<Self, FieldErrors> {
        let mut f = Fields::new(body);
        let label = match whole {
            true => f.require("label", text(1..=NAME)),
            false => f.read("label", text(1..=NAME)),
        };
        let kind = match whole {
            true => f.require("kind", kind),
            false => f.read("kind", kind),
        };
        let ty = match whole {
            true => f.require("type", choice::<CustomType>),
            false => f.read("type", choice::<CustomType>),
        };
        let draft = Self {
            kind,
            label,
            ty,
            key: f.read("key", |value| match value {
                Value::Null => Ok(String::new()),
                _ => text(0..=KEY)(value).and_then(key),
            }),
            options: f.read("options", options),
            help: f.read("help", text(0..=HELP)),
            required: f.read("required", boolean),
            required_roles: f.read("required_roles", roles),
            searchable: f.read("searchable", boolean),
            on_card: f.read("on_card", boolean),
            pii: f.read("pii", boolean),
        };
        f.finish().check(draft)
    }

    /// The kind of records that it is for.
    pub fn kind(&self) -> Option<Kind> {
        self.kind
    }

    /// A new field. `taken` are the keys that fields of its kind have, or had.
    ///
    /// # Errors
    /// What is wrong, by field.
    pub fn made(&self, all: &Customs, taken: &[String]) -> Result<CustomField, FieldErrors> {
        let kind = self.kind.unwrap_or(Kind::Lead);
        let label = self.label.clone().unwrap_or_default();
        let taken = |key: &str| taken.iter().any(|one| one == key);
        let key = match self.key.as_deref().filter(|key| !key.is_empty()) {
            Some(key) if taken(key) => {
                let message =
                    "Another field of this kind has, or had, this key: its values are kept.";
                return Err(FieldErrors::one("key", message));
            }
            Some(key) => key.to_owned(),
            None => free_key(&label, &taken),
        };
        let position = all.of(kind).map(|field| field.position).max();
        let mut field = CustomField {
            id: 0,
            kind,
            key,
            label,
            ty: self.ty.unwrap_or(CustomType::Text),
            options: Vec::new(),
            help: String::new(),
            position: position.unwrap_or_default() + 1,
            required: false,
            required_roles: Vec::new(),
            searchable: false,
            on_card: false,
            pii: false,
            version: 0,
        };
        self.lay(&mut field);
        field.valid(all)?;
        Ok(field)
    }

    /// Lays it over a field.
    ///
    /// # Errors
    /// What never changes, and what is wrong, by field.
    pub fn apply(&self, field: &mut CustomField, all: &Customs) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::new();
        let fixed = "It never changes: make another field.";
        if self.kind.is_some_and(|kind| kind != field.kind) {
            errors.add("kind", fixed);
        }
        if self.ty.is_some_and(|ty| ty != field.ty) {
            errors.add("type", fixed);
        }
        if self.key.as_ref().is_some_and(|key| *key != field.key) {
            errors.add("key", fixed);
        }
        errors.check(())?;
        self.lay(field);
        field.valid(all)
    }

    fn lay(&self, field: &mut CustomField) {
        fn put<T: Clone>(to: &mut T, told: &Option<T>) {
            if let Some(told) = told {
                to.clone_from(told);
            }
        }
        put(&mut field.label, &self.label);
        put(&mut field.options, &self.options);
        put(&mut field.help, &self.help);
        put(&mut field.required, &self.required);
        put(&mut field.required_roles, &self.required_roles);
        put(&mut field.searchable, &self.searchable);
        put(&mut field.on_card, &self.on_card);
        put(&mut field.pii, &self.pii);
    }
}

impl CustomField {
    /// What must hold of it among the others.
    ///
    /// # Errors
    /// What is wrong, by field.
    pub fn valid(&self, all: &Customs) -> Result<(), FieldErrors> {
        let mut errors = FieldErrors::new();
        let others = || all.of(self.kind).filter(|other| other.id != self.id);
        if others().count() >= MOST {
            let message = format!("A kind of record has at most {MOST} custom fields.");
            errors.add("kind", message);
        }
        if others().any(|other| fold(&other.label) == fold(&self.label)) {
            let message = "There is a field of this kind with this label already.";
            errors.add("label", message);
        }
        match self.ty.has_options() {
            true if self.offered().next().is_none() => {
                errors.add("options", "Name at least one option that is offered.");
            }
            false if !self.options.is_empty() => {
                errors.add("options", "Only a choice has options.");
            }
            _ => {}
        }
        if self.searchable && !self.ty.is_text() {
            errors.add("searchable", "Only text can be searched.");
        }
        errors.check(())
    }
}

/// The fields of a kind in the order of these ids, those that moved only: all of them are named, each once.
///
/// # Errors
/// Ids that are not those of the kind.
pub fn ordered(all: &Customs, kind: Kind, ids: &[i64]) -> Result<Vec<CustomField>, FieldErrors> {
    let mut told = ids.to_vec();
    told.sort_unstable();
    let mut known: Vec<i64> = all.of(kind).map(|field| field.id).collect();
    known.sort_unstable();
    if told != known {
        let message = "Name all fields of this kind by their ids, each once.";
        return Err(FieldErrors::one("ids", message));
    }
    let fields = ids.iter().zip(1i64..).filter_map(|(id, position)| {
        let field = all.with_id(*id)?;
        (field.position != position).then(|| CustomField {
            position,
            ..CustomField::clone(field)
        })
    });
    Ok(fields.collect())
}

fn kind(value: &Value) -> Parsed<Kind> {
    let kind = choice::<Kind>(value).ok();
    kind.filter(|kind| KINDS.contains(kind)).ok_or_else(|| {
        let words: Vec<&str> = KINDS.iter().map(|kind| kind.as_str()).collect();
        format!("Not a valid choice. Use one of: {}.", words.join(", "))
    })
}

/// A key: a word in small letters.
fn key(told: String) -> Parsed<String> {
    match told.is_empty() || is_key(&told) {
        true => Ok(told),
        false => Err("Use small letters, digits and _, a letter first.".to_owned()),
    }
}

/// A text as a word in small letters.
fn slug(text: &str) -> String {
    let word = |c: char| match c.is_ascii_alphanumeric() {
        true => c.to_ascii_lowercase(),
        false => '_',
    };
    let folded: String = fold(text).chars().map(word).collect();
    let parts: Vec<&str> = folded.split('_').filter(|part| !part.is_empty()).collect();
    parts.join("_")
}

/// The label as a key that nobody has.
fn free_key(label: &str, taken: &dyn Fn(&str) -> bool) -> String {
    let mut base = slug(label);
    if !base.starts_with(|c: char| c.is_ascii_lowercase()) {
        base = format!("field_{base}");
    }
    base.truncate(KEY - 4);
    let base = base.trim_end_matches('_').to_owned();
    let numbered = (2..).map(|n| format!("{base}_{n}"));
    let mut keys = std::iter::once(base.clone()).chain(numbered);
    keys.find(|key| !taken(key)).unwrap_or(base)
}

/// Options: objects, or labels alone, one a line as forms send them.
fn options(value: &Value) -> Parsed<Vec<CustomOption>> {
    let told: Vec<Value> = match value {
        Value::Null => Vec::new(),
        Value::Array(list) => list.clone(),
        Value::String(lines) => {
            let lines = lines.lines().map(str::trim);
            lines
                .filter(|line| !line.is_empty())
                .map(Value::from)
                .collect()
        }
        _ => return Err("Expected a list of options.".to_owned()),
    };
    if told.len() > OPTIONS {
        return Err(format!("Use at most {OPTIONS} options."));
    }
    let mut options: Vec<CustomOption> = Vec::new();
    for (n, one) in told.iter().enumerate() {
        let at = |message: String| format!("Option {}: {message}", n + 1);
        let option = option(one).map_err(at)?;
        if options.iter().any(|other| other.value == option.value) {
            return Err(at("another option has this value.".to_owned()));
        }
        if options
            .iter()
            .any(|other| fold(&other.label) == fold(&option.label))
        {
            return Err(at("another option has this label.".to_owned()));
        }
        options.push(option);
    }
    Ok(options)
}

fn option(value: &Value) -> Parsed<CustomOption> {
    let plain = Map::from_iter([("label".to_owned(), value.clone())]);
    let told = match value {
        Value::Object(told) => told,
        _ => &plain,
    };
    let label = told.get("label").ok_or("it has no label.")?;
    let label = text(1..=NAME)(label)?;
    if label.contains([';', '|']) {
        return Err("a label has no ; and no |, which stand between several.".to_owned());
    }
    let value = match told.get("value") {
        None | Some(Value::Null) => String::new(),
        Some(value) => text(0..=NAME)(value)?,
    };
    let value = match value.is_empty() {
        true => slug(&label),
        false => value,
    };
    if value.is_empty() || value.contains(',') || value.chars().any(char::is_control) {
        return Err("give it a value of letters and digits, without a comma.".to_owned());
    }
    let retired = match told.get("retired") {
        None | Some(Value::Null) => false,
        Some(retired) => boolean(retired)?,
    };
    Ok(CustomOption {
        value,
        label,
        retired,
    })
}

/// Roles: a list, or with commas as forms send it.
fn roles(value: &Value) -> Parsed<Vec<Role>> {
    let words: Vec<Value> = match value {
        Value::Null => Vec::new(),
        Value::Array(list) => list.clone(),
        Value::String(text) => {
            let parts = text.split(',').map(str::trim);
            parts
                .filter(|part| !part.is_empty())
                .map(Value::from)
                .collect()
        }
        _ => return Err("Expected a list of roles.".to_owned()),
    };
    let roles = words.iter().map(choice::<Role>);
    let mut roles = roles.collect::<Parsed<Vec<Role>>>()?;
    roles.sort();
    roles.dedup();
    Ok(roles)
}
