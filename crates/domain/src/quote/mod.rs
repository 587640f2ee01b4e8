//! Quotes: what is offered to a customer, line by line, and what becomes of it.

mod line;
mod state;

pub use line::{Line, MOST_LINES, total};
pub use state::{LINK_DAYS, Shown, Status, link_until};

use crate::FieldErrors;
use crate::input::{Fields, date, nullable, text};
use crate::words::words;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

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
    /// Reads a quote as it is sent. Of a change only what it names is read; its lines are all of them.
    ///
    /// # Errors
    /// All fields that are wrong; those of lines by their number from 0.
    pub fn parse(body: &Map<String, Value>, before: &Self) -> Result<Self, FieldErrors> {
        let mut f = Fields::new(body);
        let valid_until = f.read("valid_until", nullable(date));
        let language = f.read("language", crate::input::choice::<Tongue>);
        let notes = f.read("notes", text(0..=4_000));
        let terms = f.read("terms", text(0..=10_000));
        let mut errors = f.finish();
        let lines = body.get("lines").map(|told| line::parse(told, &mut errors));
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
    use serde_json::json;

    fn parse(body: Value) -> Result<Content, FieldErrors> {
        Content::parse(body.as_object().unwrap(), &Content::default())
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
