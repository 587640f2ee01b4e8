//! The board of opportunities: the first cards of each column and its totals, in one statement
//! (portal.md 4.7).

use crate::list::{Filter, Sql, conditions as conditions_of};
use crate::model;
use crate::names::Names;
use crate::row::Listed;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::Serialize;
use sindico_db::{Result, Row, Statement, TenantConnection};
use sindico_domain::access::sight::Sight;
use sindico_domain::crm::Kind;
use sindico_domain::crm::pipeline::{Pipeline, PipelineStage, is_final};
use sindico_domain::page::Cursor;

/// How many cards of a column are shown at first.
pub const CARDS: usize = 30;

/// As the index has it.
const CLOSED: &str =
    "(CASE WHEN closed_at IS NULL THEN 'infinity'::timestamptz ELSE closed_at END)";

/// How many, and what they bring.
const SUM: &str = "count(*) AS count, least(coalesce(sum(amount_cents), 0), 9223372036854775807)::bigint AS cents";

/// What a board shows.
#[derive(Debug)]
pub struct BoardQuery {
    /// Of which pipeline.
    pub pipeline: Pipeline,
    /// Conditions that must all hold.
    pub filters: Vec<Filter>,
    /// Of what is closed, only what was closed since then.
    pub closed_since: Timestamp,
    /// How many cards of each column; [`CARDS`], unless somebody asks for more.
    pub cards: usize,
    /// Whether the customers of the cards are named, too.
    pub named: bool,
}

/// A column.
#[derive(Serialize)]
pub struct Column {
    /// The code of the stage.
    pub stage: String,
    /// How many cards it has.
    pub count: i64,
    /// What they bring together.
    pub amount_total: Decimal,
    /// The first of them: by rank, what is closed by the time of closing, the latest first.
    pub cards: Vec<Listed>,
    /// Its order, for the list that goes on where the board ends.
    pub sort: &'static str,
    /// Where `?stage=...&sort=...` goes on, if there are more.
    pub next: Option<String>,
    /// What the customers of the cards are called, if that was asked for.
    #[serde(skip)]
    pub names: Names,
}

/// The order within a column, for the list that goes on where the board ends.
pub fn order(stage: &str) -> &'static str {
    if is_final(stage) {
        "-closed_at"
    } else {
        "rank"
    }
}

impl BoardQuery {
    /// The stages that have a column: an archived one while there may be cards in it.
    fn stages(&self) -> Vec<&PipelineStage> {
        self.pipeline.stages.iter().collect()
    }
}

fn text<'a>(query: &'a BoardQuery, sight: &Sight) -> Sql<'a> {
    let mut sql = Sql::default();
    let (conditions, since) = conditions(query, sight, &mut sql);
    let stages = query.stages();
    let columns = model::of(Kind::Opportunity).columns;
    // In the same statement: a page has few.
    let named = match query.named {
        true => {
            ", c.customer_id AS of, (SELECT name FROM customer WHERE id = c.customer_id) AS name"
        }
        false => "",
    };
    let column = |(n, stage): (usize, &&'a PipelineStage)| {
        let (by, key) = match stage.is_final() {
            true => (format!("{CLOSED} DESC, id DESC"), CLOSED),
            false => ("rank, id".to_owned(), "rank"),
        };
        let of = column_of((stage, &query.pipeline.id), &conditions, &since, &mut sql);
        format!(
            "(SELECT c.*, {n} AS n, t.count, t.cents{named}
             FROM (SELECT {SUM} {of}) t
             LEFT JOIN LATERAL (SELECT {columns}, ({key})::text AS key {of} ORDER BY {by} LIMIT {}) c ON true)",
            query.cards + 1
        )
    };
    let all: Vec<String> = stages.iter().enumerate().map(column).collect();
    sql.text = all.join(" UNION ALL ");
    sql
}

/// The board.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn show(data: &TenantConnection, query: &BoardQuery) -> Result<Vec<Column>> {
    let sql = text(query, data.sight());
    let mut answers = data.read_sql(&[(&sql.text, &sql.params)]).await?;
    let width = model::of(Kind::Opportunity).width();
    let mut columns: Vec<Column> = query.stages().into_iter().map(empty).collect();
    for row in answers.swap_remove(0) {
        let n: i32 = row.get(width + 1);
        let column = &mut columns[usize::try_from(n).unwrap_or_default()];
        column.count = row.get(width + 2);
        column.amount_total = Decimal::new(row.get(width + 3), 2);
        if query.named
            && let (Some(id), Some(name)) = (row.get(width + 4), row.get(width + 5))
        {
            column.names.insert((Kind::Customer, id), name);
        }
        add(column, row, width, query.cards);
    }
    let archived = |code: &str| {
        let stage = query.pipeline.stage(code);
        stage.is_some_and(|stage| stage.archived)
    };
    columns.retain(|column| column.count > 0 || !archived(&column.stage));
    Ok(columns)
}

/// What stands at the head of a column.
#[derive(Debug, Clone, PartialEq)]
pub struct Total {
    /// The code of the stage.
    pub stage: String,
    /// How many cards it has.
    pub count: i64,
    /// What they bring together.
    pub amount: Decimal,
}

