//! `/platform/users/`: all accounts.

use crate::App;
use crate::contract::Query;
use crate::contract::error::ApiResult;
use crate::contract::query::page as page_of;
use crate::pages::console::list;
use crate::pages::kit::{
    Choice, Column, Field, Row, Tone, badge, data_table, empty_state, filter_bar, format,
    link_button, page_header, person,
};
use crate::pages::page::Page;
use crate::pages::words::{console as c, platform as w};
use axum::extract::State;
use maud::{Markup, html};
use sindico_domain::input::{boolean, text};
use sindico_store::control::accounts::{self, Account, AccountFilter};

const PATH: &str = "/platform/users/";

/// `GET /platform/users/`.
pub(in crate::pages::console) async fn show(
    State(app): State<App>,
    page: Page,
    query: Query,
) -> ApiResult {
    let mut f = query.fields();
    let filter = AccountFilter {
        q: f.read("q", text(1..=200)),
        kind: f.read("kind", text(1..=20)),
        is_active: f.read("is_active", boolean),
    };
    let mut request = page_of(&mut f);
    f.finish().check(())?;
    request.limit = list::ROWS;
    request.count = true;
    let found = accounts::list(app.store(), &filter, &request).await?;
    let language = page.language();
    let may = page.caller.user.is_superuser;
    let new = link_button(page.t(w::NEW_USER), "/platform/users/new/")
        .primary()
        .icon("user-plus");
    let clear = list::is_filtered(&query).then_some(PATH);
    let content = html! {
        (page_header(language, page.t(w::USERS), may.then(|| html! { (new) })))
        (filter_bar(language, PATH, filters(&page, &query), clear))
        @if found.items.is_empty() {
            (empty_state("users-round", page.t(w::NO_USERS), page.t(w::NO_AUDIT_TEXT), None))
        } @else {
            (table(&page, &found.items))
            (list::end(&page, PATH, &query, &found))
        }
    };
    Ok(page.show(page.t(w::USERS), content))
}

fn filters(page: &Page, query: &Query) -> Markup {
    let language = page.language();
    let kinds = [
        Choice::new("superuser", page.t(w::SUPERUSER)),
        Choice::new("staff", page.t(w::STAFF)),
        Choice::new("plain", page.t(w::PLAIN)),
    ];
    let states = [
        Choice::new("true", page.t(w::USER_ACTIVE)),
        Choice::new("false", page.t(w::USER_INACTIVE)),
    ];
    html! {
        (Field::search("q", page.t(c::SEARCH)).value(list::sent(query, "q"))
            .attr("placeholder", page.t(w::USER_FILTER)).render(language))
        (Field::select("kind", page.t(w::RIGHTS)).value(list::sent(query, "kind")).choices(kinds)
            .or_none(page.t(c::ANY)).render(language))
        (Field::select("is_active", page.t(c::STATUS)).value(list::sent(query, "is_active")).choices(states)
            .or_none(page.t(c::ANY)).render(language))
    }
}

/// What an account may do, and whether it can be used.
pub(super) fn badges(page: &Page, account: &Account) -> Markup {
    html! {
        span class="row" {
            @if account.is_superuser { (badge(Tone::Warn, page.t(w::SUPERUSER))) }
            @if account.is_staff { (badge(Tone::Info, page.t(w::STAFF))) }
            @if !account.is_superuser && !account.is_staff { (badge(Tone::Neutral, page.t(w::PLAIN))) }
            @if !account.is_active { (badge(Tone::Danger, page.t(w::USER_INACTIVE))) }
        }
    }
}

fn table(page: &Page, accounts: &[Account]) -> Markup {
    let language = page.language();
    let now = page.now.to_zoned(page.zone.clone());
    let columns = [
        Column::new(page.t(w::USER)),
        Column::new(page.t(w::EMAIL)),
        Column::new(page.t(w::RIGHTS)),
        Column::new(page.t(w::PLACES)).numeric(),
        Column::new(page.t(w::LAST_SIGN_IN)),
    ];
    let rows: Vec<Row> = accounts
        .iter()
        .map(|account| {
            let last = account.last_sign_in_at;
            Row::to(
                format!("{PATH}{}/", account.id),
                [
                    person(&account.username),
                    html! { (account.email) },
                    badges(page, account),
                    html! { (format::count(language, account.tenants)) },
                    html! {
                        @match last {
                            Some(at) => { (format::relative(language, at, &now)) }
                            None => { span class="quiet" { (page.t(w::NEVER)) } }
                        }
                    },
                ],
            )
        })
        .collect();
    data_table(language, page.t(w::USERS), &columns, &rows)
}
