//! A field's form, new or there already.

use super::super::{CUSTOM_FIELDS, frame};
use super::{kind_of, list_of, of};
use crate::contract::error::{ApiResult, not_found};
use crate::contract::resource::Id;
use crate::contract::{Body, Query};
use crate::pages::account::wrong;
use crate::pages::kit::{
    Choice, Field, Tone, button, card, danger_card, form_actions, link_button,
    notice as told_notice,
};
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::portal::records::sent;
use crate::pages::words::{common as c, custom_fields as w, navigation as n, records as r};
use crate::portal::crm::Crm;
use axum::http::StatusCode;
use maud::{Markup, html};
use serde_json::{Map, Value, json};
use sindico_crm::customs;
use sindico_domain::access::Role;
use sindico_domain::access::capability::{Method, Resource};
use sindico_domain::crm::Kind;
use sindico_domain::crm::custom::{CustomField, CustomType, FieldDraft, KINDS};
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::Error;

const FLAGS: [&str; 4] = ["required", "searchable", "on_card", "pii"];

/// What stands in the form, and what is wrong with it.
struct Typed<'a> {
    /// As the API would be told it.
    told: Map<String, Value>,
    errors: FieldErrors,
    stale: bool,
    field: Option<&'a CustomField>,
}

impl Typed<'_> {
    fn text(&self, name: &str) -> &str {
        let value = self.told.get(name).and_then(Value::as_str);
        value.unwrap_or_default()
    }

    fn is(&self, name: &str) -> bool {
        self.told
            .get(name)
            .is_some_and(|value| *value == json!(true))
    }
}

