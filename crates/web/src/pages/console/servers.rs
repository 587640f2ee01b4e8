//! `/platform/servers/`: where tenants' data live, and how busy this program's ways there are.

use crate::App;
use crate::contract::error::ApiResult;
use crate::pages::kit::{
    Column, Row, Tone, card, data_table, empty_state, format, page_header, progress,
};
use crate::pages::page::Page;
use crate::pages::words::platform as w;
use axum::extract::State;
use maud::{Markup, html};
use sindico_store::control::overview::{self, ServerLoad};
use sindico_store::tenant::pool::Usage;

/// `GET /platform/servers/`.
pub(super) async fn show(State(app): State<App>, page: Page) -> ApiResult {
    let servers = overview::servers(app.store()).await?;
    let usage = app.pools().usage();
    let limit = app.config().server_connections;
    let language = page.language();
    let pool = app.engine().warm_pool();
    let content = html! {
        (page_header(language, page.t(w::SERVERS), None))
        div class="stack" {
            @if servers.is_empty() {
                (empty_state("server", page.t(w::NO_SERVERS), page.t(w::NO_SERVERS_TEXT), None))
            } @else { (table(&page, &servers)) }
            @if !usage.is_empty() {
                (card(page.t(w::CONNECTIONS), None, html! {
                    div class="stack" { @for server in &usage { (busy(&page, server, limit)) } }
                }))
            }
            (card(page.t(w::WARM_POOL), None, html! {
                p { @if pool == 0 { (page.t(w::WARM_POOL_OFF)) } @else { (w::warm_pool_text(language, pool)) } }
            }))
        }
    };
    Ok(page.show(page.t(w::SERVERS), content))
}

fn table(page: &Page, servers: &[ServerLoad]) -> Markup {
    let language = page.language();
    let columns = [
        Column::new(page.t(w::SERVER)),
        Column::new(page.t(w::TENANTS)).numeric(),
        Column::new(page.t(w::READY)).numeric(),
        Column::new(page.t(w::FAILED)).numeric(),
        Column::new(page.t(w::DATABASES)).numeric(),
    ];
    let count = |number| html! { (format::count(language, number)) };
    let rows: Vec<Row> = servers
        .iter()
        .map(|server| {
            Row::of([
                html! { span class="mono" { (server.host) ":" (server.port) } },
                count(server.tenants),
                count(server.ready),
                count(server.failed),
                count(server.databases),
            ])
        })
        .collect();
    data_table(language, page.t(w::SERVERS), &columns, &rows)
}

fn busy(page: &Page, server: &Usage, limit: usize) -> Markup {
    let language = page.language();
    let (open, all) = (server.open as u64, limit as u64);
    let tone = match server.waiting {
        0 => Tone::Accent,
        _ => Tone::Warn,
    };
    let text = w::connections_of(language, server.open, limit);
    html! {
        div class="stack-tight" {
            (progress(&server.server, open, all, &text, tone))
            p class="field-hint" { (w::idle_waiting(language, server.idle, server.waiting)) }
        }
    }
}
