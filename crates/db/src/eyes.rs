//! What tells a transaction whose eyes it reads with. There is nothing to quote in any of it: numbers, and names that were
//! looked at when they came in.

/// Which records this reader sees; all of them when it is empty.
pub(crate) fn seen_by(reader: &str) -> String {
    format!("SET LOCAL sindico.reader = '{reader}'")
}

/// What is kept from this reader.
pub(crate) fn kept_from(veil: &str, reader: i64) -> String {
    format!("SET LOCAL sindico.veil = '{veil}'; SET LOCAL sindico.veil_of = '{reader}'; {VEILED}")
}

/// Has names lead to the views in which fields are empty (docs/adr/0030-veil.md).
pub(crate) const VEILED: &str = "SET LOCAL search_path = veil, public";
/// Has them lead to the tables.
pub(crate) const UNVEILED: &str = "SET LOCAL search_path = public";

/// A text that is read under a veil: one that is prepared on its own, since its names lead elsewhere.
pub(crate) fn under(veil: &str, sql: &str) -> Option<String> {
    (!veil.is_empty()).then(|| format!("/* veiled */ {sql}"))
}
