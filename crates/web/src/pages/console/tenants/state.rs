//! `/platform/tenants/{id}/state/`: what shuts a tenant's people out, and lets them in again. What cuts
//! people off wants the tenant's code typed.

use super::frame::{self, Part, Standing};
use crate::App;
use crate::contract::Body;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::resource::Id;
use crate::pages::console::form::refusal;
use crate::pages::console::labels;
use crate::pages::kit::{Field, Tone, button, card, danger_card, notice};
use crate::pages::language::Word;
use crate::pages::messages::translate;
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::tenant_state as w;
use axum::extract::State;
use axum::http::StatusCode;
use maud::{Markup, html};
use serde_json::Value;
use sindico_domain::Refusal;
use sindico_domain::precondition::Precondition;
use sindico_domain::tenant::{ContractChanges, ContractStatus, Tenant, TenantChanges};
use sindico_store::control::tenants;

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    Suspend,
    Resume,
    Deactivate,
    Activate,
}

impl Act {
    const ALL: [Self; 4] = [
        Self::Suspend,
        Self::Resume,
        Self::Deactivate,
        Self::Activate,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Deactivate => "deactivate",
            Self::Activate => "activate",
        }
    }

    fn words(self) -> (Word, Word) {
        match self {
            Self::Suspend => (w::SUSPEND, w::SUSPEND_TEXT),
            Self::Resume => (w::RESUME, w::RESUME_TEXT),
            Self::Deactivate => (w::DEACTIVATE, w::DEACTIVATE_TEXT),
            Self::Activate => (w::ACTIVATE, w::ACTIVATE_TEXT),
        }
    }

    /// Whether people are cut off by it.
    fn cuts_off(self) -> bool {
        matches!(self, Self::Suspend | Self::Deactivate)
    }

    /// Whether it would change something.
    fn is_open(self, tenant: &Tenant) -> bool {
        let serves = tenant.contract.status.serves();
        match self {
            Self::Suspend => serves,
            Self::Resume => !serves,
            Self::Deactivate => tenant.is_active,
            Self::Activate => !tenant.is_active,
        }
    }

    /// What is written; `resumes_to` is what the contract was before it rested.
    fn changes(self, resumes_to: ContractStatus) -> TenantChanges {
        let contract = |status| TenantChanges {
            contract: ContractChanges {
                status: Some(status),
                ..ContractChanges::default()
            },
            ..TenantChanges::default()
        };
        let active = |is_active| TenantChanges {
            is_active: Some(is_active),
            ..TenantChanges::default()
        };
        match self {
            Self::Suspend => contract(ContractStatus::Suspended),
            Self::Resume => contract(resumes_to),
            Self::Deactivate => active(false),
            Self::Activate => active(true),
        }
    }

    fn notice(self) -> &'static str {
        match self {
            Self::Suspend => "tenant_suspended",
            Self::Resume => "tenant_resumed",
            Self::Deactivate => "tenant_deactivated",
            Self::Activate => "tenant_activated",
        }
    }
}

/// `GET /platform/tenants/{id}/state/`.
pub(in crate::pages::console) async fn show(
    State(app): State<App>,
    page: Page,
    Id(id): Id,
) -> ApiResult {
    let standing = frame::find(&app, id).await?;
    let resumes_to = tenants::resumes_to(app.store(), id).await?;
    let content = content(&page, &standing, resumes_to, None, None);
    Ok(page.show(&standing.tenant.name, content))
}

/// `POST /platform/tenants/{id}/state/`.
pub(in crate::pages::console) async fn submit(
    State(app): State<App>,
    page: Page,
    Id(id): Id,
    body: Body,
) -> ApiResult {
    let text = |name: &str| body.0.get(name).and_then(Value::as_str).unwrap_or_default();
    let act = Act::ALL.into_iter().find(|act| act.name() == text("act"));
    let act = act.ok_or_else(not_found)?;
    let standing = frame::find(&app, id).await?;
    let resumes_to = tenants::resumes_to(app.store(), id).await?;
    let typed = text("confirm").trim();
    if act.cuts_off() && !typed.eq_ignore_ascii_case(&standing.tenant.tenant_code) {
        let content = content(&page, &standing, resumes_to, Some((act, typed)), None);
        let title = &standing.tenant.name;
        return Ok(page.show_as(StatusCode::BAD_REQUEST, title, content));
    }
    let changed = tenants::change(
        app.store(),
        &page.caller.actor,
        id,
        &act.changes(resumes_to),
        app.rules(),
        &Precondition::None,
    )
    .await;
    match changed {
        Ok(tenant) => {
            tenant.ok_or_else(not_found)?;
            app.tenant_changed(id).await;
            let path = frame::path(id, Part::State);
            Ok(page.done(&path, &Notice::new(act.notice(), None)))
        }
        Err(error) => {
            let refusal = refusal(error)?;
            let content = content(&page, &standing, resumes_to, None, Some(&refusal));
            let title = &standing.tenant.name;
            Ok(page.show_as(StatusCode::BAD_REQUEST, title, content))
        }
    }
}

fn content(
    page: &Page,
    standing: &Standing,
    resumes_to: ContractStatus,
    wrong: Option<(Act, &str)>,
    refusal: Option<&Refusal>,
) -> Markup {
    let open = Act::ALL
        .into_iter()
        .filter(|act| act.is_open(&standing.tenant));
    html! {
        (frame::head(page, standing, Part::State))
        div class="stack" {
            @if let Some(refusal) = refusal {
                (notice(Tone::Danger, &translate(page.language(), &refusal.to_line()), None))
            }
            @for act in open {
                @let typed = wrong.filter(|(wrong, _)| *wrong == act).map(|(_, typed)| typed);
                (act_card(page, &standing.tenant, act, resumes_to, typed))
            }
        }
    }
}

fn act_card(
    page: &Page,
    tenant: &Tenant,
    act: Act,
    resumes_to: ContractStatus,
    wrong: Option<&str>,
) -> Markup {
    let language = page.language();
    let (title, text) = act.words();
    let id = format!("confirm-{}", act.name());
    let confirm = Field::text("confirm", page.t(w::CONFIRM))
        .id(id)
        .hint(w::confirm_hint(language, &tenant.tenant_code))
        .value(wrong.unwrap_or_default())
        .errors(wrong.map(|_| page.t(w::WRONG_CODE)))
        .required()
        .attr("autocomplete", "off")
        .attr("autocapitalize", "none")
        .attr("spellcheck", "false");
    let send = button(page.t(title));
    let body = html! {
        form class="form" method="post" action=(frame::path(tenant.id, Part::State)) {
            (page.proof())
            input type="hidden" name="act" value=(act.name());
            p { (page.t(text)) }
            @if act == Act::Resume {
                p { (w::resumes_to(language, page.t(labels::contract_word(resumes_to).1))) }
            }
            @if act.cuts_off() {
                div class="form-grid" { (confirm.render(language)) }
                div { (send.danger()) }
            } @else {
                div { (send.primary()) }
            }
        }
    };
    match act.cuts_off() {
        true => danger_card(page.t(title), body),
        false => card(page.t(title), None, body),
    }
}
