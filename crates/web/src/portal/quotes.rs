//! `/api/quotes/`: what is offered to customers, and what becomes of it. A quote is a part of its sale: who reads
//! that reads it, and who may `PATCH` that writes and sends it.

pub mod open;

use super::crm::Crm;
use super::records::{acted, left};
use crate::contract::error::{ApiError, ApiResult, not_found};
use crate::contract::query::page;
use crate::contract::resource::{self, Id};
use crate::contract::{Body, Query, list};
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use sindico_crm::quotes::{self, Act, Acted, Asked, Quote};
use sindico_crm::records;
use sindico_domain::crm::Kind;
use sindico_domain::crm::draft::{Draft, Whole};
use sindico_domain::input::choice;
use sindico_domain::precondition::Precondition;
use sindico_domain::quote::Status;
use sindico_store::Error;
use std::collections::HashMap;

const PATH: &str = "/api/quotes/";

/// A quote as it is sent.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({"valid_until": "2026-12-31", "language": "pt-BR", "notes": "Obrigado pela conversa.", "terms": "50 % na entrega.",
    "lines": [{"product": 7, "quantity": "12.5", "discount": "5"},
        {"name": "Visita", "unit": "", "quantity": "1", "price": "180.00"}]}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct QuoteInput {
    /// The last day on which it can be accepted; needed before it is sent.
    valid_until: Option<String>,
    /// `pt-BR` or `en`.
    language: Option<String>,
    notes: Option<String>,
    terms: Option<String>,
    /// All of them, in their order. What a line comes to is quantity times price less discount, rounded half up to the
    /// cent; the total is the sum of those.
    lines: Option<Vec<LineInput>>,
}

/// A line as it is sent.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "documents a request body")]
pub struct LineInput {
    /// A product of the company's that is offered. The line copies its name, unit and price where it leaves them out, and
    /// keeps them whatever becomes of the product.
    product: Option<i64>,
    /// Required without a product.
    name: Option<String>,
    unit: Option<String>,
    /// To the thousandth.
    quantity: String,
    /// Required without a product.
    price: Option<String>,
    /// In percent.
    discount: Option<String>,
}

/// Who answers for the customer.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({"name": "Maria Souza, por telefone"}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct AnswerInput {
    #[schema(max_length = 120)]
    name: Option<String>,
}

/// The days and the hands of a request.
impl Crm {
    /// Today, where the company's days begin.
    pub(crate) fn today(&self) -> jiff::civil::Date {
        self.now.to_zoned(self.zone()).date()
    }
}

/// A key for a link: 256 bits that nobody guesses.
pub(crate) fn new_key() -> Result<String, Error> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::Internal(format!("no randomness: {error}")))?;
    Ok(hex::encode(bytes))
}

/// The path of a quote's link, on the tenant's own host.
pub(crate) fn link(key: &str) -> String {
    format!("/q/{key}/")
}

/// The quote.
///
/// # Errors
/// `404` for none.
pub(crate) async fn found(crm: &Crm, id: i64) -> ApiResult<Quote> {
    let found = quotes::find(&crm.data, id, crm.today()).await?;
    found.ok_or_else(not_found)
}

/// Begins a quote for a sale.
///
/// # Errors
/// `404` for a sale that is not there; all wrong fields.
pub(crate) async fn begin(
    crm: &Crm,
    opportunity: i64,
    body: &Map<String, Value>,
) -> ApiResult<Acted> {
    let made = quotes::create(&crm.data, crm.by(), opportunity, body, crm.today()).await?;
    made.ok_or_else(not_found)
}

/// Does something to a quote.
///
/// # Errors
/// `404`; as [`quotes::act`].
pub(crate) async fn perform(
    crm: &Crm,
    id: i64,
    condition: &Precondition,
    act: &Act<'_>,
) -> ApiResult<Acted> {
    let done = quotes::act(&crm.data, crm.by(), (id, condition), act, crm.today()).await?;
    done.ok_or_else(not_found)
}

fn told(status: StatusCode, acted: &Acted) -> Response {
    let quote = &acted.quote;
    let mut value = json!(quote);
    if let Some(key) = &acted.link {
        value["link"] = json!(link(key));
    }
    let mut response = resource::respond(status, &value, quote.version);
    if status == StatusCode::CREATED
        && let Ok(location) = HeaderValue::try_from(format!("{PATH}{}/", quote.id))
    {
        response.headers_mut().insert(LOCATION, location);
    }
    left(response, acted.change_set)
}

fn name_of(crm: &Crm, body: &Body) -> String {
    let told = body.0.get("name").and_then(Value::as_str);
    told.filter(|name| !name.trim().is_empty())
        .map_or_else(|| crm.caller.user.username.clone(), str::to_owned)
}

