//! Operations: durable work on a tenant, made of steps (tenancy.md section 1).

use crate::words::words;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

words! {
    /// What an operation does.
    OperationKind { /// Makes a tenant's place, or makes it whole again.
        Provision = "PROVISION" }
}
words! {
    /// Where an operation stands.
    OperationStatus { /// Waiting for a worker, or for its next attempt.
        Queued = "QUEUED", /// A worker holds its lease.
        Running = "RUNNING", /// Done.
        Succeeded = "SUCCEEDED", /// Over, without success.
        Failed = "FAILED", /// Ended by an operator.
        Canceled = "CANCELED" }
}
words! {
    /// Where a step stands.
    StepStatus { /// Not begun.
        Pending = "PENDING", /// Begun.
        Running = "RUNNING", /// Its effect is there and was checked.
        Done = "DONE", /// Nothing to do for this provider.
        Skipped = "SKIPPED", /// Failed for now; it will be tried again.
        Retrying = "RETRYING", /// Failed for good.
        Failed = "FAILED" }
}

impl OperationStatus {
    /// Whether it will change no more.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Canceled)
    }
}

/// An operation as the platform API reads it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Operation {
    /// Id.
    pub id: i64,
    /// What it does.
    pub kind: OperationKind,
    /// Where it stands.
    pub status: OperationStatus,
    /// The tenant.
    pub company_id: i64,
    /// The tenant's code.
    pub tenant_code: String,
    /// The provider that runs it.
    pub provider: String,
    /// Who asked for it.
    pub requested_by: String,
    /// The request that asked for it.
    pub request_id: String,
    /// How many times a worker took it up.
    pub attempts: i32,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When a worker first took it up.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// When it will be tried next, while it waits.
    pub next_attempt_at: Option<Timestamp>,
    /// When it fails unless it is done by then.
    pub deadline_at: Timestamp,
    /// Whether an operator asked it to stop.
    pub cancel_requested: bool,
    /// Why it failed, in one sentence; empty when it did not.
    pub error: String,
    /// What to do about it.
    pub hint: String,
    /// Its steps, in order.
    pub steps: Vec<Step>,
    /// Counts every change; the ETag and the id of its events.
    #[serde(skip)]
    pub version: i64,
}

/// One step of an operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub status: StepStatus,
    /// How many times it was begun.
    pub attempts: i32,
    /// When it was first begun.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// What it found or did.
    pub outcome: String,
    /// Why it failed.
    pub error: String,
    /// What to do about it.
    pub hint: String,
}

/// Which operations a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OperationFilter {
    /// Of this tenant.
    pub company_id: Option<i64>,
    /// In this state.
    pub status: Option<OperationStatus>,
}
