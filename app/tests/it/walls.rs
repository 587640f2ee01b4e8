//! The wall between tenants: by HTTP, as the tenant's own role, as the shared role, and with routes that
//! lead astray.

use crate::begin;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sindico_domain::access::Role;
use sindico_store::tenant::vault::Vault;
use sindico_testkit::{Answer, Client, Options, Sql, TestApp, TestDatabase, sign_in_as, vault};

const DEDICATED: &str = "DATABASE_PER_TENANT";
const SHARED: &str = "SHARED_SCHEMA";
const PATH: &str = "/api/customers/";

struct World {
    app: TestApp,
    staff: Client,
    vault: Vault,
}

/// A tenant with an owner and a customer.
struct Tenant {
    json: Value,
    owner: Client,
    customer: Value,
}

impl Tenant {
    fn place(&self, field: &str) -> String {
        self.json["provisioning"][field]
            .as_str()
            .unwrap()
            .to_owned()
    }

    fn code(&self) -> &str {
        self.json["tenant_code"].as_str().unwrap()
    }
}

impl World {
    async fn new() -> Self {
        begin();
        let app = TestApp::start_with(Options::local_postgres().await).await;
        let staff = app.staff().await;
        let vault = vault(&app.store);
        Self { app, staff, vault }
    }

    async fn tenant(&self, isolation: &str) -> Tenant {
        let json = self.app.ready(&self.staff, "w", isolation).await;
        let owner = self.app.member(&json, Role::Owner).await;
        let body = json!({"name": json["tenant_code"], "email": "a@example.com"});
        let customer = owner.post(PATH, body).await.expect(201).json;
        Tenant {
            json,
            owner,
            customer,
        }
    }

    /// A session as the role of this place, as the program would have it.
    async fn role(&self, database: &str, role: &str, secret: &str) -> Result<Sql, String> {
        let password = self.vault.find(secret).await.unwrap();
        sign_in_as(database, role, password.expose_secret()).await
    }

    async fn shared_role(&self, tenant: &Tenant) -> Sql {
        let sql = self.app.database.sql().await;
        let row = sql
            .query_one("SELECT login, secret FROM shared_database", &[])
            .await
            .unwrap();
        self.role(&tenant.place("database_name"), row.get(0), row.get(1))
            .await
            .unwrap()
    }
}

/// What a caller can tell two answers apart by.
fn face(answer: &Answer) -> (u16, String, Vec<(String, String)>) {
    let passing = ["x-request-id", "date"];
    let headers = answer
        .headers
        .iter()
        .filter(|(name, _)| !passing.contains(&name.as_str()));
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    (answer.status, answer.text.clone(), headers.collect())
}

