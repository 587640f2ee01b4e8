//! The control of a custom field, and what the rules read of what was typed into it: on pages of records, and on forms
//! for everybody.

use super::kit::{Choice, Field as Control};
use super::language::Language;
use super::portal::records::{day, money};
use super::words::{kit, records as w};
use maud::{Markup, html};
use serde_json::{Map, Value, json};
use sindico_domain::FieldErrors;
use sindico_domain::crm::custom::{CustomField, CustomOption, CustomType, path};

/// A custom field, as it is asked for.
pub struct Asked<'a> {
    /// In which language.
    pub language: Language,
    /// The field.
    pub field: &'a CustomField,
    /// The id of its control.
    pub id: String,
    /// What was typed into all of them, by key.
    pub typed: Option<&'a Value>,
    /// What is wrong with it.
    pub errors: Vec<String>,
    /// Whether it has to be told.
    pub must: bool,
}

impl Asked<'_> {
    /// Its control, with its label, help and errors.
    pub fn render(&self) -> Markup {
        let field = self.field;
        if field.ty == CustomType::MultiChoice {
            return self.boxes();
        }
        let text = match self.typed.and_then(|told| told.get(&field.key)) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        };
        let (name, label) = (path(&field.key), field.label.clone());
        // Nothing is no answer to what has to be told.
        let none = if self.must { kit::CHOOSE } else { w::NONE };
        let none = || none.in_(self.language);
        let control = match field.ty {
            CustomType::LongText => Control::textarea(name, label).wide(),
            CustomType::Integer => Control::number(name, label),
            CustomType::Decimal => Control::text(name, label).attr("inputmode", "decimal"),
            CustomType::Date => Control::date(name, label),
            CustomType::Boolean => Control::select(name, label)
                .choices([
                    Choice::new("true", w::YES.in_(self.language)),
                    Choice::new("false", w::NO.in_(self.language)),
                ])
                .or_none(none()),
            CustomType::Choice => {
                let options = field.options.iter();
                let offered = options.filter(|option| !option.retired || option.value == text);
                Control::select(name, label)
                    .choices(offered.map(choice))
                    .or_none(none())
            }
            CustomType::Email => Control::email(name, label).attr("autocomplete", "off"),
            CustomType::Phone => Control::phone(name, label).attr("autocomplete", "off"),
            CustomType::Url => Control::text(name, label).attr("inputmode", "url"),
            _ => Control::text(name, label),
        };
        let mut control = control
            .id(self.id.clone())
            .value(text)
            .errors(self.errors.clone());
        if let Some(most) = field.ty.longest() {
            control = control.attr("maxlength", most.to_string());
        }
        if self.must {
            control = control.required();
        }
        if !field.help.is_empty() {
            control = control.hint(field.help.clone());
        }
        control.render(self.language)
    }

    fn boxes(&self) -> Markup {
        let (field, id) = (self.field, &self.id);
        let name = path(&field.key);
        let begin = format!("{}.", field.key);
        let on = |word: &str| {
            let list = self.typed.and_then(|told| told.get(&field.key)?.as_array());
            let listed = list.is_some_and(|list| list.iter().any(|one| one == word));
            let ticked = self
                .typed
                .and_then(|told| told.get(format!("{begin}{word}")));
            listed || ticked.is_some()
        };
        let options = field.options.iter();
        let offered = options.filter(|option| !option.retired || on(&option.value));
        let hint = (!field.help.is_empty()).then(|| format!("{id}-hint"));
        let error = (!self.errors.is_empty()).then(|| format!("{id}-error"));
        let described: Vec<&str> = [&error, &hint]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        let described = (!described.is_empty()).then(|| described.join(" "));
        html! {
            fieldset class="field field-wide" id=(id) aria-describedby=[described] {
                legend class="field-label" {
                    (field.label)
                    // No box alone has to be ticked, so that browsers can't ask for it.
                    @if self.must { span { " (" (kit::REQUIRED.in_(self.language)) ")" } }
                }
                @if let Some(id) = hint { p class="field-hint" id=(id) { (field.help) } }
                // What says that none is ticked, where none is.
                input type="hidden" name={ (name) "." } value="";
                div class="choices-line" {
                    @for option in offered {
                        label class="choice" {
                            input type="checkbox" name={ (name) "." (option.value) } value="1" checked[on(&option.value)];
                            span { (option.label) }
                        }
                    }
                }
                @if let Some(id) = error {
                    div id=(id) { @for error in &self.errors { p class="field-error" { (error) } } }
                }
            }
        }
    }
}

fn choice(option: &CustomOption) -> Choice {
    Choice::new(option.value.clone(), option.label.clone())
}

/// What the rules read of what was typed into the controls of these fields. What is wrong is named by its path.
pub fn input<'a>(
    language: Language,
    fields: impl Iterator<Item = &'a CustomField>,
    typed: &Value,
    errors: &mut FieldErrors,
) -> Value {
    let empty = Map::new();
    let told = typed.as_object().unwrap_or(&empty);
    let mut input = Map::new();
    for field in fields {
        // Boxes that are ticked, each by its own name, with one that says that they were there.
        let begin = format!("{}.", field.key);
        let ticked: Vec<&str> = told
            .iter()
            .filter_map(|(name, _)| name.strip_prefix(&begin))
            .filter(|word| !word.is_empty())
            .collect();
        if field.ty == CustomType::MultiChoice {
            let there = told.keys().any(|name| name.starts_with(&begin));
            match told.get(&field.key) {
                _ if there => _ = input.insert(field.key.clone(), json!(ticked)),
                Some(value) => _ = input.insert(field.key.clone(), value.clone()),
                None => {}
            }
            continue;
        }
        let Some(value) = told.get(&field.key) else {
            continue;
        };
        let text = value.as_str().map(str::trim);
        let value = match (field.ty, text) {
            (_, Some("")) => Value::Null,
            (CustomType::Decimal, Some(text)) => match money(language, text) {
                Some(number) => json!(number),
                None => {
                    errors.add(&path(&field.key), w::WRONG_MONEY.in_(language));
                    continue;
                }
            },
            (CustomType::Date, Some(text)) => json!(day(text)),
            _ => value.clone(),
        };
        input.insert(field.key.clone(), value);
    }
    Value::Object(input)
}
