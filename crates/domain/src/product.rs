//! Products: what a company sells, with a price to begin from.

use crate::FieldErrors;
use crate::input::{Fields, boolean, decimal, text};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How many a company may have.
pub const MOST: i64 = 5_000;

/// How a product is to be.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Product {
    /// What it is called.
    pub name: String,
    /// By which the company knows it; empty, or of this product alone.
    pub code: String,
    /// What it is.
    pub description: String,
    /// What one counts it in.
    pub unit: String,
    /// Of one unit.
    pub price: Decimal,
    /// Whether it is offered in new quotes.
    pub active: bool,
}

impl Product {
    /// Reads a product as it is sent. Of a change only what it names is read; the rest is as it was `before`.
    ///
    /// # Errors
    /// All fields that are wrong.
    pub fn parse(body: &Map<String, Value>, before: Option<&Self>) -> Result<Self, FieldErrors> {
        let mut f = Fields::new(body);
        let name = match before {
            None => f.require("name", text(1..=200)),
            Some(_) => f.read("name", text(1..=200)),
        };
        let code = f.read("code", text(0..=60));
        let description = f.read("description", text(0..=2_000));
        let unit = f.read("unit", text(0..=20));
        let price = f.read("price", price);
        let active = f.read("active", boolean);
        let base = before.cloned().unwrap_or(Self {
            active: true,
            ..Self::default()
        });
        f.finish().check(Self {
            name: name.unwrap_or(base.name),
            code: code.unwrap_or(base.code),
            description: description.unwrap_or(base.description),
            unit: unit.unwrap_or(base.unit),
            price: price.unwrap_or(base.price),
            active: active.unwrap_or(base.active),
        })
    }
}

/// Money of nobody's debt.
pub(crate) fn price(value: &Value) -> Result<Decimal, String> {
    let amount = decimal(14, 2)(value)?;
    match amount.is_sign_negative() && !amount.is_zero() {
        true => Err("Use 0 or more.".to_owned()),
        false => Ok(amount),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_product_is_what_it_says_and_stays_so() {
        let parse = |body: Value, before: Option<&Product>| {
            Product::parse(body.as_object().unwrap(), before)
        };
        let made = parse(
            json!({"name": " Pão ", "price": "1.50", "unit": "kg"}),
            None,
        )
        .unwrap();
        assert_eq!((made.name.as_str(), made.active), ("Pão", true));
        let changed = parse(json!({"price": 2}), Some(&made)).unwrap();
        assert_eq!(
            (changed.name.as_str(), changed.price),
            ("Pão", Decimal::from(2))
        );
        for (wrong, field) in [
            (json!({}), "name"),
            (json!({"name": "x", "price": "-1"}), "price"),
            (json!({"name": "x", "price": "1.001"}), "price"),
            (json!({"name": "x", "active": "maybe"}), "active"),
            (json!({"name": "x", "code": "c".repeat(61)}), "code"),
        ] {
            assert!(parse(wrong, None).unwrap_err().has(field), "{field}");
        }
    }
}
