//! `/customers/new/` and `/customers/7/edit/`: whole forms, made of the table of fields.

use super::control::{Setting, told};
use super::sent::{self, Sent};
use super::{custom, place, twins, typed, value};
use crate::contract::error::{ApiResult, not_found};
use crate::contract::{Body, Query};
use crate::pages::kit::{
    Choice, PageHeader, Tone, button, card, error_summary, form_actions, link_button,
    notice as told_notice,
};
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::{common as c, fields as f, records as w};
use crate::portal::crm::Crm;
use crate::portal::records::make;
use axum::http::StatusCode;
use maud::{Markup, html};
use serde_json::{Map, Value, json};
use sindico_crm::{names, records};
use sindico_domain::access::fields::FieldAccess;
use sindico_domain::crm::custom::{CustomField, Customs, FIELDS};
use sindico_domain::crm::draft::{Draft, Whole};
use sindico_domain::crm::merge::is_mergeable;
use sindico_domain::crm::{Datum, Default, Field, FieldType, Kind, Record};
use sindico_domain::error::NON_FIELD_ERRORS;
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::Error;
use std::collections::HashMap;

/// Fields that a new record has no use for yet.
fn is_late(kind: Kind, field: &str) -> bool {
    matches!(
        (kind, field),
        (Kind::Lead, "disqualification_reason" | "status") | (Kind::Opportunity, "loss_reason")
    )
}

/// A form, as it is shown.
struct Form<'a> {
    page: &'a Page,
    kind: Kind,
    typed: &'a Map<String, Value>,
    errors: &'a FieldErrors,
    options: &'a HashMap<String, Vec<String>>,
    members: &'a [Choice],
    record: Option<&'a Record>,
    found: Option<&'a Map<String, Value>>,
    next: Option<&'a str>,
}

