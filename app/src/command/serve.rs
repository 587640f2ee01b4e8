//! `sindico serve`: the whole program.

use crate::database::{Database, secret_key, vault};
use crate::listening::{self, Bound};
use crate::settings::Settings;
use anyhow::Context;
use sindico_embedded::Role;
use sindico_outbound::Outbound;
use sindico_provisioning::fleet::{self, Outcome, Progress};
use sindico_provisioning::{AdminSettings, Config as EngineConfig, Engine};
use sindico_store::listen::Wakeups;
use sindico_store::tenant::directory::Directory;
use sindico_store::tenant::news::News;
use sindico_store::tenant::pool::{Places, Pools};
use sindico_store::tenant::vault::Vault;
use sindico_store::tenant::walls::{self, WallState};
use sindico_store::{Store, control};
use sindico_web::gate::address::Proxies;
use sindico_web::mail::{MailConfig, MailTls, Mailer};
use sindico_web::{App, Config};
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// Serves until a signal says stop.
pub fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    run_with(settings, async |_, settings| {
        tracing::info!(
            address = %settings.bind,
            version = env!("CARGO_PKG_VERSION"),
            "serving; the documentation of the API is under /api/docs/"
        );
        Ok(())
    })
}

/// Serves, after `prepare` has done its work.
pub fn run_with(
    settings: Settings,
    prepare: impl AsyncFnOnce(&App, &Settings) -> anyhow::Result<()>,
) -> anyhow::Result<ExitCode> {
    settings
        .tenants
        .check(&sindico_web::table())
        .map_err(|line| anyhow::anyhow!(line))?;
    // Bound first: an address that is taken is told before anything is started.
    let bound = listening::bind(&settings.bind)?;
    let database = Database::open(&settings, Role::Owner)?;
    // Told before anything else is started.
    secret_key(&settings, database.server.is_some())?;
    sindico_provisioning::failpoints::setup();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(worker_threads(database.server.is_some()))
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(serve(&settings, &database, bound, prepare));
    runtime.shutdown_timeout(Duration::from_secs(1));
    // The private server goes last: everything above may still write.
    database.close()?;
    outcome.map(|()| ExitCode::SUCCESS)
}

/// One for each core; half as many when PostgreSQL is on this machine and needs the rest. More than can
/// run at once wake and disturb each other: on two cores a read takes a quarter longer with two.
fn worker_threads(private_server: bool) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    match private_server {
        true => cores.div_ceil(2),
        false => cores,
    }
}

async fn serve(
    settings: &Settings,
    database: &Database,
    bound: Bound,
    prepare: impl AsyncFnOnce(&App, &Settings) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    // From here on a signal means an orderly stop.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let store = database.migrated(settings.database_connections).await?;
    start_metrics(settings)?;
    let (wakeups, listening) = Wakeups::start(database.config.clone());
    store.remember_access(&wakeups);
    let vault = vault(settings, database.server.is_some(), &store)?;
    let config = engine_config(settings, database);
    let places = Places::new(vault.clone()).with_tls(config.servers());
    let engine = Engine::start(store.clone(), vault.clone(), wakeups.clone(), config);
    let keeping = tokio::spawn(keep_house(store.clone(), vault.clone()));
    let fleet = engine_config(settings, database);
    let migrating = settings
        .migrate_tenants
        .then(|| tokio::spawn(keep_current(store.clone(), fleet)));
    let roles = settings.role_matrices.clone();
    let directory = Directory::start(store.clone(), &wakeups, roles).await?;
    check_walls(&store, &places).await?;
    let pools = Pools::new(places, settings.server_connections);
    let web = web_config(settings, database)?;
    let news = News::start(store.clone(), &wakeups);
    let app = App::new(store.clone(), engine.clone(), directory, pools, news, web);
    prepare(&app, settings).await?;

    let stop = async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping: running requests and operations finish, or hand over");
    };
    let (listener, _file) = bound.open()?;
    let stopping = app.stopping().clone();
    let grace = settings.stop_grace;
    // Requests may wait for operations, so both finish in the same time.
    let hand_over = async {
        stopping.cancelled().await;
        engine.stop(grace).await;
        Ok(())
    };
    tokio::try_join!(sindico_web::serve(app, listener, stop, grace), hand_over)?;
    listening.abort();
    keeping.abort();
    if let Some(migrating) = migrating {
        migrating.abort();
    }
    Ok(())
}

/// Nobody is served through a role that could pass the wall between tenants. A server that can't be
/// reached is no reason not to start: its connections are checked when they are made.
async fn check_walls(store: &Store, places: &Places) -> anyhow::Result<()> {
    for wall in walls::check(store, places).await? {
        match wall.state {
            WallState::Stands => {}
            WallState::Passable(how) => anyhow::bail!(
                "the role {} could pass the wall between the tenants in {}: {}; take that from it, then start again",
                wall.role,
                wall.database,
                how.join("; ")
            ),
            WallState::Unknown(why) => {
                tracing::warn!(
                    database = wall.database,
                    why,
                    "can't look at a shared database"
                );
            }
        }
    }
    Ok(())
}

