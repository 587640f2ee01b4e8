//! `/customers/7/`: a record's page. What it is, what can be done with it, what belongs to it, and what
//! has happened.

use super::inline::{Inline, is_inline};
use super::{actions, custom, files, place, quick, related, sent, timeline, typed, value};
use crate::contract::Query;
use crate::contract::error::{ApiResult, not_found};
use crate::contract::query::page as page_of;
use crate::pages::kit::{
    PageHeader, Tone, badge, card, description_list, format, link_button, notice as told_notice,
    person,
};
use crate::pages::page::Page;
use crate::pages::portal::quotes;
use crate::pages::words::{fields as f, records as w};
use crate::portal::crm::Crm;
use crate::portal::privacy::looks::looked;
use maud::{Markup, html};
use serde_json::{Map, Value};
use sindico_crm::changes;
use sindico_crm::names::Names;
use sindico_crm::sheet::{self, Sheet};
use sindico_domain::access::capability::Method;
use sindico_domain::access::fields::FieldAccess;
use sindico_domain::brazil::Phone;
use sindico_domain::crm::{Access, Datum, Field, FieldType, Kind, Record};
use sindico_domain::input::Fields;

/// How many changes are shown at once.
const CHANGES: i64 = 25;

/// `GET /customers/7/`.
pub async fn show(kind: Kind, page: Page, crm: Crm, id: i64, query: Query) -> ApiResult {
    let asked: Map<String, Value> = query
        .without("")
        .into_iter()
        .map(|(name, value)| (name, value.into()))
        .collect();
    let mut f = Fields::new(&asked);
    if let Some(change) = f.read("at", sindico_domain::crm::draft::id) {
        return past(kind, page, crm, id, change).await;
    }
    let mut request = page_of(&mut f);
    f.finish().check(())?;
    request.limit = CHANGES;
    let found = sheet::show(&crm.data, (kind, id), &crm.reader(), &request).await?;
    let sheet = found.ok_or_else(not_found)?;
    looked(&crm, kind, id);
    let members = match page.may(kind.resource(), Method::Patch)
        || page.may(Kind::Activity.resource(), Method::Post)
    {
        true => sent::people(&crm).await?,
        false => Vec::new(),
    };
    let names = names_of(&sheet);
    let typed = typed::of_record(&page, &sheet.record, &names);
    let inline = Inline {
        page: &page,
        record: &sheet.record,
        typed: &typed,
        names: &names,
        members: &members,
    };
    let record = &sheet.record;
    let older = sheet
        .timeline
        .next
        .as_ref()
        .map(|next| format!("{}?cursor={}#timeline", place::of(kind, id), next.encode()));
    // What others change is seen, while nobody types here.
    let content = html! { div id="record" data-live="customer lead opportunity activity sales_goal" {
        (header(&page, &sheet, Some(actions::buttons(&page, record))))
        (actions::dialogs(&page, record, &names))
        div class="columns record-page" {
            div class="stack" {
                (card(page.t(w::DETAILS), None, facts(&page, record, &names, Some(&inline))))
                (related::cards(&page, &sheet))
                @if kind == Kind::Opportunity { (quotes::of_sale(&page, id, &sheet.offers, crm.today())) }
                (files::card(&page, record, &sheet.files))
            }
            div class="stack" {
                (quick::card(&page, record, &members))
                section class="card" id="timeline" {
                    div class="card-head" { h2 { (page.t(w::TIMELINE)) } }
                    div class="card-body" {
                        @if sheet.timeline.items.is_empty() { p class="quiet" { (page.t(w::NO_TIMELINE)) } }
                        @else { (timeline::entries(&page, &sheet.timeline.items, &names, Some((kind, id)))) }
                        @if older.is_some() || request.after.is_some() {
                            div class="row" {
                                @if request.after.is_some() { (link_button(page.t(w::NEWEST), place::of(kind, id)).small().quiet()) }
                                @if let Some(older) = older { (link_button(page.t(w::OLDER), older).small()) }
                            }
                        }
                    }
                }
            }
        }
    } };
    Ok(page.show(&value::title(page.language(), record), content))
}

/// The names of what a record refers to, as its page knows them anyway.
fn names_of(sheet: &Sheet) -> Names {
    let related = sheet.related.iter();
    related
        .map(|one| ((one.kind, one.id), one.title.clone()))
        .collect()
}

fn header(page: &Page, sheet: &Sheet, actions: Option<Markup>) -> Markup {
    let record = &sheet.record;
    let kind = record.kind;
    let header = PageHeader {
        breadcrumbs: vec![(
            page.t(w::many(kind)).to_owned(),
            place::list(kind).to_owned(),
        )],
        title: value::title(page.language(), record),
        subtitle: Some(subtitle(page, sheet)),
        badges: Some(badges(page, record)),
        actions,
    };
    header.render(page.language())
}

/// Its state; and what is wrong with it.
fn badges(page: &Page, record: &Record) -> Markup {
    let kind = record.kind;
    let state = |field: &str| {
        let word = record.text(field);
        badge(
            value::state_tone(page, kind, field, word),
            &value::state_of(page, kind, field, word),
        )
    };
    html! {
        @match kind {
            Kind::Lead => { (state("status")) }
            Kind::Opportunity => { (state("stage")) }
            Kind::Activity => {
                (state("kind")) (state("status"))
                @if record.get("is_overdue") == &Datum::Flag(true) { (badge(Tone::Danger, page.t(w::OVERDUE))) }
            }
            Kind::Customer | Kind::SalesGoal => {}
        }
    }
}

