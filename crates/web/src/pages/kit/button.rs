//! Buttons, and links that look like them.

use super::attrs::Attrs;
use super::icon::{icon, icon_of};
use maud::{Markup, Render, html};
use std::borrow::Cow;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Secondary,
    Primary,
    Quiet,
    Danger,
}

/// A button or a link that looks like one; it is drawn where it stands in `html!`.
#[derive(Debug, Clone)]
pub struct Button {
    label: Cow<'static, str>,
    look: Look,
    icon: Option<&'static str>,
    only_icon: bool,
    small: bool,
    wide: bool,
    busy: bool,
    link: bool,
    attrs: Attrs,
}

/// A button that sends its form, until it is told otherwise. One main action a view is `primary`.
pub fn button(label: impl Into<Cow<'static, str>>) -> Button {
    Button {
        label: label.into(),
        look: Look::Secondary,
        icon: None,
        only_icon: false,
        small: false,
        wide: false,
        busy: false,
        link: false,
        attrs: Attrs::new().with("type", "submit"),
    }
}

/// A link that looks like a button.
pub fn link_button(
    label: impl Into<Cow<'static, str>>,
    href: impl Into<Cow<'static, str>>,
) -> Button {
    Button {
        link: true,
        attrs: Attrs::new().with("href", href),
        ..button(label)
    }
}

impl Button {
    /// The main action.
    pub fn primary(mut self) -> Self {
        self.look = Look::Primary;
        self
    }

    /// An action beside others.
    pub fn quiet(mut self) -> Self {
        self.look = Look::Quiet;
        self
    }

    /// It destroys, or ends something.
    pub fn danger(mut self) -> Self {
        self.look = Look::Danger;
        self
    }

    /// Smaller, in rows and cards.
    pub fn small(mut self) -> Self {
        self.small = true;
        self
    }

    /// As wide as its place.
    pub fn wide(mut self) -> Self {
        self.wide = true;
        self
    }

    /// With an icon before its label.
    pub fn icon(mut self, name: &'static str) -> Self {
        self.icon = Some(name);
        self
    }

    /// With the icon alone; the label is read to those who don't see it.
    pub fn icon_only(mut self, name: &'static str) -> Self {
        self.only_icon = true;
        self.icon(name)
    }

    /// At work already.
    pub fn busy(mut self, busy: bool) -> Self {
        self.busy = busy;
        self
    }

    /// It can't be used now. A link has no such state: leave it out instead.
    pub fn disabled(mut self, disabled: bool) -> Self {
        self.attrs = self.attrs.flag("disabled", disabled && !self.link);
        self
    }

    /// It sends no form: a script listens to it.
    pub fn plain(self) -> Self {
        self.attr("type", "button")
    }

    /// What it sends with its form.
    pub fn sends(self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.attr("name", name).attr("value", value)
    }

    /// It opens the dialog with this id. A link still leads to its page when scripts don't run.
    pub fn opens(self, dialog: impl Into<Cow<'static, str>>) -> Self {
        self.attr("data-dialog", dialog)
            .attr("aria-haspopup", "dialog")
    }

    /// These keys activate it: `c`, or `g l` one after the other.
    pub fn key(self, keys: &'static str) -> Self {
        self.attr("data-key", keys).attr("aria-keyshortcuts", keys)
    }

    /// Another attribute, as of htmx.
    pub fn attr(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.attrs = self.attrs.with(name, value);
        self
    }
}

impl Render for Button {
    fn render(&self) -> Markup {
        let mut class = String::from("button");
        for (on, name) in [
            (self.look == Look::Primary, " button-primary"),
            (self.look == Look::Quiet, " button-quiet"),
            (self.look == Look::Danger, " button-danger"),
            (self.small, " button-small"),
            (self.wide, " button-wide"),
            (self.only_icon, " button-icon"),
        ] {
            if on {
                class.push_str(name);
            }
        }
        let attrs = Attrs::new()
            .with("class", class)
            .and(self.attrs.clone())
            .maybe("aria-busy", self.busy.then_some("true"));
        let content = html! {
            (icon_of("loader-circle", "icon spin busy"))
            @if let Some(name) = self.icon { (icon(name)) }
            @if self.only_icon { span class="visually-hidden" { (self.label) } } @else { span { (self.label) } }
        };
        attrs.element(if self.link { "a" } else { "button" }, &content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_values_are_escaped() {
        let text = button("<b>").primary().sends("to", "\"x").render().0;
        assert!(text.contains("&lt;b&gt;"), "{text}");
        assert!(text.contains("value=\"&quot;x\""), "{text}");
        assert!(text.contains("class=\"button button-primary\""), "{text}");
    }

    #[test]
    fn an_icon_alone_has_a_name() {
        let text = link_button("Close", "/").icon_only("x").render().0;
        assert!(text.contains("<span class=\"visually-hidden\">Close</span>"));
        assert!(text.starts_with("<a ") && text.ends_with("</a>"), "{text}");
        assert!(!text.contains("type="), "{text}");
    }

    #[test]
    fn one_that_is_busy_says_so() {
        assert!(
            button("x")
                .busy(true)
                .render()
                .0
                .contains("aria-busy=\"true\"")
        );
        assert!(!button("x").render().0.contains("aria-busy"));
    }
}
