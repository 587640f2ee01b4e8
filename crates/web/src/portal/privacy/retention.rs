//! `/api/privacy/retention/`: for how long records are kept that tell something about a person.

use super::whole;
use super::worker::MOST;
use crate::contract::Body;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::resource::{self, Id};
use crate::portal::crm::Crm;
use axum::Json;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::IntoResponse;
use serde::Serialize;
use sindico_crm::privacy::{self, Due, Rule};
use sindico_domain::crm::Kind;
use sindico_domain::crm::filter::Filter;
use sindico_domain::privacy::RuleDraft;

const PATH: &str = "/api/privacy/retention/";

/// How many are shown who are due.
pub(crate) const SHOWN: i64 = 100;

/// A rule as it is sent.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({"kind": "lead", "name": "Lost leads", "filter": {"field": "status", "op": "is", "value": "DISQUALIFIED"}, "months": 24, "active": true}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct RetentionRuleInput {
    /// customer or lead; stays as it was made.
    kind: Kind,
    #[schema(max_length = 60)]
    name: String,
    /// A tree of the filter language; all records of the kind without one.
    #[schema(value_type = Option<Object>)]
    filter: Option<serde_json::Value>,
    /// After so many months in which nothing was done with a record, 1 to 240.
    months: i64,
    /// Whether it is gone by; not unless told.
    active: Option<bool>,
}

/// Whom a rule would have erased.
#[derive(Serialize, utoipa::ToSchema)]
pub struct DueNow {
    /// How many, up to one more than are shown.
    pub count: usize,
    /// Those who are due for the longest.
    pub due: Vec<Due>,
}

/// Who is due by such a rule now.
///
/// # Errors
/// When the tenant's place can't be reached.
pub(crate) async fn now(
    crm: &Crm,
    kind: Kind,
    filter: Option<&Filter>,
    months: i64,
) -> ApiResult<DueNow> {
    let at = crm.viewpoint();
    let mut due = privacy::due(&crm.data, kind, (filter, months), &at, SHOWN + 1).await?;
    let count = due.len();
    due.truncate(SHOWN as usize);
    Ok(DueNow { count, due })
}

/// List rules of retention
#[utoipa::path(get, path = "/api/privacy/retention/", tag = "privacy",
    responses((status = 200, description = "All of them", body = Vec<Rule>)))]
pub async fn index(crm: Crm) -> ApiResult {
    Ok(Json(privacy::rules(&crm.data).await?).into_response())
}

/// Make a rule of retention
///
/// An active one is gone by once a day: who is due is erased, as by a request, and that can't be taken back. Nobody is
/// due whose sale is not decided, or with whom something is to be done.
#[utoipa::path(post, path = "/api/privacy/retention/", tag = "privacy",
    request_body(content = RetentionRuleInput),
    responses(
        (status = 201, description = "Made", body = Rule),
        (status = 400, description = "All wrong fields, by name"),
        (status = 403, description = "The caller is no owner, or does not see all records"),
    ))]
pub async fn create(crm: Crm, body: Body) -> ApiResult {
    whole(&crm)?;
    let kind = RuleDraft::kind(&body.0)?;
    let draft = RuleDraft::parse(kind, &body.0, true)?;
    let rule = privacy::create_rule(&crm.data, crm.by(), kind, draft).await?;
    let mut response = resource::respond(StatusCode::CREATED, &rule, rule.version);
    if let Ok(location) = HeaderValue::try_from(format!("{PATH}{}/", rule.id)) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// See whom a rule would have erased
///
/// A rule that is not made yet, by its fields.
#[utoipa::path(post, path = "/api/privacy/retention/preview/", tag = "privacy",
    request_body(content = RetentionRuleInput),
    responses(
        (status = 200, description = "Who is due now", body = DueNow),
        (status = 400, description = "All wrong fields, by name"),
        (status = 403, description = "The caller is no owner, or does not see all records"),
    ))]
pub async fn preview(crm: Crm, body: Body) -> ApiResult {
    whole(&crm)?;
    let kind = RuleDraft::kind(&body.0)?;
    let mut told = body.0.clone();
    told.entry("name").or_insert("-".into());
    let draft = RuleDraft::parse(kind, &told, true)?;
    let filter = draft.filter.flatten();
    let months = draft.months.unwrap_or(1);
    Ok(Json(now(&crm, kind, filter.as_ref(), months).await?).into_response())
}

