//! The ways of the program: pool, listener and migrations all go by TLS, and so do tenants'.

use crate::support::{PASSWORD, Servers};
use futures_util::future::BoxFuture;
use secrecy::SecretString;
use sindico_store::listen::{TenantChange, Wakeups};
use sindico_store::server::Server;
use sindico_store::tenant::pool::{Passwords, Places};
use sindico_store::tenant::route::Target;
use sindico_store::{DatabaseConfig, Result, SslMode, Store, TlsSettings, control, migrate};
use std::time::Duration;

fn verify_full(servers: &Servers) -> TlsSettings {
    TlsSettings::new(SslMode::VerifyFull, Some(servers.pem("ca"))).unwrap()
}

/// The server lets the superuser in by TLS only, so whatever works here is TLS.
#[tokio::test]
async fn the_control_database_by_tls_alone() {
    let servers = Servers::get().await;
    let root = servers.pem("ca").display().to_string();
    let url = |mode: &str| {
        let root = root.replace('/', "%2F");
        let options = format!("sslmode={mode}&sslrootcert={root}");
        servers.superuser_url("control_by_tls", &options)
    };
    let config = DatabaseConfig::parse(&url("verify-full")).unwrap();
    migrate::ensure_database(&config).await.unwrap();
    assert!(migrate::control(&config).await.unwrap() > 0);
    let store = Store::new(config.clone(), 4).unwrap();
    let wrong = control::check_statements(&store).await.unwrap();
    assert!(wrong.is_empty(), "{wrong:#?}");

    let (wakeups, listening) = Wakeups::start(config.clone());
    let mut changes = wakeups.subscribe_tenants();
    let sql = servers.sql_in("control_by_tls").await;
    let told = tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            // Until the listener is there to hear it.
            let sent = sql.batch_execute("SELECT pg_notify('sindico_tenant', '77')");
            sent.await.unwrap();
            let heard = tokio::time::timeout(Duration::from_millis(100), changes.recv());
            if let Ok(Ok(TenantChange(77))) = heard.await {
                break;
            }
        }
    });
    told.await.unwrap();
    let row = sql
        .query_one(
            "SELECT count(*) FILTER (WHERE s.ssl), count(*) FROM pg_stat_ssl s
             JOIN pg_stat_activity a USING (pid)
             WHERE a.datname = 'control_by_tls' AND a.pid <> pg_backend_pid()",
            &[],
        )
        .await
        .unwrap();
    let (by_tls, all): (i64, i64) = (row.get(0), row.get(1));
    assert!(by_tls >= 2 && by_tls == all, "{by_tls} of {all}");
    listening.abort();

    // And without TLS there is no way in.
    let store = Store::new(DatabaseConfig::parse(&url("disable")).unwrap(), 1).unwrap();
    let error = control::check_statements(&store).await.unwrap_err();
    assert!(
        error.to_string().contains("no pg_hba.conf entry"),
        "{error}"
    );
}

#[tokio::test]
async fn an_administrator_goes_on_as_it_came() {
    let servers = Servers::get().await;
    let admin = servers.superuser(&servers.address, "postgres");
    let tls = verify_full(servers);
    let server = Server::connect(&admin.with_tls(&tls), "admin")
        .await
        .unwrap();
    // Into another database, with the same protection: by anything else nobody is let in.
    let sql = servers.sql().await;
    sql.batch_execute("CREATE DATABASE inside_by_tls")
        .await
        .unwrap();
    let inside = server.connect_to(&"inside_by_tls".parse().unwrap()).await;
    inside.map(drop).unwrap();
    let plain = TlsSettings::new(SslMode::Disable, None).unwrap();
    let error = Server::connect(&admin.with_tls(&plain), "admin")
        .await
        .err()
        .unwrap();
    assert!(error.to_string().contains("no encryption"), "{error}");
    for changed in [
        admin.with_tls(&tls).with_dbname("x"),
        admin.with_tls(&tls).with_user("x", "x"),
        admin.with_tls(&tls).with_options("-c x=y"),
        admin
            .with_tls(&tls)
            .with_connect_timeout(Duration::from_secs(1)),
    ] {
        assert_eq!(changed.tls().mode(), SslMode::VerifyFull);
    }
}

struct One;

impl Passwords for One {
    fn password<'a>(&'a self, _reference: &'a str) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async { Ok(PASSWORD.into()) })
    }
}

#[tokio::test]
async fn a_tenant_is_reached_as_its_server_is() {
    let servers = Servers::get().await;
    let places = Places::new(One).with_tls(vec![(
        (servers.address.clone(), 5432),
        verify_full(servers),
    )]);
    let target = |host: &str, port| Target {
        host: host.to_owned(),
        port,
        database: "postgres".to_owned(),
        role: "only_tls".to_owned(),
        secret: "env:ONE".to_owned(),
        company_id: Some(1),
        identity: None,
    };
    let config = places
        .config(&target(&servers.address, 5432))
        .await
        .unwrap();
    assert_eq!(config.tls().mode(), SslMode::VerifyFull);
    Server::connect(&config, "tenant").await.unwrap();
    for (host, port) in [(servers.address.as_str(), 5433), ("127.0.0.1", 5432)] {
        let config = places.config(&target(host, port)).await.unwrap();
        assert_eq!(config.tls().mode(), SslMode::Prefer, "{host}:{port}");
    }
}