/// The totals of these columns, for those that one card has left or come to.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn totals(
    data: &TenantConnection,
    query: &BoardQuery,
    stages: &[&str],
) -> Result<Vec<Total>> {
    let stages: Vec<&PipelineStage> = stages
        .iter()
        .filter_map(|code| query.pipeline.stage(code))
        .collect();
    if stages.is_empty() {
        return Ok(Vec::new());
    }
    let sql = totals_text(query, &stages, data.sight());
    let mut answers = data.read_sql(&[(&sql.text, &sql.params)]).await?;
    let read = |row: &Row| {
        let n: i32 = row.get(0);
        let stage = stages.get(usize::try_from(n).unwrap_or_default());
        stage.map(|stage| Total {
            stage: stage.code.clone(),
            count: row.get(1),
            amount: Decimal::new(row.get(2), 2),
        })
    };
    Ok(answers.swap_remove(0).iter().filter_map(read).collect())
}

fn totals_text<'a>(query: &'a BoardQuery, stages: &[&'a PipelineStage], sight: &Sight) -> Sql<'a> {
    let mut sql = Sql::default();
    let (conditions, since) = conditions(query, sight, &mut sql);
    let column = |(n, stage): (usize, &&'a PipelineStage)| {
        let of = column_of((stage, &query.pipeline.id), &conditions, &since, &mut sql);
        format!("SELECT {n}, {SUM} {of}")
    };
    let all: Vec<String> = stages.iter().enumerate().map(column).collect();
    sql.text = all.join(" UNION ALL ");
    sql
}

/// What all columns have in common, and the parameter of the last days of what is closed.
fn conditions<'a>(query: &'a BoardQuery, sight: &Sight, sql: &mut Sql<'a>) -> (String, String) {
    let mut conditions = conditions_of((Kind::Opportunity, sight), &query.filters, sql);
    let since = format!("{}::timestamptz", sql.bind(&query.closed_since));
    // Named in every text, whether a column of what is closed is asked for or not.
    conditions.push_str(&format!(" AND {since} IS NOT NULL"));
    (conditions, since)
}

/// A stage of what is closed is every pipeline's; the code of another one is of one pipeline only.
fn column_of<'a>(
    (stage, pipeline): (&'a PipelineStage, &'a i64),
    conditions: &str,
    since: &str,
    sql: &mut Sql<'a>,
) -> String {
    let closed = match stage.is_final() {
        true => format!(
            " AND {CLOSED} >= {since} AND pipeline = {}",
            sql.bind(pipeline)
        ),
        false => String::new(),
    };
    let code = sql.bind(&stage.code);
    format!("FROM opportunity WHERE stage = {code} AND {conditions}{closed}")
}

fn empty(stage: &PipelineStage) -> Column {
    Column {
        stage: stage.code.clone(),
        count: 0,
        amount_total: Decimal::new(0, 2),
        cards: Vec::new(),
        sort: order(&stage.code),
        next: None,
        names: Names::new(),
    }
}

/// Adds a card; the one beyond the last only tells that there are more.
fn add(column: &mut Column, row: Row, width: usize, most: usize) {
    // A column without cards has one row, of its totals.
    if row.get::<_, Option<i64>>(0).is_none() {
        return;
    }
    if column.cards.len() < most {
        column.cards.push(Listed {
            kind: Kind::Opportunity,
            row,
        });
    } else if let Some(last) = column.cards.last() {
        let cursor = Cursor {
            sort: order(&column.stage).to_owned(),
            key: last.row.get(width),
            id: last.id(),
        };
        column.next = Some(cursor.encode());
    }
}

/// The text of a board without filters, for the benchmark: of the contract's pipeline, with `$1` the instant
/// since when what is closed is shown.
pub fn benchmark_sql() -> String {
    let query = BoardQuery {
        pipeline: Pipeline::contract(),
        filters: Vec::new(),
        closed_since: Timestamp::UNIX_EPOCH,
        cards: CARDS,
        named: false,
    };
    // In the order in which they are bound.
    let mut bound = Vec::new();
    for stage in &query.pipeline.stages {
        if stage.is_final() {
            bound.push(query.pipeline.id.to_string());
        }
        bound.push(format!("'{}'", stage.code));
    }
    let values = bound.iter().enumerate().rev();
    values.fold(text(&query, &Sight::whole()).text, |sql, (n, value)| {
        sql.replace(&format!("${}", n + 2), value)
    })
}

pub(crate) fn statements() -> Vec<Statement> {
    let query = BoardQuery {
        pipeline: Pipeline::contract(),
        filters: Filter::samples(Kind::Opportunity),
        closed_since: Timestamp::UNIX_EPOCH,
        cards: CARDS,
        named: true,
    };
    let named = text(&query, &Sight::whole()).text;
    let totals = totals_text(&query, &query.stages(), &Sight::whole()).text;
    let of = |(name, text): (&'static str, String)| Statement {
        name,
        sql: Box::leak(text.into_boxed_str()),
    };
    [
        ("board.show", benchmark_sql()),
        ("board.named", named),
        ("board.totals", totals),
    ]
    .map(of)
    .to_vec()
}
