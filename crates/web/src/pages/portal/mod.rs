//! The tenants' portal, each on its own host.

pub(super) mod navigation;
mod work;

use crate::table::Table;

/// Its pages.
pub(super) fn routes(table: Table) -> Table {
    work::routes(table)
}
