//! `/platform/tenants/{id}/domains/`: domains of a tenant's own.

use super::frame::{self, Part};
use crate::App;
use crate::contract::Body;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::resource::{Id, Ids};
use crate::pages::console::form::{Form, refusal};
use crate::pages::kit::{
    Field, Tone, badge, button, card, description_list, empty_state, format, notice,
};
use crate::pages::language::Word;
use crate::pages::messages::translate;
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::tenants as w;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Map;
use sindico_domain::Refusal;
use sindico_domain::tenant::domain::{self, CustomDomain};
use sindico_store::Error;
use sindico_store::control::domains;

const FIELDS: &[(&str, Word)] = &[("host", w::DOMAIN)];

/// `GET /platform/tenants/{id}/domains/`.
pub(in crate::pages::console) async fn show(
    State(app): State<App>,
    page: Page,
    Id(id): Id,
) -> ApiResult {
    let form = Form::new(page.language(), Map::new());
    answer(&app, &page, id, StatusCode::OK, &form, None).await
}

/// `POST /platform/tenants/{id}/domains/`.
pub(in crate::pages::console) async fn claim(
    State(app): State<App>,
    page: Page,
    Id(id): Id,
    body: Body,
) -> ApiResult {
    let claimed = match domain::parse(&body.0, &app.rules().zones) {
        Err(errors) => Err(Refusal::Fields(errors)),
        Ok(host) => match domains::claim(app.store(), &page.caller.actor, id, &host, None).await {
            Ok(claimed) => Ok(claimed.ok_or_else(not_found)?),
            Err(error) => Err(refusal(error)?),
        },
    };
    match claimed {
        Ok(_) => Ok(page.done(
            &frame::path(id, Part::Domains),
            &Notice::new("domain_claimed", None),
        )),
        Err(refusal) => {
            let form = Form::new(page.language(), body.0).refused(&refusal);
            answer(&app, &page, id, StatusCode::BAD_REQUEST, &form, None).await
        }
    }
}

/// `POST /platform/tenants/{id}/domains/{domain_id}/verify/`.
pub(in crate::pages::console) async fn verify(
    State(app): State<App>,
    page: Page,
    Ids(company, id): Ids,
    _: Body,
) -> ApiResult {
    let store = app.store();
    let domain = domains::find(store, company, id)
        .await?
        .ok_or_else(not_found)?;
    let verified = match (app.config().dns)(domain.record_name.clone()).await {
        Err(why) => {
            tracing::warn!(name = domain.record_name, why, "DNS does not answer");
            let name = &domain.record_name;
            Err(Refusal::Unavailable(format!(
                "DNS does not answer for {name}. Try again in a moment."
            )))
        }
        Ok(found) => {
            let actor = &page.caller.actor;
            match domains::verify(store, actor, company, id, &found).await {
                Ok(found) => Ok(found.ok_or_else(not_found)?),
                Err(error) => Err(refusal(error)?),
            }
        }
    };
    match verified {
        Ok(_) => {
            app.tenant_changed(company).await;
            let path = frame::path(company, Part::Domains);
            Ok(page.done(&path, &Notice::new("domain_verified", None)))
        }
        Err(refusal) => {
            let form = Form::new(page.language(), Map::new());
            let refused = Some((id, &refusal));
            let status = StatusCode::BAD_REQUEST;
            answer(&app, &page, company, status, &form, refused).await
        }
    }
}

/// `POST /platform/tenants/{id}/domains/{domain_id}/remove/`.
pub(in crate::pages::console) async fn remove(
    State(app): State<App>,
    page: Page,
    Ids(company, id): Ids,
    _: Body,
) -> ApiResult {
    let actor = &page.caller.actor;
    if !domains::remove(app.store(), actor, company, id).await? {
        return Err(Error::from(Refusal::NotFound).into());
    }
    app.tenant_changed(company).await;
    let path = frame::path(company, Part::Domains);
    Ok(page.done(&path, &Notice::new("domain_removed", None)))
}

async fn answer(
    app: &App,
    page: &Page,
    id: i64,
    status: StatusCode,
    form: &Form,
    refused: Option<(i64, &Refusal)>,
) -> ApiResult<Response> {
    let standing = frame::find(app, id).await?;
    let found = domains::list(app.store(), id)
        .await?
        .ok_or_else(not_found)?;
    let language = page.language();
    let claiming = html! {
        form class="form" method="post" action=(frame::path(id, Part::Domains)) {
            (page.proof())
            (form.summary(FIELDS))
            (form.field("host", Field::text("host", page.t(w::DOMAIN))).hint(page.t(w::DOMAIN_HINT))
                .required().attr("autocapitalize", "none").attr("spellcheck", "false").attr("inputmode", "url").render(language))
            div { (button(page.t(w::CLAIM)).primary()) }
        }
    };
    let content = html! {
        (frame::head(page, &standing, Part::Domains))
        div class="columns" {
            div class="stack" {
                @if found.is_empty() {
                    (empty_state("globe", page.t(w::NO_DOMAINS), page.t(w::NO_DOMAINS_TEXT), None))
                }
                @for domain in &found {
                    @let refusal = refused.filter(|(wrong, _)| *wrong == domain.id).map(|(_, refusal)| refusal);
                    (one(page, id, domain, refusal))
                }
            }
            div class="stack" { (card(page.t(w::CLAIM), None, claiming)) }
        }
    };
    Ok(page.show_as(status, &standing.tenant.name, content))
}

fn one(page: &Page, company: i64, domain: &CustomDomain, refused: Option<&Refusal>) -> Markup {
    let language = page.language();
    let path = format!("/platform/tenants/{company}/domains/{}/", domain.id);
    let mono = |text: &str| Some(html! { span class="mono" { (text) } });
    let badge = match domain.verified_at {
        Some(_) => badge(Tone::Ok, page.t(w::VERIFIED)),
        None => badge(Tone::Warn, page.t(w::NOT_VERIFIED)),
    };
    let body = html! {
        div class="stack-tight" {
            @if let Some(refusal) = refused {
                (notice(Tone::Danger, &translate(language, &refusal.to_line()), None))
            }
            @match domain.verified_at {
                Some(at) => { p class="quiet" { (page.t(w::VERIFIED)) " · " (format::datetime(language, at, &page.zone)) } }
                None => {
                    p { (page.t(w::PROOF)) }
                    (description_list(language, &[
                        (page.t(w::RECORD_NAME), mono(&domain.record_name)),
                        (page.t(w::RECORD_VALUE), mono(&domain.record_value)),
                    ]))
                }
            }
            div class="row" {
                @if domain.verified_at.is_none() {
                    form method="post" action={ (path) "verify/" } { (page.proof()) (button(page.t(w::VERIFY)).primary().small()) }
                }
                form method="post" action={ (path) "remove/" } { (page.proof()) (button(page.t(w::REMOVE)).danger().small()) }
            }
        }
    };
    card(&domain.host, Some(badge), body)
}
