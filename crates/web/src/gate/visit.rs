//! Superusers on the pages of a tenant: only during a visit of support, and recorded beside their own name with
//! why and for whom. A visit has a session of its own, which is good in this tenant alone and ends with the
//! visit, for the API as well. The API lets superusers pass without one, and records their entry (contract
//! section 5): scripts of the platform have no banner to show.

use super::actor::{Caller, Credential};
use super::tenant::TenantContext;
use crate::App;
use crate::contract::error::ApiResult;
use crate::table::Face;
use sindico_domain::Refusal;
use sindico_store::control::support::{self, Visit};
use std::sync::Arc;

/// What a superuser is told who has no visit here; the page of errors says more.
pub(crate) const NO_VISIT: &str = "Support begins in the console, with a reason and for a time.";

/// The visit that the caller's session is for, in this company.
pub(crate) async fn of(app: &App, caller: &Caller, company_id: i64) -> ApiResult<Option<Visit>> {
    let Credential::Session(session) = &caller.credential else {
        return Ok(None);
    };
    let Some(id) = session.visit_id else {
        return Ok(None);
    };
    let visit = support::find(app.store(), id).await?;
    Ok(visit.filter(|visit| visit.company_id == company_id))
}

/// Has what is done during a visit recorded as such; refuses who is no member and has none, on pages.
pub(super) async fn admit(
    app: &App,
    caller: &mut Caller,
    tenant: &mut TenantContext,
    face: Face,
) -> ApiResult<()> {
    match of(app, caller, tenant.company.id).await? {
        Some(visit) => {
            caller.actor.support = Some(visit.support());
            tenant.visit = Some(Arc::new(visit));
            Ok(())
        }
        None if tenant.role.is_none() && face == Face::Page => {
            Err(Refusal::Forbidden(NO_VISIT.to_owned()).into())
        }
        None => Ok(()),
    }
}
