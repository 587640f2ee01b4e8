//! `/imports/`: files of records, from their upload to taking them back. Everything is a form; while
//! something is under way, the page asks for itself again.

mod job;
mod mapping;
mod rows;

use crate::contract::error::{ApiError, ApiResult};
use crate::contract::query::page as page_of;
use crate::contract::resource::Id;
use crate::contract::{Body, Query};
use crate::gate::access::Access::May;
use crate::pages::kit::{
    Choice, Column, Field, PageHeader, Row, Tone, badge, button, card, data_table, empty_state,
    form_actions, format, link_button, pager,
};
use crate::pages::messages;
use crate::pages::page::Page;
use crate::pages::words::{records, sheets as w};
use crate::portal::crm::Crm;
use crate::portal::imports::{self as api, upload};
use crate::table::{Table, show, submit};
use axum::http::StatusCode;
use maud::{Markup, html};
use sindico_crm::imports::{self, Job, State};
use sindico_domain::Refusal;
use sindico_domain::access::capability::Method::{Delete, Get, Patch, Post};
use sindico_domain::access::capability::Resource::Imports;
use sindico_domain::crm::Kind;
use sindico_store::Error;

/// Rows a page.
const ROWS: i64 = 50;

/// Its pages.
#[rustfmt::skip]
pub(super) fn routes(table: Table) -> Table {
    table
        .page("/imports/", show(May(Imports, Get), index))
        .page("/imports/new/", show(May(Imports, Post), new).submit(May(Imports, Post), create))
        .page("/imports/{id}/", show(May(Imports, Get), job::show))
        .page("/imports/{id}/mapping/", submit(May(Imports, Patch), mapping::save))
        .page("/imports/{id}/dry-run/", submit(May(Imports, Post), |page: Page, crm: Crm, Id(id): Id| ask(page, crm, id, State::Checking)))
        .page("/imports/{id}/commit/", submit(May(Imports, Post), |page: Page, crm: Crm, Id(id): Id| ask(page, crm, id, State::Committing)))
        .page("/imports/{id}/undo/", submit(May(Imports, Post), |page: Page, crm: Crm, Id(id): Id| ask(page, crm, id, State::Undoing)))
        .page("/imports/{id}/cancel/", submit(May(Imports, Post), cancel))
        .page("/imports/{id}/forget/", submit(May(Imports, Delete), forget))
}

fn of(id: i64) -> String {
    format!("/imports/{id}/")
}

async fn ask(page: Page, crm: Crm, id: i64, to: State) -> ApiResult {
    api::ask(&crm, id, to).await?;
    Ok(page.redirect(&of(id)))
}

async fn cancel(page: Page, crm: Crm, Id(id): Id) -> ApiResult {
    api::found(&crm, id).await?;
    imports::cancel(&crm.data, id).await?;
    Ok(page.redirect(&of(id)))
}

async fn forget(page: Page, crm: Crm, Id(id): Id, _: Body) -> ApiResult {
    api::found(&crm, id).await?;
    imports::delete(&crm.data, id).await?;
    Ok(page.redirect("/imports/"))
}

