//! `/activities/calendar/`: a month or a week of activities, where the company's people are.

use super::names;
use super::support::{address, choices, people};
use crate::contract::Query;
use crate::contract::error::ApiResult;
use crate::pages::kit::format::date_text;
use crate::pages::kit::{
    Choice, Field, PageHeader, Tab, Tone, filter_bar, icon, link_button, notice, tabs,
};
use crate::pages::language::Language;
use crate::pages::page::Page;
use crate::pages::words::{common as c, work as w};
use crate::portal::crm::Crm;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use maud::{Markup, html};
use serde_json::Value;
use sindico_crm::day::{self, Item};
use sindico_domain::access::capability::{Method, Resource};
use sindico_domain::crm::{ActivityKind, ActivityStatus, UserRef};
use sindico_domain::input::date;
use std::collections::BTreeMap;

const PATH: &str = "/activities/calendar/";
/// How many activities a day of the month shows; the rest is a link to its week.
const SHOWN: usize = 4;

/// A month, or a week from Monday to Sunday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Span {
    Month,
    Week,
}

/// What is wanted.
struct Asked {
    span: Span,
    day: Date,
    /// `me`, `all`, or somebody's id.
    who: String,
    today: Date,
}

impl Asked {
    /// The first and the last day that are shown: whole weeks.
    fn days(&self) -> (Date, Date) {
        let (first, last) = match self.span {
            Span::Month => (self.day.first_of_month(), self.day.last_of_month()),
            Span::Week => (self.day, self.day),
        };
        let before = i64::from(first.weekday().to_monday_zero_offset());
        let after = 6 - i64::from(last.weekday().to_monday_zero_offset());
        (
            first.saturating_sub(before.days()),
            last.saturating_add(after.days()),
        )
    }

    /// A day in the span before (or after) this one.
    fn beside(&self, sign: i64) -> Date {
        match self.span {
            Span::Month => self.day.first_of_month().saturating_add(sign.months()),
            Span::Week => self.day.saturating_add((7 * sign).days()),
        }
    }

    fn address(&self, span: Span, day: Date) -> String {
        let view = if span == Span::Week { "week" } else { "" };
        let day = if day == self.today {
            String::new()
        } else {
            day.to_string()
        };
        let who = if self.who == "me" { "" } else { &self.who };
        address(PATH, &[("view", view), ("date", &day), ("who", who)])
    }
}

/// The instant at which a day begins there.
fn start(day: Date, zone: &TimeZone) -> Timestamp {
    let zoned = day.to_zoned(zone.clone());
    zoned.map_or(Timestamp::MAX, |zoned| zoned.timestamp())
}

/// `GET /activities/calendar/`.
pub(super) async fn show(crm: Crm, page: Page, query: Query) -> ApiResult {
    let today = page.now.to_zoned(page.zone.clone()).date();
    let mut f = query.fields();
    let span = f.read("view", |value| match value.as_str() {
        Some("month") => Ok(Span::Month),
        Some("week") => Ok(Span::Week),
        _ => Err("Use month or week.".to_owned()),
    });
    let day = f.read("date", date);
    let who = f.read("who", |value: &Value| match value.as_str() {
        Some(word @ ("me" | "all")) => Ok(word.to_owned()),
        Some(id) if id.parse::<i64>().is_ok() => Ok(id.to_owned()),
        _ => Err("Expected an id: a whole number.".to_owned()),
    });
    f.finish().check(())?;
    // The calendar's own bounds are far beyond any work.
    let day = day
        .unwrap_or(today)
        .clamp(jiff::civil::date(1900, 1, 1), jiff::civil::date(9000, 1, 1));
    let asked = Asked {
        span: span.unwrap_or(Span::Month),
        day,
        who: who.unwrap_or_else(|| "me".to_owned()),
        today,
    };
    let member = match asked.who.as_str() {
        "all" => None,
        "me" => Some(crm.caller.user.id),
        id => id.parse().ok(),
    };
    let (first, last) = asked.days();
    let span = (
        start(first, &page.zone),
        start(last.saturating_add(1.day()), &page.zone),
    );
    let (items, more) = day::between(&crm.data, span, member).await?;
    let people = people(crm.app(), crm.tenant.company.id).await?;
    Ok(page.show_wide(
        page.t(w::CALENDAR),
        content(&page, &asked, (&items, more), &people),
    ))
}

