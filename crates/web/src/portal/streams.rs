//! How many streams of events are open: each holds a connection and looks every few seconds, so that a page
//! which opens one after another, or a client that never closes, must not take all of them.

use crate::contract::error::ApiResult;
use sindico_domain::Refusal;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many streams of one tenant a user may have open in one program.
const MOST: usize = 10;

/// How many are open, by company and user.
type Counts = HashMap<(i64, i64), usize>;

/// The open streams of this program.
#[derive(Default)]
pub struct Streams(Arc<Mutex<Counts>>);

/// A stream that is open until this is dropped.
pub struct Open {
    counts: Arc<Mutex<Counts>>,
    whose: (i64, i64),
}

impl Streams {
    /// Opens one more.
    ///
    /// # Errors
    /// `429` when this user has as many as they may.
    pub fn open(&self, company_id: i64, user_id: i64) -> ApiResult<Open> {
        let whose = (company_id, user_id);
        let mut counts = lock(&self.0);
        let count = counts.entry(whose).or_default();
        if *count >= MOST {
            return Err(Refusal::TooManyOpen(format!(
                "You have {MOST} streams of events of this tenant open. Close one, then open another."
            ))
            .into());
        }
        *count += 1;
        Ok(Open {
            counts: self.0.clone(),
            whose,
        })
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut counts = lock(&self.counts);
        if let Some(count) = counts.get_mut(&self.whose) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.whose);
            }
        }
    }
}

fn lock(counts: &Mutex<Counts>) -> MutexGuard<'_, Counts> {
    counts.lock().unwrap_or_else(PoisonError::into_inner)
}
