//! The settings of the program, read once at the start.

mod bind;
mod env;
pub mod list;

pub use bind::Bind;
pub use env::{Env, SettingError};

use ipnet::IpNet;
use jiff::tz::TimeZone;
use secrecy::SecretString;
use sindico_domain::access::overrides::Overrides;
use sindico_domain::attachment::Limits;
use sindico_domain::host::{Host, Zones};
use sindico_domain::tenant::Rules;
use sindico_store::{DatabaseConfig, SslMode, TlsError, TlsSettings};
use sindico_web::dns::DnsServer;
use sindico_web::gate::tenant::TenantRules;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Everything that can be set, checked.
pub struct Settings {
    pub bind: Bind,
    pub metrics_bind: Option<SocketAddr>,
    pub data_dir: PathBuf,
    pub secret_key: Option<SecretString>,
    pub secret_key_fallbacks: Vec<SecretString>,
    pub environment: sindico_secrets::Lookup,
    pub public_url: String,
    pub trusted_proxies: Vec<IpNet>,
    pub dns_servers: Vec<DnsServer>,
    pub webhook_networks: Vec<IpNet>,
    pub body_limit: usize,
    /// How much room files at records may take.
    pub files: Limits,
    pub time_zone: TimeZone,
    pub stop_grace: Duration,
    pub log: String,
    pub log_json: bool,
    pub database: Option<DatabaseConfig>,
    pub database_connections: usize,
    pub server_connections: usize,
    pub tenants: TenantRules,
    pub postgres_bin: Option<PathBuf>,
    pub install_postgres: bool,
    pub shared_database: String,
    pub zones: Zones,
    pub provisioner: String,
    pub portal_url_template: String,
    pub warm_pool: usize,
    pub migrate_tenants: bool,
    pub workers: usize,
    pub lease: Duration,
    pub local: AdminSettings,
    pub cloudsql: AdminSettings,
    pub role_matrices: Overrides,
    pub mail: MailSettings,
    /// All of them, as the console shows them.
    pub told: Vec<sindico_web::ToldSetting>,
}

/// The administrator of a provider's server.
pub struct AdminSettings {
    pub database: String,
    pub user: String,
    pub password: Option<SecretString>,
    pub host: String,
    pub port: u16,
    pub tls: TlsSettings,
    pub tenant_password: Option<SecretString>,
}

/// How mails leave.
pub struct MailSettings {
    pub host: String,
    pub port: u16,
    pub tls: String,
    pub user: String,
    pub password: Option<SecretString>,
    pub from: String,
}

