//! `/platform/api/tenants/{company_id}/domains/` and below.

use crate::App;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::resource::{Id, Ids};
use crate::contract::{Body, repeat};
use crate::gate::actor::Caller;
use axum::Json;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use sindico_domain::Refusal;
use sindico_domain::tenant::domain::{self, CustomDomain};
use sindico_store::control::domains;
use utoipa::ToSchema;

/// A domain to be claimed.
#[derive(ToSchema)]
#[schema(example = json!({"host": "crm.padaria.com.br"}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct DomainInput {
    /// A whole name, not under the platform's own domain.
    host: String,
}

/// List a tenant's domains
#[utoipa::path(get, path = "/platform/api/tenants/{company_id}/domains/", tag = "tenants",
    params(("company_id" = i64, Path, description = "The company's id")),
    responses(
        (status = 200, description = "Its domains, by host", body = Vec<CustomDomain>),
        (status = 404, description = "No such tenant"),
    ))]
pub async fn list(State(app): State<App>, Id(id): Id) -> ApiResult {
    let domains = domains::list(app.store(), id)
        .await?
        .ok_or_else(not_found)?;
    Ok(Json(domains).into_response())
}

/// Claim a domain for a tenant
///
/// The answer has the TXT record that its owner has to set. The tenant is served there once that is
/// verified.
#[utoipa::path(post, path = "/platform/api/tenants/{company_id}/domains/", tag = "tenants",
    params(
        ("company_id" = i64, Path, description = "The company's id"),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeated request gets the first one's answer"),
    ),
    request_body(content = DomainInput),
    responses(
        (status = 201, description = "Claimed", body = CustomDomain),
        (status = 400, description = "The host is wrong, the platform's, or another tenant's"),
        (status = 404, description = "No such tenant"),
        (status = 422, description = "The Idempotency-Key was used with another request"),
    ))]
pub async fn claim(
    State(app): State<App>,
    caller: Caller,
    Id(id): Id,
    method: Method,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Body,
) -> ApiResult {
    let key = repeat::key(&headers, caller.user.id, &method, &uri, &body)?;
    let host = domain::parse(&body.0, &app.rules().zones)?;
    let claimed = domains::claim(app.store(), &caller.actor, id, &host, key.as_ref()).await?;
    let once = claimed.ok_or_else(not_found)?;
    let response = (StatusCode::CREATED, Json(once.value)).into_response();
    Ok(repeat::mark(response, once.replayed))
}

/// Verify a domain
///
/// Looks up its TXT record. From then on the tenant is served there, in all programs within a second.
#[utoipa::path(post, path = "/platform/api/tenants/{company_id}/domains/{id}/verify/", tag = "tenants",
    params(
        ("company_id" = i64, Path, description = "The company's id"),
        ("id" = i64, Path, description = "The domain's id"),
    ),
    responses(
        (status = 200, description = "Verified", body = CustomDomain),
        (status = 400, description = "The record does not say what it must; `detail` has what it says"),
        (status = 404, description = "No such domain of this tenant"),
        (status = 503, description = "DNS does not answer; `Retry-After`"),
    ))]
pub async fn verify(State(app): State<App>, caller: Caller, Ids(company_id, id): Ids) -> ApiResult {
    let store = app.store();
    let domain = domains::find(store, company_id, id)
        .await?
        .ok_or_else(not_found)?;
    let found = (app.config().dns)(domain.record_name.clone()).await;
    let found = found.map_err(|why| {
        tracing::warn!(name = domain.record_name, why, "DNS does not answer");
        Refusal::Unavailable(format!(
            "DNS does not answer for {}. Try again in a moment.",
            domain.record_name
        ))
    })?;
    let verified = domains::verify(store, &caller.actor, company_id, id, &found).await?;
    let verified = verified.ok_or_else(not_found)?;
    app.tenant_changed(company_id).await;
    Ok(Json(verified).into_response())
}

/// Take a domain away from a tenant
#[utoipa::path(delete, path = "/platform/api/tenants/{company_id}/domains/{id}/", tag = "tenants",
    params(
        ("company_id" = i64, Path, description = "The company's id"),
        ("id" = i64, Path, description = "The domain's id"),
    ),
    responses(
        (status = 204, description = "The tenant is not served there any more"),
        (status = 404, description = "No such domain of this tenant"),
    ))]
pub async fn remove(
    State(app): State<App>,
    caller: Caller,
    Ids(company_id, id): Ids,
) -> ApiResult<Response> {
    if !domains::remove(app.store(), &caller.actor, company_id, id).await? {
        return Err(not_found());
    }
    app.tenant_changed(company_id).await;
    Ok(StatusCode::NO_CONTENT.into_response())
}
