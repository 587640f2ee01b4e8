//! Lists: filtered, searched and sorted by indexed columns, continued by keyset (portal.md 4.6).
//!
//! The text of a list's SQL has only the conditions that are asked for, so that each has the plan that
//! suits it; values are parameters.

mod export;
mod filter;

pub use export::{Export, Exported, PIECE, log, logged};
pub use filter::{Filter, Viewpoint};

use crate::model;
use crate::row::Listed;
use crate::scope::{SEEN, seen};
use serde_json::Value;
use sindico_db::{Result, Row, Statement, TenantConnection, ToSql, pattern};
use sindico_domain::FieldErrors;
use sindico_domain::access::sight::Sight;
use sindico_domain::crm::search::parts_of;
use sindico_domain::crm::{Kind, SortKey};
use sindico_domain::input::{date, instant};
use sindico_domain::page::{Cursor, Page, PageRequest, wrong_cursor};
use std::fmt::Write;

/// Beyond this many rows a list is not counted, unless its exact number is asked for.
pub const COUNTED: i64 = 10_000;

/// As many records as a search for one kind looks up by their text; when there are more, the list is
/// read in its order until the page is full.
const FOUND: i32 = 2_000;

/// Limits that stand in the text: with a parameter PostgreSQL would plan such a list anew each time.
const USUAL: [i64; 5] = [20, 25, 50, 100, 500];

/// What a list is asked for.
#[derive(Debug)]
pub struct ListQuery {
    /// Of what.
    pub kind: Kind,
    /// Conditions that must all hold.
    pub filters: Vec<Filter>,
    /// Folded parts that must all be in its text.
    pub q: Option<String>,
    /// The order: a name of [`Kind::sorts`], with a minus sign for the other way round.
    pub sort: String,
    /// The page.
    pub page: PageRequest,
    /// Whether to count up to [`COUNTED`].
    pub count_some: bool,
}

/// A page, and how many rows there are if that was asked.
pub struct Listing {
    /// The rows.
    pub page: Page<Listed>,
    /// Whether there are more than were counted.
    pub capped: bool,
}

/// Text and parameters of one statement.
#[derive(Default)]
pub(crate) struct Sql<'a> {
    pub(crate) text: String,
    pub(crate) params: Vec<&'a (dyn ToSql + Sync)>,
}

impl<'a> Sql<'a> {
    /// Adds a parameter; its place in the text.
    pub(crate) fn bind(&mut self, value: &'a (dyn ToSql + Sync)) -> String {
        self.params.push(value);
        format!("${}", self.params.len())
    }
}

/// The conditions of the records that are there for whoever reads, and that fit all of these filters: for a
/// `WHERE` on the table of the kind that they were made for ([`Filter::of`]). Its values are bound to `sql`.
pub(crate) fn conditions<'a>(
    (kind, sight): (Kind, &Sight),
    filters: &'a [Filter],
    sql: &mut Sql<'a>,
) -> String {
    let mut conditions = seen(kind, sight);
    for filter in filters {
        conditions.push_str(" AND ");
        conditions.push_str(&filter.sql(sql));
    }
    conditions
}

