//! `/settings/mail/`: the company's own mail server, a test of it, and what was sent.

use super::{MAIL, frame, history};
use crate::contract::error::{ApiError, ApiResult};
use crate::contract::query::page as page_of;
use crate::contract::{Body, Query};
use crate::gate::access::Access::Owner;
use crate::pages::kit::{
    Choice, Column, Field, Row, Tone, badge, button, card, danger_card, data_table, empty_state,
    format, notice as told_notice, pager,
};
use crate::pages::messages::translate;
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::{common as c, mail as w};
use crate::portal::crm::Crm;
use crate::portal::mail_settings::{self as api, Tested};
use crate::table::{Table, show as shows, submit};
use axum::http::StatusCode;
use maud::{Markup, html};
use serde_json::{Map, Value};
use sindico_crm::mail::{self, Logged, MailSettings};
use sindico_domain::mail::{Security, State};
use sindico_domain::page::PageRequest;
use sindico_domain::setting::Setting;
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::Error;
use sindico_store::control::members;
use std::collections::HashMap;

/// Mails a page.
const ROWS: i64 = 50;

/// Its pages.
pub(super) fn routes(table: Table) -> Table {
    table
        .page(MAIL, shows(Owner, show).submit(Owner, save))
        .page("/settings/mail/test/", submit(Owner, test))
        .page("/settings/mail/undo/", submit(Owner, undo))
        .page("/settings/mail/delete/", submit(Owner, remove))
}

/// What was done with the form, and what came of it.
#[derive(Default)]
struct Done {
    typed: Option<Map<String, Value>>,
    errors: FieldErrors,
    tested: Option<Tested>,
}

async fn show(page: Page, crm: Crm, query: Query) -> ApiResult {
    let mut f = query.fields();
    let mut request = page_of(&mut f);
    f.finish().check(())?;
    request.limit = ROWS;
    respond(&page, &crm, StatusCode::OK, &Done::default(), &request).await
}

async fn respond(
    page: &Page,
    crm: &Crm,
    status: StatusCode,
    done: &Done,
    request: &PageRequest,
) -> ApiResult {
    let settings = mail::find(&crm.data).await?;
    let log = mail::log(&crm.data, request).await?;
    let ids: Vec<i64> = log.items.iter().map(|mail| mail.user).collect();
    let people = members::active(crm.app().store(), crm.tenant.company.id, &ids).await?;
    let next = log.next.as_ref();
    let next = next.map(|next| format!("{MAIL}?cursor={}", next.encode()));
    let history = match settings {
        Some(_) => {
            let undo = Some("/settings/mail/undo/".to_owned());
            Some(history::of(page, crm, (Setting::Mail, 0), undo).await?)
        }
        None => None,
    };
    let content = html! {
        div.stack {
            p.quiet { (page.t(w::LEAD)) }
            @if let Some(tested) = &done.tested { (outcome(page, tested)) }
            (card(page.t(w::SERVER), None, form(page, settings.as_ref(), done)))
            @if settings.is_some() {
                form method="post" action="/settings/mail/test/" {
                    (page.proof())
                    (button(page.t(w::TEST)).icon("mail"))
                }
            }
            @if let Some(history) = history { (history) }
            (card(page.t(w::LOG), None, log_of(page, &log.items, &people, request, next.as_deref())))
            @if settings.is_some() {
                (danger_card(page.t(w::REMOVE), html! {
                    form class="stack" method="post" action="/settings/mail/delete/" {
                        (page.proof())
                        p.quiet { (page.t(w::REMOVE_TEXT)) }
                        div.row { (button(page.t(w::REMOVE)).danger()) }
                    }
                }))
            }
        }
    };
    Ok(page.show_as(status, page.t(w::TITLE), frame(page, MAIL, &content)))
}

fn outcome(page: &Page, tested: &Tested) -> Markup {
    let language = page.language();
    let answer = translate(language, &tested.answer);
    match tested.sent {
        true => told_notice(Tone::Ok, &w::tested(language, &tested.to, answer), None),
        false => told_notice(Tone::Danger, &w::test_failed(language, answer), None),
    }
}

