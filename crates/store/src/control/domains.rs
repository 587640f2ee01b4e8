//! Domains of tenants' own.

use super::audit::{self, NewEvent};
use super::idempotency::{self, Key, Once};
use super::tenants;
use crate::constraints::HOST_TAKEN;
use crate::statement::{self, statements};
use crate::{Error, Result, Store};
use deadpool_postgres::GenericClient;
use sindico_domain::access::Actor;
use sindico_domain::host::Host;
use sindico_domain::tenant::Tenant;
use sindico_domain::tenant::domain::{CustomDomain, record};
use sindico_domain::{FieldErrors, Refusal};
use tokio_postgres::Row;

macro_rules! returning {
    () => {
        " RETURNING id, host, token, verified_at, created_at"
    };
}

statements! { "domains":
    LIST = "SELECT id, host, token, verified_at, created_at FROM tenant_domain
        WHERE company_id = $1 ORDER BY host";
    FIND = "SELECT id, host, token, verified_at, created_at FROM tenant_domain
        WHERE company_id = $1 AND id = $2";
    // Claimed once more, it is the same claim.
    CLAIM = concat!("INSERT INTO tenant_domain (company_id, host, token) VALUES ($1, $2, $3)
        ON CONFLICT ON CONSTRAINT tenant_domain_key DO UPDATE SET host = excluded.host", returning!());
    TAKEN = "SELECT EXISTS (SELECT FROM tenant_domain
        WHERE host = $1 AND company_id <> $2 AND verified_at IS NOT NULL)";
    VERIFY = concat!("UPDATE tenant_domain SET verified_at = coalesce(verified_at, now())
        WHERE company_id = $1 AND id = $2", returning!());
    REMOVE = concat!("DELETE FROM tenant_domain WHERE company_id = $1 AND id = $2", returning!());
}

/// A tenant's domains by host; `None` when there is no such tenant.
///
/// # Errors
/// When the database can't be reached.
pub async fn list(store: &Store, company_id: i64) -> Result<Option<Vec<CustomDomain>>> {
    if tenants::find(store, company_id).await?.is_none() {
        return Ok(None);
    }
    let rows = statement::rows(&store.client().await?, &LIST, &[&company_id]).await?;
    Ok(Some(rows.iter().map(read).collect()))
}

/// One of a tenant's domains.
///
/// # Errors
/// When the database can't be reached.
pub async fn find(store: &Store, company_id: i64, id: i64) -> Result<Option<CustomDomain>> {
    let row = statement::row(&store.client().await?, &FIND, &[&company_id, &id]).await?;
    Ok(row.as_ref().map(read))
}

/// Claims a domain for a tenant; `None` when there is no such tenant.
///
/// # Errors
/// A host that another tenant has proved to be its own is refused on `host`; a key that was used with
/// another request.
pub async fn claim(
    store: &Store,
    actor: &Actor,
    company_id: i64,
    host: &Host,
    key: Option<&Key>,
) -> Result<Option<Once<CustomDomain>>> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| Error::Internal(format!("no randomness: {error}")))?;
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    if let Some(earlier) = idempotency::begin(&tx, key).await? {
        return Ok(Some(earlier));
    }
    let Some(tenant) = tenants::lock(&tx, company_id).await? else {
        return Ok(None);
    };
    if statement::one(&tx, &TAKEN, &[&host.as_str(), &company_id])
        .await?
        .get(0)
    {
        return Err(FieldErrors::one("host", HOST_TAKEN).into());
    }
    let params: statement::Params<'_> = &[&company_id, &host.as_str(), &hex::encode(bytes)];
    let domain = read(&statement::one(&tx, &CLAIM, params).await?);
    audited(&tx, actor, &tenant, "domain.add", None, Some(&domain)).await?;
    let once = idempotency::finish(&tx, key, domain, 0).await?;
    tx.commit().await?;
    Ok(Some(once))
}

/// Serves the tenant at its domain, if the record says what it has to; `None` when there is no such
/// domain of this tenant. `found` is what the TXT record says.
///
/// # Errors
/// [`Refusal::Invalid`] names the record and what was found; a host that another tenant proved first is
/// refused on `host`.
pub async fn verify(
    store: &Store,
    actor: &Actor,
    company_id: i64,
    id: i64,
    found: &[String],
) -> Result<Option<CustomDomain>> {
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    let Some(tenant) = tenants::lock(&tx, company_id).await? else {
        return Ok(None);
    };
    let Some(before) = statement::row(&tx, &FIND, &[&company_id, &id])
        .await?
        .as_ref()
        .map(read)
    else {
        return Ok(None);
    };
    if !found
        .iter()
        .any(|value| value.trim() == before.record_value)
    {
        let said = match found {
            [] => "there is no such record".to_owned(),
            values => format!("it says {:?}", values.iter().take(5).collect::<Vec<_>>()),
        };
        return Err(Refusal::Invalid(format!(
            "The TXT record {} must say {}, and {said}. DNS may take a while; then try again.",
            before.record_name, before.record_value
        ))
        .into());
    }
    let after = read(&statement::one(&tx, &VERIFY, &[&company_id, &id]).await?);
    if before.verified_at.is_none() {
        audited(
            &tx,
            actor,
            &tenant,
            "domain.verify",
            Some(&before),
            Some(&after),
        )
        .await?;
    }
    tx.commit().await?;
    Ok(Some(after))
}

/// Takes a domain away from a tenant; whether there was one.
///
/// # Errors
/// When the database can't be reached.
pub async fn remove(store: &Store, actor: &Actor, company_id: i64, id: i64) -> Result<bool> {
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    let Some(tenant) = tenants::lock(&tx, company_id).await? else {
        return Ok(false);
    };
    let Some(row) = statement::row(&tx, &REMOVE, &[&company_id, &id]).await? else {
        return Ok(false);
    };
    audited(
        &tx,
        actor,
        &tenant,
        "domain.remove",
        Some(&read(&row)),
        None,
    )
    .await?;
    tx.commit().await?;
    Ok(true)
}

async fn audited(
    tx: &impl GenericClient,
    actor: &Actor,
    tenant: &Tenant,
    action: &'static str,
    before: Option<&CustomDomain>,
    after: Option<&CustomDomain>,
) -> Result<()> {
    let json = |domain: Option<&CustomDomain>| {
        let json = domain.map(serde_json::to_value).transpose();
        json.map_err(|error| Error::Internal(error.to_string()))
    };
    let host = before.or(after).map_or("", |domain| domain.host.as_str());
    let event = NewEvent {
        action,
        company_id: Some(tenant.id),
        subject: format!("domain {host} of tenant {}", tenant.tenant_code),
        before: json(before)?,
        after: json(after)?,
    };
    audit::record(tx, actor, event).await
}

fn read(row: &Row) -> CustomDomain {
    let host: String = row.get(1);
    let (record_name, record_value) = record(&host, row.get(2));
    CustomDomain {
        id: row.get(0),
        host,
        record_name,
        record_value,
        verified_at: row.get(3),
        created_at: row.get(4),
    }
}
