//! What is done to records by a button: deleted, restored, qualified, converted, moved, completed.

use super::actions::{Act, Shown};
use super::sent::{self, Sent};
use super::{form, place, value};
use crate::contract::Body;
use crate::contract::error::{ApiError, ApiResult, not_found};
use crate::pages::kit::{PageHeader, Tone, card, link_button, notice as told_notice};
use crate::pages::messages::{self, translate};
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::portal::daily::{Asked, move_card};
use crate::pages::words::{fields as f, records as w};
use crate::portal::crm::Crm;
use axum::http::StatusCode;
use axum::response::Response;
use maud::html;
use serde_json::{Map, Value};
use sindico_crm::activities::{self, Outcome};
use sindico_crm::leads::{self, Conversion};
use sindico_crm::opportunities::{self, Step};
use sindico_crm::records;
use sindico_db::idempotency::Once;
use sindico_domain::access::capability::Method;
use sindico_domain::crm::draft::{Draft, Whole};
use sindico_domain::crm::{Kind, LeadStatus, Record};
use sindico_domain::error::NON_FIELD_ERRORS;
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::Error;
use std::collections::HashMap;

/// `POST /customers/7/delete/`.
pub async fn delete(kind: Kind, page: Page, crm: Crm, id: i64, body: Body) -> ApiResult {
    let condition = sent::condition(&body.0);
    let removed = records::remove(&crm.data, crm.by(), (kind, id), &condition).await?;
    let change = removed.ok_or_else(not_found)?;
    let next = sent::next(&body.0).unwrap_or(place::list(kind));
    Ok(page.done(next, &Notice::new("deleted", Some(change))))
}

/// `POST /customers/7/restore/`.
pub async fn restore(kind: Kind, page: Page, crm: Crm, id: i64, body: Body) -> ApiResult {
    let restored = records::restore(&crm.data, crm.by(), (kind, id), None).await;
    let once = match restored {
        Err(Error::Refused(Refusal::Fields(errors))) => {
            // What is unique was taken meanwhile: it is told, and the record stays where it is.
            let line = messages::line(page.language(), &errors);
            return Err(Refusal::Invalid(line).into());
        }
        other => other?.ok_or_else(not_found)?,
    };
    let to = sent::next(&body.0).map_or_else(|| place::of(kind, id), str::to_owned);
    Ok(page.done(&to, &Notice::new("restored", once.change_set)))
}

/// `POST /leads/7/qualify/`.
pub async fn qualify(page: Page, crm: Crm, id: i64, body: Body) -> ApiResult {
    let condition = sent::condition(&body.0);
    let moved = leads::move_to(
        &crm.data,
        crm.by(),
        id,
        LeadStatus::Qualified,
        None,
        (&condition, None),
    );
    done(&page, (Kind::Lead, id), moved.await?, &body.0)
}

/// `POST /activities/7/reopen/`.
pub async fn reopen(page: Page, crm: Crm, id: i64, body: Body) -> ApiResult {
    let condition = sent::condition(&body.0);
    let opened = activities::reopen(&crm.data, crm.by(), id, (&condition, None)).await?;
    done(&page, (Kind::Activity, id), opened, &body.0)
}

fn done(
    page: &Page,
    (kind, id): (Kind, i64),
    once: Option<Once<Value>>,
    body: &Map<String, Value>,
) -> ApiResult {
    let once = once.ok_or_else(not_found)?;
    let to = sent::next(body).map_or_else(|| place::of(kind, id), str::to_owned);
    Ok(page.done(&to, &Notice::new("saved", once.change_set)))
}

/// `GET /leads/7/convert/`: the form of an act, on a page of its own.
pub async fn show(act: Act, page: Page, crm: Crm, id: i64) -> ApiResult {
    let listed = records::find(&crm.data, act.kind(), id)
        .await?
        .ok_or_else(not_found)?;
    let record = listed.record();
    if !act.can(&page, &record) {
        return Ok(closed(act, &page, &record));
    }
    let known = sindico_crm::names::of(&crm.data, &[listed], &crm.readable()).await?;
    let typed = act.typed(&page, &record, &known);
    let shown = Shown {
        page: &page,
        record: &record,
        typed: &typed,
        errors: &FieldErrors::new(),
        options: &HashMap::new(),
        prefix: "",
        next: None,
    };
    Ok(respond(act, &shown, StatusCode::OK, None))
}

/// What stands above the form of an act.
fn header(act: Act, page: &Page, record: &Record) -> PageHeader {
    let kind = act.kind();
    PageHeader {
        breadcrumbs: vec![
            (
                page.t(w::many(kind)).to_owned(),
                place::list(kind).to_owned(),
            ),
            (
                value::title(page.language(), record),
                place::of(kind, record.id),
            ),
        ],
        title: act.title(page).to_owned(),
        ..PageHeader::default()
    }
}

/// In place of the form of an act that is not open to a record in its state: why not, and the way back.
fn closed(act: Act, page: &Page, record: &Record) -> Response {
    let language = page.language();
    let (kind, field) = (act.kind(), act.state());
    let state = value::state_of(page, kind, field, record.text(field));
    let why = w::act_closed(language, page.t(f::label(kind, field)), state);
    let content = html! {
        (header(act, page, record).render(language))
        div class="stack" {
            (told_notice(Tone::Warn, &why, None))
            p { (link_button(w::back_to(language, value::title(language, record)), place::of(kind, record.id)).icon("arrow-left")) }
        }
    };
    page.show_as(StatusCode::CONFLICT, act.title(page), content)
}

