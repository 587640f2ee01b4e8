//! The style guide: every component in every state, on one page. Its texts are examples, not the product's.

mod data;
mod forms;
mod small;

use super::button::link_button;
use super::page::{PageHeader, Tab, tabs};
use super::small::badge;
use super::tone::Tone;
use crate::pages::language::{Language, Word};
use maud::{Markup, html};

/// Every component, grouped: the content of `main`.
pub fn specimen(language: Language) -> Markup {
    let header = PageHeader {
        breadcrumbs: vec![("Síndico".to_owned(), "/".to_owned())],
        title: t(language, "Guia de estilo", "Style guide"),
        subtitle: Some(
            html! { (t(language, "Cada componente, em cada estado", "Every component, in every state")) },
        ),
        badges: Some(badge(Tone::Accent, "kit")),
        actions: Some(html! {
            (link_button(t(language, "Voltar", "Back"), "/").icon("arrow-left"))
            (link_button(t(language, "Novo", "New"), "#").primary().icon("plus"))
        }),
    };
    let parts = ["small", "forms", "data", "board"];
    let current = |index| index == 0;
    let parts: Vec<_> = parts
        .iter()
        .enumerate()
        .map(|(index, part)| Tab {
            href: format!("#{part}"),
            label: (*part).to_owned(),
            count: (index == 2).then(|| "12".to_owned()),
            current: current(index),
        })
        .collect();
    html! {
        (header.render(language))
        (tabs(language, &parts))
        div class="stack" {
            (small::all(language))
            (forms::all(language))
            (data::all(language))
        }
    }
}

/// An example's text.
fn t(language: Language, pt: &'static str, en: &'static str) -> String {
    Word(pt, en).in_(language).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// The ids of a page, and what its labels, descriptions and links point to.
    fn attribute<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
        let start = format!(" {name}=\"");
        let parts = text.split(start.as_str()).skip(1);
        parts.filter_map(|part| part.split('"').next()).collect()
    }

    #[test]
    fn ids_are_unique_and_what_is_pointed_at_is_there() {
        for language in [Language::Portuguese, Language::English] {
            let text = specimen(language).0;
            let all = attribute(&text, "id");
            let ids: BTreeSet<_> = all.iter().copied().collect();
            assert_eq!(all.len(), ids.len(), "an id stands twice");
            for name in [
                "for",
                "aria-labelledby",
                "aria-describedby",
                "aria-controls",
            ] {
                for id in attribute(&text, name).iter().flat_map(|ids| ids.split(' ')) {
                    assert!(ids.contains(id), "{name}={id}");
                }
            }
        }
    }

    #[test]
    fn nothing_needs_an_inline_style_or_script() {
        let text = specimen(Language::Portuguese).0;
        for forbidden in [" style=", "<style", "<script", " onclick=", "javascript:"] {
            assert!(!text.contains(forbidden), "{forbidden}");
        }
    }
}
