//! `/settings/`: the company's own settings, for its members to see and for its owners to change.

mod assignment;
mod audit;
mod company;
mod custom_fields;
mod forms;
mod history;
mod mail;
mod members;
mod pipelines;
pub mod privacy;
mod roles;
mod stages;
mod support;
mod tags;
mod teams;
mod webhooks;

use crate::gate::access::Access::{May, Member, Owner};
use crate::pages::kit::{PageHeader, Tab, tabs};
use crate::pages::page::Page;
use crate::pages::words::{
    assignment as assignment_words, custom_fields as fields_words, lead_forms, mail as mail_words,
    privacy as privacy_words, settings as w, teams as teams_words, webhooks as hooks,
};
use crate::table::{Table, show, submit};
use maud::{Markup, html};
use sindico_domain::access::capability::Method::{Delete, Get, Patch, Post};
use sindico_domain::access::capability::Resource::{
    AssignmentRules, CustomFields, Customers, Pipelines,
};

const COMPANY: &str = "/settings/";
const MEMBERS: &str = "/settings/members/";
const TEAMS: &str = "/settings/teams/";
const ROLES: &str = "/settings/roles/";
const PIPELINES: &str = "/settings/pipelines/";
const CUSTOM_FIELDS: &str = "/settings/custom-fields/";
const TAGS: &str = "/settings/tags/";
const FORMS: &str = "/settings/forms/";
const WEBHOOKS: &str = "/settings/webhooks/";
const MAIL: &str = "/settings/mail/";
const PRIVACY: &str = "/settings/privacy/";
const ASSIGNMENT: &str = "/settings/assignment/";
const AUDIT: &str = "/settings/audit/";
const SUPPORT: &str = "/settings/support/";

/// Its pages.
pub(super) fn routes(table: Table) -> Table {
    let table = assignment::routes(mail::routes(forms::routes(table)));
    privacy::routes(webhooks::routes(table))
        .page(COMPANY, show(Member, company::show))
        .page(
            MEMBERS,
            show(Member, members::show).submit(Owner, members::add),
        )
        .page(
            "/settings/members/{member_id}/",
            submit(Owner, members::change),
        )
        .page(TEAMS, show(Member, teams::show).submit(Owner, teams::add))
        .page("/settings/teams/{id}/", submit(Owner, teams::change))
        .page("/settings/teams/{id}/remove/", submit(Owner, teams::remove))
        .page("/settings/teams/{id}/undo/", submit(Owner, teams::undo))
        .page(
            ROLES,
            show(Member, roles::show).submit(Owner, roles::submit),
        )
        .page("/settings/roles/reset/", submit(Owner, roles::reset))
        .page(TAGS, show(Member, tags::show))
        .page(
            "/settings/tags/rename/",
            submit(May(Customers, Patch), tags::rename),
        )
        .page(
            "/settings/tags/remove/",
            submit(May(Customers, Patch), tags::remove),
        )
        .page(
            PIPELINES,
            show(May(Pipelines, Get), pipelines::show)
                .submit(May(Pipelines, Post), pipelines::create),
        )
        .page(
            "/settings/pipelines/{id}/",
            show(May(Pipelines, Get), stages::show)
                .submit(May(Pipelines, Patch), pipelines::change),
        )
        .page(
            "/settings/pipelines/{id}/delete/",
            submit(May(Pipelines, Delete), pipelines::delete),
        )
        .page(
            "/settings/pipelines/{id}/stages/new/",
            show(May(Pipelines, Post), stages::new).submit(May(Pipelines, Post), stages::create),
        )
        .page(
            "/settings/pipelines/{id}/stages/{stage}/",
            show(May(Pipelines, Patch), stages::edit).submit(May(Pipelines, Patch), stages::update),
        )
        .page(
            "/settings/pipelines/{id}/stages/{stage}/move/",
            submit(May(Pipelines, Patch), stages::put),
        )
        .page(
            "/settings/pipelines/{id}/stages/{stage}/delete/",
            submit(May(Pipelines, Delete), stages::delete),
        )
        .page(
            "/settings/reasons/",
            submit(May(Pipelines, Post), pipelines::add_reason),
        )
        .page(
            "/settings/reasons/{id}/",
            submit(May(Pipelines, Patch), pipelines::rename_reason),
        )
        .page(
            "/settings/reasons/{id}/delete/",
            submit(May(Pipelines, Delete), pipelines::delete_reason),
        )
        .page(
            CUSTOM_FIELDS,
            show(May(CustomFields, Get), custom_fields::show),
        )
        .page(
            "/settings/custom-fields/new/",
            show(May(CustomFields, Post), custom_fields::new)
                .submit(May(CustomFields, Post), custom_fields::create),
        )
        .page(
            "/settings/custom-fields/{id}/",
            show(May(CustomFields, Patch), custom_fields::edit)
                .submit(May(CustomFields, Patch), custom_fields::update),
        )
        .page(
            "/settings/custom-fields/{id}/move/",
            submit(May(CustomFields, Patch), custom_fields::put),
        )
        .page(
            "/settings/custom-fields/{id}/delete/",
            submit(May(CustomFields, Delete), custom_fields::delete),
        )
        .page(AUDIT, show(Owner, audit::show))
        .page(SUPPORT, show(Owner, support::show))
}

/// The frame of the settings' pages; what only owners may see is offered to them alone.
fn frame(page: &Page, current: &str, content: &Markup) -> Markup {
    let parts = [
        (COMPANY, w::COMPANY, false),
        (MEMBERS, w::MEMBERS, false),
        (TEAMS, teams_words::TITLE, false),
        (ROLES, w::ROLES, false),
        (PIPELINES, w::PIPELINES, false),
        (CUSTOM_FIELDS, fields_words::TITLE, false),
        (ASSIGNMENT, assignment_words::TITLE, false),
        (TAGS, w::TAGS, false),
        (FORMS, lead_forms::TITLE, true),
        (WEBHOOKS, hooks::TITLE, true),
        (MAIL, mail_words::TITLE, true),
        (PRIVACY, privacy_words::TITLE, true),
        (AUDIT, w::AUDIT, true),
        (SUPPORT, w::SUPPORT, true),
    ];
    let owner = is_owner(page);
    let reads = page.may(Pipelines, Get);
    let parts = parts.into_iter();
    let (fields, assigns) = (page.may(CustomFields, Get), page.may(AssignmentRules, Get));
    let hidden = |href: &str| match href {
        PIPELINES => !reads,
        CUSTOM_FIELDS => !fields,
        ASSIGNMENT => !assigns,
        _ => false,
    };
    let parts = parts.filter(|(href, _, owners)| (owner || !owners) && !hidden(href));
    let parts: Vec<_> = parts
        .map(|(href, word, _)| Tab {
            href: href.to_owned(),
            label: page.t(word).to_owned(),
            count: None,
            current: href == current,
        })
        .collect();
    let header = PageHeader {
        title: page.t(w::TITLE).to_owned(),
        ..PageHeader::default()
    };
    html! {
        (header.render(page.language()))
        (tabs(page.language(), &parts))
        (content)
    }
}

fn is_owner(page: &Page) -> bool {
    page.tenant.as_ref().is_some_and(|tenant| tenant.is_owner())
}

fn company_id(page: &Page) -> i64 {
    page.tenant.as_ref().map_or(0, |tenant| tenant.company.id)
}
