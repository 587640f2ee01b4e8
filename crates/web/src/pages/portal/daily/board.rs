//! `/opportunities/`: the board of sales.

use super::board_parts::{self as parts, Asked};
use super::names;
use super::support::people;
use crate::contract::Query;
use crate::contract::error::ApiResult;
use crate::pages::kit::format::{count, date_text, money};
use crate::pages::kit::{
    Board, BoardCard, BoardColumn, Button, Choice, Field, PageHeader, Tone, badge, badge_icon,
    empty_state, filter_bar, link_button,
};
use crate::pages::page::Page;
use crate::pages::portal::records::viewing::{self, Viewing};
use crate::pages::words::records::many;
use crate::pages::words::work as w;
use crate::portal::crm::Crm;
use axum::response::Response;
use maud::{Markup, html};
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use sindico_crm::board::{self, BoardQuery};
use sindico_crm::list::Filter;
use sindico_crm::names as titles;
use sindico_domain::access::capability::{Method, Resource};
use sindico_domain::crm::filter::simple;
use sindico_domain::crm::{Datum, Kind, Record, Stage};
use sindico_domain::input::{Fields, integer, text};

/// The board's id in its page, and so the beginning of every other there.
pub(super) const ID: &str = "board";
const PATH: &str = "/opportunities/";
/// How many days of what is closed are shown unless told.
const DAYS: i64 = 30;

/// Reads what of the board is wanted.
pub(super) fn asked(query: &Query) -> ApiResult<Asked> {
    asked_of(&parts::raw(query))
}

fn asked_of(raw: &Map<String, Value>) -> ApiResult<Asked> {
    let mut f = Fields::new(raw);
    let mut filters = simple::read(Kind::Opportunity, &mut f);
    let q = f.read("q", text(1..=200));
    let days = f.read("closed_days", integer(1..=3660)).unwrap_or(DAYS);
    let cards = parts::cards(&mut f);
    f.finish().check(())?;
    filters.extend(q.and_then(|q| simple::matching(Kind::Opportunity, &q)));
    Ok(Asked {
        filters,
        days,
        cards,
        pairs: parts::pairs(raw),
    })
}

pub(super) fn board_query(crm: &Crm, asked: &Asked) -> BoardQuery {
    BoardQuery {
        filters: Filter::all(&asked.filters, &crm.viewpoint()),
        closed_since: crm.now - jiff::SignedDuration::from_hours(24 * asked.days),
        cards: asked.cards,
        named: crm.may(Kind::Customer, Method::Get),
    }
}

/// `GET /opportunities/`.
pub(super) async fn show(crm: Crm, page: Page, query: Query) -> ApiResult {
    let mut raw = parts::raw(&query);
    let viewing = viewing::resolve(&crm, Kind::Opportunity, &mut raw).await?;
    let asked = asked_of(&raw)?;
    let board_query = board_query(&crm, &asked);
    let mut columns = board::show(&crm.data, &board_query).await?;
    let sizes: Vec<usize> = columns.iter().map(|column| column.cards.len()).collect();
    let cards: Vec<_> = columns
        .iter_mut()
        .flat_map(|column| std::mem::take(&mut column.cards))
        .collect();
    let names = columns
        .iter_mut()
        .flat_map(|column| std::mem::take(&mut column.names))
        .collect();
    let drawing = Drawing {
        page: &page,
        asked: &asked,
        names: &names,
        today: page.now.to_zoned(page.zone.clone()).date(),
    };
    let mut records = cards.iter().map(|card| card.record());
    let drawn: Vec<BoardColumn> = columns
        .iter()
        .zip(sizes)
        .map(|(column, size)| {
            let cards = records.by_ref().take(size);
            let cards = cards.map(|record| drawing.card(&record)).collect();
            let mut drawn = drawing.column(column.stage, column.count, column.amount_total);
            drawn.cards = cards;
            drawn.more = column.next.as_ref().and_then(|_| asked.more(PATH));
            drawn
        })
        .collect();
    let nothing = columns.iter().all(|column| column.count == 0);
    let owners = people(crm.app(), crm.tenant.company.id).await?;
    let filters = filters(&page, &asked, &viewing, &owners);
    Ok(shown(&page, &asked, drawn, filters, nothing))
}

