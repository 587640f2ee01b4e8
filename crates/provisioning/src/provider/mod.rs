//! The providers: who makes a tenant's place.

use crate::config::{AdminSettings, Config};
use crate::error::StepError;
use crate::plan::Step;
use sindico_domain::names::Identifier;
use sindico_domain::template::{self, Values};
use sindico_domain::tenant::Tenant;

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ensured {
    /// The effect is there; what was found or done.
    Done(String),
    /// This provider has nothing to do in it; why.
    Skipped(&'static str),
}

/// A provider that can work.
pub(crate) enum Provider {
    /// Somebody else makes the databases: checks the metadata, touches no server.
    Noop,
}

impl Provider {
    /// The provider with this name, if this program knows it and it has its settings.
    pub(crate) fn find(name: &str, config: &Config) -> Result<Self, StepError> {
        match name {
            "noop" => Ok(Self::Noop),
            "local_postgres" => {
                check_admin("CONTROL_PLANE_LOCAL_DB_ADMIN", &config.local, false)?;
                Err(not_yet(name))
            }
            "cloudsql_postgres" => {
                check_admin("CONTROL_PLANE_CLOUDSQL_ADMIN", &config.cloudsql, true)?;
                Err(not_yet(name))
            }
            other => Err(StepError::permanent(
                format!("Unknown control-plane provisioner: {other:?}."),
                "Set CONTROL_PLANE_PROVISIONER to noop, local_postgres or cloudsql_postgres.",
            )),
        }
    }

    /// Sees to it that the step's effect is there.
    pub(crate) async fn ensure(&self, step: Step, tenant: &Tenant) -> Result<Ensured, StepError> {
        match (self, step) {
            (Self::Noop, Step::Reserve) => reserve(tenant),
            (Self::Noop, _) => Ok(Ensured::Skipped("noop touches no server")),
        }
    }
}

/// The metadata name a place that can exist.
fn reserve(tenant: &Tenant) -> Result<Ensured, StepError> {
    let place = &tenant.provisioning;
    for (field, value) in [
        ("database_alias", &place.database_alias),
        ("database_name", &place.database_name),
        ("database_user", &place.database_user),
    ] {
        if let Err(problem) = value.parse::<Identifier>() {
            return Err(StepError::permanent(
                format!("The tenant's {field} can't be used: {problem}"),
                format!("Correct {field} of the tenant, then execute again."),
            ));
        }
    }
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

fn check_admin(prefix: &str, admin: &AdminSettings, needs_host: bool) -> Result<(), StepError> {
    let mut missing = Vec::new();
    if admin.user.is_empty() {
        missing.push(format!("{prefix}_USER"));
    }
    if admin.password.is_none() {
        missing.push(format!("{prefix}_PASSWORD"));
    }
    if needs_host && admin.host.is_empty() {
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

fn not_yet(name: &str) -> StepError {
    StepError::permanent(
        format!("The provider {name} is not part of this release yet."),
        "Set CONTROL_PLANE_PROVISIONER=noop and make the database by other means.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(name: &str, config: &Config) -> String {
        match Provider::find(name, config) {
            Ok(_) => String::new(),
            Err(error) => error.message,
        }
    }

    #[test]
    fn missing_settings_are_all_named() {
        let config = Config::default();
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
