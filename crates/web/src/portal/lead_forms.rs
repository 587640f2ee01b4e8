//! `/api/lead-forms/`: forms on the web that make leads, and what was sent by them.

mod asked;
pub mod open;

use super::assignment::assigning;
use super::crm::Crm;
use crate::contract::error::{ApiResult, field, not_found};
use crate::contract::query::page;
use crate::contract::resource::{self, Id};
use crate::contract::{Body, Query, list};
use axum::Json;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::IntoResponse;
use serde_json::{Map, Value, json};
use sindico_crm::lead_forms::{self as forms, Entry, LeadForm};
use sindico_crm::{By, customs};
use sindico_domain::crm::custom::{Customs, FIELDS, Writer};
use sindico_domain::crm::draft::{Draft, Whole};
use sindico_domain::crm::{Datum, Kind, Record};
use sindico_domain::input::choice;
use sindico_domain::lead_form::{EntryState, Wish};
use sindico_outbound::new_secret;
use sindico_store::Error;
use sindico_store::control::members;
use std::collections::HashMap;

const PATH: &str = "/api/lead-forms/";

/// A form as it is sent.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({"title": "Fale com a gente", "fields": ["company", "email", "notes", "custom.employees"], "required": ["custom.employees"], "source": "site", "tags": ["site"], "consent": "Podem me escrever.", "origins": ["https://example.com"]}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct LeadFormInput {
    #[schema(max_length = 120)]
    title: String,
    intro: Option<String>,
    /// What it asks for beside the name: `company`, `email`, `phone`, `notes`, and custom fields of leads as
    /// `custom.<key>`; an e-mail address or a telephone at least. One that is deleted is not asked for until it is back.
    fields: Option<Vec<String>>,
    /// Those without which it can't be sent. So is every custom field that all leads must have.
    required: Option<Vec<String>>,
    /// The leads' source; `web` unless told.
    source: Option<String>,
    tags: Option<Vec<String>>,
    /// The id of the member who looks after the leads.
    owner: Option<i64>,
    /// What people agree to; empty: nothing is asked.
    consent: Option<String>,
    /// What is told afterwards.
    thanks: Option<String>,
    /// Where people are led afterwards instead.
    redirect: Option<String>,
    /// Sites that may send the form, and show it inside of their pages.
    origins: Option<Vec<String>>,
    active: Option<bool>,
}

/// A form as it was sent. It asks for custom fields that are there and that its maker sees; its owner is a member.
async fn read(crm: &Crm, body: &Map<String, Value>, before: Option<&Wish>) -> ApiResult<Wish> {
    let customs = crm.customs_told(body).await?;
    let wish = Wish::parse(body, before, &|name| {
        customs.named(Kind::Lead, name).is_some() && sees(crm, name)
    })?;
    let Some(owner) = wish.owner else {
        return Ok(wish);
    };
    let found = members::active(crm.app().store(), crm.tenant.company.id, &[owner]).await?;
    match found.is_empty() {
        true => Err(field("owner", "This is no active member of the company.")),
        false => Ok(wish),
    }
}

/// Whether who calls sees this field of leads.
pub(crate) fn sees(crm: &Crm, name: &str) -> bool {
    !crm.data.sight().veil().hides(Kind::Lead, name)
}

/// Makes a form of what was sent.
///
/// # Errors
/// All wrong fields; more than a company may have.
pub(crate) async fn make(crm: &Crm, body: &Map<String, Value>) -> ApiResult<LeadForm> {
    let wish = read(crm, body, None).await?;
    let mut bytes = [0u8; 12];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::Internal(format!("no randomness: {error}")))?;
    let secret = new_secret().map_err(Error::Internal)?;
    Ok(forms::create(&crm.data, crm.by(), &wish, (&hex::encode(bytes), &secret)).await?)
}

