//! Products. What is done to one is written down in the transaction that does it, and its last change can be taken
//! back.

mod export;

pub use export::Export;

use crate::records::json;
use crate::work::{By, support_of};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sindico_db::{Error, Result, Row, Statement, TenantConnection, TenantTransaction, ToSql};
use sindico_domain::FieldErrors;
use sindico_domain::page::{Cursor, Page, PageRequest};
use sindico_domain::precondition::Precondition;
use sindico_domain::product::{MOST, Product};
use std::collections::BTreeMap;
use utoipa::ToSchema;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, code, description, unit, price, active, version, created_at, updated_at, deleted_at IS NOT NULL
             FROM product ",
            $rest
        )
    };
}

use select;

sindico_db::statements! { "products":
    LIST = select!("WHERE deleted_at IS NULL AND ($1::bigint IS NULL OR id < $1) AND (NOT $2 OR active)
        AND ($3::text = '' OR lower(name) LIKE '%' || $3 || '%' OR lower(code) LIKE '%' || $3 || '%') ORDER BY id DESC LIMIT $4");
    // What is offered where one writes a quote.
    ACTIVE = select!("WHERE deleted_at IS NULL AND active ORDER BY name, id LIMIT 500");
    FIND = select!("WHERE id = $1 AND deleted_at IS NULL");
    THERE = select!("WHERE id = ANY ($1) AND deleted_at IS NULL");
    LOCK = select!("WHERE id = $1 FOR UPDATE");
    COUNT = "SELECT count(*) FROM product WHERE deleted_at IS NULL";
    INSERT = "INSERT INTO product (name, code, description, unit, price, active) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id";
    UPDATE = "UPDATE product SET name = $2, code = $3, description = $4, unit = $5, price = $6, active = $7,
        deleted_at = CASE WHEN $8 THEN now() END, version = version + 1, updated_at = now() WHERE id = $1";
    RECORD = "INSERT INTO product_change (product_id, action, user_id, username, address, request_id, before, after, support)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    LAST = "SELECT before FROM product_change WHERE product_id = $1 ORDER BY id DESC LIMIT 1";
    HISTORY = "SELECT id, action, user_id, username, at, before, after FROM product_change
        WHERE product_id = $1 ORDER BY id DESC LIMIT 200";
}

pub(crate) fn statements() -> Vec<Statement> {
    STATEMENTS.to_vec()
}

/// A product as it is, or was.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct State {
    #[serde(flatten)]
    product: Product,
    deleted: bool,
}

/// A product.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Listed {
    /// Its id.
    pub id: i64,
    /// What it is called.
    pub name: String,
    /// By which the company knows it.
    pub code: String,
    /// What it is.
    pub description: String,
    /// What one counts it in.
    pub unit: String,
    /// Of one unit.
    #[schema(value_type = String, example = "19.90")]
    pub price: Decimal,
    /// Whether it is offered in new quotes.
    pub active: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed.
    pub updated_at: Timestamp,
    /// Its version, as in the `ETag`.
    #[serde(skip)]
    pub version: i64,
}

impl Listed {
    /// How it is.
    pub fn product(&self) -> Product {
        Product {
            name: self.name.clone(),
            code: self.code.clone(),
            description: self.description.clone(),
            unit: self.unit.clone(),
            price: self.price,
            active: self.active,
        }
    }
}

/// What was done to a product.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProductChange {
    /// Its place in the history.
    pub id: i64,
    /// `create`, `update`, `delete`, `restore` or `undo`.
    pub action: String,
    /// Who, unless the program itself.
    pub user: Option<i64>,
    /// Their name.
    pub username: String,
    /// When.
    pub at: Timestamp,
    /// As it was.
    #[schema(value_type = Object)]
    pub before: Value,
    /// As it was then.
    #[schema(value_type = Object)]
    pub after: Value,
}

/// What a list of products is asked for.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Only those that are offered.
    pub active: bool,
    /// A part of the name or the code.
    pub q: String,
}

impl Asked {
    /// What is looked for, without what means something where it is compared.
    fn part(&self) -> String {
        self.q.to_lowercase().replace(['%', '_', '\\'], "")
    }
}

