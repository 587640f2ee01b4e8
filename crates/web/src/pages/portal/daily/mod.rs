//! The pages of daily work: my day, the boards, the calendar, and how it goes.

mod acts;
mod board;
mod board_parts;
mod calendar;
mod forecast;
mod goals_board;
mod leads_board;
mod log;
mod log_about;
mod metrics;
pub(super) mod move_card;
mod names;
mod sample;
mod support;
mod today;
mod today_parts;

pub(super) use board_parts::Asked;

use crate::gate::access::Access::{May, Member, Owner};
use crate::table::{Table, show, submit};
use sindico_domain::access::capability::Method::{Get, Patch, Post};
use sindico_domain::access::capability::Resource::{
    Activities, Leads, Metrics, Opportunities, SalesGoals,
};

/// Their addresses.
pub(super) fn routes(table: Table) -> Table {
    table
        .page("/today/", show(Member, today::show))
        .page(
            "/today/{id}/done/",
            submit(May(Activities, Post), acts::done),
        )
        .page(
            "/today/{id}/snooze/",
            submit(May(Activities, Post), acts::snooze),
        )
        .page(
            "/today/{id}/dismiss/",
            submit(May(Activities, Post), acts::dismiss),
        )
        .page(
            "/today/leads/{id}/take/",
            submit(May(Leads, Patch), acts::take),
        )
        .page(
            "/activities/log/",
            show(May(Activities, Post), log::show).submit(May(Activities, Post), log::submit),
        )
        .page(
            "/activities/log/about/",
            show(May(Activities, Post), log::about),
        )
        .page(
            "/opportunities/",
            show(May(Opportunities, Get), board::show),
        )
        .page(
            "/opportunities/{id}/move/",
            submit(May(Opportunities, Post), move_card::submit),
        )
        .page("/leads/board/", show(May(Leads, Get), leads_board::show))
        .page(
            "/leads/{id}/move/",
            submit(May(Leads, Post), leads_board::submit),
        )
        .page(
            "/activities/calendar/",
            show(May(Activities, Get), calendar::show),
        )
        .page("/metrics/", show(May(Metrics, Get), metrics::show))
        .page("/forecast/", show(May(Metrics, Get), forecast::show))
        .page(
            "/goals/board/",
            show(May(SalesGoals, Get), goals_board::show),
        )
        .page(
            "/sample-data/",
            show(Owner, sample::show).submit(Owner, sample::fill),
        )
        .page("/sample-data/remove/", submit(Owner, sample::remove))
}
