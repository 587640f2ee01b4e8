//! A sent form, read: names of records resolved, amounts and hours as the rules want them, and with a key
//! that makes of a double click one record.

use super::place;
use super::typed::{self, chosen, named};
use crate::contract::error::ApiResult;
use crate::pages::kit::Choice;
use crate::pages::page::Page;
use crate::pages::words::records as w;
use crate::portal::crm::Crm;
use maud::{Markup, html};
use serde_json::{Map, Value, json};
use sindico_crm::search;
use sindico_db::idempotency::Key;
use sindico_domain::FieldErrors;
use sindico_domain::access::capability::Method;
use sindico_domain::crm::{FieldType, Kind};
use sindico_domain::fold::fold;
use sindico_domain::page::PageRequest;
use sindico_domain::precondition::Precondition;
use sindico_store::control::members;
use std::collections::HashMap;

/// The field with the key of a form.
const KEY: &str = "idempotency_key";
/// The field with the version that a form was made of.
pub const VERSION: &str = "version";
/// The field with the page to go back to.
pub const NEXT: &str = "next";

/// How many records a typed name is looked up among.
const FITTING: usize = 8;

/// A form as it was sent.
pub struct Sent {
    /// As it is shown again.
    pub typed: Map<String, Value>,
    /// As the rules read it.
    pub input: Map<String, Value>,
    /// What is wrong with it already.
    pub errors: FieldErrors,
    /// Records that a name may have meant, by field.
    pub options: HashMap<String, Vec<String>>,
}

impl Sent {
    /// Reads the fields of a kind.
    pub async fn read(
        page: &Page,
        crm: &Crm,
        kind: Kind,
        body: &Map<String, Value>,
    ) -> ApiResult<Self> {
        let mut typed = typed::of_form(kind, body);
        let mut wrong = FieldErrors::new();
        let mut options = HashMap::new();
        for field in typed::written(kind) {
            let (FieldType::Ref(to), Some(text)) =
                (field.ty, typed.get(field.name).and_then(Value::as_str))
            else {
                continue;
            };
            let text = text.trim().to_owned();
            if text.is_empty() || chosen(&text).is_some() || text.parse::<i64>().is_ok() {
                continue;
            }
            match named_by(page, crm, to, &text).await? {
                Named::One(option) => {
                    typed.insert(field.name.to_owned(), json!(option));
                }
                Named::Several(message, fitting) => {
                    wrong.add(field.name, message);
                    options.insert(field.name.to_owned(), fitting);
                }
            }
        }
        let (mut input, mut errors) = typed::to_input(page, kind, &typed);
        for field in kind.fields() {
            if wrong.has(field.name) {
                input.remove(field.name);
            }
        }
        errors.merge(wrong);
        Ok(Self {
            typed,
            input,
            errors,
            options,
        })
    }

    /// The rules' errors beside those of reading: what could not be read is not missing besides.
    pub fn merge(&mut self, errors: FieldErrors, kind: Kind) {
        let mut errors = errors;
        // Custom fields each have an error of their own.
        for field in kind.fields() {
            let custom = field.ty == FieldType::Custom;
            if !custom && self.errors.has(field.name) && errors.has(field.name) {
                errors = without(errors, field.name, kind);
            }
        }
        self.errors.merge(errors);
    }
}

fn without(errors: FieldErrors, name: &str, kind: Kind) -> FieldErrors {
    let mut rest = FieldErrors::new();
    let others = kind.fields().iter().map(|field| field.name);
    for other in others.chain([sindico_domain::error::NON_FIELD_ERRORS]) {
        if other != name {
            rest.merge(errors.only(other));
        }
    }
    rest
}

enum Named {
    One(String),
    Several(String, Vec<String>),
}

/// Whom a typed name means.
async fn named_by(page: &Page, crm: &Crm, kind: Kind, text: &str) -> ApiResult<Named> {
    let language = page.language();
    let nobody = || Named::Several(w::not_found(language, text), Vec::new());
    if !crm.may(kind, Method::Get) {
        return Ok(nobody());
    }
    let short: String = text.chars().take(200).collect();
    let found = search::search(&crm.data, &[kind], &short, FITTING).await?;
    let same = |title: &str| fold(title) == fold(text);
    let exact: Vec<_> = found
        .results
        .iter()
        .filter(|hit| same(&hit.title))
        .collect();
    let fits = match (exact.as_slice(), found.results.as_slice()) {
        ([one], _) => Some(*one),
        ([], [one]) if !found.approximate => Some(one),
        _ => None,
    };
    if let Some(hit) = fits {
        return Ok(Named::One(named(&hit.title, hit.id)));
    }
    if found.results.is_empty() {
        return Ok(nobody());
    }
    let options: Vec<String> = found
        .results
        .iter()
        .map(|hit| named(&hit.title, hit.id))
        .collect();
    let message = match found.approximate {
        true => w::not_found(language, text),
        false => w::several(language, options.len(), text),
    };
    Ok(Named::Several(message, options))
}

/// What each form that makes something carries: its key, and where to go back to.
pub fn key_field() -> Markup {
    let mut bytes = [0u8; 16];
    // Without random numbers there is no key, and a double click counts twice.
    let key = getrandom::fill(&mut bytes)
        .map(|()| hex::encode(bytes))
        .unwrap_or_default();
    html! { input type="hidden" name=(KEY) value=(key); }
}

/// The version that a form was made of.
pub fn version_field(version: i64) -> Markup {
    html! { input type="hidden" name=(VERSION) value=(version); }
}

/// The page to go back to.
pub fn next_field(path: &str) -> Markup {
    html! { input type="hidden" name=(NEXT) value=(path); }
}

/// The key of a form, over what it says: a form that is sent twice counts once.
pub fn key(
    crm: &Crm,
    body: &Map<String, Value>,
    said: &Map<String, Value>,
    path: &str,
) -> Option<Key> {
    let key = body.get(KEY)?.as_str()?;
    let fits = (1..=64).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_alphanumeric());
    let said = Value::Object(said.clone()).to_string();
    fits.then(|| {
        Key::new(
            crm.caller.user.id,
            &format!("form-{key}"),
            "POST",
            path,
            said.as_bytes(),
        )
    })
}

/// The version that a form means; any, when it says none.
pub fn condition(body: &Map<String, Value>) -> Precondition {
    match version(body) {
        Some(version) => Precondition::OneOf(vec![version]),
        None => Precondition::None,
    }
}

/// The same as a number.
pub fn version(body: &Map<String, Value>) -> Option<i64> {
    body.get(VERSION)?.as_str()?.parse().ok()
}

/// Where a form wants to go back to.
pub fn next(body: &Map<String, Value>) -> Option<&str> {
    place::ours(body.get(NEXT)?.as_str()?)
}

/// The active members of the tenant, to be chosen.
pub async fn people(crm: &Crm) -> ApiResult<Vec<Choice>> {
    let all = PageRequest {
        limit: sindico_domain::page::MAX_LIMIT,
        ..PageRequest::default()
    };
    let page = members::list(crm.app().store(), crm.tenant.company.id, &all).await?;
    let active = page.items.into_iter().filter(|member| member.is_active);
    Ok(active
        .map(|member| Choice::new(member.user_id.to_string(), member.username))
        .collect())
}
