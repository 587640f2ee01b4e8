//! What lists share: their address with its filters, and the way to the next page.

use crate::contract::Query;
use crate::pages::kit::{format, pager};
use crate::pages::page::Page;
use crate::pages::words::console as w;
use maud::Markup;
use sindico_domain::page;

/// How many rows a page of the console shows.
pub(super) const ROWS: i64 = 50;

/// A list's address with these parameters.
pub(super) fn address(path: &str, pairs: &[(String, String)]) -> String {
    if pairs.is_empty() {
        return path.to_owned();
    }
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    format!("{path}?{query}")
}

/// The same list, with another value of one parameter, from its first page.
pub(super) fn with(path: &str, query: &Query, name: &str, value: &str) -> String {
    let mut pairs = query.without(name);
    pairs.retain(|(key, _)| key != "cursor");
    pairs.push((name.to_owned(), value.to_owned()));
    address(path, &pairs)
}

/// The value of a parameter, as it was sent.
pub(super) fn sent(query: &Query, name: &str) -> String {
    let pairs = query.without("");
    let found = pairs.into_iter().find(|(key, _)| key == name);
    found.map(|(_, value)| value).unwrap_or_default()
}

/// Whether a filter is on.
pub(super) fn is_filtered(query: &Query) -> bool {
    query
        .without("cursor")
        .iter()
        .any(|(key, _)| !matches!(key.as_str(), "sort" | "fragment"))
}

/// The end of a list: how much of it is shown, and where it goes on.
pub(super) fn end<T>(page: &Page, path: &str, query: &Query, rows: &page::Page<T>) -> Markup {
    let language = page.language();
    let total = rows.total.unwrap_or(rows.items.len() as i64);
    let shown = w::shown_of(
        language,
        format::count(language, rows.items.len() as i64),
        format::count(language, total),
    );
    let next = rows.next.as_ref().map(|cursor| {
        let mut pairs = query.without("cursor");
        pairs.push(("cursor".to_owned(), cursor.encode()));
        address(path, &pairs)
    });
    let begun = !sent(query, "cursor").is_empty();
    let first = begun.then(|| address(path, &query.without("cursor")));
    pager(language, &shown, first.as_deref(), next.as_deref())
}
