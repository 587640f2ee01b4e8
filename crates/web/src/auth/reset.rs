//! `/api/auth/password-reset/request/` and `.../confirm/`.

use super::wire::{Detail, ResetConfirm, ResetRequest};
use super::{nobody, secret};
use crate::App;
use crate::contract::{ApiResult, Body};
use crate::gate::trace::RequestInfo;
use crate::mail::Mail;
use axum::extract::State;
use axum::http::StatusCode;
use axum::{Extension, Json};
use secrecy::{ExposeSecret, SecretString};
use sindico_domain::access::{Actor, User};
use sindico_domain::input::{Fields, text};
use sindico_store::control::resets;

/// Ask for a reset link
///
/// The answer is the same whether or not there is such an account. The link is valid for an hour.
#[utoipa::path(post, path = "/api/auth/password-reset/request/", tag = "auth",
    request_body(content = ResetRequest),
    responses(
        (status = 200, description = "Taken", body = Detail),
        (status = 400, description = "Neither `email` nor `username`"),
        (status = 429, description = "Too many from this address; `Retry-After`"),
    ))]
pub async fn request(
    State(app): State<App>,
    Extension(info): Extension<RequestInfo>,
    body: Body,
) -> ApiResult<Json<Detail>> {
    let mut fields = Fields::new(&body.0);
    let name = match fields.read("username", text(1..=254)) {
        Some(name) if !body.0.contains_key("email") => Some(name),
        _ => fields.require("email", text(1..=254)),
    };
    fields.finish().check(())?;
    let actor = nobody(&info);
    resets::admit(app.store(), &actor).await?;
    // All that depends on the account comes after the answer.
    let mailer = app.config().mailer.clone();
    mailer.in_background(send_link(app, actor, name.unwrap_or_default()));
    Ok(Json(Detail {
        detail: "If an active account has this name or address, a mail with a link is on its way.",
    }))
}

/// Set a new password by link
///
/// Ends all sessions of the account. The link is good once.
#[utoipa::path(post, path = "/api/auth/password-reset/confirm/", tag = "auth",
    request_body(content = ResetConfirm),
    responses(
        (status = 204, description = "Set"),
        (status = 400, description = "`token` is not valid any more, or `new_password` against the rules"),
    ))]
pub async fn confirm(
    State(app): State<App>,
    Extension(info): Extension<RequestInfo>,
    body: Body,
) -> ApiResult<StatusCode> {
    let mut fields = Fields::new(&body.0);
    let token = fields.require("token", secret);
    let new = fields.require("new_password", secret);
    fields.finish().check(())?;
    let (token, new) = (token.unwrap_or_default(), new.unwrap_or_default());
    resets::confirm(app.store(), &nobody(&info), token.expose_secret(), &new).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn send_link(app: App, actor: Actor, name: String) {
    match resets::request(app.store(), &actor, &name).await {
        Ok(Some((user, token))) => {
            let mail = letter(&app.config().public_url, &user, &token);
            app.config().mailer.send(mail).await;
        }
        // The log tells nothing either.
        Ok(None) => {}
        Err(error) => tracing::error!(%error, "a reset link was not made"),
    }
}

/// In both languages: who asks is not known, so neither is what they speak. The link begins with
/// the configured address and never with the request's host, which anybody can forge.
fn letter(public_url: &str, user: &User, token: &SecretString) -> Mail {
    let link = format!(
        "{public_url}/password-reset/?token={}",
        token.expose_secret()
    );
    let name = &user.username;
    Mail {
        to: user.email.clone(),
        subject: "Redefinir sua senha do Síndico / Reset your Síndico password".to_owned(),
        text: format!(
            "Olá, {name}!\n\n\
             Para escolher uma nova senha, abra este endereço dentro de uma hora:\n\n\
             {link}\n\n\
             Se você não pediu isso, ignore esta mensagem: sua senha continua a mesma.\n\n\
             --------\n\n\
             Hello {name},\n\n\
             To choose a new password, open this address within an hour:\n\n\
             {link}\n\n\
             If you did not ask for this, ignore this message: your password stays as it is.\n"
        ),
    }
}
