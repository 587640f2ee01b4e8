//! The engine: takes requests, claims what is due, lets others wait and watch.

use crate::config::Config;
use crate::plan::Step;
use crate::sessions::Sessions;
use crate::{warm, work};
use futures_util::Stream;
use sindico_domain::access::Actor;
use sindico_domain::operation::{Operation, OperationStatus};
use sindico_store::control::idempotency::Key;
use sindico_store::control::operations::{self, ExecutionRequest, Requested};
use sindico_store::listen::{Change, Wakeups};
use sindico_store::tenant::vault::Vault;
use sindico_store::{Result, Store};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Notify, Semaphore};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How often somebody who waits looks by themself, should a wake-up be missed.
const LOOK: Duration = Duration::from_secs(1);

/// The engine of this program. Clones are the same engine.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) vault: Vault,
    pub(crate) config: Config,
    pub(crate) sessions: Sessions,
    /// The migration of the fleet that an operator started.
    pub(crate) fleet: crate::fleet::Kept,
    /// Running operations go back into the queue at their next step.
    pub(crate) handover: CancellationToken,
    wakeups: Wakeups,
    /// Something was asked for in this very program.
    asked: Notify,
    /// A blank database was taken.
    pub(crate) pool_used: Notify,
    /// Nothing more is claimed.
    pub(crate) closing: CancellationToken,
    tasks: TaskTracker,
}

impl Engine {
    /// Starts to claim and run operations.
    pub fn start(store: Store, vault: Vault, wakeups: Wakeups, config: Config) -> Self {
        let engine = Self(Arc::new(Inner {
            store,
            vault,
            config,
            sessions: Sessions::default(),
            fleet: crate::fleet::Kept::default(),
            handover: CancellationToken::new(),
            wakeups,
            asked: Notify::new(),
            pool_used: Notify::new(),
            closing: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }));
        if engine.0.config.workers > 0 {
            engine.0.tasks.spawn(claim_loop(Arc::clone(&engine.0)));
            if engine.0.config.warm_pool > 0 {
                tokio::spawn(warm::keep(Arc::clone(&engine.0)));
            }
        }
        engine
    }

    /// Where secrets are sealed.
    pub fn vault(&self) -> &Vault {
        &self.0.vault
    }

    pub(crate) fn inner(&self) -> &Arc<Inner> {
        &self.0
    }

    /// How many blank databases wait on the provider's server.
    pub fn warm_pool(&self) -> usize {
        self.0.config.warm_pool
    }

    /// Asks for the provisioning of a tenant; `None` when there is no such tenant. `age` is how
    /// long ago the request came in: an operation that ended since then is its answer.
    ///
    /// # Errors
    /// As [`operations::request_execution`].
    pub async fn execute(
        &self,
        actor: &Actor,
        company_id: i64,
        portal_url: Option<String>,
        age: Duration,
        key: Option<&Key>,
    ) -> Result<Option<Requested>> {
        let inner = &self.0;
        let request = ExecutionRequest {
            portal_url,
            provider: &inner.config.provisioner,
            steps: &Step::names(),
            age,
            deadline: inner.config.deadline,
        };
        let requested =
            operations::request_execution(&inner.store, actor, company_id, &request, key).await?;
        inner.asked.notify_one();
        Ok(requested)
    }

    /// The operation once it has ended, or as it stands after `limit`.
    ///
    /// # Errors
    /// When the database can't be reached.
    pub async fn wait(&self, id: i64, limit: Duration) -> Result<Option<Operation>> {
        // Listening begins before the first look, so that no end can fall between them.
        let mut changes = self.0.wakeups.subscribe();
        let end = Instant::now() + limit;
        loop {
            let operation = operations::find(&self.0.store, id).await?;
            match &operation {
                Some(found) if !found.status.is_final() && Instant::now() < end => {}
                _ => return Ok(operation),
            }
            let ended = |change: Change| change.status.is_none_or(OperationStatus::is_final);
            next_change(&mut changes, id, LOOK.min(end - Instant::now()), ended).await;
        }
    }

