//! `/customers/7/field/email/`: one field of a record. On the record's page its form stands behind the
//! value; without script it is a page of its own.

use super::control::{Setting, told};
use super::form;
use super::sent::{self, Sent};
use super::{place, value};
use crate::contract::Body;
use crate::contract::error::{ApiResult, not_found};
use crate::pages::kit::{
    Choice, PageHeader, Tone, button, card, form_actions, icon, link_button, notice as told_notice,
};
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::{common as c, fields as f, kit as k, records as w};
use crate::portal::crm::Crm;
use axum::extract::Path;
use axum::http::StatusCode;
use maud::{Markup, html};
use serde_json::{Map, Value};
use sindico_crm::names::Names;
use sindico_crm::records;
use sindico_domain::crm::draft::{Draft, Whole};
use sindico_domain::crm::{Access, Field, FieldType, Kind, Record};
use sindico_domain::precondition::Precondition;
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::Error;
use std::collections::HashMap;

/// The field with what somebody saw before they typed.
const SEEN: &str = "seen";

/// Whether a field is edited where it is shown. States have acts of their own, lists a whole form.
pub fn is_inline(kind: Kind, field: &Field) -> bool {
    field.access == Access::Input
        && !matches!(
            field.ty,
            FieldType::Addresses | FieldType::Contacts | FieldType::Custom
        )
        && !matches!(
            (kind, field.name),
            (Kind::Lead | Kind::Activity, "status") | (Kind::Opportunity, "stage")
        )
}

/// What a record's page edits fields with.
pub struct Inline<'a> {
    /// The page.
    pub page: &'a Page,
    /// The record.
    pub record: &'a Record,
    /// What its form would show.
    pub typed: &'a Map<String, Value>,
    /// Names of what it refers to.
    pub names: &'a Names,
    /// Who can be chosen.
    pub members: &'a [Choice],
}

impl Inline<'_> {
    /// A field's value, with its form behind it.
    pub fn value(&self, field: &Field) -> Markup {
        let (page, record) = (self.page, self.record);
        let kind = record.kind;
        let n = kind.position(field.name).unwrap_or_default();
        let shown = value::shown(page, kind, field, &record.values[n], self.names, false);
        let label = page.t(f::label(kind, field.name));
        let language = page.language();
        let id = format!("edit-{}", field.name);
        let setting = Setting {
            page,
            kind,
            typed: self.typed,
            errors: &FieldErrors::new(),
            members: self.members,
            options: &HashMap::new(),
            record: Some(record),
            prefix: "inline-",
            found: None,
        };
        html! {
            div class="inline-edit" id=(id) data-inline {
                a class="inline-show" id={ (id) "-show" } href=(address(kind, record.id, field.name)) data-inline-show {
                    @match shown { Some(shown) => { span { (shown) } }, None => { span class="fact-none" { (k::NONE.in_(language)) } } }
                    span class="visually-hidden" { (w::edit_field(language, label)) }
                    (icon("pencil"))
                }
                form class="inline-form" method="post" action=(address(kind, record.id, field.name)) hidden data-inline-form {
                    (page.proof())
                    (sent::version_field(record.version))
                    (self.seen(field))
                    (setting.control(field))
                    div class="row" {
                        (button(page.t(c::SAVE)).primary().small())
                        (button(page.t(c::CANCEL)).quiet().small().plain().attr("data-inline-cancel", ""))
                    }
                }
            }
        }
    }

    fn seen(&self, field: &Field) -> Markup {
        let value = form::seen(self.page, self.record, field, self.names);
        html! { input type="hidden" name=(SEEN) value=(text(&value)); }
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.replace("\r\n", "\n"),
        other => other.to_string(),
    }
}

fn address(kind: Kind, id: i64, field: &str) -> String {
    format!("{}{id}/field/{field}/", place::base(kind))
}

/// What an address of a field means.
fn named(kind: Kind, (id, name): (String, String)) -> ApiResult<(i64, &'static Field)> {
    let id = id.parse().map_err(|_| Refusal::NotFound)?;
    let fields = kind.fields().iter();
    let field = fields
        .into_iter()
        .find(|field| field.name == name && is_inline(kind, field));
    Ok((id, field.ok_or_else(not_found)?))
}

/// `GET`: the field alone.
pub async fn show(
    kind: Kind,
    page: Page,
    crm: Crm,
    Path(path): Path<(String, String)>,
) -> ApiResult {
    let (id, field) = named(kind, path)?;
    let (record, typed) = form::now(&page, &crm, kind, id).await?;
    let members = people(&crm, field).await?;
    let alone = Alone {
        page: &page,
        record: &record,
        field,
        typed: &typed,
        errors: &FieldErrors::new(),
        options: &HashMap::new(),
        members: &members,
        seen: text(&typed[field.name]),
        found: None,
    };
    Ok(alone.respond(StatusCode::OK))
}

async fn people(crm: &Crm, field: &Field) -> ApiResult<Vec<Choice>> {
    match field.ty {
        FieldType::User => sent::people(crm).await,
        _ => Ok(Vec::new()),
    }
}

struct Alone<'a> {
    page: &'a Page,
    record: &'a Record,
    field: &'static Field,
    typed: &'a Map<String, Value>,
    errors: &'a FieldErrors,
    options: &'a HashMap<String, Vec<String>>,
    members: &'a [Choice],
    seen: String,
    found: Option<&'a Map<String, Value>>,
}

