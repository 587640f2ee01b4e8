//! Forms on the web that make leads: what they ask for, and what speaks against a person having sent one.

use crate::FieldErrors;
use crate::crm::Kind;
use crate::crm::custom::{CustomField, Customs, PREFIX, is_key};
use crate::input::{Fields, Parsed, boolean, integer, nullable, text};
use crate::words::words;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::Url;

words! {
    /// What became of something that was sent.
    EntryState { /// It is a lead.
        Lead = "LEAD", /// Somebody has to look whether it is spam.
        Quarantine = "QUARANTINE", /// Somebody has looked, and it was.
        Discarded = "DISCARDED" }
}

words! {
    /// What speaks against a person having sent it.
    Suspicion { /// A field that nobody sees was filled.
        Trap = "TRAP", /// Faster than anybody types.
        TooFast = "TOO_FAST", /// It was not made by the form, nor sent by a site that is listed.
        Unknown = "UNKNOWN_ORIGIN", /// The form's proof is too old, or was changed.
        Proof = "PROOF", /// More links than people send.
        Links = "LINKS" }
}

/// What a form may ask for beside the name and the company's own fields, by the fields of a lead.
pub const FIELDS: [&str; 4] = ["company", "email", "phone", "notes"];
/// The field that nobody sees: what fills it is no person. Its name is one that programs like.
pub const TRAP: &str = "website";
/// How many forms a company may have.
pub const MOST: i64 = 20;
/// How many entries of a form may wait for somebody to look.
pub const MOST_WAITING: i64 = 500;
/// For how many days they wait.
pub const WAIT_DAYS: i64 = 30;
/// Faster than that nobody fills a form, in seconds.
pub const FASTEST: i64 = 3;
/// For how many hours a form that was opened can be sent.
pub const OPEN_HOURS: i64 = 24;
/// How many links a message may have.
const LINKS: usize = 2;

/// What somebody wants of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// Its heading.
    pub title: String,
    /// What stands below it.
    pub intro: String,
    /// What it asks for beside the name; a custom field as `custom.<key>`. One that is deleted stays here, so that it is
    /// asked for again once it is back.
    pub fields: Vec<String>,
    /// Those without which it can't be sent.
    #[serde(default)]
    pub required: Vec<String>,
    /// The leads' source.
    pub source: String,
    /// The leads' tags.
    pub tags: Vec<String>,
    /// Who looks after them.
    pub owner: Option<i64>,
    /// What people agree to; empty: nothing is asked.
    pub consent: String,
    /// What is told afterwards.
    pub thanks: String,
    /// Where people are led afterwards instead; empty: nowhere.
    pub redirect: String,
    /// Sites that may send the form, and show it inside of their pages.
    pub origins: Vec<String>,
    /// Whether it is there.
    pub active: bool,
}

impl Wish {
    /// Reads a form as it is sent; what is not sent is as `before` has it. `may` says which custom fields it can ask for.
    ///
    /// # Errors
    /// All wrong fields.
    pub fn parse(
        body: &Map<String, Value>,
        before: Option<&Self>,
        may: &dyn Fn(&str) -> bool,
    ) -> Result<Self, FieldErrors> {
        let mut f = Fields::new(body);
        let title = match before {
            None => f.require("title", text(1..=120)),
            Some(_) => f.read("title", text(1..=120)),
        };
        let empty = Self {
            title: String::new(),
            intro: String::new(),
            fields: vec!["email".to_owned(), "phone".to_owned(), "notes".to_owned()],
            required: Vec::new(),
            source: "web".to_owned(),
            tags: Vec::new(),
            owner: None,
            consent: String::new(),
            thanks: String::new(),
            redirect: String::new(),
            origins: Vec::new(),
            active: true,
        };
        let old = before.unwrap_or(&empty);
        let may = |name: &str| FIELDS.contains(&name) || old.asks(name) || may(name);
        let fields = f.read("fields", |value| read_fields(value, &may));
        let fields = fields.unwrap_or_else(|| old.fields.clone());
        let told = match body.get("fields") {
            Some(Value::Object(form)) => Some(chosen(form, &["required"])),
            _ => f.read("required", |value| read_required(value, &fields)),
        };
        // What is not asked for any more can't be asked for with an asterisk either.
        let mut required = told.unwrap_or_else(|| old.required.clone());
        required.retain(|name| fields.contains(name));
        let wish = Self {
            title: title.unwrap_or_else(|| old.title.clone()),
            intro: f
                .read("intro", text(0..=1_000))
                .unwrap_or_else(|| old.intro.clone()),
            fields,
            required,
            source: f
                .read("source", text(1..=100))
                .unwrap_or_else(|| old.source.clone()),
            tags: f
                .read("tags", |value| {
                    list(value, 10, |tag| match tag.chars().count() {
                        1..=50 => Ok(tag.to_owned()),
                        _ => Err("A tag has at most 50 characters.".to_owned()),
                    })
                })
                .unwrap_or_else(|| old.tags.clone()),
            owner: f
                .read("owner", |value| match value.as_str() {
                    Some("") => Ok(None),
                    _ => nullable(integer(1..=i64::MAX))(value),
                })
                .unwrap_or(old.owner),
            consent: f
                .read("consent", text(0..=1_000))
                .unwrap_or_else(|| old.consent.clone()),
            thanks: f
                .read("thanks", text(0..=1_000))
                .unwrap_or_else(|| old.thanks.clone()),
            redirect: f
                .read("redirect", read_redirect)
                .unwrap_or_else(|| old.redirect.clone()),
            origins: f
                .read("origins", |value| list(value, 10, origin))
                .unwrap_or_else(|| old.origins.clone()),
            active: f
                .read("active", |value| match value.as_str() {
                    Some("on") => Ok(true),
                    _ => boolean(value),
                })
                .unwrap_or(old.active),
        };
        f.finish().check(wish)
    }