/// Gives a sale the amount of a quote: a change of the sale as any other.
///
/// # Errors
/// `404`; what the rules of sales refuse.
pub(crate) async fn give_amount(
    crm: &Crm,
    id: i64,
) -> ApiResult<Option<sindico_db::idempotency::Once<Value>>> {
    let quote = found(crm, id).await?;
    let body = Map::from_iter([("amount".to_owned(), json!(quote.total))]);
    let draft = Draft::parse(Kind::Opportunity, &body, Whole::No)?;
    let of = (Kind::Opportunity, quote.opportunity);
    let nobody = HashMap::new();
    let changed = records::change(
        &crm.data,
        crm.by(),
        of,
        &draft,
        &nobody,
        &Precondition::None,
    );
    changed.await.map_err(ApiError::from)
}

/// List quotes
///
/// The newest first.
#[utoipa::path(get, path = "/api/quotes/", tag = "quotes",
    params(
        ("status" = Option<String>, Query, description = "`DRAFT`, `SENT` (those that are over and those that were revised among them), `ACCEPTED`, `REJECTED` or `CANCELED`"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 500, description = "Rows a page; 100 by default"),
        ("cursor" = Option<String>, Query, description = "From the `Link` header of the page before"),
    ),
    responses(
        (status = 200, description = "Quotes; `Link` names the next page", body = Vec<Quote>),
        (status = 403, description = "The caller's role may not"),
    ))]
pub async fn index(crm: Crm, query: Query) -> ApiResult {
    of(&crm, &query, None, PATH).await
}

async fn of(crm: &Crm, query: &Query, opportunity: Option<i64>, path: &str) -> ApiResult {
    let mut f = query.fields();
    let request = page(&mut f);
    let status = f.read("status", choice::<Status>);
    f.finish().check(())?;
    let asked = Asked {
        opportunity,
        status,
    };
    let found = quotes::list(&crm.data, &asked, &request, crm.today()).await?;
    Ok(list::respond(path, query, &found))
}

/// List the quotes of an opportunity
#[utoipa::path(get, path = "/api/opportunities/{id}/quotes/", tag = "quotes",
    params(
        ("id" = i64, Path, description = "The opportunity's id"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 500, description = "Rows a page; 100 by default"),
        ("cursor" = Option<String>, Query, description = "From the `Link` header of the page before"),
    ),
    responses(
        (status = 200, description = "Quotes, the newest first; `Link` names the next page", body = Vec<Quote>),
        (status = 404, description = "Not in this tenant, or in the bin"),
    ))]
pub async fn of_sale(crm: Crm, Id(id): Id, query: Query) -> ApiResult {
    let sale = records::find(&crm.data, Kind::Opportunity, id).await?;
    sale.ok_or_else(not_found)?;
    let path = format!("/api/opportunities/{id}/quotes/");
    of(&crm, &query, Some(id), &path).await
}

/// Begin a quote for an opportunity
///
/// It is a draft until it is sent, and has no number.
#[utoipa::path(post, path = "/api/opportunities/{id}/quotes/", tag = "quotes",
    params(("id" = i64, Path, description = "The opportunity's id")),
    request_body(content = QuoteInput),
    responses(
        (status = 201, description = "Begun", body = Quote),
        (status = 400, description = "All wrong fields, by name; those of lines by their number from 0"),
        (status = 403, description = "The caller's role may not"),
        (status = 404, description = "Not in this tenant, or in the bin"),
    ))]
pub async fn create(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    Ok(told(StatusCode::CREATED, &begin(&crm, id, &body.0).await?))
}

/// Read a quote
#[utoipa::path(get, path = "/api/quotes/{id}/", tag = "quotes",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "With its `ETag`", body = Quote),
        (status = 304, description = "`If-None-Match` names the current version"),
        (status = 404, description = "Not in this tenant, deleted, or of a sale in the bin"),
    ))]
pub async fn show(crm: Crm, Id(id): Id) -> ApiResult {
    let quote = found(&crm, id).await?;
    Ok(resource::read(&crm.headers, &quote, quote.version))
}

/// Change a quote
///
/// While it is a draft; what was sent stays as it is. `lines` are all of them.
#[utoipa::path(patch, path = "/api/quotes/{id}/", tag = "quotes",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Change only this version"),
    ),
    request_body(content = QuoteInput),
    responses(
        (status = 200, description = "Changed", body = Quote),
        (status = 400, description = "All wrong fields, by name; those of lines by their number from 0"),
        (status = 404, description = "Not in this tenant, deleted, or of a sale in the bin"),
        (status = 409, description = "It was sent"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn change(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let at = (id, &crm.precondition());
    let changed = quotes::change(&crm.data, crm.by(), at, &body.0, crm.today()).await?;
    Ok(told(StatusCode::OK, &changed.ok_or_else(not_found)?))
}

/// Delete a quote
///
/// While it is a draft; undo has it back.
#[utoipa::path(delete, path = "/api/quotes/{id}/", tag = "quotes",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Delete only this version"),
    ),
    responses(
        (status = 204, description = "Deleted"),
        (status = 404, description = "Not in this tenant, deleted, or of a sale in the bin"),
        (status = 409, description = "It was sent"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn remove(crm: Crm, Id(id): Id) -> ApiResult {
    let at = (id, &crm.precondition());
    let removed = quotes::remove(&crm.data, crm.by(), at, crm.today()).await?;
    let change_set = removed.ok_or_else(not_found)?;
    Ok(left(StatusCode::NO_CONTENT.into_response(), change_set))
}

/// Send a quote
///
/// It gets its number and a link, whose path is told as `link` this once: what is kept opens nothing. The link lives
/// until `valid_until`, 90 days at most.
#[utoipa::path(post, path = "/api/quotes/{id}/send/", tag = "quotes",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Send only this version"),
    ),
    responses(
        (status = 200, description = "Sent; with its `link`", body = Quote),
        (status = 400, description = "What is missing"),
        (status = 404, description = "Not in this tenant, deleted, or of a sale in the bin"),
        (status = 409, description = "It was sent already"),
    ))]
