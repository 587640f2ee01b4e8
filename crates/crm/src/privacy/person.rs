//! Which records are about a person, and what hangs on them.

use super::erase::{self, Erased};
use crate::work::{By, Work};
use serde::Serialize;
use sindico_db::{Result, Row, Statement, TenantConnection, TenantTransaction, ToSql, pattern};
use sindico_domain::FieldErrors;
use sindico_domain::crm::identity::Keys;
use sindico_domain::crm::{Kind, Record};
use sindico_domain::privacy::Traces;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// How many others are shown who may be the same.
const SHOWN: i64 = 50;

sindico_db::statements! { "person":
    SALES = "SELECT id FROM opportunity WHERE customer_id = ANY ($1) OR source_lead_id = ANY ($2) ORDER BY id";
    ACTIVITIES = "SELECT id FROM activity WHERE lead_id = ANY ($1) OR opportunity_id = ANY ($2) ORDER BY id";
    // Others who have one of these in common, or belong to one another; in the bin, too.
    ALIKE = "SELECT DISTINCT ON (kind, id) kind, id, title, why, deleted FROM (
            SELECT 'customer' AS kind, c.id, c.name AS title, deleted_at IS NOT NULL AS deleted, why.*
            FROM customer c CROSS JOIN LATERAL (VALUES
                (1, 'BELONGS', c.id = ANY ($6)), (2, 'EMAIL', c.email_key = ANY ($3)),
                (3, 'DOCUMENT', c.document_key = ANY ($4)), (4, 'PHONE', c.phone_key = ANY ($5))) why (place, why, holds)
            WHERE NOT c.id = ANY ($1)
            UNION ALL
            SELECT 'lead', l.id, coalesce(nullif(l.name, ''), nullif(l.company, ''), nullif(l.email, ''), l.source),
                deleted_at IS NOT NULL, why.*
            FROM lead l CROSS JOIN LATERAL (VALUES
                (1, 'BELONGS', l.customer_id = ANY ($1)), (2, 'EMAIL', l.email_key = ANY ($3)),
                (3, 'DOCUMENT', l.document_key = ANY ($4)), (4, 'PHONE', l.phone_key = ANY ($5))) why (place, why, holds)
            WHERE NOT l.id = ANY ($2)) alike
        WHERE holds ORDER BY kind, id, place LIMIT $7";
    MENTIONS = "SELECT kind, record_id, title FROM search_docs($1, $2, $3) ORDER BY kind, record_id";
}

pub(super) fn statements() -> Vec<Statement> {
    STATEMENTS.to_vec()
}

/// All that is about a person, locked.
pub(super) struct Person {
    pub(super) customers: Vec<Record>,
    pub(super) leads: Vec<Record>,
    pub(super) sales: Vec<Record>,
    pub(super) activities: Vec<Record>,
}

impl Person {
    /// Locks what is about them, in the bin or not, kind by kind in the order of ids: no two who do this wait for
    /// each other in a circle.
    ///
    /// # Errors
    /// Records that are not there are refused on their field.
    pub(super) async fn lock(work: &Work<'_>, customers: &[i64], leads: &[i64]) -> Result<Self> {
        let mut errors = FieldErrors::new();
        let customers = there(work, (Kind::Customer, "customers"), customers, &mut errors).await?;
        let leads = there(work, (Kind::Lead, "leads"), leads, &mut errors).await?;
        errors.check(())?;
        let (customer_ids, lead_ids) = (ids(&customers), ids(&leads));
        let sales = numbers(&work.tx, &SALES, &[&customer_ids, &lead_ids]).await?;
        let activities = numbers(&work.tx, &ACTIVITIES, &[&lead_ids, &sales]).await?;
        let all = async |kind: Kind, ids: &[i64]| {
            let locked = work.lock_many(kind, ids).await?;
            Ok::<_, sindico_db::Error>(locked.into_iter().map(|(record, _)| record).collect())
        };
        Ok(Self {
            customers,
            leads,
            sales: all(Kind::Opportunity, &sales).await?,
            activities: all(Kind::Activity, &activities).await?,
        })
    }

    /// The records of a kind.
    pub(super) fn of(&self, kind: Kind) -> &[Record] {
        match kind {
            Kind::Customer => &self.customers,
            Kind::Lead => &self.leads,
            Kind::Opportunity => &self.sales,
            Kind::Activity => &self.activities,
            Kind::SalesGoal => &[],
        }
    }

    /// Who it is.
    pub(super) fn themselves(&self) -> impl Iterator<Item = &Record> {
        self.customers.iter().chain(&self.leads)
    }
}

pub(super) fn ids(records: &[Record]) -> Vec<i64> {
    records.iter().map(|record| record.id).collect()
}

async fn there(
    work: &Work<'_>,
    (kind, field): (Kind, &str),
    wanted: &[i64],
    errors: &mut FieldErrors,
) -> Result<Vec<Record>> {
    let locked = work.lock_many(kind, wanted).await?;
    let records: Vec<Record> = locked.into_iter().map(|(record, _)| record).collect();
    let found: BTreeSet<i64> = ids(&records).into_iter().collect();
    for id in wanted.iter().filter(|id| !found.contains(id)) {
        errors.add(field, format!("There is no {kind} with the id {id}."));
    }
    Ok(records)
}

