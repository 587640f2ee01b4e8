//! `/metrics/`: how selling goes, in a period, by everybody or by one member.

use super::names;
use super::support::{address, choices, people};
use crate::contract::Query;
use crate::contract::error::ApiResult;
use crate::pages::kit::chart::{Caption, Point, Series, bars, rows};
use crate::pages::kit::format::{count, money, money_short, percent};
use crate::pages::kit::{Field, PageHeader, Stat, Tone, card, filter_bar, link_button, stats};
use crate::pages::page::Page;
use crate::pages::portal::setup;
use crate::pages::words::pipelines as words;
use crate::pages::words::records::many;
use crate::pages::words::work as w;
use crate::portal::crm::Crm;
use jiff::ToSpan;
use jiff::civil::Date;
use maud::{Markup, html};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use sindico_crm::metrics::{self, Metrics, MetricsQuery};
use sindico_crm::months::{self, Months};
use sindico_domain::access::capability::{Method, Resource};
use sindico_domain::crm::{Kind, LeadStatus, Priority, UserRef, draft};
use sindico_domain::input::date;

const PATH: &str = "/metrics/";
/// How many months are shown side by side.
const MONTHS: usize = 12;

/// What is wanted.
struct Asked {
    period: Option<String>,
    from: Option<Date>,
    to: Option<Date>,
    member: Option<i64>,
}

/// Periods that have a name, with the days between which they lie.
fn named(word: &str, today: Date) -> Option<(Option<Date>, Option<Date>)> {
    let last = today.first_of_month().saturating_sub(1.day());
    Some(match word {
        "month" => (Some(today.first_of_month()), Some(today)),
        "last-month" => (Some(last.first_of_month()), Some(last)),
        "90" => (Some(today.saturating_sub(89.days())), Some(today)),
        "year" => (Some(today.first_of_year()), Some(today)),
        "all" => (None, None),
        _ => return None,
    })
}

/// `GET /metrics/`.
pub(super) async fn show(crm: Crm, page: Page, query: Query) -> ApiResult {
    let page = page.with_setup(&crm).await?;
    let today = page.now.to_zoned(page.zone.clone()).date();
    let mut f = query.fields();
    let (from, to) = (f.read("from", date), f.read("to", date));
    let member = f.read("assigned_to", draft::id);
    let period = f.read("period", |value| match value.as_str() {
        Some(word) if named(word, today).is_some() => Ok(word.to_owned()),
        _ => Err("Not a valid choice.".to_owned()),
    });
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        f.error("to", "Use a day that is not before from.");
    }
    f.finish().check(())?;
    // Days have the say over a period's name; without either, ninety days.
    let period = match (from, to) {
        (None, None) => Some(period.unwrap_or_else(|| "90".to_owned())),
        _ => None,
    };
    let days = period.as_deref().and_then(|word| named(word, today));
    let (from, to) = days.unwrap_or((from, to));
    let asked = Asked {
        period,
        from,
        to,
        member,
    };
    let read = MetricsQuery {
        from,
        to,
        assigned_to: member,
        pipeline: None,
        zone: page.zone.clone(),
        now: page.now,
        narrowed: sindico_crm::metrics::Narrowed::default(),
    };
    let company = &crm.tenant.company;
    let first = today
        .first_of_month()
        .saturating_sub(i64::try_from(MONTHS - 1).unwrap_or(0).months());
    let place = company.route.as_ref().map(|route| route.target.clone());
    let memory = (crm.app().numbers(), place);
    let metrics = metrics::read(&crm.data, memory, &company.tenant_code, &read).await?;
    let months = won(&crm, &page, first).await?;
    let people = people(crm.app(), crm.tenant.company.id).await?;
    Ok(page.show(
        page.t(w::METRICS),
        content(&page, &asked, &metrics, &months, &people),
    ))
}

async fn won(crm: &Crm, page: &Page, first: Date) -> ApiResult<Months> {
    Ok(months::read(&crm.data, &page.zone, first, MONTHS).await?)
}

