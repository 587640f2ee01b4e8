//! Before and after of an audit event, field by field.

use super::labels;
use crate::pages::kit::{Change, format};
use crate::pages::language::Language;
use crate::pages::messages::translate;
use crate::pages::page::Page;
use crate::pages::words::{audit as w, console as c, navigation};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;
use sindico_domain::access::Role;
use sindico_domain::operation::OperationStatus;
use sindico_domain::tenant::{ContractStatus, IsolationModel, Plan, ProvisioningStatus};
use std::collections::BTreeMap;

/// What somebody did, in words; an action that is new to this program keeps its name.
pub(super) fn action(language: Language, name: &str) -> String {
    let known = w::ACTIONS.iter().find(|(known, _)| *known == name);
    known.map_or_else(
        || name.to_owned(),
        |(_, word)| word.in_(language).to_owned(),
    )
}

/// Who did it; the program itself has a name that people can read.
pub(super) fn actor(language: Language, name: &str) -> String {
    match name {
        "system" => w::SYSTEM.in_(language).to_owned(),
        name => name.to_owned(),
    }
}

/// What it was done to: the action has told the kind already.
pub(super) fn subject(language: Language, text: &str) -> String {
    for kind in ["tenant ", "user ", "domain "] {
        if let Some(name) = text.strip_prefix(kind) {
            return name.to_owned();
        }
    }
    match text
        .strip_prefix("member ")
        .and_then(|rest| rest.rsplit_once(" of "))
    {
        Some((who, code)) => w::member_of(language, who, code),
        None => translate(language, text),
    }
}

/// The fields that are not the same before and after.
pub(super) fn changes_of(
    page: &Page,
    before: Option<&Value>,
    after: Option<&Value>,
) -> Vec<Change> {
    let (mut old, mut new) = (BTreeMap::new(), BTreeMap::new());
    collect("", before.unwrap_or(&Value::Null), &mut old);
    collect("", after.unwrap_or(&Value::Null), &mut new);
    let mut paths: Vec<&String> = old.keys().chain(new.keys()).collect();
    paths.sort();
    paths.dedup();
    paths
        .into_iter()
        .filter(|path| old.get(*path) != new.get(*path))
        .map(|path| Change {
            field: field(page.language(), path),
            before: old.get(path).and_then(|value| text(page, path, value)),
            after: new.get(path).and_then(|value| text(page, path, value)),
        })
        .filter(|change| change.before.is_some() || change.after.is_some())
        .collect()
}

/// Every plain value by its path. When a row was written is told by the event itself.
fn collect(prefix: &str, value: &Value, into: &mut BTreeMap<String, Value>) {
    match value {
        Value::Null => {}
        Value::Object(map) => {
            for (name, value) in map {
                let skipped = matches!(
                    name.as_str(),
                    "created_at" | "updated_at" | "id" | "user_id" | "steps"
                );
                if !skipped {
                    let path = match prefix {
                        "" => name.clone(),
                        prefix => format!("{prefix}.{name}"),
                    };
                    collect(&path, value, into);
                }
            }
        }
        other => {
            into.insert(prefix.to_owned(), other.clone());
        }
    }
}

fn field(language: Language, path: &str) -> String {
    let known = w::FIELDS.iter().find(|(known, _)| *known == path);
    known.map_or_else(
        || path.to_owned(),
        |(_, word)| word.in_(language).to_owned(),
    )
}

/// A value as people read it; nothing for an empty text.
fn text(page: &Page, path: &str, value: &Value) -> Option<String> {
    let language = page.language();
    let text = match value {
        Value::Bool(yes) => return Some(page.t(if *yes { c::YES } else { c::NO }).to_owned()),
        Value::String(text) if text.is_empty() => return None,
        Value::String(text) => text,
        other => return Some(other.to_string()),
    };
    let last = path.rsplit('.').next().unwrap_or(path);
    let word = match last {
        "plan" => text.parse::<Plan>().ok().map(labels::plan),
        "isolation_model" => text.parse::<IsolationModel>().ok().map(labels::model),
        "role" => text.parse::<Role>().ok().map(navigation::role),
        "status" => status(text),
        _ => None,
    };
    if let Some(word) = word {
        return Some(word.in_(language).to_owned());
    }
    if last == "monthly_fee"
        && let Ok(fee) = text.parse()
    {
        return Some(format::money(language, fee));
    }
    if last.ends_with("_date")
        && let Ok(day) = text.parse::<Date>()
    {
        return Some(format::date_text(language, day));
    }
    if (last.ends_with("_at") || last == "until")
        && let Ok(at) = text.parse::<Timestamp>()
    {
        return Some(format::datetime_text(language, at, &page.zone));
    }
    Some(match last {
        "last_error" | "error" | "hint" => translate(language, text),
        _ => text.clone(),
    })
}

/// The states of contracts, places and operations share a field's name; a word of one is none of another's
/// that means something else.
fn status(text: &str) -> Option<crate::pages::language::Word> {
    if let Ok(status) = text.parse::<ProvisioningStatus>() {
        return Some(labels::status_word(status).2);
    }
    if let Ok(status) = text.parse::<ContractStatus>() {
        return Some(labels::contract_word(status).1);
    }
    let status = text.parse::<OperationStatus>().ok()?;
    Some(labels::operation_word(status).1)
}
