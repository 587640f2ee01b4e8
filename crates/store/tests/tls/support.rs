//! The servers and their certificates.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use sindico_embedded::{GuardianCommand, Options, Role, Server};
use sindico_store::DatabaseConfig;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tokio_postgres::{Client, NoTls};

/// The password of every role of the tests.
pub const PASSWORD: &str = "hunter2-hunter2";
/// The host that the server's certificate names, beside its address.
pub const NAME: &str = "db.example.com";
/// Another one, which leads there, too.
pub const WRONG_NAME: &str = "other.example.com";

/// A server with TLS, and one without.
pub struct Servers {
    tls: Server,
    plain: Server,
    pub address: String,
    pub plain_address: String,
    root: PathBuf,
}

/// Who may come in how: a role each.
const ROLES: [(&str, &str); 3] = [
    ("hostssl", "only_tls"),
    ("hostnossl", "only_plain"),
    ("host", "anyhow"),
];

impl Servers {
    pub async fn get() -> &'static Self {
        static SERVERS: tokio::sync::OnceCell<Servers> = tokio::sync::OnceCell::const_new();
        SERVERS.get_or_init(Self::start).await
    }

    async fn start() -> Self {
        let root = folder();
        let pid = std::process::id();
        // The port is the same for every private server, so each has an address of its own.
        let [_, high, middle, low] = pid.to_be_bytes();
        let address = format!("127.{}.{middle}.{low}", 64 + high);
        let plain_address = format!("127.{}.{middle}.{low}", 192 + (high & 31));
        let tls = start(&root.join("tls"), &address);
        let plain = start(&root.join("plain"), &plain_address);
        let servers = Self {
            tls,
            plain,
            address,
            plain_address,
            root,
        };
        servers.make_certificates();
        for (server, address) in [
            (&servers.tls, &servers.address),
            (&servers.plain, &servers.plain_address),
        ] {
            admit(server, address).await;
        }
        servers.switch_on().await;
        servers
    }

    /// A file in PEM form: `ca`, `other-ca`, or `server`, whose certificate is no authority's.
    pub fn pem(&self, name: &str) -> PathBuf {
        self.root.join(format!("{name}.pem"))
    }

    /// The address of the server for `DATABASE_URL`, as it answers to this name.
    pub fn url(&self, host: &str, user: &str, options: &str) -> String {
        url(host, &self.address, user, options)
    }

    /// The same of the one without TLS.
    pub fn plain_url(&self, user: &str, options: &str) -> String {
        url(NAME, &self.plain_address, user, options)
    }

    /// The superuser's way, over the socket, to look from the side.
    pub async fn sql(&self) -> Client {
        self.sql_in("postgres").await
    }

    /// The same, in a database of this name.
    pub async fn sql_in(&self, dbname: &str) -> Client {
        sql(&self.tls, dbname).await
    }

    pub async fn plain_sql(&self) -> Client {
        sql(&self.plain, "postgres").await
    }

    /// The superuser over TCP, in a database of this name.
    pub fn superuser(&self, host: &str, dbname: &str) -> DatabaseConfig {
        let at = self.tls.connection();
        DatabaseConfig::server(host, at.port)
            .with_user(&at.user, at.password.expose())
            .with_dbname(dbname)
    }

    pub fn superuser_url(&self, dbname: &str, options: &str) -> String {
        let at = self.tls.connection();
        let (host, port) = (&self.address, at.port);
        let password = at.password.expose();
        format!(
            "postgres://{}:{password}@{host}:{port}/{dbname}?{options}",
            at.user
        )
    }

    fn make_certificates(&self) {
        let authority = |name: &str| {
            let mut params = CertificateParams::new(vec![]).unwrap();
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params
                .distinguished_name
                .push(rcgen::DnType::CommonName, name);
            CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
        };
        let (ca, other) = (authority("Our CA"), authority("Other CA"));
        let key = KeyPair::generate().unwrap();
        let names = vec![NAME.to_owned(), self.address.clone()];
        let server = CertificateParams::new(names).unwrap();
        let server = server.signed_by(&key, &ca).unwrap();
        std::fs::write(self.pem("ca"), ca.pem()).unwrap();
        std::fs::write(self.pem("other-ca"), other.pem()).unwrap();
        std::fs::write(self.pem("server"), server.pem()).unwrap();
        self.give(&server.pem(), &key.serialize_pem());
    }

    /// Gives the server a certificate, as PostgreSQL's account must have it.
    fn give(&self, certificate: &str, key: &str) {
        let data = self.root.join("tls/data/postgres");
        let owner = std::fs::metadata(&data).unwrap();
        for (name, text) in [("server.crt", certificate), ("server.key", key)] {
            let path = data.join(name);
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
            chown(&path, Some(owner.uid()), Some(owner.gid())).unwrap();
        }
    }

    async fn switch_on(&self) {
        let sql = self.sql().await;
        sql.batch_execute("ALTER SYSTEM SET ssl = on")
            .await
            .unwrap();
        sql.batch_execute("SELECT pg_reload_conf()").await.unwrap();
        let begin = Instant::now();
        loop {
            let row = self.sql().await.query_one("SHOW ssl", &[]).await.unwrap();
            if row.get::<_, &str>(0) == "on" {
                return;
            }
            assert!(begin.elapsed() < Duration::from_secs(20), "no TLS");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

fn url(host: &str, address: &str, user: &str, options: &str) -> String {
    format!(
        "host={host} hostaddr={address} user={user} password={PASSWORD} dbname=postgres {options}"
    )
}

async fn sql(server: &Server, dbname: &str) -> Client {
    let at = server.connection();
    let (client, connection) = tokio_postgres::Config::new()
        .host_path(&at.socket_dir)
        .port(at.port)
        .user(&at.user)
        .password(at.password.expose())
        .dbname(dbname)
        .connect(NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    client
}

/// The roles, and the rules of who may come in.
async fn admit(server: &Server, address: &str) {
    let sql = sql(server, "postgres").await;
    let mut rules = String::new();
    for (kind, role) in ROLES {
        let make = format!("CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'");
        sql.batch_execute(&make).await.unwrap();
        rules += &format!("{kind} all {role} 127.0.0.0/8 scram-sha-256\n");
    }
    // The superuser comes by TLS only.
    let superuser = &server.connection().user;
    rules += &format!("hostssl all {superuser} 127.0.0.0/8 scram-sha-256\n");
    let row = sql.query_one("SHOW hba_file", &[]).await.unwrap();
    let path: PathBuf = row.get::<_, &str>(0).into();
    let old = std::fs::read_to_string(&path).unwrap();
    let lines = old.lines().filter(|line| line.starts_with("local"));
    let local: Vec<_> = lines.collect();
    std::fs::write(&path, format!("{}\n{rules}", local.join("\n"))).unwrap();
    sql.batch_execute("SELECT pg_reload_conf()").await.unwrap();
    // The postmaster reads its rules when it comes to it.
    let begin = Instant::now();
    while let Err(error) = rules_of(address).await {
        assert!(begin.elapsed() < Duration::from_secs(20), "{error}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn rules_of(address: &str) -> Result<(), tokio_postgres::Error> {
    let text = url(NAME, address, "only_plain", "sslmode=disable");
    let config: tokio_postgres::Config = text.parse()?;
    config.connect(NoTls).await.map(drop)
}

/// A folder named after this process. Those of processes that are gone are removed: a static has no
/// end at which to remove its own.
fn folder() -> PathBuf {
    let root = Path::new("/tmp");
    let prefix = "sindico-store-tls-";
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
    dir
}

fn start(dir: &Path, address: &str) -> Server {
    std::fs::create_dir_all(dir).unwrap();
    std::fs::set_permissions(dir, PermissionsExt::from_mode(0o755)).unwrap();
    let entry = [
        "guardian",
        "--exact",
        "--ignored",
        "--nocapture",
        "--test-threads=1",
        "--",
    ];
    let guardian = GuardianCommand {
        args: entry.iter().map(Into::into).collect(),
        ..GuardianCommand::this_program("")
    };
    Server::start(Options {
        data_dir: dir.join("data"),
        bin_dir: None,
        install: false,
        durable: false,
        guardian,
        role: Role::Owner,
        extra_conf: vec![("listen_addresses".into(), address.into())],
    })
    .unwrap()
}

/// A name that nothing else has.
pub fn unique(what: &str) -> String {
    static COUNT: OnceLock<std::sync::atomic::AtomicU32> = OnceLock::new();
    let count = COUNT.get_or_init(Default::default);
    let count = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    format!("{what}_{count}")
}
