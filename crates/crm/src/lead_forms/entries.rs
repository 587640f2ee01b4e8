//! What was sent by forms.

use super::LeadForm;
use crate::assignment::Assigning;
use crate::work::{By, Work};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value, json};
use sindico_db::{Error, Result, Row, TenantConnection, ToSql};
use sindico_domain::Refusal;
use sindico_domain::crm::Record;
use sindico_domain::lead_form::{EntryState, MOST_WAITING, Suspicion, WAIT_DAYS};
use sindico_domain::page::{Cursor, Page, PageRequest};
use utoipa::ToSchema;

macro_rules! columns {
    () => {
        "id, form_id, state, suspicions, sent, consent, address, lead_id, alike, at"
    };
}

sindico_db::statements! { "lead_form_entries":
    // Of two that are sent at once with one proof, one waits here and then finds it used.
    INSERT = concat!("INSERT INTO lead_form_entry (form_id, state, suspicions, nonce, sent, consent, address, lead_id, alike, at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (company_id, nonce) DO NOTHING RETURNING ", columns!());
    WAITING = "SELECT count(*) FROM (SELECT FROM lead_form_entry WHERE form_id = $1 AND state = 'QUARANTINE' LIMIT $2) w";
    LIST = concat!("SELECT ", columns!(), " FROM lead_form_entry
        WHERE form_id = $1 AND ($2::text IS NULL OR state = $2) AND ($3::bigint IS NULL OR id < $3)
        ORDER BY id DESC LIMIT $4");
    FIND = concat!("SELECT ", columns!(), " FROM lead_form_entry WHERE id = $1");
    LOCK = concat!("SELECT ", columns!(), " FROM lead_form_entry WHERE id = $1 FOR UPDATE");
    // What it says is the lead's from now on, and nobody's when it was spam.
    SETTLE = concat!("UPDATE lead_form_entry SET state = $2, lead_id = $3, sent = '{}' WHERE id = $1 RETURNING ", columns!());
    FORGET = "DELETE FROM lead_form_entry WHERE id IN (
        SELECT id FROM lead_form_entry WHERE form_id = $1 AND state = 'QUARANTINE' AND at < $2 ORDER BY at LIMIT 100)";
}

/// What was sent by a form.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Entry {
    /// Its id.
    pub id: i64,
    /// The form.
    pub form: i64,
    /// What became of it.
    pub state: EntryState,
    /// What speaks against a person having sent it.
    pub suspicions: Vec<Suspicion>,
    /// What was typed, while it waits for somebody to look.
    #[schema(value_type = Object)]
    pub sent: Value,
    /// The text that was agreed to.
    pub consent: String,
    /// From where.
    pub address: Option<String>,
    /// The lead that it is.
    pub lead: Option<i64>,
    /// Whether somebody who was there already may be the same.
    pub alike: bool,
    /// When.
    pub at: Timestamp,
}

impl Entry {
    fn read(row: &Row) -> Result<Self> {
        let suspicions: Vec<&str> = row.get(3);
        Ok(Self {
            id: row.get(0),
            form: row.get(1),
            state: row.get::<_, &str>(2).parse().map_err(Error::Internal)?,
            suspicions: suspicions
                .into_iter()
                .filter_map(|word| word.parse().ok())
                .collect(),
            sent: row.get(4),
            consent: row.get(5),
            address: row.get(6),
            lead: row.get(7),
            alike: row.get(8),
            at: row.get(9),
        })
    }
}

/// What arrived.
pub struct Arrival<'a> {
    /// The form.
    pub form: &'a LeadForm,
    /// The lead that it would be.
    pub record: Record,
    /// What was typed.
    pub sent: &'a Map<String, Value>,
    /// What speaks against a person.
    pub suspicions: &'a [Suspicion],
    /// Of the proof.
    pub nonce: Option<&'a str>,
    /// Whether somebody who is there may be the same.
    pub alike: bool,
    /// Who gets it, if the form names nobody.
    pub assigning: &'a Assigning,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is a lead, or waits.
    As(EntryState),
    /// It was sent before.
    Before,
}

