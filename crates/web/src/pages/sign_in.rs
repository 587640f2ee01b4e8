//! `/sign-in/` and `/sign-out/`, on the hosts of both faces.

use super::gate::CSRF_FIELD;
use super::messages::translate;
use super::page::{Page, View, see_other};
use super::root::{self, Face};
use super::words::sign_in as w;
use crate::App;
use crate::auth::input::Credentials;
use crate::auth::{cookie, known};
use crate::contract::Body;
use crate::contract::error::ApiResult;
use crate::gate::actor::{Credential, session_cookie};
use crate::gate::trace::RequestInfo;
use axum::Extension;
use axum::extract::{RawForm, State};
use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::ExposeSecret;
use serde_json::{Map, Value};
use sindico_domain::access::User;
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::Error;
use sindico_store::control::{sessions, sign_in as credentials, users};

const PATH: &str = "/sign-in/";
/// What a form that was sent without a session said, and where it went.
const KEPT: &str = "kept";
const KEPT_PATH: &str = "kept_path";

/// The sign-in page that leads to this address.
pub(super) fn path_to(next: &str) -> String {
    format!(
        "{PATH}?next={}",
        utf8_percent_encode(next, NON_ALPHANUMERIC)
    )
}

/// What the sign-in page was asked with.
#[derive(Debug, Default, Clone)]
struct Asked {
    next: String,
    username: String,
    kept: Option<(String, String)>,
}

impl Asked {
    fn read(fields: &Map<String, Value>) -> Self {
        let text = |name: &str| {
            let value = fields.get(name).and_then(Value::as_str);
            value.unwrap_or_default().to_owned()
        };
        let kept_path = text(KEPT_PATH);
        Self {
            next: text("next"),
            username: text("username"),
            kept: is_ours(&kept_path).then(|| (kept_path, text(KEPT))),
        }
    }
}

/// Whether an address is one of ours: another site's would make our sign-in page its own.
fn is_ours(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && !path.chars().any(char::is_control)
}

/// `GET /sign-in/`.
pub(super) async fn show(
    State(app): State<App>,
    query: crate::contract::Query,
    parts: Parts,
) -> Response {
    let view = View::of(&parts);
    let mut fields = Map::new();
    let mut f = query.fields();
    if let Some(next) = f.read("next", sindico_domain::input::text(0..=2000)) {
        fields.insert("next".to_owned(), Value::String(next));
    }
    let face = root::face(&app, &parts);
    if matches!(face, Face::Nobody) {
        return super::error::not_found(&view);
    }
    let content = form(&view, &face, &Asked::read(&fields), None);
    view.bare(view.t(w::TITLE), content).into_response()
}

/// `POST /sign-in/`.
pub(super) async fn submit(
    State(app): State<App>,
    Extension(info): Extension<RequestInfo>,
    parts: Parts,
    RawForm(sent): RawForm,
) -> ApiResult {
    let view = View::of(&parts);
    let face = root::face(&app, &parts);
    let fields = fields(&sent);
    let asked = Asked::read(&fields);
    let refuse = |status, message: &str| {
        let content = form(&view, &face, &asked, Some(message));
        (status, view.bare(view.t(w::TITLE), content)).into_response()
    };
    let user = match signed_in(&app, &info, &fields).await {
        Ok(user) => user,
        Err(Error::Refused(refusal)) => {
            let message = match &refusal {
                Refusal::Fields(errors) => first_message(errors),
                other => other.to_line(),
            };
            let status = match refusal {
                Refusal::TooManyRequests(_) => StatusCode::TOO_MANY_REQUESTS,
                _ => StatusCode::BAD_REQUEST,
            };
            return Ok(refuse(status, &translate(view.language, &message)));
        }
        Err(error) => return Err(error.into()),
    };
    let stranger = match &face {
        Face::Nobody => return Ok(super::error::not_found(&view)),
        Face::Console => (!user.is_platform_admin()).then_some(w::NOT_ADMIN),
        Face::Portal(company) => {
            let places = users::memberships(app.store(), user.id).await?;
            let member = places.iter().any(|place| place.company_id == company.id);
            (!member && !user.is_superuser).then_some(w::NOT_MEMBER)
        }
    };
    if let Some(word) = stranger {
        return Ok(refuse(StatusCode::FORBIDDEN, view.t(word)));
    }
    let actor = known(&info, &user);
    let store = app.store();
    // The browser is about to forget it, so nobody could end it any more.
    if let Some(cookie) = session_cookie(&parts.headers, info.secure)
        && let Some((_, earlier, _)) = sessions::authenticate(store, cookie, None).await?
    {
        sessions::revoke(store, &actor, earlier.id).await?;
    }
    let browser = parts
        .headers
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok());
    let (secret, session) =
        sessions::create(store, &actor, user.id, browser.unwrap_or_default()).await?;
    let mut response = match &asked.kept {
        Some((path, sent)) => again(&view, path, sent, &session.csrf_token),
        None if is_ours(&asked.next) => see_other(&asked.next),
        None => see_other(root::start(&face)),
    };
    cookie::set(&mut response, secret.expose_secret(), info.secure);
    Ok(response)
}

