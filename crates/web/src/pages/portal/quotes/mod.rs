//! `/quotes/`: what is offered to customers. A quote is written in a form, seen on its page, and printed.

mod editor;

use crate::contract::error::{ApiResult, not_found};
use crate::contract::query::page as page_of;
use crate::contract::resource::Id;
use crate::contract::{Body, Query};
use crate::gate::access::Access::May;
use crate::pages::document::still;
use crate::pages::kit::{
    Button, Column, Field, PageHeader, Row, Tone, badge, button, card, data_table,
    description_list, empty_state, format, link_button, notice as told_notice, pager,
};
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::portal::records::{place, sent};
use crate::pages::words::quotes as w;
use crate::portal::crm::Crm;
use crate::portal::quotes::{self as api, open::paper};
use crate::table::{Table, show, submit};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use maud::{Markup, html};
use serde_json::{Map, Value};
use sindico_crm::quotes::{self, Act, Asked, Quote};
use sindico_crm::sheet::Offer;
use sindico_domain::access::capability::Method::{Get, Patch};
use sindico_domain::access::capability::Resource::Opportunities;
use sindico_domain::crm::Kind;
use sindico_domain::quote::Shown;

/// Rows a page.
const ROWS: i64 = 50;

/// Its pages.
#[rustfmt::skip]
pub(super) fn routes(table: Table) -> Table {
    let acts = |page: Page, crm: Crm, id: i64, body: Body, what: &'static str| do_it(page, crm, id, body, what);
    table
        .page("/quotes/", show(May(Opportunities, Get), index))
        .page("/quotes/{id}/", show(May(Opportunities, Get), one))
        .page("/quotes/{id}/print/", show(May(Opportunities, Get), print))
        .page("/quotes/{id}/edit/", show(May(Opportunities, Patch), editor::edit).submit(May(Opportunities, Patch), editor::save))
        .page("/quotes/{id}/send/", submit(May(Opportunities, Patch), move |page: Page, crm: Crm, Id(id): Id, body: Body| acts(page, crm, id, body, "send")))
        .page("/quotes/{id}/link/", submit(May(Opportunities, Patch), move |page: Page, crm: Crm, Id(id): Id, body: Body| acts(page, crm, id, body, "link")))
        .page("/quotes/{id}/unlink/", submit(May(Opportunities, Patch), move |page: Page, crm: Crm, Id(id): Id, body: Body| acts(page, crm, id, body, "unlink")))
        .page("/quotes/{id}/accept/", submit(May(Opportunities, Patch), move |page: Page, crm: Crm, Id(id): Id, body: Body| acts(page, crm, id, body, "accept")))
        .page("/quotes/{id}/reject/", submit(May(Opportunities, Patch), move |page: Page, crm: Crm, Id(id): Id, body: Body| acts(page, crm, id, body, "reject")))
        .page("/quotes/{id}/cancel/", submit(May(Opportunities, Patch), move |page: Page, crm: Crm, Id(id): Id, body: Body| acts(page, crm, id, body, "cancel")))
        .page("/quotes/{id}/revise/", submit(May(Opportunities, Patch), move |page: Page, crm: Crm, Id(id): Id, body: Body| acts(page, crm, id, body, "revise")))
        .page("/quotes/{id}/amount/", submit(May(Opportunities, Patch), amount))
        .page("/quotes/{id}/delete/", submit(May(Opportunities, Patch), delete))
        .page("/opportunities/{id}/quotes/new/", submit(May(Opportunities, Patch), begin))
}

fn of(id: i64) -> String {
    format!("/quotes/{id}/")
}

/// A state in words.
pub(super) fn state(page: &Page, status: Shown) -> Markup {
    let tone = match status {
        Shown::Draft | Shown::Canceled | Shown::Revised => Tone::Neutral,
        Shown::Sent => Tone::Info,
        Shown::Accepted => Tone::Ok,
        Shown::Rejected => Tone::Danger,
        Shown::Expired => Tone::Warn,
    };
    badge(tone, page.t(w::status(status)))
}

/// The card of a sale's quotes, on its page.
pub(super) fn of_sale(
    page: &Page,
    sale: i64,
    offers: &[Offer],
    today: jiff::civil::Date,
) -> Markup {
    let language = page.language();
    let new = page.may(Opportunities, Patch).then(|| {
        html! {
            form method="post" action={ "/opportunities/" (sale) "/quotes/new/" } {
                (page.proof())
                (button(page.t(w::NEW_QUOTE)).small().icon("plus"))
            }
        }
    });
    card(
        page.t(w::QUOTES),
        new,
        html! {
            @if offers.is_empty() { p class="quiet" { (page.t(w::NO_QUOTES)) } }
            @else { ul class="related" { @for offer in offers {
                li class="related-line" {
                    a class="related-name" href=(of(offer.id)) { (w::titled(language, &offer.label)) }
                    (state(page, offer.status.shown(offer.valid_until, offer.revised, today)))
                    span class="number" { (format::money(language, offer.total)) }
                }
            } } }
        },
    )
}

