//! Everything that a record's page shows, in one round trip: the record, what it refers to and what
//! refers to it, and what has happened to it.

use crate::attachments::FIELD;
use crate::bin::title;
use crate::changes::{self, Change, Reader};
use crate::model;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use sindico_db::{Result, Row, Statement, TenantConnection};
use sindico_domain::attachment::has_files;
use sindico_domain::crm::{Kind, Record};
use sindico_domain::page::{Page, PageRequest};
use sindico_domain::quote::Status;
use std::sync::LazyLock;

/// How many records of a relation are shown; the list has them all.
pub const RELATED: usize = 10;

/// A record that belongs to another.
#[derive(Debug, Clone)]
pub struct Related {
    /// The field that ties them: of the record itself, when it refers; of the other, when that does.
    pub field: String,
    /// Whether the record refers to this one; else this one refers to it.
    pub referred: bool,
    /// Its kind.
    pub kind: Kind,
    /// Its id.
    pub id: i64,
    /// What it is called.
    pub title: String,
    /// Its status or stage; empty when its kind has none.
    pub state: String,
    /// What it brings.
    pub amount: Option<Decimal>,
    /// When it is due or should be closed.
    pub due_at: Option<Timestamp>,
    /// Who looks after it.
    pub owner: Option<String>,
    /// Its own telephone, for who is called.
    pub phone: String,
    /// Its own e-mail address.
    pub email: String,
    /// Whether it is in the bin.
    pub deleted: bool,
}

/// A record's page.
#[derive(Debug)]
pub struct Sheet {
    /// The record.
    pub record: Record,
    /// What it refers to, and what refers to it.
    pub related: Vec<Related>,
    /// Its files, the oldest first.
    pub files: Vec<Shown>,
    /// Its quotes, the newest first.
    pub offers: Vec<Offer>,
    /// What has happened, the newest first.
    pub timeline: Page<Change>,
}

/// A quote, as the page of its sale shows it.
#[derive(Debug, Clone)]
pub struct Offer {
    /// Its id.
    pub id: i64,
    /// Its number, once it was sent.
    pub label: String,
    /// How far it has come.
    pub status: Status,
    /// The last day on which it can be accepted.
    pub valid_until: Option<Date>,
    /// Whether another stands in its place.
    pub revised: bool,
    /// What it comes to.
    pub total: Decimal,
}

/// A file, as the page of its record shows it.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Its id.
    pub id: i64,
    /// What it is called.
    pub name: String,
    /// What it is.
    pub media_type: String,
    /// Its size in bytes.
    pub size: u64,
    /// Who attached it.
    pub username: String,
    /// When.
    pub at: Timestamp,
}

/// What is shown of a related record.
fn select(kind: Kind, field: &str, referred: bool) -> String {
    let (state, amount, due, owner, phone, email) = match kind {
        Kind::Customer => ("''", "NULL", "NULL", "owner_username", "phone", "email"),
        Kind::Lead => (
            "status",
            "budget",
            "NULL",
            "owner_username",
            "phone",
            "email",
        ),
        Kind::Opportunity => ("stage", "amount", "NULL", "owner_username", "''", "''"),
        Kind::Activity => (
            "status",
            "NULL",
            "due_at",
            "assigned_to_username",
            "''",
            "''",
        ),
        Kind::SalesGoal => ("''", "amount", "NULL", "assignee_username", "''", "''"),
    };
    format!(
        "SELECT '{field}'::text AS field, {referred} AS referred, '{kind}'::text AS kind, id, {} AS title,
            {state}::text AS state, {amount}::numeric AS amount, {due}::timestamptz AS due_at,
            {owner}::text AS owner, {phone}::text AS phone, {email}::text AS email,
            deleted_at IS NOT NULL AS deleted
         FROM {kind}",
        title(kind)
    )
}

/// The files of a record, in the columns of [`select`]: what a page shows is read by few statements.
fn files(kind: Kind) -> String {
    format!(
        "(SELECT '{FILE}'::text, false, '{kind}'::text, a.id, a.name, a.media_type, c.size::numeric, a.created_at,
            a.username, '', '', false
         FROM attachment a JOIN file_content c ON c.id = a.content_id
         WHERE a.kind = '{kind}' AND a.record_id = $1 AND a.deleted_at IS NULL ORDER BY a.id)"
    )
}

/// What stands in the place of the field of those rows; no kind has such a field.
const FILE: &str = FIELD;

/// The same of a quote.
const OFFER: &str = crate::quotes::FIELD;

/// The quotes of a sale, in the same columns: the number and the revision stand as one text.
const OFFERS: &str = "(SELECT 'quote'::text, false, 'opportunity'::text, q.id,
        coalesce(q.number::text || CASE WHEN q.revision > 1 THEN '/' || q.revision ELSE '' END, ''), q.status, q.total,
        q.valid_until::timestamp AT TIME ZONE 'UTC', NULL::text, '', '', q.revised_by IS NOT NULL
     FROM quote q WHERE q.opportunity_id = $1 AND q.deleted_at IS NULL ORDER BY q.id DESC LIMIT 50)";

