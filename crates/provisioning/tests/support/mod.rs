//! The server, and a migrated control database of its own for each test.
#![allow(dead_code, reason = "each test program uses its part")]

use sindico_domain::access::Actor;
use sindico_domain::host::Zones;
use sindico_domain::operation::Operation;
use sindico_domain::tenant::{NewTenant, Rules, Tenant};
use sindico_embedded::{GuardianCommand, Options, Role, Server};
use sindico_provisioning::plan::Step;
use sindico_provisioning::{Config, Engine};
use sindico_secrets::{Keyring, Sources};
use sindico_store::control::operations::{self, ExecutionRequest, Requested};
use sindico_store::control::tenants;
use sindico_store::listen::Wakeups;
use sindico_store::tenant::vault::Vault;
use sindico_store::{DatabaseConfig, Error, Result, Store, migrate};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;
use tokio_postgres::{Client, NoTls, Row};

/// Long enough for anything that is to happen soon, on a busy machine.
pub const SOON: Duration = Duration::from_secs(20);

static SERVER: OnceLock<Server> = OnceLock::new();

/// A control database.
pub struct Db {
    pub store: Store,
    config: DatabaseConfig,
    client: Client,
}

impl Db {
    /// A migrated database of this name.
    pub async fn new(name: &str) -> Self {
        let config = connect_as(name);
        migrate::ensure_database(&config).await.unwrap();
        migrate::control(&config).await.unwrap();
        Self {
            store: Store::new(config.clone(), 12).unwrap(),
            client: client(name).await,
            config,
        }
    }

    /// An engine of its own, as another program would have it.
    pub fn engine(&self, config: Config) -> Engine {
        let (wakeups, _) = Wakeups::start(self.config.clone());
        let store = Store::new(self.config.clone(), 12).unwrap();
        let keyring = Keyring::new(&"a key of tests, and of nothing else".into(), &[]).unwrap();
        let sources = Sources::new(std::sync::Arc::new(|_| None));
        let vault = Vault::new(store.clone(), keyring, sources);
        Engine::start(store, vault, wakeups, config)
    }

    pub async fn tenant(&self, code: &str) -> Tenant {
        let body = serde_json::json!({ "name": code, "tenant_code": code, "subdomain": code });
        let rules = Rules {
            zones: Zones::default(),
            shared_database: "crm_shared".to_owned(),
            reserved_databases: Vec::new(),
        };
        let today = jiff::civil::date(2026, 11, 23);
        let new = NewTenant::parse(body.as_object().unwrap(), &rules, today).unwrap();
        let once = tenants::create(&self.store, &ana(), &new, &rules, None).await;
        once.unwrap().value
    }

    /// The tenant as it is now.
    pub async fn read(&self, tenant: &Tenant) -> Tenant {
        tenants::find(&self.store, tenant.id)
            .await
            .unwrap()
            .unwrap()
    }

    /// The operation as it is now.
    pub async fn operation(&self, id: i64) -> Operation {
        operations::find(&self.store, id).await.unwrap().unwrap()
    }

    /// Asks for the provisioning of a tenant, without an engine.
    pub async fn request(&self, tenant: &Tenant) -> Requested {
        self.request_with(tenant, None, Duration::ZERO)
            .await
            .unwrap()
    }

    pub async fn request_with(
        &self,
        tenant: &Tenant,
        portal_url: Option<&str>,
        age: Duration,
    ) -> Result<Requested> {
        let steps = Step::names();
        let request = ExecutionRequest {
            portal_url: portal_url.map(str::to_owned),
            provider: "noop",
            steps: &steps,
            age,
            deadline: Duration::from_secs(600),
        };
        let requested =
            operations::request_execution(&self.store, &ana(), tenant.id, &request, None).await?;
        Ok(requested.expect("a tenant"))
    }

    /// Statements of the test's own.
    pub async fn run(&self, sql: &str) {
        self.client.batch_execute(sql).await.unwrap();
    }

    pub async fn row(&self, sql: &str) -> Row {
        self.client.query_one(sql, &[]).await.unwrap()
    }

    pub async fn count(&self, sql: &str) -> i64 {
        self.row(sql).await.get(0)
    }

