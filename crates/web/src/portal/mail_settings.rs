//! `/api/mail-settings/`: the company's own mail server, for its owners. Its password goes in, and never out.

use super::crm::Crm;
use super::notifications::mails::Way;
use crate::contract::error::{ApiResult, field, not_found};
use crate::contract::query::page;
use crate::contract::resource;
use crate::contract::{Body, Query, list};
use crate::mail::server::Fault;
use crate::mail::told::Letter;
use crate::pages::language::Language;
use crate::pages::switcher::portal_at;
use crate::pages::words::mail as w;
use axum::Json;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use secrecy::SecretString;
use serde::Serialize;
use serde_json::{Map, Value};
use sindico_crm::mail::{self, MailSettings};
use sindico_domain::mail::{Password, Security, Wish};
use sindico_outbound::Refused;
use sindico_store::Error;
use sindico_store::control::webhooks as secrets;
use utoipa::ToSchema;

const LOG: &str = "/api/mail-settings/log/";

/// Settings as they are sent.
#[derive(utoipa::ToSchema)]
#[schema(example = json!({"host": "smtp.example.com", "port": 587, "security": "STARTTLS", "username": "vendas", "password": "...", "from_address": "vendas@example.com", "from_name": "Vendas"}))]
#[expect(dead_code, reason = "documents a request body")]
pub struct MailSettingsInput {
    host: String,
    /// 25, 465, 587 or 2525; 587 unless told.
    port: Option<u16>,
    security: Option<Security>,
    username: Option<String>,
    /// Kept as it is unless it is sent; `null` forgets it.
    password: Option<String>,
    from_address: String,
    from_name: Option<String>,
    reply_to: Option<String>,
    enabled: Option<bool>,
}

/// What came of a test.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tested {
    /// Whether a server took it.
    pub sent: bool,
    /// To whom.
    pub to: String,
    /// What the server said, or why it was not asked.
    pub answer: String,
}

/// The settings.
///
/// # Errors
/// `404` for none.
pub(crate) async fn found(crm: &Crm) -> ApiResult<MailSettings> {
    mail::find(&crm.data).await?.ok_or_else(not_found)
}

/// Sets them as they were sent; what was not sent is as `before` has it.
///
/// # Errors
/// All wrong fields; a server that may not be called; `412`.
pub(crate) async fn set(
    crm: &Crm,
    body: &Map<String, Value>,
    before: Option<&Wish>,
) -> ApiResult<MailSettings> {
    let (wish, password) = Wish::parse(body, before)?;
    check(crm, &wish).await?;
    let (store, company_id) = (crm.app().store(), crm.tenant.company.id);
    let name = match password {
        Password::Keep => None,
        Password::Forget => Some(String::new()),
        // Kept first: what is written then finds it.
        Password::New(password) => {
            let name = new_name()?;
            let password = SecretString::from(password);
            let at = (company_id, name.as_str());
            secrets::keep_secret(store, crm.app().vault(), at, &password).await?;
            Some(name)
        }
    };
    let condition = crm.precondition();
    let set = mail::set(&crm.data, crm.by(), &condition, &wish, name.as_deref()).await;
    let (settings, unused) = match set {
        Ok(set) => set,
        Err(error) => {
            // Nobody will ever ask for it.
            if let Some(name) = name.filter(|name| !name.is_empty()) {
                secrets::forget_secret(store, company_id, &name).await?;
            }
            return Err(error.into());
        }
    };
    if let Some(unused) = unused {
        secrets::forget_secret(store, company_id, &unused).await?;
    }
    Ok(settings)
}

async fn check(crm: &Crm, wish: &Wish) -> ApiResult<()> {
    let secure = wish.security != Security::None;
    let outbound = &crm.app().config().outbound;
    let Err(refused) = outbound.mail_server(&wish.host, wish.port, secure).await else {
        return Ok(());
    };
    let of = match refused {
        Refused::Port => "port",
        Refused::InTheClear => "security",
        _ => "host",
    };
    Err(field(of, refused.to_string()))
}

fn new_name() -> ApiResult<String> {
    let mut bytes = [0u8; 12];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::Internal(format!("no randomness: {error}")))?;
    Ok(format!("mail-{}", hex::encode(bytes)))
}

/// Forgets them with the password.
///
/// # Errors
/// `404`; `412`.
pub(crate) async fn forget(crm: &Crm) -> ApiResult<()> {
    let removed = mail::remove(&crm.data, crm.by(), &crm.precondition()).await?;
    let removed = removed.ok_or_else(not_found)?;
    if !removed.secret.is_empty() {
        let company_id = crm.tenant.company.id;
        secrets::forget_secret(crm.app().store(), company_id, &removed.secret).await?;
    }
    Ok(())
}

/// Sets them to what they were before somebody edited them last; to do so again is to have them again.
///
/// # Errors
/// `404` without settings; `409` when they were never edited; as [`set`].
pub(crate) async fn take_back(crm: &Crm) -> ApiResult<MailSettings> {
    let now = found(crm).await?;
    let before = mail::before_edit(&crm.data).await?;
    set(crm, &before, Some(&now.wish)).await
}