/// Takes what arrived: as a lead, or for somebody to look at.
///
/// # Errors
/// What the rules of leads refuse; `429` when too much waits already.
pub async fn arrive(data: &TenantConnection, by: By<'_>, arrival: Arrival<'_>) -> Result<Taken> {
    let mut work = Work::begin(data, by).await?;
    let form = arrival.form;
    let spam = !arrival.suspicions.is_empty();
    if spam {
        let waiting: i64 = work
            .tx
            .one(&WAITING, &[&form.id, &MOST_WAITING])
            .await?
            .get(0);
        if waiting >= MOST_WAITING {
            return Err(Refusal::TooManyRequests(3_600).into());
        }
    }
    let (state, lead, sent) = match spam {
        true => (EntryState::Quarantine, None, json!(arrival.sent)),
        false => {
            let made = create(&mut work, arrival.record, arrival.assigning).await?;
            work.record("lead.form", None).await?;
            (EntryState::Lead, Some(made.id), json!({}))
        }
    };
    let suspicions: Vec<&str> = arrival.suspicions.iter().map(|one| one.as_str()).collect();
    let address = by.actor.address.map(|address| address.to_string());
    let params: [&(dyn ToSql + Sync); 10] = [
        &form.id,
        &state.as_str(),
        &suspicions,
        &arrival.nonce,
        &sent,
        &form.wish.consent,
        &address,
        &lead,
        &arrival.alike,
        &by.now,
    ];
    if work.tx.row(&INSERT, &params).await?.is_none() {
        // Nothing of this one stays.
        return Ok(Taken::Before);
    }
    work.commit().await?;
    Ok(Taken::As(state))
}

/// Of whom the form says, else of whom the company's rules say.
async fn create(work: &mut Work<'_>, record: Record, assigning: &Assigning) -> Result<Record> {
    match record.get("owner").is_empty() {
        true => work.create_open(record, assigning).await,
        false => work.create(record).await,
    }
}

/// What was sent by a form, the newest first.
///
/// # Errors
/// When the tenant's place can't be reached; so with the others.
pub async fn entries(
    data: &TenantConnection,
    form: i64,
    state: Option<EntryState>,
    page: &PageRequest,
) -> Result<Page<Entry>> {
    let (after, limit) = (page.after_id("-id")?, page.limit + 1);
    let state = state.map(EntryState::as_str);
    let rows = data.rows(&LIST, &[&form, &state, &after, &limit]).await?;
    let rows: Result<Vec<_>> = rows.iter().map(Entry::read).collect();
    Ok(Page::of(rows?, page, None, |entry: &Entry| Cursor {
        sort: "-id".to_owned(),
        key: String::new(),
        id: entry.id,
    }))
}

/// One of them.
///
/// # Errors
/// See [`entries`].
pub async fn entry(data: &TenantConnection, id: i64) -> Result<Option<Entry>> {
    data.row(&FIND, &[&id])
        .await?
        .as_ref()
        .map(Entry::read)
        .transpose()
}

/// Makes a lead of what waits; the entry as it is then, `None` when there is none. What does not wait stays as it is.
///
/// # Errors
/// What the rules of leads refuse.
pub async fn accept(
    data: &TenantConnection,
    by: By<'_>,
    id: i64,
    record: Record,
    assigning: &Assigning,
) -> Result<Option<Entry>> {
    let mut work = Work::begin(data, by).await?;
    let Some(found) = work
        .tx
        .row(&LOCK, &[&id])
        .await?
        .as_ref()
        .map(Entry::read)
        .transpose()?
    else {
        return Ok(None);
    };
    if found.state != EntryState::Quarantine {
        return Ok(Some(found));
    }
    let made = create(&mut work, record, assigning).await?;
    work.record("lead.form", None).await?;
    let params: [&(dyn ToSql + Sync); 3] = [&id, &EntryState::Lead.as_str(), &Some(made.id)];
    let settled = Entry::read(&work.tx.one(&SETTLE, &params).await?)?;
    work.commit().await?;
    Ok(Some(settled))
}

/// Discards what waits, with what it says; as [`accept`].
///
/// # Errors
/// See [`entries`].
pub async fn discard(data: &TenantConnection, id: i64) -> Result<Option<Entry>> {
    let tx = data.begin().await?;
    let Some(found) = tx
        .row(&LOCK, &[&id])
        .await?
        .as_ref()
        .map(Entry::read)
        .transpose()?
    else {
        return Ok(None);
    };
    if found.state != EntryState::Quarantine {
        return Ok(Some(found));
    }
    let params: [&(dyn ToSql + Sync); 3] = [&id, &EntryState::Discarded.as_str(), &None::<i64>];
    let settled = Entry::read(&tx.one(&SETTLE, &params).await?)?;
    tx.commit().await?;
    Ok(Some(settled))
}

/// Forgets what has waited for too long.
///
/// # Errors
/// See [`entries`].
pub async fn forget_old(data: &TenantConnection, form: i64, now: Timestamp) -> Result<u64> {
    let before = now
        .saturating_sub(SignedDuration::from_hours(WAIT_DAYS * 24))
        .unwrap_or(now);
    let tx = data.begin().await?;
    let count = tx.execute(&FORGET, &[&form, &before]).await?;
    tx.commit().await?;
    Ok(count)
}
