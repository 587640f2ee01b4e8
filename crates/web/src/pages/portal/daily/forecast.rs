//! `/forecast/`: what is going to be sold, month by month.

use super::names;
use super::support::{address, choices, people};
use crate::contract::Query;
use crate::contract::error::ApiResult;
use crate::pages::kit::chart::{Caption, Point, Series, bars};
use crate::pages::kit::format::{count, money};
use crate::pages::kit::{
    Choice, Column, Field, PageHeader, Row, card, data_table, filter_bar, link_button,
};
use crate::pages::page::Page;
use crate::pages::portal::setup;
use crate::pages::words::pipelines as w;
use crate::pages::words::work;
use crate::portal::crm::Crm;
use maud::{Markup, html};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use sindico_crm::forecast::{self, Expected, Forecast, ForecastMonth, ForecastQuery, MONTHS};
use sindico_domain::access::capability::{Method, Resource};
use sindico_domain::crm::{Kind, UserRef, draft};
use sindico_domain::input::integer;

const PATH: &str = "/forecast/";

/// What is wanted.
struct Asked {
    months: i64,
    pipeline: Option<i64>,
    owner: Option<i64>,
}

/// `GET /forecast/`.
pub(super) async fn show(crm: Crm, page: Page, query: Query) -> ApiResult {
    let mut f = query.fields();
    let asked = Asked {
        months: f.read("months", integer(1..=24)).unwrap_or(MONTHS),
        pipeline: f.read("pipeline", draft::id),
        owner: f.read("owner", draft::id),
    };
    f.finish().check(())?;
    let read = ForecastQuery {
        months: asked.months,
        pipeline: asked.pipeline,
        owner: asked.owner,
        filters: Vec::new(),
        zone: page.zone.clone(),
        now: page.now,
    };
    let code = &crm.tenant.company.tenant_code;
    let (told, setup) = forecast::read(&crm.data, code, &read).await?;
    let page = page.knowing(setup);
    let people = people(crm.app(), crm.tenant.company.id).await?;
    let language = page.language();
    let metrics = html! { (link_button(page.t(work::METRICS), "/metrics/").icon("chart-column")) };
    let content = html! {
        (PageHeader { title: page.t(w::FORECAST).to_owned(), actions: Some(metrics), ..PageHeader::default() }.render(language))
        p class="quiet" { (page.t(w::FORECAST_LEAD)) }
        (filters(&page, &asked, &people))
        div class="stack" id="forecast" {
            (card(page.t(w::BY_MONTH), None, chart(&page, &told)))
            (table(&page, &asked, &told))
            p class="quiet" { (page.t(w::HOW)) }
        }
    };
    Ok(page.show(page.t(w::FORECAST), content))
}

fn filters(page: &Page, asked: &Asked, people: &[UserRef]) -> Markup {
    let language = page.language();
    let months = [3, 6, 12, 24].map(|n: i64| Choice::new(n.to_string(), n.to_string()));
    let text = |id: Option<i64>| id.map(|id| id.to_string()).unwrap_or_default();
    let fields = html! {
        @if page.setup().all.len() > 1 {
            (Field::select("pipeline", page.t(work::PIPELINE_OF)).choices(setup::pipeline_choices(page)).or_none(page.t(w::EVERY_PIPELINE)).value(text(asked.pipeline)).render(language))
        }
        (Field::select("owner", page.t(work::OWNER)).choices(choices(people)).or_none(page.t(work::ANYBODY)).value(text(asked.owner)).render(language))
        (Field::select("months", page.t(w::MONTHS)).choices(months).value(asked.months.to_string()).render(language))
    };
    let clear = asked.pipeline.is_some() || asked.owner.is_some() || asked.months != MONTHS;
    filter_bar(language, PATH, fields, clear.then_some(PATH))
}

/// The year and the month of `2026-11`.
fn date(month: &ForecastMonth) -> jiff::civil::Date {
    format!("{}-01", month.month).parse().unwrap_or_default()
}

