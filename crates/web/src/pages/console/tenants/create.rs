//! `/platform/tenants/new/`: a new tenant, and at once its place.

use super::check::{Verdict, told};
use super::fields::FIELDS;
use crate::App;
use crate::contract::Body;
use crate::contract::error::ApiResult;
use crate::gate::trace::RequestInfo;
use crate::pages::console::form::{Form, choices, plain_amount, refusal, without_blanks};
use crate::pages::console::labels;
use crate::pages::kit::{Field, PageHeader, button, card, disclosure, format, link_button};
use crate::pages::language::Word;
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::{common, tenants as w};
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::{Map, Value, json};
use sindico_domain::names::{Subdomain, TenantCode};
use sindico_domain::tenant::{ContractStatus, IsolationModel, NewTenant, Plan};
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::control::tenants;

const PATH: &str = "/platform/tenants/new/";

/// `GET /platform/tenants/new/`.
pub(in crate::pages::console) async fn show(State(app): State<App>, page: Page) -> ApiResult {
    let language = page.language();
    let values = json!({
        "contract": {
            "plan": Plan::Starter, "status": ContractStatus::Trial, "seats": "3",
            "monthly_fee": format::amount(language, rust_decimal::Decimal::ZERO),
            "start_date": app.today().to_string(), "auto_renew": "true",
        },
        "provisioning": { "isolation_model": IsolationModel::DatabasePerTenant },
    });
    let values = values.as_object().cloned().unwrap_or_default();
    let content = wizard(&page, &app, &Form::new(language, values));
    Ok(page.show(page.t(w::NEW), content))
}

/// `POST /platform/tenants/new/`.
pub(in crate::pages::console) async fn submit(
    State(app): State<App>,
    Extension(info): Extension<RequestInfo>,
    page: Page,
    body: Body,
) -> ApiResult {
    let told = without_blanks(&amounts(&body.0));
    let made = match NewTenant::parse(&told, app.rules(), app.today()) {
        Ok(new) => {
            let actor = &page.caller.actor;
            match tenants::create(app.store(), actor, &new, app.rules(), None).await {
                Ok(once) => Ok(once.value),
                Err(error) => Err(refusal(error)?),
            }
        }
        Err(errors) => Err(Refusal::Fields(with_taken(&app, &told, errors).await?)),
    };
    let tenant = match made {
        Ok(tenant) => tenant,
        Err(refusal) => return Ok(refused(&page, &app, body.0, &refusal)),
    };
    app.tenant_changed(tenant.id).await;
    let path = format!("/platform/tenants/{}/", tenant.id);
    if told.get("then").is_some_and(|then| then == "create") {
        return Ok(page.done(&path, &Notice::new("created", None)));
    }
    let age = info.received.elapsed();
    let engine = app.engine();
    engine
        .execute(&page.caller.actor, tenant.id, None, age, None)
        .await?;
    Ok(page.done(&path, &Notice::new("created", None)))
}

fn refused(page: &Page, app: &App, values: Map<String, Value>, refusal: &Refusal) -> Response {
    let form = Form::new(page.language(), values).refused(refusal);
    let content = wizard(page, app, &form);
    page.show_as(StatusCode::BAD_REQUEST, page.t(w::NEW), content)
}

/// The body with its amounts as the rules read them.
pub(super) fn amounts(body: &Map<String, Value>) -> Map<String, Value> {
    let mut body = body.clone();
    if let Some(Value::String(fee)) = body
        .get_mut("contract")
        .and_then(|contract| contract.get_mut("monthly_fee"))
    {
        *fee = plain_amount(fee);
    }
    body
}

/// With those errors of a code and a subdomain that are well formed, but taken: all are told at once.
async fn with_taken(
    app: &App,
    body: &Map<String, Value>,
    mut errors: FieldErrors,
) -> ApiResult<FieldErrors> {
    let word = |name: &str| body.get(name).and_then(Value::as_str).map(str::trim);
    let code = word("tenant_code").and_then(|text| text.parse::<TenantCode>().ok());
    let subdomain = word("subdomain").and_then(|text| text.parse::<Subdomain>().ok());
    let taken = tenants::taken(
        app.store(),
        code.as_ref().map_or("", TenantCode::as_str),
        subdomain.as_ref().map_or("", Subdomain::as_str),
    )
    .await?;
    for name in ["tenant_code", "subdomain"] {
        if taken.has(name) && !errors.has(name) {
            errors.merge(taken.only(name));
        }
    }
    Ok(errors)
}

