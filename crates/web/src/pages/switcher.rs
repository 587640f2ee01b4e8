//! From one host to another without a second sign-in: `/switch/` here, `/arrive/` there.
//!
//! Cookies stay with their host, so the way leads over a secret that is good once and for seconds
//! (`hand_overs`). A form must not lead to another host (`form-action 'self'`, and browsers hold redirects of
//! forms to it): so the form makes the way and leads to a page of this host, and that page leads on, as a
//! link and by itself.
//!
//! `/arrive/` opens a session by `GET`. Another site could send a browser there with a way of its own, and
//! so have it signed in as somebody else; therefore it is only done at once for who comes from the host on
//! which the way was made, as the browser tells it (`Referer`), and that host's page shows a way to nobody
//! but its user. Everybody else is asked first.

use super::kit::{MenuItem, Tone, button, link_button, notice};
use super::page::{Page, View, see_other};
use super::root::{self, Face};
use super::words::account as w;
use crate::App;
use crate::auth::{cookie, open_session};
use crate::contract::error::ApiResult;
use crate::contract::{Body, Query};
use crate::gate::host;
use crate::gate::trace::RequestInfo;
use axum::Extension;
use axum::extract::State;
use axum::http::header::{REFERER, REFERRER_POLICY, REFRESH};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use secrecy::ExposeSecret;
use sindico_domain::Refusal;
use sindico_domain::input::{Fields, text};
use sindico_store::Error;
use sindico_store::control::hand_overs::{self, Arrival};
use sindico_store::control::{preferences, tenants, users};
use url::Url;

const SWITCH: &str = "/switch/";
const ARRIVE: &str = "/arrive/";

/// The entries for the companies in which the caller has a place, but for the one whose page this is, and
/// for the console.
pub(super) fn menu(page: &Page) -> Vec<MenuItem> {
    let here = page.tenant.as_ref().map(|tenant| tenant.company.id);
    let post = |label: &str, to: String, icon| MenuItem::Post {
        action: SWITCH.to_owned(),
        label: label.to_owned(),
        icon: Some(icon),
        csrf: page.csrf.clone(),
        values: vec![("to".to_owned(), to)],
        danger: false,
    };
    let others = page
        .places
        .iter()
        .filter(|place| Some(place.company_id) != here);
    let mut items: Vec<_> = others
        .map(|place| {
            post(
                &place.company_name,
                place.company_id.to_string(),
                "building-2",
            )
        })
        .collect();
    if here.is_some() && page.caller.user.is_platform_admin() {
        items.push(post(page.t(w::CONSOLE), "console".to_owned(), "gauge"));
    }
    if !items.is_empty() {
        items.insert(0, MenuItem::Title(page.t(w::SWITCH).to_owned()));
        items.insert(0, MenuItem::Line);
    }
    items
}

/// `POST /switch/`: makes a way to a company of the caller's, or to the console.
pub(super) async fn submit(
    State(app): State<App>,
    page: Page,
    parts: Parts,
    body: Body,
) -> ApiResult {
    let to = body.0.get("to").and_then(|value| value.as_str());
    let company_id = match to.unwrap_or_default() {
        "console" if page.caller.user.is_platform_admin() => None,
        id => {
            let id: i64 = id.parse().map_err(|_| Refusal::NotFound)?;
            let places = users::memberships(app.store(), page.caller.user.id).await?;
            let place = places.iter().find(|place| place.company_id == id);
            Some(place.ok_or(Refusal::NotFound)?.company_id)
        }
    };
    begin(&app, &page, &parts, company_id, None).await
}

/// Makes a way, and leads to the page that leads on.
pub(super) async fn begin(
    app: &App,
    page: &Page,
    parts: &Parts,
    company_id: Option<i64>,
    visit_id: Option<i64>,
) -> ApiResult {
    let origin = host::of(parts).map(|host| host.to_string());
    let origin = origin.ok_or(Refusal::NotFound)?;
    let user_id = page.caller.user.id;
    let way = hand_overs::begin(app.store(), user_id, company_id, &origin, visit_id).await?;
    Ok(see_other(&format!("{SWITCH}?way={}", way.expose_secret())))
}

/// `GET /switch/?way=`: leads on to the other host, by itself.
pub(super) async fn show(State(app): State<App>, page: Page, query: Query) -> ApiResult {
    let mut f = query.fields();
    let Some(way) = f.read("way", text(1..=100)) else {
        return Ok(see_other("/"));
    };
    let arrival = hand_overs::find(app.store(), &way).await?;
    let arrival = arrival.filter(|arrival| arrival.user.id == page.caller.user.id);
    let Some(arrival) = arrival else {
        return Ok(over(&page.view));
    };
    let (name, origin) = match arrival.company_id {
        None => (
            page.t(w::CONSOLE).to_owned(),
            console_origin(&app, &page.view),
        ),
        Some(id) => {
            let company = app.directory().by_id(id)?.ok_or(Refusal::NotFound)?;
            let origin = portal_origin(&app, &page.view, id, &company.subdomain).await?;
            (company.name.clone(), origin)
        }
    };
    let target = format!("{origin}{ARRIVE}?way={way}");
    let content = html! {
        h1 { (w::going_to(page.language(), &name)) }
        p.quiet { (page.t(w::GOING)) }
        (link_button(w::continue_to(page.language(), &name), target.clone()).primary().wide())
    };
    let title = w::going_to(page.language(), &name);
    let mut response = page.view.bare(&title, content).into_response();
    let headers = response.headers_mut();
    // Tells the other host where the browser comes from, and nothing of the path.
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("strict-origin"));
    if let Ok(value) = HeaderValue::try_from(format!("0; url={target}")) {
        headers.insert(REFRESH, value);
    }
    Ok(response)
}