async fn index(page: Page, crm: Crm, query: Query) -> ApiResult {
    let mut f = query.fields();
    let mut request = page_of(&mut f);
    f.finish().check(())?;
    request.limit = ROWS;
    let mut found = imports::list(&crm.data, &request).await?;
    found.items.retain(|job| crm.may(job.kind, Get));
    let language = page.language();
    let may = page.may(Imports, Post);
    let new = || html! { (link_button(page.t(w::NEW), "/imports/new/").primary().icon("upload")) };
    let header = PageHeader {
        title: page.t(w::IMPORTS).to_owned(),
        actions: may.then(new),
        ..PageHeader::default()
    };
    let heads = [
        Column::new(page.t(w::FILE)),
        Column::new(page.t(w::KIND)),
        Column::new(page.t(w::STATE)),
        Column::new(page.t(w::ROWS)).numeric(),
        Column::new(page.t(w::WHO)),
        Column::new(page.t(w::WHEN)),
    ];
    let now = page.now.to_zoned(page.zone.clone());
    let row = |job: &Job| {
        let cells = [
            html! { (job.file_name) },
            html! { (page.t(records::many(job.kind))) },
            state(&page, job.state),
            html! { (format::count(language, job.rows)) },
            html! { (job.username) },
            format::relative(language, job.created_at, &now),
        ];
        Row::to(of(job.id), cells)
    };
    let rows: Vec<Row> = found.items.iter().map(row).collect();
    let next = found
        .next
        .as_ref()
        .map(|next| format!("/imports/?cursor={}", next.encode()));
    let shown = format::count(language, i64::try_from(rows.len()).unwrap_or_default());
    let content = html! {
        (header.render(language))
        @if rows.is_empty() {
            (empty_state("upload", page.t(w::NONE_YET), page.t(w::NONE_DETAIL), may.then(new)))
        } @else {
            (data_table(language, page.t(w::IMPORTS), &heads, &rows))
            (pager(language, &shown, None, next.as_deref()))
        }
    };
    Ok(page.show(page.t(w::IMPORTS), content))
}

/// A state in words.
fn state(page: &Page, state: State) -> Markup {
    let (tone, word) = match state {
        State::Ready => (Tone::Neutral, w::READY),
        State::Checking => (Tone::Info, w::CHECKING),
        State::Checked => (Tone::Accent, w::CHECKED),
        State::Committing => (Tone::Info, w::COMMITTING),
        State::Done => (Tone::Ok, w::DONE),
        State::Cancelled => (Tone::Warn, w::CANCELLED),
        State::Undoing => (Tone::Info, w::UNDOING),
        State::Undone => (Tone::Neutral, w::UNDONE),
        State::Failed => (Tone::Danger, w::FAILED),
    };
    badge(tone, page.t(word))
}

async fn new(page: Page, crm: Crm, query: Query) -> ApiResult {
    let chosen = query
        .without("")
        .into_iter()
        .find(|(name, _)| name == "kind");
    let kind = chosen.map(|(_, kind)| kind).unwrap_or_default();
    Ok(page.show(page.t(w::NEW), form(&page, &crm, &kind, None)))
}

async fn create(page: Page, crm: Crm, sent: upload::Sent) -> ApiResult {
    let kind = sent.kind().to_owned();
    match upload::stage(&crm, sent)
        .await
        .map_err(ApiError::into_inner)
    {
        Ok(job) => Ok(page.redirect(&of(job.id))),
        Err(Error::Refused(Refusal::Fields(errors))) => {
            let told = Refusal::Fields(errors).to_line();
            let told = messages::translate(page.language(), &told);
            let form = form(&page, &crm, &kind, Some(&told));
            Ok(page.show_as(StatusCode::BAD_REQUEST, page.t(w::NEW), form))
        }
        Err(error) => Err(error.into()),
    }
}

fn form(page: &Page, crm: &Crm, kind: &str, wrong: Option<&str>) -> Markup {
    let language = page.language();
    let kinds = Kind::ALL.iter().filter(|kind| crm.may(**kind, Post));
    let kinds = kinds.map(|kind| Choice::new(kind.as_str(), page.t(records::many(*kind))));
    let mut file = Field::file("file", page.t(w::FILE))
        .hint(page.t(w::FILE_HELP))
        .required()
        .attr("accept", ".csv,.txt,.tsv,.xlsx");
    if let Some(wrong) = wrong {
        file = file.errors([wrong]);
    }
    let header = PageHeader {
        title: page.t(w::NEW).to_owned(),
        ..PageHeader::default()
    };
    html! {
        (header.render(language))
        (card(page.t(w::NEW), None, html! {
            form class="stack" method="post" action="/imports/new/" enctype="multipart/form-data" {
                // In front: the gate looks at the form's start only.
                (page.proof())
                (Field::select("kind", page.t(w::KIND)).choices(kinds).value(kind).render(language))
                (file.render(language))
                (form_actions(html! { (button(page.t(w::UPLOAD)).primary().icon("upload")) }))
            }
        }))
    }
}
