//! What the engine needs to know of this installation.

use secrecy::SecretString;
use std::time::Duration;

/// The settings of the engine. `Debug` shows no password.
#[derive(Debug, Clone)]
pub struct Config {
    /// `CONTROL_PLANE_PROVISIONER`: the provider of new operations. An unknown one fails each
    /// execution, not the program.
    pub provider: String,
    /// `CONTROL_PLANE_PORTAL_URL_TEMPLATE`; empty when unset.
    pub portal_url_template: String,
    /// `TENANT_BASE_DOMAIN`.
    pub base_domain: Option<String>,
    /// The administrator of `local_postgres`.
    pub local: AdminSettings,
    /// The administrator of `cloudsql_postgres`.
    pub cloudsql: AdminSettings,
    /// How many operations are run at once.
    pub workers: usize,
    /// How long a worker may be silent before another takes over. Renewed at a third of it.
    pub lease: Duration,
    /// How long an operation may take in all.
    pub deadline: Duration,
    /// How many times one step is begun before its transient failure is final.
    pub max_attempts: i32,
    /// How often the queue is looked at when nobody tells of work.
    pub poll: Duration,
    /// The pause after a step's first transient failure; doubled after each further one.
    pub first_pause: Duration,
    /// The longest pause, and the one between looks at a full disk.
    pub longest_pause: Duration,
}

/// How to sign in to a server as its administrator.
#[derive(Debug, Clone, Default)]
pub struct AdminSettings {
    /// `..._ADMIN_HOST`.
    pub host: Option<String>,
    /// `..._ADMIN_USER`.
    pub user: Option<String>,
    /// `..._ADMIN_PASSWORD`.
    pub password: Option<SecretString>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            provider: "noop".to_owned(),
            portal_url_template: String::new(),
            base_domain: None,
            local: AdminSettings::default(),
            cloudsql: AdminSettings::default(),
            workers: 4,
            lease: Duration::from_secs(15),
            deadline: Duration::from_secs(600),
            max_attempts: 8,
            poll: Duration::from_secs(1),
            first_pause: Duration::from_millis(250),
            longest_pause: Duration::from_secs(30),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_stay_out_of_debug_output() {
        let mut config = Config::default();
        config.local.password = Some("opensesame".into());
        config.cloudsql.password = Some("opensesame".into());
        assert!(!format!("{config:?}").contains("sesame"));
    }
}