impl Settings {
    /// Reads and checks all settings; the first wrong one is the error.
    pub fn read(env: &Env) -> Result<Self, SettingError> {
        let bind: Bind = env.parse("SINDICO_BIND", bind::EXPECTED)?;
        let zones = zones(env)?;
        Ok(Self {
            public_url: public_url(env, &bind, &zones)?,
            bind,
            metrics_bind: if env.is_set("SINDICO_METRICS_BIND") {
                Some(env.parse(
                    "SINDICO_METRICS_BIND",
                    "an address and port such as 127.0.0.1:9000",
                )?)
            } else {
                None
            },
            data_dir: data_dir(env)?,
            secret_key: secret_key(env)?,
            secret_key_fallbacks: secret_key_fallbacks(env)?,
            environment: env.lookup(),
            trusted_proxies: env.list(
                "SINDICO_TRUSTED_PROXIES",
                "a list of networks such as 10.0.0.0/8",
            )?,
            dns_servers: env.list(
                "SINDICO_DNS_SERVERS",
                "a list of addresses such as 9.9.9.9,127.0.0.1:5353",
            )?,
            webhook_networks: env.list(
                "SINDICO_WEBHOOK_NETWORKS",
                "a list of networks such as 10.1.0.0/16",
            )?,
            body_limit: range(env, "SINDICO_BODY_LIMIT", 1_024, 1 << 30)?,
            files: files(env)?,
            time_zone: TimeZone::get(&env.text("SINDICO_TIME_ZONE")).map_err(|_| {
                env.wrong("SINDICO_TIME_ZONE", "a time zone such as America/Sao_Paulo")
            })?,
            stop_grace: Duration::from_secs(range(env, "SINDICO_STOP_GRACE", 0, 3_600)? as u64),
            log: env.text("SINDICO_LOG"),
            log_json: match env.text("SINDICO_LOG_FORMAT").as_str() {
                "text" | "" => false,
                "json" => true,
                _ => return Err(env.wrong("SINDICO_LOG_FORMAT", "text or json")),
            },
            database: database(env)?,
            database_connections: range(env, "SINDICO_DATABASE_CONNECTIONS", 2, 1_000)?,
            server_connections: range(env, "SINDICO_SERVER_CONNECTIONS", 2, 10_000)?,
            tenants: tenants(env)?,
            postgres_bin: Some(env.text("SINDICO_POSTGRES_BIN"))
                .filter(|t| !t.is_empty())
                .map(PathBuf::from),
            install_postgres: env.parse("SINDICO_INSTALL_POSTGRES", "true or false")?,
            shared_database: env
                .parse::<sindico_domain::names::Identifier>(
                    "TENANT_SHARED_DATABASE",
                    "a database name in lower case",
                )?
                .to_string(),
            zones,
            provisioner: env.text("CONTROL_PLANE_PROVISIONER"),
            portal_url_template: env.text("CONTROL_PLANE_PORTAL_URL_TEMPLATE"),
            warm_pool: range(env, "SINDICO_WARM_POOL", 0, 1_000)?,
            migrate_tenants: env.parse("SINDICO_MIGRATE_TENANTS", "true or false")?,
            workers: range(env, "SINDICO_WORKERS", 0, 64)?,
            lease: Duration::from_secs(range(env, "SINDICO_LEASE", 1, 300)? as u64),
            local: AdminSettings {
                database: env.text("CONTROL_PLANE_LOCAL_DB_ADMIN_DATABASE"),
                user: env.text("CONTROL_PLANE_LOCAL_DB_ADMIN_USER"),
                password: secret(env, "CONTROL_PLANE_LOCAL_DB_ADMIN_PASSWORD"),
                host: env.text("CONTROL_PLANE_LOCAL_DB_ADMIN_HOST"),
                port: port(env, "CONTROL_PLANE_LOCAL_DB_ADMIN_PORT")?,
                tls: tls(env, "CONTROL_PLANE_LOCAL_DB_ADMIN")?,
                tenant_password: secret(env, "CONTROL_PLANE_LOCAL_DB_PASSWORD_DEFAULT"),
            },
            cloudsql: AdminSettings {
                database: env.text("CONTROL_PLANE_CLOUDSQL_ADMIN_DATABASE"),
                user: env.text("CONTROL_PLANE_CLOUDSQL_ADMIN_USER"),
                password: secret(env, "CONTROL_PLANE_CLOUDSQL_ADMIN_PASSWORD"),
                host: env.text("CONTROL_PLANE_CLOUDSQL_ADMIN_HOST"),
                port: port(env, "CONTROL_PLANE_CLOUDSQL_ADMIN_PORT")?,
                tls: tls(env, "CONTROL_PLANE_CLOUDSQL_ADMIN")?,
                tenant_password: secret(env, "CONTROL_PLANE_CLOUDSQL_TENANT_PASSWORD_DEFAULT"),
            },
            role_matrices: role_matrices(env)?,
            mail: MailSettings {
                host: env.text("SINDICO_SMTP_HOST"),
                port: port(env, "SINDICO_SMTP_PORT")?,
                tls: one_of(env, "SINDICO_SMTP_TLS", &["starttls", "tls", "none"])?,
                user: env.text("SINDICO_SMTP_USER"),
                password: secret(env, "SINDICO_SMTP_PASSWORD"),
                from: env.text("SINDICO_MAIL_FROM"),
            },
            told: env.told(),
        })
    }
}

