//! `/api/custom-fields/`: what a company writes down of its records besides.

use super::crm::Crm;
use super::records::left;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::resource::{self, Id};
use crate::contract::{Body, Query, repeat};
use axum::Json;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::IntoResponse;
use serde_json::Value;
use sindico_crm::customs;
use sindico_crm::pipelines::SetupChange;
use sindico_domain::FieldErrors;
use sindico_domain::access::Role;
use sindico_domain::crm::Kind;
use sindico_domain::crm::custom::{CustomField, CustomOption, CustomType, FieldDraft, MOST};
use sindico_domain::crm::draft;
use sindico_domain::input::{Fields, choice};
use std::sync::Arc;

/// A custom field as it is sent.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({"kind": "lead", "label": "Segmento", "type": "CHOICE", "options": [{"value": "VAREJO", "label": "Varejo"}, {"value": "INDUSTRIA", "label": "Indústria"}], "required_roles": ["MANAGER"], "on_card": true}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct CustomFieldInput {
    /// lead, customer, opportunity or activity; stays as it was made.
    kind: Kind,
    #[schema(max_length = 60)]
    label: String,
    /// Small letters, digits and `_`; made of the label unless told; stays as it was made.
    #[schema(max_length = 40)]
    key: Option<String>,
    /// Stays as it was made.
    #[schema(rename = "type")]
    ty: CustomType,
    /// Of a choice, in their order; objects, or labels alone. One that a record has is retired, not left out.
    #[schema(max_items = 100)]
    options: Option<Vec<CustomOption>>,
    #[schema(max_length = 300)]
    help: Option<String>,
    /// Whether a new record must have it, and none may lose it; false unless told.
    required: Option<bool>,
    /// The roles of which the same is asked.
    required_roles: Option<Vec<Role>>,
    /// Whether searches look in it: text only.
    searchable: Option<bool>,
    /// Whether cards of boards show it: the first three do.
    on_card: Option<bool>,
    /// Whether it tells something about a person.
    pii: Option<bool>,
}

/// The order of a kind's custom fields.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({"kind": "lead", "ids": [3, 1, 2]}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct CustomFieldOrder {
    kind: Kind,
    /// All of them, each once.
    #[schema(max_items = 50)]
    ids: Vec<i64>,
}

impl Crm {
    /// Custom fields were set up: this program shows it at once, and texts for searches follow.
    ///
    /// # Errors
    /// When the tenant's place or the control database can't be reached.
    pub async fn fields_were_set_up(&self) -> ApiResult<()> {
        self.was_set_up();
        if customs::waits(&self.data).await? {
            super::imports::look_after(self).await?;
        }
        Ok(())
    }
}

/// List custom fields
///
/// Their values stand in the records' `custom_fields`, by `key`. Lists filter by them as `custom.<key>`.
#[utoipa::path(get, path = "/api/custom-fields/", tag = "custom-fields",
    params(("kind" = Option<String>, Query, description = "Only of this kind: lead, customer, opportunity or activity")),
    responses((status = 200, description = "All of them, by kind and in their order", body = Vec<CustomField>)))]
pub async fn index(crm: Crm, query: Query) -> ApiResult {
    let mut f = query.fields();
    let kind = f.read("kind", choice::<Kind>);
    f.finish().check(())?;
    let all = customs::read(&crm.data).await?;
    let all = all
        .all()
        .filter(|field| kind.is_none_or(|kind| field.kind == kind));
    Ok(Json(all.collect::<Vec<&Arc<CustomField>>>()).into_response())
}

/// Make a custom field
///
/// At most 50 of a kind.
#[utoipa::path(post, path = "/api/custom-fields/", tag = "custom-fields",
    params(("Idempotency-Key" = Option<String>, Header, description = "A repeated request gets the first one's answer")),
    request_body(content = CustomFieldInput),
    responses(
        (status = 201, description = "Made", body = CustomField),
        (status = 400, description = "All wrong fields, by name"),
    ))]
pub async fn create(crm: Crm, body: Body) -> ApiResult {
    let key = crm.key(&body)?;
    let draft = FieldDraft::parse(&body.0, true)?;
    let once = customs::create(&crm.data, crm.by(), &draft, key.as_ref()).await?;
    crm.fields_were_set_up().await?;
    let mut response = resource::respond(StatusCode::CREATED, &once.value, once.version);
    let id = once.value["id"].as_i64().unwrap_or_default();
    if let Ok(location) = HeaderValue::try_from(format!("/api/custom-fields/{id}/")) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(left(repeat::mark(response, once.replayed), once.change_set))
}