fn form(page: &Page, settings: Option<&MailSettings>, done: &Done) -> Markup {
    let language = page.language();
    let now = settings.map(|settings| serde_json::json!(settings.wish));
    // What was typed, else what is there; a password is neither shown nor sent back.
    let value = |name: &str, fallback: &str| -> String {
        let typed = done.typed.as_ref().map(|typed| typed.get(name));
        let value = match typed {
            Some(typed) => typed.cloned(),
            None => now.as_ref().map(|now| now[name].clone()),
        };
        match value {
            Some(Value::String(text)) => text,
            Some(Value::Null) | None => fallback.to_owned(),
            Some(other) => other.to_string(),
        }
    };
    let wrong = |name: &str| -> Vec<String> {
        let all = done.errors.messages(name).iter();
        all.map(|text| translate(language, text)).collect()
    };
    let text = |name: &'static str, word, fallback: &str| {
        Field::text(name, page.t(word))
            .value(value(name, fallback))
            .errors(wrong(name))
    };
    let enabled = match &done.typed {
        Some(typed) => typed.get("enabled") == Some(&Value::from("on")),
        None => settings.is_none_or(|settings| settings.wish.enabled),
    };
    let password = Field::password("password", page.t(w::PASSWORD))
        .errors(wrong("password"))
        .attr("autocomplete", "new-password");
    let password = match settings.is_some_and(|settings| settings.has_password) {
        true => password.hint(page.t(w::PASSWORD_KEPT)),
        false => password,
    };
    let ways = Security::ALL.iter();
    let ways = ways.map(|way| Choice::new(way.as_str(), page.t(w::security(*way))));
    html! {
        form.form method="post" action=(MAIL) {
            (page.proof())
            @for text in done.errors.messages("non_field_errors") { (told_notice(Tone::Danger, &translate(language, text), None)) }
            div.form-grid {
                (text("host", w::HOST, "").required().render(language))
                (text("port", w::PORT, "587").attr("inputmode", "numeric").required().render(language))
                (Field::select("security", page.t(w::SECURITY)).value(value("security", "STARTTLS")).choices(ways).errors(wrong("security")).render(language))
                (text("username", w::USERNAME, "").attr("autocomplete", "off").render(language))
                (password.render(language))
                (text("from_address", w::FROM_ADDRESS, "").required().render(language))
                (text("from_name", w::FROM_NAME, "").render(language))
                (text("reply_to", w::REPLY_TO, "").render(language))
            }
            (Field::checkbox("enabled", page.t(w::ENABLED)).value("on").checked(enabled).render(language))
            div.row { (button(page.t(c::SAVE)).primary()) }
        }
    }
}

fn log_of(
    page: &Page,
    mails: &[Logged],
    people: &HashMap<i64, String>,
    request: &PageRequest,
    next: Option<&str>,
) -> Markup {
    let language = page.language();
    let columns = [
        Column::new(page.t(w::WHEN)),
        Column::new(page.t(w::TO)),
        Column::new(page.t(w::STATE)),
        Column::new(page.t(w::ATTEMPTS)).numeric(),
        Column::new(page.t(w::ANSWER)),
    ];
    let rows: Vec<_> = mails.iter().map(|mail| row(page, mail, people)).collect();
    let shown = i64::try_from(mails.len()).unwrap_or_default();
    html! {
        @if mails.is_empty() {
            (empty_state("mail", page.t(w::NO_LOG), page.t(w::LOG_TEXT), None))
        } @else {
            (data_table(language, page.t(w::LOG), &columns, &rows))
            (pager(language, &format::count(language, shown), request.after.is_some().then_some(MAIL), next))
        }
    }
}

fn row(page: &Page, mail: &Logged, people: &HashMap<i64, String>) -> Row {
    let language = page.language();
    let now = page.now.to_zoned(page.zone.clone());
    let tone = match mail.state {
        State::Sent => Tone::Ok,
        State::Failed => Tone::Danger,
        State::Pending => Tone::Warn,
        State::Dropped => Tone::Neutral,
    };
    let to = people.get(&mail.user).map(String::as_str);
    Row::of([
        format::relative(language, mail.created_at, &now),
        html! { (to.unwrap_or(page.t(w::GONE))) },
        badge(tone, page.t(w::state(mail.state))),
        html! { (mail.attempts) },
        html! { (translate(language, &mail.answer)) },
    ])
}

/// `POST /settings/mail/`.
async fn save(page: Page, crm: Crm, body: Body) -> ApiResult {
    let mut typed = body.0.clone();
    // A box that is not ticked is not sent.
    typed.entry("enabled").or_insert(Value::Bool(false));
    if typed["enabled"] == "on" {
        typed.insert("enabled".to_owned(), Value::Bool(true));
    }
    let before = mail::find(&crm.data).await?;
    let before = before.map(|before| before.wish);
    match api::set(&crm, &typed, before.as_ref())
        .await
        .map_err(ApiError::into_inner)
    {
        Ok(_) => Ok(page.done(MAIL, &Notice::new("saved", None))),
        Err(Error::Refused(Refusal::Fields(errors))) => {
            let done = Done {
                typed: Some(body.0),
                errors,
                tested: None,
            };
            let request = first();
            respond(&page, &crm, StatusCode::BAD_REQUEST, &done, &request).await
        }
        Err(error) => Err(error.into()),
    }
}

fn first() -> PageRequest {
    PageRequest {
        limit: ROWS,
        ..PageRequest::default()
    }
}

/// `POST /settings/mail/test/`: the answer tells what the server said.
async fn test(page: Page, crm: Crm) -> ApiResult {
    let tested = api::send_test(&crm, page.language()).await?;
    let done = Done {
        tested: Some(tested),
        ..Done::default()
    };
    respond(&page, &crm, StatusCode::OK, &done, &first()).await
}

/// `POST /settings/mail/undo/`.
async fn undo(page: Page, crm: Crm) -> ApiResult {
    api::take_back(&crm).await?;
    Ok(page.done(MAIL, &Notice::new("undone", None)))
}

/// `POST /settings/mail/delete/`.
async fn remove(page: Page, crm: Crm) -> ApiResult {
    api::forget(&crm).await?;
    Ok(page.done(MAIL, &Notice::new("mail_forgotten", None)))
}