impl Settings {
    /// What the rules need to know of this installation.
    pub fn rules(&self, control_database: &str) -> Rules {
        Rules {
            zones: self.zones.clone(),
            shared_database: self.shared_database.clone(),
            reserved_databases: vec![control_database.to_owned()],
        }
    }
}

fn files(env: &Env) -> Result<Limits, SettingError> {
    Ok(Limits {
        file: range(env, "SINDICO_FILE_LIMIT", 1_024, 1 << 30)? as u64,
        company: range(env, "SINDICO_TENANT_FILES_LIMIT", 0, 1 << 50)? as u64,
    })
}

fn zones(env: &Env) -> Result<Zones, SettingError> {
    let host = |name: &str| -> Result<Option<Host>, SettingError> {
        if env.is_set(name) {
            env.parse(name, "a host name").map(Some)
        } else {
            Ok(None)
        }
    };
    let label: sindico_domain::names::Subdomain =
        env.parse("CONTROL_PLANE_SUBDOMAIN", "a subdomain such as sistema")?;
    let base_domain = host("TENANT_BASE_DOMAIN")?;
    let control_plane_host = match (host("CONTROL_PLANE_HOST")?, &base_domain) {
        (Some(host), _) => Some(host),
        (None, Some(base)) => format!("{label}.{base}").parse().ok(),
        (None, None) => None,
    };
    let mut reserved: std::collections::BTreeSet<String> = env
        .list::<sindico_domain::names::Subdomain>(
            "TENANT_RESERVED_SUBDOMAINS",
            "a list of subdomains",
        )?
        .into_iter()
        .map(String::from)
        .collect();
    reserved.insert(label.to_string());
    let hosts = |name: &str| env.list::<Host>(name, "a list of host names");
    Ok(Zones {
        base_domain,
        control_plane_host,
        reserved,
        public: hosts("TENANT_PUBLIC_HOSTS")?.into_iter().collect(),
        allowed: hosts("CONTROL_PLANE_ALLOWED_HOSTS")?.into_iter().collect(),
    })
}

fn tenants(env: &Env) -> Result<TenantRules, SettingError> {
    let paths = |name: &str| {
        let paths = env.list::<String>(name, "a list of paths")?;
        match paths.iter().all(|path| path.starts_with('/')) {
            true => Ok(paths),
            false => Err(env.wrong(name, "a list of paths that begin with /")),
        }
    };
    Ok(TenantRules {
        header: env.parse("TENANT_ID_HEADER", "the name of a header")?,
        required: paths("TENANT_REQUIRED_PATH_PREFIXES")?,
        exempt: paths("TENANT_EXEMPT_PATH_PREFIXES")?,
    })
}

fn data_dir(env: &Env) -> Result<PathBuf, SettingError> {
    use etcetera::BaseStrategy;
    if env.is_set("SINDICO_DATA_DIR") {
        let path = PathBuf::from(env.text("SINDICO_DATA_DIR"));
        return std::path::absolute(path).map_err(|_| env.wrong("SINDICO_DATA_DIR", "a path"));
    }
    if nix::unistd::geteuid().is_root() {
        return Ok("/var/lib/sindico".into());
    }
    etcetera::choose_base_strategy()
        .map(|base| base.data_dir().join("sindico"))
        .map_err(|_| env.wrong("SINDICO_DATA_DIR", "set, and this user has no home folder"))
}

fn secret_key(env: &Env) -> Result<Option<SecretString>, SettingError> {
    match secret(env, "SECRET_KEY") {
        Some(_) if env.text("SECRET_KEY").len() < 32 => Err(env.wrong(
            "SECRET_KEY",
            "at least 32 characters, for example from: openssl rand -hex 32",
        )),
        other => Ok(other),
    }
}

fn secret_key_fallbacks(env: &Env) -> Result<Vec<SecretString>, SettingError> {
    let keys = env.list::<String>("SECRET_KEY_FALLBACKS", "a list of keys")?;
    if keys.iter().any(|key| key.len() < 32) {
        return Err(env.wrong(
            "SECRET_KEY_FALLBACKS",
            "a list of keys of at least 32 characters each",
        ));
    }
    Ok(keys.into_iter().map(SecretString::from).collect())
}

