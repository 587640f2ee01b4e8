//! `/settings/webhooks/`: where the company has its changes told.

mod one;

use super::{WEBHOOKS, frame};
use crate::contract::Body;
use crate::contract::error::ApiResult;
use crate::contract::resource::Id;
use crate::gate::access::Access::Owner;
use crate::pages::kit::{
    Column, Field, Row, Tone, badge, button, card, data_table, empty_state, format, link_button,
    notice,
};
use crate::pages::messages::translate;
use crate::pages::page::Page;
use crate::pages::words::{records, webhooks as w};
use crate::portal::crm::Crm;
use crate::portal::webhooks::{self as api, NewWebhook};
use crate::table::{Table, show, submit};
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value;
use sindico_crm::webhooks::{self as hooks, Webhook};
use sindico_domain::crm::Kind;
use sindico_domain::webhook::{NAME_MAX, State, URL_MAX, events_of};
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::Error;

/// Its pages.
#[rustfmt::skip]
pub(super) fn routes(table: Table) -> Table {
    table
        .page(WEBHOOKS, show(Owner, index).submit(Owner, create))
        .page("/settings/webhooks/{id}/", show(Owner, one::show).submit(Owner, one::change))
        .page("/settings/webhooks/{id}/undo/", submit(Owner, one::undo))
        .page("/settings/webhooks/{id}/pause/", submit(Owner, |page: Page, crm: Crm, Id(id): Id| one::set_active(page, crm, id, false, false)))
        .page("/settings/webhooks/{id}/resume/", submit(Owner, |page: Page, crm: Crm, Id(id): Id| one::set_active(page, crm, id, true, false)))
        .page("/settings/webhooks/{id}/skip/", submit(Owner, |page: Page, crm: Crm, Id(id): Id| one::set_active(page, crm, id, true, true)))
        .page("/settings/webhooks/{id}/secret/", submit(Owner, one::secret))
        .page("/settings/webhooks/{id}/test/", submit(Owner, one::test))
        .page("/settings/webhooks/{id}/replay/", submit(Owner, one::replay_failed))
        .page("/settings/webhooks/{id}/delete/", submit(Owner, one::delete))
        .page("/settings/webhook-deliveries/{id}/replay/", submit(Owner, one::replay))
}

/// What was typed into the form, and what is wrong with it.
struct Typed<'a> {
    name: &'a str,
    url: &'a str,
    events: Vec<String>,
    errors: FieldErrors,
}

impl<'a> Typed<'a> {
    fn of(body: &'a Body, errors: FieldErrors) -> Self {
        let text = |name: &str| body.0.get(name).and_then(Value::as_str).unwrap_or_default();
        let events = body.0.get("events").and_then(Value::as_object);
        Self {
            name: text("name"),
            url: text("url"),
            events: events
                .into_iter()
                .flatten()
                .map(|(name, _)| name.clone())
                .collect(),
            errors,
        }
    }

    fn wrong(&self, page: &Page, name: &str) -> Vec<String> {
        let all = self.errors.messages(name).iter();
        all.map(|text| translate(page.language(), text)).collect()
    }

    /// The form's fields.
    fn fields(&self, page: &Page) -> Markup {
        let language = page.language();
        let wrong = self.wrong(page, "events");
        html! {
            (page.proof())
            @for text in self.errors.messages("non_field_errors") { (notice(Tone::Danger, &translate(language, text), None)) }
            div class="form-grid" {
                (Field::text("name", page.t(w::NAME)).value(self.name).errors(self.wrong(page, "name"))
                    .attr("maxlength", NAME_MAX.to_string()).required().render(language))
                (Field::url("url", page.t(w::URL)).hint(page.t(w::URL_HINT)).value(self.url).errors(self.wrong(page, "url"))
                    .attr("maxlength", URL_MAX.to_string()).required().render(language))
            }
            // A form without a tick sends this alone, and is told what is missing.
            input type="hidden" name="events." value="";
            div.stack role="group" aria-label=(page.t(w::EVENTS)) {
                h3 { (page.t(w::EVENTS)) }
                @for text in &wrong { p.field-error { (text) } }
                @for &kind in Kind::ALL { (self.events_of(page, kind)) }
            }
        }
    }

