//! What a form asks for, and what was sent for it, as the rules of leads read it.

use super::open::typed;
use crate::pages::custom_control::input;
use crate::pages::language::Language;
use serde_json::{Map, Value, json};
use sindico_crm::lead_forms::LeadForm;
use sindico_domain::FieldErrors;
use sindico_domain::crm::custom::{CustomType, Customs, FIELDS as CUSTOM, Values, path};
use sindico_domain::crm::{Kind, Record};
use sindico_domain::lead_form::{FIELDS, Wish};

const REQUIRED: &str = "This field is required.";

/// Reads what was sent: what the form asks for, and nothing else. People type numbers and days as their language has
/// them, programs send what the API reads.
pub(super) fn read(
    form: &LeadForm,
    asked: &Customs,
    body: &Map<String, Value>,
    people: Option<Language>,
) -> (Map<String, Value>, FieldErrors) {
    let wish = &form.wish;
    let mut errors = FieldErrors::new();
    let mut sent = Map::new();
    for name in ["name"]
        .iter()
        .chain(&FIELDS)
        .filter(|name| wish.asks(name))
    {
        match body.get(*name) {
            Some(Value::String(text)) => {
                sent.insert((*name).to_owned(), json!(text.trim()));
            }
            None | Some(Value::Null) => {}
            Some(_) => errors.add(name, "Expected a text."),
        }
        let told = !typed(&sent, name).is_empty();
        if wish.requires(name) && !told && errors.messages(name).is_empty() {
            errors.add(name, REQUIRED);
        }
    }
    let reach = ["email", "phone"];
    let reach: Vec<&str> = reach.into_iter().filter(|name| wish.asks(name)).collect();
    let reached = |name: &&str| !typed(&sent, name).is_empty() || errors.has(name);
    if !reach.iter().any(reached) {
        errors.add(reach.first().unwrap_or(&"email"), "Say how we can answer.");
    }
    if asked.all().next().is_some() {
        let told = customs(wish, asked, body.get(CUSTOM), people, &mut errors);
        sent.insert(CUSTOM.to_owned(), told);
    }
    (sent, errors)
}

fn customs(
    wish: &Wish,
    asked: &Customs,
    told: Option<&Value>,
    people: Option<Language>,
    errors: &mut FieldErrors,
) -> Value {
    let fields = || asked.of(Kind::Lead).map(|field| &**field);
    let told = match (people, told) {
        (Some(language), told) => input(language, fields(), told.unwrap_or(&Value::Null), errors),
        (None, None | Some(Value::Null)) => json!({}),
        (None, Some(told @ Value::Object(_))) => told.clone(),
        (None, Some(_)) => {
            errors.add(CUSTOM, "Expected an object of keys and values.");
            return json!({});
        }
    };
    for field in fields().filter(|field| wish.requires_custom(field)) {
        let nothing = field.read(told.get(&field.key).unwrap_or(&Value::Null)) == Ok(Value::Null);
        let path = path(&field.key);
        if nothing && errors.at(&path).is_empty() {
            errors.add(&path, REQUIRED);
        }
    }
    told
}

/// All that a person may have written of their own, where links are counted.
pub(super) fn prose(sent: &Map<String, Value>, asked: &Customs, record: &Record) -> String {
    let mut prose = typed(sent, "notes").to_owned();
    let free = |ty| matches!(ty, CustomType::Text | CustomType::LongText);
    for field in asked.of(Kind::Lead).filter(|field| free(field.ty)) {
        let value = record.customs().and_then(|values| values.get(&field.key));
        prose.push('\n');
        prose.push_str(value.and_then(Value::as_str).unwrap_or_default());
    }
    prose
}

/// Of the custom fields of what waited what can be kept by now: nobody can ask again who sent it. An option that is not
/// offered any more was when it was chosen.
pub(super) fn still(customs: &Customs, told: Option<Value>) -> Values {
    let mut values = Values::default();
    for field in customs.of(Kind::Lead) {
        let value = told.as_ref().and_then(|told| told.get(&field.key));
        if let Some(Ok(value)) = value.map(|value| field.read(value))
            && !value.is_null()
        {
            values.set(&field.key, value);
        }
    }
    values
}
