//! `/today/`: my day.

use super::log::{self, Form};
use super::names;
use super::support::address;
use super::today_parts as parts;
use crate::contract::error::ApiResult;
use crate::pages::kit::format::{count, money};
use crate::pages::kit::{
    PageHeader, Stat, Tone, button, card, empty_state, link_button, progress, stats, wide_dialog,
};
use crate::pages::page::Page;
use crate::pages::portal::setup;
use crate::pages::words::{navigation, work as w};
use crate::portal::crm::Crm;
use maud::{Markup, html};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use sindico_crm::day::{self, MyDay, Sum};
use sindico_domain::access::capability::{Method, Resource};

/// `GET /today/`.
pub(super) async fn show(crm: Crm, page: Page) -> ApiResult {
    let at = (page.now, &page.zone);
    let day = day::mine(&crm.data, crm.caller.user.id, at).await?;
    let may = |resource, method| page.may(resource, method);
    let reads = |resource| may(resource, Method::Get);
    let logs = may(Resource::Activities, Method::Post);
    let is_owner = crm.tenant.is_owner();
    let language = page.language();
    let actions = logs.then(|| {
        html! {
            (link_button(page.t(w::LOG_CALL), "/activities/log/?kind=CALL").primary().icon("phone").opens("log-call").key("c"))
            (link_button(page.t(w::NEW_ACTIVITY), "/activities/new/").icon("plus"))
        }
    });
    let content = html! {
        (PageHeader {
            title: greeting(&page),
            subtitle: Some(html! { time datetime=(day.today) { (names::long_date(language, day.today)) } }),
            actions,
            ..PageHeader::default()
        }.render(language))
        @if day.sample && is_owner { (sample_hint(&page)) }
        @if !day.any { (welcome(&page, is_owner)) }
        div class="stack" id="my-day" data-live="activity opportunity lead sales_goal" {
            @if reads(Resource::Dashboard) { (numbers(&page, &day)) }
            div class="columns" {
                div class="stack" {
                    @if reads(Resource::Activities) { (parts::reminders(&page, &day)) (parts::agenda(&page, &day)) }
                }
                div class="stack" {
                    @if reads(Resource::Opportunities) { (sales(&page, &day, crm.caller.user.id)) }
                    @if reads(Resource::SalesGoals) && reads(Resource::Opportunities) { (month(&page, &day)) }
                    @if reads(Resource::Leads) { (parts::unowned(&page, &day)) }
                }
            }
        }
        @if logs {
            (wide_dialog(language, "log-call", page.t(w::LOG_CALL), log::form(&page, &Form::call("dialog"))))
        }
    };
    Ok(page.show(page.t(navigation::TODAY), content))
}

fn greeting(page: &Page) -> String {
    let name = &page.caller.user.username;
    let language = page.language();
    match page.now.to_zoned(page.zone.clone()).hour() {
        5..12 => w::good_morning(language, name),
        12..18 => w::good_afternoon(language, name),
        _ => w::good_evening(language, name),
    }
}

fn sample_hint(page: &Page) -> Markup {
    html! {
        div class="notice tone-info day-hint" {
            (crate::pages::kit::icon("sparkles"))
            div class="notice-body" { span { (page.t(w::SAMPLE_HINT)) } }
            a href="/sample-data/" { (page.t(w::SAMPLE_REMOVE)) }
        }
    }
}

fn welcome(page: &Page, is_owner: bool) -> Markup {
    let may = page.may(Resource::Leads, Method::Post);
    let action = html! {
        @if may { (link_button(page.t(w::FIRST_LEAD), "/leads/new/").primary().icon("plus")) }
        @if is_owner { (link_button(page.t(w::SAMPLE_FILL), "/sample-data/").icon("sparkles")) }
    };
    html! {
        div class="card day-welcome" {
            (empty_state("house", page.t(w::WELCOME), page.t(w::WELCOME_TEXT), Some(action)))
        }
    }
}