    /// Whether it asks for this.
    pub fn asks(&self, field: &str) -> bool {
        field == "name" || self.fields.iter().any(|asked| asked == field)
    }

    /// Whether it can't be sent without this.
    pub fn requires(&self, field: &str) -> bool {
        field == "name" || self.required.iter().any(|asked| asked == field)
    }

    /// The same of a custom field: what every lead must have, every form that asks for it must be told.
    pub fn requires_custom(&self, field: &CustomField) -> bool {
        field.required || self.requires(&field.name())
    }

    /// Whether it asks for custom fields, as far as it knows.
    pub fn asks_customs(&self) -> bool {
        self.fields.iter().any(|name| name.starts_with(PREFIX))
    }

    /// The custom fields that it asks for, among those that are there.
    pub fn customs(&self, all: &Customs) -> Customs {
        let asked = all.of(Kind::Lead).filter(|field| self.asks(&field.name()));
        Customs::new(asked.map(|field| CustomField::clone(field)).collect())
    }
}

/// Whether this could be a custom field's name.
pub fn is_custom(name: &str) -> bool {
    name.strip_prefix(PREFIX).is_some_and(is_key)
}

/// A list, or a text with commas or lines.
fn list<T>(value: &Value, most: usize, read: impl Fn(&str) -> Parsed<T>) -> Parsed<Vec<T>> {
    let words: Vec<&str> = match value {
        Value::Array(all) => {
            let all: Option<Vec<&str>> = all.iter().map(Value::as_str).collect();
            all.ok_or("Expected a list of texts.")?
        }
        Value::String(all) => all.split([',', '\n', ' ']).collect(),
        _ => return Err("Expected a list of texts.".to_owned()),
    };
    let words: Vec<&str> = words
        .into_iter()
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .collect();
    match words.len() > most {
        true => Err(format!("At most {most} of them.")),
        false => words
            .into_iter()
            .map(|word| {
                if word.contains('\0') {
                    Err("Expected a list of texts.".to_owned())
                } else {
                    read(word)
                }
            })
            .collect(),
    }
}

/// The names in a form's object that have one of these words.
fn chosen(form: &Map<String, Value>, words: &[&str]) -> Vec<String> {
    let said = |value: &Value| value.as_str().is_some_and(|word| words.contains(&word));
    let named = form.iter().filter(|(_, value)| said(value));
    named.map(|(name, _)| name.clone()).collect()
}

fn names(value: &Value) -> Parsed<Vec<String>> {
    let wrong = || "Expected a list of fields.".to_owned();
    let all = value.as_array().ok_or_else(wrong)?.iter();
    let all: Option<Vec<&str>> = all.map(Value::as_str).collect();
    let mut kept: Vec<String> = Vec::new();
    for name in all.ok_or_else(wrong)? {
        if !kept.iter().any(|one| one == name) {
            kept.push(name.to_owned());
        }
    }
    Ok(kept)
}

