//! `/opportunities/{id}/move/`: one request, one row. A script gets the card and the heads of both columns; a
//! form without scripts goes back to the board, and is asked by a page what a dialog would have asked.

use super::board::{self, Drawing, ID, board_of};
use super::board_parts::Asked;
use super::support::{choices, money, people, text};
use crate::contract::error::{ApiResult, not_found};
use crate::contract::resource::Id;
use crate::contract::{Body, Query};
use crate::pages::kit::{PageHeader, Tone, link_button, toast};
use crate::pages::messages::translate;
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::portal::records::{Setting, of_record, to_input};
use crate::pages::portal::setup;
use crate::pages::words::records::many;
use crate::pages::words::{common as c, work as w};
use crate::portal::crm::Crm;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use maud::html;
use serde_json::{Map, Value};
use sindico_crm::opportunities::{self, Place};
use sindico_crm::{board as sales, names as titles, records};
use sindico_db::Error;
use sindico_domain::crm::Kind;
use sindico_domain::crm::custom::{FIELDS, path};
use sindico_domain::crm::pipeline::{LOST, WON, code};
use sindico_domain::precondition::Precondition;
use sindico_domain::{FieldErrors, Refusal};
use std::collections::HashMap;

/// `POST /opportunities/{id}/move/`.
pub(super) async fn submit(
    crm: Crm,
    page: Page,
    query: Query,
    Id(id): Id,
    body: Body,
) -> ApiResult {
    let page = page.with_setup(&crm).await?;
    let asked = board::asked(&page, &query)?;
    let from = query.fields().read("from", code);
    let (place, wrong) = read(&page, &body.0);
    let place = match place {
        Ok(place) => place,
        Err(errors) if wrong.is_empty() => return refuse(&page, &asked, errors.into()),
        Err(_) => Place::default(),
    };
    let to = text(&body.0, "stage").to_owned();
    let entering = !to.is_empty() && Some(&to) != from.as_ref();
    let untold = |name: &str| text(&body.0, name).is_empty();
    // What a person is asked for, whatever the stage's gate says.
    let asks = match to.as_str() {
        LOST => untold("loss_reason"),
        WON => untold("amount"),
        _ => false,
    };
    if !wrong.is_empty() || entering && asks {
        return ask(
            &crm,
            &page,
            &asked,
            (id, page.view.htmx),
            (&to, &body.0, &wrong),
        )
        .await;
    }
    let any = Precondition::default();
    let members = crm.members_of(&place.users()).await?;
    let told = (&place, &members);
    let moved = opportunities::move_card(&crm.data, crm.by(), id, told, (&any, None)).await;
    let once = match moved {
        Ok(once) => once.ok_or_else(not_found)?,
        // A gate: what it asks for has a form.
        Err(Error::Refused(Refusal::Fields(errors))) if entering && !errors.has("stage") => {
            return ask(
                &crm,
                &page,
                &asked,
                (id, page.view.htmx),
                (&to, &body.0, &errors),
            )
            .await;
        }
        Err(error) => return refuse(&page, &asked, error),
    };
    if !page.view.htmx {
        let back = asked.address("/opportunities/", &[]);
        return Ok(page.done(&back, &Notice::new("moved", once.change_set)));
    }
    answer(&crm, &page, &asked, id, from, once.change_set).await
}

/// What was typed, as the rules read it; and what of it can't be read.
fn read(page: &Page, body: &Map<String, Value>) -> (Result<Place, FieldErrors>, FieldErrors) {
    let (mut input, mut wrong) = to_input(page, Kind::Opportunity, body);
    // As people write amounts here, with a word of its own for what is none.
    if let Some(amount) = body.get("amount").and_then(Value::as_str) {
        match money(page.language(), amount.trim()) {
            Some(read) => {
                wrong = FieldErrors::new();
                input.insert("amount".to_owned(), read.into());
            }
            None => _ = input.remove("amount"),
        }
    }
    for name in ["stage", "after", "before"] {
        if let Some(value) = body.get(name) {
            input.insert(name.to_owned(), value.clone());
        }
    }
    let place = Place::parse(page.customs(), &input);
    if let Err(errors) = &place
        && !["stage", "after", "before"]
            .iter()
            .any(|name| errors.has(name))
    {
        wrong.merge(errors.clone());
    }
    (place, wrong)
}

