//! `/platform/tenants/check/`: whether a code or a subdomain can be had, while it is typed.

use crate::App;
use crate::contract::Query;
use crate::contract::error::ApiResult;
use crate::pages::console::list;
use crate::pages::kit::icon;
use crate::pages::messages::translate;
use crate::pages::page::Page;
use crate::pages::words::tenants as w;
use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};
use sindico_domain::names::{DefaultNames, Subdomain, TenantCode};
use sindico_store::control::tenants;

/// What was found out about a name.
pub(super) enum Verdict {
    /// Nothing was typed.
    Nothing,
    /// It can be had.
    Free(String),
    /// It can't; why.
    Wrong(String),
}

/// `GET /platform/tenants/check/?field=...&value=...`; an input of that name sends its own value.
pub(in crate::pages::console) async fn show(
    State(app): State<App>,
    page: Page,
    query: Query,
) -> ApiResult<Response> {
    let field = list::sent(&query, "field");
    let mut value = list::sent(&query, "value");
    if value.is_empty() {
        value = list::sent(&query, &field);
    }
    let verdict = verdict(&app, &field, value.trim()).await?;
    Ok(page.fragment(told(&page, &app, &field, &verdict)))
}

async fn verdict(app: &App, field: &str, value: &str) -> ApiResult<Verdict> {
    if value.is_empty() {
        return Ok(Verdict::Nothing);
    }
    let (code, subdomain, name) = match field {
        "tenant_code" => match value.parse::<TenantCode>() {
            Ok(code) => (code.to_string(), String::new(), code.to_string()),
            Err(why) => return Ok(Verdict::Wrong(why)),
        },
        "subdomain" => match value.parse::<Subdomain>() {
            Ok(label) if app.rules().zones.is_reserved(&label) => {
                let why = "This subdomain is reserved. Choose another.";
                return Ok(Verdict::Wrong(why.to_owned()));
            }
            Ok(label) => (String::new(), label.to_string(), label.to_string()),
            Err(why) => return Ok(Verdict::Wrong(why)),
        },
        _ => return Ok(Verdict::Nothing),
    };
    let taken = tenants::taken(app.store(), &code, &subdomain).await?;
    Ok(match taken.messages(field).first() {
        Some(why) => Verdict::Wrong(why.clone()),
        None => Verdict::Free(name),
    })
}

/// The line below a field; the same place before anything is typed.
pub(super) fn told(page: &Page, app: &App, field: &str, verdict: &Verdict) -> Markup {
    let language = page.language();
    html! {
        div id={ "check-" (field) } class="stack-tight" role="status" {
            @match verdict {
                Verdict::Nothing => {}
                Verdict::Free(name) => {
                    p class="field-hint row" { (icon("circle-check")) span { (w::free(language, name)) } }
                    @if field == "tenant_code" && let Ok(code) = name.parse::<TenantCode>() {
                        @let names = DefaultNames::plain(&code);
                        p class="field-hint" { (w::names_would_be(language, &names.alias, &names.database, &names.user)) }
                    } @else if let Some(base) = &app.rules().zones.base_domain {
                        p class="field-hint" { (w::portal_would_be(language, format!("https://{name}.{base}"))) }
                    }
                }
                Verdict::Wrong(why) => {
                    p class="field-error" { (icon("circle-alert")) span { (translate(language, why)) } }
                }
            }
        }
    }
}
