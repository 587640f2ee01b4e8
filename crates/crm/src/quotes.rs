//! Quotes of sales: written, sent under a number, and answered. Whatever is done to one is a change of its sale,
//! where the history tells it; while it is written, that can be taken back as any other change. What the customer has
//! stays as it is: it is canceled, or revised by another.

mod acts;
mod erase;
mod link;
mod told;

pub use acts::{Act, Acted, act};
pub(crate) use erase::erase;
pub use link::{Opened, by_key, decide, seen};
pub use told::FIELD;
pub(crate) use told::{told, undo};

use crate::model;
use crate::products;
use crate::work::{By, Op, Work};
use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Map, Value, json};
use sindico_db::{Error, Result, Row, Statement, TenantConnection, ToSql};
use sindico_domain::crm::{Kind, Record};
use sindico_domain::page::{Cursor, Page, PageRequest};
use sindico_domain::precondition::Precondition;
use sindico_domain::quote::{Content, Line, Shown, Status, Tongue, named, total};
use sindico_domain::{FieldErrors, Refusal};
use utoipa::ToSchema;

macro_rules! columns {
    () => {
        "q.id, q.opportunity_id, q.number, q.revision, q.revises, q.revised_by, q.status, q.valid_until, q.language, q.notes,
         q.terms, q.lines, q.total, q.customer, q.key_hash IS NOT NULL, q.key_until, q.sent_at, q.seen_at, q.decided_at,
         q.decided_by, q.username, q.version, q.created_at, q.updated_at, q.deleted_at IS NOT NULL"
    };
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            $crate::quotes::columns!(),
            " FROM quote q ",
            $rest
        )
    };
}
use {columns, select};

/// How many quotes a sale may have, its revisions included.
const MOST: i64 = 200;

sindico_db::statements! { "quotes":
    LIST = select!("JOIN opportunity o ON o.id = q.opportunity_id AND o.deleted_at IS NULL
        WHERE q.deleted_at IS NULL AND ($1::bigint IS NULL OR q.id < $1) AND ($2::text IS NULL OR q.status = $2)
            AND ($3::bigint IS NULL OR q.opportunity_id = $3) ORDER BY q.id DESC LIMIT $4");
    FIND = select!("JOIN opportunity o ON o.id = q.opportunity_id AND o.deleted_at IS NULL WHERE q.id = $1 AND q.deleted_at IS NULL");
    LOCK = select!("WHERE q.id = $1 FOR UPDATE");
    COUNT = "SELECT count(*) FROM quote WHERE opportunity_id = $1 AND deleted_at IS NULL";
    INSERT = "INSERT INTO quote (opportunity_id, valid_until, language, notes, terms, lines, total, user_id, username, number,
            revision, revises)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id";
    CONTENT = "UPDATE quote SET valid_until = $2, language = $3, notes = $4, terms = $5, lines = $6, total = $7,
        deleted_at = CASE WHEN $8 THEN now() END, version = version + 1, updated_at = now() WHERE id = $1";
    // What stood in its place stands again.
    FREE = "UPDATE quote SET revised_by = NULL, version = version + 1 WHERE revised_by = $1";
}

pub(crate) fn statements() -> Vec<Statement> {
    [
        STATEMENTS,
        acts::STATEMENTS,
        erase::STATEMENTS,
        link::STATEMENTS,
        told::STATEMENTS,
    ]
    .concat()
}

