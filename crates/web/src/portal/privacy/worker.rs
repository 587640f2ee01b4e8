//! What is done for privacy without being asked: who looked is written down, and what was kept for long enough is
//! erased.

use super::looks;
use crate::App;
use sindico_crm::By;
use sindico_crm::list::Viewpoint;
use sindico_crm::privacy;
use sindico_db::Result;
use sindico_domain::access::Actor;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

/// How often all tenants are gone through for rules whose turn it is. A rule's turn is once a day.
const ROUND: Duration = Duration::from_secs(3_600);

/// The first round, once a program is up and has other things behind it.
const FIRST: Duration = Duration::from_secs(60);

/// Between two tenants: there is no hurry, and hundreds of places to wake.
const PAUSE: Duration = Duration::from_millis(200);

/// How many people a rule has erased in a day, at most.
pub(crate) const MOST: i64 = 2_000;

/// Starts it; it ends when the program stops.
pub(crate) fn start(app: &App) -> TaskTracker {
    let hands = TaskTracker::new();
    hands.spawn(write_looks(app.clone()));
    hands.spawn(keep_rules(app.clone()));
    hands.close();
    hands
}

async fn write_looks(app: App) {
    let stopping = app.stopping().clone();
    while !stopping.is_cancelled() {
        tokio::select! {
            () = tokio::time::sleep(looks::EVERY) => looks::write(&app).await,
            () = stopping.cancelled() => {}
        }
    }
}

async fn keep_rules(app: App) {
    let stopping = app.stopping().clone();
    let mut next = Instant::now() + FIRST;
    loop {
        tokio::select! {
            () = tokio::time::sleep_until(next) => {}
            () = stopping.cancelled() => return,
        }
        next = Instant::now() + ROUND;
        for company_id in app.directory().ids().unwrap_or_default() {
            if let Err(error) = go_by_rules(&app, company_id).await {
                tracing::warn!(%error, company_id, "rules of retention have to wait");
            }
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                () = stopping.cancelled() => return,
            }
        }
    }
}

/// Goes by those rules of a tenant whose turn it is.
async fn go_by_rules(app: &App, company_id: i64) -> Result<()> {
    let Some((data, now)) = looks::data(app, company_id)? else {
        return Ok(());
    };
    let actor = Actor::system("retention");
    let by = By { actor: &actor, now };
    let at = Viewpoint {
        user: 0,
        now,
        zone: app.config().time_zone.clone(),
    };
    for id in privacy::turn(&data, now).await? {
        let erased = privacy::run(&data, by, id, (&at, MOST)).await?;
        if erased > 0 {
            tracing::info!(
                company_id,
                rule = id,
                erased,
                "records were erased that were kept for long enough"
            );
        }
    }
    Ok(())
}
