//! Support: how an operator enters a tenant's portal from the console, what they see there, and how they
//! leave. The rules are in `sindico_store::control::support`, the gate in `crate::gate::visit`.

use super::kit::{
    Choice, Field, PageHeader, SupportBanner, Tone, button, card, link_button, notice,
};
use super::language::Language;
use super::page::{Page, View, see_other};
use super::root::{self, Face};
use super::switcher;
use super::words::account as w;
use super::words::navigation::TENANTS;
use crate::App;
use crate::auth::cookie;
use crate::contract::Body;
use crate::contract::error::ApiResult;
use crate::contract::resource::Id;
use crate::gate::actor::Credential;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use sindico_domain::access::Support;
use sindico_domain::page::{MAX_LIMIT, PageRequest};
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::Error;
use sindico_store::control::support::{self, Asked, REASON_MAX};
use sindico_store::control::{members, sessions, tenants};

const LEAVE: &str = "/support/leave/";

/// What stands in the form of a visit.
#[derive(Default)]
struct Typed {
    reason: String,
    minutes: String,
    behalf_of: String,
}

/// Who did something: their own name, and that they are support, for whom.
pub(super) fn who(language: Language, name: &str, support: Option<&Support>) -> String {
    match support.map(|support| support.behalf_of.as_str()) {
        None => name.to_owned(),
        Some("") => w::by_support(language, name),
        Some(member) => w::by_support_for(language, name, member),
    }
}

/// Why support did something, after what was done.
pub(super) fn why(support: Option<&Support>) -> Markup {
    html! {
        @if let Some(support) = support { span class="quiet" { " · " (support.reason) } }
    }
}

/// The banner of a visit: it stays as long as the visit does.
pub(super) fn banner(page: &Page) -> Option<SupportBanner> {
    let visit = page.tenant.as_ref()?.visit.as_ref()?;
    let language = page.language();
    // Begun minutes count: there is no "0 min" while it goes on.
    let seconds = (visit.until.as_second() - page.now.as_second()).max(0);
    let left = w::minutes_left(language, (seconds + 59) / 60);
    Some(SupportBanner {
        text: match visit.behalf_of.as_str() {
            "" => w::banner(language, &visit.username, &visit.reason, left),
            who => w::banner_for(language, &visit.username, who, &visit.reason, left),
        },
        end: Some(LEAVE.to_owned()),
    })
}

/// `GET /platform/tenants/{id}/enter/`.
pub(super) async fn show(State(app): State<App>, page: Page, Id(id): Id) -> ApiResult {
    respond(
        &app,
        &page,
        id,
        StatusCode::OK,
        &Typed {
            minutes: "15".to_owned(),
            ..Typed::default()
        },
        &FieldErrors::new(),
    )
    .await
}

async fn respond(
    app: &App,
    page: &Page,
    id: i64,
    status: StatusCode,
    typed: &Typed,
    errors: &FieldErrors,
) -> ApiResult {
    let tenant = tenants::find(app.store(), id)
        .await?
        .ok_or(Refusal::NotFound)?;
    let language = page.language();
    let members = members(app, page, id).await?;
    let title = w::enter(language, &tenant.name);
    let header = PageHeader {
        breadcrumbs: vec![
            (page.t(TENANTS).to_owned(), "/platform/tenants/".to_owned()),
            (tenant.name.clone(), format!("/platform/tenants/{id}/")),
        ],
        title: title.clone(),
        ..PageHeader::default()
    };
    let wrong = |field| super::account::wrong(page, errors, field);
    let content = html! {
        (header.render(language))
        @if !tenant.is_served() {
            (notice(Tone::Warn, page.t(w::NOT_SERVED), None))
        } @else if page.caller.user.is_superuser {
            (card(page.t(w::SUPPORT_TITLE), None, html! {
                // Leads to another host.
                form.form.narrow method="post" action={ "/platform/tenants/" (id) "/enter/" } {
                    (page.proof())
                    p.quiet { (page.t(w::ENTER_LEAD)) }
                    (Field::text("reason", page.t(w::REASON)).hint(page.t(w::REASON_HINT)).value(&typed.reason)
                        .errors(wrong("reason")).attr("maxlength", REASON_MAX.to_string()).required().render(language))
                    @if !members.is_empty() {
                        (Field::select("behalf_of", page.t(w::BEHALF_OF)).hint(page.t(w::BEHALF_OF_HINT)).choices(members)
                            .or_none(page.t(w::NOBODY)).value(&typed.behalf_of).errors(wrong("behalf_of")).render(language))
                    }
                    (Field::radio("minutes", page.t(w::HOW_LONG)).value(&typed.minutes).errors(wrong("minutes")).choices([
                        Choice::new("15", page.t(w::MINUTES_15)),
                        Choice::new("60", page.t(w::MINUTES_60)),
                        Choice::new("240", page.t(w::MINUTES_240)),
                    ]).render(language))
                    div.row { (button(page.t(w::ENTER_SUBMIT)).primary().icon("log-in")) }
                }
            }))
        } @else {
            (notice(Tone::Warn, page.t(w::ONLY_SUPERUSERS), None))
        }
    };
    Ok(page.show_as(status, &title, content))
}

