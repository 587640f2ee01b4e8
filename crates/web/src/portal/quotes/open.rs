//! `/q/{key}/`: a quote behind its link, for whoever holds the key. It works without a script, on the tenant's host
//! alone, and tells nothing but what the quote says.

use super::link;
use crate::App;
use crate::contract::Body;
use crate::contract::error::{ApiError, ApiResult, not_found};
use crate::gate::tenant::resolve;
use crate::gate::trace::RequestInfo;
use crate::pages::document::still;
use crate::pages::kit::{Column, Field, Row, Tone, button, data_table, format, notice};
use crate::pages::language::Language;
use crate::pages::messages::translate;
use crate::pages::page::View;
use crate::pages::words::quotes as w;
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::header::{
    CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, VARY,
};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use jiff::civil::Date;
use maud::{Markup, html};
use serde_json::Value;
use sindico_crm::By;
use sindico_crm::quotes::{self, Opened, Quote};
use sindico_db::TenantConnection;
use sindico_domain::access::Actor;
use sindico_domain::access::sight::Sight;
use sindico_domain::crm::custom::Writer;
use sindico_domain::quote::{Line, Shown, Tongue};
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::Error;
use sindico_store::control::throttle;
use sindico_store::migrate::tenant::target;

/// A tenant that is served, and its data.
struct Place {
    company_id: i64,
    name: String,
    data: TenantConnection,
    today: Date,
}

/// The tenant of the request's host.
fn place(app: &App, parts: &Parts, key: &str) -> ApiResult<Place> {
    let company = resolve(app, parts).map_err(|_| not_found())?;
    let served = company.is_served()
        && company
            .schema_version
            .is_none_or(|version| version >= target());
    let Some(route) = company.route.clone().filter(|_| served) else {
        return Err(not_found());
    };
    // What can't be a key need not be looked for.
    if key.len() != 64 || !key.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(not_found());
    }
    Ok(Place {
        company_id: company.id,
        name: company.name.clone(),
        data: app.pools().tenant(route, Sight::whole()),
        today: app.today(),
    })
}

/// How a quote's page looks: in the quote's language.
fn view_of(parts: &Parts, quote: &Quote) -> View {
    let mut view = View::of(parts);
    view.language = language_of(quote);
    view
}

/// What a quote is written in.
pub(crate) fn language_of(quote: &Quote) -> Language {
    match quote.language {
        Tongue::Portuguese => Language::Portuguese,
        Tongue::English => Language::English,
    }
}

/// Whoever comes by the link.
fn visitor(info: &RequestInfo, name: &str) -> Actor {
    Actor {
        user_id: None,
        name: name.to_owned(),
        address: Some(info.client),
        request_id: info.id.to_string(),
        support: None,
    }
}

/// Whether a browser opens this page for somebody to look at, as it says itself (Fetch Metadata, `Sec-Fetch-Mode`). The
/// robots of messengers that fetch a link for its preview say nothing, and what is fetched ahead says so (`Sec-Purpose`).
fn is_opened(parts: &Parts) -> bool {
    let header = |name: &str| parts.headers.get(name).map(|value| value.as_bytes());
    let ahead = header("sec-purpose").is_some_and(|purpose| purpose.starts_with(b"prefetch"));
    header("sec-fetch-mode") == Some(b"navigate") && !ahead
}

/// A quote for its customer
///
/// A page without a script, which can be printed, and answered once.
#[utoipa::path(get, path = "/q/{key}/", tag = "quotes",
    params(("key" = String, Path, description = "The key of its link")),
    responses(
        (status = 200, description = "The page", body = String, content_type = "text/html"),
        (status = 404, description = "The key opens nothing on this host"),
        (status = 410, description = "It was a quote whose time is over"),
    ))]
pub async fn show(
    State(app): State<App>,
    Path(key): Path<String>,
    Extension(info): Extension<RequestInfo>,
    parts: Parts,
) -> ApiResult {
    let place = place(&app, &parts, &key)?;
    let opened = quotes::by_key(&place.data, &key, place.today).await?;
    match opened.ok_or_else(not_found)? {
        Opened::Over(quote) => Ok(over(&view_of(&parts, &quote), &place, &quote)),
        Opened::Quote(quote) => {
            if parts.method == Method::GET && is_opened(&parts) {
                let actor = visitor(&info, &quote.customer);
                let by = By {
                    actor: &actor,
                    now: app.now(),
                    writer: Writer::Exempt,
                };
                if quotes::seen(&place.data, by, &quote, place.today).await? {
                    app.news().tell(place.company_id);
                }
            }
            let view = view_of(&parts, &quote);
            let content = page(&view, &place.name, &quote, Some(&key), &Answer::default());
            Ok(respond(StatusCode::OK, &view, &content))
        }
    }
}

