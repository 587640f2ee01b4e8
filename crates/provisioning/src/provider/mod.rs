//! Providers: who makes a tenant's place.

mod noop;
mod settings;

use crate::config::Config;
use crate::error::StepError;
use crate::plan::Step;
use noop::Noop;
use sindico_domain::template::{self, Values};
use sindico_domain::tenant::Tenant;
use std::future::Future;

/// The providers that this program knows, as `CONTROL_PLANE_PROVISIONER` names them.
pub const PROVIDERS: [&str; 3] = ["noop", "local_postgres", "cloudsql_postgres"];

/// What the steps need to know of a tenant, and nothing more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) alias: String,
    pub(crate) database: String,
    pub(crate) user: String,
    /// The address that the portal will have; empty when there is none.
    pub(crate) portal_url: String,
}

impl Place {
    /// The place of this tenant. `wish` is the portal's address that the caller asked for; an
    /// empty one asks for a new one from the template.
    pub(crate) fn of(
        tenant: &Tenant,
        wish: Option<&str>,
        config: &Config,
    ) -> Result<Self, StepError> {
        let provisioning = &tenant.provisioning;
        let portal_url = template::portal_url(
            wish.unwrap_or(&provisioning.portal_url),
            &config.portal_url_template,
            config.base_domain.as_deref(),
            Values {
                subdomain: &tenant.subdomain,
                tenant_code: &tenant.tenant_code,
                company_id: tenant.id,
            },
        )
        .map_err(|error| {
            let hint = "Correct the setting, start the program again, then execute again.";
            StepError::permanent(error.to_string(), hint)
        })?;
        Ok(Self {
            alias: provisioning.database_alias.clone(),
            database: provisioning.database_name.clone(),
            user: provisioning.database_user.clone(),
            portal_url,
        })
    }
}

/// What a look at the world finds for a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It is as it should be; what was found.
    Holds(String),
    /// Something is missing.
    #[allow(
        dead_code,
        reason = "only providers that make something find it missing"
    )]
    Missing,
    /// This provider has nothing to do here; why.
    NotNeeded(String),
}

/// How a step ended well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ensured {
    /// Its effect is there and was checked.
    Done(String),
    /// There was nothing to do.
    Skipped(String),
}

/// A provider at work. It says how to look and how to act; [`Driver::ensure`] makes a step of it.
pub(crate) trait Driver: Sync {
    /// Looks at the world, changing nothing.
    fn observe(
        &self,
        step: Step,
        place: &Place,
    ) -> impl Future<Output = Result<Seen, StepError>> + Send;

    /// Makes what is missing.
    fn act(&self, step: Step, place: &Place) -> impl Future<Output = Result<(), StepError>> + Send;

    /// Looks, acts when something is missing, and looks again: the world, not the log, is the
    /// truth, so a step may be run any number of times.
    fn ensure(
        &self,
        step: Step,
        place: &Place,
    ) -> impl Future<Output = Result<Ensured, StepError>> + Send {
        async move {
            let mut seen = self.observe(step, place).await?;
            if seen == Seen::Missing {
                self.act(step, place).await?;
                seen = self.observe(step, place).await?;
            }
            match seen {
                Seen::Holds(outcome) => Ok(Ensured::Done(outcome)),
                Seen::NotNeeded(why) => Ok(Ensured::Skipped(why)),
                Seen::Missing => Err(StepError::permanent(
                    format!("The step {} did not take effect.", step.name()),
                    "Somebody may be undoing it. Look at the server, then execute again.",
                )),
            }
        }
    }
}

/// The provider of an operation, ready to work.
pub(crate) enum Provider {
    /// Somebody else makes the databases.
    Noop(Noop),
}

impl Provider {
    /// The provider with this name.
    pub(crate) fn named(name: &str, config: &Config) -> Result<Self, StepError> {
        match name {
            "noop" => Ok(Self::Noop(Noop)),
            "local_postgres" => Err(settings::refuse_local(&config.local)),
            "cloudsql_postgres" => Err(settings::refuse_cloudsql(&config.cloudsql)),
            other => Err(StepError::permanent(
                format!("Unknown control-plane provisioner {other:?}."),
                format!("Set CONTROL_PLANE_PROVISIONER to {}.", PROVIDERS.join(", ")),
            )),
        }
    }

    /// Runs a step.
    pub(crate) async fn ensure(&self, step: Step, place: &Place) -> Result<Ensured, StepError> {
        match self {
            Self::Noop(driver) => driver.ensure(step, place).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// A world in which one thing is there after `needed` acts.
    struct World {
        needed: u32,
        acts: AtomicU32,
    }

    impl Driver for World {
        async fn observe(&self, _: Step, _: &Place) -> Result<Seen, StepError> {
            Ok(if self.acts.load(Ordering::SeqCst) >= self.needed {
                Seen::Holds("there".to_owned())
            } else {
                Seen::Missing
            })
        }

        async fn act(&self, _: Step, _: &Place) -> Result<(), StepError> {
            self.acts.fetch_add(1, Ordering::SeqCst);
            Ok(())
        }
    }

    async fn ensure(needed: u32) -> (Result<Ensured, StepError>, u32) {
        let world = World {
            needed,
            acts: AtomicU32::new(0),
        };
        let place = Place {
            alias: "a".into(),
            database: "d".into(),
            user: "u".into(),
            portal_url: String::new(),
        };
        let ensured = world.ensure(Step::Database, &place).await;
        (ensured, world.acts.into_inner())
    }

    #[tokio::test]
    async fn a_step_acts_only_on_what_is_missing_and_checks_it() {
        let done = Ok(Ensured::Done("there".to_owned()));
        assert_eq!(ensure(0).await, (done.clone(), 0));
        assert_eq!(ensure(1).await, (done, 1));
        let (refused, acts) = ensure(2).await;
        assert_eq!(acts, 1);
        assert!(refused.unwrap_err().message.contains("database"));
    }
}
