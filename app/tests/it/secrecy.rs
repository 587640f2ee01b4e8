//! A tenant's password is nowhere but in its seal: not in a log, not in the process list of the server,
//! not in the control database, not in an answer. With logs as talkative as they get.

use crate::{PROGRAM, begin};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sindico_domain::access::Role;
use sindico_secrets::{Keyring, Sources};
use sindico_store::Store;
use sindico_store::tenant::vault::Vault;
use sindico_testkit::{Client, PrivateServer, Program, TestDatabase, execute_path, join, token};
use std::collections::BTreeSet;
use std::fs::File;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const PATH: &str = "/api/customers/";
/// What [`Program::command`] gives the program.
const KEY: &str = "0123456789abcdef0123456789abcdef";

/// The password of every place, opened with the program's own key.
async fn passwords(database: &TestDatabase, store: &Store) -> Vec<String> {
    let keyring = Keyring::new(&KEY.into(), &[]).unwrap();
    let vault = Vault::new(store.clone(), keyring, Sources::new(Arc::new(|_| None)));
    let sql = "SELECT id FROM tenant_secret";
    let rows = database.sql().await.query(sql, &[]).await.unwrap();
    let mut passwords = Vec::new();
    for row in rows {
        let reference = format!("db:{}", row.get::<_, i64>(0));
        let password = vault.find(&reference).await.unwrap();
        passwords.push(password.expose_secret().to_owned());
    }
    passwords
}

/// Nothing of this is there, as it is or in hexadecimal digits. The secret itself is not repeated.
#[track_caller]
fn assert_absent(secrets: &[String], text: &str, place: &str) {
    assert!(!text.is_empty(), "there is nothing in {place}");
    for (number, secret) in secrets.iter().enumerate() {
        let at = text
            .find(secret)
            .or_else(|| text.find(&hex::encode(secret)));
        let before = at.map(|at| &text[text[..at].rfind('\n').unwrap_or(0)..at]);
        assert!(
            before.is_none(),
            "secret {number} is in {place} after {before:?}"
        );
    }
}

/// All texts of a database.
async fn contents(database: &TestDatabase) -> String {
    let sql = database.sql().await;
    let tables = "SELECT relname::text FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'";
    let mut all = String::new();
    for table in sql.query(tables, &[]).await.unwrap() {
        let rows = format!("SELECT t::text FROM \"{}\" t", table.get::<_, &str>(0));
        for row in sql.query(&rows, &[]).await.unwrap() {
            all.push_str(row.get(0));
            all.push('\n');
        }
    }
    all
}