/// The fields of a sent form; of a repeated one the last counts.
fn fields(sent: &[u8]) -> Map<String, Value> {
    form_urlencoded::parse(sent)
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect()
}

async fn signed_in(
    app: &App,
    info: &RequestInfo,
    fields: &Map<String, Value>,
) -> Result<User, Error> {
    let Credentials { username, password } = Credentials::parse(fields).map_err(Refusal::Fields)?;
    credentials(app.store(), &username, &password, Some(info.client)).await
}

fn first_message(errors: &FieldErrors) -> String {
    let names = ["non_field_errors", "username", "password"];
    let messages = names.iter().flat_map(|name| errors.messages(name));
    messages.into_iter().next().cloned().unwrap_or_default()
}

fn form(view: &View, face: &Face, asked: &Asked, error: Option<&str>) -> Markup {
    let to = match face {
        Face::Portal(company) => company.name.as_str(),
        _ => view.t(w::TO_CONSOLE),
    };
    html! {
        h1 { (view.t(w::TITLE)) }
        p.quiet { (to) }
        @if asked.kept.is_some() && error.is_none() {
            p.notice role="status" { (view.t(w::INTERRUPTED)) }
        }
        @if let Some(error) = error {
            p.notice.danger role="alert" id="error" { (error) }
        }
        form method="post" action=(PATH) {
            input type="hidden" name="next" value=(asked.next);
            @if let Some((path, sent)) = &asked.kept {
                input type="hidden" name=(KEPT_PATH) value=(path);
                input type="hidden" name=(KEPT) value=(sent);
            }
            label for="username" { (view.t(w::USERNAME)) }
            input id="username" name="username" value=(asked.username) autocomplete="username"
                autocapitalize="none" spellcheck="false" required autofocus[asked.username.is_empty()]
                aria-describedby=[error.map(|_| "error")];
            label for="password" { (view.t(w::PASSWORD)) }
            input id="password" name="password" type="password" autocomplete="current-password" required
                autofocus[!asked.username.is_empty()] aria-describedby=[error.map(|_| "error")];
            button.button.primary type="submit" { (view.t(w::SUBMIT)) }
        }
        p { a href="/forgot-password/" { (view.t(w::FORGOT)) } }
    }
}

/// The sign-in page for who sent a form after their session was over, with what they had typed.
pub(super) fn interrupted(app: &App, view: &View, sent: &[u8]) -> Response {
    let _ = app;
    let kept = String::from_utf8_lossy(sent).into_owned();
    let asked = Asked {
        kept: Some((view.path.clone(), kept)),
        ..Asked::default()
    };
    let content = form(view, &Face::Console, &asked, None);
    let page = view.bare(view.t(w::TITLE), content);
    let mut response = (StatusCode::UNAUTHORIZED, page).into_response();
    if view.htmx {
        for (name, value) in [("hx-retarget", "body"), ("hx-reswap", "innerHTML")] {
            let name = HeaderName::from_static(name);
            response
                .headers_mut()
                .insert(name, HeaderValue::from_static(value));
        }
    }
    response
}

/// After signing in again: what was typed before, ready to be sent, with the new session's proof.
fn again(view: &View, path: &str, sent: &str, proof: &str) -> Response {
    let kept = form_urlencoded::parse(sent.as_bytes());
    let content = html! {
        h1 { (view.t(w::WELCOME_BACK)) }
        p { (view.t(w::KEPT)) }
        form method="post" action=(path) {
            input type="hidden" name=(CSRF_FIELD) value=(proof);
            @for (name, value) in kept.filter(|(name, _)| name != CSRF_FIELD) {
                input type="hidden" name=(name) value=(value);
            }
            button.button.primary type="submit" autofocus { (view.t(w::SEND_AGAIN)) }
        }
        p { a href=(path) { (view.t(w::BACK)) } }
    };
    view.bare(view.t(w::WELCOME_BACK), content).into_response()
}

/// `POST /sign-out/`.
pub(super) async fn sign_out(State(app): State<App>, page: Page, _: Body) -> ApiResult {
    if let Credential::Session(session) = &page.caller.credential {
        sessions::revoke(app.store(), &page.caller.actor, session.id).await?;
    }
    let mut response = see_other(PATH);
    cookie::clear(&mut response);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_addresses_are_led_to() {
        for ours in ["/", "/leads/?q=a", "/a//b"] {
            assert!(is_ours(ours), "{ours}");
        }
        for foreign in [
            "",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/a\r\nb",
            "leads",
        ] {
            assert!(!is_ours(foreign), "{foreign}");
        }
        assert_eq!(
            path_to("/leads/?q=a&b"),
            "/sign-in/?next=%2Fleads%2F%3Fq%3Da%26b"
        );
    }
}
