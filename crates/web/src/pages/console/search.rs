//! `/platform/search/`: tenants and users by name, as a page and for the palette.

use super::{labels, list};
use crate::App;
use crate::contract::Query;
use crate::contract::error::ApiResult;
use crate::pages::kit::{Field, button, card, empty_state, icon, page_header, palette_result};
use crate::pages::page::Page;
use crate::pages::words::{console as w, platform as p, tenants as t};
use axum::extract::State;
use maud::{Markup, html};
use sindico_domain::input::text;
use sindico_domain::page::PageRequest;
use sindico_domain::tenant::{Tenant, TenantFilter, TenantSort};
use sindico_store::control::accounts::{self, Account, AccountFilter};
use sindico_store::control::tenants;

/// How many of each kind are shown.
const FEW: i64 = 8;
/// And on the page.
const MANY: i64 = 50;

/// `GET /platform/search/?q=`, and `&fragment=palette` for the palette.
pub(super) async fn show(State(app): State<App>, page: Page, query: Query) -> ApiResult {
    let mut f = query.fields();
    let q = f.read("q", text(0..=200)).unwrap_or_default();
    f.finish().check(())?;
    let for_palette = list::sent(&query, "fragment") == "palette";
    let limit = if for_palette { FEW } else { MANY };
    let (companies, people) = match q.is_empty() {
        true => (Vec::new(), Vec::new()),
        false => find(&app, &q, limit).await?,
    };
    if for_palette {
        return Ok(page.fragment(html! {
            @for tenant in &companies { (palette_result(&tenant_path(tenant), "building-2", &tenant.name, &tenant.tenant_code)) }
            @for user in &people { (palette_result(&user_path(user), "user", &user.username, &user.email)) }
        }));
    }
    let language = page.language();
    let nothing = companies.is_empty() && people.is_empty();
    let content = html! {
        (page_header(language, page.t(w::SEARCH), None))
        form class="filter-bar" method="get" action="/platform/search/" role="search" {
            (Field::search("q", page.t(w::SEARCH)).value(q.clone()).attr("autofocus", "").render(language))
            (button(page.t(w::SEARCH)).primary())
        }
        @if q.is_empty() {
            (empty_state("search", page.t(w::SEARCH_HINT), page.t(w::TYPE_SOMETHING), None))
        } @else if nothing {
            (empty_state("search", page.t(w::NO_RESULTS), &w::no_results_for(language, &q), None))
        } @else {
            div class="stack" { (results(&page, &companies, &people)) }
        }
    };
    Ok(page.show(page.t(w::SEARCH), content))
}

async fn find(app: &App, q: &str, limit: i64) -> ApiResult<(Vec<Tenant>, Vec<Account>)> {
    let request = PageRequest {
        limit,
        ..PageRequest::default()
    };
    let filter = TenantFilter {
        q: Some(q.to_owned()),
        ..TenantFilter::default()
    };
    let companies = tenants::list(app.store(), &filter, TenantSort::Name, &request).await?;
    let filter = AccountFilter {
        q: Some(q.to_owned()),
        ..AccountFilter::default()
    };
    let people = accounts::list(app.store(), &filter, &request).await?;
    Ok((companies.items, people.items))
}

fn results(page: &Page, companies: &[Tenant], people: &[Account]) -> Markup {
    let language = page.language();
    html! {
        @if !companies.is_empty() {
            (card(page.t(t::TITLE), None, html! {
                ul class="stack-tight" {
                    @for tenant in companies {
                        li class="row" {
                            (icon("building-2")) a href=(tenant_path(tenant)) { (tenant.name) }
                            span class="quiet mono" { (tenant.tenant_code) }
                            (labels::badges(language, tenant))
                        }
                    }
                }
            }))
        }
        @if !people.is_empty() {
            (card(page.t(p::USERS), None, html! {
                ul class="stack-tight" {
                    @for user in people {
                        li class="row" { (icon("user")) a href=(user_path(user)) { (user.username) } span class="quiet" { (user.email) } }
                    }
                }
            }))
        }
    }
}

fn tenant_path(tenant: &Tenant) -> String {
    format!("/platform/tenants/{}/", tenant.id)
}

fn user_path(user: &Account) -> String {
    format!("/platform/users/{}/", user.id)
}
