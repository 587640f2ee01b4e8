//! Which fields of each kind its list shows.

use super::{actions, condition, custom, place, value};
use crate::pages::kit::{Column, Order, Row, Tone, badge, badge_icon, format, icon, more_menu};
use crate::pages::page::Page;
use crate::pages::portal::setup;
use crate::pages::words::{kit as k, records as w, work};
use maud::{Markup, html};
use sindico_crm::Listed;
use sindico_crm::names::Names;
use sindico_domain::access::capability::Method;
use sindico_domain::brazil::TaxId;
use sindico_domain::crm::custom::CustomType;
use sindico_domain::crm::{Datum, FieldType, Kind, Record};

/// The columns after the first one, which is what the record is called.
pub fn usual(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Customer => &["phone", "owner", "tags", "created_at"],
        Kind::Lead => &["status", "source", "score", "budget", "owner", "created_at"],
        Kind::Opportunity => &[
            "stage",
            "amount",
            "expected_close_date",
            "owner",
            "created_at",
        ],
        Kind::Activity => &["status", "priority", "due_at", "assigned_to"],
        Kind::SalesGoal => &["assignee", "amount", "notes"],
    }
}

/// A list's columns with what the first of them tells, for a file.
pub fn exported<'a>(kind: Kind, fields: &[&'a str]) -> Vec<&'a str> {
    let first: &[&str] = match kind {
        Kind::Customer => &["id", "name", "email", "document"],
        Kind::Lead => &["id", "name", "company", "email"],
        Kind::Opportunity => &["id", "title", "customer"],
        Kind::Activity => &["id", "title", "kind", "opportunity", "lead"],
        Kind::SalesGoal => &["id", "year", "month"],
    };
    [first, fields].concat()
}

/// What the first column is sorted by.
fn first_sort(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Customer => Some("name"),
        Kind::SalesGoal => Some("period"),
        _ => None,
    }
}

/// The heads; `sort` tells the link that sorts by a name, and whether the list is sorted by it.
pub fn heads(
    page: &Page,
    kind: Kind,
    fields: &[&str],
    sort: &dyn Fn(&str) -> (String, Option<Order>),
) -> Vec<Column> {
    let first = Column::new(page.t(w::one(kind)));
    let mut heads = vec![match first_sort(kind) {
        Some(name) => {
            let (href, now) = sort(name);
            first.sorted_by(href, now)
        }
        None => first,
    }];
    for name in fields {
        let mut column = Column::new(condition::label(page, kind, name));
        if *name == "created_at" {
            column = column.spare();
        }
        if is_numeric(page, kind, name) {
            column = column.numeric();
        }
        if kind.sorts().iter().any(|key| key.name == *name) {
            let (href, now) = sort(name);
            column = column.sorted_by(href, now);
        }
        heads.push(column);
    }
    heads.push(Column::new(page.t(k::EDIT)).silent().shrink());
    heads
}

fn is_numeric(page: &Page, kind: Kind, name: &str) -> bool {
    if let Some(custom) = page.customs().named(kind, name) {
        return matches!(custom.ty, CustomType::Integer | CustomType::Decimal);
    }
    let field = kind.fields().iter().find(|field| field.name == name);
    field.is_some_and(|field| matches!(field.ty, FieldType::Money | FieldType::Integer(..)))
}

/// The rows.
pub fn rows(
    page: &Page,
    kind: Kind,
    fields: &[&str],
    listed: &[Listed],
    names: &Names,
) -> Vec<Row> {
    let may = page.may(kind.resource(), Method::Patch);
    listed
        .iter()
        .map(|one| {
            let record = one.record();
            let mut row = row(page, kind, fields, &record, names);
            // Ticked for what is done to many.
            row.select = may.then(|| {
                let name = format!("id.{}", record.id);
                (name, "1".to_owned(), called(page, &record))
            });
            row
        })
        .collect()
}

