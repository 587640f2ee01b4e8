//! Menus and dialogs.

use super::icon::icon;
use super::small::kbd;
use crate::pages::language::Language;
use crate::pages::words::{common, kit as words};
use maud::{Markup, html};

/// An entry of a menu.
#[derive(Debug, Clone)]
pub enum MenuItem {
    /// A link.
    Link {
        /// Where to.
        href: String,
        /// Its name.
        label: String,
        /// An icon before it.
        icon: Option<&'static str>,
        /// Keys that do the same.
        key: Option<&'static str>,
    },
    /// A form with one button.
    Post {
        /// Where it is posted.
        action: String,
        /// Its name.
        label: String,
        /// An icon before it.
        icon: Option<&'static str>,
        /// The token of `csrf_field`.
        csrf: String,
        /// What else it sends.
        values: Vec<(String, String)>,
        /// It destroys.
        danger: bool,
    },
    /// A heading.
    Title(String),
    /// A line between groups.
    Line,
}

/// A button that opens a list of things to do. It opens without scripts too.
pub fn menu(summary: Markup, items: &[MenuItem]) -> Markup {
    menu_of("menu", summary, items)
}

/// A menu behind three dots, named for those who listen (as "Actions: Ana").
pub fn more_menu(language: Language, of: &str, items: &[MenuItem]) -> Markup {
    let summary = html! {
        summary class="button button-quiet button-small button-icon" {
            (icon("ellipsis")) span class="visually-hidden" { (words::actions_of(language, of)) }
        }
    };
    menu_of("menu", summary, items)
}

/// A menu of another class.
pub fn menu_of(class: &str, summary: Markup, items: &[MenuItem]) -> Markup {
    html! {
        details class=(class) data-menu {
            (summary)
            div class="menu-list" { @for item in items { (item.render()) } }
        }
    }
}

impl MenuItem {
    fn render(&self) -> Markup {
        html! { @match self {
            Self::Link { href, label, icon: name, key } => {
                a class="menu-item" href=(href) hx-boost=[href.starts_with("/api/").then_some("false")] {
                    @if let Some(name) = name { (icon(name)) } (label)
                    @if let Some(key) = key { (kbd(key)) }
                }
            }
            Self::Post { action, label, icon: name, csrf, values, danger } => {
                form method="post" action=(action) {
                    (super::form::csrf_field(csrf))
                    @for (name, value) in values { input type="hidden" name=(name) value=(value); }
                    button type="submit" class={ "menu-item" @if *danger { " menu-item-danger" } } {
                        @if let Some(name) = name { (icon(name)) } (label)
                    }
                }
            }
            Self::Title(text) => { p class="menu-title" { (text) } }
            Self::Line => { div class="menu-line" {} }
        } }
    }
}

/// A dialog that `Button::opens` opens. It closes by its cross, by Escape and by a click beside it.
pub fn dialog(language: Language, id: &str, title: &str, body: Markup) -> Markup {
    dialog_of(language, "dialog", id, title, body)
}

/// A wider dialog.
pub fn wide_dialog(language: Language, id: &str, title: &str, body: Markup) -> Markup {
    dialog_of(language, "dialog dialog-wide", id, title, body)
}

fn dialog_of(language: Language, class: &str, id: &str, title: &str, body: Markup) -> Markup {
    let close = common::CLOSE.in_(language);
    html! {
        dialog class=(class) id=(id) aria-labelledby={ (id) "-title" } {
            div class="dialog-head" {
                h2 id={ (id) "-title" } { (title) }
                form method="dialog" { (super::button::button(close).quiet().icon_only("x")) }
            }
            div class="dialog-body" { (body) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_menu_works_without_scripts_and_escapes() {
        let items = [
            MenuItem::Link {
                href: "/\"".to_owned(),
                label: "<Abrir>".to_owned(),
                icon: Some("eye"),
                key: None,
            },
            MenuItem::Post {
                action: "/x/".to_owned(),
                label: "Excluir".to_owned(),
                icon: None,
                csrf: "t".to_owned(),
                values: vec![("a".to_owned(), "\"".to_owned())],
                danger: true,
            },
        ];
        let text = more_menu(Language::English, "<Ana>", &items).0;
        assert!(text.starts_with("<details"), "{text}");
        assert!(text.contains("Actions: &lt;Ana&gt;") && text.contains("&lt;Abrir&gt;"));
        assert!(text.contains("name=\"a\" value=\"&quot;\""));
        assert!(text.contains("name=\"csrf_token\" value=\"t\""));
    }

    #[test]
    fn a_dialog_has_a_name_and_a_way_out() {
        let text = dialog(Language::English, "d", "<T>", html! {}).0;
        assert!(text.contains("aria-labelledby=\"d-title\"") && text.contains("id=\"d-title\""));
        assert!(text.contains("method=\"dialog\"") && text.contains("&lt;T&gt;"));
    }
}
