//! The control database's own migrations.

use super::{Migration, State, migrations};
use crate::connect::DatabaseConfig;
use crate::{Error, Result, Store};
use tokio_postgres::{Client, GenericClient};

/// The migrations of the control database, in order.
pub const CONTROL: &[Migration] = migrations!["control": "0001_accounts", "0002_tenants", "0003_operations", "0004_access", "0005_directory", "0006_places", "0007_access_told", "0008_account", "0009_support", "0010_chores", "0011_webhooks", "0012_token_scopes", "0013_notifications"];

/// "SINDICO1" as a number: the advisory lock under which a database is migrated.
const LOCK: i64 = 0x5349_4e44_4943_4f31;

/// Brings the control database to this program's schema; says how many migrations were run.
///
/// # Errors
/// [`Error::Internal`] when an applied migration was edited since, or when the database belongs to
/// a newer program; [`Error::Unavailable`] when it can't be reached.
pub async fn control(config: &DatabaseConfig) -> Result<usize> {
    let (mut client, connection) = config.connect("sindico-migrate").await?;
    let driver = tokio::spawn(connection);
    let outcome = run(&mut client, CONTROL).await;
    drop(client);
    let _ = driver.await;
    outcome
}

async fn run(client: &mut Client, migrations: &[Migration]) -> Result<usize> {
    client
        .batch_execute(&format!(
            "SET client_min_messages = warning; SET lock_timeout = '60s'; SELECT pg_advisory_lock({LOCK});
             CREATE TABLE IF NOT EXISTS schema_migration (
                 name text PRIMARY KEY,
                 checksum bytea NOT NULL,
                 applied_at timestamptz NOT NULL DEFAULT now())"
        ))
        .await?;
    let applied = applied(client).await?;
    if let Some(unknown) = applied
        .iter()
        .find(|(name, _)| !migrations.iter().any(|m| m.name == name))
    {
        return Err(Error::Internal(format!(
            "the control database has the migration {}, which this program does not know: run the newer program",
            unknown.0
        )));
    }
    let mut count = 0;
    for migration in migrations {
        let checksum = migration.checksum();
        match applied.iter().find(|(name, _)| name == migration.name) {
            Some((_, known)) if *known == checksum => {}
            Some(_) => {
                return Err(Error::Internal(format!(
                    "the migration {} was edited after it had been applied",
                    migration.name
                )));
            }
            None => {
                let transaction = client.transaction().await?;
                transaction.batch_execute(migration.sql).await?;
                transaction
                    .execute(
                        "INSERT INTO schema_migration (name, checksum) VALUES ($1, $2)",
                        &[&migration.name, &checksum],
                    )
                    .await?;
                transaction.commit().await?;
                tracing::info!(migration = migration.name, "migrated the control database");
                count += 1;
            }
        }
    }
    Ok(count)
}

async fn applied(client: &impl GenericClient) -> Result<Vec<(String, Vec<u8>)>> {
    let rows = client
        .query(
            "SELECT name, checksum FROM schema_migration ORDER BY name",
            &[],
        )
        .await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// Compares the control database with this program, without changing anything.
///
/// # Errors
/// [`Error::Unavailable`] when it can't be reached.
pub async fn state(store: &Store) -> Result<State> {
    let client = store.client().await?;
    let there: bool = client
        .query_one("SELECT to_regclass('schema_migration') IS NOT NULL", &[])
        .await?
        .get(0);
    if !there {
        return Ok(State::Behind);
    }
    let names: Vec<String> = client
        .query("SELECT name FROM schema_migration", &[])
        .await?
        .iter()
        .map(|row| row.get(0))
        .collect();
    if names
        .iter()
        .any(|name| !CONTROL.iter().any(|m| m.name == name))
    {
        return Ok(State::Ahead);
    }
    Ok(if names.len() < CONTROL.len() {
        State::Behind
    } else {
        State::Current
    })
}

/// Makes the database if its server lacks it (embedded mode, tests), and keeps it for its owner:
/// tenants' roles, which may be on the same server, have no business there. Two at once are fine.
///
/// # Errors
/// When the server can't be reached or refuses.
pub async fn ensure_database(config: &DatabaseConfig) -> Result<()> {
    let (client, connection) = config
        .with_dbname("postgres")
        .connect("sindico-setup")
        .await?;
    let driver = tokio::spawn(connection);
    let name = config.dbname();
    let outcome = async {
        let there = client
            .query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&name])
            .await?
            .is_some();
        let quoted = name.replace('"', "\"\"");
        if !there {
            let sql = format!("CREATE DATABASE \"{quoted}\"");
            unless(client.batch_execute(&sql).await, &["42P04", "23505"])?;
        }
        // Also when it was there: whoever made it may have been killed before this.
        let sql = "SELECT has_database_privilege('public', $1, 'CONNECT')";
        if client.query_one(sql, &[&name]).await?.get(0) {
            let sql = format!("REVOKE ALL ON DATABASE \"{quoted}\" FROM PUBLIC");
            // "tuple concurrently updated": somebody else does the same.
            unless(client.batch_execute(&sql).await, &["XX000"])?;
        }
        Ok(())
    }
    .await;
    drop(client);
    let _ = driver.await;
    outcome
}

/// An error with one of these codes says that somebody else was first.
fn unless(
    outcome: Result<(), tokio_postgres::Error>,
    codes: &[&str],
) -> Result<(), tokio_postgres::Error> {
    match outcome {
        Err(error)
            if error
                .code()
                .is_some_and(|code| codes.contains(&code.code())) =>
        {
            Ok(())
        }
        other => other,
    }
}
