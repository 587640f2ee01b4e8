//! Sessions of administrators that wait for the next operation. To sign in takes as long as all that a
//! place needs asked on its server.

use sindico_store::server::Server;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How long a session waits.
const IDLE: Duration = Duration::from_secs(60);

/// Those that wait, by provider. They hold no lock.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<Vec<Kept>>);

struct Kept {
    provider: String,
    server: Server,
    since: Instant,
}

impl Sessions {
    fn lock(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One of this provider's administrator, if one waits. It may have died without a word.
    pub(crate) fn take(&self, provider: &str) -> Option<Server> {
        let mut kept = self.lock();
        kept.retain(|kept| !kept.server.is_closed());
        let last = kept.iter().rposition(|kept| kept.provider == provider)?;
        Some(kept.remove(last).server)
    }

    /// Keeps a session that has given back its lock.
    pub(crate) fn keep(&self, provider: &str, server: Server) {
        self.lock().push(Kept {
            provider: provider.to_owned(),
            server,
            since: Instant::now(),
        });
    }

    /// Ends those that have waited for long.
    pub(crate) fn end_old(&self) {
        self.lock().retain(|kept| kept.since.elapsed() < IDLE);
    }
}