    /// The actions in the audit, oldest first.
    pub async fn audited(&self) -> Vec<String> {
        let sql = "SELECT action FROM audit_event ORDER BY id";
        let rows = self.client.query(sql, &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Has the lease of every running operation run out, as if nobody had renewed it.
    pub async fn expire(&self) {
        self.run("UPDATE operation SET lease_until = now() - interval '1 second' WHERE status = 'RUNNING'")
            .await;
    }

    /// Waits until this question is answered with true.
    pub async fn until(&self, question: &str) {
        let asked = tokio::time::timeout(SOON, async {
            while !self.row(question).await.get::<_, bool>(0) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        asked.await.unwrap_or_else(|_| panic!("never: {question}"));
    }

    /// Cuts all connections but the test's own and lets nobody in, until [`Db::open`].
    pub async fn shut(&self) {
        let name = self.config.dbname();
        let admin = client("postgres").await;
        let sql = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false");
        admin.batch_execute(&sql).await.unwrap();
        self.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .await;
    }

    pub async fn open(&self) {
        let name = self.config.dbname();
        let sql = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true");
        client("postgres").await.batch_execute(&sql).await.unwrap();
    }
}

/// Asks an engine for the provisioning of a tenant.
pub async fn execute(engine: &Engine, tenant: &Tenant) -> Requested {
    let (actor, age) = (ana(), Duration::ZERO);
    let requested = engine.execute(&actor, tenant.id, None, age, None);
    requested.await.unwrap().expect("a tenant")
}

/// The operation when it has ended, which must be soon.
pub async fn ended(engine: &Engine, id: i64) -> Operation {
    let operation = engine.wait(id, SOON).await.unwrap().expect("an operation");
    assert!(operation.status.is_final(), "{operation:#?}");
    operation
}

/// An engine's settings for tests: it loses no time.
pub fn quick() -> Config {
    Config {
        base_domain: Some("example.com".to_owned()),
        backoff: Duration::from_millis(2),
        ..Config::default()
    }
}

/// An operator.
pub fn ana() -> Actor {
    Actor {
        user_id: None,
        name: "ana".to_owned(),
        address: None,
        request_id: "request-1".to_owned(),
        support: None,
    }
}

/// The refusal that a use case ended with.
pub fn refusal<T: std::fmt::Debug>(result: Result<T>) -> sindico_domain::Refusal {
    match result {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

fn connect_as(name: &str) -> DatabaseConfig {
    let at = SERVER.get_or_init(start).connection();
    DatabaseConfig::socket(
        &at.socket_dir,
        at.port,
        &at.user,
        at.password.expose(),
        name,
    )
}

async fn client(name: &str) -> Client {
    let at = SERVER.get_or_init(start).connection();
    let (client, connection) = tokio_postgres::Config::new()
        .host_path(&at.socket_dir)
        .port(at.port)
        .user(&at.user)
        .password(at.password.expose())
        .dbname(name)
        .connect(NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    client
}

/// Not a test: what the private PostgreSQL's guardian starts in.
#[test]
#[ignore = "the guardian's entry"]
fn guardian() {
    // The harness has begun a line that the program must not take for the guardian's.
    println!();
    let args = std::env::args_os().skip_while(|arg| arg != "--").skip(1);
    std::process::exit(sindico_embedded::guardian_main(args));
}

/// Where the server also listens. Its port is that of every private server, so the address is one that
/// only this process has.
pub fn tcp_address() -> String {
    let [_, high, middle, low] = std::process::id().to_be_bytes();
    format!("127.{}.{middle}.{low}", 1 + high)
}

/// Starts the server in a directory named after this process, and removes those of processes that
/// are gone: a static has no end at which to remove its own.
fn start() -> Server {
    let root = Path::new("/tmp");
    let prefix = "sindico-provisioning-";
    for entry in std::fs::read_dir(root).unwrap().flatten() {
        let name = entry.file_name();
        let pid = name.to_str().and_then(|name| name.strip_prefix(prefix));
        if pid.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    let dir = root.join(format!("{prefix}{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    // Root's server runs as another account.
    std::fs::set_permissions(&dir, PermissionsExt::from_mode(0o755)).unwrap();
    let entry = [
        "support::guardian",
        "--exact",
        "--ignored",
        "--nocapture",
        "--test-threads=1",
        "--",
    ];
    let server = Server::start(Options {
        data_dir: dir.join("data"),
        bin_dir: None,
        install: false,
        durable: false,
        guardian: GuardianCommand {
            args: entry.iter().map(Into::into).collect(),
            ..GuardianCommand::this_program("")
        },
        role: Role::Owner,
        extra_conf: vec![
            ("max_connections".into(), "300".into()),
            ("listen_addresses".into(), tcp_address()),
        ],
    });
    server.unwrap_or_else(|error| panic!("{error}"))
}
