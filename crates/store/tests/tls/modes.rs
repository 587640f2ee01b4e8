//! Each mode against each kind of server: the outcome that libpq's table of modes promises.

use crate::support::{NAME, PASSWORD, Servers, WRONG_NAME, unique};
use sindico_store::server::{Server, ServerError};
use sindico_store::{DatabaseConfig, SslMode};
use tokio_postgres::Client;

/// How it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Tls,
    Plain,
    /// Not protected as it must be.
    Untrusted,
    /// The server lets nobody in like this.
    TurnedAway,
}
use End::{Plain, Tls, TurnedAway, Untrusted};

/// Connects, and looks from the server's side whether that is TLS.
async fn end(sql: &Client, url: &str) -> End {
    let config = DatabaseConfig::parse(url).unwrap();
    let name = unique("tls");
    match Server::connect(&config, &name).await {
        Ok(_server) => {
            let row = sql
                .query_one(
                    "SELECT s.ssl, s.version FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)
                     WHERE a.application_name = $1",
                    &[&name],
                )
                .await
                .unwrap();
            let (tls, version): (bool, Option<&str>) = (row.get(0), row.get(1));
            assert_eq!(
                tls,
                version.is_some_and(|version| version.starts_with("TLSv1."))
            );
            if tls { Tls } else { Plain }
        }
        Err(error) => {
            let text = format!("{error} {error:?}");
            assert!(!text.contains(PASSWORD), "{text}");
            match error {
                ServerError::Untrusted(_) => Untrusted,
                _ if text.contains("no pg_hba.conf entry") => TurnedAway,
                _ => panic!("{url}: {text}"),
            }
        }
    }
}

/// One row of the table: how each mode that the row names ends.
async fn check(what: &str, sql: &Client, url: impl Fn(&str) -> String, ends: &[(SslMode, End)]) {
    for (mode, expected) in ends {
        let found = end(sql, &url(&format!("sslmode={mode}"))).await;
        assert_eq!(found, *expected, "{what}, sslmode={mode}");
    }
}

/// All six, the weakest first.
fn all(ends: [End; 6]) -> Vec<(SslMode, End)> {
    SslMode::ALL.into_iter().zip(ends).collect()
}

/// The four that need no root certificate.
fn first_four(ends: [End; 4]) -> Vec<(SslMode, End)> {
    SslMode::ALL.into_iter().zip(ends).collect()
}

#[tokio::test]
async fn a_server_with_tls() {
    let servers = Servers::get().await;
    let sql = servers.sql().await;
    let at = |host: &'static str, user: &'static str, root: &'static str| {
        let root = match root {
            "" => String::new(),
            root => format!("sslrootcert={}", servers.pem(root).display()),
        };
        move |mode: &str| servers.url(host, user, &format!("{mode} {root}"))
    };
    let right = all([Plain, Plain, Tls, Tls, Tls, Tls]);
    check("ours", &sql, at(NAME, "anyhow", "ca"), &right).await;
    // The name counts for verify-full alone.
    let name = all([Plain, Plain, Tls, Tls, Tls, Untrusted]);
    check("wrong name", &sql, at(WRONG_NAME, "anyhow", "ca"), &name).await;
    // A root certificate counts wherever TLS is spoken: prefer goes on without TLS.
    let other = all([Plain, Plain, Plain, Untrusted, Untrusted, Untrusted]);
    check("other CA", &sql, at(NAME, "anyhow", "other-ca"), &other).await;
    let unchecked = first_four([Plain, Plain, Tls, Tls]);
    check("no root", &sql, at(WRONG_NAME, "anyhow", ""), &unchecked).await;
}

#[tokio::test]
async fn a_server_without_tls() {
    let servers = Servers::get().await;
    let sql = servers.plain_sql().await;
    let root = format!("sslrootcert={}", servers.pem("ca").display());
    let at = |user: &'static str| {
        let root = &root;
        move |mode: &str| servers.plain_url(user, &format!("{mode} {root}"))
    };
    let ends = all([Plain, Plain, Plain, Untrusted, Untrusted, Untrusted]);
    check("without TLS", &sql, at("anyhow"), &ends).await;
    // Nor is a role let in that must come by TLS.
    let ends = all([
        TurnedAway, TurnedAway, TurnedAway, Untrusted, Untrusted, Untrusted,
    ]);
    check("without TLS, hostssl", &sql, at("only_tls"), &ends).await;
}

