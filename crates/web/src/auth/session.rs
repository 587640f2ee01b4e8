//! `/api/auth/session/`.

use super::origin::OwnSite;
use super::{cookie, open_session, prove};
use crate::App;
use crate::auth::wire::{OpenSession, SignIn};
use crate::contract::Body;
use crate::contract::error::ApiResult;
use crate::gate::actor::{Caller, Credential};
use crate::gate::trace::RequestInfo;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use axum::{Extension, Json};
use secrecy::ExposeSecret;
use sindico_domain::Refusal;
use sindico_store::control::sessions::Session;

/// Open a session
///
/// For browsers: sets the session cookie, which scripts can't read. Unsafe methods then need the
/// `csrf_token` in `X-CSRF-Token`, unless the browser itself says that they are same-origin. A
/// session that the browser has already is ended.
#[utoipa::path(post, path = "/api/auth/session/", tag = "auth",
    request_body(content = SignIn),
    responses(
        (status = 200, description = "Signed in; `Set-Cookie` has the session", body = OpenSession),
        (status = 400, description = "A field is missing, name and password don't match (`non_field_errors`), or the account has a second factor and its code is missing or wrong (`otp`)"),
        (status = 403, description = "The request comes from another site"),
        (status = 429, description = "Too many wrong passwords of this account or address"),
    ))]
pub async fn create(
    State(app): State<App>,
    _: OwnSite,
    Extension(info): Extension<RequestInfo>,
    headers: HeaderMap,
    body: Body,
) -> ApiResult {
    let user = prove(&app, &info, &body).await?;
    let (secret, session) = open_session(&app, &info, &headers, &user, None).await?;
    let mut response = Json(shown(session)).into_response();
    cookie::set(&mut response, secret.expose_secret(), info.secure);
    Ok(response)
}

/// Read the session
///
/// The `csrf_token` again, for a page that was loaded anew.
#[utoipa::path(get, path = "/api/auth/session/", tag = "auth",
    responses(
        (status = 200, description = "The session", body = OpenSession),
        (status = 401, description = "There is none, or it is over"),
        (status = 400, description = "Signed in by a token"),
    ))]
pub async fn show(caller: Caller) -> ApiResult {
    match caller.credential {
        Credential::Session(session) => Ok(Json(shown(session)).into_response()),
        Credential::Token(_) => {
            let words = "You are signed in by a token, not by a session.";
            Err(Refusal::Invalid(words.to_owned()).into())
        }
    }
}

fn shown(session: Session) -> OpenSession {
    OpenSession {
        csrf_token: session.csrf_token,
        expires_at: session.expires_at,
    }
}