/// Products, the newest first.
///
/// # Errors
/// A cursor of another list is refused; or the tenant's place can't be reached.
pub async fn list(
    data: &TenantConnection,
    asked: &Asked,
    page: &PageRequest,
) -> Result<Page<Listed>> {
    let (after, limit) = (page.after_id("-id")?, page.limit + 1);
    let rows = data
        .rows(&LIST, &[&after, &asked.active, &asked.part(), &limit])
        .await?;
    let found = rows.iter().map(|row| read(row).0).collect();
    Ok(Page::of(found, page, None, |last: &Listed| Cursor {
        sort: "-id".to_owned(),
        key: String::new(),
        id: last.id,
    }))
}

/// Those that are offered in new quotes, by name.
///
/// # Errors
/// When the tenant's place can't be reached; so with the others.
pub async fn active(data: &TenantConnection) -> Result<Vec<Listed>> {
    let rows = data.rows(&ACTIVE, &[]).await?;
    Ok(rows.iter().map(|row| read(row).0).collect())
}

/// A product; `None` when there is none.
///
/// # Errors
/// See [`active`].
pub async fn find(data: &TenantConnection, id: i64) -> Result<Option<Listed>> {
    let row = data.row(&FIND, &[&id]).await?;
    Ok(row.map(|row| read(&row).0))
}

/// Those of these that are there, by their ids.
pub(crate) async fn there(tx: &TenantTransaction, ids: &[i64]) -> Result<BTreeMap<i64, Product>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let rows = tx.rows(&THERE, &[&ids]).await?;
    let found = rows.iter().map(|row| read(row).0);
    Ok(found.map(|one| (one.id, one.product())).collect())
}

/// What was done to a product, the newest first.
///
/// # Errors
/// See [`active`].
pub async fn history(data: &TenantConnection, id: i64) -> Result<Vec<ProductChange>> {
    let rows = data.rows(&HISTORY, &[&id]).await?;
    let told = rows.iter().map(|row| ProductChange {
        id: row.get(0),
        action: row.get(1),
        user: row.get(2),
        username: row.get(3),
        at: row.get(4),
        before: row.get(5),
        after: row.get(6),
    });
    Ok(told.collect())
}

/// Makes a product.
///
/// # Errors
/// A code that another has; more than a company may have.
pub async fn create(data: &TenantConnection, by: By<'_>, product: Product) -> Result<Listed> {
    let tx = data.begin().await?;
    room(&tx).await?;
    let params: [&(dyn ToSql + Sync); 6] = [
        &product.name,
        &product.code,
        &product.description,
        &product.unit,
        &product.price,
        &product.active,
    ];
    let id: i64 = tx.one(&INSERT, &params).await?.get(0);
    let after = State {
        product,
        deleted: false,
    };
    let before = State {
        deleted: true,
        ..after.clone()
    };
    note(&tx, by, (id, "create"), (&before, &after)).await?;
    finished(tx, id).await
}

/// Changes a product to what was sent; `None` when there is none.
///
/// # Errors
/// As [`create`]; all wrong fields; `412` over another version.
pub async fn change(
    data: &TenantConnection,
    by: By<'_>,
    (id, condition): (i64, &Precondition),
    body: &Map<String, Value>,
) -> Result<Option<Listed>> {
    let tx = data.begin().await?;
    let Some((found, before)) = lock(&tx, id).await?.filter(|(_, state)| !state.deleted) else {
        return Ok(None);
    };
    condition.check(found.version)?;
    let after = State {
        product: Product::parse(body, Some(&before.product))?,
        deleted: false,
    };
    if after == before {
        return Ok(Some(found));
    }
    put(&tx, by, (id, "update"), (&before, &after)).await?;
    Ok(Some(finished(tx, id).await?))
}

/// Deletes a product; false when there is none. Quotes keep what they have of it.
///
/// # Errors
/// `412` over another version.
pub async fn remove(
    data: &TenantConnection,
    by: By<'_>,
    (id, condition): (i64, &Precondition),
) -> Result<bool> {
    let tx = data.begin().await?;
    let Some((found, before)) = lock(&tx, id).await?.filter(|(_, state)| !state.deleted) else {
        return Ok(false);
    };
    condition.check(found.version)?;
    let after = State {
        deleted: true,
        ..before.clone()
    };
    put(&tx, by, (id, "delete"), (&before, &after)).await?;
    tx.commit().await?;
    Ok(true)
}

