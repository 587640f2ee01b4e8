//! Who may use a route. Each route of the table has one of these; there is no other way in.

use super::actor::{self, Caller};
use super::host;
use super::tenant::{self, TenantContext};
use super::{scope, trace, visit};
use crate::App;
use crate::contract::error::ApiError;
use crate::pages::root;
use crate::table::Face;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Method;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sindico_domain::Refusal;
use sindico_domain::access::capability::{self, Resource};
use std::sync::Arc;

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
    /// Members whose role may use the request's method of this resource, and superusers.
    Of(Resource),
    /// Members whose role may use this method of this resource, whatever the request's own is: pages are
    /// asked for and sent by `GET` and `POST` alone.
    May(Resource, capability::Method),
}

/// What a check found out, for the handler.
#[derive(Default)]
struct Passed {
    caller: Option<Caller>,
    tenant: Option<TenantContext>,
}

impl Passed {
    fn keep(self, parts: &mut Parts) {
        if let Some(caller) = self.caller {
            parts.extensions.insert(Arc::new(caller));
        }
        if let Some(tenant) = self.tenant {
            parts.extensions.insert(tenant);
        }
    }
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
            Self::Of(resource) | Self::May(resource, _) => resource.as_str(),
        }
    }

    /// Whether a request needs a tenant.
    pub fn needs_tenant(self) -> bool {
        matches!(
            self,
            Self::Member | Self::Owner | Self::Of(_) | Self::May(..)
        )
    }

    async fn check(self, app: &App, parts: &Parts, face: Face) -> Result<Passed, ApiError> {
        if !self.needs_tenant() && app.config().tenants.concern(parts.uri.path()) {
            // The installation wants one named there, though this route has no use for it.
            tenant::resolve(app, parts)?;
        }
        match self {
            Self::Anyone => Ok(Passed::default()),
            Self::SignedIn => {
                let caller = actor::identify(app, parts, None).await?;
                scope::check(self, parts, face, &caller)?;
                Ok(Passed {
                    caller: Some(caller),
                    tenant: None,
                })
            }
            Self::PlatformAdmin => {
                let caller = platform_admin(app, parts, face).await?;
                scope::check(self, parts, face, &caller)?;
                Ok(Passed {
                    caller: Some(caller),
                    tenant: None,
                })
            }
            Self::Member | Self::Owner | Self::Of(_) | Self::May(..) => {
                self.check_tenant(app, parts, face).await
            }
        }
    }

    async fn check_tenant(self, app: &App, parts: &Parts, face: Face) -> Result<Passed, ApiError> {
        let company = tenant::resolve(app, parts)?;
        let mut caller = actor::identify(app, parts, Some(company.id)).await?;
        let mut context = tenant::admit(company, &caller)?;
        visit::admit(app, &mut caller, &mut context, face).await?;
        scope::check(self, parts, face, &caller)?;
        match self {
            Self::Owner if !context.is_owner() => {
                return Err(forbidden("Only an owner of this tenant may do this."));
            }
            Self::Of(resource) => context.check(resource, &parts.method)?,
            Self::May(resource, method) => context.require(resource, method)?,
            _ => {}
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

async fn platform_admin(app: &App, parts: &Parts, face: Face) -> Result<Caller, ApiError> {
    // A tenant's host has its own pages, also where any host may be the platform's: what gets hold of a
    // session there must not find the console.
    if face == Face::Page && !matches!(root::face(app, parts), root::Face::Console) {
        return Err(Refusal::NotFound.into());
    }
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

fn forbidden(detail: &str) -> ApiError {
    Refusal::Forbidden(detail.to_owned()).into()
}

/// Passes the gate of a tenant's members again: for answers that last.
///
/// # Errors
/// As the gate has them.
pub(crate) async fn again(app: &App, parts: &Parts) -> Result<TenantContext, ApiError> {
    let passed = Access::Member.check(app, parts, Face::Api).await?;
    passed.tenant.ok_or_else(|| Refusal::NotFound.into())
}

/// Who asks for a page of this host, as far as they have a place on it: for what stands around an answer that
/// no handler gave. It opens nothing.
pub(crate) async fn known_here(app: &App, parts: &mut Parts) -> bool {
    let access = match root::face(app, parts) {
        root::Face::Console => Access::PlatformAdmin,
        root::Face::Portal(_) => Access::Member,
        root::Face::Nobody => return false,
    };
    // Who they are needs no proof of a form.
    parts.method = Method::GET;
    let Ok(passed) = access.check(app, parts, Face::Page).await else {
        return false;
    };
    passed.keep(parts);
    true
}

/// The layer in front of every route of the table.
pub async fn gate(
    State((app, access, path)): State<(App, Access, &'static str)>,
    request: Request,
    next: Next,
) -> Response {
    trace::is_of(path);
    let (parts, body) = request.into_parts();
    pass(&app, (access, Face::Api), parts, body, next).await
}

/// Checks, and has the request answered.
pub(crate) async fn pass(
    app: &App,
    (access, face): (Access, Face),
    mut parts: Parts,
    body: Body,
    next: Next,
) -> Response {
    match access.check(app, &parts, face).await {
        Ok(passed) => {
            // Whoever watches a tenant's data is told of every write that succeeds.
            let tenant = passed.tenant.as_ref().map(|tenant| tenant.company.id);
            let written = tenant.filter(|_| !parts.method.is_safe());
            passed.keep(&mut parts);
            let response = next.run(Request::from_parts(parts, body)).await;
            // A form is answered with the way to what was made.
            let status = response.status();
            let done = status.is_success() || status.is_redirection();
            if let Some(company_id) = written.filter(|_| done) {
                app.news().tell(company_id);
            }
            response
        }
        Err(error) => error.into_response(),
    }
}
