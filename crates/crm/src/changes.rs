//! The history: what was changed, by whom, when; and taking it back.

mod audit;
mod files;
mod past;
mod setup;
mod undo;

pub use audit::{Looked, audit};
pub use past::{Past, as_it_stood};
pub use undo::{Conflict, Undone, undo};

use crate::work::read_support;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use sindico_db::{Result, Row, Statement, TenantConnection};
use sindico_domain::access::Support;
use sindico_domain::crm::Kind;
use sindico_domain::page::{Cursor, Page, PageRequest};
use std::sync::LazyLock;
use utoipa::ToSchema;

/// What [`read`] reads, in its order: `c` is a change, `s` its set.
macro_rules! columns {
    () => {
        "s.id, s.action, s.user_id, s.username, s.at, s.undoes, s.undone_by, c.id, c.kind, c.record_id, c.op,
            c.title, c.before, c.after, s.request_id, s.address, s.support, c.erased,
            CASE WHEN c.kind = 'lead' THEN s.assigned -> c.record_id::text END"
    };
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            crate::changes::columns!(),
            " FROM change c JOIN change_set s ON s.id = c.change_set_id ",
            $rest
        )
    };
}
use {columns, select};

sindico_db::statements! { "changes":
    FIND = select!("WHERE s.id = $1 AND (SELECT changes_of($1)) = (SELECT count(*) FROM change WHERE change_set_id = $1) ORDER BY c.id");
    ALL = select!("WHERE c.kind = ANY ($1) AND ($2::bigint IS NULL OR c.id < $2) ORDER BY c.id DESC LIMIT $3");
}

pub(crate) fn statements() -> Vec<Statement> {
    let timelines = TIMELINES
        .iter()
        .flat_map(|(timeline, exists)| [*timeline, *exists]);
    [
        STATEMENTS,
        undo::statements(),
        files::statements(),
        audit::statements(),
        past::statements(),
        &timelines.collect::<Vec<_>>(),
    ]
    .concat()
}

/// What a write did to one record.
#[derive(Debug, Serialize, ToSchema)]
pub struct Change {
    /// The write: one may have changed several records, and is taken back as a whole.
    pub change_set: i64,
    /// Its id.
    pub id: i64,
    /// What was done, such as `lead.convert`.
    #[schema(example = "opportunity.move")]
    pub action: String,
    /// The kind of record.
    pub kind: Kind,
    /// The record's id.
    pub record: i64,
    /// What it was called.
    pub title: String,
    /// `CREATE`, `UPDATE`, `DELETE` or `RESTORE`.
    pub op: String,
    /// The fields that changed, as they were.
    #[schema(value_type = Object)]
    pub before: Map<String, Value>,
    /// The same fields, as they were then.
    #[schema(value_type = Object)]
    pub after: Map<String, Value>,
    /// When.
    pub at: Timestamp,
    /// Who, unless the program itself.
    pub user: Option<i64>,
    /// Their name.
    pub username: String,
    /// For whom and why, when somebody of the platform did it during a visit of support.
    pub support: Option<Support>,
    /// By which rule of assignment a lead got its owner: `rule`, `name`, `user`.
    #[schema(value_type = Option<Object>)]
    pub assigned: Option<Value>,
    /// From which address; told to owners only.
    pub address: Option<String>,
    /// The request, as its answer's `X-Request-Id` and the log name it.
    pub request_id: String,
    /// The change set that this one took back.
    pub undoes: Option<i64>,
    /// The change set that took this one back.
    pub undone_by: Option<i64>,
    /// Whether what told something about a person was erased from it: it can't be taken back.
    pub erased: bool,
}

/// What somebody may read of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// Of records of these kinds.
    pub kinds: Vec<Kind>,
    /// Also from where.
    pub addresses: bool,
}

impl Reader {
    fn read(&self, row: &Row) -> Change {
        let mut change = read(row);
        if !self.addresses {
            change.address = None;
        }
        change
    }

    pub(crate) fn words(&self) -> Vec<&'static str> {
        self.kinds.iter().map(|kind| kind.as_str()).collect()
    }
}

/// The changes of one write; `None` when there is no such write, or when it changed a record that is not
/// the reader's to read: half a write would tell something else.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn find(
    data: &TenantConnection,
    id: i64,
    reader: &Reader,
) -> Result<Option<Vec<Change>>> {
    let rows = data.rows(&FIND, &[&id]).await?;
    let changes: Vec<Change> = rows.iter().map(|row| reader.read(row)).collect();
    let all = changes
        .iter()
        .all(|change| reader.kinds.contains(&change.kind));
    Ok((all && !changes.is_empty()).then_some(changes))
}

