//! `/settings/support/`: each visit of the platform in this company's portal.

use super::{SUPPORT, company_id, frame};
use crate::App;
use crate::contract::error::ApiResult;
use crate::pages::kit::{Column, Row, Tone, badge, data_table, empty_state, format};
use crate::pages::page::Page;
use crate::pages::words::{account, settings as w};
use axum::extract::State;
use maud::html;
use sindico_store::control::support::{self, Visit};

/// How many are shown: the latest.
const SHOWN: i64 = 200;

/// `GET /settings/support/`.
pub(super) async fn show(State(app): State<App>, page: Page) -> ApiResult {
    let visits = support::of_company(app.store(), company_id(&page), SHOWN).await?;
    let columns = [
        Column::new(page.t(w::REASON)),
        Column::new(page.t(w::WHO)),
        Column::new(page.t(account::BEHALF_OF)),
        Column::new(page.t(w::FROM)),
        Column::new(page.t(w::TO)),
        Column::new(page.t(w::STATE)),
    ];
    let rows: Vec<_> = visits.iter().map(|visit| row(&page, visit)).collect();
    let content = html! {
        div.stack {
            p.quiet { (page.t(w::SUPPORT_LEAD)) }
            @if rows.is_empty() {
                (empty_state("shield", page.t(w::NO_VISITS), page.t(w::NO_VISITS_TEXT), None))
            } @else {
                (data_table(page.language(), page.t(w::SUPPORT), &columns, &rows))
            }
        }
    };
    Ok(page.show(page.t(w::SUPPORT), frame(&page, SUPPORT, &content)))
}

fn row(page: &Page, visit: &Visit) -> Row {
    let language = page.language();
    let state = if visit.is_open(page.now) {
        badge(Tone::Warn, page.t(w::NOW))
    } else if visit.ended_at.is_some() {
        badge(Tone::Neutral, page.t(w::ENDED))
    } else {
        badge(Tone::Neutral, page.t(w::EXPIRED))
    };
    Row::of([
        html! { (visit.reason) },
        html! { (visit.username) },
        html! { @if visit.behalf_of.is_empty() { "—" } @else { (visit.behalf_of) } },
        format::datetime(language, visit.created_at, &page.zone),
        format::datetime(language, visit.ended_at.unwrap_or(visit.until), &page.zone),
        state,
    ])
}
