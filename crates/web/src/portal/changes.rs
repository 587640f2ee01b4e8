//! `/api/changes/`: the history, and taking it back; `/api/bin/`: what was deleted.

use super::crm::Crm;
use crate::contract::error::{ApiResult, detail, not_found};
use crate::contract::query::page;
use crate::contract::resource::Id;
use crate::contract::{Body, Query, list, repeat};
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;
use sindico_crm::bin::{self, Binned, Thing};
use sindico_crm::changes::{self, Change, Undone};
use sindico_domain::Refusal;
use sindico_domain::access::capability::{Method, Resource};

/// List changes
///
/// Of all records that the caller's role may read, the newest first. `address`, from where it was done, is
/// told to owners only.
#[utoipa::path(get, path = "/api/changes/", tag = "changes",
    params(
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 500, description = "Rows a page; 100 by default"),
        ("cursor" = Option<String>, Query, description = "From the `Link` header of the page before"),
    ),
    responses((status = 200, description = "A page; `Link` names the next one", body = Vec<Change>)))]
pub async fn index(crm: Crm, query: Query) -> ApiResult {
    let mut f = query.fields();
    let request = page(&mut f);
    f.finish().check(())?;
    let page = changes::all(&crm.data, &crm.reader(), &request).await?;
    Ok(list::respond("/api/changes/", &query, &page))
}

/// Read a change set
///
/// What one write did, to all of its records. `address`, from where it was done, is told to owners only.
#[utoipa::path(get, path = "/api/changes/{id}/", tag = "changes",
    params(("id" = i64, Path, description = "The change set's id")),
    responses(
        (status = 200, description = "Its changes", body = Vec<Change>),
        (status = 404, description = "Not in this tenant, or of records that the caller's role may not read"),
    ))]
pub async fn show(crm: Crm, Id(id): Id) -> ApiResult {
    let changes = changes::find(&crm.data, id, &crm.reader()).await?;
    Ok(Json(changes.ok_or_else(not_found)?).into_response())
}

/// Undo a change set
///
/// As a whole, and only while nothing stands on it: else `409` lists what does. It takes the permission
/// for the opposite: to undo a creation is to delete. An undo can be undone.
#[utoipa::path(post, path = "/api/changes/{id}/undo/", tag = "changes",
    params(
        ("id" = i64, Path, description = "The change set's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeated request gets the first one's answer"),
    ),
    responses(
        (status = 200, description = "`change_set`: the one that took it back", body = Object),
        (status = 403, description = "The caller's role may not do the opposite"),
        (status = 404, description = "Not in this tenant"),
        (status = 409, description = "`conflicts`: what stands in the way; or it was undone before", body = Object),
    ))]
pub async fn undo(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let key = crm.key(&body)?;
    let may = |resource: Resource, method: Method| crm.tenant.allows(resource, method);
    let once = changes::undo(&crm.data, crm.by(), id, &may, key.as_ref()).await?;
    crm.fields_were_set_up().await?;
    match once {
        Undone::Missing => Err(not_found()),
        Undone::NotAllowed(resource, method) => Err(Refusal::Forbidden(format!(
            "To undo this is to use {method} on {resource}, which your role may not in this tenant."
        ))
        .into()),
        Undone::Already(by) => Ok(detail(
            StatusCode::CONFLICT,
            format!(
                "It was undone before, by the change set {by}. Undo that one to have it again."
            ),
        )),
        Undone::Conflicts(conflicts) => Ok(conflict(json!({
            "detail": "What it changed has changed since. Nothing was undone.", "conflicts": conflicts,
        }))),
        Undone::Done(once) => Ok(repeat::mark(
            Json(&once.value).into_response(),
            once.replayed,
        )),
    }
}

fn conflict(body: serde_json::Value) -> Response {
    (StatusCode::CONFLICT, Json(body)).into_response()
}

/// What of the bin the caller's role may read.
pub(crate) fn binned(crm: &Crm) -> Vec<Thing> {
    let mut things: Vec<Thing> = crm.readable().into_iter().map(Thing::Record).collect();
    if crm.tenant.allows(Resource::Products, Method::Get) {
        things.push(Thing::Product);
    }
    things
}

/// List the bin
///
/// Deleted records of the kinds that the caller's role may read, and products, the latest first.
#[utoipa::path(get, path = "/api/bin/", tag = "changes",
    params(
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 500, description = "Rows a page; 100 by default"),
        ("cursor" = Option<String>, Query, description = "From the `Link` header of the page before"),
    ),
    responses((status = 200, description = "A page; `Link` names the next one", body = Vec<Binned>)))]
pub async fn bin(crm: Crm, query: Query) -> ApiResult {
    let mut f = query.fields();
    let request = page(&mut f);
    f.finish().check(())?;
    let page = bin::list(&crm.data, &binned(&crm), &request).await?;
    Ok(list::respond("/api/bin/", &query, &page))
}
