//! Quotes: what is offered to a customer, line by line, and what becomes of it.

mod line;
mod state;

pub use line::{Line, MOST_LINES, named, total};
pub use state::{LINK_DAYS, Shown, Status, link_until};

use crate::FieldErrors;
use crate::input::{Fields, date, nullable, text};
use crate::product::Product;
use crate::words::words;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

words! {
    /// What a quote is written in.
    Tongue { /// As it is spoken in Brazil.
        Portuguese = "pt-BR", /// English.
        English = "en" }
}

/// What a quote says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// The last day on which it can be accepted; needed before it is sent.
    pub valid_until: Option<Date>,
    /// What it is written in.
    pub language: Tongue,
    /// To the customer, above the lines.
    pub notes: String,
    /// Below them.
    pub terms: String,
    /// What is offered.
    pub lines: Vec<Line>,
}

impl Default for Content {
    fn default() -> Self {
        Self {
            valid_until: None,
            language: Tongue::Portuguese,
            notes: String::new(),
            terms: String::new(),
            lines: Vec::new(),
        }
    }
}

impl Content {
    /// Reads a quote as it is sent. Of a change only what it names is read; its lines are all of them. Lines copy of the
    /// `products` that are there, among those that they [name](named), what they leave out.
    ///
    /// # Errors
    /// All fields that are wrong; those of lines by their number from 0.
    pub fn parse(
        body: &Map<String, Value>,
        before: &Self,
        products: &BTreeMap<i64, Product>,
    ) -> Result<Self, FieldErrors> {
        let mut f = Fields::new(body);
        let valid_until = f.read("valid_until", nullable(date));
        let language = f.read("language", crate::input::choice::<Tongue>);
        let notes = f.read("notes", text(0..=4_000));
        let terms = f.read("terms", text(0..=10_000));
        let mut errors = f.finish();
        let shelf = line::Shelf {
            there: products,
            known: before
                .lines
                .iter()
                .filter_map(|line| line.product)
                .collect(),
        };
        let lines = body.get("lines");
        let lines = lines.map(|told| line::parse(told, &shelf, &mut errors));
        let content = Self {
            valid_until: valid_until.unwrap_or(before.valid_until),
            language: language.unwrap_or(before.language),
            notes: notes.unwrap_or_else(|| before.notes.clone()),
            terms: terms.unwrap_or_else(|| before.terms.clone()),
            lines: lines.unwrap_or_else(|| before.lines.clone()),
        };
        if errors.is_empty() && total(&content.lines).is_none() {
            errors.add(
                "lines",
                "All lines together come to more than a sale can be worth.",
            );
        }
        errors.check(content)
    }

