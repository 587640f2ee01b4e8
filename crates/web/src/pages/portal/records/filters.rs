//! The filters of a list: read from the address as people write them, and shown as fields.

use super::condition::Telling;
use super::{typed, value};
use crate::pages::kit::{Choice, Field as Control};
use crate::pages::page::Page;
use crate::pages::portal::setup;
use crate::pages::words::{common as c, fields as f, records as w};
use jiff::civil::Date;
use maud::{Markup, html};
use serde_json::{Map, Value, json};
use sindico_domain::FieldErrors;
use sindico_domain::crm::filter::{Filter, simple};
use sindico_domain::crm::{Field, FieldType, Kind};
use sindico_domain::input::Fields;

/// Fields that stand in sight; the others are behind "more".
fn is_first(kind: Kind, field: &str) -> bool {
    matches!(
        (kind, field),
        (Kind::Customer, "kind" | "owner" | "tags")
            | (Kind::Lead, "status" | "owner" | "source")
            | (Kind::Opportunity, "stage" | "owner")
            | (Kind::Activity, "status" | "kind" | "assigned_to")
            | (Kind::SalesGoal, "year" | "assignee")
    )
}

/// The ends of a range: the suffixes of its parameters with their words.
const DAYS: [(&str, crate::pages::language::Word); 2] =
    [("from", w::FILTER_FROM), ("to", w::FILTER_TO)];
const NUMBERS: [(&str, crate::pages::language::Word); 2] =
    [("min", w::FILTER_MIN), ("max", w::FILTER_MAX)];

/// What a list is asked for, as its address says it.
pub struct Asked {
    /// The parameters, as they were typed.
    pub raw: Map<String, Value>,
    /// The conditions.
    pub filters: Vec<Filter>,
    /// Parameters that were not understood.
    pub errors: FieldErrors,
}

/// Reads the filters of a kind. Days become instants of the page's zone, amounts decimal numbers.
pub fn read(page: &Page, kind: Kind, raw: Map<String, Value>) -> Asked {
    let mut plain = raw.clone();
    let day = |plain: &mut Map<String, Value>, name: &str, after: bool| {
        let text = plain.get(name).and_then(Value::as_str).map(typed::day);
        if let Some(date) = text.and_then(|text| text.parse::<Date>().ok())
            && let Some(at) = edge(page, date, after)
        {
            plain.insert(name.to_owned(), json!(at));
        }
    };
    for field in kind.fields().iter().filter(|field| field.filter) {
        match field.ty {
            FieldType::Instant => {
                for (end, after) in [("from", false), ("to", true)] {
                    day(&mut plain, &format!("{}_{end}", field.name), after);
                }
            }
            FieldType::Date => {
                for end in ["from", "to"] {
                    let name = format!("{}_{end}", field.name);
                    if let Some(text) = plain.get(&name).and_then(Value::as_str).map(typed::day) {
                        plain.insert(name, json!(text));
                    }
                }
            }
            FieldType::Money => {
                for end in ["min", "max"] {
                    let name = format!("{}_{end}", field.name);
                    let text = plain.get(&name).and_then(Value::as_str);
                    if let Some(amount) = text.and_then(|text| typed::money(page.language(), text))
                    {
                        plain.insert(name, json!(amount));
                    }
                }
            }
            _ => {}
        }
    }
    day(&mut plain, "created_from", false);
    day(&mut plain, "created_to", true);
    let mut fields = Fields::new(&plain);
    let filters = simple::read((kind, page.customs()), &mut fields);
    let errors = fields.finish();
    Asked {
        raw,
        filters,
        errors,
    }
}

/// The first or the last instant of a day.
fn edge(page: &Page, date: Date, after: bool) -> Option<String> {
    let day = if after { date.tomorrow().ok()? } else { date };
    let at = day.to_zoned(page.zone.clone()).ok()?.timestamp();
    let at = match after {
        true => at.checked_sub(jiff::SignedDuration::from_micros(1)).ok()?,
        false => at,
    };
    Some(at.to_string())
}

/// The parameters of a kind's filters.
pub fn parameters(kind: Kind) -> Vec<(String, Option<&'static Field>)> {
    let mut all = Vec::new();
    for field in kind.fields().iter().filter(|field| field.filter) {
        let ends: &[&str] = match field.ty {
            FieldType::Instant | FieldType::Date => &["from", "to"],
            FieldType::Money => &["min", "max"],
            FieldType::Integer(..) if !matches!(field.name, "year" | "month") => &["min", "max"],
            _ => &[],
        };
        match ends.is_empty() {
            true => all.push((field.name.to_owned(), Some(field))),
            false => all.extend(
                ends.iter()
                    .map(|end| (format!("{}_{end}", field.name), Some(field))),
            ),
        }
    }
    all.extend(["created_from", "created_to"].map(|name| (name.to_owned(), None)));
    all
}

