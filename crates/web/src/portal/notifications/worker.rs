//! Tells people what becomes due, and by e-mail what they were told, whichever program they use: looks into a tenant's data when something was written
//! there, when something is due there, and now and then.

use super::mails;
use crate::App;
use crate::tending::{self, Duty, Watching};
use sindico_crm::By;
use sindico_crm::notifications::due;
use sindico_db::{Result, TenantConnection};
use sindico_domain::access::Actor;
use sindico_domain::access::sight::Sight;
use sindico_domain::crm::custom::Writer;
use sindico_store::Store;
use sindico_store::control::notifications as control;
use std::sync::LazyLock;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// For how long a tenant is tended before others have their turn.
const TURN: Duration = Duration::from_secs(10);

/// When a tenant is looked at though nobody asked, in seconds. Nothing waits for it but what a program took with it
/// that died between a write and telling of it.
const NOW_AND_THEN: f64 = 6.0 * 3_600.0;

/// When to look again, in seconds, after a tenant that is not served for now.
const AWAY: f64 = 300.0;

static NUDGE: LazyLock<Notify> = LazyLock::new(Notify::new);

/// People are told what becomes due.
pub(crate) struct Notifications;

impl Duty for Notifications {
    const WHAT: &'static str = "notifications";
    const HANDS: usize = 2;

    fn nudge() -> &'static Notify {
        &NUDGE
    }

    async fn claim(store: &Store) -> Result<Option<i64>> {
        control::claim(store).await
    }

    async fn tend(app: &App, company_id: i64) -> Result<()> {
        tend(app, company_id).await
    }

    async fn put_off(store: &Store, company_id: i64) -> Result<()> {
        control::rest(store, company_id, 10.0).await
    }
}

impl Watching for Notifications {
    // Who writes much is looked at twice a second at the most.
    const GATHER: Duration = Duration::from_millis(500);

    async fn ask(store: &Store, companies: &[i64]) -> Result<()> {
        control::ask(store, companies).await
    }

    async fn ask_all(store: &Store) -> Result<()> {
        control::ask_all(store).await
    }
}

async fn tend(app: &App, company_id: i64) -> Result<()> {
    let Some((company, route)) = tending::place(app, company_id)? else {
        return control::rest(app.store(), company_id, AWAY).await;
    };
    let data = app.pools().tenant(route.clone(), Sight::whole());
    let began = Instant::now();
    let mut next = look(app, &data).await?;
    while next.is_some_and(|wait| wait <= 0.0)
        && began.elapsed() < TURN
        && !app.stopping().is_cancelled()
    {
        control::hold(app.store(), company_id).await?;
        if tell(app, &data).await? {
            app.news().tell(company_id);
        }
        let place = (&company, &route);
        mails::send_all(app, place, &data, began + TURN).await?;
        next = look(app, &data).await?;
    }
    let wait = next.map_or(NOW_AND_THEN, |wait| wait.clamp(0.5, NOW_AND_THEN));
    control::rest(app.store(), company_id, wait).await
}

/// In how many seconds something is due.
async fn look(app: &App, data: &TenantConnection) -> Result<Option<f64>> {
    let next = due::next(data, app.now()).await?;
    Ok(next.map(|at| at.duration_since(app.now()).as_secs_f64()))
}

/// Tells what is due, a piece of each; whether there was something.
async fn tell(app: &App, data: &TenantConnection) -> Result<bool> {
    let actor = Actor::system("notifications");
    let by = By {
        actor: &actor,
        now: app.now(),
        writer: Writer::Exempt,
    };
    let reminded = due::remind(data, by).await?;
    if reminded > 0 {
        metrics::counter!("sindico_reminders_total")
            .increment(u64::try_from(reminded).unwrap_or_default());
    }
    let more = due::past_due(data, by.now).await?;
    due::forget_old(data, by.now).await?;
    Ok(reminded > 0 || more)
}
