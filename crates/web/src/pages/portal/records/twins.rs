//! Customers and leads that are there twice: told while one is typed, listed, compared field by field, and made one.

use super::{apart, custom, form, place, sent, value};
use crate::contract::error::{ApiResult, not_found};
use crate::contract::{Body, Query};
use crate::pages::kit::{
    Choice, Column, Field as Control, PageHeader, Row, Tone, badge, button, card, data_table,
    empty_state, form_actions, link_button, notice as told_notice,
};
use crate::pages::messages::{self, translate};
use crate::pages::notice::Notice;
use crate::pages::page::Page;
use crate::pages::words::{common as c, fields as f, records as r, twins as w};
use crate::portal::crm::Crm;
use crate::portal::duplicates::probe;
use axum::http::StatusCode;
use maud::{Markup, html};
use serde_json::{Map, Value};
use sindico_crm::duplicates::{self, Alike, Group, Probe, Reason};
use sindico_crm::merge::{self, Merge, may_merge};
use sindico_crm::names::{self, Names};
use sindico_crm::records;
use sindico_domain::brazil::TaxId;
use sindico_domain::crm::custom::CustomField;
use sindico_domain::crm::identity::Keys;
use sindico_domain::crm::merge::{
    Choice as Whose, choice_of, custom_open_to, fields, merged, open_to,
};
use sindico_domain::crm::{Field, Kind, Record, draft};
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::Error;

/// The other record, in the query and in the form.
const OTHER: &str = "other";
const OTHER_VERSION: &str = "other_version";
/// Begins the names of the choices: a field may be called as something else of the form is.
const CHOICE: &str = "keep-";

/// The fields that tell who somebody is; nothing else of a form has a place in an address, its proof least of all.
const TELLING: &str =
    "#record-form :is([name=name], [name=company], [name=email], [name=phone], [name=document])";

/// The id of the part of a form that tells who is there already.
pub const HINT: &str = "similar";

/// Whether the caller may merge records of this kind.
pub fn may(page: &Page, kind: Kind) -> bool {
    may_merge(
        &|kind: Kind, method| page.may(kind.resource(), method),
        kind,
    )
}

/// What two have in common.
pub fn why(page: &Page, reasons: &[Reason]) -> Markup {
    html! { span class="row" { @for reason in reasons { (badge(Tone::Info, page.t(w::reason(*reason)))) } } }
}

/// The part of a form that is asked for anew as names and numbers are typed.
pub fn hint(page: &Page, kind: Kind, record: Option<&Record>, found: &[Alike]) -> Markup {
    let mut address = format!("{}similar/", place::base(kind));
    if let Some(record) = record {
        address = format!("{address}?except={}", record.id);
    }
    html! {
        div id=(HINT) role="status" hx-get=(address) hx-include=(TELLING) hx-target="this" hx-swap="outerHTML" hx-push-url="false"
            hx-trigger="input from:#record-form delay:400ms" {
            @if !found.is_empty() {
                (told_notice(Tone::Warn, page.t(w::MAYBE_THERE), Some(html! {
                    ul class="stack-tight" { @for one in found {
                        li class="row" {
                            a href=(place::of(kind, one.record.id)) { (value::title(page.language(), &one.record)) }
                            (why(page, &one.reasons))
                        }
                    } }
                })))
            }
        }
    }
}

/// `GET /customers/similar/`: that part alone.
pub async fn similar(kind: Kind, page: Page, crm: Crm, query: Query) -> ApiResult {
    let mut asked = probe(&query)?;
    // Of a lead the company counts, if it tells one.
    if kind == Kind::Lead
        && let Some((_, company)) = query
            .without("")
            .into_iter()
            .find(|(name, _)| name == "company")
        && !company.trim().is_empty()
    {
        asked.name = company;
    }
    let found = duplicates::alike(&crm.data, kind, &asked).await?;
    let record = asked.except.map(|id| {
        let mut record = Record::new(kind, crm.now);
        record.id = id;
        record
    });
    Ok(page.fragment(hint(&page, kind, record.as_ref(), &found)))
}

/// `GET /customers/duplicates/`.
pub async fn list(kind: Kind, page: Page, crm: Crm) -> ApiResult {
    list_as(kind, page, crm, None).await
}

