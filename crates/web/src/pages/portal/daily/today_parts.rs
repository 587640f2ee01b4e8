//! The lists of my day: what reminds, what is due, and leads that are nobody's.

use super::names;
use super::today::{act, done};
use crate::pages::kit::format::{datetime_text, relative};
use crate::pages::kit::{
    MenuItem, Tone, badge, button, card, empty_state, icon, link_button, more_menu,
};
use crate::pages::language::Word;
use crate::pages::page::Page;
use crate::pages::words::work as w;
use jiff::Timestamp;
use jiff::civil::Date;
use maud::{Markup, html};
use sindico_crm::day::{Item, MyDay};
use sindico_domain::access::capability::{Method, Resource};
use sindico_domain::crm::{ActivityKind, Priority, Record};

/// What reminds now: to be done, put off, or dismissed.
pub fn reminders(page: &Page, day: &MyDay) -> Markup {
    let reminds = |item: &&Item| {
        let at = item.activity.instant("reminder_at");
        at.is_some_and(|at| at <= page.now) && !is_reminded(&item.activity)
    };
    let due: Vec<&Item> = day.items.iter().filter(reminds).collect();
    let language = page.language();
    let title = match due.len() {
        0 => return html! {},
        1 => page.t(w::ONE_REMINDER).to_owned(),
        count => w::reminders_due(language, count),
    };
    let may = page.may(Resource::Activities, Method::Post);
    html! {
        section class="card day-reminders" id="reminders" aria-labelledby="reminders-title" {
            div class="card-head" { (icon("bell")) h2 id="reminders-title" { (title) } }
            ul class="agenda" {
                @for item in due {
                    li class="agenda-item" id={ "reminder-" (item.activity.id) } {
                        (what(page, item))
                        @if may {
                            div class="agenda-acts" {
                                (act(page, &path(item, "done"), &[], button(page.t(w::DONE)).small().icon("check")))
                                (act(page, &path(item, "snooze"), &[("until", "hour")], button(page.t(w::SNOOZE_HOUR)).small().quiet()))
                                (act(page, &path(item, "snooze"), &[("until", "tomorrow")], button(page.t(w::SNOOZE_TOMORROW)).small().quiet()))
                                (act(page, &path(item, "dismiss"), &[], button(page.t(w::DISMISS)).small().quiet().icon_only("x").attr("title", page.t(w::DISMISS))))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn is_reminded(activity: &Record) -> bool {
    matches!(
        activity.get("reminder_sent"),
        sindico_domain::crm::Datum::Flag(true)
    )
}

fn path(item: &Item, act: &str) -> String {
    format!("/today/{}/{act}/", item.activity.id)
}

/// What is overdue, due today, and due within the next days.
pub fn agenda(page: &Page, day: &MyDay) -> Markup {
    let local = |at: Timestamp| at.to_zoned(page.zone.clone()).date();
    let due = |item: &&Item| item.activity.instant("due_at").is_some();
    let items: Vec<&Item> = day.items.iter().filter(due).collect();
    let at = |item: &Item| item.activity.instant("due_at").unwrap_or(Timestamp::MAX);
    let overdue: Vec<&Item> = items
        .iter()
        .copied()
        .filter(|item| at(item) < page.now)
        .collect();
    let rest = || items.iter().copied().filter(|item| at(item) >= page.now);
    let today: Vec<&Item> = rest().filter(|item| local(at(item)) == day.today).collect();
    let next: Vec<&Item> = rest().filter(|item| local(at(item)) > day.today).collect();
    let link = link_button(page.t(w::CALENDAR), "/activities/calendar/")
        .small()
        .quiet()
        .icon("calendar");
    let all = link_button(page.t(w::ALL_ACTIVITIES), "/activities/")
        .small()
        .quiet();
    let may = page.may(Resource::Activities, Method::Post);
    html! {
        section class="card" id="agenda" aria-labelledby="agenda-title" {
            div class="card-head" { h2 id="agenda-title" { (page.t(w::CALENDAR)) } (link) (all) }
            @if items.is_empty() {
                (empty_state("circle-check", page.t(w::NOTHING_DUE), page.t(w::NOTHING_DUE_TEXT),
                    may.then(|| html! { (link_button(page.t(w::NEW_ACTIVITY), "/activities/new/").icon("plus")) })))
            } @else {
                (group(page, w::OVERDUE, &overdue, "agenda-late"))
                (group(page, w::DUE_TODAY, &today, "agenda-today"))
                (days(page, &next, &local))
            }
        }
    }
}

fn group(page: &Page, title: Word, items: &[&Item], class: &str) -> Markup {
    html! { @if !items.is_empty() {
        h3 class={ "agenda-title " (class) } { (page.t(title)) " " span class="badge" { (items.len()) } }
        ul class="agenda" { @for item in items { (row(page, item)) } }
    } }
}

/// The next days, each under its name.
fn days(page: &Page, items: &[&Item], local: &dyn Fn(Timestamp) -> Date) -> Markup {
    let day = |item: &Item| local(item.activity.instant("due_at").unwrap_or(Timestamp::MAX));
    html! { @if !items.is_empty() {
        h3 class="agenda-title" { (page.t(w::NEXT_DAYS)) " " span class="badge" { (items.len()) } }
        @for chunk in items.chunk_by(|a, b| day(a) == day(b)) {
            p class="agenda-day" { (names::day_and_month(page.language(), day(chunk[0]))) }
            ul class="agenda" { @for item in chunk { (row(page, item)) } }
        }
    } }
}

fn row(page: &Page, item: &Item) -> Markup {
    let may = page.may(Resource::Activities, Method::Post);
    let id = item.activity.id;
    let snooze = |word: Word, until: &str| MenuItem::Post {
        action: path(item, "snooze"),
        label: page.t(word).to_owned(),
        icon: Some("clock"),
        csrf: page.csrf.clone(),
        values: vec![("until".to_owned(), until.to_owned())],
        danger: false,
    };
    html! {
        li class="agenda-item" id={ "due-" (id) } {
            @if may { (done(page, id, item.activity.text("title"))) }
            (what(page, item))
            @if may {
                (more_menu(page.language(), item.activity.text("title"), &[snooze(w::SNOOZE_HOUR, "hour"), snooze(w::SNOOZE_TOMORROW, "tomorrow")]))
            }
        }
    }
}

/// The page of what an activity is about; `None` when the caller may not read it.
pub fn about(page: &Page, activity: &Record) -> Option<String> {
    match (activity.int("opportunity"), activity.int("lead")) {
        (Some(id), _) if page.may(Resource::Opportunities, Method::Get) => {
            Some(format!("/opportunities/{id}/"))
        }
        (None, Some(id)) if page.may(Resource::Leads, Method::Get) => Some(format!("/leads/{id}/")),
        _ => None,
    }
}

/// Kind, title, what it is about, and when.
fn what(page: &Page, item: &Item) -> Markup {
    let (activity, language) = (&item.activity, page.language());
    let kind: ActivityKind = activity.word("kind").unwrap_or(ActivityKind::Task);
    let about = about(page, activity);
    let due = activity.instant("due_at");
    html! {
        div class="agenda-what" {
            span class="agenda-kind" title=(page.t(names::activity(kind))) {
                (icon(names::activity_icon(kind))) span class="visually-hidden" { (page.t(names::activity(kind))) ": " }
            }
            a class="agenda-name" href={ "/activities/" (activity.id) "/" } { (activity.text("title")) }
            (urgency(page, activity))
            span class="agenda-more quiet" {
                @if let Some(href) = about { a href=(href) { (item.about) } " · " }
                @if let Some(due) = due { (when(page, due, language)) }
            }
        }
    }
}

fn when(page: &Page, due: Timestamp, language: crate::pages::language::Language) -> Markup {
    let now = page.now.to_zoned(page.zone.clone());
    let local = due.to_zoned(page.zone.clone());
    html! {
        @if local.date() == now.date() || due < page.now { (relative(language, due, &now)) ", " }
        time datetime=(due) title=(datetime_text(language, due, &page.zone)) {
            (format!("{:02}:{:02}", local.hour(), local.minute()))
        }
    }
}

fn urgency(page: &Page, activity: &Record) -> Markup {
    let priority: Priority = activity.word("priority").unwrap_or(Priority::Medium);
    let tone = match priority {
        Priority::Urgent => Tone::Danger,
        Priority::High => Tone::Warn,
        _ => return html! {},
    };
    badge(tone, page.t(names::priority(priority)))
}

/// The newest leads that are nobody's.
pub fn unowned(page: &Page, day: &MyDay) -> Markup {
    let language = page.language();
    let may = page.may(Resource::Leads, Method::Patch);
    let now = page.now.to_zoned(page.zone.clone());
    let link = link_button(page.t(w::ALL_LEADS), "/leads/?owner=none")
        .small()
        .quiet();
    let body = html! {
        @if day.unowned.is_empty() { p class="quiet" { (page.t(w::NO_UNOWNED)) } } @else {
            ul class="day-leads" { @for lead in &day.unowned {
                li {
                    span class="day-lead" {
                        a href={ "/leads/" (lead.id) "/" } { (lead.title()) }
                        span class="quiet" { (lead.text("source")) " · " (relative(language, lead.created_at, &now)) }
                    }
                    @if may {
                        (act(page, &format!("/today/leads/{}/take/", lead.id), &[],
                            button(w::take_of(language, lead.title())).small().icon("user-plus").attr("title", page.t(w::TAKE)).icon_only("user-plus")))
                    }
                }
            } }
        }
    };
    card(page.t(w::UNOWNED), Some(html! { (link) }), body)
}
