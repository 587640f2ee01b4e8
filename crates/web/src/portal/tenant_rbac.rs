//! `/api/auth/tenant-rbac/`.

use super::wire::{Roles, RolesInput};
use crate::App;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::resource::precondition;
use crate::contract::{Body, resource};
use crate::gate::actor::Caller;
use crate::gate::tenant::TenantContext;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use sindico_domain::access::overrides::Overrides;
use sindico_store::control::role_matrix::{self, Stored, Write};

/// What roles may do in this tenant
#[utoipa::path(get, path = "/api/auth/tenant-rbac/", tag = "tenant",
    params(("X-Tenant-ID" = Option<String>, Header, description = "The tenant's code, unless the host names the tenant")),
    responses(
        (status = 200, description = "The tenant's overrides and what counts, with their `ETag`", body = Roles),
        (status = 404, description = "No such tenant, or not the caller's"),
    ))]
pub async fn show(State(app): State<App>, tenant: TenantContext) -> ApiResult {
    let stored = role_matrix::find(app.store(), tenant.company.id).await?;
    Ok(respond(&app, &tenant, stored))
}

/// Replace what this tenant says of roles
///
/// What is not named is as the installation has it. The body is the overrides, bare or under
/// `rbac_overrides`, so that what was read may be sent back; it has to be JSON, as forms have no
/// lists. A kind of records may also have `SCOPE`: by role which of them it sees, `ALL`, `TEAM` or `OWN`.
#[utoipa::path(put, path = "/api/auth/tenant-rbac/", tag = "tenant",
    params(
        ("X-Tenant-ID" = Option<String>, Header, description = "The tenant's code, unless the host names the tenant"),
        ("If-Match" = Option<String>, Header, description = "Change only this version"),
    ),
    request_body(content = RolesInput),
    responses(
        (status = 200, description = "As it is now", body = Roles),
        (status = 400, description = "All that is wrong, by resource, under `detail`"),
        (status = 403, description = "The caller is no owner"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn replace(
    State(app): State<App>,
    caller: Caller,
    tenant: TenantContext,
    headers: HeaderMap,
    body: Body,
) -> ApiResult {
    write(&app, &caller, &tenant, &headers, &body, Write::Replace).await
}

/// Change what this tenant says of roles
///
/// As `PUT`, but over what is there: by resource and method. A `*` replaces all that was said of its
/// resource.
#[utoipa::path(patch, path = "/api/auth/tenant-rbac/", tag = "tenant",
    params(
        ("X-Tenant-ID" = Option<String>, Header, description = "The tenant's code, unless the host names the tenant"),
        ("If-Match" = Option<String>, Header, description = "Change only this version"),
    ),
    request_body(content = RolesInput),
    responses(
        (status = 200, description = "As it is now", body = Roles),
        (status = 400, description = "All that is wrong, by resource, under `detail`"),
        (status = 403, description = "The caller is no owner"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn merge(
    State(app): State<App>,
    caller: Caller,
    tenant: TenantContext,
    headers: HeaderMap,
    body: Body,
) -> ApiResult {
    write(&app, &caller, &tenant, &headers, &body, Write::Merge).await
}

async fn write(
    app: &App,
    caller: &Caller,
    tenant: &TenantContext,
    headers: &HeaderMap,
    body: &Body,
    how: Write,
) -> ApiResult {
    let overrides = Overrides::from_body(&body.0)?;
    let id = tenant.company.id;
    let condition = precondition(headers);
    let stored = role_matrix::write(app.store(), &caller.actor, id, how, &overrides, &condition)
        .await?
        .ok_or_else(not_found)?;
    app.tenant_changed(id).await;
    Ok(respond(app, tenant, stored))
}

/// No `304`: what counts also follows from a setting, which the version does not know.
fn respond(app: &App, tenant: &TenantContext, stored: Stored) -> Response {
    let matrix = app.directory().role_matrix(&stored.overrides);
    let roles = Roles {
        tenant_code: tenant.company.tenant_code.clone(),
        effective_scopes: matrix.scopes(),
        effective_fields: matrix.fields().clone(),
        effective_role_matrices: matrix,
        rbac_overrides: stored.overrides,
    };
    resource::respond(StatusCode::OK, &roles, stored.version)
}
