//! Customers and leads.

use super::calendar::Calendar;
use super::chance::Chance;
use super::words::{
    BUSINESSES, CITIES, CUSTOMER_TAGS, DISTRICTS, FIRST, FORMS, LAST, NAMES, SOURCES, STREETS,
};
use super::{Plan, texts};
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use sindico_domain::FieldErrors;
use sindico_domain::brazil::{Phone, TaxId};
use sindico_domain::crm::pipeline::Pipelines;
use sindico_domain::crm::{CustomerKind, Datum, Kind, LeadStatus, Record, settle};
use sindico_domain::fold::fold;

/// The first customer of a tenant, for those who look for somebody with accents.
const FIRST_OF_ALL: &str = "Ana Conceição";

fn person(chance: &mut Chance) -> String {
    let mut name = format!("{} {}", chance.pick(FIRST), chance.pick(LAST));
    if chance.percent(35) {
        name.push_str(&format!(" {}", chance.pick(LAST)));
    }
    name
}

fn company(chance: &mut Chance) -> String {
    let (business, form) = (*chance.pick(BUSINESSES), *chance.pick(FORMS));
    if chance.percent(30) {
        return format!("{business} {} {form}", chance.pick(LAST));
    }
    format!("{business} {} {form}", chance.pick(NAMES))
}

/// An address that nobody else has: the number is this record's own.
fn email(name: &str, number: u64, plan: &Plan<'_>) -> String {
    let folded = fold(name);
    let words = folded.split(|c: char| !c.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).take(3).collect();
    format!("{}.{number}@{}", words.join("."), plan.domain)
}

/// Drawn by lot: if it is anybody's, that is chance.
fn cpf(chance: &mut Chance) -> Option<TaxId> {
    TaxId::completed(&chance.digits(9))
}

/// One of eight has letters, as new ones may since July 2026.
fn cnpj(chance: &mut Chance) -> Option<TaxId> {
    let letters = chance.percent(12);
    let mut body = chance.digits(8);
    if letters {
        let known = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        body = (0..8).map(|_| char::from(*chance.pick(known))).collect();
    }
    TaxId::completed(&format!("{body}0001"))
}

/// As people write it, which is not always the same.
fn written(chance: &mut Chance, id: Option<TaxId>) -> String {
    match id {
        Some(id) if chance.percent(80) => id.to_string(),
        Some(id) => id.normal().to_owned(),
        None => String::new(),
    }
}

/// A mobile number that begins with 90, as those in use hardly do: nobody should be called by it.
fn mobile(chance: &mut Chance, area: u8) -> String {
    let number = chance.digits(7);
    phone(chance, &format!("{area}90{number}"))
}

fn landline(chance: &mut Chance, area: u8) -> String {
    let number = chance.digits(7);
    phone(chance, &format!("{area}3{number}"))
}

fn phone(chance: &mut Chance, national: &str) -> String {
    match national.parse::<Phone>() {
        Ok(phone) if chance.percent(70) => phone.to_string(),
        Ok(phone) if chance.percent(50) => phone.e164().to_owned(),
        _ => national.to_owned(),
    }
}

fn address(chance: &mut Chance, city: usize, label: &str) -> Value {
    let (city, state, _, least, most) = CITIES[city];
    let cep = chance.between(least.into(), most.into());
    let end = chance.between(0, 899);
    let mut address = json!({
        "label": label, "street": chance.pick(STREETS), "number": chance.between(1, 2400).to_string(),
        "district": chance.pick(DISTRICTS), "city": city, "state": state, "cep": format!("{cep:05}-{end:03}"),
    });
    if chance.percent(25) {
        let complement = format!("Sala {}", chance.between(1, 90));
        address["complement"] = complement.into();
    }
    address
}

