//! The dialog that tells the keys.

use super::menu::dialog;
use super::shell::Shell;
use super::small::kbd;
use crate::pages::language::Language;
use crate::pages::words::{common, kit as words};
use maud::{Markup, html};

/// Keys under a heading.
#[derive(Debug, Clone)]
pub struct ShortcutGroup {
    /// The heading.
    pub title: String,
    /// What is done, and the keys: `g l` are two, one after the other.
    pub keys: Vec<(String, &'static str)>,
}

/// The dialog: what every page knows, what the palette offers, and what this page adds.
pub fn shortcuts(language: Language, groups: &[ShortcutGroup], shell: &Shell) -> Markup {
    let always = [
        (words::SHORTCUT_PALETTE, "Ctrl K"),
        (words::SHORTCUT_HELP, "?"),
        (words::SHORTCUT_ESCAPE, "Esc"),
        (words::SHORTCUT_CREATE, "c"),
        (words::SHORTCUT_EDIT, "e"),
    ];
    let commands = shell.all_commands();
    let commands = commands
        .iter()
        .filter_map(|command| Some((&command.label, command.shortcut?)));
    let body = html! {
        div class="stack" {
            dl class="shortcut-list" {
                @for (word, key) in always { (line(word.in_(language), &[key])) }
                @for (label, key) in commands {
                    (line(label, &key.split(' ').collect::<Vec<_>>()))
                }
            }
            @for group in groups {
                div {
                    h3 { (group.title) }
                    dl class="shortcut-list" {
                        @for (text, keys) in &group.keys { (line(text, &keys.split(' ').collect::<Vec<_>>())) }
                    }
                }
            }
        }
    };
    dialog(language, "shortcuts", words::SHORTCUTS.in_(language), body)
}

/// The keys of a board.
pub fn board_keys(language: Language) -> ShortcutGroup {
    let keys = vec![
        (
            words::SHORTCUT_CARD.in_(language).to_owned(),
            words::KEY_SPACE.in_(language),
        ),
        (words::SHORTCUT_ARROWS.in_(language).to_owned(), "← ↑ → ↓"),
    ];
    ShortcutGroup {
        title: common::BOARD.in_(language).to_owned(),
        keys,
    }
}

fn line(text: &str, keys: &[&str]) -> Markup {
    html! { div class="shortcut" { dt { (text) } dd { @for key in keys { (kbd(key)) } } } }
}
