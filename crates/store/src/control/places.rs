//! Where tenants' data live, as the control database knows it: generation, schema version, and the
//! sealed passwords behind `db:<id>`.

use super::audit::{self, NewEvent};
use super::operations::{Lease, WorkError};
use super::tenants;
use crate::statement::{self, statements};
use crate::{Result, Store};
use deadpool_postgres::{GenericClient, Transaction};
use serde_json::json;
use sindico_domain::access::Actor;
use sindico_domain::tenant::Tenant;
use sindico_secrets::Sealed;
use tokio_postgres::Row;

statements! { "places":
    // Sixteen characters are enough to tell installations on one server apart.
    INSTALLATION = "SELECT left(replace(id::text, '-', ''), 16) FROM installation";
    // All three in one statement: the place is never named by one and not by the others.
    MOVE_PRIVATE = "WITH old AS (
            SELECT private_host AS host FROM installation
            WHERE private_host IS DISTINCT FROM $1 FOR UPDATE),
        i AS (UPDATE installation SET private_host = $1 FROM old),
        s AS (UPDATE shared_database d SET host = $1 FROM old WHERE d.host = old.host),
        p AS (UPDATE tenant_provisioning t SET database_host = $1 FROM old
            WHERE t.database_host = old.host RETURNING t.company_id)
        SELECT count(*) FROM p";
    FIND = "SELECT generation, schema_version FROM tenant_provisioning WHERE company_id = $1";
    // What a worker writes here need not wait for the disk: the operation's end does, and with it all
    // that was written before. Should the server crash in between, the step's record, which is younger,
    // is gone as well, and the step is run again.
    HELD = "SELECT request_id, set_config('synchronous_commit', 'off', true) FROM operation
        WHERE id = $1 AND lease_epoch = $2 AND status = 'RUNNING' FOR SHARE";
    SETTLE = "UPDATE tenant_provisioning SET database_host = $2, database_port = $3,
            generation = $4, updated_at = now(),
            schema_version = CASE WHEN generation = $4 THEN schema_version ELSE 0 END
        WHERE company_id = $1";
    PUBLISH = "UPDATE tenant_provisioning SET schema_version = $2 WHERE company_id = $1";
    REFER = "UPDATE tenant_provisioning SET database_password_secret = $2, updated_at = now()
        WHERE company_id = $1";
    KEEP_SECRET = "INSERT INTO tenant_secret (company_id, generation, key_id, wrapped_key, payload)
        VALUES ($1, $2, $3, $4, $5) RETURNING id";
    // Nothing refers to it any more.
    FORGET_SECRETS = "DELETE FROM tenant_secret WHERE company_id = $1 AND 'db:' || id <> $2";
    FIND_SECRET = "SELECT company_id, generation, key_id, wrapped_key, payload FROM tenant_secret
        WHERE id = $1";
    OLD_SECRETS = "SELECT id, company_id, generation, key_id, wrapped_key, payload FROM tenant_secret
        WHERE key_id <> $1 ORDER BY id LIMIT 100";
    REWRAP = "UPDATE tenant_secret SET key_id = $3, wrapped_key = $4, updated_at = now()
        WHERE id = $1 AND key_id = $2";
    SHARED = "SELECT id, login, secret, generation, schema_version FROM shared_database
        WHERE host = $1 AND port = $2 AND name = $3";
    ALL_SHARED = "SELECT id, login, secret, generation, schema_version, host, port, name
        FROM shared_database ORDER BY id";
    // Two programs that make it at once agree on the row of the first.
    ADD_SHARED = "INSERT INTO shared_database (host, port, name, login, secret)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT ON CONSTRAINT shared_database_key DO NOTHING";
    // The places that a provider made, and whose schema is older than $1.
    BEHIND = "SELECT p.company_id, c.tenant_code, p.database_host, p.database_port, p.database_name
        FROM tenant_provisioning p JOIN company c ON c.id = p.company_id
        WHERE p.status = 'READY' AND p.schema_version < $1 AND p.generation > 0
          AND p.isolation_model = 'DATABASE_PER_TENANT'
        UNION ALL
        SELECT NULL, NULL, host, port, name FROM shared_database
        WHERE schema_version < $1 AND schema_version > 0
        ORDER BY 1 NULLS FIRST";
    PUBLISH_SHARED = "WITH s AS (UPDATE shared_database SET schema_version = $4
            WHERE host = $1 AND port = $2 AND name = $3)
        UPDATE tenant_provisioning SET schema_version = $4
        WHERE database_host = $1 AND database_port = $2 AND database_name = $3
          AND isolation_model = 'SHARED_SCHEMA' AND status = 'READY' AND schema_version <> $4";
}

