//! `/api/auth/token/` and `/api/auth/logout/`.

use super::wire::{Credentials, Token};
use super::{cookie, credentials, signed_in};
use crate::App;
use crate::contract::{ApiResult, Body};
use crate::gate::actor::{Caller, Credential};
use crate::gate::trace::RequestInfo;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use secrecy::ExposeSecret;
use sindico_domain::input::Fields;
use sindico_store::control::{self, sessions, tokens};

/// Get a token
///
/// For programs. Only its hash is kept, so it is shown this once.
#[utoipa::path(post, path = "/api/auth/token/", tag = "auth",
    request_body(content = Credentials),
    responses(
        (status = 200, description = "A new token", body = Token),
        (status = 400, description = "Wrong name or password, under `non_field_errors`"),
        (status = 429, description = "Too many failures; `Retry-After`"),
    ))]
pub async fn create(
    State(app): State<App>,
    Extension(info): Extension<RequestInfo>,
    body: Body,
) -> ApiResult<Json<Token>> {
    let mut fields = Fields::new(&body.0);
    let (username, password) = credentials(&mut fields);
    fields.finish().check(())?;
    let user = control::sign_in(app.store(), &username, &password, Some(info.client)).await?;
    let token = tokens::create(app.store(), &signed_in(&user, &info), user.id).await?;
    Ok(Json(Token {
        token: token.expose_secret().to_owned(),
    }))
}

/// Sign out
///
/// Revokes the token or session that the request came with.
#[utoipa::path(post, path = "/api/auth/logout/", tag = "auth",
    responses((status = 204, description = "Revoked")))]
pub async fn logout(
    State(app): State<App>,
    Extension(info): Extension<RequestInfo>,
    caller: Caller,
) -> ApiResult {
    let mut response: Response = StatusCode::NO_CONTENT.into_response();
    match &caller.credential {
        Credential::Token(token) => {
            tokens::revoke(app.store(), &caller.actor, token).await?;
        }
        Credential::Session(session) => {
            sessions::revoke(app.store(), &caller.actor, session.id).await?;
            cookie::clear(&mut response, info.secure);
        }
    }
    Ok(response)
}
