//! `/platform/users/` and below: accounts.

pub(super) mod account;
pub(super) mod create;
pub(super) mod list;