fn tags(chance: &mut Chance, all: &[&str], most: i64) -> Datum {
    let mut tags: Vec<String> = Vec::new();
    for _ in 0..chance.between(0, most) {
        let tag = (*chance.pick(all)).to_owned();
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    Datum::Tags(tags)
}

pub(super) fn sale_tags(chance: &mut Chance) -> Datum {
    tags(chance, super::words::SALE_TAGS, 2)
}

/// A customer. `number` is what no other customer of the tenant has.
pub(super) fn customer(
    chance: &mut Chance,
    plan: &Plan<'_>,
    number: u64,
    at: Timestamp,
) -> Result<Record, FieldErrors> {
    let mut record = Record::new(Kind::Customer, at);
    let is_person = number == 1 || chance.percent(38);
    let name = match (number, is_person) {
        (1, _) => FIRST_OF_ALL.to_owned(),
        (_, true) => person(chance),
        (_, false) => company(chance),
    };
    let city = chance.place(CITIES.len());
    let area = CITIES[city].2;
    record.set_text("email", email(&name, number, plan));
    record.set_text("name", name);
    let document = if is_person { cpf(chance) } else { cnpj(chance) };
    if chance.percent(88) {
        let document = written(chance, document);
        record.set_text("document", document);
    } else {
        let kind = if is_person {
            CustomerKind::Person
        } else {
            CustomerKind::Company
        };
        record.set_text("kind", kind.as_str());
    }
    if chance.percent(92) {
        let phone = if is_person || chance.percent(60) {
            mobile(chance, area)
        } else {
            landline(chance, area)
        };
        record.set_text("phone", phone);
    }
    if !is_person && chance.percent(35) {
        let buyer = person(chance);
        let contact = json!([{"kind": "WHATSAPP", "value": mobile(chance, area), "label": buyer}]);
        record.set("contacts", Datum::List(contact));
    }
    if chance.percent(85) {
        let mut list = vec![address(chance, city, "Principal")];
        if !is_person && chance.percent(12) {
            list.push(address(chance, city, "Entrega"));
        }
        record.set("addresses", Datum::List(list.into()));
    }
    let words = tags(chance, CUSTOMER_TAGS, 3);
    record.set("tags", words);
    if let Some(owner) = plan.somebody(chance) {
        record.set("owner", plan.user(Some(owner)));
    }
    if chance.percent(25) {
        record.set_text("notes", *chance.pick(texts::CUSTOMER_NOTES));
    }
    settle(None, &mut record, at, Pipelines::contract())?;
    Ok(record)
}

/// A lead. Whoever was converted has a customer.
pub(super) fn lead(
    chance: &mut Chance,
    plan: &Plan<'_>,
    calendar: &Calendar,
    (number, at): (u64, Timestamp),
    status: LeadStatus,
    customer: Option<i64>,
) -> Result<Record, FieldErrors> {
    let mut record = Record::new(Kind::Lead, at);
    let name = person(chance);
    let area = CITIES[chance.place(CITIES.len())].2;
    record.set_text("source", *chance.pick(SOURCES));
    if chance.percent(80) {
        record.set_text("email", email(&name, number, plan));
    }
    if chance.percent(85) {
        record.set_text("phone", mobile(chance, area));
    }
    if chance.percent(65) {
        record.set_text("company", company(chance));
        if chance.percent(20) {
            let document = cnpj(chance);
            record.set_text("document", written(chance, document));
        }
    }
    record.set_text("name", name);
    record.set_text("status", status.as_str());
    record.set("customer", customer.map_or(Datum::Null, Datum::Int));
    let score = match status {
        LeadStatus::New => (chance.percent(50)).then(|| chance.between(5, 70)),
        LeadStatus::Disqualified => Some(chance.between(0, 45)),
        LeadStatus::Qualified => Some(chance.between(45, 95)),
        LeadStatus::Converted => Some(chance.between(55, 100)),
    };
    record.set("score", score.map_or(Datum::Null, Datum::Int));
    if chance.percent(60) {
        let budget = Decimal::new(chance.between(5, 400) * 10_000, 2);
        record.set("budget", Datum::Money(budget));
    }
    if status == LeadStatus::Disqualified {
        let reason = *chance.pick(texts::DISQUALIFICATIONS);
        record.set_text("disqualification_reason", reason);
    }
    // Nobody has looked at some of the new ones yet.
    if status != LeadStatus::New || chance.percent(50) {
        let owner = plan.somebody(chance);
        record.set("owner", plan.user(owner));
    }
    if chance.percent(45) {
        record.set_text("notes", *chance.pick(texts::LEAD_NOTES));
    }
    settle(None, &mut record, at, Pipelines::contract())?;
    if status != LeadStatus::New {
        let moved = at + SignedDuration::from_hours(24 * chance.between(1, 20));
        record.updated_at = calendar.office(moved).max(at);
    }
    Ok(record)
}