/// Records in the given order, in one round trip, their number included.
///
/// # Errors
/// A cursor of another list is refused; or the tenant's place can't be reached.
pub async fn list(data: &TenantConnection, query: &ListQuery) -> Result<Listing> {
    let (order, down) = order(query.kind, &query.sort);
    let after = query.page.after(&query.sort)?;
    let after: Option<(String, i64)> = after
        .map(|cursor| {
            let key = read_key(order, &cursor.key).ok_or_else(wrong_cursor)?;
            Ok::<_, FieldErrors>((key, cursor.id))
        })
        .transpose()?;
    let parts: Option<Vec<String>> = query.q.as_deref().map(|q| {
        parts_of(q)
            .iter()
            .map(|part| pattern::containing(part))
            .collect()
    });
    let kinds = vec![query.kind.as_str()];
    let limit = query.page.limit + 1;
    let found = Found { kinds, parts };

    let mut page = Sql::default();
    let from = found.source(&mut page, query.kind);
    // Appended to each branch of the search.
    let eyes = (query.kind, data.sight());
    let mut rest = conditions(eyes, &query.filters, &mut page);
    let direction = if down { "DESC" } else { "ASC" };
    if let Some((key, id)) = &after {
        let comparison = if down { "<" } else { ">" };
        let id = page.bind(id);
        if order.expression == "id" {
            let _ = write!(rest, " AND id {comparison} {id}");
        } else {
            let key = page.bind(key);
            let _ = write!(
                rest,
                " AND ({}, id) {comparison} ({key}::text::{}, {id})",
                order.expression, order.sql_type
            );
        }
    }
    let by = match order.expression {
        "id" => format!("id {direction}"),
        expression => format!("{expression} {direction}, id {direction}"),
    };
    let key = if order.expression == "id" {
        "NULL"
    } else {
        order.expression
    };
    let limit_text = if USUAL.contains(&query.page.limit) {
        limit.to_string()
    } else {
        page.bind(&limit)
    };
    let select = format!(
        "SELECT {}, ({key})::text AS sort_key FROM {} t",
        model::of(query.kind).columns,
        query.kind.as_str()
    );
    let tail = format!("{rest} ORDER BY {by} LIMIT {limit_text}");
    page.text = from.around(&select, &tail);

    let counting = query.page.count || query.count_some;
    if counting {
        let from = found.source(&mut page, query.kind);
        let rest = conditions(eyes, &query.filters, &mut page);
        let cap = if query.page.count {
            String::new()
        } else {
            format!(" LIMIT {}", COUNTED + 1)
        };
        let inner = from.around(
            &format!("SELECT 1 FROM {} t", query.kind.as_str()),
            &format!("{rest}{cap}"),
        );
        // One statement for both: a page of nothing has its number as well.
        page.text = format!(
            "SELECT p.*, n.total FROM (SELECT count(*) AS total FROM ({inner}) counted) n
             LEFT JOIN LATERAL ({}) p ON true",
            page.text
        );
    }

    let mut answers = data.read_sql(&[(&page.text, &page.params)]).await?;
    let mut rows = answers.swap_remove(0);
    let mut total: Option<i64> = None;
    if counting {
        let width = model::of(query.kind).width();
        total = rows.first().map(|row| row.get(width + 1));
        rows.retain(|row| row.get::<_, Option<i64>>(0).is_some());
    }
    let capped = !query.page.count && total.is_some_and(|total| total > COUNTED);
    Ok(Listing {
        page: paged(
            query,
            rows,
            total.map(|total| if capped { COUNTED } else { total }),
        ),
        capped,
    })
}

fn paged(query: &ListQuery, rows: Vec<Row>, total: Option<i64>) -> Page<Listed> {
    let width = model::of(query.kind).width();
    let listed = rows.into_iter().map(|row| Listed {
        kind: query.kind,
        row,
    });
    Page::of(listed.collect(), &query.page, total, |last| Cursor {
        sort: query.sort.clone(),
        key: last.row.get::<_, Option<String>>(width).unwrap_or_default(),
        id: last.id(),
    })
}

/// The order of this name; the kind's own for a name that is none, which the handler has refused.
fn order(kind: Kind, sort: &str) -> (&'static SortKey, bool) {
    let (name, down) = match sort.strip_prefix('-') {
        Some(name) => (name, true),
        None => (sort, false),
    };
    let sorts = kind.sorts();
    (
        sorts
            .iter()
            .find(|key| key.name == name)
            .unwrap_or(&sorts[0]),
        down,
    )
}

/// A cursor's key as PostgreSQL reads it; `None` when it can't be one of this order.
fn read_key(order: &SortKey, key: &str) -> Option<String> {
    let value = Value::from(key);
    match order.sql_type {
        _ if order.expression == "id" => Some(String::new()),
        "bigint" => Some(key.parse::<i64>().ok()?.to_string()),
        "timestamptz" | "date" if key == "infinity" => Some(key.to_owned()),
        "timestamptz" => Some(instant(&value).ok()?.to_string()),
        "date" => Some(date(&value).ok()?.to_string()),
        _ => Some(key.to_owned()),
    }
}

/// What `?q=` looks for.
struct Found<'a> {
    kinds: Vec<&'a str>,
    parts: Option<Vec<String>>,
}

