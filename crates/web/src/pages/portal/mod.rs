//! The tenants' portal, each on its own host.

pub(super) mod navigation;
mod today;

use crate::gate::access::Access::Member;
use crate::table::{Table, show};

/// Its pages.
pub(super) fn routes(table: Table) -> Table {
    table.page("/today/", show(Member, today::show))
}
