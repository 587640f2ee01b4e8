//! Pages of lists: bounded, and continued by an opaque cursor (contract section 1).

use crate::FieldErrors;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// How many rows a page has unless told.
pub const DEFAULT_LIMIT: i64 = 100;
/// How many rows a page has at the most.
pub const MAX_LIMIT: i64 = 500;

/// The place in a list after which the next page begins: the sort keys of the last row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The order of the list that the cursor belongs to.
    pub sort: String,
    /// The last row's sort key, as text.
    pub key: String,
    /// The last row's id.
    pub id: i64,
}

impl Cursor {
    /// The cursor as it stands in a URL.
    pub fn encode(&self) -> String {
        let json = serde_json::json!([self.sort, self.key, self.id]);
        URL_SAFE_NO_PAD.encode(json.to_string())
    }

    /// Reads a cursor; `None` when it isn't one of ours.
    pub fn decode(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (sort, key, id) = serde_json::from_slice::<(String, String, i64)>(&bytes).ok()?;
        (!key.contains('\0')).then_some(Self { sort, key, id })
    }
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// At most this many rows; 1 to [`MAX_LIMIT`].
    pub limit: i64,
    /// After this place; from the start when `None`.
    pub after: Option<Cursor>,
    /// Whether to count all rows.
    pub count: bool,
}

impl Default for PageRequest {
    fn default() -> Self {
        Self {
            limit: DEFAULT_LIMIT,
            after: None,
            count: false,
        }
    }
}

impl PageRequest {
    /// The cursor, if it belongs to a list in this order.
    ///
    /// # Errors
    /// A cursor of another list is refused on its field.
    pub fn after(&self, sort: &str) -> Result<Option<&Cursor>, FieldErrors> {
        match &self.after {
            Some(cursor) if cursor.sort != sort => Err(wrong_cursor()),
            after => Ok(after.as_ref()),
        }
    }

    /// The id after which a list by id goes on.
    ///
    /// # Errors
    /// As [`PageRequest::after`].
    pub fn after_id(&self, sort: &str) -> Result<Option<i64>, FieldErrors> {
        Ok(self.after(sort)?.map(|cursor| cursor.id))
    }
}

/// The error of a cursor that this list did not hand out.
pub fn wrong_cursor() -> FieldErrors {
    FieldErrors::one("cursor", "This cursor belongs to another list.")
}

/// The instant that a cursor's key is; one that no list of ours can have handed out is refused.
///
/// # Errors
/// On the field of the cursor.
pub fn instant_of(key: &str) -> Result<jiff::Timestamp, FieldErrors> {
    crate::input::instant(&serde_json::Value::from(key)).map_err(|_| wrong_cursor())
}

/// One page of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page begins, if there is one.
    pub next: Option<Cursor>,
    /// How many rows there are in all, if that was asked.
    pub total: Option<i64>,
}

impl<T> Default for Page<T> {
    /// Of a list with nothing in it.
    fn default() -> Self {
        Self {
            items: Vec::new(),
            next: None,
            total: None,
        }
    }
}

impl<T> Page<T> {
    /// Makes a page of the `limit + 1` rows that were read: the extra one only tells that there
    /// is more.
    pub fn of(
        mut rows: Vec<T>,
        request: &PageRequest,
        total: Option<i64>,
        cursor: impl Fn(&T) -> Cursor,
    ) -> Self {
        let limit = usize::try_from(request.limit).unwrap_or(0);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(cursor) } else { None };
        Self {
            items: rows,
            next,
            total,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn cursors_round_trip(sort in "[a-z_-]{1,12}", key in "\\PC{0,40}", id in any::<i64>()) {
            let cursor = Cursor { sort, key, id };
            prop_assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
        }

        #[test]
        fn odd_cursors_are_refused_quietly(text in "\\PC{0,60}") {
            let _ = Cursor::decode(&text);
        }
    }
}