/// How custom fields were set up
///
/// The latest hundred changes, the newest first. Each is a change set: `POST /api/changes/{id}/undo/` takes it
/// back, a deletion with all its values.
#[utoipa::path(get, path = "/api/custom-fields/history/", tag = "custom-fields",
    responses((status = 200, description = "Changes", body = Vec<SetupChange>)))]
pub async fn history(crm: Crm) -> ApiResult {
    Ok(Json(customs::history(&crm.data).await?).into_response())
}

/// Put custom fields in order
#[utoipa::path(post, path = "/api/custom-fields/order/", tag = "custom-fields",
    request_body(content = CustomFieldOrder),
    responses(
        (status = 200, description = "Those of this kind, in their order", body = Vec<CustomField>),
        (status = 400, description = "They are not all of this kind, each once"),
    ))]
pub async fn order(crm: Crm, body: Body) -> ApiResult {
    let (kind, ids) = ordered(&body)?;
    let change_set = customs::order(&crm.data, crm.by(), kind, &ids).await?;
    crm.fields_were_set_up().await?;
    let all = customs::read(&crm.data).await?;
    let all: Vec<&Arc<CustomField>> = all.of(kind).collect();
    Ok(left(Json(all).into_response(), change_set))
}

/// What an order says.
fn ordered(body: &Body) -> Result<(Kind, Vec<i64>), FieldErrors> {
    let mut f = Fields::new(&body.0);
    let kind = f.require("kind", choice::<Kind>);
    let ids = f.require("ids", |value| match value {
        Value::Array(ids) if ids.len() <= MOST => ids.iter().map(draft::id).collect(),
        _ => Err(format!("Expected a list of at most {MOST} ids.")),
    });
    f.finish()
        .check((kind.unwrap_or(Kind::Lead), ids.unwrap_or_default()))
}

/// Read a custom field
#[utoipa::path(get, path = "/api/custom-fields/{id}/", tag = "custom-fields",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "With its `ETag`", body = CustomField),
        (status = 304, description = "`If-None-Match` names the current version"),
        (status = 404, description = "Not in this tenant"),
    ))]
pub async fn show(crm: Crm, Id(id): Id) -> ApiResult {
    let all = customs::read(&crm.data).await?;
    let found = all.with_id(id).ok_or_else(not_found)?;
    Ok(resource::read(&crm.headers, found, found.version))
}

/// Change a custom field
///
/// Not its kind, its key or its type.
#[utoipa::path(patch, path = "/api/custom-fields/{id}/", tag = "custom-fields",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Change only this version"),
    ),
    request_body(content = CustomFieldInput),
    responses(
        (status = 200, description = "Changed", body = CustomField),
        (status = 400, description = "All wrong fields, by name"),
        (status = 404, description = "Not in this tenant"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn change(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let draft = match FieldDraft::parse(&body.0, false) {
        Ok(draft) => draft,
        // What is not there is told before what is wrong with what was sent for it.
        Err(wrong) => {
            let all = customs::read(&crm.data).await?;
            all.with_id(id).ok_or_else(not_found)?;
            return Err(wrong.into());
        }
    };
    let at = (id, &crm.precondition());
    let changed = customs::change(&crm.data, crm.by(), at, &draft).await?;
    let changed = changed.ok_or_else(not_found)?;
    crm.fields_were_set_up().await?;
    let response = resource::respond(StatusCode::OK, &changed.now, changed.now.version);
    Ok(left(response, changed.change_set))
}

/// Delete a custom field
///
/// Its values stay where they are, unseen, and are back once that is undone.
#[utoipa::path(delete, path = "/api/custom-fields/{id}/", tag = "custom-fields",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Delete only this version"),
    ),
    responses(
        (status = 204, description = "Deleted; `X-Change-Set` names what can be undone"),
        (status = 404, description = "Not in this tenant"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn remove(crm: Crm, Id(id): Id) -> ApiResult {
    let removed = customs::remove(&crm.data, crm.by(), (id, &crm.precondition())).await?;
    let change_set = removed.ok_or_else(not_found)?;
    crm.fields_were_set_up().await?;
    Ok(left(
        StatusCode::NO_CONTENT.into_response(),
        Some(change_set),
    ))
}
