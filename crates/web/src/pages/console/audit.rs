//! `/platform/audit/`: who did what, with before and after.

use super::{diff, list, pick};
use crate::App;
use crate::contract::Query;
use crate::contract::error::ApiResult;
use crate::contract::query::page as page_of;
use crate::pages::kit::record::TimelineEntry;
use crate::pages::kit::{
    Field, Tone, changes, disclosure, empty_state, filter_bar, format, page_header, timeline,
};
use crate::pages::page::Page;
use crate::pages::support;
use crate::pages::words::{console as c, platform as w};
use axum::extract::State;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use sindico_domain::input::{date, text};
use sindico_domain::page;
use sindico_store::control::audit::{self, AuditEvent, AuditFilter};

const PATH: &str = "/platform/audit/";

/// `GET /platform/audit/`.
pub(super) async fn show(State(app): State<App>, page: Page, query: Query) -> ApiResult {
    let mut f = query.fields();
    let since = f.read("since", date);
    let until = f.read("until", date);
    let picked = pick::tenant(&app, &query).await?;
    let actor = f.read("actor", text(1..=200));
    let filter = AuditFilter {
        company_id: picked.id(),
        actor: actor.map(|typed| pick::actor(&page, &typed)),
        action: f.read("action", text(1..=100)),
        request_id: f.read("request_id", text(1..=64)),
        since: since.and_then(|day| begin(day, &page.zone)),
        // The last day is a part of it.
        until: until.and_then(|day| begin(day.tomorrow().ok()?, &page.zone)),
    };
    let mut request = page_of(&mut f);
    f.finish().check(())?;
    request.limit = list::ROWS;
    request.count = true;
    let found = match picked.is_nobody() {
        true => page::Page::default(),
        false => audit::list(app.store(), &filter, &request).await?,
    };
    let tenant = pick::tenant_field(&app, &page, &query).await?;
    let actor = pick::actor_field(&app, &page, &query).await?;
    let language = page.language();
    let day = |name: &'static str, label| {
        Field::date(name, page.t(label))
            .value(list::sent(&query, name))
            .render(language)
    };
    let fields = html! {
        (actor)
        (Field::select("action", page.t(w::ACTION)).value(list::sent(&query, "action")).choices(pick::actions(&page))
            .or_none(page.t(c::ANY_F)).render(language))
        (tenant)
        (day("since", w::SINCE))
        (day("until", w::UNTIL))
        @if !list::sent(&query, "request_id").is_empty() {
            (Field::text("request_id", page.t(w::REQUEST)).value(list::sent(&query, "request_id")).render(language))
        }
    };
    let clear = list::is_filtered(&query).then_some(PATH);
    let content = html! {
        (page_header(language, page.t(w::AUDIT), None))
        (filter_bar(language, PATH, fields, clear))
        (pick::told(&page, &picked))
        @if !picked.is_nobody() { (events(&page, &found.items)) }
        @if !found.items.is_empty() { (list::end(&page, PATH, &query, &found)) }
    };
    Ok(page.show(page.t(w::AUDIT), content))
}

/// When a day begins.
fn begin(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    day.to_zoned(zone.clone())
        .ok()
        .map(|zoned| zoned.timestamp())
}

/// Events, newest first.
pub(super) fn events(page: &Page, events: &[AuditEvent]) -> Markup {
    let language = page.language();
    if events.is_empty() {
        return empty_state(
            "shield",
            page.t(w::NO_AUDIT),
            page.t(w::NO_AUDIT_TEXT),
            None,
        );
    }
    let entries: Vec<_> = events.iter().map(|event| entry(page, event)).collect();
    html! { div class="card" { div class="card-body" { (timeline(language, &entries)) } } }
}

/// An event in a timeline.
pub(super) fn entry(page: &Page, event: &AuditEvent) -> TimelineEntry {
    let language = page.language();
    let now = page.now.to_zoned(page.zone.clone());
    let changed = diff::changes_of(page, event.before.as_ref(), event.after.as_ref());
    let (icon, tone) = look(&event.action);
    let body = html! {
        @if !changed.is_empty() {
            (disclosure(&format!("{} ({})", page.t(w::DETAILS), changed.len()), false, &changes(language, &changed)))
        }
    };
    let what = html! {
        (diff::action(language, &event.action)) " "
        @let subject = diff::subject(language, &event.subject);
        @match event.company_id {
            Some(id) => { a href={ "/platform/tenants/" (id) "/" } { (subject) } }
            None => { (subject) }
        }
        (support::why(event.support.as_ref()))
        @if let Some(address) = &event.address { span class="quiet" { " · " (address) } }
    };
    TimelineEntry {
        icon,
        tone,
        who: support::who(
            language,
            &diff::actor(language, &event.actor),
            event.support.as_ref(),
        ),
        what,
        when: format::relative(language, event.at, &now),
        changes: Vec::new(),
        body: (!changed.is_empty()).then_some(body),
        undo: None,
    }
}

fn look(action: &str) -> (&'static str, Tone) {
    let (noun, verb) = action.split_once('.').unwrap_or((action, ""));
    let tone = match verb {
        "create" | "add" | "ready" | "succeeded" => Tone::Ok,
        "failed" | "remove" | "revoke" => Tone::Danger,
        "cancel" | "canceled" | "enter" => Tone::Warn,
        _ => Tone::Neutral,
    };
    let icon = match noun {
        "tenant" => "building-2",
        "user" | "member" => "user",
        "domain" => "globe",
        "operation" => "list-checks",
        "password_reset" | "token" | "session" => "key-round",
        _ => "shield",
    };
    (icon, tone)
}