/// What was typed into the form of an answer, and what is wrong with it.
#[derive(Default)]
struct Answer {
    name: String,
    errors: FieldErrors,
    told: Option<String>,
}

/// Answer a quote
///
/// `decision` is `accept` or `reject`, `name` who answers, `confirm` that they mean it. Once.
#[utoipa::path(post, path = "/q/{key}/", tag = "quotes",
    params(("key" = String, Path, description = "The key of its link")),
    request_body(content = Object),
    responses(
        (status = 303, description = "Answered: back to its page"),
        (status = 400, description = "What is wrong, by field, on the page"),
        (status = 404, description = "The key opens nothing on this host"),
        (status = 409, description = "It was answered already"),
        (status = 410, description = "Its time is over"),
        (status = 429, description = "Too many from this address"),
    ))]
pub async fn answer(
    State(app): State<App>,
    Path(key): Path<String>,
    Extension(info): Extension<RequestInfo>,
    parts: Parts,
    body: Body,
) -> ApiResult {
    let place = place(&app, &parts, &key)?;
    // It counts whether the key is one or not.
    throttle::quote(app.store(), place.company_id, info.client).await?;
    let opened = quotes::by_key(&place.data, &key, place.today).await?;
    let quote = match opened.ok_or_else(not_found)? {
        Opened::Over(quote) => return Ok(over(&view_of(&parts, &quote), &place, &quote)),
        Opened::Quote(quote) => quote,
    };
    let view = view_of(&parts, &quote);
    let text = |name: &str| {
        let told = body.0.get(name).and_then(Value::as_str);
        told.unwrap_or_default().trim().to_owned()
    };
    let (name, decision) = (text("name"), text("decision"));
    let mut errors = FieldErrors::new();
    if name.is_empty() || name.chars().count() > 120 || name.chars().any(char::is_control) {
        errors.add("name", "Use 1 to 120 characters.");
    }
    if !["accept", "reject"].contains(&decision.as_str()) {
        errors.add(
            "decision",
            "Not a valid choice. Use one of: accept, reject.",
        );
    }
    if text("confirm").is_empty() {
        errors.add(
            "confirm",
            "Confirm it, so that nothing is answered by mistake.",
        );
    }
    if !errors.is_empty() {
        let wrong = Answer {
            name,
            errors,
            told: None,
        };
        let content = page(&view, &place.name, &quote, Some(&key), &wrong);
        return Ok(respond(StatusCode::BAD_REQUEST, &view, &content));
    }
    let actor = visitor(&info, &name);
    let by = By {
        actor: &actor,
        now: app.now(),
        writer: Writer::Exempt,
    };
    let said = (decision == "accept", name.as_str());
    let decided = quotes::decide(&place.data, by, &key, said, place.today).await;
    match decided
        .map_err(ApiError::from)
        .map_err(ApiError::into_inner)
    {
        Ok(None) => Err(not_found()),
        Ok(Some(_)) => {
            app.news().tell(place.company_id);
            let mut response = respond(StatusCode::SEE_OTHER, &view, &html! {});
            if let Ok(to) = HeaderValue::try_from(link(&key)) {
                response.headers_mut().insert(LOCATION, to);
            }
            Ok(response)
        }
        Err(Error::Refused(Refusal::Conflict { detail, .. })) => {
            let now = quotes::by_key(&place.data, &key, place.today).await?;
            let Some(Opened::Quote(now)) = now else {
                return Err(not_found());
            };
            let wrong = Answer {
                told: Some(translate(view.language, &detail)),
                ..Answer::default()
            };
            let content = page(&view, &place.name, &now, Some(&key), &wrong);
            Ok(respond(StatusCode::CONFLICT, &view, &content))
        }
        Err(error) => Err(error.into()),
    }
}

