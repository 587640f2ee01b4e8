//! Every URL of the program, on one page. The documentation at `/api/docs/` is made from it.

use crate::auth::{logout, me, password, reset, reset_page, session, token};
use crate::gate::access::Access::{Anyone, May, Member, Of, Owner, PlatformAdmin, SignedIn};
use crate::gate::trace;
use crate::{App, Table, health, openapi, pages, platform, portal};
use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::http::header::{ACCEPT, LOCATION};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use platform::{audit, domains, operations, provision, tenants};
use portal::{
    activities, assignment, attachments, capabilities, changes, custom_fields, customers, events,
    forecast, imports, lead_forms, leads, mail_settings, metrics, notifications, opportunities,
    pipelines, privacy, products, quotes, sales_goals, search, setting_history, teams, tenant_me,
    tenant_members, tenant_rbac, views, webhooks,
};
use sindico_domain::access::capability::Method::Patch;
use sindico_domain::access::capability::Resource::{
    Activities, AssignmentRules, CustomFields, Customers, Dashboard, Exports, Imports, Leads,
    Metrics, Opportunities, Pipelines, Products, SalesGoals,
};
use std::sync::Arc;
use utoipa_axum::routes;

/// The table of routes.
#[rustfmt::skip]
pub fn table() -> Table {
    let api = Table::new()
        .at("/healthz/", Anyone, routes!(health::live))
        .at("/readyz/", Anyone, routes!(health::ready))

        .at("/api/auth/token/", Anyone, routes!(token::create))
        .at("/api/auth/logout/", SignedIn, routes!(logout::create))
        .at("/api/auth/session/", Anyone, routes!(session::create))
        .at("/api/auth/session/", SignedIn, routes!(session::show))
        .at("/api/auth/me/", SignedIn, routes!(me::show))
        .at("/api/auth/password-change/", SignedIn, routes!(password::change))
        .at("/api/auth/password-reset/request/", Anyone, routes!(reset::request))
        .at("/api/auth/password-reset/confirm/", Anyone, routes!(reset::confirm))
        .at("/password-reset/", Anyone, routes!(reset_page::show, reset_page::submit))

        .at("/api/auth/tenant-me/", Member, routes!(tenant_me::show))
        .at("/api/auth/capabilities/", Member, routes!(capabilities::show))
        .at("/api/auth/tenant-rbac/", Member, routes!(tenant_rbac::show))
        .at("/api/auth/tenant-rbac/", Owner, routes!(tenant_rbac::replace, tenant_rbac::merge))
        .at("/api/auth/tenant-members/", Member, routes!(tenant_members::list))
        .at("/api/auth/tenant-members/", Owner, routes!(tenant_members::add))
        .at("/api/auth/tenant-members/{member_id}/", Owner, routes!(tenant_members::change, tenant_members::remove))

        .at("/api/customers/", Of(Customers), routes!(customers::index, customers::create))
        .at("/api/customers/similar/", Of(Customers), routes!(customers::similar))
        .at("/api/customers/duplicates/", Of(Customers), routes!(customers::duplicates))
        .at("/api/customers/duplicates/dismissed/", Of(Customers), routes!(customers::dismissed))
        .at("/api/customers/duplicates/dismissed/", May(Customers, Patch), routes!(customers::dismiss, customers::take_back))
        .at("/api/customers/bulk/", Of(Customers), routes!(customers::bulk))
        .at("/api/customers/export/", Of(Exports), routes!(customers::export))
        .at("/api/customers/{id}/", Of(Customers), routes!(customers::show, customers::replace, customers::change, customers::remove))
        .at("/api/customers/{id}/merge/", Of(Customers), routes!(customers::merge))
        .at("/api/customers/{id}/restore/", Of(Customers), routes!(customers::restore))
        .at("/api/customers/{id}/timeline/", Of(Customers), routes!(customers::timeline))
        .at("/api/customers/{id}/attachments/", Of(Customers), routes!(customers::attachments))
        .at("/api/customers/{id}/attachments/", May(Customers, Patch), routes!(customers::attach))

        .at("/api/leads/", Of(Leads), routes!(leads::index, leads::create))
        .at("/api/leads/similar/", Of(Leads), routes!(leads::similar))
        .at("/api/leads/duplicates/", Of(Leads), routes!(leads::duplicates))
        .at("/api/leads/duplicates/dismissed/", Of(Leads), routes!(leads::dismissed))
        .at("/api/leads/duplicates/dismissed/", May(Leads, Patch), routes!(leads::dismiss, leads::take_back))
        .at("/api/leads/bulk/", Of(Leads), routes!(leads::bulk))
        .at("/api/leads/export/", Of(Exports), routes!(leads::export))
        .at("/api/leads/{id}/", Of(Leads), routes!(leads::show, leads::replace, leads::change, leads::remove))
        .at("/api/leads/{id}/qualify/", Of(Leads), routes!(leads::qualify))
        .at("/api/leads/{id}/disqualify/", Of(Leads), routes!(leads::disqualify))
        .at("/api/leads/{id}/convert/", Of(Leads), routes!(leads::convert))
        .at("/api/leads/{id}/history/", Of(Leads), routes!(leads::history))
        .at("/api/leads/{id}/merge/", Of(Leads), routes!(leads::merge))
        .at("/api/leads/{id}/restore/", Of(Leads), routes!(leads::restore))
        .at("/api/leads/{id}/timeline/", Of(Leads), routes!(leads::timeline))
        .at("/api/leads/{id}/attachments/", Of(Leads), routes!(leads::attachments))
        .at("/api/leads/{id}/attachments/", May(Leads, Patch), routes!(leads::attach))

        .at("/api/opportunities/", Of(Opportunities), routes!(opportunities::index, opportunities::create))
        .at("/api/opportunities/export/", Of(Exports), routes!(opportunities::export))
        .at("/api/opportunities/board/", Of(Opportunities), routes!(opportunities::board))
        .at("/api/opportunities/bulk/", Of(Opportunities), routes!(opportunities::bulk))
        .at("/api/opportunities/{id}/", Of(Opportunities), routes!(opportunities::show, opportunities::replace, opportunities::change, opportunities::remove))
        .at("/api/opportunities/{id}/stage/", Of(Opportunities), routes!(opportunities::stage))
        .at("/api/opportunities/{id}/move/", Of(Opportunities), routes!(opportunities::move_card))
        .at("/api/opportunities/{id}/history/", Of(Opportunities), routes!(opportunities::history))
        .at("/api/opportunities/{id}/restore/", Of(Opportunities), routes!(opportunities::restore))
        .at("/api/opportunities/{id}/timeline/", Of(Opportunities), routes!(opportunities::timeline))
        .at("/api/opportunities/{id}/attachments/", Of(Opportunities), routes!(opportunities::attachments))
        .at("/api/opportunities/{id}/attachments/", May(Opportunities, Patch), routes!(opportunities::attach))

        .at("/api/activities/", Of(Activities), routes!(activities::index, activities::create))
        .at("/api/activities/export/", Of(Exports), routes!(activities::export))
        .at("/api/activities/reminders/", Of(Activities), routes!(activities::reminders))
        .at("/api/activities/bulk/", Of(Activities), routes!(activities::bulk))
        .at("/api/activities/{id}/", Of(Activities), routes!(activities::show, activities::replace, activities::change, activities::remove))
        .at("/api/activities/{id}/complete/", Of(Activities), routes!(activities::complete))
        .at("/api/activities/{id}/reopen/", Of(Activities), routes!(activities::reopen))
        .at("/api/activities/{id}/mark-reminded/", Of(Activities), routes!(activities::mark_reminded))
        .at("/api/activities/{id}/restore/", Of(Activities), routes!(activities::restore))
        .at("/api/activities/{id}/timeline/", Of(Activities), routes!(activities::timeline))
        .at("/api/activities/{id}/attachments/", Of(Activities), routes!(activities::attachments))
        .at("/api/activities/{id}/attachments/", May(Activities, Patch), routes!(activities::attach))

        .at("/api/sales-goals/", Of(SalesGoals), routes!(sales_goals::index, sales_goals::create))
        .at("/api/sales-goals/bulk/", Of(SalesGoals), routes!(sales_goals::bulk))
        .at("/api/sales-goals/export/", Of(Exports), routes!(sales_goals::export))
        .at("/api/sales-goals/{id}/", Of(SalesGoals), routes!(sales_goals::show, sales_goals::replace, sales_goals::change, sales_goals::remove))
        .at("/api/sales-goals/{id}/restore/", Of(SalesGoals), routes!(sales_goals::restore))
        .at("/api/sales-goals/{id}/timeline/", Of(SalesGoals), routes!(sales_goals::timeline))

        .at("/api/products/", Of(Products), routes!(products::index, products::create))
        .at("/api/products/export/", Of(Exports), routes!(products::export))
        .at("/api/products/{id}/", Of(Products), routes!(products::show, products::change, products::remove))
        .at("/api/products/{id}/history/", Of(Products), routes!(products::history))
        .at("/api/products/{id}/restore/", Of(Products), routes!(products::restore))
        .at("/api/products/{id}/undo/", May(Products, Patch), routes!(products::undo))
        .at("/api/opportunities/{id}/quotes/", Of(Opportunities), routes!(quotes::of_sale))
        .at("/api/opportunities/{id}/quotes/", May(Opportunities, Patch), routes!(quotes::create))
        .at("/api/quotes/", Of(Opportunities), routes!(quotes::index))
        .at("/api/quotes/{id}/", Of(Opportunities), routes!(quotes::show))
        .at("/api/quotes/{id}/", May(Opportunities, Patch), routes!(quotes::change, quotes::remove))
        .at("/api/quotes/{id}/send/", May(Opportunities, Patch), routes!(quotes::send))
        .at("/api/quotes/{id}/link/", May(Opportunities, Patch), routes!(quotes::make_link, quotes::remove_link))
        .at("/api/quotes/{id}/accept/", May(Opportunities, Patch), routes!(quotes::accept))
        .at("/api/quotes/{id}/reject/", May(Opportunities, Patch), routes!(quotes::reject))
        .at("/api/quotes/{id}/cancel/", May(Opportunities, Patch), routes!(quotes::cancel))
        .at("/api/quotes/{id}/revise/", May(Opportunities, Patch), routes!(quotes::revise))
        .at("/api/quotes/{id}/amount/", May(Opportunities, Patch), routes!(quotes::amount))
        .at("/q/{key}/", Anyone, routes!(quotes::open::show, quotes::open::answer))

        .at("/api/attachments/{id}/", Member, routes!(attachments::show, attachments::change, attachments::remove))
        .at("/api/attachments/{id}/content/", Member, routes!(attachments::content))
        .at("/api/attachments/{id}/preview/", Member, routes!(attachments::preview))

        .at("/api/teams/", Member, routes!(teams::index))
        .at("/api/teams/", Owner, routes!(teams::create))
        .at("/api/teams/{id}/", Member, routes!(teams::show))
        .at("/api/teams/{id}/", Owner, routes!(teams::change, teams::remove))
        .at("/api/teams/{id}/undo/", Owner, routes!(teams::undo))
        .at("/api/views/", Member, routes!(views::index, views::create))
        .at("/api/views/{id}/", Member, routes!(views::show, views::change, views::remove))
        .at("/api/views/{id}/undo/", Member, routes!(views::undo))

        .at("/api/notifications/", Member, routes!(notifications::index))
        .at("/api/notifications/count/", Member, routes!(notifications::count))
        .at("/api/notifications/preferences/", Member, routes!(notifications::preferences, notifications::prefer))
        .at("/api/notifications/read/", Member, routes!(notifications::read_all))
        .at("/api/notifications/{id}/read/", Member, routes!(notifications::read))
        .at("/api/notifications/{id}/unread/", Member, routes!(notifications::unread))

        .at("/api/mail-settings/", Owner, routes!(mail_settings::show, mail_settings::replace, mail_settings::change, mail_settings::remove))
        .at("/api/mail-settings/log/", Owner, routes!(mail_settings::log))
        .at("/api/mail-settings/test/", Owner, routes!(mail_settings::test))
        .at("/api/mail-settings/undo/", Owner, routes!(mail_settings::undo))

        .at("/api/webhooks/", Owner, routes!(webhooks::index, webhooks::create))
        .at("/api/webhooks/{id}/", Owner, routes!(webhooks::show, webhooks::change, webhooks::remove))
        .at("/api/webhooks/{id}/undo/", Owner, routes!(webhooks::undo))
        .at("/api/webhooks/{id}/pause/", Owner, routes!(webhooks::pause))
        .at("/api/webhooks/{id}/resume/", Owner, routes!(webhooks::resume))
        .at("/api/webhooks/{id}/secret/", Owner, routes!(webhooks::secret))
        .at("/api/webhooks/{id}/test/", Owner, routes!(webhooks::test))
        .at("/api/webhooks/{id}/deliveries/", Owner, routes!(webhooks::deliveries))
        .at("/api/webhooks/{id}/replay/", Owner, routes!(webhooks::replay_failed))
        .at("/api/webhook-deliveries/{id}/", Owner, routes!(webhooks::delivery))
        .at("/api/webhook-deliveries/{id}/replay/", Owner, routes!(webhooks::replay))

        .at("/api/lead-forms/", Owner, routes!(lead_forms::index, lead_forms::create))
        .at("/api/lead-forms/{id}/", Owner, routes!(lead_forms::show, lead_forms::change, lead_forms::remove))
        .at("/api/lead-forms/{id}/undo/", Owner, routes!(lead_forms::undo))
        .at("/api/setting-history/", Owner, routes!(setting_history::show))
        .at("/api/lead-forms/{id}/entries/", Owner, routes!(lead_forms::entries))
        .at("/api/lead-form-entries/{id}/accept/", Owner, routes!(lead_forms::accept))
        .at("/api/lead-form-entries/{id}/discard/", Owner, routes!(lead_forms::discard))
        .at("/f/{key}/", Anyone, routes!(lead_forms::open::show, lead_forms::open::submit))

        .at("/api/customers/{id}/consents/", Of(Customers), routes!(privacy::consents::of_customer, privacy::consents::add_to_customer))
        .at("/api/leads/{id}/consents/", Of(Leads), routes!(privacy::consents::of_lead, privacy::consents::add_to_lead))
        .at("/api/privacy/person/", Owner, routes!(privacy::person))
        .at("/api/privacy/requests/", Owner, routes!(privacy::index, privacy::create))
        .at("/api/privacy/requests/{id}/", Owner, routes!(privacy::show))
        .at("/api/privacy/requests/{id}/execute/", Owner, routes!(privacy::execute))
        .at("/api/privacy/requests/{id}/refuse/", Owner, routes!(privacy::refuse))
        .at("/api/privacy/requests/{id}/report/", Owner, routes!(privacy::report))
        .at("/api/privacy/accesses/", Owner, routes!(privacy::accesses::index))
        .at("/api/privacy/retention/", Owner, routes!(privacy::retention::index, privacy::retention::create))
        .at("/api/privacy/retention/preview/", Owner, routes!(privacy::retention::preview))
        .at("/api/privacy/retention/{id}/", Owner, routes!(privacy::retention::show, privacy::retention::change, privacy::retention::remove))
        .at("/api/privacy/retention/{id}/run/", Owner, routes!(privacy::retention::run))
        .at("/api/privacy/retention/{id}/undo/", Owner, routes!(privacy::retention::undo))

        .at("/api/pipelines/", Of(Pipelines), routes!(pipelines::index, pipelines::create))
        .at("/api/pipelines/history/", Of(Pipelines), routes!(pipelines::history))
        .at("/api/pipelines/{id}/", Of(Pipelines), routes!(pipelines::show, pipelines::change, pipelines::remove))
        .at("/api/pipelines/{id}/stages/", Of(Pipelines), routes!(pipelines::add_stage))
        .at("/api/pipelines/{id}/stages/{stage}/", Of(Pipelines), routes!(pipelines::change_stage, pipelines::remove_stage))
        .at("/api/custom-fields/", Of(CustomFields), routes!(custom_fields::index, custom_fields::create))
        .at("/api/custom-fields/history/", Of(CustomFields), routes!(custom_fields::history))
        .at("/api/custom-fields/order/", Of(CustomFields), routes!(custom_fields::order))
        .at("/api/custom-fields/{id}/", Of(CustomFields), routes!(custom_fields::show, custom_fields::change, custom_fields::remove))
        .at("/api/loss-reasons/", Of(Pipelines), routes!(pipelines::reasons, pipelines::add_reason))
        .at("/api/loss-reasons/{id}/", Of(Pipelines), routes!(pipelines::change_reason, pipelines::remove_reason))

        .at("/api/assignment-rules/", Of(AssignmentRules), routes!(assignment::show, assignment::replace))
        .at("/api/assignment-rules/history/", Of(AssignmentRules), routes!(assignment::history))
        .at("/api/assignment-rules/preview/", Of(AssignmentRules), routes!(assignment::preview))
        .at("/api/assignment-rules/undo/", Of(AssignmentRules), routes!(assignment::undo))

        .at("/api/sales/forecast/", Of(Metrics), routes!(forecast::show))
        .at("/api/sales/metrics/", Of(Metrics), routes!(metrics::show))
        .at("/api/dashboard/summary/", Of(Dashboard), routes!(metrics::summary))
        .at("/api/imports/", Of(Imports), routes!(imports::index, imports::create))
        .at("/api/imports/{id}/", Of(Imports), routes!(imports::show, imports::change, imports::remove))
        .at("/api/imports/{id}/dry-run/", Of(Imports), routes!(imports::dry_run))
        .at("/api/imports/{id}/commit/", Of(Imports), routes!(imports::commit))
        .at("/api/imports/{id}/cancel/", Of(Imports), routes!(imports::cancel))
        .at("/api/imports/{id}/undo/", Of(Imports), routes!(imports::undo))
        .at("/api/imports/{id}/rows/", Of(Imports), routes!(imports::rows))
        .at("/api/imports/{id}/errors.csv/", Of(Imports), routes!(imports::errors))
        .at("/api/search/", Member, routes!(search::show))
        .at("/api/changes/", Member, routes!(changes::index))
        .at("/api/changes/{id}/", Member, routes!(changes::show))
        .at("/api/changes/{id}/undo/", Member, routes!(changes::undo))
        .at("/api/bin/", Member, routes!(changes::bin))
        .at("/api/events/", Member, routes!(events::watch))

        .at("/platform/api/tenants/", PlatformAdmin, routes!(tenants::list, tenants::create))
        .at("/platform/api/tenants/{company_id}/", PlatformAdmin, routes!(tenants::show, tenants::change))
        .at("/platform/api/tenants/{company_id}/provision/", PlatformAdmin, routes!(provision::report))
        .at("/platform/api/tenants/{company_id}/provision/execute/", PlatformAdmin, routes!(provision::execute))
        .at("/platform/api/tenants/{company_id}/domains/", PlatformAdmin, routes!(domains::list, domains::claim))
        .at("/platform/api/tenants/{company_id}/domains/{id}/", PlatformAdmin, routes!(domains::remove))
        .at("/platform/api/tenants/{company_id}/domains/{id}/verify/", PlatformAdmin, routes!(domains::verify))
        .at("/platform/api/operations/", PlatformAdmin, routes!(operations::list))
        .at("/platform/api/operations/{operation_id}/", PlatformAdmin, routes!(operations::show))
        .at("/platform/api/operations/{operation_id}/cancel/", PlatformAdmin, routes!(operations::cancel))
        .at("/platform/api/operations/{operation_id}/events/", PlatformAdmin, routes!(operations::events))
        .at("/platform/api/audit/", PlatformAdmin, routes!(audit::list));
    pages::routes(api)
}

