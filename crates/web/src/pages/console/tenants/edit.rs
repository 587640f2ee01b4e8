//! `/platform/tenants/{id}/edit/` and `.../place/`: what can be changed of a tenant.

use super::create::{amounts, contract, names_fields};
use super::fields::FIELDS;
use super::frame;
use crate::App;
use crate::contract::Body;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::resource::Id;
use crate::pages::console::form::{Form, choices, refusal};
use crate::pages::console::labels;
use crate::pages::kit::{Field, PageHeader, Tone, button, card, format, link_button, notice};
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::{common, tenants as w};
use axum::extract::State;
use axum::http::StatusCode;
use maud::{Markup, html};
use serde_json::{Map, Value, json};
use sindico_domain::Refusal;
use sindico_domain::precondition::Precondition;
use sindico_domain::tenant::{IsolationModel, Tenant, TenantChanges};
use sindico_store::control::tenants;

#[derive(Clone, Copy)]
enum What {
    Contract,
    Place,
}

/// `GET /platform/tenants/{id}/edit/`.
pub(in crate::pages::console) async fn show(
    State(app): State<App>,
    page: Page,
    Id(id): Id,
) -> ApiResult {
    form_of(&app, &page, id, What::Contract).await
}

/// `GET /platform/tenants/{id}/place/`.
pub(in crate::pages::console) async fn show_place(
    State(app): State<App>,
    page: Page,
    Id(id): Id,
) -> ApiResult {
    form_of(&app, &page, id, What::Place).await
}

/// `POST /platform/tenants/{id}/edit/`.
pub(in crate::pages::console) async fn submit(
    State(app): State<App>,
    page: Page,
    Id(id): Id,
    body: Body,
) -> ApiResult {
    save(&app, &page, id, What::Contract, body).await
}

/// `POST /platform/tenants/{id}/place/`.
pub(in crate::pages::console) async fn submit_place(
    State(app): State<App>,
    page: Page,
    Id(id): Id,
    body: Body,
) -> ApiResult {
    save(&app, &page, id, What::Place, body).await
}

async fn form_of(app: &App, page: &Page, id: i64, what: What) -> ApiResult {
    let tenant = frame::find(app, id).await?.tenant;
    let form = Form::new(page.language(), values(page, &tenant));
    let content = content(page, &tenant, what, &form);
    Ok(page.show(&tenant.name, content))
}

async fn save(app: &App, page: &Page, id: i64, what: What, body: Body) -> ApiResult {
    let told = amounts(&body.0);
    let saved = match TenantChanges::parse(&told, app.rules()) {
        Err(errors) => Err(Refusal::Fields(errors)),
        Ok(changes) => {
            let actor = &page.caller.actor;
            let version = told.get("version").and_then(Value::as_str);
            let known = version.and_then(|text| text.parse().ok());
            let condition = known.map_or(Precondition::None, |v| Precondition::OneOf(vec![v]));
            let changed =
                tenants::change(app.store(), actor, id, &changes, app.rules(), &condition).await;
            match changed {
                Ok(tenant) => Ok(tenant.ok_or_else(not_found)?),
                Err(error) => Err(refusal(error)?),
            }
        }
    };
    match saved {
        Ok(tenant) => {
            app.tenant_changed(id).await;
            let path = format!("/platform/tenants/{}/", tenant.id);
            Ok(page.done(&path, &Notice::new("saved", None)))
        }
        Err(refusal) => {
            let tenant = frame::find(app, id).await?.tenant;
            let form = Form::new(page.language(), body.0).refused(&refusal);
            let content = content(page, &tenant, what, &form);
            Ok(page.show_as(StatusCode::BAD_REQUEST, &tenant.name, content))
        }
    }
}

fn values(page: &Page, tenant: &Tenant) -> Map<String, Value> {
    let mut values = serde_json::to_value(tenant).unwrap_or_else(|_| json!({}));
    let fee = format::amount(page.language(), tenant.contract.monthly_fee);
    values["contract"]["monthly_fee"] = fee.into();
    values["version"] = tenant.version.to_string().into();
    values.as_object().cloned().unwrap_or_default()
}

fn content(page: &Page, tenant: &Tenant, what: What, form: &Form) -> Markup {
    let language = page.language();
    let back = format!("/platform/tenants/{}/", tenant.id);
    let (word, below) = match what {
        What::Contract => (w::EDIT_CONTRACT, "edit/"),
        What::Place => (w::EDIT_PLACE, "place/"),
    };
    let header = PageHeader {
        breadcrumbs: vec![
            (page.t(w::TITLE).to_owned(), "/platform/tenants/".to_owned()),
            (tenant.name.clone(), back.clone()),
        ],
        title: page.t(word).to_owned(),
        ..PageHeader::default()
    };
    html! {
        (header.render(language))
        form class="form" method="post" action={ (back) (below) } {
            (page.proof())
            input type="hidden" name="version" value=(form.value("version"));
            (form.summary(FIELDS))
            @match what {
                What::Contract => {
                    (card(page.t(w::COMPANY), None, company(page, form)))
                    (card(page.t(w::CONTRACT), None, contract(page, form)))
                }
                What::Place => { (card(page.t(w::PLACE), None, place(page, form))) }
            }
            // Not sticky: the form is long, and the bar would lie upon its fields.
            div class="form-actions" {
                (button(page.t(common::SAVE)).primary())
                (link_button(page.t(common::CANCEL), back).quiet())
            }
        }
    }
}

fn company(page: &Page, form: &Form) -> Markup {
    let language = page.language();
    html! {
        div class="form-grid" {
            (form.field("name", Field::text("name", page.t(w::NAME))).required().attr("maxlength", "150").render(language))
            (form.field("subdomain", Field::text("subdomain", page.t(w::SUBDOMAIN))).required()
                .hint(page.t(w::SUBDOMAIN_HINT)).attr("maxlength", "63").render(language))
        }
    }
}

fn place(page: &Page, form: &Form) -> Markup {
    let language = page.language();
    let model = Field::radio("provisioning.isolation_model", page.t(w::MODEL))
        .hint(page.t(w::MODEL_HINT))
        .choices(choices(language, IsolationModel::ALL, labels::model));
    let secret = "provisioning.database_password_secret";
    let portal = "provisioning.portal_url";
    html! {
        div class="stack" {
            (notice(Tone::Warn, page.t(w::PLACE_WARNING), None))
            (form.field("provisioning.isolation_model", model).render(language))
            div class="form-grid" {
                (names_fields(page, form))
                (form.field(secret, Field::text(secret, page.t(w::SECRET))).hint(page.t(w::SECRET_HINT)).render(language))
                (form.field(portal, Field::text(portal, page.t(w::PORTAL))).render(language))
            }
        }
    }
}