async fn index(page: Page, crm: Crm, query: Query) -> ApiResult {
    let mut f = query.fields();
    let mut request = page_of(&mut f);
    f.finish().check(())?;
    request.limit = ROWS;
    let found = quotes::list(&crm.data, &Asked::default(), &request, crm.today()).await?;
    let language = page.language();
    let heads = [
        Column::new(page.t(w::QUOTE)),
        Column::new(page.t(w::STATUS)),
        Column::new(page.t(w::TOTAL)).numeric(),
        Column::new(page.t(w::VALID_UNTIL)),
    ];
    let row = |quote: &Quote| {
        let cells = [
            html! { (w::titled(language, &quote.label())) },
            state(&page, quote.status),
            html! { (format::money(language, quote.total)) },
            html! { @if let Some(day) = quote.valid_until { (format::date(language, day)) } },
        ];
        Row::to(of(quote.id), cells)
    };
    let rows: Vec<Row> = found.items.iter().map(row).collect();
    let next = found
        .next
        .as_ref()
        .map(|next| format!("/quotes/?cursor={}", next.encode()));
    let shown = format::count(language, i64::try_from(rows.len()).unwrap_or_default());
    let header = PageHeader {
        title: page.t(w::QUOTES).to_owned(),
        ..PageHeader::default()
    };
    let content = html! {
        (header.render(language))
        @if rows.is_empty() {
            (empty_state("file-text", page.t(w::QUOTES), page.t(w::NO_QUOTES), None))
        } @else {
            (data_table(language, page.t(w::QUOTES), &heads, &rows))
            (pager(language, &shown, None, next.as_deref()))
        }
    };
    Ok(page.show(page.t(w::QUOTES), content))
}

async fn one(page: Page, crm: Crm, Id(id): Id) -> ApiResult {
    let quote = api::found(&crm, id).await?;
    Ok(sheet(&page, &crm, &quote, None))
}

fn sheet(page: &Page, crm: &Crm, quote: &Quote, key: Option<&str>) -> Response {
    let language = page.language();
    let title = w::titled(language, &quote.label());
    let header = PageHeader {
        breadcrumbs: vec![
            (page.t(w::QUOTES).to_owned(), "/quotes/".to_owned()),
            (
                page.t(w::SALE).to_owned(),
                place::of(Kind::Opportunity, quote.opportunity),
            ),
        ],
        title: title.clone(),
        subtitle: None,
        badges: Some(state(page, quote.status)),
        actions: Some(actions(page, quote)),
    };
    let company = crm.tenant.company.name.as_str();
    let mut view = page.view.clone();
    view.language = api::open::language_of(quote);
    let content = html! { div class="stack" {
        (header.render(language))
        @if let Some(key) = key { (told_notice(Tone::Ok, page.t(w::LINK_ONCE), Some(address(page, key)))) }
        @if let Some(other) = quote.revised_by { p { a href=(of(other)) { (page.t(w::REPLACED)) } } }
        (card(&title, None, paper(&view, company, quote)))
        (card(page.t(w::STATUS), None, facts(page, quote)))
    } };
    page.show(&title, content)
}

/// The link of a quote, to be copied: on this host.
fn address(page: &Page, key: &str) -> Markup {
    let path = api::link(key);
    html! {
        (Field::text("link", page.t(w::LINK)).value(format!("{}{path}", page.view.host)).attr("readonly", "readonly").render(page.language()))
        p { (link_button(page.t(w::LINK), path).small().icon("external-link").attr("target", "_blank").attr("rel", "noopener noreferrer")) }
    }
}

fn facts(page: &Page, quote: &Quote) -> Markup {
    let language = page.language();
    let at = |at: Option<jiff::Timestamp>| at.map(|at| format::datetime(language, at, &page.zone));
    let mut facts = Vec::new();
    for (word, value) in [
        (w::SENT_ON, at(quote.sent_at)),
        (w::SEEN_ON, at(quote.seen_at)),
        (w::DECIDED_ON, at(quote.decided_at)),
        (
            w::DECIDED_BY,
            (!quote.decided_by.is_empty()).then(|| html! { (quote.decided_by) }),
        ),
        (
            w::LINK_LIVES,
            quote.link_until.map(|day| format::date(language, day)),
        ),
        (
            w::STANDS_FOR,
            quote
                .revises
                .map(|other| html! { a href=(of(other)) { (page.t(w::QUOTE)) } }),
        ),
    ] {
        if value.is_some() {
            facts.push((page.t(word), value));
        }
    }
    description_list(language, &facts)
}

