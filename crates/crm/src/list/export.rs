//! A whole list, piece by piece: from one cursor, and so as it was at one moment, in little memory.

use super::{Found, ListQuery, Sql, conditions, order};
use crate::model::{self, Model};
use crate::names::{self, Names};
use crate::work::{By, support_of};
use sindico_db::{Result, Statement, TenantConnection, TenantTransaction, pattern};
use sindico_domain::crm::search::parts_of;
use sindico_domain::crm::{Kind, Record};

/// Rows of a piece.
pub const PIECE: u32 = 500;

sindico_db::statements! { "export":
    LOG = "INSERT INTO export_log (kind, format, query, user_id, username, address, request_id, support)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id";
    LOGGED = "UPDATE export_log SET rows = $2 WHERE id = $1";
}

pub(crate) fn statements() -> &'static [Statement] {
    STATEMENTS
}

/// What an export is of.
pub struct Exported<'a> {
    /// Of which kind of records, or of products.
    pub kind: &'a str,
    /// As which kind of file.
    pub format: &'a str,
    /// What was asked for.
    pub query: &'a str,
}

/// A list that is read.
pub struct Export {
    tx: TenantTransaction,
    model: &'static Model,
}

impl Export {
    /// Begins; `query.page` does not matter.
    ///
    /// # Errors
    /// When the tenant's place can't be reached; so with the others.
    pub async fn begin(data: &TenantConnection, query: &ListQuery) -> Result<Self> {
        let (order, down) = order(query.kind, &query.sort);
        let parts = query.q.as_deref().map(|q| {
            let parts = parts_of(q);
            parts.iter().map(|part| pattern::containing(part)).collect()
        });
        let found = Found {
            kinds: vec![query.kind.as_str()],
            parts,
        };
        let mut sql = Sql::default();
        let from = found.source(&mut sql, query.kind);
        let rest = conditions((query.kind, data.sight()), &query.filters, &mut sql);
        let model = model::of(query.kind);
        let direction = if down { "DESC" } else { "ASC" };
        let select = format!(
            "SELECT {}, {} AS sort_key FROM {} t",
            model.columns, order.expression, query.kind
        );
        // Around both branches of a search: the order is that of the whole.
        let text = format!(
            "SELECT * FROM ({}) listed ORDER BY sort_key {direction}, id {direction}",
            from.around(&select, &rest)
        );
        let tx = data.begin().await?;
        tx.declare(&text, &sql.params).await?;
        Ok(Self { tx, model })
    }

    /// The next records, and what those are called to which they refer, as far as the reader may read these
    /// kinds; none at the end.
    ///
    /// # Errors
    /// See [`Export::begin`].
    pub async fn next(&mut self, readable: &[Kind]) -> Result<(Vec<Record>, Names)> {
        let rows = self.tx.fetch(PIECE).await?;
        let records: Vec<Record> = rows.iter().map(|row| self.model.record(row)).collect();
        let names = names::within(&self.tx, &records, readable).await?;
        Ok((records, names))
    }
}

/// Writes down that somebody takes a list out, before its first row goes.
///
/// # Errors
/// See [`Export::begin`].
pub async fn log(data: &TenantConnection, by: By<'_>, what: &Exported<'_>) -> Result<i64> {
    let actor = by.actor;
    let address = actor.address.map(|address| address.to_string());
    let tx = data.begin().await?;
    let row = tx
        .one(
            &LOG,
            &[
                &what.kind,
                &what.format,
                &what.query,
                &actor.user_id,
                &actor.name,
                &address,
                &actor.request_id,
                &support_of(actor),
            ],
        )
        .await?;
    tx.commit().await?;
    Ok(row.get(0))
}

/// And how many rows it had, once all have gone.
///
/// # Errors
/// See [`Export::begin`].
pub async fn logged(data: &TenantConnection, id: i64, rows: i64) -> Result<()> {
    let tx = data.begin().await?;
    tx.execute(&LOGGED, &[&id, &rows]).await?;
    tx.commit().await
}
