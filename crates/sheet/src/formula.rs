//! Text that a spreadsheet would run. CSV can't say that a cell is text, so that such a text gets an
//! apostrophe in front of it, as OWASP advises; reading takes that one away again.

/// What a formula can begin with, in narrow and in wide letters.
const STARTS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Whether a spreadsheet might run it, now or once an apostrophe was taken away.
pub(crate) fn is_risky(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(STARTS)
}

/// A text as it was before it was made harmless.
pub(crate) fn bare(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_risky(rest) => rest,
        _ => text,
    }
}
