//! `/account/`: what everybody looks after themselves, on the hosts of both faces.

mod agent;
mod password;
mod profile;
mod qr;
mod sessions;
mod tokens;
mod two_step;

use super::kit::{MenuItem, PageHeader, Tab, tabs};
use super::language::Word;
use super::page::{LANGUAGE_COOKIE, Page, THEME_COOKIE};
use super::root::{self, Face};
use super::switcher;
use super::words::account as w;
use crate::App;
use crate::contract::error::{ApiError, ApiResult};
use crate::gate::access::Access::SignedIn;
use crate::gate::tenant::TenantContext;
use crate::gate::visit;
use crate::table::{Table, show, submit};
use axum::extract::FromRequestParts;
use axum::http::HeaderValue;
use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::response::Response;
use maud::{Markup, html};
use sindico_domain::FieldErrors;
use sindico_store::control::preferences::Preferences;
use sindico_store::control::users;
use std::sync::Arc;

const PROFILE: &str = "/account/";
const PASSWORD: &str = "/account/password/";
const SESSIONS: &str = "/account/sessions/";
const TOKENS: &str = "/account/tokens/";
const TWO_STEP: &str = "/account/two-step/";

/// Its pages.
pub(super) fn routes(table: Table) -> Table {
    table
        .page(
            PROFILE,
            show(SignedIn, profile::show).submit(SignedIn, profile::submit),
        )
        .page(
            PASSWORD,
            show(SignedIn, password::show).submit(SignedIn, password::submit),
        )
        .page(SESSIONS, show(SignedIn, sessions::show))
        .page(
            "/account/sessions/{id}/end/",
            submit(SignedIn, sessions::end),
        )
        .page(
            "/account/sessions/end-others/",
            submit(SignedIn, sessions::end_others),
        )
        .page(
            TOKENS,
            show(SignedIn, tokens::show).submit(SignedIn, tokens::create),
        )
        .page(
            "/account/tokens/{id}/revoke/",
            submit(SignedIn, tokens::revoke),
        )
        .page(TWO_STEP, show(SignedIn, two_step::show))
        .page(
            "/account/two-step/begin/",
            submit(SignedIn, two_step::begin),
        )
        .page(
            "/account/two-step/confirm/",
            submit(SignedIn, two_step::confirm),
        )
        .page(
            "/account/two-step/codes/",
            submit(SignedIn, two_step::renew),
        )
        .page("/account/two-step/off/", submit(SignedIn, two_step::off))
}

/// The menu of who is signed in: their account, the company's settings, their other companies.
pub(super) fn menu(page: &Page) -> Vec<MenuItem> {
    let link = |href: &str, word: Word, icon| MenuItem::Link {
        href: href.to_owned(),
        label: page.t(word).to_owned(),
        icon: Some(icon),
        key: None,
    };
    let mut items = vec![link(PROFILE, w::MENU_ACCOUNT, "user")];
    if page.tenant.is_some() {
        items.push(link("/settings/", w::SETTINGS, "settings"));
    }
    items.extend(switcher::menu(page));
    items
}

/// Lets the browser keep how the user wants the pages to look: the sign-in page and every page before a
/// look into the database go by it. What is not chosen is forgotten, lest a shared browser keep another's.
pub(super) fn mirror(response: &mut Response, chosen: &Preferences, secure: bool) {
    let end = if secure { "; Secure" } else { "" };
    for (name, value) in [
        (LANGUAGE_COOKIE, &chosen.language),
        (THEME_COOKIE, &chosen.theme),
    ] {
        let (value, age) = match value {
            Some(value) => (value.as_str(), 31_536_000),
            None => ("", 0),
        };
        let cookie = format!("{name}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{end}");
        if let Ok(value) = HeaderValue::try_from(cookie) {
            response.headers_mut().append(SET_COOKIE, value);
        }
    }
}

/// A page of one's own account: on a tenant's host within the tenant's navigation, for who has a place there.
pub(super) struct Own(pub(super) Page);

impl FromRequestParts<App> for Own {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> ApiResult<Self> {
        let mut page = Page::from_request_parts(parts, app).await?;
        if let Face::Portal(company) = root::face(app, parts)
            && company.is_served()
        {
            let user = &page.caller.user;
            let places = users::memberships(app.store(), user.id).await?;
            let place = places.iter().find(|place| place.company_id == company.id);
            let role = place.map(|place| place.role);
            let visit = visit::of(app, &page.caller, company.id).await?;
            if role.is_some() || visit.is_some() {
                page.tenant = Some(TenantContext {
                    scopes: page.caller.scopes,
                    company,
                    role,
                    superuser: user.is_superuser,
                    visit: visit.map(Arc::new),
                });
            }
        }
        Ok(Self(page))
    }
}

/// The frame of the account's pages.
fn frame(page: &Page, current: &str, content: &Markup) -> Markup {
    let header = PageHeader {
        title: page.t(w::TITLE).to_owned(),
        subtitle: Some(html! { (page.caller.user.username) }),
        ..PageHeader::default()
    };
    let parts = [
        (PROFILE, w::PROFILE),
        (PASSWORD, w::PASSWORD),
        (TWO_STEP, w::TWO_STEP),
        (SESSIONS, w::SESSIONS),
        (TOKENS, w::TOKENS),
    ];
    let parts = parts.map(|(href, word)| Tab {
        href: href.to_owned(),
        label: page.t(word).to_owned(),
        count: None,
        current: href == current,
    });
    html! {
        (header.render(page.language()))
        (tabs(page.language(), &parts))
        (content)
    }
}

/// What is wrong with a field, in the language of the page.
pub(super) fn wrong(page: &Page, errors: &FieldErrors, field: &str) -> Vec<String> {
    let messages = errors.messages(field).iter();
    let told = messages.map(|message| super::messages::translate(page.language(), message));
    told.collect()
}
