//! `/api/privacy/`: what people ask for whose data are kept, and what a company promises them (LGPD).

pub mod accesses;
pub mod consents;
pub mod looks;
pub mod retention;
pub(crate) mod worker;

use super::crm::Crm;
use super::records::left;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::query::page;
use crate::contract::resource::{self, Id};
use crate::contract::{Body, Query, list, repeat};
use axum::Json;
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use serde_json::Value;
use sindico_crm::privacy::{self, RequestRow, Survey};
use sindico_db::idempotency::Once;
use sindico_domain::Refusal;
use sindico_domain::crm::draft;
use sindico_domain::input::{Fields, choice};
use sindico_domain::privacy::{Request, RequestKind, RequestState, refusal};

const REQUESTS: &str = "/api/privacy/requests/";

/// A request as it is sent.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({"kind": "ERASURE", "customers": [7], "leads": [3, 4], "received_on": "2026-11-27", "note": "By e-mail"}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct PrivacyRequestInput {
    /// EXPORT for a copy, ERASURE for nothing to be kept.
    kind: RequestKind,
    /// Customers who are that person.
    customers: Option<Vec<i64>>,
    /// Leads who are; of both at least one.
    leads: Option<Vec<i64>>,
    /// When it arrived; today unless told.
    #[schema(value_type = Option<String>, format = Date)]
    received_on: Option<Date>,
    /// How it arrived. It is erased with the person.
    #[schema(max_length = 1000)]
    note: Option<String>,
}

/// Has an erasure done.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({"confirm": true}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct ExecuteInput {
    /// True, for an erasure: it can't be taken back.
    confirm: Option<bool>,
}

/// Why a request is refused.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({"reason": "Invoices are kept for five years (article 16, I)."}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct RefusalInput {
    /// What the person is told.
    #[schema(max_length = 1000)]
    reason: String,
}

/// All that is kept of a person is for who sees all records only.
///
/// # Errors
/// `403` for somebody whose role is narrowed to some of them.
pub(crate) fn whole(crm: &Crm) -> ApiResult<()> {
    match crm.data.sight().is_whole() {
        true => Ok(()),
        false => Err(Refusal::Forbidden(
            "This looks through all records, and your role does not see all of them here."
                .to_owned(),
        )
        .into()),
    }
}

/// Ids with commas between them.
pub(crate) fn ids(value: &Value) -> Result<Vec<i64>, String> {
    let words = value.as_str().unwrap_or_default().split(',');
    words
        .map(|word| draft::id(&Value::from(word.trim())))
        .collect()
}

/// What is kept of a person
///
/// The records that are named, others that may be of the same person (look at them, and ask again with those that
/// are), and in how many places an erasure would erase something. Nothing is changed.
#[utoipa::path(get, path = "/api/privacy/person/", tag = "privacy",
    params(
        ("customers" = Option<String>, Query, description = "Ids of customers, with commas"),
        ("leads" = Option<String>, Query, description = "Ids of leads, with commas"),
    ),
    responses(
        (status = 200, description = "What is kept", body = Survey),
        (status = 400, description = "Records that are not there, by field"),
        (status = 403, description = "The caller is no owner, or does not see all records"),
    ))]
pub async fn person(crm: Crm, query: Query) -> ApiResult {
    whole(&crm)?;
    let mut f = query.fields();
    let customers = f.read("customers", ids).unwrap_or_default();
    let leads = f.read("leads", ids).unwrap_or_default();
    let mut errors = f.finish();
    if errors.is_empty() && customers.is_empty() && leads.is_empty() {
        errors.add(
            "non_field_errors",
            "Name a record in `customers` or `leads`.",
        );
    }
    errors.check(())?;
    let survey = privacy::survey(&crm.data, crm.by(), &customers, &leads).await?;
    Ok(Json(survey).into_response())
}

/// List requests of people
#[utoipa::path(get, path = "/api/privacy/requests/", tag = "privacy",
    params(
        ("state" = Option<String>, Query, description = "Only those that are OPEN, DONE or REFUSED"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 500, description = "Rows a page; 100 by default"),
        ("cursor" = Option<String>, Query, description = "From the `Link` header of the page before"),
    ),
    responses((status = 200, description = "The latest first; `Link` names the next page", body = Vec<RequestRow>)))]
pub async fn index(crm: Crm, query: Query) -> ApiResult {
    let mut f = query.fields();
    let state = f.read("state", choice::<RequestState>);
    let request = page(&mut f);
    f.finish().check(())?;
    let page = privacy::requests(&crm.data, state, &request).await?;
    Ok(list::respond(REQUESTS, &query, &page))
}

/// Write a person's request down
///
/// It is due 15 days after it arrived (LGPD, article 19). Nothing else happens by this.
#[utoipa::path(post, path = "/api/privacy/requests/", tag = "privacy",
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeated request gets the first one's answer")),
    request_body(content = PrivacyRequestInput),
    responses(
        (status = 201, description = "Written down", body = RequestRow),
        (status = 400, description = "All wrong fields, by name"),
        (status = 403, description = "The caller is no owner, or does not see all records"),
    ))]