async fn refused(session: &Sql, statements: &[&str]) {
    for statement in statements {
        let error = session.batch_execute(statement).await;
        let error = error.expect_err(statement);
        let code = error.code().map_or("", |code| code.code());
        assert!(
            ["42501", "42704", "0A000"].contains(&code),
            "{statement}: {error:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenant_looks_as_if_it_did_not_exist() {
    let world = World::new().await;
    let tenants = [
        world.tenant(DEDICATED).await,
        world.tenant(SHARED).await,
        world.tenant(SHARED).await,
        world.tenant(DEDICATED).await,
    ];
    let rows: Vec<_> = sindico_web::table()
        .rows()
        .iter()
        .filter(|row| row.access.needs_tenant())
        .cloned()
        .collect();
    assert!(rows.len() >= 8);
    for (n, mine) in tenants.iter().enumerate() {
        for (m, theirs) in tenants.iter().enumerate() {
            if n == m {
                continue;
            }
            let id = theirs.customer["id"].to_string();
            for row in &rows {
                let path = row.path.replace("{id}", &id).replace("{member_id}", &id);
                let there = mine
                    .owner
                    .tenant(theirs.code())
                    .call(&row.method, &path)
                    .await;
                let nowhere = mine
                    .owner
                    .tenant("there-is-none")
                    .call(&row.method, &path)
                    .await;
                assert_eq!(face(&there), face(&nowhere), "{} {path}", row.method);
                assert_eq!(there.status, 404);
                let by_host = mine
                    .owner
                    .without("x-tenant-id")
                    .on(&format!("{}.localhost", theirs.code()));
                let by_host = by_host.call(&row.method, &path).await;
                assert_eq!(face(&by_host), face(&nowhere), "{} {path}", row.method);
            }
            // And with the caller's own tenant, another's id is no id.
            if theirs.customer["id"] != mine.customer["id"] {
                let path = format!("{PATH}{id}/");
                for method in ["GET", "DELETE"] {
                    mine.owner.call(method, &path).await.expect(404);
                }
                mine.owner
                    .patch(&path, json!({"phone": "1"}))
                    .await
                    .expect(404);
                let body = json!({"name": "x", "email": "x@example.com"});
                mine.owner.put(&path, body).await.expect(404);
            }
        }
    }
    for tenant in &tenants {
        let list = tenant.owner.get(PATH).await.expect(200).json;
        assert_eq!(list, json!([tenant.customer]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenants_role_can_do_nothing_but_its_work() {
    let world = World::new().await;
    let (mine, theirs) = (world.tenant(DEDICATED).await, world.tenant(DEDICATED).await);
    let (role, secret) = (
        mine.place("database_user"),
        mine.place("database_password_secret"),
    );
    let database = theirs.place("database_name");
    let error = world
        .role(&database, &role, &secret)
        .await
        .expect_err("shut out");
    assert!(error.contains("permission denied for database"), "{error}");
    let session = world
        .role(&mine.place("database_name"), &role, &secret)
        .await
        .unwrap();
    refused(
        &session,
        &[
            "CREATE TABLE t (a integer)",
            "CREATE SCHEMA s",
            "CREATE TEMP TABLE t (a integer)",
            "ALTER TABLE customer DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE customer NO FORCE ROW LEVEL SECURITY",
            "DROP POLICY company ON customer",
            "DROP TABLE customer",
            "TRUNCATE customer",
            "SET ROLE sindico_migrator",
            "UPDATE identity SET tenant = 'other.1'",
            "DELETE FROM schema_migration",
            "CALL protect('customer')",
            "SELECT * FROM pg_authid",
            "CREATE ROLE r",
            "CREATE DATABASE d",
            "COPY customer TO '/tmp/customer'",
            "SELECT pg_read_file('/etc/passwd')",
        ],
    )
    .await;
    // Row security can't be switched off: with the setting, the query is an error and not a leak.
    session
        .batch_execute("SET row_security = off")
        .await
        .unwrap();
    refused(&session, &["SELECT * FROM customer"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn outside_of_a_tenants_context_there_is_nothing() {
    let world = World::new().await;
    let (a, b) = (world.tenant(SHARED).await, world.tenant(SHARED).await);
    let session = world.shared_role(&a).await;
    let count = async |sql: &str| -> i64 { session.query_one(sql, &[]).await.unwrap().get(0) };
    assert_eq!(count("SELECT count(*) FROM customer").await, 0);
    assert_eq!(
        count("WITH u AS (UPDATE customer SET phone = 'x' RETURNING 1) SELECT count(*) FROM u")
            .await,
        0
    );
    let (ours, theirs) = (&a.json["id"], &b.json["id"]);
    let insert = format!(
        "INSERT INTO customer (company_id, name, email, search_text) VALUES ({theirs}, 'x', 'x', 'x')"
    );
    refused(
        &session,
        &[
            &insert,
            "SET ROLE sindico_migrator",
            "TRUNCATE customer",
            "DROP TABLE customer",
            "CREATE TABLE t (a integer)",
        ],
    )
    .await;

    session
        .batch_execute(&format!("BEGIN; SET LOCAL sindico.company_id = '{ours}'"))
        .await
        .unwrap();
    assert_eq!(count("SELECT count(*) FROM customer").await, 1);
    let others = format!("SELECT count(*) FROM customer WHERE company_id = {theirs}");
    assert_eq!(count(&others).await, 0);
    let moved = format!("UPDATE customer SET company_id = {theirs}");
    assert_eq!(
        session
            .batch_execute(&moved)
            .await
            .unwrap_err()
            .code()
            .unwrap()
            .code(),
        "42501"
    );
    session.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(
        count("SELECT count(*) FROM customer").await,
        0,
        "the setting outlived its transaction"
    );
    let list = b.owner.get(PATH).await.expect(200).json;
    assert_eq!(list, json!([b.customer]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_that_leads_astray_is_not_followed() {
    let world = World::new().await;
    let (mine, theirs) = (world.tenant(DEDICATED).await, world.tenant(DEDICATED).await);
    let shared = world.tenant(SHARED).await;
    let control = world.app.database.sql().await;
    let id = mine.json["id"].as_i64().unwrap();
    let before = theirs.owner.get(PATH).await.expect(200).json;
    let astray = async |set: &str| {
        // No two may have one name, so the neighbour steps aside, as after a wrong restore.
        let sql = format!("UPDATE tenant_provisioning SET {set} WHERE company_id = {id}");
        control.batch_execute(&sql).await.unwrap();
        world.app.directory.refresh(id).await.unwrap();
        let answer = mine.owner.get(PATH).await.expect(503);
        assert!(!answer.header("retry-after").is_empty());
        let body = json!({"name": "astray", "email": "astray@example.com"});
        mine.owner.post(PATH, body).await.expect(503);
    };
    control
        .batch_execute(
            "DROP INDEX tenant_provisioning_database_key; DROP INDEX tenant_provisioning_user_key",
        )
        .await
        .unwrap();
    let (database, role, secret) = (
        theirs.place("database_name"),
        theirs.place("database_user"),
        theirs.place("database_password_secret"),
    );
    astray(&format!("database_name = '{database}', database_user = '{role}', database_password_secret = '{secret}'")).await;
    // The right place of an older generation is a wrong one, too.
    let (database, role, secret) = (
        mine.place("database_name"),
        mine.place("database_user"),
        mine.place("database_password_secret"),
    );
    astray(&format!("database_name = '{database}', database_user = '{role}', database_password_secret = '{secret}', generation = 2")).await;
    let right = format!("UPDATE tenant_provisioning SET generation = 1 WHERE company_id = {id}");
    control.batch_execute(&right).await.unwrap();
    world.app.directory.refresh(id).await.unwrap();
    assert_eq!(
        mine.owner.get(PATH).await.expect(200).json,
        json!([mine.customer])
    );
    assert_eq!(theirs.owner.get(PATH).await.expect(200).json, before);
    shared.owner.get(PATH).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_role_that_could_pass_the_wall_is_not_used() {
    let world = World::new().await;
    let tenant = world.tenant(SHARED).await;
    let neighbour = world.tenant(DEDICATED).await;
    let login = format!("{}_login", tenant.place("database_name"));
    let server = TestDatabase::superuser("postgres").await;
    for (more, less) in [("BYPASSRLS", "NOBYPASSRLS"), ("SUPERUSER", "NOSUPERUSER")] {
        server
            .batch_execute(&format!("ALTER ROLE {login} {more}"))
            .await
            .unwrap();
        // What is open already was checked when it was opened.
        let cut = format!(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = '{login}'"
        );
        server.batch_execute(&cut).await.unwrap();
        tenant.owner.get(PATH).await.expect(503);
        neighbour.owner.get(PATH).await.expect(200);
        server
            .batch_execute(&format!("ALTER ROLE {login} {less}"))
            .await
            .unwrap();
        tenant.owner.get(PATH).await.expect(200);
    }
    let inside = TestDatabase::superuser(&tenant.place("database_name")).await;
    inside
        .batch_execute("ALTER TABLE customer NO FORCE ROW LEVEL SECURITY")
        .await
        .unwrap();
    let cut = format!(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = '{login}'"
    );
    server.batch_execute(&cut).await.unwrap();
    tenant.owner.get(PATH).await.expect(503);
}
