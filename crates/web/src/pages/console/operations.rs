//! `/platform/operations/`: what is and was at work on tenants.

use super::{form, labels, list, pick, steps};
use crate::App;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::query::page as page_of;
use crate::contract::resource::Id;
use crate::contract::{Body, Query};
use crate::pages::kit::{
    Column, Field, PageHeader, Row, button, card, data_table, description_list, empty_state,
    filter_bar, format, link_button, page_header,
};
use crate::pages::messages::translate;
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::{console as c, platform as w, tenants as t};
use axum::extract::State;
use maud::{Markup, html};
use serde_json::Value;
use sindico_domain::input::choice;
use sindico_domain::operation::{Operation, OperationFilter, OperationStatus};
use sindico_domain::page;
use sindico_domain::precondition::Precondition;
use sindico_store::control::operations;

const PATH: &str = "/platform/operations/";

/// `GET /platform/operations/`.
pub(super) async fn index(State(app): State<App>, page: Page, query: Query) -> ApiResult {
    let mut f = query.fields();
    let picked = pick::tenant(&app, &query).await?;
    let filter = OperationFilter {
        company_id: picked.id(),
        status: f.read("status", choice),
    };
    let mut request = page_of(&mut f);
    f.finish().check(())?;
    request.limit = list::ROWS;
    request.count = true;
    let found = match picked.is_nobody() {
        true => page::Page::default(),
        false => operations::list(app.store(), &filter, &request).await?,
    };
    let tenant = pick::tenant_field(&app, &page, &query).await?;
    let language = page.language();
    let statuses = form::choices(language, OperationStatus::ALL, |status| {
        labels::operation_word(status).1
    });
    let fields = html! {
        (Field::select("status", page.t(c::STATUS)).value(list::sent(&query, "status")).choices(statuses)
            .or_none(page.t(c::ANY_F)).render(language))
        (tenant)
    };
    let clear = list::is_filtered(&query).then_some(PATH);
    let content = html! {
        (page_header(language, page.t(w::OPERATIONS), None))
        (filter_bar(language, PATH, fields, clear))
        (pick::told(&page, &picked))
        @if !picked.is_nobody() { (rows(&page, &found.items)) }
        @if !found.items.is_empty() { (list::end(&page, PATH, &query, &found)) }
    };
    Ok(page.show(page.t(w::OPERATIONS), content))
}

/// Operations as a list.
pub(super) fn rows(page: &Page, operations: &[Operation]) -> Markup {
    let language = page.language();
    if operations.is_empty() {
        return empty_state(
            "list-checks",
            page.t(w::NO_OPERATIONS),
            page.t(w::NO_OPERATIONS_TEXT),
            None,
        );
    }
    let columns = [
        Column::new(page.t(w::OPERATION)),
        Column::new(page.t(c::TENANT)),
        Column::new(page.t(c::STATUS)),
        Column::new(page.t(w::ASKED)),
        Column::new(page.t(w::BY)),
        Column::new(page.t(w::TOOK)).numeric(),
    ];
    let now = page.now.to_zoned(page.zone.clone());
    let rows: Vec<Row> = operations
        .iter()
        .map(|operation| {
            let took = operation.started_at.map(|from| {
                labels::took(language, from, operation.finished_at.unwrap_or(page.now))
            });
            Row::to(
                format!("{PATH}{}/", operation.id),
                [
                    html! {
                        (page.t(w::PROVISION)) " #" (operation.id)
                        @if !operation.error.is_empty() { span class="table-sub" { (translate(language, &operation.error)) } }
                    },
                    html! { span class="mono" { (operation.tenant_code) } },
                    labels::operation(language, operation),
                    format::relative(language, operation.created_at, &now),
                    html! { (super::diff::actor(language, &operation.requested_by)) },
                    html! { @if let Some(took) = took { (took) } },
                ],
            )
        })
        .collect();
    data_table(language, page.t(w::OPERATIONS), &columns, &rows)
}

