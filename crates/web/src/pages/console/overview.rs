//! `/platform/`: what needs attention.

use crate::contract::error::ApiResult;
use crate::pages::page::Page;
use maud::html;

pub(super) async fn show(page: Page) -> ApiResult {
    Ok(page.show("Console", html! { h1 { "Console" } }))
}
