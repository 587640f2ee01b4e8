//! `/platform/api/tenants/` and `/platform/api/tenants/{company_id}/`.

use crate::App;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::query::page;
use crate::contract::resource::{Id, precondition};
use crate::contract::{Body, Query, list, repeat, resource};
use crate::gate::actor::Caller;
use axum::extract::{OriginalUri, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::Response;
use sindico_domain::FieldErrors;
use sindico_domain::input::{boolean, choice, text};
use sindico_domain::names::{Subdomain, TenantCode};
use sindico_domain::tenant::{NewTenant, Tenant, TenantChanges, TenantFilter, TenantSort};
use sindico_store::control::tenants;

const PATH: &str = "/platform/api/tenants/";

/// List tenants
#[utoipa::path(get, path = "/platform/api/tenants/", tag = "tenants",
    params(
        ("q" = Option<String>, Query, description = "Found in name, code or subdomain, whatever the accents and the case"),
        ("status" = Option<sindico_domain::tenant::ProvisioningStatus>, Query, description = "Provisioning state"),
        ("isolation_model" = Option<sindico_domain::tenant::IsolationModel>, Query, description = "Isolation model"),
        ("plan" = Option<sindico_domain::tenant::Plan>, Query, description = "Plan"),
        ("contract_status" = Option<sindico_domain::tenant::ContractStatus>, Query, description = "Contract state"),
        ("is_active" = Option<bool>, Query, description = "Activity of the company"),
        ("sort" = Option<TenantSort>, Query, description = "Order; `name` by default"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 500, description = "Rows a page; 100 by default"),
        ("cursor" = Option<String>, Query, description = "From the `Link` header of the page before"),
        ("count" = Option<String>, Query, description = "`exact` adds `X-Total-Count`"),
    ),
    responses(
        (status = 200, description = "Tenants; `Link` names the next page", body = Vec<Tenant>),
        (status = 400, description = "A parameter is wrong"),
    ))]
pub async fn list(State(app): State<App>, query: Query) -> ApiResult {
    let mut f = query.fields();
    let filter = TenantFilter {
        q: f.read("q", text(1..=200)),
        status: f.read("status", choice),
        isolation_model: f.read("isolation_model", choice),
        plan: f.read("plan", choice),
        contract_status: f.read("contract_status", choice),
        is_active: f.read("is_active", boolean),
    };
    let sort = f.read("sort", choice).unwrap_or(TenantSort::Name);
    let request = page(&mut f);
    f.finish().check(())?;
    let page = tenants::list(app.store(), &filter, sort, &request).await?;
    Ok(list::respond(PATH, &query, &page))
}

/// Create a tenant
///
/// Company, contract and provisioning are written together. Names of the place that are not sent
/// get defaults made from the code.
#[utoipa::path(post, path = "/platform/api/tenants/", tag = "tenants",
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeated request gets the first one's answer")),
    request_body(content = crate::platform::wire::TenantInput),
    responses(
        (status = 201, description = "Created", body = Tenant),
        (status = 400, description = "All wrong fields, by name"),
        (status = 422, description = "The Idempotency-Key was used with another request"),
    ))]
pub async fn create(
    State(app): State<App>,
    caller: Caller,
    method: Method,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Body,
) -> ApiResult {
    let key = repeat::key(&headers, caller.user.id, &method, &uri, &body)?;
    let new = NewTenant::parse(&body.0, app.rules(), app.today());
    let new = match new {
        Ok(new) => new,
        // What is well formed but taken belongs into the same answer.
        Err(errors) => return Err(with_taken(&app, &body, errors).await?.into()),
    };
    let once = tenants::create(app.store(), &caller.actor, &new, app.rules(), key.as_ref()).await?;
    app.tenant_changed(once.value.id).await;
    let mut response = resource::respond(StatusCode::CREATED, &once.value, once.version);
    if let Ok(location) = HeaderValue::try_from(format!("{PATH}{}/", once.value.id)) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(repeat::mark(response, once.replayed))
}

/// The errors of a body that does not parse, with those of its code and subdomain being taken, so
/// that all are told at once.
async fn with_taken(app: &App, body: &Body, mut errors: FieldErrors) -> ApiResult<FieldErrors> {
    let word = |name: &str| body.0.get(name).and_then(|v| v.as_str()).map(str::trim);
    let code = word("tenant_code").and_then(|text| text.parse::<TenantCode>().ok());
    let subdomain = word("subdomain").and_then(|text| text.parse::<Subdomain>().ok());
    let taken = tenants::taken(
        app.store(),
        code.as_ref().map_or("", TenantCode::as_str),
        subdomain.as_ref().map_or("", Subdomain::as_str),
    )
    .await?;
    for name in ["tenant_code", "subdomain"] {
        if taken.has(name) && !errors.has(name) {
            errors.merge(taken.only(name));
        }
    }
    Ok(errors)
}

/// Read a tenant
#[utoipa::path(get, path = "/platform/api/tenants/{company_id}/", tag = "tenants",
    params(("company_id" = i64, Path, description = "The company's id")),
    responses(
        (status = 200, description = "The tenant, with its `ETag`", body = Tenant),
        (status = 304, description = "`If-None-Match` names the current version"),
        (status = 404, description = "No such tenant"),
    ))]
pub async fn show(State(app): State<App>, Id(id): Id, headers: HeaderMap) -> ApiResult<Response> {
    let tenant = tenants::find(app.store(), id)
        .await?
        .ok_or_else(not_found)?;
    Ok(resource::read(&headers, &tenant, tenant.version))
}

/// Change a tenant
///
/// Changes only what is sent. The code never changes; the state of provisioning changes by
/// `provision/` and `provision/execute/`.
#[utoipa::path(patch, path = "/platform/api/tenants/{company_id}/", tag = "tenants",
    params(
        ("company_id" = i64, Path, description = "The company's id"),
        ("If-Match" = Option<String>, Header, description = "Change only this version"),
    ),
    request_body(content = crate::platform::wire::TenantPatch),
    responses(
        (status = 200, description = "The tenant as it is now", body = Tenant),
        (status = 400, description = "All wrong fields, by name"),
        (status = 404, description = "No such tenant"),
        (status = 409, description = "An operation is at work on the place"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn change(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
    headers: HeaderMap,
    body: Body,
) -> ApiResult {
    let changes = TenantChanges::parse(&body.0, app.rules())?;
    let condition = precondition(&headers);
    let tenant = tenants::change(
        app.store(),
        &caller.actor,
        id,
        &changes,
        app.rules(),
        &condition,
    )
    .await?
    .ok_or_else(not_found)?;
    app.tenant_changed(id).await;
    Ok(resource::respond(StatusCode::OK, &tenant, tenant.version))
}
