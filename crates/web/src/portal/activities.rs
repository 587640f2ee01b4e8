//! `/api/activities/`: what is to be done, and what was done.

use crate::contract::list;
use crate::contract::query::page;
use sindico_crm::activities::{self, Outcome};
use sindico_domain::crm::draft;

crate::portal::records::handlers!(
    Kind::Activity,
    "activities",
    "an activity",
    "activities",
    Activity,
    ActivityInput,
    ActivityPatch,
    ActivityFilters,
    "/api/activities/",
    "/api/activities/{id}/",
    "/api/activities/{id}/restore/",
    "/api/activities/{id}/timeline/",
    "/api/activities/bulk/",
    "/api/activities/export/"
);

crate::portal::attachments::handlers!(
    Kind::Activity,
    "activities",
    "an activity",
    "/api/activities/{id}/attachments/"
);

/// What came of an activity.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({"outcome": "Pediu proposta até sexta", "duration_minutes": 12}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct OutcomeInput {
    /// What came of it.
    #[schema(max_length = 500)]
    outcome: Option<String>,
    /// How long it took.
    #[schema(minimum = 0)]
    duration_minutes: Option<i64>,
}

/// Complete an activity
#[utoipa::path(post, path = "/api/activities/{id}/complete/", tag = "activities",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Change only this version"),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeated request gets the first one's answer"),
    ),
    request_body(content = OutcomeInput),
    responses(
        (status = 200, description = "DONE", body = Activity),
        (status = 400, description = "It was canceled"),
        (status = 404, description = "Not in this tenant, or in the bin"),
    ))]
pub async fn complete(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let (condition, key) = (crm.precondition(), crm.key(&body)?);
    let outcome = Outcome::parse(&body.0)?;
    let at = (&condition, key.as_ref());
    records::acted(activities::complete(&crm.data, crm.by(), id, &outcome, at).await?)
}

/// Reopen an activity
#[utoipa::path(post, path = "/api/activities/{id}/reopen/", tag = "activities",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Change only this version"),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeated request gets the first one's answer"),
    ),
    responses(
        (status = 200, description = "PENDING", body = Activity),
        (status = 404, description = "Not in this tenant, or in the bin"),
    ))]
pub async fn reopen(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let (condition, key) = (crm.precondition(), crm.key(&body)?);
    records::acted(activities::reopen(&crm.data, crm.by(), id, (&condition, key.as_ref())).await?)
}

/// Note that somebody was reminded
#[utoipa::path(post, path = "/api/activities/{id}/mark-reminded/", tag = "activities",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Change only this version"),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeated request gets the first one's answer"),
    ),
    responses(
        (status = 200, description = "Noted", body = Activity),
        (status = 400, description = "It has no reminder"),
        (status = 404, description = "Not in this tenant, or in the bin"),
    ))]
pub async fn mark_reminded(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let (condition, key) = (crm.precondition(), crm.key(&body)?);
    records::acted(
        activities::mark_reminded(&crm.data, crm.by(), id, (&condition, key.as_ref())).await?,
    )
}

/// Reminders that are due
///
/// Pending activities whose reminder is due and was not given, the earliest first.
#[utoipa::path(get, path = "/api/activities/reminders/", tag = "activities",
    params(
        ("assigned_to" = Option<i64>, Query, description = "Of this member"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 500, description = "Rows a page; 100 by default"),
        ("cursor" = Option<String>, Query, description = "From the `Link` header of the page before"),
    ),
    responses((status = 200, description = "A page; `Link` names the next one", body = Vec<Activity>)))]
pub async fn reminders(crm: Crm, query: Query) -> ApiResult {
    let mut f = query.fields();
    let assigned_to = f.read("assigned_to", draft::id);
    let request = page(&mut f);
    f.finish().check(())?;
    let page = activities::reminders(&crm.data, crm.now, assigned_to, &request).await?;
    Ok(list::respond("/api/activities/reminders/", &query, &page))
}
