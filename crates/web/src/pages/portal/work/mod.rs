//! The pages of daily work: my day, the boards, the calendar, and how it goes.

mod board;
mod board_parts;
mod move_card;
mod names;
mod support;

use crate::gate::access::Access::{May};
use crate::table::{Table, show, submit};
use sindico_domain::access::capability::Method::{Get, Post};
use sindico_domain::access::capability::Resource::Opportunities;

/// Their addresses.
pub(super) fn routes(table: Table) -> Table {
    table
        .page("/opportunities/", show(May(Opportunities, Get), board::show))
        .page(
            "/opportunities/{id}/move/",
            submit(May(Opportunities, Post), move_card::submit),
        )
}
