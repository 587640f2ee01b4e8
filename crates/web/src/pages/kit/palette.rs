//! The command palette: its frame, and the commands of the page as a template that `palette.ts` reads.

use super::icon::icon;
use crate::pages::language::Language;
use crate::pages::words::kit as words;
use maud::{Markup, html};

/// Something the palette offers.
#[derive(Debug, Clone, Default)]
pub struct Command {
    /// Its name.
    pub label: String,
    /// Where it leads, or is posted.
    pub href: String,
    /// It changes something: it is a form, not a link.
    pub post: bool,
    /// Its icon.
    pub icon: &'static str,
    /// Other words that find it.
    pub keywords: String,
    /// Keys that do the same.
    pub shortcut: Option<&'static str>,
}

/// The dialog, and the commands. Without scripts neither is seen.
pub fn palette(
    language: Language,
    commands: &[Command],
    search: Option<&str>,
    csrf: &str,
) -> Markup {
    html! {
        dialog class="dialog palette" id="palette" aria-label=(words::PALETTE.in_(language)) data-search=[search]
            data-results=(words::PALETTE_RESULTS.in_(language)) data-commands=(words::PALETTE_COMMANDS.in_(language))
            data-nothing=(words::PALETTE_NOTHING.in_(language)) data-found=(words::PALETTE_FOUND.in_(language)) {
            div class="palette-box" {
                (icon("search"))
                input class="palette-input" id="palette-input" type="text" role="combobox" autocomplete="off" autocapitalize="off" spellcheck="false" enterkeyhint="go"
                    aria-label=(words::SEARCH_OR_GO.in_(language)) aria-controls="palette-list" aria-expanded="false" aria-autocomplete="list"
                    placeholder=(words::PALETTE_HINT.in_(language));
                form method="dialog" { (super::button::button(crate::pages::words::common::CLOSE.in_(language)).quiet().icon_only("x")) }
            }
            div class="palette-list" id="palette-list" role="listbox" aria-label=(words::PALETTE.in_(language)) {}
        }
        template id="palette-commands" {
            @for command in commands { (command.render(csrf)) }
        }
    }
}

impl Command {
    fn render(&self, csrf: &str) -> Markup {
        html! {
            @if self.post {
                form method="post" action=(self.href) data-keywords=(self.keywords) data-shortcut=[self.shortcut] {
                    (super::form::csrf_field(csrf)) (icon(self.icon)) span { (self.label) }
                }
            } @else {
                a href=(self.href) data-keywords=(self.keywords) data-shortcut=[self.shortcut] { (icon(self.icon)) span { (self.label) } }
            }
        }
    }
}

/// A result of the live search, as `?fragment=palette` answers them: a list of these, nothing around it.
pub fn palette_result(href: &str, icon_name: &str, title: &str, detail: &str) -> Markup {
    html! { a href=(href) { (icon(icon_name)) span { (title) } span class="end" { (detail) } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_links_and_forms_and_escaped() {
        let link = Command {
            label: "<Leads>".to_owned(),
            href: "/leads/".to_owned(),
            icon: "users",
            ..Command::default()
        };
        let form = Command {
            post: true,
            href: "/x/".to_owned(),
            ..link.clone()
        };
        let text = palette(Language::English, &[link, form], Some("/search/"), "t").0;
        assert!(
            text.contains("<a href=\"/leads/\"") && text.contains("action=\"/x/\""),
            "{text}"
        );
        assert!(!text.contains("<Leads>") && text.contains("role=\"combobox\""));
        assert!(text.contains("aria-controls=\"palette-list\" aria-expanded=\"false\""));
    }
}
