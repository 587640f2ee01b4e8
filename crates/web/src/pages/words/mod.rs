//! The catalogue: every text that a person sees on a page, by the part of the pages that shows it.

pub mod account;
pub mod audit;
pub mod common;
pub mod console;
pub mod errors;
pub mod fields;
pub mod fleet;
pub mod kit;
pub mod messages;
pub mod navigation;
pub mod notices;
pub mod pipelines;
pub mod platform;
pub mod program_settings;
pub mod provisioning;
pub mod records;
pub mod settings;
pub mod sheets;
pub mod sign_in;
pub mod tenant_state;
pub mod tenants;
pub mod twins;
pub mod views;
pub mod work;
