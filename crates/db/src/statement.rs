//! Named statements: prepared once a connection, counted in tests, never built from input.

use crate::Result;
use deadpool_postgres::GenericClient;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

/// A static SQL statement with a name for logs and metrics.
#[derive(Debug, Clone, Copy)]
pub struct Statement {
    /// `noun.verb`.
    pub name: &'static str,
    /// The text.
    pub sql: &'static str,
}

/// Parameters of a statement.
pub type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

/// Defines the statements of a module, and `STATEMENTS`, the list of them that a test prepares
/// one by one against the migrated schema.
#[macro_export]
macro_rules! statements {
    ($noun:literal: $($(#[$doc:meta])* $name:ident = $sql:expr;)+) => {
        $($(#[$doc])* const $name: $crate::Statement = $crate::Statement {
            name: concat!($noun, ".", stringify!($name)),
            sql: $sql,
        };)+
        /// Every statement of this module.
        pub(crate) const STATEMENTS: &[$crate::Statement] = &[$($name),+];
    };
}
pub use statements;

static EXECUTED: AtomicU64 = AtomicU64::new(0);

/// How many statements this program has run; tests take the difference around a request.
pub fn executed() -> u64 {
    EXECUTED.load(Ordering::Relaxed)
}

static ON_TENANTS: AtomicU64 = AtomicU64::new(0);

/// How many of them were on tenants' data: those that a page may take three of.
pub fn executed_on_tenants() -> u64 {
    ON_TENANTS.load(Ordering::Relaxed)
}

pub(crate) fn count() {
    EXECUTED.fetch_add(1, Ordering::Relaxed);
}

pub(crate) fn count_on_tenant() {
    count();
    ON_TENANTS.fetch_add(1, Ordering::Relaxed);
}

/// All rows.
///
/// # Errors
/// As PostgreSQL or the connection has them.
pub async fn rows(
    client: &impl GenericClient,
    statement: &Statement,
    params: Params<'_>,
) -> Result<Vec<Row>> {
    count();
    let prepared = client.prepare_cached(statement.sql).await?;
    Ok(client.query(&prepared, params).await?)
}

/// The one row, if it is there.
///
/// # Errors
/// As [`rows`].
pub async fn row(
    client: &impl GenericClient,
    statement: &Statement,
    params: Params<'_>,
) -> Result<Option<Row>> {
    count();
    let prepared = client.prepare_cached(statement.sql).await?;
    Ok(client.query_opt(&prepared, params).await?)
}

/// The one row that must be there (an aggregate, a `RETURNING` of an insert).
///
/// # Errors
/// As [`rows`].
pub async fn one(
    client: &impl GenericClient,
    statement: &Statement,
    params: Params<'_>,
) -> Result<Row> {
    count();
    let prepared = client.prepare_cached(statement.sql).await?;
    Ok(client.query_one(&prepared, params).await?)
}

/// How many rows it touched.
///
/// # Errors
/// As [`rows`].
pub async fn execute(
    client: &impl GenericClient,
    statement: &Statement,
    params: Params<'_>,
) -> Result<u64> {
    count();
    let prepared = client.prepare_cached(statement.sql).await?;
    Ok(client.execute(&prepared, params).await?)
}
