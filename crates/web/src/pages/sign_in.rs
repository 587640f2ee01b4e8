//! `/sign-in/` and `/sign-out/`, on the hosts of both faces. Accounts with a second factor go on to
//! [`code`]; whoever has proved who they are is let in by [`enter`].

pub(super) mod code;
mod kept;

use super::kit::{Field, Tone, button, notice};
use super::messages::translate;
use super::page::{Page, View, see_other};
use super::root::{self, Face};
use super::words::sign_in as w;
use crate::App;
use crate::auth::input::Credentials;
use crate::auth::{cookie, open_session};
use crate::contract::Body;
use crate::contract::error::ApiResult;
use crate::gate::actor::Credential;
use crate::gate::trace::RequestInfo;
use axum::Extension;
use axum::extract::{RawForm, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
pub(super) use kept::interrupted;
use kept::{Kept, again};
use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::ExposeSecret;
use serde_json::{Map, Value};
use sindico_domain::access::User;
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::Error;
use sindico_store::control::{challenges, preferences, sessions, sign_in as credentials, users};

pub(super) const PATH: &str = "/sign-in/";

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
    kept: Option<Kept>,
}

impl Asked {
    fn read(fields: &Map<String, Value>) -> Self {
        let text = |name: &str| {
            let value = fields.get(name).and_then(Value::as_str);
            value.unwrap_or_default().to_owned()
        };
        Self {
            next: text("next"),
            username: text("username"),
            kept: Kept::read(text),
        }
    }

    /// What goes along from step to step.
    fn hidden(&self) -> Markup {
        html! {
            input type="hidden" name="next" value=(self.next);
            @if let Some(kept) = &self.kept { (kept.hidden()) }
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
    let content = form(&view, place(&view, &face), &Asked::read(&fields), None);
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
        let content = form(&view, place(&view, &face), &asked, Some(message));
        (status, view.bare(view.t(w::TITLE), content)).into_response()
    };
    let user = match proved(&app, &info, &fields).await {
        Ok(user) => user,
        Err(Error::Refused(refusal)) => {
            let (status, message) = told(&refusal);
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
    if let Some(challenge) = challenges::begin(app.store(), &user).await? {
        return Ok(code::ask(&view, &asked, &challenge));
    }
    enter(&app, &info, &parts, &user, &asked).await
}

/// Opens a session for somebody who has proved who they are, and leads them to where they wanted to be.
async fn enter(
    app: &App,
    info: &RequestInfo,
    parts: &Parts,
    user: &User,
    asked: &Asked,
) -> ApiResult {
    let view = View::of(parts);
    let (secret, session) = open_session(app, info, &parts.headers, user, None).await?;
    let mut response = match &asked.kept {
        Some(kept) => again(&view, kept, &session.csrf_token),
        None if is_ours(&asked.next) => see_other(&asked.next),
        None => see_other(root::start(&root::face(app, parts))),
    };
    cookie::set(&mut response, secret.expose_secret(), info.secure);
    let chosen = preferences::find(app.store(), user.id).await?;
    super::account::mirror(&mut response, &chosen, info.secure);
    Ok(response)
}

/// The fields of a sent form; of a repeated one the last counts.
fn fields(sent: &[u8]) -> Map<String, Value> {
    form_urlencoded::parse(sent)
        .map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())))
        .collect()
}

async fn proved(app: &App, info: &RequestInfo, fields: &Map<String, Value>) -> Result<User, Error> {
    let sent = Credentials::parse(fields).map_err(Refusal::Fields)?;
    credentials(
        app.store(),
        &sent.username,
        &sent.password,
        Some(info.client),
    )
    .await
}

/// The status of a refusal, and its one line for a small form.
fn told(refusal: &Refusal) -> (StatusCode, String) {
    let message = match refusal {
        Refusal::Fields(errors) => first_message(errors),
        other => other.to_line(),
    };
    let status = match refusal {
        Refusal::TooManyRequests(_) => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::BAD_REQUEST,
    };
    (status, message)
}

fn first_message(errors: &FieldErrors) -> String {
    let names = ["non_field_errors", "username", "password", "otp"];
    let messages = names.iter().flat_map(|name| errors.messages(name));
    messages.into_iter().next().cloned().unwrap_or_default()
}

fn place<'a>(view: &View, face: &'a Face) -> Option<&'a str> {
    match face {
        Face::Portal(company) => Some(company.name.as_str()),
        _ => Some(view.t(w::TO_CONSOLE)),
    }
}

fn form(view: &View, place: Option<&str>, asked: &Asked, error: Option<&str>) -> Markup {
    let focus = |field: Field, here: bool| match here {
        true => field.attr("autofocus", ""),
        false => field,
    };
    let name = Field::text("username", view.t(w::USERNAME))
        .id("username")
        .value(&asked.username)
        .attr("autocomplete", "username")
        .attr("autocapitalize", "none")
        .attr("spellcheck", "false")
        .required();
    let password = Field::password("password", view.t(w::PASSWORD))
        .id("password")
        .required();
    html! {
        div {
            h1 { (view.t(w::TITLE)) }
            @if let Some(place) = place { p.quiet { (place) } }
        }
        @if asked.kept.is_some() && error.is_none() {
            (notice(Tone::Info, view.t(w::INTERRUPTED), None))
        }
        @if let Some(error) = error { (notice(Tone::Danger, error, None)) }
        form.form method="post" action=(PATH) hx-boost="false" {
            (asked.hidden())
            (focus(name, asked.username.is_empty()).render(view.language))
            (focus(password, !asked.username.is_empty()).render(view.language))
            (button(view.t(w::SUBMIT)).primary().wide())
        }
        p { a href="/forgot-password/" { (view.t(w::FORGOT)) } }
    }
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
