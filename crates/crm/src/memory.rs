//! What was counted a moment ago: good for as long as nothing has changed since, and two seconds at the most,
//! since what is overdue moves with the clock. Whoever asks while it is being counted waits and shares.
//!
//! Nobody is told less than what was there when they asked: what is remembered is compared with the
//! tenant's data each time ([`crate::since`]), and what was counted meanwhile counts only if it was begun after
//! they asked.

use crate::since::Since;
use sindico_db::Result;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// For how long numbers are good.
const GOOD: Duration = Duration::from_secs(2);

/// How many questions are remembered, of all tenants together: some hundred kilobytes. What is beyond them
/// is counted for each who asks.
const MOST: usize = 1_000;

/// Where numbers come from.
pub(crate) trait Source<V>: Sync {
    /// Whether there is something by now that was not there then; one statement at the most.
    fn changed(&self, since: &Since) -> impl Future<Output = Result<bool>> + Send;
    /// Counts, and says what was seen.
    fn count(&self) -> impl Future<Output = Result<(V, Since)>> + Send;
}

/// Numbers by question. Whose they are is part of the question.
#[derive(Debug)]
pub struct Memory<K, V> {
    slots: Mutex<HashMap<K, Arc<Slot<V>>>>,
    good: Duration,
}

impl<K, V> Default for Memory<K, V> {
    fn default() -> Self {
        Self {
            slots: Mutex::default(),
            good: GOOD,
        }
    }
}

#[derive(Debug)]
struct Slot<V> {
    /// Held by the one who counts.
    turn: tokio::sync::Mutex<()>,
    kept: Mutex<Option<Arc<Kept<V>>>>,
}

#[derive(Debug)]
struct Kept<V> {
    value: V,
    begun: Instant,
    since: Since,
}

impl<K: Eq + Hash + Clone, V: Clone + Send + Sync> Memory<K, V> {
    /// The numbers as they are now: at most one look at whether they changed, and one count.
    pub(crate) async fn get(&self, key: K, source: &impl Source<V>) -> Result<V> {
        let arrived = Instant::now();
        let Some(slot) = self.slot(key) else {
            return Ok(source.count().await?.0);
        };
        let mut looked = false;
        if let Some(kept) = slot.kept().filter(|kept| self.is_good(kept)) {
            looked = true;
            if !source.changed(&kept.since).await? {
                return Ok(kept.value.clone());
            }
        }
        // Whoever goes away while they count gives their turn to the next.
        let _turn = slot.turn.lock().await;
        if let Some(kept) = slot.kept() {
            if kept.begun >= arrived {
                return Ok(kept.value.clone());
            }
            if !looked && self.is_good(&kept) && !source.changed(&kept.since).await? {
                return Ok(kept.value.clone());
            }
        }
        let begun = Instant::now();
        let (value, since) = source.count().await?;
        *lock(&slot.kept) = Some(Arc::new(Kept {
            value: value.clone(),
            begun,
            since,
        }));
        Ok(value)
    }

    fn is_good(&self, kept: &Kept<V>) -> bool {
        kept.begun.elapsed() < self.good
    }

    /// The place of a question; `None` when there is no room for another one.
    fn slot(&self, key: K) -> Option<Arc<Slot<V>>> {
        let mut slots = lock(&self.slots);
        if let Some(slot) = slots.get(&key) {
            return Some(slot.clone());
        }
        if slots.len() >= MOST {
            // Those that nobody waits at and that are not good any more.
            slots.retain(|_, slot| {
                Arc::strong_count(slot) > 1 || slot.kept().is_some_and(|kept| self.is_good(&kept))
            });
        }
        if slots.len() >= MOST {
            return None;
        }
        let slot = Arc::new(Slot {
            turn: tokio::sync::Mutex::default(),
            kept: Mutex::default(),
        });
        slots.insert(key, slot.clone());
        Some(slot)
    }
}

impl<V> Slot<V> {
    fn kept(&self) -> Option<Arc<Kept<V>>> {
        lock(&self.kept).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What stands in it is whole after any panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
