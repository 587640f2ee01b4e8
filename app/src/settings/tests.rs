//! What is read, and what is refused.

use super::*;

fn error(pairs: &[(&str, &str)]) -> String {
    match Settings::read(&Env::of(pairs)) {
        Ok(_) => panic!("{pairs:?} was accepted"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn defaults_are_those_of_the_contract() {
    let settings = Settings::read(&Env::of(&[])).unwrap();
    assert_eq!(settings.bind.to_string(), "127.0.0.1:8000");
    assert_eq!(settings.provisioner, "noop");
    assert_eq!(settings.shared_database, "crm_shared");
    assert!(settings.database.is_none());
    assert!(settings.zones.reserved.contains("sistema"));
    assert!(settings.zones.control_plane_host.is_none());
}

#[test]
fn the_control_plane_host_is_made_from_its_parts() {
    let settings = Settings::read(&Env::of(&[("TENANT_BASE_DOMAIN", "MKSBrasil.com")])).unwrap();
    assert_eq!(
        settings.zones.control_plane_host.unwrap().as_str(),
        "sistema.mksbrasil.com"
    );
    assert_eq!(settings.public_url, "https://sistema.mksbrasil.com");
}

#[test]
fn the_control_plane_subdomain_is_always_reserved() {
    let env = Env::of(&[
        ("TENANT_RESERVED_SUBDOMAINS", "www"),
        ("CONTROL_PLANE_SUBDOMAIN", "painel"),
    ]);
    let reserved = Settings::read(&env).unwrap().zones.reserved;
    assert!(reserved.contains("painel") && reserved.contains("www"));
}

#[test]
fn wrong_values_are_named_in_one_line() {
    for (name, value) in [
        ("SINDICO_BIND", "8000"),
        ("SINDICO_BIND", "/run/sindico/"),
        ("SINDICO_METRICS_BIND", "x"),
        ("SINDICO_TRUSTED_PROXIES", "10.0.0.0/99"),
        ("SINDICO_DNS_SERVERS", "9.9.9.9,dns.example"),
        ("SINDICO_WEBHOOK_NETWORKS", "10.0.0.0/33"),
        ("SINDICO_BODY_LIMIT", "many"),
        ("SINDICO_TIME_ZONE", "Mars/Base"),
        ("SINDICO_LOG_FORMAT", "xml"),
        ("TENANT_BASE_DOMAIN", "a b"),
        ("CONTROL_PLANE_ALLOWED_HOSTS", "a b"),
        ("TENANT_RESERVED_SUBDOMAINS", "a.b"),
        ("CONTROL_PLANE_LOCAL_DB_ADMIN_PORT", "0"),
        ("CONTROL_PLANE_CLOUDSQL_ADMIN_SSLMODE", "maybe"),
        ("CONTROL_PLANE_CLOUDSQL_ADMIN_SSLROOTCERT", "/no/such.pem"),
        ("CONTROL_PLANE_LOCAL_DB_ADMIN_SSLMODE", "maybe"),
        ("CONTROL_PLANE_LOCAL_DB_ADMIN_SSLROOTCERT", "/"),
        ("SINDICO_SMTP_TLS", "yes"),
        ("SECRET_KEY", "short"),
        ("DATABASE_URL", "nonsense"),
        ("SINDICO_WORKERS", "1000"),
        ("SINDICO_LEASE", "0"),
        ("TENANT_SHARED_DATABASE", "postgres"),
        ("TENANT_ROLE_MATRICES", "leads=OWNER"),
        ("TENANT_ROLE_MATRICES", "[]"),
        (
            "TENANT_ROLE_MATRICES",
            "{\"leads\": {\"GET\": [\"BO\\nSS\"]}}",
        ),
    ] {
        let line = error(&[(name, value)]);
        assert!(line.starts_with(name) && !line.contains('\n'), "{line}");
    }
}

#[test]
fn all_that_is_wrong_in_the_role_matrices_is_told() {
    let json = r#"{"pizza": {}, "leads": {"GET": ["BOSS"], "FETCH": ["OWNER"]}}"#;
    let line = error(&[("TENANT_ROLE_MATRICES", json)]);
    for word in ["pizza", "leads", "BOSS", "FETCH"] {
        assert!(line.contains(word), "{line}");
    }
    let right = r#"{"leads": {"delete": ["manager"]}}"#;
    let settings = Settings::read(&Env::of(&[("TENANT_ROLE_MATRICES", right)])).unwrap();
    let shown = settings.role_matrices.to_json();
    assert_eq!(shown["leads"]["DELETE"][0], "MANAGER");
}

#[test]
fn tls_is_checked_at_the_start() {
    for prefix in [
        "CONTROL_PLANE_CLOUDSQL_ADMIN",
        "CONTROL_PLANE_LOCAL_DB_ADMIN",
    ] {
        let (mode, file, host) = (
            format!("{prefix}_SSLMODE"),
            format!("{prefix}_SSLROOTCERT"),
            format!("{prefix}_HOST"),
        );
        let line = error(&[(&host, "10.0.0.5"), (&mode, "verify-ca")]);
        assert!(line.starts_with(&file) && line.contains(&mode), "{line}");
        let line = error(&[(&file, "/no/such.pem")]);
        assert!(line.starts_with(&format!("{file}: /no/such.pem")), "{line}");
        let line = error(&[(&mode, "on")]);
        assert!(
            line.starts_with(&mode) && line.contains("verify-full"),
            "{line}"
        );
        for word in ["disable", "allow", "prefer", "require"] {
            let set = [(host.as_str(), "10.0.0.5"), (mode.as_str(), word)];
            assert!(Settings::read(&Env::of(&set)).is_ok(), "{word}");
        }
        // Over a socket there is no TLS, and no host is no server.
        for host_set in ["/cloudsql/p:r:i", ""] {
            let set = [(host.as_str(), host_set), (mode.as_str(), "verify-full")];
            assert!(Settings::read(&Env::of(&set)).is_ok(), "{host_set}");
        }
    }
    let settings = Settings::read(&Env::of(&[])).unwrap();
    assert_eq!(settings.local.tls.mode(), SslMode::Prefer);
    let settings = Settings::read(&Env::of(&[("CONTROL_PLANE_CLOUDSQL_ADMIN_HOST", "db")]));
    assert_eq!(settings.unwrap().cloudsql.tls.mode(), SslMode::Require);
}

#[test]
fn secrets_are_not_repeated() {
    for url in [
        "postgres://ana:hunter2@/?port=x",
        "postgres://ana:hunter2@db/x?sslmode=hunter2",
        "postgres://ana:hunter2@db/x?hunter2=1",
        "host=db dbname=x password=my hunter2=x",
        "host=db dbname=x password='hunter2",
        "host=db dbname=x =hunter2",
        "host=db dbname=x password=hunter2 sslmode=verify-full",
    ] {
        let line = error(&[("DATABASE_URL", url)]);
        assert!(line.starts_with("DATABASE_URL"), "{line}");
        assert!(!line.contains("hunter2"), "{line}");
    }
    assert!(!error(&[("SECRET_KEY", "hunter2")]).contains("hunter2"));
}

#[test]
fn slips_of_the_pen_are_found() {
    let env = Env::of(&[
        ("SINDICO_BNID", "x"),
        ("CONTROL_PLANE_HOST", "x"),
        ("PATH", "x"),
    ]);
    assert_eq!(env.unknown(), ["SINDICO_BNID"]);
}
