//! The worker's side: leases, and the record of steps. Nothing here locks a company row.

use super::rows::{read, read_step};
use super::{FIND, STEPS};
use crate::control::tenants;
use crate::statement::{self, Params, statements};
use crate::{Error, Result, Statement, Store};
use sindico_domain::operation::{Operation, StepStatus};
use sindico_domain::tenant::Tenant;
use std::time::Duration;
use tokio_postgres::Row;

/// Why a worker's write was not done.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// The lease is gone: another worker took over, or the operation has ended. Nothing was
    /// written, and nothing may be done any more.
    #[error("the lease is lost")]
    Fenced,
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] Error),
}

impl From<tokio_postgres::Error> for WorkError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Store(error.into())
    }
}

/// What a worker shows with every write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The operation.
    pub operation_id: i64,
    /// Its tenant.
    pub company_id: i64,
    /// How many leases there have been, this one included.
    pub epoch: i64,
}

/// An operation that a worker has taken up.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// The lease.
    pub lease: Lease,
    /// The operation with its steps.
    pub operation: Operation,
    /// The tenant as it is now.
    pub tenant: Tenant,
    /// The portal's address that the caller asked for.
    pub portal_url: Option<String>,
    /// How long until its deadline; zero when that has passed.
    pub remaining: Duration,
    /// How many times a worker of this operation has vanished: its lease ran out.
    pub lost: i32,
}

/// What a worker learns when it renews its lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heartbeat {
    /// Whether an operator wants the operation to end.
    pub cancel_requested: bool,
}

/// What a worker learns at a step's boundary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begun {
    /// How many times the step has been begun, this one included; 0 when it was not begun.
    pub attempts: i32,
    /// Whether an operator wants the operation to end; then no step was begun.
    pub cancel_requested: bool,
}

/// How a step ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepEnd {
    /// Its effect is there and was checked.
    Done,
    /// This provider has nothing to do in it.
    Skipped,
}

/// A write of the lease's holder: `$1` is the operation, `$2` the epoch. Counts the version up.
macro_rules! fenced {
    ($set:literal, $rest:literal) => {
        concat!(
            "WITH o AS (UPDATE operation SET version = version + 1",
            $set,
            " WHERE id = $1 AND lease_epoch = $2 AND status = 'RUNNING'
              RETURNING id, cancel_requested) ",
            $rest
        )
    };
}

