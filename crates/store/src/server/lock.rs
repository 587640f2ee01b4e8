//! Who works on a place: a session advisory lock in the administrator's database. It dies with its
//! session, so a killed worker frees it (tenancy.md section 1).

use super::{Server, ServerError};
use sha2::{Digest, Sha256};
use sindico_domain::mark::Mark;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// What is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockKey(i64);

impl LockKey {
    /// The place with this mark, whatever its generation.
    pub fn of_place(mark: &Mark) -> Self {
        Self::of(&format!("place {}", mark.tenant()))
    }

    /// The templates of a server.
    pub(super) fn of_templates() -> Self {
        Self::of("templates")
    }

    /// The pool of blank databases of a server.
    pub fn of_pool() -> Self {
        Self::of("pool")
    }

    fn of(text: &str) -> Self {
        let digest = Sha256::digest(format!("sindico {text}"));
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&digest[..8]);
        Self(i64::from_be_bytes(bytes))
    }
}

impl Server {
    /// Takes the lock for as long as this session lives, or until [`Server::unlock`]. Whoever holds
    /// it has `patience` to finish; then its session is ended, if `evict`. A worker calls this with
    /// a lease in hand: another holder has lost its own, is perhaps only frozen, and must not go on
    /// when it wakes up.
    ///
    /// # Errors
    /// [`ServerError::Busy`] when somebody else keeps it.
    pub async fn lock(
        &self,
        key: LockKey,
        patience: Duration,
        evict: bool,
    ) -> Result<(), ServerError> {
        let end = Instant::now() + patience;
        let mut evicted = false;
        loop {
            let sql = "SELECT pg_try_advisory_lock($1)";
            if self.query_one(sql, &[&key.0]).await?.get(0) {
                return Ok(());
            }
            if Instant::now() < end {
                sleep(Duration::from_millis(20)).await;
            } else if evict && !evicted {
                evicted = true;
                self.evict(key).await?;
            } else {
                return Err(ServerError::Busy);
            }
        }
    }

    /// Gives the lock back.
    ///
    /// # Errors
    /// As PostgreSQL has it.
    pub async fn unlock(&self, key: LockKey) -> Result<(), ServerError> {
        let sql = "SELECT pg_advisory_unlock($1)";
        self.query_one(sql, &[&key.0]).await?;
        Ok(())
    }

    /// Ends the sessions that hold the lock: they are of the same administrator, so no more rights
    /// are needed (PostgreSQL manual, 9.28.2). Waits until they are gone.
    async fn evict(&self, key: LockKey) -> Result<(), ServerError> {
        let sql = "SELECT pg_terminate_backend(l.pid, 5000) FROM pg_locks l
            WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND l.classid = (($1::bigint >> 32) & 4294967295)::oid
              AND l.objid = ($1::bigint & 4294967295)::oid AND l.pid <> pg_backend_pid()";
        let ended = self.query(sql, &[&key.0]).await?;
        tracing::warn!(
            sessions = ended.len(),
            "ended the session of a worker that lost its lease"
        );
        Ok(())
    }
}
