//! `/notifications/`: what one was told of, and what one wants to be told of.

mod preferences;
pub(crate) mod sentence;

use crate::contract::error::{ApiResult, not_found};
use crate::contract::query::page as page_of;
use crate::contract::resource::Id;
use crate::contract::{Body, Query};
use crate::gate::access::Access::Member;
use crate::pages::kit::{
    PageHeader, Tab, Tone, badge, button, empty_state, format, icon, link_button, pager, tabs,
};
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::notifications as w;
use crate::portal::crm::Crm;
use crate::portal::notifications::{mark, mark_all};
use crate::table::{Table, show, submit};
use maud::{Markup, html};
use sentence::{sentence, target};
use sindico_crm::notifications::{self, COUNTED, Notification};
use sindico_domain::input::boolean;

const LIST: &str = "/notifications/";
const UNREAD: &str = "/notifications/?unread=true";
const PREFERENCES: &str = "/notifications/preferences/";

/// Rows a page.
const ROWS: i64 = 50;

/// Its pages.
pub(super) fn routes(table: Table) -> Table {
    table
        .page(LIST, show(Member, index))
        .page("/notifications/bell/", show(Member, ring))
        .page("/notifications/read/", submit(Member, read_all))
        .page("/notifications/{id}/open/", submit(Member, open))
        .page(
            "/notifications/{id}/read/",
            submit(Member, |page, crm, id| marked(page, crm, id, true)),
        )
        .page(
            "/notifications/{id}/unread/",
            submit(Member, |page, crm, id| marked(page, crm, id, false)),
        )
        .page(
            PREFERENCES,
            show(Member, preferences::show).submit(Member, preferences::submit),
        )
}

/// The bell at the top of each page. Its number comes later: no page waits for it.
pub(crate) fn bell(page: &Page, unread: Option<i64>) -> Markup {
    let language = page.language();
    let count = unread.filter(|count| *count > 0).map(|count| match count {
        COUNTED.. => format!("{}+", COUNTED - 1),
        count => count.to_string(),
    });
    let label = match &count {
        Some(count) => w::unread(language, count),
        None => page.t(w::TITLE).to_owned(),
    };
    html! {
        span id="bell" data-live="notification" data-live-src="/notifications/bell/" {
            a class="button button-quiet button-icon bell" href=(LIST) aria-label=(label) title=(label) {
                (icon("bell"))
                @if let Some(count) = &count { span class="bell-count" aria-hidden="true" { (count) } }
            }
        }
    }
}

/// `GET /notifications/bell/`: the bell with its number.
async fn ring(page: Page, crm: Crm) -> ApiResult {
    let unread = notifications::unread(&crm.data, &crm.told()).await?;
    Ok(page.fragment(bell(&page, Some(unread.unread))))
}

/// `GET /notifications/`.
async fn index(page: Page, crm: Crm, query: Query) -> ApiResult {
    let mut f = query.fields();
    let unread = f.read("unread", boolean).unwrap_or(false);
    let mut request = page_of(&mut f);
    f.finish().check(())?;
    request.limit = ROWS;
    let found = notifications::list(&crm.data, &crm.told(), unread, &request).await?;
    let language = page.language();
    let first = if unread { UNREAD } else { LIST };
    let next = found.next.as_ref().map(|next| {
        let separator = if unread { '&' } else { '?' };
        format!("{first}{separator}cursor={}", next.encode())
    });
    let shown = i64::try_from(found.items.len()).unwrap_or_default();
    let content = html! {
        (header(&page, first, found.items.first().filter(|_| request.after.is_none())))
        div id="notifications" data-live=[request.after.is_none().then_some("notification")] {
            @if found.items.is_empty() {
                (empty_state("bell", page.t(if unread { w::NONE_UNREAD } else { w::NONE }), page.t(w::NONE_TEXT), None))
            } @else {
                ul class="told" aria-label=(page.t(w::LIST)) {
                    @for one in &found.items { (row(&page, one, first)) }
                }
                (pager(language, &format::count(language, shown), request.after.is_some().then_some(first), next.as_deref()))
            }
        }
    };
    Ok(page.show(page.t(w::TITLE), content))
}

fn header(page: &Page, current: &str, newest: Option<&Notification>) -> Markup {
    let actions = html! {
        @if let Some(newest) = newest {
            form method="post" action="/notifications/read/" {
                (page.proof())
                input type="hidden" name="until" value=(newest.id);
                (button(page.t(w::READ_ALL)).icon("check"))
            }
        }
        (link_button(page.t(w::PREFERENCES), PREFERENCES).icon("settings"))
    };
    let header = PageHeader {
        title: page.t(w::TITLE).to_owned(),
        actions: Some(actions),
        ..PageHeader::default()
    };
    let parts = [(LIST, w::ALL), (UNREAD, w::UNREAD)].map(|(href, word)| Tab {
        href: href.to_owned(),
        label: page.t(word).to_owned(),
        count: None,
        current: href == current,
    });
    html! { (header.render(page.language())) (tabs(page.language(), &parts)) }
}

fn row(page: &Page, one: &Notification, back: &str) -> Markup {
    let text = sentence(page.language(), one);
    let now = page.now.to_zoned(page.zone.clone());
    let is_new = one.read_at.is_none();
    let (act, word, symbol) = match is_new {
        true => ("read", w::MARK_READ, "check"),
        false => ("unread", w::MARK_UNREAD, "undo-2"),
    };
    html! {
        li class={ "told-line" @if is_new { " is-new" } } {
            (icon(w::icon(one.topic)))
            // A form: what is opened is read.
            form class="told-text" method="post" action={ (LIST) (one.id) "/open/" } {
                (page.proof())
                button class="told-open" type="submit" { (text) }
            }
            @if is_new { (badge(Tone::Accent, page.t(w::NEW))) }
            span class="quiet" { (format::relative(page.language(), one.created_at, &now)) }
            form method="post" action={ (LIST) (one.id) "/" (act) "/" } {
                (page.proof())
                input type="hidden" name="next" value=(back);
                (button(page.t(word)).quiet().icon_only(symbol).attr("aria-label", format!("{}: {text}", page.t(word))))
            }
        }
    }
}

/// `POST /notifications/{id}/open/`: read, and led to what it is about.
async fn open(page: Page, crm: Crm, Id(id): Id) -> ApiResult {
    let found = notifications::find(&crm.data, &crm.told(), id).await?;
    let found = found.ok_or_else(not_found)?;
    mark(&crm, id, true).await?;
    Ok(page.redirect(&target(&found, crm.caller.user.id)))
}

async fn marked(page: Page, crm: Crm, (Id(id), body): (Id, Body), read: bool) -> ApiResult {
    mark(&crm, id, read).await?;
    let back = body.0.get("next").and_then(|next| next.as_str());
    Ok(page.redirect(if back == Some(UNREAD) { UNREAD } else { LIST }))
}

/// `POST /notifications/read/`.
async fn read_all(page: Page, crm: Crm, body: Body) -> ApiResult {
    mark_all(&crm, &body).await?;
    Ok(page.done(LIST, &Notice::new("notifications_read", None)))
}