fn content(
    page: &Page,
    asked: &Asked,
    (items, more): (&[Item], bool),
    people: &[UserRef],
) -> Markup {
    let language = page.language();
    let may = page.may(Resource::Activities, Method::Post);
    let actions = may.then(|| {
        html! {
            (link_button(page.t(w::NEW_ACTIVITY), "/activities/new/").primary().icon("plus"))
            (link_button(page.t(w::LOG_CALL), "/activities/log/?kind=CALL").icon("phone").key("c"))
        }
    });
    let tab = |href: String, word, current| Tab {
        href,
        label: page.t(word).to_owned(),
        count: None,
        current,
    };
    html! {
        (PageHeader { title: page.t(w::CALENDAR).to_owned(), actions, ..PageHeader::default() }.render(language))
        (tabs(language, &[
            tab("/activities/".to_owned(), c::LIST, false),
            tab(asked.address(Span::Month, asked.day), w::VIEW_MONTH, asked.span == Span::Month),
            tab(asked.address(Span::Week, asked.day), w::VIEW_WEEK, asked.span == Span::Week),
        ]))
        (who(page, asked, people))
        (head(page, asked))
        @if more { (notice(Tone::Warn, page.t(w::CALENDAR_FULL), None)) }
        div id="calendar" data-live="activity" { (grid(page, asked, items)) }
    }
}

fn who(page: &Page, asked: &Asked, people: &[UserRef]) -> Markup {
    let mut all = vec![
        Choice::new("me", page.t(w::ME)),
        Choice::new("all", page.t(w::ANYBODY)),
    ];
    let me = page.caller.user.id;
    let others: Vec<UserRef> = people
        .iter()
        .filter(|user| user.id != me)
        .cloned()
        .collect();
    all.extend(choices(&others));
    let fields = html! {
        @if asked.span == Span::Week { input type="hidden" name="view" value="week"; }
        @if asked.day != asked.today { input type="hidden" name="date" value=(asked.day); }
        (Field::select("who", page.t(w::ASSIGNEE)).choices(all).value(asked.who.clone()).render(page.language()))
    };
    filter_bar(page.language(), PATH, fields, None)
}

fn head(page: &Page, asked: &Asked) -> Markup {
    let language = page.language();
    let (before, after) = match asked.span {
        Span::Month => (w::PREVIOUS_MONTH, w::NEXT_MONTH),
        Span::Week => (w::PREVIOUS_WEEK, w::NEXT_WEEK),
    };
    let link =
        |word, day, icon| link_button(page.t(word), asked.address(asked.span, day)).icon_only(icon);
    html! {
        div class="calendar-head" {
            h2 { (title(language, asked)) }
            (link(before, asked.beside(-1), "chevron-left"))
            (link_button(page.t(w::THIS_DAY), asked.address(asked.span, asked.today)))
            (link(after, asked.beside(1), "chevron-right"))
        }
    }
}

fn title(language: Language, asked: &Asked) -> String {
    match asked.span {
        Span::Month => names::month_heading(language, asked.day),
        Span::Week => {
            let (first, last) = asked.days();
            format!(
                "{} – {}",
                date_text(language, first),
                date_text(language, last)
            )
        }
    }
}

fn grid(page: &Page, asked: &Asked, items: &[Item]) -> Markup {
    let language = page.language();
    let mut days: BTreeMap<Date, Vec<&Item>> = BTreeMap::new();
    for item in items {
        if let Some(due) = item.activity.instant("due_at") {
            let day = due.to_zoned(page.zone.clone()).date();
            days.entry(day).or_default().push(item);
        }
    }
    let (first, last) = asked.days();
    let all: Vec<Date> = first
        .series(1.day())
        .take_while(|day| *day <= last)
        .collect();
    html! {
        div class="calendar-weekdays" aria-hidden="true" { @for name in w::SHORT_WEEKDAYS { span { (name.in_(language)) } } }
        ol class={ "calendar" @if asked.span == Span::Week { " calendar-week" } } aria-label=(title(language, asked)) {
            @for date in all { (day_of(page, asked, date, days.get(&date).map_or(&[], Vec::as_slice))) }
        }
        @if items.is_empty() { p class="only-phone quiet" { (page.t(w::NO_ACTIVITIES)) } }
    }
}