/// Changes a form to what was sent.
///
/// # Errors
/// As [`make`]; `404`; `412`.
pub(crate) async fn set(crm: &Crm, id: i64, body: &Map<String, Value>) -> ApiResult<LeadForm> {
    let before = found(crm, id).await?;
    let wish = read(crm, body, Some(&before.wish)).await?;
    let at = (id, &crm.precondition());
    forms::change(&crm.data, crm.by(), at, &wish)
        .await?
        .ok_or_else(not_found)
}

/// The form.
///
/// # Errors
/// `404` for none.
pub(crate) async fn found(crm: &Crm, id: i64) -> ApiResult<LeadForm> {
    forms::find(&crm.data, id).await?.ok_or_else(not_found)
}

/// The lead that was typed into a form, with what the form knows beside it.
fn lead(
    form: &LeadForm,
    (sent, asked): (&Map<String, Value>, &Customs),
    members: &HashMap<i64, String>,
    now: jiff::Timestamp,
) -> Result<Record, sindico_domain::FieldErrors> {
    let mut body = sent.clone();
    body.insert("source".to_owned(), json!(form.wish.source));
    body.insert("tags".to_owned(), json!(form.wish.tags));
    let owner = form.wish.owner.filter(|owner| members.contains_key(owner));
    body.insert("owner".to_owned(), json!(owner));
    let draft = Draft::parse((Kind::Lead, asked), &body, Whole::Yes)?;
    let mut record = Record::new(Kind::Lead, now);
    draft.apply(&mut record, members)?;
    Ok(record)
}

/// Makes a lead of what waits.
///
/// # Errors
/// `404`; what the rules of leads refuse.
pub(crate) async fn accept_entry(crm: &Crm, id: i64) -> ApiResult<Entry> {
    let entry = forms::entry(&crm.data, id).await?.ok_or_else(not_found)?;
    if entry.state != EntryState::Quarantine {
        return Ok(entry);
    }
    let form = found(crm, entry.form).await?;
    let owner: Vec<i64> = form.wish.owner.into_iter().collect();
    let members = members::active(crm.app().store(), crm.tenant.company.id, &owner).await?;
    let mut sent = entry.sent.as_object().cloned().unwrap_or_default();
    let told = sent.remove(FIELDS);
    let customs = asked::still(&customs::read(&crm.data).await?, told);
    let mut record = lead(&form, (&sent, Customs::none()), &members, crm.now)?;
    record.set(FIELDS, Datum::Custom(customs));
    let by = By {
        writer: Writer::Exempt,
        ..crm.by()
    };
    let assigning = assigning(crm.app(), &crm.data, None).await?;
    let accepted = forms::accept(&crm.data, by, id, record, &assigning).await?;
    accepted.ok_or_else(not_found)
}

/// List forms
#[utoipa::path(get, path = "/api/lead-forms/", tag = "lead-forms",
    responses((status = 200, description = "All of them, the oldest first", body = Vec<Object>)))]
pub async fn index(crm: Crm) -> ApiResult {
    Ok(Json(forms::list(&crm.data).await?).into_response())
}

/// Make a form
///
/// It is at `/f/{key}/` on the tenant's own host, for people and for programs.
#[utoipa::path(post, path = "/api/lead-forms/", tag = "lead-forms",
    request_body(content = LeadFormInput),
    responses(
        (status = 201, description = "Made", body = Object),
        (status = 400, description = "All wrong fields, by name"),
    ))]
pub async fn create(crm: Crm, body: Body) -> ApiResult {
    let made = make(&crm, &body.0).await?;
    let mut response = resource::respond(StatusCode::CREATED, &made, made.version);
    if let Ok(location) = HeaderValue::try_from(format!("{PATH}{}/", made.id)) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// Read a form
#[utoipa::path(get, path = "/api/lead-forms/{id}/", tag = "lead-forms",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "With its `ETag`", body = Object),
        (status = 404, description = "Not in this tenant"),
    ))]
