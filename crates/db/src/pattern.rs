//! Patterns of `LIKE`.

use sindico_domain::fold::fold;

/// A pattern that finds the folded text anywhere; `%`, `_` and `\` stand for themselves.
pub fn containing(text: &str) -> String {
    format!("%{}", starting(text))
}

/// A pattern that finds the folded text at the beginning.
pub fn starting(text: &str) -> String {
    let mut pattern = String::new();
    for c in fold(text.trim()).chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}
