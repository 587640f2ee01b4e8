//! Custom fields on pages: what they are called, their controls, and their values as people read and type them.

use super::control::{Setting, told};
use crate::pages::custom_control::{self, Asked};
use crate::pages::kit::format;
use crate::pages::page::Page;
use crate::pages::words::records as w;
use maud::{Markup, html};
use serde_json::{Map, Value, json};
use sindico_domain::FieldErrors;
use sindico_domain::access::fields::FieldAccess;
use sindico_domain::crm::custom::{CustomField, CustomType, FIELDS, path};
use sindico_domain::crm::{Kind, Record};

/// The name of a custom field's control: a dot goes one object deeper.
pub fn name(field: &CustomField) -> String {
    path(&field.key)
}

/// The values of a record that there are, with their fields, in the order of these.
pub fn of<'a>(page: &'a Page, record: &'a Record) -> Vec<(&'a CustomField, &'a Value)> {
    let fields = page.customs().of(record.kind);
    let values = record.customs();
    fields
        .filter_map(|field| Some((&**field, values?.get(&field.key)?)))
        .collect()
}

/// A value as text of one line; of what can't be shown as what it is, as it stands there.
pub fn text(page: &Page, field: &CustomField, value: &Value) -> String {
    let language = page.language();
    let plain = || match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let label = |word: &str| {
        let option = field.option(word);
        option
            .map_or(word, |option| option.label.as_str())
            .to_owned()
    };
    match (field.ty, value) {
        (CustomType::Boolean, Value::Bool(yes)) => {
            page.t(if *yes { w::YES } else { w::NO }).to_owned()
        }
        (CustomType::Decimal, Value::String(text)) => text
            .parse()
            .map_or_else(|_| plain(), |n| format::amount(language, n)),
        (CustomType::Date, Value::String(text)) => text
            .parse()
            .map_or_else(|_| plain(), |day| format::date_text(language, day)),
        (CustomType::Choice, Value::String(word)) => label(word),
        (CustomType::MultiChoice, Value::Array(words)) => {
            let words = words.iter().filter_map(Value::as_str).map(label);
            words.collect::<Vec<_>>().join("; ")
        }
        _ => plain(),
    }
}

/// The lines of a card: what fields that stand on cards hold.
pub fn on_card(page: &Page, record: &Record) -> Option<Markup> {
    let fields = page.customs().on_cards(record.kind);
    let values = record.customs();
    let lines: Vec<(&str, String)> = fields
        .filter_map(|field| {
            let value = values?.get(&field.key)?;
            Some((field.label.as_str(), text(page, field, value)))
        })
        .collect();
    (!lines.is_empty()).then(|| {
        html! {
            @for (label, text) in &lines {
                span class="quiet board-note" { (label) ": " (text.chars().take(80).collect::<String>()) }
            }
        }
    })
}

/// A value as it stands on a page.
pub fn shown(page: &Page, field: &CustomField, value: &Value, links: bool) -> Markup {
    let text = text(page, field, value);
    match field.ty {
        CustomType::Url if links => html! {
            a href=(text) rel="noopener noreferrer nofollow" target="_blank" { (text) }
        },
        CustomType::Email if links => html! { a href={ "mailto:" (text) } { (text) } },
        CustomType::LongText => html! { span class="prose" { (text) } },
        _ => html! { (text) },
    }
}

/// What the control of a field shows of a value.
fn typed_of(page: &Page, field: &CustomField, value: &Value) -> Value {
    match (field.ty, value) {
        (CustomType::Decimal, Value::String(text)) => json!(
            text.parse()
                .map_or_else(|_| text.clone(), |n| format::amount(page.language(), n))
        ),
        (_, Value::Bool(yes)) => json!(yes.to_string()),
        (_, Value::Number(number)) => json!(number.to_string()),
        (_, value) => value.clone(),
    }
}

/// What the controls of a record's custom fields show.
pub fn typed(page: &Page, record: &Record) -> Value {
    let all = of(page, record).into_iter();
    Value::Object(Map::from_iter(all.map(|(field, value)| {
        (field.key.clone(), typed_of(page, field, value))
    })))
}

/// What the rules read of what was typed. What is wrong is named by its path.
pub fn input(page: &Page, kind: Kind, typed: &Value, errors: &mut FieldErrors) -> Value {
    let fields = page.customs().of(kind).map(|field| &**field);
    custom_control::input(page.language(), fields, typed, errors)
}

/// Leaves of the custom fields that were sent those whose names are ticked.
pub fn ticked(typed: &mut Map<String, Value>, ticked: Option<&Map<String, Value>>) {
    let told = typed.remove(FIELDS);
    let set = |name: &str| ticked.is_some_and(|ticked| ticked.contains_key(&path(name)));
    let told = told.as_ref().and_then(Value::as_object);
    let kept: Map<String, Value> = told
        .into_iter()
        .flatten()
        .filter(|(name, _)| set(name.split('.').next().unwrap_or_default()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if !kept.is_empty() {
        typed.insert(FIELDS.to_owned(), Value::Object(kept));
    }
}

impl Setting<'_> {
    /// The controls of all custom fields.
    pub fn customs(&self) -> Markup {
        let all = self.page.customs().of(self.kind);
        let theirs = |field: &&std::sync::Arc<CustomField>| {
            self.page.access(self.kind, &field.name()) == FieldAccess::Write
        };
        let all = all.filter(theirs);
        html! { @for field in all { (self.custom(field, false)) } }
    }

    /// The control of one; it has to be told here if that is said, whatever it is elsewhere.
    pub fn custom(&self, field: &CustomField, must: bool) -> Markup {
        let (page, name) = (self.page, name(field));
        let asked = Asked {
            language: page.language(),
            field,
            id: self.id(&name),
            typed: self.typed.get(FIELDS),
            errors: self.wrong_at(&name),
            must: must || field.asks(page.writer),
        };
        if field.ty == CustomType::MultiChoice {
            return asked.render();
        }
        html! {
            (asked.render())
            @if let Some(now) = self.found.and_then(|found| found.get(FIELDS)).and_then(|found| found.get(&field.key)) {
                p class="notice tone-warn field-wide" {
                    (w::now_there(page.language(), now.as_str().map_or_else(|| now.to_string(), str::to_owned)))
                }
            }
        }
    }

    /// What is wrong at this path, in the page's language.
    pub fn wrong_at(&self, path: &str) -> Vec<String> {
        let messages = self.errors.at(path).iter();
        messages.map(|message| told(self.page, message)).collect()
    }
}