pub async fn send(crm: Crm, Id(id): Id) -> ApiResult {
    let key = new_key()?;
    let done = perform(&crm, id, &crm.precondition(), &Act::Send(&key)).await?;
    Ok(told(StatusCode::OK, &done))
}

/// Make a quote's link anew
///
/// The path is told as `link` this once; an earlier link opens nothing any more.
#[utoipa::path(post, path = "/api/quotes/{id}/link/", tag = "quotes",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "With its new `link`", body = Quote),
        (status = 404, description = "Not in this tenant, deleted, or of a sale in the bin"),
        (status = 409, description = "It can't be answered (any more)"),
    ))]
pub async fn make_link(crm: Crm, Id(id): Id) -> ApiResult {
    let key = new_key()?;
    let done = perform(&crm, id, &crm.precondition(), &Act::Link(&key)).await?;
    Ok(told(StatusCode::OK, &done))
}

/// Take a quote's link away
#[utoipa::path(delete, path = "/api/quotes/{id}/link/", tag = "quotes",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "It opens nothing any more", body = Quote),
        (status = 404, description = "Not in this tenant, deleted, or of a sale in the bin"),
        (status = 409, description = "It has none"),
    ))]
pub async fn remove_link(crm: Crm, Id(id): Id) -> ApiResult {
    let done = perform(&crm, id, &crm.precondition(), &Act::Unlink).await?;
    Ok(told(StatusCode::OK, &done))
}

/// Note that a quote was accepted
///
/// As the customer said in another way than by the link.
#[utoipa::path(post, path = "/api/quotes/{id}/accept/", tag = "quotes",
    params(("id" = i64, Path, description = "Its id")),
    request_body(content = AnswerInput),
    responses(
        (status = 200, description = "Accepted", body = Quote),
        (status = 404, description = "Not in this tenant, deleted, or of a sale in the bin"),
        (status = 409, description = "It can't be answered (any more)"),
    ))]
pub async fn accept(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let name = name_of(&crm, &body);
    let done = perform(&crm, id, &crm.precondition(), &Act::Accept(&name)).await?;
    Ok(told(StatusCode::OK, &done))
}

/// Note that a quote was rejected
#[utoipa::path(post, path = "/api/quotes/{id}/reject/", tag = "quotes",
    params(("id" = i64, Path, description = "Its id")),
    request_body(content = AnswerInput),
    responses(
        (status = 200, description = "Rejected", body = Quote),
        (status = 404, description = "Not in this tenant, deleted, or of a sale in the bin"),
        (status = 409, description = "It can't be answered (any more)"),
    ))]
pub async fn reject(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let name = name_of(&crm, &body);
    let done = perform(&crm, id, &crm.precondition(), &Act::Reject(&name)).await?;
    Ok(told(StatusCode::OK, &done))
}

/// Cancel a quote
///
/// Its link opens nothing any more.
#[utoipa::path(post, path = "/api/quotes/{id}/cancel/", tag = "quotes",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "Canceled", body = Quote),
        (status = 404, description = "Not in this tenant, deleted, or of a sale in the bin"),
        (status = 409, description = "It was not sent, or answered"),
    ))]
pub async fn cancel(crm: Crm, Id(id): Id) -> ApiResult {
    let done = perform(&crm, id, &crm.precondition(), &Act::Cancel).await?;
    Ok(told(StatusCode::OK, &done))
}

/// Revise a quote
///
/// Begins another with its number in its place; the link of the one before opens nothing any more.
#[utoipa::path(post, path = "/api/quotes/{id}/revise/", tag = "quotes",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 201, description = "The new draft", body = Quote),
        (status = 404, description = "Not in this tenant, deleted, or of a sale in the bin"),
        (status = 409, description = "It was not sent, was accepted or canceled, or has been revised"),
    ))]
pub async fn revise(crm: Crm, Id(id): Id) -> ApiResult {
    let done = perform(&crm, id, &crm.precondition(), &Act::Revise).await?;
    Ok(told(StatusCode::CREATED, &done))
}

/// Give the opportunity a quote's amount
///
/// A change of the opportunity as any other: nothing does it by itself.
#[utoipa::path(post, path = "/api/quotes/{id}/amount/", tag = "quotes",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "The opportunity", body = Object),
        (status = 400, description = "The rules of sales refuse it"),
        (status = 404, description = "Not in this tenant, deleted, or of a sale in the bin"),
    ))]
pub async fn amount(crm: Crm, Id(id): Id) -> ApiResult {
    acted(give_amount(&crm, id).await?)
}