    /// The operation each time it has changed since version `seen`, up to its end. A lost
    /// database delays it, and does not end it.
    pub fn watch(&self, id: i64, seen: i64) -> impl Stream<Item = Operation> + Send + use<> {
        let inner = Arc::clone(&self.0);
        let changes = inner.wakeups.subscribe();
        futures_util::stream::unfold(Some((inner, changes, seen)), move |state| async move {
            let (inner, mut changes, seen) = state?;
            loop {
                match operations::find(&inner.store, id).await {
                    Ok(None) => return None,
                    Ok(Some(found)) if found.version > seen => {
                        let version = found.version;
                        let more = !found.status.is_final();
                        return Some((found, more.then_some((inner, changes, version))));
                    }
                    Ok(Some(found)) if found.status.is_final() => return None,
                    _ => {}
                }
                next_change(&mut changes, id, LOOK, |_| true).await;
            }
        })
    }

    /// Claims nothing more, lets running operations finish within `grace`, then hands the others
    /// over: they go back into the queue at their next step, for another program to go on with.
    pub async fn stop(&self, grace: Duration) {
        self.0.closing.cancel();
        self.0.tasks.close();
        if timeout(grace, self.0.tasks.wait()).await.is_err() {
            self.0.handover.cancel();
            let _ = timeout(Duration::from_secs(5), self.0.tasks.wait()).await;
        }
    }
}

impl Inner {
    /// Looks for work once more when this time has passed: nobody tells when a pause is over.
    pub(crate) fn look_after(self: &Arc<Self>, delay: Duration) {
        let inner = Arc::clone(self);
        tokio::spawn(async move {
            if let Some(()) = inner.closing.run_until_cancelled(sleep(delay)).await {
                inner.asked.notify_one();
            }
        });
    }
}

/// One claim at a time, and as many operations at once as there are workers.
async fn claim_loop(inner: Arc<Inner>) {
    let free = Arc::new(Semaphore::new(inner.config.workers));
    let mut changes = inner.wakeups.subscribe();
    let name = worker_name();
    loop {
        let permit = tokio::select! {
            permit = Arc::clone(&free).acquire_owned() => permit,
            () = inner.closing.cancelled() => return,
        };
        if inner.closing.is_cancelled() {
            return;
        }
        inner.sessions.end_old();
        match operations::claim(&inner.store, &name, inner.config.lease).await {
            Ok(Some(claimed)) => {
                let work = work::run(Arc::clone(&inner), claimed);
                inner.tasks.spawn(async move {
                    let _permit = permit;
                    work.await;
                });
                continue;
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "can't look for operations; trying again");
                tokio::select! {
                    () = sleep(LOOK) => {}
                    () = inner.closing.cancelled() => return,
                }
                continue;
            }
        }
        let queued = |change: Change| change.status.is_none_or(|s| s == OperationStatus::Queued);
        tokio::select! {
            () = inner.asked.notified() => {}
            () = next_change(&mut changes, 0, LOOK, queued) => {}
            () = inner.closing.cancelled() => return,
        }
    }
}

/// Waits for a wanted change of operation `id` (0: of any), at most for `limit`.
async fn next_change(
    changes: &mut Receiver<Change>,
    id: i64,
    limit: Duration,
    wanted: impl Fn(Change) -> bool,
) {
    let _ = timeout(limit, async {
        loop {
            match changes.recv().await {
                Ok(change) if (id == 0 || change.id == 0 || change.id == id) && wanted(change) => {
                    return;
                }
                Ok(_) => {}
                // Too many to keep: look.
                Err(RecvError::Lagged(_)) => return,
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    })
    .await;
}

/// Tells programs apart in the record of leases.
fn worker_name() -> String {
    let mut bytes = [0u8; 4];
    let _ = getrandom::fill(&mut bytes);
    format!("{}-{:08x}", std::process::id(), u32::from_be_bytes(bytes))
}
