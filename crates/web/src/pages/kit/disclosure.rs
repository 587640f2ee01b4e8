//! What is shown when somebody asks for it; it opens without scripts.

use super::icon::icon;
use maud::{Markup, html};

/// A line that opens what is behind it.
pub fn disclosure(summary: &str, open: bool, content: &Markup) -> Markup {
    html! {
        details class="disclosure" open[open] {
            summary { (icon("chevron-right")) span { (summary) } }
            div class="disclosure-body" { (content) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_closed_until_told() {
        let text = disclosure("<b>", false, &html! { "x" }).0;
        assert!(!text.contains(" open"), "{text}");
        assert!(text.contains("&lt;b&gt;"), "{text}");
        assert!(disclosure("a", true, &html! {}).0.contains(" open"));
    }
}
