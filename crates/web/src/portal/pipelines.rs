//! `/api/pipelines/` and `/api/loss-reasons/`: what a company has set up for its sales.

use super::crm::Crm;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::resource::{self, Id, Ids};
use crate::contract::{Body, Query, repeat};
use axum::Json;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::IntoResponse;
use sindico_crm::pipelines::{self, Removed, SetupChange};
use sindico_domain::crm::draft;
use sindico_domain::crm::pipeline::{
    Color, LossReason, Outlook, Pipeline, PipelineDraft, ReasonDraft, StageDraft,
};
use sindico_domain::input::nullable;

/// A pipeline as it is sent.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({"name": "Renovações", "strict": false, "stages": [{"name": "Aviso", "probability": 40}, {"name": "Acordo", "probability": 80, "required_fields": ["amount"]}]}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct PipelineInput {
    #[schema(max_length = 60)]
    name: String,
    /// Whether a sale goes from stage to stage in their order only; false unless told.
    strict: Option<bool>,
    /// Its stages of open sales, when it is made; three that can be renamed unless told.
    stages: Option<Vec<StageInput>>,
}

/// A stage as it is sent.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({"name": "Visita técnica", "probability": 60, "rots_after_days": 14, "required_fields": ["amount", "next_step"], "forecast": "BEST_CASE", "position": 2}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct StageInput {
    #[schema(max_length = 60)]
    name: String,
    /// Made of the name unless told; stays as it was made.
    code: Option<String>,
    /// 50 unless told.
    #[schema(minimum = 0, maximum = 100)]
    probability: Option<i64>,
    color: Option<Color>,
    /// Null for never.
    #[schema(minimum = 1, maximum = 3660)]
    rots_after_days: Option<i64>,
    /// Names of fields of opportunities.
    required_fields: Option<Vec<String>>,
    forecast: Option<Outlook>,
    archived: Option<bool>,
    /// Its place among the stages of open sales, from 1.
    position: Option<i64>,
}

/// A reason as it is sent.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "documents a request body")]
pub struct LossReasonInput {
    #[schema(max_length = 60)]
    name: String,
}

/// List pipelines
///
/// With their stages in their order. A company that has set nothing up has one, the contract's.
#[utoipa::path(get, path = "/api/pipelines/", tag = "pipelines",
    responses((status = 200, description = "All of them, the first one first", body = Vec<Pipeline>)))]
pub async fn index(crm: Crm) -> ApiResult {
    let all = pipelines::read(&crm.data).await?;
    Ok(Json(all.all).into_response())
}

/// Make a pipeline
#[utoipa::path(post, path = "/api/pipelines/", tag = "pipelines",
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeated request gets the first one's answer")),
    request_body(content = PipelineInput),
    responses(
        (status = 201, description = "Made", body = Pipeline),
        (status = 400, description = "All wrong fields, by name"),
    ))]
pub async fn create(crm: Crm, body: Body) -> ApiResult {
    let key = crm.key(&body)?;
    let once = pipelines::create(&crm.data, crm.by(), &body.0, key.as_ref()).await?;
    crm.was_set_up();
    let mut response = resource::respond(StatusCode::CREATED, &once.value, once.version);
    let id = once.value["id"].as_i64().unwrap_or_default();
    if let Ok(location) = HeaderValue::try_from(format!("/api/pipelines/{id}/")) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(repeat::mark(response, once.replayed))
}

/// How pipelines and reasons were set up
///
/// The latest hundred changes, the newest first. Each is a change set: `POST /api/changes/{id}/undo/` takes it
/// back.
#[utoipa::path(get, path = "/api/pipelines/history/", tag = "pipelines",
    responses((status = 200, description = "Changes", body = Vec<SetupChange>)))]
pub async fn history(crm: Crm) -> ApiResult {
    Ok(Json(pipelines::history(&crm.data).await?).into_response())
}

/// Read a pipeline
#[utoipa::path(get, path = "/api/pipelines/{id}/", tag = "pipelines",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "With its `ETag`", body = Pipeline),
        (status = 304, description = "`If-None-Match` names the current version"),
        (status = 404, description = "Not in this tenant"),
    ))]
