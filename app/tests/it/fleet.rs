//! Tenants' databases that are older than the program: they are brought up to date, by
//! `sindico migrate` or in the background, and one that can't be stops nobody.

use crate::{PROGRAM, begin};
use serde_json::Value;
use sindico_domain::access::Role;
use sindico_provisioning::fleet;
use sindico_store::control::places;
use sindico_store::{executed, migrate};
use sindico_testkit::{Client, Options, Program, TestApp, TestDatabase};
use std::process::Output;

const PATH: &str = "/api/customers/";

struct Fleet {
    app: TestApp,
    staff: Client,
    shared: String,
}

impl Fleet {
    async fn start() -> Self {
        begin();
        let options = Options::local_postgres().await;
        let shared = options.shared_database.clone();
        let app = TestApp::start_with(options).await;
        let staff = app.staff().await;
        Self { app, staff, shared }
    }

    async fn tenant(&self, isolation: &str) -> Value {
        self.app.ready(&self.staff, "f", isolation).await
    }

    async fn age(&self, tenant: &Value) {
        age(&self.app, tenant).await;
    }

    async fn note_age(&self, tenant: &Value) {
        note_age(&self.app, tenant).await;
    }

    async fn migrate(&self) -> Output {
        let admin = TestDatabase::admin();
        let mut command = Program::command(PROGRAM, &self.app.database);
        command
            .arg("migrate")
            .env("TENANT_SHARED_DATABASE", &self.shared)
            .env("CONTROL_PLANE_LOCAL_DB_ADMIN_USER", &admin.user)
            .env(
                "CONTROL_PLANE_LOCAL_DB_ADMIN_PASSWORD",
                TestDatabase::admin_password(),
            )
            .env("CONTROL_PLANE_LOCAL_DB_ADMIN_HOST", &admin.host)
            .env("CONTROL_PLANE_LOCAL_DB_ADMIN_PORT", admin.port.to_string());
        tokio::task::spawn_blocking(|| Program::run(command, ""))
            .await
            .unwrap()
    }
}

/// Takes a tenant's database back to before its customers, as an older program left it.
pub(crate) async fn age(app: &TestApp, tenant: &Value) {
    let database = tenant["provisioning"]["database_name"].as_str().unwrap();
    let inside = TestDatabase::superuser(database).await;
    let sql = "DO $$ DECLARE what text; BEGIN
                FOR what IN SELECT 'TABLE ' || c.oid::regclass FROM pg_class c
                    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
                    AND c.relname NOT IN ('identity', 'schema_migration', 'idempotency_key')
                UNION ALL SELECT CASE p.prokind WHEN 'p' THEN 'PROCEDURE ' ELSE 'FUNCTION ' END || p.oid::regprocedure
                    FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
                    AND p.proname NOT IN ('current_company', 'protect')
                    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
                LOOP EXECUTE 'DROP ' || what || ' CASCADE'; END LOOP;
            END $$;
            DELETE FROM schema_migration WHERE name > '0001_walls'";
    inside.batch_execute(sql).await.unwrap();
    note_age(app, tenant).await;
}

