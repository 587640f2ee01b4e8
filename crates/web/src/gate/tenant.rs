//! Which tenant a request is for (contract section 3), and what it gets to work with.

use super::actor::Caller;
use super::{host, scope};
use crate::contract::error::{ApiError, ApiResult, invalid};
use crate::table::Face;
use crate::{App, Table};
use axum::extract::FromRequestParts;
use axum::http::HeaderName;
use axum::http::request::Parts;
use sindico_domain::Refusal;
use sindico_domain::access::Role;
use sindico_domain::access::capability::{Capabilities, Method, Resource};
use sindico_domain::access::scopes::{Need, Scopes, writes};
use sindico_domain::access::sight::Sight;
use sindico_domain::host::Place;
use sindico_domain::tenant::{ContractStatus, ProvisioningStatus};
use sindico_store::control::support::Visit;
use sindico_store::tenant::directory::Company;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How tenants are named by requests.
#[derive(Debug, Clone)]
pub struct TenantRules {
    /// `TENANT_ID_HEADER`.
    pub header: HeaderName,
    /// `TENANT_REQUIRED_PATH_PREFIXES`.
    pub required: Vec<String>,
    /// `TENANT_EXEMPT_PATH_PREFIXES`.
    pub exempt: Vec<String>,
}

impl TenantRules {
    /// Whether requests under this path need a tenant.
    pub fn concern(&self, path: &str) -> bool {
        let under = |prefixes: &[String]| prefixes.iter().any(|prefix| path.starts_with(prefix));
        under(&self.required) && !under(&self.exempt)
    }

    /// Whether every route that works for a tenant is where requests need one.
    ///
    /// # Errors
    /// One line that names the settings and the first route that is not.
    pub fn check(&self, table: &Table) -> Result<(), String> {
        let outside = table
            .rows()
            .iter()
            .filter(|row| row.face == Face::Api)
            .find(|row| row.access.needs_tenant() && !self.concern(&row.path));
        match outside {
            None => Ok(()),
            Some(row) => Err(format!(
                "TENANT_REQUIRED_PATH_PREFIXES, TENANT_EXEMPT_PATH_PREFIXES: {} works for a tenant, and these do not require one there",
                row.path
            )),
        }
    }
}

impl Default for TenantRules {
    fn default() -> Self {
        Self {
            header: HeaderName::from_static("x-tenant-id"),
            required: vec!["/api/".to_owned()],
            exempt: EXEMPT.iter().map(|path| (*path).to_owned()).collect(),
        }
    }
}

/// The paths that need no tenant, unless told otherwise.
pub const EXEMPT: [&str; 7] = [
    "/api/auth/token/",
    "/api/auth/logout/",
    "/api/auth/session/",
    "/api/auth/me/",
    "/api/auth/password-change/",
    "/api/auth/password-reset/",
    "/api/docs/",
];

/// The tenant of a request that passed the gate, and its caller's place in it.
#[derive(Debug, Clone)]
pub struct TenantContext {
    /// The tenant.
    pub company: Arc<Company>,
    /// The caller's role; `None` for a superuser who is no member.
    pub role: Option<Role>,
    /// Passes every check.
    pub superuser: bool,
    /// What the credential may be used for: less than all of that.
    pub scopes: Scopes,
    /// The visit of support by which a superuser is here; a member may come by one, too.
    pub visit: Option<Arc<Visit>>,
}

impl TenantContext {
    /// Whether the caller may do what owners may.
    pub fn is_owner(&self) -> bool {
        let owner = self.superuser || self.role == Some(Role::Owner);
        owner && self.scopes.meet(Need::Settings(false))
    }

    /// Whether the caller may use this method of this resource (contract section 5).
    pub fn allows(&self, resource: Resource, method: Method) -> bool {
        let roles = &self.company.roles;
        self.scopes.meet(Need::Of(resource, writes(method)))
            && roles.allows(self.role, self.superuser, resource, method)
    }

    /// What the caller may do with each resource.
    pub fn capabilities(&self) -> BTreeMap<Resource, Capabilities> {
        Capabilities::each(|resource, method| self.allows(resource, method))
    }

    /// Which records the caller sees: all that pass every check, else as the matrix says of their role.
    pub(crate) fn sight(&self, caller: &Caller) -> Sight {
        match self.role {
            Some(role) if !self.superuser => Sight::of(caller.user.id, role, &self.company.roles),
            _ => Sight::whole(),
        }
    }

    /// Refuses who may not.
    pub(crate) fn require(&self, resource: Resource, method: Method) -> ApiResult<()> {
        if self.allows(resource, method) {
            return Ok(());
        }
        scope::require(self.scopes, Need::Of(resource, writes(method)))?;
        let role = self.role.map_or("", Role::as_str);
        Err(forbidden(&format!(
            "The role {role} may not use {method} on {resource} in this tenant. An owner can change that."
        )))
    }

