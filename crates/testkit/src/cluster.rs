//! One private cluster a test process, without durability; one database a test, from a migrated
//! template.

use sindico_embedded::{GuardianCommand, Options, Role, Server};
use sindico_store::{DatabaseConfig, Store, migrate};
use std::path::PathBuf;
use std::sync::OnceLock;
use tokio_postgres::{Client, NoTls};

static GUARDIAN: OnceLock<PathBuf> = OnceLock::new();
static CLUSTER: OnceLock<Cluster> = OnceLock::new();

struct Cluster {
    server: Server,
    // Lives as long as the process; the guardian ends the server then, and `sweep` the folder.
    _folder: tempfile::TempDir,
}

/// Tells which program can be the guardian: the built `sindico`. The first call counts.
pub fn use_guardian(program: &str) {
    let _ = GUARDIAN.set(program.into());
}

fn cluster() -> &'static Cluster {
    CLUSTER.get_or_init(|| {
        let folder = tempfile::Builder::new()
            .prefix("sindico-test-")
            // The account that runs the server must get through.
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o711))
            .tempdir()
            .unwrap();
        let server = Server::start(Options {
            data_dir: folder.path().join("data"),
            bin_dir: None,
            install: false,
            durable: false,
            guardian: GuardianCommand {
                program: GUARDIAN.get().expect("use_guardian comes first").clone(),
                args: vec!["__guardian".into()],
            },
            role: Role::Owner,
            extra_conf: vec![("max_connections".into(), "400".into())],
        });
        Cluster {
            server: server.unwrap(),
            _folder: folder,
        }
    })
}

/// A control database of a test's own.
#[derive(Clone)]
pub struct TestDatabase {
    /// Its address, as `DATABASE_URL` takes it.
    pub url: String,
    /// The same, as the store takes it.
    pub config: DatabaseConfig,
    name: String,
}

impl TestDatabase {
    /// A fresh, migrated database.
    pub async fn new() -> Self {
        static TEMPLATE: tokio::sync::OnceCell<()> = tokio::sync::OnceCell::const_new();
        TEMPLATE
            .get_or_init(|| async {
                let template = Self::named("sindico_template");
                migrate::ensure_database(&template.config).await.unwrap();
                migrate::control(&template.config).await.unwrap();
            })
            .await;
        let database = Self::named(&format!("t_{}", random()));
        let admin = Self::named("postgres").sql().await;
        let sql = format!(
            "CREATE DATABASE {} TEMPLATE sindico_template STRATEGY FILE_COPY",
            database.name
        );
        admin.batch_execute(&sql).await.unwrap();
        database
    }

    /// A fresh database without any tables.
    pub async fn empty() -> Self {
        let database = Self::named(&format!("t_{}", random()));
        migrate::ensure_database(&database.config).await.unwrap();
        database
    }

    fn named(name: &str) -> Self {
        let connection = cluster().server.connection();
        let password = connection.password.expose();
        let config = DatabaseConfig::socket(
            &connection.socket_dir,
            connection.port,
            &connection.user,
            password,
            name,
        );
        let host = connection.socket_dir.to_str().unwrap().replace('/', "%2F");
        Self {
            url: format!(
                "postgres://{}:{password}@{host}:{}/{name}",
                connection.user, connection.port
            ),
            config,
            name: name.to_owned(),
        }
    }

    /// A connection of the test's own, to look behind the scenes.
    pub async fn sql(&self) -> Client {
        let config: tokio_postgres::Config = self.url.parse().unwrap();
        let (client, connection) = config.connect(NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    /// A pool, as the program has one.
    pub fn store(&self) -> Store {
        Store::new(self.config.clone(), 16).unwrap()
    }

    /// Shuts the database: nobody can connect, and all connections are cut.
    pub async fn shut(&self) {
        let admin = Self::named("postgres").sql().await;
        let name = &self.name;
        admin
            .batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
            .await
            .unwrap();
        admin
            .execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1",
                &[name],
            )
            .await
            .unwrap();
    }

    /// Opens it again.
    pub async fn open(&self) {
        let admin = Self::named("postgres").sql().await;
        let sql = format!("ALTER DATABASE {} ALLOW_CONNECTIONS true", self.name);
        admin.batch_execute(&sql).await.unwrap();
    }
}

/// Something that no other test has.
pub(crate) fn random() -> String {
    let mut bytes = [0u8; 8];
    getrandom::fill(&mut bytes).unwrap();
    hex::encode(bytes)
}
