//! Operations: durable work on a tenant (tenancy.md section 1).
//!
//! An operation and its steps are written in the transaction of the request that asks for them,
//! and run by whichever worker holds the lease. Who waits may go away; the operation does not.
//!
//! **The order of locks** is company, operation, steps. Whoever changes the tenant together with
//! the operation (a request, a cancel, an end) locks the company row first; whoever only works on
//! the operation (a claim, a heartbeat, a step) locks nothing but the operation and its steps.
//!
//! **The fence**: every write of a worker is conditional on the epoch of its lease. A worker that
//! was frozen while another took over finds zero rows, which is [`WorkError::Fenced`].

mod cancel;
mod finish;
mod request;
mod rows;
mod work;

pub use cancel::cancel;
pub use finish::{finish_cancel, finish_failure, finish_success};
pub use request::{ExecutionRequest, Requested, request_execution};
pub use work::{
    Begun, Claimed, Heartbeat, Lease, StepEnd, WorkError, claim, heartbeat, release, step_begin,
    step_end, step_retry,
};

use crate::statement::{self, statements};
use crate::{Result, Statement, Store};
use deadpool_postgres::GenericClient;
use rows::{read, read_step};
use sindico_domain::operation::{Operation, OperationFilter};
use sindico_domain::page::{Cursor, Page, PageRequest};
use std::collections::HashMap;

/// The order of [`list`], as its cursor names it.
const SORT: &str = "-id";

macro_rules! filtered {
    () => {
        " WHERE ($1::bigint IS NULL OR o.company_id = $1) AND ($2::text IS NULL OR o.status = $2)"
    };
}

statements! { "operations":
    FIND = concat!(rows::select!(), " WHERE o.id = $1");
    LIST = concat!(rows::select!(), filtered!(), " AND ($3::bigint IS NULL OR o.id < $3)
        ORDER BY o.id DESC LIMIT $4");
    COUNT = concat!("SELECT count(*) FROM operation o", filtered!());
    LIVE = concat!(rows::select!(), " WHERE o.status IN ('QUEUED', 'RUNNING') ORDER BY o.id LIMIT $1");
    STEPS = "SELECT operation_id, name, status, attempts, started_at, finished_at, outcome, error, hint
        FROM operation_step WHERE operation_id = ANY ($1) ORDER BY operation_id, position";
}

/// Every statement of this noun.
pub(crate) fn all_statements() -> Vec<Statement> {
    [
        STATEMENTS,
        cancel::STATEMENTS,
        finish::STATEMENTS,
        request::STATEMENTS,
        work::STATEMENTS,
    ]
    .concat()
}

/// The path of an operation in the platform API.
pub fn location(id: i64) -> String {
    format!("/platform/api/operations/{id}/")
}

/// The operation with this id, with its steps.
///
/// # Errors
/// When the database can't be reached.
pub async fn find(store: &Store, id: i64) -> Result<Option<Operation>> {
    find_on(&store.client().await?, id).await
}

pub(crate) async fn find_on(client: &impl GenericClient, id: i64) -> Result<Option<Operation>> {
    let Some(row) = statement::row(client, &FIND, &[&id]).await? else {
        return Ok(None);
    };
    let mut operations = vec![read(&row)];
    add_steps(client, &mut operations).await?;
    Ok(operations.pop())
}

/// Operations with their steps, newest first: two statements, and a third when all are counted.
///
/// # Errors
/// A cursor of another list is refused; or the database can't be reached.
pub async fn list(
    store: &Store,
    filter: &OperationFilter,
    page: &PageRequest,
) -> Result<Page<Operation>> {
    let after = page.after_id(SORT)?;
    let status = filter.status.map(|v| v.as_str());
    let limit = page.limit + 1;
    let client = store.client().await?;
    let rows = statement::rows(
        &client,
        &LIST,
        &[&filter.company_id, &status, &after, &limit],
    )
    .await?;
    let total = if page.count {
        let row = statement::one(&client, &COUNT, &[&filter.company_id, &status]).await?;
        Some(row.get(0))
    } else {
        None
    };
    let operations = rows.iter().map(read).collect();
    let mut page = Page::of(operations, page, total, |operation: &Operation| Cursor {
        sort: SORT.to_owned(),
        key: String::new(),
        id: operation.id,
    });
    add_steps(&client, &mut page.items).await?;
    Ok(page)
}

/// Operations that wait or are at work, the oldest first, with their steps.
///
/// # Errors
/// When the database can't be reached.
pub async fn live(store: &Store, limit: i64) -> Result<Vec<Operation>> {
    let client = store.client().await?;
    let rows = statement::rows(&client, &LIVE, &[&limit]).await?;
    let mut operations: Vec<_> = rows.iter().map(read).collect();
    add_steps(&client, &mut operations).await?;
    Ok(operations)
}

/// Reads the steps after their operations, so that a final operation has its final steps.
async fn add_steps(client: &impl GenericClient, operations: &mut [Operation]) -> Result<()> {
    if operations.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = operations.iter().map(|operation| operation.id).collect();
    let mut steps: HashMap<i64, Vec<_>> = HashMap::new();
    for row in statement::rows(client, &STEPS, &[&ids]).await? {
        let (operation_id, step) = read_step(&row);
        steps.entry(operation_id).or_default().push(step);
    }
    for operation in operations {
        operation.steps = steps.remove(&operation.id).unwrap_or_default();
    }
    Ok(())
}