    /// What keeps it from being sent, on this day.
    ///
    /// # Errors
    /// All fields that are not as they have to be.
    pub fn ready(&self, today: Date) -> Result<Date, FieldErrors> {
        let mut errors = FieldErrors::new();
        if self.lines.is_empty() {
            errors.add("lines", "A quote has at least one line.");
        }
        match self.valid_until {
            None => errors.add("valid_until", "This field is required."),
            Some(day) if day < today => errors.add("valid_until", "Use a day that is not over."),
            Some(_) => {}
        }
        errors.check(self.valid_until.unwrap_or(today))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::Decimal;
    use serde_json::json;

    fn parse(body: Value) -> Result<Content, FieldErrors> {
        let body = body.as_object().unwrap();
        Content::parse(body, &Content::default(), &BTreeMap::new())
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let wrong = json!({"valid_until": "soon", "language": "fr", "lines": [
            {"name": "ok", "quantity": "1", "price": "1"},
            {"name": "", "quantity": "0", "price": "-1", "discount": "101", "product": "x"}]});
        let errors = parse(wrong).unwrap_err();
        for path in [
            "valid_until",
            "language",
            "lines.1.name",
            "lines.1.quantity",
            "lines.1.price",
            "lines.1.discount",
            "lines.1.product",
        ] {
            assert!(!errors.at(path).is_empty(), "{path}: {errors:?}");
        }
        assert!(errors.at("lines.0.name").is_empty());
        assert!(parse(json!({"lines": 7})).unwrap_err().has("lines"));
        assert!(parse(json!({"lines": [7]})).unwrap_err().has("lines"));
        let many: Vec<Value> =
            vec![json!({"name": "x", "quantity": 1, "price": 1}); MOST_LINES + 1];
        assert!(parse(json!({"lines": many})).unwrap_err().has("lines"));
        let dear =
            json!({"lines": [{"name": "x", "quantity": "999999999", "price": "999999999999.99"}]});
        assert!(parse(dear).unwrap_err().has("lines"));
    }

    #[test]
    fn a_line_has_of_its_product_what_it_leaves_out() {
        let product = |active: bool| Product {
            name: "Consultoria".to_owned(),
            unit: "h".to_owned(),
            price: Decimal::new(18_000, 2),
            active,
            ..Product::default()
        };
        let shelf = BTreeMap::from([(7, product(true)), (8, product(false))]);
        let read = |line: Value, before: &Content| {
            let body = json!({"lines": [line]});
            let body = body.as_object().unwrap();
            assert_eq!(named(body).len(), usize::from(line["product"].is_i64()));
            Content::parse(body, before, &shelf).map(|content| content.lines[0].clone())
        };
        let nothing = Content::default();
        let bare = read(json!({"product": 7, "quantity": 2}), &nothing).unwrap();
        assert_eq!(
            (bare.name.as_str(), bare.unit.as_str()),
            ("Consultoria", "h")
        );
        assert_eq!(bare.total().to_string(), "360.00");
        let null = json!({"product": 7, "quantity": 2, "name": null, "unit": null, "price": null});
        assert_eq!(read(null, &nothing).unwrap(), bare);
        let own = json!({"product": 7, "quantity": 1, "name": "Visita", "unit": "", "price": "0"});
        let own = read(own, &nothing).unwrap();
        assert_eq!((own.name.as_str(), own.unit.as_str()), ("Visita", ""));
        assert!(own.price.is_zero());
        // What is told has to be right all the same, and what has no product has to tell it all.
        for (line, fields) in [
            (
                json!({"product": 7, "quantity": 1, "name": "", "price": "x"}),
                &["name", "price"][..],
            ),
            (json!({"quantity": 1}), &["name", "price"]),
            (
                json!({"product": null, "quantity": 1, "name": null}),
                &["name", "price"],
            ),
            (json!({"product": "", "quantity": 1}), &["name", "price"]),
            (json!({"product": "x", "quantity": 1}), &["product"]),
            (json!({"product": 8, "quantity": 1}), &["product"]),
            (json!({"product": 9, "quantity": 1}), &["product"]),
            (
                json!({"product": 9, "name": "x", "price": 1, "quantity": 1}),
                &["product"],
            ),
        ] {
            let errors = read(line.clone(), &nothing).unwrap_err();
            let parts = ["product", "name", "unit", "price", "quantity"];
            for part in parts {
                let wrong = !errors.at(&format!("lines.0.{part}")).is_empty();
                assert_eq!(
                    wrong,
                    fields.contains(&part),
                    "{part} of {line}: {errors:?}"
                );
            }
        }
        // A quote keeps what it has of one that is not offered any more, but gets nothing new of it.
        let had = Content {
            lines: vec![Line {
                product: Some(8),
                ..own
            }],
            ..Content::default()
        };
        let kept = json!({"product": 8, "quantity": 3, "name": "Visita", "price": "10"});
        assert_eq!(read(kept, &had).unwrap().unit, "");
        let bare = read(json!({"product": 8, "quantity": 3}), &had).unwrap_err();
        assert!(!bare.at("lines.0.product").is_empty());
    }

    #[test]
    fn what_is_sent_has_lines_and_a_day() {
        let today = "2026-11-23".parse().unwrap();
        let errors = Content::default().ready(today).unwrap_err();
        assert!(errors.has("lines") && errors.has("valid_until"));
        let told = |day: &str| {
            parse(
                json!({"valid_until": day, "lines": [{"name": "x", "quantity": 1, "price": "1"}]}),
            )
            .unwrap()
        };
        assert!(
            told("2026-11-22")
                .ready(today)
                .unwrap_err()
                .has("valid_until")
        );
        assert!(told("2026-11-23").ready(today).is_ok());
    }
}