async fn numbers(
    tx: &TenantTransaction,
    statement: &Statement,
    params: &[&(dyn ToSql + Sync)],
) -> Result<Vec<i64>> {
    let rows = tx.rows(statement, params).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// Why somebody may be the same person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Why {
    /// The lead's customer, or a lead of the customer.
    Belongs,
    /// The same e-mail address.
    Email,
    /// The same CPF or CNPJ.
    Document,
    /// The same telephone, which several people may have.
    Phone,
}

/// A customer or a lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Found {
    /// Which of the two.
    pub kind: Kind,
    /// Its id.
    pub id: i64,
    /// What it is called.
    pub title: String,
    /// Whether it is in the bin.
    pub in_bin: bool,
    /// Why it may be the same person; none for what was asked about.
    pub why: Option<Why>,
}

/// What is kept of a person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Survey {
    /// The records that were asked about.
    pub records: Vec<Found>,
    /// Others that may be of the same person: look at them, and ask again with those that are.
    pub alike: Vec<Found>,
    /// Records of others whose texts name them. An erasure leaves these as they are: change what is to be changed.
    pub mentions: Vec<Found>,
    /// How many sales of theirs are not decided.
    pub open_sales: usize,
    /// What an erasure would erase or change, and in how many places.
    pub erasure: Erased,
}

/// What is kept of the person that these records are about. Nothing is changed: the erasure is done and not kept.
///
/// # Errors
/// Records that are not there are refused on their field; or the tenant's place can't be reached.
pub async fn survey(
    data: &TenantConnection,
    by: By<'_>,
    customers: &[i64],
    leads: &[i64],
) -> Result<Survey> {
    let mut work = Work::begin(data, by).await?;
    let person = Person::lock(&work, customers, leads).await?;
    let alike = alike(&work.tx, &person).await?;
    let found = |record: &Record| Found {
        kind: record.kind,
        id: record.id,
        title: record.title(),
        in_bin: false,
        why: None,
    };
    let records = person.themselves().map(found).collect();
    let decided = |sale: &&Record| sale.get("closed_at").is_empty();
    let open_sales = person.sales.iter().filter(decided).count();
    let mentions = mentions(&work.tx, &person, &alike).await?;
    let erasure = erase::erase(&mut work, &person, erase::Because::Survey).await?;
    // Dropped without a commit.
    Ok(Survey {
        records,
        alike,
        mentions,
        open_sales,
        erasure,
    })
}

async fn alike(tx: &TenantTransaction, person: &Person) -> Result<Vec<Found>> {
    let mut sets: [BTreeSet<String>; 3] = Default::default();
    for record in person.themselves() {
        let keys = Keys::of(record).unwrap_or_default();
        let email = record.text("email").to_lowercase();
        for (set, value) in sets.iter_mut().zip([email, keys.document, keys.phone]) {
            if !value.is_empty() {
                set.insert(value);
            }
        }
    }
    let [emails, documents, phones] = sets.map(|set| set.into_iter().collect::<Vec<_>>());
    let customers: Vec<i64> = person
        .leads
        .iter()
        .filter_map(|lead| lead.int("customer"))
        .collect();
    let (known, known_leads) = (ids(&person.customers), ids(&person.leads));
    let params: [&(dyn ToSql + Sync); 7] = [
        &known,
        &known_leads,
        &emails,
        &documents,
        &phones,
        &customers,
        &SHOWN,
    ];
    let rows = tx.rows(&ALIKE, &params).await?;
    let read = |row: &Row| {
        Some(Found {
            kind: row.get::<_, &str>(0).parse().ok()?,
            id: row.get(1),
            title: row.get(2),
            why: match row.get::<_, &str>(3) {
                "BELONGS" => Some(Why::Belongs),
                "EMAIL" => Some(Why::Email),
                "DOCUMENT" => Some(Why::Document),
                _ => Some(Why::Phone),
            },
            in_bin: row.get(4),
        })
    };
    Ok(rows.iter().filter_map(read).collect())
}

/// Whose texts name the person, beside their own records.
async fn mentions(tx: &TenantTransaction, person: &Person, alike: &[Found]) -> Result<Vec<Found>> {
    const KINDS: [Kind; 4] = [
        Kind::Customer,
        Kind::Lead,
        Kind::Opportunity,
        Kind::Activity,
    ];
    let kinds: Vec<&str> = KINDS.iter().map(|kind| kind.as_str()).collect();
    let own = KINDS.iter().flat_map(|kind| person.of(*kind));
    let mut known: BTreeSet<(Kind, i64)> = own.map(|record| (record.kind, record.id)).collect();
    known.extend(alike.iter().map(|one| (one.kind, one.id)));
    let most =
        i32::try_from(SHOWN).unwrap_or_default() + i32::try_from(known.len()).unwrap_or_default();
    let mut found = Vec::new();
    for parts in Traces::of(person.themselves()).searches() {
        let parts: Vec<String> = parts.iter().map(|part| pattern::containing(part)).collect();
        for row in tx.rows(&MENTIONS, &[&kinds, &parts, &most]).await? {
            let Ok(kind) = row.get::<_, &str>(0).parse::<Kind>() else {
                continue;
            };
            if known.insert((kind, row.get(1))) {
                found.push(Found {
                    kind,
                    id: row.get(1),
                    title: row.get(2),
                    in_bin: false,
                    why: None,
                });
            }
        }
    }
    found.truncate(SHOWN as usize);
    Ok(found)
}
