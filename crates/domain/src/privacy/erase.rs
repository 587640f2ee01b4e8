//! A record of which nothing tells who it was about.

use super::traces::Traces;
use crate::crm::{Datum, Default, Field, FieldType, Kind, Record};

/// What is there instead of a name. It is data, and so of one language.
pub const CALLED: &str = "Anonimizado";

/// What a record is called of which everything was erased.
pub fn called(id: i64) -> String {
    format!("{CALLED} {id}")
}

/// The record without what tells something about a person, and without what names one of these. What it is counted
/// by stays: its state, its amounts, its days, and who worked on it.
#[must_use]
pub fn erased(record: &Record, traces: &Traces) -> Record {
    let mut after = record.clone();
    for (field, value) in record.kind.fields().iter().zip(&mut after.values) {
        if !field.is_stored() {
            continue;
        }
        if field.pii {
            *value = Datum::empty(field.ty);
        } else {
            match value {
                Datum::Text(text) if is_free(field) && traces.named_in(text) => text.clear(),
                Datum::Tags(tags) => tags.retain(|tag| !traces.named_in(tag)),
                _ => {}
            }
        }
        if field.default == Default::Required && value.is_empty() {
            *value = match field.ty {
                // A top level that is nobody's (RFC 2606).
                FieldType::Email => {
                    Datum::Text(format!("anonimizado-{}@anonimizado.invalid", record.id))
                }
                _ => Datum::Text(called(record.id)),
            };
        }
    }
    after
}

/// The fields whose values in the history may tell who a record was about.
pub fn told_of(kind: Kind) -> Vec<&'static str> {
    let fields = kind.fields().iter();
    let told = fields.filter(|field| field.pii || is_free(field) || field.ty == FieldType::Tags);
    told.map(|field| field.name).collect()
}

/// Whether somebody writes into it what they like.
fn is_free(field: &Field) -> bool {
    matches!(
        field.ty,
        FieldType::Text(_) | FieldType::Email | FieldType::Phone | FieldType::TaxId
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    fn lead() -> Record {
        let mut lead = Record::new(Kind::Lead, Timestamp::UNIX_EPOCH);
        lead.id = 5;
        lead.set_text("name", "Maria Clara Souza");
        lead.set_text("email", "maria@example.com");
        lead.set_text("source", "Indicação da Maria");
        lead.set_text("disqualification_reason", "Sem verba");
        lead.set("budget", Datum::Money(Decimal::new(1_000, 2)));
        lead.set(
            "tags",
            Datum::Tags(vec!["maria".to_owned(), "solar".to_owned()]),
        );
        lead
    }

    #[test]
    fn what_is_counted_stays_and_nobody_is_named() {
        let lead = lead();
        let traces = Traces::of([&lead]);
        let after = erased(&lead, &traces);
        assert_eq!((after.text("name"), after.text("email")), ("", ""));
        assert_eq!(after.text("source"), "Anonimizado 5");
        assert_eq!(after.text("disqualification_reason"), "Sem verba");
        assert_eq!(after.get("budget"), lead.get("budget"));
        assert_eq!(after.get("tags"), &Datum::Tags(vec!["solar".to_owned()]));
        let mut sale = Record::new(Kind::Opportunity, Timestamp::UNIX_EPOCH);
        sale.id = 9;
        sale.set_text("title", "Forno para Maria");
        sale.set_text("next_step", "Ligar");
        let after = erased(&sale, &traces);
        assert_eq!(after.text("title"), "Anonimizado 9");
        assert_eq!(after.text("next_step"), "Ligar");
    }

    #[test]
    fn a_customer_keeps_what_it_must_have() {
        let mut customer = Record::new(Kind::Customer, Timestamp::UNIX_EPOCH);
        customer.id = 7;
        customer.set_text("name", "Ana");
        customer.set_text("email", "ana@example.com");
        let after = erased(&customer, &Traces::of([&customer]));
        assert_eq!(after.text("name"), "Anonimizado 7");
        assert_eq!(after.text("email"), "anonimizado-7@anonimizado.invalid");
    }

    proptest! {
        /// Whatever stood in a record, nothing of it is left in a field that tells something about a person.
        #[test]
        fn nothing_personal_is_left(text in "[a-z]{12,20}", kind in prop::sample::select(Kind::ALL)) {
            let mut record = Record::new(kind, Timestamp::UNIX_EPOCH);
            for (field, value) in kind.fields().iter().zip(&mut record.values) {
                match field.ty {
                    FieldType::Text(_) | FieldType::Email | FieldType::Phone | FieldType::TaxId if field.pii => *value = Datum::Text(text.clone()),
                    FieldType::Addresses | FieldType::Contacts => *value = Datum::List(serde_json::json!([{"value": text}])),
                    _ => {}
                }
            }
            let after = erased(&record, &Traces::of([&record]));
            for value in &after.values {
                prop_assert!(!value.to_json().to_string().contains(&text));
            }
            // To do it again changes nothing.
            prop_assert_eq!(erased(&after, &Traces::of([&record])), after);
        }
    }
}
