//! Support: how an operator enters a tenant's portal from the console, what they see there, and how they
//! leave. The rules are in `sindico_store::control::support`, the gate in `crate::gate::visit`.

use super::kit::{
    Choice, Field, PageHeader, SupportBanner, Tone, button, card, link_button, notice,
};
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
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::Error;
use sindico_store::control::support::{self, REASON_MAX};
use sindico_store::control::{sessions, tenants};

const LEAVE: &str = "/support/leave/";

/// The banner of a visit: it stays as long as the visit does.
pub(super) fn banner(page: &Page) -> Option<SupportBanner> {
    let visit = page.tenant.as_ref()?.visit.as_ref()?;
    let language = page.language();
    // Begun minutes count: there is no "0 min" while it goes on.
    let seconds = (visit.until.as_second() - page.now.as_second()).max(0);
    let left = w::minutes_left(language, (seconds + 59) / 60);
    Some(SupportBanner {
        text: w::banner(language, &visit.username, &visit.reason, left),
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
        ("", "15"),
        &FieldErrors::new(),
    )
    .await
}

async fn respond(
    app: &App,
    page: &Page,
    id: i64,
    status: StatusCode,
    (reason, minutes): (&str, &str),
    errors: &FieldErrors,
) -> ApiResult {
    let tenant = tenants::find(app.store(), id)
        .await?
        .ok_or(Refusal::NotFound)?;
    let language = page.language();
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
        @if page.caller.user.is_superuser {
            (card(page.t(w::SUPPORT_TITLE), None, html! {
                // Leads to another host.
                form.form.narrow method="post" action={ "/platform/tenants/" (id) "/enter/" } {
                    (page.proof())
                    p.quiet { (page.t(w::ENTER_LEAD)) }
                    (Field::text("reason", page.t(w::REASON)).hint(page.t(w::REASON_HINT)).value(reason)
                        .errors(wrong("reason")).attr("maxlength", REASON_MAX.to_string()).required().render(language))
                    (Field::radio("minutes", page.t(w::HOW_LONG)).value(minutes).errors(wrong("minutes")).choices([
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
    let (reason, minutes) = (typed("reason"), typed("minutes"));
    let caller = &page.caller;
    let asked = minutes.parse().unwrap_or_default();
    let begun = support::begin(app.store(), &caller.actor, &caller.user, id, &reason, asked).await;
    match begun {
        Ok(_) => switcher::begin(&app, &page, &parts, Some(id)).await,
        Err(Error::Refused(Refusal::Fields(errors))) => {
            let typed = (reason.as_str(), minutes.as_str());
            respond(&app, &page, id, StatusCode::BAD_REQUEST, typed, &errors).await
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
