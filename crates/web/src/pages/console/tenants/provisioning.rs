//! A tenant's provisioning: its last operation with live steps, and what can be done about it.

use super::frame;
use super::summary::where_it_is;
use crate::App;
use crate::contract::Body;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::resource::Id;
use crate::gate::trace::RequestInfo;
use crate::pages::console::steps;
use crate::pages::kit::{button, card, empty_state, link_button};
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::tenants as w;
use axum::Extension;
use axum::extract::State;
use maud::{Markup, html};
use sindico_domain::operation::{Operation, OperationFilter, OperationStatus};
use sindico_domain::page::PageRequest;
use sindico_domain::tenant::Tenant;
use sindico_store::control::{operations, places, tenants};

/// The newest operation of a tenant. It is read before the tenant: an operation's end and the tenant's state are
/// written at once, so whoever sees the end sees the state, too. The other way round a page could tell of an old
/// state and, since the operation has ended, never ask again.
pub(super) async fn newest(app: &App, company_id: i64) -> ApiResult<Option<Operation>> {
    let filter = OperationFilter {
        company_id: Some(company_id),
        status: None,
    };
    let one = PageRequest {
        limit: 1,
        ..PageRequest::default()
    };
    let page = operations::list(app.store(), &filter, &one).await?;
    Ok(page.items.into_iter().next())
}

/// `GET /platform/tenants/{id}/provisioning/`: the part that changes while an operation is at work. It is
/// asked for by the part itself; a person is led to the tenant.
pub(in crate::pages::console) async fn show(
    State(app): State<App>,
    page: Page,
    Id(id): Id,
) -> ApiResult {
    if !page.view.htmx {
        return Ok(page.redirect(&format!("/platform/tenants/{id}/")));
    }
    let operation = newest(&app, id).await?;
    let tenant = tenants::find(app.store(), id)
        .await?
        .ok_or_else(not_found)?;
    let place = places::standing(app.store(), id).await?;
    Ok(page.fragment(html! {
        (part(&page, &tenant, operation.as_ref()))
        (frame::state(&page, &tenant))
        (frame::actions(&page, &tenant))
        (where_it_is(&page, &tenant, place))
    }))
}

/// `POST /platform/tenants/{id}/execute/`.
pub(in crate::pages::console) async fn execute(
    State(app): State<App>,
    Extension(info): Extension<RequestInfo>,
    page: Page,
    Id(id): Id,
    _: Body,
) -> ApiResult {
    let age = info.received.elapsed();
    let requested = app
        .engine()
        .execute(&page.caller.actor, id, None, age, None)
        .await?;
    requested.ok_or_else(not_found)?;
    app.tenant_changed(id).await;
    let path = format!("/platform/tenants/{id}/");
    Ok(page.done(&path, &Notice::new("provisioning_asked", None)))
}

/// The card with the steps. It asks for itself while there is something to see.
pub(super) fn part(page: &Page, tenant: &Tenant, operation: Option<&Operation>) -> Markup {
    let address = format!("/platform/tenants/{}/provisioning/", tenant.id);
    let polled = steps::poll(operation, address);
    html! {
        div id="provisioning" hx-get=[polled.as_deref()] hx-trigger=[polled.as_ref().map(|_| "every 1s")]
            hx-target=[polled.as_ref().map(|_| "#provisioning")] hx-select=[polled.as_ref().map(|_| "#provisioning")]
            hx-select-oob=[polled.as_ref().map(|_| "#tenant-state,#tenant-actions,#tenant-place")] hx-swap=[polled.as_ref().map(|_| "outerMorph")] {
            (card(page.t(w::STEPS), Some(actions(page, tenant, operation)), html! {
                @match operation {
                    Some(operation) => { (steps::live(page, operation)) }
                    None => { (empty_state("layers", page.t(w::NOT_PROVISIONED), page.t(w::NOT_PROVISIONED_TEXT), None)) }
                }
            }))
        }
    }
}

fn actions(page: &Page, tenant: &Tenant, operation: Option<&Operation>) -> Markup {
    let live = operation.filter(|operation| !operation.status.is_final());
    if let Some(operation) = live {
        return html! {
            // Without scripts the page is asked for by hand.
            noscript { (link_button(page.t(w::REFRESH), format!("/platform/tenants/{}/", tenant.id)).small().icon("refresh-cw")) }
            @if let Some(word) = steps::cancel_word(operation) {
                form method="post" action={ "/platform/operations/" (operation.id) "/cancel/" } {
                    (page.proof())
                    input type="hidden" name="then" value={ "/platform/tenants/" (tenant.id) "/" };
                    (button(page.t(word)).small().danger().disabled(operation.cancel_requested))
                }
            }
        };
    }
    let (word, icon) = match operation.map(|operation| operation.status) {
        None => (w::EXECUTE, "play"),
        Some(OperationStatus::Succeeded) => (w::AGAIN, "refresh-cw"),
        Some(_) => (w::RETRY, "rotate-ccw"),
    };
    let plain = operation.is_some_and(|operation| operation.status == OperationStatus::Succeeded);
    let execute = button(page.t(word)).icon(icon).small();
    html! {
        @if let Some(operation) = operation {
            (link_button(page.t(w::RUN_DETAIL), format!("/platform/operations/{}/", operation.id)).small().quiet())
        }
        form method="post" action={ "/platform/tenants/" (tenant.id) "/execute/" } {
            (page.proof())
            @if plain { (execute) } @else { (execute.primary()) }
        }
    }
}
