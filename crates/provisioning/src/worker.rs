//! One run of an operation, from its claim to its end, or to the moment when it is given back.

use crate::engine::{Inner, random};
use crate::error::{Class, StepError};
use crate::failpoints::hit;
use crate::lease;
use crate::plan::Step;
use crate::provider::{Ensured, Place, Provider};
use sindico_domain::operation::StepStatus;
use sindico_store::Error;
use sindico_store::control::operations::{self, Begun, Claimed, StepEnd, WorkError};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// The pause before a write is tried again that the control database did not do.
const WRITE_AGAIN: Duration = Duration::from_millis(200);

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Succeeded,
    Failed,
    Canceled,
    /// Given back for another try later.
    Retrying,
    /// Given back, as this program stops.
    HandedOver,
}

impl Outcome {
    fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Canceled => "CANCELED",
            Self::Retrying => "RETRYING",
            Self::HandedOver => "HANDED_OVER",
        }
    }
}

/// A step of the operation at hand; positions count from 1.
struct Task {
    position: i32,
    name: String,
}

/// One run.
pub(crate) struct Run {
    inner: Arc<Inner>,
    claimed: Claimed,
    deadline: Instant,
}

impl Run {
    pub(crate) fn new(inner: Arc<Inner>, claimed: Claimed) -> Self {
        let deadline = Instant::now() + claimed.remaining;
        Self {
            inner,
            claimed,
            deadline,
        }
    }

    /// Works, and renews the lease meanwhile. When the lease is lost, the work is dropped.
    pub(crate) async fn run(self) {
        let began = Instant::now();
        let gauge = metrics::gauge!("sindico_operations_running");
        gauge.increment(1.0);
        let _running = Defer(|| gauge.decrement(1.0));
        let kind = self.claimed.operation.kind.as_str();
        let id = self.claimed.lease.operation_id;
        let kept = lease::keep(
            &self.inner.store,
            &self.claimed.lease,
            self.inner.config.lease,
        );
        let outcome = tokio::select! {
            () = kept => Err(WorkError::Fenced),
            outcome = Box::pin(self.work()) => outcome,
        };
        let outcome = match outcome {
            Ok(outcome) => {
                let company = self.claimed.lease.company_id;
                let outcome = outcome.as_str();
                tracing::info!(operation = id, company, outcome, "worked on an operation");
                outcome
            }
            Err(error) => {
                // Whoever takes it over goes on with the first step that is not done.
                tracing::warn!(operation = id, %error, "dropped an operation");
                "LOST"
            }
        };
        metrics::counter!("sindico_operations_total", "kind" => kind, "outcome" => outcome)
            .increment(1);
        metrics::histogram!("sindico_operation_seconds", "kind" => kind, "outcome" => outcome)
            .record(began.elapsed().as_secs_f64());
    }

