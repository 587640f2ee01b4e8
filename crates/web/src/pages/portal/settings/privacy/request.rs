//! `/settings/privacy/requests/5/`: what a person asked for, and its answer.

use super::super::{PRIVACY, frame};
use super::{state, written};
use crate::contract::Body;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::resource::Id;
use crate::pages::account::wrong;
use crate::pages::kit::{
    Field, Tone, button, card, danger_card, description_list, format, link_button, notice,
};
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::portal::records::place;
use crate::pages::words::{privacy as w, records};
use crate::portal::crm::Crm;
use crate::portal::privacy::{self as api, whole};
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value;
use sindico_crm::privacy::{self, RequestRow};
use sindico_db::idempotency::Once;
use sindico_domain::crm::Kind;
use sindico_domain::precondition::Precondition;
use sindico_domain::privacy::{RequestKind, RequestState, refusal};
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::Error;

pub(super) async fn show(page: Page, crm: Crm, Id(id): Id) -> ApiResult {
    respond(&page, &crm, StatusCode::OK, id, &FieldErrors::new(), None).await
}

async fn respond(
    page: &Page,
    crm: &Crm,
    status: StatusCode,
    id: i64,
    errors: &FieldErrors,
    told: Option<&str>,
) -> ApiResult {
    let request = privacy::request_of(&crm.data, id)
        .await?
        .ok_or_else(not_found)?;
    let open = request.state == RequestState::Open;
    let content = html! {
        div.stack {
            @if let Some(told) = told { (notice(Tone::Warn, told, None)) }
            div.columns {
                div.stack { (card(page.t(w::kind(request.kind)), None, facts(page, &request))) }
                div.stack {
                    (card(page.t(w::COPY), None, html! {
                        p.quiet { (page.t(w::COPY_TEXT)) }
                        div.row {
                            (link_button(page.t(w::COPY), format!("{PRIVACY}requests/{id}/copy/")).icon("download").attr("download", ""))
                            @if open && request.kind == RequestKind::Export {
                                form method="post" action=(act(id, "execute")) {
                                    (proofs(page, &request))
                                    (button(page.t(w::HANDED)).primary().icon("check"))
                                }
                            }
                        }
                    }))
                    @if open && request.kind == RequestKind::Erasure { (danger_card(page.t(w::ERASE), erase(page, &request, errors))) }
                    @if open { (card(page.t(w::REFUSE), None, refuse_form(page, &request, errors))) }
                }
            }
        }
    };
    Ok(page.show_as(status, page.t(w::REQUESTS), frame(page, PRIVACY, &content)))
}

fn act(id: i64, act: &str) -> String {
    format!("{PRIVACY}requests/{id}/{act}/")
}

fn proofs(page: &Page, request: &RequestRow) -> Markup {
    html! { (page.proof()) input type="hidden" name="version" value=(request.version); }
}

fn facts(page: &Page, request: &RequestRow) -> Markup {
    let language = page.language();
    let of = |kind: Kind, ids: &[i64]| {
        html! { @for id in ids { li { a href=(place::of(kind, *id)) { (page.t(records::one(kind))) " " (id) } } } }
    };
    let filled = |text: &str| (!text.is_empty()).then(|| html! { (text) });
    let erased = request
        .erased
        .as_object()
        .is_some_and(|all| !all.is_empty());
    description_list(
        language,
        &[
            (page.t(w::STATE), Some(state(page, request))),
            (
                page.t(w::WHO),
                Some(
                    html! { ul.stack-tight { (of(Kind::Customer, &request.customers)) (of(Kind::Lead, &request.leads)) } },
                ),
            ),
            (
                page.t(w::RECEIVED),
                Some(format::date(language, request.received_on)),
            ),
            (page.t(w::DUE), Some(format::date(language, request.due_on))),
            (page.t(w::NOTE), filled(&request.note)),
            (page.t(w::DONE_BY), filled(&request.done_by)),
            (page.t(w::REASON), filled(&request.reason)),
            (
                page.t(w::ERASED),
                erased.then(|| written(page, &request.erased)),
            ),
        ],
    )
}

