//! The pages: the platform's console and the tenants' portal (portal.md). A page's handler calls the same
//! use cases as the JSON API does, and decides nothing either.

pub mod assets;
pub mod kit;
pub mod language;
pub mod words;
