//! `/settings/`: the company, what it pays for, and how much of that is taken.

use super::{COMPANY, company_id, frame};
use crate::App;
use crate::contract::error::ApiResult;
use crate::pages::kit::record::description_list;
use crate::pages::kit::{Tone, badge, card, format, notice, progress};
use crate::pages::page::Page;
use crate::pages::words::settings as w;
use axum::extract::State;
use maud::html;
use sindico_domain::Refusal;
use sindico_domain::tenant::{ContractStatus, Plan};
use sindico_store::control::{members, tenants};

/// `GET /settings/`.
pub(super) async fn show(State(app): State<App>, page: Page) -> ApiResult {
    let id = company_id(&page);
    let tenant = tenants::find(app.store(), id)
        .await?
        .ok_or(Refusal::NotFound)?;
    let taken = members::seats_taken(app.store(), id).await?;
    let seats = i64::from(tenant.contract.seats);
    let language = page.language();
    let (tone, status) = match tenant.contract.status {
        ContractStatus::Trial => (Tone::Info, w::TRIAL),
        ContractStatus::Active => (Tone::Ok, w::ACTIVE),
        ContractStatus::Suspended => (Tone::Warn, w::SUSPENDED),
        ContractStatus::Canceled => (Tone::Danger, w::CANCELED),
    };
    let plan = match tenant.contract.plan {
        Plan::Starter => w::STARTER,
        Plan::Pro => w::PRO,
        Plan::Enterprise => w::ENTERPRISE,
    };
    let company = [
        (page.t(w::NAME), Some(html! { (tenant.name) })),
        (
            page.t(w::CODE),
            Some(html! { span.mono { (tenant.tenant_code) } }),
        ),
        (
            page.t(w::ADDRESS),
            Some(html! { span.mono { (page.view.host) } }),
        ),
    ];
    let mut contract = vec![
        (page.t(w::PLAN), Some(html! { (page.t(plan)) })),
        (page.t(w::STATUS), Some(badge(tone, page.t(status)))),
        (
            page.t(w::SINCE),
            Some(format::date(language, tenant.contract.start_date)),
        ),
    ];
    if let Some(end) = tenant.contract.end_date {
        contract.push((page.t(w::UNTIL), Some(format::date(language, end))));
    }
    let full = taken >= seats;
    let text = w::seats_of(
        language,
        format::count(language, taken),
        format::count(language, seats),
    );
    let bar = progress(
        page.t(w::SEATS),
        u64::try_from(taken).unwrap_or_default(),
        u64::try_from(seats).unwrap_or_default(),
        &text,
        if full { Tone::Warn } else { Tone::Accent },
    );
    let content = html! {
        div.stack {
            (card(page.t(w::COMPANY), None, description_list(language, &company)))
            (card(page.t(w::CONTRACT), None, html! {
                div.stack {
                    (description_list(language, &contract))
                    (bar)
                    @if full { (notice(Tone::Warn, page.t(w::SEATS_FULL), None)) }
                }
            }))
            p.quiet { (page.t(w::COMPANY_HINT)) }
        }
    };
    Ok(page.show(page.t(w::TITLE), frame(&page, COMPANY, &content)))
}