impl Form<'_> {
    fn action(&self) -> String {
        match self.record {
            Some(record) => place::act(self.kind, record.id, "edit"),
            None => format!("{}new/", place::base(self.kind)),
        }
    }

    fn title(&self) -> String {
        match self.record {
            Some(record) => value::title(self.page.language(), record),
            None => self.page.t(w::new_one(self.kind)).to_owned(),
        }
    }

    fn back(&self) -> String {
        match (self.next, self.record) {
            (Some(next), _) => next.to_owned(),
            (None, Some(record)) => place::of(self.kind, record.id),
            (None, None) => place::list(self.kind).to_owned(),
        }
    }

    fn content(&self) -> Markup {
        let page = self.page;
        let language = page.language();
        let setting = Setting {
            page,
            kind: self.kind,
            typed: self.typed,
            errors: self.errors,
            members: self.members,
            options: self.options,
            record: self.record,
            prefix: "",
            found: self.found,
        };
        let mut crumbs = vec![(
            page.t(w::many(self.kind)).to_owned(),
            place::list(self.kind).to_owned(),
        )];
        if let Some(record) = self.record {
            crumbs.push((self.title(), place::of(self.kind, record.id)));
        }
        let header = PageHeader {
            breadcrumbs: crumbs,
            title: match self.record {
                Some(_) => page.t(w::EDIT).to_owned(),
                None => self.title(),
            },
            ..PageHeader::default()
        };
        let fields: Vec<&Field> = typed::written(self.kind)
            .filter(|field| self.record.is_some() || !is_late(self.kind, field.name))
            .filter(|field| self.is_theirs(field))
            .collect();
        let lists: Vec<&str> = fields
            .iter()
            .filter(|field| matches!(field.ty, FieldType::Addresses | FieldType::Contacts))
            .map(|field| field.name)
            .collect();
        html! {
            (header.render(language))
            (error_summary(language, &self.summary(&setting)))
            @if self.found.is_some() {
                (told_notice(Tone::Warn, page.t(w::CHANGED_MEANWHILE), Some(html! { (page.t(w::CHANGED_DETAIL)) })))
            }
            form class="form stack" id="record-form" method="post" action=(self.action()) data-draft {
                (page.proof())
                @match self.record {
                    Some(record) => { (sent::version_field(record.version)) }
                    None => { (sent::key_field()) }
                }
                @if let Some(next) = self.next { (sent::next_field(next)) }
                @if !lists.is_empty() { input type="hidden" name="lists" value=(lists.join(" ")); }
                // What Enter presses: the first button of a form, and no row's.
                button class="visually-hidden" type="submit" tabindex="-1" aria-hidden="true" { (page.t(c::SAVE)) }
                (card(page.t(w::DETAILS), None, html! {
                    div class="form-grid" { @for field in &fields { (setting.control(field)) } }
                    @if is_mergeable(self.kind) { (twins::hint(page, self.kind, self.record, &[])) }
                }))
                (form_actions(html! {
                    (button(page.t(if self.found.is_some() { w::SAVE_MINE } else { c::SAVE })).primary())
                    (link_button(page.t(if self.found.is_some() { w::DISCARD_MINE } else { c::CANCEL }), self.back()).quiet())
                }))
            }
        }
    }

    /// Whether who fills it in may write this field; what every record has to have, they tell of a new one.
    fn is_theirs(&self, field: &Field) -> bool {
        let needed = self.record.is_none() && field.default == Default::Required;
        needed || self.page.access(self.kind, field.name) == FieldAccess::Write
    }

    /// The custom fields, in the place of the field that they stand in.
    fn customs(&self, field: &Field) -> impl Iterator<Item = &CustomField> {
        let here = field.ty == FieldType::Custom;
        let all = self.page.customs().of(self.kind);
        all.filter(move |_| here).map(|one| &**one)
    }

    /// All that is wrong, with the ids of the fields.
    fn summary(&self, setting: &Setting<'_>) -> Vec<(String, String)> {
        let mut all = Vec::new();
        for field in self.kind.fields() {
            let label = self.page.t(f::label(self.kind, field.name));
            for custom in self.customs(field) {
                let name = custom::name(custom);
                for message in setting.wrong_at(&name) {
                    all.push((setting.id(&name), format!("{}: {message}", custom.label)));
                }
            }
            for message in setting.wrong(field.name) {
                all.push((setting.id(field.name), format!("{label}: {message}")));
            }
        }
        for message in self.errors.messages(NON_FIELD_ERRORS) {
            all.push(("main".to_owned(), told(self.page, message)));
        }
        all
    }
}

/// `GET /customers/new/`. The query fills fields beforehand: `?customer=7`.
pub async fn new(kind: Kind, page: Page, crm: Crm, query: Query) -> ApiResult {
    let asked: Map<String, Value> = query
        .without("")
        .into_iter()
        .map(|(name, value)| (name, json!(value)))
        .collect();
    let mut typed = typed::of_record(&page, &Record::new(kind, crm.now), &names::Names::new());
    let mut wanted = Vec::new();
    for field in typed::written(kind) {
        let Some(text) = asked.get(field.name).and_then(Value::as_str) else {
            continue;
        };
        match (field.ty, text.parse::<i64>()) {
            (FieldType::Ref(to), Ok(id)) => wanted.push((field.name, to, id)),
            (FieldType::Addresses | FieldType::Contacts | FieldType::Custom, _) => {}
            _ => {
                typed.insert(field.name.to_owned(), json!(text));
            }
        }
    }
    let ids: Vec<(Kind, i64)> = wanted.iter().map(|(_, kind, id)| (*kind, *id)).collect();
    let known = names::find(&crm.data, &ids, &crm.readable()).await?;
    for (name, to, id) in wanted {
        typed.insert(name.to_owned(), json!(typed::option(&known, to, id)));
    }
    mine(&crm, kind, &mut typed);
    if kind == Kind::SalesGoal {
        let today = crm.now.to_zoned(page.zone.clone()).date();
        for (name, number) in [
            ("year", today.year().to_string()),
            ("month", today.month().to_string()),
        ] {
            let entry = typed.entry(name).or_insert_with(|| json!(""));
            if entry == "" {
                *entry = json!(number);
            }
        }
    }
    let members = sent::people(&crm).await?;
    let form = Form {
        page: &page,
        kind,
        typed: &typed,
        errors: &FieldErrors::new(),
        options: &HashMap::new(),
        members: &members,
        record: None,
        found: None,
        next: asked
            .get(sent::NEXT)
            .and_then(Value::as_str)
            .and_then(place::ours),
    };
    Ok(page.show(&form.title(), form.content()))
}