/// A kept secret with what it is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptSecret {
    /// The tenant; 0 for the shared places.
    pub company_id: i64,
    /// The generation of the place.
    pub generation: i64,
    /// The password, sealed.
    pub sealed: Sealed,
}

/// How far a tenant's place is known to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// How many places there have been; 0 when none was made by a provider.
    pub generation: i64,
    /// The version of its schema; 0 when it has none yet.
    pub schema_version: i32,
}

/// A shared database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// Id.
    pub id: i64,
    /// The role through which its tenants are reached.
    pub login: String,
    /// Where that role's password is kept.
    pub secret: String,
    /// How many places of this name there have been.
    pub generation: i64,
    /// The version of its schema; 0 when it has none yet.
    pub schema_version: i32,
}

/// A place whose schema is older than the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    /// The tenant's id and code; `None` for a shared database.
    pub tenant: Option<(i64, String)>,
    /// The server.
    pub host: String,
    /// Its port.
    pub port: i32,
    /// The database.
    pub database: String,
}

impl Behind {
    /// How people call it: the tenant's code, or the shared database's name.
    pub fn name(&self) -> String {
        match &self.tenant {
            Some((_, code)) => code.clone(),
            None => self.database.clone(),
        }
    }
}

/// The places whose schema is older than this version, in one query; the shared ones first, since
/// most depend on them.
///
/// # Errors
/// When the database can't be reached.
pub async fn behind(store: &Store, version: i32) -> Result<Vec<Behind>> {
    let rows = statement::rows(&store.client().await?, &BEHIND, &[&version]).await?;
    let read = |row: &Row| Behind {
        tenant: row
            .get::<_, Option<i64>>(0)
            .map(|id| (id, row.get::<_, Option<String>>(1).unwrap_or_default())),
        host: row.get(2),
        port: row.get(3),
        database: row.get(4),
    };
    Ok(rows.iter().map(read).collect())
}

/// What tells this installation's marks from those of others.
///
/// # Errors
/// When the database can't be reached.
pub async fn installation(store: &Store) -> Result<String> {
    let row = statement::one(&store.client().await?, &INSTALLATION, &[]).await?;
    Ok(row.get(0))
}

/// The private server is at this socket directory: tenants' places that are on it are there now.
///
/// # Errors
/// When the database can't be reached.
pub async fn private_server_is_at(store: &Store, host: &str) -> Result<()> {
    let row = statement::one(&store.client().await?, &MOVE_PRIVATE, &[&host]).await?;
    let moved: i64 = row.get(0);
    if moved > 0 {
        tracing::info!(
            moved,
            host,
            "the data directory has moved, and tenants' places with it"
        );
    }
    Ok(())
}

/// How far the tenant's place is.
///
/// # Errors
/// When the database can't be reached.
pub async fn standing(store: &Store, company_id: i64) -> Result<Option<Standing>> {
    let row = statement::row(&store.client().await?, &FIND, &[&company_id]).await?;
    Ok(row.map(|row| Standing {
        generation: row.get(0),
        schema_version: row.get(1),
    }))
}

