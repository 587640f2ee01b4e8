//! `/api/teams/`: who is with whom, for what the scope TEAM lets them see.

use super::crm::Crm;
use crate::contract::Body;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::resource::{self, Id};
use axum::Json;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::IntoResponse;
use sindico_crm::teams;
use sindico_domain::access::team::{Team, TeamDraft};
use sindico_store::control::members;
use std::collections::HashMap;

/// A team as it is sent.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({"name": "Sul", "members": [{"user": 7, "leads": true}, {"user": 8}]}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct TeamInput {
    #[schema(max_length = 60)]
    name: String,
    /// All of them: who is left out is in it no more.
    members: Option<Vec<TeamMemberInput>>,
}

/// Somebody who is to be in a team.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "documents a request body")]
pub struct TeamMemberInput {
    /// An active member of the company.
    user: i64,
    /// Whether they see its records with the scope OWN, too.
    leads: Option<bool>,
}

/// The active members of the company whom it names.
pub(crate) async fn known(crm: &Crm, draft: &TeamDraft) -> ApiResult<HashMap<i64, String>> {
    let users = draft.members.iter().flatten();
    let ids: Vec<i64> = users.map(|(user, _)| *user).collect();
    Ok(members::active(crm.app().store(), crm.tenant.company.id, &ids).await?)
}

/// List teams
#[utoipa::path(get, path = "/api/teams/", tag = "tenant",
    responses((status = 200, description = "All of them, by name", body = Vec<Team>)))]
pub async fn index(crm: Crm) -> ApiResult {
    Ok(Json(teams::list(&crm.data).await?).into_response())
}

/// Make a team
#[utoipa::path(post, path = "/api/teams/", tag = "tenant",
    request_body(content = TeamInput),
    responses(
        (status = 201, description = "Made", body = Team),
        (status = 400, description = "All wrong fields, by name"),
        (status = 403, description = "The caller is no owner"),
    ))]
pub async fn create(crm: Crm, body: Body) -> ApiResult {
    let draft = TeamDraft::parse(&body.0, true)?;
    let known = known(&crm, &draft).await?;
    let team = teams::create(&crm.data, crm.by(), draft, &known).await?;
    let mut response = resource::respond(StatusCode::CREATED, &team, team.version);
    if let Ok(location) = HeaderValue::try_from(format!("/api/teams/{}/", team.id)) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// Read a team
#[utoipa::path(get, path = "/api/teams/{id}/", tag = "tenant",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "With its `ETag`", body = Team),
        (status = 304, description = "`If-None-Match` names the current version"),
        (status = 404, description = "Not in this tenant, or deleted"),
    ))]
pub async fn show(crm: Crm, Id(id): Id) -> ApiResult {
    let team = teams::find(&crm.data, id).await?.ok_or_else(not_found)?;
    Ok(resource::read(&crm.headers, &team, team.version))
}

/// Change a team
///
/// `members` are all of them: who is left out is in it no more.
#[utoipa::path(patch, path = "/api/teams/{id}/", tag = "tenant",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Change only this version"),
    ),
    request_body(content = TeamInput),
    responses(
        (status = 200, description = "Changed", body = Team),
        (status = 400, description = "All wrong fields, by name"),
        (status = 403, description = "The caller is no owner"),
        (status = 404, description = "Not in this tenant, or deleted"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn change(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let draft = TeamDraft::parse(&body.0, false)?;
    let known = known(&crm, &draft).await?;
    let at = (id, &crm.precondition());
    let team = teams::change(&crm.data, crm.by(), at, draft, &known).await?;
    let team = team.ok_or_else(not_found)?;
    Ok(resource::respond(StatusCode::OK, &team, team.version))
}

/// Delete a team
#[utoipa::path(delete, path = "/api/teams/{id}/", tag = "tenant",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Delete only this version"),
    ),
    responses(
        (status = 204, description = "Deleted; `undo` has it back"),
        (status = 403, description = "The caller is no owner"),
        (status = 404, description = "Not in this tenant, or deleted"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn remove(crm: Crm, Id(id): Id) -> ApiResult {
    match teams::remove(&crm.data, crm.by(), (id, &crm.precondition())).await? {
        true => Ok(StatusCode::NO_CONTENT.into_response()),
        false => Err(not_found()),
    }
}

/// Undo the last change of a team
///
/// Its deletion included; to undo once more is to have it again.
#[utoipa::path(post, path = "/api/teams/{id}/undo/", tag = "tenant",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Undo only on this version"),
    ),
    responses(
        (status = 200, description = "As it was before", body = Team),
        (status = 204, description = "It was new, and is gone"),
        (status = 403, description = "The caller is no owner"),
        (status = 404, description = "Never was in this tenant"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn undo(crm: Crm, Id(id): Id) -> ApiResult {
    match teams::undo(&crm.data, crm.by(), (id, &crm.precondition())).await? {
        Some((team, false)) => Ok(resource::respond(StatusCode::OK, &team, team.version)),
        Some((_, true)) => Ok(StatusCode::NO_CONTENT.into_response()),
        None => Err(not_found()),
    }
}
