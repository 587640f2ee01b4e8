//! Looks into each tenant's data now and then, and sweeps what has stopped or was removed long ago. Every program
//! does it: they take turns in a company, and what one has swept the others do not find.

use crate::App;
use sindico_crm::attachments::{self as files, Ages};
use sindico_db::Result;
use sindico_domain::access::sight::Sight;
use sindico_store::migrate::tenant::target;
use std::time::Duration;
use tokio::time::sleep;
use tokio_util::task::TaskTracker;

/// The pause before the first look, and between two.
const PAUSE: Duration = Duration::from_secs(3_600);

/// Between two tenants: nobody waits for this.
const BREATH: Duration = Duration::from_millis(200);

/// Starts it; it ends when the program stops.
pub(crate) fn start(app: &App) -> TaskTracker {
    let hands = TaskTracker::new();
    hands.spawn(work(app.clone()));
    hands.close();
    hands
}

async fn work(app: App) {
    let stopping = app.stopping().clone();
    loop {
        tokio::select! {
            () = sleep(PAUSE) => {}
            () = stopping.cancelled() => return,
        }
        // A map that is too old is believed again soon.
        for id in app.directory().ids().unwrap_or_default() {
            if let Err(error) = tend(&app, id).await {
                tracing::debug!(%error, company_id = id, "can't sweep a tenant's files; trying again later");
            }
            tokio::select! {
                () = sleep(BREATH) => {}
                () = stopping.cancelled() => return,
            }
        }
    }
}

async fn tend(app: &App, company_id: i64) -> Result<()> {
    let company = app.directory().by_id(company_id)?;
    let served = company.filter(|company| {
        company.is_served()
            && company
                .schema_version
                .is_none_or(|version| version >= target())
    });
    let Some(route) = served.and_then(|company| company.route.clone()) else {
        return Ok(());
    };
    let data = app.pools().tenant(route, Sight::whole());
    let swept = files::sweep(&data, Ages::default()).await?;
    if swept != files::Swept::default() {
        tracing::info!(company_id, ?swept, "swept a tenant's files");
    }
    Ok(())
}
