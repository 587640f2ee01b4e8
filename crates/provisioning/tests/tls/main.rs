//! Places on a server that lets nobody in without TLS, as an administrator of Cloud SQL makes them.
#![allow(clippy::unwrap_used, reason = "a test may end at once")]

#[path = "../support/mod.rs"]
mod support;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use sindico_domain::operation::OperationStatus;
use sindico_provisioning::{AdminSettings, Config};
use sindico_store::{SslMode, TlsSettings};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use support::{Db, ended, execute, quick, tcp_address};

const PASSWORD: &str = "admin-hunter2";

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Gives the server a certificate for its address, and lets everybody in by TLS only. Returns the
/// files of the authority that signed it, and of another one.
async fn protect(db: &Db) -> (PathBuf, PathBuf) {
    let (ca, other, key) = (authority(), authority(), KeyPair::generate().unwrap());
    let server = CertificateParams::new(vec![tcp_address()]).unwrap();
    let server = server.signed_by(&key, &ca).unwrap();
    let row = db.row("SHOW data_directory").await;
    let data = Path::new(row.get::<_, &str>(0));
    let owner = std::fs::metadata(data).unwrap();
    let (certificate, key) = (server.pem(), key.serialize_pem());
    for (name, text) in [("server.crt", certificate), ("server.key", key)] {
        let path = data.join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        chown(&path, Some(owner.uid()), Some(owner.gid())).unwrap();
    }
    let rules = data.join("pg_hba.conf");
    let local = std::fs::read_to_string(&rules).unwrap();
    let lines = local.lines().filter(|line| line.starts_with("local"));
    let mut lines = Vec::from_iter(lines);
    lines.push("hostssl all all 127.0.0.0/8 scram-sha-256\n");
    std::fs::write(&rules, lines.join("\n")).unwrap();
    db.run(&format!(
        "CREATE ROLE cloud_admin LOGIN CREATEROLE CREATEDB PASSWORD '{PASSWORD}'"
    ))
    .await;
    db.run("ALTER SYSTEM SET ssl = on").await;
    db.run("SELECT pg_reload_conf()").await;
    db.until("SELECT setting = 'on' FROM pg_settings WHERE name = 'ssl'")
        .await;
    let folder = data.parent().unwrap().parent().unwrap();
    let files = (folder.join("ca.pem"), folder.join("other.pem"));
    std::fs::write(&files.0, ca.pem()).unwrap();
    std::fs::write(&files.1, other.pem()).unwrap();
    files
}

fn cloud(root: PathBuf) -> Config {
    Config {
        provisioner: "cloudsql_postgres".to_owned(),
        cloudsql: AdminSettings {
            user: "cloud_admin".to_owned(),
            password: Some(PASSWORD.into()),
            database: "postgres".to_owned(),
            host: tcp_address(),
            port: 5432,
            tls: TlsSettings::new(SslMode::VerifyFull, Some(root)).unwrap(),
            tenant_password: None,
        },
        ..quick()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_is_made_by_tls_alone() {
    let db = Db::new("tls").await;
    let (ca, other) = protect(&db).await;

    // A server that is not to be trusted is no place to try again at, nor to send a password to.
    let tenant = db.tenant("stranger").await;
    let engine = db.engine(cloud(other));
    let requested = execute(&engine, &tenant).await;
    let operation = ended(&engine, requested.operation_id).await;
    assert_eq!(operation.status, OperationStatus::Failed, "{operation:#?}");
    assert!(
        operation.error.contains("not to be trusted"),
        "{operation:#?}"
    );
    let told = format!("{operation:?}");
    assert!(
        operation.hint.contains("ADMIN_SSLROOTCERT") && !told.contains(PASSWORD),
        "{told}"
    );
    engine.stop(support::SOON).await;

    // With its authority known, the administrator makes the place, and the tenant signs in.
    let tenant = db.tenant("acme").await;
    let engine = db.engine(cloud(ca));
    let requested = execute(&engine, &tenant).await;
    let operation = ended(&engine, requested.operation_id).await;
    assert_eq!(
        operation.status,
        OperationStatus::Succeeded,
        "{operation:#?}"
    );
    let place = db.read(&tenant).await.provisioning;
    assert_eq!(place.database_host, tcp_address());
    let made = format!(
        "SELECT count(*) FROM pg_database WHERE datname = '{}'",
        place.database_name
    );
    assert_eq!(db.count(&made).await, 1);
    engine.stop(support::SOON).await;
}
