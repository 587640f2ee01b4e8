//! Settings of the engine.

use secrecy::SecretString;
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

/// The administrator of a provider's server.
#[derive(Clone, Default)]
pub struct AdminSettings {
    /// Its name.
    pub user: String,
    /// Its password.
    pub password: Option<SecretString>,
    /// The server.
    pub host: String,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            provisioner: "noop".to_owned(),
            portal_url_template: String::new(),
            base_domain: None,
            local: AdminSettings::default(),
            cloudsql: AdminSettings::default(),
            workers: 4,
            lease: Duration::from_secs(15),
            attempts: 8,
            backoff: Duration::from_millis(500),
            deadline: Duration::from_secs(600),
        }
    }
}
