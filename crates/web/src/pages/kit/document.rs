//! The whole document: head and body. What the head promises the scripts stands here alone.

use crate::pages::assets;
use crate::pages::language::Language;
use maud::{DOCTYPE, Markup, html};

/// How a page is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the reader's system is.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

/// A document.
#[derive(Debug, Clone)]
pub struct Document<'a> {
    /// The reader's language.
    pub language: Language,
    /// The reader's theme.
    pub theme: Theme,
    /// The page's title, with the product's name behind it.
    pub title: &'a str,
    /// The token of `csrf_field`; scripts send it as a header.
    pub csrf: Option<&'a str>,
    /// The address of the stream of events, for a page that keeps itself up to date.
    pub live: Option<&'a str>,
}

/// What htmx is told before it starts. Nothing of it may need `eval` or a style of its own (the policy
/// allows neither); errors are swapped in like any other answer, only 204 and 304 are not.
const HTMX: &str = r#"{"includeIndicatorCSS":false,"defaultSwap":"outerHTML","defaultTimeout":30000,"noSwap":[204,304]}"#;

/// How links and forms are taken over: the answer is a whole page, of which `main` and the navigation are
/// put in the place of the old ones. See `ui/src/navigation.ts`.
const BOOST: &str = r##"{"target":"#main","select":"#main","selectOOB":"#side,#bottom","swap":"outerHTML show:none"}"##;

impl Document<'_> {
    /// A page with all scripts.
    pub fn render(&self, body: &Markup) -> Markup {
        self.whole(
            "app.js",
            &html! {
                body hx-boost:inherited=(BOOST) data-live=[self.live] { (body) }
            },
        )
    }

    /// A page before the entrance, with next to no script.
    pub fn render_entry(&self, body: &Markup) -> Markup {
        self.whole("sign-in.js", &html! { body { (body) } })
    }

    fn whole(&self, script: &str, body: &Markup) -> Markup {
        html! {
            (DOCTYPE)
            html lang=(self.language.tag()) data-theme=[self.theme.attribute()] {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                    title { (self.title) }
                    @if let Some(token) = self.csrf { meta name="csrf-token" content=(token); }
                    meta name="htmx-config" content=(HTMX);
                    meta name="color-scheme" content="light dark";
                    link rel="stylesheet" href=(assets::url("app.css"));
                    link rel="icon" type="image/svg+xml" href=(assets::url("favicon.svg"));
                    script src=(assets::url(script)) defer {}
                }
                (body)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_is_what_the_scripts_expect() {
        let document = Document {
            language: Language::English,
            theme: Theme::Dark,
            title: "<Leads>",
            csrf: Some("\"t"),
            live: Some("/api/events/"),
        };
        let text = document.render(&html! { p {} }).0;
        assert!(
            text.contains("<html lang=\"en\" data-theme=\"dark\">"),
            "{text}"
        );
        assert!(text.contains("<title>&lt;Leads&gt;</title>"));
        assert!(text.contains("<meta name=\"csrf-token\" content=\"&quot;t\">"));
        assert!(
            text.contains("hx-boost:inherited=") && text.contains("data-live=\"/api/events/\"")
        );
        for forbidden in ["style=", "<style", "onload=", "javascript:"] {
            assert!(!text.contains(forbidden), "{forbidden}");
        }
        let entry = document.render_entry(&html! {}).0;
        assert!(entry.contains(assets::url("sign-in.js")), "{entry}");
        assert!(!entry.contains("hx-boost"), "{entry}");
    }
}
