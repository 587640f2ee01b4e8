//! `/platform/api/operations/`: what is and was at work.

use crate::App;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::query::page;
use crate::contract::resource::{Id, precondition};
use crate::contract::{Query, list, resource};
use crate::gate::actor::Caller;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::StreamExt;
use sindico_domain::input::{choice, integer};
use sindico_domain::operation::{Operation, OperationFilter};
use sindico_store::control::operations;
use std::convert::Infallible;

/// List operations
///
/// Newest first, each with its steps.
#[utoipa::path(get, path = "/platform/api/operations/", tag = "operations",
    params(
        ("company_id" = Option<i64>, Query, description = "Of this tenant"),
        ("status" = Option<sindico_domain::operation::OperationStatus>, Query, description = "In this state"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 500, description = "Rows a page; 100 by default"),
        ("cursor" = Option<String>, Query, description = "From the `Link` header of the page before"),
        ("count" = Option<String>, Query, description = "`exact` adds `X-Total-Count`"),
    ),
    responses((status = 200, description = "Operations", body = Vec<Operation>)))]
pub async fn list(State(app): State<App>, query: Query) -> ApiResult {
    let mut f = query.fields();
    let filter = OperationFilter {
        company_id: f.read("company_id", integer(1..=i64::MAX)),
        status: f.read("status", choice),
    };
    let request = page(&mut f);
    f.finish().check(())?;
    let page = operations::list(app.store(), &filter, &request).await?;
    Ok(list::respond("/platform/api/operations/", &query, &page))
}

/// Read an operation
///
/// With its steps: times, outcome, error and what to do about it.
#[utoipa::path(get, path = "/platform/api/operations/{operation_id}/", tag = "operations",
    params(("operation_id" = i64, Path, description = "The operation's id")),
    responses(
        (status = 200, description = "The operation, with its `ETag`", body = Operation),
        (status = 404, description = "No such operation"),
    ))]
pub async fn show(State(app): State<App>, Id(id): Id, headers: HeaderMap) -> ApiResult {
    let operation = operations::find(app.store(), id)
        .await?
        .ok_or_else(not_found)?;
    Ok(resource::read(&headers, &operation, operation.version))
}

/// Cancel an operation
///
/// One that waits ends at once; one at work ends before its next step. The answer is the operation
/// as it stands.
#[utoipa::path(post, path = "/platform/api/operations/{operation_id}/cancel/", tag = "operations",
    params(
        ("operation_id" = i64, Path, description = "The operation's id"),
        ("If-Match" = Option<String>, Header, description = "Cancel only this version"),
    ),
    responses(
        (status = 200, description = "Canceled, or asked to end", body = Operation),
        (status = 404, description = "No such operation"),
        (status = 409, description = "It has ended already"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
    headers: HeaderMap,
) -> ApiResult {
    let condition = precondition(&headers);
    let operation = operations::cancel(app.store(), &caller.actor, id, &condition)
        .await?
        .ok_or_else(not_found)?;
    Ok(resource::respond(
        StatusCode::OK,
        &operation,
        operation.version,
    ))
}

/// Watch an operation
///
/// Server-sent events named `operation`: the whole operation each time it has changed, up to its
/// end, with its version as the event's id. `Last-Event-ID` leaves out what was seen.
#[utoipa::path(get, path = "/platform/api/operations/{operation_id}/events/", tag = "operations",
    params(
        ("operation_id" = i64, Path, description = "The operation's id"),
        ("Last-Event-ID" = Option<String>, Header, description = "The last event that was seen"),
    ),
    responses(
        (status = 200, description = "Events", content_type = "text/event-stream"),
        (status = 404, description = "No such operation"),
    ))]
pub async fn events(State(app): State<App>, Id(id): Id, headers: HeaderMap) -> ApiResult {
    operations::find(app.store(), id)
        .await?
        .ok_or_else(not_found)?;
    let seen = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok()?.parse().ok())
        .unwrap_or(0);
    let events = app
        .engine()
        .watch(id, seen)
        .take_until(app.stopping().clone().cancelled_owned())
        .filter_map(|operation| async move {
            let event = Event::default()
                .event("operation")
                .id(operation.version.to_string())
                .json_data(&operation);
            event.ok().map(Ok::<_, Infallible>)
        });
    let mut response: Response = Sse::new(events)
        .keep_alive(KeepAlive::default())
        .into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies that gather answers would hold events back.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    Ok(response)
}