fn numbers(page: &Page, day: &MyDay) -> Markup {
    let language = page.language();
    let me = page.caller.user.id.to_string();
    let number = |label, value: i64, href: String, tone| Stat {
        label: page.t(label).to_owned(),
        value: count(language, value),
        href: Some(href),
        tone,
        ..Stat::default()
    };
    let mine = mine(day);
    let tone = if day.numbers.overdue_total > 0 {
        Tone::Danger
    } else {
        Tone::Neutral
    };
    stats(&[
        number(
            w::STAT_OVERDUE,
            day.numbers.overdue_total,
            "#agenda".to_owned(),
            tone,
        ),
        number(
            w::STAT_TODAY,
            day.numbers.due_today_total,
            "#agenda".to_owned(),
            Tone::Neutral,
        ),
        Stat {
            note: Some(money(language, mine.amount)),
            ..number(
                w::STAT_OPEN,
                mine.count,
                address("/opportunities/", &[("owner", &me)]),
                Tone::Neutral,
            )
        },
        Stat {
            note: Some(money(language, day.won.1.amount)),
            ..number(
                w::STAT_WON,
                day.won.1.count,
                address("/opportunities/", &[("owner", &me)]),
                Tone::Neutral,
            )
        },
        number(
            w::STAT_ROTTING,
            day.rotting,
            address(
                "/opportunities/",
                &[
                    ("owner", &me),
                    ("filter", r#"{"field":"rotting","op":"is","value":true}"#),
                ],
            ),
            if day.rotting > 0 {
                Tone::Warn
            } else {
                Tone::Neutral
            },
        ),
        number(
            w::STAT_NEW_LEADS,
            day.new_leads,
            "/leads/board/".to_owned(),
            Tone::Neutral,
        ),
    ])
}

fn mine(day: &MyDay) -> Sum {
    day.stages
        .iter()
        .fold(Sum::default(), |all, (_, _, mine)| Sum {
            count: all.count + mine.count,
            amount: all.amount + mine.amount,
        })
}

fn sales(page: &Page, day: &MyDay, me: i64) -> Markup {
    let language = page.language();
    let me = me.to_string();
    let href = address("/opportunities/", &[("owner", &me)]);
    let link = link_button(page.t(w::SEE_BOARD), href.clone())
        .small()
        .quiet();
    let body = html! {
        @if mine(day).count == 0 { p class="quiet" { (page.t(w::NO_SALES)) } } @else {
            ul class="day-stages" {
                @for ((code, name), _, mine) in &day.stages {
                    li class=(setup::tone(page, code).class()) {
                        span class="day-stage" { @if name.is_empty() { (setup::stage(page, code)) } @else { (name) } }
                        span class="number quiet" { (count(language, mine.count)) }
                        span class="number" { (money(language, mine.amount)) }
                    }
                }
            }
        }
    };
    card(page.t(w::MY_SALES), Some(html! { (link) }), body)
}

fn month(page: &Page, day: &MyDay) -> Markup {
    let link = link_button(page.t(w::SEE_GOALS), "/goals/board/")
        .small()
        .quiet();
    let body = html! {
        div class="stack-tight" {
            (goal(page, w::MINE, day.won.1.amount, day.goals.1))
            (goal(page, w::COMPANY, day.won.0.amount, day.goals.0))
        }
    };
    card(page.t(w::MONTH), Some(html! { (link) }), body)
}

/// What was won, against the goal if there is one.
pub(super) fn goal(
    page: &Page,
    label: crate::pages::language::Word,
    won: Decimal,
    goal: Option<Decimal>,
) -> Markup {
    let language = page.language();
    let label = page.t(label);
    let Some(goal) = goal.filter(|goal| !goal.is_zero()) else {
        let text = w::won_without_goal(language, money(language, won));
        return html! { p class="day-no-goal" { span { (label) } span class="number quiet" { (text) } } };
    };
    let text = w::won_of(language, money(language, won), money(language, goal));
    let whole = |amount: Decimal| amount.to_u64().unwrap_or_default();
    let tone = if won >= goal { Tone::Ok } else { Tone::Accent };
    progress(label, whole(won), whole(goal), &text, tone)
}

/// A form with one button that does something to a record and comes back.
pub(super) fn act(
    page: &Page,
    action: &str,
    values: &[(&str, &str)],
    look: crate::pages::kit::Button,
) -> Markup {
    html! {
        form method="post" action=(action) {
            (page.proof())
            @for (name, value) in values { input type="hidden" name=(name) value=(value); }
            (look)
        }
    }
}

/// The button that completes an activity: the circle that is ticked.
pub(super) fn done(page: &Page, id: i64, title: &str) -> Markup {
    let label = w::done_of(page.language(), title);
    let look = button(label)
        .quiet()
        .small()
        .icon_only("circle")
        .attr("title", page.t(w::DONE));
    act(page, &format!("/today/{id}/done/"), &[], look)
}
