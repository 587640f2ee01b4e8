//! The form in which a quote is written: a row for each line, and one more that a button asks for.

use super::of;
use crate::contract::Body;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::resource::Id;
use crate::pages::account::wrong;
use crate::pages::kit::{
    Choice, Field, PageHeader, Tone, button, card, form_actions, format, link_button,
    notice as told_notice,
};
use crate::pages::messages::translate;
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::portal::records::{day, money, sent};
use crate::pages::words::{common as c, quotes as w};
use crate::portal::crm::Crm;
use crate::portal::quotes as api;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::{Map, Value, json};
use sindico_crm::products::{self, Listed};
use sindico_crm::quotes::{self, Quote};
use sindico_domain::quote::Tongue;
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::Error;
use std::collections::BTreeMap;

const PARTS: [&str; 6] = ["product", "name", "unit", "quantity", "price", "discount"];

/// What the form holds: texts, as they are typed.
#[derive(Default)]
struct Typed {
    valid_until: String,
    language: String,
    notes: String,
    terms: String,
    lines: Vec<BTreeMap<&'static str, String>>,
    errors: FieldErrors,
}

fn of_quote(page: &Page, quote: &Quote) -> Typed {
    let language = page.language();
    let line = |line: &sindico_domain::quote::Line| {
        BTreeMap::from([
            (
                "product",
                line.product.map(|id| id.to_string()).unwrap_or_default(),
            ),
            ("name", line.name.clone()),
            ("unit", line.unit.clone()),
            ("quantity", w::amount_of(language, line.quantity)),
            ("price", format::amount(language, line.price)),
            (
                "discount",
                if line.discount.is_zero() {
                    String::new()
                } else {
                    w::amount_of(language, line.discount)
                },
            ),
        ])
    };
    Typed {
        valid_until: quote
            .valid_until
            .map(|day| day.to_string())
            .unwrap_or_default(),
        language: quote.language.to_string(),
        notes: quote.notes.clone(),
        terms: quote.terms.clone(),
        lines: quote.lines.iter().map(line).collect(),
        errors: FieldErrors::new(),
    }
}