/// The whole application, but for what is around every answer ([`Front`](crate::front::Front)).
pub fn router(app: App) -> Router {
    let table = table();
    let document = openapi::document(table.api().clone());
    let paths = Arc::new(crate::router::table());
    let (asked, of_forms) = (app.clone(), Arc::clone(&paths));
    let others = Router::new()
        .route("/assets/{file}", get(pages::assets::serve))
        .merge(openapi::browser(document))
        .route_layer(from_fn(trace::name_route));
    table
        .into_router(&app)
        .merge(others)
        .fallback(move |request: Request| {
            let (paths, app) = (Arc::clone(&paths), asked.clone());
            async move { missing(&app, &paths, request).await }
        })
        .method_not_allowed_fallback(move |path: MatchedPath, request: Request| {
            let answer = not_allowed(&of_forms, &path, &request);
            async move { answer }
        })
        .with_state(app)
}

/// Whether a person asks with a browser, and not a program that would read JSON.
fn is_by_person(path: &str, headers: &HeaderMap) -> bool {
    let of_program = ["/api/", "/platform/api/"]
        .iter()
        .any(|api| path.starts_with(api));
    let accepted = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
    !of_program && accepted.is_some_and(|kinds| kinds.contains("text/html"))
}

/// A redirect to this path.
fn redirect(status: StatusCode, target: String) -> Response {
    let mut response = status.into_response();
    if let Ok(value) = HeaderValue::try_from(target) {
        response.headers_mut().insert(LOCATION, value);
    }
    response
}