fn respond(act: Act, shown: &Shown<'_>, status: StatusCode, refused: Option<String>) -> Response {
    let page = shown.page;
    let language = page.language();
    let content = html! {
        (header(act, page, shown.record).render(language))
        @if let Some(refused) = &refused { (told_notice(Tone::Danger, refused, None)) }
        (card(&value::title(language, shown.record), None, shown.form(act)))
    };
    page.show_as(status, act.title(page), content)
}

/// `POST` of an act that is told something.
pub async fn submit(act: Act, page: Page, crm: Crm, id: i64, body: Body) -> ApiResult {
    // What an act is told are fields of a sale for two of them, of the record itself for the others.
    let kind = match act {
        Act::Convert | Act::Lose => Kind::Opportunity,
        Act::Disqualify => Kind::Lead,
        Act::Complete => Kind::Activity,
    };
    let mut sent = Sent::read(&page, &crm, kind, &body.0).await?;
    let refused;
    let mut status = StatusCode::BAD_REQUEST;
    let outcome = perform(act, &crm, id, &sent, &body).await;
    // A step forward is a button of its own: its refusal has no form to stand in.
    if let (Act::Lose, Err(Error::Refused(Refusal::Fields(errors)))) = (act, &outcome)
        && !errors.has("stage")
        && let Some(stage) = sent.input.get("stage").and_then(Value::as_str)
        && stage != "LOST"
    {
        let asked = (stage, &body.0, errors);
        return move_card::ask(&crm, &page, &Asked::default(), (id, false), asked).await;
    }
    if let (Act::Lose, Err(error)) = (act, &outcome)
        && sent.input.get("stage").and_then(Value::as_str) != Some("LOST")
        && let Error::Refused(refusal) = error
    {
        return Err(refusal.clone().into());
    }
    match outcome {
        Ok((to, once)) => {
            let once = once.ok_or_else(not_found)?;
            let to = sent::next(&body.0).map_or(to, str::to_owned);
            return Ok(page.done(&to, &Notice::new("saved", once.change_set)));
        }
        Err(Error::Refused(Refusal::Fields(errors))) => {
            sent.merge(errors, kind);
            refused = refused_by(&page, &sent.errors);
        }
        Err(Error::Refused(Refusal::Invalid(detail))) => {
            refused = Some(translate(page.language(), &detail));
        }
        Err(Error::Refused(Refusal::PreconditionFailed)) => {
            status = StatusCode::PRECONDITION_FAILED;
            refused = Some(page.t(w::CHANGED_MEANWHILE).to_owned());
        }
        Err(error) => return Err(error.into()),
    }
    let (record, _) = form::now(&page, &crm, act.kind(), id).await?;
    let shown = Shown {
        page: &page,
        record: &record,
        typed: &sent.typed,
        errors: &sent.errors,
        options: &sent.options,
        prefix: "",
        next: sent::next(&body.0),
    };
    Ok(respond(act, &shown, status, refused))
}

/// What is wrong with no field of the form.
fn refused_by(page: &Page, errors: &FieldErrors) -> Option<String> {
    let names = ["status", NON_FIELD_ERRORS, "email", "version"];
    let mut messages = names.iter().flat_map(|name| errors.messages(name));
    messages
        .next()
        .map(|message| translate(page.language(), message))
}

type Outcomes = (String, Option<Once<Value>>);

async fn perform(
    act: Act,
    crm: &Crm,
    id: i64,
    sent: &Sent,
    body: &Body,
) -> Result<Outcomes, Error> {
    if !sent.errors.is_empty() {
        return Err(Refusal::Fields(FieldErrors::new()).into());
    }
    let (data, by) = (&crm.data, crm.by());
    let condition = sent::condition(&body.0);
    let path = place::act(act.kind(), id, act.name());
    let key = sent::key(crm, &body.0, &sent.input, &path);
    let at = (&condition, key.as_ref());
    let mut to = place::of(act.kind(), id);
    let mut input = sent.input.clone();
    let once = match act {
        Act::Disqualify => {
            Draft::parse(Kind::Lead, &input, Whole::No).map_err(Refusal::Fields)?;
            let reason = input.get("disqualification_reason").and_then(Value::as_str);
            let reason = reason.map(str::to_owned);
            leads::move_to(data, by, id, LeadStatus::Disqualified, reason, at).await?
        }
        Act::Lose => {
            let step = Step::parse(&input).map_err(Refusal::Fields)?;
            opportunities::step(data, by, id, &step, at).await?
        }
        Act::Complete => {
            let outcome = Outcome::parse(&input).map_err(Refusal::Fields)?;
            activities::complete(data, by, id, &outcome, at).await?
        }
        Act::Convert => {
            // What was left empty is as it is unless told.
            input.retain(|_, value| value != "");
            let may = |kind: Kind, method: Method| crm.may(kind, method);
            let told = Conversion::parse(
                &crm.customs_told(&input)
                    .await
                    .map_err(ApiError::into_inner)?,
                &input,
            )
            .map_err(Refusal::Fields)?;
            let made = leads::convert(data, by, id, (&told, &may), key.as_ref()).await?;
            if let Some(sale) = made
                .as_ref()
                .and_then(|once| once.value["opportunity"]["id"].as_i64())
            {
                to = place::of(Kind::Opportunity, sale);
            }
            made
        }
    };
    Ok((to, once))
}
