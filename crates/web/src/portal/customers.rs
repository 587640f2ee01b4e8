//! `/api/customers/` and `/api/customers/{id}/`.

use crate::contract::error::{ApiResult, not_found};
use crate::contract::query::page;
use crate::contract::resource::{Id, precondition};
use crate::contract::{Body, Query, list, repeat, resource};
use crate::gate::actor::Caller;
use crate::gate::data::TenantData;
use axum::extract::OriginalUri;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use sindico_crm::customers;
use sindico_domain::crm::customer::{Customer, CustomerChanges, CustomerSort, NewCustomer};
use sindico_domain::input::{choice, text};
use utoipa::ToSchema;

const PATH: &str = "/api/customers/";

/// A customer, as sent.
#[derive(ToSchema)]
#[schema(example = json!({"name": "Padaria São João Ltda.", "email": "compras@padaria.example.com", "phone": "+55 11 98765-4321"}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct CustomerInput {
    /// At most 255 characters.
    #[schema(max_length = 255)]
    name: String,
    /// Unique in the tenant.
    #[schema(max_length = 254)]
    email: String,
    /// At most 40 characters.
    #[schema(max_length = 40)]
    phone: Option<String>,
    /// CPF or CNPJ; at most 40 characters.
    #[schema(max_length = 40)]
    document: Option<String>,
}

/// What to change of a customer.
#[derive(ToSchema)]
#[schema(example = json!({"phone": "+55 11 91234-5678"}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct CustomerPatch {
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    document: Option<String>,
}

/// List customers
#[utoipa::path(get, path = "/api/customers/", tag = "customers",
    params(
        ("X-Tenant-ID" = Option<String>, Header, description = "The tenant's code, unless the host names the tenant"),
        ("q" = Option<String>, Query, description = "Found in name, e-mail, phone or document, whatever accents, case and punctuation"),
        ("sort" = Option<CustomerSort>, Query, description = "Order; `name` by default"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 500, description = "Rows a page; 100 by default"),
        ("cursor" = Option<String>, Query, description = "From the `Link` header of the page before"),
        ("count" = Option<String>, Query, description = "`exact` adds `X-Total-Count`"),
    ),
    responses(
        (status = 200, description = "Customers; `Link` names the next page", body = Vec<Customer>),
        (status = 400, description = "A parameter is wrong"),
        (status = 403, description = "The caller's role may not"),
        (status = 404, description = "No such tenant, or not the caller's"),
        (status = 503, description = "The tenant's place can't be reached for now; `Retry-After`"),
    ))]
pub async fn index(TenantData(data): TenantData, query: Query) -> ApiResult {
    let mut f = query.fields();
    let q = f.read("q", text(1..=200));
    let sort = f.read("sort", choice).unwrap_or(CustomerSort::Name);
    let request = page(&mut f);
    f.finish().check(())?;
    let page = customers::list(&data, q.as_deref(), sort, &request).await?;
    Ok(list::respond(PATH, &query, &page))
}

/// Create a customer
#[utoipa::path(post, path = "/api/customers/", tag = "customers",
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeated request gets the first one's answer")),
    request_body(content = CustomerInput),
    responses(
        (status = 201, description = "Created", body = Customer),
        (status = 400, description = "All wrong fields, by name"),
        (status = 403, description = "The caller's role may not"),
        (status = 422, description = "The Idempotency-Key was used with another request"),
    ))]
pub async fn create(
    caller: Caller,
    TenantData(data): TenantData,
    method: Method,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Body,
) -> ApiResult {
    let key = repeat::key(&headers, caller.user.id, &method, &uri, &body)?;
    let new = NewCustomer::parse(&body.0)?;
    let once = customers::create(&data, &new, key.as_ref()).await?;
    let mut response = resource::respond(StatusCode::CREATED, &once.value, once.version);
    if let Ok(location) = HeaderValue::try_from(format!("{PATH}{}/", once.value.id)) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(repeat::mark(response, once.replayed))
}

/// Read a customer
#[utoipa::path(get, path = "/api/customers/{id}/", tag = "customers",
    params(("id" = i64, Path, description = "The customer's id")),
    responses(
        (status = 200, description = "The customer, with its `ETag`", body = Customer),
        (status = 304, description = "`If-None-Match` names the current version"),
        (status = 404, description = "No such customer in this tenant"),
    ))]
pub async fn show(TenantData(data): TenantData, Id(id): Id, headers: HeaderMap) -> ApiResult {
    let customer = customers::find(&data, id).await?.ok_or_else(not_found)?;
    Ok(resource::read(&headers, &customer, customer.version))
}

/// Replace a customer
#[utoipa::path(put, path = "/api/customers/{id}/", tag = "customers",
    params(
        ("id" = i64, Path, description = "The customer's id"),
        ("If-Match" = Option<String>, Header, description = "Change only this version"),
    ),
    request_body(content = CustomerInput),
    responses(
        (status = 200, description = "The customer as it is now", body = Customer),
        (status = 400, description = "All wrong fields, by name"),
        (status = 404, description = "No such customer in this tenant"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn replace(
    TenantData(data): TenantData,
    Id(id): Id,
    headers: HeaderMap,
    body: Body,
) -> ApiResult {
    let changes = CustomerChanges::parse_whole(&body.0)?;
    changed(&data, id, &changes, &headers).await
}

/// Change a customer
#[utoipa::path(patch, path = "/api/customers/{id}/", tag = "customers",
    params(
        ("id" = i64, Path, description = "The customer's id"),
        ("If-Match" = Option<String>, Header, description = "Change only this version"),
    ),
    request_body(content = CustomerPatch),
    responses(
        (status = 200, description = "The customer as it is now", body = Customer),
        (status = 400, description = "All wrong fields, by name"),
        (status = 404, description = "No such customer in this tenant"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn change(
    TenantData(data): TenantData,
    Id(id): Id,
    headers: HeaderMap,
    body: Body,
) -> ApiResult {
    let changes = CustomerChanges::parse(&body.0)?;
    changed(&data, id, &changes, &headers).await
}

async fn changed(
    data: &sindico_db::TenantConnection,
    id: i64,
    changes: &CustomerChanges,
    headers: &HeaderMap,
) -> ApiResult<Response> {
    let customer = customers::change(data, id, changes, &precondition(headers)).await?;
    let customer = customer.ok_or_else(not_found)?;
    Ok(resource::respond(
        StatusCode::OK,
        &customer,
        customer.version,
    ))
}

/// Delete a customer
#[utoipa::path(delete, path = "/api/customers/{id}/", tag = "customers",
    params(
        ("id" = i64, Path, description = "The customer's id"),
        ("If-Match" = Option<String>, Header, description = "Delete only this version"),
    ),
    responses(
        (status = 204, description = "Deleted"),
        (status = 404, description = "No such customer in this tenant"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn remove(TenantData(data): TenantData, Id(id): Id, headers: HeaderMap) -> ApiResult {
    if customers::remove(&data, id, &precondition(&headers)).await? {
        Ok(StatusCode::NO_CONTENT.into_response())
    } else {
        Err(not_found())
    }
}