fn over(view: &View, place: &Place, quote: &Quote) -> Response {
    let title = w::titled(view.language, &quote.label());
    let content = html! {
        h1 { (title) }
        (notice(Tone::Warn, view.t(w::OVER), None))
        p { (w::ask_again(view.language, &place.name)) }
    };
    respond(StatusCode::GONE, view, &still(view, &title, &content))
}

fn respond(status: StatusCode, view: &View, content: &Markup) -> Response {
    let mut response = (status, Html(content.clone().into_string())).into_response();
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(
        CONTENT_SECURITY_POLICY,
        "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    );
    set(CONTENT_LANGUAGE, view.language.tag());
    // The key is in the address.
    set(REFERRER_POLICY, "no-referrer");
    set(HeaderName::from_static("x-robots-tag"), "noindex, nofollow");
    set(VARY, "accept-language, cookie");
    response
}

/// What a quote says, for its customer; `key` is that of the link, where it can be answered.
fn page(view: &View, company: &str, quote: &Quote, key: Option<&str>, answer: &Answer) -> Markup {
    let title = w::titled(view.language, &quote.label());
    let content = html! {
        (paper(view, company, quote))
        @if let Some(told) = &answer.told { (notice(Tone::Warn, told, None)) }
        @match quote.status {
            Shown::Accepted => { (notice(Tone::Ok, &w::accepted_by(view.language, &quote.decided_by), None)) }
            Shown::Rejected => { (notice(Tone::Neutral, &w::rejected_by(view.language, &quote.decided_by), None)) }
            Shown::Sent => { @if let Some(key) = key { (form(view, key, answer)) } }
            _ => {}
        }
    };
    still(view, &title, &content)
}

/// A quote as it is printed.
pub(crate) fn paper(view: &View, company: &str, quote: &Quote) -> Markup {
    let language = view.language;
    let title = w::titled(language, &quote.label());
    let heads = [
        Column::new(view.t(w::WHAT)),
        Column::new(view.t(w::QUANTITY)).numeric(),
        Column::new(view.t(w::PRICE)).numeric(),
        Column::new(view.t(w::DISCOUNT)).numeric(),
        Column::new(view.t(w::TOTAL)).numeric(),
    ];
    let row = |line: &Line| {
        Row::of([
            html! { (line.name) },
            html! { (w::amount_of(language, line.quantity)) @if !line.unit.is_empty() { " " (line.unit) } },
            html! { (format::money(language, line.price)) },
            html! { @if !line.discount.is_zero() { (w::amount_of(language, line.discount)) } },
            html! { (format::money(language, line.total())) },
        ])
    };
    let rows: Vec<Row> = quote.lines.iter().map(row).collect();
    html! {
        article class="quote" {
            h1 { (title) }
            p { strong { (company) } @if !quote.customer.is_empty() { " · " (w::for_whom(language, &quote.customer)) } }
            @if let Some(until) = quote.valid_until { p class="quiet" { (view.t(w::VALID_UNTIL)) ": " (format::date(language, until)) } }
            @if !quote.notes.is_empty() { p class="prose" { (quote.notes) } }
            (data_table(language, view.t(w::LINES), &heads, &rows))
            p class="quote-total" { (view.t(w::TOTAL)) ": " strong { (format::money(language, quote.total)) } }
            @if !quote.terms.is_empty() { p class="prose" { (quote.terms) } }
        }
    }
}

fn form(view: &View, key: &str, answer: &Answer) -> Markup {
    let language = view.language;
    let wrong = |name: &str| -> Vec<String> {
        let messages = answer.errors.messages(name).iter();
        messages.map(|text| translate(language, text)).collect()
    };
    html! {
        form class="form no-print" method="post" action=(link(key)) {
            h2 { (view.t(w::YOUR_ANSWER)) }
            @if !answer.errors.is_empty() { (notice(Tone::Danger, view.t(w::WRONG), None)) }
            (Field::text("name", view.t(w::YOUR_NAME)).value(&answer.name).errors(wrong("name"))
                .attr("maxlength", "120").attr("autocomplete", "name").required().render(language))
            (Field::checkbox("confirm", view.t(w::CONFIRM)).value("on").errors(wrong("confirm")).required().render(language))
            div class="row" {
                (button(view.t(w::ACCEPT)).primary().sends("decision", "accept"))
                (button(view.t(w::DECLINE)).sends("decision", "reject"))
            }
        }
    }
}