    fn events_of(&self, page: &Page, kind: Kind) -> Markup {
        html! {
            fieldset class="stack-tight" {
                legend { (page.t(records::many(kind))) }
                div.row {
                    @for event in events_of(kind) {
                        (Field::checkbox(format!("events.{event}"), page.t(w::done(&event))).value("on")
                            .checked(self.events.contains(&event)).render(page.language()))
                    }
                }
            }
        }
    }
}

async fn index(page: Page, crm: Crm) -> ApiResult {
    let nothing = Typed {
        name: "",
        url: "",
        events: Vec::new(),
        errors: FieldErrors::new(),
    };
    respond(&page, &crm, StatusCode::OK, &nothing).await
}

async fn respond(page: &Page, crm: &Crm, status: StatusCode, typed: &Typed<'_>) -> ApiResult {
    let all = hooks::list(&crm.data).await?;
    let columns = [
        Column::new(page.t(w::NAME)),
        Column::new(page.t(w::URL)),
        Column::new(page.t(w::STATE)),
        Column::new(page.t(w::LAST)),
    ];
    let rows: Vec<_> = all.iter().map(|webhook| row(page, webhook)).collect();
    let content = html! {
        div.stack {
            p.quiet { (page.t(w::LEAD)) }
            @if rows.is_empty() {
                (empty_state("webhook", page.t(w::NONE), page.t(w::NONE_TEXT), None))
            } @else {
                (data_table(page.language(), page.t(w::TITLE), &columns, &rows))
            }
            (card(page.t(w::NEW), None, html! {
                form.form method="post" action=(WEBHOOKS) {
                    (typed.fields(page))
                    div.row { (button(page.t(w::CREATE)).primary().icon("plus")) }
                }
            }))
        }
    };
    Ok(page.show_as(status, page.t(w::TITLE), frame(page, WEBHOOKS, &content)))
}

fn row(page: &Page, webhook: &Webhook) -> Row {
    Row::to(
        of(webhook.id),
        [
            html! { (webhook.name) },
            html! { span.mono { (webhook.url) } },
            state(page, webhook),
            last(page, webhook),
        ],
    )
}

fn last(page: &Page, webhook: &Webhook) -> Markup {
    let now = page.now.to_zoned(page.zone.clone());
    match webhook.worked_at {
        Some(at) => format::relative(page.language(), at, &now),
        None => html! { span.quiet { (page.t(w::NEVER)) } },
    }
}

fn state(page: &Page, webhook: &Webhook) -> Markup {
    let tone = match webhook.state {
        State::Active if webhook.failures > 0 => Tone::Warn,
        State::Active => Tone::Ok,
        State::Paused => Tone::Neutral,
        State::Stopped => Tone::Danger,
    };
    badge(tone, page.t(w::state(webhook.state)))
}

fn of(id: i64) -> String {
    format!("{WEBHOOKS}{id}/")
}

async fn create(page: Page, crm: Crm, body: Body) -> ApiResult {
    match api::make(&crm, &body)
        .await
        .map_err(crate::contract::ApiError::into_inner)
    {
        Ok(made) => Ok(once(&page, &made)),
        Err(Error::Refused(Refusal::Fields(errors))) => {
            respond(
                &page,
                &crm,
                StatusCode::BAD_REQUEST,
                &Typed::of(&body, errors),
            )
            .await
        }
        Err(error) => Err(error.into()),
    }
}

/// The answer shows the secret, this once; so it is no redirect.
fn once(page: &Page, made: &NewWebhook) -> Response {
    let content = html! {
        div.stack {
            (notice(Tone::Warn, page.t(w::SECRET_ONCE), None))
            (card(page.t(w::SECRET), None, html! {
                div.stack {
                    p { strong { (made.webhook.name) } }
                    p.secret { code id="secret" { (made.secret) } }
                    p.quiet { (page.t(w::SECRET_USE)) }
                    div.row { (link_button(page.t(w::DONE_SECRET), of(made.webhook.id)).primary()) }
                }
            }))
        }
    };
    page.show(page.t(w::SECRET), frame(page, WEBHOOKS, &content))
}
