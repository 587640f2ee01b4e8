//! `/leads/board/`: leads by their status. To qualify, to disqualify and to convert is to move a card.

use super::board_parts::{self as parts, Asked};
use super::names;
use super::support::people;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::resource::Id;
use crate::contract::{Body, Query};
use crate::pages::kit::format::{count, money_short};
use crate::pages::kit::{
    Board, BoardCard, BoardColumn, Field, PageHeader, Tone, badge, button, empty_state, filter_bar,
    link_button, toast,
};
use crate::pages::messages::translate;
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::portal::records::custom;
use crate::pages::portal::records::viewing;
use crate::pages::words::records::many;
use crate::pages::words::{common as c, work as w};
use crate::portal::crm::Crm;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde_json::{Map, Value};
use sindico_crm::list::Filter;
use sindico_crm::{lead_board, leads, records};
use sindico_db::Error;
use sindico_domain::Refusal;
use sindico_domain::access::capability::{Method, Resource};
use sindico_domain::crm::filter::simple;
use sindico_domain::crm::{Datum, Kind, LeadStatus, Record};
use sindico_domain::input::{Fields, choice, nullable, text};
use sindico_domain::precondition::Precondition;

const ID: &str = "leads";
const PATH: &str = "/leads/board/";

fn asked(page: &Page, query: &Query) -> ApiResult<Asked> {
    asked_of(page, &parts::raw(query))
}

fn asked_of(page: &Page, raw: &Map<String, Value>) -> ApiResult<Asked> {
    let mut f = Fields::new(raw);
    let mut filters = simple::read((Kind::Lead, page.customs()), &mut f);
    let q = f.read("q", text(1..=200));
    let cards = parts::cards(&mut f);
    f.finish().check(())?;
    filters.extend(q.and_then(|q| simple::matching(Kind::Lead, &q)));
    Ok(Asked {
        filters,
        cards,
        pairs: parts::pairs(raw),
        ..Asked::default()
    })
}

/// `GET /leads/board/`.
pub(super) async fn show(crm: Crm, page: Page, query: Query) -> ApiResult {
    let page = page.with_customs(&crm).await?;
    let mut raw = parts::raw(&query);
    let viewing = viewing::resolve(&crm, &page, Kind::Lead, &mut raw).await?;
    let asked = asked_of(&page, &raw)?;
    let filters = Filter::all(&asked.filters, &crm.viewpoint());
    let columns = lead_board::show(&crm.data, &filters, asked.cards).await?;
    let owners = people(crm.app(), crm.tenant.company.id).await?;
    let nothing = columns.iter().all(|column| column.count == 0);
    let drawn = columns.iter().map(|found| {
        let mut drawn = column(&page, found.status, found.count);
        let cards = found.cards.iter();
        drawn.cards = cards
            .map(|lead| card(&page, &asked, &lead.record()))
            .collect();
        drawn.more = found.next.as_ref().and_then(|_| asked.more(PATH));
        drawn
    });
    let board = board_of(&page, drawn.collect());
    let language = page.language();
    let may = page.may(Resource::Leads, Method::Post);
    let new = || html! { (link_button(page.t(w::NEW_LEAD), "/leads/new/").icon("plus").primary()) };
    let now = asked.now();
    let everything = viewing.everything(PATH);
    let filters = html! {
        (viewing.hidden(&now))
        (Field::search("q", page.t(w::SEARCH)).value(asked.value("q")).attr("placeholder", page.t(w::SEARCH_LEADS)).render(language))
        (parts::owner_field(&page, &asked, &owners))
    };
    let content = html! {
        (PageHeader { title: page.t(many(Kind::Lead)).to_owned(), actions: may.then(new), ..PageHeader::default() }.render(language))
        (parts::tabs(&page, PATH, "/leads/"))
        (viewing.bar(&page, &now, PATH))
        (filter_bar(language, PATH, filters, asked.is_filtered().then_some(everything.as_str())))
        @if nothing && asked.is_filtered() {
            (empty_state("search", page.t(w::NOTHING_FITS), page.t(w::NOTHING_FITS_TEXT), None))
        } @else if nothing {
            (empty_state("target", page.t(w::EMPTY_LEADS), page.t(w::EMPTY_LEADS_TEXT), may.then(new)))
        }
        (board.render(language))
        @if may {
            (parts::gate(&page, "gate-disqualified", page.t(w::DISQUALIFY_TITLE), reason(&page), button(page.t(w::DISQUALIFY)).danger()))
        }
    };
    Ok(page.show_board(page.t(many(Kind::Lead)), content))
}

fn reason(page: &Page) -> Markup {
    Field::text("disqualification_reason", page.t(w::DISQUALIFY_REASON))
        .hint(page.t(w::DISQUALIFY_HINT))
        .attr("maxlength", "500")
        .attr("autocomplete", "off")
        .render(page.language())
}

fn board_of(page: &Page, columns: Vec<BoardColumn>) -> Board {
    Board {
        id: ID.to_owned(),
        label: page.t(many(Kind::Lead)).to_owned(),
        csrf: page.csrf.clone(),
        columns,
        live: Some("lead"),
    }
}

