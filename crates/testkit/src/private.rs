//! A PostgreSQL server of one test's own, to be restarted, stopped and started again while tenants
//! live on it.

use crate::TestDatabase;
use crate::cluster::{self, options, test_folder};
use sindico_embedded::{Options, Server};
use sindico_provisioning::AdminSettings;
use std::path::PathBuf;
use std::process::Command;
use tokio_postgres::Client;

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
            extra_conf,
            ..options(folder.path().join("data"))
        };
        let mut private = Self {
            server: None,
            options,
            folder,
        };
        private.start_again().await;
        cluster::make_admin(private.connection()).await;
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
        cluster::admin_on(self.connection())
    }

    /// A database of it, as its superuser.
    pub async fn superuser(&self, name: &str) -> Client {
        TestDatabase::on(self.connection(), name).sql().await
    }

    /// A migrated control database on it.
    pub async fn database(&self, name: &str) -> TestDatabase {
        TestDatabase::migrated(self.connection(), name).await
    }

    /// The log of the server.
    pub fn log(&self) -> PathBuf {
        self.folder.path().join("data/postgres.log")
    }

    fn connection(&self) -> &sindico_embedded::Connection {
        self.server.as_ref().unwrap().connection()
    }
}
