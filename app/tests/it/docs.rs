//! Pages that are made from the program are as the program makes them.

use crate::PROGRAM;
use std::process::Command;

fn printed(args: &[&str]) -> String {
    let output = Command::new(PROGRAM)
        .args(args)
        .current_dir("/")
        .output()
        .unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_page_of_settings_is_current() {
    let page = include_str!("../../../docs/operating/settings.md");
    assert_eq!(
        printed(&["settings"]),
        page,
        "run: sindico settings > docs/operating/settings.md"
    );
}

#[test]
fn the_help_of_serve_tells_every_setting() {
    let help = printed(&["serve", "--help"]);
    let page = include_str!("../../../docs/operating/settings.md");
    let names: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    assert!(names.len() > 40, "{names:?}");
    for name in names {
        assert!(help.contains(name), "{name}");
    }
}

#[test]
fn the_seed_names_every_one_of_its_settings() {
    let page = include_str!("../../../docs/operating/settings.md");
    for name in [
        "CONTROL_PLANE_PROVISIONER",
        "CONTROL_PLANE_PORTAL_URL_TEMPLATE",
        "TENANT_BASE_DOMAIN",
        "TENANT_RESERVED_SUBDOMAINS",
        "TENANT_PUBLIC_HOSTS",
        "CONTROL_PLANE_SUBDOMAIN",
        "CONTROL_PLANE_HOST",
        "CONTROL_PLANE_ALLOWED_HOSTS",
        "CONTROL_PLANE_LOCAL_DB_ADMIN_DATABASE",
        "CONTROL_PLANE_LOCAL_DB_ADMIN_USER",
        "CONTROL_PLANE_LOCAL_DB_ADMIN_PASSWORD",
        "CONTROL_PLANE_LOCAL_DB_ADMIN_HOST",
        "CONTROL_PLANE_LOCAL_DB_ADMIN_PORT",
        "CONTROL_PLANE_LOCAL_DB_PASSWORD_DEFAULT",
        "CONTROL_PLANE_CLOUDSQL_ADMIN_DATABASE",
        "CONTROL_PLANE_CLOUDSQL_ADMIN_USER",
        "CONTROL_PLANE_CLOUDSQL_ADMIN_PASSWORD",
        "CONTROL_PLANE_CLOUDSQL_ADMIN_HOST",
        "CONTROL_PLANE_CLOUDSQL_ADMIN_PORT",
        "CONTROL_PLANE_CLOUDSQL_ADMIN_SSLMODE",
        "CONTROL_PLANE_CLOUDSQL_TENANT_PASSWORD_DEFAULT",
        "SINDICO_BIND",
        "DATABASE_URL",
        "SINDICO_DATA_DIR",
        "TENANT_SHARED_DATABASE",
        "SECRET_KEY",
        "SINDICO_METRICS_BIND",
    ] {
        assert!(page.contains(&format!("| `{name}` |")), "{name}");
    }
}
