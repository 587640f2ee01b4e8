//! Does what imports wait for, whichever program took the upload: dry runs, writing, taking back.

use super::words;
use crate::App;
use crate::tending::Duty;
use jiff::Timestamp;
use sindico_crm::By;
use sindico_crm::customs::{self, Reindexed};
use sindico_crm::imports::{self, Course, Desk, Job};
use sindico_db::{Error, Result, TenantConnection};
use sindico_domain::access::sight::Sight;
use sindico_domain::access::{Actor, Role};
use sindico_domain::crm::UserRef;
use sindico_domain::crm::custom::Writer;
use sindico_store::Store;
use sindico_store::control::{chores, members, users};
use sindico_store::migrate::tenant::target;
use sindico_store::tenant::directory::Company;
use std::collections::HashMap;
use std::sync::LazyLock;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::Instant;

/// How often it says that it is still at it: a fifth of the time after which another takes over.
const HOLD: Duration = Duration::from_secs(3);

/// When to look again, in seconds, after a tenant that is not served for now.
const AWAY: f64 = 30.0;

static NUDGE: LazyLock<Notify> = LazyLock::new(Notify::new);

/// Has this program look at once.
pub(crate) fn nudge() {
    NUDGE.notify_one();
}

/// Imports are checked, written and taken back.
pub(crate) struct Imports;

impl Duty for Imports {
    const WHAT: &'static str = "imports";
    const HANDS: usize = 2;

    fn nudge() -> &'static Notify {
        &NUDGE
    }

    async fn claim(store: &Store) -> Result<Option<i64>> {
        chores::claim(store).await
    }

    async fn tend(app: &App, company_id: i64) -> Result<()> {
        tend(app, company_id).await
    }

    async fn put_off(store: &Store, company_id: i64) -> Result<()> {
        chores::rest(store, company_id, 5.0).await
    }
}

/// Does all that waits in a tenant's data.
async fn tend(app: &App, company_id: i64) -> Result<()> {
    let company = app.directory().by_id(company_id)?;
    let Some(company) = company.filter(|company| company.is_active) else {
        // Its work waits for it to be served again.
        return chores::rest(app.store(), company_id, AWAY).await;
    };
    let ready = company
        .schema_version
        .is_none_or(|version| version >= target());
    let Some(route) = company.route.clone().filter(|_| ready) else {
        // Its work waits for it to be served again.
        return chores::rest(app.store(), company_id, AWAY).await;
    };
    let data = app.pools().tenant(route.clone(), Sight::whole());
    while customs::reindex(&data).await? == Reindexed::Some {
        if app.stopping().is_cancelled() {
            return chores::rest(app.store(), company_id, 0.0).await;
        }
        chores::hold(app.store(), company_id).await?;
    }
    while let Some(job) = imports::open(&data).await? {
        let (sight, role) = eyes(app, &company, &job).await?;
        let data = app.pools().tenant(route.clone(), sight);
        if !finish(app, &data, (company_id, role), &job).await? {
            return chores::rest(app.store(), company_id, 0.0).await;
        }
    }
    chores::done(app.store(), company_id).await
}

/// What the person sees now who asked for it, and their role: an import finds and changes what they could, and has to
/// tell what they would have to.
async fn eyes(app: &App, company: &Company, job: &Job) -> Result<(Sight, Option<Role>)> {
    let Some(user_id) = job.user else {
        return Ok((Sight::whole(), None));
    };
    let user = users::find(app.store(), user_id).await?;
    if user.is_some_and(|user| user.is_superuser) {
        return Ok((Sight::whole(), None));
    }
    let places = users::memberships(app.store(), user_id).await?;
    let place = places.iter().find(|place| place.company_id == company.id);
    // Who has left meanwhile sees what a member would.
    let role = place.map_or(Role::Member, |place| place.role);
    Ok((Sight::of(user_id, role, &company.roles), Some(role)))
}

/// Does one import piece by piece; whether it came to an end.
async fn finish(
    app: &App,
    data: &TenantConnection,
    (company_id, role): (i64, Option<Role>),
    job: &Job,
) -> Result<bool> {
    let members = known(app, company_id).await?;
    let zone = app.config().time_zone.clone();
    let desk = Desk {
        words: words(),
        members: &members,
        zone: &zone,
    };
    let actor = Actor {
        user_id: job.user,
        name: job.username.clone(),
        address: job
            .address
            .as_deref()
            .and_then(|address| address.parse().ok()),
        request_id: job.request_id.clone(),
        support: job.support.clone(),
    };
    let (mut course, mut held) = (Course::default(), Instant::now());
    loop {
        if app.stopping().is_cancelled() {
            return Ok(false);
        }
        let now: Timestamp = app.now();
        let by = By {
            actor: &actor,
            now,
            writer: Writer::Of(role),
        };
        let more = match imports::step(data, by, &desk, job, &mut course).await {
            Ok(more) => more,
            Err(Error::Unavailable(context)) => return Err(Error::Unavailable(context)),
            Err(error) => {
                tracing::error!(%error, company_id, import = job.id, "an import can't go on");
                imports::stopped(
                    data,
                    job,
                    "It could not go on: a fault of ours, which is in the log.",
                    now,
                )
                .await?;
                false
            }
        };
        app.news().tell(company_id);
        if !more {
            return Ok(true);
        }
        if held.elapsed() > HOLD {
            chores::hold(app.store(), company_id).await?;
            held = Instant::now();
        }
    }
}

/// Members by their names and addresses.
async fn known(app: &App, company_id: i64) -> Result<HashMap<String, UserRef>> {
    let mut known = HashMap::new();
    for (id, username, email) in members::all_active(app.store(), company_id).await? {
        let user = UserRef { id, username };
        known.insert(email.to_lowercase(), user.clone());
        known.insert(user.username.to_lowercase(), user);
    }
    Ok(known)
}
