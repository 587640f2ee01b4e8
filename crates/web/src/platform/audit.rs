//! `/platform/api/audit/`.

use crate::App;
use crate::contract::error::ApiResult;
use crate::contract::query::page;
use crate::contract::{Query, list};
use axum::extract::State;
use sindico_domain::input::{instant, integer, text};
use sindico_store::control::audit::{self, AuditFilter};

/// List what was done
///
/// Newest first: who, from where, when, before and after.
#[utoipa::path(get, path = "/platform/api/audit/", tag = "audit",
    params(
        ("company_id" = Option<i64>, Query, description = "Of this tenant"),
        ("actor" = Option<String>, Query, description = "By this user"),
        ("action" = Option<String>, Query, description = "Such as `tenant.create`"),
        ("request_id" = Option<String>, Query, description = "Of this request"),
        ("since" = Option<jiff::Timestamp>, Query, description = "Not before this instant"),
        ("until" = Option<jiff::Timestamp>, Query, description = "Before this instant"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 500, description = "Rows a page; 100 by default"),
        ("cursor" = Option<String>, Query, description = "From the `Link` header of the page before"),
        ("count" = Option<String>, Query, description = "`exact` adds `X-Total-Count`"),
    ),
    responses((status = 200, description = "Events", body = Vec<crate::platform::wire::AuditEvent>)))]
pub async fn list(State(app): State<App>, query: Query) -> ApiResult {
    let mut f = query.fields();
    let filter = AuditFilter {
        company_id: f.read("company_id", integer(1..=i64::MAX)),
        actor: f.read("actor", text(1..=200)),
        action: f.read("action", text(1..=100)),
        request_id: f.read("request_id", text(1..=64)),
        since: f.read("since", instant),
        until: f.read("until", instant),
    };
    let request = page(&mut f);
    f.finish().check(())?;
    let page = audit::list(app.store(), &filter, &request).await?;
    Ok(list::respond("/platform/api/audit/", &query, &page))
}
