//! The frame around every page: what stays while `main` changes.

use super::button::{button, link_button};
use super::icon::{brand_mark, icon};
use super::menu::{MenuItem, menu_of};
use super::palette::{Command, palette};
use super::shortcuts::{ShortcutGroup, shortcuts};
use super::small::{avatar, kbd};
use crate::pages::language::Language;
use crate::pages::words::kit as words;
use maud::{Markup, html};

/// How many places a phone's bottom shows beside "more": five fields are as many as 390 px carry.
const BOTTOM_PLACES: usize = 4;

/// A place of the navigation.
#[derive(Debug, Clone, Default)]
pub struct NavItem {
    /// Its id in the page, without a blank: `leads`.
    pub id: String,
    /// Where it leads.
    pub href: String,
    /// Its name.
    pub label: String,
    /// Its icon.
    pub icon: &'static str,
    /// The reader is there.
    pub current: bool,
    /// How many things wait there.
    pub count: Option<String>,
    /// Keys that lead there, as `g l`.
    pub key: Option<&'static str>,
}

/// Places under a heading.
#[derive(Debug, Clone, Default)]
pub struct NavGroup {
    /// The heading; the first group needs none.
    pub title: Option<String>,
    /// The places.
    pub items: Vec<NavItem>,
}

/// Whoever is signed in.
#[derive(Debug, Clone, Default)]
pub struct ShellUser {
    /// Their name.
    pub name: String,
    /// Their e-mail address or role.
    pub detail: String,
    /// Entries of their menu, before "sign out".
    pub items: Vec<MenuItem>,
    /// Where signing out is posted.
    pub sign_out: String,
}

/// A banner that stays while somebody of the platform is in a company's place.
#[derive(Debug, Clone)]
pub struct SupportBanner {
    /// Who is here as whom, why, and until when.
    pub text: String,
    /// Where the end of it is posted.
    pub end: Option<String>,
}

/// Everything around `main`, and `main`.
#[derive(Debug, Clone)]
pub struct Shell {
    /// The reader's language.
    pub language: Language,
    /// The product's name, or the company's.
    pub place: String,
    /// A line below it.
    pub place_detail: String,
    /// Where the mark leads.
    pub home: String,
    /// The side.
    pub nav: Vec<NavGroup>,
    /// The bottom of phones: the first four, and all other places of the side behind "more".
    pub bottom: Vec<NavItem>,
    /// Whoever is signed in.
    pub user: ShellUser,
    /// The page of the search: the button leads there without scripts.
    pub search: Option<String>,
    /// More at the end of the top, as the languages.
    pub top_end: Option<Markup>,
    /// Somebody of the platform is here.
    pub support: Option<SupportBanner>,
    /// What the palette offers, beside the search.
    pub commands: Vec<Command>,
    /// What the shortcuts' dialog tells, after what every page knows.
    pub shortcuts: Vec<ShortcutGroup>,
    /// Messages of the last step (`small::toast`).
    pub toasts: Markup,
    /// The token of `csrf_field`.
    pub csrf: String,
    /// The content takes the whole width, as a board does.
    pub wide: bool,
}

impl Shell {
    /// The content of `<body>`.
    pub fn render(&self, main: &Markup) -> Markup {
        let language = self.language;
        html! {
            a class="skip" href="#main" { (words::SKIP.in_(language)) }
            div class="shell" {
                (self.side())
                div class="stage" {
                    (self.banner())
                    (self.top())
                    main id="main" class={ "main" @if self.wide { " main-wide" } } tabindex="-1" { (main) }
                }
                (self.bottom_bar())
            }
            div class="visually-hidden" id="status" role="status" aria-live="polite" {}
            section class="toasts" id="toasts" role="region" aria-live="polite" aria-label=(words::NOTICES.in_(language))
                data-close=(crate::pages::words::common::CLOSE.in_(language)) data-unreachable=(words::CANT_REACH.in_(language)) {}
            (self.toasts)
            (shortcuts(language, &self.shortcuts, self))
            (palette(language, &self.all_commands(), self.search.as_deref(), &self.csrf))
            (draft_bar(language))
        }
    }

    fn brand(&self) -> Markup {
        html! {
            a class="brand" href=(self.home) {
                (brand_mark())
                span class="brand-text" { strong { (self.place) } small { (self.place_detail) } }
            }
        }
    }

    fn side(&self) -> Markup {
        html! {
            nav class="side" id="side" aria-label=(words::NAVIGATION.in_(self.language)) {
                (self.brand())
                @for group in &self.nav {
                    div class="nav-group" {
                        @if let Some(title) = &group.title { p class="nav-title" { (title) } }
                        ul { @for item in &group.items { li {
                            a class="nav-link" id={ "nav-" (item.id) } href=(item.href) aria-current=[item.current.then_some("page")]
                                aria-keyshortcuts=[item.key] {
                                (icon(item.icon))
                                span class="nav-label" { (item.label) }
                                @if let Some(count) = &item.count { span class="nav-count" { (count) } }
                            }
                        } } }
                    }
                }
            }
        }
    }