/// A quote.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Quote {
    /// Its id.
    pub id: i64,
    /// The sale that it is for.
    pub opportunity: i64,
    /// Its number, once it was sent: without gaps.
    pub number: Option<i64>,
    /// Which of those with its number it is.
    pub revision: i64,
    /// The one in whose place it stands.
    pub revises: Option<i64>,
    /// The one that stands in its place.
    pub revised_by: Option<i64>,
    /// How far it has come: `DRAFT`, `SENT`, `ACCEPTED`, `REJECTED`, `CANCELED`, `EXPIRED` or `REVISED`.
    #[schema(value_type = String, example = "SENT")]
    pub status: Shown,
    /// The last day on which it can be accepted.
    pub valid_until: Option<Date>,
    /// What it is written in.
    pub language: Tongue,
    /// To the customer, above the lines.
    pub notes: String,
    /// Below them.
    pub terms: String,
    /// What is offered.
    pub lines: Vec<Line>,
    /// What all lines come to.
    #[schema(value_type = String, example = "1299.90")]
    pub total: Decimal,
    /// The customer's name when it was sent.
    pub customer: String,
    /// Whether it has a link that opens it.
    pub has_link: bool,
    /// The last day of that link.
    pub link_until: Option<Date>,
    /// When it was sent.
    pub sent_at: Option<Timestamp>,
    /// When somebody opened it first.
    pub seen_at: Option<Timestamp>,
    /// When it was accepted or rejected.
    pub decided_at: Option<Timestamp>,
    /// By whom, as they called themselves.
    pub decided_by: String,
    /// Who wrote it.
    pub username: String,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it was changed.
    pub updated_at: Timestamp,
    /// Its version, as in the `ETag`.
    #[serde(skip)]
    pub version: i64,
    #[serde(skip)]
    kept: Status,
    #[serde(skip)]
    deleted: bool,
}

impl Quote {
    fn read(row: &Row, today: Date) -> Result<Self> {
        let odd = |what: &str| Error::Internal(format!("a quote's {what} can't be read"));
        let kept: Status = row.get::<_, &str>(6).parse().map_err(|_| odd("status"))?;
        let (revised_by, valid_until): (Option<i64>, Option<Date>) = (row.get(5), row.get(7));
        Ok(Self {
            id: row.get(0),
            opportunity: row.get(1),
            number: row.get(2),
            revision: row.get(3),
            revises: row.get(4),
            revised_by,
            status: kept.shown(valid_until, revised_by.is_some(), today),
            kept,
            valid_until,
            language: row.get::<_, &str>(8).parse().map_err(|_| odd("language"))?,
            notes: row.get(9),
            terms: row.get(10),
            lines: serde_json::from_value(row.get(11)).map_err(|_| odd("lines"))?,
            total: row.get(12),
            customer: row.get(13),
            has_link: row.get(14),
            link_until: row.get(15),
            sent_at: row.get(16),
            seen_at: row.get(17),
            decided_at: row.get(18),
            decided_by: row.get(19),
            username: row.get(20),
            version: row.get(21),
            created_at: row.get(22),
            updated_at: row.get(23),
            deleted: row.get(24),
        })
    }

    /// What it says.
    pub fn content(&self) -> Content {
        Content {
            valid_until: self.valid_until,
            language: self.language,
            notes: self.notes.clone(),
            terms: self.terms.clone(),
            lines: self.lines.clone(),
        }
    }

    /// What people call it: `12`, or `12/2` for a revision; nothing before it is sent.
    pub fn label(&self) -> String {
        match (self.number, self.revision) {
            (None, _) => String::new(),
            (Some(number), 1) => number.to_string(),
            (Some(number), revision) => format!("{number}/{revision}"),
        }
    }

    /// As it stands in the history of its sale.
    fn told(&self) -> Result<Value> {
        let mut told = crate::records::json(&self.content())?;
        told["id"] = json!(self.id);
        told["label"] = json!(self.label());
        told["status"] = json!(self.kept);
        told["total"] = json!(self.total);
        told["decided_by"] = json!(self.decided_by);
        told["seen"] = json!(self.seen_at.is_some());
        Ok(told)
    }
}

/// What a list of quotes is asked for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Only those of this sale.
    pub opportunity: Option<i64>,
    /// Only those that have come this far.
    pub status: Option<Status>,
}

