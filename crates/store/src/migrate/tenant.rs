//! The migrations of tenants' places: run as the migrator, which owns the tables, by an
//! administrator who is no superuser.

use super::{Migration, migrations};
use crate::server::{GROUP, MIGRATOR, ServerError, literal};
use sha2::{Digest, Sha256};
use tokio_postgres::Client;

/// The migrations of a tenant's place, in order. Their numbers have no gaps: the number of the last
/// one is the version of the schema.
pub const TENANT: &[Migration] = migrations!["tenant": "0001_walls", "0002_customers", "0003_search", "0004_crm", "0005_visibility", "0006_duplicates", "0007_support", "0008_views", "0009_sheets", "0010_pipelines", "0011_webhooks", "0012_lead_forms", "0013_sight", "0014_privacy", "0015_team_views", "0016_custom_fields", "0017_attachments", "0018_quotes", "0019_notifications", "0020_mail", "0021_assignment", "0022_veil", "0023_searchable_sets", "0024_form_fields", "0025_product_bin", "0026_not_duplicate", "0027_ids_by_key", "0028_import_verdicts"];

/// "SINDICO2" as a number: the advisory lock under which a place is migrated.
const LOCK: i64 = 0x5349_4e44_4943_4f32;

/// A migration whose first line says so is run outside of a transaction, for what PostgreSQL allows
/// only there (`CREATE INDEX CONCURRENTLY`). It holds one statement, which does no harm when it is
/// run again.
const ALONE: &str = "-- no transaction";

/// A migration whose first line begins so needs these extensions.
const EXTENSIONS: &str = "-- extensions:";

/// The same of a schema of its own, beside `public`.
const SCHEMA: &str = "-- schema:";

/// The version of the schema that this program works with.
pub fn target() -> i32 {
    i32::try_from(TENANT.len()).unwrap_or(i32::MAX)
}

/// Names this program's schema: over names and texts of all migrations.
pub fn digest() -> String {
    digest_of(TENANT)
}

fn digest_of(migrations: &[Migration]) -> String {
    let mut hash = Sha256::new();
    for migration in migrations {
        hash.update(migration.name);
        hash.update([0]);
        hash.update(migration.sql);
        hash.update([0]);
    }
    hex::encode(&hash.finalize()[..6])
}

/// Brings the database of this session to this program's schema; says how many migrations were run.
/// `lock_timeout`, in milliseconds, bounds how long a migration waits for a lock, and so how long
/// others wait behind it.
///
/// # Errors
/// [`ServerError::Schema`] when an applied migration was edited, or when a newer program was here;
/// else as PostgreSQL has it. The migrations before the one that failed stay.
pub(crate) async fn run(client: &Client, lock_timeout: u32) -> Result<usize, ServerError> {
    run_set(client, TENANT, lock_timeout).await
}

/// The same for any set.
pub(crate) async fn run_set(
    client: &Client,
    migrations: &[Migration],
    lock_timeout: u32,
) -> Result<usize, ServerError> {
    let start = format!(
        "SET client_min_messages = warning; SET lock_timeout = '60s'; SET statement_timeout = 0;
         SELECT pg_advisory_lock({LOCK}); SET ROLE {MIGRATOR};
         CREATE TABLE IF NOT EXISTS schema_migration (
             name text PRIMARY KEY,
             checksum bytea NOT NULL,
             applied_at timestamptz NOT NULL DEFAULT now());
         SET lock_timeout = {lock_timeout}"
    );
    client.batch_execute(&start).await?;
    let outcome = missing_ones(client, migrations).await;
    // The session goes on: as the administrator, for whoever is next.
    let end = format!("ROLLBACK; RESET ROLE; SELECT pg_advisory_unlock({LOCK})");
    let ended = client.batch_execute(&end).await;
    let count = outcome?;
    ended?;
    Ok(count)
}

async fn missing_ones(client: &Client, migrations: &[Migration]) -> Result<usize, ServerError> {
    let sql = "SELECT name, checksum FROM schema_migration ORDER BY name";
    let rows = client.query_typed(sql, &[]).await?;
    let applied: Vec<(String, Vec<u8>)> = rows.iter().map(|r| (r.get(0), r.get(1))).collect();
    let known = |name: &str| migrations.iter().any(|migration| migration.name == name);
    if let Some((name, _)) = applied.iter().find(|(name, _)| !known(name)) {
        return Err(ServerError::Schema(format!(
            "it has the migration {name}, which this program does not know: run the newer program"
        )));
    }
    let mut count = 0;
    for migration in migrations {
        match applied.iter().find(|(name, _)| name == migration.name) {
            Some((_, checksum)) if *checksum == migration.checksum() => {}
            Some(_) => {
                return Err(ServerError::Schema(format!(
                    "the migration {} was edited after it had been applied",
                    migration.name
                )));
            }
            None => {
                one(client, migration).await?;
                count += 1;
            }
        }
    }
    Ok(count)
}

/// Runs one migration with its history row.
async fn one(client: &Client, migration: &Migration) -> Result<(), ServerError> {
    let history = format!(
        "INSERT INTO schema_migration (name, checksum) VALUES ({}, '\\x{}')",
        literal(migration.name),
        hex::encode(migration.checksum())
    );
    if let Some(make) = needed(migration.sql) {
        // The owner of the database may make schemas, and trusted extensions (manual, CREATE EXTENSION); the migrator
        // is not the owner.
        let sql = format!("RESET ROLE; {make} SET ROLE {MIGRATOR}");
        client.batch_execute(&sql).await?;
    }
    if !migration.sql.starts_with(ALONE) {
        let sql = format!("BEGIN; {}\n; {history}; COMMIT", migration.sql);
        return Ok(client.batch_execute(&sql).await?);
    }
    // What an earlier run left behind half built would count as there.
    let sql = "SELECT format('DROP INDEX CONCURRENTLY %s', i.indexrelid::regclass)
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE NOT i.indisvalid AND c.relowner = current_role::regrole";
    for row in client.query(sql, &[]).await? {
        client.batch_execute(row.get(0)).await?;
    }
    client.batch_execute(migration.sql).await?;
    Ok(client.batch_execute(&history).await?)
}

/// What makes that a migration's first line says it needs.
fn needed(sql: &str) -> Option<String> {
    let first = sql.lines().next().unwrap_or_default();
    if let Some(names) = first.strip_prefix(EXTENSIONS) {
        let names = names.split(',').map(str::trim);
        return Some(
            names
                .map(|name| format!("CREATE EXTENSION IF NOT EXISTS {name};"))
                .collect(),
        );
    }
    let name = first.strip_prefix(SCHEMA)?.trim();
    Some(format!(
        "CREATE SCHEMA IF NOT EXISTS {name}; GRANT USAGE, CREATE ON SCHEMA {name} TO {MIGRATOR};
         GRANT USAGE ON SCHEMA {name} TO {GROUP};"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_no_gaps() {
        for (migration, number) in TENANT.iter().zip(1..) {
            let name = migration.name;
            assert!(name.starts_with(&format!("{number:04}_")), "{name}");
        }
    }

    #[test]
    fn any_edit_changes_the_digest() {
        let edited = Migration {
            name: "0001_walls",
            sql: "SELECT 1",
        };
        assert_ne!(digest_of(&[edited]), digest_of(&TENANT[..1]));
        assert_ne!(digest_of(TENANT), digest_of(&TENANT[..1]));
    }
}