    fn banner(&self) -> Markup {
        html! { @if let Some(support) = &self.support {
            div class="banner" role="status" {
                (icon("shield-alert")) span { (support.text) }
                @if let Some(end) = &support.end {
                    form method="post" action=(end) {
                        (super::form::csrf_field(&self.csrf))
                        (button(words::END_SUPPORT.in_(self.language)).small())
                    }
                }
            }
        } }
    }

    fn top(&self) -> Markup {
        let language = self.language;
        html! {
            header class="top" {
                div class="top-brand" { (self.brand()) }
                @if let Some(search) = &self.search {
                    a class="search-button" href=(search) data-palette aria-keyshortcuts="Control+K" aria-haspopup="dialog" {
                        (icon("search"))
                        span class="search-label" { (words::SEARCH_OR_GO.in_(language)) }
                        (kbd("Ctrl K"))
                    }
                }
                span class="live-lost" role="status" { (icon("wifi-off")) (words::STREAM_LOST.in_(language)) }
                div class="top-end" {
                    @if let Some(more) = &self.top_end { (more) }
                    (link_button(words::SHORTCUTS.in_(language), "#shortcuts").quiet().icon_only("keyboard").opens("shortcuts").attr("class", "button button-quiet button-icon only-desk"))
                    (self.user_menu())
                }
            }
        }
    }

    fn user_menu(&self) -> Markup {
        let language = self.language;
        let mut items = vec![];
        items.extend(self.user.items.iter().cloned());
        items.push(MenuItem::Line);
        items.push(MenuItem::Post {
            action: self.user.sign_out.clone(),
            label: words::SIGN_OUT.in_(language).to_owned(),
            icon: Some("log-out"),
            csrf: self.csrf.clone(),
            values: vec![],
            danger: false,
        });
        let summary = html! {
            summary class="user-button" {
                (avatar(&self.user.name))
                span class="user-name" { (self.user.name) }
                span class="visually-hidden" { (words::ACCOUNT.in_(language)) }
                (icon("chevron-down"))
            }
        };
        menu_of("menu user-menu", summary, &items)
    }

    /// Every place of the navigation.
    fn places(&self) -> impl Iterator<Item = &NavItem> {
        self.nav.iter().flat_map(|group| &group.items)
    }

    /// What the page offers, then every place of the navigation: the palette goes anywhere.
    pub(super) fn all_commands(&self) -> Vec<Command> {
        let places = self.places().map(|place| Command {
            label: place.label.clone(),
            href: place.href.clone(),
            icon: place.icon,
            shortcut: place.key,
            ..Command::default()
        });
        self.commands.iter().cloned().chain(places).collect()
    }

    fn bottom_bar(&self) -> Markup {
        html! { @if !self.bottom.is_empty() {
            nav class="bottom" id="bottom" aria-label=(words::NAVIGATION.in_(self.language)) {
                @for item in self.bottom.iter().take(BOTTOM_PLACES) {
                    a class="bottom-link" id={ "bottom-" (item.id) } href=(item.href) aria-current=[item.current.then_some("page")] {
                        (icon(item.icon)) span { (item.label) }
                    }
                }
                (self.more())
            }
        } }
    }

    /// The places that have no room at the bottom, behind its last button.
    fn more(&self) -> Markup {
        let shown: Vec<_> = self
            .bottom
            .iter()
            .take(BOTTOM_PLACES)
            .map(|item| &item.id)
            .collect();
        let rest: Vec<_> = self
            .places()
            .filter(|item| !shown.contains(&&item.id))
            .collect();
        let here = rest.iter().any(|item| item.current);
        let items: Vec<_> = rest
            .into_iter()
            .map(|item| MenuItem::Link {
                href: item.href.clone(),
                label: item.label.clone(),
                icon: Some(item.icon),
                key: None,
            })
            .collect();
        let summary = html! {
            summary class="bottom-link" id="bottom-more" aria-current=[here.then_some("true")] {
                (icon("menu")) span { (words::MORE.in_(self.language)) }
            }
        };
        html! { @if !items.is_empty() { (menu_of("menu menu-up bottom-more", summary, &items)) } }
    }
}

/// What `forms.ts` shows when it has kept what was typed.
fn draft_bar(language: Language) -> Markup {
    html! {
        template id="draft-offer" {
            div class="draft" role="status" {
                (icon("history")) span { (words::DRAFT_FOUND.in_(language)) }
                (button(words::DRAFT_USE.in_(language)).small().plain().attr("data-draft-use", ""))
                (button(words::DRAFT_DROP.in_(language)).small().quiet().plain().attr("data-draft-drop", ""))
            }
        }
    }
}