fn chart(page: &Page, told: &Forecast) -> Markup {
    let language = page.language();
    let series = |word, amount: &dyn Fn(&ForecastMonth) -> Decimal| Series {
        name: page.t(word).to_owned(),
        points: told
            .months
            .iter()
            .map(|month| {
                let amount = amount(month);
                let label = names::short_month(language, date(month).month());
                let drawn = amount.to_f64().unwrap_or_default();
                Point::new(label, drawn, money(language, amount))
            })
            .collect(),
    };
    let mut all = vec![
        series(w::COMMITTED, &|month| month.expected.committed),
        series(w::BEST_CASE, &|month| month.expected.best_case),
        series(w::WEIGHTED, &|month| month.expected.weighted),
    ];
    if goals(page) {
        all.push(series(w::GOAL, &|month| month.goal.unwrap_or_default()));
    }
    let caption = Caption {
        id: "forecast-by-month",
        title: page.t(w::BY_MONTH),
        description: page.t(w::BY_MONTH_TEXT),
        of: page.t(w::MONTH),
    };
    bars(language, &caption, &all, None)
}

/// Goals are for who may read goals.
fn goals(page: &Page) -> bool {
    page.may(Resource::SalesGoals, Method::Get)
}

fn table(page: &Page, asked: &Asked, told: &Forecast) -> Markup {
    let language = page.language();
    let mut columns = vec![Column::new(page.t(w::MONTH))];
    let words = [w::WON, w::COMMITTED, w::BEST_CASE, w::PIPELINE, w::WEIGHTED];
    columns.extend(words.map(|word| Column::new(page.t(word)).numeric()));
    if goals(page) {
        columns.push(Column::new(page.t(w::GOAL)).numeric().spare());
    }
    let row =
        |name: String, filter: &[(&str, String)], expected: &Expected, goal: Option<Decimal>| {
            let amounts = [
                expected.won,
                expected.committed,
                expected.best_case,
                expected.pipeline,
                expected.weighted,
            ];
            let mut cells = vec![head(page, asked, name, filter, expected.open_total)];
            cells.extend(amounts.map(|amount| html! { (money(language, amount)) }));
            if goals(page) {
                cells.push(html! { @if let Some(goal) = goal { (money(language, goal)) } });
            }
            Row::of(cells)
        };
    let first = told.months.first().map(date).unwrap_or_default();
    let last = told
        .months
        .last()
        .map(date)
        .unwrap_or_default()
        .last_of_month();
    let mut rows: Vec<Row> = told
        .months
        .iter()
        .map(|month| {
            let day = date(month);
            let span = [
                ("expected_close_date_from", day.to_string()),
                ("expected_close_date_to", day.last_of_month().to_string()),
            ];
            row(
                names::month_heading(language, day),
                &span,
                &month.expected,
                month.goal,
            )
        })
        .collect();
    let day = |date: Result<jiff::civil::Date, _>| {
        date.map(|date: jiff::civil::Date| date.to_string())
            .unwrap_or_default()
    };
    for (word, filter, expected) in [
        (
            w::OVERDUE,
            vec![("expected_close_date_to", day(first.yesterday()))],
            &told.overdue,
        ),
        (
            w::LATER,
            vec![("expected_close_date_from", day(last.tomorrow()))],
            &told.later,
        ),
        (w::UNDATED, Vec::new(), &told.undated),
    ] {
        if expected.open_total > 0 {
            rows.push(row(page.t(word).to_owned(), &filter, expected, None));
        }
    }
    data_table(language, page.t(w::FORECAST), &columns, &rows)
}

/// A month's name, and how many sales are open there: the way to them, for who may read them.
fn head(page: &Page, asked: &Asked, name: String, filter: &[(&str, String)], open: i64) -> Markup {
    let text = count(page.language(), open);
    if filter.is_empty() || open == 0 || !page.may(Kind::Opportunity.resource(), Method::Get) {
        return html! { (name) " " span class="quiet" { "(" (text) ")" } };
    }
    let codes = page.setup().codes();
    let open: Vec<&str> = codes
        .into_iter()
        .filter(|code| !sindico_domain::crm::pipeline::is_final(code))
        .collect();
    let id = |id: Option<i64>| id.map(|id| id.to_string()).unwrap_or_default();
    let (stages, owner, pipeline) = (open.join(","), id(asked.owner), id(asked.pipeline));
    let mut pairs = vec![
        ("stage", stages.as_str()),
        ("owner", &owner),
        ("pipeline", &pipeline),
    ];
    pairs.extend(filter.iter().map(|(name, value)| (*name, value.as_str())));
    html! { a href=(address("/opportunities/list/", &pairs)) { (name) " " span class="quiet" { "(" (text) ")" } } }
}
