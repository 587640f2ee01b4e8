//! `/today/`: my day.

use crate::contract::error::ApiResult;
use crate::pages::page::Page;
use maud::html;

pub(super) async fn show(page: Page) -> ApiResult {
    Ok(page.show("Today", html! { h1 { "Today" } }))
}
