//! What somebody had typed when their session was over: it goes along while they sign in again, and is
//! sent after that.

use super::{Asked, form, is_ours};
use crate::pages::gate::CSRF_FIELD;
use crate::pages::kit::button;
use crate::pages::page::View;
use crate::pages::words::sign_in as w;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};

/// What a form that was sent without a session said, and where it went.
const KEPT: &str = "kept";
const KEPT_PATH: &str = "kept_path";

/// A form that waits.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    path: String,
    sent: String,
}

impl Kept {
    pub(super) fn read(text: impl Fn(&str) -> String) -> Option<Self> {
        let path = text(KEPT_PATH);
        is_ours(&path).then(|| Self {
            path,
            sent: text(KEPT),
        })
    }

    pub(super) fn hidden(&self) -> Markup {
        html! {
            input type="hidden" name=(KEPT_PATH) value=(self.path);
            input type="hidden" name=(KEPT) value=(self.sent);
        }
    }
}

/// The sign-in page for who sent a form after their session was over, with what they had typed.
pub(in crate::pages) fn interrupted(view: &View, sent: &[u8]) -> Response {
    let asked = Asked {
        kept: Some(Kept {
            path: view.path.clone(),
            sent: String::from_utf8_lossy(sent).into_owned(),
        }),
        ..Asked::default()
    };
    let content = form(view, None, &asked, None);
    let page = view.bare(view.t(w::TITLE), content);
    let mut response = (StatusCode::UNAUTHORIZED, page).into_response();
    if view.htmx {
        // In the place of the whole content, whatever small part of it was to be exchanged.
        for (name, value) in [
            ("hx-retarget", "#main"),
            ("hx-reselect", "#main"),
            ("hx-reswap", "outerHTML"),
        ] {
            let name = HeaderName::from_static(name);
            response
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
    }
    response
}

/// After signing in again: what was typed before, ready to be sent, with the new session's proof.
pub(super) fn again(view: &View, kept: &Kept, proof: &str) -> Response {
    let fields = form_urlencoded::parse(kept.sent.as_bytes());
    let content = html! {
        div {
            h1 { (view.t(w::WELCOME_BACK)) }
            p.quiet { (view.t(w::KEPT)) }
        }
        form.form method="post" action=(kept.path) hx-boost="false" {
            input type="hidden" name=(CSRF_FIELD) value=(proof);
            @for (name, value) in fields.filter(|(name, _)| name != CSRF_FIELD) {
                input type="hidden" name=(name) value=(value);
            }
            (button(view.t(w::SEND_AGAIN)).primary().wide().attr("autofocus", ""))
        }
        p { a href="/" { (view.t(w::BACK)) } }
    };
    view.bare(view.t(w::WELCOME_BACK), content).into_response()
}