/// What can be done with it now.
fn actions(page: &Page, quote: &Quote) -> Markup {
    let may = page.may(Opportunities, Patch);
    let form = |act: &str, button: Button| {
        html! {
            form method="post" action={ (of(quote.id)) (act) "/" } {
                (page.proof())
                (sent::version_field(quote.version))
                (button)
            }
        }
    };
    html! {
        (link_button(page.t(w::PRINT), format!("{}print/", of(quote.id))).quiet())
        @if may { @match quote.status {
            Shown::Draft => {
                (link_button(page.t(w::EDIT), format!("{}edit/", of(quote.id))).icon("pencil"))
                (form("send", button(page.t(w::SEND)).primary()))
                (form("delete", button(page.t(w::DELETE_DRAFT)).quiet()))
            }
            Shown::Sent => {
                (form("accept", button(page.t(w::TOOK)).icon("check")))
                (form("reject", button(page.t(w::LEFT)).quiet()))
                (form("link", button(page.t(w::NEW_LINK)).quiet()))
                @if quote.has_link { (form("unlink", button(page.t(w::NO_LINK)).quiet())) }
                (form("revise", button(page.t(w::REVISE)).quiet()))
                (form("cancel", button(page.t(w::CANCEL_QUOTE)).quiet()))
            }
            Shown::Expired => {
                (form("revise", button(page.t(w::REVISE))))
                (form("cancel", button(page.t(w::CANCEL_QUOTE)).quiet()))
            }
            Shown::Rejected => { @if quote.revised_by.is_none() { (form("revise", button(page.t(w::REVISE)))) } }
            Shown::Accepted => { (form("amount", button(page.t(w::USE_AMOUNT)))) }
            Shown::Canceled | Shown::Revised => {}
        } }
    }
}

async fn do_it(page: Page, crm: Crm, id: i64, body: Body, what: &'static str) -> ApiResult {
    let key = api::new_key()?;
    let name = crm.caller.user.username.clone();
    let act = match what {
        "send" => Act::Send(&key),
        "link" => Act::Link(&key),
        "unlink" => Act::Unlink,
        "accept" => Act::Accept(&name),
        "reject" => Act::Reject(&name),
        "cancel" => Act::Cancel,
        _ => Act::Revise,
    };
    let done = api::perform(&crm, id, &sent::condition(&body.0), &act).await?;
    // A link is told by this answer alone; so it is no redirect.
    if let Some(key) = &done.link {
        return Ok(sheet(&page, &crm, &done.quote, Some(key)));
    }
    let to = match what {
        "revise" => format!("{}edit/", of(done.quote.id)),
        _ => of(done.quote.id),
    };
    Ok(page.done(&to, &Notice::new("saved", None)))
}

async fn amount(page: Page, crm: Crm, Id(id): Id, _: Body) -> ApiResult {
    let given = api::give_amount(&crm, id).await?.ok_or_else(not_found)?;
    Ok(page.done(&of(id), &Notice::new("saved", given.change_set)))
}

async fn delete(page: Page, crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let quote = api::found(&crm, id).await?;
    let at = (id, &sent::condition(&body.0));
    let removed = quotes::remove(&crm.data, crm.by(), at, crm.today()).await?;
    let change = removed.ok_or_else(not_found)?;
    let to = place::of(Kind::Opportunity, quote.opportunity);
    Ok(page.done(&to, &Notice::new("quote_deleted", change)))
}

async fn begin(page: Page, crm: Crm, Id(id): Id, _: Body) -> ApiResult {
    let begun = api::begin(&crm, id, &Map::<String, Value>::new()).await?;
    Ok(page.redirect(&format!("{}edit/", of(begun.quote.id))))
}

/// The quote alone, for a printer.
async fn print(page: Page, crm: Crm, Id(id): Id) -> ApiResult {
    let quote = api::found(&crm, id).await?;
    let mut view = page.view.clone();
    view.language = api::open::language_of(&quote);
    let title = w::titled(view.language, &quote.label());
    let paper = paper(&view, &crm.tenant.company.name, &quote);
    let content = still(&view, &title, &paper);
    Ok((StatusCode::OK, Html(content.into_string())).into_response())
}
