//! `/platform/`: how many tenants are in which state, what needs attention, what is at work, what was done.

use super::{audit as audit_page, labels, operations as operations_page};
use crate::App;
use crate::contract::error::ApiResult;
use crate::pages::kit::{
    Stat, Tone, badge, card, empty_state, format, icon, link_button, page_header, stats, timeline,
};
use crate::pages::messages::translate;
use crate::pages::page::Page;
use crate::pages::words::console as w;
use axum::extract::State;
use maud::{Markup, html};
use sindico_domain::operation::Operation;
use sindico_domain::page::PageRequest;
use sindico_domain::tenant::{ContractStatus, ProvisioningStatus};
use sindico_store::control::audit::{self, AuditEvent, AuditFilter};
use sindico_store::control::operations;
use sindico_store::control::overview::{self, Count, Troubled};
use sindico_store::migrate::tenant::target;

/// How many troubled tenants are named.
const NAMED: i64 = 20;
/// How many operations at work are shown.
const LIVE: i64 = 20;
/// After how many seconds an operation takes suspiciously long.
const SLOW: i64 = 60;

/// `GET /platform/`.
pub(super) async fn show(State(app): State<App>, page: Page) -> ApiResult {
    let store = app.store();
    let counts = overview::counts(store).await?;
    let (troubled, all) = overview::troubled(store, target(), NAMED).await?;
    let live = operations::live(store, LIVE).await?;
    let few = PageRequest {
        limit: 8,
        ..PageRequest::default()
    };
    let events = audit::list(store, &AuditFilter::default(), &few).await?;
    let language = page.language();
    let new = link_button(page.t(w::NEW_TENANT), "/platform/tenants/new/")
        .primary()
        .icon("plus");
    let content = html! {
        (page_header(language, page.t(w::OVERVIEW), Some(html! { (new) })))
        div class="stack" {
            @if counts.is_empty() {
                (empty_state("building-2", page.t(w::FIRST_TENANT), page.t(w::FIRST_TENANT_TEXT), None))
            } @else { (numbers(&page, &counts)) }
            div class="columns" {
                div class="stack" {
                    (attention(&page, &troubled, all, &live))
                    (at_work(&page, &live))
                }
                div class="stack" { (newest(&page, &events.items)) }
            }
        }
    };
    Ok(page.show(page.t(w::OVERVIEW), content))
}

fn numbers(page: &Page, counts: &[Count]) -> Markup {
    let language = page.language();
    let sum = |wanted: &dyn Fn(&Count) -> bool| {
        let found = counts.iter().filter(|count| wanted(count));
        found.map(|count| count.tenants).sum::<i64>()
    };
    let place = |status: ProvisioningStatus| sum(&move |c| c.is_active && c.status == status);
    let contract = |status: ContractStatus| sum(&move |c| c.is_active && c.contract == status);
    let stat = |word, value: i64, query: &str, tone: Tone| Stat {
        label: page.t(word).to_owned(),
        value: format::count(language, value),
        href: Some(format!("/platform/tenants/{query}")),
        tone: if value == 0 { Tone::Neutral } else { tone },
        ..Stat::default()
    };
    let waiting = place(ProvisioningStatus::Pending);
    let working = place(ProvisioningStatus::Provisioning);
    let failed = place(ProvisioningStatus::Failed);
    let canceled = contract(ContractStatus::Canceled);
    let active = |query: &str| format!("?{query}&is_active=true");
    html! {
        (stats(&[
            stat(w::ALL_TENANTS, sum(&|_| true), "", Tone::Neutral),
            stat(w::READY_TENANTS, place(ProvisioningStatus::Ready), &active("status=READY"), Tone::Ok),
            stat(w::AT_WORK, working, &active("status=PROVISIONING"), Tone::Info),
            stat(w::PENDING, waiting, &active("status=PENDING"), Tone::Neutral),
            stat(w::FAILED_TENANTS, failed, &active("status=FAILED"), Tone::Danger),
        ]))
        (stats(&[
            stat(w::PAYING, contract(ContractStatus::Active), &active("contract_status=ACTIVE"), Tone::Ok),
            stat(w::ON_TRIAL, contract(ContractStatus::Trial), &active("contract_status=TRIAL"), Tone::Info),
            stat(w::SUSPENDED_TENANTS, contract(ContractStatus::Suspended), &active("contract_status=SUSPENDED"), Tone::Warn),
            stat(w::CANCELED_TENANTS, canceled, &active("contract_status=CANCELED"), Tone::Neutral),
            stat(w::INACTIVE_TENANTS, sum(&|c| !c.is_active), "?is_active=false", Tone::Neutral),
        ]))
    }
}

