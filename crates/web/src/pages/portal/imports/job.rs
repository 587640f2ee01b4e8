//! `/imports/7/`: what its columns are, what would become of its rows, how far it is.

use super::{mapping, of, rows, state};
use crate::contract::Query;
use crate::contract::error::ApiResult;
use crate::contract::resource::Id;
use crate::pages::kit::{
    PageHeader, Stat, Tone, button, card, disclosure, format, link_button, notice, progress, stats,
};
use crate::pages::language::Word;
use crate::pages::page::Page;
use crate::pages::words::{records, sheets as w};
use crate::portal::crm::Crm;
use crate::portal::imports as api;
use axum::http::header::REFRESH;
use axum::http::{HeaderName, HeaderValue};
use maud::{Markup, html};
use serde_json::Value;
use sindico_crm::imports::{self, Job, State};
use sindico_domain::access::capability::Method::{Delete, Patch, Post};
use sindico_domain::access::capability::Resource::Imports;

/// Counts, in the order in which they are shown: the words of rows, and what they mean.
pub(super) const COUNTS: [(&str, Word, Tone); 10] = [
    ("NEW", w::V_NEW, Tone::Ok),
    ("UPDATE", w::V_UPDATE, Tone::Info),
    ("SKIP", w::V_SKIP, Tone::Neutral),
    ("ERROR", w::V_ERROR, Tone::Danger),
    ("CREATED", w::V_CREATED, Tone::Ok),
    ("UPDATED", w::V_UPDATED, Tone::Info),
    ("SKIPPED", w::V_SKIPPED, Tone::Neutral),
    ("FAILED", w::V_FAILED, Tone::Danger),
    ("UNDONE", w::V_UNDONE, Tone::Neutral),
    ("KEPT", w::V_KEPT, Tone::Warn),
];

/// `GET /imports/7/`.
pub(super) async fn show(page: Page, crm: Crm, Id(id): Id, query: Query) -> ApiResult {
    let job = api::found(&crm, id).await?;
    let page = page.with_customs(&crm).await?;
    let under_way = matches!(
        job.state,
        State::Checking | State::Committing | State::Undoing
    );
    let language = page.language();
    let header = PageHeader {
        title: job.file_name.clone(),
        subtitle: Some(html! { (page.t(records::many(job.kind))) " · " (state(&page, job.state)) }),
        actions: Some(acts(&page, &job)),
        ..PageHeader::default()
    };
    let choosing = matches!(job.state, State::Ready | State::Checked) && page.may(Imports, Patch);
    let columns = match choosing {
        true => Some(mapping::form(
            &page,
            &job,
            &imports::sample(&crm.data, id).await?,
        )),
        false => None,
    };
    let listed = match under_way || job.state == State::Ready {
        true => None,
        false => Some(rows::table(&page, &crm, &job, &query).await?),
    };
    let wrong = count(&job, "ERROR") + count(&job, "FAILED") > 0;
    // What was found comes first; what the columns are stays at hand, to be corrected and checked anew.
    let judged = listed.is_some();
    let content = html! {
        (header.render(language))
        div class="stack" {
            @if !job.trouble.is_empty() { (notice(Tone::Danger, page.t(w::FAILED), Some(html! { (job.trouble) }))) }
            @if under_way { (bar(&page, &job)) }
            @if !job.counts.is_empty() { (numbers(&page, &job)) }
            @if wrong && !under_way { p class="row" {
                (link_button(page.t(w::ERRORS), format!("/api/imports/{id}/errors.csv/")).icon("download").plain())
                span class="quiet" { (page.t(w::ERRORS_HELP)) }
            } }
            @if let Some(columns) = columns {
                @match judged {
                    true => { (disclosure(page.t(w::COLUMNS), false, &columns)) }
                    false => { (card(page.t(w::COLUMNS), None, columns)) }
                }
            }
            @if let Some(listed) = listed { (card(page.t(w::RESULT), None, listed)) }
        }
    };
    let mut response = page.show(&job.file_name, content);
    if under_way {
        // Works without a script; the page is small.
        let name: HeaderName = REFRESH;
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static("2"));
    }
    Ok(response)
}

/// How many rows have this verdict.
pub(super) fn count(job: &Job, what: &str) -> i64 {
    job.counts.get(what).and_then(Value::as_i64).unwrap_or(0)
}

fn bar(page: &Page, job: &Job) -> Markup {
    let counted = |words: &[&str]| words.iter().map(|word| count(job, word)).sum::<i64>();
    let (done, all, label) = match job.state {
        State::Committing => (
            counted(&["CREATED", "UPDATED", "SKIPPED", "FAILED"]),
            counted(&["NEW", "UPDATE"]),
            w::COMMITTING,
        ),
        State::Undoing => (
            counted(&["UNDONE", "KEPT"]),
            counted(&["CREATED", "UPDATED"]),
            w::UNDOING,
        ),
        _ => (
            counted(&["NEW", "UPDATE", "SKIP", "ERROR"]),
            job.rows,
            w::CHECKING,
        ),
    };
    let language = page.language();
    let text = format!(
        "{} / {}",
        format::count(language, done),
        format::count(language, all)
    );
    let number = |count: i64| u64::try_from(count).unwrap_or_default();
    progress(
        page.t(label),
        number(done),
        number(all).max(1),
        &text,
        Tone::Info,
    )
}

fn numbers(page: &Page, job: &Job) -> Markup {
    let all: Vec<Stat> = COUNTS
        .iter()
        .filter(|(word, ..)| count(job, word) > 0)
        .map(|(word, label, tone)| Stat {
            label: page.t(*label).to_owned(),
            value: format::count(page.language(), count(job, word)),
            href: (!matches!(*word, "UNDONE" | "KEPT"))
                .then(|| format!("{}?verdict={word}", of(job.id))),
            tone: *tone,
            ..Stat::default()
        })
        .collect();
    stats(&all)
}

/// What may be done with it now.
fn acts(page: &Page, job: &Job) -> Markup {
    let form = |act: &str, inner: Markup| {
        html! { form method="post" action={ (of(job.id)) (act) "/" } { (page.proof()) (inner) } }
    };
    let may = page.may(Imports, Post);
    let good = count(job, "NEW") + count(job, "UPDATE") > 0;
    html! { span class="row" { @if may { @match job.state {
        State::Ready => { (form("dry-run", html! { (button(page.t(w::CHECK)).primary()) })) }
        State::Checked => {
            @if good { (form("commit", html! { (button(page.t(w::COMMIT)).primary()) })) }
            (form("dry-run", html! { (button(page.t(w::CHECK_AGAIN))) }))
        }
        State::Checking | State::Committing | State::Undoing => {
            (form("cancel", html! { (button(page.t(w::CANCEL)).attr("title", page.t(w::CANCEL_HELP))) }))
        }
        State::Failed | State::Done | State::Cancelled => {
            @if job.state == State::Failed { (form("commit", html! { (button(page.t(w::GO_ON)).primary()) })) }
            (form("undo", html! { (button(page.t(w::UNDO)).attr("title", page.t(w::UNDO_HELP)).icon("undo-2")) }))
        }
        State::Undone => {}
    } }
    @if page.may(Imports, Delete) && matches!(job.state, State::Ready | State::Checked | State::Undone) {
        (form("forget", html! { (button(page.t(w::FORGET)).quiet().icon("trash-2")) }))
    } } }
}
