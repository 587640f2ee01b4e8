//! One operation, from its claim to its end or its next attempt.

use crate::config::Config;
use crate::engine::Inner;
use crate::error::{Class, StepError};
use crate::failpoints::hit;
use crate::plan::Step;
use crate::provider::{Ensured, Provider, portal_url};
use sindico_domain::operation::StepStatus;
use sindico_store::control::operations::{self, Begun, Claimed, StepEnd, WorkError};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Runs a claimed operation while its lease is kept alive. Whatever happens here, the operation is
/// safe in the database: it ends, waits for its next attempt, or is claimed again.
pub(crate) async fn run(inner: Arc<Inner>, claimed: Claimed) {
    let id = claimed.operation.id;
    let started = Instant::now();
    let lost = CancellationToken::new();
    let heart = tokio::spawn(keep_alive(
        Arc::clone(&inner),
        claimed.clone(),
        lost.clone(),
    ));
    let outcome = tokio::select! {
        outcome = recipe(&inner, &claimed) => outcome,
        () = lost.cancelled() => Err(WorkError::Fenced),
    };
    heart.abort();
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

/// Renews the lease; gives up when it is lost, or could not be renewed for its whole length.
async fn keep_alive(inner: Arc<Inner>, claimed: Claimed, lost: CancellationToken) {
    let lease = inner.config.lease;
    let mut renewed = Instant::now();
    loop {
        tokio::time::sleep(lease / 3).await;
        let asked = Instant::now();
        match operations::heartbeat(&inner.store, &claimed.lease, lease).await {
            Ok(_) => renewed = asked,
            Err(WorkError::Fenced) => return lost.cancel(),
            Err(WorkError::Store(_)) if renewed.elapsed() >= lease => return lost.cancel(),
            Err(WorkError::Store(_)) => {}
        }
    }
}

/// The steps from the first one that is not done; the word says how it ended, for the metrics.
async fn recipe(inner: &Inner, claimed: &Claimed) -> Result<&'static str, WorkError> {
    let (store, lease) = (&inner.store, &claimed.lease);
    let deadline = Instant::now() + claimed.remaining;
    let mut run = Run {
        inner,
        claimed,
        deadline,
    };
    if let Err(error) = hit("provision:claimed") {
        return run.fail(None, &error).await;
    }
    let todo: Vec<(i32, &str)> = claimed
        .operation
        .steps
        .iter()
        .zip(1..)
        .filter(|(step, _)| !matches!(step.status, StepStatus::Done | StepStatus::Skipped))
        .map(|(step, position)| (position, step.name.as_str()))
        .collect();
    let mut begun = match todo.first() {
        Some((position, _)) => operations::step_begin(store, lease, *position).await?,
        None => Begun {
            attempts: 0,
            cancel_requested: false,
        },
    };
    for (at, (position, name)) in todo.iter().enumerate() {
        if begun.cancel_requested {
            operations::finish_cancel(store, lease).await?;
            return Ok("canceled");
        }
        if inner.handover.is_cancelled() {
            operations::release(store, lease, Duration::ZERO).await?;
            return Ok("handed over");
        }
        let (end, outcome) = match run.step(name).await {
            Ok(Ensured::Done(outcome)) => (StepEnd::Done, outcome),
            Ok(Ensured::Skipped(why)) => (StepEnd::Skipped, why.to_owned()),
            Err(error) => return run.failed(*position, begun.attempts, &error).await,
        };
        let next = todo.get(at + 1).map(|(position, _)| *position);
        begun = operations::step_end(store, lease, *position, end, &outcome, next).await?;
        if let Err(error) = hit(&format!("provision:{name}:recorded")) {
            return run.failed(next.unwrap_or(*position), 1, &error).await;
        }
    }
    run.succeed().await
}

struct Run<'a> {
    inner: &'a Inner,
    claimed: &'a Claimed,
    deadline: Instant,
}

impl Run<'_> {
    async fn step(&mut self, name: &str) -> Result<Ensured, StepError> {
        hit(&format!("provision:{name}:before"))?;
        let config = &self.inner.config;
        let step = Step::named(name).ok_or_else(|| {
            StepError::permanent(
                format!("This program does not know the step {name:?}."),
                "Cancel the operation and execute again.",
            )
        })?;
        let provider = Provider::find(&self.claimed.operation.provider, config)?;
        if step == Step::Reserve {
            // Wrong settings are told before anything is made.
            self.portal_url()?;
        }
        let ensured =
            tokio::time::timeout_at(self.deadline, provider.ensure(step, &self.claimed.tenant))
                .await
                .map_err(|_| overdue(config))??;
        hit(&format!("provision:{name}:after"))?;
        Ok(ensured)
    }

    fn portal_url(&self) -> Result<String, StepError> {
        let asked = self.claimed.portal_url.as_deref();
        portal_url(&self.inner.config, &self.claimed.tenant, asked)
    }

    async fn succeed(&self) -> Result<&'static str, WorkError> {
        let url = match hit("provision:finish:before").and_then(|()| self.portal_url()) {
            Ok(url) => url,
            Err(error) => return self.fail(None, &error).await,
        };
        operations::finish_success(&self.inner.store, &self.claimed.lease, &url).await?;
        let _ = hit("provision:finish:after");
        Ok("succeeded")
    }

    /// A step failed: for now, and there is time for another attempt; or for good.
    async fn failed(
        &self,
        position: i32,
        attempts: i32,
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
        operations::step_retry(store, lease, position, &error.message, &error.hint, delay).await?;
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
        operations::finish_failure(store, lease, position, &message, hint).await?;
        Ok("failed")
    }
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
