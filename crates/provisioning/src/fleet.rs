//! The fleet's migrations: brings the places of all tenants to this program's schema, several at once
//! on each server, and one that fails stops nobody (tenancy.md section 5).
//!
//! The control database knows the version of each place, so a fleet with nothing to do costs one
//! query. What is done is recorded place by place: whoever starts again goes on where it stands.

mod run;

pub use run::FleetRun;
pub(crate) use run::Kept;

use crate::config::{AdminSettings, Config};
use futures_util::stream::{self, StreamExt};
use sindico_domain::mark::Mark;
use sindico_store::control::places::{self, Behind};
use sindico_store::migrate::tenant::target;
use sindico_store::server::{Inside, ServerError};
use sindico_store::{Result, Store};
use std::collections::BTreeMap;

/// How many places of one server are migrated at once.
const AT_ONCE: usize = 4;

/// How long a migration waits for a lock, in milliseconds: those who wait behind it wait as long.
const LOCK_TIMEOUT: u32 = 5_000;

/// What became of one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The tenant's code; for a shared database, its name.
    pub place: String,
    /// How many migrations were run, or why it stands where it stood.
    pub migrated: Result<usize, String>,
}

/// How far the fleet is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Places that were behind.
    pub all: usize,
    /// Those that are at the target now.
    pub done: usize,
    /// Those that failed.
    pub failed: usize,
}

/// Migrates every place that is behind; tells each outcome as it comes, and returns the count.
///
/// # Errors
/// When the control database can't be reached.
pub async fn migrate(
    store: &Store,
    config: &Config,
    mut told: impl FnMut(Progress, &Outcome),
) -> Result<Progress> {
    let behind = places::behind(store, target()).await?;
    let mut progress = Progress {
        all: behind.len(),
        ..Progress::default()
    };
    if behind.is_empty() {
        return Ok(progress);
    }
    let installation = places::installation(store).await?;
    let mut servers: BTreeMap<(String, i32), Vec<Behind>> = BTreeMap::new();
    for place in behind {
        let server = (place.host.clone(), place.port);
        servers.entry(server).or_default().push(place);
    }
    // Each server at its own pace: a slow one holds up no other.
    let each = servers.into_iter().map(|((host, port), behind)| {
        let admin = admin_of(config, &host, port);
        let installation = installation.as_str();
        stream::iter(behind)
            .map(move |place| async move {
                let migrated = one(store, admin, installation, &place).await;
                Outcome {
                    place: place.name(),
                    migrated,
                }
            })
            .buffer_unordered(AT_ONCE)
            .boxed()
    });
    let mut outcomes = stream::select_all(each);
    while let Some(outcome) = outcomes.next().await {
        match &outcome.migrated {
            Ok(_) => progress.done += 1,
            Err(_) => progress.failed += 1,
        }
        told(progress, &outcome);
    }
    Ok(progress)
}

/// The administrator of the server at this address, if some provider has one.
pub(crate) fn admin_of<'a>(config: &'a Config, host: &str, port: i32) -> Option<&'a AdminSettings> {
    [&config.local, &config.cloudsql].into_iter().find(|admin| {
        admin.host == host && i32::from(admin.port) == port && admin.password.is_some()
    })
}

async fn one(
    store: &Store,
    admin: Option<&AdminSettings>,
    installation: &str,
    place: &Behind,
) -> Result<usize, String> {
    let admin = admin.ok_or_else(|| {
        format!(
            "no provider has an administrator on {}:{}; set CONTROL_PLANE_LOCAL_DB_ADMIN_* or CONTROL_PLANE_CLOUDSQL_ADMIN_*",
            place.host, place.port
        )
    })?;
    let words = |error: ServerError| error.to_string();
    let config = admin.admin().with_dbname(&place.database);
    let inside = Inside::connect(&config, "sindico-migrate")
        .await
        .map_err(words)?;
    let wanted = match place.tenant {
        Some((id, _)) => Mark::of_tenant(installation, id, 0),
        None => Mark::of_shared(installation, 0),
    };
    // Never somebody else's, whatever the control database says.
    let found = inside.identity().await.map_err(words)?;
    if !found
        .as_ref()
        .is_some_and(|found| found.is_of_same_tenant(&wanted))
    {
        return Err("the database does not say that it is this tenant's".to_owned());
    }
    let count = inside.migrate(LOCK_TIMEOUT).await.map_err(words)?;
    let recorded = match place.tenant {
        Some((id, _)) => places::migrated(store, id, target()).await,
        None => {
            let name = (place.host.as_str(), place.port, place.database.as_str());
            places::publish_shared(store, name, target()).await
        }
    };
    recorded.map_err(|error| error.to_string())?;
    Ok(count)
}