/// The same once something was refused.
pub async fn list_as(kind: Kind, page: Page, crm: Crm, refused: Option<&str>) -> ApiResult {
    let groups = duplicates::groups(&crm.data, kind).await?;
    let header = PageHeader {
        breadcrumbs: vec![(
            page.t(r::many(kind)).to_owned(),
            place::list(kind).to_owned(),
        )],
        title: page.t(w::DUPLICATES).to_owned(),
        subtitle: Some(html! { (page.t(w::DUPLICATES_DETAIL)) }),
        actions: Some(apart::link(&page, kind)),
        ..PageHeader::default()
    };
    let content = html! {
        (header.render(page.language()))
        @if let Some(refused) = refused { (told_notice(Tone::Danger, refused, None)) }
        @if groups.is_empty() {
            (empty_state("copy", page.t(w::NO_DUPLICATES), page.t(w::NO_DUPLICATES_DETAIL), None))
        }
        div class="stack" { @for group in &groups { (group_card(&page, kind, group)) } }
    };
    let status = refused.map_or(StatusCode::OK, |_| StatusCode::BAD_REQUEST);
    Ok(page.show_as(status, page.t(w::DUPLICATES), content))
}

fn group_card(page: &Page, kind: Kind, group: &Group) -> Markup {
    let language = page.language();
    let heads = [
        Column::new(page.t(r::NAME)),
        Column::new(page.t(f::label(kind, "email"))),
        Column::new(page.t(f::label(kind, "phone"))),
        Column::new(page.t(f::label(kind, "document"))),
        Column::new(page.t(w::MERGE)).silent().shrink(),
    ];
    let first = group.records.first().map_or(0, |record| record.id);
    let may = may(page, kind);
    let rows = group.records.iter().map(|record| {
        let title = value::title(language, record);
        let other = if record.id == first { 0 } else { record.id };
        let merge = html! { @if may && other != 0 {
            (link_button(page.t(w::COMPARE), compare_address(kind, first, other)).small()
                .attr("aria-label", format!("{}: {title}", page.t(w::COMPARE))))
        } };
        let phone = value::phone(record.text("phone"));
        let document = match record.text("document").parse::<TaxId>() {
            Ok(id) => id.to_string(),
            Err(_) => record.text("document").to_owned(),
        };
        let cells = [
            html! { (title) },
            html! { span class="breaks" { (record.text("email")) } },
            html! { span class="nowrap" { (phone) } },
            html! { span class="nowrap" { (document) } },
            merge,
        ];
        Row::to(place::of(kind, record.id), cells)
    });
    let rows: Vec<Row> = rows.collect();
    let title = w::group(language, group.count, page.t(w::reason(group.reason)));
    let records: Vec<&Record> = group.records.iter().collect();
    let titles: Vec<String> = records
        .iter()
        .map(|record| value::title(language, record))
        .collect();
    let apart = apart::say(page, kind, &records, Some(&titles.join(", ")));
    card(&title, apart, data_table(language, &title, &heads, &rows))
}

/// The page on which two are compared.
fn compare_address(kind: Kind, stays: i64, goes: i64) -> String {
    format!("{}?{OTHER}={goes}", place::act(kind, stays, "merge"))
}

/// Two records, and what is chosen of them.
struct Pair<'a> {
    page: &'a Page,
    this: &'a Record,
    other: &'a Record,
    names: &'a Names,
    told: &'a Map<String, Value>,
    refused: Option<String>,
}