fn content(
    page: &Page,
    asked: &Asked,
    metrics: &Metrics,
    months: &Months,
    people: &[UserRef],
) -> Markup {
    let language = page.language();
    let goals = html! { (link_button(page.t(words::FORECAST), "/forecast/").icon("funnel")) (link_button(page.t(w::GOALS_BOARD), "/goals/board/").icon("trophy")) };
    html! {
        (PageHeader { title: page.t(w::METRICS).to_owned(), actions: Some(goals), ..PageHeader::default() }.render(language))
        (filters(page, asked, people))
        div class="stack" id="metrics" {
            (numbers(page, metrics))
            div class="rates" {
                (card(page.t(w::SALES_FUNNEL), None, sales(page, metrics)))
                (card(page.t(w::LEAD_FUNNEL), None, leads(page, metrics)))
            }
            div class="rates" {
                (card(page.t(w::WON_BY_MONTH), None, by_month(page, months, asked.member)))
                (card(page.t(w::BY_PRIORITY), None, priorities(page, metrics)))
            }
            p class="quiet" { (page.t(w::COUNTED_BY)) }
        }
    }
}

fn filters(page: &Page, asked: &Asked, people: &[UserRef]) -> Markup {
    let language = page.language();
    let periods = [
        ("month", w::PERIOD_MONTH),
        ("last-month", w::PERIOD_LAST_MONTH),
        ("90", w::PERIOD_90),
        ("year", w::PERIOD_YEAR),
        ("all", w::PERIOD_ALL),
    ];
    let member = asked.member.map(|id| id.to_string()).unwrap_or_default();
    let day = |date: Option<Date>| match asked.period {
        Some(_) => String::new(),
        None => date.map(|date| date.to_string()).unwrap_or_default(),
    };
    let fields = html! {
        (Field::date("from", page.t(w::FROM)).value(day(asked.from)).render(language))
        (Field::date("to", page.t(w::TO)).value(day(asked.to)).render(language))
        (Field::select("assigned_to", page.t(w::MEMBER)).choices(choices(people)).or_none(page.t(w::ANYBODY)).value(member.clone()).render(language))
        @if let Some(period) = &asked.period { input type="hidden" name="period" value=(period); }
    };
    let clear = asked.period.as_deref() != Some("90") || asked.member.is_some();
    html! {
        nav class="row periods" aria-label=(page.t(w::PERIOD)) {
            @for (word, label) in periods {
                @let current = asked.period.as_deref() == Some(word);
                a class="chip" href=(address(PATH, &[("period", word), ("assigned_to", &member)])) aria-current=[current.then_some("true")] { (page.t(label)) }
            }
        }
        (filter_bar(language, PATH, fields, clear.then_some(PATH)))
    }
}

fn numbers(page: &Page, metrics: &Metrics) -> Markup {
    let language = page.language();
    let stat = |word, value| Stat {
        label: page.t(word).to_owned(),
        value,
        ..Stat::default()
    };
    let activities = &metrics.activities;
    let late = if activities.overdue_total > 0 {
        Tone::Danger
    } else {
        Tone::Neutral
    };
    stats(&[
        stat(w::PIPELINE, money_short(language, metrics.pipeline_value)),
        stat(
            w::WIN_RATE,
            percent(language, metrics.conversion.opportunity_win_rate, 1),
        ),
        stat(
            w::LEAD_RATE,
            percent(language, metrics.conversion.lead_to_opportunity_rate, 1),
        ),
        stat(w::OPEN_ACTIVITIES, count(language, activities.open_total)),
        Stat {
            tone: late,
            ..stat(w::OVERDUE, count(language, activities.overdue_total))
        },
        stat(w::SLA, count(language, activities.sla_breached_total)),
    ])
}

#[expect(clippy::cast_precision_loss, reason = "a drawing needs no more digits")]
fn point(page: &Page, label: &str, number: i64, all: i64) -> Point {
    let language = page.language();
    let share = Decimal::from(number * 100).checked_div(Decimal::from(all));
    let share = percent(language, share.unwrap_or_default(), 0);
    let text = format!("{} · {share}", count(language, number));
    Point::new(label, number as f64, text)
}

