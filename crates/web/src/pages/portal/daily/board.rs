//! `/opportunities/`: the board of sales.

use super::board_parts::{self as parts, Asked};
use super::support::people;
use crate::contract::Query;
use crate::contract::error::{ApiResult, not_found};
use crate::pages::kit::format::{count, date_text, money};
use crate::pages::kit::{
    Board, BoardCard, BoardColumn, Button, Choice, Field, PageHeader, Tone, badge, badge_icon,
    empty_state, filter_bar, link_button,
};
use crate::pages::page::Page;
use crate::pages::portal::records::custom;
use crate::pages::portal::records::viewing::{self, Viewing};
use crate::pages::portal::setup;
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
use sindico_domain::crm::pipeline::{FIRST, LOST, Pipeline, PipelineStage, WON, is_final};
use sindico_domain::crm::{Datum, Kind, Record, draft};
use sindico_domain::input::{Fields, integer, text};

/// The board's id in its page, and so the beginning of every other there.
pub(super) const ID: &str = "board";
const PATH: &str = "/opportunities/";
/// How many days of what is closed are shown unless told.
const DAYS: i64 = 30;

/// Reads what of the board is wanted.
pub(super) fn asked(page: &Page, query: &Query) -> ApiResult<Asked> {
    asked_of(page, &parts::raw(query))
}

fn asked_of(page: &Page, raw: &Map<String, Value>) -> ApiResult<Asked> {
    let mut f = Fields::new(raw);
    // A board is of one pipeline: that is no condition on its cards.
    let pipeline = f.read("pipeline", draft::id);
    let mut rest = raw.clone();
    rest.remove("pipeline");
    let mut conditions = Fields::new(&rest);
    let mut filters = simple::read((Kind::Opportunity, page.customs()), &mut conditions);
    conditions.finish().check(())?;
    let q = f.read("q", text(1..=200));
    let days = f.read("closed_days", integer(1..=3660)).unwrap_or(DAYS);
    let cards = parts::cards(&mut f);
    f.finish().check(())?;
    filters.extend(q.and_then(|q| simple::matching(Kind::Opportunity, &q)));
    Ok(Asked {
        filters,
        days,
        cards,
        pipeline,
        pairs: parts::pairs(raw),
    })
}

/// The pipeline that is wanted; one that is not there is no page.
pub(super) fn pipeline_of<'a>(page: &'a Page, asked: &Asked) -> ApiResult<&'a Pipeline> {
    let setup = page.setup();
    match asked.pipeline {
        None => Ok(setup.first()),
        Some(id) => Ok(setup.find(id).ok_or_else(not_found)?),
    }
}

pub(super) fn board_query(crm: &Crm, asked: &Asked, pipeline: &Pipeline) -> BoardQuery {
    BoardQuery {
        pipeline: pipeline.clone(),
        filters: Filter::all(&asked.filters, &crm.viewpoint()),
        closed_since: crm.now - jiff::SignedDuration::from_hours(24 * asked.days),
        cards: asked.cards,
        named: crm.may(Kind::Customer, Method::Get),
    }
}

/// `GET /opportunities/`.
pub(super) async fn show(crm: Crm, page: Page, query: Query) -> ApiResult {
    let page = page.with_setup(&crm).await?;
    let mut raw = parts::raw(&query);
    let viewing = viewing::resolve(&crm, &page, Kind::Opportunity, &mut raw).await?;
    let asked = asked_of(&page, &raw)?;
    let board_query = board_query(&crm, &asked, pipeline_of(&page, &asked)?);
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
        pipeline: &board_query.pipeline,
        today: page.now.to_zoned(page.zone.clone()).date(),
    };
    let mut records = cards.iter().map(|card| card.record());
    let drawn: Vec<BoardColumn> = columns
        .iter()
        .zip(sizes)
        .map(|(column, size)| {
            let cards = records.by_ref().take(size);
            let cards = cards.map(|record| drawing.card(&record)).collect();
            let mut drawn = drawing.column(&column.stage, column.count, column.amount_total);
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
        (switcher(page, asked))
        (filters)
        @if nothing && asked.is_filtered() {
            (empty_state("search", page.t(w::NOTHING_FITS), page.t(w::NOTHING_FITS_TEXT), None))
        } @else if nothing {
            (empty_state("handshake", page.t(w::EMPTY_BOARD), page.t(w::EMPTY_BOARD_TEXT), may.then(|| html! { (new().primary()) })))
        }
        (board_of(page, columns).render(language))
        @if may { (gates(page, asked)) }
    };
    page.show_board(page.t(many(Kind::Opportunity)), content)
}

