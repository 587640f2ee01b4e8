//! Query parameters: read by the same field parsers as bodies, so that a bad value is a `400` that
//! names its parameter.

use super::error::{ApiError, invalid};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde_json::{Map, Value};
use sindico_domain::input::Fields;
use sindico_domain::page::{Cursor, DEFAULT_LIMIT, MAX_LIMIT, PageRequest};

/// The parameters of the URL. Of a repeated one the last counts; an empty one counts as absent,
/// since forms send every field.
#[derive(Debug, Default)]
pub struct Query(Map<String, Value>);

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let pairs = pairs(parts.uri.query().unwrap_or_default())
            .map_err(|_| invalid("The query of the address is not valid UTF-8."))?;
        Ok(Self(
            pairs
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| (name, Value::String(value)))
                .collect(),
        ))
    }
}

impl Query {
    /// A reader of the parameters.
    pub fn fields(&self) -> Fields<'_> {
        Fields::new(&self.0)
    }

    /// Whether a parameter has this text in it.
    pub fn names(&self, text: &str) -> bool {
        let mut all = self.0.values().filter_map(Value::as_str);
        all.any(|value| value.contains(text))
    }

    /// The parameters as text, without the named one: for the address of the next page.
    pub fn without(&self, name: &str) -> Vec<(String, String)> {
        self.0
            .iter()
            .filter(|(key, _)| *key != name)
            .map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned()))
            .collect()
    }
}

/// Reads `limit`, `cursor` and `count`, which every list takes.
pub fn page(fields: &mut Fields<'_>) -> PageRequest {
    page_counted(fields, &["exact"]).0
}

/// The same for lists that can also be counted up to a bound; whether that was asked.
pub fn page_or_some(fields: &mut Fields<'_>) -> (PageRequest, bool) {
    page_counted(fields, &["exact", "some"])
}

fn page_counted(fields: &mut Fields<'_>, words: &[&str]) -> (PageRequest, bool) {
    use sindico_domain::input::{integer, text};
    let limit = fields
        .read("limit", integer(1..=MAX_LIMIT))
        .unwrap_or(DEFAULT_LIMIT);
    let after = fields.read("cursor", |value| {
        Cursor::decode(&text(1..=2000)(value)?)
            .ok_or_else(|| "This is not a cursor of ours. Take it from the Link header.".to_owned())
    });
    let count = fields.read("count", |value| match value.as_str() {
        Some(word) if words.contains(&word) => Ok(word.to_owned()),
        _ => Err(format!("Use {}, or leave it out.", words.join(" or "))),
    });
    let request = PageRequest {
        limit,
        after,
        count: count.as_deref() == Some("exact"),
    };
    (request, count.as_deref() == Some("some"))
}

/// Decoded pairs; an error when the bytes behind the percent signs are not UTF-8.
pub(crate) fn pairs(text: &str) -> Result<Vec<(String, String)>, std::str::Utf8Error> {
    text.split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            Ok((decode(name)?, decode(value)?))
        })
        .collect()
}

fn decode(text: &str) -> Result<String, std::str::Utf8Error> {
    let spaced = text.replace('+', " ");
    Ok(percent_encoding::percent_decode_str(&spaced)
        .decode_utf8()?
        .into_owned())
}

#[cfg(test)]
mod tests {
    use super::pairs;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_query_is_read_or_refused(text in "\\PC{0,60}") {
            let _ = pairs(&text);
        }

        #[test]
        fn pairs_round_trip(list in proptest::collection::vec(("\\PC{1,8}", "\\PC{0,8}"), 0..4)) {
            let text = form_urlencoded::Serializer::new(String::new()).extend_pairs(&list).finish();
            prop_assert_eq!(pairs(&text).unwrap(), list);
        }
    }
}
