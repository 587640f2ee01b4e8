//! What goes for good: uploads that have stopped, files that were removed long ago, and content that no file has
//! any more. Any number of programs may do it; one at a time in a company.

use super::ROOM;
use sindico_db::{Result, TenantConnection, TenantTransaction};
use sindico_domain::crm::Kind;

/// How many of each go at once: what is left goes the next time.
const MOST: i64 = 200;

sindico_db::statements! { "sweep":
    STOPPED = "DELETE FROM file_content WHERE id IN (SELECT id FROM file_content
        WHERE sha256 IS NULL AND touched_at < now() - make_interval(secs => $1) ORDER BY touched_at LIMIT $2)";
    REMOVED = "DELETE FROM attachment WHERE id IN (SELECT id FROM attachment
        WHERE deleted_at < now() - make_interval(secs => $1) ORDER BY deleted_at LIMIT $2)";
    OF = "DELETE FROM attachment WHERE kind = $1 AND record_id = ANY ($2)";
    ORPHANS = "DELETE FROM file_content WHERE id IN (SELECT c.id FROM file_content c
        WHERE c.sha256 IS NOT NULL AND NOT EXISTS (SELECT FROM attachment a WHERE a.content_id = c.id) LIMIT $1)";
}

/// Takes the files of records away for good, in the caller's transaction; how many.
///
/// # Errors
/// When the tenant's place can't be reached.
pub(crate) async fn erase(tx: &TenantTransaction, kind: Kind, records: &[i64]) -> Result<u64> {
    tx.execute(&ROOM, &[]).await?;
    let gone = tx.execute(&OF, &[&kind.as_str(), &records]).await?;
    while gone > 0 && tx.execute(&ORPHANS, &[&MOST]).await? > 0 {}
    Ok(gone)
}

/// How old something is that goes, in seconds by the database's clock.
#[derive(Debug, Clone, Copy)]
pub struct Ages {
    /// An upload of which nothing more has come.
    pub stopped: f64,
    /// A file that was taken off its record.
    pub removed: f64,
}

impl Default for Ages {
    /// An hour, and thirty days.
    fn default() -> Self {
        Self {
            stopped: 3_600.0,
            removed: 30.0 * 86_400.0,
        }
    }
}

/// How much has gone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Uploads that had stopped.
    pub stopped: u64,
    /// Files.
    pub removed: u64,
    /// Contents.
    pub contents: u64,
}

/// Sweeps what is that old.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn sweep(data: &TenantConnection, ages: Ages) -> Result<Swept> {
    let tx = data.begin().await?;
    tx.execute(&ROOM, &[]).await?;
    let swept = Swept {
        stopped: tx.execute(&STOPPED, &[&ages.stopped, &MOST]).await?,
        removed: tx.execute(&REMOVED, &[&ages.removed, &MOST]).await?,
        contents: tx.execute(&ORPHANS, &[&MOST]).await?,
    };
    tx.commit().await?;
    Ok(swept)
}
