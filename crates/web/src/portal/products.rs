//! `/api/products/`: what the company sells.

use super::crm::Crm;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::query::page;
use crate::contract::resource::{self, Id};
use crate::contract::{Body, Query, list};
use axum::Json;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::IntoResponse;
use sindico_crm::products::{self, Asked, Listed, ProductChange};
use sindico_domain::input::{Fields, boolean, text};
use sindico_domain::product::Product;

const PATH: &str = "/api/products/";

/// A product as it is sent.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({"name": "Consultoria", "code": "CONS", "unit": "h", "price": "180.00"}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct ProductInput {
    #[schema(max_length = 200)]
    name: String,
    /// Of this product alone; may be empty.
    code: Option<String>,
    description: Option<String>,
    unit: Option<String>,
    price: Option<String>,
    /// Whether it is offered in new quotes; `true` unless told.
    active: Option<bool>,
}

/// List products
///
/// The newest first.
#[utoipa::path(get, path = "/api/products/", tag = "products",
    params(
        ("q" = Option<String>, Query, description = "A part of the name or the code"),
        ("active" = Option<bool>, Query, description = "`true`: only those that are offered"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 500, description = "Rows a page; 100 by default"),
        ("cursor" = Option<String>, Query, description = "From the `Link` header of the page before"),
    ),
    responses(
        (status = 200, description = "Products; `Link` names the next page", body = Vec<Listed>),
        (status = 403, description = "The caller's role may not"),
    ))]
pub async fn index(crm: Crm, query: Query) -> ApiResult {
    let mut f = query.fields();
    let request = page(&mut f);
    let asked = asked(&mut f);
    f.finish().check(())?;
    let found = products::list(&crm.data, &asked, &request).await?;
    Ok(list::respond(PATH, &query, &found))
}

/// What a list is asked for.
pub(super) fn asked(f: &mut Fields<'_>) -> Asked {
    Asked {
        active: f.read("active", boolean).unwrap_or_default(),
        q: f.read("q", text(1..=200)).unwrap_or_default(),
    }
}

/// Export products
///
/// The whole list, as a file that is sent while it is read. Texts that a spreadsheet would run as formulas are made
/// harmless. Each export is written down.
#[utoipa::path(get, path = "/api/products/export/", tag = "products",
    params(
        ("format" = Option<String>, Query, description = "`csv`, which is the default, or `xlsx`"),
        ("columns" = Option<String>, Query, description = "Names of fields, with commas; all unless told"),
        ("q" = Option<String>, Query, description = "A part of the name or the code"),
        ("active" = Option<bool>, Query, description = "`true`: only those that are offered"),
    ),
    responses(
        (status = 200, description = "The file", content_type = "text/csv"),
        (status = 400, description = "A parameter is wrong"),
        (status = 403, description = "The caller's role may not export, or not read products"),
        (status = 429, description = "Too many streams of this user are open"),
    ))]
pub async fn export(crm: Crm, query: Query) -> ApiResult {
    super::export::products::export(&crm, &query).await
}

/// Make a product
#[utoipa::path(post, path = "/api/products/", tag = "products",
    request_body(content = ProductInput),
    responses(
        (status = 201, description = "Made", body = Listed),
        (status = 400, description = "All wrong fields, by name"),
        (status = 403, description = "The caller's role may not"),
    ))]
pub async fn create(crm: Crm, body: Body) -> ApiResult {
    let product = Product::parse(&body.0, None)?;
    let made = products::create(&crm.data, crm.by(), product).await?;
    let mut response = resource::respond(StatusCode::CREATED, &made, made.version);
    if let Ok(location) = HeaderValue::try_from(format!("{PATH}{}/", made.id)) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// Read a product
#[utoipa::path(get, path = "/api/products/{id}/", tag = "products",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "With its `ETag`", body = Listed),
        (status = 304, description = "`If-None-Match` names the current version"),
        (status = 404, description = "Not in this tenant, or deleted"),
    ))]
pub async fn show(crm: Crm, Id(id): Id) -> ApiResult {
    let found = products::find(&crm.data, id).await?.ok_or_else(not_found)?;
    Ok(resource::read(&crm.headers, &found, found.version))
}

/// Change a product
///
/// Quotes keep the name and the price that they have.
#[utoipa::path(patch, path = "/api/products/{id}/", tag = "products",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Change only this version"),
    ),
    request_body(content = ProductInput),
    responses(
        (status = 200, description = "Changed", body = Listed),
        (status = 400, description = "All wrong fields, by name"),
        (status = 404, description = "Not in this tenant, or deleted"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn change(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let at = (id, &crm.precondition());
    let changed = products::change(&crm.data, crm.by(), at, &body.0).await?;
    let changed = changed.ok_or_else(not_found)?;
    Ok(resource::respond(StatusCode::OK, &changed, changed.version))
}

/// Delete a product
///
/// It goes to the bin; quotes keep what they have of it.
#[utoipa::path(delete, path = "/api/products/{id}/", tag = "products",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Delete only this version"),
    ),
    responses(
        (status = 204, description = "Deleted"),
        (status = 404, description = "Not in this tenant, or deleted"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn remove(crm: Crm, Id(id): Id) -> ApiResult {
    let at = (id, &crm.precondition());
    match products::remove(&crm.data, crm.by(), at).await? {
        true => Ok(StatusCode::NO_CONTENT.into_response()),
        false => Err(not_found()),
    }
}

/// Restore a product
///
/// Takes it out of the bin, as it was.
#[utoipa::path(post, path = "/api/products/{id}/restore/", tag = "products",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "Back", body = Listed),
        (status = 400, description = "Its code is another product's by now"),
        (status = 403, description = "The caller's role may not"),
        (status = 404, description = "Not in this tenant's bin"),
    ))]
pub async fn restore(crm: Crm, Id(id): Id) -> ApiResult {
    let restored = products::restore(&crm.data, crm.by(), id).await?;
    let restored = restored.ok_or_else(not_found)?;
    Ok(resource::respond(
        StatusCode::OK,
        &restored,
        restored.version,
    ))
}

/// Undo the last change of a product
///
/// Its deletion included; to undo once more is to have it again.
#[utoipa::path(post, path = "/api/products/{id}/undo/", tag = "products",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Undo only on this version"),
    ),
    responses(
        (status = 200, description = "As it was before", body = Listed),
        (status = 204, description = "It was new, and is gone"),
        (status = 404, description = "Never was in this tenant"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn undo(crm: Crm, Id(id): Id) -> ApiResult {
    let at = (id, &crm.precondition());
    match products::undo(&crm.data, crm.by(), at).await? {
        Some((found, false)) => Ok(resource::respond(StatusCode::OK, &found, found.version)),
        Some((_, true)) => Ok(StatusCode::NO_CONTENT.into_response()),
        None => Err(not_found()),
    }
}

/// The history of a product
///
/// The newest first.
#[utoipa::path(get, path = "/api/products/{id}/history/", tag = "products",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "What was done to it", body = Vec<ProductChange>),
        (status = 404, description = "Never was in this tenant"),
    ))]
pub async fn history(crm: Crm, Id(id): Id) -> ApiResult {
    let told = products::history(&crm.data, id).await?;
    match told.is_empty() {
        true => Err(not_found()),
        false => Ok(Json(told).into_response()),
    }
}
