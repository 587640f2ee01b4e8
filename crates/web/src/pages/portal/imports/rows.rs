//! The rows with their verdicts.

use super::job::COUNTS;
use super::of;
use crate::contract::Query;
use crate::contract::error::ApiResult;
use crate::contract::query::page as page_of;
use crate::pages::kit::{Column, Row, Tab, badge, data_table, format, pager, tabs};
use crate::pages::messages;
use crate::pages::page::Page;
use crate::pages::words::{fields, sheets as w};
use crate::portal::crm::Crm;
use crate::portal::imports::verdicts;
use maud::{Markup, html};
use serde_json::Value;
use sindico_crm::imports::{self, Job, StagedRow};
use sindico_domain::crm::custom::{FIELDS, PREFIX};

/// Rows a page.
const ROWS: i64 = 50;

/// As many cells of a row are shown; the file has them all.
const CELLS: usize = 6;

/// The table, with a tab for each verdict.
pub(super) async fn table(page: &Page, crm: &Crm, job: &Job, query: &Query) -> ApiResult<Markup> {
    let mut f = query.fields();
    let mut request = page_of(&mut f);
    let asked = f.read("verdict", |value| {
        Ok(value.as_str().unwrap_or_default().to_owned())
    });
    f.finish().check(())?;
    request.limit = ROWS;
    let chosen = asked.as_deref().map(verdicts);
    let found = imports::rows(&crm.data, job.id, chosen.as_deref(), &request).await?;
    let language = page.language();
    let now = asked.clone().unwrap_or_default();
    let tab = |word: &str, label: String| Tab {
        href: match word {
            "" => of(job.id),
            word => format!("{}?verdict={word}", of(job.id)),
        },
        label,
        count: None,
        current: now == word,
    };
    let mut all = vec![tab("", page.t(w::ALL).to_owned())];
    let counted = COUNTS.iter().filter(|(word, ..)| {
        super::job::count(job, word) > 0 && !matches!(*word, "UNDONE" | "KEPT")
    });
    all.extend(counted.map(|(word, label, _)| tab(word, page.t(*label).to_owned())));
    let mut heads = vec![
        Column::new(page.t(w::LINE)).numeric().shrink(),
        Column::new(page.t(w::VERDICT)).shrink(),
        Column::new(page.t(w::WHAT_IS_WRONG)),
    ];
    heads.extend(
        job.headers
            .iter()
            .take(CELLS)
            .map(|head| Column::new(head.as_str())),
    );
    let rows: Vec<Row> = found.items.iter().map(|one| row(page, job, one)).collect();
    let next = found.next.as_ref().map(|next| {
        let mut address = form_urlencoded::Serializer::new(String::new());
        if !now.is_empty() {
            address.append_pair("verdict", &now);
        }
        address.append_pair("cursor", &next.encode());
        format!("{}?{}", of(job.id), address.finish())
    });
    let shown = format::count(language, i64::try_from(rows.len()).unwrap_or_default());
    Ok(html! {
        (tabs(language, &all))
        @if rows.is_empty() { p class="quiet" { (page.t(w::NO_ROWS)) } } @else {
            (data_table(language, page.t(w::RESULT), &heads, &rows))
            (pager(language, &shown, None, next.as_deref()))
        }
    })
}

fn row(page: &Page, job: &Job, one: &StagedRow) -> Row {
    let known = COUNTS.iter().find(|(word, ..)| *word == one.verdict);
    let mut cells = vec![
        html! { (one.line) },
        match known {
            Some((_, label, tone)) => badge(*tone, page.t(*label)),
            None => html! {},
        },
        notes(page, job, &one.notes),
    ];
    let file = one.cells.as_array().into_iter().flatten();
    let mut shown: Vec<Markup> = file
        .take(CELLS)
        .map(|cell| match cell {
            Value::String(text) => html! { (text.chars().take(60).collect::<String>()) },
            Value::Null => html! {},
            other => html! { (other) },
        })
        .collect();
    shown.resize(CELLS.min(job.headers.len()), html! {});
    cells.extend(shown);
    Row::of(cells)
}

/// What is wrong, field by field.
fn notes(page: &Page, job: &Job, notes: &Value) -> Markup {
    let language = page.language();
    let lines: Vec<String> = notes
        .as_object()
        .into_iter()
        .flatten()
        .flat_map(|(field, told)| match (field.as_str(), told) {
            // Custom fields stand one object deeper.
            (FIELDS, Value::Object(told)) => {
                let each = told.iter();
                each.map(|(key, told)| (format!("{PREFIX}{key}"), told))
                    .collect::<Vec<_>>()
            }
            (field, told) => vec![(field.to_owned(), told)],
        })
        .map(|(field, told)| match (field.as_str(), told) {
            ("repeats", line) => w::same_as(language, line),
            ("same", _) => page.t(w::SAME).to_owned(),
            (field, told) => {
                let texts = told.as_array().into_iter().flatten();
                let texts: Vec<String> = texts
                    .map(|text| messages::translate(language, text.as_str().unwrap_or_default()))
                    .collect();
                if let Some(custom) = page.customs().named(job.kind, field) {
                    return format!("{}: {}", custom.label, texts.join(" "));
                }
                match job.kind.position(field) {
                    Some(_) => format!(
                        "{}: {}",
                        page.t(fields::label(job.kind, field)),
                        texts.join(" ")
                    ),
                    None => texts.join(" "),
                }
            }
        })
        .collect();
    html! { @for line in lines { p { (line) } } }
}
