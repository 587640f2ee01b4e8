//! Servers of tenants' data that restart, are gone, or hang: their own tenants get `503`, quickly, and
//! nobody else notices.

use crate::{PROGRAM, begin};
use serde_json::{Value, json};
use sindico_domain::access::Role;
use sindico_embedded::{GuardianCommand, Options as ServerOptions, Role as ServerRole, Server};
use sindico_provisioning::AdminSettings;
use sindico_testkit::{Client, Options, TestApp, TestDatabase};
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const PATH: &str = "/api/customers/";

/// A server of its own, to be stopped and started.
struct Own {
    folder: tempfile::TempDir,
    server: Option<Server>,
}

impl Own {
    fn new() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("sindico-outage-")
            .permissions(std::fs::Permissions::from_mode(0o711))
            .tempdir()
            .unwrap();
        let mut own = Self {
            folder,
            server: None,
        };
        own.start();
        own
    }

    fn start(&mut self) {
        let server = Server::start(ServerOptions {
            data_dir: self.folder.path().join("data"),
            bin_dir: None,
            install: false,
            durable: false,
            guardian: GuardianCommand {
                program: PROGRAM.into(),
                args: vec!["__guardian".into()],
            },
            role: ServerRole::Owner,
            extra_conf: Vec::new(),
        });
        self.server = Some(server.unwrap());
    }

    fn stop(&mut self) {
        self.server.take().unwrap().stop().unwrap();
    }

    fn admin(&self) -> AdminSettings {
        let connection = self.server.as_ref().unwrap().connection();
        AdminSettings {
            user: connection.user.clone(),
            password: Some(connection.password.expose().into()),
            database: "postgres".to_owned(),
            host: connection.socket_dir.display().to_string(),
            port: connection.port,
            ..AdminSettings::default()
        }
    }
}

/// Two programs on one control database: one makes places on the tests' server, the other on one that
/// can be stopped.
async fn programs(own: &Own) -> (TestApp, TestApp, Client) {
    begin();
    let mut options = Options::local_postgres().await;
    options.engine.cloudsql = own.admin();
    let steady = TestApp::start_with(options).await;
    let mut options = Options::local_postgres().await;
    options.engine.provisioner = "cloudsql_postgres".to_owned();
    options.engine.cloudsql = own.admin();
    let shaky = TestApp::start_on(steady.database.clone(), options).await;
    let staff = steady.staff().await;
    (steady, shaky, staff)
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
async fn a_restart_under_load_is_503_at_the_worst_and_passes() {
    begin();
    let own = tokio::task::spawn_blocking(Own::new).await.unwrap();
    let mut options = Options::default();
    options.engine.provisioner = "local_postgres".to_owned();
    options.engine.local = own.admin();
    let app = TestApp::start_with(options).await;
    let mut tenants = Vec::new();
    for isolation in [
        "DATABASE_PER_TENANT",
        "SHARED_SCHEMA",
        "DATABASE_PER_TENANT",
        "SHARED_SCHEMA",
    ] {
        tenants.push(tenant(&app, isolation).await);
    }
    let over = AtomicBool::new(false);
    let (served, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let caller = |number: usize| {
        let (tenants, over, served, refused) = (&tenants, &over, &served, &refused);
        async move {
            let (owner, tenant) = &tenants[number % tenants.len()];
            let mut turn = 0;
            while !over.load(Ordering::Relaxed) {
                turn += 1;
                let writes = turn % 4 == 0;
                let answer = if writes {
                    let email = format!("{number}-{turn}@example.com");
                    owner
                        .post(PATH, json!({"name": tenant["tenant_code"], "email": email}))
                        .await
                } else {
                    owner.get(PATH).await
                };
                match answer.status {
                    201 if writes => {}
                    200 => {
                        let names = answer.json.as_array().unwrap().iter();
                        assert!(names.clone().count() > 0);
                        assert!(
                            names
                                .map(|c| &c["name"])
                                .all(|name| *name == tenant["tenant_code"])
                        );
                    }
                    503 => {
                        assert!(!answer.header("retry-after").is_empty());
                        refused.fetch_add(1, Ordering::Relaxed);
                        tokio::time::sleep(Duration::from_millis(20)).await;
                        continue;
                    }
                    other => panic!("{other}: {}", answer.text),
                }
                served.fetch_add(1, Ordering::Relaxed);
            }
        }
    };
    let restarting = async {
        let mut own = own;
        for _ in 0..2 {
            tokio::time::sleep(Duration::from_secs(1)).await;
            own = tokio::task::spawn_blocking(move || {
                own.stop();
                std::thread::sleep(Duration::from_millis(500));
                own.start();
                own
            })
            .await
            .unwrap();
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        over.store(true, Ordering::Relaxed);
        own
    };
    let callers = futures_util::future::join_all((0..24).map(caller));
    // It is stopped when it is dropped.
    let (_own, _) = futures_util::join!(restarting, callers);
    assert!(served.load(Ordering::Relaxed) > 50, "{served:?}");
    assert!(
        refused.load(Ordering::Relaxed) > 0,
        "the restart was not noticed"
    );
    // And it has recovered, without a restart of the program.
    for (owner, _) in &tenants {
        owner.get(PATH).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_tenants_of_a_lost_server_suffer_and_quickly() {
    begin();
    let mut own = tokio::task::spawn_blocking(Own::new).await.unwrap();
    let (steady, shaky, _staff) = programs(&own).await;
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
    own = tokio::task::spawn_blocking(move || {
        own.stop();
        own
    })
    .await
    .unwrap();
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

    let host = own.folder.path().join("data/run").display().to_string();
    own = tokio::task::spawn_blocking(move || {
        own.start();
        own
    })
    .await
    .unwrap();
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
    drop(own);
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
