//! What leads can do beyond any record: be qualified, disqualified and converted, and tell their
//! history (contract section 6).

use crate::idempotency;
use crate::model;
use crate::records::{self, Act, json};
use crate::row::Listed;
use crate::work::{By, Work};
use serde_json::{Map, Value, json};
use sindico_db::idempotency::{Key, Once};
use sindico_db::{Error, Result, Statement, TenantConnection};
use sindico_domain::access::capability::Method;
use sindico_domain::crm::custom::{self, Customs};
use sindico_domain::crm::draft::{self, Whole};
use sindico_domain::crm::identity::Keys;
use sindico_domain::crm::{Datum, Kind, LeadStatus, Record};
use sindico_domain::input::{Fields, boolean};
use sindico_domain::precondition::Precondition;
use sindico_domain::{FieldErrors, Refusal};
use std::collections::HashMap;
use std::sync::LazyLock;

sindico_db::statements! { "leads":
    // The surest sign first: a document, then an e-mail address, then a telephone.
    MATCH = "SELECT id, why FROM (
            SELECT id, 1 AS rank, 'document' AS why FROM customer
                WHERE $1 <> '' AND document_key = $1 AND document_key <> '' AND deleted_at IS NULL
            UNION ALL SELECT id, 2, 'email' FROM customer
                WHERE $2 <> '' AND email_key = lower($2 COLLATE \"und-x-icu\") COLLATE \"C\" AND deleted_at IS NULL
            UNION ALL SELECT id, 3, 'phone' FROM customer
                WHERE $3 <> '' AND phone_key = $3 AND phone_key <> '' AND deleted_at IS NULL
        ) found ORDER BY rank, id LIMIT 1";
}

static ACTIVITIES: LazyLock<Statement> = LazyLock::new(|| of(Kind::Activity, "lead_id"));
static CONVERTED: LazyLock<Statement> = LazyLock::new(|| of(Kind::Opportunity, "source_lead_id"));

/// The newest records of a kind that refer to one by this column.
pub(crate) fn of(kind: Kind, column: &str) -> Statement {
    let sql = format!(
        "SELECT {} FROM {kind} WHERE {column} = $1 AND deleted_at IS NULL ORDER BY id DESC LIMIT 500",
        model::of(kind).columns
    );
    Statement {
        name: "records.of",
        sql: Box::leak(sql.into_boxed_str()),
    }
}

pub(crate) fn statements() -> Vec<Statement> {
    [STATEMENTS, &[*ACTIVITIES, *CONVERTED]].concat()
}

/// Moves a lead to another status; `None` when there is none with this id.
///
/// # Errors
/// A move that is not possible is refused as a whole; else as [`records::change`].
pub async fn move_to(
    data: &TenantConnection,
    by: By<'_>,
    id: i64,
    to: LeadStatus,
    reason: Option<String>,
    (condition, key): (&Precondition, Option<&Key>),
) -> Result<Option<Once<Value>>> {
    let name = match to {
        LeadStatus::Qualified => "qualify",
        _ => "disqualify",
    };
    let act = Act {
        name,
        condition,
        key,
    };
    records::edit(data, by, (Kind::Lead, id), act, |lead, _| {
        check_move(lead, to)?;
        lead.set_text("status", to.as_str());
        if let Some(reason) = reason {
            lead.set_text("disqualification_reason", reason);
        }
        Ok(())
    })
    .await
}

fn check_move(lead: &Record, to: LeadStatus) -> Result<(), Refusal> {
    let from = lead.word::<LeadStatus>("status").unwrap_or(LeadStatus::New);
    match from.refusal(to) {
        Some(refusal) => Err(Refusal::Invalid(refusal)),
        None => Ok(()),
    }
}

/// What a conversion is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversion {
    customer: Option<i64>,
    create_customer: bool,
    /// What of the opportunity is told.
    opportunity: Map<String, Value>,
}