/// The ways to the boards of the other pipelines, and to where they are set up.
fn switcher(page: &Page, asked: &Asked) -> Markup {
    let all = &page.setup().all;
    let now = asked.pipeline.unwrap_or(FIRST);
    let setup = page.may(Resource::Pipelines, Method::Get);
    html! {
        @if all.len() > 1 || setup {
            nav class="row periods" aria-label=(page.t(w::PIPELINE_OF)) {
                @if all.len() > 1 {
                    @for one in all {
                        @let id = one.id.to_string();
                        // Filters stay; how many cards are shown does not.
                        a class="chip" href=(asked.address(PATH, &[("pipeline", &id), ("cards", "")])) aria-current=[(one.id == now).then_some("true")] { (setup::pipeline_name(page, one)) }
                    }
                }
                @if setup { a class="chip" href=(format!("/settings/pipelines/{now}/")) { (page.t(w::SET_UP)) } }
            }
        }
    }
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
        @if let Some(id) = asked.pipeline { input type="hidden" name="pipeline" value=(id); }
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
    pub(super) pipeline: &'a Pipeline,
    pub(super) today: jiff::civil::Date,
}

impl Drawing<'_> {
    /// A column without its cards.
    pub(super) fn column(&self, code: &str, number: i64, amount: Decimal) -> BoardColumn {
        let language = self.page.language();
        BoardColumn {
            stage: code.to_owned(),
            title: setup::stage(self.page, code),
            count: count(language, number),
            total: Some(money(language, amount)),
            tone: self
                .pipeline
                .stage(code)
                .map_or(Tone::Neutral, setup::tone_of),
            fixed: is_final(code),
            gate: match code {
                WON => Some("gate-won"),
                LOST => Some("gate-lost"),
                _ => None,
            },
            ..BoardColumn::default()
        }
    }

    /// A card.
    pub(super) fn card(&self, sale: &Record) -> BoardCard {
        let page = self.page;
        let language = page.language();
        let code = sale.text("stage");
        let targets = self.pipeline.next(code);
        let may = page.may(Resource::Opportunities, Method::Post) && !targets.is_empty();
        let customer = sale.int("customer").unwrap_or_default();
        let amount = match sale.get("amount") {
            Datum::Money(amount) => *amount,
            _ => Decimal::ZERO,
        };
        let moves = self.asked.address(
            &format!("/opportunities/{}/move/", sale.id),
            &[("from", code)],
        );
        let name = |to: &&PipelineStage| (to.code.clone(), setup::name(language, to));
        BoardCard {
            id: sale.id.to_string(),
            href: format!("/opportunities/{}/", sale.id),
            title: sale.text("title").to_owned(),
            subtitle: self.names.get(&(Kind::Customer, customer)).cloned(),
            amount: (!amount.is_zero()).then(|| money(language, amount)),
            badges: both(self.badges(sale, code), custom::on_card(page, sale)),
            owner: sale.user("owner").map(|user| user.username.clone()),
            move_to: may.then_some(moves),
            targets: targets.iter().map(name).collect(),
            value: Some(crate::pages::kit::format::amount(language, amount)),
        }
    }

    /// When it should be sold; why it was lost.
    fn badges(&self, sale: &Record, code: &str) -> Option<Markup> {
        let (page, language) = (self.page, self.page.language());
        if is_final(code) {
            let reason = sale.text("loss_reason");
            let lost = code == LOST && !reason.is_empty();
            return lost.then(|| html! { span class="quiet board-note" { (reason) } });
        }
        let rots = (sale.get("rotting") == &Datum::Flag(true)).then(|| {
            let days = sale.int("days_in_stage").unwrap_or_default();
            badge_icon(Tone::Warn, "clock", &w::rotting_days(language, days))
        });
        let due = match sale.get("expected_close_date") {
            Datum::Date(date) => {
                let text = date_text(language, *date);
                Some(match *date < self.today {
                    true => html! {
                        span title=(page.t(w::PAST_CLOSE)) { (badge_icon(Tone::Warn, "calendar", &text)) span class="visually-hidden" { " (" (page.t(w::PAST_CLOSE)) ")" } }
                    },
                    false => badge(Tone::Neutral, &w::closes_on(language, text)),
                })
            }
            _ => None,
        };
        (rots.is_some() || due.is_some())
            .then(|| html! { (rots.unwrap_or_default()) (due.unwrap_or_default()) })
    }
}

