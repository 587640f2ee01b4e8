//! A migration of the fleet that an operator starts from the console: it goes on when the page is left, and
//! tells how far it is to whoever looks. What it has done is in the control database, so that it is enough
//! to know here what this program is at.

use super::{Outcome, Progress, migrate};
use crate::engine::{Engine, Inner};
use jiff::Timestamp;
use std::sync::{Arc, Mutex, PoisonError};

/// How many failures are kept to be told.
const KEPT: usize = 100;

/// The newest migration of the fleet in this program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FleetRun {
    /// Whether it is at work.
    pub is_running: bool,
    /// How far it is.
    pub progress: Progress,
    /// What could not be migrated, and why.
    pub failures: Vec<(String, String)>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// Why it ended early.
    pub error: Option<String>,
}

/// The run as the engine keeps it.
#[derive(Default)]
pub(crate) struct Kept(Mutex<FleetRun>);

impl Kept {
    fn with<T>(&self, act: impl FnOnce(&mut FleetRun) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn told(&self, progress: Progress, outcome: &Outcome) {
        self.with(|run| {
            run.progress = progress;
            if let Err(why) = &outcome.migrated
                && run.failures.len() < KEPT
            {
                run.failures.push((outcome.place.clone(), why.clone()));
            }
        });
    }
}

impl Engine {
    /// How far this program's newest migration of the fleet is.
    pub fn fleet(&self) -> FleetRun {
        self.inner().fleet.with(|run| run.clone())
    }

    /// Starts to migrate the fleet, unless this program is at it; whether it was started.
    pub fn migrate_fleet(&self, clock: fn() -> Timestamp) -> bool {
        let inner = Arc::clone(self.inner());
        let begun = inner.fleet.with(|run| {
            if run.is_running {
                return false;
            }
            *run = FleetRun {
                is_running: true,
                ..FleetRun::default()
            };
            true
        });
        if begun {
            tokio::spawn(run(inner, clock));
        }
        begun
    }
}

async fn run(inner: Arc<Inner>, clock: fn() -> Timestamp) {
    let told = |progress: Progress, outcome: &Outcome| inner.fleet.told(progress, outcome);
    let work = migrate(&inner.store, &inner.config, told);
    let ended = inner.closing.run_until_cancelled(work).await;
    inner.fleet.with(|run| {
        run.is_running = false;
        run.finished_at = Some(clock());
        match ended {
            Some(Ok(progress)) => run.progress = progress,
            Some(Err(error)) => run.error = Some(error.to_string()),
            None => {}
        }
    });
}