/// The card as it is now, the heads of the columns that it left and came to, and the way back.
async fn answer(
    crm: &Crm,
    page: &Page,
    asked: &Asked,
    id: i64,
    from: Option<String>,
    change_set: Option<i64>,
) -> ApiResult {
    let card = records::find(&crm.data, Kind::Opportunity, id)
        .await?
        .ok_or_else(not_found)?;
    let record = card.record();
    let stage = record.text("stage");
    let mut changed = vec![stage];
    changed.extend(from.as_deref().filter(|from| *from != stage));
    let pipeline = board::pipeline_of(page, asked)?;
    let query = board::board_query(crm, asked, pipeline);
    let totals = sales::totals(&crm.data, &query, &changed).await?;
    let cards: [sindico_crm::Listed; 1] = [card];
    let names = titles::of(&crm.data, &cards, &crm.readable()).await?;
    let drawing = Drawing {
        page,
        asked,
        names: &names,
        pipeline,
        today: page.now.to_zoned(page.zone.clone()).date(),
    };
    let language = page.language();
    let board = board_of(page, Vec::new());
    let stage_name = setup::stage(page, stage);
    let told = match change_set {
        Some(_) => w::moved_to(language, record.text("title"), stage_name),
        None => page.t(w::STAYED).to_owned(),
    };
    let undo = change_set.map(|id| format!("/changes/{id}/undo/"));
    // A place in the same column is no news to anybody.
    let is_news = from.as_deref() != Some(stage);
    let content = html! {
        div data-moved=(ID) data-change=[change_set] {
            (board.card(language, &drawing.card(&record)))
            @for total in totals { (board.head(&drawing.column(&total.stage, total.count, total.amount))) }
        }
        @if is_news {
            (toast(Tone::Ok, &told, undo.as_deref().map(|action| (page.t(c::UNDO), action, page.csrf.as_str()))))
        }
    };
    Ok(page.fragment(content))
}

/// Why it did not move: a word to a script, which puts the card back; a page to a person.
fn refuse(page: &Page, asked: &Asked, error: Error) -> ApiResult {
    let Error::Refused(refusal) = &error else {
        return Err(error.into());
    };
    let line = match refusal {
        Refusal::Fields(errors) => first(errors),
        other => other.to_line(),
    };
    let told = translate(page.language(), &line);
    // Whatever is no fault of the move itself has a status and a page of its own.
    if !matches!(refusal, Refusal::Fields(_) | Refusal::Invalid(_)) {
        return Err(error.into());
    }
    if page.view.htmx {
        let content = toast(Tone::Danger, &told, None);
        return Ok((StatusCode::BAD_REQUEST, page.fragment(content)).into_response());
    }
    let back = asked.address("/opportunities/", &[]);
    let content = html! {
        (PageHeader { title: page.t(crate::pages::words::errors::WRONG).to_owned(), ..PageHeader::default() }.render(page.language()))
        (crate::pages::kit::notice(Tone::Danger, &told, None))
        p class="row" { (link_button(page.t(w::SEE_BOARD), back)) }
    };
    Ok(page.show_as(
        StatusCode::BAD_REQUEST,
        page.t(crate::pages::words::errors::WRONG),
        content,
    ))
}

fn first(errors: &FieldErrors) -> String {
    let names = [
        "stage",
        "loss_reason",
        "amount",
        "after",
        "before",
        "customer",
    ];
    let found = names.iter().flat_map(|name| errors.messages(name));
    found
        .into_iter()
        .next()
        .cloned()
        .unwrap_or_else(|| Refusal::Fields(errors.clone()).to_line())
}