/// What is asked before a sale is won or lost, and what a stage asks for besides: the dialogs of the page.
/// Without scripts it is asked by a page ([`super::move_card`]).
fn gates(page: &Page, asked: &Asked) -> Markup {
    let setup = page.setup();
    let pipeline = asked.pipeline.and_then(|id| setup.find(id));
    let pipeline = pipeline.unwrap_or(setup.first());
    html! {
        (parts::gate(page, "gate-lost", page.t(w::REASON_TITLE), lost_fields(page, pipeline, &[]), danger(page)))
        (parts::gate(page, "gate-won", page.t(w::WON_TITLE), won_fields(page, "", Vec::new()), won(page)))
        (parts::gate(page, "gate-any", page.t(w::GATE_TITLE), html! { div class="stack" data-gate-fields {} }, go_on(page)))
    }
}

pub(super) fn go_on(page: &Page) -> Button {
    crate::pages::kit::button(page.t(w::GATE_GO)).primary()
}

pub(super) fn danger(page: &Page) -> Button {
    crate::pages::kit::button(page.t(w::MARK_LOST)).danger()
}

pub(super) fn won(page: &Page) -> Button {
    crate::pages::kit::button(page.t(w::MARK_WON)).primary()
}

/// Why it was lost: one of the company's reasons where the stage asks for one.
pub(super) fn lost_fields(page: &Page, pipeline: &Pipeline, errors: &[String]) -> Markup {
    let own = &page.setup().reasons;
    let gate = pipeline.stage(LOST).map(|stage| &stage.required_fields);
    let asked = gate.is_some_and(|gate| gate.iter().any(|one| one == "loss_reason"));
    if asked && !own.is_empty() {
        let choices = own
            .iter()
            .map(|one| Choice::new(one.name.clone(), one.name.clone()));
        return Field::select("loss_reason", page.t(w::REASON))
            .choices(choices)
            .or_none(page.t(w::CHOOSE))
            .required()
            .errors(errors.to_vec())
            .render(page.language());
    }
    let usual = [
        w::REASON_PRICE,
        w::REASON_RIVAL,
        w::REASON_TIME,
        w::REASON_BUDGET,
        w::REASON_SILENCE,
    ];
    let reasons: Vec<String> = match own.is_empty() {
        true => usual.map(|reason| page.t(reason).to_owned()).to_vec(),
        false => own.iter().map(|reason| reason.name.clone()).collect(),
    };
    html! {
        (Field::text("loss_reason", page.t(w::REASON)).hint(page.t(w::REASON_HINT)).required()
            .errors(errors.to_vec())
            .attr("maxlength", "500").attr("list", "loss-reasons").attr("autocomplete", "off").render(page.language()))
        datalist id="loss-reasons" { @for reason in &reasons { option value=(reason) {} } }
    }
}

/// What it brings.
pub(super) fn won_fields(page: &Page, amount: &str, errors: Vec<String>) -> Markup {
    html! {
        (Field::money("amount", page.t(w::WON_AMOUNT)).hint(page.t(w::WON_HINT)).required().value(amount).errors(errors)
            .attr("data-gate-value", "").attr("autocomplete", "off").render(page.language()))
    }
}

/// One below the other.
fn both(first: Option<Markup>, second: Option<Markup>) -> Option<Markup> {
    match (first, second) {
        (Some(first), Some(second)) => Some(html! { (first) (second) }),
        (first, second) => first.or(second),
    }
}