/// `308` to the same address with its final slash, if there is one; else `404`.
async fn missing(app: &App, table: &Table, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let path = parts.uri.path();
    let slashed = format!("{path}/");
    if !table.has_path(&slashed) {
        return match is_by_person(path, &parts.headers) {
            true => pages::error::missing(app, parts).await,
            false => crate::contract::error::not_found().into_response(),
        };
    }
    let target = match parts.uri.query() {
        Some(query) => format!("{slashed}?{query}"),
        None => slashed,
    };
    redirect(StatusCode::PERMANENT_REDIRECT, target)
}

/// `405`; a person who loads the address of a form again is led to the nearest page above it.
fn not_allowed(table: &Table, route: &MatchedPath, request: &Request) -> Response {
    trace::is_of(route.as_str().to_owned());
    let path = request.uri().path();
    if request.method() == Method::GET && is_by_person(path, request.headers()) {
        let mut above = path.trim_end_matches('/');
        while let Some((rest, _)) = above.rsplit_once('/') {
            above = rest;
            let page = format!("{above}/");
            if table.has_path(&page) {
                return redirect(StatusCode::SEE_OTHER, page);
            }
        }
    }
    crate::contract::error::detail(
        StatusCode::METHOD_NOT_ALLOWED,
        "This method is not allowed here. The header Allow lists those that are.",
    )
}
