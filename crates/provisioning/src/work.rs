//! One operation, from its claim to its end or its next attempt.

use crate::config::Config;
use crate::engine::Inner;
use crate::error::{Class, StepError};
use crate::failpoints::hit;
use crate::plan::Step;
use crate::provider::{Driver, Ensured, portal_url};
use sindico_domain::operation::StepStatus;
use sindico_store::Error;
use sindico_store::control::operations::{self, Begun, Claimed, StepEnd, WorkError};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout};
use tokio_util::task::AbortOnDropHandle;

/// The pause before a write is tried again that the control database did not do.
const WRITE_AGAIN: Duration = Duration::from_millis(200);

/// Runs a claimed operation while its lease is kept alive. Whatever happens here, the operation is
/// safe in the database: it ends, waits for its next attempt, or is claimed again.
pub(crate) async fn run(inner: Arc<Inner>, claimed: Claimed) {
    let id = claimed.operation.id;
    let started = Instant::now();
    let _running = Running::count();
    // Ends with this task, also by a panic: else it would keep the lease of work that is no more.
    let mut heart = AbortOnDropHandle::new(tokio::spawn(keep_alive(
        Arc::clone(&inner),
        claimed.clone(),
    )));
    let outcome = tokio::select! {
        outcome = recipe(&inner, &claimed) => outcome,
        _ = &mut heart => Err(WorkError::Fenced),
    };
    drop(heart);
    let word = match outcome {
        Ok(word) => word,
        Err(WorkError::Fenced) => {
            tracing::warn!(
                operation = id,
                "lost the lease; another worker goes on, or it has ended"
            );
            "lost"
        }
        Err(WorkError::Store(error)) => {
            tracing::warn!(operation = id, %error, "can't record; the operation goes on when its lease ends");
            "interrupted"
        }
    };
    let labels = [("kind", "PROVISION"), ("outcome", word)];
    metrics::counter!("sindico_operations_total", &labels).increment(1);
    metrics::histogram!("sindico_operation_seconds", &labels)
        .record(started.elapsed().as_secs_f64());
}

/// Counts an operation as running for as long as this value lives, panics included.
struct Running;

impl Running {
    fn count() -> Self {
        metrics::gauge!("sindico_operations_running").increment(1);
        Self
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        metrics::gauge!("sindico_operations_running").decrement(1);
    }
}

/// Renews the lease; returns when it is lost, or could not be renewed for its whole length.
async fn keep_alive(inner: Arc<Inner>, claimed: Claimed) {
    let lease = inner.config.lease;
    let mut renewed = Instant::now();
    let mut pause = lease / 3;
    loop {
        tokio::time::sleep(pause).await;
        let asked = Instant::now();
        let beat = operations::heartbeat(&inner.store, &claimed.lease, lease);
        // A server that does not answer is as bad as one that is not there.
        match timeout(lease / 3, beat).await {
            Ok(Ok(_)) => (renewed, pause) = (asked, lease / 3),
            Ok(Err(WorkError::Fenced)) => return,
            Ok(Err(WorkError::Store(_))) | Err(_) => pause = lease / 12,
        }
        if renewed.elapsed() >= lease {
            return;
        }
    }
}

