//! Settings of the engine.

use secrecy::{ExposeSecret, SecretString};
use sindico_store::DatabaseConfig;
use std::time::Duration;

/// What the engine needs to know. Deliberately without `Debug`: it carries secrets.
#[derive(Clone)]
pub struct Config {
    /// `CONTROL_PLANE_PROVISIONER`, as it was set; an unknown one fails each execution.
    pub provisioner: String,
    /// `CONTROL_PLANE_PORTAL_URL_TEMPLATE`.
    pub portal_url_template: String,
    /// `TENANT_BASE_DOMAIN`.
    pub base_domain: Option<String>,
    /// The administrator of `local_postgres`.
    pub local: AdminSettings,
    /// The administrator of `cloudsql_postgres`.
    pub cloudsql: AdminSettings,
    /// How many blank databases wait on the provider's server; 0: none.
    pub warm_pool: usize,
    /// How many operations this program works on at once.
    pub workers: usize,
    /// How long a worker that is not heard of keeps an operation.
    pub lease: Duration,
    /// How often a step that fails for now is tried, and how often an operation's worker may vanish.
    pub attempts: i32,
    /// The first pause before a new attempt; it doubles each time, up to a minute.
    pub backoff: Duration,
    /// How long an operation may take in all.
    pub deadline: Duration,
}

/// The server that a provider makes places on, and its administrator there.
#[derive(Clone, Default)]
pub struct AdminSettings {
    /// The administrator's name.
    pub user: String,
    /// Its password.
    pub password: Option<SecretString>,
    /// The database to sign in to.
    pub database: String,
    /// The server: a name, an address, or the directory of a Unix socket.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The password of every new role, for throw-away environments; a random one each when `None`.
    pub tenant_password: Option<SecretString>,
}

impl AdminSettings {
    /// The server, without a role and a database.
    pub fn server(&self) -> DatabaseConfig {
        DatabaseConfig::server(&self.host, self.port)
    }

    /// The way in for the administrator.
    pub fn admin(&self) -> DatabaseConfig {
        let password = self.password.as_ref().map_or("", |p| p.expose_secret());
        self.server()
            .with_user(&self.user, password)
            .with_dbname(&self.database)
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            provisioner: "noop".to_owned(),
            portal_url_template: String::new(),
            base_domain: None,
            local: AdminSettings::default(),
            cloudsql: AdminSettings::default(),
            warm_pool: 0,
            workers: 4,
            lease: Duration::from_secs(15),
            attempts: 8,
            backoff: Duration::from_millis(500),
            deadline: Duration::from_secs(600),
        }
    }
}