fn sales(page: &Page, metrics: &Metrics) -> Markup {
    let all: i64 = metrics.opportunity_funnel.values().sum();
    // Of a stage of the contract that the company has no more only what there was.
    let codes = page.setup().codes();
    let of = |code: &&str| {
        let number = metrics.opportunity_funnel.get(*code);
        let number = number.copied().unwrap_or_default();
        point(page, &setup::stage(page, code), number, all)
    };
    let points: Vec<Point> = codes.iter().map(of).collect();
    chart(
        page,
        ("sales-funnel", w::SALES_FUNNEL, w::STAGE),
        many(Kind::Opportunity),
        points,
        all,
    )
}

fn leads(page: &Page, metrics: &Metrics) -> Markup {
    let all: i64 = metrics.lead_funnel.values().sum();
    let of = |status: &LeadStatus| {
        let number = metrics.lead_funnel.get(status.as_str());
        point(
            page,
            page.t(names::status(*status)),
            number.copied().unwrap_or_default(),
            all,
        )
    };
    let points: Vec<Point> = LeadStatus::ALL.iter().map(of).collect();
    chart(
        page,
        ("lead-funnel", w::LEAD_FUNNEL, w::STATUS),
        many(Kind::Lead),
        points,
        all,
    )
}

fn priorities(page: &Page, metrics: &Metrics) -> Markup {
    let all = metrics.activities.open_total;
    let of = |priority: &Priority| {
        let number = metrics.activities_by_priority.get(priority.as_str());
        point(
            page,
            page.t(names::priority(*priority)),
            number.copied().unwrap_or_default(),
            all,
        )
    };
    let points: Vec<Point> = Priority::ALL.iter().rev().map(of).collect();
    chart(
        page,
        ("priorities", w::BY_PRIORITY, w::PRIORITY),
        many(Kind::Activity),
        points,
        all,
    )
}

fn chart(
    page: &Page,
    (id, title, of): (
        &str,
        crate::pages::language::Word,
        crate::pages::language::Word,
    ),
    what: crate::pages::language::Word,
    points: Vec<Point>,
    all: i64,
) -> Markup {
    let language = page.language();
    if all == 0 {
        return html! { p class="quiet" { (page.t(w::NO_NUMBERS)) } };
    }
    let text = w::funnel_text(language, count(language, all));
    let caption = Caption {
        id,
        title: page.t(title),
        description: &text,
        of: page.t(of),
    };
    let series = Series {
        name: page.t(what).to_owned(),
        points,
    };
    rows(language, &caption, &series)
}

/// Bars of what was won, beside those of the goals.
pub(super) fn by_month(page: &Page, months: &Months, member: Option<i64>) -> Markup {
    let language = page.language();
    let value = |amount: Decimal| amount.to_f64().unwrap_or_default();
    let label = |date: &Date| names::short_month(language, date.month());
    let each = |amount: &dyn Fn(usize) -> Decimal| -> Vec<Point> {
        let days = months.first_days.iter().enumerate();
        days.map(|(n, date)| Point::new(label(date), value(amount(n)), money(language, amount(n))))
            .collect()
    };
    let won = each(&|n| months.won(n, member).amount);
    let goals = each(&|n| months.goal(n, member).unwrap_or_default());
    let mut series = vec![Series {
        name: page.t(w::WON).to_owned(),
        points: won,
    }];
    if page.may(Resource::SalesGoals, Method::Get) {
        series.push(Series {
            name: page.t(w::GOAL).to_owned(),
            points: goals,
        });
    }
    let caption = Caption {
        id: "won-by-month",
        title: page.t(w::WON_BY_MONTH),
        description: page.t(w::WON_BY_MONTH_TEXT),
        of: page.t(w::MONTH_NAME),
    };
    bars(language, &caption, &series, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_end_today_or_with_their_month() {
        let today: Date = "2026-03-15".parse().unwrap();
        let days = |word| {
            let (from, to) = named(word, today).unwrap();
            (from.map(|d| d.to_string()), to.map(|d| d.to_string()))
        };
        let some = |from: &str, to: &str| (Some(from.to_owned()), Some(to.to_owned()));
        assert_eq!(days("month"), some("2026-03-01", "2026-03-15"));
        assert_eq!(days("last-month"), some("2026-02-01", "2026-02-28"));
        assert_eq!(days("90"), some("2025-12-16", "2026-03-15"));
        assert_eq!(days("year"), some("2026-01-01", "2026-03-15"));
        assert_eq!(days("all"), (None, None));
        assert!(named("tomorrow", today).is_none());
    }
}
