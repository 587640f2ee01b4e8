//! `/api/auth/password-change/`.

use super::input::{new_secret, secret};
use crate::App;
use crate::auth::wire::PasswordChange;
use crate::contract::Body;
use crate::contract::error::ApiResult;
use crate::gate::actor::{Caller, Credential};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use sindico_domain::input::Fields;
use sindico_store::control::users;

/// Change the password
///
/// Ends all other sessions of the caller. Tokens stay valid: programs that run with them have
/// nothing to do with the password.
#[utoipa::path(post, path = "/api/auth/password-change/", tag = "auth",
    params(("X-CSRF-Token" = Option<String>, Header, description = "The proof of a session")),
    request_body(content = PasswordChange),
    responses(
        (status = 204, description = "Changed"),
        (status = 400, description = "The old password is wrong, or the new one against the rules"),
        (status = 429, description = "Too many wrong old passwords"),
    ))]
pub async fn change(State(app): State<App>, caller: Caller, body: Body) -> ApiResult {
    let mut f = Fields::new(&body.0);
    let old = f.require("old_password", secret);
    let new = f.require("new_password", new_secret);
    let read = old.zip(new);
    f.finish().check(())?;
    if let Some((old, new)) = read {
        let current = match &caller.credential {
            Credential::Session(session) => Some(session.id),
            Credential::Token(_) => None,
        };
        let (store, id) = (app.store(), caller.user.id);
        users::change_password(store, &caller.actor, id, &old, &new, current).await?;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}
