//! `/goals/board/`: what was won, against the goals: a month in full, and its year.

use super::board_parts::tabs as views;
use super::metrics::by_month;
use super::names;
use super::support::address;
use crate::contract::Query;
use crate::contract::error::ApiResult;
use crate::pages::kit::format::{money, percent};
use crate::pages::kit::{
    PageHeader, Tab, Tone, card, empty_state, link_button, person, progress, tabs_called,
};
use crate::pages::page::Page;
use crate::pages::words::work as w;
use crate::portal::crm::Crm;
use jiff::civil::Date;
use maud::{Markup, html};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use sindico_crm::day::Sum;
use sindico_crm::months::{self, Months};
use sindico_domain::access::capability::{Method, Resource};
use sindico_domain::input::integer;

const PATH: &str = "/goals/board/";

/// `GET /goals/board/`.
pub(super) async fn show(crm: Crm, page: Page, query: Query) -> ApiResult {
    // What was won is told to those alone who may read sales.
    crm.tenant.require(Resource::Opportunities, Method::Get)?;
    let today = page.now.to_zoned(page.zone.clone()).date();
    let mut f = query.fields();
    let year = f.read("year", integer(2000..=2100));
    let month = f.read("month", integer(1..=12));
    f.finish().check(())?;
    let year = year
        .and_then(|year| i16::try_from(year).ok())
        .unwrap_or(today.year());
    let month = month.and_then(|month| i8::try_from(month).ok());
    let month = month.unwrap_or(if year == today.year() {
        today.month()
    } else {
        1
    });
    let first = jiff::civil::date(year, 1, 1);
    let months = months::read(&crm.data, &page.zone, first, 12).await?;
    Ok(page.show(
        page.t(w::GOALS_BOARD),
        content(&page, (year, month), &months),
    ))
}

fn content(page: &Page, (year, month): (i16, i8), months: &Months) -> Markup {
    let language = page.language();
    let may = page.may(Resource::SalesGoals, Method::Post);
    let actions = html! {
        @if may { (link_button(page.t(w::NEW_GOAL), "/goals/new/").primary().icon("plus")) }
        @if page.may(Resource::Metrics, Method::Get) { (link_button(page.t(w::METRICS), "/metrics/").icon("chart-column")) }
    };
    let to = |year: i16, month: i8| {
        address(
            PATH,
            &[("year", &year.to_string()), ("month", &month.to_string())],
        )
    };
    let every: Vec<Tab> = (1..=12)
        .map(|n| Tab {
            href: to(year, n),
            label: names::short_month(language, n).to_owned(),
            count: None,
            current: n == month,
        })
        .collect();
    html! {
        (PageHeader { title: page.t(w::GOALS_BOARD).to_owned(), actions: Some(actions), ..PageHeader::default() }.render(language))
        (views(page, PATH, "/goals/"))
        div class="calendar-head" {
            h2 { (year) }
            (link_button(page.t(w::PREVIOUS_YEAR), to((year - 1).max(2000), month)).icon_only("chevron-left"))
            (link_button(page.t(w::NEXT_YEAR), to((year + 1).min(2100), month)).icon_only("chevron-right"))
        }
        (tabs_called(page.t(w::MONTHS), &every))
        div class="columns" id="goals" data-live="opportunity sales_goal" {
            (month_of(page, (year, month), months))
            (card(page.t(w::WON_BY_MONTH), None, by_month(page, months, None)))
        }
    }
}

fn month_of(page: &Page, (year, month): (i16, i8), months: &Months) -> Markup {
    let language = page.language();
    let n = usize::try_from(month - 1).unwrap_or_default();
    let date: Date = jiff::civil::date(year, month, 1);
    let name = w::month_and_year(language, names::month(language, month), year);
    let title = w::goals_of(language, name);
    let company = months.won(n, None);
    let goal = months.goal(n, None);
    let people = months.people.iter().filter_map(|(id, name)| {
        let (won, goal) = (months.won(n, Some(*id)), months.goal(n, Some(*id)));
        (won.count > 0 || goal.is_some()).then_some((name, won, goal))
    });
    let mut people: Vec<_> = people.collect();
    people.sort_by(|a, b| b.1.amount.cmp(&a.1.amount).then(a.0.cmp(b.0)));
    let named: Sum = people.iter().fold(Sum::default(), |all, (_, won, _)| Sum {
        count: all.count + won.count,
        amount: all.amount + won.amount,
    });
    let rest = Sum {
        count: company.count - named.count,
        amount: company.amount - named.amount,
    };
    let nothing = company.count == 0 && goal.is_none() && people.is_empty();
    let may = page.may(Resource::SalesGoals, Method::Post);
    let new = address(
        "/goals/new/",
        &[
            ("year", &date.year().to_string()),
            ("month", &month.to_string()),
        ],
    );
    let body = html! {
        @if nothing {
            (empty_state("trophy", page.t(w::NO_GOALS), page.t(w::NO_GOALS_TEXT), may.then(|| html! { (link_button(page.t(w::NEW_GOAL), new).icon("plus")) })))
        } @else {
            (row(page, html! { strong { (page.t(w::COMPANY)) } }, page.t(w::COMPANY), company, goal))
            @for (name, won, goal) in &people { (row(page, person(name), name, *won, *goal)) }
            @if rest.count > 0 { (row(page, html! { (page.t(w::WITHOUT_OWNER)) }, page.t(w::WITHOUT_OWNER), rest, None)) }
        }
    };
    card(&title, None, body)
}

fn row(page: &Page, who: Markup, name: &str, won: Sum, goal: Option<Decimal>) -> Markup {
    let language = page.language();
    let goal = goal.filter(|goal| !goal.is_zero());
    let deals = match won.count {
        1 => page.t(w::ONE_DEAL).to_owned(),
        count => w::deals(language, count),
    };
    let whole = |amount: Decimal| amount.to_u64().unwrap_or_default();
    html! {
        div class="goal-row" {
            @match goal {
                Some(goal) => {
                    @let text = w::won_of(language, money(language, won.amount), money(language, goal));
                    @let tone = if won.amount >= goal { Tone::Ok } else { Tone::Accent };
                    (progress(name, whole(won.amount), whole(goal), &text, tone))
                    span class="goal-note number" { (percent(language, won.amount * Decimal::ONE_HUNDRED / goal, 0)) " · " (deals) }
                }
                None => {
                    div { (who) }
                    span class="goal-note number" { (w::won_without_goal(language, money(language, won.amount))) " · " (deals) }
                }
            }
        }
    }
}
