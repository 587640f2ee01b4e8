//! The fields of a kind in their order, and what was done to them.

use super::super::{CUSTOM_FIELDS, frame};
use super::{kind_of, list_of, of};
use crate::contract::error::{ApiResult, not_found};
use crate::contract::resource::Id;
use crate::contract::{Body, Query};
use crate::pages::kit::{
    Column, Row, Tab, Tone, badge, button, card, data_table, empty_state, format, link_button,
    tabs_called,
};
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::portal::records::sent;
use crate::pages::words::{custom_fields as w, pipelines as p, records as r};
use crate::portal::crm::Crm;
use maud::{Markup, html};
use serde_json::Value;
use sindico_crm::customs;
use sindico_crm::pipelines::SetupChange;
use sindico_domain::access::capability::{Method, Resource};
use sindico_domain::crm::Kind;
use sindico_domain::crm::custom::{CustomField, Customs, KINDS, MOST};
use std::sync::Arc;

/// As many of the latest changes as the page tells.
const CHANGES: usize = 20;

fn may(page: &Page, method: Method) -> bool {
    page.may(Resource::CustomFields, method)
}

/// `GET /settings/custom-fields/?kind=lead`.
pub(in super::super) async fn show(page: Page, crm: Crm, query: Query) -> ApiResult {
    let asked = query.without("");
    let asked = asked.iter().find(|(name, _)| name == "kind");
    let kind = kind_of(asked.map_or("", |(_, kind)| kind));
    let (all, history) = customs::with_history(&crm.data).await?;
    let kinds: Vec<Tab> = KINDS
        .iter()
        .map(|one| Tab {
            href: list_of(*one),
            label: page.t(r::many(*one)).to_owned(),
            count: None,
            current: *one == kind,
        })
        .collect();
    let count = all.of(kind).count();
    let new = format!("{CUSTOM_FIELDS}new/?kind={kind}");
    let actions = (may(&page, Method::Post) && count < MOST)
        .then(|| html! { (link_button(page.t(w::NEW), new).primary().icon("plus")) });
    let language = page.language();
    let content = html! {
        div.stack {
            p.quiet { (page.t(w::LEAD)) }
            (tabs_called(page.t(w::TITLE), &kinds))
            @if count == 0 {
                (empty_state("list", page.t(w::NONE), page.t(w::NONE_TEXT), actions))
            } @else {
                (card(&format!("{} · {}", page.t(r::many(kind)), w::used(language, count)), actions, table(&page, &all, kind)))
            }
            (changes(&page, &history))
        }
    };
    Ok(page.show(page.t(w::TITLE), frame(&page, CUSTOM_FIELDS, &content)))
}

fn table(page: &Page, all: &Customs, kind: Kind) -> Markup {
    let language = page.language();
    let columns = [
        Column::new(page.t(w::LABEL)),
        Column::new(page.t(w::TYPE)),
        Column::new(page.t(w::RULES)),
        Column::new(page.t(p::ACTIONS)).silent().shrink(),
    ];
    let fields: Vec<&Arc<CustomField>> = all.of(kind).collect();
    let row = |(n, field): (usize, &&Arc<CustomField>)| {
        let cells = [
            html! { (field.label) span class="table-sub" { code { (field.key) } } },
            html! { (page.t(w::ty(field.ty))) },
            rules(page, field),
            html! { @if may(page, Method::Patch) { span class="row end" {
                @if n > 0 { (moves(page, field, n - 1, p::up_of(language, &field.label), "arrow-up")) }
                @if n + 1 < fields.len() { (moves(page, field, n + 1, p::down_of(language, &field.label), "arrow-down")) }
            } } },
        ];
        match may(page, Method::Patch) {
            true => Row::to(of(field.id), cells),
            false => Row::of(cells),
        }
    };
    let rows: Vec<Row> = fields.iter().enumerate().map(row).collect();
    data_table(language, page.t(w::TITLE), &columns, &rows)
}

