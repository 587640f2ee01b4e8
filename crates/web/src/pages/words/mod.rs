//! The catalogue: every text that a person sees on a page, by the part of the pages that shows it.

pub mod common;
pub mod errors;
pub mod fields;
pub mod kit;
pub mod messages;
pub mod navigation;
pub mod notices;
pub mod records;
pub mod sign_in;