/// What belongs to a record and so to its timeline: further kinds and ids.
fn belongings(kind: Kind) -> &'static str {
    match kind {
        Kind::Customer => {
            " UNION ALL SELECT 'lead', id FROM lead WHERE customer_id = $1
              UNION ALL SELECT 'opportunity', id FROM opportunity WHERE customer_id = $1
              UNION ALL SELECT 'activity', a.id FROM opportunity o JOIN activity a ON a.opportunity_id = o.id
                  WHERE o.customer_id = $1"
        }
        Kind::Lead => {
            " UNION ALL SELECT 'opportunity', id FROM opportunity WHERE source_lead_id = $1
              UNION ALL SELECT 'activity', id FROM activity WHERE lead_id = $1"
        }
        Kind::Opportunity => " UNION ALL SELECT 'activity', id FROM activity WHERE opportunity_id = $1",
        Kind::Activity | Kind::SalesGoal => "",
    }
}

/// The statement of each kind's timeline, which is nobody's who does not see the record itself, and the one that tells whether there ever was such a record.
static TIMELINES: LazyLock<Vec<(Statement, Statement)>> = LazyLock::new(|| {
    let statement = |name: &'static str, sql: String| Statement {
        name,
        sql: Box::leak(sql.into_boxed_str()),
    };
    let of = |kind: &Kind| {
        let sql = format!(
            "SELECT {} FROM (SELECT '{kind}'::text AS kind, $1::bigint AS id{}) r
             JOIN LATERAL (SELECT * FROM change WHERE kind = r.kind AND record_id = r.id
                 AND ($3::bigint IS NULL OR id < $3) ORDER BY id DESC LIMIT $4) c ON true
             JOIN change_set s ON s.id = c.change_set_id
             WHERE r.kind = ANY ($2) AND EXISTS (SELECT FROM {kind} WHERE id = $1) ORDER BY c.id DESC LIMIT $4",
            columns!(),
            belongings(*kind)
        );
        let exists = format!("SELECT FROM {kind} WHERE id = $1");
        (
            statement("changes.timeline", sql),
            statement("changes.exists", exists),
        )
    };
    Kind::ALL.iter().map(of).collect()
});

/// The changes of a record and of what belongs to it, as far as they are the reader's to read, the newest
/// first; `None` when there never was such a record.
///
/// # Errors
/// A cursor of another list is refused; or the tenant's place can't be reached.
pub async fn timeline(
    data: &TenantConnection,
    (kind, id): (Kind, i64),
    reader: &Reader,
    page: &PageRequest,
) -> Result<Option<Page<Change>>> {
    let (after, limit) = (page.after_id("-change")?, page.limit + 1);
    let (timeline, exists) = &TIMELINES[kind as usize];
    let kinds = reader.words();
    let rows = data.rows(timeline, &[&id, &kinds, &after, &limit]).await?;
    // One that was there before there was a history has none.
    if rows.is_empty() && data.row(exists, &[&id]).await?.is_none() {
        return Ok(None);
    }
    Ok(Some(paged(&rows, reader, page)))
}

/// The statement of a kind's timeline, for who reads it together with something else.
pub(crate) fn timeline_of(kind: Kind) -> &'static Statement {
    &TIMELINES[kind as usize].0
}

/// The text of an opportunity's timeline, for the benchmark.
pub fn benchmark_sql() -> &'static str {
    TIMELINES[Kind::Opportunity as usize].0.sql
}

/// The changes of all records that the reader may read, the newest first.
///
/// # Errors
/// As [`timeline`].
pub async fn all(
    data: &TenantConnection,
    reader: &Reader,
    page: &PageRequest,
) -> Result<Page<Change>> {
    let (after, limit) = (page.after_id("-change")?, page.limit + 1);
    let rows = data.rows(&ALL, &[&reader.words(), &after, &limit]).await?;
    Ok(paged(&rows, reader, page))
}

pub(crate) fn paged(rows: &[Row], reader: &Reader, page: &PageRequest) -> Page<Change> {
    let changes = rows.iter().map(|row| reader.read(row)).collect();
    Page::of(changes, page, None, |change| Cursor {
        sort: "-change".to_owned(),
        key: String::new(),
        id: change.id,
    })
}

fn read(row: &Row) -> Change {
    let object = |n: usize| match row.get::<_, Value>(n) {
        Value::Object(map) => map,
        _ => Map::new(),
    };
    Change {
        change_set: row.get(0),
        action: row.get(1),
        user: row.get(2),
        username: row.get(3),
        at: row.get(4),
        undoes: row.get(5),
        undone_by: row.get(6),
        id: row.get(7),
        // The schema has no other words in it.
        kind: row.get::<_, &str>(8).parse().unwrap_or(Kind::Customer),
        record: row.get(9),
        op: row.get(10),
        title: row.get(11),
        before: object(12),
        after: object(13),
        request_id: row.get(14),
        address: row.get(15),
        support: read_support(row.get(16)),
        erased: row.get(17),
        assigned: row.get(18),
    }
}