impl Pair<'_> {
    fn content(&self) -> Markup {
        let (page, kind) = (self.page, self.this.kind);
        let swap = compare_address(kind, self.other.id, self.this.id);
        let differing: Vec<&Field> = fields(kind)
            .filter(|field| self.this.get(field.name) != self.other.get(field.name))
            .collect();
        let told = |record: &Record, field: &CustomField| record.told(&field.name());
        let customs: Vec<&CustomField> = page
            .customs()
            .of(kind)
            .map(|field| &**field)
            .filter(|field| told(self.this, field) != told(self.other, field))
            .collect();
        html! {
            (header(page, kind, self.this))
            @if let Some(refused) = &self.refused { (told_notice(Tone::Danger, refused, None)) }
            form class="form stack" method="post" action=(place::act(kind, self.this.id, "merge")) {
                p { (w::stays_and_goes(page.language(), self.title(self.this), self.title(self.other))) " " a href=(swap) { (page.t(w::SWAP)) } }
                (page.proof())
                (sent::key_field())
                (sent::version_field(self.this.version))
                input type="hidden" name=(OTHER) value=(self.other.id);
                input type="hidden" name=(OTHER_VERSION) value=(self.other.version);
                (card(page.t(w::WHAT_STAYS), None, html! {
                    @if differing.is_empty() && customs.is_empty() { p { (page.t(w::ALL_THE_SAME)) } }
                    div class="form-grid" {
                        @for field in differing { (self.choice(field)) }
                        @for field in customs { (self.custom_choice(field)) }
                    }
                }))
                p class="quiet" { (page.t(w::MERGE_DETAIL)) }
                (form_actions(html! {
                    (button(page.t(w::MERGE)).primary().icon("merge"))
                    (link_button(page.t(c::CANCEL), place::of(kind, self.this.id)).quiet())
                }))
            }
            (apart::where_compared(page, self.this, self.other))
        }
    }

    fn title(&self, record: &Record) -> String {
        value::title(self.page.language(), record)
    }

    fn custom_choice(&self, field: &CustomField) -> Markup {
        let page = self.page;
        let name = format!("{CHOICE}{}", field.name());
        let text = |record: &Record| {
            let value = record.customs().and_then(|values| values.get(&field.key));
            let text = value.map(|value| custom::text(page, field, value));
            text.unwrap_or_else(|| page.t(w::NOTHING).to_owned())
        };
        let has = self
            .this
            .customs()
            .is_some_and(|values| values.get(&field.key).is_some());
        let usual = if has { Whose::This } else { Whose::Other };
        let told = self.told.get(&name).and_then(Value::as_str);
        let choices = custom_open_to(field.ty).iter().map(|whose| {
            let label = match whose {
                Whose::This => text(self.this),
                Whose::Other => text(self.other),
                Whose::Both => page.t(w::BOTH).to_owned(),
            };
            Choice::new(whose.as_str(), label)
        });
        Control::radio(name.clone(), field.label.clone())
            .id(name.clone())
            .choices(choices)
            .value(told.unwrap_or(usual.as_str()))
            .render(page.language())
    }

    fn choice(&self, field: &Field) -> Markup {
        let (page, kind) = (self.page, self.this.kind);
        let name = format!("{CHOICE}{}", field.name);
        let usual = choice_of(field, self.this, self.other).as_str();
        let chosen = self
            .told
            .get(&name)
            .and_then(Value::as_str)
            .unwrap_or(usual);
        let text = |record: &Record| {
            value::text(page, kind, field, record.get(field.name), self.names)
                .filter(|text| !text.is_empty())
                .unwrap_or_else(|| page.t(w::NOTHING).to_owned())
        };
        let choices = open_to(field).iter().map(|whose| {
            let label = match whose {
                Whose::This => text(self.this),
                Whose::Other => text(self.other),
                Whose::Both => page.t(w::BOTH).to_owned(),
            };
            Choice::new(whose.as_str(), label)
        });
        Control::radio(name.clone(), page.t(f::label(kind, field.name)))
            .id(name.clone())
            .choices(choices)
            .value(chosen)
            .render(page.language())
    }
}

fn header(page: &Page, kind: Kind, record: &Record) -> Markup {
    let title = value::title(page.language(), record);
    PageHeader {
        breadcrumbs: vec![
            (
                page.t(r::many(kind)).to_owned(),
                place::list(kind).to_owned(),
            ),
            (title, place::of(kind, record.id)),
        ],
        title: page.t(w::MERGE_TITLE).to_owned(),
        ..PageHeader::default()
    }
    .render(page.language())
}

/// `GET /customers/7/merge/`: with `?other=9` the two side by side, else those that look like it.
pub async fn compare(kind: Kind, page: Page, crm: Crm, id: i64, query: Query) -> ApiResult {
    let mut f = query.fields();
    let other = f.read(OTHER, draft::id);
    f.finish().check(())?;
    let (this, _) = form::now(&page, &crm, kind, id).await?;
    let Some(other) = other else {
        return partners(kind, &page, &crm, &this).await;
    };
    let told = Map::new();
    pair(&page, &crm, (this, other), (&told, None), StatusCode::OK).await
}