/// A list of names; or, from a form, an object with those that are asked for: `optional`, `required` or just `on`.
fn read_fields(value: &Value, may: &dyn Fn(&str) -> bool) -> Parsed<Vec<String>> {
    let named = match value {
        Value::Object(form) => chosen(form, &["optional", "required", "on"]),
        list => names(list)?,
    };
    if let Some(odd) = named.iter().find(|name| !may(name)) {
        return Err(match is_custom(odd) {
            true => format!("There is no custom field {odd} of leads."),
            false => format!("Use some of: {}, custom.<key>.", FIELDS.join(", ")),
        });
    }
    let of_all = FIELDS.iter().map(|name| (*name).to_owned());
    let mut chosen: Vec<String> = of_all.filter(|name| named.contains(name)).collect();
    if !chosen.iter().any(|name| name == "email" || name == "phone") {
        return Err("Ask for an e-mail address or a telephone, or nobody can answer.".to_owned());
    }
    chosen.extend(named.into_iter().filter(|name| is_custom(name)));
    Ok(chosen)
}

fn read_required(value: &Value, fields: &[String]) -> Parsed<Vec<String>> {
    let named = names(value)?;
    match named.iter().all(|name| fields.contains(name)) {
        true => Ok(named),
        false => Err("Only what the form asks for can be required.".to_owned()),
    }
}

const NO_PAGE: &str = "Use an address such as https://example.com/thanks.";

fn read_redirect(value: &Value) -> Parsed<String> {
    let typed = text(0..=1_000)(value)?;
    if typed.is_empty() {
        return Ok(typed);
    }
    let url = Url::parse(&typed).map_err(|_| NO_PAGE)?;
    let whole =
        matches!(url.scheme(), "https" | "http") && url.has_host() && url.username().is_empty();
    match whole && url.password().is_none() {
        true => Ok(url.to_string()),
        false => Err(NO_PAGE.to_owned()),
    }
}

/// A site, as browsers name it.
fn origin(typed: &str) -> Parsed<String> {
    let wrong = || "Use sites such as https://example.com.".to_owned();
    let url = Url::parse(typed).map_err(|_| wrong())?;
    let bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    // A URL's host may have characters that mean something in the header that it goes into (CSP).
    let plain = |c: char| c.is_ascii_alphanumeric() || "-.[]:".contains(c);
    match bare
        && url.host_str().is_some_and(|host| host.chars().all(plain))
        && matches!(url.scheme(), "https" | "http")
        && url.username().is_empty()
        && url.password().is_none()
    {
        true => Ok(url.origin().ascii_serialization()),
        false => Err(wrong()),
    }
}

/// What stands in a form's proof: since when it was open, or that there is none that is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// For so many seconds.
    Open(i64),
    /// There is none.
    Missing,
    /// It was changed.
    Wrong,
}

