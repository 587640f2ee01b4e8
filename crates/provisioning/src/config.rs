//! Settings of the engine.

use secrecy::{ExposeSecret, SecretString};
use sindico_store::{DatabaseConfig, TlsSettings};
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
    /// How connections to it are protected; not used with a socket.
    pub tls: TlsSettings,
    /// The password of every new role, for throw-away environments; a random one each when `None`.
    pub tenant_password: Option<SecretString>,
}

impl AdminSettings {
    /// The server, without a role and a database.
    pub fn server(&self) -> DatabaseConfig {
        DatabaseConfig::server(&self.host, self.port).with_tls(&self.tls)
    }

    /// A server that a tenant's metadata name: protected like this one when it is this one.
    pub fn server_at(&self, host: &str, port: u16) -> DatabaseConfig {
        let same = self.host.eq_ignore_ascii_case(host) && self.port == port;
        let server = DatabaseConfig::server(host, port);
        if same {
            server.with_tls(&self.tls)
        } else {
            server
        }
    }

    /// The way in for the administrator.
    pub fn admin(&self) -> DatabaseConfig {
        let password = self.password.as_ref().map_or("", |p| p.expose_secret());
        self.server()
            .with_user(&self.user, password)
            .with_dbname(&self.database)
    }
}

impl Config {
    /// The servers of the providers and how they are protected, by host and port, for the tenants'
    /// connections. That of the provider in use comes first.
    pub fn servers(&self) -> Vec<((String, u16), TlsSettings)> {
        let mut servers = [&self.local, &self.cloudsql];
        if self.provisioner == "cloudsql_postgres" {
            servers.reverse();
        }
        let named = servers.iter().filter(|admin| !admin.host.is_empty());
        named
            .map(|admin| ((admin.host.clone(), admin.port), admin.tls.clone()))
            .collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use sindico_store::SslMode;

    fn at(host: &str, mode: SslMode) -> AdminSettings {
        AdminSettings {
            host: host.to_owned(),
            port: 5432,
            tls: TlsSettings::new(mode, None).unwrap(),
            ..AdminSettings::default()
        }
    }

    #[test]
    fn a_server_is_protected_by_its_address() {
        let admin = at("db.example.com", SslMode::Require);
        assert_eq!(admin.server().tls().mode(), SslMode::Require);
        assert_eq!(admin.admin().tls().mode(), SslMode::Require);
        let mode = |host, port| admin.server_at(host, port).tls().mode();
        assert_eq!(mode("DB.example.com", 5432), SslMode::Require);
        assert_eq!(mode("db.example.com", 5433), SslMode::Prefer);
        assert_eq!(mode("127.0.0.1", 5432), SslMode::Prefer);
    }

    #[test]
    fn the_provider_in_use_comes_first() {
        let mut config = Config {
            local: at("db", SslMode::Disable),
            cloudsql: at("db", SslMode::Require),
            ..Config::default()
        };
        let modes = |config: &Config| -> Vec<_> {
            let servers = config.servers().into_iter();
            servers.map(|(_, tls)| tls.mode()).collect()
        };
        assert_eq!(modes(&config), [SslMode::Disable, SslMode::Require]);
        config.provisioner = "cloudsql_postgres".to_owned();
        assert_eq!(modes(&config), [SslMode::Require, SslMode::Disable]);
        config.cloudsql.host.clear();
        assert_eq!(modes(&config), [SslMode::Disable]);
    }
}
