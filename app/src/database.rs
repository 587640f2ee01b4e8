//! The way to the control database: the configured one, or the private server.

use crate::settings::Settings;
use anyhow::Context;
use secrecy::{ExposeSecret, SecretString};
use sindico_embedded::{GuardianCommand, Options, Role, Server};
use sindico_provisioning::AdminSettings;
use sindico_secrets::{Keyring, Sources};
use sindico_store::control::places;
use sindico_store::tenant::vault::Vault;
use sindico_store::{DatabaseConfig, Store, migrate};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// The name of the control database on the private server.
const EMBEDDED_NAME: &str = "sindico";

/// A control database that can be reached, with the private server that it needs, if any.
pub struct Database {
    /// Where it is.
    pub config: DatabaseConfig,
    /// The private server; stops with this value when this program owns it.
    pub server: Option<Server>,
}

impl Database {
    /// Finds or starts the server. Blocks, so it comes before the runtime.
    pub fn open(settings: &Settings, role: Role) -> anyhow::Result<Self> {
        if let Some(config) = &settings.database {
            return Ok(Self {
                config: config.clone(),
                server: None,
            });
        }
        let server = Server::start(Options {
            data_dir: settings.data_dir.clone(),
            bin_dir: settings.postgres_bin.clone(),
            install: settings.install_postgres,
            durable: true,
            guardian: GuardianCommand::this_program(crate::GUARDIAN),
            role,
            extra_conf: Vec::new(),
        })?;
        let connection = server.connection();
        let config = DatabaseConfig::socket(
            &connection.socket_dir,
            connection.port,
            &connection.user,
            connection.password.expose(),
            EMBEDDED_NAME,
        );
        Ok(Self {
            config,
            server: Some(server),
        })
    }

    /// Brings the schema up to date and opens the pool. On the private server the database is made
    /// when it is missing.
    pub async fn migrated(&self, connections: usize) -> anyhow::Result<Store> {
        let reach = "the control database can't be used (DATABASE_URL)";
        if self.server.is_some() {
            migrate::ensure_database(&self.config).await?;
        }
        migrate::control(&self.config).await.context(reach)?;
        let store = Store::new(self.config.clone(), connections)?;
        if let Some(server) = &self.server {
            let host = server.connection().socket_dir.display().to_string();
            places::private_server_is_at(&store, &host).await?;
        }
        Ok(store)
    }

    /// The administrator of `local_postgres`: the private server's, when there is one and nobody set
    /// another (contract section 8).
    pub fn local_admin(&self, set: AdminSettings) -> AdminSettings {
        match &self.server {
            Some(server) if set.user.is_empty() && set.password.is_none() => {
                let connection = server.connection();
                AdminSettings {
                    user: connection.user.clone(),
                    password: Some(connection.password.expose().into()),
                    host: connection.socket_dir.display().to_string(),
                    port: connection.port,
                    ..set
                }
            }
            _ => set,
        }
    }

    /// Stops the private server, if it is ours.
    pub fn close(self) -> anyhow::Result<()> {
        match self.server {
            Some(server) => Ok(server.stop()?),
            None => Ok(()),
        }
    }
}

/// Runs an asynchronous command against the migrated control database.
pub fn with_store<T>(
    settings: &Settings,
    work: impl AsyncFnOnce(Store) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    with_database(settings, async |_, store| work(store).await)
}

/// The same, for a command that also needs to know the server.
pub fn with_database<T>(
    settings: &Settings,
    work: impl AsyncFnOnce(&Database, Store) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let database = Database::open(settings, Role::Visitor)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(async {
        let store = database.migrated(2).await?;
        work(&database, store).await
    });
    runtime.shutdown_background();
    database.close()?;
    outcome
}

/// The key of signing and encryption: as set, else from the data directory, where the embedded mode
/// makes it once.
pub fn secret_key(settings: &Settings, embedded: bool) -> anyhow::Result<SecretString> {
    if let Some(key) = &settings.secret_key {
        return Ok(key.clone());
    }
    anyhow::ensure!(
        embedded,
        "SECRET_KEY: it is required together with DATABASE_URL; make one with: openssl rand -hex 32"
    );
    let path = settings.data_dir.join("secret.key");
    remembered(&path, || {
        let mut bytes = [0u8; 32];
        getrandom::fill(&mut bytes).map_err(|e| anyhow::anyhow!("no randomness: {e}"))?;
        Ok(hex::encode(bytes))
    })
}

/// Everything that finds tenants' passwords.
pub fn vault(settings: &Settings, embedded: bool, store: &Store) -> anyhow::Result<Vault> {
    let key = secret_key(settings, embedded)?;
    let keyring = Keyring::new(&key, &settings.secret_key_fallbacks)
        .map_err(|why| anyhow::anyhow!("SECRET_KEY: {why}"))?;
    let sources = Sources::new(settings.environment.clone());
    Ok(Vault::new(store.clone(), keyring, sources))
}

/// A secret kept in a file that only its owner can read; made on first use. Two programs that make
/// it at once agree on one.
pub fn remembered(
    path: &Path,
    make: impl FnOnce() -> anyhow::Result<String>,
) -> anyhow::Result<SecretString> {
    let read = || std::fs::read_to_string(path).map(|text| SecretString::from(text.trim()));
    if let Ok(secret) = read()
        && !secret.expose_secret().is_empty()
    {
        return Ok(secret);
    }
    // Written beside, then linked: whoever finds the name finds the whole secret.
    let beside = path.with_extension(format!("{}.new", std::process::id()));
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&beside)
        .with_context(|| format!("can't write {}", beside.display()))?;
    file.write_all(make()?.as_bytes())?;
    file.sync_all()?;
    let linked = std::fs::hard_link(&beside, path);
    std::fs::remove_file(&beside)?;
    if let Err(error) = linked
        && error.kind() != std::io::ErrorKind::AlreadyExists
    {
        return Err(error).with_context(|| format!("can't write {}", path.display()));
    }
    Ok(read()?)
}
