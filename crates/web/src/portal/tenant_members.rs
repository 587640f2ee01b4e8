//! `/api/auth/tenant-members/` and `/api/auth/tenant-members/{member_id}/`.

use super::wire::{MemberInput, MemberPatch, Members};
use crate::App;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::query::page;
use crate::contract::resource::{Id, precondition};
use crate::contract::{Body, Query, list as lists, repeat, resource};
use crate::gate::actor::Caller;
use crate::gate::tenant::TenantContext;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::IntoResponse;
use sindico_domain::FieldErrors;
use sindico_domain::access::member::{Member, MemberChanges, NewMember};
use sindico_store::control::{members, users};

const PATH: &str = "/api/auth/tenant-members/";

/// List the members of this tenant
///
/// By user name, inactive ones too.
#[utoipa::path(get, path = "/api/auth/tenant-members/", tag = "tenant",
    params(
        ("X-Tenant-ID" = Option<String>, Header, description = "The tenant's code, unless the host names the tenant"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 500, description = "Rows a page; 100 by default"),
        ("cursor" = Option<String>, Query, description = "From the `Link` header of the page before"),
        ("count" = Option<String>, Query, description = "`exact` adds `X-Total-Count`"),
    ),
    responses(
        (status = 200, description = "Members; `Link` names the next page", body = Members<'static>),
        (status = 400, description = "A parameter is wrong"),
        (status = 404, description = "No such tenant, or not the caller's"),
    ))]
pub async fn list(State(app): State<App>, tenant: TenantContext, query: Query) -> ApiResult {
    let mut f = query.fields();
    let request = page(&mut f);
    f.finish().check(())?;
    let page = members::list(app.store(), tenant.company.id, &request).await?;
    let body = Members {
        tenant_code: &tenant.company.tenant_code,
        results: &page.items,
    };
    Ok(lists::respond_in(PATH, &query, &page, &body))
}

/// Add a member, or change one
///
/// Who was a member before is one again: the role that they had stays unless another is sent.
#[utoipa::path(post, path = "/api/auth/tenant-members/", tag = "tenant",
    params(
        ("X-Tenant-ID" = Option<String>, Header, description = "The tenant's code, unless the host names the tenant"),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeated request gets the first one's answer"),
    ),
    request_body(content = MemberInput),
    responses(
        (status = 201, description = "A new member", body = Member),
        (status = 200, description = "The member, as changed", body = Member),
        (status = 400, description = "All wrong fields, by name; no seat is free; or the tenant would lose its last owner, or the caller their own ownership"),
        (status = 403, description = "The caller is no owner"),
        (status = 422, description = "The Idempotency-Key was used with another request"),
    ))]
pub async fn add(
    State(app): State<App>,
    caller: Caller,
    tenant: TenantContext,
    method: Method,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Body,
) -> ApiResult {
    let id = tenant.company.id;
    let key = repeat::key_in(id, &headers, caller.user.id, &method, &uri, &body)?;
    let new = match NewMember::parse(&body.0) {
        Ok(new) => new,
        // A user who is not there belongs into the same answer.
        Err(errors) => return Err(with_unknown(&app, &body, errors).await?.into()),
    };
    let once = members::add(app.store(), &caller.actor, id, &new, key.as_ref()).await?;
    let status = if once.value.created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let response = resource::respond(status, &once.value.member, once.version);
    Ok(repeat::mark(response, once.replayed))
}

/// The errors of a body that does not parse, with that of a user who is not there.
async fn with_unknown(app: &App, body: &Body, mut errors: FieldErrors) -> ApiResult<FieldErrors> {
    let name = body.0.get("username").and_then(|name| name.as_str());
    if let Some(name) = name
        && !errors.has("username")
        && users::find_by_username(app.store(), name).await?.is_none()
    {
        errors.add("username", users::UNKNOWN_USER);
    }
    Ok(errors)
}

/// Change a member
#[utoipa::path(patch, path = "/api/auth/tenant-members/{member_id}/", tag = "tenant",
    params(
        ("member_id" = i64, Path, description = "The membership's id"),
        ("X-Tenant-ID" = Option<String>, Header, description = "The tenant's code, unless the host names the tenant"),
        ("If-Match" = Option<String>, Header, description = "Change only this version"),
    ),
    request_body(content = MemberPatch),
    responses(
        (status = 200, description = "The member, as changed", body = Member),
        (status = 400, description = "All wrong fields, by name; no seat is free; or the tenant would lose its last owner, or the caller their own ownership"),
        (status = 403, description = "The caller is no owner"),
        (status = 404, description = "This tenant has no such member"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn change(
    State(app): State<App>,
    caller: Caller,
    tenant: TenantContext,
    Id(id): Id,
    headers: HeaderMap,
    body: Body,
) -> ApiResult {
    let company = tenant.company.id;
    let condition = precondition(&headers);
    let changes = MemberChanges::parse(&body.0)?;
    let member = members::change(app.store(), &caller.actor, company, id, changes, &condition)
        .await?
        .ok_or_else(not_found)?;
    Ok(resource::respond(StatusCode::OK, &member, member.version()))
}

/// Deactivate a member
///
/// Adding them again brings them back.
#[utoipa::path(delete, path = "/api/auth/tenant-members/{member_id}/", tag = "tenant",
    params(
        ("member_id" = i64, Path, description = "The membership's id"),
        ("X-Tenant-ID" = Option<String>, Header, description = "The tenant's code, unless the host names the tenant"),
        ("If-Match" = Option<String>, Header, description = "Deactivate only this version"),
    ),
    responses(
        (status = 204, description = "They are out"),
        (status = 400, description = "The tenant would lose its last owner, or the caller their own ownership"),
        (status = 403, description = "The caller is no owner"),
        (status = 404, description = "This tenant has no such member"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn remove(
    State(app): State<App>,
    caller: Caller,
    tenant: TenantContext,
    Id(id): Id,
    headers: HeaderMap,
) -> ApiResult {
    let company = tenant.company.id;
    let condition = precondition(&headers);
    members::remove(app.store(), &caller.actor, company, id, &condition)
        .await?
        .ok_or_else(not_found)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