/// What speaks against a person having sent this; `listed` says whether a site of the company's own sent it.
pub fn suspicions(proof: Proof, listed: bool, trap: &str, message: &str) -> Vec<Suspicion> {
    let mut all = Vec::new();
    if !trap.is_empty() {
        all.push(Suspicion::Trap);
    }
    match proof {
        Proof::Open(seconds) if !(0..=OPEN_HOURS * 3_600).contains(&seconds) => {
            all.push(Suspicion::Proof)
        }
        Proof::Open(seconds) if seconds < FASTEST => all.push(Suspicion::TooFast),
        Proof::Open(_) => {}
        Proof::Wrong => all.push(Suspicion::Proof),
        Proof::Missing if listed => {}
        Proof::Missing => all.push(Suspicion::Unknown),
    }
    let lower = message.to_lowercase();
    if lower.matches("http://").count() + lower.matches("https://").count() > LINKS {
        all.push(Suspicion::Links);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn wish(body: Value) -> Result<Wish, FieldErrors> {
        Wish::parse(body.as_object().unwrap(), None, &|name| {
            name == "custom.size"
        })
    }

    #[test]
    fn forms_are_read_from_json_and_from_forms() {
        let read = wish(json!({"title": "Fale", "fields": ["notes", "email"], "tags": ["a", "b"], "origins": ["https://Site.example/"],
            "redirect": "https://site.example/obrigado"})).unwrap();
        assert_eq!(read.fields, ["email", "notes"]);
        assert_eq!(read.origins, ["https://site.example"]);
        assert!(read.active && read.asks("name") && !read.asks("phone"));
        let form = wish(json!({"title": "Fale", "fields": {"": "", "phone": "on"}, "tags": "a, b\nc", "origins": "https://a.example http://b.example:8080",
            "owner": "", "active": "on"})).unwrap();
        assert_eq!(
            (form.tags.len(), form.origins.len(), form.owner),
            (3, 2, None)
        );
        let none = |_: &str| false;
        let less = json!({"active": false});
        let less = Wish::parse(less.as_object().unwrap(), Some(&read), &none).unwrap();
        assert_eq!(
            less,
            Wish {
                active: false,
                ..read
            }
        );
    }

    #[test]
    fn custom_fields_are_asked_for_by_name_and_need_not_be_there_for_ever() {
        let read = wish(
            json!({"title": "Fale", "fields": ["custom.size", "notes", "email", "custom.size"],
            "required": ["custom.size", "notes"]}),
        )
        .unwrap();
        assert_eq!(read.fields, ["email", "notes", "custom.size"]);
        assert!(read.asks("custom.size") && read.requires("custom.size") && read.requires("name"));
        assert!(read.asks_customs() && !read.requires("email"));
        let form = wish(
            json!({"title": "Fale", "fields": {"": "", "email": "optional", "phone": "on",
            "notes": "", "custom.size": "required"}}),
        )
        .unwrap();
        assert_eq!(form.fields, ["email", "phone", "custom.size"]);
        assert_eq!(form.required, ["custom.size"]);
        // What it asked for before may be told again, though it is gone meanwhile.
        let none = |_: &str| false;
        let again = |body: Value| Wish::parse(body.as_object().unwrap(), Some(&read), &none);
        let same = again(json!({"fields": read.fields, "required": read.required})).unwrap();
        assert_eq!(same, read);
        let less = again(json!({"fields": ["email", "notes"]})).unwrap();
        assert_eq!(less.required, ["notes"]);
        assert!(
            again(json!({"fields": ["email", "custom.other"]}))
                .unwrap_err()
                .has("fields")
        );
        assert!(
            again(json!({"required": ["phone"]}))
                .unwrap_err()
                .has("required")
        );
    }

    #[test]
    fn wrong_forms_name_their_fields() {
        for (field, value) in [
            ("title", json!("")),
            ("title", json!("x".repeat(121))),
            ("fields", json!([])),
            ("fields", json!(["notes"])),
            ("fields", json!(["owner", "email"])),
            ("fields", json!("email")),
            ("fields", json!(["email", "custom.other"])),
            ("fields", json!(["email", "custom.", "custom.size"])),
            ("fields", json!(["custom.size"])),
            ("fields", json!({"email": "on", "custom.other": "required"})),
            ("fields", json!({"email": {"x": 1}})),
            ("required", json!("email")),
            ("required", json!(["company"])),
            ("required", json!([["email"]])),
            ("redirect", json!("javascript:alert(1)")),
            ("redirect", json!("//x")),
            ("redirect", json!("https://u:p@x.example/")),
            ("origins", json!(["https://x.example/path"])),
            ("origins", json!(["*"])),
            ("origins", json!("https://x.example;script-src")),
            ("origins", json!(["data:x"])),
            ("origins", json!(7)),
            ("owner", json!("x")),
            ("tags", json!(["x".repeat(51)])),
            ("tags", json!(["a\u{0}"])),
            ("active", json!("perhaps")),
            ("source", json!("")),
        ] {
            let mut body = json!({"title": "Fale"});
            body[field] = value.clone();
            assert!(
                wish(body).is_err_and(|errors| errors.has(field)),
                "{field} {value}"
            );
        }
    }

    #[test]
    fn what_speaks_against_a_person() {
        use Suspicion::{Links, Proof as P, TooFast, Trap, Unknown};
        let none: &[Suspicion] = &[];
        for (proof, listed, trap, message, expected) in [
            (Proof::Open(10), false, "", "oi", none),
            (Proof::Open(1), false, "", "oi", &[TooFast]),
            (Proof::Open(-5), false, "", "oi", &[P]),
            (Proof::Open(90_000), false, "", "oi", &[P]),
            (Proof::Missing, true, "", "oi", none),
            (Proof::Missing, false, "", "oi", &[Unknown]),
            (
                Proof::Wrong,
                true,
                "x",
                "HTTP://a https://b http://c",
                &[Trap, P, Links],
            ),
        ] {
            assert_eq!(suspicions(proof, listed, trap, message), expected);
        }
    }

    proptest! {
        // What is listed goes into a header.
        #[test]
        fn an_origin_is_nothing_but_that(typed in "https?://\\PC{1,40}") {
            if let Ok(origin) = origin(&typed) {
                prop_assert!(origin.is_ascii() && !origin.contains([' ', ';', ',', '\'', '"']), "{}", origin);
            }
        }
    }
}
