//! Servers of tenants' data that restart, are gone, or hang: their own tenants get `503`, quickly, and
//! nobody else notices.

use crate::begin;
use serde_json::{Value, json};
use sindico_domain::access::Role;
use sindico_testkit::{Client, Options, PrivateServer, TestApp, TestDatabase};
use std::time::{Duration, Instant};

const PATH: &str = "/api/customers/";

/// Two programs on one control database: one makes places on the tests' server, the other on one that
/// can be stopped.
async fn programs(own: &PrivateServer) -> (TestApp, TestApp) {
    let mut options = Options::local_postgres().await;
    options.engine.cloudsql = own.admin();
    let steady = TestApp::start_with(options).await;
    let mut options = Options::local_postgres().await;
    options.engine.provisioner = "cloudsql_postgres".to_owned();
    options.engine.cloudsql = own.admin();
    let shaky = TestApp::start_on(steady.database.clone(), options).await;
    (steady, shaky)
}

async fn tenant(app: &TestApp, isolation: &str) -> (Client, Value) {
    let staff = app.staff().await;
    // Its operation is claimed by whichever program comes first; both have all settings that it needs.
    let tenant = app.ready(&staff, "o", isolation).await;
    let owner = app.member(&tenant, Role::Owner).await;
    let body = json!({"name": tenant["tenant_code"], "email": "a@example.com"});
    owner.post(PATH, body).await.expect(201);
    (owner, tenant)
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_tenants_of_a_lost_server_suffer_and_quickly() {
    begin();
    let mut own = PrivateServer::start(&[]).await;
    let (steady, shaky) = programs(&own).await;
    let (mine, _) = tenant(&steady, "DATABASE_PER_TENANT").await;
    let (theirs, place) = tenant(&shaky, "DATABASE_PER_TENANT").await;
    // Through one program.
    let through = |caller: &Client| caller.at(&steady.base);
    let (mine, theirs) = (through(&mine), through(&theirs));
    theirs.get(PATH).await.expect(200);
    let down = async |what: &str| {
        let asked = Instant::now();
        let lost = async {
            for _ in 0..20 {
                let answer = theirs.get(PATH).await.expect(503);
                assert!(!answer.header("retry-after").is_empty());
            }
        };
        let neighbour = async {
            for _ in 0..20 {
                let asked = Instant::now();
                mine.get(PATH).await.expect(200);
                assert!(
                    asked.elapsed() < Duration::from_secs(2),
                    "{what}: the neighbour waits"
                );
            }
        };
        futures_util::join!(lost, neighbour);
        // One request a second finds out, and waits for as long as a connection may take.
        assert!(
            asked.elapsed() < Duration::from_secs(25),
            "{what}: {:?}",
            asked.elapsed()
        );
    };
    own.stop().await;
    down("stopped").await;

    // One that takes connections and never says a word.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = i32::from(silent.local_addr().unwrap().port());
    let id = place["id"].as_i64().unwrap();
    let sql = "UPDATE tenant_provisioning SET database_host = '127.0.0.1', database_port = $1 WHERE company_id = $2";
    steady
        .database
        .sql()
        .await
        .execute(sql, &[&port, &id])
        .await
        .unwrap();
    steady.directory.refresh(id).await.unwrap();
    down("silent").await;

    let host = place["provisioning"]["database_host"]
        .as_str()
        .unwrap()
        .to_owned();
    own.start_again().await;
    let sql = "UPDATE tenant_provisioning SET database_host = $1, database_port = 5432 WHERE company_id = $2";
    steady
        .database
        .sql()
        .await
        .execute(sql, &[&host, &id])
        .await
        .unwrap();
    steady.directory.refresh(id).await.unwrap();
    let end = Instant::now() + Duration::from_secs(10);
    while theirs.get(PATH).await.status != 200 {
        assert!(Instant::now() < end, "it did not recover");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_were_cut_are_not_noticed() {
    begin();
    let app = TestApp::start_with(Options::local_postgres().await).await;
    for isolation in ["DATABASE_PER_TENANT", "SHARED_SCHEMA"] {
        let (owner, tenant) = tenant(&app, isolation).await;
        let server = TestDatabase::superuser("postgres").await;
        for _ in 0..5 {
            let cut =
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1";
            let database = tenant["provisioning"]["database_name"].as_str().unwrap();
            server.execute(cut, &[&database]).await.unwrap();
            owner.get(PATH).await.expect(200);
        }
    }
}
