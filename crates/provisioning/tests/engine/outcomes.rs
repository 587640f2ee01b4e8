//! What an operation comes to, and what it leaves with the tenant.

use crate::support::{Db, SOON, ana, ended, execute, quick};
use sindico_domain::operation::{Operation, OperationStatus, StepStatus};
use sindico_domain::tenant::{ProvisioningStatus, Tenant};
use sindico_provisioning::Config;

#[tokio::test]
async fn noop_makes_a_tenant_ready_and_stamps_it_once() {
    let db = Db::new("outcomes_noop").await;
    let engine = db.engine(quick());
    let tenant = db.tenant("acme").await;
    db.run("UPDATE tenant_provisioning SET last_error = 'old', status = 'FAILED'")
        .await;

    let first = ended(&engine, execute(&engine, &tenant).await.operation_id).await;
    assert_eq!(first.status, OperationStatus::Succeeded, "{first:#?}");
    assert_eq!((first.error.as_str(), first.attempts), ("", 1));
    let statuses: Vec<_> = first.steps.iter().map(|step| step.status).collect();
    assert_eq!(statuses[0], StepStatus::Done);
    assert!(statuses[1..].iter().all(|s| *s == StepStatus::Skipped));
    for step in &first.steps {
        assert!(step.attempts == 1 && !step.outcome.is_empty(), "{step:#?}");
        assert!(step.started_at.is_some() && step.finished_at >= step.started_at);
    }
    let ready = db.read(&tenant).await;
    let place = &ready.provisioning;
    assert_eq!(place.status, ProvisioningStatus::Ready);
    assert_eq!(place.portal_url, "https://acme.example.com");
    assert_eq!(place.last_error, "");
    assert!(place.provisioned_at.is_some());
    // One version for the request, one for the outcome.
    assert_eq!(ready.version, tenant.version + 2);
    assert_eq!(
        db.audited().await,
        ["tenant.create", "tenant.execute", "tenant.ready"]
    );
    let event = db
        .row("SELECT actor, request_id, before->'provisioning'->>'status', after->'provisioning'->>'status'
              FROM audit_event WHERE action = 'tenant.ready'")
        .await;
    let told: [&str; 4] = std::array::from_fn(|at| event.get(at));
    assert_eq!(told, ["system", "request-1", "PROVISIONING", "READY"]);

    // A second one is another operation, and READY stays what it was.
    db.run("UPDATE company SET version = version + 1").await;
    let second = execute(&engine, &tenant).await;
    assert!(!second.attached && second.operation_id != first.id);
    ended(&engine, second.operation_id).await;
    let again = db.read(&tenant).await.provisioning;
    assert_eq!(again.status, ProvisioningStatus::Ready);
    assert_eq!(again.provisioned_at, place.provisioned_at);
    assert_eq!(again.portal_url, place.portal_url);
}

/// Executes with these settings, which must fail at the first step, for good.
async fn failing(db: &Db, config: Config, tenant: &Tenant) -> Operation {
    let engine = db.engine(config);
    let operation = ended(&engine, execute(&engine, tenant).await.operation_id).await;
    // The next one has other settings, and must not find this one at work.
    engine.stop(SOON).await;
    assert_eq!(operation.status, OperationStatus::Failed, "{operation:#?}");
    assert_eq!(operation.attempts, 1);
    assert!(!operation.hint.is_empty(), "{operation:#?}");
    assert_eq!(operation.steps[0].status, StepStatus::Failed);
    assert_eq!(operation.steps[0].error, operation.error);
    assert_eq!(operation.steps[1].status, StepStatus::Pending);
    let place = db.read(tenant).await.provisioning;
    assert_eq!(place.status, ProvisioningStatus::Failed);
    assert_eq!(place.last_error, operation.error);
    assert_eq!(place.provisioned_at, None);
    assert!(db.audited().await.contains(&"tenant.failed".to_owned()));
    let everything = format!("{operation:?} {place:?}");
    assert!(!everything.contains("opensesame"), "{everything}");
    operation
}

#[tokio::test]
async fn settings_that_cannot_work_fail_at_once_and_are_named() {
    let db = Db::new("outcomes_settings").await;
    let provider = |name: &str| Config {
        provisioner: name.to_owned(),
        ..quick()
    };
    let tenant = db.tenant("unknown").await;
    let error = failing(&db, provider("magic"), &tenant).await.error;
    assert!(
        error.contains("Unknown control-plane provisioner") && error.contains("magic"),
        "{error}"
    );

    let tenant = db.tenant("cloud").await;
    let mut config = provider("cloudsql_postgres");
    config.cloudsql.user = "admin".to_owned();
    config.cloudsql.password = Some("opensesame".into());
    let error = failing(&db, config, &tenant).await.error;
    assert!(
        error.contains("CONTROL_PLANE_CLOUDSQL_ADMIN_HOST"),
        "{error}"
    );
    assert!(!error.contains("ADMIN_USER"), "{error}");

    let tenant = db.tenant("local").await;
    let error = failing(&db, provider("local_postgres"), &tenant)
        .await
        .error;
    for name in ["USER", "PASSWORD"] {
        let name = format!("CONTROL_PLANE_LOCAL_DB_ADMIN_{name}");
        assert!(error.contains(&name), "{error}");
    }

    let tenant = db.tenant("template").await;
    let config = Config {
        portal_url_template: "https://{sub_domain}.example.com".to_owned(),
        ..quick()
    };
    let error = failing(&db, config, &tenant).await.error;
    assert!(error.contains("{sub_domain}"), "{error}");
}

#[tokio::test]
async fn names_that_cannot_be_used_are_told() {
    let db = Db::new("outcomes_names").await;
    for (code, field, value) in [
        ("empty", "database_user", ""),
        ("odd", "database_name", "crm; DROP TABLE x"),
        ("reserved", "database_alias", "pg_toast"),
    ] {
        let tenant = db.tenant(code).await;
        db.run(&format!(
            "UPDATE tenant_provisioning SET {field} = '{value}' WHERE company_id = {}",
            tenant.id
        ))
        .await;
        let error = failing(&db, quick(), &tenant).await.error;
        assert!(error.contains(field), "{error}");
    }
}

#[tokio::test]
async fn the_callers_address_of_the_portal_is_kept() {
    let db = Db::new("outcomes_portal").await;
    let engine = db.engine(Config {
        portal_url_template: "https://{sub_domain}.example.com".to_owned(),
        ..quick()
    });
    let tenant = db.tenant("acme").await;
    let wish = Some("https://crm.acme.example".to_owned());
    let requested = engine
        .execute(&ana(), tenant.id, wish, Default::default(), None)
        .await
        .unwrap()
        .unwrap();
    let operation = ended(&engine, requested.operation_id).await;
    // The template is wrong, and not needed.
    assert_eq!(
        operation.status,
        OperationStatus::Succeeded,
        "{operation:#?}"
    );
    let url = db.read(&tenant).await.provisioning.portal_url;
    assert_eq!(url, "https://crm.acme.example");
}

#[tokio::test]
async fn a_deadline_that_has_passed_ends_it() {
    let db = Db::new("outcomes_deadline").await;
    let tenant = db.tenant("acme").await;
    let id = db.request(&tenant).await.operation_id;
    db.run("UPDATE operation SET deadline_at = now() - interval '1 second'")
        .await;
    let engine = db.engine(quick());
    let operation = ended(&engine, id).await;
    assert_eq!(operation.status, OperationStatus::Failed, "{operation:#?}");
    assert!(operation.error.contains("seconds"), "{}", operation.error);
    assert!(!operation.hint.is_empty());
    let place = db.read(&tenant).await.provisioning;
    assert_eq!(place.status, ProvisioningStatus::Failed);
    assert_eq!(place.last_error, operation.error);
}
