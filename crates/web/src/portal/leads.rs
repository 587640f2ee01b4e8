//! `/api/leads/`: who may become a customer.

use crate::contract::error::not_found;
use crate::contract::{repeat, resource};
use axum::Json;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::IntoResponse;
use serde_json::Value;
use sindico_crm::leads::{self, Conversion};
use sindico_domain::access::capability::Method;
use sindico_domain::crm::LeadStatus;
use sindico_domain::input::{Fields, nullable, text};

crate::portal::records::handlers!(
    Kind::Lead,
    "leads",
    "a lead",
    "leads",
    Lead,
    LeadInput,
    LeadPatch,
    LeadFilters,
    "/api/leads/",
    "/api/leads/{id}/",
    "/api/leads/{id}/restore/",
    "/api/leads/{id}/timeline/",
    "/api/leads/bulk/",
    "/api/leads/export/"
);

crate::portal::attachments::handlers!(
    Kind::Lead,
    "leads",
    "a lead",
    "/api/leads/{id}/attachments/"
);

crate::portal::duplicates::mergeable!(
    Kind::Lead,
    "leads",
    "a lead",
    "leads",
    Lead,
    "/api/leads/similar/",
    "/api/leads/duplicates/",
    "/api/leads/duplicates/dismissed/",
    "/api/leads/{id}/merge/"
);

async fn move_to(crm: Crm, id: i64, to: LeadStatus, body: Body) -> ApiResult {
    let mut f = Fields::new(&body.0);
    let reason = f.read("disqualification_reason", nullable(text(0..=500)));
    f.finish().check(())?;
    let (condition, key) = (crm.precondition(), crm.key(&body)?);
    let moved = leads::move_to(
        &crm.data,
        crm.by(),
        id,
        to,
        reason.flatten(),
        (&condition, key.as_ref()),
    )
    .await?;
    records::acted(moved)
}

/// Qualify a lead
#[utoipa::path(post, path = "/api/leads/{id}/qualify/", tag = "leads",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Change only this version"),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeated request gets the first one's answer"),
    ),
    responses(
        (status = 200, description = "QUALIFIED", body = Lead),
        (status = 400, description = "It can't become so from where it stands"),
        (status = 404, description = "Not in this tenant, or in the bin"),
    ))]
pub async fn qualify(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    move_to(crm, id, LeadStatus::Qualified, body).await
}

/// Disqualify a lead
///
/// The body may say why: `{"disqualification_reason": "..."}`.
#[utoipa::path(post, path = "/api/leads/{id}/disqualify/", tag = "leads",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Change only this version"),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeated request gets the first one's answer"),
    ),
    responses(
        (status = 200, description = "DISQUALIFIED", body = Lead),
        (status = 400, description = "It can't become so from where it stands"),
        (status = 404, description = "Not in this tenant, or in the bin"),
    ))]
pub async fn disqualify(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    move_to(crm, id, LeadStatus::Disqualified, body).await
}

/// What a conversion may be told.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({"title": "Fornecimento mensal", "amount": "12000.00"}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct ConversionInput {
    /// The customer, if it is one already.
    customer: Option<i64>,
    /// The opportunity's; the lead's name unless told.
    #[schema(max_length = 200)]
    title: Option<String>,
    /// DISCOVERY unless told.
    stage: Option<String>,
    /// The lead's budget unless told.
    amount: Option<String>,
    /// When it should be sold.
    expected_close_date: Option<String>,
    /// Whether a customer may be made of the lead; true unless told.
    create_customer_if_missing: Option<bool>,
}

/// Convert a lead
///
/// Makes an opportunity, in one transaction and once. The customer is the lead's, else the one given, else
/// one that has the lead's CNPJ or CPF, e-mail address or telephone, else made of the lead.
/// `customer_match` tells which, and by what: `lead`, `given`, `document`, `email`, `phone` or `created`.
/// It takes the permission to create opportunities, too, and to create customers when one is made.
#[utoipa::path(post, path = "/api/leads/{id}/convert/", tag = "leads",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeated request gets the first one's answer"),
    ),
    request_body(content = ConversionInput),
    responses(
        (status = 201, description = "`lead`, `opportunity`, `customer_match`", body = Object),
        (status = 400, description = "It is not QUALIFIED, or there is no customer to be had"),
        (status = 403, description = "The caller's role may not create leads, opportunities, or the customer that would be made"),
        (status = 404, description = "Not in this tenant, or in the bin"),
    ))]
pub async fn convert(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let key = crm.key(&body)?;
    let customs = crm.customs_told(&body.0).await?;
    let told = Conversion::parse(&customs, &body.0)?;
    let may = |kind: Kind, method: Method| crm.may(kind, method);
    let made = leads::convert(&crm.data, crm.by(), id, (&told, &may), key.as_ref()).await?;
    let once = made.ok_or_else(not_found)?;
    let mut response = resource::respond(StatusCode::CREATED, &once.value, once.version);
    let location = format!(
        "{}{}/",
        Kind::Opportunity.path(),
        once.value["opportunity"]["id"]
    );
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(records::left(
        repeat::mark(response, once.replayed),
        once.change_set,
    ))
}

/// What became of a lead
#[utoipa::path(get, path = "/api/leads/{id}/history/", tag = "leads",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "`lead`, `activities`, `converted_opportunities`", body = Object),
        (status = 404, description = "Not in this tenant, or in the bin"),
    ))]
pub async fn history(crm: Crm, Id(id): Id) -> ApiResult {
    let history: Option<Value> = leads::history(&crm.data, id, &crm.readable()).await?;
    Ok(Json(history.ok_or_else(not_found)?).into_response())
}
