//! A new physical connection to a place: signed in as its role, and checked to be the right house
//! before anybody uses it.

use crate::connect::{ConnectError, DatabaseConfig};
use crate::server::too_much;
use crate::tenant::route::Target;
use crate::{Error, Result, TlsSettings};
use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret, SecretString};
use sindico_db::ClientWrapper;
use sindico_domain::mark::Mark;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tokio_postgres::SimpleQueryMessage;
use tokio_postgres::error::SqlState;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(3);

/// How a session is set up. No query is compiled: the planner's estimates of tables that are being filled have it
/// compile for a tenth of a second what takes a thousandth (ADR 34; PostgreSQL manual, "When to JIT?").
const SESSION: &str = "-c jit=off";

/// Passwords by their reference.
pub trait Passwords: Send + Sync {
    /// The password that is kept there.
    fn password<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<SecretString>>;
}

/// How places are reached.
#[derive(Clone)]
pub struct Places {
    passwords: Arc<dyn Passwords>,
    tls: Arc<[((String, u16), TlsSettings)]>,
}

/// Why there is no connection.
pub(super) enum OpenError {
    /// Nobody answers: all tenants of the server suffer.
    Server(String),
    /// This place can't be used: its neighbours can.
    Place(String),
}

impl From<Error> for OpenError {
    fn from(error: Error) -> Self {
        Self::Place(match error {
            Error::Unavailable(why) | Error::Internal(why) => why,
            Error::Refused(refusal) => refusal.to_line(),
        })
    }
}

impl From<OpenError> for Error {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Server(why) | OpenError::Place(why) => Self::Unavailable(why),
        }
    }
}

/// An open connection.
pub(super) struct Opened {
    pub(super) client: ClientWrapper,
    /// Where it leads; found to be so when it was made.
    pub(super) target: Arc<Target>,
    used: Instant,
}

impl Opened {
    pub(super) fn used_now(mut self) -> Self {
        self.used = Instant::now();
        self
    }

    pub(super) fn idle_for(&self) -> Duration {
        self.used.elapsed()
    }
}

impl Places {
    /// With passwords from here.
    pub fn new(passwords: impl Passwords + 'static) -> Self {
        Self {
            passwords: Arc::new(passwords),
            tls: Arc::default(),
        }
    }

    /// With servers of known protection, by host and port. The first one that fits counts; any other
    /// server is reached by `prefer`.
    pub fn with_tls(mut self, servers: Vec<((String, u16), TlsSettings)>) -> Self {
        self.tls = servers.into();
        self
    }

    fn tls(&self, target: &Target) -> TlsSettings {
        let mut servers = self.tls.iter();
        let found = servers.find(|((host, port), _)| {
            host.eq_ignore_ascii_case(&target.host) && *port == target.port
        });
        found.map_or_else(TlsSettings::default, |(_, tls)| tls.clone())
    }

    /// Where and as whom.
    ///
    /// # Errors
    /// When the password can't be had.
    pub async fn config(&self, target: &Target) -> Result<DatabaseConfig> {
        let password = match target.secret.as_str() {
            // A place that somebody else made may let its role in by other means.
            "" => SecretString::default(),
            secret => self.passwords.password(secret).await?,
        };
        let mut options = SESSION.to_owned();
        if let Some(company_id) = target.company_id {
            options += &format!(" -c sindico.company_id={company_id}");
        }
        Ok(DatabaseConfig::server(&target.host, target.port)
            .with_tls(&self.tls(target))
            .with_dbname(&target.database)
            .with_user(&target.role, password.expose_secret())
            .with_connect_timeout(CONNECT)
            .with_options(&options))
    }

    /// Opens a connection. A server that has no room for it, or is just starting, is asked again.
    pub(super) async fn open(&self, target: &Arc<Target>) -> Result<Opened, OpenError> {
        let config = self.config(target).await?;
        let mut pause = Duration::from_millis(20);
        let client = loop {
            match connect(&config).await {
                Ok(client) => break client,
                Err(error) if passes(&error) => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_millis(400));
                }
                Err(error) => return Err(refused(target, error)),
            }
        };
        self.check(target, &client).await?;
        metrics::counter!("sindico_tenant_connections_opened_total").increment(1);
        Ok(Opened {
            client,
            target: Arc::clone(target),
            used: Instant::now(),
        })
    }

    /// Whether this is the right house, and whether its walls stand.
    async fn check(&self, target: &Target, client: &ClientWrapper) -> Result<(), OpenError> {
        // As a simple query it is one round trip, without a plan that nobody needs again.
        let sql = "SELECT tenant, generation FROM identity";
        let found = match client.simple_query(sql).await {
            Ok(messages) => messages.iter().find_map(|message| match message {
                SimpleQueryMessage::Row(row) => Mark::new(row.get(0)?, row.get(1)?.parse().ok()?),
                _ => None,
            }),
            // A place that somebody else made.
            Err(error) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => None,
            Err(error) => return Err(refused(target, error)),
        };
        let right = match (&target.identity, &found) {
            (Some(wanted), found) => found.as_ref() == Some(wanted),
            (None, found) => found.is_none(),
        };
        if !right {
            metrics::counter!("sindico_wrong_house_total").increment(1);
            tracing::error!(
                database = target.database,
                host = target.host,
                wanted = ?target.identity.as_ref().map(Mark::to_string),
                found = ?found.as_ref().map(Mark::to_string),
                "the place that a route leads to is another tenant's; nothing was read or written"
            );
            return Err(OpenError::Place(
                "the place that the route leads to says that it is another's".to_owned(),
            ));
        }
        if target.company_id.is_none() {
            // Many tenants behind one role: what it could do beyond the walls, it must not be used.
            let too_much = too_much(client)
                .await
                .map_err(|error| OpenError::Place(error.to_string()))?;
            if !too_much.is_empty() {
                let too_much = too_much.join("; ");
                tracing::error!(
                    database = target.database,
                    role = target.role,
                    too_much,
                    "a role could pass the walls; it is not used"
                );
                return Err(OpenError::Place(format!(
                    "the role {} could pass the walls: {too_much}",
                    target.role
                )));
            }
        }
        Ok(())
    }
}

async fn connect(config: &DatabaseConfig) -> Result<ClientWrapper, ConnectError> {
    let (client, connection) = config.connect("sindico").await?;
    let driver = tokio::spawn(async move {
        let _ = connection.await;
    });
    Ok(ClientWrapper::new(client, driver))
}

/// Whether the server will have room in a moment.
fn passes(error: &ConnectError) -> bool {
    let code = error.driver().and_then(tokio_postgres::Error::code);
    [SqlState::TOO_MANY_CONNECTIONS, SqlState::CANNOT_CONNECT_NOW]
        .iter()
        .any(|passing| code == Some(passing))
}

/// In words for the log: where, and why; never with what password.
fn refused(target: &Target, error: impl Into<ConnectError>) -> OpenError {
    let error = error.into();
    let why = format!(
        "{}:{}/{}: {}",
        target.host,
        target.port,
        target.database,
        sindico_db::describe(&error)
    );
    match error.driver().and_then(|error| error.as_db_error()) {
        Some(_) => OpenError::Place(why),
        None => OpenError::Server(why),
    }
}
