//! `/settings/forms/`: forms on the web that make leads, and what was sent by them.

use super::{FORMS, company_id, frame, history};
use crate::contract::error::{ApiError, ApiResult, not_found};
use crate::contract::query::page as page_of;
use crate::contract::resource::Id;
use crate::contract::{Body, Query};
use crate::gate::access::Access::Owner;
use crate::pages::kit::{
    Choice, Column, Field, Row, Tone, badge, button, card, danger_card, data_table, disclosure,
    empty_state, format, notice, pager,
};
use crate::pages::messages::translate;
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::portal::records::custom;
use crate::pages::words::lead_forms as w;
use crate::portal::crm::Crm;
use crate::portal::lead_forms as api;
use crate::table::{Table, show, submit};
use axum::http::StatusCode;
use maud::{Markup, html};
use serde_json::{Map, Value, json};
use sindico_crm::lead_forms::{self as forms, Entry, LeadForm};
use sindico_domain::crm::Kind;
use sindico_domain::crm::custom::{Customs, FIELDS as CUSTOM};
use sindico_domain::lead_form::{self, EntryState};
use sindico_domain::page::PageRequest;
use sindico_domain::precondition::Precondition;
use sindico_domain::setting::Setting;
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::Error;
use sindico_store::control::members;

/// Entries a page.
const ROWS: i64 = 50;

/// Its pages.
#[rustfmt::skip]
pub(super) fn routes(table: Table) -> Table {
    table
        .page(FORMS, show(Owner, index).submit(Owner, create))
        .page("/settings/forms/{id}/", show(Owner, one).submit(Owner, change))
        .page("/settings/forms/{id}/undo/", submit(Owner, undo))
        .page("/settings/forms/{id}/delete/", submit(Owner, delete))
        .page("/settings/form-entries/{id}/accept/", submit(Owner, accept))
        .page("/settings/form-entries/{id}/discard/", submit(Owner, discard))
}

fn of(id: i64) -> String {
    format!("{FORMS}{id}/")
}

/// The form's fields, as they are or were typed.
async fn fields(
    page: &Page,
    crm: &Crm,
    typed: &Map<String, Value>,
    errors: &FieldErrors,
) -> ApiResult<Markup> {
    let language = page.language();
    let wrong = |name: &str| -> Vec<String> {
        errors
            .messages(name)
            .iter()
            .map(|text| translate(language, text))
            .collect()
    };
    // A list is shown as its words.
    let text = |name: &str, between: &str| match typed.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Array(all)) => all
            .iter()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join(between),
        _ => String::new(),
    };
    // As the form stands, or as it was just chosen.
    let listed = |list: &str, name: &str| match typed.get(list) {
        Some(Value::Array(all)) => all.iter().any(|one| one == name),
        _ => false,
    };
    let asked = |name: &str| match typed.get("fields") {
        Some(Value::Object(form)) => form.get(name).and_then(Value::as_str).unwrap_or_default(),
        _ if listed("required", name) => "required",
        _ if listed("fields", name) => "optional",
        _ => "",
    };
    let ask = |name: &str, label: String| {
        Field::select(format!("fields.{name}"), label)
            .or_none(page.t(w::NOT_ASKED))
            .choices([
                Choice::new("optional", page.t(w::OPTIONAL)),
                Choice::new("required", page.t(w::REQUIRED)),
            ])
            .value(asked(name))
            .render(language)
    };
    let customs = crm.customs().await?;
    let customs = customs
        .of(Kind::Lead)
        .filter(|field| api::sees(crm, &field.name()));
    let line = |name: &'static str, label, most: &'static str| {
        Field::text(name, page.t(label))
            .value(text(name, ", "))
            .errors(wrong(name))
            .attr("maxlength", most)
    };
    let area = |name: &'static str, label| {
        Field::textarea(name, page.t(label))
            .value(text(name, "\n"))
            .errors(wrong(name))
            .wide()
    };
    let people = members::all_active(crm.app().store(), company_id(page)).await?;
    let people = people
        .into_iter()
        .map(|(id, username, _)| Choice::new(id.to_string(), username));
    let active = typed
        .get("active")
        .is_some_and(|active| *active == true || active == "on");
    Ok(html! {
        (page.proof())
        @for text in wrong("non_field_errors") { (notice(Tone::Danger, &text, None)) }
        div class="form-grid" {
            (line("title", w::FORM_TITLE, "120").required().render(language))
            (line("source", w::SOURCE, "100").required().render(language))
            (area("intro", w::INTRO).render(language))
            fieldset class="stack-tight field-wide" {
                legend { (page.t(w::FIELDS)) }
                p.field-hint { (page.t(w::FIELDS_HINT)) }
                div.form-grid {
                    @for name in lead_form::FIELDS { (ask(name, page.t(w::field(name)).to_owned())) }
                    @for field in customs { (ask(&field.name(), field.label.clone())) }
                }
                @for text in wrong("fields") { p.field-error { (text) } }
            }
            (line("tags", w::TAGS, "600").hint(page.t(w::TAGS_HINT)).render(language))
            (Field::select("owner", page.t(w::OWNER)).or_none(page.t(w::NOBODY)).choices(people)
                .value(text("owner", "")).errors(wrong("owner")).render(language))
            (area("consent", w::CONSENT).hint(page.t(w::CONSENT_HINT)).render(language))
            (area("thanks", w::THANK_YOU).render(language))
            (Field::url("redirect", page.t(w::REDIRECT)).value(text("redirect", "")).errors(wrong("redirect")).render(language))
            (area("origins", w::ORIGINS).hint(page.t(w::ORIGINS_HINT)).render(language))
            (Field::checkbox("active", page.t(w::ACTIVE)).value("on").checked(active).render(language))
        }
    })
}

