//! `/api/sales/metrics/` and `/api/dashboard/summary/`.

use super::crm::Crm;
use crate::contract::Query;
use crate::contract::error::ApiResult;
use axum::Json;
use axum::response::IntoResponse;
use sindico_crm::dashboard;
use sindico_crm::list::Filter;
use sindico_crm::metrics::{self, Metrics, MetricsQuery, Narrowed};
use sindico_domain::access::capability::Method;
use sindico_domain::crm::filter::simple;
use sindico_domain::crm::{Kind, draft};
use sindico_domain::input::date;

/// Sales metrics
///
/// Of what was created in the period, by days where the installation's people are; of one member, if
/// one is named: their activities, and the leads and opportunities that they own.
#[utoipa::path(get, path = "/api/sales/metrics/", tag = "metrics",
    params(
        ("from" = Option<String>, Query, description = "From this day on, `YYYY-MM-DD`"),
        ("to" = Option<String>, Query, description = "Up to this day, which counts"),
        ("assigned_to" = Option<i64>, Query, description = "Of this member"),
        ("pipeline" = Option<i64>, Query, description = "Only opportunities of this pipeline"),
        ("leads" = Option<String>, Query, description = "Only of leads that fit this tree of conditions, as `filter` of their list"),
        ("opportunities" = Option<String>, Query, description = "The same for opportunities"),
        ("activities" = Option<String>, Query, description = "The same for activities"),
    ),
    responses(
        (status = 200, description = "Metrics", body = Metrics),
        (status = 400, description = "A parameter is wrong"),
    ))]
pub async fn show(crm: Crm, query: Query) -> ApiResult {
    let customs = crm.customs_named(&query).await?;
    let mut f = query.fields();
    let (from, to) = (f.read("from", date), f.read("to", date));
    let assigned_to = f.read("assigned_to", draft::id);
    let pipeline = f.read("pipeline", draft::id);
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        f.error("to", "Use a day that is not before from.");
    }
    let mut narrowed = |kind: Kind, name: &str| {
        let tree = simple::tree_named((kind, &*customs), name, &mut f);
        let filters = tree.map(|tree| Filter::of(&tree, &crm.viewpoint()));
        filters.into_iter().collect()
    };
    let narrowed = Narrowed {
        leads: narrowed(Kind::Lead, "leads"),
        opportunities: narrowed(Kind::Opportunity, "opportunities"),
        activities: narrowed(Kind::Activity, "activities"),
    };
    f.finish().check(())?;
    // Numbers of a condition tell what stands in records: to those alone who may read them.
    for (kind, filters) in [
        (Kind::Lead, &narrowed.leads),
        (Kind::Opportunity, &narrowed.opportunities),
        (Kind::Activity, &narrowed.activities),
    ] {
        if !filters.is_empty() {
            crm.tenant.require(kind.resource(), Method::Get)?;
        }
    }
    let asked = MetricsQuery {
        from,
        to,
        assigned_to,
        pipeline,
        zone: crm.zone(),
        now: crm.now,
        narrowed,
    };
    let company = &crm.tenant.company;
    // The data came by this route (`TenantData`), so there is one.
    let place = company.route.as_ref().map(|route| route.target.clone());
    let memory = (crm.app().numbers(), place);
    let told = metrics::read(&crm.data, memory, &company.tenant_code, &asked).await?;
    Ok(Json(told).into_response())
}

/// The start page
///
/// The caller's agenda of today, what is overdue, the company's open sales, and the month against its
/// goals.
#[utoipa::path(get, path = "/api/dashboard/summary/", tag = "dashboard",
    responses((status = 200, description = "`today`, `activities`, `agenda`, `pipeline`, `month`, `new_leads_total`", body = Object)))]
pub async fn summary(crm: Crm) -> ApiResult {
    let code = &crm.tenant.company.tenant_code;
    let at = (crm.now, &crm.zone());
    let mut summary = dashboard::summary(&crm.data, code, crm.caller.user.id, at).await?;
    if !crm.may(Kind::Activity, Method::Get) {
        summary.agenda.clear();
    }
    Ok(Json(summary).into_response())
}
