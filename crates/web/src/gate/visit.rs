//! Superusers on the pages of a tenant that they are no member of: only during a visit of support, and
//! under a name that says so. The API lets them pass without one, and records their entry (contract
//! section 5): scripts of the platform have no banner to show.

use super::actor::Caller;
use super::tenant::TenantContext;
use crate::App;
use crate::contract::error::ApiResult;
use sindico_domain::Refusal;
use sindico_store::control::support;
use std::sync::Arc;

/// What a superuser is told who has no visit here; the page of errors says more.
pub(crate) const NO_VISIT: &str = "Support begins in the console, with a reason and for a time.";

/// Lets a superuser pass whose visit goes on, and has their changes recorded under both names.
pub(super) async fn admit(
    app: &App,
    caller: &mut Caller,
    tenant: &mut TenantContext,
) -> ApiResult<()> {
    let visit = support::open(app.store(), caller.user.id, tenant.company.id).await?;
    let visit = visit.ok_or_else(|| Refusal::Forbidden(NO_VISIT.to_owned()))?;
    caller.actor.name = visit.signature();
    tenant.visit = Some(Arc::new(visit));
    Ok(())
}
