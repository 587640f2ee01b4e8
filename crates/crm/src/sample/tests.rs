use super::calendar::Calendar;
use super::chance::Chance;
use super::sales::{self, Origin, Stages};
use super::*;
use proptest::prelude::*;
use sindico_domain::brazil::{Cep, Phone, TaxId};
use sindico_domain::crm::LeadStatus;
use sindico_domain::crm::draft::{Draft, Whole};
use sindico_domain::crm::pipeline::Pipelines;
use sindico_domain::crm::{FieldType, Stage, settle};
use std::collections::{HashMap, HashSet};

fn members() -> Vec<UserRef> {
    let user = |id, name: &str| UserRef {
        id,
        username: name.to_owned(),
    };
    vec![user(7, "ana"), user(8, "bia")]
}

/// So many records of each kind, without a database.
fn make(seed: u64, all: u64, members: &[UserRef]) -> Vec<Record> {
    let zone = TimeZone::get("America/Sao_Paulo").unwrap();
    let now = "2026-11-24T13:30:00Z".parse().unwrap();
    let plan = Plan {
        amounts: Amounts::default(),
        seed,
        trade: Trade::of(seed),
        domain: "acme.example.com",
        zone: &zone,
        members,
    };
    let zone = zone.clone();
    let calendar = Calendar { now, zone };
    let mut chance = Chance::new(seed, 0);
    let mut stages = Stages::default();
    let mut records = Vec::new();
    for n in 0..all {
        let (at, back) = calendar.past(&mut chance, (n, all), 1.0);
        let id = i64::try_from(n).unwrap() + 1;
        let customer = people::customer(&mut chance, &plan, n + 1, at).unwrap();
        let status = *chance.pick(LeadStatus::ALL);
        let given = (status == LeadStatus::Converted).then_some(id);
        let lead = people::lead(&mut chance, &plan, &calendar, (n + 1, at), status, given);
        let owner = plan.place_of(&customer);
        let origin = Origin {
            at,
            customer: id,
            lead: given,
            owner,
        };
        let stage = stages.next(back, all > FEW);
        let sale = sales::opportunity(&mut chance, &plan, &calendar, &origin, stage).unwrap();
        let about = About {
            kind: Kind::Opportunity,
            id,
            at,
            closed: sale.instant("closed_at"),
            owner,
        };
        let past = tasks::past(&mut chance, &plan, &calendar, &about, at).unwrap();
        let pending = tasks::pending(&mut chance, &plan, &calendar, &about, n).unwrap();
        records.extend([customer, lead.unwrap(), sale, past, pending]);
    }
    for month in sales::months(&calendar) {
        records.push(sales::goal(month, members.first(), (20_000, 2), now).unwrap());
        records.push(sales::goal(month, None, (20_000, 2), now).unwrap());
    }
    records
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// What is generated could have been typed: it passes what requests pass, and the rules.
    #[test]
    fn every_record_is_one_that_somebody_could_write(seed in any::<u64>(), alone in any::<bool>()) {
        let members = if alone { Vec::new() } else { members() };
        let known: HashMap<i64, String> = members.iter().map(|u| (u.id, u.username.clone())).collect();
        for record in make(seed, 40, &members) {
            let mut body = serde_json::to_value(&record).unwrap();
            let body = body.as_object_mut().unwrap();
            let draft = Draft::parse(record.kind, body, Whole::Yes);
            let mut again = record.clone();
            prop_assert!(draft.is_ok(), "{record:?}: {draft:?}");
            draft.unwrap().apply(&mut again, &known).unwrap();
            settle(Some(&record), &mut again, record.updated_at, Pipelines::contract()).unwrap();
            prop_assert_eq!(&again, &record);
        }
    }

    #[test]
    fn documents_telephones_and_addresses_are_right(seed in any::<u64>()) {
        for record in make(seed, 40, &members()) {
            for (field, value) in record.kind.fields().iter().zip(&record.values) {
                match (field.ty, value) {
                    (_, value) if value.is_empty() => {}
                    (FieldType::TaxId, Datum::Text(text)) => prop_assert!(text.parse::<TaxId>().is_ok(), "{text}"),
                    (FieldType::Phone, Datum::Text(text)) => prop_assert!(text.parse::<Phone>().is_ok(), "{text}"),
                    (FieldType::Contacts, Datum::List(list)) => {
                        let number = list[0]["value"].as_str().unwrap();
                        prop_assert!(number.parse::<Phone>().unwrap().is_mobile());
                    }
                    (FieldType::Addresses, Datum::List(list)) => {
                        prop_assert!(list[0]["cep"].as_str().unwrap().parse::<Cep>().is_ok());
                    }
                    _ => {}
                }
            }
        }
    }

    /// Nothing was done before it was written down, or later than now, and nothing but what is to be done
    /// is ahead.
    #[test]
    fn times_are_in_order(seed in any::<u64>()) {
        let now: Timestamp = "2026-11-24T13:30:00Z".parse().unwrap();
        for record in make(seed, 40, &members()) {
            prop_assert!(record.created_at <= record.updated_at && record.updated_at <= now, "{record:?}");
            for field in ["closed_at", "completed_at"] {
                if record.kind.position(field).is_some() && let Some(at) = record.instant(field) {
                    prop_assert!(record.created_at <= at && at <= now, "{record:?}");
                }
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_data() {
    assert_eq!(make(7, 60, &members()), make(7, 60, &members()));
    assert_ne!(make(7, 60, &members()), make(8, 60, &members()));
}

#[test]
fn no_address_is_given_twice_and_the_first_customer_has_accents() {
    let records = make(3, 2_000, &members());
    let customers: Vec<&Record> = records
        .iter()
        .filter(|record| record.kind == Kind::Customer)
        .collect();
    let emails: HashSet<String> = customers
        .iter()
        .map(|record| record.text("email").to_lowercase())
        .collect();
    assert_eq!(emails.len(), customers.len());
    assert!(emails.iter().all(|email| email.ends_with(".example.com")));
    assert_eq!(customers[0].text("name"), "Ana Conceição");
    let lettered = customers.iter().filter(|record| {
        let document = record.text("document");
        document.chars().any(|c| c.is_ascii_alphabetic())
    });
    assert!(lettered.count() > 20);
}

#[test]
fn few_sales_stand_in_all_stages_and_of_many_one_in_six_is_open() {
    for (all, open) in [(14u64, 6..=10), (12_000, 1_900..=2_100)] {
        let mut stages = Stages::default();
        let mut seen: HashMap<Stage, u64> = HashMap::new();
        for n in 0..all {
            let back = 1.0 - (n as f64 + 0.5) / all as f64;
            *seen.entry(stages.next(back, all > FEW)).or_default() += 1;
        }
        assert_eq!(seen.len(), Stage::ALL.len(), "{seen:?}");
        let still = seen.iter().filter(|(stage, _)| !stage.is_final());
        let still: u64 = still.map(|(_, count)| count).sum();
        assert!(open.contains(&still), "{seen:?}");
    }
}