pub async fn show(crm: Crm, Id(id): Id) -> ApiResult {
    let all = pipelines::read(&crm.data).await?;
    let found = all.find(id).ok_or_else(not_found)?;
    Ok(resource::read(&crm.headers, found, found.version))
}

/// Change a pipeline
///
/// Its name, and whether it is strict; its stages have addresses of their own.
#[utoipa::path(patch, path = "/api/pipelines/{id}/", tag = "pipelines",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Change only this version"),
    ),
    request_body(content = PipelineInput),
    responses(
        (status = 200, description = "Changed", body = Pipeline),
        (status = 400, description = "All wrong fields, by name"),
        (status = 404, description = "Not in this tenant"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn change(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let draft = PipelineDraft::parse(&body.0, false)?;
    let at = (id, &crm.precondition());
    let changed = pipelines::change(&crm.data, crm.by(), at, &draft).await?;
    crm.was_set_up();
    let now = changed.ok_or_else(not_found)?.now;
    Ok(resource::respond(StatusCode::OK, &now, now.version))
}

/// Delete a pipeline
///
/// One that is empty, or whose sales are told where to go: those that are open to the first stage there. The
/// first pipeline stays.
#[utoipa::path(delete, path = "/api/pipelines/{id}/", tag = "pipelines",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("move_to" = Option<i64>, Query, description = "The id of the pipeline where its sales go"),
        ("If-Match" = Option<String>, Header, description = "Delete only this version"),
    ),
    responses(
        (status = 200, description = "Deleted, in one change set with the moves", body = Removed),
        (status = 400, description = "The first one, or there is no such place to go"),
        (status = 404, description = "Not in this tenant"),
        (status = 409, description = "Sales are in it"),
    ))]
pub async fn remove(crm: Crm, Id(id): Id, query: Query) -> ApiResult {
    let to = move_to(&query)?;
    let at = (id, &crm.precondition());
    let removed = pipelines::remove(&crm.data, crm.by(), at, to).await?;
    crm.was_set_up();
    Ok(Json(removed.ok_or_else(not_found)?).into_response())
}

fn move_to(query: &Query) -> ApiResult<Option<i64>> {
    let mut f = query.fields();
    let to = f.read("move_to", nullable(draft::id));
    f.finish().check(())?;
    Ok(to.flatten())
}

/// Add a stage
#[utoipa::path(post, path = "/api/pipelines/{id}/stages/", tag = "pipelines",
    params(
        ("id" = i64, Path, description = "The pipeline's id"),
        ("If-Match" = Option<String>, Header, description = "Change only this version of the pipeline"),
    ),
    request_body(content = StageInput),
    responses(
        (status = 201, description = "Added: the pipeline as it is now", body = Pipeline),
        (status = 400, description = "All wrong fields, by name"),
        (status = 404, description = "Not in this tenant"),
    ))]
pub async fn add_stage(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let draft = StageDraft::parse(&body.0, true);
    if draft.is_err() {
        // What is not there comes before what is wrong.
        let all = pipelines::read(&crm.data).await?;
        all.find(id).ok_or_else(not_found)?;
    }
    let draft = draft?;
    let at = (id, &crm.precondition());
    let changed = pipelines::add_stage(&crm.data, crm.by(), at, &draft).await?;
    crm.was_set_up();
    let now = changed.ok_or_else(not_found)?.now;
    Ok(resource::respond(StatusCode::CREATED, &now, now.version))
}

/// Change a stage
///
/// `position` puts it elsewhere among the stages of open sales. WON and LOST have their place, their
/// probability and their code.
#[utoipa::path(patch, path = "/api/pipelines/{id}/stages/{stage}/", tag = "pipelines",
    params(
        ("id" = i64, Path, description = "The pipeline's id"),
        ("stage" = i64, Path, description = "The stage's id"),
        ("If-Match" = Option<String>, Header, description = "Change only this version of the pipeline"),
    ),
    request_body(content = StageInput),
    responses(
        (status = 200, description = "Changed: the pipeline as it is now", body = Pipeline),
        (status = 400, description = "All wrong fields, by name"),
        (status = 404, description = "No such stage of this pipeline"),
        (status = 412, description = "The pipeline has changed since"),
    ))]
