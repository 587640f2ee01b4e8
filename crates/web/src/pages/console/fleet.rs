//! `/platform/fleet/`: the schema versions of all tenants, and their migration.

use crate::App;
use crate::contract::Body;
use crate::contract::error::ApiResult;
use crate::pages::kit::{
    Column, PageHeader, Row, Stat, Tone, button, card, data_table, empty_state, format, notice,
    progress, stats,
};
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::fleet as w;
use axum::extract::State;
use maud::{Markup, html};
use sindico_provisioning::fleet::FleetRun;
use sindico_store::control::overview::{self, Version};
use sindico_store::control::places::{self, Behind};
use sindico_store::migrate::tenant::target;

/// How many places that are behind are named.
const NAMED: usize = 100;

/// `GET /platform/fleet/`.
pub(super) async fn show(State(app): State<App>, page: Page) -> ApiResult {
    let versions = overview::versions(app.store()).await?;
    let behind = places::behind(app.store(), target()).await?;
    let run = app.engine().fleet();
    let header = PageHeader {
        title: page.t(w::TITLE).to_owned(),
        subtitle: Some(html! { (page.t(w::SUBTITLE)) }),
        ..PageHeader::default()
    };
    let content = html! {
        (header.render(page.language()))
        div class="stack" {
            (part(&page, &run, &versions, &behind))
            (card(page.t(w::BY_COMMAND), None, html! {
                p { (page.t(w::COMMAND_TEXT)) }
                p { code class="mono" { "sindico migrate" } }
            }))
        }
    };
    Ok(page.show(page.t(w::TITLE), content))
}

/// `GET /platform/fleet/progress/`: the part that changes while it runs.
pub(super) async fn fragment(State(app): State<App>, page: Page) -> ApiResult {
    if !page.view.htmx {
        return Ok(page.redirect("/platform/fleet/"));
    }
    let versions = overview::versions(app.store()).await?;
    let behind = places::behind(app.store(), target()).await?;
    Ok(page.fragment(part(&page, &app.engine().fleet(), &versions, &behind)))
}

/// `POST /platform/fleet/migrate/`.
pub(super) async fn start(State(app): State<App>, page: Page, _: Body) -> ApiResult {
    app.engine().migrate_fleet(app.config().clock);
    Ok(page.done("/platform/fleet/", &Notice::new("fleet_started", None)))
}

fn part(page: &Page, run: &FleetRun, versions: &[Version], behind: &[Behind]) -> Markup {
    let polled = run.is_running;
    html! {
        div id="fleet" class="stack" hx-get=[polled.then_some("/platform/fleet/progress/")] hx-trigger=[polled.then_some("every 1s")]
            hx-target=[polled.then_some("#fleet")] hx-swap=[polled.then_some("outerMorph")] {
            (numbers(page, versions, behind))
            (migration(page, run, behind))
            (in_use(page, versions))
            @if !behind.is_empty() { (missing(page, behind)) }
        }
    }
}

fn numbers(page: &Page, versions: &[Version], behind: &[Behind]) -> Markup {
    let language = page.language();
    let sum = |wanted: &dyn Fn(&Version) -> bool| {
        let found = versions.iter().filter(|version| wanted(version));
        found.map(|version| version.tenants).sum::<i64>()
    };
    let (current, old) = (
        sum(&|version| version.version >= target()),
        sum(&|version| version.version < target()),
    );
    let stat = |word, value, tone| Stat {
        label: page.t(word).to_owned(),
        value,
        tone,
        ..Stat::default()
    };
    let tone = match behind.is_empty() {
        true => Tone::Ok,
        false => Tone::Warn,
    };
    stats(&[
        stat(w::TARGET, target().to_string(), Tone::Neutral),
        stat(w::CURRENT, format::count(language, current), Tone::Ok),
        stat(w::BEHIND, format::count(language, old), tone),
    ])
}

fn migration(page: &Page, run: &FleetRun, behind: &[Behind]) -> Markup {
    let language = page.language();
    let now = page.now.to_zoned(page.zone.clone());
    let found = run.progress;
    let (done, all) = (found.done + found.failed, found.all);
    let text = match found.failed {
        0 => w::progress(language, done, all),
        failed => w::progress_failed(language, done, all, failed),
    };
    let tone = match found.failed {
        0 => Tone::Ok,
        _ => Tone::Danger,
    };
    let body = html! {
        div class="stack" {
            @if run.is_running {
                (progress(page.t(w::RUNNING), done as u64, all as u64, &text, Tone::Info))
            } @else {
                @if behind.is_empty() { p { (page.t(w::ALL_CURRENT)) } }
                @if let Some(at) = run.finished_at {
                    p class="quiet" { (w::finished(language, format::relative_text(language, at, &now))) " · " (text) }
                    @if all > 0 { (progress(page.t(w::LAST_RUN), done as u64, all as u64, &text, tone)) }
                }
                @if let Some(error) = &run.error { (notice(Tone::Danger, error, None)) }
                p class="quiet" { (page.t(w::START_TEXT)) }
                form method="post" action="/platform/fleet/migrate/" {
                    (page.proof())
                    (button(page.t(w::START)).primary().icon("play").disabled(behind.is_empty()))
                }
            }
            @if !run.failures.is_empty() { (failures(page, run)) }
        }
    };
    card(page.t(w::LAST_RUN), None, body)
}

fn failures(page: &Page, run: &FleetRun) -> Markup {
    let columns = [Column::new(page.t(w::PLACE)), Column::new(page.t(w::WHY))];
    let rows: Vec<Row> = run
        .failures
        .iter()
        .map(|(place, why)| Row::of([html! { (place) }, html! { (why) }]))
        .collect();
    data_table(page.language(), page.t(w::FAILURES), &columns, &rows)
}

fn in_use(page: &Page, versions: &[Version]) -> Markup {
    let language = page.language();
    if versions.is_empty() {
        return empty_state(
            "layers",
            page.t(w::NONE_READY),
            page.t(w::NONE_READY_TEXT),
            None,
        );
    }
    let all: i64 = versions.iter().map(|version| version.tenants).sum();
    let body = html! {
        div class="stack" {
            @for version in versions {
                @let number = match version.version {
                    0 => page.t(w::NO_TABLES).to_owned(),
                    number => format!("{} {number}", page.t(w::VERSION)),
                };
                @let label = format!("{number} · {}", page.t(super::labels::model(version.isolation_model)));
                @let tone = if version.version < target() { Tone::Warn } else { Tone::Ok };
                @let text = format::count(language, version.tenants);
                (progress(&label, version.tenants.unsigned_abs(), all.unsigned_abs(), &text, tone))
            }
        }
    };
    card(page.t(w::VERSIONS), None, body)
}

fn missing(page: &Page, behind: &[Behind]) -> Markup {
    let columns = [
        Column::new(page.t(w::PLACE)),
        Column::new(page.t(w::DATABASE)),
    ];
    let rows: Vec<Row> = behind
        .iter()
        .take(NAMED)
        .map(|place| {
            let database = html! { span class="mono" { (place.database) " · " (place.host) ":" (place.port) } };
            match &place.tenant {
                Some((id, code)) => Row::to(
                    format!("/platform/tenants/{id}/"),
                    [html! { (code) }, database],
                ),
                None => Row::of([html! { (page.t(w::SHARED)) }, database]),
            }
        })
        .collect();
    let title = page.t(w::BEHIND_LIST);
    card(
        title,
        None,
        data_table(page.language(), title, &columns, &rows),
    )
}