    /// The same for a request's own method.
    pub(super) fn check(&self, resource: Resource, method: &axum::http::Method) -> ApiResult<()> {
        let word = match method.as_str() {
            "HEAD" => "GET",
            word => word,
        };
        match word.parse::<Method>() {
            Ok(method) => self.require(resource, method),
            // No other method has a handler.
            Err(_) => Ok(()),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for TenantContext {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        let context = parts.extensions.get::<Self>().cloned();
        // A route whose access is not a tenant's has none: a fault of ours, found by its first test.
        context.ok_or_else(|| {
            sindico_store::Error::Internal("a handler asks for a tenant outside of its gate".into())
                .into()
        })
    }
}

/// One answer for a tenant that is not there and for one that is not the caller's: nobody learns
/// which it is.
pub const NO_SUCH_TENANT: &str =
    "There is no such tenant, or it is not active, or you are not a member of it.";

/// What is said of a tenant whose contract rests; a page of its own says more.
pub(crate) const SUSPENDED: &str = "The contract of this tenant is suspended.";
/// What is said of a tenant whose contract is over.
pub(crate) const CANCELED: &str = "The contract of this tenant is canceled.";

fn unknown() -> ApiError {
    Refusal::Missing(NO_SUCH_TENANT.to_owned()).into()
}

/// The active company that host and header name. One that is not active is no company here: what host
/// and header say together must not tell that it is there.
pub(crate) fn resolve(app: &App, parts: &Parts) -> ApiResult<Arc<Company>> {
    let by_host = match named_by_host(app, parts)? {
        Named::Nobody => None,
        Named::Company(company) => Some(company),
        Named::Unknown => return Err(unknown()),
    };
    let by_header = named_by_header(app, parts)?;
    match (by_host, by_header) {
        (None, None) => Err(invalid(format!(
            "This request names no tenant. Use the tenant's own host, or send its code in the \
             header {}.",
            display(&app.config().tenants.header)
        ))),
        (Some(company), None) | (None, Some(company)) => Ok(company),
        (Some(host), Some(header)) if host.id == header.id => Ok(host),
        _ => Err(invalid(format!(
            "The host and the header {} name different tenants.",
            display(&app.config().tenants.header)
        ))),
    }
}

enum Named {
    /// The host stands for no tenant.
    Nobody,
    /// It would be a tenant's, and none has it.
    Unknown,
    Company(Arc<Company>),
}

fn named_by_host(app: &App, parts: &Parts) -> ApiResult<Named> {
    let host = host::read(parts).map_err(|host::Odd| {
        invalid("The request's host is not valid, or there more than once.")
    })?;
    let Some(host) = host else {
        return Ok(Named::Nobody);
    };
    let found = match app.rules().zones.place(&host) {
        Place::ControlPlane | Place::Public => return Ok(Named::Nobody),
        Place::Nobody => None,
        Place::Tenant(subdomain) => app.directory().by_subdomain(subdomain.as_str())?,
        Place::Other(host) => match app.directory().by_host(host.as_str())? {
            Some(company) => Some(company),
            // Nobody's domain: an address, or a proxy's own name.
            None => return Ok(Named::Nobody),
        },
    };
    let served = found.filter(|company| company.is_active);
    Ok(served.map_or(Named::Unknown, Named::Company))
}

fn named_by_header(app: &App, parts: &Parts) -> ApiResult<Option<Arc<Company>>> {
    let name = &app.config().tenants.header;
    let mut values = parts.headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(invalid(format!(
            "The header {} is there more than once.",
            display(name)
        )));
    }
    let code = value.to_str().map(str::trim).unwrap_or_default();
    if code.is_empty() {
        return Err(invalid(format!(
            "The header {} must say a tenant's code.",
            display(name)
        )));
    }
    let found = app.directory().by_code(code)?;
    let served = found.filter(|company| company.is_active);
    served.map(Some).ok_or_else(unknown)
}

/// `X-Tenant-ID` rather than `x-tenant-id`.
fn display(name: &HeaderName) -> String {
    let parts = name.as_str().split('-').map(|part| match part {
        "id" => "ID".to_owned(),
        part => {
            let (first, rest) = part.split_at(part.len().min(1));
            first.to_ascii_uppercase() + rest
        }
    });
    parts.collect::<Vec<_>>().join("-")
}

/// The caller's place in the company, if they have one there, and if the company is served.
pub(super) fn admit(company: Arc<Company>, caller: &Caller) -> ApiResult<TenantContext> {
    if caller.role.is_none() && !caller.user.is_superuser {
        return Err(unknown());
    }
    match company.contract {
        ContractStatus::Trial | ContractStatus::Active => {}
        ContractStatus::Suspended => {
            return Err(forbidden(SUSPENDED));
        }
        ContractStatus::Canceled => {
            return Err(forbidden(CANCELED));
        }
    }
    if company.provisioning != ProvisioningStatus::Ready {
        let detail = "This tenant is not ready yet. Try again in a moment.";
        return Err(Refusal::Unavailable(detail.to_owned()).into());
    }
    Ok(TenantContext {
        company,
        role: caller.role,
        superuser: caller.user.is_superuser,
        scopes: caller.scopes,
        visit: None,
    })
}

fn forbidden(detail: &str) -> ApiError {
    Refusal::Forbidden(detail.to_owned()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_decide_where_a_tenant_is_needed() {
        let rules = TenantRules::default();
        for (path, concerned) in [
            ("/api/customers/", true),
            ("/api/auth/tenant-me/", true),
            ("/api/auth/me/", false),
            ("/api/auth/password-reset/confirm/", false),
            ("/platform/api/tenants/", false),
            ("/healthz/", false),
        ] {
            assert_eq!(rules.concern(path), concerned, "{path}");
        }
    }

    #[test]
    fn a_tenants_route_must_require_a_tenant() {
        let table = crate::table();
        let mut rules = TenantRules::default();
        assert_eq!(rules.check(&table), Ok(()));
        rules.exempt.push("/api/customers/".to_owned());
        assert!(rules.check(&table).unwrap_err().contains("/api/customers/"));
        rules.required.clear();
        assert!(rules.check(&table).is_err());
    }

    #[test]
    fn the_header_is_named_as_people_write_it() {
        assert_eq!(
            display(&HeaderName::from_static("x-tenant-id")),
            "X-Tenant-ID"
        );
        assert_eq!(display(&HeaderName::from_static("tenant")), "Tenant");
    }
}
