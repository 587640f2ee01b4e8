//! The pool of connections to the control database, and the way to any database.

mod options;

use crate::control::access::Memory;
use crate::tls::{self, SslMode, TlsSettings};
use crate::{Error, Result};
use deadpool_postgres::{
    Connect, Manager, ManagerConfig, Object, Pool, QueueMode, RecyclingMethod, Runtime,
};
use futures_util::future::BoxFuture;
use options::Options;
use sindico_db::describe;
use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_postgres::config::{Host, SslNegotiation};
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Connection, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

/// What drives a connection: spawned, or polled for its notifications. The same with TLS and without.
pub(crate) type Driver = Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>;

/// How long a host may take to let us in, when nobody says otherwise.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why there is no connection. No text has the password.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    /// The server took too long, wherever it was: at the handshake, or at the sign-in.
    #[error("no connection within {} s", .0.as_secs_f32())]
    Timeout(Duration),
    /// As the driver has it.
    #[error(transparent)]
    Driver(#[from] tokio_postgres::Error),
}

impl ConnectError {
    /// The driver's error, if it is one.
    pub(crate) fn driver(&self) -> Option<&tokio_postgres::Error> {
        match self {
            Self::Driver(error) => Some(error),
            Self::Timeout(_) => None,
        }
    }

    /// Whether the server is not protected as the settings demand.
    pub(crate) fn is_untrusted(&self) -> bool {
        self.driver().is_some_and(tls::is_untrusted)
    }
}

impl From<ConnectError> for Error {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::Driver(error) if error.as_db_error().is_some() => error.into(),
            // Nobody answered, or not as it must be: whoever asked for a connection is not at fault.
            other => Self::Unavailable(describe(&other)),
        }
    }
}

/// Where the control database is. Never shown whole: it carries a password.
#[derive(Clone)]
pub struct DatabaseConfig {
    config: Config,
    tls: TlsSettings,
}

impl DatabaseConfig {
    /// Reads `DATABASE_URL` (libpq's URL or key=value form). The error never repeats the input, but for
    /// the path of `sslrootcert`.
    pub fn parse(url: &str) -> Result<Self, String> {
        let options = Options::take(url);
        let config = Config::from_str(&options.rest).map_err(|error| {
            let text = describe(&error);
            // What stands where a name is expected may be the end of a password with a blank in it.
            if text.contains("unknown option") {
                "it has an option that is not known; in key=value form a value with a blank is quoted"
                    .to_owned()
            } else {
                text
            }
        })?;
        if options.unread {
            return Err("it is no list of key=value".to_owned());
        }
        if config.get_dbname().is_none() {
            return Err("it names no database".to_owned());
        }
        if config.get_hosts().is_empty() {
            return Err("it names no host".to_owned());
        }
        let tls = parse_tls(&config, &options)?;
        Ok(Self { config, tls })
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
        Self::of(config)
    }

    /// A server: a name, an address, or the directory of a Unix socket, over which there is no TLS.
    /// Neither a role nor a database is named yet.
    pub fn server(host: &str, port: u16) -> Self {
        let mut config = Config::new();
        config.host(host).port(port);
        Self::of(config)
    }

    fn of(config: Config) -> Self {
        Self {
            config,
            tls: TlsSettings::default(),
        }
    }

    /// The same, protected like this; `prefer` when nobody says so.
    pub fn with_tls(&self, tls: &TlsSettings) -> Self {
        Self {
            config: self.config.clone(),
            tls: tls.clone(),
        }
    }

    /// How connections are protected.
    pub fn tls(&self) -> &TlsSettings {
        &self.tls
    }

    /// The same server, as another role.
    pub fn with_user(&self, user: &str, password: &str) -> Self {
        self.with(|config| config.user(user).password(password))
    }

    /// The same, with `-c name=value` for the session.
    pub fn with_options(&self, options: &str) -> Self {
        self.with(|config| config.options(options))
    }

    /// The same, with another patience.
    pub fn with_connect_timeout(&self, timeout: Duration) -> Self {
        self.with(|config| config.connect_timeout(timeout))
    }

    /// The server's host and port; a path is a socket directory.
    pub fn address(&self) -> (String, u16) {
        let host = match self.config.get_hosts().first() {
            Some(Host::Tcp(name)) => name.clone(),
            Some(Host::Unix(path)) => path.display().to_string(),
            None => String::new(),
        };
        (
            host,
            self.config.get_ports().first().copied().unwrap_or(5432),
        )
    }

