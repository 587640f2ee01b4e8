//! Customers and leads that look like one and are not: said in the list of duplicates and where two are compared, listed,
//! and taken back.

use super::{place, sent, twins, value};
use crate::contract::error::{ApiResult, not_found};
use crate::contract::query::page as page_of;
use crate::contract::{Body, Query};
use crate::pages::kit::{
    Column, PageHeader, Row, Tone, button, data_table, empty_state, format, link_button,
    notice as told_notice, pager,
};
use crate::pages::messages::translate;
use crate::pages::notice::{Notice, Undo};
use crate::pages::page::Page;
use crate::pages::words::{records as r, twins as w};
use crate::portal::crm::Crm;
use crate::portal::duplicates::several;
use maud::{Markup, html};
use sindico_crm::duplicates::dismissed::{self, Listed};
use sindico_domain::Refusal;
use sindico_domain::access::capability::Method;
use sindico_domain::crm::{Kind, Record};
use sindico_domain::input::Fields;
use sindico_store::Error;

/// The link to what was said.
pub fn link(page: &Page, kind: Kind) -> Markup {
    html! { (link_button(page.t(w::DISMISSED), place::dismissed(kind)).quiet()) }
}

/// The button that says that these are not one, if the caller may; `called` tells of whom, where there are several such.
pub fn say(page: &Page, kind: Kind, records: &[&Record], called: Option<&str>) -> Option<Markup> {
    if !page.may(kind.resource(), Method::Patch) {
        return None;
    }
    let label = page.t(w::not_one(kind, records));
    let ids: Vec<String> = records.iter().map(|record| record.id.to_string()).collect();
    let mut button = button(label);
    if let Some(called) = called {
        button = button
            .small()
            .attr("aria-label", format!("{label}: {called}"));
    }
    Some(html! {
        form method="post" action=(place::dismissed(kind)) {
            (page.proof())
            input type="hidden" name="ids" value=(ids.join(","));
            (button)
        }
    })
}

/// `POST /customers/duplicates/dismissed/`.
pub async fn dismiss(kind: Kind, page: Page, crm: Crm, body: Body) -> ApiResult {
    let ids = several(Fields::new(&body.0))?;
    match dismissed::dismiss(&crm.data, crm.by(), kind, &ids).await {
        Ok(_) => {
            let undo = Undo::Dismissed(kind, ids);
            let notice = Notice::offering("not_one", Some(undo));
            Ok(page.done(&place::duplicates(kind), &notice))
        }
        // Somebody was quicker: one is gone, or not alike any more.
        Err(Error::Refused(Refusal::Fields(errors))) => {
            let told = errors.messages("ids").iter();
            let told: Vec<String> = told.map(|text| translate(page.language(), text)).collect();
            twins::list_as(kind, page, crm, Some(&told.join(" "))).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /customers/duplicates/dismissed/undo/?ids=7,9`.
pub async fn take_back(kind: Kind, page: Page, crm: Crm, query: Query, body: Body) -> ApiResult {
    let ids = several(query.fields())?;
    if !dismissed::take_back(&crm.data, crm.by(), kind, &ids).await? {
        return Err(not_found());
    }
    let to = sent::next(&body.0).map_or_else(|| place::duplicates(kind), str::to_owned);
    Ok(page.done(&to, &Notice::new("maybe_one", None)))
}

/// `GET /customers/duplicates/dismissed/`.
pub async fn list(kind: Kind, page: Page, crm: Crm, query: Query) -> ApiResult {
    let mut f = query.fields();
    let request = page_of(&mut f);
    f.finish().check(())?;
    let found = dismissed::list(&crm.data, kind, &request).await?;
    let language = page.language();
    let here = place::dismissed(kind);
    let header = PageHeader {
        breadcrumbs: vec![
            (
                page.t(r::many(kind)).to_owned(),
                place::list(kind).to_owned(),
            ),
            (page.t(w::DUPLICATES).to_owned(), place::duplicates(kind)),
        ],
        title: page.t(w::DISMISSED).to_owned(),
        subtitle: Some(html! { (page.t(w::DISMISSED_DETAIL)) }),
        ..PageHeader::default()
    };
    let heads = [
        Column::new(page.t(w::ONE)),
        Column::new(page.t(w::OTHER)),
        Column::new(page.t(w::COMMON)),
        Column::new(page.t(w::SAID_BY)),
        Column::new(page.t(w::SAID_AT)),
        Column::new(page.t(w::SHOW_AGAIN)).silent().shrink(),
    ];
    let rows: Vec<Row> = found
        .items
        .iter()
        .map(|one| row(&page, kind, one))
        .collect();
    let next = found.next.as_ref();
    let next = next.map(|next| format!("{here}?cursor={}", next.encode()));
    let first = request.after.is_some().then_some(here.as_str());
    let shown = format::count(language, i64::try_from(rows.len()).unwrap_or_default());
    let content = html! {
        (header.render(language))
        @if rows.is_empty() {
            (empty_state("copy", page.t(w::NONE_DISMISSED), page.t(w::NONE_DISMISSED_DETAIL), None))
        } @else {
            section class="card" { (data_table(language, page.t(w::DISMISSED), &heads, &rows)) }
            (pager(language, &shown, first, next.as_deref()))
        }
    };
    Ok(page.show(page.t(w::DISMISSED), content))
}

fn row(page: &Page, kind: Kind, one: &Listed) -> Row {
    let language = page.language();
    let titles = one
        .records
        .each_ref()
        .map(|record| value::title(language, record));
    let label = page.t(w::SHOW_AGAIN);
    let again = html! {
        @if page.may(kind.resource(), Method::Patch) {
            form method="post" action=(place::take_back(kind, &one.dismissed.ids)) {
                (page.proof())
                (sent::next_field(&place::dismissed(kind)))
                (button(label).small().attr("aria-label", format!("{label}: {}, {}", titles[0], titles[1])))
            }
        }
    };
    let named = |n: usize| {
        let record = &one.records[n];
        html! { a href=(place::of(kind, record.id)) { (titles[n]) } }
    };
    Row::of([
        named(0),
        named(1),
        twins::why(page, &one.dismissed.reasons),
        html! { (one.dismissed.username) },
        html! { (format::datetime(language, one.dismissed.at, &page.zone)) },
        again,
    ])
}

/// Where two are compared: what to do if they are not one.
pub fn where_compared(page: &Page, this: &Record, other: &Record) -> Markup {
    let alike = !sindico_crm::duplicates::shared(this, other).is_empty();
    let form = say(page, this.kind, &[this, other], None).filter(|_| alike);
    html! {
        @if let Some(form) = form {
            (told_notice(Tone::Info, page.t(w::NOT_ONE_DETAIL), Some(form)))
        }
    }
}
