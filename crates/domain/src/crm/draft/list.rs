//! Fields that hold lists: tags, addresses, contacts.

use crate::account;
use crate::brazil::Cep;
use crate::input::{Parsed, text};
use serde_json::{Map, Value};

/// How many there may be.
const MOST: usize = 50;

/// Short words, each once, in the order of their first appearance. A form sends them with commas.
pub fn tags(value: &Value) -> Parsed<Vec<String>> {
    let words: Vec<Value> = match value {
        Value::Array(words) => words.clone(),
        Value::String(words) => words
            .split(',')
            .filter(|word| !word.trim().is_empty())
            .map(Value::from)
            .collect(),
        _ => return Err("Expected a list of words.".to_owned()),
    };
    let mut tags: Vec<String> = Vec::new();
    for word in &words {
        let tag = text(1..=50)(word)?;
        if tag.contains(',') {
            return Err("A tag has no comma in it.".to_owned());
        }
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    few(tags.len())?;
    Ok(tags)
}

/// Addresses: texts, a state of two letters, a CEP.
pub(super) fn addresses(value: &Value) -> Parsed<Value> {
    const TEXTS: [&str; 7] = [
        "label",
        "street",
        "number",
        "complement",
        "district",
        "city",
        "country",
    ];
    each(value, |entry, kept| {
        for name in TEXTS {
            keep(entry, kept, name, text(0..=120))?;
        }
        keep(entry, kept, "state", |value| {
            let state = text(0..=2)(value)?.to_ascii_uppercase();
            let letters = state.is_empty()
                || (state.len() == 2 && state.bytes().all(|b| b.is_ascii_uppercase()));
            letters
                .then_some(state)
                .ok_or_else(|| "Use two letters, such as SP.".to_owned())
        })?;
        keep(entry, kept, "cep", |value| match text(0..=12)(value)? {
            none if none.is_empty() => Ok(none),
            cep => Ok(cep.parse::<Cep>()?.to_string()),
        })
    })
}

/// Further ways to reach somebody.
pub(super) fn contacts(value: &Value) -> Parsed<Value> {
    each(value, |entry, kept| {
        let kind = super::word(
            &["EMAIL", "PHONE", "WHATSAPP"],
            entry.get("kind").unwrap_or(&Value::Null),
        )
        .map_err(|error| format!("kind: {error}"))?;
        let value = text(1..=254)(entry.get("value").unwrap_or(&Value::Null))
            .map_err(|error| format!("value: {error}"))?;
        let value = match kind.as_str() {
            "EMAIL" => account::email(&value).map_err(|error| format!("value: {error}"))?,
            _ => value,
        };
        kept.insert("kind".to_owned(), kind.into());
        kept.insert("value".to_owned(), value.into());
        keep(entry, kept, "label", text(0..=60))
    })
}

fn each(
    value: &Value,
    read: impl Fn(&Map<String, Value>, &mut Map<String, Value>) -> Parsed<()>,
) -> Parsed<Value> {
    let Value::Array(entries) = value else {
        return Err("Expected a list of objects.".to_owned());
    };
    few(entries.len())?;
    let mut list = Vec::new();
    for (n, entry) in entries.iter().enumerate() {
        let Value::Object(entry) = entry else {
            return Err("Expected a list of objects.".to_owned());
        };
        let mut kept = Map::new();
        read(entry, &mut kept).map_err(|error| format!("Number {}: {error}", n + 1))?;
        list.push(Value::Object(kept));
    }
    Ok(Value::Array(list))
}

/// Keeps a text that is there and not empty.
fn keep(
    entry: &Map<String, Value>,
    kept: &mut Map<String, Value>,
    name: &str,
    read: impl Fn(&Value) -> Parsed<String>,
) -> Parsed<()> {
    let Some(value) = entry.get(name).filter(|value| !value.is_null()) else {
        return Ok(());
    };
    let text = read(value).map_err(|error| format!("{name}: {error}"))?;
    if !text.is_empty() {
        kept.insert(name.to_owned(), text.into());
    }
    Ok(())
}

fn few(count: usize) -> Parsed<()> {
    if count > MOST {
        return Err(format!("Use at most {MOST}."));
    }
    Ok(())
}