/// Whoever writes a record down looks after it, until they say otherwise.
fn mine(crm: &Crm, kind: Kind, typed: &mut Map<String, Value>) {
    let name = match kind {
        Kind::Activity => "assigned_to",
        _ => "owner",
    };
    if kind.position(name).is_some() && crm.tenant.role.is_some() {
        let entry = typed.entry(name).or_insert_with(|| json!(""));
        if entry == "" {
            *entry = json!(crm.caller.user.id.to_string());
        }
    }
}

/// `POST /customers/new/`.
pub async fn create(kind: Kind, page: Page, crm: Crm, body: Body) -> ApiResult {
    let mut sent = Sent::read(&page, &crm, kind, &body.0).await?;
    let next = sent::next(&body.0);
    let mut status = StatusCode::BAD_REQUEST;
    if super::rows::pressed(&body.0, &mut sent.typed) {
        sent.errors = FieldErrors::new();
        status = StatusCode::OK;
    } else {
        match made(&crm, &page, kind, &sent, &body).await {
            Ok(once) => {
                let id = once.value["id"].as_i64().unwrap_or_default();
                let to = next.map_or_else(|| place::of(kind, id), str::to_owned);
                return Ok(page.done(&to, &Notice::new("created", once.change_set)));
            }
            Err(Error::Refused(Refusal::Fields(errors))) => sent.merge(errors, kind),
            Err(Error::Refused(Refusal::KeyReused)) => {
                status = StatusCode::CONFLICT;
                sent.errors = FieldErrors::whole(page.t(w::SENT_BEFORE));
            }
            Err(error) => return Err(error.into()),
        }
    }
    let members = sent::people(&crm).await?;
    let form = Form {
        page: &page,
        kind,
        typed: &sent.typed,
        errors: &sent.errors,
        options: &sent.options,
        members: &members,
        record: None,
        found: None,
        next,
    };
    Ok(page.show_as(status, &form.title(), form.content()))
}

/// What was sent, as the rules read it, with the members that it names.
async fn drafted(
    crm: &Crm,
    (kind, customs): (Kind, &Customs),
    sent: &Sent,
    whole: Whole,
) -> Result<(Draft, HashMap<i64, String>), Error> {
    let draft = Draft::parse((kind, customs), &sent.input, whole);
    if !sent.errors.is_empty() {
        let wrong = draft.err().unwrap_or_default();
        return Err(Refusal::Fields(wrong).into());
    }
    let draft = draft.map_err(Refusal::Fields)?;
    let members = crm
        .members(&draft)
        .await
        .map_err(crate::contract::ApiError::into_inner)?;
    Ok((draft, members))
}

type Made = sindico_db::idempotency::Once<Value>;

async fn made(crm: &Crm, page: &Page, kind: Kind, sent: &Sent, body: &Body) -> Result<Made, Error> {
    let (draft, members) = drafted(crm, (kind, page.customs()), sent, Whole::Yes).await?;
    let mut record = Record::new(kind, crm.now);
    draft
        .apply(&mut record, &members)
        .map_err(Refusal::Fields)?;
    let path = format!("{}new/", place::base(kind));
    let key = sent::key(crm, &body.0, &sent.input, &path);
    make(crm, &draft, record, key.as_ref())
        .await
        .map_err(crate::contract::ApiError::into_inner)
}

/// `GET /customers/7/edit/`.
pub async fn edit(kind: Kind, page: Page, crm: Crm, id: i64) -> ApiResult {
    let (record, typed) = now(&page, &crm, kind, id).await?;
    let members = sent::people(&crm).await?;
    let form = Form {
        page: &page,
        kind,
        typed: &typed,
        errors: &FieldErrors::new(),
        options: &HashMap::new(),
        members: &members,
        record: Some(&record),
        found: None,
        next: None,
    };
    Ok(page.show(&form.title(), form.content()))
}

