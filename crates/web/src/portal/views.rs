//! `/api/views/`: saved views of lists and boards.

use super::crm::Crm;
use crate::contract::error::{ApiResult, field, not_found};
use crate::contract::resource::{self, Id};
use crate::contract::{Body, Query};
use axum::Json;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::IntoResponse;
use sindico_crm::views::{self, Reader};
use sindico_domain::FieldErrors;
use sindico_domain::access::Role;
use sindico_domain::access::capability::{Method, Resource};
use sindico_domain::crm::Kind;
use sindico_domain::crm::view::{Density, Draft, View, Visibility};
use sindico_domain::input::{Fields, choice};

/// A view as it is sent.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({"kind": "lead", "name": "Quentes", "visibility": "TENANT", "filter": {"field": "score", "op": "gte", "value": 70}, "sort": "-score"}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct ViewInput {
    /// Which records; stays as it was made.
    kind: Kind,
    #[schema(max_length = 60)]
    name: String,
    /// PRIVATE unless told.
    visibility: Option<Visibility>,
    /// Of TEAM: one of the caller's teams.
    team: Option<i64>,
    /// A tree of conditions.
    #[schema(value_type = Option<Object>)]
    filter: Option<serde_json::Value>,
    /// As `?sort=` of the list.
    sort: Option<String>,
    /// Names of fields.
    columns: Option<Vec<String>>,
    density: Option<Density>,
    /// The roles that begin with it.
    default_for: Option<Vec<Role>>,
}

impl Crm {
    /// Whether the caller's role may use this method of views that everybody sees.
    pub fn may_share(&self, method: Method) -> bool {
        self.tenant.allows(Resource::Views, method)
    }

    /// What the caller has to do with views.
    pub fn viewer<'a>(&self, may: &'a (dyn Fn(Method) -> bool + Sync)) -> Reader<'a> {
        Reader {
            user: self.caller.user.id,
            kinds: self.readable(),
            may,
        }
    }
}

/// List views
///
/// The caller's own, and those that everybody sees, of kinds that the caller's role may read.
#[utoipa::path(get, path = "/api/views/", tag = "views",
    params(("kind" = Option<String>, Query, description = "Only of this kind: customer, lead, opportunity, activity or sales_goal")),
    responses((status = 200, description = "All of them, those that everybody sees first", body = Vec<View>)))]
pub async fn index(crm: Crm, query: Query) -> ApiResult {
    let mut f = query.fields();
    let kind = f.read("kind", choice::<Kind>);
    f.finish().check(())?;
    let mut kinds = crm.readable();
    kinds.retain(|one| kind.is_none_or(|kind| *one == kind));
    let all = views::list(&crm.data, crm.caller.user.id, &kinds).await?;
    Ok(Json(all).into_response())
}

/// Make a view
///
/// One's own by anybody; one that everybody sees takes the permission for `POST` on `views`.
#[utoipa::path(post, path = "/api/views/", tag = "views",
    request_body(content = ViewInput),
    responses(
        (status = 201, description = "Made", body = View),
        (status = 400, description = "All wrong fields, by name"),
        (status = 403, description = "The caller's role may not make one for everybody"),
    ))]
pub async fn create(crm: Crm, body: Body) -> ApiResult {
    let mut f = Fields::new(&body.0);
    let kind = f.require("kind", choice::<Kind>);
    let mut errors: FieldErrors = f.finish();
    let draft = Draft::parse(kind.unwrap_or(Kind::Lead), &body.0, true);
    let draft = match (kind, draft) {
        (_, Ok(draft)) => draft,
        (None, Err(_)) => return Err(errors.into()),
        (Some(_), Err(wrong)) => {
            errors.merge(wrong);
            return Err(errors.into());
        }
    };
    let kind = errors.check(kind)?.unwrap_or(Kind::Lead);
    if !crm.may(kind, Method::Get) {
        return Err(field("kind", "Your role may not read these records."));
    }
    let may = |method: Method| crm.may_share(method);
    let view = views::create(&crm.data, crm.by(), &crm.viewer(&may), kind, draft).await?;
    let mut response = resource::respond(StatusCode::CREATED, &view, view.version);
    if let Ok(location) = HeaderValue::try_from(format!("/api/views/{}/", view.id)) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// Read a view
#[utoipa::path(get, path = "/api/views/{id}/", tag = "views",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "With its `ETag`", body = View),
        (status = 304, description = "`If-None-Match` names the current version"),
        (status = 404, description = "Not in this tenant, deleted, or another's own"),
    ))]