fn public_url(env: &Env, bind: &Bind, zones: &Zones) -> Result<String, SettingError> {
    let given = env.text("SINDICO_PUBLIC_URL");
    if !given.is_empty() {
        return sindico_domain::template::web_address(&given)
            .map(|url| url.trim_end_matches('/').to_owned())
            .map_err(|_| {
                env.wrong(
                    "SINDICO_PUBLIC_URL",
                    "an address such as https://sistema.mksbrasil.com",
                )
            });
    }
    Ok(match (&zones.control_plane_host, bind) {
        (Some(host), _) => format!("https://{host}"),
        (None, Bind::Address(address)) => format!("http://{address}"),
        (None, Bind::Socket(_)) => "http://localhost".to_owned(),
    })
}

fn database(env: &Env) -> Result<Option<DatabaseConfig>, SettingError> {
    if !env.is_set("DATABASE_URL") {
        return Ok(None);
    }
    DatabaseConfig::parse(&env.text("DATABASE_URL"))
        .map(Some)
        .map_err(|problem| SettingError {
            name: "DATABASE_URL".to_owned(),
            problem: format!(
                "expected an address such as postgres://user:password@host/name: {problem}"
            ),
        })
}

fn role_matrices(env: &Env) -> Result<Overrides, SettingError> {
    let name = "TENANT_ROLE_MATRICES";
    env.text(name).parse().map_err(|problem| SettingError {
        name: name.to_owned(),
        problem,
    })
}

/// How a provider's server is reached. The file of root certificates is read here, so that a wrong one
/// is told at the start.
fn tls(env: &Env, prefix: &str) -> Result<TlsSettings, SettingError> {
    let (mode_name, file_name) = (format!("{prefix}_SSLMODE"), format!("{prefix}_SSLROOTCERT"));
    let words = SslMode::ALL.map(SslMode::as_str).join(", ");
    let mode = env.parse::<SslMode>(&mode_name, &format!("one of {words}"))?;
    let file = Some(env.text(&file_name)).filter(|path| !path.is_empty());
    let host = env.text(&format!("{prefix}_HOST"));
    // There is no TLS over a socket, and none to a server that is not there.
    let used = !host.is_empty() && !host.starts_with('/');
    let mode = if used { mode } else { SslMode::default() };
    TlsSettings::new(mode, file.map(PathBuf::from)).map_err(|error| SettingError {
        name: file_name,
        problem: match error {
            TlsError::NoRootCert(mode) => format!(
                "{mode_name}={mode} needs it: the path of a PEM file with the certificates of the authority"
            ),
            TlsError::RootCert { path, problem } => format!("{} {problem}", path.display()),
            TlsError::Mode => error.to_string(),
        },
    })
}

fn secret(env: &Env, name: &str) -> Option<SecretString> {
    let value = env.text(name);
    (!value.is_empty()).then(|| value.into())
}

fn port(env: &Env, name: &str) -> Result<u16, SettingError> {
    match env.parse(name, "a port from 1 to 65535")? {
        0 => Err(env.wrong(name, "a port from 1 to 65535")),
        port => Ok(port),
    }
}

fn range(env: &Env, name: &str, min: usize, max: usize) -> Result<usize, SettingError> {
    let expected = format!("a number from {min} to {max}");
    let value = env.parse(name, &expected)?;
    if (min..=max).contains(&value) {
        Ok(value)
    } else {
        Err(env.wrong(name, &expected))
    }
}

fn one_of(env: &Env, name: &str, words: &[&str]) -> Result<String, SettingError> {
    let value = env.parse::<String>(name, "")?;
    if words.contains(&value.as_str()) {
        Ok(value)
    } else {
        Err(env.wrong(name, &format!("one of {}", words.join(", "))))
    }
}

#[cfg(test)]
mod tests;
