//! Who may use a route. Each route of the table has one of these; there is no other way in.

use super::actor::{self, Caller};
use super::host;
use crate::App;
use crate::contract::error::ApiError;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sindico_domain::Refusal;

/// The authorization of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody, on every host.
    Anyone,
    /// Every active user, on every host.
    SignedIn,
    /// Staff and superusers, on a host of the control plane (contract section 4).
    PlatformAdmin,
}

impl Access {
    /// The word for the OpenAPI document.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Anyone => "anyone",
            Self::SignedIn => "signed-in",
            Self::PlatformAdmin => "platform-admin",
        }
    }

    async fn check(self, app: &App, parts: &Parts) -> Result<Option<Caller>, ApiError> {
        if self == Self::Anyone {
            return Ok(None);
        }
        let caller = actor::identify(app, parts).await?;
        if self == Self::PlatformAdmin {
            if !caller.user.is_platform_admin() {
                return Err(forbidden("Only platform administrators may do this."));
            }
            let zones = &app.rules().zones;
            if !host::of(parts).is_some_and(|host| zones.serves_control_plane(&host)) {
                return Err(forbidden(
                    "The platform API does not answer on this host. Use the host of the control \
                     plane, or add this one to CONTROL_PLANE_ALLOWED_HOSTS.",
                ));
            }
        }
        Ok(Some(caller))
    }
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
        Ok(caller) => {
            if let Some(caller) = caller {
                parts.extensions.insert(caller);
            }
            next.run(Request::from_parts(parts, body)).await
        }
        Err(error) => error.into_response(),
    }
}