fn shown(
    page: &Page,
    asked: &Asked,
    columns: Vec<BoardColumn>,
    filters: Markup,
    nothing: bool,
) -> Response {
    let language = page.language();
    let may = page.may(Resource::Opportunities, Method::Post);
    let new = || link_button(page.t(w::NEW_OPPORTUNITY), "/opportunities/new/").icon("plus");
    let content = html! {
        (PageHeader {
            title: page.t(many(Kind::Opportunity)).to_owned(),
            actions: may.then(|| html! { (new().primary()) }),
            ..PageHeader::default()
        }.render(language))
        (parts::tabs(page, PATH, "/opportunities/list/"))
        (filters)
        @if nothing && asked.is_filtered() {
            (empty_state("search", page.t(w::NOTHING_FITS), page.t(w::NOTHING_FITS_TEXT), None))
        } @else if nothing {
            (empty_state("handshake", page.t(w::EMPTY_BOARD), page.t(w::EMPTY_BOARD_TEXT), may.then(|| html! { (new().primary()) })))
        }
        (board_of(page, columns).render(language))
        @if may { (gates(page)) }
    };
    page.show_board(page.t(many(Kind::Opportunity)), content)
}

/// The board around these columns.
pub(super) fn board_of(page: &Page, columns: Vec<BoardColumn>) -> Board {
    Board {
        id: ID.to_owned(),
        label: page.t(many(Kind::Opportunity)).to_owned(),
        csrf: page.csrf.clone(),
        columns,
        live: Some("opportunity"),
    }
}

fn filters(
    page: &Page,
    asked: &Asked,
    viewing: &Viewing,
    owners: &[sindico_domain::crm::UserRef],
) -> Markup {
    let language = page.language();
    let days = [7, 30, 90, 365].map(|days| {
        let label = w::last_days(language, days);
        Choice::new(days.to_string(), label)
    });
    let now = asked.now();
    let everything = viewing.everything(PATH);
    let fields = html! {
        (viewing.hidden(&now))
        (Field::search("q", page.t(w::SEARCH)).value(asked.value("q")).attr("placeholder", page.t(w::SEARCH_SALES)).render(language))
        (parts::owner_field(page, asked, owners))
        (Field::select("closed_days", page.t(w::CLOSED_SINCE)).choices(days).value(asked.days.to_string()).render(language))
    };
    let clear = asked.is_filtered().then_some(everything.as_str());
    html! {
        (viewing.bar(page, &now, PATH))
        (filter_bar(language, PATH, fields, clear))
    }
}

/// What a card and a column are drawn with.
pub(super) struct Drawing<'a> {
    pub(super) page: &'a Page,
    pub(super) asked: &'a Asked,
    pub(super) names: &'a titles::Names,
    pub(super) today: jiff::civil::Date,
}

