//! Waiting for operations. However many wait for one, it is read once a change.

use crate::engine::Inner;
use sindico_domain::operation::Operation;
use sindico_store::control::operations;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::watch;

/// What is known of an operation.
#[derive(Debug, Clone)]
pub(crate) enum Seen {
    /// Nothing yet: the database has not answered.
    NotYet,
    /// There is no such operation.
    Nothing,
    /// This.
    Operation(Arc<Operation>),
}

impl Seen {
    /// Whether nothing more will come.
    fn is_last(&self) -> bool {
        match self {
            Self::NotYet => false,
            Self::Nothing => true,
            Self::Operation(operation) => operation.status.is_final(),
        }
    }
}

/// The operations that somebody waits for in this program.
#[derive(Debug, Default)]
pub(crate) struct Board(Mutex<HashMap<i64, watch::Sender<Seen>>>);

impl Board {
    fn entries(&self) -> std::sync::MutexGuard<'_, HashMap<i64, watch::Sender<Seen>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is seen of the operation from now on. Ends (the sender goes) after its last state.
    pub(crate) fn subscribe(inner: &Arc<Inner>, id: i64) -> watch::Receiver<Seen> {
        let mut entries = inner.board.entries();
        if let Some(sender) = entries.get(&id) {
            return sender.subscribe();
        }
        let (sender, receiver) = watch::channel(Seen::NotYet);
        entries.insert(id, sender);
        drop(entries);
        // Listening comes before the first look, so that nothing falls between them.
        let wakeups = inner.wakeups.subscribe();
        tokio::spawn(look(Arc::clone(inner), id, wakeups));
        receiver
    }

    /// Shows a state; says whether there is anybody left to show the next one to.
    fn show(&self, id: i64, seen: Option<Seen>) -> bool {
        let mut entries = self.entries();
        let Some(sender) = entries.get(&id) else {
            return false;
        };
        let mut last = false;
        if let Some(seen) = seen {
            last = seen.is_last();
            sender.send_replace(seen);
        }
        if last || sender.receiver_count() == 0 {
            entries.remove(&id);
            return false;
        }
        true
    }
}

/// Reads the operation whenever it may have changed, until its last state or nobody waits.
async fn look(inner: Arc<Inner>, id: i64, mut wakeups: Receiver<i64>) {
    loop {
        let seen = match operations::find(&inner.store, id).await {
            Ok(Some(operation)) => Some(Seen::Operation(Arc::new(operation))),
            Ok(None) => Some(Seen::Nothing),
            Err(error) => {
                tracing::debug!(operation = id, %error, "could not read an operation that is waited for");
                None
            }
        };
        if !inner.board.show(id, seen) {
            return;
        }
        woken(&mut wakeups, Some(id), inner.config.poll).await;
    }
}

/// Waits until somebody tells of this operation (of any, without one) or of everything, and at the
/// most for `backstop`; takes all that was told meanwhile.
pub(crate) async fn woken(wakeups: &mut Receiver<i64>, id: Option<i64>, backstop: Duration) {
    let told = async {
        loop {
            match wakeups.recv().await {
                Ok(0) | Err(RecvError::Lagged(_)) => break,
                Ok(told) if id.is_none_or(|id| id == told) => break,
                Ok(_) => {}
                // Nobody tells any more: the backstop alone is left.
                Err(RecvError::Closed) => std::future::pending::<()>().await,
            }
        }
    };
    let _ = tokio::time::timeout(backstop, told).await;
    // One look answers all that was told until now.
    let mut waiting = wakeups.len();
    while waiting > 0 && wakeups.try_recv().is_ok() {
        waiting -= 1;
    }
}
