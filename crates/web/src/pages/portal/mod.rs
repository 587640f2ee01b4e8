//! The tenants' portal, each on its own host.

mod bin;
mod changes;
mod daily;
mod imports;
pub(super) mod navigation;
pub(crate) mod notifications;
mod products;
mod quotes;
pub(super) mod records;
mod search;
pub mod settings;
pub(super) mod setup;
mod views;

pub(super) use records::place;

use crate::gate::access::Access::Member;
use crate::table::{Table, show, submit};

/// Its pages.
pub(super) fn routes(table: Table) -> Table {
    let table = table
        .page("/changes/", show(Member, changes::index))
        .page("/changes/{id}/undo/", submit(Member, changes::undo))
        .page("/bin/", show(Member, bin::show))
        .page("/search/", show(Member, search::show))
        .page("/views/", show(Member, views::index))
        .page(
            "/views/new/",
            show(Member, views::new).submit(Member, views::create),
        )
        .page(
            "/views/{id}/edit/",
            show(Member, views::edit).submit(Member, views::update),
        )
        .page("/views/{id}/delete/", submit(Member, views::delete))
        .page("/views/{id}/undo/", submit(Member, views::undo));
    let table = products::routes(quotes::routes(table));
    let table = notifications::routes(daily::routes(table));
    settings::routes(imports::routes(records::routes(table)))
}
