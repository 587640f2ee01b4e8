//! `/forgot-password/`: asks for the mail with a link to a new password. Its answer is the same whether or
//! not there is such an account.

use super::kit::{Field, Tone, button, notice};
use super::messages::translate;
use super::page::View;
use super::sign_in::PATH as SIGN_IN;
use super::words::sign_in as w;
use crate::App;
use crate::auth::reset;
use crate::contract::Body;
use crate::contract::error::ApiResult;
use crate::gate::trace::RequestInfo;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use sindico_domain::Refusal;
use sindico_domain::input::Fields;
use sindico_store::Error;

const PATH: &str = "/forgot-password/";

/// `GET /forgot-password/`.
pub(super) async fn show(parts: Parts) -> Response {
    let view = View::of(&parts);
    let content = form(&view, "", None);
    view.bare(view.t(w::FORGOT), content).into_response()
}

/// `POST /forgot-password/`.
pub(super) async fn submit(
    State(app): State<App>,
    Extension(info): Extension<RequestInfo>,
    parts: Parts,
    body: Body,
) -> ApiResult {
    let view = View::of(&parts);
    let typed = body.0.get("email").and_then(|value| value.as_str());
    let refuse = |status: StatusCode, english: &str| {
        let message = translate(view.language, english);
        let content = form(&view, typed.unwrap_or_default(), Some(&message));
        Ok((status, view.bare(view.t(w::FORGOT), content)).into_response())
    };
    let mut f = Fields::new(&body.0);
    let email = f.require("email", reset::name_or_email);
    let errors = f.finish();
    let Some(email) = email.filter(|_| errors.is_empty()) else {
        let message = errors.messages("email").first();
        return refuse(StatusCode::BAD_REQUEST, message.map_or("", String::as_str));
    };
    match reset::send_link(&app, &info, email).await {
        Ok(()) => {}
        Err(Error::Refused(refusal @ Refusal::TooManyRequests(_))) => {
            return refuse(StatusCode::TOO_MANY_REQUESTS, &refusal.to_line());
        }
        Err(error) => return Err(error.into()),
    }
    let content = html! {
        h1 { (view.t(w::FORGOT)) }
        (notice(Tone::Ok, view.t(w::LINK_SENT), None))
        p { a href=(SIGN_IN) { (view.t(w::BACK)) } }
    };
    Ok(view.bare(view.t(w::FORGOT), content).into_response())
}

fn form(view: &View, typed: &str, error: Option<&str>) -> Markup {
    let email = Field::text("email", view.t(w::EMAIL))
        .id("email")
        .value(typed)
        .errors(error)
        .attr("autocomplete", "username")
        .attr("inputmode", "email")
        .attr("autocapitalize", "none")
        .attr("spellcheck", "false")
        .attr("autofocus", "")
        .required();
    html! {
        div {
            h1 { (view.t(w::FORGOT)) }
            p.quiet { (view.t(w::FORGOT_HINT)) }
        }
        form.form method="post" action=(PATH) {
            (email.render(view.language))
            (button(view.t(w::SEND_LINK)).primary().wide())
        }
        p { a href=(SIGN_IN) { (view.t(w::BACK)) } }
    }
}
