//! Folded text for search: `São João` and `sao joao` are the same to somebody who types.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Compatibility-decomposed (NFKD), without marks, lower case.
pub fn fold(text: &str) -> String {
    text.nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn accents_and_case_do_not_matter() {
        assert_eq!(fold("Açaí São João"), "acai sao joao");
        assert_eq!(fold("ﬁm"), "fim");
    }
}
