//! The providers: who makes a tenant's place.

mod place;
mod postgres;

use crate::config::{AdminSettings, Config};
use crate::engine::Inner;
use crate::error::StepError;
use crate::plan::Step;
use crate::sessions::Sessions;
use postgres::Postgres;
use sindico_domain::template::{self, Values};
use sindico_domain::tenant::Tenant;
use sindico_store::control::operations::Claimed;

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ensured {
    /// The effect is there; what was found or done.
    Done(String),
    /// This provider has nothing to do in it; why.
    Skipped(&'static str),
}

/// A provider at work on one tenant.
pub(crate) enum Driver<'a> {
    /// Somebody else makes the databases: checks the metadata, touches no server.
    Noop(&'a Tenant),
    /// Makes them on a PostgreSQL server.
    Postgres(Box<Postgres<'a>>),
}

impl<'a> Driver<'a> {
    /// The operation's provider, if this program knows it and it has its settings.
    pub(crate) fn find(inner: &'a Inner, claimed: &'a Claimed) -> Result<Self, StepError> {
        Ok(
            match provider(&claimed.operation.provider, &inner.config)? {
                None => Self::Noop(&claimed.tenant),
                Some(admin) => Self::Postgres(Box::new(Postgres::new(inner, admin, claimed))),
            },
        )
    }

    /// The place is done: its lock is given back, and the session kept for the next one.
    pub(crate) async fn end(self, sessions: &Sessions) {
        if let Self::Postgres(driver) = self {
            driver.end(sessions).await;
        }
    }

    /// Sees to it that the step's effect is there.
    pub(crate) async fn ensure(&mut self, step: Step) -> Result<Ensured, StepError> {
        match (self, step) {
            (Self::Noop(tenant), Step::Reserve) => reserve(tenant),
            (Self::Noop(_), _) => Ok(Ensured::Skipped("noop touches no server")),
            (Self::Postgres(driver), step) => driver.ensure(step).await.map(Ensured::Done),
        }
    }
}

/// The server of the provider with this name; `None` for the one that has none.
pub(crate) fn provider<'a>(
    name: &str,
    config: &'a Config,
) -> Result<Option<&'a AdminSettings>, StepError> {
    match name {
        "noop" => Ok(None),
        "local_postgres" => {
            check_admin("CONTROL_PLANE_LOCAL_DB_ADMIN", &config.local)?;
            Ok(Some(&config.local))
        }
        "cloudsql_postgres" => {
            check_admin("CONTROL_PLANE_CLOUDSQL_ADMIN", &config.cloudsql)?;
            Ok(Some(&config.cloudsql))
        }
        other => Err(StepError::permanent(
            format!("Unknown control-plane provisioner: {other:?}."),
            "Set CONTROL_PLANE_PROVISIONER to noop, local_postgres or cloudsql_postgres.",
        )),
    }
}

/// The metadata name a place that can exist.
fn reserve(tenant: &Tenant) -> Result<Ensured, StepError> {
    let place = &tenant.provisioning;
    place::name("database_alias", &place.database_alias)?;
    place::name("database_name", &place.database_name)?;
    place::name("database_user", &place.database_user)?;
    Ok(Ensured::Done(format!(
        "database {} and role {} at {}:{}, alias {}",
        place.database_name,
        place.database_user,
        place.database_host,
        place.database_port,
        place.database_alias,
    )))
}

/// The portal's address after this execution (contract section 4).
pub(crate) fn portal_url(
    config: &Config,
    tenant: &Tenant,
    asked: Option<&str>,
) -> Result<String, StepError> {
    let current = asked.unwrap_or(&tenant.provisioning.portal_url);
    template::portal_url(
        current,
        &config.portal_url_template,
        config.base_domain.as_deref(),
        Values {
            subdomain: &tenant.subdomain,
            tenant_code: &tenant.tenant_code,
            company_id: tenant.id,
        },
    )
    .map_err(|error| {
        StepError::permanent(
            error.to_string(),
            "Correct CONTROL_PLANE_PORTAL_URL_TEMPLATE, start the program again, then execute again.",
        )
    })
}

fn check_admin(prefix: &str, admin: &AdminSettings) -> Result<(), StepError> {
    let mut missing = Vec::new();
    if admin.user.is_empty() {
        missing.push(format!("{prefix}_USER"));
    }
    if admin.password.is_none() {
        missing.push(format!("{prefix}_PASSWORD"));
    }
    if admin.host.is_empty() {
        missing.push(format!("{prefix}_HOST"));
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(StepError::permanent(
        format!("The provider lacks settings: {}.", missing.join(", ")),
        "Set them, start the program again, then execute again.",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(name: &str, config: &Config) -> String {
        match provider(name, config) {
            Ok(_) => String::new(),
            Err(error) => error.message,
        }
    }

    #[test]
    fn missing_settings_are_all_named() {
        let mut config = Config::default();
        config.local.host = "127.0.0.1".to_owned();
        let cloud = message("cloudsql_postgres", &config);
        for name in ["USER", "PASSWORD", "HOST"] {
            assert!(
                cloud.contains(&format!("CONTROL_PLANE_CLOUDSQL_ADMIN_{name}")),
                "{cloud}"
            );
        }
        let local = message("local_postgres", &config);
        assert!(
            local.contains("CONTROL_PLANE_LOCAL_DB_ADMIN_USER"),
            "{local}"
        );
        assert!(!local.contains("HOST"), "{local}");
        let unknown = message("magic", &config);
        assert!(unknown.contains("Unknown control-plane provisioner") && unknown.contains("magic"));
        assert_eq!(message("noop", &config), "");
    }

    #[test]
    fn a_secret_is_not_told() {
        let mut config = Config::default();
        config.local.password = Some("hunter2".into());
        assert!(!message("local_postgres", &config).contains("hunter2"));
    }
}
