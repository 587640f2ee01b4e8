//! The integration tests: one binary, real PostgreSQL, real HTTP, the built program.
#![allow(clippy::unwrap_used, reason = "a test may end at once")]

mod access;
mod accounts;
mod assignment;
mod attachment_crash;
mod browser;
mod cli;
mod concurrency;
mod crash;
mod crash_bulk;
mod crash_places;
mod crm;
mod crowd;
mod customers;
mod docs;
mod domains;
mod embedded;
mod events;
mod faults;
mod fleet;
mod hidden;
mod house;
mod http;
mod import_crash;
mod isolation;
mod lead_forms;
mod listening;
mod mailbox;
mod mails;
mod members;
mod notification_crash;
mod notifications;
mod odd_input;
mod operations;
mod outage;
mod outages;
mod places;
mod rbac;
mod receiver;
mod restarts;
mod sample;
mod scopes;
mod secrecy;
mod states;
mod tenant_context;
mod tenants;
mod watching;
mod webhook_crash;
mod webhooks;
mod words;
mod world;

/// The built program.
const PROGRAM: &str = env!("CARGO_BIN_EXE_sindico");

/// Comes first in every test: tells the test kit which program can guard the private cluster.
fn begin() {
    sindico_testkit::use_guardian(PROGRAM);
}
