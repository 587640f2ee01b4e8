//! The pool of connections to the control database.

use crate::control::access::Memory;
use crate::{Error, Result};
use deadpool_postgres::{
    Manager, ManagerConfig, Object, Pool, QueueMode, RecyclingMethod, Runtime,
};
use sindico_db::describe;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio_postgres::{Config, NoTls};

/// What drives a connection: spawned, or polled for its notifications.
pub(crate) type Driver =
    tokio_postgres::Connection<tokio_postgres::Socket, tokio_postgres::tls::NoTlsStream>;

/// Where the control database is. Never shown whole: it carries a password.
#[derive(Clone)]
pub struct DatabaseConfig(Config);

impl DatabaseConfig {
    /// Reads `DATABASE_URL` (libpq's URL or key=value form). The error never repeats the input.
    pub fn parse(url: &str) -> Result<Self, String> {
        let config = Config::from_str(url).map_err(|e| describe(&e))?;
        if config.get_dbname().is_none() {
            return Err("it names no database".to_owned());
        }
        if config.get_hosts().is_empty() {
            return Err("it names no host".to_owned());
        }
        if !matches!(
            config.get_ssl_mode(),
            tokio_postgres::config::SslMode::Disable | tokio_postgres::config::SslMode::Prefer
        ) {
            return Err(
                "sslmode=require is not supported yet; use a socket, or a TLS tunnel".to_owned(),
            );
        }
        Ok(Self(config))
    }

    /// A database of the private server, over its socket.
    pub fn socket(
        directory: &std::path::Path,
        port: u16,
        user: &str,
        password: &str,
        dbname: &str,
    ) -> Self {
        let mut config = Config::new();
        config
            .host_path(directory)
            .port(port)
            .user(user)
            .password(password)
            .dbname(dbname);
        Self(config)
    }

    /// A server: a name, an address, or the directory of a Unix socket. Neither a role nor a
    /// database is named yet.
    pub fn server(host: &str, port: u16) -> Self {
        let mut config = Config::new();
        config.host(host).port(port);
        Self(config)
    }

    /// The same server, as another role.
    pub fn with_user(&self, user: &str, password: &str) -> Self {
        let mut config = self.0.clone();
        config.user(user).password(password);
        Self(config)
    }

    /// The same, with `-c name=value` for the session.
    pub fn with_options(&self, options: &str) -> Self {
        let mut config = self.0.clone();
        config.options(options);
        Self(config)
    }

    /// The same, with another patience.
    pub fn with_connect_timeout(&self, timeout: Duration) -> Self {
        let mut config = self.0.clone();
        config.connect_timeout(timeout);
        Self(config)
    }

    /// The server's host and port; a path is a socket directory.
    pub fn address(&self) -> (String, u16) {
        use tokio_postgres::config::Host;
        let host = match self.0.get_hosts().first() {
            Some(Host::Tcp(name)) => name.clone(),
            Some(Host::Unix(path)) => path.display().to_string(),
            None => String::new(),
        };
        (host, self.0.get_ports().first().copied().unwrap_or(5432))
    }

    /// The name of the database, which no tenant may have.
    pub fn dbname(&self) -> &str {
        self.0.get_dbname().unwrap_or_default()
    }

    /// The same server, another database.
    pub fn with_dbname(&self, dbname: &str) -> Self {
        let mut config = self.0.clone();
        config.dbname(dbname);
        Self(config)
    }

    fn prepared(&self, application: &str) -> Config {
        let mut config = self.0.clone();
        config.application_name(application);
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(5));
        }
        config.keepalives_idle(Duration::from_secs(30));
        config
    }

    /// One connection outside the pool, with its driver: for listening and for migrations.
    pub(crate) async fn dedicated(
        &self,
        application: &str,
    ) -> Result<(tokio_postgres::Client, Driver)> {
        Ok(self.connect(application).await?)
    }

    /// The same, with the driver's own error.
    pub(crate) async fn connect(
        &self,
        application: &str,
    ) -> Result<(tokio_postgres::Client, Driver), tokio_postgres::Error> {
        self.prepared(application).connect(NoTls).await
    }
}

/// The control database.
#[derive(Clone)]
pub struct Store {
    pool: Pool,
    config: DatabaseConfig,
    memory: Arc<Memory>,
}

impl Store {
    /// Makes the pool; connects only when first used.
    ///
    /// # Errors
    /// When the pool can't be built, which is a fault of ours.
    pub fn new(config: DatabaseConfig, connections: usize) -> Result<Self> {
        let manager = Manager::from_config(
            config.prepared("sindico"),
            NoTls,
            ManagerConfig {
                recycling_method: RecyclingMethod::Fast,
            },
        );
        let pool = Pool::builder(manager)
            .max_size(connections)
            // The connection used last comes first: its server process is warm.
            .queue_mode(QueueMode::Lifo)
            .wait_timeout(Some(Duration::from_secs(10)))
            .create_timeout(Some(Duration::from_secs(6)))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|e| Error::Internal(e.to_string()))?;
        Ok(Self {
            pool,
            config,
            memory: Arc::default(),
        })
    }

    /// Where it connects to.
    pub fn config(&self) -> &DatabaseConfig {
        &self.config
    }

    /// Who was seen lately.
    pub(crate) fn memory(&self) -> &Memory {
        &self.memory
    }

    pub(crate) async fn client(&self) -> Result<Object> {
        Ok(self.pool.get().await?)
    }

    /// Connections: in use and idle, open at all, and allowed.
    pub fn connections(&self) -> (usize, usize, usize) {
        let status = self.pool.status();
        (status.available, status.size, status.max_size)
    }
}
