//! The languages of the pages, and the catalogue's one form: a word stands in both languages at once, so
//! that none can be missing in one of them.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Also of whoever asks for neither: most of our people speak it.
    Portuguese,
    /// English.
    English,
}

impl Language {
    /// The one that `Accept-Language` prefers (RFC 9110, 12.5.4).
    pub fn of_browser(headers: &HeaderMap) -> Self {
        let ranges = headers
            .get_all(ACCEPT_LANGUAGE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','));
        let mut best = (Self::Portuguese, 0.0);
        for range in ranges {
            let (tag, weight) = range.split_once(';').unwrap_or((range, ""));
            let language = match tag.trim().get(..2).map(str::to_ascii_lowercase).as_deref() {
                Some("pt") => Self::Portuguese,
                Some("en") => Self::English,
                _ => continue,
            };
            let weight: f32 = match weight.trim().strip_prefix("q=") {
                Some(number) => number.parse().unwrap_or(0.0),
                None => 1.0,
            };
            if weight > best.1 {
                best = (language, weight);
            }
        }
        best.0
    }

    /// Its tag (RFC 5646).
    pub fn tag(self) -> &'static str {
        match self {
            Self::Portuguese => "pt-BR",
            Self::English => "en",
        }
    }
}

/// A text of the catalogue, in Portuguese and in English.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word(pub &'static str, pub &'static str);

impl Word {
    /// The text in this language.
    pub fn in_(self, language: Language) -> &'static str {
        match language {
            Language::Portuguese => self.0,
            Language::English => self.1,
        }
    }
}

/// Writes a part of the catalogue: constants for fixed texts, functions for those with values.
///
/// ```ignore
/// catalogue! {
///     SIGN_OUT = "Sair", "Sign out";
///     fn seats(used, all) = "{used} de {all} lugares", "{used} of {all} seats";
/// }
/// ```
macro_rules! catalogue {
    () => {};
    ($name:ident = $pt:literal, $en:literal; $($rest:tt)*) => {
        #[doc = $en]
        pub const $name: $crate::pages::language::Word = $crate::pages::language::Word($pt, $en);
        $crate::pages::language::catalogue! { $($rest)* }
    };
    (fn $name:ident($($value:ident),+) = $pt:literal, $en:literal; $($rest:tt)*) => {
        #[doc = $en]
        pub fn $name(language: $crate::pages::language::Language, $($value: impl std::fmt::Display),+) -> String {
            match language {
                $crate::pages::language::Language::Portuguese => format!($pt),
                $crate::pages::language::Language::English => format!($en),
            }
        }
        $crate::pages::language::catalogue! { $($rest)* }
    };
}
pub(crate) use catalogue;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preferred_language_is_spoken() {
        let language = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, text.parse().unwrap());
            Language::of_browser(&headers)
        };
        assert_eq!(
            Language::of_browser(&HeaderMap::new()),
            Language::Portuguese
        );
        for (text, expected) in [
            ("en-US,en;q=0.9,pt-BR;q=0.8", Language::English),
            ("pt-BR,pt;q=0.9,en;q=0.8", Language::Portuguese),
            ("de, en;q=0.2", Language::English),
            ("pt;q=0.1, EN;q=0.5", Language::English),
            ("de, *", Language::Portuguese),
            ("en;q=0", Language::Portuguese),
            ("é, ;;q=, e", Language::Portuguese),
        ] {
            assert_eq!(language(text), expected, "{text}");
        }
    }
}
