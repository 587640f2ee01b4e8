//! The way to the data of the request's tenant, and of no other.

use super::actor;
use super::tenant::TenantContext;
use crate::App;
use crate::contract::error::{ApiError, ApiResult};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use sindico_db::TenantConnection;
use sindico_domain::Refusal;
use sindico_store::migrate::tenant::target;

/// A connection to the data of the tenant whose gate the request passed, which reads with the caller's eyes. It takes a physical one when
/// a statement is run.
pub struct TenantData(pub TenantConnection);

impl FromRequestParts<App> for TenantData {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        let tenant = TenantContext::from_request_parts(parts, app).await?;
        let unavailable = |detail: &str| Refusal::Unavailable(detail.to_owned());
        let Some(route) = tenant.company.route.clone() else {
            return Err(unavailable("This tenant has no place for its data yet.").into());
        };
        // Tables that are older than the program can't be served by it.
        if tenant
            .company
            .schema_version
            .is_some_and(|version| version < target())
        {
            return Err(unavailable(
                "This tenant's data are being brought up to date. Try again in a moment.",
            )
            .into());
        }
        let sight = tenant.sight(&*actor::known(parts)?);
        Ok(Self(app.pools().tenant(route, sight)))
    }
}
