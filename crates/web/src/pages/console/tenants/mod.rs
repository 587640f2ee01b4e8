//! `/platform/tenants/` and below.

pub(super) mod check;
pub(super) mod create;
pub(super) mod domains;
pub(super) mod edit;
mod fields;
pub(super) mod frame;
pub(super) mod list;
pub(super) mod logs;
pub(super) mod members;
pub(super) mod provisioning;
pub(super) mod state;
pub(super) mod summary;
