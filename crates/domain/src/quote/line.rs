//! A line of a quote, and what it comes to: exact to the cent, half a cent up, each line by itself.

use crate::FieldErrors;
use crate::input::{Fields, Parsed, decimal, nullable, text};
use crate::product::{Product, price};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// How many lines a quote may have.
pub const MOST_LINES: usize = 200;

/// The most that a quote comes to, in cents: what an amount of a sale can hold.
const MOST_CENTS: i128 = 99_999_999_999_999;

/// What is offered, how much of it and for how much. Of a product it has what that was when it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Line {
    /// The product that it was made of.
    pub product: Option<i64>,
    /// What it is called.
    pub name: String,
    /// What one counts it in.
    pub unit: String,
    /// How much of it, to the thousandth.
    #[schema(value_type = String, example = "2.500")]
    pub quantity: Decimal,
    /// Of one unit.
    #[schema(value_type = String, example = "10.00")]
    pub price: Decimal,
    /// In percent, to the hundredth.
    #[schema(value_type = String, example = "5.00")]
    pub discount: Decimal,
}

/// A number as whole units of its last decimal place.
fn units(number: Decimal, places: u32) -> i128 {
    let mut number = number;
    number.rescale(places);
    number.mantissa()
}

impl Line {
    /// What it comes to in cents. Thousandths times cents times hundredths of a percent is exact in an `i128`; what
    /// is left of a cent is rounded half up.
    fn cents(&self) -> i128 {
        let left = 10_000 - units(self.discount, 2);
        let exact = units(self.quantity, 3) * units(self.price, 2) * left;
        (exact + 5_000_000).div_euclid(10_000_000)
    }

    /// What it comes to.
    pub fn total(&self) -> Decimal {
        Decimal::from_i128_with_scale(self.cents(), 2)
    }
}

/// What all lines come to: the sum of what each is rounded to. `None` when it is more than a sale can be worth.
pub fn total(lines: &[Line]) -> Option<Decimal> {
    let cents: i128 = lines.iter().map(Line::cents).sum();
    (cents <= MOST_CENTS).then(|| Decimal::from_i128_with_scale(cents, 2))
}

/// The products that the lines of a request name, to be looked for before it is read.
pub fn named(body: &Map<String, Value>) -> Vec<i64> {
    let lines = body.get("lines").and_then(Value::as_array);
    let ids = lines
        .into_iter()
        .flatten()
        .take(MOST_LINES)
        .filter_map(|line| {
            let id = nullable(crate::crm::draft::id)(line.get("product")?);
            id.ok().flatten()
        });
    ids.collect::<BTreeSet<_>>().into_iter().collect()
}

/// What lines can be made of.
pub(super) struct Shelf<'a> {
    /// The products that are there, among those that the lines name.
    pub(super) there: &'a BTreeMap<i64, Product>,
    /// Those that the quote names already. They may be gone by now: it keeps what it has of them.
    pub(super) known: BTreeSet<i64>,
}

impl Shelf<'_> {
    /// The product of a line that can be copied from.
    fn offered(&self, id: i64) -> Parsed<&Product> {
        match self.there.get(&id) {
            Some(product) if product.active => Ok(product),
            Some(_) => Err(format!(
                "The product with the id {id} is not offered any more."
            )),
            None => Err(format!("There is no product with the id {id}.")),
        }
    }
}

pub(super) fn parse(told: &Value, shelf: &Shelf<'_>, errors: &mut FieldErrors) -> Vec<Line> {
    let Some(list) = told.as_array() else {
        errors.add("lines", "Expected a list of lines.");
        return Vec::new();
    };
    if list.len() > MOST_LINES {
        errors.add("lines", format!("A quote has at most {MOST_LINES} lines."));
        return Vec::new();
    }
    let mut lines = Vec::with_capacity(list.len());
    let mut wrong = FieldErrors::new();
    for (n, one) in list.iter().enumerate() {
        let Some(map) = one.as_object() else {
            errors.add("lines", "Expected a list of lines.");
            return Vec::new();
        };
        let mut f = Fields::new(map);
        lines.push(line(map, shelf, &mut f));
        wrong.nest(&n.to_string(), f.finish());
    }
    errors.nest("lines", wrong);
    lines
}