impl Alone<'_> {
    fn respond(&self, status: StatusCode) -> axum::response::Response {
        let (page, record, field) = (self.page, self.record, self.field);
        let kind = record.kind;
        let back = place::of(kind, record.id);
        let label = page.t(f::label(kind, field.name));
        let title = w::edit_field(page.language(), label);
        let header = PageHeader {
            breadcrumbs: vec![
                (
                    page.t(w::many(kind)).to_owned(),
                    place::list(kind).to_owned(),
                ),
                (value::title(page.language(), record), back.clone()),
            ],
            title: title.clone(),
            ..PageHeader::default()
        };
        let setting = Setting {
            page,
            kind,
            typed: self.typed,
            errors: self.errors,
            members: self.members,
            options: self.options,
            record: Some(record),
            prefix: "",
            found: self.found,
        };
        // Rules of other fields can refuse this one: they are told here, where somebody looks.
        let others = kind
            .fields()
            .iter()
            .filter(|other| other.name != field.name);
        let others: Vec<String> = others
            .flat_map(|other| {
                let label = page.t(f::label(kind, other.name));
                let messages = self.errors.messages(other.name).iter();
                messages.map(move |message| format!("{label}: {}", told(page, message)))
            })
            .collect();
        let content = html! {
            (header.render(page.language()))
            @if self.found.is_some() {
                (told_notice(Tone::Warn, page.t(w::CHANGED_MEANWHILE), Some(html! { (page.t(w::CHANGED_DETAIL)) })))
            }
            @for other in &others { (told_notice(Tone::Danger, other, None)) }
            form class="form stack" method="post" action=(address(kind, record.id, field.name)) {
                (page.proof())
                (sent::version_field(record.version))
                input type="hidden" name=(SEEN) value=(self.seen);
                (card(label, None, setting.control(field)))
                (form_actions(html! {
                    (button(page.t(if self.found.is_some() { w::SAVE_MINE } else { c::SAVE })).primary())
                    (link_button(page.t(if self.found.is_some() { w::DISCARD_MINE } else { c::CANCEL }), back).quiet())
                }))
            }
        };
        page.show_as(status, &title, content)
    }
}

/// `POST`: saves it, unless somebody changed the same field meanwhile. Another field that was changed
/// stands in nobody's way.
pub async fn save(
    kind: Kind,
    page: Page,
    crm: Crm,
    Path(path): Path<(String, String)>,
    body: Body,
) -> ApiResult {
    let (id, field) = named(kind, path)?;
    let only: Map<String, Value> = body
        .0
        .iter()
        .filter(|(name, _)| *name == field.name)
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let mut sent = Sent::read(&page, &crm, kind, &only).await?;
    let seen = body.0.get(SEEN).map(text).unwrap_or_default();
    // Between reading and writing another may write: then it is looked at again.
    for _ in 0..3 {
        let (record, there) = form::now(&page, &crm, kind, id).await?;
        let same = sent::version(&body.0) == Some(record.version)
            || text(&there[field.name]) == seen
            || text(&there[field.name]) == sent.typed.get(field.name).map(text).unwrap_or_default();
        let mut status = StatusCode::BAD_REQUEST;
        let mut found = None;
        if same {
            match write(&crm, &record, &sent).await {
                Ok(once) => {
                    let once = once.ok_or_else(not_found)?;
                    let notice = Notice::new("saved", once.change_set);
                    return Ok(page.done(&place::of(kind, id), &notice));
                }
                Err(Error::Refused(Refusal::PreconditionFailed)) => continue,
                Err(Error::Refused(Refusal::Fields(errors))) => sent.merge(errors, kind),
                Err(error) => return Err(error.into()),
            }
        } else {
            status = StatusCode::PRECONDITION_FAILED;
            found = Some(form::differing(&there, &sent.typed));
        }
        let members = people(&crm, field).await?;
        let mut typed: Map<String, Value> = there;
        let now_seen = text(&typed[field.name]);
        typed.extend(sent.typed.clone());
        let mut shown = record;
        if let (true, Some(version)) = (same, sent::version(&body.0)) {
            shown.version = version;
        }
        let alone = Alone {
            page: &page,
            record: &shown,
            field,
            typed: &typed,
            errors: &sent.errors,
            options: &sent.options,
            members: &members,
            seen: if same { seen } else { now_seen },
            found: found.as_ref(),
        };
        return Ok(alone.respond(status));
    }
    Err(Refusal::PreconditionFailed.into())
}

type Made = sindico_db::idempotency::Once<Value>;

async fn write(crm: &Crm, record: &Record, sent: &Sent) -> Result<Option<Made>, Error> {
    if !sent.errors.is_empty() {
        return Err(Refusal::Fields(FieldErrors::new()).into());
    }
    let draft = Draft::parse(record.kind, &sent.input, Whole::No).map_err(Refusal::Fields)?;
    let members = crm
        .members(&draft)
        .await
        .map_err(crate::contract::ApiError::into_inner)?;
    let condition = Precondition::OneOf(vec![record.version]);
    let at = (record.kind, record.id);
    records::change(&crm.data, crm.by(), at, &draft, &members, &condition).await
}
