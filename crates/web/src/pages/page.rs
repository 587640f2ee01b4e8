//! What a page is made with: in which language, for whom, in which tenant; and what it is put into.

use super::gate::CSRF_FIELD;
use super::language::{Language, Word};
use super::notice::Notice;
use super::{document, notice};
use crate::App;
use crate::contract::error::{ApiError, ApiResult};
use crate::gate::actor::{self, Caller, Credential};
use crate::gate::tenant::TenantContext;
use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::header::{COOKIE, HOST, LOCATION};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use sindico_domain::access::Membership;
use sindico_domain::access::capability::{Method as Verb, Resource};
use sindico_domain::access::fields::FieldAccess;
use sindico_domain::crm::Kind;
use sindico_domain::crm::custom::{Customs, Writer};
use sindico_domain::crm::pipeline::Pipelines;
use sindico_store::control::users;
use std::sync::Arc;

/// The cookie with the language that somebody chose.
pub const LANGUAGE_COOKIE: &str = "sindico_language";
/// The cookie with the theme that somebody chose.
pub const THEME_COOKIE: &str = "sindico_theme";

/// How a page is to look, whoever asks for it.
#[derive(Debug, Clone)]
pub struct View {
    /// In which language.
    pub language: Language,
    /// `light` or `dark`, when somebody chose; else the browser's.
    pub theme: Option<&'static str>,
    /// Whether a script of ours asks, for a part of the page.
    pub htmx: bool,
    /// The address with its query, from its first slash.
    pub path: String,
    /// The request's method.
    pub method: Method,
    /// The host with its port, as the browser names it.
    pub host: String,
}

/// The language that somebody chose, else the browser's.
pub(crate) fn language(headers: &HeaderMap) -> Language {
    match cookie(headers, LANGUAGE_COOKIE) {
        Some("pt-BR") => Language::Portuguese,
        Some("en") => Language::English,
        _ => Language::of_browser(headers),
    }
}

impl View {
    /// How this request wants it.
    pub fn of(parts: &Parts) -> Self {
        let language = language(&parts.headers);
        let theme = match cookie(&parts.headers, THEME_COOKIE) {
            Some("light") => Some("light"),
            Some("dark") => Some("dark"),
            _ => None,
        };
        let uri = parts
            .extensions
            .get::<OriginalUri>()
            .map_or(&parts.uri, |OriginalUri(uri)| uri);
        Self {
            language,
            theme,
            htmx: parts.headers.contains_key("hx-request"),
            path: uri
                .path_and_query()
                .map_or("/", |path| path.as_str())
                .to_owned(),
            method: parts.method.clone(),
            host: host(parts).unwrap_or_default().to_owned(),
        }
    }

    /// A word in the page's language.
    pub fn t(&self, word: Word) -> &'static str {
        word.in_(self.language)
    }

    /// The address without its query.
    pub fn path_only(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }

    /// A page of its own, without navigation.
    pub fn bare(&self, title: &str, content: Markup) -> Html<String> {
        Html(document::bare(self, title, content).into_string())
    }
}

fn host(parts: &Parts) -> Option<&str> {
    match parts.uri.authority() {
        Some(authority) => Some(authority.as_str()),
        None => parts.headers.get(HOST)?.to_str().ok(),
    }
}

/// The cookie of this name.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

/// How much of the window a page's content takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    /// As much as reads well.
    Text,
    /// All of it.
    Whole,
    /// All of it, for a board, which has keys of its own.
    Board,
}

/// A page for somebody who passed the gate.
#[derive(Clone)]
pub struct Page {
    /// How it is to look.
    pub view: View,
    /// For whom.
    pub caller: Arc<Caller>,
    /// In which tenant; `None` in the console.
    pub tenant: Option<TenantContext>,
    /// What forms carry to prove that they are ours; empty for who came by token.
    pub csrf: String,
    /// The instant that counts as now.
    pub now: Timestamp,
    /// Where days begin.
    pub zone: TimeZone,
    /// What is to be told of what was just done.
    pub notice: Option<Notice>,
    /// The companies in which the caller has a place, as they were a moment ago: for menus.
    pub places: Arc<[Membership]>,
    /// What the company has set up for its sales, if it was read.
    pub setup: Option<Arc<Pipelines>>,
    /// The company's custom fields, if they were read.
    pub custom_fields: Option<Arc<Customs>>,
    /// What the caller is asked for who writes a record.
    pub writer: Writer,
}

