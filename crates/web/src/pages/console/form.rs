//! Forms that are shown again with what was typed, and what is wrong with it at its field.

use crate::pages::kit::{Choice, Field, Tone, error_summary, notice};
use crate::pages::language::{Language, Word};
use crate::pages::messages::translate;
use maud::{Markup, html};
use serde_json::{Map, Value};
use sindico_domain::error::NON_FIELD_ERRORS;
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::Error;

/// A form's values and errors. A dot in a field's name goes one object deeper, as in the API.
pub(super) struct Form {
    language: Language,
    values: Map<String, Value>,
    errors: FieldErrors,
    /// What concerns the form as a whole.
    whole: Vec<String>,
}

impl Form {
    /// With these values, and nothing wrong yet.
    pub(super) fn new(language: Language, values: Map<String, Value>) -> Self {
        Self {
            language,
            values,
            errors: FieldErrors::new(),
            whole: Vec::new(),
        }
    }

    /// With what is wrong.
    pub(super) fn refused(mut self, refusal: &Refusal) -> Self {
        match refusal {
            Refusal::Fields(errors) => {
                let whole = errors.messages(NON_FIELD_ERRORS).iter();
                self.whole = whole.map(|text| translate(self.language, text)).collect();
                self.errors = errors.clone();
            }
            other => self.whole = vec![translate(self.language, &other.to_line())],
        }
        self
    }

    /// What stands in a field.
    pub(super) fn value(&self, path: &str) -> String {
        let value = match path.split_once('.') {
            Some((outer, inner)) => self.values.get(outer).and_then(|value| value.get(inner)),
            None => self.values.get(path),
        };
        match value {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        }
    }

    /// Whether a box is checked.
    pub(super) fn checked(&self, path: &str) -> bool {
        matches!(self.value(path).as_str(), "true" | "on" | "1")
    }

    /// What is wrong with a field, in the reader's language.
    pub(super) fn errors(&self, path: &str) -> Vec<String> {
        let found = self.errors.at(path).iter();
        found.map(|text| translate(self.language, text)).collect()
    }

    /// The field with its value and its errors.
    pub(super) fn field(&self, path: &'static str, field: Field) -> Field {
        field.value(self.value(path)).errors(self.errors(path))
    }

    /// A box, with a value for when it is not checked: an absent one would mean the default.
    pub(super) fn checkbox(&self, path: &'static str, field: Field) -> Markup {
        html! {
            div class="field" {
                input type="hidden" name=(path) value="false";
                (field.checked(self.checked(path)).errors(self.errors(path)).render(self.language))
            }
        }
    }

    /// Everything that is wrong, at the form's head. `fields` are names and labels, in their order.
    pub(super) fn summary(&self, fields: &[(&str, Word)]) -> Markup {
        let mut lines = Vec::new();
        for (path, word) in fields {
            for error in self.errors(path) {
                let label = word.in_(self.language);
                lines.push((format!("f-{path}"), format!("{label}: {error}")));
            }
        }
        html! {
            (error_summary(self.language, &lines))
            @for text in &self.whole { (notice(Tone::Danger, text, None)) }
        }
    }
}

/// A refusal that belongs into the form; everything else goes on as the error that it is.
pub(super) fn refusal(error: Error) -> Result<Refusal, Error> {
    match error {
        Error::Refused(
            refusal @ (Refusal::Fields(_)
            | Refusal::Invalid(_)
            | Refusal::Conflict { .. }
            | Refusal::PreconditionFailed),
        ) => Ok(refusal),
        other => Err(other),
    }
}

/// The values of a closed set, with their names.
pub(super) fn choices<T: Copy + ToString>(
    language: Language,
    all: &[T],
    word: impl Fn(T) -> Word,
) -> Vec<Choice> {
    all.iter()
        .map(|value| Choice::new(value.to_string(), word(*value).in_(language)))
        .collect()
}

/// Takes what was left empty out, so that it counts as not told.
pub(super) fn without_blanks(values: &Map<String, Value>) -> Map<String, Value> {
    let blank = |value: &Value| value.as_str().is_some_and(|text| text.trim().is_empty());
    values
        .iter()
        .filter(|(_, value)| !blank(value))
        .map(|(name, value)| {
            let value = match value {
                Value::Object(inner) => Value::Object(without_blanks(inner)),
                other => other.clone(),
            };
            (name.clone(), value)
        })
        .collect()
}

/// An amount as people write it, as the rules read it: `1.299,90` is `1299.90`.
pub(super) fn plain_amount(text: &str) -> String {
    let bare: String = text
        .trim()
        .trim_start_matches("R$")
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    let thousands = |text: &str, mark: char| {
        let mut parts = text.split(mark);
        let first = parts
            .next()
            .is_some_and(|part| (1..=3).contains(&part.len()));
        first && parts.all(|part| part.len() == 3)
    };
    match (bare.rfind(','), bare.rfind('.')) {
        // The last mark parts the cents, if both are there.
        (Some(comma), Some(point)) if comma > point => bare.replace('.', "").replace(',', "."),
        (Some(_), Some(_)) => bare.replace(',', ""),
        (Some(_), None) => bare.replace(',', "."),
        (None, Some(_)) if thousands(&bare, '.') => bare.replace('.', ""),
        _ => bare,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn amounts_are_read_as_they_are_written() {
        for (text, plain) in [
            ("1.299,90", "1299.90"),
            ("R$ 1.299,90", "1299.90"),
            ("1,299.90", "1299.90"),
            ("1299.90", "1299.90"),
            ("1.299", "1299"),
            ("12,5", "12.5"),
            ("0", "0"),
            ("abc", "abc"),
            ("", ""),
        ] {
            assert_eq!(plain_amount(text), plain, "{text}");
        }
    }

    #[test]
    fn what_is_blank_is_not_told() {
        let values = json!({"a": "", "b": " ", "c": "x", "d": {"e": "", "f": "y"}, "g": false});
        let told = without_blanks(values.as_object().unwrap());
        assert_eq!(
            Value::Object(told),
            json!({"c": "x", "d": {"f": "y"}, "g": false})
        );
    }

    #[test]
    fn a_form_keeps_what_was_typed_and_says_what_is_wrong() {
        let values = json!({"name": "<b>", "contract": {"seats": "0"}});
        let mut errors = FieldErrors::one("contract.seats", "Use 1 or more.");
        errors.merge(FieldErrors::whole("No."));
        let form = Form::new(Language::English, values.as_object().unwrap().clone())
            .refused(&Refusal::Fields(errors));
        assert_eq!(form.value("contract.seats"), "0");
        assert_eq!(form.errors("contract.seats"), ["Use 1 or more."]);
        assert!(form.errors("name").is_empty());
        let text = form
            .summary(&[("contract.seats", Word("Lugares", "Seats"))])
            .0;
        assert!(text.contains("#f-contract.seats") && text.contains("Seats: Use 1 or more."));
        assert!(text.contains("No."));
    }
}