async fn pair(
    page: &Page,
    crm: &Crm,
    (this, other): (Record, i64),
    (told, refused): (&Map<String, Value>, Option<String>),
    status: StatusCode,
) -> ApiResult {
    let kind = this.kind;
    let listed = records::find(&crm.data, kind, other)
        .await?
        .ok_or_else(not_found)?;
    let other = listed.record();
    // What can't be one is told before anybody chooses.
    let refused = refused.or_else(|| match merged(&this, &other, &Default::default()) {
        Err(Refusal::Invalid(detail)) => Some(translate(page.language(), &detail)),
        _ => None,
    });
    let mut referred = Vec::new();
    for record in [&this, &other] {
        names::collect(record, &mut referred);
    }
    let names = names::find(&crm.data, &referred, &crm.readable()).await?;
    let pair = Pair {
        page,
        this: &this,
        other: &other,
        names: &names,
        told,
        refused,
    };
    Ok(page.show_as(status, page.t(w::MERGE_TITLE), pair.content()))
}

/// Who may be the same, to be chosen.
async fn partners(kind: Kind, page: &Page, crm: &Crm, this: &Record) -> ApiResult {
    let keys = Keys::of(this).unwrap_or_default();
    let probe = Probe {
        name: keys.name,
        email: this.text("email").to_owned(),
        phone: this.text("phone").to_owned(),
        document: this.text("document").to_owned(),
        except: Some(this.id),
    };
    let found = duplicates::alike(&crm.data, kind, &probe).await?;
    let content = html! {
        (header(page, kind, this))
        @if found.is_empty() {
            (empty_state("copy", page.t(w::NO_PARTNER), page.t(w::NO_PARTNER_DETAIL), None))
        }
        @if !found.is_empty() {
            (card(page.t(w::MAYBE_THERE), None, html! {
                ul class="stack-tight" { @for one in &found {
                    li class="row" {
                        a href=(compare_address(kind, this.id, one.record.id)) { (value::title(page.language(), &one.record)) }
                        (why(page, &one.reasons))
                    }
                } }
            }))
        }
    };
    Ok(page.show(page.t(w::MERGE_TITLE), content))
}

/// `POST /customers/7/merge/`.
pub async fn submit(kind: Kind, page: Page, crm: Crm, id: i64, body: Body) -> ApiResult {
    let told = read(&page, kind, &body.0)?;
    let may = |kind: Kind, method| crm.may(kind, method);
    let condition = sent::condition(&body.0);
    let path = place::act(kind, id, "merge");
    let mut said = body.0.clone();
    said.remove("csrf");
    let key = sent::key(&crm, &body.0, &said, &path);
    let at = (&condition, key.as_ref());
    let outcome = merge::merge(&crm.data, crm.by(), (kind, id), (&told, &may), at).await;
    let (status, refused) = match outcome {
        Ok(once) => {
            let once = once.ok_or_else(not_found)?;
            return Ok(page.done(
                &place::of(kind, id),
                &Notice::new("merged", once.change_set),
            ));
        }
        Err(Error::Refused(Refusal::Invalid(detail))) => {
            (StatusCode::BAD_REQUEST, translate(page.language(), &detail))
        }
        Err(Error::Refused(Refusal::PreconditionFailed)) => {
            let text = page.t(r::CHANGED_MEANWHILE).to_owned();
            (StatusCode::PRECONDITION_FAILED, text)
        }
        Err(Error::Refused(Refusal::Fields(errors))) if !errors.has(OTHER) => {
            let text = messages::line(page.language(), &errors);
            (StatusCode::BAD_REQUEST, text)
        }
        Err(error) => return Err(error.into()),
    };
    let (this, _) = form::now(&page, &crm, kind, id).await?;
    pair(
        &page,
        &crm,
        (this, told.other),
        (&body.0, Some(refused)),
        status,
    )
    .await
}

/// What the form says, as the API is told it.
fn read(page: &Page, kind: Kind, body: &Map<String, Value>) -> Result<Merge, FieldErrors> {
    let mut input = Map::new();
    for name in [OTHER, OTHER_VERSION] {
        input.extend(body.get(name).map(|value| (name.to_owned(), value.clone())));
    }
    // A dot in a name goes one object deeper.
    let choices = body
        .iter()
        .flat_map(|(name, value)| match (name.strip_prefix(CHOICE), value) {
            (None, _) => Vec::new(),
            (Some(field), Value::Object(parts)) => parts
                .iter()
                .map(|(key, value)| (format!("{field}.{key}"), value.clone()))
                .collect(),
            (Some(field), value) => vec![(field.to_owned(), value.clone())],
        });
    input.insert("fields".to_owned(), Value::Object(choices.collect()));
    Merge::parse((kind, page.customs()), &input)
}
