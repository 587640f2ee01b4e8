//! The pages: the platform's console and the tenants' portal (portal.md). A page's handler calls the same
//! use cases as the JSON API does, and decides nothing either.
//!
//! [`gate`] stands in front of each page, [`page::Page`] is what its handler gets, [`document`] what its
//! content is put into; [`kit`] are the components, [`words`] the texts in both languages.

mod account;
pub(crate) mod assets;
mod compress;
mod console;
pub(crate) mod custom_control;
pub(crate) mod document;
pub(crate) mod error;
mod forgot;
pub(crate) mod gate;
pub mod kit;
pub mod language;
pub(crate) mod messages;
mod notice;
pub(crate) mod page;
pub(crate) mod portal;
pub(crate) mod root;
mod sign_in;
mod support;
pub(crate) mod switcher;
pub mod words;

use crate::gate::access::Access::{Anyone, PlatformAdmin, SignedIn};
use crate::table::{Table, show, submit};

/// The menu of who is signed in.
fn account_menu(page: &page::Page) -> Vec<kit::MenuItem> {
    account::menu(page)
}

/// All pages.
pub(crate) fn routes(table: Table) -> Table {
    let table = table
        .page("/", show(Anyone, root::show))
        .page(
            "/sign-in/",
            show(Anyone, sign_in::show).submit(Anyone, sign_in::submit),
        )
        .page(
            "/sign-in/code/",
            show(Anyone, sign_in::code::restart).submit(Anyone, sign_in::code::submit),
        )
        .page("/sign-out/", submit(SignedIn, sign_in::sign_out))
        .page(
            "/forgot-password/",
            show(Anyone, forgot::show).submit(Anyone, forgot::submit),
        )
        .page(
            "/switch/",
            show(SignedIn, switcher::show).submit(SignedIn, switcher::submit),
        )
        .page(
            "/arrive/",
            show(Anyone, switcher::arrive).submit(Anyone, switcher::confirm),
        )
        .page(
            "/platform/tenants/{id}/enter/",
            show(PlatformAdmin, support::show).submit(PlatformAdmin, support::submit),
        )
        .page(
            "/support/leave/",
            show(Anyone, support::left).submit(SignedIn, support::end),
        );
    portal::routes(account::routes(console::routes(table)))
}
