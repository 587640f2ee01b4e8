//! What people asked for, and what became of it.

use super::erase::{self, Because};
use super::person::Person;
use crate::idempotency;
use crate::records::json;
use crate::settings::note;
use crate::work::{By, Work};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sindico_db::idempotency::{Key, Once};
use sindico_db::{Error, Result, Row, Statement, TenantConnection, ToSql};
use sindico_domain::Refusal;
use sindico_domain::page::{Cursor, Page, PageRequest};
use sindico_domain::precondition::Precondition;
use sindico_domain::privacy::{Request, RequestKind, RequestState};
use sindico_domain::setting::Setting;
use utoipa::ToSchema;

macro_rules! columns {
    () => {
        "id, kind, state, customers, leads, received_on, due_on, note, reason, erased, user_id, username, done_by, done_at,
         version, created_at"
    };
}

sindico_db::statements! { "privacy_requests":
    LIST = concat!("SELECT ", columns!(), " FROM privacy_request
        WHERE ($1::text IS NULL OR state = $1) AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3");
    FIND = concat!("SELECT ", columns!(), " FROM privacy_request WHERE id = $1");
    LOCK = concat!("SELECT ", columns!(), " FROM privacy_request WHERE id = $1 FOR UPDATE");
    INSERT = concat!("INSERT INTO privacy_request
            (kind, customers, leads, received_on, due_on, note, user_id, username, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9) RETURNING ", columns!());
    // What was written down of an erased person goes as well, in each request about them.
    END = concat!("UPDATE privacy_request SET state = $2, reason = $3, erased = $4, done_by = $5, done_at = $6,
            note = CASE WHEN $7 THEN '' ELSE note END, version = version + 1, updated_at = $6
        WHERE id = $1 RETURNING ", columns!());
    NOTES = "UPDATE privacy_request SET note = '', reason = '' WHERE id <> $1 AND (customers && $2 OR leads && $3)";
}

pub(super) fn statements() -> Vec<Statement> {
    STATEMENTS.to_vec()
}

/// A request of a person.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RequestRow {
    /// Its id.
    pub id: i64,
    /// What was asked for.
    pub kind: RequestKind,
    /// How far it has come.
    pub state: RequestState,
    /// Customers who are that person.
    pub customers: Vec<i64>,
    /// Leads who are.
    pub leads: Vec<i64>,
    /// When it arrived.
    #[schema(value_type = String, format = Date)]
    pub received_on: Date,
    /// The last day on which it is answered in time.
    #[schema(value_type = String, format = Date)]
    pub due_on: Date,
    /// What was written down of it.
    pub note: String,
    /// Why it was refused.
    pub reason: String,
    /// In how many places something was erased, by what they are.
    #[schema(value_type = Object)]
    pub erased: Value,
    /// Who wrote it down.
    pub user: Option<i64>,
    /// Their name.
    pub username: String,
    /// Who brought it to its end.
    pub done_by: String,
    /// When.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub done_at: Option<Timestamp>,
    /// When it was written down.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// The version for `ETag`.
    #[serde(skip)]
    pub version: i64,
}

fn read(row: &Row) -> Result<RequestRow> {
    Ok(RequestRow {
        id: row.get(0),
        kind: row.get::<_, &str>(1).parse().map_err(Error::Internal)?,
        state: row.get::<_, &str>(2).parse().map_err(Error::Internal)?,
        customers: row.get(3),
        leads: row.get(4),
        received_on: row.get(5),
        due_on: row.get(6),
        note: row.get(7),
        reason: row.get(8),
        erased: row.get(9),
        user: row.get(10),
        username: row.get(11),
        done_by: row.get(12),
        done_at: row.get(13),
        version: row.get(14),
        created_at: row.get(15),
    })
}

/// Requests, the latest first; of one state if it is named.
///
/// # Errors
/// A cursor of another list is refused; or the tenant's place can't be reached.
pub async fn list(
    data: &TenantConnection,
    state: Option<RequestState>,
    page: &PageRequest,
) -> Result<Page<RequestRow>> {
    let (after, limit) = (page.after_id("-id")?, page.limit + 1);
    let state = state.map(RequestState::as_str);
    let rows = data.rows(&LIST, &[&state, &after, &limit]).await?;
    let all = rows.iter().map(read).collect::<Result<Vec<_>>>()?;
    Ok(Page::of(all, page, None, |last| Cursor {
        sort: "-id".to_owned(),
        key: String::new(),
        id: last.id,
    }))
}

/// A request; `None` when there is none.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn find(data: &TenantConnection, id: i64) -> Result<Option<RequestRow>> {
    let row = data.row(&FIND, &[&id]).await?;
    row.as_ref().map(read).transpose()
}

/// Writes a request down.
///
/// # Errors
/// Records that are not there are refused on their field.
pub async fn create(
    data: &TenantConnection,
    by: By<'_>,
    told: &Request,
    key: Option<&Key>,
) -> Result<Once<Value>> {
    let work = Work::begin(data, by).await?;
    if let Some(earlier) = idempotency::begin(&work.tx, key).await? {
        return Ok(earlier);
    }
    Person::lock(&work, &told.customers, &told.leads).await?;
    let params: [&(dyn ToSql + Sync); 9] = [
        &told.kind.as_str(),
        &told.customers,
        &told.leads,
        &told.received_on,
        &told.due_on(),
        &told.note,
        &by.actor.user_id,
        &by.actor.name,
        &by.now,
    ];
    let made = read(&work.tx.one(&INSERT, &params).await?)?;
    let what = (Setting::PrivacyRequest, made.id, "create");
    note(&work.tx, by, what, None, Some(trail(&made))).await?;
    work.finish(key, json(&made)?, made.version).await
}

/// Does what was asked for. An erasure can't be taken back; a copy is read with [`report`](super::report), and this
/// says that it was handed over. `None` when there is no such request.
///
/// # Errors
/// One that has come to its end is a conflict; `PreconditionFailed` when it is not at the version that the caller
/// means.
pub async fn execute(
    data: &TenantConnection,
    by: By<'_>,
    (id, condition): (i64, &Precondition),
    key: Option<&Key>,
) -> Result<Option<Once<Value>>> {
    let mut work = Work::begin(data, by).await?;
    if let Some(earlier) = idempotency::begin(&work.tx, key).await? {
        return Ok(Some(earlier));
    }
    let Some(request) = open(&work, id, condition).await? else {
        return Ok(None);
    };
    let erasure = request.kind == RequestKind::Erasure;
    let mut done = Value::Object(serde_json::Map::new());
    if erasure {
        let person = Person::lock(&work, &request.customers, &request.leads).await?;
        done = json(&erase::erase(&mut work, &person, Because::Request(id)).await?)?;
        let (customers, leads) = (&request.customers, &request.leads);
        work.tx.execute(&NOTES, &[&id, customers, leads]).await?;
    }
    let ended = end(&work, &request, (RequestState::Done, ""), (&done, erasure)).await?;
    Ok(Some(work.finish(key, json(&ended)?, ended.version).await?))
}

/// Refuses what was asked for; `None` when there is no such request.
///
/// # Errors
/// As [`execute`].
pub async fn refuse(
    data: &TenantConnection,
    by: By<'_>,
    (id, condition): (i64, &Precondition),
    reason: &str,
    key: Option<&Key>,
) -> Result<Option<Once<Value>>> {
    let work = Work::begin(data, by).await?;
    if let Some(earlier) = idempotency::begin(&work.tx, key).await? {
        return Ok(Some(earlier));
    }
    let Some(request) = open(&work, id, condition).await? else {
        return Ok(None);
    };
    let nothing = Value::Object(serde_json::Map::new());
    let ended = end(
        &work,
        &request,
        (RequestState::Refused, reason),
        (&nothing, false),
    )
    .await?;
    Ok(Some(work.finish(key, json(&ended)?, ended.version).await?))
}

/// The request, locked, if it waits for an answer.
async fn open(work: &Work<'_>, id: i64, condition: &Precondition) -> Result<Option<RequestRow>> {
    let Some(row) = work.tx.row(&LOCK, &[&id]).await? else {
        return Ok(None);
    };
    let request = read(&row)?;
    condition.check(request.version)?;
    match request.state {
        RequestState::Open => Ok(Some(request)),
        state => Err(Refusal::Conflict {
            detail: format!("This request is {state} already."),
            location: None,
        }
        .into()),
    }
}

async fn end(
    work: &Work<'_>,
    request: &RequestRow,
    (state, reason): (RequestState, &str),
    (erased, forget): (&Value, bool),
) -> Result<RequestRow> {
    let by = work.by;
    let params: [&(dyn ToSql + Sync); 7] = [
        &request.id,
        &state.as_str(),
        &reason,
        erased,
        &by.actor.name,
        &by.now,
        &forget,
    ];
    let ended = read(&work.tx.one(&END, &params).await?)?;
    let what = (Setting::PrivacyRequest, request.id, state.as_str());
    let (before, after) = (trail(request), trail(&ended));
    note(&work.tx, by, what, Some(before), Some(after)).await?;
    Ok(ended)
}

/// What of a request is written down for good: nothing that tells who it is about.
fn trail(request: &RequestRow) -> Value {
    json!({
        "kind": request.kind, "state": request.state, "customers": request.customers, "leads": request.leads,
        "received_on": request.received_on, "erased": request.erased,
    })
}