/// A line that names a product has of it what it does not tell itself; any other has to tell its name and its price.
fn line(map: &Map<String, Value>, shelf: &Shelf<'_>, f: &mut Fields<'_>) -> Line {
    let untold = |name: &str| map.get(name).is_none_or(Value::is_null);
    let read = f.read("product", nullable(crate::crm::draft::id));
    // One error is enough of a line whose product can't be had.
    let alone = match read {
        None => !map.contains_key("product"),
        Some(id) => id.is_none(),
    };
    let id = read.flatten();
    let product = id.and_then(|id| match shelf.offered(id) {
        Ok(product) => Some(product),
        // What the quote has of it already is enough, if it is sent along.
        Err(_) if shelf.known.contains(&id) && !untold("name") && !untold("price") => None,
        Err(wrong) => {
            f.error("product", wrong);
            None
        }
    });
    let name = product.map(|product| product.name.clone());
    let unit = product.map(|product| product.unit.clone());
    let cost = product.map(|product| product.price);
    let told = |part| alone || !untold(part);
    let name = if told("name") {
        f.require("name", text(1..=200))
    } else {
        name
    };
    let price = if told("price") {
        f.require("price", price)
    } else {
        cost
    };
    let unit = if untold("unit") {
        unit
    } else {
        f.read("unit", text(0..=20))
    };
    let quantity = f.require("quantity", quantity);
    let discount = f.read("discount", discount);
    Line {
        product: id,
        name: name.unwrap_or_default(),
        unit: unit.unwrap_or_default(),
        quantity: quantity.unwrap_or_default(),
        price: price.unwrap_or_default(),
        discount: discount.unwrap_or_default(),
    }
}

fn quantity(value: &Value) -> Result<Decimal, String> {
    let number = decimal(12, 3)(value)?;
    match number > Decimal::ZERO {
        true => Ok(number),
        false => Err("Use more than 0.".to_owned()),
    }
}

/// Nothing for no discount, as forms send it.
fn discount(value: &Value) -> Result<Decimal, String> {
    if value.as_str().is_some_and(|text| text.trim().is_empty()) {
        return Ok(Decimal::ZERO);
    }
    let number = decimal(5, 2)(value)?;
    match number >= Decimal::ZERO && number <= Decimal::ONE_HUNDRED {
        true => Ok(number),
        false => Err("Use 0 to 100.".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(quantity: &str, price: &str, discount: &str) -> Line {
        Line {
            product: None,
            name: "x".to_owned(),
            unit: String::new(),
            quantity: quantity.parse().unwrap(),
            price: price.parse().unwrap(),
            discount: discount.parse().unwrap(),
        }
    }

    #[test]
    fn half_a_cent_is_a_cent() {
        for (quantity, price, discount, total) in [
            ("1", "10.00", "0", "10.00"),
            ("0.5", "0.01", "0", "0.01"),
            ("0.499", "0.01", "0", "0.00"),
            ("1", "0.05", "50", "0.03"),
            ("1", "100.00", "33.33", "66.67"),
            ("1", "100.00", "100", "0.00"),
            ("2.5", "19.99", "12.5", "43.73"),
        ] {
            let line = line(quantity, price, discount);
            assert_eq!(line.total().to_string(), total, "{quantity} x {price}");
        }
    }

    proptest! {
        /// The exact value and the rounded one are never more than half a cent apart, whatever the numbers; the sum
        /// is that of the lines; and nothing overflows.
        #[test]
        fn totals_are_exact_to_half_a_cent(lines in proptest::collection::vec((1i64..=999_999_999_999, 0i64..=99_999_999_999_999, 0i64..=10_000), 0..8)) {
            let lines: Vec<Line> = lines.into_iter().map(|(quantity, price, discount)| Line {
                product: None, name: "x".to_owned(), unit: String::new(),
                quantity: Decimal::new(quantity, 3), price: Decimal::new(price, 2), discount: Decimal::new(discount, 2),
            }).collect();
            let mut sum = 0i128;
            for line in &lines {
                let exact = units(line.quantity, 3) * units(line.price, 2) * (10_000 - units(line.discount, 2));
                let apart = line.cents() * 10_000_000 - exact;
                prop_assert!(apart > -5_000_000 && apart <= 5_000_000);
                prop_assert!(line.cents() >= 0);
                sum += line.cents();
            }
            match total(&lines) {
                Some(total) => prop_assert_eq!(total, Decimal::from_i128_with_scale(sum, 2)),
                None => prop_assert!(sum > MOST_CENTS),
            }
        }
    }
}
