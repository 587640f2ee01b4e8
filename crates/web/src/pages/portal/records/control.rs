//! The control of a field, made of its type.

use super::rows;
use super::value;
use crate::pages::kit::{Choice, Field as Control};
use crate::pages::messages::translate;
use crate::pages::page::Page;
use crate::pages::portal::setup;
use crate::pages::words::{fields as f, records as w};
use maud::{Markup, html};
use serde_json::{Map, Value};
use sindico_domain::FieldErrors;
use sindico_domain::crm::pipeline::PipelineStage;
use sindico_domain::crm::{Default, Field, FieldType, Kind, LeadStatus, Record};
use std::collections::HashMap;

/// From this length on a text has lines.
const LONG: usize = 300;

/// What controls are made with.
pub struct Setting<'a> {
    /// The page.
    pub page: &'a Page,
    /// Of which kind the record is.
    pub kind: Kind,
    /// What stands in them.
    pub typed: &'a Map<String, Value>,
    /// What is wrong.
    pub errors: &'a FieldErrors,
    /// Who can be chosen.
    pub members: &'a [Choice],
    /// Records that a name may mean, by field.
    pub options: &'a HashMap<String, Vec<String>>,
    /// The record, once there is one.
    pub record: Option<&'a Record>,
    /// Begins the ids of the controls, where two forms of a page have the same field.
    pub prefix: &'a str,
    /// What stands there now, when it is not what was typed.
    pub found: Option<&'a Map<String, Value>>,
}

impl Setting<'_> {
    /// The id of a field's control.
    pub fn id(&self, name: &str) -> String {
        format!("f-{}{name}", self.prefix)
    }

    /// What is wrong with a field, in the page's language.
    pub fn wrong(&self, name: &str) -> Vec<String> {
        let messages = self.errors.messages(name).iter();
        messages.map(|message| told(self.page, message)).collect()
    }

    fn text(&self, name: &str) -> String {
        match self.typed.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        }
    }

    /// The control with its label, help and errors.
    pub fn control(&self, field: &Field) -> Markup {
        if field.ty == FieldType::Custom {
            return self.customs();
        }
        if matches!(field.ty, FieldType::Addresses | FieldType::Contacts) {
            return rows::fieldset(self, field);
        }
        let language = self.page.language();
        let label = self.page.t(f::label(self.kind, field.name));
        let mut control = self
            .of_type(field, label)
            .id(self.id(field.name))
            .value(self.text(field.name))
            .errors(self.wrong(field.name));
        if field.default == Default::Required {
            control = control.required();
        }
        if let Some(help) = f::help(self.kind, field.name) {
            control = control.hint(self.page.t(help));
        }
        html! {
            (control.render(language))
            @if let FieldType::Ref(_) = field.ty {
                datalist id=(self.list_id(field)) {
                    @for option in self.options.get(field.name).into_iter().flatten() { option value=(option) {} }
                }
            }
            @if let Some(now) = self.found.and_then(|found| found.get(field.name)) {
                p class="notice tone-warn field-wide" { (w::now_there(language, plain(self, field, now))) }
            }
        }
    }

    /// The same of a field that has to be told here, whatever it is elsewhere.
    pub fn required(&self, field: &Field) -> Markup {
        let label = self.page.t(f::label(self.kind, field.name));
        let control = self
            .of_type(field, label)
            .id(self.id(field.name))
            .value(self.text(field.name))
            .errors(self.wrong(field.name));
        html! { (control.required().render(self.page.language())) }
    }

    fn list_id(&self, field: &Field) -> String {
        format!("{}-options", self.id(field.name))
    }

    fn of_type(&self, field: &Field, label: &'static str) -> Control {
        let name = field.name;
        match field.ty {
            FieldType::Text(most) if most > LONG => Control::textarea(name, label)
                .attr("maxlength", most.to_string())
                .wide(),
            FieldType::Text(most) => {
                let control = Control::text(name, label).attr("maxlength", most.to_string());
                match name {
                    "title" | "name" if self.kind != Kind::Lead => control.wide(),
                    _ => control,
                }
            }
            FieldType::Email => Control::email(name, label).attr("autocomplete", "off"),
            FieldType::Phone => Control::phone(name, label).attr("autocomplete", "off"),
            FieldType::TaxId => Control::document(name, label),
            FieldType::Choice(words) => {
                let control = Control::select(name, label).choices(self.choices(field, words));
                match field.default {
                    Default::Empty if self.record.is_none() => {
                        control.or_none(self.page.t(w::AUTOMATIC))
                    }
                    _ => control,
                }
            }
            FieldType::Stage => Control::select(name, label).choices(self.stages()),
            FieldType::Pipeline => {
                Control::select(name, label).choices(setup::pipeline_choices(self.page))
            }
            FieldType::Integer(1, 12) if name == "month" => {
                let months = (1..=12).filter_map(|n| {
                    let word = w::month(n)?;
                    Some(Choice::new(n.to_string(), self.page.t(word)))
                });
                Control::select(name, label).choices(months)
            }
            FieldType::Integer(..) => Control::number(name, label),
            FieldType::Money => Control::money(name, label),
            FieldType::Date => Control::date(name, label),
            FieldType::Instant => Control::datetime(name, label),
            FieldType::Flag => Control::checkbox(name, label),
            FieldType::User => Control::select(name, label)
                .choices(self.people(name))
                .or_none(self.page.t(match self.kind {
                    Kind::SalesGoal => w::WHOLE_COMPANY,
                    _ => w::NOBODY,
                })),
            FieldType::Tags => Control::text(name, label),
            // Typed and chosen; the list behind it is asked for as somebody types.
            FieldType::Ref(kind) => {
                let list = self.list_id(field);
                Control::text(name, label)
                    .attr("list", list.clone())
                    .attr("autocomplete", "off")
                    .attr("data-search-select", "")
                    .attr(
                        "hx-get",
                        format!("/search/?fragment=options&kind={kind}&in={name}"),
                    )
                    .attr("hx-trigger", "input changed delay:150ms")
                    .attr("hx-target", format!("#{list}"))
                    .attr("hx-swap", "innerHTML")
                    .attr("hx-push-url", "false")
            }
            // Lists and custom fields have controls of their own.
            FieldType::Addresses | FieldType::Contacts | FieldType::Custom => {
                Control::textarea(name, label)
            }
        }
    }

    /// Words that can be chosen: of a state those that it can become.
    fn choices(&self, field: &Field, words: &[&str]) -> Vec<Choice> {
        let can = |word: &str| match (self.record, self.kind, field.name) {
            (Some(lead), Kind::Lead, "status") => {
                let now = lead.word::<LeadStatus>("status");
                lead.text("status") == word
                    || now.is_some_and(|now| now.next().iter().any(|next| next.as_str() == word))
            }
            _ => true,
        };
        let words = words.iter().filter(|word| can(word));
        let language = self.page.language();
        words
            .map(|word| Choice::new(*word, value::word_of(language, self.kind, field.name, word)))
            .collect()
    }

    /// The stages that a sale can be in: of one that is there, those that it can become.
    fn stages(&self) -> Vec<Choice> {
        let setup = self.page.setup();
        let id = self.record.and_then(|sale| sale.int("pipeline"));
        let Some(pipeline) = id.and_then(|id| setup.find(id)) else {
            return setup::stage_choices(self.page);
        };
        let now = self.record.map_or("", |sale| sale.text("stage"));
        let next = pipeline.next(now);
        let can = |stage: &&PipelineStage| {
            stage.code == now || next.iter().any(|next| next.code == stage.code)
        };
        let stages = pipeline.stages.iter().filter(can);
        let language = self.page.language();
        stages
            .map(|stage| Choice::new(stage.code.clone(), setup::name(language, stage)))
            .collect()
    }

    /// Members; and whoever stands there, were they to have left.
    fn people(&self, name: &str) -> Vec<Choice> {
        let mut people = self.members.to_vec();
        if let Some(user) = self.record.and_then(|record| record.user(name)) {
            let id = user.id.to_string();
            if !people.iter().any(|person| person.value == id) {
                people.push(Choice::new(id, user.username.clone()));
            }
        }
        people
    }
}

