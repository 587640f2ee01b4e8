//! Patterns of `LIKE`.

use sindico_domain::fold::fold;

/// A pattern that finds the folded text anywhere; `%`, `_` and `\` stand for themselves.
pub fn containing(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in fold(text.trim()).chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}
