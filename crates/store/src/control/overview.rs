//! What the console shows of all tenants at once: how many are in which state, who needs attention, how
//! many seats are taken, and how far the fleet's schema is.

use super::tenants::word;
use crate::statement::{self, statements};
use crate::{Result, Store};
use sindico_domain::tenant::{ContractStatus, IsolationModel, ProvisioningStatus};
use std::collections::HashMap;
use tokio_postgres::Row;

/// What needs somebody's attention; `$1` is the schema's version of this program.
macro_rules! troubled {
    () => {
        "FROM company c
        JOIN tenant_contract k ON k.company_id = c.id
        JOIN tenant_provisioning p ON p.company_id = c.id
        LEFT JOIN LATERAL (SELECT count(*) AS used FROM company_membership m
            WHERE m.company_id = c.id AND m.is_active) s ON true
        WHERE c.is_active AND (p.status = 'FAILED' OR k.status = 'SUSPENDED' OR s.used >= k.seats
            OR (p.status = 'READY' AND p.generation > 0 AND p.schema_version < $1))"
    };
}

statements! { "overview":
    COUNTS = "SELECT p.status, k.status, c.is_active, count(*) FROM company c
        JOIN tenant_contract k ON k.company_id = c.id
        JOIN tenant_provisioning p ON p.company_id = c.id
        GROUP BY 1, 2, 3";
    TROUBLED = concat!("SELECT c.id, c.name, c.tenant_code, p.status, k.status, k.seats, s.used,
            p.last_error, p.schema_version, p.generation > 0 AND p.schema_version < $1,
            (SELECT o.hint FROM operation o WHERE o.company_id = c.id ORDER BY o.id DESC LIMIT 1) ",
        troubled!(),
        " ORDER BY p.status = 'FAILED' DESC, k.status = 'SUSPENDED' DESC, c.name, c.id LIMIT $2");
    TROUBLED_COUNT = concat!("SELECT count(*) ", troubled!());
    SEATS = "SELECT m.company_id, count(*) FROM company_membership m
        WHERE m.company_id = ANY ($1) AND m.is_active GROUP BY 1";
    VERSIONS = "SELECT p.isolation_model, p.schema_version, count(*) FROM tenant_provisioning p
        WHERE p.status = 'READY' AND p.generation > 0 GROUP BY 1, 2 ORDER BY 2 DESC, 1";
    SERVERS = "SELECT p.database_host, p.database_port, count(*),
            count(*) FILTER (WHERE p.status = 'READY'),
            count(*) FILTER (WHERE p.status = 'FAILED'),
            count(DISTINCT p.database_name) FILTER (WHERE p.status = 'READY')
        FROM tenant_provisioning p GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2";
}

/// How many tenants are in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Where provisioning stands.
    pub status: ProvisioningStatus,
    /// Where the contract stands.
    pub contract: ContractStatus,
    /// Whether the company is active.
    pub is_active: bool,
    /// How many.
    pub tenants: i64,
}

/// A tenant that needs attention, with what may be the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Troubled {
    /// The company's id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its code.
    pub tenant_code: String,
    /// Where provisioning stands.
    pub status: ProvisioningStatus,
    /// Where the contract stands.
    pub contract: ContractStatus,
    /// How many seats there are.
    pub seats: i32,
    /// How many of them are taken.
    pub used: i64,
    /// Why the last attempt failed.
    pub last_error: String,
    /// What to do about it.
    pub hint: String,
    /// The version of its schema.
    pub schema_version: i32,
    /// Whether that is older than this program's.
    pub is_behind: bool,
}

/// How many places have a version of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// Of this isolation model.
    pub isolation_model: IsolationModel,
    /// The version; 0: none yet.
    pub version: i32,
    /// How many.
    pub tenants: i64,
}

/// A server with tenants' data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerLoad {
    /// Its address, or the directory of its socket.
    pub host: String,
    /// Its port.
    pub port: i32,
    /// Tenants that are to be there.
    pub tenants: i64,
    /// Those that are.
    pub ready: i64,
    /// Those that failed to be.
    pub failed: i64,
    /// How many databases hold those that are.
    pub databases: i64,
}

/// How many tenants are in each state that occurs.
///
/// # Errors
/// When the database can't be reached.
pub async fn counts(store: &Store) -> Result<Vec<Count>> {
    let rows = statement::rows(&store.client().await?, &COUNTS, &[]).await?;
    let read = |row: &Row| Count {
        status: word(row, 0),
        contract: word(row, 1),
        is_active: row.get(2),
        tenants: row.get(3),
    };
    Ok(rows.iter().map(read).collect())
}

/// The active tenants that need attention, those that failed first, and how many there are in all.
///
/// # Errors
/// When the database can't be reached.
pub async fn troubled(store: &Store, version: i32, limit: i64) -> Result<(Vec<Troubled>, i64)> {
    let client = store.client().await?;
    let rows = statement::rows(&client, &TROUBLED, &[&version, &limit]).await?;
    let all = statement::one(&client, &TROUBLED_COUNT, &[&version]).await?;
    let read = |row: &Row| Troubled {
        id: row.get(0),
        name: row.get(1),
        tenant_code: row.get(2),
        status: word(row, 3),
        contract: word(row, 4),
        seats: row.get(5),
        used: row.get(6),
        last_error: row.get(7),
        schema_version: row.get(8),
        is_behind: row.get(9),
        hint: row.get::<_, Option<String>>(10).unwrap_or_default(),
    };
    Ok((rows.iter().map(read).collect(), all.get(0)))
}

/// How many seats of these tenants are taken; a tenant without members is not among them.
///
/// # Errors
/// When the database can't be reached.
pub async fn seats_taken(store: &Store, companies: &[i64]) -> Result<HashMap<i64, i64>> {
    let rows = statement::rows(&store.client().await?, &SEATS, &[&companies]).await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// How many tenants' places have which version of the schema, newest first.
///
/// # Errors
/// When the database can't be reached.
pub async fn versions(store: &Store) -> Result<Vec<Version>> {
    let rows = statement::rows(&store.client().await?, &VERSIONS, &[]).await?;
    let read = |row: &Row| Version {
        isolation_model: word(row, 0),
        version: row.get(1),
        tenants: row.get(2),
    };
    Ok(rows.iter().map(read).collect())
}

/// The servers that hold tenants' data, the fullest first.
///
/// # Errors
/// When the database can't be reached.
pub async fn servers(store: &Store) -> Result<Vec<ServerLoad>> {
    let rows = statement::rows(&store.client().await?, &SERVERS, &[]).await?;
    let read = |row: &Row| ServerLoad {
        host: row.get(0),
        port: row.get(1),
        tenants: row.get(2),
        ready: row.get(3),
        failed: row.get(4),
        databases: row.get(5),
    };
    Ok(rows.iter().map(read).collect())
}