fn row(page: &Page, kind: Kind, fields: &[&str], record: &Record, names: &Names) -> Row {
    let mut cells = vec![first(page, record, names)];
    for name in fields {
        cells.push(cell(page, record, name, names));
    }
    let items = actions::row_menu(page, record);
    cells.push(match items.is_empty() {
        true => html! {},
        false => more_menu(page.language(), &called(page, record), &items),
    });
    Row::to(place::of(kind, record.id), cells).id(format!("{kind}-{}", record.id))
}

/// Its name; the number of one that has none.
fn called(page: &Page, record: &Record) -> String {
    match value::title(page.language(), record) {
        title if title.is_empty() => w::number(page.language(), record.id),
        title => title,
    }
}

/// What it is called, and what tells it from others.
fn first(page: &Page, record: &Record, names: &Names) -> Markup {
    let name_of = |field: &str| {
        let n = record.kind.position(field)?;
        value::text(
            page,
            record.kind,
            &record.kind.fields()[n],
            &record.values[n],
            names,
        )
    };
    let title = called(page, record);
    let below: Vec<String> = match record.kind {
        Kind::Customer => vec![record.text("email").to_owned()],
        Kind::Lead => ["company", "email"]
            .map(|name| record.text(name).to_owned())
            .into(),
        Kind::Opportunity => name_of("customer").into_iter().collect(),
        Kind::Activity => [name_of("kind"), name_of("opportunity"), name_of("lead")]
            .into_iter()
            .flatten()
            .collect(),
        Kind::SalesGoal => Vec::new(),
    };
    let below: Vec<String> = below
        .into_iter()
        .filter(|text| !text.is_empty() && *text != title)
        .collect();
    html! {
        (title)
        @if !below.is_empty() { span class="table-sub" { (below.join(" · ")) } }
    }
}

fn cell(page: &Page, record: &Record, name: &str, names: &Names) -> Markup {
    let now = page.now.to_zoned(page.zone.clone());
    let language = page.language();
    if name == "created_at" {
        return format::relative(language, record.created_at, &now);
    }
    if name == "updated_at" {
        return format::relative(language, record.updated_at, &now);
    }
    let kind = record.kind;
    if let Some(field) = page.customs().named(kind, name) {
        let value = record.customs().and_then(|values| values.get(&field.key));
        let shown = value.map(|value| custom::shown(page, field, value, false));
        return shown.unwrap_or_default();
    }
    let Some(n) = kind.position(name) else {
        return html! {};
    };
    let (field, value) = (&kind.fields()[n], &record.values[n]);
    match (kind, name, value) {
        (Kind::Activity, "due_at", Datum::Instant(at)) => html! {
            (format::relative(language, *at, &now))
            @if record.get("is_overdue") == &Datum::Flag(true) {
                " " (badge(Tone::Danger, page.t(w::OVERDUE)))
            }
        },
        (Kind::Opportunity, "stage", Datum::Text(code)) => html! {
            (badge(setup::tone(page, code), &setup::stage(page, code)))
            @if record.get("rotting") == &Datum::Flag(true) {
                @let days = record.int("days_in_stage").unwrap_or_default();
                " " (badge_icon(Tone::Warn, "clock", &work::rotting_days(language, days)))
            }
        },
        (Kind::Activity, "priority", Datum::Text(word)) if word == "MEDIUM" || word == "LOW" => {
            html! { span class="quiet" { (value::state_of(page, kind, name, word)) } }
        }
        (_, "phone", _) => {
            let text = value::text(page, kind, field, value, names).unwrap_or_default();
            let document = record.text("document").parse::<TaxId>();
            html! {
                span class="nowrap" { (text) }
                @if let Ok(document) = document { span class="table-sub nowrap" { (document) } }
            }
        }
        (Kind::SalesGoal, "assignee", Datum::Null) => {
            html! { span class="person" { (icon("users")) (page.t(w::WHOLE_COMPANY)) } }
        }
        (_, "notes", Datum::Text(text)) if text.is_empty() => html! {},
        (_, "notes", Datum::Text(text)) => {
            html! { span class="quiet" { (text.chars().take(80).collect::<String>()) } }
        }
        _ => value::shown(page, kind, field, value, names, false).unwrap_or_default(),
    }
}
