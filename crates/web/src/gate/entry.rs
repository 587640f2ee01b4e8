//! The record of superusers who enter a tenant that they are no member of (contract section 5).

use super::actor::Caller;
use crate::App;
use crate::contract::error::ApiResult;
use sindico_store::control::audit;
use sindico_store::tenant::directory::Company;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long somebody counts as inside after their last entry was recorded.
const VISIT: Duration = Duration::from_secs(600);

/// Who was recorded lately in this program: by user and company.
#[derive(Default)]
pub struct Entries(Mutex<HashMap<(i64, i64), Instant>>);

impl Entries {
    /// Records an entry, unless it is a part of a visit that is recorded already. Without the record
    /// there is no entry.
    pub async fn record(&self, app: &App, caller: &Caller, company: &Company) -> ApiResult<()> {
        let key = (caller.user.id, company.id);
        let inside = self.lock().get(&key).is_some_and(|at| at.elapsed() < VISIT);
        if inside {
            return Ok(());
        }
        audit::enter(app.store(), &caller.actor, company.id, &company.tenant_code).await?;
        let mut entries = self.lock();
        entries.retain(|_, at| at.elapsed() < VISIT);
        entries.insert(key, Instant::now());
        Ok(())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<(i64, i64), Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