/// Who may have asked for a visit: active members, but for who comes.
async fn members(app: &App, page: &Page, id: i64) -> ApiResult<Vec<Choice>> {
    let all = PageRequest {
        limit: MAX_LIMIT,
        ..PageRequest::default()
    };
    let found = members::list(app.store(), id, &all).await?;
    let own = page.caller.user.id;
    let active = found
        .items
        .into_iter()
        .filter(|member| member.is_active && member.user_id != own);
    Ok(active
        .map(|member| Choice::new(member.user_id.to_string(), member.username))
        .collect())
}

/// `POST /platform/tenants/{id}/enter/`.
pub(super) async fn submit(
    State(app): State<App>,
    page: Page,
    Id(id): Id,
    parts: Parts,
    body: Body,
) -> ApiResult {
    let typed = |name: &str| {
        let value = body.0.get(name).and_then(|value| value.as_str());
        value.unwrap_or_default().to_owned()
    };
    let typed = Typed {
        reason: typed("reason"),
        minutes: typed("minutes"),
        behalf_of: typed("behalf_of"),
    };
    let caller = &page.caller;
    let asked = Asked {
        reason: &typed.reason,
        minutes: typed.minutes.parse().unwrap_or_default(),
        behalf_of: match typed.behalf_of.as_str() {
            "" => None,
            // What is no id is nobody's.
            id => Some(id.parse().unwrap_or_default()),
        },
    };
    let begun = support::begin(app.store(), &caller.actor, &caller.user, id, &asked).await;
    match begun {
        Ok(visit) => switcher::begin(&app, &page, &parts, Some(id), Some(visit.id)).await,
        Err(Error::Refused(Refusal::Fields(errors))) => {
            respond(&app, &page, id, StatusCode::BAD_REQUEST, &typed, &errors).await
        }
        Err(Error::Refused(Refusal::Conflict { .. })) => {
            let (status, none) = (StatusCode::CONFLICT, FieldErrors::new());
            respond(&app, &page, id, status, &typed, &none).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /support/leave/`: ends the visit, and the session on this host with it.
pub(super) async fn end(State(app): State<App>, page: Page, parts: Parts, _: Body) -> ApiResult {
    let caller = &page.caller;
    if let Face::Portal(company) = root::face(&app, &parts) {
        let place = (company.id, company.tenant_code.as_str());
        support::end(app.store(), &caller.actor, caller.user.id, place).await?;
    }
    if let Credential::Session(session) = &caller.credential {
        sessions::revoke(app.store(), &caller.actor, session.id).await?;
    }
    let mut response = see_other(LEAVE);
    cookie::clear(&mut response);
    Ok(response)
}

/// `GET /support/leave/`: what follows; the way back leads to another host, where no form may lead.
pub(super) async fn left(State(app): State<App>, parts: Parts) -> Response {
    let view = View::of(&parts);
    let back = match root::face(&app, &parts) {
        Face::Portal(company) => format!("/platform/tenants/{}/", company.id),
        _ => "/platform/".to_owned(),
    };
    let target = format!("{}{back}", switcher::console_origin(&app, &view));
    let content = html! {
        div {
            h1 { (view.t(w::LEFT)) }
            p { (view.t(w::LEFT_TEXT)) }
        }
        (link_button(view.t(w::BACK_TO_CONSOLE), target).primary().wide())
    };
    view.bare(view.t(w::LEFT), content).into_response()
}

/// What a superuser sees on a portal's page without a visit.
pub(super) fn no_visit(app: &App, view: &View) -> Markup {
    let host = view.host.parse().ok();
    let way = match host.map(|host| root::of_host(app, &host)) {
        Some(Face::Portal(company)) => format!("/platform/tenants/{}/enter/", company.id),
        _ => "/platform/".to_owned(),
    };
    let target = format!("{}{way}", switcher::console_origin(app, view));
    html! {
        h1 { (view.t(w::NO_VISIT)) }
        p { (view.t(w::NO_VISIT_TEXT)) }
        (link_button(view.t(w::TO_ENTER), target).primary().wide())
        form method="post" action="/sign-out/" {
            (button(view.t(super::words::sign_in::SIGN_OUT)).quiet().wide())
        }
    }
}
