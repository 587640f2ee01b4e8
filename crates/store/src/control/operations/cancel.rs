//! An operator's cancel.

use super::finish::{canceled_error, failed};
use super::{find_on, location};
use crate::control::audit::{self, NewEvent};
use crate::control::tenants;
use crate::statement::{self, statements};
use crate::{Error, Result, Store};
use deadpool_postgres::GenericClient;
use sindico_domain::Refusal;
use sindico_domain::access::Actor;
use sindico_domain::operation::{Operation, OperationStatus};
use sindico_domain::precondition::Precondition;

statements! { "operations":
    COMPANY_OF = "SELECT company_id FROM operation WHERE id = $1";
    LOCK = "SELECT previous_status FROM operation WHERE id = $1 FOR UPDATE";
    ASK = "UPDATE operation SET cancel_requested = true, canceled_by = $2, version = version + 1
        WHERE id = $1";
    END = "WITH o AS (
            UPDATE operation SET status = 'CANCELED', cancel_requested = true, canceled_by = $2,
                finished_at = clock_timestamp(), tenant_version = $3, version = version + 1
            WHERE id = $1 RETURNING id)
        UPDATE operation_step t SET status = 'FAILED'
        FROM o WHERE t.operation_id = o.id AND t.status = 'RETRYING'";
}

/// Cancels an operation. One that no worker has begun is over at once, and the tenant is as it was;
/// one that waits for its next attempt is over at once, and the tenant is FAILED, since part of its
/// place may be there; one at work is ended by its worker at the next step's boundary, unless it
/// was at its last. `None` when there is no such operation.
///
/// # Errors
/// [`Refusal::Conflict`] when it has ended; [`Refusal::PreconditionFailed`]; or the database can't
/// be reached.
pub async fn cancel(
    store: &Store,
    actor: &Actor,
    id: i64,
    precondition: &Precondition,
) -> Result<Option<Operation>> {
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    // An operation never changes its company, so this needs no lock; and the company comes first.
    let Some(row) = statement::row(&tx, &COMPANY_OF, &[&id]).await? else {
        return Ok(None);
    };
    let Some(tenant) = tenants::lock(&tx, row.get(0)).await? else {
        return Ok(None);
    };
    let Some(row) = statement::row(&tx, &LOCK, &[&id]).await? else {
        return Ok(None);
    };
    let Some(before) = find_on(&tx, id).await? else {
        return Ok(None);
    };
    if before.status.is_final() {
        return Err(Refusal::Conflict {
            detail: format!("This operation has ended already: {}.", before.status),
            location: Some(location(id)),
        }
        .into());
    }
    if before.cancel_requested {
        return Ok(Some(before));
    }
    precondition.check(before.version)?;
    if before.status == OperationStatus::Running {
        statement::execute(&tx, &ASK, &[&id, &actor.name]).await?;
    } else {
        let version = tenant.version + 1;
        statement::execute(&tx, &END, &[&id, &actor.name, &version]).await?;
        let begun = before.attempts > 0;
        let mut changed = failed(&tenant, &canceled_error(&actor.name));
        if !begun {
            changed = tenant.clone();
            let previous = row.get::<_, &str>("previous_status");
            changed.provisioning.status = previous.parse().map_err(Error::Internal)?;
        }
        let saved = tenants::save(&tx, &tenant, &changed).await?;
        tenants::record(&tx, actor, "tenant.canceled", Some(&tenant), &saved).await?;
    }
    let Some(after) = find_on(&tx, id).await? else {
        return Ok(None);
    };
    record(&tx, actor, &before, &after).await?;
    tx.commit().await?;
    Ok(Some(after))
}

async fn record(
    tx: &impl GenericClient,
    actor: &Actor,
    before: &Operation,
    after: &Operation,
) -> Result<()> {
    let json = |operation: &Operation| {
        serde_json::to_value(operation).map_err(|e| Error::Internal(e.to_string()))
    };
    let event = NewEvent {
        action: "operation.cancel",
        company_id: Some(after.company_id),
        subject: format!("operation {} of tenant {}", after.id, after.tenant_code),
        before: Some(json(before)?),
        after: Some(json(after)?),
    };
    audit::record(tx, actor, event).await
}