/// The steps from the first one that is not done; the word says how it ended, for the metrics.
async fn recipe(inner: &Arc<Inner>, claimed: &Claimed) -> Result<&'static str, WorkError> {
    let (store, lease) = (&inner.store, &claimed.lease);
    let deadline = Instant::now() + claimed.remaining;
    let run = Run {
        inner,
        claimed,
        deadline,
    };
    // Keeps its sessions on the tenant's server, and their lock, from step to step.
    let mut driver = None;
    if claimed.operation.cancel_requested {
        return run.cancel().await;
    }
    if claimed.remaining.is_zero() {
        return run.fail(None, &overdue(&inner.config)).await;
    }
    if claimed.lost >= inner.config.attempts {
        return run.fail(None, &worn_out(claimed)).await;
    }
    let todo: Vec<(i32, &str)> = claimed
        .operation
        .steps
        .iter()
        .zip(1..)
        .filter(|(step, _)| !matches!(step.status, StepStatus::Done | StepStatus::Skipped))
        .map(|(step, position)| (position, step.name.as_str()))
        .collect();
    // Whom a failure between two steps is told of, and how often that was tried.
    let last = i32::try_from(claimed.operation.steps.len()).unwrap_or(i32::MAX);
    let first = todo.first().map_or(last, |(position, _)| *position);
    let mut at = (first, claimed.operation.attempts);
    if let Err(error) = hit("provision:claimed") {
        return run.failed(at, &error).await;
    }
    let mut begun = Begun {
        attempts: 0,
        cancel_requested: false,
    };
    if !todo.is_empty() {
        let begin = || operations::step_begin(store, lease, first);
        begun = run.written(begin).await?;
    }
    for (number, (position, name)) in todo.iter().enumerate() {
        if begun.cancel_requested {
            return run.cancel().await;
        }
        if inner.handover.is_cancelled() {
            let release = || operations::release(store, lease, Duration::ZERO);
            run.written(release).await?;
            return Ok("handed over");
        }
        at = (*position, begun.attempts);
        let (end, outcome) = match run.step(&mut driver, name).await {
            Ok(Ensured::Done(outcome)) => (StepEnd::Done, outcome),
            Ok(Ensured::Skipped(why)) => (StepEnd::Skipped, why.to_owned()),
            Err(error) => return run.failed(at, &error).await,
        };
        // At a hand-over the next step is not begun, lest its attempts count one that never was.
        let next = todo.get(number + 1).map(|(position, _)| *position);
        let next = next.filter(|_| !inner.handover.is_cancelled());
        let end = || operations::step_end(store, lease, *position, end, &outcome, next);
        begun = run.written(end).await?;
        if let Err(error) = hit(&format!("provision:{name}:recorded")) {
            return run.failed(at, &error).await;
        }
    }
    let word = run.succeed(at).await?;
    if let Some(driver) = driver {
        driver.end(&inner.sessions).await;
    }
    Ok(word)
}

struct Run<'a> {
    inner: &'a Arc<Inner>,
    claimed: &'a Claimed,
    deadline: Instant,
}

impl<'a> Run<'a> {
    async fn step(
        &self,
        driver: &mut Option<Driver<'a>>,
        name: &str,
    ) -> Result<Ensured, StepError> {
        hit(&format!("provision:{name}:before"))?;
        if Instant::now() >= self.deadline {
            return Err(overdue(&self.inner.config));
        }
        let config = &self.inner.config;
        let step = Step::named(name).ok_or_else(|| {
            StepError::permanent(
                format!("This program does not know the step {name:?}."),
                "Cancel the operation and execute again.",
            )
        })?;
        let driver = match driver {
            Some(driver) => driver,
            None => driver.insert(self.driver()?),
        };
        if step == Step::Reserve {
            // Wrong settings are told before anything is made.
            self.portal_url()?;
        }
        let ensured = tokio::time::timeout_at(self.deadline, driver.ensure(step))
            .await
            .map_err(|_| overdue(config))??;
        if step == Step::Database {
            self.inner.pool_used.notify_one();
        }
        hit(&format!("provision:{name}:after"))?;
        Ok(ensured)
    }

