//! `/api/auth/password-change/`.

use super::secret;
use super::wire::PasswordChange;
use crate::App;
use crate::contract::{ApiResult, Body};
use crate::gate::actor::{Caller, Credential};
use axum::extract::State;
use axum::http::StatusCode;
use sindico_domain::input::Fields;
use sindico_store::control::users;

/// Change one's password
///
/// Ends all other sessions. Tokens stay valid: revoke those that should not.
#[utoipa::path(post, path = "/api/auth/password-change/", tag = "auth",
    request_body(content = PasswordChange),
    responses(
        (status = 204, description = "Changed"),
        (status = 400, description = "Wrong `old_password`, or `new_password` against the rules"),
        (status = 429, description = "Too many wrong ones; `Retry-After`"),
    ))]
pub async fn change(State(app): State<App>, caller: Caller, body: Body) -> ApiResult<StatusCode> {
    let mut fields = Fields::new(&body.0);
    let old = fields.require("old_password", secret);
    let new = fields.require("new_password", secret);
    fields.finish().check(())?;
    let (old, new) = (old.unwrap_or_default(), new.unwrap_or_default());
    let session = match &caller.credential {
        Credential::Session(session) => Some(session.id),
        Credential::Token(_) => None,
    };
    users::change_password(
        app.store(),
        &caller.actor,
        caller.user.id,
        &old,
        &new,
        session,
    )
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