#[tokio::test]
async fn a_server_that_insists() {
    let servers = Servers::get().await;
    let sql = servers.sql().await;
    let root = |name: &str| format!("sslrootcert={}", servers.pem(name).display());
    let (ca, other) = (root("ca"), root("other-ca"));
    let at = |user: &'static str, root: &str| {
        let root = root.to_owned();
        move |mode: &str| servers.url(NAME, user, &format!("{mode} {root}"))
    };
    // Only by TLS: allow comes to it in its second attempt.
    let ends = all([TurnedAway, Tls, Tls, Tls, Tls, Tls]);
    check("hostssl", &sql, at("only_tls", &ca), &ends).await;
    let ends = first_four([TurnedAway, Tls, Tls, Tls]);
    check("hostssl, no root", &sql, at("only_tls", ""), &ends).await;
    // What can't be trusted is told as that, not as what came of going on without.
    let ends = all([
        TurnedAway, Untrusted, Untrusted, Untrusted, Untrusted, Untrusted,
    ]);
    check("hostssl, other CA", &sql, at("only_tls", &other), &ends).await;
    // Only without: prefer comes to it in its second attempt, and nothing stronger does.
    let ends = all([Plain, Plain, Plain, TurnedAway, TurnedAway, TurnedAway]);
    check("hostnossl", &sql, at("only_plain", &ca), &ends).await;
}

#[tokio::test]
async fn the_address_is_a_name_too() {
    let servers = Servers::get().await;
    let sql = servers.sql().await;
    let root = servers.pem("ca").display().to_string();
    let url = format!(
        "postgres://anyhow:{PASSWORD}@{}/postgres?sslmode=verify-full&sslrootcert={}",
        servers.address,
        root.replace('/', "%2F")
    );
    assert_eq!(end(&sql, &url).await, Tls);
}

/// As with openssl, the chain has to end in the certificate of an authority.
#[tokio::test]
async fn a_leaf_is_no_root() {
    let servers = Servers::get().await;
    let sql = servers.sql().await;
    let options = format!(
        "sslmode=verify-full sslrootcert={}",
        servers.pem("server").display()
    );
    let ended = end(&sql, &servers.url(NAME, "anyhow", &options)).await;
    assert_eq!(ended, Untrusted);
}

/// The password's proof is bound to the server's certificate: nobody can pass it on.
#[tokio::test]
async fn scram_is_bound_to_the_channel() {
    let servers = Servers::get().await;
    let sql = servers.sql().await;
    let bound = servers.url(NAME, "anyhow", "sslmode=require channel_binding=require");
    assert_eq!(end(&sql, &bound).await, Tls);
    let unbound = servers.url(NAME, "anyhow", "sslmode=disable channel_binding=require");
    let config = DatabaseConfig::parse(&unbound).unwrap();
    let error = Server::connect(&config, "x").await.err().unwrap();
    assert!(error.to_string().contains("channel binding"), "{error}");
}

/// A wrong password is tried once, and never repeated.
#[tokio::test]
async fn a_wrong_password_is_not_told() {
    let servers = Servers::get().await;
    for mode in ["allow", "prefer", "require"] {
        let url = servers.url(NAME, "anyhow", &format!("sslmode={mode}"));
        let config = DatabaseConfig::parse(&url).unwrap();
        let config = config.with_user("anyhow", "wrong-secret");
        let error = Server::connect(&config, "x").await.err().unwrap();
        let text = format!("{error} {error:?}");
        assert!(text.contains("password authentication failed"), "{text}");
        assert!(!text.contains("wrong-secret"), "{text}");
    }
}

/// Over a socket there is no TLS, whatever the mode is.
#[tokio::test]
async fn a_socket_has_no_tls() {
    let servers = Servers::get().await;
    let sql = servers.sql().await;
    let row = sql.query_one("SHOW unix_socket_directories", &[]).await;
    let dir: String = row.unwrap().get(0);
    let dir = dir.trim_matches('"');
    for mode in SslMode::ALL {
        let url =
            format!("host={dir} user=anyhow password={PASSWORD} dbname=postgres sslmode={mode}");
        assert_eq!(end(&sql, &url).await, Plain, "{mode}");
    }
    // Of a socket and a host together it can't be kept.
    let url = |mode: &str| format!("host={dir},db.example.com user=x dbname=x sslmode={mode}");
    assert!(DatabaseConfig::parse(&url("require")).is_err());
    assert!(DatabaseConfig::parse(&url("prefer")).is_ok());
}
