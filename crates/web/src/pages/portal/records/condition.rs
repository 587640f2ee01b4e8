//! A condition of a filter, for people: in words, as a row of a form, and read from one.

use super::{custom, typed, value};
use crate::pages::kit::{Choice, Field as Control, format};
use crate::pages::page::Page;
use crate::pages::portal::setup;
use crate::pages::words::{fields as f, records as r, views as w};
use maud::{Markup, html};
use serde_json::{Value, json};
use sindico_crm::names::Names;
use sindico_domain::crm::custom::{CustomOption, Known, PREFIX};
use sindico_domain::crm::filter::{Condition, Filter, Op, Operand, Subject, TEXT, Test};
use sindico_domain::crm::{Datum, FieldType, Kind};

/// What conditions are shown with.
pub struct Telling<'a> {
    /// The page.
    pub page: &'a Page,
    /// Of which kind the records are.
    pub kind: Kind,
    /// Who can be chosen.
    pub members: &'a [Choice],
    /// What records are called.
    pub names: &'a Names,
}

/// What a field is called.
pub fn label(page: &Page, kind: Kind, name: &str) -> String {
    if name.starts_with(PREFIX) {
        let field = page.customs().named(kind, name);
        return field.map_or_else(|| name.to_owned(), |field| field.label.clone());
    }
    let word = match name {
        TEXT => w::TEXT,
        "id" => w::ID,
        "created_at" => r::CREATED_AT,
        "updated_at" => r::UPDATED_AT,
        name => f::label(kind, name),
    };
    page.t(word).to_owned()
}

impl Telling<'_> {
    /// A filter in words.
    pub fn said(&self, filter: &Filter) -> String {
        let language = self.page.language();
        match filter {
            Filter::Is(condition) => self.condition(condition),
            Filter::Not(part) => w::not(language, self.said(part)),
            Filter::All(parts) | Filter::Any(parts) if parts.len() == 1 => self.said(&parts[0]),
            other => w::advanced(language, other.conditions().len()),
        }
    }

    fn condition(&self, condition: &Condition) -> String {
        let (page, op) = (self.page, condition.op());
        let value = condition.value().unwrap_or(Value::Null);
        let said = match &value {
            Value::Array(values) => {
                let all: Vec<String> = values
                    .iter()
                    .map(|one| self.value(condition, one))
                    .collect();
                all.join(if op == Op::Between { " - " } else { ", " })
            }
            Value::Null => String::new(),
            one => self.value(condition, one),
        };
        w::condition(
            page.language(),
            &label(page, self.kind, &condition.field.name),
            w::op(op),
            &said,
        )
    }

    fn value(&self, condition: &Condition, value: &Value) -> String {
        let page = self.page;
        let field = &condition.field;
        if let Some(custom) = &field.custom {
            return custom::text(page, custom, &custom_value(value));
        }
        let plain = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        match field.ty {
            FieldType::User => self.person(&plain),
            FieldType::Instant | FieldType::Date => match plain.parse() {
                Ok(day) => format::date_text(page.language(), day),
                Err(_) => match plain.parse() {
                    Ok(at) => format::datetime_text(page.language(), at, &page.zone),
                    Err(_) => plain,
                },
            },
            ty => {
                let datum = Datum::from_json(ty, value);
                let told = field.field.zip(datum).and_then(|(field, datum)| {
                    value::text(page, self.kind, field, &datum, self.names)
                });
                told.unwrap_or(plain)
            }
        }
    }

    fn person(&self, id: &str) -> String {
        if id == "me" {
            return self.page.t(w::ME).to_owned();
        }
        let mut people = self.members.iter();
        let found = people.find(|person| person.value == id);
        found.map_or_else(|| id.to_owned(), |person| person.label.clone())
    }

    /// The controls of a condition; their names begin with `f.N.`. An operator that takes no value
    /// ignores what stands beside it, so that all of them can be chosen without a script.
    pub fn row(&self, n: usize, field: &Subject, op: Op, value: &Value) -> Markup {
        let (page, language) = (self.page, self.page.language());
        let ops = ops(field).into_iter();
        let ops = ops.map(|op| Choice::new(op.as_str(), page.t(w::op(op))));
        let shown = match (pickable(field), op) {
            (true, Op::Is) => Op::In,
            (true, Op::IsNot) => Op::NotIn,
            (_, op) => op,
        };
        let ends = match value {
            Value::Array(ends) if op == Op::Between => ends.as_slice(),
            one => std::slice::from_ref(one),
        };
        html! {
            input type="hidden" name={ "f." (n) ".field" } value=(field.name);
            (Control::select(format!("f.{n}.op"), page.t(w::OPERATOR)).choices(ops).value(shown.as_str()).render(language))
            @if pickable(field) { (self.picks(n, field, value)) }
            @else {
                (self.input(n, "value", page.t(w::VALUE), field, op, ends.first()))
                @if ops_between(field) { (self.input(n, "to", page.t(w::VALUE_TO), field, op, ends.get(1))) }
            }
        }
    }

    /// One of few: boxes to tick.
    fn picks(&self, n: usize, field: &Subject, value: &Value) -> Markup {
        let page = self.page;
        let on: Vec<String> = match value {
            Value::Array(values) => values.iter().map(plain).collect(),
            Value::Null => Vec::new(),
            one => vec![plain(one)],
        };
        let choices: Vec<Choice> = match field.ty {
            _ if let Some(custom) = &field.custom => {
                let options = custom.options.iter();
                let choice = |one: &CustomOption| Choice::new(one.value.clone(), one.label.clone());
                options.map(choice).collect()
            }
            FieldType::Choice(words) => words
                .iter()
                .map(|word| {
                    let label = value::word_of(page.language(), self.kind, &field.name, word);
                    Choice::new(*word, label)
                })
                .collect(),
            FieldType::Stage => setup::stage_choices(page),
            FieldType::Pipeline => setup::pipeline_choices(page),
            _ => [Choice::new("me", page.t(w::ME))]
                .into_iter()
                .chain(self.members.iter().cloned())
                .collect(),
        };
        html! {
            fieldset class="field" {
                legend class="field-label" { (page.t(w::VALUE)) }
                div class="choices-line" {
                    @for choice in &choices {
                        label class="choice" {
                            input type="checkbox" name={ "f." (n) ".pick." (choice.value) } value="1" checked[on.contains(&choice.value)];
                            span { (choice.label) }
                        }
                    }
                }
            }
        }
    }

    fn input(
        &self,
        n: usize,
        part: &str,
        label: &'static str,
        field: &Subject,
        op: Op,
        value: Option<&Value>,
    ) -> Markup {
        let page = self.page;
        let name = format!("f.{n}.{part}");
        let text = match value {
            Some(Value::Array(values)) => values.iter().map(plain).collect::<Vec<_>>().join(", "),
            Some(Value::Null) | None => String::new(),
            Some(Value::String(amount)) if field.ty == FieldType::Money => match amount.parse() {
                Ok(amount) => format::amount(page.language(), amount),
                Err(_) => amount.clone(),
            },
            Some(one) => plain(one),
        };
        let days = matches!(op, Op::LastNDays | Op::NextNDays);
        // Other operators of a day take a number, and an instant is no day: then it is text.
        let day = matches!(field.ty, FieldType::Date | FieldType::Instant) && !days;
        let day = day && (text.is_empty() || text.parse::<jiff::civil::Date>().is_ok());
        let control = match field.ty {
            _ if day => Control::date(name, label),
            FieldType::Money => Control::money(name, label),
            FieldType::Integer(..) => Control::text(name, label).attr("inputmode", "numeric"),
            FieldType::Tags => Control::text(name, page.t(w::VALUES)),
            FieldType::Flag => Control::select(name, label).choices([
                Choice::new("true", page.t(r::YES)),
                Choice::new("false", page.t(r::NO)),
            ]),
            _ => Control::text(name, label),
        };
        control
            .value(text)
            .attr("autocomplete", "off")
            .render(page.language())
    }
}

