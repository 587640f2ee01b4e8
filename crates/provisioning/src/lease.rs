//! Keeping a lease alive.

use sindico_store::Store;
use sindico_store::control::operations::{self, Lease, WorkError};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// Renews the lease at a third of its length; returns when it is lost, or must be taken for lost
/// because it could not be renewed for its whole length.
///
/// It runs in the task of the work itself: were it a task of its own, it could go on for work that
/// has panicked or hangs.
pub(crate) async fn keep(store: &Store, lease: &Lease, length: Duration) {
    let pause = length / 3;
    let mut renewed = Instant::now();
    let mut next = pause;
    loop {
        sleep(next).await;
        let asked = Instant::now();
        match timeout(pause, operations::heartbeat(store, lease, length)).await {
            Ok(Ok(_)) => {
                renewed = asked;
                next = pause;
            }
            Ok(Err(WorkError::Fenced)) => return,
            Ok(Err(WorkError::Store(error))) => {
                tracing::warn!(operation = lease.operation_id, %error, "could not renew a lease");
                next = pause / 4;
            }
            Err(_) => {
                tracing::warn!(
                    operation = lease.operation_id,
                    "renewing a lease takes too long"
                );
                next = Duration::ZERO;
            }
        }
        if renewed.elapsed() >= length {
            return;
        }
    }
}
