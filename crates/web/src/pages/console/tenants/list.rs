//! `/platform/tenants/`: all tenants, with their states at a glance.

use crate::App;
use crate::contract::Query;
use crate::contract::error::ApiResult;
use crate::contract::query::page as page_of;
use crate::pages::console::{form, labels, list};
use crate::pages::kit::{
    Choice, Column, Field, Order, Row, data_table, disclosure, empty_state, filter_bar, format,
    link_button, page_header,
};
use crate::pages::page::Page;
use crate::pages::words::{console as c, tenants as w};
use axum::extract::State;
use maud::{Markup, html};
use sindico_domain::input::{boolean, choice, text};
use sindico_domain::page;
use sindico_domain::tenant::{
    ContractStatus, IsolationModel, Plan, ProvisioningStatus, Tenant, TenantFilter, TenantSort,
};
use sindico_store::control::{overview, tenants};
use std::collections::HashMap;

const PATH: &str = "/platform/tenants/";

/// `GET /platform/tenants/`.
pub(in crate::pages::console) async fn show(
    State(app): State<App>,
    page: Page,
    query: Query,
) -> ApiResult {
    let mut f = query.fields();
    let filter = TenantFilter {
        q: f.read("q", text(1..=200)),
        status: f.read("status", choice),
        isolation_model: f.read("isolation_model", choice),
        plan: f.read("plan", choice),
        contract_status: f.read("contract_status", choice),
        is_active: f.read("is_active", boolean),
    };
    let sort = f.read("sort", choice).unwrap_or(TenantSort::Name);
    let mut request = page_of(&mut f);
    f.finish().check(())?;
    request.limit = list::ROWS;
    request.count = true;
    let found = tenants::list(app.store(), &filter, sort, &request).await?;
    let ids: Vec<i64> = found.items.iter().map(|tenant| tenant.id).collect();
    let taken = overview::seats_taken(app.store(), &ids).await?;

    let language = page.language();
    let new = link_button(page.t(w::NEW), "/platform/tenants/new/")
        .primary()
        .icon("plus");
    let content = html! {
        (page_header(language, page.t(w::TITLE), Some(html! { (new) })))
        (filters(&page, &query, sort))
        @if found.items.is_empty() {
            (nothing(&page, &query))
        } @else {
            (table(&page, &query, sort, &found, &taken))
            (list::end(&page, PATH, &query, &found))
        }
    };
    Ok(page.show(page.t(w::TITLE), content))
}

fn nothing(page: &Page, query: &Query) -> Markup {
    if list::is_filtered(query) {
        let clear = link_button(page.t(crate::pages::words::kit::CLEAR), PATH);
        return empty_state(
            "search",
            page.t(w::LIST_EMPTY),
            page.t(w::LIST_EMPTY_TEXT),
            Some(html! { (clear) }),
        );
    }
    let new = link_button(page.t(w::NEW), "/platform/tenants/new/").primary();
    empty_state(
        "building-2",
        page.t(c::FIRST_TENANT),
        page.t(c::FIRST_TENANT_TEXT),
        Some(html! { (new) }),
    )
}

fn filters(page: &Page, query: &Query, sort: TenantSort) -> Markup {
    let language = page.language();
    let select = |name: &'static str, label, choices: Vec<Choice>, none| {
        Field::select(name, page.t(label))
            .value(list::sent(query, name))
            .choices(choices)
            .or_none(page.t(none))
            .render(language)
    };
    let active = vec![
        Choice::new("true", page.t(c::ACTIVE)),
        Choice::new("false", page.t(c::INACTIVE)),
    ];
    let statuses = form::choices(language, ProvisioningStatus::ALL, |status| {
        labels::status_word(status).2
    });
    let contracts = form::choices(language, ContractStatus::ALL, |status| {
        labels::contract_word(status).1
    });
    let plans = form::choices(language, Plan::ALL, labels::plan);
    let models = form::choices(language, IsolationModel::ALL, labels::model);
    let more = ["plan", "isolation_model", "is_active"]
        .iter()
        .any(|name| !list::sent(query, name).is_empty());
    let fields = html! {
        (Field::search("q", page.t(c::SEARCH)).value(list::sent(query, "q"))
            .attr("placeholder", page.t(c::SEARCH_TENANTS)).render(language))
        (select("status", w::PROVISIONING, statuses, c::ANY_F))
        (select("contract_status", w::CONTRACT, contracts, c::ANY))
        (disclosure(page.t(w::MORE_FILTERS), more, &html! {
            div class="row" {
                (select("plan", c::PLAN, plans, c::ANY))
                (select("isolation_model", c::MODEL, models, c::ANY))
                (select("is_active", w::ACTIVITY, active, c::ANY_F))
            }
        }))
        @if sort != TenantSort::Name { input type="hidden" name="sort" value=(sort); }
    };
    let clear = list::is_filtered(query).then_some(PATH);
    filter_bar(language, PATH, fields, clear)
}

fn table(
    page: &Page,
    query: &Query,
    sort: TenantSort,
    found: &page::Page<Tenant>,
    taken: &HashMap<i64, i64>,
) -> Markup {
    let language = page.language();
    let sorted = |up: TenantSort, down: TenantSort| {
        let now = match sort {
            s if s == up => Some(Order::Ascending),
            s if s == down => Some(Order::Descending),
            _ => None,
        };
        let next = if sort == up { down } else { up };
        (list::with(PATH, query, "sort", next.as_str()), now)
    };
    let (by_name, name_now) = sorted(TenantSort::Name, TenantSort::NameDesc);
    let (by_date, date_now) = sorted(TenantSort::CreatedDesc, TenantSort::Created);
    // The newest first is what a click asks for; then the arrow points down.
    let date_now = date_now.map(|order| match order {
        Order::Ascending => Order::Descending,
        Order::Descending => Order::Ascending,
    });
    let columns = [
        Column::new(page.t(c::TENANT)).sorted_by(by_name, name_now),
        Column::new(page.t(w::PROVISIONING)),
        Column::new(page.t(w::CONTRACT)),
        Column::new(page.t(c::PLAN)),
        Column::new(page.t(c::SEATS)).numeric(),
        Column::new(page.t(c::MODEL)),
        Column::new(page.t(w::CREATED))
            .shrink()
            .sorted_by(by_date, date_now),
    ];
    let now = page.now.to_zoned(page.zone.clone());
    let rows: Vec<Row> = found
        .items
        .iter()
        .map(|tenant| {
            let contract = &tenant.contract;
            let used = taken.get(&tenant.id).copied().unwrap_or(0);
            Row::to(
                format!("{PATH}{}/", tenant.id),
                [
                    html! {
                        (tenant.name)
                        span class="table-sub" { (tenant.tenant_code) @if tenant.subdomain != tenant.tenant_code { " · " (tenant.subdomain) } }
                    },
                    html! {
                        span class="row" {
                            (labels::status(language, tenant.provisioning.status))
                            @if !tenant.is_active { (crate::pages::kit::badge(crate::pages::kit::Tone::Danger, page.t(c::INACTIVE))) }
                        }
                    },
                    labels::contract(language, contract.status),
                    html! { (page.t(labels::plan(contract.plan))) },
                    html! { (w::seats_used(language, used, contract.seats)) },
                    html! { (page.t(labels::model(tenant.provisioning.isolation_model))) },
                    format::relative(language, tenant.created_at, &now),
                ],
            )
            .id(format!("tenant-{}", tenant.id))
        })
        .collect();
    data_table(language, page.t(w::TITLE), &columns, &rows)
}
