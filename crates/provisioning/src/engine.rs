//! The engine: takes requests, takes up operations, tells how they go.

use crate::config::Config;
use crate::plan;
use crate::watch::{Board, Seen, woken};
use crate::worker::Run;
use futures_util::{Stream, stream};
use sindico_domain::access::Actor;
use sindico_domain::operation::Operation;
use sindico_store::control::idempotency::Key;
use sindico_store::control::operations::{self, ExecutionRequest, Requested};
use sindico_store::listen::Wakeups;
use sindico_store::{Error, Result, Store};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long [`Engine::stop`] waits, after the grace, for steps to come to their boundary.
const BOUNDARY: Duration = Duration::from_secs(2);

/// A running engine. Copies are handles on the same one; it runs until [`Engine::stop`].
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) wakeups: Wakeups,
    pub(crate) config: Config,
    pub(crate) board: Board,
    /// This program's name as a holder of leases.
    pub(crate) name: String,
    /// There is work that nobody else tells of: a retry that is due.
    pub(crate) work: Notify,
    /// Claim no more.
    pub(crate) stopping: CancellationToken,
    /// Give back what is at work, at the next boundary.
    pub(crate) hand_over: CancellationToken,
    /// Drop what is at work.
    abandon: CancellationToken,
    tasks: TaskTracker,
}

impl Engine {
    /// Starts to take up operations, `config.workers` at once. Must be called in a tokio runtime.
    pub fn start(store: Store, wakeups: Wakeups, config: Config) -> Self {
        let inner = Arc::new(Inner {
            store,
            wakeups,
            config,
            board: Board::default(),
            name: format!("{}-{:08x}", std::process::id(), random()),
            work: Notify::new(),
            stopping: CancellationToken::new(),
            hand_over: CancellationToken::new(),
            abandon: CancellationToken::new(),
            tasks: TaskTracker::new(),
        });
        inner.tasks.spawn(dispatch(Arc::clone(&inner)));
        Self(inner)
    }

    /// Asks for the provisioning of a tenant with the configured provider; does not wait for it.
    /// `age` is how long ago the request was received. `None` when there is no such tenant.
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
        let request = ExecutionRequest {
            portal_url,
            provider: &self.0.config.provider,
            steps: &plan::step_names(),
            age,
            deadline: self.0.config.deadline,
        };
        let requested =
            operations::request_execution(&self.0.store, actor, company_id, &request, key).await?;
        self.0.work.notify_one();
        Ok(requested)
    }

    /// The operation when it has ended, or as it is after `limit`; `None` when there is no such
    /// operation. A lost control database is waited for.
    ///
    /// # Errors
    /// When the control database did not answer at all in that time.
    pub async fn wait(&self, operation_id: i64, limit: Duration) -> Result<Option<Operation>> {
        let mut receiver = Board::subscribe(&self.0, operation_id);
        let ended = async { while receiver.changed().await.is_ok() {} };
        let _ = timeout(limit, ended).await;
        let seen = receiver.borrow().clone();
        match seen {
            Seen::Operation(operation) => Ok(Some((*operation).clone())),
            Seen::Nothing => Ok(None),
            Seen::NotYet => Err(Error::Unavailable(
                "it did not answer while an operation was waited for".to_owned(),
            )),
        }
    }

    /// The operation as it is, and again at each change; ends after its final state. States that
    /// come faster than they are taken are left out. A lost control database is waited for.
    pub fn watch(
        &self,
        operation_id: i64,
    ) -> impl Stream<Item = Operation> + Send + use<> + 'static {
        let receiver = Board::subscribe(&self.0, operation_id);
        stream::unfold((receiver, 0, false), async |(mut receiver, last, over)| {
            let mut over = over;
            loop {
                let seen = receiver.borrow_and_update().clone();
                if let Seen::Operation(operation) = seen
                    && operation.version > last
                {
                    let version = operation.version;
                    return Some(((*operation).clone(), (receiver, version, over)));
                }
                if over {
                    return None;
                }
                over = receiver.changed().await.is_err();
            }
        })
    }

    /// Stops: claims nothing more, lets what is at work end within `grace`, then gives it back at
    /// the next step's boundary so that another program takes over at once; a step that does not
    /// come to its boundary within two seconds is dropped, and taken over when its lease runs out.
    pub async fn stop(&self, grace: Duration) {
        let inner = &self.0;
        inner.stopping.cancel();
        inner.tasks.close();
        if timeout(grace, inner.tasks.wait()).await.is_ok() {
            return;
        }
        inner.hand_over.cancel();
        if timeout(BOUNDARY, inner.tasks.wait()).await.is_ok() {
            return;
        }
        tracing::warn!("a provisioning step takes too long; its lease will run out");
        inner.abandon.cancel();
        let _ = timeout(BOUNDARY, inner.tasks.wait()).await;
    }
}

/// Takes up operations for as long as there are any and a worker is free.
async fn dispatch(inner: Arc<Inner>) {
    let mut wakeups = inner.wakeups.subscribe();
    let slots = Arc::new(Semaphore::new(inner.config.workers.max(1)));
    loop {
        let slot = tokio::select! {
            () = inner.stopping.cancelled() => return,
            slot = Arc::clone(&slots).acquire_owned() => slot,
        };
        if inner.stopping.is_cancelled() {
            return;
        }
        // Never dropped half way: a claim that nobody knows of would hold its lease for nothing.
        match operations::claim(&inner.store, &inner.name, inner.config.lease).await {
            Ok(Some(claimed)) => {
                let run = Run::new(Arc::clone(&inner), claimed);
                let abandon = inner.abandon.clone();
                inner.tasks.spawn(async move {
                    let _slot = slot;
                    abandon.run_until_cancelled(run.run()).await;
                });
                continue;
            }
            Ok(None) => drop(slot),
            Err(error) => {
                tracing::warn!(%error, "could not look for work; trying again");
                drop(slot);
                tokio::select! {
                    () = inner.stopping.cancelled() => return,
                    () = sleep(inner.config.poll) => continue,
                }
            }
        }
        tokio::select! {
            () = inner.stopping.cancelled() => return,
            () = inner.work.notified() => {}
            () = woken(&mut wakeups, None, inner.config.poll) => {}
        }
    }
}

/// A random number, for names and jitter: nothing secret.
pub(crate) fn random() -> u32 {
    getrandom::u32().unwrap_or_default()
}