/// A field as its form shows it.
fn of_field(field: &CustomField) -> Map<String, Value> {
    match serde_json::to_value(field) {
        Ok(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

/// What the form says, as the API reads it.
fn told(body: &Map<String, Value>) -> Map<String, Value> {
    let none = Map::new();
    let nested = |name: &str| body.get(name).and_then(Value::as_object).unwrap_or(&none);
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut told = Map::new();
    for name in ["kind", "key", "label", "type", "help"] {
        if let Some(value) = body.get(name) {
            told.insert(name.to_owned(), value.clone());
        }
    }
    for name in FLAGS {
        told.insert(name.to_owned(), json!(body.contains_key(name)));
    }
    let roles: Vec<&String> = nested("role").keys().collect();
    told.insert("required_roles".to_owned(), json!(roles));
    let mut options = Vec::new();
    let known = nested("option");
    for n in 0..known.len() {
        let part = |part: &str| known.get(&format!("{n}.{part}")).and_then(Value::as_str);
        let Some(value) = part("value").filter(|_| part("state") != Some("dropped")) else {
            continue;
        };
        let retired = part("state") == Some("retired");
        let label = part("label").unwrap_or(value);
        options.push(json!({"value": value, "label": label, "retired": retired}));
    }
    let more = text("options").lines().map(str::trim);
    options.extend(more.filter(|line| !line.is_empty()).map(Value::from));
    told.insert("options".to_owned(), Value::Array(options));
    told
}

/// `GET /settings/custom-fields/new/?kind=lead`.
pub(in super::super) async fn new(page: Page, query: Query) -> ApiResult {
    let asked = query.without("");
    let asked = asked.iter().find(|(name, _)| name == "kind");
    let kind = kind_of(asked.map_or("", |(_, kind)| kind));
    let told = Map::from_iter([
        ("kind".to_owned(), json!(kind)),
        ("type".to_owned(), json!(CustomType::Text)),
    ]);
    let typed = Typed {
        told,
        errors: FieldErrors::new(),
        stale: false,
        field: None,
    };
    Ok(respond(&page, StatusCode::OK, &typed))
}

/// `POST /settings/custom-fields/new/`.
pub(in super::super) async fn create(page: Page, crm: Crm, body: Body) -> ApiResult {
    let told = told(&body.0);
    let key = sent::key(&crm, &body.0, &told, CUSTOM_FIELDS);
    let made = match FieldDraft::parse(&told, true) {
        Ok(draft) => customs::create(&crm.data, crm.by(), &draft, key.as_ref()).await,
        Err(errors) => Err(errors.into()),
    };
    match made {
        Ok(once) => {
            crm.fields_were_set_up().await?;
            let kind = kind_of(once.value["kind"].as_str().unwrap_or_default());
            let notice = Notice::new("created", once.change_set);
            Ok(page.done(&list_of(kind), &notice))
        }
        Err(Error::Refused(Refusal::Fields(errors))) => {
            let typed = Typed {
                told,
                errors,
                stale: false,
                field: None,
            };
            Ok(respond(&page, StatusCode::BAD_REQUEST, &typed))
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /settings/custom-fields/7/`.
pub(in super::super) async fn edit(page: Page, crm: Crm, Id(id): Id) -> ApiResult {
    let all = customs::read(&crm.data).await?;
    let field = all.with_id(id).ok_or_else(not_found)?;
    let typed = Typed {
        told: of_field(field),
        errors: FieldErrors::new(),
        stale: false,
        field: Some(field),
    };
    Ok(respond(&page, StatusCode::OK, &typed))
}

/// `POST /settings/custom-fields/7/`.
pub(in super::super) async fn update(page: Page, crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let mut told = told(&body.0);
    let all = customs::read(&crm.data).await?;
    let field = all.with_id(id).ok_or_else(not_found)?;
    if !field.ty.has_options() {
        told.remove("options");
    }
    let at = (id, &sent::condition(&body.0));
    let changed = match FieldDraft::parse(&told, false) {
        Ok(draft) => customs::change(&crm.data, crm.by(), at, &draft).await,
        Err(errors) => Err(errors.into()),
    };
    let (status, errors, stale) = match changed {
        Ok(changed) => {
            let changed = changed.ok_or_else(not_found)?;
            crm.fields_were_set_up().await?;
            let notice = Notice::new("saved", changed.change_set);
            return Ok(page.done(&list_of(field.kind), &notice));
        }
        Err(Error::Refused(Refusal::Fields(errors))) => (StatusCode::BAD_REQUEST, errors, false),
        Err(Error::Refused(Refusal::PreconditionFailed)) => {
            told = of_field(field);
            (StatusCode::PRECONDITION_FAILED, FieldErrors::new(), true)
        }
        Err(error) => return Err(error.into()),
    };
    let typed = Typed {
        told,
        errors,
        stale,
        field: Some(field),
    };
    Ok(respond(&page, status, &typed))
}

fn respond(page: &Page, status: StatusCode, typed: &Typed<'_>) -> axum::response::Response {
    let title = page.t(match typed.field {
        Some(_) => w::EDIT,
        None => w::NEW,
    });
    let heading = typed.field.map_or(title, |field| field.label.as_str());
    let deletes = page.may(Resource::CustomFields, Method::Delete);
    let content = html! {
        div.stack {
            @if typed.stale { (told_notice(Tone::Warn, page.t(w::STALE), None)) }
            @for message in wrong(page, &typed.errors, "non_field_errors") { (told_notice(Tone::Danger, &message, None)) }
            (card(heading, None, form(page, typed)))
            @if let (Some(field), true) = (typed.field, deletes) { (danger_card(page.t(w::DELETE), html! {
                form method="post" action={ (of(field.id)) "delete/" } {
                    (page.proof())
                    (sent::version_field(field.version))
                    p.quiet { (page.t(w::DELETE_TEXT)) }
                    (button(page.t(w::DELETE)).danger().icon("trash-2"))
                }
            })) }
        }
    };
    page.show_as(status, title, frame(page, CUSTOM_FIELDS, &content))
}

fn form(page: &Page, typed: &Typed<'_>) -> Markup {
    let language = page.language();
    let action = typed
        .field
        .map_or_else(|| format!("{CUSTOM_FIELDS}new/"), |field| of(field.id));
    let wrong = |name: &str| wrong(page, &typed.errors, name);
    let kind: Kind = kind_of(typed.text("kind"));
    let ty = typed.text("type").parse::<CustomType>().ok();
    let roles = typed.told.get("required_roles").and_then(Value::as_array);
    let asks = |role: &Role| roles.is_some_and(|all| all.iter().any(|one| one == role.as_str()));
    let flag = |name: &'static str, word, hint: Option<_>| {
        let field = Field::checkbox(name, page.t(word)).checked(typed.is(name));
        let field = field.errors(wrong(name));
        match hint {
            Some(hint) => field.hint(page.t(hint)).render(language),
            None => field.render(language),
        }
    };
    html! {
        form.form.stack method="post" action=(action) {
            (page.proof())
            @match typed.field {
                Some(field) => (sent::version_field(field.version)),
                None => (sent::key_field()),
            }
            div.form-grid {
                (Field::text("label", page.t(w::LABEL)).value(typed.text("label")).errors(wrong("label"))
                    .attr("maxlength", "60").required().render(language))
                @if typed.field.is_none() {
                    (Field::select("kind", page.t(w::KIND)).choices(KINDS.map(|one| Choice::new(one.as_str(), page.t(r::many(one)))))
                        .value(kind.as_str()).errors(wrong("kind")).render(language))
                    (Field::select("type", page.t(w::TYPE)).choices(CustomType::ALL.iter().map(|one| Choice::new(one.as_str(), page.t(w::ty(*one)))))
                        .value(typed.text("type")).hint(page.t(w::TYPE_HINT)).errors(wrong("type")).render(language))
                    (Field::text("key", page.t(w::KEY)).value(typed.text("key")).hint(page.t(w::KEY_HINT)).errors(wrong("key"))
                        .attr("maxlength", "40").attr("autocomplete", "off").attr("spellcheck", "false").render(language))
                }
                (Field::text("help", page.t(w::HELP)).value(typed.text("help")).errors(wrong("help")).attr("maxlength", "300").wide().render(language))
            }
            @if ty.is_none_or(CustomType::has_options) || typed.field.is_none() { (options(page, typed, &wrong("options"))) }
            fieldset.stack-tight {
                legend.field-label { (page.t(w::RULES)) }
                (flag("required", w::REQUIRED, Some(w::REQUIRED_HINT)))
                div.choices-line {
                    span { (page.t(w::REQUIRED_ROLES)) ":" }
                    @for role in Role::ALL {
                        label.choice {
                            input type="checkbox" name={ "role." (role) } value="1" checked[asks(role)];
                            span { (page.t(n::role(*role))) }
                        }
                    }
                }
                @for message in wrong("required_roles") { p.field-error { (message) } }
                (flag("searchable", w::SEARCHABLE, None))
                (flag("on_card", w::ON_CARD, Some(w::ON_CARD_HINT)))
                (flag("pii", w::PII, None))
            }
            (form_actions(html! {
                (button(page.t(c::SAVE)).primary())
                (link_button(page.t(c::CANCEL), list_of(kind)).quiet())
            }))
        }
    }
}

/// The options that are there, each with what becomes of it, and room for more.
fn options(page: &Page, typed: &Typed<'_>, errors: &[String]) -> Markup {
    let language = page.language();
    let all = typed.told.get("options").and_then(Value::as_array);
    let all: Vec<&Value> = all.into_iter().flatten().collect();
    let (known, more): (Vec<&Value>, Vec<&Value>) =
        all.into_iter().partition(|one| one.is_object());
    let more: Vec<&str> = more.into_iter().filter_map(Value::as_str).collect();
    let states = [
        ("offered", w::OFFERED),
        ("retired", w::RETIRED),
        ("dropped", w::DROPPED),
    ];
    let states = states.map(|(value, word)| Choice::new(value, page.t(word)));
    let word = match known.is_empty() {
        true => w::OPTIONS,
        false => w::MORE_OPTIONS,
    };
    html! {
        @for (n, option) in known.iter().enumerate() {
            @let text = |name: &str| option[name].as_str().unwrap_or_default().to_owned();
            @let state = if option["retired"] == true { "retired" } else { "offered" };
            div.form-grid {
                input type="hidden" name={ "option." (n) ".value" } value=(text("value"));
                (Field::text(format!("option.{n}.label"), format!("{} {}", page.t(w::OPTION), n + 1)).value(text("label"))
                    .attr("maxlength", "60").required().render(language))
                (Field::select(format!("option.{n}.state"), text("value")).choices(states.clone()).value(state).render(language))
            }
        }
        (Field::textarea("options", page.t(word)).value(more.join("\n")).hint(page.t(w::OPTIONS_HINT)).errors(errors.to_vec()).wide().render(language))
    }
}
