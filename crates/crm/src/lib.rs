//! The CRM's use cases: plain functions on a [`TenantConnection`](sindico_db::TenantConnection), the
//! same for both isolation models. Pages, JSON and commands call the same ones.
//!
//! [`records`] is what all kinds have in common; [`leads`], [`opportunities`] and [`activities`] have what
//! is their own. Every write goes through [`work`], which records it in the history ([`changes`]).

pub mod activities;
pub mod assignment;
pub mod attachments;
pub mod bin;
pub mod board;
pub mod bulk;
pub mod changes;
pub mod customs;
pub mod dashboard;
pub mod day;
pub mod duplicates;
pub mod events;
pub mod forecast;
mod held;
mod idempotency;
pub mod imports;
pub mod lead_board;
pub mod lead_forms;
pub mod leads;
pub mod list;
pub mod mail;
mod memory;
pub mod merge;
pub mod metrics;
mod model;
pub mod months;
pub mod names;
pub mod notifications;
pub mod opportunities;
pub mod pipelines;
pub mod privacy;
pub mod products;
pub mod quotes;
pub mod records;
mod remembered;
mod row;
pub mod sample;
mod scope;
pub mod search;
pub mod settings;
pub mod sheet;
mod since;
pub mod tags;
pub mod teams;
pub mod views;
pub mod webhooks;
mod work;

pub use remembered::{Remembered, SetUp};
pub use row::Listed;
pub use work::By;

use sindico_db::Statement;

/// Every statement of the CRM with a text of its own; a test prepares each against the migrated schema.
pub fn statements() -> Vec<Statement> {
    [
        mail::statements(),
        model::statements(),
        work::statements(),
        idempotency::statements().to_vec(),
        imports::statements(),
        lead_forms::statements(),
        leads::statements(),
        opportunities::statements(),
        pipelines::statements(),
        privacy::statements(),
        products::statements(),
        quotes::statements(),
        activities::statements(),
        attachments::statements(),
        assignment::statements(),
        changes::statements(),
        customs::statements(),
        bin::statements(),
        board::statements(),
        bulk::statements(),
        lead_board::statements(),
        day::statements(),
        duplicates::statements(),
        merge::statements(),
        months::statements(),
        names::statements(),
        notifications::statements(),
        search::statements(),
        sheet::statements(),
        metrics::statements(),
        since::statements(),
        tags::statements(),
        teams::statements(),
        dashboard::statements(),
        events::statements(),
        forecast::statements(),
        sample::statements(),
        views::statements(),
        settings::statements(),
        webhooks::statements(),
        list::shapes(),
        list::statements(),
    ]
    .concat()
}