/// The engine's settings.
pub fn engine_config(settings: &Settings, database: &Database) -> EngineConfig {
    let admin = |admin: &crate::settings::AdminSettings| AdminSettings {
        user: admin.user.clone(),
        password: admin.password.clone(),
        database: admin.database.clone(),
        host: admin.host.clone(),
        port: admin.port,
        tls: admin.tls.clone(),
        tenant_password: admin.tenant_password.clone(),
    };
    EngineConfig {
        provisioner: settings.provisioner.clone(),
        portal_url_template: settings.portal_url_template.clone(),
        base_domain: settings.zones.base_domain.as_ref().map(ToString::to_string),
        local: database.local_admin(admin(&settings.local)),
        cloudsql: admin(&settings.cloudsql),
        warm_pool: settings.warm_pool,
        workers: settings.workers,
        lease: settings.lease,
        ..EngineConfig::default()
    }
}

fn web_config(settings: &Settings, database: &Database) -> anyhow::Result<Config> {
    Ok(Config {
        rules: settings.rules(database.config.dbname()),
        time_zone: settings.time_zone.clone(),
        body_limit: settings.body_limit,
        files: settings.files,
        proxies: Proxies(settings.trusted_proxies.clone()),
        execute_wait: Duration::from_secs(55),
        mail: mailer(settings)?,
        public_url: settings.public_url.clone(),
        dns: sindico_web::dns::resolver(settings.dns_servers.clone()),
        outbound: Outbound::new(
            settings.webhook_networks.clone(),
            sindico_outbound::system(),
        ),
        tenants: settings.tenants.clone(),
        settings: settings.told.clone(),
        server_connections: settings.server_connections,
        clock: now,
    })
}

fn mailer(settings: &Settings) -> anyhow::Result<Mailer> {
    let mail = &settings.mail;
    let config = MailConfig {
        host: mail.host.clone(),
        port: mail.port,
        tls: match mail.tls.as_str() {
            "tls" => MailTls::Tls,
            "none" => MailTls::None,
            _ => MailTls::Starttls,
        },
        user: mail.user.clone(),
        password: mail.password.clone(),
        from: mail.from.clone(),
    };
    Mailer::new(&config, &settings.data_dir.join("mail")).map_err(|error| anyhow::anyhow!(error))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the clock for the rest"
)]
pub(super) fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// Today, where the installation's people are.
pub fn today(settings: &Settings) -> jiff::civil::Date {
    now().to_zoned(settings.time_zone.clone()).date()
}

fn start_metrics(settings: &Settings) -> anyhow::Result<()> {
    let Some(address) = settings.metrics_bind else {
        return Ok(());
    };
    metrics_exporter_prometheus::PrometheusBuilder::new()
        .with_http_listener(address)
        .set_buckets(&[
            0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
        ])?
        .install()
        .with_context(|| format!("SINDICO_METRICS_BIND: can't listen on {address}"))
}

/// Every few minutes: what is expired goes, what is counted is told.
async fn keep_house(store: Store, vault: Vault) {
    let mut ticks: u32 = 0;
    loop {
        let (idle, open, most) = store.connections();
        metrics::gauge!("sindico_database_connections", "state" => "idle").set(idle as f64);
        metrics::gauge!("sindico_database_connections", "state" => "open").set(open as f64);
        metrics::gauge!("sindico_database_connections", "state" => "limit").set(most as f64);
        if ticks.is_multiple_of(60)
            && let Err(error) = control::purge(&store).await
        {
            tracing::warn!(%error, "can't remove what is expired; trying again later");
        }
        if ticks.is_multiple_of(6) {
            match vault.rewrap().await {
                Ok(0) => {}
                Ok(count) => tracing::info!(count, "sealed passwords anew under SECRET_KEY"),
                Err(error) => {
                    tracing::warn!(%error, "can't seal passwords anew; trying again later")
                }
            }
        }
        ticks = ticks.wrapping_add(1);
        tokio::time::sleep(Duration::from_secs(10)).await;
    }
}

/// Brings tenants' databases to this program's schema, and tries those that failed again.
async fn keep_current(store: Store, config: EngineConfig) {
    loop {
        let told = |progress: Progress, outcome: &Outcome| match &outcome.migrated {
            Ok(count) => tracing::info!(place = outcome.place, count, ?progress, "migrated"),
            Err(error) => tracing::error!(place = outcome.place, error, "can't be migrated"),
        };
        if let Err(error) = fleet::migrate(&store, &config, told).await {
            tracing::warn!(%error, "can't look for tenants to migrate; trying again later");
        }
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
}
