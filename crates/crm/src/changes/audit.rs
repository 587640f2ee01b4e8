//! The history of a whole company, narrowed to what somebody looks for.

use super::{Change, Reader, paged, select};
use jiff::Timestamp;
use sindico_db::{Result, Statement, TenantConnection};
use sindico_domain::page::{Page, PageRequest};

sindico_db::statements! { "audit":
    FIND = select!("WHERE c.kind = ANY ($1) AND ($2::bigint IS NULL OR c.id < $2)
            AND ($4::bigint IS NULL OR s.user_id = $4)
            AND ($5::timestamptz IS NULL OR s.at >= $5) AND ($6::timestamptz IS NULL OR s.at < $6)
            AND ($7::text IS NULL OR c.op = $7) ORDER BY c.id DESC LIMIT $3");
}

pub(super) fn statements() -> &'static [Statement] {
    STATEMENTS
}

/// Which changes somebody looks for.
#[derive(Debug, Default)]
pub struct Looked {
    /// Only of this user.
    pub user: Option<i64>,
    /// At this instant or later.
    pub from: Option<Timestamp>,
    /// Before this instant.
    pub before: Option<Timestamp>,
    /// Only of this sort: `CREATE`, `UPDATE`, `DELETE` or `RESTORE`.
    pub op: Option<String>,
}

/// The changes that fit and that are the reader's to read, the newest first.
///
/// # Errors
/// A cursor of another list is refused; or the tenant's place can't be reached.
pub async fn audit(
    data: &TenantConnection,
    reader: &Reader,
    looked: &Looked,
    page: &PageRequest,
) -> Result<Page<Change>> {
    let (after, limit) = (page.after_id("-change")?, page.limit + 1);
    let params: [&(dyn sindico_db::ToSql + Sync); 7] = [
        &reader.words(),
        &after,
        &limit,
        &looked.user,
        &looked.from,
        &looked.before,
        &looked.op,
    ];
    Ok(paged(&data.rows(&FIND, &params).await?, reader, page))
}
