//! The document around a page's content.

use super::assets::url;
use super::kit::{
    Command, Document, NavGroup, NavItem, Shell, ShellUser, Theme, Tone, board_keys, brand_mark,
    toast,
};
use super::language::Word;
use super::notice::Undo;
use super::page::{Page, View, Width};
use super::words::common as c;
use super::{account_menu, console, portal, support};
use maud::{DOCTYPE, Markup, html};

/// A page of its own, without navigation: sign-in, errors.
pub(super) fn bare(view: &View, title: &str, content: Markup) -> Markup {
    let title = titled(view, title);
    document(view, &title, None, None).render_entry(&entry(view, &content))
}

/// The same without any script.
pub(crate) fn still(view: &View, title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(view.language.tag()) data-theme=[view.theme] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (titled(view, title)) }
                link rel="icon" type="image/svg+xml" href=(url("favicon.svg"));
                link rel="stylesheet" href=(url("app.css"));
            }
            body { (entry(view, content)) }
        }
    }
}

fn entry(view: &View, content: &Markup) -> Markup {
    html! {
        div class="entry" {
            main class="entry-card" id="main" {
                p class="entry-brand" { (brand_mark()) strong { (view.t(c::PRODUCT)) } }
                (content)
            }
            footer class="entry-foot" { (view.t(c::WALLS)) }
        }
    }
}

/// A page within navigation.
pub(super) fn shell(page: &Page, title: &str, width: Width, content: &Markup) -> Markup {
    let view = &page.view;
    let title = titled(view, title);
    let frame = match &page.tenant {
        Some(tenant) => portal::navigation::frame(page, tenant),
        None => console::navigation::frame(page),
    };
    let user = &page.caller.user;
    let shortcuts = match width {
        Width::Board => vec![board_keys(view.language)],
        Width::Text | Width::Whole => Vec::new(),
    };
    let shell = Shell {
        language: view.language,
        place: frame.place,
        place_detail: frame.place_detail,
        home: frame.home.to_owned(),
        nav: frame.nav,
        bottom: frame.bottom,
        user: ShellUser {
            name: user.username.clone(),
            detail: user.email.clone(),
            items: account_menu(page),
            sign_out: "/sign-out/".to_owned(),
        },
        search: Some(frame.search.to_owned()),
        top_end: page
            .tenant
            .is_some()
            .then(|| portal::notifications::bell(page, None)),
        support: support::banner(page),
        commands: frame.commands,
        shortcuts,
        toasts: html! {},
        csrf: page.csrf.clone(),
        wide: width != Width::Text,
    };
    let live = page.tenant.is_some().then_some("/api/events/");
    document(view, &title, Some(&page.csrf), live)
        .render(&shell.render(&html! { (notice(page)) (content) }))
}

fn titled(view: &View, title: &str) -> String {
    format!("{title} · {}", view.t(c::PRODUCT))
}

fn document<'a>(
    view: &View,
    title: &'a str,
    csrf: Option<&'a str>,
    live: Option<&'a str>,
) -> Document<'a> {
    Document {
        language: view.language,
        theme: match view.theme {
            Some("light") => Theme::Light,
            Some("dark") => Theme::Dark,
            _ => Theme::System,
        },
        title,
        csrf,
        live,
    }
}

/// What a face puts around its pages.
pub(super) struct Frame {
    /// Whose pages these are.
    pub place: String,
    /// A line below it.
    pub place_detail: String,
    /// Where the mark leads.
    pub home: &'static str,
    /// The side.
    pub nav: Vec<NavGroup>,
    /// The bottom of phones.
    pub bottom: Vec<NavItem>,
    /// The page of the search; with `fragment=palette` it answers the palette.
    pub search: &'static str,
    /// What the palette offers beside it.
    pub commands: Vec<Command>,
}

/// A place of the navigation: its id, address, name, icon, and keys.
pub(super) fn place(
    page: &Page,
    id: &str,
    href: &str,
    word: Word,
    icon: &'static str,
    key: Option<&'static str>,
) -> NavItem {
    let path = page.view.path_only();
    // The console's start is above all of its pages, and means only itself.
    let below = href != "/platform/" && path.starts_with(href);
    NavItem {
        id: id.to_owned(),
        href: href.to_owned(),
        label: page.t(word).to_owned(),
        icon,
        current: path == href || below,
        count: None,
        key,
    }
}

/// What was just done, and the way to take it back. It stands within the content: of an answer to a script
/// nothing else is looked at.
fn notice(page: &Page) -> Markup {
    let Some(notice) = &page.notice else {
        return html! {};
    };
    let text = page.t(notice.word);
    let undo = notice.undo.as_ref().map(Undo::action);
    let undo = undo
        .as_deref()
        .map(|action| (page.t(c::UNDO), action, page.csrf.as_str()));
    html! {
        (toast(Tone::Ok, text, undo))
        // Without scripts a template is not seen.
        noscript {
            div class="notice ok" role="status" {
                p { (text) }
                @if let Some((label, action, _)) = undo {
                    form method="post" action=(action) { (page.proof()) button class="button button-small" { (label) } }
                }
            }
        }
    }
}
