//! `/api/sales/forecast/`.

use super::crm::Crm;
use crate::contract::Query;
use crate::contract::error::ApiResult;
use axum::Json;
use axum::response::IntoResponse;
use sindico_crm::forecast::{self, Forecast, ForecastQuery, MONTHS};
use sindico_crm::list::Filter;
use sindico_domain::access::capability::Method;
use sindico_domain::crm::filter::simple;
use sindico_domain::crm::{Kind, draft};
use sindico_domain::input::integer;

/// Sales forecast
///
/// Month by month, where the installation's people are: what is won, what is as good as sold, what comes if all
/// goes well, and all of it by its probability (a sale's own, else its stage's). A stage's `forecast` tells what
/// its sales count as. Goals are the company's; of a member, theirs.
#[utoipa::path(get, path = "/api/sales/forecast/", tag = "metrics",
    params(
        ("months" = Option<i64>, Query, minimum = 1, maximum = 24, description = "How many, this one first; 6 by default"),
        ("pipeline" = Option<i64>, Query, description = "Only of this pipeline"),
        ("owner" = Option<i64>, Query, description = "Only of this member"),
        ("opportunities" = Option<String>, Query, description = "Only of those that fit this tree of conditions, as `filter` of their list"),
    ),
    responses(
        (status = 200, description = "Forecast", body = Forecast),
        (status = 400, description = "A parameter is wrong"),
        (status = 403, description = "Conditions on what the caller's role may not read"),
    ))]
pub async fn show(crm: Crm, query: Query) -> ApiResult {
    let customs = crm.customs_named(&query).await?;
    let mut f = query.fields();
    let months = f.read("months", integer(1..=24)).unwrap_or(MONTHS);
    let pipeline = f.read("pipeline", draft::id);
    let owner = f.read("owner", draft::id);
    let tree = simple::tree_named((Kind::Opportunity, &*customs), "opportunities", &mut f);
    f.finish().check(())?;
    if tree.is_some() {
        crm.tenant
            .require(Kind::Opportunity.resource(), Method::Get)?;
    }
    let filters = tree.map(|tree| Filter::of(&tree, &crm.viewpoint()));
    let asked = ForecastQuery {
        months,
        pipeline,
        owner,
        filters: filters.into_iter().collect(),
        zone: crm.zone(),
        now: crm.now,
    };
    let code = &crm.tenant.company.tenant_code;
    let (mut told, _) = forecast::read(&crm.data, code, &asked).await?;
    // A goal is for who may read goals.
    if !crm.may(Kind::SalesGoal, Method::Get) {
        told.months.iter_mut().for_each(|month| month.goal = None);
    }
    Ok(Json(told).into_response())
}
