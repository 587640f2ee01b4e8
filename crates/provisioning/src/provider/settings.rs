//! What `local_postgres` and `cloudsql_postgres` need of the settings.

use crate::config::AdminSettings;
use crate::error::StepError;
use secrecy::ExposeSecret;

/// Why `local_postgres` can't work.
pub(crate) fn refuse_local(admin: &AdminSettings) -> StepError {
    let names = [
        None,
        Some("CONTROL_PLANE_LOCAL_DB_ADMIN_USER"),
        Some("CONTROL_PLANE_LOCAL_DB_ADMIN_PASSWORD"),
    ];
    refuse("local_postgres", admin, names)
}

/// Why `cloudsql_postgres` can't work.
pub(crate) fn refuse_cloudsql(admin: &AdminSettings) -> StepError {
    let names = [
        Some("CONTROL_PLANE_CLOUDSQL_ADMIN_HOST"),
        Some("CONTROL_PLANE_CLOUDSQL_ADMIN_USER"),
        Some("CONTROL_PLANE_CLOUDSQL_ADMIN_PASSWORD"),
    ];
    refuse("cloudsql_postgres", admin, names)
}

/// `names`: the settings of host, user and password, where the provider needs them.
fn refuse(provider: &str, admin: &AdminSettings, names: [Option<&str>; 3]) -> StepError {
    let given = |value: Option<&str>| value.is_some_and(|text| !text.is_empty());
    let there = [
        given(admin.host.as_deref()),
        given(admin.user.as_deref()),
        given(admin.password.as_ref().map(ExposeSecret::expose_secret)),
    ];
    let missing: Vec<&str> = names
        .into_iter()
        .zip(there)
        .filter_map(|(name, there)| name.filter(|_| !there))
        .collect();
    if missing.is_empty() {
        return StepError::permanent(
            format!(
                "The provider {provider} is not part of this release yet; \
                 set CONTROL_PLANE_PROVISIONER=noop."
            ),
            "With noop, make the database yourself and name it in the tenant's provisioning.",
        );
    }
    StepError::permanent(
        format!(
            "The provider {provider} needs {}, not set.",
            missing.join(" and ")
        ),
        "Set what is missing, start the program again, then execute again.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_missing_setting_is_named() {
        let mut admin = AdminSettings::default();
        let message = refuse_cloudsql(&admin).message;
        for name in ["HOST", "USER", "PASSWORD"] {
            assert!(message.contains(&format!("CONTROL_PLANE_CLOUDSQL_ADMIN_{name}")));
        }
        let message = refuse_local(&admin).message;
        assert!(message.contains("CONTROL_PLANE_LOCAL_DB_ADMIN_USER"));
        assert!(message.contains("CONTROL_PLANE_LOCAL_DB_ADMIN_PASSWORD"));
        assert!(!message.contains("HOST"));

        admin.user = Some("admin".into());
        admin.password = Some("opensesame".into());
        let message = refuse_cloudsql(&admin).message;
        assert!(message.contains("CONTROL_PLANE_CLOUDSQL_ADMIN_HOST"));
        assert!(!message.contains("USER") && !message.contains("PASSWORD"));

        // Set but empty is not set.
        admin.host = Some(String::new());
        assert!(refuse_cloudsql(&admin).message.contains("HOST"));
        admin.host = Some("/cloudsql/p:r:i".into());
        let message = refuse_cloudsql(&admin).message;
        assert!(message.contains("not part of this release"), "{message}");
        assert!(!message.contains("sesame"));
    }
}
