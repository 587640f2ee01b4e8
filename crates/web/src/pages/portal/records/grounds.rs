//! `/leads/7/consents/`: on which grounds something is done with a person's data, and the form that adds one.

use super::place;
use crate::contract::Body;
use crate::contract::error::{ApiResult, not_found};
use crate::pages::account::wrong;
use crate::pages::kit::{
    Choice, Column, Field, PageHeader, Row, Tone, badge, button, card, data_table, empty_state,
    format,
};
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::{privacy as w, records};
use crate::portal::crm::Crm;
use axum::http::StatusCode;
use maud::{Markup, html};
use serde_json::{Map, Value};
use sindico_crm::privacy::{self, Consent};
use sindico_crm::records::find;
use sindico_domain::FieldErrors;
use sindico_domain::access::capability::Method;
use sindico_domain::crm::Kind;
use sindico_domain::privacy::{Basis, ConsentDraft, ConsentState};

/// The page.
pub async fn show(kind: Kind, page: Page, crm: Crm, id: i64) -> ApiResult {
    let nothing = (&Map::new(), &FieldErrors::new());
    respond(kind, &page, &crm, id, (StatusCode::OK, nothing)).await
}

async fn respond(
    kind: Kind,
    page: &Page,
    crm: &Crm,
    id: i64,
    (status, (typed, errors)): (StatusCode, (&Map<String, Value>, &FieldErrors)),
) -> ApiResult {
    let record = find(&crm.data, kind, id)
        .await?
        .ok_or_else(not_found)?
        .record();
    let all = privacy::consents(&crm.data, kind, id).await?;
    let language = page.language();
    let columns = [
        Column::new(page.t(w::PURPOSE)),
        Column::new(page.t(w::BASIS)),
        Column::new(page.t(w::STATE)),
        Column::new(page.t(w::SOURCE)).spare(),
        Column::new(page.t(w::EVIDENCE)).spare(),
        Column::new(page.t(w::AT)),
    ];
    let rows: Vec<Row> = all.iter().map(|one| row(page, one)).collect();
    let header = PageHeader {
        breadcrumbs: vec![
            (
                page.t(records::many(kind)).to_owned(),
                place::list(kind).to_owned(),
            ),
            (record.title(), place::of(kind, id)),
        ],
        title: page.t(w::GROUNDS).to_owned(),
        ..PageHeader::default()
    };
    let content = html! {
        (header.render(language))
        div.stack {
            p.quiet { (page.t(w::GROUNDS_TEXT)) }
            @if rows.is_empty() { (empty_state("check", page.t(w::NO_GROUNDS), "", None)) }
            @else { (data_table(language, page.t(w::GROUNDS), &columns, &rows)) }
            @if page.may(kind.resource(), Method::Post) {
                (card(page.t(w::ADD_GROUND), None, form(page, (kind, id), typed, errors)))
            }
        }
    };
    Ok(page.show_as(status, page.t(w::GROUNDS), content))
}

fn row(page: &Page, one: &Consent) -> Row {
    let tone = match one.state {
        ConsentState::Granted => Tone::Ok,
        ConsentState::Revoked => Tone::Danger,
    };
    Row::of([
        html! { (one.purpose) },
        html! { (page.t(w::basis(one.basis))) },
        badge(tone, page.t(w::holds(one.state))),
        html! { (one.source) },
        html! { (one.evidence) },
        html! { (format::datetime(page.language(), one.at, &page.zone)) @if !one.username.is_empty() { ", " (one.username) } },
    ])
}

fn form(
    page: &Page,
    (kind, id): (Kind, i64),
    typed: &Map<String, Value>,
    errors: &FieldErrors,
) -> Markup {
    let language = page.language();
    let text = |name: &str| typed.get(name).and_then(Value::as_str).unwrap_or_default();
    let wrong = |name: &str| wrong(page, errors, name);
    let bases = Basis::ALL.iter();
    let bases = bases.map(|basis| Choice::new(basis.as_str(), page.t(w::basis(*basis))));
    let states = ConsentState::ALL.iter();
    let states = states.map(|state| Choice::new(state.as_str(), page.t(w::holds(*state))));
    html! {
        form.form method="post" action=(place::act(kind, id, "consents")) {
            (page.proof())
            div.form-grid {
                (Field::text("purpose", page.t(w::PURPOSE)).value(text("purpose")).errors(wrong("purpose")).attr("maxlength", "100").required().render(language))
                (Field::select("basis", page.t(w::BASIS)).choices(bases).value(text("basis")).errors(wrong("basis")).render(language))
                (Field::select("state", page.t(w::STATE)).choices(states).value(text("state")).errors(wrong("state")).render(language))
                (Field::text("source", page.t(w::SOURCE)).value(text("source")).errors(wrong("source")).attr("maxlength", "100").render(language))
            }
            (Field::textarea("evidence", page.t(w::EVIDENCE)).value(text("evidence")).errors(wrong("evidence")).attr("maxlength", "1000").render(language))
            div.row { (button(page.t(w::ADD_GROUND)).primary().icon("plus")) }
        }
    }
}

/// Adds one.
pub async fn add(kind: Kind, page: Page, crm: Crm, id: i64, body: Body) -> ApiResult {
    match ConsentDraft::parse(&body.0) {
        Ok(draft) => {
            let made = privacy::consent(&crm.data, crm.by(), (kind, id), &draft).await?;
            made.ok_or_else(not_found)?;
            let to = place::act(kind, id, "consents");
            Ok(page.done(&to, &Notice::new("saved", None)))
        }
        Err(errors) => {
            let sent = (StatusCode::BAD_REQUEST, (&body.0, &errors));
            respond(kind, &page, &crm, id, sent).await
        }
    }
}