pub async fn create(crm: Crm, body: Body) -> ApiResult {
    whole(&crm)?;
    let key = crm.key(&body)?;
    let told = Request::parse(&body.0, crm.app().today())?;
    let once = privacy::request(&crm.data, crm.by(), &told, key.as_ref()).await?;
    let mut response = resource::respond(StatusCode::CREATED, &once.value, once.version);
    if let Ok(location) = HeaderValue::try_from(format!("{REQUESTS}{}/", once.value["id"])) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(repeat::mark(response, once.replayed))
}

/// Read a person's request
#[utoipa::path(get, path = "/api/privacy/requests/{id}/", tag = "privacy",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "With its `ETag`", body = RequestRow),
        (status = 404, description = "Not in this tenant"),
    ))]
pub async fn show(crm: Crm, Id(id): Id) -> ApiResult {
    let request = privacy::request_of(&crm.data, id)
        .await?
        .ok_or_else(not_found)?;
    Ok(resource::read(&crm.headers, &request, request.version))
}

/// Do what a person asked for
///
/// An ERASURE erases what tells who they were from their records, the history, the search, imports, forms, views and
/// logs, and **can't be taken back**; numbers, states and days stay. An EXPORT is marked as handed over; the copy is
/// read under `report/`.
#[utoipa::path(post, path = "/api/privacy/requests/{id}/execute/", tag = "privacy",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Only this version"),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeated request gets the first one's answer"),
    ),
    request_body(content = ExecuteInput),
    responses(
        (status = 200, description = "Done", body = RequestRow),
        (status = 400, description = "An erasure without `confirm`"),
        (status = 403, description = "The caller is no owner, or does not see all records"),
        (status = 404, description = "Not in this tenant"),
        (status = 409, description = "It has come to its end already"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn execute(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    whole(&crm)?;
    let key = crm.key(&body)?;
    let request = privacy::request_of(&crm.data, id)
        .await?
        .ok_or_else(not_found)?;
    let mut f = Fields::new(&body.0);
    let confirm = f.read("confirm", sindico_domain::input::boolean);
    if request.kind == RequestKind::Erasure && confirm != Some(true) {
        f.error(
            "confirm",
            "What is erased can't be had back. Send true to have it done.",
        );
    }
    f.finish().check(())?;
    let at = (id, &crm.precondition());
    ended(privacy::execute(&crm.data, crm.by(), at, key.as_ref()).await?)
}

/// Refuse what a person asked for
///
/// With the reason that they are told (LGPD, article 18, § 4), such as a law by which it must be kept.
#[utoipa::path(post, path = "/api/privacy/requests/{id}/refuse/", tag = "privacy",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Only this version"),
        ("Idempotency-Key" = Option<String>, Header, description = "A repeated request gets the first one's answer"),
    ),
    request_body(content = RefusalInput),
    responses(
        (status = 200, description = "Refused", body = RequestRow),
        (status = 400, description = "Without a reason"),
        (status = 404, description = "Not in this tenant"),
        (status = 409, description = "It has come to its end already"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn refuse(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let key = crm.key(&body)?;
    let request = privacy::request_of(&crm.data, id).await?;
    request.ok_or_else(not_found)?;
    let reason = refusal(&body.0)?;
    let at = (id, &crm.precondition());
    ended(privacy::refuse(&crm.data, crm.by(), at, &reason, key.as_ref()).await?)
}

fn ended(once: Option<Once<Value>>) -> ApiResult {
    let once = once.ok_or_else(not_found)?;
    let response = resource::respond(StatusCode::OK, &once.value, once.version);
    Ok(left(repeat::mark(response, once.replayed), once.change_set))
}

/// A person's copy
///
/// All that is kept of the person that a request is about, as one JSON document (LGPD, articles 18 II and 19): their
/// records, what was done with them, what they agreed to, and who looked.
#[utoipa::path(get, path = "/api/privacy/requests/{id}/report/", tag = "privacy",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "The copy", content_type = "application/json"),
        (status = 403, description = "The caller is no owner, or does not see all records"),
        (status = 404, description = "Not in this tenant"),
    ))]
pub async fn report(crm: Crm, Id(id): Id) -> ApiResult {
    copy(&crm, id).await
}

/// The copy as a file.
///
/// # Errors
/// As the handler's.
pub(crate) async fn copy(crm: &Crm, id: i64) -> ApiResult<Response> {
    whole(crm)?;
    let request = privacy::request_of(&crm.data, id)
        .await?
        .ok_or_else(not_found)?;
    let report = privacy::report(&crm.data, crm.by(), &request).await?;
    let mut response = Json(report).into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let name = format!("attachment; filename=\"lgpd-{id}.json\"");
    if let Ok(name) = HeaderValue::try_from(name) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