impl Conversion {
    /// Reads the body of `POST /api/leads/{id}/convert/`.
    ///
    /// # Errors
    /// What is wrong, by field.
    pub fn parse(customs: &Customs, body: &Map<String, Value>) -> Result<Self, FieldErrors> {
        let mut f = Fields::new(body);
        let customer = f.read("customer", sindico_domain::input::nullable(draft::id));
        let create_customer = f.read("create_customer_if_missing", boolean);
        let mut errors = f.finish();
        let told = [
            "title",
            "stage",
            "amount",
            "expected_close_date",
            custom::FIELDS,
        ];
        let opportunity: Map<String, Value> = body
            .iter()
            .filter(|(name, value)| told.contains(&name.as_str()) && !value.is_null())
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        if let Err(wrong) =
            draft::Draft::parse((Kind::Opportunity, customs), &opportunity, Whole::No)
        {
            errors.merge(wrong);
        }
        errors.check(Self {
            customer: customer.flatten(),
            create_customer: create_customer.unwrap_or(true),
            opportunity,
        })
    }
}

/// Makes an opportunity of a qualified lead, with the customer that is meant; once, whoever else tries
/// at the same time. The answer tells which customer it is and why. `None` when there is no such lead. `may`
/// tells what the caller's role may use: a conversion is no way to make what one may not make.
///
/// # Errors
/// What the role may not make is refused, and nothing is done; a lead that is not QUALIFIED is refused as a whole; a customer that can't be is refused on its field.
pub async fn convert(
    data: &TenantConnection,
    by: By<'_>,
    id: i64,
    (told, may): (&Conversion, May<'_>),
    key: Option<&Key>,
) -> Result<Option<Once<Value>>> {
    allowed(may, Kind::Opportunity)?;
    match attempt(data, by, id, (told, may), key).await {
        // Somebody made a customer with this address at the same moment: now it is found.
        Err(Error::Refused(Refusal::Fields(errors))) if errors.has("email") => {
            attempt(data, by, id, (told, may), key).await
        }
        outcome => outcome,
    }
}

/// Whether the caller's role may use a method of a kind of record.
pub type May<'a> = &'a (dyn Fn(Kind, Method) -> bool + Sync);

fn allowed(may: May<'_>, kind: Kind) -> Result<()> {
    if may(kind, Method::Post) {
        return Ok(());
    }
    Err(Refusal::Forbidden(format!(
        "To convert this lead is to use POST on {}, which your role may not in this tenant.",
        kind.resource()
    ))
    .into())
}

async fn attempt(
    data: &TenantConnection,
    by: By<'_>,
    id: i64,
    (told, may): (&Conversion, May<'_>),
    key: Option<&Key>,
) -> Result<Option<Once<Value>>> {
    let mut work = Work::begin(data, by).await?;
    if let Some(earlier) = idempotency::begin(&work.tx, key).await? {
        return Ok(Some(earlier));
    }
    let Some(lead) = work.lock(Kind::Lead, id).await? else {
        return Ok(None);
    };
    check_move(&lead, LeadStatus::Converted)?;
    let (customer, why) = customer_of(&mut work, &lead, (told, may)).await?;

    let mut after = lead.clone();
    after.set_text("status", LeadStatus::Converted.as_str());
    after.set("customer", Datum::Int(customer));
    let lead = work.update(&lead, after).await?;

    let mut opportunity = Record::new(Kind::Opportunity, by.now);
    opportunity.set("customer", Datum::Int(customer));
    opportunity.set("source_lead", Datum::Int(lead.id));
    opportunity.set_text("title", lead.title().chars().take(200).collect::<String>());
    if let Datum::Money(budget) = lead.get("budget") {
        opportunity.set("amount", Datum::Money(*budget));
    }
    for field in ["owner", "tags"] {
        opportunity.set(field, lead.get(field).clone());
    }
    let known = (Kind::Opportunity, work.customs().await?);
    let draft = draft::Draft::parse(known, &told.opportunity, Whole::No)?;
    let before = opportunity.clone();
    draft.apply(&mut opportunity, &HashMap::new())?;
    data.sight().veil().permit(Some(&before), &opportunity)?;
    let opportunity = work.create(opportunity).await?;
    work.record("lead.convert", None).await?;

    let answer = json!({
        "lead": work.told(&lead)?, "opportunity": work.told(&opportunity)?,
        "customer_match": {"customer": customer, "reason": why},
    });
    Ok(Some(work.finish(key, answer, opportunity.version).await?))
}

/// The customer that a lead becomes, and why this one.
async fn customer_of(
    work: &mut Work<'_>,
    lead: &Record,
    (told, may): (&Conversion, May<'_>),
) -> Result<(i64, &'static str)> {
    let refused = |message: &str| Error::from(FieldErrors::one("customer", message));
    if let Some(own) = lead.int("customer") {
        if told.customer.is_some_and(|given| given != own) {
            return Err(refused("This lead has another customer already."));
        }
        return Ok((own, "lead"));
    }
    if let Some(given) = told.customer {
        // That it is there is looked at when the opportunity is written.
        return Ok((given, "given"));
    }
    let keys = Keys::of(lead).unwrap_or_default();
    let row = work
        .tx
        .row(&MATCH, &[&keys.document, &lead.text("email"), &keys.phone])
        .await?;
    if let Some(row) = row {
        let why = match row.get(1) {
            "document" => "document",
            "email" => "email",
            _ => "phone",
        };
        return Ok((row.get(0), why));
    }
    if lead.text("email").is_empty() {
        return Err(refused(
            "Name a customer: this lead has no e-mail address, without which none can be made of it.",
        ));
    }
    if !told.create_customer {
        return Err(refused(
            "Name a customer: none fits this lead, and none is to be made.",
        ));
    }
    allowed(may, Kind::Customer)?;
    let mut customer = Record::new(Kind::Customer, work.by.now);
    let company = lead.text("company");
    let name = [company, lead.text("name"), lead.text("email")];
    let name = name
        .into_iter()
        .find(|text| !text.is_empty())
        .unwrap_or_default();
    customer.set_text("name", name);
    for field in ["email", "phone", "document"] {
        customer.set_text(field, lead.text(field));
    }
    for field in ["owner", "tags"] {
        customer.set(field, lead.get(field).clone());
    }
    if lead.text("document").is_empty() && company.is_empty() {
        customer.set_text("kind", "PERSON");
    }
    Ok((work.create_besides(customer).await?.id, "created"))
}

/// A lead with its activities and what it was converted to, the newest first; `None` when there is none
/// with this id. What is not of these kinds is left out. One round trip.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn history(data: &TenantConnection, id: i64, kinds: &[Kind]) -> Result<Option<Value>> {
    let find = model::of(Kind::Lead).find;
    let answers = data
        .read(&[(&find, &[&id]), (&ACTIVITIES, &[&id]), (&CONVERTED, &[&id])])
        .await?;
    history_of(
        answers,
        &[
            ("lead", Kind::Lead),
            ("activities", Kind::Activity),
            ("converted_opportunities", Kind::Opportunity),
        ],
        kinds,
    )
}

/// The first answer is the record itself, the others are lists: empty ones of what the caller may not
/// read.
pub(crate) fn history_of(
    answers: Vec<Vec<sindico_db::Row>>,
    parts: &[(&str, Kind)],
    kinds: &[Kind],
) -> Result<Option<Value>> {
    let mut history = Map::new();
    for (n, (rows, (name, kind))) in answers.into_iter().zip(parts).enumerate() {
        let mut listed = rows.into_iter().map(|row| Listed { kind: *kind, row });
        let value = match n {
            0 => match listed.next() {
                Some(one) => json(&one)?,
                None => return Ok(None),
            },
            _ if !kinds.contains(kind) => json!([]),
            _ => json(&listed.collect::<Vec<_>>())?,
        };
        history.insert((*name).to_owned(), value);
    }
    Ok(Some(Value::Object(history)))
}
