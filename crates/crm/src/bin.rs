//! The bin: what was deleted and can come back.

use jiff::Timestamp;
use serde::Serialize;
use sindico_db::{Result, Row, Statement, TenantConnection};
use sindico_domain::crm::Kind;
use sindico_domain::page::{Cursor, Page, PageRequest, instant_of, wrong_cursor};
use std::sync::LazyLock;
use utoipa::ToSchema;

/// What a kind's records are called in one column.
pub(crate) fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::Customer => "name",
        Kind::Lead => "coalesce(nullif(name, ''), nullif(company, ''), nullif(email, ''), source)",
        Kind::Opportunity | Kind::Activity => "title",
        Kind::SalesGoal => "year || '-' || lpad(month::text, 2, '0')",
    }
}

static LIST: LazyLock<Statement> = LazyLock::new(|| {
    let of = |kind: &Kind| {
        format!(
            "(SELECT deleted_at, '{kind}'::text AS kind, id, {} AS title FROM {kind}
              WHERE '{kind}' = ANY ($1) AND deleted_at IS NOT NULL AND ($2::timestamptz IS NULL OR deleted_at <= $2)
                  AND ($2::timestamptz IS NULL OR (deleted_at, '{kind}'::text COLLATE \"C\", id) < ($2, $3 COLLATE \"C\", $4))
              ORDER BY deleted_at DESC, id DESC LIMIT $5)",
            title(*kind)
        )
    };
    let all: Vec<String> = Kind::ALL.iter().map(of).collect();
    let sql = format!(
        "SELECT deleted_at, kind, id, title FROM ({}) binned
         ORDER BY deleted_at DESC, kind COLLATE \"C\" DESC, id DESC LIMIT $5",
        all.join(" UNION ALL ")
    );
    Statement {
        name: "bin.list",
        sql: Box::leak(sql.into_boxed_str()),
    }
});

pub(crate) fn statements() -> Vec<Statement> {
    vec![*LIST]
}

/// A deleted record.
#[derive(Debug, Serialize, ToSchema)]
pub struct Binned {
    /// When it was deleted.
    pub deleted_at: Timestamp,
    /// The kind of record.
    pub kind: Kind,
    /// Its id.
    pub id: i64,
    /// What it is called.
    pub title: String,
}

/// Deleted records of these kinds, the latest first.
///
/// # Errors
/// A cursor of another list is refused; or the tenant's place can't be reached.
pub async fn list(
    data: &TenantConnection,
    kinds: &[Kind],
    page: &PageRequest,
) -> Result<Page<Binned>> {
    const SORT: &str = "-deleted_at";
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    let after = page.after(SORT)?;
    let place = after
        .map(|cursor| cursor.key.split_once(' ').ok_or_else(wrong_cursor))
        .transpose()?;
    let (at, kind) = match place {
        Some((at, kind)) => (Some(instant_of(at)?), Some(kind)),
        None => (None, None),
    };
    let (id, limit) = (after.map(|cursor| cursor.id), page.limit + 1);
    let rows = data.rows(&LIST, &[&kinds, &at, &kind, &id, &limit]).await?;
    Ok(Page::of(
        rows.iter().map(read).collect(),
        page,
        None,
        |last: &Binned| Cursor {
            sort: SORT.to_owned(),
            key: format!("{} {}", last.deleted_at, last.kind),
            id: last.id,
        },
    ))
}

fn read(row: &Row) -> Binned {
    Binned {
        deleted_at: row.get(0),
        // The statement has no other words in it.
        kind: row.get::<_, &str>(1).parse().unwrap_or(Kind::Customer),
        id: row.get(2),
        title: row.get(3),
    }
}
