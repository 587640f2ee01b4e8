//! What went wrong, told to a person: what it is, and what to do.

use super::language::Word;
use super::messages::translate;
use super::page::{Page, View};
use super::words::account as a;
use super::words::common as c;
use super::words::errors as w;
use super::{sign_in, support};
use crate::App;
use crate::contract::error::Told;
use crate::gate::access;
use crate::gate::tenant::{CANCELED, SUSPENDED};
use crate::gate::visit::NO_VISIT;
use axum::body::Bytes;
use axum::extract::FromRequestParts;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use sindico_domain::Refusal;

/// A page in place of an answer for programs, with its status and its other headers. Who is signed in has the
/// navigation around it.
pub(super) async fn respond(
    app: &App,
    view: &View,
    asked: Parts,
    told: Told,
    sent: &Bytes,
    answer: Response,
) -> Response {
    if matches!(told, Told::Refused(Refusal::Unauthenticated(_))) {
        return signed_out(view, sent);
    }
    let status = answer.status();
    let page = match &told {
        Told::Refused(Refusal::Forbidden(why)) if why == NO_VISIT => view
            .bare(view.t(a::NO_VISIT), support::no_visit(app, view))
            .into_response(),
        Told::Refused(Refusal::Forbidden(why)) if why == SUSPENDED => {
            without_contract(view, a::SUSPENDED, a::SUSPENDED_TEXT)
        }
        Told::Refused(Refusal::Forbidden(why)) if why == CANCELED => {
            without_contract(view, a::CANCELED, a::CANCELED_TEXT)
        }
        _ => within(app, view, asked, &told, status).await,
    };
    let mut response = page;
    *response.status_mut() = status;
    for (name, value) in answer.headers() {
        if name != CONTENT_TYPE && name != CONTENT_LENGTH {
            response.headers_mut().insert(name, value.clone());
        }
    }
    response
}

/// The portal of a company that is not served for now: why, and what to do.
fn without_contract(view: &View, title: Word, text: Word) -> Response {
    let content = html! {
        h1 { (view.t(title)) }
        p { (view.t(text)) }
        p { a href="/account/" { (view.t(a::MENU_ACCOUNT)) } }
    };
    view.bare(view.t(title), content).into_response()
}

/// What went wrong, within the navigation of who asked if they have a place on this host.
async fn within(
    app: &App,
    view: &View,
    mut asked: Parts,
    told: &Told,
    status: StatusCode,
) -> Response {
    // While the database is not there nobody is known, and asking again would take as long again.
    let asks = !matches!(told, Told::Unavailable);
    let page = match asks && access::known_here(app, &mut asked).await {
        true => Page::from_request_parts(&mut asked, app).await.ok(),
        false => None,
    };
    let content = content(view, page.as_ref(), told, status);
    let title = title(view, told);
    match page {
        Some(page) => page.show_as(status, title, html! { div class="stack" { (content) } }),
        None => (status, view.bare(title, content)).into_response(),
    }
}

/// `404` for an address at which there is nothing, for whoever asks.
pub(crate) async fn missing(app: &App, asked: Parts) -> Response {
    let view = View::of(&asked);
    let told = Told::Refused(Refusal::NotFound);
    let response = within(app, &view, asked, &told, StatusCode::NOT_FOUND).await;
    super::gate::finish(&view, false, response)
}

/// `404` on a host that is nobody's.
pub(crate) fn not_found(view: &View) -> Response {
    let told = Told::Refused(Refusal::NotFound);
    let content = content(view, None, &told, StatusCode::NOT_FOUND);
    let page = view.bare(title(view, &told), content);
    super::gate::finish(view, false, (StatusCode::NOT_FOUND, page).into_response())
}

/// To the sign-in page and back. A form that was sent comes along, so that nothing typed is lost.
fn signed_out(view: &View, sent: &Bytes) -> Response {
    if view.method == Method::GET || view.method == Method::HEAD {
        let target = sign_in::path_to(&view.path);
        // A script is told to load the whole page: what is signed out has no shell to put a part into.
        let (status, name) = match view.htmx {
            true => (
                StatusCode::UNAUTHORIZED,
                HeaderName::from_static("hx-redirect"),
            ),
            false => (StatusCode::SEE_OTHER, LOCATION),
        };
        let mut response = status.into_response();
        if let Ok(value) = HeaderValue::try_from(target) {
            response.headers_mut().insert(name, value);
        }
        return response;
    }
    sign_in::interrupted(view, sent)
}

fn title(view: &View, told: &Told) -> &'static str {
    let word = match told {
        Told::Refused(Refusal::NotFound | Refusal::Missing(_)) => w::NOT_FOUND,
        Told::Refused(Refusal::Forbidden(_)) => w::FORBIDDEN,
        Told::Refused(
            Refusal::PreconditionFailed | Refusal::PreconditionRequired | Refusal::Conflict { .. },
        ) => w::CHANGED,
        Told::Refused(Refusal::TooManyRequests(_)) => w::TOO_MANY,
        Told::Refused(Refusal::Unavailable(_)) | Told::Unavailable => w::UNAVAILABLE,
        Told::Refused(_) => w::WRONG,
        Told::Fault => w::FAULT,
    };
    view.t(word)
}

fn content(view: &View, page: Option<&Page>, told: &Told, status: StatusCode) -> Markup {
    // Only a portal has a bin.
    let binned = page.is_some_and(|page| page.tenant.is_some());
    let detail = match told {
        Told::Refused(Refusal::NotFound) if binned => view.t(w::NOT_FOUND_DETAIL).to_owned(),
        Told::Refused(Refusal::NotFound) => view.t(w::NOTHING_HERE).to_owned(),
        Told::Refused(refusal) => translate(view.language, &refusal.to_line()),
        Told::Unavailable => view.t(w::UNAVAILABLE_DETAIL).to_owned(),
        Told::Fault => view.t(w::FAULT_DETAIL).to_owned(),
    };
    let quoted = matches!(told, Told::Fault)
        .then(crate::gate::trace::current_id)
        .flatten();
    html! {
        h1 { (title(view, told)) }
        p { (detail) }
        @if let Some(id) = quoted { p { (view.t(w::QUOTE)) " " code { (id) } } }
        p.actions {
            @if status == StatusCode::SERVICE_UNAVAILABLE {
                a.button href=(view.path) { (view.t(w::TRY_AGAIN)) }
            }
            a.button href="/" { (view.t(c::HOME)) }
        }
    }
}