fn day_of(page: &Page, asked: &Asked, date: Date, items: &[&Item]) -> Markup {
    let language = page.language();
    let mut class = String::from("calendar-day");
    for (on, name) in [
        (
            asked.span == Span::Month && date.month() != asked.day.month(),
            " is-other",
        ),
        (date == asked.today, " is-today"),
        (items.is_empty(), " is-empty"),
    ] {
        if on {
            class.push_str(name);
        }
    }
    let shown = match asked.span {
        Span::Month if items.len() > SHOWN => SHOWN - 1,
        _ => items.len(),
    };
    let may = page.may(Resource::Activities, Method::Post);
    let name = names::day_and_month(language, date);
    let new = address("/activities/new/", &[("due_at", &format!("{date}T09:00"))]);
    html! {
        li class=(class) id={ "day-" (date) } {
            div class="calendar-number" {
                time datetime=(date) {
                    span aria-hidden="true" { (date.day()) }
                    span class="visually-hidden" { (name) }
                    span class="calendar-name" aria-hidden="true" { " " (weekday_only(language, date)) }
                }
                @if may { (link_button(w::new_on(language, date_text(language, date)), new).quiet().small().icon_only("plus")) }
            }
            @if !items.is_empty() {
                ul class="calendar-list" { @for item in &items[..shown] { li { (entry(page, item)) } } }
                @if shown < items.len() {
                    a class="calendar-more" href=(asked.address(Span::Week, date)) { (w::more_that_day(language, items.len() - shown)) }
                }
            }
        }
    }
}

fn weekday_only(language: Language, date: Date) -> &'static str {
    let place = usize::from(date.weekday().to_monday_zero_offset().unsigned_abs());
    w::SHORT_WEEKDAYS[place.min(6)].in_(language)
}

/// Its title, and what it is about if the caller may read that.
fn hint(page: &Page, item: &Item) -> String {
    let title = item.activity.text("title");
    match super::today_parts::about(page, &item.activity) {
        Some(_) => format!("{title} · {}", item.about),
        None => title.to_owned(),
    }
}

fn entry(page: &Page, item: &Item) -> Markup {
    let activity = &item.activity;
    let kind: ActivityKind = activity.word("kind").unwrap_or(ActivityKind::Task);
    let is_done = activity.text("status") == ActivityStatus::Done.as_str();
    let due = activity.instant("due_at").unwrap_or(Timestamp::MAX);
    let late = !is_done && due < page.now;
    let local = due.to_zoned(page.zone.clone());
    let tone = if late { Tone::Danger } else { Tone::Accent };
    let mut class = format!("calendar-item {}", tone.class());
    if is_done {
        class.push_str(" is-done");
    }
    html! {
        a class=(class) href={ "/activities/" (activity.id) "/" } title=(hint(page, item)) {
            (icon(names::activity_icon(kind)))
            " " time datetime=(due) { (format!("{:02}:{:02}", local.hour(), local.minute())) }
            " " (activity.text("title"))
            @if is_done { span class="visually-hidden" { " (" (page.t(w::IS_DONE)) ")" } }
            @if late { span class="visually-hidden" { " (" (page.t(w::IS_OVERDUE)) ")" } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(span: Span, day: &str) -> Asked {
        Asked {
            span,
            day: day.parse().unwrap(),
            who: "me".to_owned(),
            today: "2026-11-25".parse().unwrap(),
        }
    }

    #[test]
    fn whole_weeks_are_shown() {
        for (span, day, first, last) in [
            (Span::Month, "2026-11-25", "2026-10-26", "2026-12-06"),
            (Span::Month, "2026-02-01", "2026-01-26", "2026-03-01"),
            (Span::Week, "2026-11-29", "2026-11-23", "2026-11-29"),
            (Span::Week, "2026-11-30", "2026-11-30", "2026-12-06"),
        ] {
            let days = asked(span, day).days();
            assert_eq!(
                (days.0.to_string(), days.1.to_string()),
                (first.to_owned(), last.to_owned()),
                "{day}"
            );
        }
    }

    #[test]
    fn the_month_beside_the_31st_is_not_skipped() {
        let january = asked(Span::Month, "2026-01-31");
        assert_eq!(january.beside(1).to_string(), "2026-02-01");
        assert_eq!(january.beside(-1).to_string(), "2025-12-01");
        let week = asked(Span::Week, "2026-11-25");
        assert_eq!(week.beside(-1).to_string(), "2026-11-18");
    }
}
