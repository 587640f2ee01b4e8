//! `/api/webhooks/`: where a company has its changes told, and what became of it.

pub(crate) mod worker;

use super::crm::Crm;
use crate::contract::error::{ApiResult, field, not_found};
use crate::contract::query::page;
use crate::contract::resource::{self, Id};
use crate::contract::{Body, Query, list};
use axum::Json;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::IntoResponse;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use sindico_crm::webhooks::{self as hooks, Delivery, Webhook};
use sindico_domain::input::{Fields, boolean, choice, instant};
use sindico_domain::webhook::{Outcome, Wish};
use sindico_outbound::{Target, new_secret};
use sindico_store::Error;
use sindico_store::control::webhooks as control;

const PATH: &str = "/api/webhooks/";

/// A webhook as it is sent.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({"name": "Site", "url": "https://example.com/hooks/sindico", "events": ["lead.created", "opportunity.updated"]}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct WebhookInput {
    #[schema(max_length = 60)]
    name: String,
    /// An address of the public internet that begins with `https://`.
    #[schema(max_length = 2_000)]
    url: String,
    /// `KIND.created`, `KIND.updated`, `KIND.deleted` or `KIND.restored` of customer, lead, opportunity, activity and
    /// sales_goal.
    events: Vec<String>,
}

/// A webhook with its secret.
#[derive(Serialize, utoipa::ToSchema)]
pub struct NewWebhook {
    /// The webhook.
    #[serde(flatten)]
    pub webhook: Webhook,
    /// What its deliveries are signed with; shown this once.
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    pub secret: String,
}

/// How many deliveries are sent once more.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Replayed {
    /// How many.
    pub replayed: u64,
}

/// Refuses an address that may not be called.
async fn check(crm: &Crm, wish: &mut Wish) -> ApiResult<()> {
    let target = Target::parse(&wish.url).map_err(|refused| field("url", refused.to_string()))?;
    let checked = crm.app().config().outbound.check(&target).await;
    checked.map_err(|refused| field("url", refused.to_string()))?;
    wish.url = target.as_str().to_owned();
    Ok(())
}

/// A new secret under a new name, or under the one that is there.
async fn new_secret_of(crm: &Crm, name: Option<&str>) -> ApiResult<(String, SecretString)> {
    let name = match name {
        Some(name) => name.to_owned(),
        None => random_name()?,
    };
    let secret = SecretString::from(new_secret().map_err(Error::Internal)?);
    let app = crm.app();
    let of = (crm.tenant.company.id, name.as_str());
    control::keep_secret(app.store(), app.vault(), of, &secret).await?;
    Ok((name, secret))
}

fn random_name() -> Result<String, Error> {
    let mut bytes = [0u8; 12];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::Internal(format!("no randomness: {error}")))?;
    Ok(hex::encode(bytes))
}

/// Makes a webhook of what was sent.
///
/// # Errors
/// All wrong fields; an address that may not be called; more than a company may have.
pub(crate) async fn make(crm: &Crm, body: &Body) -> ApiResult<NewWebhook> {
    let mut wish = Wish::parse(&body.0, None)?;
    check(crm, &mut wish).await?;
    let (name, secret) = new_secret_of(crm, None).await?;
    let company_id = crm.tenant.company.id;
    // Asked for first: what is written down then is found, whatever happens here.
    control::watch(crm.app().store(), company_id).await?;
    match hooks::create(&crm.data, crm.by(), &wish, &name).await {
        Ok(webhook) => Ok(NewWebhook {
            webhook,
            secret: secret.expose_secret().to_owned(),
        }),
        Err(error) => {
            control::forget_secret(crm.app().store(), company_id, &name).await?;
            Err(error.into())
        }
    }
}

/// Changes a webhook to what was sent.
///
/// # Errors
/// As [`make`]; `404`; `412`.
pub(crate) async fn set(crm: &Crm, id: i64, body: &Body) -> ApiResult<Webhook> {
    let before = found(crm, id).await?;
    let mut wish = Wish::parse(&body.0, Some(&before.wish()))?;
    if wish.url != before.url {
        check(crm, &mut wish).await?;
    }
    let at = (id, &crm.precondition());
    hooks::change(&crm.data, crm.by(), at, &wish)
        .await?
        .ok_or_else(not_found)
}

/// The webhook.
///
/// # Errors
/// `404` for none.
pub(crate) async fn found(crm: &Crm, id: i64) -> ApiResult<Webhook> {
    hooks::find(&crm.data, id).await?.ok_or_else(not_found)
}

/// Pauses it, or lets it go on.
///
/// # Errors
/// As [`found`].
pub(crate) async fn set_active(crm: &Crm, id: i64, active: bool, skip: bool) -> ApiResult<Webhook> {
    control::watch(crm.app().store(), crm.tenant.company.id).await?;
    let set = hooks::set_active(&crm.data, crm.by(), id, active, skip).await?;
    set.ok_or_else(not_found)
}