fn wizard(page: &Page, app: &App, form: &Form) -> Markup {
    let language = page.language();
    let header = PageHeader {
        breadcrumbs: vec![(page.t(w::TITLE).to_owned(), "/platform/tenants/".to_owned())],
        title: page.t(w::NEW).to_owned(),
        ..PageHeader::default()
    };
    html! {
        (header.render(language))
        form class="form" method="post" action=(PATH) {
            (page.proof())
            (form.summary(FIELDS))
            (card(page.t(w::COMPANY), None, company(page, app, form)))
            (card(page.t(w::CONTRACT), None, contract(page, form)))
            (card(page.t(w::PLACE), None, place(page, form)))
            // Not sticky: the form is long, and the bar would lie upon its fields.
            div class="form-actions" {
                (button(page.t(w::CREATE_AND_PROVISION)).primary().icon("play").sends("then", "provision"))
                (button(page.t(w::CREATE_ONLY)).sends("then", "create"))
                (link_button(page.t(common::CANCEL), "/platform/tenants/").quiet())
            }
        }
    }
}

fn company(page: &Page, app: &App, form: &Form) -> Markup {
    let language = page.language();
    let checked = |path: &'static str, field: Field| {
        let address = format!("/platform/tenants/check/?field={path}");
        let field = form
            .field(path, field)
            .required()
            .attr("autocapitalize", "none")
            .attr("spellcheck", "false")
            .attr("autocomplete", "off")
            .attr("maxlength", "63")
            .attr("hx-get", address)
            .attr("hx-trigger", "input changed delay:300ms")
            .attr("hx-target", format!("#check-{path}"))
            .attr("hx-swap", "outerHTML");
        html! { div class="stack-tight" { (field.render(language)) (told(page, app, path, &Verdict::Nothing)) } }
    };
    html! {
        div class="form-grid" {
            (form.field("name", Field::text("name", page.t(w::NAME))).required().wide()
                .hint(page.t(w::NAME_HINT)).attr("maxlength", "150").attr("autofocus", "").render(language))
            (checked("tenant_code", Field::text("tenant_code", page.t(w::CODE)).hint(page.t(w::CODE_HINT))))
            (checked("subdomain", Field::text("subdomain", page.t(w::SUBDOMAIN)).hint(page.t(w::SUBDOMAIN_HINT))))
        }
    }
}

/// The contract's fields.
pub(super) fn contract(page: &Page, form: &Form) -> Markup {
    let language = page.language();
    let field = |path: &'static str, field: Field| form.field(path, field);
    let plans = choices(language, Plan::ALL, labels::plan);
    let statuses = choices(language, ContractStatus::ALL, |status| {
        labels::contract_word(status).1
    });
    html! {
        div class="form-grid" {
            (field("contract.plan", Field::select("contract.plan", page.t(w::PLAN)).choices(plans)).render(language))
            (field("contract.status", Field::select("contract.status", page.t(w::STATUS)).choices(statuses)).render(language))
            (field("contract.seats", Field::number("contract.seats", page.t(w::SEATS))).render(language))
            (field("contract.monthly_fee", Field::money("contract.monthly_fee", page.t(w::FEE))).render(language))
            (field("contract.start_date", Field::date("contract.start_date", page.t(w::START))).render(language))
            (field("contract.end_date", Field::date("contract.end_date", page.t(w::END)).hint(page.t(w::END_HINT))).render(language))
            (form.checkbox("contract.auto_renew", Field::checkbox("contract.auto_renew", page.t(w::RENEW))))
            (field("contract.notes", Field::textarea("contract.notes", page.t(w::NOTES)).wide()).render(language))
        }
    }
}

fn place(page: &Page, form: &Form) -> Markup {
    let language = page.language();
    let models = choices(language, IsolationModel::ALL, labels::model);
    let model = Field::radio("provisioning.isolation_model", page.t(w::MODEL))
        .hint(page.t(w::MODEL_HINT))
        .choices(models);
    let names = [
        "database_alias",
        "database_name",
        "database_user",
        "database_host",
        "database_port",
    ];
    let open = names
        .iter()
        .any(|name| !form.value(&format!("provisioning.{name}")).is_empty());
    html! {
        div class="stack" {
            (form.field("provisioning.isolation_model", model).render(language))
            (disclosure(page.t(w::NAMES), open, &html! {
                div class="stack-tight" {
                    p class="field-hint" { (page.t(w::NAMES_HINT)) }
                    div class="form-grid" { (names_fields(page, form)) }
                }
            }))
        }
    }
}

/// The names of the place, and its server.
pub(super) fn names_fields(page: &Page, form: &Form) -> Markup {
    let language = page.language();
    let text = |path: &'static str, label: Word| {
        form.field(path, Field::text(path, page.t(label)))
            .attr("autocapitalize", "none")
            .attr("spellcheck", "false")
            .attr("autocomplete", "off")
    };
    html! {
        (text("provisioning.database_alias", w::ALIAS).render(language))
        (text("provisioning.database_name", w::DATABASE).render(language))
        (text("provisioning.database_user", w::ROLE).render(language))
        (text("provisioning.database_host", w::HOST).hint(page.t(w::HOST_HINT)).render(language))
        (form.field("provisioning.database_port", Field::number("provisioning.database_port", page.t(w::PORT))).render(language))
    }
}
