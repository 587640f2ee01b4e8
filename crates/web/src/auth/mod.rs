//! Signing in and out, and passwords (contract section 2): one file a noun of the URL.

pub(crate) mod cookie;
pub(crate) mod input;
pub mod logout;
pub mod me;
pub(crate) mod origin;
pub mod password;
pub mod reset;
pub mod reset_page;
pub mod session;
pub mod token;
pub mod wire;
mod words;

use crate::App;
use crate::contract::Body;
use crate::contract::error::ApiResult;
use crate::gate::actor::session_cookie;
use crate::gate::trace::RequestInfo;
use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use input::Credentials;
use secrecy::SecretString;
use sindico_domain::access::{Actor, User};
use sindico_store::control::sessions::{self, Session};
use sindico_store::control::{sign_in, totp};

/// Who is recorded for what is done before anybody is known.
pub(crate) fn anonymous(info: &RequestInfo) -> Actor {
    Actor {
        user_id: None,
        name: "anonymous".to_owned(),
        address: Some(info.client),
        request_id: info.id.to_string(),
        support: None,
    }
}

/// Who is recorded for what a user does who has just proved to be one.
pub(crate) fn known(info: &RequestInfo, user: &User) -> Actor {
    Actor {
        user_id: Some(user.id),
        name: user.username.clone(),
        ..anonymous(info)
    }
}

/// The user whose name, password and, if they have a second factor, code a body has.
pub(crate) async fn prove(app: &App, info: &RequestInfo, body: &Body) -> ApiResult<User> {
    let sent = Credentials::parse(&body.0)?;
    let store = app.store();
    let user = sign_in(store, &sent.username, &sent.password, Some(info.client)).await?;
    let actor = known(info, &user);
    let (vault, otp) = (app.vault(), sent.otp.as_deref());
    totp::require(store, vault, &actor, &user, otp, app.now()).await?;
    Ok(user)
}

/// Opens a session of a user in this browser. One that it has already is ended: the browser is about to
/// forget it, so nobody could end it any more.
pub(crate) async fn open_session(
    app: &App,
    info: &RequestInfo,
    headers: &HeaderMap,
    user: &User,
    visit_id: Option<i64>,
) -> ApiResult<(SecretString, Session)> {
    let store = app.store();
    let actor = known(info, user);
    if let Some(cookie) = session_cookie(headers, info.secure)
        && let Some((_, earlier, _)) = sessions::authenticate(store, cookie, None).await?
    {
        sessions::revoke(store, &actor, earlier.id).await?;
    }
    let browser = headers
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok());
    Ok(sessions::create(
        store,
        &actor,
        user.id,
        browser.unwrap_or_default(),
        visit_id,
    )
    .await?)
}
