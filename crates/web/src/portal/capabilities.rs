//! `/api/auth/capabilities/`.

use super::wire::CapabilityMap;
use crate::gate::actor::Caller;
use crate::gate::tenant::TenantContext;
use axum::Json;
use sindico_domain::crm::Kind;

/// What the caller may do in this tenant
///
/// By resource and action, as the gate will decide: a token with scopes may do less than its user. A superuser may
/// do everything.
#[utoipa::path(get, path = "/api/auth/capabilities/", tag = "tenant",
    params(("X-Tenant-ID" = Option<String>, Header, description = "The tenant's code, unless the host names the tenant")),
    responses(
        (status = 200, description = "The caller's capabilities", body = CapabilityMap),
        (status = 404, description = "No such tenant, or not the caller's"),
    ))]
pub async fn show(caller: Caller, tenant: TenantContext) -> Json<CapabilityMap> {
    let (sight, kinds) = (tenant.sight(&caller), Kind::ALL.iter());
    Json(CapabilityMap {
        tenant_code: tenant.company.tenant_code.clone(),
        role: tenant.role,
        capabilities: tenant.capabilities(),
        fields: sight.veil().kept(),
        scopes: kinds
            .map(|kind| (kind.resource(), sight.scope(*kind)))
            .collect(),
    })
}
