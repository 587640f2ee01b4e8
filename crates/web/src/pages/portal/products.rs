//! `/products/`: what the company sells.

use crate::contract::error::{ApiResult, not_found};
use crate::contract::query::page as page_of;
use crate::contract::resource::Id;
use crate::contract::{Body, Query};
use crate::gate::access::Access::May;
use crate::pages::account::wrong;
use crate::pages::kit::{
    Column, Field, MenuItem, PageHeader, Row, Tone, badge, button, card, data_table, empty_state,
    filter_bar, form_actions, format, icon, link_button, menu, notice as told_notice, pager,
};
use crate::pages::language::Word;
use crate::pages::messages;
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::portal::records::{money, sent};
use crate::pages::words::{common as c, quotes as w, records as r};
use crate::portal::crm::Crm;
use crate::table::{Table, show, submit};
use axum::http::StatusCode;
use maud::{Markup, html};
use serde_json::{Map, Value, json};
use sindico_crm::products::{self, Asked, Listed};
use sindico_domain::access::capability::Method::{Delete, Get, Patch, Post};
use sindico_domain::access::capability::Resource::{Exports, Products};
use sindico_domain::product::Product;
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::Error;

const PATH: &str = "/products/";

/// Its pages.
#[rustfmt::skip]
pub(super) fn routes(table: Table) -> Table {
    table
        .page("/products/", show(May(Products, Get), index))
        .page("/products/new/", show(May(Products, Post), new).submit(May(Products, Post), create))
        .page("/products/{id}/", show(May(Products, Get), one).submit(May(Products, Patch), save))
        .page("/products/{id}/delete/", submit(May(Products, Delete), delete))
        .page("/products/{id}/restore/", submit(May(Products, Post), restore))
        .page("/products/{id}/undo/", submit(May(Products, Patch), undo))
}

async fn index(page: Page, crm: Crm, query: Query) -> ApiResult {
    let raw = query.without("");
    let said = |name: &str| {
        let found = raw.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let mut f = query.fields();
    let request = page_of(&mut f);
    f.finish().check(())?;
    let q: String = said("q").chars().take(200).collect();
    let asked = Asked {
        active: false,
        q: q.clone(),
    };
    let found = products::list(&crm.data, &asked, &request).await?;
    let language = page.language();
    let may = page.may(Products, Post);
    let new =
        || html! { (link_button(page.t(w::NEW_PRODUCT), "/products/new/").primary().icon("plus")) };
    let header = PageHeader {
        title: page.t(w::PRODUCTS).to_owned(),
        subtitle: Some(html! { (page.t(w::PRODUCTS_LEAD)) }),
        actions: Some(html! { (exports(&page, &q)) @if may { (new()) } }),
        ..PageHeader::default()
    };
    let heads = [
        Column::new(page.t(w::NAME)),
        Column::new(page.t(w::CODE)),
        Column::new(page.t(w::UNIT)),
        Column::new(page.t(w::PRICE)).numeric(),
        Column::new(page.t(w::STATUS)),
    ];
    let row = |one: &Listed| {
        let word = if one.active {
            w::OFFERED
        } else {
            w::NOT_OFFERED
        };
        let tone = if one.active { Tone::Ok } else { Tone::Neutral };
        let cells = [
            html! { (one.name) },
            html! { (one.code) },
            html! { (one.unit) },
            html! { (format::money(language, one.price)) },
            badge(tone, page.t(word)),
        ];
        Row::to(format!("{PATH}{}/", one.id), cells)
    };
    let rows: Vec<Row> = found.items.iter().map(row).collect();
    let next = found
        .next
        .as_ref()
        .map(|next| format!("{PATH}?cursor={}", next.encode()));
    let shown = format::count(language, i64::try_from(rows.len()).unwrap_or_default());
    let gone = said("deleted").parse::<i64>().ok();
    let content = html! {
        (header.render(language))
        @if let Some(gone) = gone.filter(|_| page.may(Products, Patch)) { (deleted(&page, gone)) }
        (filter_bar(language, PATH, html! { (Field::search("q", page.t(c::SEARCH)).value(&q).render(language)) }, (!q.is_empty()).then_some(PATH)))
        @if rows.is_empty() {
            (empty_state("package", page.t(w::NO_PRODUCTS), page.t(w::NO_PRODUCTS_TEXT), may.then(new)))
        } @else {
            (data_table(language, page.t(w::PRODUCTS), &heads, &rows))
            (pager(language, &shown, None, next.as_deref()))
        }
    };
    Ok(page.show(page.t(w::PRODUCTS), content))
}

/// What takes the list out as a file.
fn exports(page: &Page, q: &str) -> Markup {
    if !page.may(Exports, Get) {
        return html! {};
    }
    let link = |format: &str, label: Word| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if !q.is_empty() {
            query.append_pair("q", q);
        }
        query.append_pair("format", format);
        MenuItem::Link {
            href: format!("/api/products/export/?{}", query.finish()),
            label: page.t(label).to_owned(),
            icon: Some("download"),
            key: None,
        }
    };
    let items = [
        MenuItem::Title(page.t(r::EXPORT).to_owned()),
        link("csv", r::EXPORT_ALL_CSV),
        link("xlsx", r::EXPORT_ALL_XLSX),
    ];
    let summary = html! { summary class="button" { (page.t(r::TOOLS)) (icon("chevron-down")) } };
    menu(summary, &items)
}