/// Read a rule of retention
#[utoipa::path(get, path = "/api/privacy/retention/{id}/", tag = "privacy",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "With its `ETag`", body = Rule),
        (status = 404, description = "Not in this tenant, or deleted"),
    ))]
pub async fn show(crm: Crm, Id(id): Id) -> ApiResult {
    let rule = privacy::rule(&crm.data, id).await?.ok_or_else(not_found)?;
    Ok(resource::read(&crm.headers, &rule, rule.version))
}

/// Change a rule of retention
#[utoipa::path(patch, path = "/api/privacy/retention/{id}/", tag = "privacy",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Change only this version"),
    ),
    request_body(content = RetentionRuleInput),
    responses(
        (status = 200, description = "Changed", body = Rule),
        (status = 400, description = "All wrong fields, by name"),
        (status = 403, description = "The caller is no owner, or does not see all records"),
        (status = 404, description = "Not in this tenant, or deleted"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn change(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    whole(&crm)?;
    let kind = privacy::rule(&crm.data, id)
        .await?
        .ok_or_else(not_found)?
        .kind;
    let draft = RuleDraft::parse(kind, &body.0, false)?;
    let at = (id, &crm.precondition());
    let rule = privacy::change_rule(&crm.data, crm.by(), at, draft).await?;
    let rule = rule.ok_or_else(not_found)?;
    Ok(resource::respond(StatusCode::OK, &rule, rule.version))
}

/// Delete a rule of retention
#[utoipa::path(delete, path = "/api/privacy/retention/{id}/", tag = "privacy",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Delete only this version"),
    ),
    responses(
        (status = 204, description = "Deleted; `undo` has it back"),
        (status = 404, description = "Not in this tenant, or deleted"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn remove(crm: Crm, Id(id): Id) -> ApiResult {
    match privacy::remove_rule(&crm.data, crm.by(), (id, &crm.precondition())).await? {
        true => Ok(StatusCode::NO_CONTENT.into_response()),
        false => Err(not_found()),
    }
}

/// Undo the last change of a rule
///
/// Its deletion included; to undo once more is to have it again. What was erased does not come back.
#[utoipa::path(post, path = "/api/privacy/retention/{id}/undo/", tag = "privacy",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Undo only on this version"),
    ),
    responses(
        (status = 200, description = "As it was before", body = Rule),
        (status = 204, description = "It was new, and is gone"),
        (status = 400, description = "There would be too many"),
        (status = 404, description = "Never was in this tenant"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn undo(crm: Crm, Id(id): Id) -> ApiResult {
    whole(&crm)?;
    match privacy::undo_rule(&crm.data, crm.by(), (id, &crm.precondition())).await? {
        Some((rule, false)) => Ok(resource::respond(StatusCode::OK, &rule, rule.version)),
        Some((_, true)) => Ok(StatusCode::NO_CONTENT.into_response()),
        None => Err(not_found()),
    }
}

/// Go by a rule now
///
/// Without waiting for its turn, which comes once a day. Who is due is erased, which can't be taken back.
#[utoipa::path(post, path = "/api/privacy/retention/{id}/run/", tag = "privacy",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "Of how many people the records were erased", body = Ran),
        (status = 403, description = "The caller is no owner, or does not see all records"),
        (status = 404, description = "Not in this tenant, or deleted"),
        (status = 409, description = "It is not active, or its filter can't be read any more"),
    ))]
pub async fn run(crm: Crm, Id(id): Id) -> ApiResult {
    whole(&crm)?;
    let rule = privacy::rule(&crm.data, id).await?.ok_or_else(not_found)?;
    if !rule.active {
        return Err(sindico_domain::Refusal::Conflict {
            detail: "This rule is not active.".to_owned(),
            location: None,
        }
        .into());
    }
    let at = crm.viewpoint();
    let erased = privacy::run(&crm.data, crm.by(), id, (&at, MOST)).await?;
    Ok(Json(Ran { erased }).into_response())
}

/// What came of going by a rule.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Ran {
    /// Of how many people the records were erased.
    pub erased: u64,
}
