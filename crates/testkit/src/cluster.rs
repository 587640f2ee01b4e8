//! One private cluster a test process, without durability, copied from a pattern; one database a test, from a
//! migrated template.

use sindico_embedded::{Connection, GuardianCommand, Options, Role, Server};
use sindico_provisioning::AdminSettings;
use sindico_store::{DatabaseConfig, Store, TlsSettings, migrate};
use std::path::PathBuf;
use std::sync::OnceLock;
use tokio_postgres::{Client, NoTls};

static GUARDIAN: OnceLock<PathBuf> = OnceLock::new();
static CLUSTER: OnceLock<Cluster> = OnceLock::new();

struct Cluster {
    server: Server,
    // Lives as long as the process. Then the guardian ends the server, and the next test to come
    // removes the folder.
    folder: tempfile::TempDir,
}

/// Tells which program can be the guardian: the built `sindico`. The first call counts.
pub fn use_guardian(program: &str) {
    let _ = GUARDIAN.set(program.into());
}

fn cluster() -> &'static Cluster {
    CLUSTER.get_or_init(|| {
        sweep();
        let folder = test_folder();
        let data_dir = folder.path().join("data");
        crate::pattern::copy_to(&data_dir);
        let server = Server::start(options(data_dir)).unwrap();
        Cluster { server, folder }
    })
}

/// A server without durability.
pub(crate) fn options(data_dir: PathBuf) -> Options {
    Options {
        data_dir,
        bin_dir: None,
        install: false,
        durable: false,
        guardian: guardian(),
        role: Role::Owner,
        extra_conf: vec![("max_connections".into(), "400".into())],
    }
}

/// Makes the administrator that [`admin_on`] tells of: without superuser rights, as Cloud SQL gives one.
pub(crate) async fn make_admin(connection: &Connection) {
    let postgres = TestDatabase::on(connection, "postgres").sql().await;
    let sql = format!("CREATE ROLE admin LOGIN CREATEROLE CREATEDB PASSWORD '{ADMIN_PASSWORD}'");
    postgres.batch_execute(&sql).await.unwrap();
}

pub(crate) fn admin_on(connection: &Connection) -> AdminSettings {
    AdminSettings {
        user: "admin".to_owned(),
        password: Some(ADMIN_PASSWORD.into()),
        database: "postgres".to_owned(),
        host: connection.socket_dir.display().to_string(),
        port: connection.port,
        tls: TlsSettings::default(),
        tenant_password: None,
    }
}

/// How the tests' servers are guarded.
pub(crate) fn guardian() -> GuardianCommand {
    GuardianCommand {
        program: GUARDIAN.get().expect("use_guardian comes first").clone(),
        args: vec!["__guardian".into()],
    }
}

/// A folder for a server of this process.
pub(crate) fn test_folder() -> tempfile::TempDir {
    tempfile::Builder::new()
        .prefix(&format!("{PREFIX}{}-", std::process::id()))
        // The account that runs the server must get through.
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o711))
        .tempdir_in(parent())
        .unwrap()
}

/// Where servers keep their data: in memory when there is room for some, since databases are made and
/// dropped all the time.
fn parent() -> PathBuf {
    const ROOM: u64 = 4 << 30;
    let memory = PathBuf::from("/dev/shm");
    let free = nix::sys::statvfs::statvfs(&memory)
        .map(|found| found.blocks_available() * found.fragment_size());
    match free {
        Ok(free) if free > ROOM => memory,
        _ => std::env::temp_dir(),
    }
}

const PREFIX: &str = "sindico-test-";

/// The control database that those of the tests are copies of.
pub(crate) const TEMPLATE: &str = "sindico_template";

const ADMIN_PASSWORD: &str = "uma-senha-de-administrador";

/// Removes what test processes that have ended left behind: a static is never dropped.
fn sweep() {
    let folders = [parent(), std::env::temp_dir()].map(std::fs::read_dir);
    for entry in folders.into_iter().flatten().flatten().flatten() {
        let name = entry.file_name();
        let pid = name
            .to_str()
            .and_then(|name| name.strip_prefix(PREFIX)?.split('-').next());
        if pid.is_some_and(|pid| !std::path::Path::new("/proc").join(pid).exists()) {
            // Another process may be at it, too.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// A data directory for programs that a test starts.
pub(crate) fn data_dir() -> PathBuf {
    cluster().folder.path().join("program")
}

/// A control database of a test's own.
#[derive(Clone)]
pub struct TestDatabase {
    /// Its address, as `DATABASE_URL` takes it.
    pub url: String,
    /// The same, as the store takes it.
    pub config: DatabaseConfig,
    pub(crate) name: String,
}

impl TestDatabase {
    /// A fresh, migrated database.
    pub async fn new() -> Self {
        let database = Self::named(&format!("t_{}", random()));
        let admin = Self::named("postgres").sql().await;
        let sql = format!(
            "CREATE DATABASE {} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY",
            database.name
        );
        admin.batch_execute(&sql).await.unwrap();
        // Each test is an installation of its own: what it makes on the server is not the others'.
        let sql = "UPDATE installation SET id = gen_random_uuid()";
        database.sql().await.batch_execute(sql).await.unwrap();
        database
    }

    /// A fresh database without any tables.
    pub async fn empty() -> Self {
        let database = Self::named(&format!("t_{}", random()));
        migrate::ensure_database(&database.config).await.unwrap();
        database
    }

    /// A migrated control database of this name.
    pub(crate) async fn migrated(connection: &Connection, name: &str) -> Self {
        let database = Self::on(connection, name);
        migrate::ensure_database(&database.config).await.unwrap();
        migrate::control(&database.config).await.unwrap();
        database
    }

    fn named(name: &str) -> Self {
        Self::on(cluster().server.connection(), name)
    }

    pub(crate) fn on(connection: &Connection, name: &str) -> Self {
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

    /// An administrator of the server without superuser rights, as Cloud SQL gives one.
    pub fn admin() -> AdminSettings {
        admin_on(cluster().server.connection())
    }

    /// The password of [`TestDatabase::admin`].
    pub fn admin_password() -> &'static str {
        ADMIN_PASSWORD
    }

    /// Something that no other test has, for a name on the server.
    pub fn unique() -> String {
        random()
    }

    /// Another database of the server, as its superuser: to look at what was made there.
    pub async fn superuser(name: &str) -> Client {
        Self::named(name).sql().await
    }

    /// Signs in to a database of the server as anybody, with these options of the session (`-c
    /// name=value`).
    ///
    /// # Errors
    /// The server's refusal.
    pub async fn sign_in(
        name: &str,
        user: &str,
        password: &str,
        options: &str,
    ) -> Result<Client, tokio_postgres::Error> {
        let connection = cluster().server.connection();
        let (client, driver) = tokio_postgres::Config::new()
            .host_path(&connection.socket_dir)
            .port(connection.port)
            .user(user)
            .password(password)
            .dbname(name)
            .options(options)
            .connect(NoTls)
            .await?;
        tokio::spawn(driver);
        Ok(client)
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
