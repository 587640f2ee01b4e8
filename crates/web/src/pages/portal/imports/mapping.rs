//! What the columns are, and what to do with rows that are there already: one form.

use super::of;
use crate::contract::Body;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::resource::Id;
use crate::pages::kit::{Choice, Field, button};
use crate::pages::page::Page;
use crate::pages::words::{fields, sheets as w};
use crate::portal::crm::Crm;
use crate::portal::imports as api;
use maud::{Markup, html};
use serde_json::{Map, Value};
use sindico_crm::imports::{self, Job, Options, StagedRow, Style, is_mapped};

/// The form, with cells of the first rows.
pub(super) fn form(page: &Page, job: &Job, sample: &[StagedRow]) -> Markup {
    let language = page.language();
    let inputs = job.kind.fields().iter();
    let inputs = inputs.filter(|field| is_mapped(field));
    let mut choices = vec![Choice::new("id", page.t(w::ID))];
    choices.extend(
        inputs.map(|field| Choice::new(field.name, page.t(fields::label(job.kind, field.name)))),
    );
    let customs = page.customs().of(job.kind);
    choices.extend(customs.map(|field| Choice::new(field.name(), field.label.clone())));
    let example = |n: usize| {
        let cells = sample.iter().filter_map(|row| row.cells.get(n).map(text));
        let cells: Vec<String> = cells.filter(|text| !text.is_empty()).collect();
        cells.join(" · ").chars().take(80).collect::<String>()
    };
    let duplicates = [
        Choice::new("skip", page.t(w::SKIP)),
        Choice::new("update", page.t(w::UPDATE)),
        Choice::new("create", page.t(w::CREATE)),
    ];
    let styles = [
        Choice::new("pt-BR", page.t(w::STYLE_BR)),
        Choice::new("en", page.t(w::STYLE_EN)),
    ];
    let style = match job.options.style {
        Style::Brazilian => "pt-BR",
        Style::American => "en",
    };
    html! {
        form class="stack" method="post" action={ (of(job.id)) "mapping/" } {
            (page.proof())
            div class="form-grid" {
                @for (n, head) in job.headers.iter().enumerate() {
                    @let label = if head.is_empty() { format!("{} {}", page.t(w::COLUMN), n + 1) } else { head.clone() };
                    (Field::select(format!("column.{n}"), label)
                        .choices(choices.clone()).or_none(page.t(w::NOT_USED))
                        .value(job.mapping.get(n).cloned().unwrap_or_default())
                        .hint(example(n)).render(language))
                }
            }
            hr;
            div class="form-grid" {
                (Field::select("duplicates", page.t(w::DUPLICATES)).choices(duplicates).value(job.options.duplicates.clone()).render(language))
                @if !Options::keys_of(job.kind).is_empty() {
                    fieldset class="stack-tight" {
                        legend class="field-label" { (page.t(w::KEYS)) }
                        @for key in Options::keys_of(job.kind) {
                            (Field::checkbox(format!("key.{key}"), page.t(fields::label(job.kind, key)))
                                .checked(job.options.keys.iter().any(|chosen| chosen == key)).render(language))
                        }
                    }
                }
                (Field::select("style", page.t(w::STYLE)).choices(styles).value(style).render(language))
            }
            p { (button(page.t(w::CHECK)).primary()) }
        }
    }
}

fn text(cell: &Value) -> String {
    match cell {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// `POST /imports/7/mapping/`: keeps it, and has the rows judged by it.
pub(super) async fn save(page: Page, crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let job = api::found(&crm, id).await?;
    let none = Map::new();
    let nested = |name: &str| body.0.get(name).and_then(Value::as_object).unwrap_or(&none);
    let word = |map: &Map<String, Value>, name: &str| {
        map.get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    let columns = nested("column");
    let mapping = (0..job.headers.len())
        .map(|n| word(columns, &n.to_string()))
        .collect();
    let keys = Options::keys_of(job.kind).iter();
    let chosen = keys.filter(|key| nested("key").contains_key(**key));
    let options = Options {
        duplicates: word(&body.0, "duplicates"),
        keys: chosen.map(|key| (*key).to_owned()).collect(),
        style: match word(&body.0, "style").as_str() {
            "en" => Style::American,
            _ => Style::Brazilian,
        },
    };
    let chosen = imports::choose(&crm.data, id, Some(mapping), Some(options)).await?;
    chosen.ok_or_else(not_found)?;
    api::ask(&crm, id, imports::State::Checking).await?;
    Ok(page.redirect(&of(id)))
}