/// Quotes, the newest first.
///
/// # Errors
/// A cursor of another list is refused; or the tenant's place can't be reached.
pub async fn list(
    data: &TenantConnection,
    asked: &Asked,
    page: &PageRequest,
    today: Date,
) -> Result<Page<Quote>> {
    let (after, limit) = (page.after_id("-id")?, page.limit + 1);
    let status = asked.status.map(Status::as_str);
    let params: [&(dyn ToSql + Sync); 4] = [&after, &status, &asked.opportunity, &limit];
    let rows = data.rows(&LIST, &params).await?;
    let found: Result<Vec<Quote>> = rows.iter().map(|row| Quote::read(row, today)).collect();
    Ok(Page::of(found?, page, None, |last: &Quote| Cursor {
        sort: "-id".to_owned(),
        key: String::new(),
        id: last.id,
    }))
}

/// A quote of a sale that is there.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn find(data: &TenantConnection, id: i64, today: Date) -> Result<Option<Quote>> {
    let row = data.row(&FIND, &[&id]).await?;
    row.map(|row| Quote::read(&row, today)).transpose()
}

/// Begins a quote for a sale; `None` when that is not there.
///
/// # Errors
/// All wrong fields; more than a sale may have.
pub async fn create(
    data: &TenantConnection,
    by: By<'_>,
    opportunity: i64,
    body: &Map<String, Value>,
    today: Date,
) -> Result<Option<Acted>> {
    if data.sight().veil().hides(Kind::Opportunity, "amount") {
        let detail = "Your role does not see what sales bring, and so writes no quotes.";
        return Err(Refusal::Forbidden(detail.to_owned()).into());
    }
    let mut work = Work::begin(data, by).await?;
    let Some(record) = work.lock(Kind::Opportunity, opportunity).await? else {
        return Ok(None);
    };
    let content = read(&work, body, &Content::default()).await?;
    let quote = insert(&work, &record, &content, None, today).await?;
    note(&mut work, &record, None, Some(&quote))?;
    finish(work, "quote.create", quote).await.map(Some)
}

/// Changes a quote that is being written.
///
/// # Errors
/// What was sent stays as it is (`409`); all wrong fields; `412` over another version.
pub async fn change(
    data: &TenantConnection,
    by: By<'_>,
    (id, condition): (i64, &Precondition),
    body: &Map<String, Value>,
    today: Date,
) -> Result<Option<Acted>> {
    let Some((mut work, record, before)) = lock(data, by, (id, condition), today).await? else {
        return Ok(None);
    };
    written_only(&before)?;
    let content = read(&work, body, &before.content()).await?;
    if content == before.content() {
        return Ok(Some(Acted {
            quote: before,
            change_set: None,
            link: None,
        }));
    }
    put(&work, before.id, &content, false).await?;
    let after = again(&work, before.id, today).await?;
    note(&mut work, &record, Some(&before), Some(&after))?;
    finish(work, "quote.update", after).await.map(Some)
}

/// Deletes a quote that is being written; its change set.
///
/// # Errors
/// As [`change`].
pub async fn remove(
    data: &TenantConnection,
    by: By<'_>,
    (id, condition): (i64, &Precondition),
    today: Date,
) -> Result<Option<Option<i64>>> {
    let Some((mut work, record, before)) = lock(data, by, (id, condition), today).await? else {
        return Ok(None);
    };
    written_only(&before)?;
    put(&work, before.id, &before.content(), true).await?;
    work.tx.execute(&FREE, &[&before.id]).await?;
    note(&mut work, &record, Some(&before), None)?;
    let change_set = work.record("quote.delete", None).await?;
    work.commit().await?;
    Ok(Some(change_set))
}

/// The sale of a quote, and the quote, locked in this order.
async fn lock<'a>(
    data: &TenantConnection,
    by: By<'a>,
    (id, condition): (i64, &Precondition),
    today: Date,
) -> Result<Option<(Work<'a>, Record, Quote)>> {
    let Some(seen) = find(data, id, today).await? else {
        return Ok(None);
    };
    let work = Work::begin(data, by).await?;
    let Some(record) = work.lock(Kind::Opportunity, seen.opportunity).await? else {
        return Ok(None);
    };
    let quote = again(&work, id, today).await?;
    if quote.deleted {
        return Ok(None);
    }
    condition.check(quote.version)?;
    Ok(Some((work, record, quote)))
}