/// `GET /arrive/?way=`.
pub(super) async fn arrive(
    State(app): State<App>,
    Extension(info): Extension<RequestInfo>,
    query: Query,
    parts: Parts,
) -> ApiResult {
    let view = View::of(&parts);
    let mut f = query.fields();
    let way = f.read("way", text(1..=100)).unwrap_or_default();
    let Some(arrival) = expected(&app, &parts, &way).await? else {
        return Ok(over(&view));
    };
    if came_from(&parts, &arrival.origin) {
        return enter(&app, &info, &parts, &way, &arrival).await;
    }
    let content = html! {
        div {
            h1 { (view.t(w::ARRIVE)) }
            p { (w::arrive_as(view.language, &arrival.user.username)) }
        }
        form.form method="post" action=(ARRIVE) {
            input type="hidden" name="way" value=(way);
            (button(view.t(w::ARRIVE_SUBMIT)).primary().wide())
        }
    };
    Ok(view.bare(view.t(w::ARRIVE), content).into_response())
}

/// `POST /arrive/`: who was asked first. The gate has seen that the form is ours.
pub(super) async fn confirm(
    State(app): State<App>,
    Extension(info): Extension<RequestInfo>,
    parts: Parts,
    body: Body,
) -> ApiResult {
    let mut f = Fields::new(&body.0);
    let way = f.read("way", text(1..=100)).unwrap_or_default();
    match expected(&app, &parts, &way).await? {
        Some(arrival) => enter(&app, &info, &parts, &way, &arrival).await,
        None => Ok(over(&View::of(&parts))),
    }
}

/// Who is on this way, if it leads to this host.
async fn expected(app: &App, parts: &Parts, way: &str) -> ApiResult<Option<Arrival>> {
    let here = match root::face(app, parts) {
        Face::Console => None,
        Face::Portal(company) => Some(company.id),
        Face::Nobody => return Ok(None),
    };
    let arrival = hand_overs::find(app.store(), way).await?;
    Ok(arrival.filter(|arrival| arrival.company_id == here))
}

async fn enter(
    app: &App,
    info: &RequestInfo,
    parts: &Parts,
    way: &str,
    arrival: &Arrival,
) -> ApiResult {
    if !hand_overs::finish(app.store(), way).await? {
        return Ok(over(&View::of(parts)));
    }
    let (secret, _) =
        open_session(app, info, &parts.headers, &arrival.user, arrival.visit_id).await?;
    let mut response = see_other(root::start(&root::face(app, parts)));
    cookie::set(&mut response, secret.expose_secret(), info.secure);
    let chosen = preferences::find(app.store(), arrival.user.id).await?;
    super::account::mirror(&mut response, &chosen, info.secure);
    Ok(response)
}

fn over(view: &View) -> Response {
    let content: Markup = html! {
        h1 { (view.t(w::ARRIVE_OVER)) }
        (notice(Tone::Warn, view.t(w::ARRIVE_OVER_TEXT), None))
        p { a href=(super::sign_in::PATH) { (view.t(w::SIGN_IN)) } }
    };
    let page = view.bare(view.t(w::ARRIVE_OVER), content);
    (StatusCode::BAD_REQUEST, page).into_response()
}

/// Whether the browser says that it comes from this host.
fn came_from(parts: &Parts, origin: &str) -> bool {
    let referer = parts
        .headers
        .get(REFERER)
        .and_then(|value| value.to_str().ok());
    let url = referer.and_then(|referer| Url::parse(referer).ok());
    url.is_some_and(|url| url.host_str() == Some(origin))
}

/// Where a company's portal is for this browser: beside a development host of its own, else at its address,
/// else under the base domain.
pub(super) async fn portal_origin(
    app: &App,
    view: &View,
    company_id: i64,
    subdomain: &str,
) -> ApiResult<String> {
    if is_development(view) {
        return Ok(development(view, &format!("{subdomain}.localhost")));
    }
    Ok(portal_at(app, company_id, subdomain).await?)
}

/// Where a company's portal is, whoever asks: at its address, else under the base domain.
pub(crate) async fn portal_at(
    app: &App,
    company_id: i64,
    subdomain: &str,
) -> Result<String, Error> {
    let tenant = tenants::find(app.store(), company_id).await?;
    let kept = tenant
        .map(|tenant| tenant.provisioning.portal_url)
        .unwrap_or_default();
    if let Ok(url) = Url::parse(&kept)
        && matches!(url.scheme(), "http" | "https")
    {
        return Ok(url.origin().ascii_serialization());
    }
    let zones = &app.rules().zones;
    let base = zones.base_domain.as_ref().ok_or(Refusal::NotFound)?;
    Ok(format!("https://{subdomain}.{base}"))
}

/// Where the console is for this browser.
pub(super) fn console_origin(app: &App, view: &View) -> String {
    let zones = &app.rules().zones;
    match &zones.control_plane_host {
        _ if is_development(view) => development(view, "localhost"),
        Some(host) => format!("https://{host}"),
        None => app.config().public_url.trim_end_matches('/').to_owned(),
    }
}

/// Whether the request is for a host that browsers find without DNS.
fn is_development(view: &View) -> bool {
    let name = view.host.split(':').next().unwrap_or_default();
    name == "localhost" || name.ends_with(".localhost") || name == "127.0.0.1"
}

/// Another host of the same machine, on the same port.
fn development(view: &View, host: &str) -> String {
    match view.host.rsplit_once(':') {
        Some((_, port)) => format!("http://{host}:{port}"),
        None => format!("http://{host}"),
    }
}
