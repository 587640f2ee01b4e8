//! `sindico doctor`: what is wrong, or will be, and what to do.

use super::serve::engine_config;
use crate::database::{Database, vault};
use crate::output;
use crate::settings::{Env, Settings};
use serde::Serialize;
use sindico_domain::operation::{OperationFilter, OperationStatus};
use sindico_domain::page::PageRequest;
use sindico_domain::template::{self, Values};
use sindico_domain::tenant::{ProvisioningStatus, TenantFilter, TenantSort};
use sindico_embedded::Role;
use sindico_store::control::{operations, places, tenants};
use sindico_store::migrate::tenant::target;
use sindico_store::server::Server;
use sindico_store::tenant::pool::Places;
use sindico_store::tenant::walls::{self, WallState};
use sindico_store::{Store, migrate};
use std::process::ExitCode;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Ok,
    Warning,
    Wrong,
}

#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    verdict: Verdict,
    finding: String,
    /// What to do; empty when there is nothing to do.
    advice: String,
}

#[derive(Default)]
struct Report(Vec<Finding>);

impl Report {
    fn add(
        &mut self,
        verdict: Verdict,
        check: &'static str,
        finding: impl Into<String>,
        advice: &str,
    ) {
        self.0.push(Finding {
            check,
            verdict,
            finding: finding.into(),
            advice: advice.to_owned(),
        });
    }
    fn ok(&mut self, check: &'static str, finding: impl Into<String>) {
        self.add(Verdict::Ok, check, finding, "");
    }
    fn warn(&mut self, check: &'static str, finding: impl Into<String>, advice: &str) {
        self.add(Verdict::Warning, check, finding, advice);
    }
    fn wrong(&mut self, check: &'static str, finding: impl Into<String>, advice: &str) {
        self.add(Verdict::Wrong, check, finding, advice);
    }
}

