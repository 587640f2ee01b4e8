//! What belongs to a record: its customer, its sales, what is to be done.

use super::{place, value};
use crate::pages::kit::{badge, card, format, icon, link_button};
use crate::pages::page::Page;
use crate::pages::words::records as w;
use maud::{Markup, html};
use sindico_crm::sheet::{RELATED, Related, Sheet};
use sindico_domain::access::capability::Method;
use sindico_domain::crm::Kind;

/// A card for each kind that may belong to a record of this one.
pub fn cards(page: &Page, sheet: &Sheet) -> Markup {
    let record = &sheet.record;
    let parts: &[(Kind, &str)] = match record.kind {
        Kind::Customer => &[
            (Kind::Opportunity, "customer"),
            (Kind::Lead, "customer"),
            (Kind::Activity, ""),
        ],
        Kind::Lead => &[(Kind::Opportunity, "source_lead"), (Kind::Activity, "lead")],
        Kind::Opportunity => &[(Kind::Activity, "opportunity")],
        Kind::Activity | Kind::SalesGoal => &[],
    };
    html! {
        @for (kind, field) in parts {
            @if page.may(kind.resource(), Method::Get) {
                (one(page, sheet, *kind, field))
            }
        }
    }
}

fn one(page: &Page, sheet: &Sheet, kind: Kind, field: &str) -> Markup {
    let record = &sheet.record;
    let rows: Vec<&Related> = sheet
        .related
        .iter()
        .filter(|one| !one.referred && one.kind == kind)
        .collect();
    let more = rows.len() > RELATED && !field.is_empty();
    let can_add =
        !field.is_empty() && field != "source_lead" && page.may(kind.resource(), Method::Post);
    let add = format!(
        "{}new/?{field}={}&next={}",
        place::base(kind),
        record.id,
        place::of(record.kind, record.id)
    );
    let actions = html! {
        @if can_add && kind != Kind::Activity {
            (link_button(page.t(w::new_one(kind)), add).small().icon("plus"))
        }
    };
    let name = page.t(w::many(kind));
    card(
        name,
        Some(actions),
        html! {
            @if rows.is_empty() {
                p class="quiet" { (page.t(w::none_yet(kind).0)) "." }
            } @else {
                ul class="related" {
                    @for row in rows.iter().take(RELATED) { (line(page, row)) }
                }
            }
            @if more {
                p { a href={ (place::list(kind)) "?" (field) "=" (record.id) } { (page.t(w::SEE_ALL)) } }
            }
        },
    )
}

fn line(page: &Page, row: &Related) -> Markup {
    let language = page.language();
    let state = match row.kind {
        Kind::Opportunity => "stage",
        _ => "status",
    };
    html! {
        li class="related-line" {
            (icon(place::icon(row.kind)))
            a class="related-name" href=(place::of(row.kind, row.id)) { (name(page, row)) }
            @if !row.state.is_empty() {
                (badge(value::state_tone(page, row.kind, state, &row.state), &value::state_of(page, row.kind, state, &row.state)))
            }
            @if let Some(amount) = row.amount { span class="number" { (format::money(language, amount)) } }
            @if let Some(due) = row.due_at { span class="quiet" { (format::relative(language, due, &page.now.to_zoned(page.zone.clone()))) } }
            @if row.deleted { span class="quiet" { (page.t(w::IN_BIN)) } }
        }
    }
}

fn name(page: &Page, row: &Related) -> String {
    match row.title.as_str() {
        "" => w::number(page.language(), row.id),
        title => value::title_of(page.language(), row.kind, title),
    }
}
