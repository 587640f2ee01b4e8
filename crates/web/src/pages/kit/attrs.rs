//! Elements whose attributes are only known when they are drawn. `html!` wants them in the source.

use maud::{Markup, PreEscaped};
use std::borrow::Cow;

/// Attributes of one element, in order. Their names are ours, never a person's; their values are escaped.
#[derive(Debug, Clone, Default)]
pub struct Attrs(Vec<(&'static str, Cow<'static, str>)>);

impl Attrs {
    /// None.
    pub fn new() -> Self {
        Self::default()
    }

    /// With this one; a second value for a name replaces the first.
    pub fn with(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.0.retain(|(other, _)| *other != name);
        self.0.push((name, value.into()));
        self
    }

    /// With this one, if it has a value.
    pub fn maybe(self, name: &'static str, value: Option<impl Into<Cow<'static, str>>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// With this one without a value, if it is so.
    pub fn flag(self, name: &'static str, on: bool) -> Self {
        if on { self.with(name, "") } else { self }
    }

    /// With these after its own.
    pub fn and(self, others: Self) -> Self {
        others
            .0
            .into_iter()
            .fold(self, |all, (name, value)| all.with(name, value))
    }

    /// The element with these attributes and this content.
    pub fn element(&self, tag: &'static str, content: &Markup) -> Markup {
        PreEscaped(format!("{}{}</{tag}>", self.open(tag), content.0))
    }

    /// The element with these attributes, of a kind that has no content.
    pub fn void(&self, tag: &'static str) -> Markup {
        PreEscaped(self.open(tag))
    }

    fn open(&self, tag: &str) -> String {
        let mut text = format!("<{tag}");
        for (name, value) in &self.0 {
            text.push(' ');
            text.push_str(name);
            if !value.is_empty() {
                text.push_str("=\"");
                for c in value.chars() {
                    match c {
                        '&' => text.push_str("&amp;"),
                        '<' => text.push_str("&lt;"),
                        '>' => text.push_str("&gt;"),
                        '"' => text.push_str("&quot;"),
                        c => text.push(c),
                    }
                }
                text.push('"');
            } else if name.starts_with("value") || *name == "alt" {
                text.push_str("=\"\"");
            }
        }
        text.push('>');
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use maud::html;

    #[test]
    fn values_can_not_break_out() {
        let attrs = Attrs::new()
            .with("title", "\"><script>alert('&')")
            .flag("hidden", true);
        assert_eq!(
            attrs.element("p", &html! { "a < b" }).0,
            "<p title=\"&quot;&gt;&lt;script&gt;alert('&amp;')\" hidden>a &lt; b</p>"
        );
    }

    #[test]
    fn a_name_stands_once() {
        let attrs = Attrs::new().with("id", "a").with("id", "b");
        assert_eq!(attrs.void("br").0, "<br id=\"b\">");
    }
}
