//! Who may use a route. Each route of the table has one of these; there is no other way in.

use super::actor::{self, Caller};
use super::host;
use super::tenant::{self, TenantContext};
use crate::App;
use crate::contract::error::ApiError;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sindico_domain::Refusal;
use sindico_domain::access::Role;
use sindico_domain::access::capability::{Method, Resource, RoleMatrix};

/// The authorization of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody, on every host.
    Anyone,
    /// Every active user, on every host.
    SignedIn,
    /// Staff and superusers, on a host of the control plane (contract section 4).
    PlatformAdmin,
    /// Every active member of the request's tenant, and superusers (contract sections 3 and 5).
    Member,
    /// The tenant's owners, and superusers.
    Owner,
    /// Members whose role may use the request's method on this resource, by the matrix that counts in
    /// the tenant, and superusers (contract sections 5 and 6).
    Resource(Resource),
}

/// What a check found out, for the handler.
#[derive(Default)]
struct Passed {
    caller: Option<Caller>,
    tenant: Option<TenantContext>,
}

impl Access {
    /// The word for the OpenAPI document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Anyone => "anyone",
            Self::SignedIn => "signed-in",
            Self::PlatformAdmin => "platform-admin",
            Self::Member => "member",
            Self::Owner => "owner",
            Self::Resource(_) => "resource",
        }
    }

    /// Whether a request needs a tenant.
    pub fn needs_tenant(self) -> bool {
        matches!(self, Self::Member | Self::Owner | Self::Resource(_))
    }

    async fn check(self, app: &App, parts: &Parts) -> Result<Passed, ApiError> {
        match self {
            Self::Anyone => Ok(Passed::default()),
            Self::SignedIn => Ok(Passed {
                caller: Some(actor::identify(app, parts, None).await?),
                tenant: None,
            }),
            Self::PlatformAdmin => Ok(Passed {
                caller: Some(platform_admin(app, parts).await?),
                tenant: None,
            }),
            Self::Member | Self::Owner | Self::Resource(_) => self.check_tenant(app, parts).await,
        }
    }

    async fn check_tenant(self, app: &App, parts: &Parts) -> Result<Passed, ApiError> {
        let company = tenant::resolve(app, parts)?;
        let caller = actor::identify(app, parts, Some(company.id)).await?;
        let context = tenant::admit(company, &caller)?;
        let owner = context.superuser || context.role == Some(Role::Owner);
        if self == Self::Owner && !owner {
            return Err(forbidden("Only an owner of this tenant may do this."));
        }
        if let Self::Resource(resource) = self {
            let matrix = app.role_matrix(&context.company.role_overrides);
            permit(&matrix, &context, resource, &parts.method)?;
        }
        if context.role.is_none() {
            app.entries().record(app, &caller, &context.company).await?;
        }
        Ok(Passed {
            caller: Some(caller),
            tenant: Some(context),
        })
    }
}

async fn platform_admin(app: &App, parts: &Parts) -> Result<Caller, ApiError> {
    let caller = actor::identify(app, parts, None).await?;
    if !caller.user.is_platform_admin() {
        return Err(forbidden("Only platform administrators may do this."));
    }
    let zones = &app.rules().zones;
    if !host::of(parts).is_some_and(|host| zones.serves_control_plane(&host)) {
        return Err(forbidden(
            "The platform API does not answer on this host. Use the host of the control plane, or \
             add this one to CONTROL_PLANE_ALLOWED_HOSTS.",
        ));
    }
    Ok(caller)
}

/// Whether the caller may use this method on this resource. `HEAD` counts as `GET`, and `OPTIONS`
/// needs no role (contract section 5).
fn permit(
    matrix: &RoleMatrix,
    context: &TenantContext,
    resource: Resource,
    method: &axum::http::Method,
) -> Result<(), Refusal> {
    let word = match method.as_str() {
        "OPTIONS" => return Ok(()),
        "HEAD" => "GET",
        word => word,
    };
    let (role, superuser) = (context.role, context.superuser);
    let method = word.parse::<Method>();
    if method.is_ok_and(|method| matrix.allows(role, superuser, resource, method)) {
        return Ok(());
    }
    let role = role.map_or("no role", Role::as_str);
    Err(Refusal::Forbidden(format!(
        "With the role {role} you may not use {word} on {resource} in this tenant."
    )))
}

fn forbidden(detail: &str) -> ApiError {
    Refusal::Forbidden(detail.to_owned()).into()
}

/// The layer in front of every route of the table.
pub async fn gate(
    State((app, access)): State<(App, Access)>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    match access.check(&app, &parts).await {
        Ok(passed) => {
            if let Some(caller) = passed.caller {
                parts.extensions.insert(caller);
            }
            if let Some(tenant) = passed.tenant {
                parts.extensions.insert(tenant);
            }
            next.run(Request::from_parts(parts, body)).await
        }
        Err(error) => error.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sindico_domain::access::overrides::Overrides;
    use sindico_domain::tenant::{ContractStatus, ProvisioningStatus};
    use sindico_store::tenant::directory::Company;
    use std::sync::Arc;

    fn context(role: Option<Role>, superuser: bool) -> TenantContext {
        let company = Company {
            id: 1,
            name: "Acme".to_owned(),
            tenant_code: "acme".to_owned(),
            subdomain: "acme".to_owned(),
            hosts: Vec::new(),
            is_active: true,
            contract: ContractStatus::Active,
            provisioning: ProvisioningStatus::Ready,
            role_overrides: Overrides::default(),
            route: None,
            schema_version: None,
        };
        TenantContext {
            company: Arc::new(company),
            role,
            superuser,
        }
    }

    #[test]
    fn a_method_is_looked_up_in_the_matrix() {
        let own = r#"{"leads": {"*": ["OWNER"], "GET": ["MANAGER"]}}"#;
        let matrix = RoleMatrix::effective(&own.parse().unwrap(), &Overrides::default());
        let allowed = |role, resource, method: &str| {
            let method = axum::http::Method::from_bytes(method.as_bytes()).unwrap();
            permit(&matrix, &context(Some(role), false), resource, &method).is_ok()
        };
        use Resource::{Customers, Leads, Metrics};
        for (role, resource, method, expected) in [
            (Role::Member, Customers, "GET", true),
            (Role::Member, Customers, "HEAD", true),
            (Role::Member, Customers, "POST", false),
            (Role::Manager, Customers, "PATCH", true),
            (Role::Manager, Customers, "DELETE", false),
            (Role::Owner, Customers, "DELETE", true),
            (Role::Owner, Leads, "HEAD", false),
            (Role::Manager, Leads, "HEAD", true),
            (Role::Manager, Leads, "POST", false),
            (Role::Owner, Leads, "PUT", true),
            (Role::Owner, Metrics, "POST", false),
            (Role::Member, Leads, "OPTIONS", true),
            (Role::Owner, Customers, "PURGE", false),
        ] {
            assert_eq!(
                allowed(role, resource, method),
                expected,
                "{role} {method} {resource}"
            );
        }
    }

    #[test]
    fn a_refusal_names_role_and_resource() {
        let matrix = RoleMatrix::default();
        let delete = axum::http::Method::DELETE;
        let member = context(Some(Role::Member), false);
        let refused = permit(&matrix, &member, Resource::SalesGoals, &delete).unwrap_err();
        let line = refused.to_line();
        for word in ["MEMBER", "DELETE", "sales_goals"] {
            assert!(line.contains(word), "{line}");
        }
        assert!(permit(&matrix, &context(None, true), Resource::SalesGoals, &delete).is_ok());
    }
}