fn erase(page: &Page, request: &RequestRow, errors: &FieldErrors) -> Markup {
    html! {
        form.form method="post" action=(act(request.id, "execute")) {
            (proofs(page, request))
            p { (page.t(w::ERASE_TEXT)) }
            @for message in wrong(page, errors, "confirm") { p.field-error { (message) } }
            (Field::checkbox("confirm", page.t(w::CONFIRM)).value("on").attr("required", "").render(page.language()))
            div.row { (button(page.t(w::ERASE)).danger().icon("trash-2")) }
        }
    }
}

fn refuse_form(page: &Page, request: &RequestRow, errors: &FieldErrors) -> Markup {
    html! {
        form.form method="post" action=(act(request.id, "refuse")) {
            (proofs(page, request))
            p.quiet { (page.t(w::REFUSE_TEXT)) }
            (Field::textarea("reason", page.t(w::REASON)).errors(wrong(page, errors, "reason"))
                .attr("maxlength", "1000").required().render(page.language()))
            div.row { (button(page.t(w::REFUSE))) }
        }
    }
}

/// `GET /settings/privacy/requests/5/copy/`.
pub(super) async fn copy(crm: Crm, Id(id): Id) -> ApiResult {
    api::copy(&crm, id).await
}

fn version(body: &Body) -> Precondition {
    let version = body
        .0
        .get("version")
        .and_then(Value::as_str)
        .unwrap_or_default();
    Precondition::OneOf(vec![version.parse().unwrap_or_default()])
}

/// `POST /settings/privacy/requests/5/execute/`.
pub(super) async fn execute(page: Page, crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    whole(&crm)?;
    let request = privacy::request_of(&crm.data, id)
        .await?
        .ok_or_else(not_found)?;
    if request.kind == RequestKind::Erasure && !body.0.contains_key("confirm") {
        let errors = FieldErrors::one(
            "confirm",
            "What is erased can't be had back. Send true to have it done.",
        );
        return respond(&page, &crm, StatusCode::BAD_REQUEST, id, &errors, None).await;
    }
    let done = privacy::execute(&crm.data, crm.by(), (id, &version(&body)), None).await;
    answer(&page, &crm, id, done).await
}

/// `POST /settings/privacy/requests/5/refuse/`.
pub(super) async fn refuse(page: Page, crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let done = match refusal(&body.0) {
        Ok(reason) => {
            let at = (id, &version(&body));
            privacy::refuse(&crm.data, crm.by(), at, &reason, None).await
        }
        Err(errors) => Err(errors.into()),
    };
    answer(&page, &crm, id, done).await
}

async fn answer(
    page: &Page,
    crm: &Crm,
    id: i64,
    done: Result<Option<Once<Value>>, Error>,
) -> ApiResult<Response> {
    let none = FieldErrors::new();
    match done {
        Ok(Some(_)) => {
            let to = format!("{PRIVACY}requests/{id}/");
            Ok(page.done(&to, &Notice::new("saved", None)))
        }
        Ok(None) => Err(not_found()),
        Err(Error::Refused(Refusal::Fields(errors))) => {
            respond(page, crm, StatusCode::BAD_REQUEST, id, &errors, None).await
        }
        Err(Error::Refused(Refusal::PreconditionFailed)) => {
            let told = Some(page.t(w::STALE));
            respond(page, crm, StatusCode::PRECONDITION_FAILED, id, &none, told).await
        }
        Err(Error::Refused(Refusal::Conflict { .. })) => {
            let told = Some(page.t(w::ENDED));
            respond(page, crm, StatusCode::CONFLICT, id, &none, told).await
        }
        Err(error) => Err(error.into()),
    }
}
