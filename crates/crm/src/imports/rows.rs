//! The rows of an import with their verdicts.

use serde::Serialize;
use serde_json::Value;
use sindico_db::{Result, Row, TenantConnection};
use sindico_domain::page::{Cursor, Page, PageRequest};
use utoipa::ToSchema;

sindico_db::statements! { "imports.rows":
    LIST = "SELECT line, cells, verdict, record_id, notes FROM import_row
        WHERE job_id = $1 AND ($2::text[] IS NULL OR verdict = ANY ($2)) AND line > $3 ORDER BY line LIMIT $4";
}

/// Verdicts of rows that were not taken.
const WRONG: [&str; 2] = ["ERROR", "FAILED"];

/// A row of a file.
#[derive(Debug, Serialize, ToSchema)]
pub struct StagedRow {
    /// Its line in the file.
    pub line: i64,
    /// Its cells.
    #[schema(value_type = Vec<Object>)]
    pub cells: Value,
    /// `NEW`, `UPDATE`, `SKIP` or `ERROR` before it is written; `CREATED`, `UPDATED`, `SKIPPED` or `FAILED`
    /// after; empty before a dry run.
    pub verdict: String,
    /// The record that it is, or would change.
    pub record: Option<i64>,
    /// By field, what is wrong with it.
    #[schema(value_type = Object)]
    pub notes: Value,
}

fn read(row: &Row) -> StagedRow {
    StagedRow {
        line: row.get(0),
        cells: row.get(1),
        verdict: row.get(2),
        record: row.get(3),
        notes: row.get(4),
    }
}

/// The rows with one of these verdicts, or all.
///
/// # Errors
/// When the tenant's place can't be reached; so with the others.
pub async fn rows(
    data: &TenantConnection,
    job: i64,
    verdicts: Option<&[String]>,
    page: &PageRequest,
) -> Result<Page<StagedRow>> {
    let after = page.after_id("line")?.unwrap_or(0);
    let limit = page.limit + 1;
    let rows = data.rows(&LIST, &[&job, &verdicts, &after, &limit]).await?;
    let rows = rows.iter().map(read).collect();
    Ok(Page::of(rows, page, None, |row: &StagedRow| Cursor {
        sort: "line".to_owned(),
        key: String::new(),
        id: row.line,
    }))
}

/// The first rows, to see what the columns hold.
///
/// # Errors
/// See [`rows`].
pub async fn sample(data: &TenantConnection, job: i64) -> Result<Vec<StagedRow>> {
    let rows = data
        .rows(&LIST, &[&job, &None::<Vec<String>>, &0_i64, &3_i64])
        .await?;
    Ok(rows.iter().map(read).collect())
}

/// The next rows that were not taken, behind this line.
///
/// # Errors
/// See [`rows`].
pub async fn each_wrong(data: &TenantConnection, job: i64, after: i64) -> Result<Vec<StagedRow>> {
    let wrong: Vec<String> = WRONG.iter().map(|word| (*word).to_owned()).collect();
    let rows = data
        .rows(&LIST, &[&job, &Some(wrong), &after, &500_i64])
        .await?;
    Ok(rows.iter().map(read).collect())
}
