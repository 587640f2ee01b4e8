//! `/opportunities/{id}/move/`: one request, one row. A script gets the card and the heads of both columns; a
//! form without scripts goes back to the board, and is asked by a page what a dialog would have asked.

use super::board::{self, Drawing, ID, board_of};
use super::board_parts::Asked;
use super::names;
use super::support::{money, text};
use crate::contract::error::{ApiResult, not_found};
use crate::contract::resource::Id;
use crate::contract::{Body, Query};
use crate::pages::kit::{PageHeader, Tone, link_button, toast};
use crate::pages::messages::translate;
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::records::many;
use crate::pages::words::{common as c, work as w};
use crate::portal::crm::Crm;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use sindico_crm::opportunities::{self, Place};
use sindico_crm::{board as sales, names as titles, records};
use sindico_db::Error;
use sindico_domain::crm::{Kind, Stage};
use sindico_domain::precondition::Precondition;
use sindico_domain::{FieldErrors, Refusal};

/// `POST /opportunities/{id}/move/`.
pub(super) async fn submit(
    crm: Crm,
    page: Page,
    query: Query,
    Id(id): Id,
    body: Body,
) -> ApiResult {
    let asked = board::asked(&query)?;
    let from: Option<Stage> = query
        .fields()
        .read("from", sindico_domain::input::choice::<Stage>);
    let place = match Place::parse(&body.0) {
        Ok(place) => place,
        Err(errors) => return refuse(&page, &asked, errors.into()),
    };
    let stage = place.stage();
    let entering = stage.filter(|stage| Some(*stage) != from);
    let mut amount = None;
    match entering {
        Some(Stage::Lost) if place.loss_reason().unwrap_or_default().trim().is_empty() => {
            return ask(&crm, &page, &asked, id, (Stage::Lost, None)).await;
        }
        Some(Stage::Won) => {
            let told = text(&body.0, "amount");
            let read = money(page.language(), told);
            let read = read.map(serde_json::Value::from);
            match read.map(|value| sindico_domain::input::decimal(14, 2)(&value)) {
                Some(Ok(told)) => amount = Some(told),
                Some(Err(wrong)) => {
                    return ask(&crm, &page, &asked, id, (Stage::Won, Some(wrong))).await;
                }
                None => return ask(&crm, &page, &asked, id, (Stage::Won, None)).await,
            }
        }
        _ => {}
    }
    let place = place.with_amount(amount);
    let any = Precondition::default();
    let moved = opportunities::move_card(&crm.data, crm.by(), id, &place, (&any, None)).await;
    let once = match moved {
        Ok(once) => once.ok_or_else(not_found)?,
        Err(error) => return refuse(&page, &asked, error),
    };
    if !page.view.htmx {
        let back = asked.address("/opportunities/", &[]);
        return Ok(page.done(&back, &Notice::new("moved", once.change_set)));
    }
    answer(&crm, &page, &asked, id, from, once.change_set).await
}

/// The card as it is now, the heads of the columns that it left and came to, and the way back.
async fn answer(
    crm: &Crm,
    page: &Page,
    asked: &Asked,
    id: i64,
    from: Option<Stage>,
    change_set: Option<i64>,
) -> ApiResult {
    let card = records::find(&crm.data, Kind::Opportunity, id)
        .await?
        .ok_or_else(not_found)?;
    let record = card.record();
    let stage: Stage = record.word("stage").unwrap_or(Stage::Discovery);
    let mut changed = vec![stage];
    changed.extend(from.filter(|from| *from != stage));
    let query = board::board_query(crm, asked);
    let totals = sales::totals(&crm.data, &query, &changed).await?;
    let cards: [sindico_crm::Listed; 1] = [card];
    let names = titles::of(&crm.data, &cards, &crm.readable()).await?;
    let drawing = Drawing {
        page,
        asked,
        names: &names,
        today: page.now.to_zoned(page.zone.clone()).date(),
    };
    let language = page.language();
    let board = board_of(page, Vec::new());
    let stage_name = page.t(names::stage(stage));
    let told = match change_set {
        Some(_) => w::moved_to(language, record.text("title"), stage_name),
        None => page.t(w::STAYED).to_owned(),
    };
    let undo = change_set.map(|id| format!("/changes/{id}/undo/"));
    // A place in the same column is no news to anybody.
    let is_news = from != Some(stage);
    let content = html! {
        div data-moved=(ID) data-change=[change_set] {
            (board.card(language, &drawing.card(&record)))
            @for total in totals { (board.head(&drawing.column(total.stage, total.count, total.amount))) }
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

/// Asks by a page what a dialog asks.
async fn ask(
    crm: &Crm,
    page: &Page,
    asked: &Asked,
    id: i64,
    (stage, wrong): (Stage, Option<String>),
) -> ApiResult {
    let card = records::find(&crm.data, Kind::Opportunity, id)
        .await?
        .ok_or_else(not_found)?
        .record();
    let from: Stage = card.word("stage").unwrap_or(Stage::Discovery);
    if let Some(refusal) = from.refusal(stage) {
        return refuse(page, asked, Refusal::Invalid(refusal).into());
    }
    let language = page.language();
    let (title, fields, submit) = match stage {
        Stage::Won => {
            let amount = match card.get("amount") {
                sindico_domain::crm::Datum::Money(amount) => {
                    crate::pages::kit::format::amount(language, *amount)
                }
                _ => String::new(),
            };
            let wrong = wrong.map(|wrong| translate(language, &wrong));
            let fields = board::won_fields(page, &amount, wrong);
            (w::WON_TITLE, fields, board::won(page))
        }
        _ => {
            let fields = board::lost_fields(page, "");
            (w::REASON_TITLE, fields, board::danger(page))
        }
    };
    let action = asked.address(
        &format!("/opportunities/{id}/move/"),
        &[("from", from.as_str())],
    );
    let back = asked.address("/opportunities/", &[]);
    let content = html! {
        (PageHeader {
            breadcrumbs: vec![(page.t(many(Kind::Opportunity)).to_owned(), back.clone())],
            title: page.t(title).to_owned(),
            subtitle: Some(html! { (card.text("title")) }),
            ..PageHeader::default()
        }.render(language))
        (gate_form(page, &action, stage, fields, html! { (submit) (link_button(page.t(c::CANCEL), back).quiet()) }))
    };
    Ok(question(page, page.t(title), content))
}

fn gate_form(page: &Page, action: &str, stage: Stage, fields: Markup, actions: Markup) -> Markup {
    html! {
        form method="post" action=(action) class="stack form-narrow" {
            (page.proof())
            input type="hidden" name="stage" value=(stage.as_str());
            (fields)
            div class="row" { (actions) }
        }
    }
}

/// A question is no success: a script that expects a card gets to know.
fn question(page: &Page, title: &str, content: Markup) -> Response {
    page.show_as(StatusCode::UNPROCESSABLE_ENTITY, title, content)
}