/// Takes a product out of the bin; `None` when it is not there.
///
/// # Errors
/// As [`create`]: its code may have been taken meanwhile.
pub async fn restore(data: &TenantConnection, by: By<'_>, id: i64) -> Result<Option<Listed>> {
    let tx = data.begin().await?;
    let Some((_, before)) = lock(&tx, id).await?.filter(|(_, state)| state.deleted) else {
        return Ok(None);
    };
    room(&tx).await?;
    let after = State {
        deleted: false,
        ..before.clone()
    };
    put(&tx, by, (id, "restore"), (&before, &after)).await?;
    Ok(Some(finished(tx, id).await?))
}

/// Takes the last change of a product back, its deletion included; to do so again is to have it again. The product,
/// and whether it is gone by that; `None` when there never was one.
///
/// # Errors
/// As [`change`].
pub async fn undo(
    data: &TenantConnection,
    by: By<'_>,
    (id, condition): (i64, &Precondition),
) -> Result<Option<(Listed, bool)>> {
    let tx = data.begin().await?;
    let Some((found, now)) = lock(&tx, id).await? else {
        return Ok(None);
    };
    condition.check(found.version)?;
    let Some(row) = tx.row(&LAST, &[&id]).await? else {
        return Ok(None);
    };
    let earlier: State = serde_json::from_value(row.get(0))
        .map_err(|error| Error::Internal(format!("a product as it was can't be read: {error}")))?;
    if now.deleted && !earlier.deleted {
        room(&tx).await?;
    }
    put(&tx, by, (id, "undo"), (&now, &earlier)).await?;
    let gone = earlier.deleted;
    Ok(Some((finished(tx, id).await?, gone)))
}

/// Refuses one more than a company may have.
async fn room(tx: &TenantTransaction) -> Result<()> {
    let count: i64 = tx.one(&COUNT, &[]).await?.get(0);
    if count >= MOST {
        let told = format!("A company has at most {MOST} products. Delete one first.");
        return Err(FieldErrors::whole(told).into());
    }
    Ok(())
}

async fn lock(tx: &TenantTransaction, id: i64) -> Result<Option<(Listed, State)>> {
    let row = tx.row(&LOCK, &[&id]).await?;
    Ok(row.map(|row| {
        let (found, deleted) = read(&row);
        let product = found.product();
        (found, State { product, deleted })
    }))
}

async fn put(
    tx: &TenantTransaction,
    by: By<'_>,
    what: (i64, &str),
    (before, after): (&State, &State),
) -> Result<()> {
    let of = &after.product;
    let params: [&(dyn ToSql + Sync); 8] = [
        &what.0,
        &of.name,
        &of.code,
        &of.description,
        &of.unit,
        &of.price,
        &of.active,
        &after.deleted,
    ];
    tx.execute(&UPDATE, &params).await?;
    note(tx, by, what, (before, after)).await
}

async fn note(
    tx: &TenantTransaction,
    by: By<'_>,
    (id, action): (i64, &str),
    (before, after): (&State, &State),
) -> Result<()> {
    let actor = by.actor;
    let address = actor.address.map(|address| address.to_string());
    let (before, after) = (json(before)?, json(after)?);
    let params: [&(dyn ToSql + Sync); 9] = [
        &id,
        &action,
        &actor.user_id,
        &actor.name,
        &address,
        &actor.request_id,
        &before,
        &after,
        &support_of(actor),
    ];
    tx.execute(&RECORD, &params).await?;
    Ok(())
}

async fn finished(tx: TenantTransaction, id: i64) -> Result<Listed> {
    let row = tx.one(&LOCK, &[&id]).await?;
    let (found, _) = read(&row);
    tx.commit().await?;
    Ok(found)
}

fn read(row: &Row) -> (Listed, bool) {
    let found = Listed {
        id: row.get(0),
        name: row.get(1),
        code: row.get(2),
        description: row.get(3),
        unit: row.get(4),
        price: row.get(5),
        active: row.get(6),
        version: row.get(7),
        created_at: row.get(8),
        updated_at: row.get(9),
    };
    (found, row.get(10))
}
