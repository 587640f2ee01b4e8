//! Customers: whom the company sells to.

use super::datum::Datum;
use super::field::{Field, FieldType, SortKey};
use super::record::Record;
use crate::brazil::TaxId;
use crate::words::words;

words! {
    /// What a customer is before the law.
    CustomerKind { /// Has a CNPJ.
        Company = "COMPANY", /// Has a CPF.
        Person = "PERSON" }
}

pub(super) const FIELDS: &[Field] = &[
    Field::new("name", FieldType::Text(255), "A person's or a company's.")
        .required()
        .personal(),
    Field::new(
        "email",
        FieldType::Email,
        "Unique in the tenant, whatever the letter case.",
    )
    .required()
    .filtered()
    .personal(),
    Field::new("phone", FieldType::Phone, "As it was written.").personal(),
    Field::new(
        "document",
        FieldType::TaxId,
        "CPF or CNPJ, as it was written; check digits are verified.",
    )
    .personal(),
    Field::new(
        "kind",
        FieldType::Choice(&["COMPANY", "PERSON"]),
        "Told by the document unless it is said.",
    )
    .filtered(),
    Field::new("owner", FieldType::User, "The member who looks after it.").filtered(),
    Field::new("tags", FieldType::Tags, "Short words to find it by.").filtered(),
    Field::new("addresses", FieldType::Addresses, "Where it is.").personal(),
    Field::new("contacts", FieldType::Contacts, "Further ways to reach it.").personal(),
    Field::new(
        "notes",
        FieldType::Text(10_000),
        "Whatever else is to be known.",
    )
    .personal(),
    Field::custom(),
];

pub(super) const SORTS: &[SortKey] = &[
    SortKey {
        name: "name",
        expression: "name",
        sql_type: "text COLLATE \"und-x-icu\"",
    },
    SortKey {
        name: "created_at",
        expression: "created_at",
        sql_type: "timestamptz",
    },
    SortKey {
        name: "id",
        expression: "id",
        sql_type: "bigint",
    },
];

/// The document tells what a customer is, as long as nobody says it.
pub(super) fn settle(before: Option<&Record>, after: &mut Record) {
    let told = !after.get("kind").is_empty();
    let same = before.is_some_and(|before| before.text("document") == after.text("document"));
    if told
        && (same || before.is_none() || before.is_some_and(|b| b.get("kind") != after.get("kind")))
    {
        return;
    }
    let kind = match after.text("document").parse::<TaxId>() {
        Ok(id) if id.is_cpf() => CustomerKind::Person,
        Ok(_) => CustomerKind::Company,
        Err(_) if told => return,
        Err(_) => CustomerKind::Company,
    };
    after.set("kind", Datum::Text(kind.as_str().to_owned()));
}
