//! `/api/notifications/`: what the caller was told of, and what they want to be told of. Everybody's are their own,
//! whatever their role.

pub(crate) mod mails;
pub(crate) mod worker;

use super::crm::Crm;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::query::page;
use crate::contract::resource::Id;
use crate::contract::{Body, Query, list};
use crate::gate::actor::Caller;
use crate::gate::tenant::TenantContext;
use axum::Json;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde_json::json;
use sindico_crm::notifications::{self, Notification, Reader, Unread};
use sindico_domain::access::Role;
use sindico_domain::access::capability::{Method, RoleMatrix};
use sindico_domain::crm::Kind;
use sindico_domain::input::{Fields, boolean, integer};
use sindico_domain::notification::{Topic, Ways, read_preferences};

/// How somebody wants to be told of a topic.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({"OVERDUE": {"portal": true, "mail": true}}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct PreferencesInput {
    #[schema(rename = "REMINDER")]
    reminder: Option<Ways>,
    #[schema(rename = "ASSIGNED")]
    assigned: Option<Ways>,
    #[schema(rename = "LEAD_ARRIVED")]
    lead_arrived: Option<Ways>,
    #[schema(rename = "OVERDUE")]
    overdue: Option<Ways>,
    #[schema(rename = "SLA_BREACHED")]
    sla_breached: Option<Ways>,
    #[schema(rename = "IMPORT_DONE")]
    import_done: Option<Ways>,
    #[schema(rename = "WEBHOOK_STOPPED")]
    webhook_stopped: Option<Ways>,
}

impl Crm {
    /// What the caller reads notifications of.
    pub(crate) fn told(&self) -> Reader {
        reader(&self.caller, &self.tenant, self.readable())
    }
}

/// Of what somebody reads notifications: of records that their role and their token let them read, and of what else is
/// theirs.
pub(crate) fn reader(caller: &Caller, tenant: &TenantContext, kinds: Vec<Kind>) -> Reader {
    let whole = caller.scopes.is_full();
    let topics = Topic::ALL.iter().copied().filter(|topic| match topic {
        topic if topic.is_of_records() => true,
        topic if topic.is_for_owners() => whole && tenant.is_owner(),
        _ => whole,
    });
    Reader {
        user: caller.user.id,
        kinds,
        topics: topics.collect(),
    }
}

/// The same for somebody who does not ask by themself: whom a mail is for.
pub(crate) fn reader_of(user: i64, role: Role, superuser: bool, roles: &RoleMatrix) -> Reader {
    let kinds = Kind::ALL.iter().copied();
    let may = |kind: &Kind| roles.allows(Some(role), superuser, kind.resource(), Method::Get);
    let topics = Topic::ALL.iter().copied();
    Reader {
        user,
        kinds: kinds.filter(may).collect(),
        topics: topics
            .filter(|topic| role == Role::Owner || !topic.is_for_owners())
            .collect(),
    }
}

/// List notifications
///
/// The caller's own, the newest first. What is about a record that they do not see is not among them.
#[utoipa::path(get, path = "/api/notifications/", tag = "notifications",
    params(
        ("unread" = Option<bool>, Query, description = "Only those that were not read"),
        ("limit" = Option<i64>, Query, description = "Rows a page: 1 to 500, 100 unless told"),
        ("cursor" = Option<String>, Query, description = "From the `Link` header"),
    ),
    responses(
        (status = 200, description = "A page of them; `Link` leads to the next", body = Vec<Notification>),
        (status = 400, description = "A parameter is wrong"),
    ))]
pub async fn index(crm: Crm, query: Query) -> ApiResult {
    let mut f = query.fields();
    let unread = f.read("unread", boolean).unwrap_or(false);
    let request = page(&mut f);
    f.finish().check(())?;
    let found = notifications::list(&crm.data, &crm.told(), unread, &request).await?;
    Ok(list::respond("/api/notifications/", &query, &found))
}

/// Count what was not read
#[utoipa::path(get, path = "/api/notifications/count/", tag = "notifications",
    responses((status = 200, description = "How many", body = Unread)))]
pub async fn count(crm: Crm) -> ApiResult {
    let unread = notifications::unread(&crm.data, &crm.told()).await?;
    Ok(Json(unread).into_response())
}

/// Mark one as read
#[utoipa::path(post, path = "/api/notifications/{id}/read/", tag = "notifications",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 204, description = "Read, now or before"),
        (status = 404, description = "None of the caller's"),
    ))]
pub async fn read(crm: Crm, Id(id): Id) -> ApiResult {
    mark(&crm, id, true).await
}

/// Mark one as not read
#[utoipa::path(post, path = "/api/notifications/{id}/unread/", tag = "notifications",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 204, description = "Not read any more"),
        (status = 404, description = "None of the caller's"),
    ))]
pub async fn unread(crm: Crm, Id(id): Id) -> ApiResult {
    mark(&crm, id, false).await
}

pub(crate) async fn mark(crm: &Crm, id: i64, read: bool) -> ApiResult {
    let at = read.then_some(crm.now);
    match notifications::mark(&crm.data, crm.caller.user.id, id, at).await? {
        true => Ok(StatusCode::NO_CONTENT.into_response()),
        false => Err(not_found()),
    }
}

/// Mark all as read
///
/// With `until`, the id of the newest that was seen, those that came since stay as they are.
#[utoipa::path(post, path = "/api/notifications/read/", tag = "notifications",
    request_body(content = Object, description = "`until`: an id; without it all"),
    responses(
        (status = 200, description = "`read`: how many that were", body = Object),
        (status = 400, description = "A field is wrong"),
    ))]
pub async fn read_all(crm: Crm, body: Body) -> ApiResult {
    let count = mark_all(&crm, &body).await?;
    Ok(Json(json!({ "read": count })).into_response())
}

pub(crate) async fn mark_all(crm: &Crm, body: &Body) -> ApiResult<u64> {
    let mut f = Fields::new(&body.0);
    let until = f.read("until", integer(0..=i64::MAX));
    f.finish().check(())?;
    Ok(notifications::mark_all(&crm.data, crm.caller.user.id, until, crm.now).await?)
}

/// What the caller wants to be told of
///
/// For each topic whether the portal shows it, and whether it comes by e-mail.
#[utoipa::path(get, path = "/api/notifications/preferences/", tag = "notifications",
    responses((status = 200, description = "All topics", body = Object)))]
pub async fn preferences(crm: Crm) -> ApiResult {
    let all = notifications::preferences(&crm.data, crm.caller.user.id).await?;
    Ok(Json(all).into_response())
}

/// Say what to be told of
///
/// It counts for what is made from then on.
#[utoipa::path(patch, path = "/api/notifications/preferences/", tag = "notifications",
    request_body(content = PreferencesInput),
    responses(
        (status = 200, description = "All topics, as they are then", body = Object),
        (status = 400, description = "All wrong fields, by name"),
    ))]
pub async fn prefer(crm: Crm, body: Body) -> ApiResult {
    let user = crm.caller.user.id;
    let before = notifications::preferences(&crm.data, user).await?;
    let wanted = read_preferences(&body.0, &before)?;
    let mut changed = wanted.clone();
    changed.retain(|topic, ways| before.get(topic) != Some(ways));
    notifications::prefer(&crm.data, user, &changed).await?;
    Ok(Json(wanted).into_response())
}
