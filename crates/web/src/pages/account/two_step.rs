//! `/account/two-step/`: a code after the password.

use super::{Own, TWO_STEP, frame, qr, wrong};
use crate::App;
use crate::auth::input::{OTP_MAX, secret};
use crate::contract::Body;
use crate::contract::error::ApiResult;
use crate::pages::kit::{
    Field, Tone, badge, button, card, danger_card, format, link_button, notice,
};
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::account as w;
use crate::pages::words::common::PRODUCT;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use secrecy::{ExposeSecret, SecretString};
use sindico_domain::input::{Fields, text};
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::Error;
use sindico_store::control::totp::{self, State as Standing};

/// `GET /account/two-step/`.
pub(super) async fn show(State(app): State<App>, Own(page): Own) -> ApiResult {
    respond(&app, &page, StatusCode::OK, &FieldErrors::new()).await
}

async fn respond(app: &App, page: &Page, status: StatusCode, errors: &FieldErrors) -> ApiResult {
    let user_id = page.caller.user.id;
    let standing = totp::state(app.store(), user_id).await?;
    let content = if standing.since.is_some() {
        on(page, &standing, errors)
    } else if let Some(key) = totp::pending(app.store(), app.vault(), user_id).await? {
        set_up(page, &key, errors)
    } else {
        off_yet(page)
    };
    Ok(page.show_as(status, page.t(w::TWO_STEP), frame(page, TWO_STEP, &content)))
}

fn off_yet(page: &Page) -> Markup {
    card(
        page.t(w::TWO_STEP),
        Some(badge(Tone::Neutral, page.t(w::TWO_STEP_OFF))),
        html! {
            form.form method="post" action="/account/two-step/begin/" {
                (page.proof())
                p { (page.t(w::TWO_STEP_LEAD)) }
                div.row { (button(page.t(w::BEGIN)).primary().icon("shield")) }
            }
        },
    )
}

fn set_up(page: &Page, key: &SecretString, errors: &FieldErrors) -> Markup {
    let account = &page.caller.user.username;
    let uri = totp::uri(page.t(PRODUCT), account, key);
    let code = Field::text("otp", page.t(w::FIRST_CODE))
        .errors(wrong(page, errors, "otp"))
        .attr("inputmode", "numeric")
        .attr("autocomplete", "one-time-code")
        .required();
    let letters: Vec<char> = key.expose_secret().chars().collect();
    card(
        page.t(w::TWO_STEP),
        None,
        html! {
            div.stack {
                p { (page.t(w::SCAN)) }
                (qr::svg(&uri, page.t(w::QR)))
                div {
                    p.quiet { (page.t(w::TYPE_KEY)) }
                    p.secret { code id="totp-key" {
                        @for (index, group) in letters.chunks(4).enumerate() {
                            @if index > 0 { " " } (group.iter().collect::<String>())
                        }
                    } }
                }
                form.form.narrow method="post" action="/account/two-step/confirm/" {
                    (page.proof())
                    (code.render(page.language()))
                    div.row { (button(page.t(w::TURN_ON)).primary()) }
                }
                form method="post" action="/account/two-step/begin/" {
                    (page.proof())
                    (button(page.t(w::RESTART)).quiet().icon("refresh-cw"))
                }
            }
        },
    )
}

fn on(page: &Page, standing: &Standing, errors: &FieldErrors) -> Markup {
    let language = page.language();
    let since = standing
        .since
        .map(|at| format::datetime_text(language, at, &page.zone));
    let password = |id: &'static str| {
        Field::password("password", page.t(w::CONFIRM_PASSWORD))
            .id(id)
            .required()
    };
    html! {
        div.stack {
            @for message in wrong(page, errors, "password") { (notice(Tone::Danger, &message, None)) }
            (card(page.t(w::TWO_STEP), Some(badge(Tone::Ok, page.t(w::TWO_STEP_ON))), html! {
                p { (w::on_since(language, since.unwrap_or_default())) }
            }))
            (card(page.t(w::RECOVERY), None, html! {
                form.form.narrow method="post" action="/account/two-step/codes/" {
                    (page.proof())
                    p { (page.t(w::RECOVERY_LEAD)) " " (w::recovery_left(language, standing.recovery_codes)) }
                    p.quiet { (page.t(w::NEW_CODES_HINT)) }
                    (password("codes-password").render(language))
                    div.row { (button(page.t(w::NEW_CODES)).icon("refresh-cw")) }
                }
            }))
            (danger_card(page.t(w::TURN_OFF_TITLE), html! {
                form.form.narrow method="post" action="/account/two-step/off/" {
                    (page.proof())
                    p.quiet { (page.t(w::TURN_OFF_HINT)) }
                    (password("off-password").render(language))
                    div.row { (button(page.t(w::TURN_OFF)).danger()) }
                }
            }))
        }
    }
}

