//! `/api/auth/logout/`.

use super::cookie;
use crate::App;
use crate::contract::error::ApiResult;
use crate::gate::actor::{Caller, Credential};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use sindico_store::control::{sessions, tokens};

/// Sign out
///
/// Revokes the token, or ends the session, that the request came with; no other one.
#[utoipa::path(post, path = "/api/auth/logout/", tag = "auth",
    params(("X-CSRF-Token" = Option<String>, Header, description = "The proof of a session")),
    responses(
        (status = 204, description = "It is not valid any more"),
        (status = 401, description = "It was not valid"),
    ))]
pub async fn create(State(app): State<App>, caller: Caller) -> ApiResult {
    let mut response = StatusCode::NO_CONTENT.into_response();
    // Whether another request was first makes no difference: it is over.
    match &caller.credential {
        Credential::Token(token) => {
            tokens::revoke(app.store(), &caller.actor, token).await?;
        }
        Credential::Session(session) => {
            sessions::revoke(app.store(), &caller.actor, session.id).await?;
            cookie::clear(&mut response);
        }
    }
    Ok(response)
}
