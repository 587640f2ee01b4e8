//! The frame of a page's content: header, tabs, cards, tiles, and what stands where there is nothing.

use super::icon::icon;
use super::tone::Tone;
use crate::pages::language::Language;
use crate::pages::words::kit as words;
use maud::{Markup, html};

/// The head of a page.
#[derive(Debug, Clone, Default)]
pub struct PageHeader {
    /// Where the page is: names and links, from the top; the page itself is left out.
    pub breadcrumbs: Vec<(String, String)>,
    /// Its heading.
    pub title: String,
    /// A line below.
    pub subtitle: Option<Markup>,
    /// Beside the heading.
    pub badges: Option<Markup>,
    /// What can be done, the main action first.
    pub actions: Option<Markup>,
}

impl PageHeader {
    /// Itself.
    pub fn render(&self, language: Language) -> Markup {
        html! {
            header class="page-header" {
                div class="page-heading" {
                    @if !self.breadcrumbs.is_empty() {
                        nav class="breadcrumbs" aria-label=(words::BREADCRUMBS.in_(language)) {
                            ol { @for (name, href) in &self.breadcrumbs { li { a href=(href) { (name) } } } }
                        }
                    }
                    div class="page-title" { h1 { (self.title) } @if let Some(badges) = &self.badges { (badges) } }
                    @if let Some(subtitle) = &self.subtitle { p class="page-subtitle" { (subtitle) } }
                }
                @if let Some(actions) = &self.actions { div class="page-actions" { (actions) } }
            }
        }
    }
}

/// The head of a page that has a title alone.
pub fn page_header(language: Language, title: &str, actions: Option<Markup>) -> Markup {
    PageHeader {
        title: title.to_owned(),
        actions,
        ..PageHeader::default()
    }
    .render(language)
}

/// A tab: a link to a part of the page.
#[derive(Debug, Clone)]
pub struct Tab {
    /// Where it leads.
    pub href: String,
    /// Its name.
    pub label: String,
    /// How many things are there.
    pub count: Option<String>,
    /// It is shown now.
    pub current: bool,
}

/// The parts of a page. They are links: each part has an address.
pub fn tabs(language: Language, all: &[Tab]) -> Markup {
    tabs_called(words::TABS.in_(language), all)
}

/// The same under a name of their own, where a page has others.
pub fn tabs_called(name: &str, tabs: &[Tab]) -> Markup {
    html! {
        nav class="tabs" aria-label=(name) {
            @for tab in tabs {
                a class="tab" href=(tab.href) aria-current=[tab.current.then_some("page")] {
                    (tab.label) @if let Some(count) = &tab.count { " " span class="badge" { (count) } }
                }
            }
        }
    }
}

/// A group of content with a heading, and what can be done with it.
pub fn card(title: &str, actions: Option<Markup>, body: Markup) -> Markup {
    card_of("card", title, actions, body)
}

/// A card for what can't be taken back.
pub fn danger_card(title: &str, body: Markup) -> Markup {
    card_of("card card-danger", title, None, body)
}

fn card_of(class: &str, title: &str, actions: Option<Markup>, body: Markup) -> Markup {
    html! {
        section class=(class) {
            div class="card-head" { h2 { (title) } @if let Some(actions) = actions { (actions) } }
            div class="card-body" { (body) }
        }
    }
}

/// A number that matters.
#[derive(Debug, Clone, Default)]
pub struct Stat {
    /// What it counts.
    pub label: String,
    /// It, written for people.
    pub value: String,
    /// Where its records are.
    pub href: Option<String>,
    /// A word about it, as its change.
    pub note: Option<String>,
    /// What the word means.
    pub tone: Tone,
    /// Its course (`chart::sparkline`).
    pub spark: Option<Markup>,
}

/// Numbers side by side.
pub fn stats(stats: &[Stat]) -> Markup {
    html! {
        ul class="stats" { @for stat in stats {
            li class={ "stat " (stat.tone.class()) } {
                span class="stat-label" { (stat.label) }
                span class="stat-value" { @match &stat.href {
                    Some(href) => { a href=(href) aria-label={ (stat.label) ": " (stat.value) } { (stat.value) } }
                    None => { (stat.value) }
                } }
                @if let Some(note) = &stat.note { span class="stat-note" { (note) } }
                @if let Some(spark) = &stat.spark { (spark) }
            }
        } }
    }
}

/// What stands where there is nothing yet: why, and the way on.
pub fn empty_state(icon_name: &str, title: &str, text: &str, action: Option<Markup>) -> Markup {
    html! {
        div class="empty" {
            span class="empty-icon" { (icon(icon_name)) }
            h2 { (title) }
            p { (text) }
            @if let Some(action) = action { div class="row" { (action) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EN: Language = Language::English;

    #[test]
    fn a_header_escapes_and_has_one_heading() {
        let header = PageHeader {
            breadcrumbs: vec![("<Leads>".to_owned(), "/leads/\"".to_owned())],
            title: "<Ana>".to_owned(),
            ..PageHeader::default()
        };
        let text = header.render(EN).0;
        assert!(text.contains("<h1>&lt;Ana&gt;</h1>") && text.contains("&lt;Leads&gt;"));
        assert!(text.contains("href=\"/leads/&quot;\""), "{text}");
        assert!(text.contains("aria-label=\"Path of this page\""));
    }

    #[test]
    fn one_tab_is_current() {
        let tab = |current| Tab {
            href: "/".to_owned(),
            label: "A".to_owned(),
            count: None,
            current,
        };
        let text = tabs(EN, &[tab(false), tab(true)]).0;
        assert_eq!(text.matches("aria-current=\"page\"").count(), 1);
    }

    #[test]
    fn a_number_that_leads_somewhere_says_what_it_counts() {
        let stat = Stat {
            label: "Leads".to_owned(),
            value: "12".to_owned(),
            href: Some("/leads/".to_owned()),
            ..Stat::default()
        };
        assert!(stats(&[stat]).0.contains("aria-label=\"Leads: 12\""));
    }
}
