//! Forms on the web that make leads: what is sent becomes a lead with what its person agreed to, in one
//! transaction; or waits for somebody to look, when it may be spam.

mod entries;

pub use entries::{Arrival, Entry, Taken, accept, arrive, discard, entries, entry, forget_old};

use crate::settings;
use crate::work::By;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use sindico_db::{Result, Row, Statement, TenantConnection, TenantTransaction, ToSql};
use sindico_domain::lead_form::{MOST, Wish, is_custom};
use sindico_domain::precondition::Precondition;
use sindico_domain::setting::Setting;

macro_rules! columns {
    () => {
        "id, key, secret, title, intro, fields, source, tags, owner_id, consent, thanks, redirect, origins, active,
         version, created_at, updated_at, required"
    };
}

sindico_db::statements! { "lead_forms":
    LIST = concat!("SELECT ", columns!(), " FROM lead_form ORDER BY id");
    FIND = concat!("SELECT ", columns!(), " FROM lead_form WHERE id = $1");
    BY_KEY = concat!("SELECT ", columns!(), " FROM lead_form WHERE key = $1 AND active");
    LOCK = concat!("SELECT ", columns!(), " FROM lead_form WHERE id = $1 FOR UPDATE");
    COUNT = "SELECT count(*) FROM lead_form";
    INSERT = concat!("INSERT INTO lead_form (title, intro, fields, source, tags, owner_id, consent, thanks, redirect, origins, active, required, key, secret)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) RETURNING ", columns!());
    UPDATE = concat!("UPDATE lead_form SET title = $1, intro = $2, fields = $3, source = $4, tags = $5, owner_id = $6,
            consent = $7, thanks = $8, redirect = $9, origins = $10, active = $11, required = $12, version = version + 1, updated_at = now()
        WHERE id = $13 RETURNING ", columns!());
    DELETE = "DELETE FROM lead_form WHERE id = $1";
}

pub(crate) fn statements() -> Vec<Statement> {
    [STATEMENTS, entries::STATEMENTS].concat()
}

/// A form.
#[derive(Debug, Clone, Serialize)]
pub struct LeadForm {
    /// Its id.
    pub id: i64,
    /// Stands in its address: `/f/{key}/`.
    pub key: String,
    /// What its proofs are made with.
    #[serde(skip)]
    pub secret: String,
    /// How it is.
    #[serde(flatten)]
    pub wish: Wish,
    /// Its version, as in the `ETag`.
    #[serde(skip)]
    pub version: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed.
    pub updated_at: Timestamp,
}

impl LeadForm {
    fn read(row: &Row) -> Self {
        Self {
            id: row.get(0),
            key: row.get(1),
            secret: row.get(2),
            wish: Wish {
                title: row.get(3),
                intro: row.get(4),
                fields: row.get(5),
                required: row.get(17),
                source: row.get(6),
                tags: row.get(7),
                owner: row.get(8),
                consent: row.get(9),
                thanks: row.get(10),
                redirect: row.get(11),
                origins: row.get(12),
                active: row.get(13),
            },
            version: row.get(14),
            created_at: row.get(15),
            updated_at: row.get(16),
        }
    }
}

/// All forms, the oldest first.
///
/// # Errors
/// When the tenant's place can't be reached; so with the others.
pub async fn list(data: &TenantConnection) -> Result<Vec<LeadForm>> {
    let rows = data.rows(&LIST, &[]).await?;
    Ok(rows.iter().map(LeadForm::read).collect())
}

/// A form.
///
/// # Errors
/// See [`list`].
pub async fn find(data: &TenantConnection, id: i64) -> Result<Option<LeadForm>> {
    Ok(data.row(&FIND, &[&id]).await?.as_ref().map(LeadForm::read))
}

/// The form behind an address, while it is active.
///
/// # Errors
/// See [`list`].
pub async fn by_key(data: &TenantConnection, key: &str) -> Result<Option<LeadForm>> {
    Ok(data
        .row(&BY_KEY, &[&key])
        .await?
        .as_ref()
        .map(LeadForm::read))
}

/// Makes a form, with this key and this secret.
///
/// # Errors
/// More than a company may have.
pub async fn create(
    data: &TenantConnection,
    by: By<'_>,
    wish: &Wish,
    (key, secret): (&str, &str),
) -> Result<LeadForm> {
    let tx = data.begin().await?;
    settings::room(&tx, Setting::LeadForm, (&COUNT, MOST)).await?;
    let mut params = columns_of(wish);
    params.extend([&key as &(dyn ToSql + Sync), &secret]);
    let made = LeadForm::read(&tx.one(&INSERT, &params).await?);
    note(&tx, by, "create", None, Some(&made)).await?;
    tx.commit().await?;
    Ok(made)
}

/// Changes a form; `None` when there is none.
///
/// # Errors
/// `412` over another version.
pub async fn change(
    data: &TenantConnection,
    by: By<'_>,
    (id, condition): (i64, &Precondition),
    wish: &Wish,
) -> Result<Option<LeadForm>> {
    let tx = data.begin().await?;
    let Some(before) = lock(&tx, id, condition).await? else {
        return Ok(None);
    };
    if before.wish == *wish {
        return Ok(Some(before));
    }
    let mut params = columns_of(wish);
    params.push(&id);
    let after = LeadForm::read(&tx.one(&UPDATE, &params).await?);
    note(&tx, by, "update", Some(&before), Some(&after)).await?;
    tx.commit().await?;
    Ok(Some(after))
}

/// Sets a form to what it was before somebody edited it last; to do so again is to have it again. `None` when there is
/// none.
///
/// # Errors
/// One that was never edited; `412` over another version.
pub async fn undo(
    data: &TenantConnection,
    by: By<'_>,
    (id, condition): (i64, &Precondition),
) -> Result<Option<LeadForm>> {
    let Some(form) = find(data, id).await? else {
        return Ok(None);
    };
    condition.check(form.version)?;
    let before = settings::before_edit(data, Setting::LeadForm, id).await?;
    // What it asked for once was right then; what of it is gone meanwhile is not shown.
    let wish = Wish::parse(&before, Some(&form.wish), &is_custom)?;
    // Who changes it meanwhile has changed its version.
    let condition = Precondition::OneOf(vec![form.version]);
    change(data, by, (id, &condition), &wish).await
}

/// Deletes a form with what was sent by it; the leads stay. False when there is none.
///
/// # Errors
/// As [`change`].
pub async fn remove(
    data: &TenantConnection,
    by: By<'_>,
    (id, condition): (i64, &Precondition),
) -> Result<bool> {
    let tx = data.begin().await?;
    let Some(before) = lock(&tx, id, condition).await? else {
        return Ok(false);
    };
    tx.execute(&DELETE, &[&id]).await?;
    note(&tx, by, "delete", Some(&before), None).await?;
    tx.commit().await?;
    Ok(true)
}

fn columns_of(wish: &Wish) -> Vec<&(dyn ToSql + Sync)> {
    vec![
        &wish.title,
        &wish.intro,
        &wish.fields,
        &wish.source,
        &wish.tags,
        &wish.owner,
        &wish.consent,
        &wish.thanks,
        &wish.redirect,
        &wish.origins,
        &wish.active,
        &wish.required,
    ]
}

async fn lock(
    tx: &TenantTransaction,
    id: i64,
    condition: &Precondition,
) -> Result<Option<LeadForm>> {
    let found = tx.row(&LOCK, &[&id]).await?.as_ref().map(LeadForm::read);
    if let Some(found) = &found {
        condition.check(found.version)?;
    }
    Ok(found)
}

async fn note(
    tx: &TenantTransaction,
    by: By<'_>,
    action: &str,
    before: Option<&LeadForm>,
    after: Option<&LeadForm>,
) -> Result<()> {
    let id = before.or(after).map_or(0, |form| form.id);
    let told = |form: &LeadForm| -> Value { json!(form.wish) };
    let (before, after) = (before.map(told), after.map(told));
    settings::note(tx, by, (Setting::LeadForm, id, action), before, after).await
}
