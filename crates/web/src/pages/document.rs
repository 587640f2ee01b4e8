//! The document around a page's content.

use super::assets::url;
use super::page::{Page, View};
use super::words::{common as c, sign_in as s};
use maud::{DOCTYPE, Markup, html};

/// A page of its own, without navigation: sign-in, errors.
pub(super) fn bare(view: &View, title: &str, content: Markup) -> Markup {
    document(
        view,
        title,
        None,
        html! {
            main.bare id="main" {
                p.product { (view.t(c::PRODUCT)) }
                (content)
            }
        },
    )
}

/// A page within navigation. A script that asks for a part of it gets the part.
pub(super) fn shell(page: &Page, title: &str, content: Markup) -> Markup {
    document(
        &page.view,
        title,
        Some(&page.csrf),
        html! {
            a.skip href="#main" { (page.t(c::SKIP)) }
            header {
                form method="post" action="/sign-out/" { (page.proof()) button { (page.t(s::SIGN_OUT)) } }
            }
            main id="main" tabindex="-1" {
                (content)
            }
        },
    )
}

fn document(view: &View, title: &str, csrf: Option<&str>, body: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(view.language.tag()) data-theme=[view.theme] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                @if let Some(csrf) = csrf { meta name="csrf-token" content=(csrf); }
                title { (title) " · " (view.t(c::PRODUCT)) }
                link rel="icon" href=(url("favicon.svg"));
                link rel="stylesheet" href=(url("app.css"));
                @if csrf.is_some() { script type="module" src=(url("app.js")) {} }
            }
            body { (body) }
        }
    }
}
