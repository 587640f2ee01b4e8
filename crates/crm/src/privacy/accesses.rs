//! Who looked at whose data: a row for each person, user and day.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;
use sindico_db::{Error, Result, Row, Statement, TenantConnection, ToSql};
use sindico_domain::crm::Kind;
use sindico_domain::page::{Cursor, Page, PageRequest};
use utoipa::ToSchema;

sindico_db::statements! { "accesses":
    // In one order, so that no two programs wait for each other in a circle.
    KEEP = "INSERT INTO access_log (kind, record_id, user_id, username, day, times, first_at, last_at)
        SELECT kind, record_id, user_id, username, day, times, first_at, last_at
        FROM jsonb_to_recordset($1) AS l (kind text, record_id bigint, user_id bigint, username text, day date,
            times bigint, first_at timestamptz, last_at timestamptz)
        ORDER BY kind, record_id, user_id, day
        ON CONFLICT (company_id, kind, record_id, user_id, day) DO UPDATE
            SET times = access_log.times + excluded.times,
                first_at = least(access_log.first_at, excluded.first_at),
                last_at = greatest(access_log.last_at, excluded.last_at)";
    LIST = "SELECT kind, record_id, user_id, username, day, times, first_at, last_at, id FROM access_log
        WHERE ($1::text IS NULL OR kind = $1) AND ($2::bigint IS NULL OR record_id = $2)
            AND ($3::bigint IS NULL OR user_id = $3) AND ($4::bigint IS NULL OR id < $4)
        ORDER BY id DESC LIMIT $5";
}

pub(super) fn statements() -> Vec<Statement> {
    STATEMENTS.to_vec()
}

/// Somebody's looks at a record on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Look {
    /// Customer or lead.
    pub kind: Kind,
    /// The record.
    pub record_id: i64,
    /// Who.
    pub user_id: i64,
    /// Their name.
    pub username: String,
    /// The day, in the installation's time zone.
    pub day: Date,
    /// How often.
    pub times: i64,
    /// The first time that day.
    pub first_at: Timestamp,
    /// The last.
    pub last_at: Timestamp,
}

/// Adds looks to those that were written down.
///
/// # Errors
/// When the tenant's place can't be reached: then none was.
pub async fn keep(data: &TenantConnection, looks: &[Look]) -> Result<()> {
    let looks: Value = serde_json::to_value(looks).map_err(|e| Error::Internal(e.to_string()))?;
    let tx = data.begin().await?;
    tx.execute(&KEEP, &[&looks]).await?;
    tx.commit().await
}

/// Who looked at a record on a day.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Access {
    /// Customer or lead.
    pub kind: Kind,
    /// The record.
    pub record: i64,
    /// Who.
    pub user: i64,
    /// Their name.
    pub username: String,
    /// The day.
    #[schema(value_type = String, format = Date)]
    pub day: Date,
    /// How often.
    pub times: i64,
    /// The first time that day.
    #[schema(value_type = String, format = DateTime)]
    pub first_at: Timestamp,
    /// The last.
    #[schema(value_type = String, format = DateTime)]
    pub last_at: Timestamp,
    /// Counts days of looking.
    #[serde(skip)]
    id: i64,
}

/// Who looked, what began last first; at one record, or by one user, if they are named.
///
/// # Errors
/// A cursor of another list is refused; or the tenant's place can't be reached.
pub async fn accesses(
    data: &TenantConnection,
    record: Option<(Kind, i64)>,
    user: Option<i64>,
    page: &PageRequest,
) -> Result<Page<Access>> {
    let (after, limit) = (page.after_id("-id")?, page.limit + 1);
    let kind = record.map(|(kind, _)| kind.as_str());
    let id = record.map(|(_, id)| id);
    let params: [&(dyn ToSql + Sync); 5] = [&kind, &id, &user, &after, &limit];
    let rows = data.rows(&LIST, &params).await?;
    let read = |row: &Row| {
        Ok(Access {
            kind: row.get::<_, &str>(0).parse().map_err(Error::Internal)?,
            record: row.get(1),
            user: row.get(2),
            username: row.get(3),
            day: row.get(4),
            times: row.get(5),
            first_at: row.get(6),
            last_at: row.get(7),
            id: row.get(8),
        })
    };
    let all = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
    Ok(Page::of(all, page, None, |last| Cursor {
        sort: "-id".to_owned(),
        key: String::new(),
        id: last.id,
    }))
}