/// The record, and what a form with it shows.
pub async fn now(
    page: &Page,
    crm: &Crm,
    kind: Kind,
    id: i64,
) -> ApiResult<(Record, Map<String, Value>)> {
    let listed = records::find(&crm.data, kind, id)
        .await?
        .ok_or_else(not_found)?;
    let record = listed.record();
    let known = names::of(&crm.data, &[listed], &crm.readable()).await?;
    let typed = typed::of_record(page, &record, &known);
    Ok((record, typed))
}

/// `POST /customers/7/edit/`.
pub async fn update(kind: Kind, page: Page, crm: Crm, id: i64, body: Body) -> ApiResult {
    let mut sent = Sent::read(&page, &crm, kind, &body.0).await?;
    let mut status = StatusCode::BAD_REQUEST;
    let mut changed = false;
    if super::rows::pressed(&body.0, &mut sent.typed) {
        sent.errors = FieldErrors::new();
        status = StatusCode::OK;
    } else {
        match written(&crm, &page, (kind, id), &sent, &body).await {
            Ok(once) => {
                let once = once.ok_or_else(not_found)?;
                return Ok(page.done(&place::of(kind, id), &Notice::new("saved", once.change_set)));
            }
            Err(Error::Refused(Refusal::Fields(errors))) => sent.merge(errors, kind),
            Err(Error::Refused(Refusal::PreconditionFailed)) => {
                status = StatusCode::PRECONDITION_FAILED;
                changed = true;
            }
            Err(error) => return Err(error.into()),
        }
    }
    let (mut record, there) = now(&page, &crm, kind, id).await?;
    let found = changed.then(|| differing(&there, &sent.typed));
    if let (false, Some(version)) = (changed, sent::version(&body.0)) {
        // Only who has been told what changed may go over it.
        record.version = version;
    }
    let members = sent::people(&crm).await?;
    let form = Form {
        page: &page,
        kind,
        typed: &sent.typed,
        errors: &sent.errors,
        options: &sent.options,
        members: &members,
        record: Some(&record),
        found: found.as_ref(),
        next: sent::next(&body.0),
    };
    Ok(page.show_as(status, &form.title(), form.content()))
}

/// What stands there and is not what was typed.
pub fn differing(there: &Map<String, Value>, typed: &Map<String, Value>) -> Map<String, Value> {
    let text = |value: &Value| match value {
        Value::String(text) => text.trim().replace("\r\n", "\n"),
        other => other.to_string(),
    };
    let differs = |name: &str, value: &Value| {
        let typed = typed.get(name);
        typed.is_some_and(|typed| text(typed) != text(value))
    };
    let mut found = Map::new();
    for (name, value) in there {
        match (name.as_str(), typed.get(name), value) {
            (FIELDS, Some(Value::Object(typed)), Value::Object(there)) => {
                found.insert(name.clone(), Value::Object(differing(there, typed)));
            }
            _ if differs(name, value) => {
                found.insert(name.clone(), value.clone());
            }
            _ => {}
        }
    }
    found
}

async fn written(
    crm: &Crm,
    page: &Page,
    at: (Kind, i64),
    sent: &Sent,
    body: &Body,
) -> Result<Option<Made>, Error> {
    let (draft, members) = drafted(crm, (at.0, page.customs()), sent, Whole::No).await?;
    let condition = sent::condition(&body.0);
    records::change(&crm.data, crm.by(), at, &draft, &members, &condition).await
}

/// One field's value as it stands, to be told apart from what somebody saw.
pub fn seen(page: &Page, record: &Record, field: &Field, known: &names::Names) -> Value {
    let none = Datum::Null;
    let n = record.kind.position(field.name);
    let value = n.map_or(&none, |n| &record.values[n]);
    typed::of_value(page, field, value, known)
}