async fn note_age(app: &TestApp, tenant: &Value) {
    let database = tenant["provisioning"]["database_name"].as_str().unwrap();
    let sql = "WITH s AS (UPDATE shared_database SET schema_version = 1 WHERE name = $1)
            UPDATE tenant_provisioning SET schema_version = 1 WHERE database_name = $1";
    app.database
        .sql()
        .await
        .execute(sql, &[&database])
        .await
        .unwrap();
    app.directory
        .refresh(tenant["id"].as_i64().unwrap())
        .await
        .unwrap();
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn migrate_brings_all_tenants_up_to_date() {
    let fleet = Fleet::start().await;
    let mut callers = Vec::new();
    for isolation in [
        "DATABASE_PER_TENANT",
        "DATABASE_PER_TENANT",
        "SHARED_SCHEMA",
        "SHARED_SCHEMA",
    ] {
        let tenant = fleet.tenant(isolation).await;
        callers.push((fleet.app.member(&tenant, Role::Owner).await, tenant));
    }
    for (caller, _) in &callers {
        caller.get(PATH).await.expect(200);
    }
    for (_, tenant) in [&callers[0], &callers[2]] {
        fleet.age(tenant).await;
    }
    fleet.note_age(&callers[3].1).await;
    // Tables that are not there are not asked for: it is served again as soon as they are.
    for number in [0, 2, 3] {
        let answer = callers[number].0.get(PATH).await.expect(503);
        assert!(!answer.header("retry-after").is_empty());
    }
    callers[1].0.get(PATH).await.expect(200);

    let output = fleet.migrate().await;
    let told = text(&output.stdout);
    assert!(
        output.status.success() && told.contains("2 places migrated"),
        "{told} {}",
        text(&output.stderr)
    );
    for (caller, tenant) in &callers {
        fleet
            .app
            .directory
            .refresh(tenant["id"].as_i64().unwrap())
            .await
            .unwrap();
        caller.get(PATH).await.expect(200);
    }
    let output = fleet.migrate().await;
    assert!(
        text(&output.stdout).contains("databases are up to date."),
        "{}",
        text(&output.stdout)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_stops_nobody() {
    let fleet = Fleet::start().await;
    let (broken, foreign, whole) = (
        fleet.tenant("DATABASE_PER_TENANT").await,
        fleet.tenant("DATABASE_PER_TENANT").await,
        fleet.tenant("DATABASE_PER_TENANT").await,
    );
    for tenant in [&broken, &foreign, &whole] {
        fleet.age(tenant).await;
    }
    let name = |tenant: &Value| {
        tenant["provisioning"]["database_name"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let inside = TestDatabase::superuser(&name(&broken)).await;
    inside
        .batch_execute("CREATE TABLE customer (of_somebody text)")
        .await
        .unwrap();
    let inside = TestDatabase::superuser(&name(&foreign)).await;
    inside
        .batch_execute("UPDATE identity SET tenant = 'other.1'")
        .await
        .unwrap();

    let output = fleet.migrate().await;
    let errors = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    for (tenant, why) in [(&broken, "already exists"), (&foreign, "this tenant's")] {
        let code = tenant["tenant_code"].as_str().unwrap();
        let line = errors
            .lines()
            .find(|line| line.contains(code))
            .expect("it is named");
        assert!(line.contains(why), "{line}");
    }
    let version = async |tenant: &Value| {
        let standing = places::standing(&fleet.app.store, tenant["id"].as_i64().unwrap()).await;
        standing.unwrap().unwrap().schema_version
    };
    assert_eq!(version(&broken).await, 1);
    assert_eq!(version(&foreign).await, 1);
    assert_eq!(version(&whole).await, migrate::tenant::target());
    // Half of a migration is not there.
    let inside = TestDatabase::superuser(&name(&broken)).await;
    let sql = "SELECT count(*) FROM schema_migration";
    assert_eq!(
        inside.query_one(sql, &[]).await.unwrap().get::<_, i64>(0),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_to_do_is_one_statement() {
    let fleet = Fleet::start().await;
    for isolation in ["DATABASE_PER_TENANT", "SHARED_SCHEMA"] {
        fleet.tenant(isolation).await;
    }
    let options = Options::local_postgres().await;
    let store = fleet.app.database.store();
    // Statements of others are counted too: take the best of some looks.
    let mut least = u64::MAX;
    for _ in 0..20 {
        let before = executed();
        let progress = fleet::migrate(&store, &options.engine, |_, _| {})
            .await
            .unwrap();
        assert_eq!(progress.all, 0);
        least = least.min(executed() - before);
    }
    assert_eq!(least, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_tenant_takes_a_blank_database_from_the_pool() {
    begin();
    let mut options = Options::local_postgres().await;
    options.engine.warm_pool = 2;
    let app = TestApp::start_with(options).await;
    let staff = app.staff().await;
    let server = TestDatabase::superuser("postgres").await;
    let blanks = async || -> i64 {
        let sql = "SELECT count(*) FROM pg_database WHERE datname LIKE 'sindico_blank_%'";
        server.query_one(sql, &[]).await.unwrap().get(0)
    };
    let full = async || {
        let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while blanks().await < 2 {
            assert!(std::time::Instant::now() < end, "the pool was not filled");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    full().await;
    let tenant = app.ready(&staff, "acme", "DATABASE_PER_TENANT").await;
    let path = format!("/platform/api/operations/?company_id={}", tenant["id"]);
    let operations = staff.get(&path).await.expect(200).json;
    let steps = operations[0]["steps"].as_array().unwrap();
    let step = steps
        .iter()
        .find(|step| step["name"] == "database")
        .unwrap();
    assert!(
        step["outcome"].as_str().unwrap().ends_with("from the pool"),
        "{step}"
    );
    full().await;
    let owner = app.member(&tenant, Role::Owner).await;
    assert_eq!(
        owner.get(PATH).await.expect(200).json,
        serde_json::json!([])
    );
}

/// Customers of the first release are found by everything that came later.
#[tokio::test(flavor = "multi_thread")]
async fn customers_of_an_older_schema_are_searched_and_matched() {
    let fleet = Fleet::start().await;
    for isolation in ["DATABASE_PER_TENANT", "SHARED_SCHEMA"] {
        let tenant = fleet.tenant(isolation).await;
        let owner = fleet.app.member(&tenant, Role::Owner).await;
        fleet.age(&tenant).await;
        let inside =
            TestDatabase::superuser(tenant["provisioning"]["database_name"].as_str().unwrap())
                .await;
        let old = include_str!("../../../migrations/tenant/0002_customers.sql");
        let id = tenant["id"].as_i64().unwrap();
        let sql = format!(
            "SET ROLE sindico_migrator; {old};
             INSERT INTO schema_migration (name, checksum) VALUES ('0002_customers', sha256(convert_to($old${old}$old$, 'UTF8')));
             SET sindico.company_id = '{id}';
             INSERT INTO customer (company_id, name, email, phone, document, search_text) VALUES
                 ({id}, 'Ana', 'ana@example.com', '(11) 98765-4321', '529.982.247-25', 'ana'),
                 ({id}, 'Café', 'cafe@example.com', '5511 3456-7890', '11.222.333/0001-81', 'cafe'),
                 ({id}, 'Bob', 'bob@example.com', '+1 415 555 2671', 'X1', 'bob')"
        );
        inside.batch_execute(&sql).await.unwrap();
        let output = fleet.migrate().await;
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        fleet.app.directory.refresh(id).await.unwrap();
        let found = owner.get("/api/search/?q=cafe").await.expect(200).json;
        assert_eq!(found["results"].as_array().unwrap().len(), 1, "{found}");
        let rows =
            "SELECT kind, document_key, phone_key FROM customer WHERE company_id = $1 ORDER BY id";
        let rows = inside.query(rows, &[&id]).await.unwrap();
        let kept: Vec<(&str, &str, &str)> = rows
            .iter()
            .map(|row| (row.get(0), row.get(1), row.get(2)))
            .collect();
        assert_eq!(
            kept,
            [
                ("PERSON", "52998224725", "+5511987654321"),
                ("COMPANY", "11222333000181", "+551134567890"),
                ("COMPANY", "", ""),
            ]
        );
    }
}
