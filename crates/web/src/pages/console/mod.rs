//! The platform's console, on the hosts of the control plane.

mod audit;
mod diff;
mod fleet;
mod form;
mod labels;
mod list;
mod meanings;
pub(super) mod navigation;
mod operations;
mod overview;
mod pick;
mod search;
mod servers;
mod settings;
mod steps;
mod tenants;
mod users;

use crate::gate::access::Access::PlatformAdmin as Admin;
use crate::table::{Table, show, submit};
use tenants::{
    check, create, domains, edit, list as all, logs, members, provisioning, state, summary,
};
use users::{account, create as new_user, list as everybody};

/// Its pages.
#[rustfmt::skip]
pub(super) fn routes(table: Table) -> Table {
    table
        .page("/platform/", show(Admin, overview::show))
        .page("/platform/search/", show(Admin, search::show))

        .page("/platform/tenants/", show(Admin, all::show))
        .page("/platform/tenants/new/", show(Admin, create::show).submit(Admin, create::submit))
        .page("/platform/tenants/check/", show(Admin, check::show))
        .page("/platform/tenants/{id}/", show(Admin, summary::show))
        .page("/platform/tenants/{id}/provisioning/", show(Admin, provisioning::show))
        .page("/platform/tenants/{id}/execute/", submit(Admin, provisioning::execute))
        .page("/platform/tenants/{id}/edit/", show(Admin, edit::show).submit(Admin, edit::submit))
        .page("/platform/tenants/{id}/place/", show(Admin, edit::show_place).submit(Admin, edit::submit_place))
        .page("/platform/tenants/{id}/state/", show(Admin, state::show).submit(Admin, state::submit))
        .page("/platform/tenants/{id}/members/", show(Admin, members::show).submit(Admin, members::submit))
        .page("/platform/tenants/{id}/members/{member_id}/", submit(Admin, members::change))
        .page("/platform/tenants/{id}/domains/", show(Admin, domains::show).submit(Admin, domains::claim))
        .page("/platform/tenants/{id}/domains/{domain_id}/verify/", submit(Admin, domains::verify))
        .page("/platform/tenants/{id}/domains/{domain_id}/remove/", submit(Admin, domains::remove))
        .page("/platform/tenants/{id}/operations/", show(Admin, logs::operations))
        .page("/platform/tenants/{id}/audit/", show(Admin, logs::audit))

        .page("/platform/operations/", show(Admin, operations::index))
        .page("/platform/operations/{id}/", show(Admin, operations::show))
        .page("/platform/operations/{id}/steps/", show(Admin, operations::fragment))
        .page("/platform/operations/{id}/cancel/", submit(Admin, operations::cancel))
        .page("/platform/audit/", show(Admin, audit::show))

        .page("/platform/users/", show(Admin, everybody::show))
        .page("/platform/users/new/", show(Admin, new_user::show).submit(Admin, new_user::submit))
        .page("/platform/users/{id}/", show(Admin, account::show).submit(Admin, account::submit))
        .page("/platform/users/{id}/reset/", submit(Admin, account::reset))

        .page("/platform/servers/", show(Admin, servers::show))
        .page("/platform/fleet/", show(Admin, fleet::show))
        .page("/platform/fleet/progress/", show(Admin, fleet::fragment))
        .page("/platform/fleet/migrate/", submit(Admin, fleet::start))
        .page("/platform/settings/", show(Admin, settings::show))
}
