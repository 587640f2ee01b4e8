//! `/sample-data/`: an owner fills the tenant with records to try it out, and takes exactly those away again.

use super::support::people;
use crate::contract::Body;
use crate::contract::error::ApiResult;
use crate::pages::kit::format::count;
use crate::pages::kit::{PageHeader, button, card, link_button};
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::records::many;
use crate::pages::words::{common as c, navigation, work as w};
use crate::portal::crm::Crm;
use maud::{Markup, html};
use sindico_crm::sample::{self, Amounts, Plan, There, Trade};

/// `GET /sample-data/`.
pub(super) async fn show(crm: Crm, page: Page) -> ApiResult {
    let there = sample::there(&crm.data).await?;
    let content = html! {
        (PageHeader {
            breadcrumbs: vec![(page.t(navigation::TODAY).to_owned(), "/today/".to_owned())],
            title: page.t(w::SAMPLE).to_owned(),
            ..PageHeader::default()
        }.render(page.language()))
        @if there.total() == 0 { (offer(&page)) } @else { (way_out(&page, &there)) }
    };
    Ok(page.show(page.t(w::SAMPLE), content))
}

fn offer(page: &Page) -> Markup {
    let Amounts {
        customers,
        leads,
        opportunities,
        activities,
    } = Amounts::SHOW;
    let text = w::sample_fill_text(page.language(), customers, leads, opportunities, activities);
    let body = html! {
        form method="post" action="/sample-data/" class="stack" {
            (page.proof())
            p { (text) }
            div class="row" {
                (button(page.t(w::SAMPLE_CONFIRM_FILL)).primary().icon("sparkles"))
                (link_button(page.t(c::CANCEL), "/today/").quiet())
            }
        }
    };
    card(page.t(w::SAMPLE_FILL), None, body)
}

fn way_out(page: &Page, there: &There) -> Markup {
    let language = page.language();
    let body = html! {
        form method="post" action="/sample-data/remove/" class="stack" {
            (page.proof())
            p { (page.t(w::SAMPLE_THERE)) }
            ul class="sample-kinds" {
                @for (kind, number) in &there.kinds { li { strong class="number" { (count(language, *number)) } " " (page.t(many(*kind))) } }
            }
            @match there.changed {
                0 => {}
                1 => { p { (page.t(w::SAMPLE_CHANGED_ONE)) } }
                number => { p { (w::sample_changed(language, count(language, number))) } }
            }
            p { (page.t(w::SAMPLE_REMOVE_TEXT)) }
            div class="row" {
                (button(page.t(w::SAMPLE_CONFIRM_REMOVE)).danger().icon("trash-2"))
                (link_button(page.t(c::CANCEL), "/today/").quiet())
            }
        }
    };
    card(page.t(w::SAMPLE_REMOVE), None, body)
}

/// `POST /sample-data/`.
pub(super) async fn fill(crm: Crm, page: Page, _: Body) -> ApiResult {
    // Asked twice, as by a second click, it is there once.
    if sample::there(&crm.data).await?.total() > 0 {
        return Ok(page.redirect("/sample-data/"));
    }
    let company = &crm.tenant.company;
    let seed = company.tenant_code.bytes();
    let seed = seed.fold(0u64, |seed, byte| {
        seed.wrapping_mul(31).wrapping_add(byte.into())
    });
    let plan = Plan {
        amounts: Amounts::SHOW,
        seed,
        trade: Trade::of(seed),
        domain: &sample::domain(&company.tenant_code),
        zone: &page.zone,
        members: &people(crm.app(), company.id).await?,
    };
    sample::fill(&crm.data, crm.by(), &plan, &mut |_| {}).await?;
    Ok(page.done("/today/", &Notice::new("sample_filled", None)))
}

/// `POST /sample-data/remove/`.
pub(super) async fn remove(crm: Crm, page: Page, _: Body) -> ApiResult {
    let change_set = sample::remove(&crm.data, crm.by()).await?;
    Ok(page.done("/today/", &Notice::new("sample_removed", change_set)))
}
