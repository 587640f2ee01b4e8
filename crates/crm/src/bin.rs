//! The bin: what was deleted and can come back.

use jiff::Timestamp;
use serde::{Serialize, Serializer};
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

/// The word for products, beside those for kinds of records.
const PRODUCT: &str = "product";

/// What can be in the bin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// A record of this kind.
    Record(Kind),
    /// A product.
    Product,
}

impl Thing {
    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Record(kind) => kind.as_str(),
            Self::Product => PRODUCT,
        }
    }
}

impl Serialize for Thing {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

static LIST: LazyLock<Statement> = LazyLock::new(|| {
    let of = |kind: &str, title: &str| {
        format!(
            "(SELECT deleted_at, '{kind}'::text AS kind, id, {title} AS title FROM {kind}
              WHERE '{kind}' = ANY ($1) AND deleted_at IS NOT NULL AND ($2::timestamptz IS NULL OR deleted_at <= $2)
                  AND ($2::timestamptz IS NULL OR (deleted_at, '{kind}'::text COLLATE \"C\", id) < ($2, $3 COLLATE \"C\", $4))
              ORDER BY deleted_at DESC, id DESC LIMIT $5)"
        )
    };
    let records = Kind::ALL.iter();
    let records = records.map(|kind| of(kind.as_str(), title(*kind)));
    let all: Vec<String> = records.chain([of(PRODUCT, "name")]).collect();
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

/// Something that was deleted.
#[derive(Debug, Serialize, ToSchema)]
pub struct Binned {
    /// When it was deleted.
    pub deleted_at: Timestamp,
    /// The kind of record, or `product`.
    #[schema(value_type = String, example = "lead")]
    pub kind: Thing,
    /// Its id.
    pub id: i64,
    /// What it is called.
    pub title: String,
}

/// What was deleted of these, the latest first.
///
/// # Errors
/// A cursor of another list is refused; or the tenant's place can't be reached.
pub async fn list(
    data: &TenantConnection,
    things: &[Thing],
    page: &PageRequest,
) -> Result<Page<Binned>> {
    const SORT: &str = "-deleted_at";
    let kinds: Vec<&str> = things.iter().map(|thing| thing.as_str()).collect();
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
            key: format!("{} {}", last.deleted_at, last.kind.as_str()),
            id: last.id,
        },
    ))
}

fn read(row: &Row) -> Binned {
    Binned {
        deleted_at: row.get(0),
        // The statement has no other words in it.
        kind: match row.get::<_, &str>(1) {
            PRODUCT => Thing::Product,
            kind => Thing::Record(kind.parse().unwrap_or(Kind::Customer)),
        },
        id: row.get(2),
        title: row.get(3),
    }
}