/// Writes where the place is to be: on this server, as this generation. A new generation has no
/// schema yet.
///
/// # Errors
/// [`WorkError::Fenced`] when the lease is lost; the refusal of names that another tenant has there.
pub async fn settle(
    store: &Store,
    lease: &Lease,
    host: &str,
    port: i32,
    generation: i64,
) -> Result<Tenant, WorkError> {
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    let (before, request_id) = held(&tx, lease).await?;
    let id = lease.company_id;
    statement::execute(&tx, &SETTLE, &[&id, &host, &port, &generation]).await?;
    let after = changed(&tx, &before, &request_id, "tenant.settle").await?;
    tx.commit().await?;
    Ok(after)
}

/// Keeps a new password, and refers the tenant to it, in one transaction: neither is there without
/// the other.
///
/// # Errors
/// [`WorkError::Fenced`] when the lease is lost.
pub async fn keep_secret(
    store: &Store,
    lease: &Lease,
    generation: i64,
    sealed: &Sealed,
) -> Result<Tenant, WorkError> {
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    let (before, request_id) = held(&tx, lease).await?;
    let id = lease.company_id;
    let reference = insert_secret(&tx, Some(id), generation, sealed).await?;
    statement::execute(&tx, &REFER, &[&id, &reference]).await?;
    statement::execute(&tx, &FORGET_SECRETS, &[&id, &reference]).await?;
    let after = changed(&tx, &before, &request_id, "tenant.secret").await?;
    tx.commit().await?;
    Ok(after)
}

/// Writes that the place is at this version of the schema.
///
/// # Errors
/// [`WorkError::Fenced`] when the lease is lost.
pub async fn publish(store: &Store, lease: &Lease, schema_version: i32) -> Result<(), WorkError> {
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    held(&tx, lease).await?;
    statement::execute(&tx, &PUBLISH, &[&lease.company_id, &schema_version]).await?;
    Ok(tx.commit().await?)
}

/// The same for a tenant that was migrated outside of an operation.
///
/// # Errors
/// When the database can't be reached.
pub async fn migrated(store: &Store, company_id: i64, schema_version: i32) -> Result<()> {
    let client = store.client().await?;
    statement::execute(&client, &PUBLISH, &[&company_id, &schema_version]).await?;
    Ok(())
}

/// The shared database of this name on this server, if it is known.
///
/// # Errors
/// When the database can't be reached.
pub async fn shared(store: &Store, host: &str, port: i32, name: &str) -> Result<Option<Shared>> {
    let row = statement::row(&store.client().await?, &SHARED, &[&host, &port, &name]).await?;
    Ok(row.as_ref().map(read_shared))
}

/// All shared databases: host, port, name, and what is known of them.
///
/// # Errors
/// When the database can't be reached.
pub async fn all_shared(store: &Store) -> Result<Vec<(String, i32, String, Shared)>> {
    let rows = statement::rows(&store.client().await?, &ALL_SHARED, &[]).await?;
    let read = |row: &Row| (row.get(5), row.get(6), row.get(7), read_shared(row));
    Ok(rows.iter().map(read).collect())
}

/// Makes a shared database known, with the password of its role, unless it is known already.
///
/// # Errors
/// When the database can't be reached.
pub async fn add_shared(
    store: &Store,
    (host, port, name): (&str, i32, &str),
    login: &str,
    sealed: &Sealed,
) -> Result<()> {
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    let reference = insert_secret(&tx, None, 1, sealed).await?;
    let added =
        statement::execute(&tx, &ADD_SHARED, &[&host, &port, &name, &login, &reference]).await?;
    // Else another program was first, and its secret counts: nothing of this one stays.
    if added == 1 {
        tx.commit().await?;
    }
    Ok(())
}

/// Writes that a shared database, and so all its tenants, are at this version of the schema.
///
/// # Errors
/// When the database can't be reached.
pub async fn publish_shared(
    store: &Store,
    (host, port, name): (&str, i32, &str),
    schema_version: i32,
) -> Result<()> {
    let client = store.client().await?;
    let params: statement::Params<'_> = &[&host, &port, &name, &schema_version];
    statement::execute(&client, &PUBLISH_SHARED, params).await?;
    Ok(())
}