/// A custom field's value as a filter has it: numbers and yes may stand as text there.
fn custom_value(value: &Value) -> Value {
    match value.as_str() {
        Some("true") => json!(true),
        Some("false") => json!(false),
        _ => value.clone(),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Fields whose values are ticked.
fn pickable(field: &Subject) -> bool {
    if let Some(custom) = &field.custom {
        return custom.ty.has_options();
    }
    matches!(
        field.ty,
        FieldType::Choice(_) | FieldType::Stage | FieldType::Pipeline | FieldType::User
    )
}

fn ops_between(field: &Subject) -> bool {
    field.ops().contains(&Op::Between)
}

/// The operators that a form offers: what is ticked is one of several.
fn ops(field: &Subject) -> Vec<Op> {
    let all = field.ops().iter().copied();
    all.filter(|op| !pickable(field) || !matches!(op, Op::Is | Op::IsNot))
        .collect()
}

/// A new condition on a field, which fits everything that has one: to be filled in.
pub fn fresh<'a>(known: impl Into<Known<'a>>, name: &str) -> Option<Filter> {
    let known = known.into();
    let field = Subject::find(known, name)?;
    let test = match field.ty {
        FieldType::Flag => Test::In(vec![Operand::Flag(true)]),
        _ if field.name == TEXT => Test::Contains(String::new()),
        _ => Test::Set,
    };
    Filter::on(known, name, test)
}

/// A row of a sent form as JSON of the language. `part` tells what was typed; `picks` what was ticked.
pub fn read(
    page: &Page,
    field: &Subject,
    op: Op,
    part: &dyn Fn(&str) -> String,
    picks: &[String],
) -> Value {
    let typed = |text: String| -> Value {
        let text = text.trim();
        match field.ty {
            FieldType::Money => {
                json!(typed::money(page.language(), text).unwrap_or_else(|| text.to_owned()))
            }
            FieldType::Date | FieldType::Instant => json!(typed::day(text)),
            FieldType::Ref(_) => match typed::chosen(text) {
                Some(id) => json!(id),
                None => json!(text),
            },
            _ => json!(text),
        }
    };
    let value = match op {
        _ if op.is_bare() => return json!({"field": field.name, "op": op}),
        _ if pickable(field) => json!(picks),
        Op::Between => json!([typed(part("value")), typed(part("to"))]),
        Op::LastNDays | Op::NextNDays => json!(part("value").trim()),
        _ if op.is_list() => {
            let all = part("value");
            let all = all.split(',').map(str::trim).filter(|one| !one.is_empty());
            Value::from_iter(all.map(|one| typed(one.to_owned())))
        }
        _ => typed(part("value")),
    };
    json!({"field": field.name, "op": op, "value": value})
}
