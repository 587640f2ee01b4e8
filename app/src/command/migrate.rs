//! `sindico migrate`.

use crate::database::Database;
use crate::output;
use crate::settings::Settings;
use sindico_embedded::Role;
use sindico_store::migrate;
use std::process::ExitCode;

/// Brings the control database to this program's schema and says what was done.
pub fn run(settings: Settings) -> anyhow::Result<ExitCode> {
    let database = Database::open(&settings, Role::Visitor)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(async {
        if database.server.is_some() {
            migrate::ensure_database(&database.config).await?;
        }
        migrate::control(&database.config).await
    });
    database.close()?;
    match outcome? {
        0 => output::text("The control database is up to date."),
        1 => output::text("The control database is up to date now: 1 migration."),
        count => output::text(&format!(
            "The control database is up to date now: {count} migrations."
        )),
    }
}
