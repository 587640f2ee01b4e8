//! Tenants' places on a real server, made by an administrator without superuser rights.

use crate::{PROGRAM, begin};
use serde_json::json;
use sindico_testkit::{Options, Program, Sql, TEST_KEY, TestApp, TestDatabase};

const DEDICATED: &str = "DATABASE_PER_TENANT";
const SHARED: &str = "SHARED_SCHEMA";

async fn start() -> TestApp {
    begin();
    TestApp::start_with(Options::local_postgres().await).await
}

async fn one(client: &Sql, sql: &str) -> bool {
    client.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_tenant_gets_a_database_and_a_role_of_its_own() {
    let app = start().await;
    let staff = app.staff().await;
    let tenant = app.ready(&staff, "acme", DEDICATED).await;
    let place = &tenant["provisioning"];
    assert_eq!(place["status"], "READY");
    let (database, role) = (
        place["database_name"].as_str().unwrap(),
        place["database_user"].as_str().unwrap(),
    );
    let reference = place["database_password_secret"].as_str().unwrap();
    assert!(reference.starts_with("db:"), "{reference}");

    let server = TestDatabase::superuser("postgres").await;
    for fact in [
        format!(
            "SELECT datallowconn AND NOT has_database_privilege('public', oid, 'CONNECT') FROM pg_database WHERE datname = '{database}'"
        ),
        format!("SELECT has_database_privilege('{role}', '{database}', 'CONNECT')"),
        format!(
            "SELECT NOT (rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls OR rolreplication) FROM pg_roles WHERE rolname = '{role}'"
        ),
        format!(
            "SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolname = '{role}'"
        ),
    ] {
        assert!(one(&server, &fact).await, "{fact}");
    }
    let inside = TestDatabase::superuser(database).await;
    assert!(
        one(
            &inside,
            &format!(
                "SELECT tenant LIKE '%.{}' AND generation = 1 FROM identity",
                tenant["id"]
            )
        )
        .await
    );
    assert!(one(&inside, "SELECT count(*) > 0 FROM schema_migration").await);
}

#[tokio::test]
async fn tenants_of_the_shared_schema_share_one_database() {
    let app = start().await;
    let staff = app.staff().await;
    let (a, b) = (
        app.ready(&staff, "a", SHARED).await,
        app.ready(&staff, "b", SHARED).await,
    );
    let name = |tenant: &serde_json::Value| {
        tenant["provisioning"]["database_name"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(name(&a), name(&b));
    let inside = TestDatabase::superuser(&name(&a)).await;
    assert!(one(&inside, "SELECT tenant LIKE '%.shared' FROM identity").await);
    let server = TestDatabase::superuser("postgres").await;
    let roles = format!(
        "SELECT count(*) = 1 FROM pg_roles WHERE rolname LIKE '{}%'",
        name(&a)
    );
    assert!(one(&server, &roles).await);
}

#[tokio::test]
async fn repeating_an_execution_keeps_what_is_there() {
    let app = start().await;
    let staff = app.staff().await;
    let tenant = app.ready(&staff, "acme", DEDICATED).await;
    let database = tenant["provisioning"]["database_name"].as_str().unwrap();
    let inside = TestDatabase::superuser(database).await;
    inside
        .batch_execute("INSERT INTO customer (company_id, name, email, search_text) VALUES (1, 'Ana', 'ana@example.com', 'ana')")
        .await
        .unwrap();
    drop(inside);
    app.later().await;
    let again = app.execute(&staff, &tenant).await.expect(200).json;
    for field in [
        "database_name",
        "database_user",
        "database_password_secret",
        "provisioned_at",
    ] {
        assert_eq!(
            again["provisioning"][field], tenant["provisioning"][field],
            "{field}"
        );
    }
    let inside = TestDatabase::superuser(database).await;
    assert!(one(&inside, "SELECT count(*) = 1 FROM customer").await);
    assert!(one(&inside, "SELECT generation = 1 FROM identity").await);
}

#[tokio::test]
async fn what_somebody_else_has_is_refused_by_name_and_left_alone() {
    let app = start().await;
    let staff = app.staff().await;
    let server = TestDatabase::superuser("postgres").await;
    for (field, make, comment, kind) in [
        ("database_name", "CREATE DATABASE", "", "DATABASE"),
        ("database_user", "CREATE ROLE", "", "ROLE"),
        (
            "database_user",
            "CREATE ROLE",
            "sindico:v1:0123456789abcdef.1:1",
            "ROLE",
        ),
    ] {
        let code = format!("x{}", TestDatabase::unique());
        let name = format!("theirs_{code}");
        let sql = format!("{make} {name}");
        server.batch_execute(&sql).await.unwrap();
        if !comment.is_empty() {
            server
                .batch_execute(&format!("COMMENT ON {kind} {name} IS '{comment}'"))
                .await
                .unwrap();
        }
        let body = json!({"name": code, "tenant_code": code, "subdomain": code, "provisioning": {field: name}});
        let tenant = staff
            .post("/platform/api/tenants/", body)
            .await
            .expect(201)
            .json;
        let answer = app.execute(&staff, &tenant).await.expect(400);
        let detail = answer.json["detail"].as_str().unwrap();
        assert!(
            detail.contains(&name) && detail.contains("left alone"),
            "{detail}"
        );
        assert_eq!(answer.json["tenant"]["provisioning"]["status"], "FAILED");
        let (catalog, column, description) = match kind {
            "ROLE" => ("pg_roles", "rolname", "pg_authid"),
            _ => ("pg_database", "datname", "pg_database"),
        };
        let untouched = format!(
            "SELECT coalesce(shobj_description(oid, '{description}'), '') = '{comment}' FROM {catalog} WHERE {column} = '{name}'"
        );
        assert!(one(&server, &untouched).await, "{field}");
        let sql = format!(
            "SELECT count(*) = 0 FROM pg_database WHERE datname = 'crm_{}'",
            code.replace('-', "_")
        );
        assert!(
            one(&server, &sql).await || kind == "DATABASE",
            "nothing of the tenant's was made"
        );
    }
}

#[tokio::test]
async fn a_password_for_all_is_given_to_each_and_a_kept_one_is_used() {
    begin();
    let mut options = Options::local_postgres().await;
    options.engine.local.tenant_password = Some("a-senha-de-todos".into());
    let app = TestApp::start_with(options).await;
    let staff = app.staff().await;
    let tenant = app.ready(&staff, "acme", DEDICATED).await;
    let place = |field: &str| tenant["provisioning"][field].as_str().unwrap().to_owned();
    let (database, role) = (place("database_name"), place("database_user"));
    TestDatabase::sign_in(&database, &role, "a-senha-de-todos", "")
        .await
        .unwrap();
    TestDatabase::sign_in(&database, &role, "another", "")
        .await
        .unwrap_err();

    // What somebody else keeps is what the role gets; and when it changes there, the next execution
    // brings the role's after it.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    let app = start().await;
    let staff = app.staff().await;
    let code = TestDatabase::unique();
    let body = json!({"name": code, "tenant_code": code, "subdomain": code,
        "provisioning": {"database_password_secret": format!("file:{}", file.display())}});
    let tenant = staff
        .post("/platform/api/tenants/", body)
        .await
        .expect(201)
        .json;
    let failed = app.execute(&staff, &tenant).await.expect(400);
    assert!(
        failed.json["detail"]
            .as_str()
            .unwrap()
            .contains("does not exist"),
        "{}",
        failed.text
    );
    let place = |field: &str| tenant["provisioning"][field].as_str().unwrap().to_owned();
    let (database, role) = (place("database_name"), place("database_user"));
    for password in ["a-primeira", "a-segunda"] {
        std::fs::write(&file, format!("{password}\n")).unwrap();
        app.later().await;
        app.execute(&staff, &tenant).await.expect(200);
        TestDatabase::sign_in(&database, &role, password, "")
            .await
            .unwrap();
    }
    TestDatabase::sign_in(&database, &role, "a-primeira", "")
        .await
        .unwrap_err();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_does_not_start_with_a_role_that_could_pass_the_wall() {
    let app = start().await;
    let staff = app.staff().await;
    let tenant = app.ready(&staff, "acme", SHARED).await;
    let login = format!(
        "{}_login",
        tenant["provisioning"]["database_name"].as_str().unwrap()
    );
    let run = async |argument: &str| {
        let mut command = Program::command(PROGRAM, &app.database);
        command
            .arg(argument)
            .env("SINDICO_BIND", "127.0.0.1:0")
            .env("SECRET_KEY", TEST_KEY);
        tokio::task::spawn_blocking(|| Program::run(command, ""))
            .await
            .unwrap()
    };
    let doctor = run("doctor").await;
    let told = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(told.contains("can't pass"), "{told}");

    let server = TestDatabase::superuser("postgres").await;
    server
        .batch_execute(&format!("ALTER ROLE {login} BYPASSRLS"))
        .await
        .unwrap();
    let refused = run("serve").await;
    let line = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{line}");
    assert!(
        line.contains(&login) && line.contains("BYPASSRLS"),
        "{line}"
    );
    let doctor = run("doctor").await;
    let told = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(
        doctor.status.code() == Some(1) && told.contains("BYPASSRLS"),
        "{told}"
    );
}