/// `POST /account/two-step/begin/`.
pub(super) async fn begin(State(app): State<App>, Own(page): Own, _: Body) -> ApiResult {
    totp::begin(app.store(), app.vault(), page.caller.user.id).await?;
    Ok(page.redirect(TWO_STEP))
}

/// `POST /account/two-step/confirm/`: the answer shows the recovery codes, this once.
pub(super) async fn confirm(State(app): State<App>, Own(page): Own, body: Body) -> ApiResult {
    let mut f = Fields::new(&body.0);
    let code = f.require("otp", text(1..=OTP_MAX));
    let errors = f.finish();
    let Some(code) = code.filter(|_| errors.is_empty()) else {
        return respond(&app, &page, StatusCode::BAD_REQUEST, &errors).await;
    };
    let caller = &page.caller;
    let (store, vault) = (app.store(), app.vault());
    let made = totp::confirm(store, vault, &caller.actor, &caller.user, &code, page.now).await;
    answer(&app, &page, made).await
}

/// `POST /account/two-step/codes/`.
pub(super) async fn renew(State(app): State<App>, Own(page): Own, body: Body) -> ApiResult {
    let Some(password) = password(&body) else {
        return respond(&app, &page, StatusCode::BAD_REQUEST, &missing()).await;
    };
    let caller = &page.caller;
    let made =
        totp::renew_recovery_codes(app.store(), &caller.actor, &caller.user, &password).await;
    answer(&app, &page, made).await
}

/// `POST /account/two-step/off/`.
pub(super) async fn off(State(app): State<App>, Own(page): Own, body: Body) -> ApiResult {
    let Some(password) = password(&body) else {
        return respond(&app, &page, StatusCode::BAD_REQUEST, &missing()).await;
    };
    let caller = &page.caller;
    match totp::turn_off(app.store(), &caller.actor, &caller.user, &password).await {
        Ok(()) => Ok(page.done(TWO_STEP, &Notice::new("two_step_off", None))),
        Err(Error::Refused(Refusal::Fields(errors))) => {
            respond(&app, &page, StatusCode::BAD_REQUEST, &errors).await
        }
        Err(error) => Err(error.into()),
    }
}

fn password(body: &Body) -> Option<SecretString> {
    body.0.get("password").and_then(|value| secret(value).ok())
}

fn missing() -> FieldErrors {
    FieldErrors::one("password", "This field is required.")
}

async fn answer(app: &App, page: &Page, made: Result<Vec<SecretString>, Error>) -> ApiResult {
    match made {
        Ok(codes) => Ok(once(page, &codes)),
        Err(Error::Refused(Refusal::Fields(errors))) => {
            respond(app, page, StatusCode::BAD_REQUEST, &errors).await
        }
        Err(error) => Err(error.into()),
    }
}

fn once(page: &Page, codes: &[SecretString]) -> Response {
    let content = html! {
        div.stack {
            (notice(Tone::Warn, page.t(w::RECOVERY_ONCE), None))
            (card(page.t(w::RECOVERY), None, html! {
                div.stack {
                    p { (page.t(w::RECOVERY_LEAD)) }
                    ul.codes { @for code in codes { li { code { (code.expose_secret()) } } } }
                    div.row { (link_button(page.t(w::KEPT_CODES), TWO_STEP).primary()) }
                }
            }))
        }
    };
    page.show(page.t(w::RECOVERY), frame(page, TWO_STEP, &content))
}
