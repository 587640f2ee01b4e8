//! The platform's console, on the hosts of the control plane.

pub(super) mod navigation;
mod overview;

use crate::gate::access::Access::PlatformAdmin;
use crate::table::{Table, show};

/// Its pages.
pub(super) fn routes(table: Table) -> Table {
    table.page("/platform/", show(PlatformAdmin, overview::show))
}