pub async fn show(crm: Crm, Id(id): Id) -> ApiResult {
    let form = found(&crm, id).await?;
    Ok(resource::read(&crm.headers, &form, form.version))
}

/// Change a form
#[utoipa::path(patch, path = "/api/lead-forms/{id}/", tag = "lead-forms",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Change only this version"),
    ),
    request_body(content = LeadFormInput),
    responses(
        (status = 200, description = "Changed", body = Object),
        (status = 400, description = "All wrong fields, by name"),
        (status = 404, description = "Not in this tenant"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn change(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let form = set(&crm, id, &body.0).await?;
    Ok(resource::respond(StatusCode::OK, &form, form.version))
}

/// Delete a form
///
/// With what waits; its leads stay.
#[utoipa::path(delete, path = "/api/lead-forms/{id}/", tag = "lead-forms",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Delete only this version"),
    ),
    responses(
        (status = 204, description = "Deleted"),
        (status = 404, description = "Not in this tenant"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn remove(crm: Crm, Id(id): Id) -> ApiResult {
    let at = (id, &crm.precondition());
    match forms::remove(&crm.data, crm.by(), at).await? {
        true => Ok(StatusCode::NO_CONTENT.into_response()),
        false => Err(not_found()),
    }
}

/// Undo the last edit of a form
///
/// It is as it was before; to undo once more is to have it again.
#[utoipa::path(post, path = "/api/lead-forms/{id}/undo/", tag = "lead-forms",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Undo only on this version"),
    ),
    responses(
        (status = 200, description = "As it was before", body = Object),
        (status = 404, description = "Not in this tenant"),
        (status = 409, description = "It was never edited"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn undo(crm: Crm, Id(id): Id) -> ApiResult {
    let form = forms::undo(&crm.data, crm.by(), (id, &crm.precondition())).await?;
    let form = form.ok_or_else(not_found)?;
    Ok(resource::respond(StatusCode::OK, &form, form.version))
}

/// What was sent by a form
///
/// The newest first. What may be spam waits for 30 days in `QUARANTINE`.
#[utoipa::path(get, path = "/api/lead-forms/{id}/entries/", tag = "lead-forms",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("state" = Option<String>, Query, description = "Only these: `LEAD`, `QUARANTINE` or `DISCARDED`"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 500, description = "Rows a page; 100 by default"),
        ("cursor" = Option<String>, Query, description = "From the `Link` header of the page before"),
    ),
    responses(
        (status = 200, description = "Entries; `Link` names the next page", body = Vec<Entry>),
        (status = 404, description = "Not in this tenant"),
    ))]
pub async fn entries(crm: Crm, Id(id): Id, query: Query) -> ApiResult {
    found(&crm, id).await?;
    let mut f = query.fields();
    let request = page(&mut f);
    let state = f.read("state", choice::<EntryState>);
    f.finish().check(())?;
    let page = forms::entries(&crm.data, id, state, &request).await?;
    Ok(list::respond(
        &format!("{PATH}{id}/entries/"),
        &query,
        &page,
    ))
}

/// Make a lead of what waits
#[utoipa::path(post, path = "/api/lead-form-entries/{id}/accept/", tag = "lead-forms",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "With its lead", body = Entry),
        (status = 400, description = "It is no lead as it is; the fields say why"),
        (status = 404, description = "Not in this tenant"),
    ))]
pub async fn accept(crm: Crm, Id(id): Id) -> ApiResult {
    Ok(Json(accept_entry(&crm, id).await?).into_response())
}

/// Discard what waits
///
/// What it says is forgotten.
#[utoipa::path(post, path = "/api/lead-form-entries/{id}/discard/", tag = "lead-forms",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "Discarded", body = Entry),
        (status = 404, description = "Not in this tenant"),
    ))]
pub async fn discard(crm: Crm, Id(id): Id) -> ApiResult {
    let entry = forms::discard(&crm.data, id).await?;
    Ok(Json(entry.ok_or_else(not_found)?).into_response())
}
