//! The tenants' portal, each on its own host.

mod bin;
mod changes;
mod daily;
mod imports;
pub(super) mod navigation;
mod records;
mod search;
mod settings;

use crate::gate::access::Access::Member;
use crate::table::{Table, show, submit};

/// Its pages.
pub(super) fn routes(table: Table) -> Table {
    let table = table
        .page("/changes/", show(Member, changes::index))
        .page("/changes/{id}/undo/", submit(Member, changes::undo))
        .page("/bin/", show(Member, bin::show))
        .page("/search/", show(Member, search::show));
    settings::routes(imports::routes(records::routes(daily::routes(table))))
}