impl Drawing<'_> {
    /// A column without its cards.
    pub(super) fn column(&self, stage: Stage, number: i64, amount: Decimal) -> BoardColumn {
        let language = self.page.language();
        BoardColumn {
            stage: stage.as_str().to_owned(),
            title: self.page.t(names::stage(stage)).to_owned(),
            count: count(language, number),
            total: Some(money(language, amount)),
            tone: names::stage_tone(stage),
            fixed: stage.is_final(),
            gate: match stage {
                Stage::Won => Some("gate-won"),
                Stage::Lost => Some("gate-lost"),
                _ => None,
            },
            ..BoardColumn::default()
        }
    }

    /// A card.
    pub(super) fn card(&self, sale: &Record) -> BoardCard {
        let page = self.page;
        let language = page.language();
        let stage: Stage = sale.word("stage").unwrap_or(Stage::Discovery);
        let may = page.may(Resource::Opportunities, Method::Post) && !stage.is_final();
        let customer = sale.int("customer").unwrap_or_default();
        let amount = match sale.get("amount") {
            Datum::Money(amount) => *amount,
            _ => Decimal::ZERO,
        };
        let moves = self.asked.address(
            &format!("/opportunities/{}/move/", sale.id),
            &[("from", stage.as_str())],
        );
        let name = |to: &Stage| {
            let label = page.t(names::stage(*to)).to_owned();
            (to.as_str().to_owned(), label)
        };
        BoardCard {
            id: sale.id.to_string(),
            href: format!("/opportunities/{}/", sale.id),
            title: sale.text("title").to_owned(),
            subtitle: self.names.get(&(Kind::Customer, customer)).cloned(),
            amount: (!amount.is_zero()).then(|| money(language, amount)),
            badges: self.badges(sale, stage),
            owner: sale.user("owner").map(|user| user.username.clone()),
            move_to: may.then_some(moves),
            targets: stage.next().iter().map(name).collect(),
            value: Some(crate::pages::kit::format::amount(language, amount)),
        }
    }

    /// When it should be sold; why it was lost.
    fn badges(&self, sale: &Record, stage: Stage) -> Option<Markup> {
        let (page, language) = (self.page, self.page.language());
        if stage.is_final() {
            let reason = sale.text("loss_reason");
            let lost = stage == Stage::Lost && !reason.is_empty();
            return lost.then(|| html! { span class="quiet board-note" { (reason) } });
        }
        let Datum::Date(date) = sale.get("expected_close_date") else {
            return None;
        };
        let text = date_text(language, *date);
        Some(match *date < self.today {
            true => html! {
                span title=(page.t(w::PAST_CLOSE)) { (badge_icon(Tone::Warn, "calendar", &text)) span class="visually-hidden" { " (" (page.t(w::PAST_CLOSE)) ")" } }
            },
            false => badge(Tone::Neutral, &w::closes_on(language, text)),
        })
    }
}

/// What is asked before a sale is won or lost: the dialogs of the page. Without scripts it is asked by a page
/// ([`super::move_card`]).
fn gates(page: &Page) -> Markup {
    html! {
        (parts::gate(page, "gate-lost", page.t(w::REASON_TITLE), lost_fields(page, ""), danger(page)))
        (parts::gate(page, "gate-won", page.t(w::WON_TITLE), won_fields(page, "", None), won(page)))
    }
}

pub(super) fn danger(page: &Page) -> Button {
    crate::pages::kit::button(page.t(w::MARK_LOST)).danger()
}

pub(super) fn won(page: &Page) -> Button {
    crate::pages::kit::button(page.t(w::MARK_WON)).primary()
}

/// Why it was lost.
pub(super) fn lost_fields(page: &Page, error: &str) -> Markup {
    let reasons = [
        w::REASON_PRICE,
        w::REASON_RIVAL,
        w::REASON_TIME,
        w::REASON_BUDGET,
        w::REASON_SILENCE,
    ];
    html! {
        (Field::text("loss_reason", page.t(w::REASON)).hint(page.t(w::REASON_HINT)).required()
            .errors((!error.is_empty()).then_some(error))
            .attr("maxlength", "500").attr("list", "loss-reasons").attr("autocomplete", "off").render(page.language()))
        datalist id="loss-reasons" { @for reason in reasons { option value=(page.t(reason)) {} } }
    }
}

/// What it brings.
pub(super) fn won_fields(page: &Page, amount: &str, error: Option<String>) -> Markup {
    html! {
        (Field::money("amount", page.t(w::WON_AMOUNT)).hint(page.t(w::WON_HINT)).required().value(amount).errors(error)
            .attr("data-gate-value", "").attr("autocomplete", "off").render(page.language()))
    }
}
