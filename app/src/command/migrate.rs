//! `sindico migrate`.

use super::serve::engine_config;
use crate::database::Database;
use crate::output;
use crate::settings::Settings;
use sindico_embedded::Role;
use sindico_provisioning::fleet::{self, Outcome, Progress};
use sindico_store::{Store, migrate};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How often the progress is told.
const TELL: Duration = Duration::from_secs(1);

/// Brings the control database, then the tenants' places, to this program's schema, and says what was
/// done. The status is 1 when a place failed; the others are migrated nevertheless.
pub fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let database = Database::open(&settings, Role::Visitor)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(async {
        if database.server.is_some() {
            migrate::ensure_database(&database.config).await?;
        }
        let count = migrate::control(&database.config).await?;
        output::text(&match count {
            0 => "The control database is up to date.".to_owned(),
            1 => "The control database is up to date now: 1 migration.".to_owned(),
            count => format!("The control database is up to date now: {count} migrations."),
        })?;
        tenants(&settings, &database).await
    });
    runtime.shutdown_background();
    database.close()?;
    outcome
}

async fn tenants(settings: &Settings, database: &Database) -> anyhow::Result<ExitCode> {
    let store = Store::new(database.config.clone(), 4)?;
    let config = engine_config(settings, database);
    let mut told = Instant::now();
    let tell = |progress: Progress, outcome: &Outcome| {
        let Progress { all, done, failed } = progress;
        if let Err(error) = &outcome.migrated {
            output::error(&format!("{}: {error}", outcome.place));
        }
        if told.elapsed() >= TELL {
            told = Instant::now();
            output::note(&format!("{} of {all} done, {failed} failed", done + failed));
        }
    };
    let Progress { all, done, failed } = fleet::migrate(&store, &config, tell).await?;
    let places = |count: usize| match count {
        1 => "1 place".to_owned(),
        count => format!("{count} places"),
    };
    if failed > 0 {
        anyhow::bail!(
            "{} of {all} could not be migrated; the others are. Correct the cause, then run it again",
            places(failed)
        );
    }
    output::text(&match done {
        0 => "The tenants' databases are up to date.".to_owned(),
        done => format!(
            "The tenants' databases are up to date now: {} migrated.",
            places(done)
        ),
    })
}