/// Asks by a form what is missing: a dialog's for a script (`part`), a page's for a person without one.
pub(in crate::pages::portal) async fn ask(
    crm: &Crm,
    page: &Page,
    asked: &Asked,
    (id, part): (i64, bool),
    (to, body, errors): (&str, &Map<String, Value>, &FieldErrors),
) -> ApiResult {
    let listed = records::find(&crm.data, Kind::Opportunity, id)
        .await?
        .ok_or_else(not_found)?;
    let card = listed.record();
    let own = card.int("pipeline").and_then(|id| page.setup().find(id));
    let pipeline = own.unwrap_or(page.setup().first());
    let from = card.text("stage");
    if let Some(refusal) = pipeline.refusal(from, to) {
        return refuse(page, asked, Refusal::Invalid(refusal).into());
    }
    let language = page.language();
    let known = titles::of(&crm.data, &[listed], &crm.readable()).await?;
    let mut typed = of_record(page, &card, &known);
    typed.extend(
        body.iter()
            .map(|(name, value)| (name.clone(), value.clone())),
    );
    let mut names: Vec<&str> = match to {
        WON => vec!["amount"],
        LOST => vec!["loss_reason"],
        _ => Vec::new(),
    };
    let gate = pipeline.asks(to, &card, (&page.setup().reasons, page.customs()));
    let gate = gate.iter().map(|asked| &*asked.name);
    let wrong = Kind::Opportunity.fields().iter().map(|field| field.name);
    let wrong = wrong.filter(|name| *name != FIELDS);
    let customs: Vec<String> = page
        .customs()
        .of(Kind::Opportunity)
        .filter(|field| !errors.at(&path(&field.key)).is_empty())
        .map(|field| field.name())
        .collect();
    let wrong = wrong.filter(|name| errors.has(name));
    for name in gate.chain(wrong).chain(customs.iter().map(String::as_str)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let people = choices(&people(crm.app(), crm.tenant.company.id).await?);
    let setting = Setting {
        page,
        kind: Kind::Opportunity,
        typed: &typed,
        // The first time it only asks.
        errors: match names.iter().any(|name| body.contains_key(*name)) || body.contains_key(FIELDS)
        {
            true => errors,
            false => &FieldErrors::new(),
        },
        members: &people,
        options: &HashMap::new(),
        record: Some(&card),
        prefix: "gate-",
        found: None,
    };
    let field = |name: &str| match name {
        "loss_reason" => board::lost_fields(page, pipeline, &setting.wrong(name)),
        "amount" if to == WON => {
            let amount = typed.get(name).and_then(Value::as_str).unwrap_or_default();
            board::won_fields(page, amount, setting.wrong(name))
        }
        name if let Some(field) = page.customs().named(Kind::Opportunity, name) => {
            setting.custom(field, true)
        }
        name => Kind::Opportunity
            .position(name)
            .map(|n| setting.required(&Kind::Opportunity.fields()[n]))
            .unwrap_or_default(),
    };
    let fields = html! {
        @if !matches!(to, WON | LOST) || names.len() > 1 { p class="quiet" { (page.t(w::GATE_TEXT)) } }
        @for name in &names { (field(name)) }
    };
    let (title, submit) = match to {
        WON => (w::WON_TITLE, board::won(page)),
        LOST => (w::REASON_TITLE, board::danger(page)),
        _ => (w::GATE_TITLE, board::go_on(page)),
    };
    if part {
        // The dialog of the board takes it over, and sends it with the move.
        let content = html! { div data-gate-asks { (fields) } };
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page.fragment(content)).into_response());
    }
    let action = asked.address(&format!("/opportunities/{id}/move/"), &[("from", from)]);
    let back = asked.address("/opportunities/", &[]);
    let content = html! {
        (PageHeader {
            breadcrumbs: vec![(page.t(many(Kind::Opportunity)).to_owned(), back.clone())],
            title: page.t(title).to_owned(),
            subtitle: Some(html! { (card.text("title")) }),
            ..PageHeader::default()
        }.render(language))
        form method="post" action=(action) class="stack form-narrow" hx-boost="false" {
            (page.proof())
            input type="hidden" name="stage" value=(to);
            @for name in ["after", "before"] {
                @if let Some(value) = body.get(name).and_then(Value::as_str) { input type="hidden" name=(name) value=(value); }
            }
            (fields)
            div class="row" { (submit) (link_button(page.t(c::CANCEL), back).quiet()) }
        }
    };
    Ok(page.show_as(StatusCode::UNPROCESSABLE_ENTITY, page.t(title), content))
}
