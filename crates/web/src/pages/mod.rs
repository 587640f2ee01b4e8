//! The pages: the platform's console and the tenants' portal (portal.md). A page's handler calls the same
//! use cases as the JSON API does, and decides nothing either.
//!
//! [`gate`] stands in front of each page, [`page::Page`] is what its handler gets, [`document`] what its
//! content is put into; [`kit`] are the components, [`words`] the texts in both languages.

pub(crate) mod assets;
mod compress;
mod console;
mod document;
pub(crate) mod error;
pub(crate) mod gate;
pub mod kit;
pub mod language;
mod messages;
mod notice;
pub(crate) mod page;
mod portal;
mod root;
mod sign_in;
pub mod words;

use crate::gate::access::Access::{Anyone, SignedIn};
use crate::table::{Table, show, submit};

/// The menu of who is signed in.
fn account_menu(page: &page::Page) -> Vec<kit::MenuItem> {
    let _ = page;
    Vec::new()
}

/// All pages.
pub(crate) fn routes(table: Table) -> Table {
    let table = table
        .page("/", show(Anyone, root::show))
        .page(
            "/sign-in/",
            show(Anyone, sign_in::show).submit(Anyone, sign_in::submit),
        )
        .page("/sign-out/", submit(SignedIn, sign_in::sign_out));
    portal::routes(console::routes(table))
}