/// What a control shows, in words: of a choice its label.
fn plain(setting: &Setting<'_>, field: &Field, now: &Value) -> String {
    let text = now.as_str().unwrap_or_default();
    let language = setting.page.language();
    match field.ty {
        _ if text.is_empty() && now.is_string() => setting.page.t(w::GONE).to_owned(),
        FieldType::Choice(_) => value::word_of(language, setting.kind, field.name, text),
        FieldType::Stage => setup::stage(setting.page, text),
        FieldType::Pipeline => {
            let id = text.parse().or_else(|_| now.as_i64().ok_or(()));
            id.map_or_else(|()| text.to_owned(), |id| setup::pipeline(setting.page, id))
        }
        FieldType::User => setting
            .people(field.name)
            .into_iter()
            .find(|person| person.value == text)
            .map_or_else(|| text.to_owned(), |person| person.label),
        FieldType::Addresses | FieldType::Contacts => {
            let entries = now.as_array().into_iter().flatten();
            let lines: Vec<String> = entries
                .map(|one| match field.ty {
                    FieldType::Addresses => value::address(one),
                    _ => one["value"].as_str().unwrap_or_default().to_owned(),
                })
                .collect();
            match lines.is_empty() {
                true => setting.page.t(w::GONE).to_owned(),
                false => lines.join("; "),
            }
        }
        _ => text.to_owned(),
    }
}

/// A message of the rules for a person. Of a list they name the entry and its part.
pub fn told(page: &Page, message: &str) -> String {
    let language = page.language();
    if let Some(rest) = message.strip_prefix("Number ")
        && let Some((number, rest)) = rest.split_once(": ")
        && number.parse::<u32>().is_ok()
    {
        if let Some((part, rest)) = rest.split_once(": ")
            && let Some(word) = f::part(part)
        {
            return format!("{number}. {}: {}", page.t(word), translate(language, rest));
        }
        return format!("{number}. {}", translate(language, rest));
    }
    translate(language, message)
}
