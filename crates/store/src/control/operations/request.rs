//! Asking for an operation, or finding the one that is the answer already.

use super::location;
use crate::control::idempotency::{self, Key};
use crate::control::tenants;
use crate::statement::{self, statements};
use crate::{Error, Result, Store};
use deadpool_postgres::GenericClient;
use serde_json::Value;
use sindico_domain::Refusal;
use sindico_domain::access::Actor;
use sindico_domain::operation::OperationStatus;
use sindico_domain::tenant::{ProvisioningStatus, Tenant};
use std::str::FromStr;
use std::time::{Duration, Instant};

/// A request to provision a tenant.
#[derive(Debug, Clone)]
pub struct ExecutionRequest<'a> {
    /// The portal's address, when the caller names one.
    pub portal_url: Option<String>,
    /// The provider that is to run it.
    pub provider: &'a str,
    /// The names of the steps, in order.
    pub steps: &'a [&'a str],
    /// How long ago the request was received. An age, and not an instant, since only the
    /// database's clock is the same for all programs.
    pub age: Duration,
    /// How long it may take in all; counted from now on.
    pub deadline: Duration,
}

/// The operation that answers a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Requested {
    /// Its id.
    pub operation_id: i64,
    /// Whether it had been asked for before, by this caller or another.
    pub attached: bool,
}

statements! { "operations":
    // The live operation of the tenant, else one that is as good as the one asked for: with the same
    // wishes, and either it ended after this request came in ($4 seconds ago), or it succeeded just
    // now and nothing has happened to the tenant since (a double click, a proxy's retry).
    ANSWER = "SELECT id, status, cancel_requested, params = $2 AND provider = $3 AS same FROM operation
        WHERE company_id = $1 AND (
            status IN ('QUEUED', 'RUNNING')
            OR (params = $2 AND provider = $3 AND status <> 'CANCELED' AND (
                finished_at >= clock_timestamp() - make_interval(secs => $4)
                OR (status = 'SUCCEEDED' AND tenant_version = $5
                    AND finished_at >= clock_timestamp() - interval '5 seconds'))))
        ORDER BY (finished_at IS NULL) DESC, id DESC LIMIT 1";
    INSERT = "WITH o AS (
            INSERT INTO operation (kind, company_id, provider, params, requested_by, request_id,
                previous_status, deadline_at)
            VALUES ('PROVISION', $1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7))
            RETURNING id),
        s AS (
            INSERT INTO operation_step (operation_id, position, name)
            SELECT o.id, t.position, t.name
            FROM o, unnest($8::text[]) WITH ORDINALITY AS t (name, position))
        SELECT id FROM o";
}

/// Asks for the provisioning of a tenant: attaches to the operation that does or just did the same,
/// else makes one and puts the tenant into PROVISIONING, in one transaction. `None` when there is
/// no such tenant.
///
/// A key answers with the operation of its first use, whatever became of it.
///
/// # Errors
/// [`Refusal::Conflict`], with its address, while an operation with other wishes is live;
/// [`Refusal::KeyReused`]; or the database can't be reached.
pub async fn request_execution(
    store: &Store,
    actor: &Actor,
    company_id: i64,
    request: &ExecutionRequest<'_>,
    key: Option<&Key>,
) -> Result<Option<Requested>> {
    let entered = Instant::now();
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    if let Some(earlier) = idempotency::begin::<i64>(&tx, key).await? {
        return Ok(Some(Requested {
            operation_id: earlier.value,
            attached: true,
        }));
    }
    let Some(before) = tenants::lock(&tx, company_id).await? else {
        return Ok(None);
    };
    let params = serde_json::json!({ "portal_url": request.portal_url });
    // Waiting for a connection and for the lock made the request older.
    let age = request.age + entered.elapsed();
    let (operation_id, attached) = match answer(&tx, &before, request, &params, age).await? {
        Some(id) => (id, true),
        None => (insert(&tx, actor, &before, request, &params).await?, false),
    };
    idempotency::finish(&tx, key, operation_id, 0).await?;
    tx.commit().await?;
    Ok(Some(Requested {
        operation_id,
        attached,
    }))
}

async fn answer(
    tx: &impl GenericClient,
    tenant: &Tenant,
    request: &ExecutionRequest<'_>,
    params: &Value,
    age: Duration,
) -> Result<Option<i64>> {
    let row = statement::row(
        tx,
        &ANSWER,
        &[
            &tenant.id,
            params,
            &request.provider,
            &age.as_secs_f64(),
            &tenant.version,
        ],
    )
    .await?;
    let Some(row) = row else { return Ok(None) };
    let id: i64 = row.get("id");
    let status = OperationStatus::from_str(row.get("status")).map_err(Error::Internal)?;
    let in_the_way = if status.is_final() {
        None
    } else if row.get("cancel_requested") {
        Some("An execution of this tenant is being canceled. Wait for its end.")
    } else if !row.get::<_, bool>("same") {
        Some(
            "An execution with other parameters is at work on this tenant. Wait for it, or cancel it.",
        )
    } else {
        None
    };
    match in_the_way {
        None => Ok(Some(id)),
        Some(detail) => Err(Refusal::Conflict {
            detail: detail.to_owned(),
            location: Some(location(id)),
        }
        .into()),
    }
}

async fn insert(
    tx: &impl GenericClient,
    actor: &Actor,
    before: &Tenant,
    request: &ExecutionRequest<'_>,
    params: &Value,
) -> Result<i64> {
    let row = statement::one(
        tx,
        &INSERT,
        &[
            &before.id,
            &request.provider,
            params,
            &actor.name,
            &actor.request_id,
            &before.provisioning.status.as_str(),
            &request.deadline.as_secs_f64(),
            &request.steps,
        ],
    )
    .await?;
    // `last_error` stays until the outcome is known.
    let mut after = before.clone();
    after.provisioning.status = ProvisioningStatus::Provisioning;
    let saved = tenants::save(tx, before, &after).await?;
    tenants::record(tx, actor, "tenant.execute", Some(before), &saved).await?;
    Ok(row.get(0))
}