/// A product that was deleted a moment ago can be had again.
fn deleted(page: &Page, id: i64) -> Markup {
    let again = html! {
        form method="post" action=(format!("{PATH}{id}/undo/")) {
            (page.proof())
            (button(page.t(w::BRING_BACK)).small().icon("undo-2"))
        }
    };
    told_notice(Tone::Info, page.t(w::PRODUCT_GONE), Some(again))
}

/// What a form sends, as the rules read it.
fn told(page: &Page, body: &Body) -> Map<String, Value> {
    let mut told = body.0.clone();
    if let Some(text) = body.0.get("price").and_then(Value::as_str) {
        let number = money(page.language(), text).unwrap_or_else(|| text.to_owned());
        let number = if number.is_empty() {
            "0".to_owned()
        } else {
            number
        };
        told.insert("price".to_owned(), json!(number));
    }
    told.insert("active".to_owned(), json!(body.0.contains_key("active")));
    told
}

fn form(
    page: &Page,
    of: Option<&Listed>,
    typed: &Map<String, Value>,
    errors: &FieldErrors,
    may: bool,
) -> Markup {
    let language = page.language();
    let text = |name: &str| {
        typed
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let active = typed.get("active") == Some(&json!(true));
    let action = of.map_or_else(
        || "/products/new/".to_owned(),
        |one| format!("{PATH}{}/", one.id),
    );
    html! {
        form class="form" method="post" action=(action) {
            (page.proof())
            @if let Some(one) = of { (sent::version_field(one.version)) }
            div class="form-grid" {
                (Field::text("name", page.t(w::NAME)).value(text("name")).errors(wrong(page, errors, "name")).attr("maxlength", "200").required().render(language))
                (Field::text("code", page.t(w::CODE)).value(text("code")).errors(wrong(page, errors, "code")).attr("maxlength", "60").render(language))
                (Field::text("unit", page.t(w::UNIT)).value(text("unit")).errors(wrong(page, errors, "unit")).attr("maxlength", "20").render(language))
                (Field::text("price", page.t(w::PRICE)).value(text("price")).errors(wrong(page, errors, "price")).attr("inputmode", "decimal").render(language))
            }
            (Field::textarea("description", page.t(w::DESCRIPTION)).value(text("description")).errors(wrong(page, errors, "description")).render(language))
            (Field::checkbox("active", page.t(w::OFFERED)).value("on").checked(active).render(language))
            @if may { (form_actions(html! { (button(page.t(c::SAVE)).primary()) (link_button(page.t(c::CANCEL), PATH).quiet()) })) }
        }
    }
}

fn shown(page: &Page, of: &Listed) -> Map<String, Value> {
    let mut typed = json!(of.product()).as_object().cloned().unwrap_or_default();
    typed.insert(
        "price".to_owned(),
        json!(format::amount(page.language(), of.price)),
    );
    typed
}

async fn new(page: Page) -> ApiResult {
    let typed = Map::from_iter([("active".to_owned(), json!(true))]);
    Ok(sheet(
        &page,
        StatusCode::OK,
        None,
        &typed,
        &FieldErrors::new(),
    ))
}

fn sheet(
    page: &Page,
    status: StatusCode,
    of: Option<&Listed>,
    typed: &Map<String, Value>,
    errors: &FieldErrors,
) -> axum::response::Response {
    let title = of.map_or(page.t(w::NEW_PRODUCT).to_owned(), |one| one.name.clone());
    let may = match of {
        Some(_) => page.may(Products, Patch),
        None => page.may(Products, Post),
    };
    let header = PageHeader {
        breadcrumbs: vec![(page.t(w::PRODUCTS).to_owned(), PATH.to_owned())],
        title: title.clone(),
        actions: of.filter(|_| page.may(Products, Delete)).map(|one| {
            html! {
                form method="post" action={ (PATH) (one.id) "/delete/" } {
                    (page.proof()) (sent::version_field(one.version))
                    (button(page.t(w::DELETE_PRODUCT)).quiet().icon("trash-2"))
                }
            }
        }),
        ..PageHeader::default()
    };
    let content = html! {
        (header.render(page.language()))
        (card(&title, None, form(page, of, typed, errors, may)))
    };
    page.show_as(status, &title, content)
}

async fn create(page: Page, crm: Crm, body: Body) -> ApiResult {
    let parsed = Product::parse(&told(&page, &body), None);
    let made = match parsed {
        Ok(product) => products::create(&crm.data, crm.by(), product).await,
        Err(errors) => Err(errors.into()),
    };
    match made {
        Ok(_) => Ok(page.done(PATH, &Notice::new("saved", None))),
        Err(Error::Refused(Refusal::Fields(errors))) => {
            let mut typed = body.0.clone();
            typed.insert("active".to_owned(), json!(body.0.contains_key("active")));
            Ok(sheet(&page, StatusCode::BAD_REQUEST, None, &typed, &errors))
        }
        Err(error) => Err(error.into()),
    }
}

async fn one(page: Page, crm: Crm, Id(id): Id) -> ApiResult {
    let found = products::find(&crm.data, id).await?.ok_or_else(not_found)?;
    let typed = shown(&page, &found);
    Ok(sheet(
        &page,
        StatusCode::OK,
        Some(&found),
        &typed,
        &FieldErrors::new(),
    ))
}

async fn save(page: Page, crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let found = products::find(&crm.data, id).await?.ok_or_else(not_found)?;
    let at = (id, &sent::condition(&body.0));
    match products::change(&crm.data, crm.by(), at, &told(&page, &body)).await {
        Ok(Some(_)) => Ok(page.done(PATH, &Notice::new("saved", None))),
        Ok(None) => Err(not_found()),
        Err(Error::Refused(Refusal::Fields(errors))) => {
            let mut typed = body.0.clone();
            typed.insert("active".to_owned(), json!(body.0.contains_key("active")));
            Ok(sheet(
                &page,
                StatusCode::BAD_REQUEST,
                Some(&found),
                &typed,
                &errors,
            ))
        }
        Err(error) => Err(error.into()),
    }
}

async fn delete(page: Page, crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let at = (id, &sent::condition(&body.0));
    match products::remove(&crm.data, crm.by(), at).await? {
        true => Ok(page.redirect(&format!("{PATH}?deleted={id}"))),
        false => Err(not_found()),
    }
}

/// `POST /products/7/restore/`.
async fn restore(page: Page, crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    match products::restore(&crm.data, crm.by(), id).await {
        Err(Error::Refused(Refusal::Fields(errors))) => {
            // Its code was taken meanwhile: it is told, and the product stays where it is.
            let line = messages::line(page.language(), &errors);
            Err(Refusal::Invalid(line).into())
        }
        other => {
            other?.ok_or_else(not_found)?;
            let to = sent::next(&body.0).unwrap_or(PATH);
            Ok(page.done(to, &Notice::new("restored", None)))
        }
    }
}

async fn undo(page: Page, crm: Crm, Id(id): Id, _: Body) -> ApiResult {
    let at = (id, &sindico_domain::precondition::Precondition::None);
    products::undo(&crm.data, crm.by(), at)
        .await?
        .ok_or_else(not_found)?;
    Ok(page.done(PATH, &Notice::new("undone", None)))
}