/// What was sent: lines without a name and a product are left out.
fn of_form(body: &Body) -> Typed {
    let text = |name: &str| {
        body.0
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let mut lines: BTreeMap<usize, BTreeMap<&'static str, String>> = BTreeMap::new();
    let parts = body.0.get("lines").and_then(Value::as_object);
    for (name, value) in parts.into_iter().flatten() {
        if let Some((n, part)) = name.split_once('.')
            && let Ok(n) = n.parse()
            && let Some(part) = PARTS.iter().find(|known| **known == part)
        {
            let value = value.as_str().unwrap_or_default().to_owned();
            lines.entry(n).or_default().insert(part, value);
        }
    }
    let said = |line: &BTreeMap<&str, String>| {
        ["name", "product"]
            .iter()
            .any(|part| line.get(part).is_some_and(|text| !text.trim().is_empty()))
    };
    Typed {
        valid_until: text("valid_until"),
        language: text("language"),
        notes: text("notes"),
        terms: text("terms"),
        lines: lines.into_values().filter(said).collect(),
        errors: FieldErrors::new(),
    }
}

/// As the rules read it: what is not typed of a line is left to its product.
fn told(page: &Page, typed: &Typed) -> Map<String, Value> {
    let number = |text: &str| money(page.language(), text).unwrap_or_else(|| text.to_owned());
    let line = |line: &BTreeMap<&str, String>| {
        let text = |part: &str| line.get(part).map_or("", |text| text.trim());
        let or_none = |text: String| (!text.is_empty()).then_some(text);
        let quantity = or_none(number(text("quantity")));
        json!({
            "product": text("product"), "name": or_none(text("name").to_owned()),
            "unit": or_none(text("unit").to_owned()), "quantity": quantity.as_deref().unwrap_or("1"),
            "price": or_none(number(text("price"))), "discount": number(text("discount")),
        })
    };
    let lines: Vec<Value> = typed.lines.iter().map(line).collect();
    Map::from_iter([
        ("valid_until".to_owned(), json!(day(&typed.valid_until))),
        ("language".to_owned(), json!(typed.language)),
        ("notes".to_owned(), json!(typed.notes)),
        ("terms".to_owned(), json!(typed.terms)),
        ("lines".to_owned(), json!(lines)),
    ])
}

/// `GET /quotes/7/edit/`.
pub(super) async fn edit(page: Page, crm: Crm, Id(id): Id) -> ApiResult {
    let quote = api::found(&crm, id).await?;
    let products = products::active(&crm.data).await?;
    let typed = of_quote(&page, &quote);
    Ok(respond(&page, StatusCode::OK, &quote, &typed, &products))
}

/// `POST /quotes/7/edit/`: saves what is typed; a button asks for one line more.
pub(super) async fn save(page: Page, crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let products = products::active(&crm.data).await?;
    let mut typed = of_form(&body);
    let at = (id, &sent::condition(&body.0));
    let told = told(&page, &typed);
    match quotes::change(&crm.data, crm.by(), at, &told, crm.today()).await {
        Ok(None) => Err(not_found()),
        Ok(Some(_)) if body.0.contains_key("more") => {
            Ok(page.redirect(&format!("{}edit/#lines", of(id))))
        }
        Ok(Some(done)) => Ok(page.done(&of(id), &Notice::new("saved", done.change_set))),
        Err(Error::Refused(Refusal::Fields(errors))) => {
            typed.errors = errors;
            let quote = api::found(&crm, id).await?;
            Ok(respond(
                &page,
                StatusCode::BAD_REQUEST,
                &quote,
                &typed,
                &products,
            ))
        }
        Err(error) => Err(error.into()),
    }
}

fn respond(
    page: &Page,
    status: StatusCode,
    quote: &Quote,
    typed: &Typed,
    products: &[Listed],
) -> Response {
    let language = page.language();
    let title = w::titled(language, &quote.label());
    let header = PageHeader {
        breadcrumbs: vec![(title.clone(), of(quote.id))],
        title: page.t(w::EDIT).to_owned(),
        ..PageHeader::default()
    };
    let tongues = [
        (Tongue::Portuguese, "Português"),
        (Tongue::English, "English"),
    ];
    let tongues = tongues.map(|(tongue, name)| Choice::new(tongue.as_str(), name));
    let errors = &typed.errors;
    let content = html! {
        (header.render(language))
        @if !errors.is_empty() { (told_notice(Tone::Danger, page.t(w::WRONG), None)) }
        form class="form stack" method="post" action={ (of(quote.id)) "edit/" } data-quote data-total=(page.t(w::TOTAL)) {
            (page.proof())
            (sent::version_field(quote.version))
            (card(&title, None, html! {
                div class="form-grid" {
                    (Field::date("valid_until", page.t(w::VALID_UNTIL)).value(&typed.valid_until).errors(wrong(page, errors, "valid_until")).render(language))
                    (Field::select("language", page.t(w::LANGUAGE)).choices(tongues).value(&typed.language).errors(wrong(page, errors, "language")).render(language))
                }
                (Field::textarea("notes", page.t(w::NOTES)).value(&typed.notes).errors(wrong(page, errors, "notes")).render(language))
            }))
            (card(page.t(w::LINES), None, html! {
                div id="lines" class="rows" {
                    p class="quiet" { (page.t(w::LINE_HELP)) }
                    @for text in wrong(page, errors, "lines") { p class="field-error" { (text) } }
                    @for n in 0..=typed.lines.len() { (row(page, n, typed, products)) }
                    p { (page.t(w::TOTAL)) ": " output data-quote-total { (format::money(language, quote.total)) } }
                    span class="row" { (button(page.t(w::ADD_LINE)).sends("more", "1").icon("plus")) }
                }
            }))
            (card(page.t(w::TERMS), None, html! {
                (Field::textarea("terms", page.t(w::TERMS)).value(&typed.terms).errors(wrong(page, errors, "terms")).render(language))
                (form_actions(html! { (button(page.t(w::SAVE)).primary()) (link_button(page.t(c::CANCEL), of(quote.id)).quiet()) }))
            }))
        }
    };
    page.show_as(status, &title, content)
}

fn row(page: &Page, n: usize, typed: &Typed, products: &[Listed]) -> Markup {
    let language = page.language();
    let line = typed.lines.get(n);
    let value = |part: &str| {
        line.and_then(|line| line.get(part))
            .cloned()
            .unwrap_or_default()
    };
    let told = |part: &str| -> Vec<String> {
        let messages = typed.errors.at(&format!("lines.{n}.{part}")).iter();
        messages.map(|text| translate(language, text)).collect()
    };
    let name = |part: &str| format!("lines.{n}.{part}");
    let mut choices: Vec<Choice> = products
        .iter()
        .map(|one| Choice::new(one.id.to_string(), one.name.clone()))
        .collect();
    let chosen = value("product");
    // One that is not offered any more stays chosen.
    if !chosen.is_empty() && products.iter().all(|one| one.id.to_string() != chosen) {
        choices.push(Choice::new(chosen.clone(), value("name")));
    }
    html! {
        fieldset class="rows-row" data-quote-line {
            legend class="field-label" { (page.t(w::LINE)) " " (n + 1) }
            div class="form-grid" {
                (Field::select(name("product"), page.t(w::PRODUCT_OF)).choices(choices).or_none(page.t(w::FREE_TEXT)).value(chosen).errors(told("product")).render(language))
                (Field::text(name("name"), page.t(w::NAME)).value(value("name")).errors(told("name")).attr("maxlength", "200").render(language))
                (Field::text(name("quantity"), page.t(w::QUANTITY)).value(value("quantity")).errors(told("quantity")).attr("inputmode", "decimal").render(language))
                (Field::text(name("unit"), page.t(w::UNIT)).value(value("unit")).errors(told("unit")).attr("maxlength", "20").render(language))
                (Field::text(name("price"), page.t(w::PRICE)).value(value("price")).errors(told("price")).attr("inputmode", "decimal").render(language))
                (Field::text(name("discount"), page.t(w::DISCOUNT)).value(value("discount")).errors(told("discount")).attr("inputmode", "decimal").render(language))
            }
        }
    }
}
