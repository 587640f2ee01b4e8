//! `/bin/`: what was deleted, and can come back.

use super::records::{place, sent, value};
use crate::contract::Query;
use crate::contract::error::ApiResult;
use crate::contract::query::page as page_of;
use crate::pages::kit::{
    self, Column, PageHeader, Row, badge_icon, button, data_table, empty_state, format, pager,
};
use crate::pages::page::Page;
use crate::pages::words::{quotes, records as w};
use crate::portal::changes::binned;
use crate::portal::crm::Crm;
use maud::{Markup, html};
use sindico_crm::bin::{self, Binned, Thing};
use sindico_domain::access::capability::{Method, Resource};

/// Rows a page.
const ROWS: i64 = 50;

/// `GET /bin/`.
pub async fn show(page: Page, crm: Crm, query: Query) -> ApiResult {
    let mut f = query.fields();
    let mut request = page_of(&mut f);
    f.finish().check(())?;
    request.limit = ROWS;
    let found = bin::list(&crm.data, &binned(&crm), &request).await?;
    let language = page.language();
    let header = PageHeader {
        title: page.t(w::BIN).to_owned(),
        subtitle: Some(html! { (page.t(w::BIN_DETAIL)) }),
        ..PageHeader::default()
    };
    let heads = [
        Column::new(page.t(w::NAME)),
        Column::new(page.t(w::RECORD)),
        Column::new(page.t(w::DELETED_AT)),
        Column::new(page.t(w::RESTORE)).silent().shrink(),
    ];
    let rows: Vec<Row> = found.items.iter().map(|one| row(&page, one)).collect();
    let next = found
        .next
        .as_ref()
        .map(|next| format!("/bin/?cursor={}", next.encode()));
    let shown = format::count(
        language,
        i64::try_from(found.items.len()).unwrap_or_default(),
    );
    let content = html! {
        (header.render(language))
        @if found.items.is_empty() {
            (empty_state("trash-2", page.t(w::BIN_EMPTY), page.t(w::BIN_EMPTY_DETAIL), None))
        } @else {
            (data_table(language, page.t(w::BIN), &heads, &rows))
            (pager(language, &shown, request.after.is_some().then_some("/bin/"), next.as_deref()))
        }
    };
    Ok(page.show(page.t(w::BIN), content))
}

fn row(page: &Page, one: &Binned) -> Row {
    let language = page.language();
    let title = match one.kind {
        Thing::Record(kind) => value::title_of(language, kind, &one.title),
        Thing::Product => one.title.clone(),
    };
    let title = match title {
        title if title.is_empty() => w::number(language, one.id),
        title => title,
    };
    let (icon, word) = match one.kind {
        Thing::Record(kind) => (place::icon(kind), w::one(kind)),
        Thing::Product => ("package", quotes::PRODUCT_OF),
    };
    let now = page.now.to_zoned(page.zone.clone());
    Row::of([
        html! { (title) },
        badge_icon(kit::Tone::Neutral, icon, page.t(word)),
        format::relative(language, one.deleted_at, &now),
        restore(page, one, &title),
    ])
}

fn restore(page: &Page, one: &Binned, title: &str) -> Markup {
    let (resource, action) = match one.kind {
        Thing::Record(kind) => (kind.resource(), place::act(kind, one.id, "restore")),
        Thing::Product => (Resource::Products, format!("/products/{}/restore/", one.id)),
    };
    html! { @if page.may(resource, Method::Post) {
        form method="post" action=(action) {
            (page.proof())
            (sent::next_field("/bin/"))
            (button(page.t(w::RESTORE)).small().icon("rotate-ccw").attr("aria-label", format!("{}: {title}", page.t(w::RESTORE))))
        }
    } }
}