pub async fn show(crm: Crm, Id(id): Id) -> ApiResult {
    let may = |method: Method| crm.may_share(method);
    let view = views::find(&crm.data, &crm.viewer(&may), id).await?;
    let view = view.ok_or_else(not_found)?;
    Ok(resource::read(&crm.headers, &view, view.version))
}

/// Change a view
///
/// One that everybody sees only with `If-Match`, so that nobody's change is overwritten unseen.
#[utoipa::path(patch, path = "/api/views/{id}/", tag = "views",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Change only this version; must be there for a view that everybody sees"),
    ),
    request_body(content = ViewInput),
    responses(
        (status = 200, description = "Changed", body = View),
        (status = 400, description = "All wrong fields, by name"),
        (status = 403, description = "The caller's role may not change what everybody sees"),
        (status = 404, description = "Not in this tenant, deleted, or another's own"),
        (status = 412, description = "It has changed since"),
        (status = 428, description = "Everybody sees it, and `If-Match` is missing"),
    ))]
pub async fn change(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let may = |method: Method| crm.may_share(method);
    let reader = crm.viewer(&may);
    let view = views::find(&crm.data, &reader, id).await?;
    let kind = view.ok_or_else(not_found)?.kind;
    let draft = Draft::parse(kind, &body.0, false)?;
    let at = (id, &crm.precondition());
    let changed = views::change(&crm.data, crm.by(), &reader, at, draft).await?;
    let view = changed.ok_or_else(not_found)?;
    Ok(resource::respond(StatusCode::OK, &view, view.version))
}

/// Delete a view
#[utoipa::path(delete, path = "/api/views/{id}/", tag = "views",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Delete only this version; must be there for a view that everybody sees"),
    ),
    responses(
        (status = 204, description = "Deleted; `undo` has it back"),
        (status = 403, description = "The caller's role may not delete what everybody sees"),
        (status = 404, description = "Not in this tenant, deleted, or another's own"),
        (status = 412, description = "It has changed since"),
        (status = 428, description = "Everybody sees it, and `If-Match` is missing"),
    ))]
pub async fn remove(crm: Crm, Id(id): Id) -> ApiResult {
    let may = |method: Method| crm.may_share(method);
    let at = (id, &crm.precondition());
    match views::remove(&crm.data, crm.by(), &crm.viewer(&may), at).await? {
        true => Ok(StatusCode::NO_CONTENT.into_response()),
        false => Err(not_found()),
    }
}

/// Undo the last change of a view
///
/// Its deletion included; to undo once more is to have it again. As a change, it takes the permission for
/// the opposite, and `If-Match` for what everybody sees.
#[utoipa::path(post, path = "/api/views/{id}/undo/", tag = "views",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Undo only on this version; must be there for a view that everybody sees"),
    ),
    responses(
        (status = 200, description = "As it was before", body = View),
        (status = 204, description = "It was new, and is gone"),
        (status = 404, description = "Never was in this tenant, or another's own"),
        (status = 412, description = "It has changed since"),
        (status = 428, description = "Everybody sees it, and `If-Match` is missing"),
    ))]
pub async fn undo(crm: Crm, Id(id): Id) -> ApiResult {
    let may = |method: Method| crm.may_share(method);
    let at = (id, &crm.precondition());
    match views::undo(&crm.data, crm.by(), &crm.viewer(&may), at).await? {
        Some((view, false)) => Ok(resource::respond(StatusCode::OK, &view, view.version)),
        Some((_, true)) => Ok(StatusCode::NO_CONTENT.into_response()),
        None => Err(not_found()),
    }
}
