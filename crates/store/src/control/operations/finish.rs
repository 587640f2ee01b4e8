//! The three ends of an operation: outcome, tenant, audit, in one transaction. The company row is
//! locked first.

use super::work::{Lease, WorkError};
use crate::control::tenants;
use crate::statement::{self, Params, statements};
use crate::{Result, Store};
use deadpool_postgres::{GenericClient, Transaction};
use sindico_domain::access::Actor;
use sindico_domain::tenant::{ProvisioningStatus, Tenant};
use tokio_postgres::Row;

/// An end that only the lease's holder can write: `$1` operation, `$2` epoch, `$3` the tenant's
/// version afterwards.
macro_rules! end {
    ($set:literal, $steps:literal) => {
        concat!(
            "WITH o AS (UPDATE operation SET version = version + 1, lease_owner = NULL,
                lease_until = NULL, finished_at = clock_timestamp(), tenant_version = $3, ",
            $set,
            " WHERE id = $1 AND lease_epoch = $2 AND status = 'RUNNING'
              RETURNING id, request_id, canceled_by), ",
            $steps,
            " SELECT request_id, canceled_by FROM o"
        )
    };
}

statements! { "operations":
    SUCCEED = end!("status = 'SUCCEEDED', error = '', hint = ''", "s AS (SELECT)");
    // The step at $6 failed, or, without one, those that were on their way.
    FAIL = end!("status = 'FAILED', error = $4, hint = $5", "s AS (
        UPDATE operation_step t SET status = 'FAILED', finished_at = now(), error = $4, hint = $5
        FROM o WHERE t.operation_id = o.id
            AND (t.position = $6 OR ($6 IS NULL AND t.status IN ('RUNNING', 'RETRYING'))))");
    // What was begun and not ended counts as not begun; what failed for now failed.
    CANCEL = end!("status = 'CANCELED'", "s AS (
        UPDATE operation_step t SET
            status = CASE t.status WHEN 'RUNNING' THEN 'PENDING' ELSE 'FAILED' END
        FROM o WHERE t.operation_id = o.id AND t.status IN ('RUNNING', 'RETRYING'))");
}

/// The operation succeeded: the tenant is READY.
///
/// # Errors
/// [`WorkError::Fenced`] when the lease is lost; then nothing was written.
pub async fn finish_success(
    store: &Store,
    lease: &Lease,
    portal_url: &str,
) -> Result<(), WorkError> {
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    let before = locked(&tx, lease).await?;
    let row = ended(&tx, lease, &before, &SUCCEED, &[]).await?;
    let mut after = before.clone();
    after.provisioning.status = ProvisioningStatus::Ready;
    after.provisioning.last_error.clear();
    portal_url.clone_into(&mut after.provisioning.portal_url);
    settle(&tx, &row, "tenant.ready", &before, &after).await?;
    Ok(tx.commit().await?)
}

/// The operation failed for good, at the step at `position` if at one: the tenant is FAILED, with
/// `error` as its `last_error`.
///
/// # Errors
/// [`WorkError::Fenced`] when the lease is lost; then nothing was written.
pub async fn finish_failure(
    store: &Store,
    lease: &Lease,
    position: Option<i32>,
    error: &str,
    hint: &str,
) -> Result<(), WorkError> {
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    let before = locked(&tx, lease).await?;
    let row = ended(&tx, lease, &before, &FAIL, &[&error, &hint, &position]).await?;
    let after = failed(&before, error);
    settle(&tx, &row, "tenant.failed", &before, &after).await?;
    Ok(tx.commit().await?)
}

/// The operation ends as an operator asked: the tenant is FAILED, since part of its place may be
/// there.
///
/// # Errors
/// [`WorkError::Fenced`] when the lease is lost; then nothing was written.
pub async fn finish_cancel(store: &Store, lease: &Lease) -> Result<(), WorkError> {
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    let before = locked(&tx, lease).await?;
    let row = ended(&tx, lease, &before, &CANCEL, &[]).await?;
    let after = failed(&before, &canceled_error(row.get("canceled_by")));
    settle(&tx, &row, "tenant.canceled", &before, &after).await?;
    Ok(tx.commit().await?)
}

/// The tenant's `last_error` after a cancel.
pub(super) fn canceled_error(by: &str) -> String {
    format!("Provisioning was canceled by {by}. Execute again to finish it.")
}

/// The tenant in state FAILED.
pub(super) fn failed(before: &Tenant, error: &str) -> Tenant {
    let mut after = before.clone();
    after.provisioning.status = ProvisioningStatus::Failed;
    error.clone_into(&mut after.provisioning.last_error);
    after
}

/// Locks the company row. A tenant that is gone took its operations along.
async fn locked(tx: &Transaction<'_>, lease: &Lease) -> Result<Tenant, WorkError> {
    tenants::lock(tx, lease.company_id)
        .await?
        .ok_or(WorkError::Fenced)
}

async fn ended(
    tx: &impl GenericClient,
    lease: &Lease,
    before: &Tenant,
    statement: &crate::Statement,
    more: Params<'_>,
) -> Result<Row, WorkError> {
    // `save` counts the version up by one, and the company row is locked.
    let tenant_version = before.version + 1;
    let mut params: Vec<&(dyn tokio_postgres::types::ToSql + Sync)> =
        vec![&lease.operation_id, &lease.epoch, &tenant_version];
    params.extend_from_slice(more);
    statement::row(tx, statement, &params)
        .await?
        .ok_or(WorkError::Fenced)
}

async fn settle(
    tx: &impl GenericClient,
    row: &Row,
    action: &str,
    before: &Tenant,
    after: &Tenant,
) -> Result<()> {
    let saved = tenants::save(tx, before, after).await?;
    let actor = Actor::system(row.get("request_id"));
    tenants::record(tx, &actor, action, Some(before), &saved).await
}
