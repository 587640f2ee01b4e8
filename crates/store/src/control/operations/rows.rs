//! An operation as it is read.

use crate::control::tenants::rows::word;
use jiff::Timestamp;
use sindico_domain::operation::{Operation, OperationStatus, Step};
use tokio_postgres::Row;

macro_rules! select {
    () => {
        "SELECT o.id, o.kind, o.status, o.company_id, c.tenant_code, o.provider, o.requested_by,
            o.request_id, o.attempts, o.created_at, o.started_at, o.finished_at, o.next_attempt_at,
            o.deadline_at, o.cancel_requested, o.error, o.hint, o.version
         FROM operation o JOIN company c ON c.id = o.company_id"
    };
}
pub(crate) use select;

/// Reads a row of `select!`; its steps are read by another statement.
pub(crate) fn read(row: &Row) -> Operation {
    let status = word(row, 2);
    let next_attempt_at: Timestamp = row.get(12);
    Operation {
        id: row.get(0),
        kind: word(row, 1),
        status,
        company_id: row.get(3),
        tenant_code: row.get(4),
        provider: row.get(5),
        requested_by: row.get(6),
        request_id: row.get(7),
        attempts: row.get(8),
        created_at: row.get(9),
        started_at: row.get(10),
        finished_at: row.get(11),
        next_attempt_at: (status == OperationStatus::Queued).then_some(next_attempt_at),
        deadline_at: row.get(13),
        cancel_requested: row.get(14),
        error: row.get(15),
        hint: row.get(16),
        steps: Vec::new(),
        version: row.get(17),
    }
}

/// Reads a step and the id of its operation.
pub(crate) fn read_step(row: &Row) -> (i64, Step) {
    let step = Step {
        name: row.get(1),
        status: word(row, 2),
        attempts: row.get(3),
        started_at: row.get(4),
        finished_at: row.get(5),
        outcome: row.get(6),
        error: row.get(7),
        hint: row.get(8),
    };
    (row.get(0), step)
}
