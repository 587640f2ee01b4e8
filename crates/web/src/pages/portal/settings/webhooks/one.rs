//! One webhook: how it is, what can be done with it, and what became of each delivery.

use super::{Typed, last, of, once, state};
use crate::contract::error::{ApiResult, not_found};
use crate::contract::query::page as page_of;
use crate::contract::resource::Id;
use crate::contract::{Body, Query};
use crate::pages::kit::record::description_list;
use crate::pages::kit::{
    Button, Column, Row, Tone, badge, button, card, danger_card, data_table, disclosure,
    empty_state, format, notice, pager,
};
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::portal::settings::{WEBHOOKS, frame, history};
use crate::pages::words::webhooks as w;
use crate::portal::crm::Crm;
use crate::portal::webhooks as api;
use axum::http::StatusCode;
use maud::{Markup, html};
use sindico_crm::webhooks::{self as hooks, Delivery, Webhook};
use sindico_domain::page::PageRequest;
use sindico_domain::precondition::Precondition;
use sindico_domain::setting::Setting;
use sindico_domain::webhook::{Outcome, State};
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::Error;

/// Deliveries a page.
const ROWS: i64 = 50;

pub(super) async fn show(page: Page, crm: Crm, Id(id): Id, query: Query) -> ApiResult {
    let mut f = query.fields();
    let mut request = page_of(&mut f);
    f.finish().check(())?;
    request.limit = ROWS;
    let webhook = api::found(&crm, id).await?;
    respond(&page, &crm, StatusCode::OK, &webhook, None, &request).await
}

async fn respond(
    page: &Page,
    crm: &Crm,
    status: StatusCode,
    webhook: &Webhook,
    typed: Option<Typed<'_>>,
    request: &PageRequest,
) -> ApiResult {
    let log = hooks::deliveries(&crm.data, webhook.id, None, request).await?;
    let here = of(webhook.id);
    let open = typed.is_some();
    let typed = typed.unwrap_or_else(|| Typed {
        name: &webhook.name,
        url: &webhook.url,
        events: webhook.events.clone(),
        errors: FieldErrors::new(),
    });
    let form = html! {
        form.form method="post" action=(here) {
            (typed.fields(page))
            div.row { (button(page.t(w::SAVE)).primary()) }
        }
    };
    let facts = [
        (page.t(w::STATE), Some(state(page, webhook))),
        (page.t(w::URL), Some(html! { span.mono { (webhook.url) } })),
        (page.t(w::LAST), Some(last(page, webhook))),
    ];
    let next = log
        .next
        .as_ref()
        .map(|next| format!("{here}?cursor={}", next.encode()));
    let content = html! {
        div.stack {
            (trouble(page, webhook))
            (card(&webhook.name, None, html! {
                div.stack {
                    (description_list(page.language(), &facts))
                    (acts(page, webhook))
                    (disclosure(page.t(w::EDIT), open, &form))
                }
            }))
            (card(page.t(w::LOG), None, deliveries(page, &log.items, next.as_deref())))
            (history::of(page, crm, (Setting::Webhook, webhook.id), Some(format!("{here}undo/"))).await?)
            (danger_card(page.t(w::DELETE), html! {
                div.stack {
                    p { (page.t(w::DELETE_TEXT)) }
                    (act(page, webhook, "delete/", &button(page.t(w::DELETE)).danger().icon("trash-2")))
                }
            }))
        }
    };
    Ok(page.show_as(status, &webhook.name, frame(page, WEBHOOKS, &content)))
}

/// Why it is not called, if so.
fn trouble(page: &Page, webhook: &Webhook) -> Markup {
    html! {
        @match webhook.state {
            State::Stopped => (notice(Tone::Danger, page.t(w::STOPPED), Some(html! {
                p { (page.t(w::STOPPED_TEXT)) }
                p { (crate::pages::messages::translate(page.language(), &webhook.reason)) }
            }))),
            State::Active if webhook.failures > 0 => (notice(Tone::Warn, page.t(w::FAILING), None)),
            _ => {}
        }
    }
}

fn act(page: &Page, webhook: &Webhook, what: &str, button: &Button) -> Markup {
    html! {
        form method="post" action={ (of(webhook.id)) (what) } { (page.proof()) (button) }
    }
}

fn acts(page: &Page, webhook: &Webhook) -> Markup {
    let plain = |word, icon| button(page.t(word)).icon(icon);
    html! {
        div.row {
            @if webhook.state == State::Active {
                (act(page, webhook, "pause/", &plain(w::PAUSE, "pause")))
            } @else {
                (act(page, webhook, "resume/", &button(page.t(w::RESUME)).primary().icon("play")))
                (act(page, webhook, "skip/", &plain(w::SKIP, "zap")))
            }
            (act(page, webhook, "test/", &plain(w::TEST, "webhook")))
            (act(page, webhook, "replay/", &plain(w::REPLAY_FAILED, "rotate-ccw")))
            (act(page, webhook, "secret/", &plain(w::ROTATE, "key-round")))
        }
        p.quiet { (page.t(w::ROTATE_HINT)) }
    }
}

