//! The record of superusers who enter a tenant that they are no member of (contract section 5).

use super::actor::Caller;
use crate::App;
use crate::contract::error::ApiResult;
use sindico_store::control::audit;
use sindico_store::tenant::directory::Company;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::OnceCell;

/// How long somebody counts as inside after their last entry was recorded.
const VISIT: Duration = Duration::from_secs(600);

/// A visit: when it began, and whether its record is written.
type Visit = (Instant, Arc<OnceCell<()>>);

/// Who was recorded lately in this program: by user and company.
#[derive(Default)]
pub struct Entries(Mutex<HashMap<(i64, i64), Visit>>);

impl Entries {
    /// Records an entry, unless it is a part of a visit that is recorded already. Without the record
    /// there is no entry; requests that come together wait for the one that writes it.
    pub async fn record(&self, app: &App, caller: &Caller, company: &Company) -> ApiResult<()> {
        self.visit((caller.user.id, company.id))
            .get_or_try_init(|| {
                audit::enter(app.store(), &caller.actor, company.id, &company.tenant_code)
            })
            .await?;
        Ok(())
    }

    fn visit(&self, key: (i64, i64)) -> Arc<OnceCell<()>> {
        let mut visits = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((began, record)) = visits.get(&key)
            && began.elapsed() < VISIT
        {
            return record.clone();
        }
        // Here only, where something is added: the map keeps no visit that is over.
        visits.retain(|_, (began, _)| began.elapsed() < VISIT);
        let record = Arc::default();
        visits.insert(key, (Instant::now(), Arc::clone(&record)));
        record
    }
}
