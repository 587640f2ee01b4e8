//! `/api/setting-history/`: what was done to what a company has set up.

use super::crm::Crm;
use crate::contract::Query;
use crate::contract::error::ApiResult;
use axum::Json;
use axum::response::IntoResponse;
use sindico_crm::settings::{SettingChange, history};
use sindico_domain::crm::draft;
use sindico_domain::input::choice;
use sindico_domain::setting::Setting;

/// How much of it is told.
pub(crate) const MOST: i64 = 100;

/// Read what was done to a setting
///
/// To a webhook, a form on the web, a rule of retention or a person's request: who, when, and how it was before and
/// after. That of what was deleted stays.
#[utoipa::path(get, path = "/api/setting-history/", tag = "tenant",
    params(
        ("what" = String, Query, description = "webhook, lead_form, retention_rule or privacy_request"),
        ("id" = i64, Query, description = "Its id"),
    ),
    responses(
        (status = 200, description = "The latest 100, the latest first", body = Vec<SettingChange>),
        (status = 400, description = "All wrong parameters, by name"),
    ))]
pub async fn show(crm: Crm, query: Query) -> ApiResult {
    let mut f = query.fields();
    let what = f.require("what", choice::<Setting>);
    let id = f.require("id", draft::id);
    f.finish().check(())?;
    let of = (what.unwrap_or(Setting::Webhook), id.unwrap_or_default());
    Ok(Json(history(&crm.data, of, MOST).await?).into_response())
}