/// Whose it is, what it is about, and the ways to reach somebody.
fn subtitle(page: &Page, sheet: &Sheet) -> Markup {
    let record = &sheet.record;
    let owner = ["owner", "assigned_to", "assignee"]
        .into_iter()
        .find(|name| record.kind.position(name).is_some())
        .and_then(|name| record.user(name));
    let referred = sheet.related.iter().filter(|one| one.referred);
    html! {
        span class="row" {
            @if let Some(owner) = owner { (person(&owner.username)) }
            @for one in referred.clone() {
                a href=(place::of(one.kind, one.id)) { (one.title) }
                @if one.deleted { span class="quiet" { "(" (page.t(w::IN_BIN)) ")" } }
            }
            @match record.kind {
                Kind::Customer | Kind::Lead => {
                    (contact(page, &value::title(page.language(), record), record.text("phone"), record.text("email")))
                }
                _ => { @if let Some(one) = referred.clone().find(|one| !one.phone.is_empty() || !one.email.is_empty()) {
                    (contact(page, &one.title, &one.phone, &one.email))
                } }
            }
        }
    }
}

/// Links that call, write and open a talk on WhatsApp.
fn contact(page: &Page, whom: &str, phone: &str, email: &str) -> Markup {
    let language = page.language();
    let number = phone.parse::<Phone>().ok();
    let label = |word| w::contact_by(language, page.t(word), whom);
    html! {
        @if let Some(number) = &number {
            (link_button(label(w::CALL), format!("tel:{}", number.e164())).quiet().small().icon_only("phone").attr("title", number.to_string()))
            @if number.is_mobile() {
                (link_button(label(w::WHATSAPP), number.whatsapp_link()).quiet().small().icon_only("message-circle")
                    .attr("target", "_blank").attr("rel", "noopener noreferrer").attr("title", page.t(w::WHATSAPP)))
            }
        }
        @if !email.is_empty() {
            (link_button(label(w::WRITE), format!("mailto:{email}")).quiet().small().icon_only("mail").attr("title", email.to_owned()))
        }
    }
}

/// Fields that say nothing to a person, or that the page says elsewhere.
fn is_hidden(record: &Record, field: &Field, value: &Datum) -> bool {
    let derived = field.access != Access::Input;
    let told = matches!(value, Datum::Flag(false)) || value.is_empty();
    let late = matches!(
        (record.kind, field.name),
        (Kind::Lead, "disqualification_reason") | (Kind::Opportunity, "loss_reason")
    );
    field.name == "rank" || ((derived || late) && told)
}

fn facts(page: &Page, record: &Record, names: &Names, inline: Option<&Inline<'_>>) -> Markup {
    let kind = record.kind;
    let may = page.may(kind.resource(), Method::Patch);
    let mut facts: Vec<(&str, Option<Markup>)> = Vec::new();
    for (field, value) in kind.fields().iter().zip(&record.values) {
        if field.ty == FieldType::Custom {
            let all = custom::of(page, record).into_iter();
            facts.extend(all.map(|(field, value)| {
                let shown = custom::shown(page, field, value, true);
                (field.label.as_str(), Some(shown))
            }));
            continue;
        }
        let access = page.access(kind, field.name);
        if is_hidden(record, field, value) || access == FieldAccess::None {
            continue;
        }
        let shown = match inline {
            Some(inline) if may && access == FieldAccess::Write && is_inline(kind, field) => {
                Some(inline.value(field))
            }
            _ => value::shown(page, kind, field, value, names, true),
        };
        facts.push((page.t(f::label(kind, field.name)), shown));
    }
    for (word, at) in [
        (w::CREATED_AT, record.created_at),
        (w::UPDATED_AT, record.updated_at),
    ] {
        facts.push((
            page.t(word),
            Some(format::datetime(page.language(), at, &page.zone)),
        ));
    }
    description_list(page.language(), &facts)
}

/// `?at=<change>`: the record as it stood after that change.
async fn past(kind: Kind, page: Page, crm: Crm, id: i64, change: i64) -> ApiResult {
    let found = changes::as_it_stood(&crm.data, (kind, id), change).await?;
    let past = found.ok_or_else(not_found)?;
    let mut wanted = Vec::new();
    sindico_crm::names::collect(&past.record, &mut wanted);
    let names = sindico_crm::names::find(&crm.data, &wanted, &crm.readable()).await?;
    let language = page.language();
    let when = format::datetime_text(language, past.change.at, &page.zone);
    let sheet = Sheet {
        record: past.record,
        related: Vec::new(),
        files: Vec::new(),
        offers: Vec::new(),
        timeline: sindico_domain::page::Page {
            items: vec![past.change],
            next: None,
            total: None,
        },
    };
    let record = &sheet.record;
    let content = html! { div class="stack" {
        (header(&page, &sheet, None))
        (told_notice(Tone::Warn, &w::stood_on(language, &when), Some(html! {
            p { (page.t(w::STOOD_DETAIL)) }
            p { (link_button(page.t(w::BACK_TO_NOW), place::of(kind, id)).small()) }
        })))
        div class="columns record-page" {
            (card(page.t(w::DETAILS), None, facts(&page, record, &names, None)))
            (card(page.t(w::TIMELINE), None, timeline::entries(&page, &sheet.timeline.items, &names, Some((kind, id)))))
        }
    } };
    Ok(page.show(&value::title(language, record), content))
}