impl Asked {
    /// A parameter's text.
    pub fn text(&self, name: &str) -> &str {
        self.raw
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// Whether the list is narrowed at all.
    pub fn is_narrowed(&self, page: &Page, kind: Kind) -> bool {
        let told = self.text(simple::FILTER);
        let tree = Filter::read((kind, page.customs()), told);
        !self.text("q").is_empty()
            || !(told.is_empty() || tree.is_ok_and(|tree| tree.is_everything()))
            || parameters(kind)
                .iter()
                .any(|(name, _)| !self.text(name).is_empty())
    }

    /// The fields of the filter bar.
    pub fn bar(&self, page: &Page, kind: Kind, members: &[Choice]) -> Markup {
        let fields: Vec<&Field> = kind
            .fields()
            .iter()
            .filter(|field| field.filter && page.shows(kind, field.name))
            .collect();
        let (first, more): (Vec<&Field>, Vec<&Field>) = fields
            .into_iter()
            .partition(|field| is_first(kind, field.name));
        let more: Vec<&Field> = more
            .into_iter()
            .filter(|field| !matches!(field.ty, FieldType::Ref(_) | FieldType::Email))
            .collect();
        let open = more.iter().any(|field| {
            let names = parameters(kind);
            let mut names = names
                .iter()
                .filter(|(_, of)| of.is_some_and(|of| of.name == field.name));
            names.any(|(name, _)| !self.text(name).is_empty())
        }) || ["created_from", "created_to"]
            .iter()
            .any(|name| !self.text(name).is_empty());
        let language = page.language();
        html! {
            (Control::search("q", page.t(c::SEARCH)).value(self.text("q"))
                .attr("placeholder", page.t(w::search_hint(kind))).attr("maxlength", "200").render(language))
            @for field in &first { (self.field(page, kind, field, members)) }
            // What no field of the bar shows stays as it is.
            @for (name, field) in parameters(kind) {
                @if field.is_some_and(|field| matches!(field.ty, FieldType::Ref(_) | FieldType::Email)) && !self.text(&name).is_empty() {
                    input type="hidden" name=(name) value=(self.text(&name));
                }
            }
            @for name in ["view", simple::FILTER, "columns", "density"] {
                @if !self.text(name).is_empty() { input type="hidden" name=(name) value=(self.text(name)); }
            }
            @if !self.text("sort").is_empty() { input type="hidden" name="sort" value=(self.text("sort")); }
            details class="more-filters" open[open] {
                summary class="button button-quiet" { (page.t(w::MORE_FILTERS)) }
                div class="more-filters-fields" {
                    @for field in &more { (self.field(page, kind, field, members)) }
                    (self.days(page, "created", page.t(w::CREATED)))
                }
            }
        }
    }

    fn field(&self, page: &Page, kind: Kind, field: &Field, members: &[Choice]) -> Markup {
        let language = page.language();
        let label = page.t(f::label(kind, field.name));
        let name = field.name;
        let id = format!("filter-{name}");
        let text = self.text(name).to_owned();
        match field.ty {
            FieldType::Choice(words) => {
                let choices = words
                    .iter()
                    .map(|word| Choice::new(*word, value::word_of(language, kind, name, word)));
                // Several of them come by a link; the select shows them as one.
                let mut choices: Vec<Choice> = choices.collect();
                if text.contains(',') {
                    choices.push(Choice::new(text.clone(), self.several(page, kind, field)));
                }
                Control::select(name, label)
                    .id(id)
                    .choices(choices)
                    .or_none(page.t(c::ANY))
                    .value(text)
                    .render(language)
            }
            FieldType::Stage | FieldType::Pipeline => {
                let mut choices = match field.ty {
                    FieldType::Stage => setup::stage_choices(page),
                    _ => setup::pipeline_choices(page),
                };
                if text.contains(',') {
                    choices.push(Choice::new(text.clone(), self.several(page, kind, field)));
                }
                Control::select(name, label)
                    .id(id)
                    .choices(choices)
                    .or_none(page.t(c::ANY))
                    .value(text)
                    .errors(self.wrong(page, name))
                    .render(language)
            }
            FieldType::User => {
                let mut people = members.to_vec();
                people.push(Choice::new("none", page.t(w::NOBODY)));
                Control::select(name, label)
                    .id(id)
                    .choices(people)
                    .or_none(page.t(c::ANY))
                    .value(text)
                    .render(language)
            }
            FieldType::Instant | FieldType::Date => self.days(page, name, label),
            FieldType::Money => self.range(page, name, label, true),
            FieldType::Integer(..) if name == "month" => {
                let months =
                    (1..=12).filter_map(|n| Some(Choice::new(n.to_string(), page.t(w::month(n)?))));
                Control::select(name, label)
                    .id(id)
                    .choices(months)
                    .or_none(page.t(c::ANY))
                    .value(text)
                    .render(language)
            }
            FieldType::Integer(..) if name == "year" => Control::number(name, label)
                .id(id)
                .value(text)
                .errors(self.wrong(page, name))
                .render(language),
            FieldType::Integer(..) => self.range(page, name, label, false),
            _ => Control::text(name, label)
                .id(id)
                .value(text)
                .errors(self.wrong(page, name))
                .render(language),
        }
    }

    fn several(&self, page: &Page, kind: Kind, field: &Field) -> String {
        let words = self.text(field.name).split(',').map(str::trim);
        let words: Vec<String> = words
            .map(|word| match (field.ty, word.parse()) {
                (FieldType::Stage, _) => setup::stage(page, word),
                (FieldType::Pipeline, Ok(id)) => setup::pipeline(page, id),
                _ => value::word_of(page.language(), kind, field.name, word),
            })
            .collect();
        words.join(", ")
    }

    fn wrong(&self, page: &Page, name: &str) -> Vec<String> {
        let messages = self.errors.messages(name).iter();
        messages
            .map(|message| super::control::told(page, message))
            .collect()
    }

    fn days(&self, page: &Page, name: &str, label: &str) -> Markup {
        html! { @for (end, word) in DAYS {
            @let name = format!("{name}_{end}");
            (Control::date(name.clone(), w::range_of(page.language(), label, page.t(word)))
                .id(format!("filter-{name}")).value(self.text(&name)).errors(self.wrong(page, &name)).render(page.language()))
        } }
    }

    fn range(&self, page: &Page, name: &str, label: &str, money: bool) -> Markup {
        html! { @for (end, word) in NUMBERS {
            @let name = format!("{name}_{end}");
            @let label = w::range_of(page.language(), label, page.t(word));
            @let control = if money { Control::money(name.clone(), label) } else { Control::number(name.clone(), label) };
            (control.id(format!("filter-{name}")).value(self.text(&name)).errors(self.wrong(page, &name)).render(page.language()))
        } }
    }

    /// The conditions of the tree, each in words and with the tree that is left without it.
    pub fn conditions(&self, telling: &Telling<'_>) -> Vec<(String, String)> {
        let known = (telling.kind, telling.page.customs());
        let Ok(tree) = Filter::read(known, self.text(simple::FILTER)) else {
            return Vec::new();
        };
        let parts = match tree {
            Filter::All(parts) => parts,
            one => vec![one],
        };
        let without = |n: usize| {
            let mut rest = parts.clone();
            rest.remove(n);
            Filter::All(rest).to_string()
        };
        let all = parts.iter().enumerate();
        all.map(|(n, part)| (telling.said(part), without(n)))
            .collect()
    }

    /// What narrows the list, each with the parameter that does.
    pub fn chips(
        &self,
        page: &Page,
        kind: Kind,
        members: &[Choice],
        names: &sindico_crm::names::Names,
    ) -> Vec<(String, String)> {
        let mut chips = Vec::new();
        let language = page.language();
        for (name, field) in parameters(kind) {
            let text = self.text(&name);
            if text.is_empty() {
                continue;
            }
            let label = field.map_or(page.t(w::CREATED), |field| {
                page.t(f::label(kind, field.name))
            });
            let end = DAYS
                .iter()
                .chain(&NUMBERS)
                .find(|(end, _)| name.ends_with(&format!("_{end}")));
            let ranged = field.is_none_or(|field| field.name != name);
            let label = match end {
                Some((_, word)) if ranged => w::range_of(language, label, page.t(*word)),
                _ => label.to_owned(),
            };
            let said = match field {
                Some(field) => self.said(page, kind, field, text, members, names),
                None => day(page, text),
            };
            chips.push((format!("{label}: {said}"), name));
        }
        chips
    }

    fn said(
        &self,
        page: &Page,
        kind: Kind,
        field: &Field,
        text: &str,
        members: &[Choice],
        names: &sindico_crm::names::Names,
    ) -> String {
        match field.ty {
            FieldType::Choice(_) | FieldType::Stage | FieldType::Pipeline => {
                self.several(page, kind, field)
            }
            FieldType::User if text == "none" => page.t(w::NOBODY).to_owned(),
            FieldType::Ref(_) if text == "none" => page.t(w::NONE).to_owned(),
            FieldType::User => {
                let mut people = members.iter();
                let person = people.find(|person| person.value == text);
                person.map_or_else(|| text.to_owned(), |person| person.label.clone())
            }
            FieldType::Ref(to) => {
                let name = text.parse().ok().and_then(|id| names.get(&(to, id)));
                name.cloned()
                    .unwrap_or_else(|| w::number(page.language(), text))
            }
            FieldType::Integer(..) if field.name == "month" => {
                let month = text.parse().ok().and_then(w::month);
                month.map_or_else(|| text.to_owned(), |word| page.t(word).to_owned())
            }
            FieldType::Instant | FieldType::Date => day(page, text),
            _ => text.to_owned(),
        }
    }
}

fn day(page: &Page, text: &str) -> String {
    match text.parse::<Date>() {
        Ok(date) => crate::pages::kit::format::date_text(page.language(), date),
        Err(_) => match text.parse::<jiff::Timestamp>() {
            Ok(at) => crate::pages::kit::format::datetime_text(page.language(), at, &page.zone),
            Err(_) => text.to_owned(),
        },
    }
}
