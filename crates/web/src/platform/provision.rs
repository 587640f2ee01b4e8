//! `/platform/api/tenants/{company_id}/provision/` and `.../provision/execute/`.

use crate::App;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::resource::{Id, precondition};
use crate::contract::{Body, repeat, resource};
use crate::gate::actor::Caller;
use crate::gate::trace::RequestInfo;
use axum::extract::{OriginalUri, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use serde_json::json;
use sindico_domain::operation::{Operation, OperationStatus};
use sindico_domain::tenant::{StateReport, Tenant};
use sindico_store::control::{operations, tenants};
use std::time::Duration;

/// Tell a tenant's state
///
/// An operator's own word. READY stamps `provisioned_at` once; any state but FAILED clears
/// `last_error`.
#[utoipa::path(post, path = "/platform/api/tenants/{company_id}/provision/", tag = "provisioning",
    params(
        ("company_id" = i64, Path, description = "The company's id"),
        ("If-Match" = Option<String>, Header, description = "Change only this version"),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeated request gets the first one's answer"),
    ),
    request_body(content = crate::platform::wire::StateReport),
    responses(
        (status = 200, description = "The tenant as it is now", body = Tenant),
        (status = 400, description = "All wrong fields, by name"),
        (status = 404, description = "No such tenant"),
        (status = 409, description = "An execution runs; `Location` names it"),
    ))]
pub async fn report(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
    method: Method,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Body,
) -> ApiResult {
    let key = repeat::key(&headers, caller.user.id, &method, &uri, &body)?;
    let report = StateReport::parse(&body.0)?;
    let condition = precondition(&headers);
    let store = app.store();
    let once = tenants::report_state(store, &caller.actor, id, &report, &condition, key.as_ref())
        .await?
        .ok_or_else(not_found)?;
    app.tenant_changed(id).await;
    let response = resource::respond(StatusCode::OK, &once.value, once.version);
    Ok(repeat::mark(response, once.replayed))
}

/// Provision a tenant
///
/// Runs the provider and waits for the outcome; repeating it is always safe. With
/// `Prefer: respond-async`, or when it takes long, the answer is `202` with the operation.
#[utoipa::path(post, path = "/platform/api/tenants/{company_id}/provision/execute/", tag = "provisioning",
    params(
        ("company_id" = i64, Path, description = "The company's id"),
        ("Prefer" = Option<String>, Header, description = "`respond-async` does not wait"),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeated request gets the first one's operation"),
    ),
    request_body(content = crate::platform::wire::ExecuteInput),
    responses(
        (status = 200, description = "The tenant, READY", body = Tenant),
        (status = 202, description = "The operation, at `Location`", body = Operation),
        (status = 400, description = "`detail`, `provider` and the `tenant`, FAILED"),
        (status = 404, description = "No such tenant"),
        (status = 409, description = "An execution with other parameters runs; `Location` names it"),
        (status = 422, description = "The Idempotency-Key was used with another request"),
    ))]
#[expect(clippy::too_many_arguments, reason = "each is a part of the request")]
pub async fn execute(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
    Extension(info): Extension<RequestInfo>,
    method: Method,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Body,
) -> ApiResult {
    let key = repeat::key(&headers, caller.user.id, &method, &uri, &body)?;
    let portal_url = StateReport::parse_execute(&body.0)?;
    let age = info.received.elapsed();
    let requested = app
        .engine()
        .execute(&caller.actor, id, portal_url, age, key.as_ref())
        .await?
        .ok_or_else(not_found)?;
    let wait = if prefers_async(&headers) {
        Duration::ZERO
    } else {
        app.config().execute_wait
    };
    let operation = app
        .engine()
        .wait(requested.operation_id, wait)
        .await?
        .ok_or_else(not_found)?;
    answer(&app, &operation, wait.is_zero()).await
}

async fn answer(app: &App, operation: &Operation, asynchronous: bool) -> ApiResult {
    if asynchronous || !operation.status.is_final() {
        return Ok(accepted(operation, asynchronous));
    }
    app.tenant_changed(operation.company_id).await;
    let tenant = tenants::find(app.store(), operation.company_id)
        .await?
        .ok_or_else(not_found)?;
    if operation.status == OperationStatus::Succeeded {
        return Ok(resource::respond(StatusCode::OK, &tenant, tenant.version));
    }
    let detail = if operation.status == OperationStatus::Canceled {
        "The execution was canceled.".to_owned()
    } else {
        operation.error.clone()
    };
    let body = json!({
        "detail": detail,
        "hint": operation.hint,
        "provider": operation.provider,
        "tenant": tenant,
    });
    Ok(located(
        (StatusCode::BAD_REQUEST, Json(body)).into_response(),
        operation,
    ))
}

fn accepted(operation: &Operation, preferred: bool) -> Response {
    let response = resource::respond(StatusCode::ACCEPTED, operation, operation.version);
    let mut response = located(response, operation);
    if preferred {
        // RFC 7240, 3: the preference that was honoured.
        let applied = HeaderValue::from_static("respond-async");
        response.headers_mut().insert("preference-applied", applied);
    }
    response
}

fn located(mut response: Response, operation: &Operation) -> Response {
    if let Ok(value) = HeaderValue::try_from(operations::location(operation.id)) {
        response.headers_mut().insert(LOCATION, value);
    }
    response
}

/// Whether `Prefer` asks not to wait (RFC 7240, 4.1).
fn prefers_async(headers: &HeaderMap) -> bool {
    headers
        .get_all("prefer")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|preference| preference.split(';').next().unwrap_or_default().trim())
        .any(|preference| preference.eq_ignore_ascii_case("respond-async"))
}
