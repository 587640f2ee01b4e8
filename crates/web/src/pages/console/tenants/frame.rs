//! What stands at the head of each page of a tenant: its name, its states, and its parts.

use crate::App;
use crate::contract::error::{ApiResult, not_found};
use crate::pages::console::labels;
use crate::pages::kit::{PageHeader, Tab, format, link_button, tabs};
use crate::pages::page::Page;
use crate::pages::words::tenants as w;
use maud::{Markup, html};
use sindico_domain::tenant::{ProvisioningStatus, Tenant};
use sindico_store::control::{overview, tenants};

/// The parts of a tenant's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Summary,
    Members,
    Domains,
    Operations,
    Audit,
    State,
}

/// A tenant, and how many of its seats are taken.
pub(super) struct Standing {
    pub(super) tenant: Tenant,
    pub(super) used: i64,
}

/// The tenant of this page.
pub(super) async fn find(app: &App, id: i64) -> ApiResult<Standing> {
    let tenant = tenants::find(app.store(), id)
        .await?
        .ok_or_else(not_found)?;
    let taken = overview::seats_taken(app.store(), &[id]).await?;
    let used = taken.get(&id).copied().unwrap_or(0);
    Ok(Standing { tenant, used })
}

/// The address of a tenant's part.
pub(super) fn path(id: i64, part: Part) -> String {
    let below = match part {
        Part::Summary => "",
        Part::Members => "members/",
        Part::Domains => "domains/",
        Part::Operations => "operations/",
        Part::Audit => "audit/",
        Part::State => "state/",
    };
    format!("/platform/tenants/{id}/{below}")
}

/// The states of the tenant; a fragment that is made anew while it is provisioned.
pub(super) fn state(page: &Page, tenant: &Tenant) -> Markup {
    html! { span id="tenant-state" { (labels::badges(page.language(), tenant)) } }
}

/// The ways into the tenant; as [`state`], made anew while it is provisioned.
pub(super) fn actions(page: &Page, tenant: &Tenant) -> Markup {
    let portal = &tenant.provisioning.portal_url;
    // Of one that is not active nobody sees anything; of one whose contract rests, that it rests.
    let opens = tenant.is_active
        && tenant.provisioning.status == ProvisioningStatus::Ready
        && is_web(portal);
    let enter = format!("/platform/tenants/{}/enter/", tenant.id);
    html! {
        div class="row" id="tenant-actions" {
            @if opens {
                (link_button(page.t(w::OPEN_PORTAL), portal.clone()).icon("external-link").attr("rel", "noreferrer"))
            }
            // Staff who are no superusers have no way into tenants (contract section 3).
            @if page.caller.user.is_superuser && opens && tenant.is_served() {
                (link_button(page.t(w::ENTER), enter).icon("log-in"))
            }
        }
    }
}

/// The head of a tenant's page.
pub(super) fn head(page: &Page, standing: &Standing, part: Part) -> Markup {
    let language = page.language();
    let Standing { tenant, used } = standing;
    let header = PageHeader {
        breadcrumbs: vec![(page.t(w::TITLE).to_owned(), "/platform/tenants/".to_owned())],
        title: tenant.name.clone(),
        subtitle: Some(html! {
            span class="mono" { (tenant.tenant_code) }
            @if tenant.subdomain != tenant.tenant_code { " · " span class="mono" { (tenant.subdomain) } }
        }),
        badges: Some(state(page, tenant)),
        actions: Some(actions(page, tenant)),
    };
    let seats = format!(
        "{}/{}",
        format::count(language, *used),
        format::count(language, i64::from(tenant.contract.seats))
    );
    let tab = |part_of: Part, word, count| Tab {
        href: path(tenant.id, part_of),
        label: page.t(word).to_owned(),
        count,
        current: part == part_of,
    };
    html! {
        (header.render(language))
        (tabs(language, &[
            tab(Part::Summary, w::TAB_SUMMARY, None),
            tab(Part::Members, w::TAB_MEMBERS, Some(seats)),
            tab(Part::Domains, w::TAB_DOMAINS, None),
            tab(Part::Operations, w::TAB_OPERATIONS, None),
            tab(Part::Audit, w::TAB_AUDIT, None),
            tab(Part::State, w::TAB_STATE, None),
        ]))
    }
}

/// Whether an address may be a link: what an operator wrote might be anything.
pub(super) fn is_web(address: &str) -> bool {
    address.starts_with("https://") || address.starts_with("http://")
}
