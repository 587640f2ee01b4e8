//! Work on tenants' data that nobody waits for: any program does it, one tenant at a time in each hand. Where there is
//! something to do stands in the control database.

use crate::App;
use sindico_db::Result;
use sindico_store::Store;
use sindico_store::migrate::tenant::target;
use sindico_store::tenant::directory::Company;
use sindico_store::tenant::route::Route;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

/// How often a hand looks for what other programs were asked.
const LOOK: Duration = Duration::from_secs(1);

/// The pause after something went wrong.
const AGAIN: Duration = Duration::from_secs(2);

/// A kind of work.
pub(crate) trait Duty: 'static {
    /// What it is called in the log.
    const WHAT: &'static str;
    /// How many tenants a program tends at once.
    const HANDS: usize;

    /// Has this program look at once.
    fn nudge() -> &'static Notify;

    /// Takes a tenant, for a while.
    fn claim(store: &Store) -> impl Future<Output = Result<Option<i64>>> + Send;

    /// Does what there is to do, and gives the tenant back.
    fn tend(app: &App, company_id: i64) -> impl Future<Output = Result<()>> + Send;

    /// Gives back one that could not be tended.
    fn put_off(store: &Store, company_id: i64) -> impl Future<Output = Result<()>> + Send;
}

/// Work that follows from what is written in tenants' data.
pub(crate) trait Watching: Duty {
    /// For how long news are gathered, so that many writes ask once.
    const GATHER: Duration;

    /// Something is new in these tenants' data.
    fn ask(store: &Store, companies: &[i64]) -> impl Future<Output = Result<()>> + Send;

    /// Something may have been missed anywhere.
    fn ask_all(store: &Store) -> impl Future<Output = Result<()>> + Send;
}

/// Starts the hands; they end when the program stops.
pub(crate) fn start<D: Duty>(app: &App) -> TaskTracker {
    let hands = TaskTracker::new();
    for _ in 0..D::HANDS {
        hands.spawn(work::<D>(app.clone()));
    }
    hands.close();
    hands
}

/// The same for work that follows from writes.
pub(crate) fn start_watching<D: Watching>(app: &App) -> TaskTracker {
    let hands = start::<D>(app);
    hands.spawn(listen::<D>(app.clone()));
    hands
}

/// Where a tenant's data are, if they can be worked on now.
pub(crate) fn place(app: &App, company_id: i64) -> Result<Option<(Arc<Company>, Route)>> {
    let company = app.directory().by_id(company_id)?;
    let served = company.filter(|company| {
        let schema = company.schema_version;
        company.is_served() && schema.is_none_or(|version| version >= target())
    });
    Ok(served.and_then(|company| {
        let route = company.route.clone()?;
        Some((company, route))
    }))
}

async fn work<D: Duty>(app: App) {
    let stopping = app.stopping().clone();
    while !stopping.is_cancelled() {
        let pause = match D::claim(app.store()).await {
            Ok(Some(company_id)) => match D::tend(&app, company_id).await {
                Ok(()) => Duration::ZERO,
                Err(error) => {
                    tracing::warn!(%error, company_id, "{} have to wait", D::WHAT);
                    let _ = D::put_off(app.store(), company_id).await;
                    AGAIN
                }
            },
            Ok(None) => LOOK,
            Err(error) => {
                tracing::warn!(%error, "can't look for {}; trying again soon", D::WHAT);
                AGAIN
            }
        };
        tokio::select! {
            _ = timeout(pause, D::nudge().notified()) => {}
            () = stopping.cancelled() => {}
        }
    }
}

/// Asks for those tenants in whose data something is new.
async fn listen<D: Watching>(app: App) {
    let stopping = app.stopping().clone();
    let mut news = app.news().subscribe();
    let mut all = true;
    let mut ids = BTreeSet::new();
    loop {
        if all || !ids.is_empty() {
            tokio::time::sleep(D::GATHER).await;
            loop {
                match news.try_recv() {
                    Ok(change) if change.0 != 0 => {
                        ids.insert(change.0);
                    }
                    Ok(_) | Err(TryRecvError::Lagged(_)) => all = true,
                    Err(TryRecvError::Empty | TryRecvError::Closed) => break,
                }
            }
            let companies: Vec<i64> = ids.iter().copied().collect();
            let mut asked = Ok(());
            if !companies.is_empty() {
                asked = D::ask(app.store(), &companies).await;
            }
            if all && asked.is_ok() {
                asked = D::ask_all(app.store()).await;
            }
            match asked {
                Ok(()) => {
                    all = false;
                    ids.clear();
                    D::nudge().notify_waiters();
                }
                // What is new is kept, and asked for again.
                Err(error) => {
                    tracing::debug!(%error, "can't ask for {}; trying again", D::WHAT);
                    tokio::time::sleep(AGAIN).await;
                }
            }
            if stopping.is_cancelled() {
                return;
            }
            continue;
        }
        tokio::select! {
            heard = news.recv() => match heard {
                Ok(change) if change.0 != 0 => {
                    ids.insert(change.0);
                }
                Ok(_) | Err(RecvError::Lagged(_)) => all = true,
                Err(RecvError::Closed) => return,
            },
            () = stopping.cancelled() => return,
        }
    }
}