statements! { "operations":
    // Waiting and due, or taken up by a worker that has not been heard of since.
    CLAIM = "WITH due AS (
            SELECT id FROM operation
            WHERE status IN ('QUEUED', 'RUNNING') AND next_attempt_at <= now()
              AND (status = 'QUEUED' OR lease_until < now())
            ORDER BY next_attempt_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
        UPDATE operation o SET status = 'RUNNING', lease_owner = $1, lease_epoch = lease_epoch + 1,
            lease_until = now() + make_interval(secs => $2), attempts = attempts + 1,
            lost = lost + (o.status = 'RUNNING')::integer,
            started_at = coalesce(started_at, now()), version = version + 1
        FROM due WHERE o.id = due.id
        RETURNING o.id, o.company_id, o.lease_epoch, o.lost, o.params->>'portal_url' AS portal_url,
            greatest(extract(epoch FROM o.deadline_at - now()), 0)::float8 AS remaining";
    HEARTBEAT = "UPDATE operation SET lease_until = now() + make_interval(secs => $3)
        WHERE id = $1 AND lease_epoch = $2 AND status = 'RUNNING' RETURNING cancel_requested";
    STEP_BEGIN = fenced!("", ",
        s AS (
            UPDATE operation_step t SET status = 'RUNNING', attempts = attempts + 1,
                started_at = coalesce(started_at, now()), finished_at = NULL, outcome = '', error = '', hint = ''
            FROM o WHERE t.operation_id = o.id AND t.position = $3 AND NOT o.cancel_requested
            RETURNING t.attempts)
        SELECT o.cancel_requested, coalesce((SELECT attempts FROM s), 0) AS attempts,
            set_config('synchronous_commit', 'off', true) FROM o");
    // Ends one step and begins the next ($6, if any) in one write. Nobody waits for it to reach the
    // disk: should the server crash right then, the step is run again, which does no harm.
    STEP_END = fenced!("", ",
        s AS (
            UPDATE operation_step t SET
                status = CASE WHEN position = $3 THEN $4 ELSE 'RUNNING' END,
                attempts = CASE WHEN position = $3 THEN attempts ELSE attempts + 1 END,
                started_at = coalesce(started_at, now()),
                finished_at = CASE WHEN position = $3 THEN now() END,
                outcome = CASE WHEN position = $3 THEN $5 ELSE '' END, error = '', hint = ''
            FROM o WHERE t.operation_id = o.id
                AND (t.position = $3 OR (t.position = $6 AND NOT o.cancel_requested))
            RETURNING t.position, t.attempts)
        SELECT o.cancel_requested,
            coalesce((SELECT attempts FROM s WHERE position = $6), 0) AS attempts,
            set_config('synchronous_commit', 'off', true) FROM o");
    // Back into the queue, for $6 seconds; not beyond the deadline, and not when it is to be canceled.
    STEP_RETRY = fenced!(", status = 'QUEUED', lease_owner = NULL, lease_until = NULL,
        next_attempt_at = CASE WHEN cancel_requested THEN now()
            ELSE least(now() + make_interval(secs => $6), deadline_at) END", ",
        s AS (
            UPDATE operation_step t SET status = 'RETRYING', error = $4, hint = $5
            FROM o WHERE t.operation_id = o.id AND t.position = $3)
        SELECT o.cancel_requested, 0 AS attempts FROM o");
    RELEASE = fenced!(", status = 'QUEUED', lease_owner = NULL, lease_until = NULL,
        next_attempt_at = least(now() + make_interval(secs => $3), deadline_at)", ",
        s AS (
            UPDATE operation_step t SET status = 'PENDING'
            FROM o WHERE t.operation_id = o.id AND t.status = 'RUNNING')
        SELECT o.cancel_requested, 0 AS attempts FROM o");
}

/// Takes up the operation that has waited longest, if one is due, for the time of `lease`.
///
/// # Errors
/// When the database can't be reached; then nothing was taken up.
pub async fn claim(store: &Store, worker: &str, lease: Duration) -> Result<Option<Claimed>> {
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    let Some(row) = statement::row(&tx, &CLAIM, &[&worker, &lease.as_secs_f64()]).await? else {
        return Ok(None);
    };
    let lease = Lease {
        operation_id: row.get("id"),
        company_id: row.get("company_id"),
        epoch: row.get("lease_epoch"),
    };
    let mut operation = read(&statement::one(&tx, &FIND, &[&lease.operation_id]).await?);
    let steps = statement::rows(&tx, &STEPS, &[&vec![lease.operation_id]]).await?;
    operation.steps = steps.iter().map(|row| read_step(row).1).collect();
    let tenant = tenants::find_on(&tx, lease.company_id)
        .await?
        .ok_or_else(|| Error::Internal("an operation without its tenant".to_owned()))?;
    tx.commit().await?;
    Ok(Some(Claimed {
        lease,
        operation,
        tenant,
        portal_url: row.get("portal_url"),
        remaining: Duration::from_secs_f64(row.get("remaining")),
        lost: row.get("lost"),
    }))
}

/// Renews the lease for another `duration`.
///
/// # Errors
/// [`WorkError::Fenced`] when it is lost.
pub async fn heartbeat(
    store: &Store,
    lease: &Lease,
    duration: Duration,
) -> Result<Heartbeat, WorkError> {
    let secs = duration.as_secs_f64();
    let row = fenced(store, lease, &HEARTBEAT, &[&secs]).await?;
    Ok(Heartbeat {
        cancel_requested: row.get("cancel_requested"),
    })
}

/// Records that a step is begun, unless the operation is to be canceled.
///
/// # Errors
/// [`WorkError::Fenced`] when the lease is lost.
pub async fn step_begin(store: &Store, lease: &Lease, position: i32) -> Result<Begun, WorkError> {
    let row = fenced(store, lease, &STEP_BEGIN, &[&position]).await?;
    Ok(begun(&row))
}

/// Records that a step has ended well, and that the step at `next` is begun, unless the operation
/// is to be canceled; the answer tells of that next step.
///
/// # Errors
/// [`WorkError::Fenced`] when the lease is lost.
pub async fn step_end(
    store: &Store,
    lease: &Lease,
    position: i32,
    end: StepEnd,
    outcome: &str,
    next: Option<i32>,
) -> Result<Begun, WorkError> {
    let status = match end {
        StepEnd::Done => StepStatus::Done,
        StepEnd::Skipped => StepStatus::Skipped,
    };
    let params: Params<'_> = &[&position, &status.as_str(), &outcome, &next];
    let row = fenced(store, lease, &STEP_END, params).await?;
    Ok(begun(&row))
}

/// Records that a step failed for now, and gives the operation back to the queue for `delay`.
///
/// # Errors
/// [`WorkError::Fenced`] when the lease is lost.
pub async fn step_retry(
    store: &Store,
    lease: &Lease,
    position: i32,
    error: &str,
    hint: &str,
    delay: Duration,
) -> Result<(), WorkError> {
    let params: Params<'_> = &[&position, &error, &hint, &delay.as_secs_f64()];
    fenced(store, lease, &STEP_RETRY, params).await?;
    Ok(())
}

/// Gives the operation back to the queue for `delay`: the next worker goes on with the first step
/// that is not done.
///
/// # Errors
/// [`WorkError::Fenced`] when the lease is lost.
pub async fn release(store: &Store, lease: &Lease, delay: Duration) -> Result<(), WorkError> {
    fenced(store, lease, &RELEASE, &[&delay.as_secs_f64()]).await?;
    Ok(())
}

fn begun(row: &Row) -> Begun {
    Begun {
        attempts: row.get("attempts"),
        cancel_requested: row.get("cancel_requested"),
    }
}

/// Runs a conditional write; no row means that the condition did not hold.
async fn fenced(
    store: &Store,
    lease: &Lease,
    statement: &Statement,
    more: Params<'_>,
) -> Result<Row, WorkError> {
    let client = store.client().await?;
    let mut params: Vec<&(dyn tokio_postgres::types::ToSql + Sync)> =
        vec![&lease.operation_id, &lease.epoch];
    params.extend_from_slice(more);
    statement::row(&client, statement, &params)
        .await?
        .ok_or(WorkError::Fenced)
}
