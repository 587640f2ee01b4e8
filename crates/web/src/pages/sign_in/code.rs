//! `/sign-in/code/`: the second step, for accounts that have one. There is no session before it; what holds
//! the two steps together is a secret of the form.

use super::{Asked, PATH, enter, fields, told};
use crate::App;
use crate::auth::known;
use crate::contract::error::ApiResult;
use crate::gate::trace::RequestInfo;
use crate::pages::kit::{Field, Tone, button, notice};
use crate::pages::messages::translate;
use crate::pages::page::{View, see_other};
use crate::pages::words::account as w;
use axum::Extension;
use axum::extract::{RawForm, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use sindico_store::Error;
use sindico_store::control::challenges;

const CODE_PATH: &str = "/sign-in/code/";

/// `GET /sign-in/code/`: the step has no address of its own, so a page that is loaded anew begins again.
pub(in crate::pages) async fn restart() -> Response {
    see_other(PATH)
}

/// The page that asks for the code.
pub(super) fn ask(view: &View, asked: &Asked, challenge: &SecretString) -> Response {
    let content = form(view, asked, challenge.expose_secret(), None);
    view.bare(view.t(w::CODE_TITLE), content).into_response()
}

/// `POST /sign-in/code/`.
pub(in crate::pages) async fn submit(
    State(app): State<App>,
    Extension(info): Extension<RequestInfo>,
    parts: Parts,
    RawForm(sent): RawForm,
) -> ApiResult {
    let view = View::of(&parts);
    let fields = fields(&sent);
    let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let asked = Asked::read(&fields);
    let challenge = text("challenge");
    let (store, vault) = (app.store(), app.vault());
    let who = |user: &_| known(&info, user);
    match challenges::answer(store, vault, who, challenge, text("otp"), app.now()).await {
        Ok(Some(user)) => enter(&app, &info, &parts, &user, &asked).await,
        Ok(None) => {
            let message = view.t(w::CODE_OVER);
            let content = super::form(&view, None, &asked, Some(message));
            let page = view.bare(view.t(crate::pages::words::sign_in::TITLE), content);
            Ok((StatusCode::BAD_REQUEST, page).into_response())
        }
        Err(Error::Refused(refusal)) => {
            let (status, message) = told(&refusal);
            let message = translate(view.language, &message);
            let content = form(&view, &asked, challenge, Some(message));
            Ok((status, view.bare(view.t(w::CODE_TITLE), content)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

fn form(view: &View, asked: &Asked, challenge: &str, error: Option<String>) -> Markup {
    let code = Field::text("otp", view.t(w::CODE))
        .id("otp")
        .attr("autocomplete", "one-time-code")
        .attr("autocapitalize", "none")
        .attr("spellcheck", "false")
        .attr("autofocus", "")
        .required();
    html! {
        div {
            h1 { (view.t(w::CODE_TITLE)) }
            p.quiet { (view.t(w::CODE_LEAD)) }
        }
        @if let Some(error) = error { (notice(Tone::Danger, &error, None)) }
        form.form method="post" action=(CODE_PATH) {
            (asked.hidden())
            input type="hidden" name="challenge" value=(challenge);
            (code.render(view.language))
            (button(view.t(w::CODE_SUBMIT)).primary().wide())
        }
        p { a href=(PATH) { (view.t(w::START_AGAIN)) } }
    }
}
