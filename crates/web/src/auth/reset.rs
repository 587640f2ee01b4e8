//! `/api/auth/password-reset/request/` and `/api/auth/password-reset/confirm/`.

use super::anonymous;
use super::input::new_secret;
use crate::App;
use crate::auth::wire::{ResetConfirm, ResetRequest};
use crate::contract::Body;
use crate::contract::error::{ApiResult, detail};
use crate::gate::trace::RequestInfo;
use crate::mail::Mail;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use secrecy::ExposeSecret;
use serde_json::Value;
use sindico_domain::account;
use sindico_domain::input::{Fields, Parsed, text};
use sindico_store::control::resets;

/// Ask for a new password
///
/// Sends a mail with a link, good for an hour, if an active account has this address. The answer
/// is the same if none has, and takes as long.
#[utoipa::path(post, path = "/api/auth/password-reset/request/", tag = "auth",
    request_body(content = ResetRequest),
    responses(
        (status = 202, description = "Whether or not there is such an account"),
        (status = 400, description = "This can't be an address"),
        (status = 429, description = "Too many requests from this address of the network"),
    ))]
pub async fn request(
    State(app): State<App>,
    Extension(info): Extension<RequestInfo>,
    body: Body,
) -> ApiResult {
    let mut f = Fields::new(&body.0);
    let email = f.require("email", name_or_email).unwrap_or_default();
    f.finish().check(())?;
    send_link(&app, &info, email).await?;
    Ok(detail(
        StatusCode::ACCEPTED,
        "If there is an active account with this address, a mail with a link is on its way to it.",
    ))
}

/// Sends the mail, if there is an account for it; in the background, so that the answer and its time are
/// the same.
pub(crate) async fn send_link(
    app: &App,
    info: &RequestInfo,
    email: String,
) -> Result<(), sindico_store::Error> {
    let actor = anonymous(info);
    resets::admit(app.store(), &actor).await?;
    let task = app.clone();
    app.config().mail.post(async move {
        match resets::request(task.store(), &actor, &email).await {
            Ok(made) => made.map(|(user, secret)| {
                let begin = &task.config().public_url;
                Mail::password_reset(&user, &link(begin, secret.expose_secret()))
            }),
            Err(error) => {
                tracing::error!(%error, "the reset of a password was not prepared");
                None
            }
        }
    });
    Ok(())
}

/// Set a new password
///
/// With the token of the link; it works once. Ends all sessions of the account; tokens stay valid.
#[utoipa::path(post, path = "/api/auth/password-reset/confirm/", tag = "auth",
    request_body(content = ResetConfirm),
    responses(
        (status = 204, description = "Set"),
        (status = 400, description = "The token is unknown, used or too old, or the password against the rules (the token stays good)"),
    ))]
pub async fn confirm(
    State(app): State<App>,
    Extension(info): Extension<RequestInfo>,
    body: Body,
) -> ApiResult {
    let mut f = Fields::new(&body.0);
    let token = f.require("token", text(1..=200));
    let new = f.require("new_password", new_secret);
    let read = token.zip(new);
    f.finish().check(())?;
    if let Some((token, new)) = read {
        resets::confirm(app.store(), &anonymous(&info), &token, &new).await?;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What may be an address, or a name: a typing error is worth an answer, and tells nothing of who
/// has an account.
pub(crate) fn name_or_email(value: &Value) -> Parsed<String> {
    let typed = text(1..=254)(value)?;
    if account::username(&typed).is_ok() {
        return Ok(typed);
    }
    account::email(&typed)
}

pub(crate) fn link(public_url: &str, secret: &str) -> String {
    let begin = public_url.trim_end_matches('/');
    format!("{begin}{}?token={secret}", super::reset_page::PATH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn links_lead_to_the_page() {
        for begin in ["https://a.example", "https://a.example/"] {
            assert_eq!(
                link(begin, "abc"),
                "https://a.example/password-reset/?token=abc"
            );
        }
    }

    #[test]
    fn typing_errors_are_told() {
        for good in ["ana@example.com", "ana", " Ana@Example.com "] {
            assert!(name_or_email(&json!(good)).is_ok(), "{good}");
        }
        for bad in [
            "",
            "a b",
            "ana@exa mple.com",
            "ana@x.br\nBcc: e@x.br",
            "a\0@x.br",
        ] {
            assert!(name_or_email(&json!(bad)).is_err(), "{bad:?}");
        }
    }
}