pub async fn change_stage(crm: Crm, Ids(id, stage): Ids, body: Body) -> ApiResult {
    let draft = StageDraft::parse(&body.0, false)?;
    let at = (id, &crm.precondition());
    let changed = pipelines::change_stage(&crm.data, crm.by(), at, (stage, &draft)).await?;
    crm.was_set_up();
    let now = changed.ok_or_else(not_found)?.now;
    Ok(resource::respond(StatusCode::OK, &now, now.version))
}

/// Delete a stage
///
/// One that is empty, or whose sales are told where to go, those in the bin included.
#[utoipa::path(delete, path = "/api/pipelines/{id}/stages/{stage}/", tag = "pipelines",
    params(
        ("id" = i64, Path, description = "The pipeline's id"),
        ("stage" = i64, Path, description = "The stage's id"),
        ("move_to" = Option<i64>, Query, description = "The id of the stage where its sales go"),
        ("If-Match" = Option<String>, Header, description = "Change only this version of the pipeline"),
    ),
    responses(
        (status = 200, description = "Deleted, in one change set with the moves", body = Removed),
        (status = 400, description = "It has to stay, or there is no such place to go"),
        (status = 404, description = "No such stage of this pipeline"),
        (status = 409, description = "Sales are in it"),
    ))]
pub async fn remove_stage(crm: Crm, Ids(id, stage): Ids, query: Query) -> ApiResult {
    let to = move_to(&query)?;
    let at = (id, &crm.precondition());
    let removed = pipelines::delete_stage(&crm.data, crm.by(), at, (stage, to)).await?;
    crm.was_set_up();
    Ok(Json(removed.ok_or_else(not_found)?).into_response())
}

/// List reasons why sales are lost
#[utoipa::path(get, path = "/api/loss-reasons/", tag = "pipelines",
    responses((status = 200, description = "All of them, by name", body = Vec<LossReason>)))]
pub async fn reasons(crm: Crm) -> ApiResult {
    let all = pipelines::read(&crm.data).await?;
    Ok(Json(all.reasons).into_response())
}

/// Add a reason
///
/// Where the stage LOST asks for `loss_reason`, it has to be one of them, as soon as there is one.
#[utoipa::path(post, path = "/api/loss-reasons/", tag = "pipelines",
    request_body(content = LossReasonInput),
    responses(
        (status = 201, description = "Added", body = LossReason),
        (status = 400, description = "What is wrong, by field"),
    ))]
pub async fn add_reason(crm: Crm, body: Body) -> ApiResult {
    let draft = ReasonDraft::parse(&body.0)?;
    let changed = pipelines::add_reason(&crm.data, crm.by(), draft).await?;
    crm.was_set_up();
    Ok((StatusCode::CREATED, Json(changed.now)).into_response())
}

/// Rename a reason
///
/// Sales keep the words that they have.
#[utoipa::path(patch, path = "/api/loss-reasons/{id}/", tag = "pipelines",
    params(("id" = i64, Path, description = "Its id")),
    request_body(content = LossReasonInput),
    responses(
        (status = 200, description = "Renamed", body = LossReason),
        (status = 400, description = "What is wrong, by field"),
        (status = 404, description = "Not in this tenant"),
    ))]
pub async fn change_reason(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let draft = ReasonDraft::parse(&body.0);
    if draft.is_err() {
        let all = pipelines::read(&crm.data).await?;
        let there = all.reasons.iter().any(|reason| reason.id == id);
        there.then_some(()).ok_or_else(not_found)?;
    }
    let draft = draft?;
    let changed = pipelines::change_reason(&crm.data, crm.by(), id, draft).await?;
    crm.was_set_up();
    Ok(Json(changed.ok_or_else(not_found)?.now).into_response())
}

/// Delete a reason
///
/// Sales keep the words that they have.
#[utoipa::path(delete, path = "/api/loss-reasons/{id}/", tag = "pipelines",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "Deleted", body = Removed),
        (status = 404, description = "Not in this tenant"),
    ))]
pub async fn remove_reason(crm: Crm, Id(id): Id) -> ApiResult {
    let removed = pipelines::remove_reason(&crm.data, crm.by(), id).await?;
    crm.was_set_up();
    Ok(Json(removed.ok_or_else(not_found)?).into_response())
}