/// What a page's form sends: a box without its tick says no.
fn sent(body: &Body) -> Map<String, Value> {
    let mut sent = body.0.clone();
    sent.entry("active").or_insert(json!(false));
    sent
}

async fn index(page: Page, crm: Crm) -> ApiResult {
    let typed = json!({"source": "web", "active": true, "fields": ["email", "phone", "notes"]});
    let typed = typed.as_object().cloned().unwrap_or_default();
    respond_all(&page, &crm, StatusCode::OK, &typed, &FieldErrors::new()).await
}

async fn respond_all(
    page: &Page,
    crm: &Crm,
    status: StatusCode,
    typed: &Map<String, Value>,
    errors: &FieldErrors,
) -> ApiResult {
    let all = forms::list(&crm.data).await?;
    let columns = [
        Column::new(page.t(w::FORM_TITLE)),
        Column::new(page.t(w::ADDRESS)),
        Column::new(page.t(w::STATE)),
    ];
    let row = |form: &LeadForm| {
        let (tone, word) = activity(form);
        let cells = [
            html! { (form.wish.title) },
            html! { span.mono { "/f/" (form.key) "/" } },
            badge(tone, page.t(word)),
        ];
        Row::to(of(form.id), cells)
    };
    let rows: Vec<_> = all.iter().map(row).collect();
    let content = html! {
        div.stack {
            p.quiet { (page.t(w::LEAD)) }
            @if rows.is_empty() {
                (empty_state("file-text", page.t(w::NONE), page.t(w::NONE_TEXT), None))
            } @else {
                (data_table(page.language(), page.t(w::TITLE), &columns, &rows))
            }
            (card(page.t(w::NEW), None, html! {
                form.form method="post" action=(FORMS) {
                    (fields(page, crm, typed, errors).await?)
                    div.row { (button(page.t(w::CREATE)).primary().icon("plus")) }
                }
            }))
        }
    };
    Ok(page.show_as(status, page.t(w::TITLE), frame(page, FORMS, &content)))
}

fn activity(form: &LeadForm) -> (Tone, crate::pages::language::Word) {
    match form.wish.active {
        true => (Tone::Ok, w::ACTIVE),
        false => (Tone::Neutral, w::INACTIVE),
    }
}