/// Makes its secret anew; the one before is good for a day yet.
///
/// # Errors
/// As [`found`].
pub(crate) async fn rotate(crm: &Crm, id: i64) -> ApiResult<NewWebhook> {
    let webhook = found(crm, id).await?;
    let (_, secret) = new_secret_of(crm, Some(&webhook.secret)).await?;
    hooks::rotated(&crm.data, crm.by(), &webhook).await?;
    Ok(NewWebhook {
        webhook,
        secret: secret.expose_secret().to_owned(),
    })
}

/// Has a test sent.
///
/// # Errors
/// As [`found`]; a webhook that is not active.
pub(crate) async fn send_test(crm: &Crm, id: i64) -> ApiResult<Delivery> {
    let webhook = found(crm, id).await?;
    let of = (crm.tenant.company.tenant_code.as_str(), random_name()?);
    Ok(hooks::test(&crm.data, webhook.id, (of.0, &of.1), crm.now).await?)
}

/// Deletes it.
///
/// # Errors
/// As [`found`]; `412`.
pub(crate) async fn delete(crm: &Crm, id: i64) -> ApiResult<()> {
    let at = (id, &crm.precondition());
    let gone = hooks::remove(&crm.data, crm.by(), at)
        .await?
        .ok_or_else(not_found)?;
    let company_id = crm.tenant.company.id;
    Ok(control::forget_secret(crm.app().store(), company_id, &gone.secret).await?)
}

/// List webhooks
///
/// All of them, the oldest first; a company has at most 20.
#[utoipa::path(get, path = "/api/webhooks/", tag = "webhooks",
    responses((status = 200, description = "Webhooks, without their secrets", body = Vec<Webhook>)))]
pub async fn index(crm: Crm) -> ApiResult {
    Ok(Json(hooks::list(&crm.data).await?).into_response())
}

/// Make a webhook
///
/// From now on each change that it names is posted to its address, signed as the Standard Webhooks
/// specification has it. The answer shows the secret, this once.
#[utoipa::path(post, path = "/api/webhooks/", tag = "webhooks",
    request_body(content = WebhookInput),
    responses(
        (status = 201, description = "Made", body = NewWebhook),
        (status = 400, description = "All wrong fields, by name; an address in a private network is one"),
    ))]
pub async fn create(crm: Crm, body: Body) -> ApiResult {
    let made = make(&crm, &body).await?;
    let mut response = resource::respond(StatusCode::CREATED, &made, made.webhook.version);
    if let Ok(location) = HeaderValue::try_from(format!("{PATH}{}/", made.webhook.id)) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// Read a webhook
#[utoipa::path(get, path = "/api/webhooks/{id}/", tag = "webhooks",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "With its `ETag`", body = Webhook),
        (status = 404, description = "Not in this tenant"),
    ))]
pub async fn show(crm: Crm, Id(id): Id) -> ApiResult {
    // What comes of its calls is no change of it: no version tells that.
    let webhook = found(&crm, id).await?;
    Ok(resource::respond(StatusCode::OK, &webhook, webhook.version))
}

/// Change a webhook
#[utoipa::path(patch, path = "/api/webhooks/{id}/", tag = "webhooks",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Change only this version"),
    ),
    request_body(content = WebhookInput),
    responses(
        (status = 200, description = "Changed", body = Webhook),
        (status = 400, description = "All wrong fields, by name"),
        (status = 404, description = "Not in this tenant"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn change(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let webhook = set(&crm, id, &body).await?;
    Ok(resource::respond(StatusCode::OK, &webhook, webhook.version))
}

/// Delete a webhook
///
/// With its log and its secret.
#[utoipa::path(delete, path = "/api/webhooks/{id}/", tag = "webhooks",
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
    delete(&crm, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Undo the last edit of a webhook
///
/// Its name, address and events are as they were before; to undo once more is to have them again.
#[utoipa::path(post, path = "/api/webhooks/{id}/undo/", tag = "webhooks",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("If-Match" = Option<String>, Header, description = "Undo only on this version"),
    ),
    responses(
        (status = 200, description = "As it was before", body = Webhook),
        (status = 404, description = "Not in this tenant"),
        (status = 409, description = "It was never edited"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn undo(crm: Crm, Id(id): Id) -> ApiResult {
    let webhook = hooks::undo(&crm.data, crm.by(), (id, &crm.precondition())).await?;
    let webhook = webhook.ok_or_else(not_found)?;
    Ok(resource::respond(StatusCode::OK, &webhook, webhook.version))
}

/// Pause a webhook
///
/// What happens meanwhile is told once it goes on.
#[utoipa::path(post, path = "/api/webhooks/{id}/pause/", tag = "webhooks",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "Paused", body = Webhook),
        (status = 404, description = "Not in this tenant"),
    ))]
pub async fn pause(crm: Crm, Id(id): Id) -> ApiResult {
    let webhook = set_active(&crm, id, false, false).await?;
    Ok(resource::respond(StatusCode::OK, &webhook, webhook.version))
}

/// Let a webhook go on
///
/// With all that happened meanwhile; with `{"skip": true}` only with what happens from now on.
#[utoipa::path(post, path = "/api/webhooks/{id}/resume/", tag = "webhooks",
    params(("id" = i64, Path, description = "Its id")),
    request_body(content = Object),
    responses(
        (status = 200, description = "Active", body = Webhook),
        (status = 400, description = "`skip` is neither true nor false"),
        (status = 404, description = "Not in this tenant"),
    ))]