    async fn work(&self) -> Result<Outcome, WorkError> {
        let config = &self.inner.config;
        let operation = &self.claimed.operation;
        if operation.cancel_requested {
            return self.cancel().await;
        }
        if self.claimed.remaining.is_zero() {
            return self.too_late(None).await;
        }
        let mut tasks = self.tasks_left().into_iter().peekable();
        // What hinders every step fails the first one that is left.
        let prepared = async {
            hit("claimed", "").await?;
            let provider = Provider::named(&operation.provider, config)?;
            let wish = self.claimed.portal_url.as_deref();
            Ok((provider, Place::of(&self.claimed.tenant, wish, config)?))
        }
        .await;
        let mut begun = match tasks.peek() {
            Some(first) => self.begin(first.position).await?,
            None => Begun {
                attempts: 0,
                cancel_requested: false,
            },
        };
        // Where the blame for a failure between the last step and the end goes, and how many times
        // that step was begun.
        let mut last = (
            i32::try_from(operation.steps.len()).unwrap_or(i32::MAX),
            operation.steps.last().map_or(1, |step| step.attempts),
        );
        while let Some(task) = tasks.next() {
            last = (task.position, begun.attempts);
            if begun.cancel_requested {
                return self.cancel().await;
            }
            if begun.attempts > config.max_attempts {
                return self.worn_out(&task, begun.attempts).await;
            }
            let attempt = async {
                let (provider, place) = prepared.as_ref().map_err(Clone::clone)?;
                attempt(provider, place, &task.name).await
            };
            let ensured = match timeout_at(self.deadline, attempt).await {
                Ok(Ok(ensured)) => ensured,
                Ok(Err(error)) => return self.settle(task.position, begun.attempts, &error).await,
                Err(_) => return self.too_late(Some(task.position)).await,
            };
            let next = tasks
                .peek()
                .map(|next| next.position)
                .filter(|_| !self.inner.hand_over.is_cancelled());
            begun = self.end_step(task.position, &ensured, next).await?;
            if let Err(error) = hit(&task.name, "recorded").await {
                return self.settle(last.0, last.1, &error).await;
            }
            if tasks.peek().is_some() && next.is_none() && !begun.cancel_requested {
                return self.hand_over().await;
            }
        }
        if let Err(error) = hit("finish", "before").await {
            return self.settle(last.0, last.1, &error).await;
        }
        match &prepared {
            Ok((_, place)) => {
                let (store, lease) = (&self.inner.store, &self.claimed.lease);
                self.persist(|| operations::finish_success(store, lease, &place.portal_url))
                    .await?;
            }
            // All steps were done by an earlier run, and only the end is left.
            Err(error) => return self.settle(last.0, last.1, error).await,
        }
        // The end is written; whatever fails now is nobody's.
        let _ = hit("finish", "after").await;
        Ok(Outcome::Succeeded)
    }

    /// The steps that no earlier run has recorded as done.
    fn tasks_left(&self) -> Vec<Task> {
        let steps = self.claimed.operation.steps.iter().enumerate();
        steps
            .filter(|(_, step)| !matches!(step.status, StepStatus::Done | StepStatus::Skipped))
            .map(|(index, step)| Task {
                position: i32::try_from(index + 1).unwrap_or(i32::MAX),
                name: step.name.clone(),
            })
            .collect()
    }

    /// What comes of a step's failure.
    async fn settle(
        &self,
        position: i32,
        attempts: i32,
        error: &StepError,
    ) -> Result<Outcome, WorkError> {
        let config = &self.inner.config;
        let (store, lease) = (&self.inner.store, &self.claimed.lease);
        let delay = match error.class {
            Class::Permanent => {
                return self.fail(Some(position), &error.message, &error.hint).await;
            }
            Class::Transient if attempts >= config.max_attempts => {
                let message = format!("{} It was tried {attempts} times.", error.message);
                return self.fail(Some(position), &message, &error.hint).await;
            }
            Class::Transient => backoff(config.first_pause, config.longest_pause, attempts),
            Class::Wait => config.longest_pause,
        };
        self.persist(|| {
            operations::step_retry(store, lease, position, &error.message, &error.hint, delay)
        })
        .await?;
        // Nobody tells when the pause is over; the poll alone would be late.
        let inner = Arc::clone(&self.inner);
        tokio::spawn(async move {
            if inner
                .stopping
                .run_until_cancelled(sleep(delay))
                .await
                .is_some()
            {
                inner.work.notify_one();
            }
        });
        Ok(Outcome::Retrying)
    }

    async fn worn_out(&self, task: &Task, attempts: i32) -> Result<Outcome, WorkError> {
        let message = format!(
            "The step {} was begun {} times and never came to an end.",
            task.name,
            attempts - 1
        );
        let hint =
            "The program may have been ended while it ran. Look at its log, then execute again.";
        self.fail(Some(task.position), &message, hint).await
    }

    async fn too_late(&self, position: Option<i32>) -> Result<Outcome, WorkError> {
        let operation = &self.claimed.operation;
        let span = operation.deadline_at.duration_since(operation.created_at);
        let message = format!(
            "Provisioning was not done within its {} seconds.",
            span.as_secs()
        );
        let failed = operation.steps.iter().rev().find(|s| !s.error.is_empty());
        let hint = match failed {
            Some(step) => format!("At the step {}: {} {}", step.name, step.error, step.hint),
            None => "See that the program and its servers run, then execute again.".to_owned(),
        };
        self.fail(position, &message, &hint).await
    }