/// `GET /platform/operations/{id}/`.
pub(super) async fn show(State(app): State<App>, page: Page, Id(id): Id) -> ApiResult {
    let operation = operations::find(app.store(), id)
        .await?
        .ok_or_else(not_found)?;
    let language = page.language();
    let header = PageHeader {
        breadcrumbs: vec![(page.t(w::OPERATIONS).to_owned(), PATH.to_owned())],
        title: w::operation_of(language, operation.id),
        ..PageHeader::default()
    };
    let title = w::operation_of(language, operation.id);
    let content = html! {
        (header.render(language))
        div class="columns" {
            div class="stack" { (part(&page, &operation)) }
            div class="stack" { (facts(&page, &operation)) }
        }
    };
    Ok(page.show(&title, content))
}

/// `GET /platform/operations/{id}/steps/`: the part that changes.
pub(super) async fn fragment(State(app): State<App>, page: Page, Id(id): Id) -> ApiResult {
    if !page.view.htmx {
        return Ok(page.redirect(&format!("{PATH}{id}/")));
    }
    let operation = operations::find(app.store(), id)
        .await?
        .ok_or_else(not_found)?;
    Ok(page.fragment(part(&page, &operation)))
}

fn part(page: &Page, operation: &Operation) -> Markup {
    let polled = steps::poll(Some(operation), format!("{PATH}{}/steps/", operation.id));
    let actions = html! {
        @if let Some(word) = steps::cancel_word(operation) {
            noscript { (link_button(page.t(t::REFRESH), format!("{PATH}{}/", operation.id)).small().icon("refresh-cw")) }
            form method="post" action={ (PATH) (operation.id) "/cancel/" } {
                (page.proof())
                (button(page.t(word)).small().danger().disabled(operation.cancel_requested))
            }
        }
    };
    html! {
        div id="steps" hx-get=[polled.as_deref()] hx-trigger=[polled.as_ref().map(|_| "every 1s")]
            hx-target=[polled.as_ref().map(|_| "#steps")] hx-swap=[polled.as_ref().map(|_| "outerMorph")] {
            (card(page.t(w::STEPS), Some(actions), steps::live(page, operation)))
        }
    }
}

fn facts(page: &Page, operation: &Operation) -> Markup {
    let language = page.language();
    let at = |at: jiff::Timestamp| format::datetime(language, at, &page.zone);
    let mono = |text: &str| (!text.is_empty()).then(|| html! { span class="mono" { (text) } });
    let tenant = html! { a href={ "/platform/tenants/" (operation.company_id) "/" } { (operation.tenant_code) } };
    let facts = [
        (page.t(c::TENANT), Some(tenant)),
        (page.t(w::PROVIDER), mono(&operation.provider)),
        (
            page.t(w::BY),
            Some(html! { (super::diff::actor(language, &operation.requested_by)) }),
        ),
        (page.t(w::ASKED), Some(at(operation.created_at))),
        (page.t(w::STARTED), operation.started_at.map(at)),
        (page.t(w::FINISHED), operation.finished_at.map(at)),
        (
            page.t(w::DEADLINE),
            (!operation.status.is_final()).then(|| at(operation.deadline_at)),
        ),
        (page.t(w::ATTEMPTS), Some(html! { (operation.attempts) })),
        (page.t(w::REQUEST), mono(&operation.request_id)),
    ];
    card(
        page.t(w::OPERATION),
        None,
        description_list(language, &facts),
    )
}

/// `POST /platform/operations/{id}/cancel/`.
pub(super) async fn cancel(
    State(app): State<App>,
    page: Page,
    Id(id): Id,
    body: Body,
) -> ApiResult {
    let actor = &page.caller.actor;
    let operation = operations::cancel(app.store(), actor, id, &Precondition::None)
        .await?
        .ok_or_else(not_found)?;
    app.tenant_changed(operation.company_id).await;
    // Back to where the button was: the tenant's page, or the operation's.
    let tenant = format!("/platform/tenants/{}/", operation.company_id);
    let asked = body.0.get("then").and_then(Value::as_str);
    let path = match asked {
        Some(then) if then == tenant => tenant,
        _ => format!("{PATH}{id}/"),
    };
    Ok(page.done(&path, &Notice::new("cancel_asked", None)))
}
