//! HTTP: the URL table ([`router`]), the contract's shapes ([`contract`]), who may pass
//! ([`gate`]), signing in ([`auth`]), the platform API ([`platform`]), mails ([`mail`]) and the
//! OpenAPI document ([`openapi`]), and the pages of both faces ([`pages`]).
//!
//! Handlers decide nothing: they parse, call one use case, and answer.

mod app;
pub mod auth;
pub mod contract;
pub mod dns;
mod front;
pub mod gate;
mod health;
pub mod mail;
pub mod openapi;
pub mod pages;
mod platform;
mod portal;
mod router;
mod serve;
mod table;
mod tending;

pub use app::{App, Config, ToldSetting};
pub use gate::access::Access;
pub use gate::scope::need;
pub use router::{router, table};
pub use serve::{Listener, serve};
pub use table::{RouteRow, Table};