/// The secret behind `db:<id>`.
///
/// # Errors
/// When the database can't be reached.
pub async fn secret(store: &Store, id: i64) -> Result<Option<KeptSecret>> {
    let row = statement::row(&store.client().await?, &FIND_SECRET, &[&id]).await?;
    Ok(row.as_ref().map(|row| read_secret(row, 0)))
}

/// Secrets whose own key is sealed with another master key than this one: some of them.
///
/// # Errors
/// When the database can't be reached.
pub async fn secrets_of_other_keys(store: &Store, key_id: &str) -> Result<Vec<(i64, KeptSecret)>> {
    let rows = statement::rows(&store.client().await?, &OLD_SECRETS, &[&key_id]).await?;
    Ok(rows
        .iter()
        .map(|row| (row.get(0), read_secret(row, 1)))
        .collect())
}

/// Replaces the sealed key of a secret, unless somebody else did meanwhile.
///
/// # Errors
/// When the database can't be reached.
pub async fn rewrap(store: &Store, id: i64, old_key_id: &str, new: &Sealed) -> Result<()> {
    let client = store.client().await?;
    let params: statement::Params<'_> = &[&id, &old_key_id, &new.key_id, &new.wrapped_key];
    statement::execute(&client, &REWRAP, params).await?;
    Ok(())
}

/// Locks the company, and looks whether the lease is still held (the order of locks: company,
/// operation).
async fn held(tx: &Transaction<'_>, lease: &Lease) -> Result<(Tenant, String), WorkError> {
    let tenant = tenants::lock(tx, lease.company_id)
        .await?
        .ok_or(WorkError::Fenced)?;
    let row = statement::row(tx, &HELD, &[&lease.operation_id, &lease.epoch])
        .await?
        .ok_or(WorkError::Fenced)?;
    Ok((tenant, row.get(0)))
}

/// Counts the tenant's version up, and records the change if there is one.
async fn changed(
    tx: &Transaction<'_>,
    before: &Tenant,
    request_id: &str,
    action: &'static str,
) -> Result<Tenant> {
    let after = tenants::lock(tx, before.id)
        .await?
        .unwrap_or_else(|| before.clone());
    let place = |tenant: &Tenant| {
        let place = &tenant.provisioning;
        json!({
            "database_host": place.database_host,
            "database_port": place.database_port,
            "database_password_secret": place.database_password_secret,
        })
    };
    if place(before) == place(&after) {
        return Ok(after);
    }
    let after = tenants::touch(tx, before.id).await?;
    let event = NewEvent {
        action,
        company_id: Some(after.id),
        subject: format!("tenant {}", after.tenant_code),
        before: Some(place(before)),
        after: Some(place(&after)),
    };
    audit::record(tx, &Actor::system(request_id), event).await?;
    Ok(after)
}

async fn insert_secret(
    tx: &impl GenericClient,
    company_id: Option<i64>,
    generation: i64,
    sealed: &Sealed,
) -> Result<String> {
    let params: statement::Params<'_> = &[
        &company_id,
        &generation,
        &sealed.key_id,
        &sealed.wrapped_key,
        &sealed.payload,
    ];
    let id: i64 = statement::one(tx, &KEEP_SECRET, params).await?.get(0);
    Ok(format!("db:{id}"))
}

fn read_secret(row: &Row, at: usize) -> KeptSecret {
    KeptSecret {
        company_id: row.get::<_, Option<i64>>(at).unwrap_or(0),
        generation: row.get(at + 1),
        sealed: Sealed {
            key_id: row.get(at + 2),
            wrapped_key: row.get(at + 3),
            payload: row.get(at + 4),
        },
    }
}

fn read_shared(row: &Row) -> Shared {
    Shared {
        id: row.get(0),
        login: row.get(1),
        secret: row.get(2),
        generation: row.get(3),
        schema_version: row.get(4),
    }
}