/// Sends the caller a mail by the company's own server, enabled or not.
///
/// # Errors
/// `404` without settings.
pub(crate) async fn send_test(crm: &Crm, language: Language) -> ApiResult<Tested> {
    let settings = found(crm).await?;
    let company = &crm.tenant.company;
    let way = Way::of(crm.app(), company.id, settings).await?;
    let portal = match portal_at(crm.app(), company.id, &company.subdomain).await {
        Ok(portal) => portal,
        // Companies have no hosts of their own here.
        Err(Error::Refused(_)) => crm.app().config().public_url.clone(),
        Err(error) => return Err(error.into()),
    };
    let to = crm.caller.user.email.clone();
    let sent = async {
        let host = portal.rsplit('/').next().unwrap_or_default();
        let letter = Letter {
            from: way.from()?,
            reply_to: way.reply_to(),
            to: &to,
            language,
            company: &company.name,
            portal: &portal,
            lines: vec![(
                w::test_line(language, &company.name),
                "/settings/mail/".to_owned(),
            )],
            id: format!(
                "<test.{}.{}@{host}>",
                company.id,
                hex::encode(crm.caller.actor.request_id.as_bytes())
            ),
        };
        way.send(crm.app(), &letter.message()?).await
    };
    let sent: Result<String, Fault> = sent.await;
    Ok(Tested {
        sent: sent.is_ok(),
        to: crm.caller.user.email.clone(),
        answer: sent.unwrap_or_else(|fault| fault.words),
    })
}

/// Read the mail server
#[utoipa::path(get, path = "/api/mail-settings/", tag = "mail-settings",
    responses(
        (status = 200, description = "With its `ETag`; `has_password` and no password", body = MailSettings),
        (status = 404, description = "There is none: mail leaves by the platform's, if it has one"),
    ))]
pub async fn show(crm: Crm) -> ApiResult {
    let settings = found(&crm).await?;
    Ok(resource::read(&crm.headers, &settings, settings.version))
}

/// Set the mail server
///
/// As a whole, but for the password, which stays unless it is sent. It has to be on the public internet, on a port of
/// mail servers, with TLS; a network that the installation lists is open without.
#[utoipa::path(put, path = "/api/mail-settings/", tag = "mail-settings",
    params(("If-Match" = Option<String>, Header, description = "Set only over this version")),
    request_body(content = MailSettingsInput),
    responses(
        (status = 200, description = "Set", body = MailSettings),
        (status = 400, description = "All wrong fields, by name"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn replace(crm: Crm, body: Body) -> ApiResult {
    let settings = set(&crm, &body.0, None).await?;
    Ok(resource::respond(
        StatusCode::OK,
        &settings,
        settings.version,
    ))
}

/// Change the mail server
#[utoipa::path(patch, path = "/api/mail-settings/", tag = "mail-settings",
    params(("If-Match" = Option<String>, Header, description = "Change only this version")),
    request_body(content = MailSettingsInput),
    responses(
        (status = 200, description = "Changed", body = MailSettings),
        (status = 400, description = "All wrong fields, by name"),
        (status = 404, description = "There is none"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn change(crm: Crm, body: Body) -> ApiResult {
    let before = found(&crm).await?;
    let settings = set(&crm, &body.0, Some(&before.wish)).await?;
    Ok(resource::respond(
        StatusCode::OK,
        &settings,
        settings.version,
    ))
}

/// Forget the mail server
///
/// With its password.
#[utoipa::path(delete, path = "/api/mail-settings/", tag = "mail-settings",
    params(("If-Match" = Option<String>, Header, description = "Forget only this version")),
    responses(
        (status = 204, description = "Forgotten"),
        (status = 404, description = "There is none"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn remove(crm: Crm) -> ApiResult {
    forget(&crm).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Undo the last edit of the mail server
///
/// All is as it was before but the password, which stays: to undo once more is to have it again.
#[utoipa::path(post, path = "/api/mail-settings/undo/", tag = "mail-settings",
    params(("If-Match" = Option<String>, Header, description = "Undo only over this version")),
    responses(
        (status = 200, description = "As it is now", body = MailSettings),
        (status = 404, description = "There is none"),
        (status = 409, description = "It was never edited"),
        (status = 412, description = "It has changed since"),
    ))]
pub async fn undo(crm: Crm) -> ApiResult {
    let settings = take_back(&crm).await?;
    Ok(resource::respond(
        StatusCode::OK,
        &settings,
        settings.version,
    ))
}

/// Test the mail server
///
/// Sends a mail to the caller's own address, and waits for what the server says.
#[utoipa::path(post, path = "/api/mail-settings/test/", tag = "mail-settings",
    responses(
        (status = 200, description = "What came of it", body = Tested),
        (status = 404, description = "There is none"),
    ))]
pub async fn test(crm: Crm) -> ApiResult {
    let language = crate::pages::page::language(&crm.headers);
    Ok(Json(send_test(&crm, language).await?).into_response())
}

/// What was sent
///
/// Notifications by e-mail of the last 30 days, the newest first: to whom, and what the server said.
#[utoipa::path(get, path = "/api/mail-settings/log/", tag = "mail-settings",
    params(
        ("limit" = Option<i64>, Query, description = "Rows a page: 1 to 500, 100 unless told"),
        ("cursor" = Option<String>, Query, description = "From the `Link` header"),
    ),
    responses(
        (status = 200, description = "A page of them: `id`, `user`, `state`, `attempts`, `due_at`, `answer`, `created_at`, `done_at`; `Link` leads to the next", body = Vec<Object>),
        (status = 400, description = "A parameter is wrong"),
    ))]
pub async fn log(crm: Crm, query: Query) -> ApiResult {
    let mut f = query.fields();
    let request = page(&mut f);
    f.finish().check(())?;
    let found = mail::log(&crm.data, &request).await?;
    Ok(list::respond(LOG, &query, &found))
}