/// Checks everything and prints it; the status is 1 when something is wrong.
pub fn run(settings: Settings, env: &Env, json: bool) -> anyhow::Result<ExitCode> {
    let mut report = Report::default();
    check_settings(&settings, env, &mut report);
    check_provider(&settings, &mut report);
    match Database::open(&settings, Role::Visitor) {
        Err(error) => report.wrong(
            "database",
            error.to_string(),
            "Correct it, then run the doctor again.",
        ),
        Ok(database) => {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()?;
            runtime.block_on(check_database(&settings, &database, &mut report));
            runtime.shutdown_background();
            database.close()?;
        }
    }
    let wrong = report
        .0
        .iter()
        .any(|finding| finding.verdict == Verdict::Wrong);
    if json {
        output::json(&report.0)?;
    } else {
        let rows = report.0.iter().map(|f| {
            let mark = match f.verdict {
                Verdict::Ok => "ok",
                Verdict::Warning => "warning",
                Verdict::Wrong => "WRONG",
            };
            let told = if f.advice.is_empty() {
                f.finding.clone()
            } else {
                format!("{} {}", f.finding, f.advice)
            };
            vec![mark.to_owned(), f.check.to_owned(), told]
        });
        output::table(&["", "CHECK", "FINDING"], rows.collect())?;
    }
    Ok(if wrong {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn check_settings(settings: &Settings, env: &Env, report: &mut Report) {
    report.ok("settings", "all values can be read");
    for name in env.unknown() {
        report.warn(
            "settings",
            format!("{name} is no setting of Síndico."),
            "See: sindico settings",
        );
    }
    match &settings.zones.base_domain {
        Some(domain) => report.ok("domains", format!("portals live under {domain}")),
        None => report.warn(
            "domains",
            "TENANT_BASE_DOMAIN is not set:",
            "portals are found under localhost only.",
        ),
    }
    if settings.zones.allowed.is_empty() {
        report.warn(
            "hosts",
            "The platform API answers on every host.",
            "Set CONTROL_PLANE_ALLOWED_HOSTS to the control plane's.",
        );
    }
    if settings.mail.host.is_empty() {
        report.warn(
            "mail",
            "SINDICO_SMTP_HOST is not set:",
            "mails become files in the folder mail of the data directory.",
        );
    }
    if !settings.webhook_networks.is_empty() {
        let networks: Vec<_> = settings
            .webhook_networks
            .iter()
            .map(ToString::to_string)
            .collect();
        report.warn(
            "webhooks",
            format!("Webhooks may call into {}:", networks.join(", ")),
            "owners of every tenant reach what listens there. Keep SINDICO_WEBHOOK_NETWORKS as small as it can be.",
        );
    }
    if settings.database.is_some() && settings.secret_key.is_none() {
        report.wrong(
            "secret key",
            "SECRET_KEY is not set.",
            "Make one with: openssl rand -hex 32",
        );
    }
    let values = Values {
        subdomain: "acme",
        tenant_code: "acme",
        company_id: 1,
    };
    match template::portal_url("", &settings.portal_url_template, None, values) {
        Ok(_) => {}
        Err(error) => report.wrong(
            "portal address",
            error.to_string(),
            "Every execution fails until it is corrected.",
        ),
    }
}

fn check_provider(settings: &Settings, report: &mut Report) {
    let (admin, prefix, needs_host) = match settings.provisioner.as_str() {
        "noop" => return report.ok("provider", "noop: somebody else makes the databases"),
        "local_postgres" => (&settings.local, "CONTROL_PLANE_LOCAL_DB", false),
        "cloudsql_postgres" => (&settings.cloudsql, "CONTROL_PLANE_CLOUDSQL", true),
        other => {
            return report.wrong(
                "provider",
                format!("Unknown control-plane provisioner: {other:?}."),
                "Set CONTROL_PLANE_PROVISIONER to noop, local_postgres or cloudsql_postgres.",
            );
        }
    };
    if !needs_host && admin.user.is_empty() && settings.database.is_none() {
        return report.ok("provider", "local_postgres on the private server");
    }
    for (there, name) in [
        (!admin.user.is_empty(), "USER"),
        (admin.password.is_some(), "PASSWORD"),
        (!needs_host || !admin.host.is_empty(), "HOST"),
    ] {
        if !there {
            report.wrong(
                "provider",
                format!("{prefix}_ADMIN_{name} is not set."),
                "Every execution fails without it.",
            );
        }
    }
    let (host, port, database) = (&admin.host, admin.port, &admin.database);
    let name = &settings.provisioner;
    report.ok(
        "provider",
        format!("{name} is to work on {host}:{port}, database {database}"),
    );
    if admin.tenant_password.is_some() {
        report.warn(
            "provider",
            "All tenants' roles get the same password.",
            "Only for throw-away environments.",
        );
    }
    if needs_host && !admin.host.starts_with('/') && !admin.tls.authenticates() {
        report.warn(
            "provider",
            format!("sslmode {} authenticates nobody.", admin.tls.mode()),
            "Set CONTROL_PLANE_CLOUDSQL_ADMIN_SSLMODE to verify-ca, and CONTROL_PLANE_CLOUDSQL_ADMIN_SSLROOTCERT to a file \
             with the instance's CA. Its certificate names project:instance, so verify-full fails there.",
        );
    }
}

async fn check_database(settings: &Settings, database: &Database, report: &mut Report) {
    let place = if database.server.is_some() {
        "the private server"
    } else {
        "DATABASE_URL"
    };
    let store = match Store::new(database.config.clone(), 2) {
        Ok(store) => store,
        Err(error) => return report.wrong("database", error.to_string(), ""),
    };
    match migrate::state(&store).await {
        Ok(migrate::State::Current) => report.ok(
            "database",
            format!("{place} is reached, its schema is current"),
        ),
        Ok(migrate::State::Behind) => {
            return report.wrong(
                "database",
                "The control database lacks migrations.",
                "Run: sindico migrate",
            );
        }
        Ok(migrate::State::Ahead) => {
            return report.wrong(
                "database",
                "The control database belongs to a newer program.",
                "Run that one.",
            );
        }
        Err(error) => {
            return report.wrong(
                "database",
                format!("{place} can't be used: {error}."),
                "Is the server up, and the address right?",
            );
        }
    }
    if let Err(error) = check_states(&store, report).await {
        report.wrong("tenants", error.to_string(), "");
    }
    check_servers(settings, database, report).await;
    match vault(settings, database.server.is_some(), &store) {
        Ok(vault) => {
            if let Err(error) = check_walls(
                &store,
                &Places::new(vault).with_tls(engine_config(settings, database).servers()),
                report,
            )
            .await
            {
                report.wrong("walls", error.to_string(), "");
            }
        }
        Err(error) => report.wrong("secrets", error.to_string(), ""),
    }
    match places::behind(&store, target()).await {
        Ok(behind) if behind.is_empty() => {
            report.ok(
                "schema",
                "all tenants' databases are at this program's version",
            );
        }
        Ok(behind) => report.warn(
            "schema",
            format!(
                "{} tenants' databases are older than this program.",
                behind.len()
            ),
            "Run: sindico migrate",
        ),
        Err(error) => report.wrong("schema", error.to_string(), ""),
    }
}

/// Whether the provider's administrator can sign in, and do what it has to.
async fn check_servers(settings: &Settings, database: &Database, report: &mut Report) {
    let config = engine_config(settings, database);
    let admin = match settings.provisioner.as_str() {
        "local_postgres" => &config.local,
        "cloudsql_postgres" => &config.cloudsql,
        _ => return,
    };
    let looked = async {
        let server = Server::connect(&admin.admin(), "sindico-doctor").await?;
        server.capabilities().await
    };
    let place = format!("{}:{}", admin.host, admin.port);
    match looked.await {
        Ok(found) if found.version < 150_000 => report.wrong(
            "server",
            format!("{place} is older than PostgreSQL 15."),
            "Upgrade it.",
        ),
        Ok(found) if !found.suffice() => report.wrong(
            "server",
            format!(
                "{} may not make roles and databases on {place}.",
                found.user
            ),
            "Give it CREATEROLE and CREATEDB.",
        ),
        Ok(found) => report.ok(
            "server",
            format!("{} can make places on {place}", found.user),
        ),
        Err(error) => report.wrong(
            "server",
            format!("{place}: {error}."),
            "Is the server up, and are the administrator's settings right?",
        ),
    }
}

async fn check_walls(
    store: &Store,
    places: &Places,
    report: &mut Report,
) -> sindico_store::Result<()> {
    for wall in walls::check(store, places).await? {
        let database = &wall.database;
        match wall.state {
            WallState::Stands => {
                report.ok("walls", format!("{database}: {} can't pass", wall.role))
            }
            WallState::Passable(how) => report.wrong(
                "walls",
                format!("{database}: {} could pass: {}.", wall.role, how.join("; ")),
                "Take that from it; nothing there is served until then.",
            ),
            WallState::Unknown(why) => {
                report.warn("walls", format!("{database}: {why}."), "Is the server up?");
            }
        }
    }
    Ok(())
}

async fn check_states(store: &Store, report: &mut Report) -> sindico_store::Result<()> {
    let counting = PageRequest {
        limit: 1,
        after: None,
        count: true,
    };
    let mut counts = Vec::new();
    for status in ProvisioningStatus::ALL {
        let filter = TenantFilter {
            status: Some(*status),
            ..TenantFilter::default()
        };
        let page = tenants::list(store, &filter, TenantSort::Name, &counting).await?;
        let count = page.total.unwrap_or(0);
        counts.push(format!("{count} {status}"));
        if *status == ProvisioningStatus::Failed && count > 0 {
            report.warn(
                "tenants",
                format!("{count} tenants are FAILED."),
                "See: sindico tenant list --status FAILED",
            );
        }
    }
    report.ok("tenants", counts.join(", "));
    let mut live = 0;
    for status in [OperationStatus::Queued, OperationStatus::Running] {
        let filter = OperationFilter {
            status: Some(status),
            company_id: None,
        };
        live += operations::list(store, &filter, &counting)
            .await?
            .total
            .unwrap_or(0);
    }
    report.ok("operations", format!("{live} at work or waiting"));
    Ok(())
}
