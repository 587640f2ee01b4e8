//! `/settings/privacy/`: what people asked for, for how long data are kept, and who saw them.

mod accesses;
pub mod person;
mod request;
mod rules;

use super::{PRIVACY, frame};
use crate::contract::Query;
use crate::contract::error::ApiResult;
use crate::gate::access::Access::Owner;
use crate::pages::kit::{
    Column, Row, Tone, badge, card, data_table, empty_state, format, link_button,
};
use crate::pages::page::Page;
use crate::pages::words::privacy as w;
use crate::portal::crm::Crm;
use crate::table::{Table, show, submit};
use axum::http::StatusCode;
use maud::{Markup, html};
use serde_json::Value;
use sindico_crm::privacy::{self, RequestRow};
use sindico_domain::page::PageRequest;
use sindico_domain::privacy::RequestState;

/// How many requests are shown.
const SHOWN: i64 = 100;

/// Its pages.
#[rustfmt::skip]
pub(super) fn routes(table: Table) -> Table {
    table
        .page(PRIVACY, show(Owner, index).submit(Owner, rules::create))
        .page("/settings/privacy/person/", show(Owner, person::show))
        .page("/settings/privacy/requests/", submit(Owner, person::create))
        .page("/settings/privacy/requests/{id}/", show(Owner, request::show))
        .page("/settings/privacy/requests/{id}/execute/", submit(Owner, request::execute))
        .page("/settings/privacy/requests/{id}/refuse/", submit(Owner, request::refuse))
        .page("/settings/privacy/requests/{id}/copy/", show(Owner, request::copy))
        .page("/settings/privacy/retention/{id}/", show(Owner, rules::show).submit(Owner, rules::change))
        .page("/settings/privacy/retention/{id}/run/", submit(Owner, rules::run))
        .page("/settings/privacy/retention/{id}/delete/", submit(Owner, rules::remove))
        .page("/settings/privacy/retention/{id}/undo/", submit(Owner, rules::undo))
        .page("/settings/privacy/accesses/", show(Owner, accesses::show))
}

async fn index(page: Page, crm: Crm, query: Query) -> ApiResult {
    let asked = query.without("");
    let gone = asked.iter().find(|(name, _)| name == "deleted");
    let gone = gone.and_then(|(_, id)| id.parse().ok());
    respond(&page, &crm, StatusCode::OK, &rules::Sent::gone(gone)).await
}

async fn respond(page: &Page, crm: &Crm, status: StatusCode, sent: &rules::Sent) -> ApiResult {
    let first = PageRequest {
        limit: SHOWN,
        ..PageRequest::default()
    };
    let all = privacy::requests(&crm.data, None, &first).await?;
    let content = html! {
        div.stack {
            p.quiet { (page.t(w::LEAD)) }
            (card(page.t(w::REQUESTS), Some(html! { (link_button(page.t(w::ACCESSES), "/settings/privacy/accesses/").small().icon("eye")) }),
                requests(page, &all.items)))
            (rules::list(page, crm, sent).await?)
        }
    };
    Ok(page.show_as(status, page.t(w::TITLE), frame(page, PRIVACY, &content)))
}

fn requests(page: &Page, all: &[RequestRow]) -> Markup {
    if all.is_empty() {
        return empty_state(
            "shield",
            page.t(w::NO_REQUESTS),
            page.t(w::NO_REQUESTS_TEXT),
            None,
        );
    }
    let columns = [
        Column::new(page.t(w::KIND)),
        Column::new(page.t(w::STATE)),
        Column::new(page.t(w::RECEIVED)).spare(),
        Column::new(page.t(w::DUE)),
        Column::new(page.t(w::DONE_BY)).spare(),
    ];
    let rows: Vec<Row> = all.iter().map(|one| row(page, one)).collect();
    data_table(page.language(), page.t(w::REQUESTS), &columns, &rows)
}

fn row(page: &Page, one: &RequestRow) -> Row {
    let language = page.language();
    Row::to(
        format!("{PRIVACY}requests/{}/", one.id),
        [
            html! { (page.t(w::kind(one.kind))) },
            state(page, one),
            format::date(language, one.received_on),
            format::date(language, one.due_on),
            html! { (one.done_by) },
        ],
    )
}

/// How far a request has come, and whether that is too late.
fn state(page: &Page, one: &RequestRow) -> Markup {
    let tone = match one.state {
        RequestState::Open => Tone::Warn,
        RequestState::Done => Tone::Ok,
        RequestState::Refused => Tone::Neutral,
    };
    let today = page.now.to_zoned(page.zone.clone()).date();
    html! {
        (badge(tone, page.t(w::state(one.state))))
        @if one.state == RequestState::Open && one.due_on < today { " " (badge(Tone::Danger, page.t(w::LATE))) }
    }
}

/// In how many places something was erased, or would be.
fn places<'a>(page: &Page, erased: impl IntoIterator<Item = (&'a str, u64)>) -> Markup {
    html! {
        ul.stack-tight {
            @for (place, n) in erased { li { (page.t(w::place(place))) ": " (format::count(page.language(), i64::try_from(n).unwrap_or(i64::MAX))) } }
        }
    }
}

/// The same of what was written down.
fn written(page: &Page, erased: &Value) -> Markup {
    let all = erased.as_object().into_iter().flatten();
    places(
        page,
        all.filter_map(|(place, n)| Some((place.as_str(), n.as_u64()?))),
    )
}