async fn again(work: &Work<'_>, id: i64, today: Date) -> Result<Quote> {
    let row = work.tx.one(&LOCK, &[&id]).await?;
    Quote::read(&row, today)
}

async fn insert(
    work: &Work<'_>,
    record: &Record,
    content: &Content,
    revises: Option<&Quote>,
    today: Date,
) -> Result<Quote> {
    let count: i64 = work.tx.one(&COUNT, &[&record.id]).await?.get(0);
    if count >= MOST {
        let told = format!("A sale has at most {MOST} quotes.");
        return Err(FieldErrors::whole(told).into());
    }
    let lines = crate::records::json(&content.lines)?;
    let sum = total(&content.lines).unwrap_or_default();
    let actor = work.by.actor;
    let params: [&(dyn ToSql + Sync); 12] = [
        &record.id,
        &content.valid_until,
        &content.language.as_str(),
        &content.notes,
        &content.terms,
        &lines,
        &sum,
        &actor.user_id,
        &actor.name,
        &revises.and_then(|quote| quote.number),
        &revises.map_or(1, |quote| quote.revision + 1),
        &revises.map(|quote| quote.id),
    ];
    let id: i64 = work.tx.write_one(&INSERT, &params).await?.get(0);
    again(work, id, today).await
}

async fn put(work: &Work<'_>, id: i64, content: &Content, deleted: bool) -> Result<()> {
    let lines = crate::records::json(&content.lines)?;
    let sum = total(&content.lines).unwrap_or_default();
    let params: [&(dyn ToSql + Sync); 8] = [
        &id,
        &content.valid_until,
        &content.language.as_str(),
        &content.notes,
        &content.terms,
        &lines,
        &sum,
        &deleted,
    ];
    work.tx.execute(&CONTENT, &params).await?;
    Ok(())
}

/// What was sent, with what its lines copy of products.
async fn read(work: &Work<'_>, body: &Map<String, Value>, before: &Content) -> Result<Content> {
    let products = products::there(&work.tx, &named(body)).await?;
    Ok(Content::parse(body, before, &products)?)
}

fn written_only(quote: &Quote) -> Result<()> {
    match quote.kept {
        Status::Draft => Ok(()),
        _ => Err(conflict(told::STAYS)),
    }
}

fn conflict(detail: &str) -> Error {
    Refusal::Conflict {
        detail: detail.to_owned(),
        location: None,
    }
    .into()
}

fn note(
    work: &mut Work<'_>,
    record: &Record,
    before: Option<&Quote>,
    after: Option<&Quote>,
) -> Result<()> {
    let side = |quote: Option<&Quote>| -> Result<Map<String, Value>> {
        let told = quote.map(Quote::told).transpose()?.unwrap_or_default();
        Ok(Map::from_iter([(FIELD.to_owned(), told)]))
    };
    work.note(Op::Update, record, side(before)?, side(after)?);
    Ok(())
}

async fn finish(mut work: Work<'_>, action: &str, quote: Quote) -> Result<Acted> {
    let change_set = work.record(action, None).await?;
    work.commit().await?;
    Ok(Acted {
        quote,
        change_set,
        link: None,
    })
}

/// The customer of a sale, by name.
async fn customer_of(work: &Work<'_>, record: &Record) -> Result<String> {
    let Some(id) = record.int("customer") else {
        return Ok(String::new());
    };
    let model = model::of(Kind::Customer);
    let row = work.tx.write(&model.find, &[&id]).await?;
    Ok(row
        .first()
        .map(|row| model.record(row).text("name").to_owned())
        .unwrap_or_default())
}
