//! What a company has set up, as it was a moment ago: for the words of pages, which are many and read it each
//! time. No rule goes by it: a write reads what is set up in its own transaction.

use crate::{customs, pipelines};
use sindico_db::{Result, TenantConnection};
use sindico_domain::crm::custom::Customs;
use sindico_domain::crm::pipeline::Pipelines;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// For how long it is good: what another program has set up shows after so long.
const GOOD: Duration = Duration::from_secs(2);
/// How many companies are remembered; beyond them each reads for itself.
const MOST: usize = 1_000;

/// Something that is set up.
pub trait SetUp: Sized + Send + Sync {
    /// Reads all of it.
    fn read(data: &TenantConnection) -> impl Future<Output = Result<Self>> + Send;
}

impl SetUp for Pipelines {
    async fn read(data: &TenantConnection) -> Result<Self> {
        pipelines::read(data).await
    }
}

impl SetUp for Customs {
    async fn read(data: &TenantConnection) -> Result<Self> {
        customs::read(data).await
    }
}

/// By whose place it is (`P`: whatever tells two places apart), when it was read, and what it was.
type Known<P, V> = HashMap<(i64, P), (Instant, Arc<V>)>;

/// What companies have set up.
#[derive(Debug)]
pub struct Remembered<P, V>(Mutex<Known<P, V>>);

impl<P, V> Default for Remembered<P, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<P: Eq + Hash, V: SetUp> Remembered<P, V> {
    /// What this company has set up: as it was a moment ago, else as it is now.
    ///
    /// # Errors
    /// When the tenant's place can't be reached.
    pub async fn read(&self, data: &TenantConnection, place: P) -> Result<Arc<V>> {
        let key = (data.company_id(), place);
        let kept = self.lock().get(&key).cloned();
        if let Some((_, kept)) = kept.filter(|(read, _)| read.elapsed() < GOOD) {
            return Ok(kept);
        }
        let begun = Instant::now();
        let now = Arc::new(V::read(data).await?);
        let mut known = self.lock();
        if known.len() >= MOST {
            known.retain(|_, (read, _)| read.elapsed() < GOOD);
        }
        if known.len() < MOST {
            known.insert(key, (begun, now.clone()));
        }
        Ok(now)
    }

    /// Something was set up: it is read anew.
    pub fn forget(&self, company: i64) {
        self.lock().retain(|(of, _), _| *of != company);
    }

    fn lock(&self) -> MutexGuard<'_, Known<P, V>> {
        // What stands in it is whole after any panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