/// What is asked of whoever fills it, in few words.
fn rules(page: &Page, field: &CustomField) -> Markup {
    let some = !field.required && !field.required_roles.is_empty();
    let roles: Vec<&str> = field
        .required_roles
        .iter()
        .map(|role| page.t(crate::pages::words::navigation::role(*role)))
        .collect();
    html! {
        span class="row" {
            @if field.required { (badge(Tone::Warn, page.t(w::REQUIRED))) }
            @if some { (badge(Tone::Warn, &format!("{}: {}", page.t(w::REQUIRED_ROLES), roles.join(", ")))) }
            @if field.searchable { (badge(Tone::Info, page.t(w::SEARCHABLE))) }
            @if field.on_card { (badge(Tone::Neutral, page.t(w::ON_CARD))) }
            @if field.pii { (badge(Tone::Neutral, page.t(w::PII))) }
        }
    }
}

fn moves(page: &Page, field: &CustomField, to: usize, label: String, icon: &'static str) -> Markup {
    html! {
        form method="post" action={ (of(field.id)) "move/" } {
            (page.proof())
            input type="hidden" name="place" value=(to);
            (button(label.clone()).quiet().small().icon_only(icon).attr("title", label))
        }
    }
}

fn changes(page: &Page, history: &[SetupChange]) -> Markup {
    if history.is_empty() {
        return html! {};
    }
    let language = page.language();
    let columns = [
        Column::new(page.t(p::WHAT)),
        Column::new(page.t(p::WHO)),
        Column::new(page.t(p::WHEN)).spare(),
        Column::new(page.t(p::ACTIONS)).silent().shrink(),
    ];
    let row = |one: &SetupChange| {
        let state = one.after.as_ref().or(one.before.as_ref());
        let label = state.and_then(|state| state["label"].as_str());
        let what = format!(
            "{}: {}",
            page.t(action(&one.action)),
            label.unwrap_or_default()
        );
        let when = format::datetime_text(language, one.at, &page.zone);
        let undo = p::undo_of(language, &what, &when);
        let kind = kind_of(
            state
                .and_then(|state| state["kind"].as_str())
                .unwrap_or_default(),
        );
        Row::of([
            html! { (what) },
            html! { (one.username) },
            html! { (when) },
            html! {
                @if one.undone_by.is_some() { (badge(Tone::Neutral, page.t(p::UNDONE))) }
                @else if may(page, Method::Patch) {
                    form method="post" action={ "/changes/" (one.change_set) "/undo/" } {
                        (page.proof())
                        input type="hidden" name=(sent::NEXT) value=(list_of(kind));
                        (button(page.t(p::UNDO)).small().quiet().attr("aria-label", undo))
                    }
                }
            },
        ])
    };
    let rows: Vec<Row> = history.iter().take(CHANGES).map(row).collect();
    let title = page.t(w::HISTORY);
    card(title, None, data_table(language, title, &columns, &rows))
}

fn action(action: &str) -> crate::pages::language::Word {
    match action {
        "custom_field.create" => w::DID_CREATE,
        "custom_field.delete" => w::DID_DELETE,
        "custom_field.order" => w::DID_ORDER,
        "undo" => p::DID_UNDO,
        _ => w::DID_UPDATE,
    }
}

/// `POST /settings/custom-fields/7/move/`: to this place among those of its kind.
pub(in super::super) async fn put(page: Page, crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let all = customs::read(&crm.data).await?;
    let field = all.with_id(id).ok_or_else(not_found)?;
    let mut ids: Vec<i64> = all.of(field.kind).map(|one| one.id).collect();
    ids.retain(|one| *one != id);
    let place = body.0.get("place").and_then(Value::as_str);
    let place: usize = place.and_then(|n| n.parse().ok()).unwrap_or_default();
    ids.insert(place.min(ids.len()), id);
    let change = customs::order(&crm.data, crm.by(), field.kind, &ids).await?;
    crm.fields_were_set_up().await?;
    Ok(page.done(&list_of(field.kind), &Notice::new("saved", change)))
}

/// `POST /settings/custom-fields/7/delete/`.
pub(in super::super) async fn delete(page: Page, crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let all = customs::read(&crm.data).await?;
    let kind = all.with_id(id).ok_or_else(not_found)?.kind;
    let removed = customs::remove(&crm.data, crm.by(), (id, &sent::condition(&body.0))).await?;
    let change = removed.ok_or_else(not_found)?;
    crm.fields_were_set_up().await?;
    let notice = Notice::new("deleted_for_good", Some(change));
    Ok(page.done(&list_of(kind), &notice))
}
