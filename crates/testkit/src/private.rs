//! A PostgreSQL server of one test's own, to be restarted, stopped and started again while tenants
//! live on it.

use crate::TestDatabase;
use crate::cluster::{guardian, test_folder};
use sindico_embedded::{Options, Role, Server};
use sindico_provisioning::AdminSettings;
use sindico_store::{DatabaseConfig, migrate};
use std::path::PathBuf;
use std::process::Command;
use tokio_postgres::{Client, NoTls};

/// The server. Ends with this value.
pub struct PrivateServer {
    server: Option<Server>,
    options: Options,
    folder: tempfile::TempDir,
}

impl PrivateServer {
    /// Starts one, with more settings of PostgreSQL, and an administrator without superuser rights.
    pub async fn start(extra: &[(&str, &str)]) -> Self {
        let folder = test_folder();
        let mut extra_conf = vec![("max_connections".to_owned(), "200".to_owned())];
        extra_conf.extend(
            extra
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned())),
        );
        let options = Options {
            data_dir: folder.path().join("data"),
            bin_dir: None,
            install: false,
            durable: false,
            guardian: guardian(),
            role: Role::Owner,
            extra_conf,
        };
        let mut private = Self {
            server: None,
            options,
            folder,
        };
        private.start_again().await;
        let sql = "CREATE ROLE admin LOGIN CREATEROLE CREATEDB PASSWORD 'admin-senha'";
        let postgres = private.superuser("postgres").await;
        postgres.batch_execute(sql).await.unwrap();
        private
    }

    /// Starts it after [`PrivateServer::stop`].
    pub async fn start_again(&mut self) {
        let options = self.options.clone();
        let started = tokio::task::spawn_blocking(|| Server::start(options).unwrap());
        self.server = Some(started.await.unwrap());
    }

    /// Stops it, and its guardian.
    pub async fn stop(&mut self) {
        let server = self.server.take().unwrap();
        let stopped = tokio::task::spawn_blocking(|| server.stop().unwrap());
        stopped.await.unwrap();
    }

    /// Sends the server a signal by name: `INT` cuts its sessions and ends it, after which its
    /// guardian starts it again; `QUIT` makes it crash first.
    pub fn signal(&self, name: &str) {
        let file = self.folder.path().join("data/postgres/postmaster.pid");
        let text = std::fs::read_to_string(file).unwrap();
        let pid = text.lines().next().unwrap().trim().to_owned();
        let status = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(status.unwrap().success());
    }

    /// Its administrator, for `local_postgres`.
    pub fn admin(&self) -> AdminSettings {
        let connection = self.connection();
        AdminSettings {
            user: "admin".to_owned(),
            password: Some("admin-senha".into()),
            database: "postgres".to_owned(),
            host: connection.socket_dir.display().to_string(),
            port: connection.port,
            tls: Default::default(),
            tenant_password: None,
        }
    }

    /// A database of it, as its superuser.
    pub async fn superuser(&self, name: &str) -> Client {
        let connection = self.connection();
        let (client, driver) = tokio_postgres::Config::new()
            .host_path(&connection.socket_dir)
            .port(connection.port)
            .user(&connection.user)
            .password(connection.password.expose())
            .dbname(name)
            .connect(NoTls)
            .await
            .unwrap();
        tokio::spawn(driver);
        client
    }

    /// A migrated control database on it.
    pub async fn database(&self, name: &str) -> TestDatabase {
        let connection = self.connection();
        let (user, password) = (&connection.user, connection.password.expose());
        let (folder, port) = (&connection.socket_dir, connection.port);
        let host = folder.to_str().unwrap().replace('/', "%2F");
        let database = TestDatabase {
            url: format!("postgres://{user}:{password}@{host}:{port}/{name}"),
            config: DatabaseConfig::socket(folder, port, user, password, name),
            name: name.to_owned(),
        };
        migrate::ensure_database(&database.config).await.unwrap();
        migrate::control(&database.config).await.unwrap();
        database
    }

    /// The log of the server.
    pub fn log(&self) -> PathBuf {
        self.folder.path().join("data/postgres.log")
    }

    fn connection(&self) -> &sindico_embedded::Connection {
        self.server.as_ref().unwrap().connection()
    }
}