pub async fn resume(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let mut f = Fields::new(&body.0);
    let skip = f.read("skip", boolean).unwrap_or_default();
    f.finish().check(())?;
    let webhook = set_active(&crm, id, true, skip).await?;
    Ok(resource::respond(StatusCode::OK, &webhook, webhook.version))
}

/// Make its secret anew
///
/// For a day deliveries carry a signature of each, so that the receiver can change in its own time.
#[utoipa::path(post, path = "/api/webhooks/{id}/secret/", tag = "webhooks",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "The new secret, this once", body = NewWebhook),
        (status = 404, description = "Not in this tenant"),
    ))]
pub async fn secret(crm: Crm, Id(id): Id) -> ApiResult {
    let webhook = rotate(&crm, id).await?;
    Ok(resource::respond(
        StatusCode::OK,
        &webhook,
        webhook.webhook.version,
    ))
}

/// Send a test
///
/// An event `test` without data, signed and logged like all others.
#[utoipa::path(post, path = "/api/webhooks/{id}/test/", tag = "webhooks",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 202, description = "It is being sent", body = Delivery),
        (status = 404, description = "Not in this tenant"),
    ))]
pub async fn test(crm: Crm, Id(id): Id) -> ApiResult {
    let delivery = send_test(&crm, id).await?;
    Ok((StatusCode::ACCEPTED, Json(delivery)).into_response())
}

/// The log of a webhook
///
/// The newest first; what came to its end is kept for 30 days.
#[utoipa::path(get, path = "/api/webhooks/{id}/deliveries/", tag = "webhooks",
    params(
        ("id" = i64, Path, description = "Its id"),
        ("state" = Option<String>, Query, description = "Only these: `PENDING`, `DELIVERED` or `FAILED`"),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 500, description = "Rows a page; 100 by default"),
        ("cursor" = Option<String>, Query, description = "From the `Link` header of the page before"),
    ),
    responses(
        (status = 200, description = "Deliveries; `Link` names the next page", body = Vec<Delivery>),
        (status = 404, description = "Not in this tenant"),
    ))]
pub async fn deliveries(crm: Crm, Id(id): Id, query: Query) -> ApiResult {
    found(&crm, id).await?;
    let mut f = query.fields();
    let request = page(&mut f);
    let state = f.read("state", choice::<Outcome>);
    f.finish().check(())?;
    let page = hooks::deliveries(&crm.data, id, state, &request).await?;
    Ok(list::respond(
        &format!("{PATH}{id}/deliveries/"),
        &query,
        &page,
    ))
}

/// Send all that failed once more
///
/// With `{"since": "2026-11-23T12:00:00Z"}` only what was written down since.
#[utoipa::path(post, path = "/api/webhooks/{id}/replay/", tag = "webhooks",
    params(("id" = i64, Path, description = "Its id")),
    request_body(content = Object),
    responses(
        (status = 202, description = "They are being sent", body = Replayed),
        (status = 400, description = "`since` is no instant"),
        (status = 404, description = "Not in this tenant"),
    ))]
pub async fn replay_failed(crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    found(&crm, id).await?;
    let mut f = Fields::new(&body.0);
    let since = f.read("since", instant);
    f.finish().check(())?;
    let replayed = hooks::replay_failed(&crm.data, id, since, crm.now).await?;
    Ok((StatusCode::ACCEPTED, Json(Replayed { replayed })).into_response())
}

/// Read a delivery
#[utoipa::path(get, path = "/api/webhook-deliveries/{id}/", tag = "webhooks",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 200, description = "With each attempt", body = Delivery),
        (status = 404, description = "Not in this tenant, or not in the log any more"),
    ))]
pub async fn delivery(crm: Crm, Id(id): Id) -> ApiResult {
    let delivery = hooks::delivery(&crm.data, id).await?;
    Ok(Json(delivery.ok_or_else(not_found)?).into_response())
}

/// Send a delivery once more
///
/// With the id that it has, by which the receiver knows it.
#[utoipa::path(post, path = "/api/webhook-deliveries/{id}/replay/", tag = "webhooks",
    params(("id" = i64, Path, description = "Its id")),
    responses(
        (status = 202, description = "It is being sent", body = Delivery),
        (status = 404, description = "Not in this tenant, or not in the log any more"),
    ))]
pub async fn replay(crm: Crm, Id(id): Id) -> ApiResult {
    let delivery = hooks::replay(&crm.data, id, crm.now).await?;
    Ok((StatusCode::ACCEPTED, Json(delivery.ok_or_else(not_found)?)).into_response())
}