impl FromRequestParts<App> for Page {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        let caller = actor::known(parts)?;
        let csrf = match &caller.credential {
            Credential::Session(session) => session.csrf_token.clone(),
            Credential::Token(_) => String::new(),
        };
        let places = users::places(app.store(), caller.user.id).await?;
        Ok(Self {
            view: View::of(parts),
            places,
            setup: None,
            custom_fields: None,
            writer: Writer::Of(None),
            csrf,
            caller,
            tenant: parts.extensions.get::<TenantContext>().cloned(),
            now: app.now(),
            zone: app.config().time_zone.clone(),
            notice: cookie(&parts.headers, notice::COOKIE).and_then(Notice::read),
        })
    }
}

impl Page {
    /// A word in the page's language.
    pub fn t(&self, word: Word) -> &'static str {
        self.view.t(word)
    }

    /// The page's language.
    pub fn language(&self) -> Language {
        self.view.language
    }

    /// Whether the caller may use this method of this resource: what they may not is not offered.
    pub fn may(&self, resource: Resource, verb: Verb) -> bool {
        let tenant = self.tenant.as_ref();
        tenant.is_some_and(|tenant| tenant.allows(resource, verb))
    }

    /// What the caller may do with a field of the records that they see.
    pub fn access(&self, kind: Kind, field: &str) -> FieldAccess {
        let tenant = self.tenant.as_ref();
        let sight = tenant.map(|tenant| tenant.sight(&self.caller));
        sight.map_or(FieldAccess::Write, |sight| sight.veil().access(kind, field))
    }

    /// Whether the caller reads this field: what is kept from them is offered nowhere.
    pub fn shows(&self, kind: Kind, field: &str) -> bool {
        self.access(kind, field) != FieldAccess::None
    }

    /// The field that each form has, so that it is known to be ours.
    pub fn proof(&self) -> Markup {
        html! { input type="hidden" name=(CSRF_FIELD) value=(self.csrf); }
    }

    /// The page with this content, in its place within the shell.
    pub fn show(&self, title: &str, content: Markup) -> Response {
        self.show_as(StatusCode::OK, title, content)
    }

    /// The same with another status: a form with errors is a `400`.
    pub fn show_as(&self, status: StatusCode, title: &str, content: Markup) -> Response {
        self.respond(status, title, Width::Text, &content)
    }

    /// A page whose content takes the whole width.
    pub fn show_wide(&self, title: &str, content: Markup) -> Response {
        self.respond(StatusCode::OK, title, Width::Whole, &content)
    }

    /// A board: it takes the whole width, and its keys are told.
    pub fn show_board(&self, title: &str, content: Markup) -> Response {
        self.respond(StatusCode::OK, title, Width::Board, &content)
    }

    /// A part of a page, without anything around it.
    pub fn fragment(&self, content: Markup) -> Response {
        Html(content.into_string()).into_response()
    }

    fn respond(&self, status: StatusCode, title: &str, width: Width, content: &Markup) -> Response {
        let page = document::shell(self, title, width, content).into_string();
        let mut response = (status, Html(page)).into_response();
        if self.notice.is_some() {
            notice::clear(&mut response);
        }
        response
    }

    /// To another page, after something was done (RFC 9110, 15.4.4).
    pub fn redirect(&self, to: &str) -> Response {
        see_other(to)
    }

    /// To another page, which tells what was done.
    pub fn done(&self, to: &str, notice: &Notice) -> Response {
        let mut response = see_other(to);
        notice::set(&mut response, notice);
        response
    }
}

/// `303` to a page of ours.
pub(super) fn see_other(to: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(value) = HeaderValue::try_from(to) {
        response.headers_mut().insert(LOCATION, value);
    }
    response
}