fn attention(page: &Page, troubled: &[Troubled], all: i64, live: &[Operation]) -> Markup {
    let slow: Vec<_> = live
        .iter()
        .filter(|operation| page.now.as_second() - operation.created_at.as_second() > SLOW)
        .collect();
    let more = all - troubled.len() as i64;
    let body = html! {
        @if troubled.is_empty() && slow.is_empty() {
            p class="row" { (icon("circle-check")) (page.t(w::NOTHING_WRONG_TEXT)) }
        }
        ul class="stack" {
            @for operation in &slow {
                li class="stack-tight" {
                    div class="row" {
                        a href={ "/platform/operations/" (operation.id) "/" } { (operation.tenant_code) }
                        (badge(Tone::Warn, page.t(w::WHY_SLOW)))
                    }
                }
            }
            @for tenant in troubled { li class="stack-tight" { (reasons(page, tenant)) } }
        }
        @if more > 0 { p { a href="/platform/tenants/" { (w::more_troubled(page.language(), more)) } } }
    };
    card(page.t(w::ATTENTION), None, body)
}

fn reasons(page: &Page, tenant: &Troubled) -> Markup {
    let language = page.language();
    let failed = tenant.status == ProvisioningStatus::Failed;
    html! {
        div class="row" {
            a href={ "/platform/tenants/" (tenant.id) "/" } { (tenant.name) }
            span class="quiet mono" { (tenant.tenant_code) }
            @if failed { (badge(Tone::Danger, page.t(w::WHY_FAILED))) }
            @if tenant.contract == ContractStatus::Suspended { (labels::contract(language, tenant.contract)) }
        }
        @if failed {
            @if !tenant.last_error.is_empty() { p class="step-cause" { (translate(language, &tenant.last_error)) } }
            @if !tenant.hint.is_empty() { p class="quiet" { (translate(language, &tenant.hint)) } }
        }
        @if tenant.contract == ContractStatus::Suspended { p class="quiet" { (page.t(w::WHY_SUSPENDED)) } }
        @if tenant.used >= i64::from(tenant.seats) {
            p class="quiet" { (w::why_full(language, tenant.used, tenant.seats)) }
        }
        @if tenant.is_behind {
                p class="quiet" { @match tenant.schema_version {
                    0 => { (w::WHY_NO_TABLES.in_(language)) }
                    version => { (w::why_behind(language, version, target())) }
                } }
            }
    }
}

fn at_work(page: &Page, live: &[Operation]) -> Markup {
    let all = link_button(page.t(w::ALL_OF_THEM), "/platform/operations/")
        .small()
        .quiet();
    let body = match live.is_empty() {
        true => html! { p class="quiet" { (page.t(w::NOTHING_RUNS)) } },
        false => operations_page::rows(page, live),
    };
    card(page.t(w::RUNNING_NOW), Some(html! { (all) }), body)
}

fn newest(page: &Page, events: &[AuditEvent]) -> Markup {
    let all = link_button(page.t(w::ALL_OF_THEM), "/platform/audit/")
        .small()
        .quiet();
    let entries: Vec<_> = events
        .iter()
        .map(|event| audit_page::entry(page, event))
        .collect();
    let body = match entries.is_empty() {
        true => html! { p class="quiet" { (page.t(w::NO_EVENTS)) } },
        false => timeline(page.language(), &entries),
    };
    card(page.t(w::NEWEST_EVENTS), Some(html! { (all) }), body)
}