/// Everything that the platform API says about tenants, operations and the audit.
async fn answers(admin: &Client, tenants: &[Value]) -> String {
    let mut paths: Vec<String> = ["tenants", "operations", "audit"]
        .map(|list| format!("/platform/api/{list}/?limit=500"))
        .into();
    for tenant in tenants {
        paths.push(format!("/platform/api/tenants/{}/", tenant["id"]));
    }
    let operations = admin.get("/platform/api/operations/").await.expect(200);
    for operation in operations.json.as_array().unwrap() {
        let path = format!("/platform/api/operations/{}/", operation["id"]);
        paths.push(format!("{path}events/"));
        paths.push(path);
    }
    let mut all = String::new();
    for path in paths {
        let answer = admin.get(&path).await.expect(200);
        all.push_str(&format!("{path} {:?}\n{}\n", answer.headers, answer.text));
    }
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenants_password_is_told_nowhere() {
    begin();
    let server = PrivateServer::start(&[
        ("log_statement", "all"),
        ("log_min_duration_statement", "0"),
        ("log_connections", "on"),
        ("log_min_messages", "debug1"),
    ])
    .await;
    let database = server.database("control").await;
    let store = database.store();
    let admin = server.admin();
    let admin_password = admin.password.as_ref().unwrap().expose_secret().to_owned();
    let log = tempfile::NamedTempFile::new().unwrap();
    let program = Program::serve_into(
        PROGRAM,
        &database,
        &[
            ("SINDICO_LOG", "debug"),
            ("CONTROL_PLANE_PROVISIONER", "local_postgres"),
            ("CONTROL_PLANE_LOCAL_DB_ADMIN_USER", &admin.user),
            ("CONTROL_PLANE_LOCAL_DB_ADMIN_PASSWORD", &admin_password),
            ("CONTROL_PLANE_LOCAL_DB_ADMIN_HOST", &admin.host),
            ("CONTROL_PLANE_LOCAL_DB_ADMIN_PORT", &admin.port.to_string()),
            ("CONTROL_PLANE_LOCAL_DB_ADMIN_DATABASE", &admin.database),
        ],
        Stdio::from(File::create(log.path()).unwrap()),
    )
    .await;
    let key = token(&store, "root", true, true).await;
    let caller = program.anonymous().token(&key);

    let over = AtomicBool::new(false);
    let watching = async {
        let superuser = server.superuser("postgres").await;
        let mut seen = BTreeSet::new();
        while !over.load(Ordering::Relaxed) {
            let sql =
                "SELECT concat_ws(' ', usename, application_name, query) FROM pg_stat_activity";
            for row in superuser.query(sql, &[]).await.unwrap() {
                seen.insert(row.get::<_, String>(0));
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Vec::from_iter(seen).join("\n")
    };
    let living = async {
        let mut tenants = Vec::new();
        let mut heard = String::new();
        for (code, model) in [("one", "DATABASE_PER_TENANT"), ("all", "SHARED_SCHEMA")] {
            let body = json!({"name": code, "tenant_code": code, "subdomain": code,
                "provisioning": {"isolation_model": model}});
            let created = caller
                .post("/platform/api/tenants/", body)
                .await
                .expect(201);
            let tenant = created.json.clone();
            let ready = caller
                .post(&execute_path(&tenant), json!({}))
                .await
                .expect(200);
            join(&store, code, "root", Role::Owner).await;
            let inside = caller.tenant(code);
            let body = json!({"name": "Ana", "email": "ana@example.com"});
            let ana = inside.post(PATH, body).await.expect(201);
            let list = inside.get(PATH).await.expect(200);
            // A password that is not the right one any more: a sign-in that fails is logged, here
            // and there.
            let superuser = server.superuser("postgres").await;
            let place = ready.json["provisioning"]["database_name"]
                .as_str()
                .unwrap();
            let lock =
                "DO $$ DECLARE r text; BEGIN FOR r IN SELECT m.member::regrole::text FROM pg_auth_members m
                    WHERE m.roleid = 'sindico_tenant'::regrole
                    LOOP EXECUTE format('ALTER ROLE %s PASSWORD NULL', r); END LOOP; END $$";
            superuser.batch_execute(lock).await.unwrap();
            let cut =
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1";
            superuser.execute(cut, &[&place]).await.unwrap();
            let refused = inside.get(PATH).await.expect(503);
            // Put right by an execution, which sends the password's verifier once more.
            let later = "UPDATE operation SET finished_at = finished_at - interval '1 minute'";
            database.sql().await.batch_execute(later).await.unwrap();
            let again = caller
                .post(&execute_path(&tenant), json!({}))
                .await
                .expect(200);
            inside.get(PATH).await.expect(200);
            for answer in [created, ready, ana, list, refused, again] {
                heard.push_str(&format!("{:?} {}\n", answer.headers, answer.text));
            }
            tenants.push(tenant);
        }
        heard.push_str(&answers(&caller, &tenants).await);
        over.store(true, Ordering::Relaxed);
        heard
    };
    let (heard, seen) = tokio::join!(living, watching);

    let passwords = passwords(&database, &store).await;
    assert_eq!(passwords.len(), 2);
    assert!(passwords.iter().all(|password| password.len() >= 32));
    let own_log = std::fs::read_to_string(log.path()).unwrap();
    let server_log = std::fs::read_to_string(server.log()).unwrap();
    let command_line = std::fs::read(format!("/proc/{}/cmdline", program.pid())).unwrap();
    // The looks were real ones.
    for (text, word) in [
        (&own_log, "DEBUG"),
        (&server_log, "PASSWORD 'SCRAM-SHA-256$"),
        (&server_log, "INSERT INTO customer"),
        (&server_log, "password authentication failed"),
        (&seen, "customer"),
        (&heard, "database_password_secret"),
        (&heard, "\"Ana\""),
    ] {
        assert!(text.contains(word), "{word:?} is not there");
    }
    assert_absent(&passwords, &server_log, "the server's log");
    let mut secrets = passwords;
    secrets.extend([admin_password, KEY.to_owned(), key]);
    assert_absent(&secrets, &seen, "pg_stat_activity");
    assert_absent(&secrets, &contents(&database).await, "the control database");
    assert_absent(&secrets, &heard, "an answer");
    assert_absent(&secrets, &own_log, "the program's log");
    assert_absent(
        &secrets,
        &String::from_utf8_lossy(&command_line),
        "its command line",
    );
}
