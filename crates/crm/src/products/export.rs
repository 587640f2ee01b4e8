//! The whole list of products, piece by piece: from one cursor, and so as it was at one moment.

use super::{Asked, Listed, read, select};
use crate::list::PIECE;
use sindico_db::{Result, TenantConnection, TenantTransaction};

const LISTED: &str = select!("WHERE deleted_at IS NULL AND (NOT $1::boolean OR active)
    AND ($2::text = '' OR lower(name) LIKE '%' || $2 || '%' OR lower(code) LIKE '%' || $2 || '%') ORDER BY id DESC");

/// A list of products that is read.
pub struct Export {
    tx: TenantTransaction,
}

impl Export {
    /// Begins.
    ///
    /// # Errors
    /// When the tenant's place can't be reached; so with the other.
    pub async fn begin(data: &TenantConnection, asked: &Asked) -> Result<Self> {
        let tx = data.begin().await?;
        tx.declare(LISTED, &[&asked.active, &asked.part()]).await?;
        Ok(Self { tx })
    }

    /// The next products; fewer than [`PIECE`] at the end.
    ///
    /// # Errors
    /// See [`Export::begin`].
    pub async fn next(&mut self) -> Result<Vec<Listed>> {
        let rows = self.tx.fetch(PIECE).await?;
        Ok(rows.iter().map(|row| read(row).0).collect())
    }
}