/// How a statement reads what was found.
enum Source {
    All,
    Nothing,
    /// Few, by their text; many, in the list's order.
    Searched {
        few: String,
        like: String,
    },
}

impl Found<'_> {
    fn source<'a>(&'a self, sql: &mut Sql<'a>, kind: Kind) -> Source {
        let Some(parts) = &self.parts else {
            return Source::All;
        };
        if parts.is_empty() {
            return Source::Nothing;
        }
        let patterns = sql.bind(parts);
        let like = format!("search_text LIKE ALL ({patterns}::text[])");
        if !kind.is_searched() {
            return Source::Searched {
                few: String::new(),
                like,
            };
        }
        let kinds = sql.bind(&self.kinds);
        let few = format!(
            "SELECT record_id FROM search_docs({kinds}::text[], {patterns}::text[], {})",
            FOUND + 1
        );
        Source::Searched { few, like }
    }
}

impl Source {
    /// The statement. `tail` begins with the conditions of [`conditions`].
    fn around(&self, select: &str, tail: &str) -> String {
        match self {
            Self::All => format!("{select} WHERE {tail}"),
            Self::Nothing => format!("{select} WHERE false AND {tail}"),
            Self::Searched { few, like } if few.is_empty() => {
                format!("{select} WHERE {like} AND {tail}")
            }
            // Only one of the two is run: its condition does not look at any row.
            Self::Searched { few, like } => format!(
                "WITH found AS MATERIALIZED ({few}), size AS MATERIALIZED (SELECT count(*) AS n FROM found)
                 (({select} WHERE (SELECT n FROM size) <= {FOUND} AND id = ANY (ARRAY(SELECT record_id FROM found))
                   AND {tail})
                 UNION ALL
                 ({select} WHERE (SELECT n FROM size) > {FOUND} AND {like} AND {tail}))"
            ),
        }
    }
}

/// The text of one record and of a page, the first one or the one after this place, for the benchmark
/// that runs the same statements in `pgbench`.
pub fn benchmark_sql(
    kind: Kind,
    sort: &str,
    limit: i64,
    after: Option<(&str, i64)>,
) -> (String, String) {
    let model = model::of(kind);
    let (order, down) = order(kind, sort);
    let (direction, comparison) = if down { ("DESC", "<") } else { ("ASC", ">") };
    let by_id = order.expression == "id";
    let rest = after.map_or_else(String::new, |(key, id)| match by_id {
        true => format!(" AND id {comparison} {id}"),
        false => format!(
            " AND ({}, id) {comparison} ('{key}'::text::{}, {id})",
            order.expression, order.sql_type
        ),
    });
    let (key, by) = match by_id {
        true => ("NULL", format!("id {direction}")),
        false => (
            order.expression,
            format!("{} {direction}, id {direction}", order.expression),
        ),
    };
    let page = format!(
        "SELECT {}, ({key})::text AS sort_key FROM {kind} t WHERE {SEEN}{rest} ORDER BY {by} LIMIT {}",
        model.columns,
        limit + 1
    );
    (model.find.sql.to_owned(), page)
}

/// A text of each shape that lists can have, for the test that prepares every statement.
pub(crate) fn shapes() -> Vec<Statement> {
    let mut shapes = Vec::new();
    for &kind in Kind::ALL {
        for order in kind.sorts() {
            let filters = Filter::samples(kind);
            let found = Found {
                kinds: vec![kind.as_str()],
                parts: Some(vec![String::new()]),
            };
            let mut sql = Sql::default();
            let from = found.source(&mut sql, kind);
            let rest = conditions((kind, &Sight::whole()), &filters, &mut sql);
            let select = format!(
                "SELECT {}, ({})::text AS sort_key FROM {} t",
                model::of(kind).columns,
                order.expression,
                kind.as_str()
            );
            let sql = from.around(
                &select,
                &format!("{rest} ORDER BY {}, id LIMIT 1", order.expression),
            );
            shapes.push(Statement {
                name: "records.list",
                sql: Box::leak(sql.into_boxed_str()),
            });
        }
    }
    shapes
}

/// Those with a text of their own.
pub(crate) fn statements() -> Vec<Statement> {
    export::statements().to_vec()
}
