//! Who a token or a session belongs to, remembered for a moment: reads that come in numbers ask the
//! control database once. What could make a memory wrong ends it: in this program by the change itself,
//! in all others by notification within milliseconds, and in any case after a second. While nobody
//! listens, nothing is remembered. Writes never go by a memory.

use crate::listen::Access;
use crate::{Store, listen::Wakeups};
use jiff::Timestamp;
use sindico_domain::access::scopes::Scopes;
use sindico_domain::access::{Membership, Role, User};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long something is remembered at the most.
const MEMORY: Duration = Duration::from_secs(1);

/// How long a user's places are remembered at the most: they make a menu, and open nothing.
const PLACES_MEMORY: Duration = Duration::from_secs(30);

/// How much is remembered at the most.
const LIMIT: usize = 10_000;

/// Whose a credential is.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) user: User,
    pub(super) role: Option<Role>,
    /// What a token may be used for; a session has no limit.
    pub(super) scopes: Scopes,
    /// What is kept of the session, if the credential is one.
    pub(super) session: Option<Kept>,
}

/// A session's id, its end, and the visit of support that it is for.
pub(super) type Kept = (i64, Timestamp, Option<i64>);

/// The digest of what was presented, and the company that was asked for.
pub(super) type Key = (Vec<u8>, Option<i64>);

/// What this program remembers.
#[derive(Default)]
pub(crate) struct Memory(Mutex<State>);

#[derive(Default)]
struct State {
    /// Whether changes are heard of; without that, nothing is remembered.
    hears: bool,
    /// Counts everything that may have made a memory wrong.
    generation: u64,
    known: HashMap<Key, (Instant, Known)>,
    places: HashMap<i64, (Instant, Arc<[Membership]>)>,
}

impl Memory {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something has changed.
    pub(crate) fn forget(&self) {
        self.hear(None);
    }

    fn hear(&self, hears: Option<bool>) {
        let mut state = self.lock();
        state.generation += 1;
        state.known.clear();
        state.places.clear();
        state.hears = hears.unwrap_or(state.hears);
    }

    pub(super) fn recall(&self, key: &Key) -> Option<Known> {
        let state = self.lock();
        let (at, known) = state.known.get(key)?;
        (at.elapsed() < MEMORY).then(|| known.clone())
    }

    pub(super) fn recall_places(&self, user_id: i64) -> Option<Arc<[Membership]>> {
        let state = self.lock();
        let (at, places) = state.places.get(&user_id)?;
        (at.elapsed() < PLACES_MEMORY).then(|| Arc::clone(places))
    }

    pub(super) fn remember_places(
        &self,
        generation: u64,
        user_id: i64,
        places: &Arc<[Membership]>,
    ) {
        let mut state = self.lock();
        if !state.hears || state.generation != generation {
            return;
        }
        if state.places.len() >= LIMIT {
            state.places.clear();
        }
        state
            .places
            .insert(user_id, (Instant::now(), Arc::clone(places)));
    }

    /// To be taken before the database is asked, and shown when its answer is to be remembered: a
    /// change in between makes that answer one of the past.
    pub(super) fn generation(&self) -> u64 {
        self.lock().generation
    }

    pub(super) fn remember(&self, generation: u64, key: Key, known: Known) {
        let mut state = self.lock();
        if !state.hears || state.generation != generation {
            return;
        }
        if state.known.len() >= LIMIT {
            state.known.clear();
        }
        state.known.insert(key, (Instant::now(), known));
    }
}

impl Store {
    /// Begins to remember whose tokens and sessions are, for as long as changes are heard of.
    pub fn remember_access(&self, wakeups: &Wakeups) {
        let mut told = wakeups.subscribe_access();
        let store = self.clone();
        tokio::spawn(async move {
            use tokio::sync::broadcast::error::RecvError;
            loop {
                match told.recv().await {
                    Ok(Access::Heard) => store.memory().hear(Some(true)),
                    Ok(Access::Deaf) => store.memory().hear(Some(false)),
                    Ok(Access::Changed) | Err(RecvError::Lagged(_)) => store.memory().forget(),
                    Err(RecvError::Closed) => return store.memory().hear(Some(false)),
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ana() -> Known {
        let user = User {
            id: 1,
            username: "ana".to_owned(),
            email: String::new(),
            is_staff: false,
            is_superuser: false,
        };
        Known {
            scopes: Scopes::FULL,
            user,
            role: None,
            session: None,
        }
    }

    #[test]
    fn an_answer_of_the_past_is_not_remembered() {
        let memory = Memory::default();
        let key = (vec![1], None);
        memory.remember(memory.generation(), key.clone(), ana());
        assert!(memory.recall(&key).is_none(), "nobody listens yet");
        memory.hear(Some(true));
        let asked = memory.generation();
        memory.forget();
        memory.remember(asked, key.clone(), ana());
        assert!(memory.recall(&key).is_none(), "it changed meanwhile");
        memory.remember(memory.generation(), key.clone(), ana());
        assert!(memory.recall(&key).is_some());
        assert!(
            memory.recall(&(vec![1], Some(7))).is_none(),
            "another company is another question"
        );
        memory.hear(Some(false));
        assert!(memory.recall(&key).is_none());
    }
}
