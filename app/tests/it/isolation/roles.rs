//! What the role of a tenant can do, signed in with its password: use its rows, and nothing else.

use super::{DEDICATED, SHARED, refusal, start};
use sindico_testkit::TestDatabase;

/// What must be refused with `42501` (insufficient privilege) in a place. `{role}` is the role
/// itself, `{database}` its database, `{other}` another tenant's.
const FORBIDDEN: &[&str] = &[
    "CREATE TABLE x (a integer)",
    "CREATE SCHEMA x",
    "CREATE TEMP TABLE x (a integer)",
    "CREATE TEMP VIEW x AS SELECT 1",
    "CREATE VIEW public.x AS SELECT * FROM customer",
    "CREATE FUNCTION public.x() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "CREATE TYPE public.x AS (a integer)",
    "CREATE SEQUENCE public.x",
    "CREATE INDEX ON customer (phone)",
    "CREATE TRIGGER x BEFORE INSERT ON customer FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "CREATE EXTENSION dblink",
    "CREATE POLICY x ON customer USING (true)",
    "ALTER TABLE customer DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE customer NO FORCE ROW LEVEL SECURITY",
    "ALTER TABLE customer ADD x integer",
    "ALTER TABLE customer OWNER TO \"{role}\"",
    "ALTER FUNCTION current_company() STABLE",
    "ALTER POLICY company ON customer USING (true)",
    "DROP POLICY company ON customer",
    "DROP TABLE customer",
    "DROP FUNCTION current_company CASCADE",
    "DROP SCHEMA public CASCADE",
    "DROP DATABASE \"{other}\"",
    "ALTER DATABASE \"{database}\" SET row_security = off",
    "ALTER DATABASE \"{other}\" RENAME TO x",
    "CREATE DATABASE x",
    "TRUNCATE customer",
    "TRUNCATE identity",
    "INSERT INTO identity (tenant, generation) VALUES ('x', 1)",
    "UPDATE identity SET tenant = 'x'",
    "DELETE FROM identity",
    "INSERT INTO schema_migration (name, checksum) VALUES ('x', '')",
    "UPDATE schema_migration SET name = name",
    "DELETE FROM schema_migration",
    "SELECT * FROM pg_authid",
    "SELECT * FROM pg_shadow",
    "SET ROLE sindico_migrator",
    "SET ROLE admin",
    "SET SESSION AUTHORIZATION sindico_migrator",
    "GRANT sindico_migrator TO \"{role}\"",
    "CREATE ROLE x",
    "ALTER ROLE \"{role}\" BYPASSRLS",
    "ALTER ROLE \"{role}\" CREATEDB",
    "ALTER ROLE \"{role}\" CREATEROLE",
    "ALTER ROLE \"{role}\" CONNECTION LIMIT -1",
    "ALTER ROLE admin PASSWORD 'x'",
    "CALL protect('customer')",
    "COPY customer TO '/tmp/x'",
    "COPY customer TO PROGRAM 'cat'",
    "SELECT pg_read_file('PG_VERSION')",
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'admin' OR usename = 'sindico'",
    "ALTER SYSTEM SET work_mem = '1GB'",
    "SET session_replication_role = replica",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_tenants_role_can_use_its_rows_and_do_nothing_else() {
    let (app, houses) = start(&[DEDICATED, SHARED, DEDICATED]).await;
    for (house, other) in [(&houses[0], &houses[2]), (&houses[1], &houses[0])] {
        let before = house.rows().await;
        let (role, _) = house.login(&app).await;
        let client = house.inside(&app).await;
        // So that there is somebody to end the session of.
        let _admin = TestDatabase::superuser(house.place("database_name")).await;
        let setting = format!("SET sindico.company_id = '{}'", house.id());
        client.batch_execute(&setting).await.unwrap();
        for sql in FORBIDDEN {
            let sql = sql
                .replace("{role}", &role)
                .replace("{database}", house.place("database_name"))
                .replace("{other}", other.place("database_name"));
            assert_eq!(refusal(&client, &sql).await, "42501", "{sql}");
        }
        // A policy that can't be kept is an error, never the rows without it.
        client
            .batch_execute("SET row_security = off")
            .await
            .unwrap();
        assert_eq!(refusal(&client, "SELECT * FROM customer").await, "42501");
        client.batch_execute("RESET row_security").await.unwrap();
        // The session itself is in order.
        let found = client.query("SELECT * FROM customer", &[]).await.unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(before, house.rows().await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenants_role_gets_into_no_other_database_of_ours() {
    let (app, houses) = start(&[DEDICATED, SHARED, DEDICATED]).await;
    let server = TestDatabase::superuser("postgres").await;
    let sql = "SELECT datname::text FROM pg_database WHERE datname LIKE 'sindico\\_template\\_%'";
    let template: String = server.query_one(sql, &[]).await.unwrap().get(0);
    for house in &houses {
        let own = house.place("database_name");
        house.sign_in(&app, own).await.unwrap();
        for other in houses.iter().map(|other| other.place("database_name")) {
            if other != own {
                let refused = house.sign_in(&app, other).await.unwrap_err();
                assert_eq!(refused.code().unwrap().code(), "42501", "{own} {other}");
            }
        }
        let refused = house.sign_in(&app, &template).await.unwrap_err();
        assert_eq!(refused.code().unwrap().code(), "55000", "{template}");
    }
}

/// The control database may be on the server that tenants' places are on, as in embedded mode. One
/// that the program made lets no tenant in; in one that somebody else made they find nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_tenants_role_reads_nothing_of_the_control_database() {
    let (app, houses) = start(&[DEDICATED, SHARED]).await;
    let name = async |database: &TestDatabase| -> String {
        let row = database.sql().await;
        let row = row.query_one("SELECT current_database()::text", &[]).await;
        row.unwrap().get(0)
    };
    let made = name(&TestDatabase::empty().await).await;
    let theirs = name(&app.database).await;
    let control = app.database.sql().await;
    let sql = "SELECT relname::text FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'S')";
    let tables = control.query(sql, &[]).await.unwrap();
    assert!(tables.len() > 20);
    for house in &houses {
        let refused = house.sign_in(&app, &made).await.expect_err("it got in");
        assert_eq!(refused.code().unwrap().code(), "42501");
        let client = house.sign_in(&app, &theirs).await.unwrap();
        for table in &tables {
            let sql = format!("SELECT * FROM {}", table.get::<_, &str>(0));
            assert_eq!(refusal(&client, &sql).await, "42501", "{sql}");
        }
    }
}
