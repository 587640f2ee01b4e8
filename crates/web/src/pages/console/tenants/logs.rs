//! `/platform/tenants/{id}/operations/` and `.../audit/`: what was done with a tenant.

use super::frame::{self, Part};
use crate::App;
use crate::contract::Query;
use crate::contract::error::ApiResult;
use crate::contract::query::page as page_of;
use crate::contract::resource::Id;
use crate::pages::console::{audit as audit_page, list, operations as operations_page};
use crate::pages::page::Page;
use axum::extract::State;
use maud::html;
use sindico_domain::operation::OperationFilter;
use sindico_store::control::audit::AuditFilter;
use sindico_store::control::{audit, operations};

/// `GET /platform/tenants/{id}/operations/`.
pub(in crate::pages::console) async fn operations(
    State(app): State<App>,
    page: Page,
    Id(id): Id,
    query: Query,
) -> ApiResult {
    let mut f = query.fields();
    let mut request = page_of(&mut f);
    f.finish().check(())?;
    request.limit = list::ROWS;
    request.count = true;
    let standing = frame::find(&app, id).await?;
    let filter = OperationFilter {
        company_id: Some(id),
        status: None,
    };
    let found = operations::list(app.store(), &filter, &request).await?;
    let path = frame::path(id, Part::Operations);
    let content = html! {
        (frame::head(&page, &standing, Part::Operations))
        (operations_page::rows(&page, &found.items))
        @if !found.items.is_empty() { (list::end(&page, &path, &query, &found)) }
    };
    Ok(page.show(&standing.tenant.name, content))
}

/// `GET /platform/tenants/{id}/audit/`.
pub(in crate::pages::console) async fn audit(
    State(app): State<App>,
    page: Page,
    Id(id): Id,
    query: Query,
) -> ApiResult {
    let mut f = query.fields();
    let mut request = page_of(&mut f);
    f.finish().check(())?;
    request.limit = list::ROWS;
    request.count = true;
    let standing = frame::find(&app, id).await?;
    let filter = AuditFilter {
        company_id: Some(id),
        ..AuditFilter::default()
    };
    let found = audit::list(app.store(), &filter, &request).await?;
    let path = frame::path(id, Part::Audit);
    let content = html! {
        (frame::head(&page, &standing, Part::Audit))
        (audit_page::events(&page, &found.items))
        @if !found.items.is_empty() { (list::end(&page, &path, &query, &found)) }
    };
    Ok(page.show(&standing.tenant.name, content))
}