fn column(page: &Page, status: LeadStatus, number: i64) -> BoardColumn {
    BoardColumn {
        stage: status.as_str().to_owned(),
        title: page.t(names::status(status)).to_owned(),
        count: count(page.language(), number),
        tone: names::status_tone(status),
        fixed: true,
        gate: (status == LeadStatus::Disqualified).then_some("gate-disqualified"),
        ..BoardColumn::default()
    }
}

fn card(page: &Page, asked: &Asked, lead: &Record) -> BoardCard {
    let language = page.language();
    let status: LeadStatus = lead.word("status").unwrap_or(LeadStatus::New);
    let may = page.may(Resource::Leads, Method::Post) && !status.next().is_empty();
    let to = |to: &LeadStatus| {
        let label = page.t(names::status(*to)).to_owned();
        (to.as_str().to_owned(), label)
    };
    let title = lead.title();
    let company = lead.text("company");
    let subtitle = match company.is_empty() || company == title {
        true => lead.text("source").to_owned(),
        false => format!("{company} · {}", lead.text("source")),
    };
    let amount = match lead.get("budget") {
        Datum::Money(budget) => Some(money_short(language, *budget)),
        _ => None,
    };
    let score = lead.int("score");
    let why = lead.text("disqualification_reason");
    BoardCard {
        id: lead.id.to_string(),
        href: format!("/leads/{}/", lead.id),
        title,
        subtitle: Some(subtitle),
        amount,
        badges: Some(html! {
            @if let Some(score) = score { (badge(if score >= 70 { Tone::Ok } else { Tone::Neutral }, &w::score(language, score))) }
            @if status == LeadStatus::Disqualified && !why.is_empty() { span class="quiet board-note" { (why) } }
            (custom::on_card(page, lead).unwrap_or_default())
        }),
        owner: lead.user("owner").map(|user| user.username.clone()),
        move_to: may.then(|| {
            asked.address(
                &format!("/leads/{}/move/", lead.id),
                &[("from", status.as_str())],
            )
        }),
        targets: status.next().iter().map(to).collect(),
        value: None,
    }
}

/// `POST /leads/{id}/move/`.
pub(super) async fn submit(
    crm: Crm,
    page: Page,
    query: Query,
    Id(id): Id,
    body: Body,
) -> ApiResult {
    let page = page.with_customs(&crm).await?;
    let asked = asked(&page, &query)?;
    let from: Option<LeadStatus> = query.fields().read("from", choice::<LeadStatus>);
    let mut f = Fields::new(&body.0);
    let to = f.require("stage", choice::<LeadStatus>);
    let reason = f.read("disqualification_reason", nullable(text(0..=500)));
    f.finish().check(())?;
    let to = to.unwrap_or(LeadStatus::New);
    let back = || asked.address(PATH, &[]);
    if to == LeadStatus::Converted && from == Some(LeadStatus::Qualified) {
        // To convert is to say more than a column does.
        return Ok(elsewhere(&page, &format!("/leads/{id}/convert/")));
    }
    let any = (&Precondition::default(), None);
    let moved = leads::move_to(&crm.data, crm.by(), id, to, reason.flatten(), any).await;
    let once = match moved {
        Ok(once) => once.ok_or_else(not_found)?,
        Err(Error::Refused(Refusal::Invalid(detail))) if page.view.htmx => {
            let told = translate(page.language(), &detail);
            let content = toast(Tone::Danger, &told, None);
            return Ok((StatusCode::BAD_REQUEST, page.fragment(content)).into_response());
        }
        Err(error) => return Err(error.into()),
    };
    if !page.view.htmx {
        return Ok(page.done(&back(), &Notice::new("moved", once.change_set)));
    }
    answer(&crm, &page, &asked, id, (from, once.change_set)).await
}

fn elsewhere(page: &Page, to: &str) -> Response {
    if !page.view.htmx {
        return page.redirect(to);
    }
    let mut response = StatusCode::OK.into_response();
    if let Ok(value) = HeaderValue::try_from(to) {
        let name = HeaderName::from_static("hx-redirect");
        response.headers_mut().insert(name, value);
    }
    response
}

async fn answer(
    crm: &Crm,
    page: &Page,
    asked: &Asked,
    id: i64,
    (from, change_set): (Option<LeadStatus>, Option<i64>),
) -> ApiResult {
    let lead = records::find(&crm.data, Kind::Lead, id)
        .await?
        .ok_or_else(not_found)?
        .record();
    let status: LeadStatus = lead.word("status").unwrap_or(LeadStatus::New);
    let mut changed = vec![status];
    changed.extend(from.filter(|from| *from != status));
    let filters = Filter::all(&asked.filters, &crm.viewpoint());
    let counts = lead_board::counts(&crm.data, &filters, &changed).await?;
    let language = page.language();
    let board = board_of(page, Vec::new());
    let told = w::moved_to(language, lead.title(), page.t(names::status(status)));
    let undo = change_set.map(|id| format!("/changes/{id}/undo/"));
    let undo = undo
        .as_deref()
        .map(|action| (page.t(c::UNDO), action, page.csrf.as_str()));
    Ok(page.fragment(html! {
        div data-moved=(ID) data-change=[change_set] {
            (board.card(language, &card(page, asked, &lead)))
            @for (status, number) in counts { (board.head(&column(page, status, number))) }
        }
        (toast(Tone::Ok, &told, undo))
    }))
}
