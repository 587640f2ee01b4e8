//! `/api/auth/tenant-me/`.

use crate::gate::actor::Caller;
use crate::gate::tenant::TenantContext;
use axum::Json;
use serde::Serialize;
use sindico_domain::access::Role;
use utoipa::ToSchema;

/// The caller in this tenant.
#[derive(Serialize, ToSchema)]
pub struct TenantMe {
    user_id: i64,
    username: String,
    company_id: i64,
    tenant_code: String,
    /// Null for a superuser who is no member.
    role: Option<Role>,
}

/// Who the caller is in this tenant
#[utoipa::path(get, path = "/api/auth/tenant-me/", tag = "tenant",
    params(("X-Tenant-ID" = Option<String>, Header, description = "The tenant's code, unless the host names the tenant")),
    responses(
        (status = 200, description = "The caller's place in the tenant", body = TenantMe),
        (status = 400, description = "The request names no tenant, or two"),
        (status = 403, description = "The tenant's contract is suspended or canceled"),
        (status = 404, description = "No such tenant, or not the caller's"),
        (status = 503, description = "The tenant is not ready; `Retry-After`"),
    ))]
pub async fn show(caller: Caller, tenant: TenantContext) -> Json<TenantMe> {
    Json(TenantMe {
        user_id: caller.user.id,
        username: caller.user.username,
        company_id: tenant.company.id,
        tenant_code: tenant.company.tenant_code.clone(),
        role: tenant.role,
    })
}