    async fn fail(
        &self,
        position: Option<i32>,
        message: &str,
        hint: &str,
    ) -> Result<Outcome, WorkError> {
        let (store, lease) = (&self.inner.store, &self.claimed.lease);
        self.persist(|| operations::finish_failure(store, lease, position, message, hint))
            .await?;
        Ok(Outcome::Failed)
    }

    async fn cancel(&self) -> Result<Outcome, WorkError> {
        let (store, lease) = (&self.inner.store, &self.claimed.lease);
        self.persist(|| operations::finish_cancel(store, lease))
            .await?;
        Ok(Outcome::Canceled)
    }

    async fn hand_over(&self) -> Result<Outcome, WorkError> {
        let (store, lease) = (&self.inner.store, &self.claimed.lease);
        self.persist(|| operations::release(store, lease, Duration::ZERO))
            .await?;
        Ok(Outcome::HandedOver)
    }

    async fn begin(&self, position: i32) -> Result<Begun, WorkError> {
        let (store, lease) = (&self.inner.store, &self.claimed.lease);
        self.persist(|| operations::step_begin(store, lease, position))
            .await
    }

    async fn end_step(
        &self,
        position: i32,
        ensured: &Ensured,
        next: Option<i32>,
    ) -> Result<Begun, WorkError> {
        let (store, lease) = (&self.inner.store, &self.claimed.lease);
        let (end, outcome) = match ensured {
            Ensured::Done(outcome) => (StepEnd::Done, outcome),
            Ensured::Skipped(why) => (StepEnd::Skipped, why),
        };
        self.persist(|| operations::step_end(store, lease, position, end, outcome, next))
            .await
    }

    /// Writes, again and again while the control database is away. A write that was done although
    /// its answer got lost does no harm when repeated: a step's record is the same, and after an
    /// end the lease is gone. The lease's loss ends this from outside.
    async fn persist<T, F, W>(&self, write: F) -> Result<T, WorkError>
    where
        F: Fn() -> W,
        W: Future<Output = Result<T, WorkError>>,
    {
        loop {
            match write().await {
                Err(WorkError::Store(Error::Unavailable(why)))
                    if !self.inner.hand_over.is_cancelled() =>
                {
                    let operation = self.claimed.lease.operation_id;
                    tracing::warn!(
                        operation,
                        why,
                        "the control database is away; writing again"
                    );
                    sleep(WRITE_AGAIN).await;
                }
                other => return other,
            }
        }
    }
}

/// One attempt at a step, with its fail points around the effect.
async fn attempt(provider: &Provider, place: &Place, name: &str) -> Result<Ensured, StepError> {
    hit(name, "before").await?;
    let step = Step::named(name).ok_or_else(|| {
        StepError::permanent(
            format!("This program does not know the step {name:?}."),
            "Programs of several versions share the control database. Run the same version everywhere.",
        )
    })?;
    let ensured = provider.ensure(step, place).await?;
    hit(name, "after").await?;
    Ok(ensured)
}

/// The pause after the `attempts`th failure: doubled each time, within the longest, and between half
/// and the whole of that by chance, so that what failed together does not come back together.
fn backoff(first: Duration, longest: Duration, attempts: i32) -> Duration {
    let doubled = u32::try_from(attempts - 1).unwrap_or(0).min(16);
    let whole = first.saturating_mul(1 << doubled).min(longest);
    whole.mul_f64(0.5 + 0.5 * f64::from(random()) / f64::from(u32::MAX))
}

/// Does something when it goes out of scope, however that comes.
struct Defer<F: FnMut()>(F);

impl<F: FnMut()> Drop for Defer<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_the_longest() {
        let first = Duration::from_millis(100);
        let longest = Duration::from_secs(2);
        for (attempts, whole) in [
            (1, 100),
            (2, 200),
            (3, 400),
            (5, 1600),
            (6, 2000),
            (99, 2000),
        ] {
            let whole = Duration::from_millis(whole);
            for _ in 0..50 {
                let pause = backoff(first, longest, attempts);
                assert!(
                    pause >= whole / 2 && pause <= whole,
                    "{attempts}: {pause:?}"
                );
            }
        }
    }
}