fn deliveries(page: &Page, all: &[Delivery], next: Option<&str>) -> Markup {
    let language = page.language();
    let columns = [
        Column::new(page.t(w::EVENT)),
        Column::new(page.t(w::WHEN)),
        Column::new(page.t(w::STATE)),
        Column::new(page.t(w::ATTEMPTS)).numeric(),
        Column::new(page.t(w::DETAILS)),
        Column::new(page.t(w::ACTION)).silent().shrink(),
    ];
    let rows: Vec<_> = all.iter().map(|delivery| row(page, delivery)).collect();
    let shown = format::count(language, i64::try_from(all.len()).unwrap_or_default());
    html! {
        @if rows.is_empty() {
            (empty_state("webhook", page.t(w::NO_LOG), page.t(w::LOG_TEXT), None))
        } @else {
            (data_table(language, page.t(w::LOG), &columns, &rows))
            (pager(language, &shown, None, next))
        }
    }
}

fn row(page: &Page, delivery: &Delivery) -> Row {
    let language = page.language();
    let tone = match delivery.state {
        Outcome::Pending => Tone::Info,
        Outcome::Delivered => Tone::Ok,
        Outcome::Failed => Tone::Danger,
    };
    Row::of([
        html! { span.mono { (delivery.event) } },
        format::datetime(language, delivery.created_at, &page.zone),
        badge(tone, page.t(w::outcome(delivery.state))),
        html! { (delivery.tries.len()) },
        disclosure(&answer(page, delivery), false, &details(page, delivery)),
        html! {
            @if delivery.state != Outcome::Pending {
                form method="post" action={ "/settings/webhook-deliveries/" (delivery.id) "/replay/" } {
                    (page.proof())
                    (button(page.t(w::REPLAY)).small().attr("aria-label", w::replay_of(language, &delivery.message)))
                }
            }
        },
    ])
}

/// What came back, in few words.
fn answer(page: &Page, delivery: &Delivery) -> String {
    match (delivery.status, delivery.error.as_str()) {
        (Some(status), _) => status.to_string(),
        (None, "") => "—".to_owned(),
        (None, error) => crate::pages::messages::translate(page.language(), error),
    }
}

fn details(page: &Page, delivery: &Delivery) -> Markup {
    let language = page.language();
    html! {
        div.stack {
            @if delivery.state == Outcome::Pending && delivery.attempts > 0 {
                p { (w::again_at(language, format::datetime_text(language, delivery.due_at, &page.zone))) }
            }
            p.quiet.mono { (delivery.message) }
            p { strong { (page.t(w::SENT)) } }
            p.secret { code { (delivery.body) } }
            @if !delivery.answer.is_empty() {
                p { strong { (page.t(w::RECEIVED)) } }
                p.secret { code { (delivery.answer) } }
            }
            ul {
                @for one in &delivery.tries {
                    li {
                        (format::datetime(language, one.at, &page.zone)) " · "
                        @match one.status { Some(status) => (status), None => (one.error) }
                        " · " (w::duration(language, one.duration_ms))
                    }
                }
            }
        }
    }
}

pub(super) async fn change(page: Page, crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    match api::set(&crm, id, &body)
        .await
        .map_err(crate::contract::ApiError::into_inner)
    {
        Ok(_) => Ok(page.done(&of(id), &Notice::new("saved", None))),
        Err(Error::Refused(Refusal::Fields(errors))) => {
            let webhook = api::found(&crm, id).await?;
            let request = PageRequest {
                limit: ROWS,
                ..PageRequest::default()
            };
            let typed = Some(Typed::of(&body, errors));
            respond(
                &page,
                &crm,
                StatusCode::BAD_REQUEST,
                &webhook,
                typed,
                &request,
            )
            .await
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn set_active(
    page: Page,
    crm: Crm,
    id: i64,
    active: bool,
    skip: bool,
) -> ApiResult {
    api::set_active(&crm, id, active, skip).await?;
    Ok(page.redirect(&of(id)))
}

pub(super) async fn secret(page: Page, crm: Crm, Id(id): Id, _: Body) -> ApiResult {
    Ok(once(&page, &api::rotate(&crm, id).await?))
}

pub(super) async fn test(page: Page, crm: Crm, Id(id): Id, _: Body) -> ApiResult {
    api::send_test(&crm, id).await?;
    Ok(page.done(&of(id), &Notice::new("webhook_test", None)))
}

pub(super) async fn replay_failed(page: Page, crm: Crm, Id(id): Id, _: Body) -> ApiResult {
    api::found(&crm, id).await?;
    hooks::replay_failed(&crm.data, id, None, crm.now).await?;
    Ok(page.done(&of(id), &Notice::new("webhook_replay", None)))
}

pub(super) async fn replay(page: Page, crm: Crm, Id(id): Id, _: Body) -> ApiResult {
    let delivery = hooks::replay(&crm.data, id, crm.now)
        .await?
        .ok_or_else(not_found)?;
    Ok(page.done(&of(delivery.webhook), &Notice::new("webhook_replay", None)))
}

pub(super) async fn delete(page: Page, crm: Crm, Id(id): Id, _: Body) -> ApiResult {
    api::delete(&crm, id).await?;
    Ok(page.done(WEBHOOKS, &Notice::new("webhook_deleted", None)))
}

/// `POST /settings/webhooks/{id}/undo/`.
pub(super) async fn undo(page: Page, crm: Crm, Id(id): Id) -> ApiResult {
    let undone = hooks::undo(&crm.data, crm.by(), (id, &Precondition::None)).await?;
    undone.ok_or_else(not_found)?;
    Ok(page.done(&of(id), &Notice::new("undone", None)))
}