    fn driver(&self) -> Result<Driver<'a>, StepError> {
        Driver::find(self.inner, self.claimed)
    }

    fn portal_url(&self) -> Result<String, StepError> {
        let asked = self.claimed.portal_url.as_deref();
        portal_url(&self.inner.config, &self.claimed.tenant, asked)
    }

    async fn succeed(&self, at: (i32, i32)) -> Result<&'static str, WorkError> {
        let url = match hit("provision:finish:before").and_then(|()| self.portal_url()) {
            Ok(url) => url,
            Err(error) => return self.failed(at, &error).await,
        };
        let (store, lease) = (&self.inner.store, &self.claimed.lease);
        self.written(|| operations::finish_success(store, lease, &url))
            .await?;
        let _ = hit("provision:finish:after");
        Ok("succeeded")
    }

    async fn cancel(&self) -> Result<&'static str, WorkError> {
        let (store, lease) = (&self.inner.store, &self.claimed.lease);
        self.written(|| operations::finish_cancel(store, lease))
            .await?;
        Ok("canceled")
    }

    /// A step failed, at its position and so many attempts: for now, and there is time for another
    /// one; or for good.
    async fn failed(
        &self,
        (position, attempts): (i32, i32),
        error: &StepError,
    ) -> Result<&'static str, WorkError> {
        let config = &self.inner.config;
        let again = match error.class {
            Class::Permanent => false,
            Class::Transient => attempts < config.attempts,
            Class::Wait => true,
        };
        if !again || Instant::now() >= self.deadline {
            return self.fail(Some(position), error).await;
        }
        let delay = pause(config.backoff, attempts);
        tracing::info!(operation = self.claimed.operation.id, %error, ?delay, "a step failed for now");
        let (store, lease) = (&self.inner.store, &self.claimed.lease);
        self.written(|| {
            operations::step_retry(store, lease, position, &error.message, &error.hint, delay)
        })
        .await?;
        self.inner.look_after(delay);
        Ok("retried")
    }

    async fn fail(
        &self,
        position: Option<i32>,
        error: &StepError,
    ) -> Result<&'static str, WorkError> {
        let (store, lease) = (&self.inner.store, &self.claimed.lease);
        let overdue = overdue(&self.inner.config);
        // Past the deadline, that is the reason; the last error is how it came to it.
        let (message, hint) = if Instant::now() >= self.deadline && error != &overdue {
            (
                format!("{} {}", overdue.message, error.message),
                &overdue.hint,
            )
        } else {
            (error.message.clone(), &error.hint)
        };
        self.written(|| operations::finish_failure(store, lease, position, &message, hint))
            .await?;
        Ok("failed")
    }

    /// Writes, again and again while the control database is away: a short loss of it must not cost
    /// the lease. A write that was done although its answer got lost does no harm when repeated: a
    /// step's record is the same, and after an end the lease is gone. When the lease is lost, this
    /// is dropped from outside.
    async fn written<T, F, W>(&self, write: F) -> Result<T, WorkError>
    where
        F: Fn() -> W,
        W: Future<Output = Result<T, WorkError>>,
    {
        loop {
            match write().await {
                Err(WorkError::Store(Error::Unavailable(why)))
                    if !self.inner.handover.is_cancelled() =>
                {
                    let operation = self.claimed.operation.id;
                    tracing::warn!(operation, why, "can't record for now; trying again");
                    tokio::time::sleep(WRITE_AGAIN).await;
                }
                other => return other,
            }
        }
    }
}

/// What takes down every program that touches it must not do so for ever.
fn worn_out(claimed: &Claimed) -> StepError {
    let steps = &claimed.operation.steps;
    let at = steps.iter().find(|step| step.status == StepStatus::Running);
    let at = at.map_or_else(String::new, |step| {
        format!(", the last time at the step {}", step.name)
    });
    StepError::permanent(
        format!("Its worker was lost {} times{at}.", claimed.lost),
        "The program may have ended while it worked: look at its log, then execute again.",
    )
}

fn overdue(config: &Config) -> StepError {
    StepError::permanent(
        format!(
            "It was not done within {} seconds.",
            config.deadline.as_secs()
        ),
        "See which step took so long, correct the cause, then execute again.",
    )
}

/// Doubles with each attempt, up to a minute; half of it is chance, so that many operations which
/// failed together do not come back together.
fn pause(base: Duration, attempts: i32) -> Duration {
    let exponent = u32::try_from(attempts - 1).unwrap_or(0).min(10);
    let full = base
        .saturating_mul(1 << exponent)
        .min(Duration::from_secs(60));
    let mut byte = [128u8];
    let _ = getrandom::fill(&mut byte);
    full / 2 + (full / 2).mul_f64(f64::from(byte[0]) / 255.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_end() {
        let base = Duration::from_millis(500);
        for (attempts, full) in [(0, 500), (1, 500), (2, 1000), (4, 4000), (40, 60_000)] {
            let pause = pause(base, attempts).as_millis();
            assert!((full / 2..=full).contains(&pause), "{attempts}: {pause}");
        }
    }
}
