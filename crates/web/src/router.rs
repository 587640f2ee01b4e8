//! Every URL of the program, on one page. The documentation at `/api/docs/` is made from it.

use crate::auth::{logout, me, password, reset, reset_page, session, token};
use crate::gate::access::Access::{Anyone, Member, Of, Owner, PlatformAdmin, SignedIn};
use crate::gate::{headers, trace};
use crate::{App, Table, health, openapi, platform, portal};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use platform::{audit, domains, operations, provision, tenants};
use portal::{capabilities, customers, tenant_me, tenant_members, tenant_rbac};
use sindico_domain::access::capability::Resource::Customers;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::routes;

/// The table of routes.
#[rustfmt::skip]
pub fn table() -> Table {
    Table::new()
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
        .at("/password-reset/style.css", Anyone, routes!(reset_page::style))

        .at("/api/auth/tenant-me/", Member, routes!(tenant_me::show))
        .at("/api/auth/capabilities/", Member, routes!(capabilities::show))
        .at("/api/auth/tenant-rbac/", Member, routes!(tenant_rbac::show))
        .at("/api/auth/tenant-rbac/", Owner, routes!(tenant_rbac::replace, tenant_rbac::merge))
        .at("/api/auth/tenant-members/", Member, routes!(tenant_members::list))
        .at("/api/auth/tenant-members/", Owner, routes!(tenant_members::add))
        .at("/api/auth/tenant-members/{member_id}/", Owner, routes!(tenant_members::change, tenant_members::remove))

        .at("/api/customers/", Of(Customers), routes!(customers::index, customers::create))
        .at("/api/customers/{id}/", Of(Customers), routes!(customers::show, customers::replace, customers::change, customers::remove))

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
        .at("/platform/api/audit/", PlatformAdmin, routes!(audit::list))
}

/// The whole application.
pub fn router(app: App) -> Router {
    let table = table();
    let document = openapi::document(table.api().clone());
    let paths = Arc::new(crate::router::table());
    table
        .into_router(&app)
        .route("/", get(|| async { Redirect::to("/api/docs/") }))
        .merge(openapi::browser(document))
        .fallback(move |request: Request| {
            let paths = Arc::clone(&paths);
            async move { missing(&paths, &request) }
        })
        .method_not_allowed_fallback(not_allowed)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn(headers::secure))
        .layer(from_fn_with_state(app.clone(), trace::trace))
        .with_state(app)
}

/// `308` to the same address with its final slash, if there is one; else `404`.
fn missing(table: &Table, request: &Request) -> Response {
    let path = request.uri().path();
    let slashed = format!("{path}/");
    if !table.has_path(&slashed) {
        return crate::contract::error::not_found().into_response();
    }
    let target = match request.uri().query() {
        Some(query) => format!("{slashed}?{query}"),
        None => slashed,
    };
    let mut response = StatusCode::PERMANENT_REDIRECT.into_response();
    if let Ok(value) = HeaderValue::try_from(target) {
        response.headers_mut().insert(LOCATION, value);
    }
    response
}

async fn not_allowed(State(_): State<App>) -> Response {
    crate::contract::error::detail(
        StatusCode::METHOD_NOT_ALLOWED,
        "This method is not allowed here. The header Allow lists those that are.",
    )
}

fn panicked(cause: Box<dyn std::any::Any + Send>) -> Response {
    let message = cause
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| cause.downcast_ref::<String>().cloned())
        .unwrap_or_default();
    let error = sindico_store::Error::Internal(format!("a handler panicked: {message}"));
    crate::contract::ApiError::from(error).into_response()
}