async fn create(page: Page, crm: Crm, body: Body) -> ApiResult {
    let sent = sent(&body);
    match api::make(&crm, &sent).await.map_err(ApiError::into_inner) {
        Ok(made) => Ok(page.done(&of(made.id), &Notice::new("created", None))),
        Err(Error::Refused(Refusal::Fields(errors))) => {
            respond_all(&page, &crm, StatusCode::BAD_REQUEST, &sent, &errors).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn one(page: Page, crm: Crm, Id(id): Id, query: Query) -> ApiResult {
    let mut f = query.fields();
    let mut request = page_of(&mut f);
    f.finish().check(())?;
    request.limit = ROWS;
    let form = api::found(&crm, id).await?;
    respond_one(&page, &crm, StatusCode::OK, &form, None, &request).await
}

async fn respond_one(
    page: &Page,
    crm: &Crm,
    status: StatusCode,
    form: &LeadForm,
    typed: Option<(&Map<String, Value>, &FieldErrors)>,
    request: &PageRequest,
) -> ApiResult {
    let language = page.language();
    let found = forms::entries(&crm.data, form.id, None, request).await?;
    let (open, none) = (typed.is_some(), FieldErrors::new());
    let own = json!(form.wish).as_object().cloned().unwrap_or_default();
    let (typed, errors) = typed.unwrap_or((&own, &none));
    let path = format!("/f/{}/", form.key);
    let (tone, word) = activity(form);
    let edit = html! {
        form.form method="post" action=(of(form.id)) {
            (fields(page, crm, typed, errors).await?)
            div.row { (button(page.t(w::SAVE)).primary()) }
        }
    };
    let columns = [
        Column::new(page.t(w::WHEN)),
        Column::new(page.t(w::STATE)),
        Column::new(page.t(w::WHAT)),
        Column::new(page.t(w::WHY)),
        Column::new(page.t(w::ACTIONS)).silent().shrink(),
    ];
    let customs = crm.customs().await?;
    let entries = found.items.iter();
    let rows: Vec<_> = entries.map(|entry| row(page, &customs, entry)).collect();
    let next = found
        .next
        .as_ref()
        .map(|next| format!("{}?cursor={}", of(form.id), next.encode()));
    let shown = format::count(language, i64::try_from(rows.len()).unwrap_or_default());
    let content = html! {
        div.stack {
            (card(&form.wish.title, None, html! {
                div.stack {
                    p { (badge(tone, page.t(word))) " " a href=(path) { (page.view.host) (path) } }
                    (disclosure(page.t(w::EDIT), open, &edit))
                }
            }))
            (card(page.t(w::ENTRIES), None, html! {
                @if rows.is_empty() {
                    (empty_state("users", page.t(w::NO_ENTRIES), page.t(w::NO_ENTRIES_TEXT), None))
                } @else {
                    (data_table(language, page.t(w::ENTRIES), &columns, &rows))
                    (pager(language, &shown, None, next.as_deref()))
                }
            }))
            (history::of(page, crm, (Setting::LeadForm, form.id), Some(format!("{}undo/", of(form.id)))).await?)
            (danger_card(page.t(w::DELETE), html! {
                div.stack {
                    p { (page.t(w::DELETE_TEXT)) }
                    form method="post" action={ (of(form.id)) "delete/" } {
                        (page.proof())
                        (button(page.t(w::DELETE)).danger().icon("trash-2"))
                    }
                }
            }))
        }
    };
    Ok(page.show_as(status, &form.wish.title, frame(page, FORMS, &content)))
}

fn row(page: &Page, customs: &Customs, entry: &Entry) -> Row {
    let tone = match entry.state {
        EntryState::Lead => Tone::Ok,
        EntryState::Quarantine => Tone::Warn,
        EntryState::Discarded => Tone::Neutral,
    };
    let act = |what: &str, button: Markup| {
        html! {
            form method="post" action={ "/settings/form-entries/" (entry.id) "/" (what) "/" } { (page.proof()) (button) }
        }
    };
    let said = ["name", "company", "email", "phone", "notes"];
    let said = said
        .into_iter()
        .filter_map(|name| entry.sent.get(name)?.as_str())
        .filter(|text| !text.is_empty());
    let own = customs.of(Kind::Lead).filter_map(|field| {
        let value = entry.sent.get(CUSTOM)?.get(&field.key)?;
        Some((&field.label, custom::text(page, field, value)))
    });
    Row::of([
        format::datetime(page.language(), entry.at, &page.zone),
        badge(tone, page.t(w::state(entry.state))),
        html! {
            @if let Some(lead) = entry.lead { a href={ "/leads/" (lead) "/" } { (page.t(w::IS_LEAD)) " " (lead) } }
            @for text in said { p { (text) } }
            @for (label, text) in own { p { (label) ": " (text) } }
            @if entry.alike { p { (badge(Tone::Info, page.t(w::ALIKE))) } }
        },
        html! { @for one in &entry.suspicions { p { (page.t(w::suspicion(*one))) } } },
        html! {
            @if entry.state == EntryState::Quarantine {
                div.row {
                    (act("accept", html! { (button(page.t(w::ACCEPT)).small()) }))
                    (act("discard", html! { (button(page.t(w::DISCARD)).small().danger()) }))
                }
            }
        },
    ])
}

async fn change(page: Page, crm: Crm, Id(id): Id, body: Body) -> ApiResult {
    let sent = sent(&body);
    match api::set(&crm, id, &sent)
        .await
        .map_err(ApiError::into_inner)
    {
        Ok(_) => Ok(page.done(&of(id), &Notice::new("saved", None))),
        Err(Error::Refused(Refusal::Fields(errors))) => {
            let form = api::found(&crm, id).await?;
            let request = PageRequest {
                limit: ROWS,
                ..PageRequest::default()
            };
            let typed = Some((&sent, &errors));
            respond_one(&page, &crm, StatusCode::BAD_REQUEST, &form, typed, &request).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn undo(page: Page, crm: Crm, Id(id): Id) -> ApiResult {
    let undone = forms::undo(&crm.data, crm.by(), (id, &Precondition::None)).await?;
    undone.ok_or_else(not_found)?;
    Ok(page.done(&of(id), &Notice::new("undone", None)))
}

async fn delete(page: Page, crm: Crm, Id(id): Id, _: Body) -> ApiResult {
    match forms::remove(&crm.data, crm.by(), (id, &crm.precondition())).await? {
        true => Ok(page.done(FORMS, &Notice::new("form_deleted", None))),
        false => Err(not_found()),
    }
}

async fn accept(page: Page, crm: Crm, Id(id): Id, _: Body) -> ApiResult {
    let entry = api::accept_entry(&crm, id).await?;
    Ok(page.done(&of(entry.form), &Notice::new("created", None)))
}

async fn discard(page: Page, crm: Crm, Id(id): Id, _: Body) -> ApiResult {
    let entry = forms::discard(&crm.data, id).await?.ok_or_else(not_found)?;
    Ok(page.done(&of(entry.form), &Notice::new("entry_discarded", None)))
}
