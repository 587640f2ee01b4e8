//! `/api/assignment-rules/`: who gets new leads that nobody was named for.

use super::crm::Crm;
use crate::App;
use crate::contract::Body;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::resource;
use axum::Json;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde_json::{Map, Value};
use sindico_crm::assignment::{self, Assigning, Rules};
use sindico_db::{Result, TenantConnection};
use sindico_domain::access::capability::Method;
use sindico_domain::assignment::Rule;
use sindico_domain::crm::draft::{Draft, Whole};
use sindico_domain::crm::{Kind, Record, UserRef};
use sindico_domain::input::{Fields, integer};
use sindico_domain::precondition::Precondition;
use sindico_store::control::members;
use std::collections::BTreeSet;

/// All rules as they are sent.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({"rules": [{"name": "Sul", "filter": {"field": "source", "op": "is", "value": "site"}, "users": [7, 8], "fallback": 9}]}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct RulesInput {
    /// In their order: the first that fits and has somebody gives. Those with an id stay the same ones.
    #[schema(max_items = 50, value_type = Vec<Object>)]
    rules: Vec<Rule>,
}

/// How new leads are given away, by whom the rules name and who is active; `otherwise` gets the rest.
///
/// # Errors
/// When the tenant's place or the control database can't be reached.
pub(crate) async fn assigning(
    app: &App,
    data: &TenantConnection,
    otherwise: Option<UserRef>,
) -> Result<Assigning> {
    let people = assignment::people(data).await?;
    let members = match people.is_empty() {
        true => Default::default(),
        false => members::active(app.store(), data.company_id(), &people).await?,
    };
    Ok(Assigning {
        members,
        otherwise,
        zone: Some(app.config().time_zone.clone()),
    })
}

/// Puts these in the place of all rules.
///
/// # Errors
/// All that is wrong, by rule; `412`.
pub(crate) async fn set_at(
    crm: &Crm,
    body: &Map<String, Value>,
    condition: &Precondition,
) -> ApiResult<Rules> {
    let all = members::all_active(crm.app().store(), crm.tenant.company.id).await?;
    let active: BTreeSet<i64> = all.into_iter().map(|(id, _, _)| id).collect();
    Ok(assignment::set(&crm.data, crm.by(), condition, body, &active).await?)
}

/// Read the rules
#[utoipa::path(get, path = "/api/assignment-rules/", tag = "assignment",
    responses((status = 200, description = "`rules`: all of them in their order, each with `id`, `name`, `active`, `filter`, `users`, `team` and `fallback`; with their `ETag`", body = Object)))]
pub async fn show(crm: Crm) -> ApiResult {
    let rules = assignment::list(&crm.data).await?;
    Ok(resource::read(&crm.headers, &rules, rules.version))
}

/// Set the rules
///
/// All of them, in their order. They give new leads that are made without an `owner`: by the API, by a form on the web,
/// by an import without such a column. People get them in turn; who is no active member any more is passed over.
#[utoipa::path(put, path = "/api/assignment-rules/", tag = "assignment",
    params(("If-Match" = Option<String>, Header, description = "Set only over this version")),
    request_body(content = RulesInput),
    responses(
        (status = 200, description = "Set", body = Object),
        (status = 400, description = "All that is wrong, by rule: `rules.0`"),
        (status = 412, description = "They have changed since"),
    ))]
pub async fn replace(crm: Crm, body: Body) -> ApiResult {
    let rules = set_at(&crm, &body.0, &crm.precondition()).await?;
    Ok(resource::respond(StatusCode::OK, &rules, rules.version))
}

/// Undo the last change of the rules
///
/// To undo once more is to have it again. Turns go on where they are.
#[utoipa::path(post, path = "/api/assignment-rules/undo/", tag = "assignment",
    params(("If-Match" = Option<String>, Header, description = "Undo only on this version")),
    responses(
        (status = 200, description = "As they were before", body = Object),
        (status = 409, description = "Nothing was changed yet"),
        (status = 412, description = "They have changed since"),
    ))]
pub async fn undo(crm: Crm) -> ApiResult {
    let rules = assignment::undo(&crm.data, crm.by(), &crm.precondition()).await?;
    Ok(resource::respond(StatusCode::OK, &rules, rules.version))
}

/// What was done to the rules
#[utoipa::path(get, path = "/api/assignment-rules/history/", tag = "assignment",
    responses((status = 200, description = "The last hundred changes, the newest first: `action`, `user`, `username`, `at`, `before` and `after`", body = Vec<Object>)))]
pub async fn history(crm: Crm) -> ApiResult {
    Ok(Json(assignment::history(&crm.data).await?).into_response())
}

/// Try the rules
///
/// Which rule would give a lead, and to whom: the `lead` with this id, or one with these fields. Nothing is written, and
/// no turn is taken.
#[utoipa::path(post, path = "/api/assignment-rules/preview/", tag = "assignment",
    request_body(content = Object, description = "`lead`: an id; or the fields of a lead"),
    responses(
        (status = 200, description = "What would be done: `rule`, its `name`, `user` and `username`; null when no rule would give it", body = Object),
        (status = 400, description = "All wrong fields, by name"),
        (status = 404, description = "No such lead"),
    ))]
pub async fn preview(crm: Crm, body: Body) -> ApiResult {
    let mut f = Fields::new(&body.0);
    let id = f.read("lead", integer(1..=i64::MAX));
    f.finish().check(())?;
    let lead = match id {
        Some(id) => {
            crm.tenant.require(Kind::Lead.resource(), Method::Get)?;
            Ok(id)
        }
        None => {
            let draft = Draft::parse(Kind::Lead, &body.0, Whole::Yes)?;
            let members = crm.members(&draft).await?;
            let mut record = Record::new(Kind::Lead, crm.now);
            draft.apply(&mut record, &members)?;
            Err(record)
        }
    };
    let assigning = assigning(crm.app(), &crm.data, None).await?;
    let found = assignment::preview(&crm.data, crm.by(), lead, &assigning).await?;
    Ok(Json(found.ok_or_else(not_found)?).into_response())
}