    /// The name of the database, which no tenant may have.
    pub fn dbname(&self) -> &str {
        self.config.get_dbname().unwrap_or_default()
    }

    /// The same server, another database.
    pub fn with_dbname(&self, dbname: &str) -> Self {
        self.with(|config| config.dbname(dbname))
    }

    fn with(&self, change: impl FnOnce(&mut Config) -> &mut Config) -> Self {
        let mut config = self.config.clone();
        change(&mut config);
        Self {
            config,
            tls: self.tls.clone(),
        }
    }

    /// How long each host may take, from the first packet to the end of the sign-in.
    fn patience(&self) -> Duration {
        let set = self.config.get_connect_timeout().copied();
        set.unwrap_or(PATIENCE)
    }

    /// The same for all hosts together, which are tried one after the other.
    fn patience_in_all(&self) -> Duration {
        let hosts = u32::try_from(self.config.get_hosts().len()).unwrap_or(1);
        self.patience() * hosts.max(1)
    }

    fn prepared(&self, application: &str) -> Config {
        let mut config = self.config.clone();
        config.application_name(application);
        // A name may have several addresses. One that is silent must leave time for the next.
        let hosts = config.get_hosts().iter();
        let mut names = hosts.filter(|host| match host {
            Host::Tcp(name) => name.parse::<IpAddr>().is_err(),
            Host::Unix(_) => false,
        });
        let connect = match names.next() {
            Some(_) => self.patience() / 2,
            None => self.patience(),
        };
        config.connect_timeout(connect);
        config.keepalives_idle(Duration::from_secs(30));
        config
    }

    /// One connection outside the pool, with its driver: for listening and for migrations.
    pub(crate) async fn connect(
        &self,
        application: &str,
    ) -> Result<(Client, Driver), ConnectError> {
        let patience = self.patience_in_all();
        let config = self.prepared(application);
        match tokio::time::timeout(patience, self.tls.connect(&config)).await {
            Ok(outcome) => Ok(outcome?),
            Err(_) => Err(ConnectError::Timeout(patience)),
        }
    }
}

/// `sslmode` and `sslrootcert`. They have no meaning for a socket.
fn parse_tls(config: &Config, options: &Options) -> Result<TlsSettings, String> {
    let mode = match &options.sslmode {
        Some(word) => word.parse::<SslMode>().map_err(|error| error.to_string())?,
        None => SslMode::default(),
    };
    let sockets = config
        .get_hosts()
        .iter()
        .filter(|host| tls::is_socket(host));
    let all = match sockets.count() {
        0 => false,
        count => count == config.get_hosts().len(),
    };
    let mixed = !all && config.get_hosts().iter().any(tls::is_socket);
    if mixed && mode >= SslMode::Require {
        return Err(format!(
            "sslmode={mode} can't be kept over a Unix socket: name only hosts, or only sockets"
        ));
    }
    if config.get_ssl_negotiation() == SslNegotiation::Direct && mode < SslMode::Require {
        return Err("sslnegotiation=direct needs sslmode=require or a stronger one".to_owned());
    }
    let mode = if all { SslMode::Disable } else { mode };
    let root_cert = options
        .sslrootcert
        .as_deref()
        .filter(|path| !path.is_empty());
    TlsSettings::new(mode, root_cert.map(Into::into)).map_err(|error| error.to_string())
}

/// How the pool connects; its own time-out ends what hangs.
struct Way(TlsSettings);

impl Connect for Way {
    fn connect(
        &self,
        config: &Config,
    ) -> BoxFuture<'_, Result<(Client, JoinHandle<()>), tokio_postgres::Error>> {
        let config = config.clone();
        Box::pin(async move {
            let (client, connection) = self.0.connect(&config).await?;
            let driver = tokio::spawn(async move {
                if let Err(error) = connection.await {
                    let error = describe(&error);
                    tracing::warn!(error, "lost a connection to the control database");
                }
            });
            Ok((client, driver))
        })
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
        let manager = Manager::from_connect(
            config.prepared("sindico"),
            Way(config.tls.clone()),
            ManagerConfig {
                recycling_method: RecyclingMethod::Fast,
            },
        );
        let pool = Pool::builder(manager)
            .max_size(connections)
            // The connection used last comes first: its server process is warm.
            .queue_mode(QueueMode::Lifo)
            .wait_timeout(Some(Duration::from_secs(10)))
            .create_timeout(Some(config.patience_in_all()))
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
