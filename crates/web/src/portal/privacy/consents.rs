//! `/api/customers/{id}/consents/` and `/api/leads/{id}/consents/`: on which grounds something is done with a
//! person's data.

use crate::contract::Body;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::resource::Id;
use crate::portal::crm::Crm;
use axum::Json;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use sindico_crm::privacy::{self, Consent};
use sindico_crm::records;
use sindico_domain::crm::Kind;
use sindico_domain::privacy::{Basis, ConsentDraft, ConsentState};

/// A ground as it is sent.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({"purpose": "Newsletter", "basis": "CONSENT", "state": "GRANTED", "source": "telephone", "evidence": "Call of 27 November"}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct ConsentInput {
    /// What for; of each purpose the latest counts.
    #[schema(max_length = 100)]
    purpose: String,
    /// The ground; CONSENT unless told.
    basis: Option<Basis>,
    /// GRANTED unless told.
    state: Option<ConsentState>,
    /// Where it was said.
    #[schema(max_length = 100)]
    source: Option<String>,
    /// What shows it.
    #[schema(max_length = 1000)]
    evidence: Option<String>,
}

async fn of(kind: Kind, crm: Crm, id: i64) -> ApiResult {
    records::find(&crm.data, kind, id)
        .await?
        .ok_or_else(not_found)?;
    Ok(Json(privacy::consents(&crm.data, kind, id).await?).into_response())
}

async fn add(kind: Kind, crm: Crm, id: i64, body: Body) -> ApiResult {
    let record = records::find(&crm.data, kind, id).await?;
    record.ok_or_else(not_found)?;
    let draft = ConsentDraft::parse(&body.0)?;
    let made = privacy::consent(&crm.data, crm.by(), (kind, id), &draft).await?;
    Ok((StatusCode::CREATED, Json(made.ok_or_else(not_found)?)).into_response())
}

/// Grounds of a customer's data
///
/// The latest first: of each purpose the latest counts.
#[utoipa::path(get, path = "/api/customers/{id}/consents/", tag = "privacy",
    params(("id" = i64, Path, description = "The customer's id")),
    responses(
        (status = 200, description = "All of them", body = Vec<Consent>),
        (status = 404, description = "Not in this tenant, or in the bin"),
    ))]
pub async fn of_customer(crm: Crm, Id(id): Id) -> ApiResult {
    of(Kind::Customer, crm, id).await
}

/// Add a ground of a customer's data
///
/// Nothing is changed or deleted here: who takes a consent back adds that they did.
#[utoipa::path(post, path = "/api/customers/{id}/consents/", tag = "privacy",
    params(("id" = i64, Path, description = "The customer's id")),
    request_body(content = ConsentInput),
    responses(
        (status = 201, description = "Added", body = Consent),
        (status = 400, description = "All wrong fields, by name"),
        (status = 404, description = "Not in this tenant, or in the bin"),
    ))]
pub async fn add_to_customer(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    add(Kind::Customer, crm, id, body).await
}

/// Grounds of a lead's data
///
/// The latest first, with what was agreed to in the form that made the lead.
#[utoipa::path(get, path = "/api/leads/{id}/consents/", tag = "privacy",
    params(("id" = i64, Path, description = "The lead's id")),
    responses(
        (status = 200, description = "All of them", body = Vec<Consent>),
        (status = 404, description = "Not in this tenant, or in the bin"),
    ))]
pub async fn of_lead(crm: Crm, Id(id): Id) -> ApiResult {
    of(Kind::Lead, crm, id).await
}

/// Add a ground of a lead's data
///
/// Nothing is changed or deleted here: who takes a consent back adds that they did.
#[utoipa::path(post, path = "/api/leads/{id}/consents/", tag = "privacy",
    params(("id" = i64, Path, description = "The lead's id")),
    request_body(content = ConsentInput),
    responses(
        (status = 201, description = "Added", body = Consent),
        (status = 400, description = "All wrong fields, by name"),
        (status = 404, description = "Not in this tenant, or in the bin"),
    ))]
pub async fn add_to_lead(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    add(Kind::Lead, crm, id, body).await
}
