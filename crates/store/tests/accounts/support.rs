//! The server, and a migrated database of its own for each test.

use secrecy::{ExposeSecret, SecretString};
use sindico_domain::access::{Actor, User};
use sindico_domain::account::NewUser;
use sindico_domain::{FieldErrors, Refusal};
use sindico_embedded::{GuardianCommand, Options, Role, Server};
use sindico_store::control::{resets, sessions, tokens, users};
use sindico_store::{DatabaseConfig, Error, Result, Store, migrate};
use std::net::IpAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use tokio_postgres::NoTls;

/// The password of every account that [`Db::user`] makes.
pub const PASSWORD: &str = "correct horse battery";

static SERVER: OnceLock<Server> = OnceLock::new();

/// A database, ready to use.
pub struct Db {
    pub store: Store,
    client: tokio_postgres::Client,
}

impl Db {
    /// A migrated database of this name.
    pub async fn new(name: &str) -> Self {
        let server = SERVER.get_or_init(start);
        let at = server.connection();
        let (dir, port, user) = (&at.socket_dir, at.port, at.user.as_str());
        let config = DatabaseConfig::socket(dir, port, user, at.password.expose(), name);
        migrate::ensure_database(&config).await.unwrap();
        migrate::control(&config).await.unwrap();
        let (client, connection) = tokio_postgres::Config::new()
            .host_path(dir)
            .port(port)
            .user(user)
            .password(at.password.expose())
            .dbname(name)
            .connect(NoTls)
            .await
            .unwrap();
        tokio::spawn(connection);
        let store = Store::new(config, 8).unwrap();
        Self { store, client }
    }

    /// Statements of the test's own.
    pub async fn run(&self, sql: &str) {
        self.client.batch_execute(sql).await.unwrap();
    }

    /// The connection of the test's own.
    pub fn sql(&self) -> &tokio_postgres::Client {
        &self.client
    }

    /// One number.
    pub async fn count(&self, sql: &str) -> i64 {
        self.client.query_one(sql, &[]).await.unwrap().get(0)
    }

    /// The actions in the audit, oldest first.
    pub async fn audited(&self) -> Vec<String> {
        let sql = "SELECT action FROM audit_event ORDER BY id";
        let rows = self.client.query(sql, &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// In how many rows of all tables this text stands, as text or as bytes.
    pub async fn occurrences(&self, text: &str) -> i64 {
        let tables = "SELECT format('SELECT count(*) FROM %I t WHERE strpos(t::text, $1) > 0
                OR strpos(t::text, encode(convert_to($1, ''UTF8''), ''hex'')) > 0', tablename)
            FROM pg_tables WHERE schemaname = 'public'";
        let mut total = 0;
        let rows = self.client.query(tables, &[]).await.unwrap();
        assert!(rows.len() > 10, "not all tables");
        for row in rows {
            let sql: String = row.get(0);
            let found = self.client.query_one(&sql, &[&text]).await.unwrap();
            total += found.get::<_, i64>(0);
        }
        total
    }

    /// A company with a contract for this many seats; returns its id.
    pub async fn company(&self, code: &str, name: &str, seats: i32) -> i64 {
        self.count(&format!(
            "WITH c AS (INSERT INTO company (name, tenant_code, subdomain, search_text)
                VALUES ('{name}', '{code}', '{code}', '{code}') RETURNING id),
            k AS (INSERT INTO tenant_contract (company_id, plan, status, seats, monthly_fee,
                    start_date, auto_renew, notes)
                SELECT id, 'PRO', 'ACTIVE', {seats}, 0, '2026-01-01', true, '' FROM c),
            p AS (INSERT INTO tenant_provisioning (company_id, isolation_model, status,
                    database_alias, database_name, database_host, database_port, database_user,
                    database_password_secret, portal_url, last_error)
                SELECT id, 'SHARED_SCHEMA', 'READY', '{code}', 'crm_{code}', '127.0.0.1', 5432,
                    '{code}_user', '', '', '' FROM c)
            SELECT id FROM c"
        ))
        .await
    }

    /// An account with [`PASSWORD`] and an address at example.com.
    pub async fn user(&self, name: &str) -> User {
        let email = format!("{name}@example.com");
        let new = NewUser::parse(name, &email, PASSWORD, false, false).unwrap();
        users::create(&self.store, &shell(), &new, &secret(PASSWORD))
            .await
            .unwrap()
    }

    pub async fn token(&self, user: &User) -> SecretString {
        tokens::create(&self.store, &shell(), user.id)
            .await
            .unwrap()
    }

    pub async fn authenticate(&self, token: &SecretString) -> Option<User> {
        tokens::authenticate(&self.store, token.expose_secret(), None)
            .await
            .unwrap()
            .map(|bearer| bearer.user)
    }

    pub async fn session(&self, user: &User) -> (SecretString, sessions::Session) {
        sessions::create(&self.store, &browser(user), user.id, "Firefox", None)
            .await
            .unwrap()
    }

    pub async fn is_open(&self, cookie: &SecretString) -> bool {
        sessions::authenticate(&self.store, cookie.expose_secret(), None)
            .await
            .unwrap()
            .is_some()
    }

    /// The secret of a link for a reset.
    pub async fn reset(&self, user: &User) -> SecretString {
        resets::request(&self.store, &anonymous(), &user.username)
            .await
            .unwrap()
            .unwrap()
            .1
    }
}

pub fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

pub fn shell() -> Actor {
    Actor {
        name: "shell:root".to_owned(),
        ..Actor::system("request-0")
    }
}

pub fn browser(user: &User) -> Actor {
    Actor {
        user_id: Some(user.id),
        name: user.username.clone(),
        address: Some(address("192.0.2.7")),
        request_id: "request-1".to_owned(),
        support: None,
    }
}

pub fn anonymous() -> Actor {
    Actor {
        name: "anonymous".to_owned(),
        address: Some(address("192.0.2.7")),
        ..Actor::system("request-2")
    }
}

pub fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

/// The refusal, as a line.
pub fn refusal<T: std::fmt::Debug>(result: Result<T>) -> Refusal {
    match result {
        Err(Error::Refused(refusal)) => refusal,
        other => panic!("expected a refusal, got {other:?}"),
    }
}

/// Asserts that this field is refused.
pub fn assert_refused<T: std::fmt::Debug>(result: Result<T>, field: &str) {
    match refusal(result) {
        Refusal::Fields(errors) => assert!(FieldErrors::has(&errors, field), "{errors:?}"),
        other => panic!("expected an error of {field}, got {other:?}"),
    }
}

/// Starts the server in a directory named after this process, and removes those of processes that
/// are gone: a static has no end at which to remove its own.
fn start() -> Server {
    let root = Path::new("/tmp");
    let prefix = "sindico-store-accounts-";
    for entry in std::fs::read_dir(root).unwrap().flatten() {
        let name = entry.file_name();
        let pid = name.to_str().and_then(|name| name.strip_prefix(prefix));
        if pid.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    let dir: PathBuf = root.join(format!("{prefix}{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    // Root's server runs as another account.
    std::fs::set_permissions(&dir, PermissionsExt::from_mode(0o755)).unwrap();
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
        extra_conf: vec![("max_connections".into(), "300".into())],
    })
    .unwrap()
}