/// Both sides of a kind's relations, by the fields that tie them.
fn relations(kind: Kind) -> Vec<String> {
    let referred = |to: Kind, field: &str| {
        format!(
            "({} WHERE id = (SELECT {field}_id FROM {kind} WHERE id = $1))",
            select(to, field, true)
        )
    };
    let refers = |of: Kind, field: &str, condition: &str| {
        format!(
            "({} WHERE {condition} AND deleted_at IS NULL ORDER BY id DESC LIMIT {})",
            select(of, field, false),
            RELATED + 1
        )
    };
    match kind {
        Kind::Customer => vec![
            refers(Kind::Opportunity, "customer", "customer_id = $1"),
            refers(Kind::Lead, "customer", "customer_id = $1"),
            refers(
                Kind::Activity,
                "opportunity",
                "(opportunity_id IN (SELECT id FROM opportunity WHERE customer_id = $1)
                  OR lead_id IN (SELECT id FROM lead WHERE customer_id = $1))",
            ),
        ],
        Kind::Lead => vec![
            referred(Kind::Customer, "customer"),
            refers(Kind::Opportunity, "source_lead", "source_lead_id = $1"),
            refers(Kind::Activity, "lead", "lead_id = $1"),
        ],
        Kind::Opportunity => vec![
            referred(Kind::Customer, "customer"),
            referred(Kind::Lead, "source_lead"),
            refers(Kind::Activity, "opportunity", "opportunity_id = $1"),
        ],
        Kind::Activity => vec![
            referred(Kind::Lead, "lead"),
            referred(Kind::Opportunity, "opportunity"),
        ],
        Kind::SalesGoal => Vec::new(),
    }
}

static RELATIONS: LazyLock<Vec<Option<Statement>>> = LazyLock::new(|| {
    let of = |kind: &Kind| {
        let mut parts = relations(*kind);
        if has_files(*kind) {
            parts.push(files(*kind));
        }
        if *kind == Kind::Opportunity {
            parts.push(OFFERS.to_owned());
        }
        (!parts.is_empty()).then(|| Statement {
            name: "sheet.related",
            sql: Box::leak(parts.join(" UNION ALL ").into_boxed_str()),
        })
    };
    Kind::ALL.iter().map(of).collect()
});

pub(crate) fn statements() -> Vec<Statement> {
    RELATIONS.iter().flatten().copied().collect()
}

/// What a record's page shows, as far as it is of these kinds; `None` when there is no such record, or it
/// is in the bin.
///
/// # Errors
/// A cursor of another list is refused; or the tenant's place can't be reached.
pub async fn show(
    data: &TenantConnection,
    (kind, id): (Kind, i64),
    reader: &Reader,
    page: &PageRequest,
) -> Result<Option<Sheet>> {
    let model = model::of(kind);
    let (after, limit) = (page.after_id("-change")?, page.limit + 1);
    let words = reader.words();
    let find: [&(dyn sindico_db::ToSql + Sync); 1] = [&id];
    let history: [&(dyn sindico_db::ToSql + Sync); 4] = [&id, &words, &after, &limit];
    let mut reads: Vec<(&Statement, &[&(dyn sindico_db::ToSql + Sync)])> =
        vec![(&model.find, &find), (changes::timeline_of(kind), &history)];
    if let Some(related) = &RELATIONS[kind as usize] {
        reads.push((related, &find));
    }
    let answers = data.read(&reads).await?;
    let Some(row) = answers[0].first() else {
        return Ok(None);
    };
    let rows = answers.get(2).into_iter().flatten();
    let (files, rest): (Vec<&Row>, Vec<&Row>) = rows.partition(|row| row.get::<_, &str>(0) == FILE);
    let (offers, related): (Vec<&Row>, Vec<&Row>) = rest
        .into_iter()
        .partition(|row| row.get::<_, &str>(0) == OFFER);
    let related = related.into_iter().map(read);
    Ok(Some(Sheet {
        record: model.record(row),
        related: related
            .filter(|one| reader.kinds.contains(&one.kind))
            .collect(),
        files: files.into_iter().map(shown).collect(),
        offers: offers.into_iter().map(offer).collect(),
        timeline: changes::paged(&answers[1], reader, page),
    }))
}

fn offer(row: &Row) -> Offer {
    let day: Option<Timestamp> = row.get(7);
    Offer {
        id: row.get(3),
        label: row.get(4),
        // The table has no other words in it.
        status: row.get::<_, &str>(5).parse().unwrap_or(Status::Draft),
        total: row.get::<_, Option<Decimal>>(6).unwrap_or_default(),
        valid_until: day.map(|day| day.to_zoned(TimeZone::UTC).date()),
        revised: row.get(11),
    }
}

fn shown(row: &Row) -> Shown {
    let size = row.get::<_, Option<Decimal>>(6).unwrap_or_default();
    Shown {
        id: row.get(3),
        name: row.get(4),
        media_type: row.get(5),
        size: size.try_into().unwrap_or_default(),
        at: row.get::<_, Option<Timestamp>>(7).unwrap_or_default(),
        username: row.get::<_, Option<String>>(8).unwrap_or_default(),
    }
}

fn read(row: &Row) -> Related {
    Related {
        field: row.get(0),
        referred: row.get(1),
        // The statement has no other words in it.
        kind: row.get::<_, &str>(2).parse().unwrap_or(Kind::Customer),
        id: row.get(3),
        title: row.get(4),
        state: row.get(5),
        amount: row.get(6),
        due_at: row.get(7),
        owner: row.get(8),
        phone: row.get(9),
        email: row.get(10),
        deleted: row.get(11),
    }
}
