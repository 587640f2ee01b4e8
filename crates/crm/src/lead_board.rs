//! The board of leads: how many stand in each status, and the newest of them, in one statement.

use crate::list::{Filter, Sql, conditions};
use crate::model;
use crate::row::Listed;
use sindico_db::{Result, Statement, TenantConnection};
use sindico_domain::access::sight::Sight;
use sindico_domain::crm::{Kind, LeadStatus};
use sindico_domain::page::Cursor;

/// How many cards of a column are shown, unless somebody asks for more.
pub const CARDS: usize = 30;

/// The order within a column, for the list that goes on where the board ends.
pub const SORT: &str = "-created_at";

/// A column.
pub struct Column {
    /// The status.
    pub status: LeadStatus,
    /// How many leads it has.
    pub count: i64,
    /// The newest of them.
    pub cards: Vec<Listed>,
    /// Where the list goes on, if there are more.
    pub next: Option<String>,
}

fn text<'a>(filters: &'a [Filter], cards: usize, sight: &Sight) -> Sql<'a> {
    let mut sql = Sql::default();
    let conditions = conditions((Kind::Lead, sight), filters, &mut sql);
    let columns = model::of(Kind::Lead).columns;
    let column = |(n, status): (usize, &LeadStatus)| {
        let of = format!("FROM lead WHERE status = '{status}' AND {conditions}");
        format!(
            "(SELECT c.*, {n} AS n, t.count FROM (SELECT count(*) AS count {of}) t
             LEFT JOIN LATERAL (SELECT {columns}, created_at::text AS key {of}
                 ORDER BY created_at DESC, id DESC LIMIT {}) c ON true)",
            cards + 1
        )
    };
    let all: Vec<String> = LeadStatus::ALL.iter().enumerate().map(column).collect();
    sql.text = all.join(" UNION ALL ");
    sql
}

/// The board.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn show(
    data: &TenantConnection,
    filters: &[Filter],
    cards: usize,
) -> Result<Vec<Column>> {
    let sql = text(filters, cards, data.sight());
    let mut answers = data.read_sql(&[(&sql.text, &sql.params)]).await?;
    let width = model::of(Kind::Lead).width();
    let empty = |status: &LeadStatus| Column {
        status: *status,
        count: 0,
        cards: Vec::new(),
        next: None,
    };
    let mut columns: Vec<Column> = LeadStatus::ALL.iter().map(empty).collect();
    for row in answers.swap_remove(0) {
        let n: i32 = row.get(width + 1);
        let column = &mut columns[usize::try_from(n).unwrap_or_default()];
        column.count = row.get(width + 2);
        if row.get::<_, Option<i64>>(0).is_none() {
            continue;
        }
        if column.cards.len() < cards {
            let kind = Kind::Lead;
            column.cards.push(Listed { kind, row });
        } else if let Some(last) = column.cards.last() {
            let cursor = Cursor {
                sort: SORT.to_owned(),
                key: last.row.get(width),
                id: last.id(),
            };
            column.next = Some(cursor.encode());
        }
    }
    Ok(columns)
}

/// How many leads stand in each of these statuses.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn counts(
    data: &TenantConnection,
    filters: &[Filter],
    statuses: &[LeadStatus],
) -> Result<Vec<(LeadStatus, i64)>> {
    let sql = counts_text(filters, statuses, data.sight());
    let mut answers = data.read_sql(&[(&sql.text, &sql.params)]).await?;
    let rows = answers.swap_remove(0);
    let read = |row: &sindico_db::Row| {
        let n: i32 = row.get(0);
        let status = statuses.get(usize::try_from(n).unwrap_or_default())?;
        Some((*status, row.get(1)))
    };
    Ok(rows.iter().filter_map(read).collect())
}

fn counts_text<'a>(filters: &'a [Filter], statuses: &[LeadStatus], sight: &Sight) -> Sql<'a> {
    let mut sql = Sql::default();
    let conditions = conditions((Kind::Lead, sight), filters, &mut sql);
    let column = |(n, status): (usize, &LeadStatus)| {
        format!("SELECT {n}, count(*) FROM lead WHERE status = '{status}' AND {conditions}")
    };
    let all: Vec<String> = statuses.iter().enumerate().map(column).collect();
    sql.text = all.join(" UNION ALL ");
    sql
}

pub(crate) fn statements() -> Vec<Statement> {
    let filters = Filter::samples(Kind::Lead);
    let texts = [
        text(&filters, CARDS, &Sight::whole()).text,
        counts_text(&filters, LeadStatus::ALL, &Sight::whole()).text,
    ];
    let of = |text: String| Statement {
        name: "lead_board.show",
        sql: Box::leak(text.into_boxed_str()),
    };
    texts.map(of).to_vec()
}
