//! Which operation answers a request.

use crate::support::{Db, ana, ended, execute, quick, refusal};
use sindico_domain::Refusal;
use sindico_domain::operation::OperationStatus;
use sindico_domain::precondition::Precondition;
use sindico_domain::tenant::{ProvisioningStatus, Tenant};
use sindico_provisioning::{Config, Engine};
use sindico_store::control::idempotency::Key;
use sindico_store::control::operations;
use std::collections::BTreeSet;
use std::time::Duration;

#[tokio::test]
async fn a_request_is_one_change() {
    let db = Db::new("requests_one").await;
    let tenant = db.tenant("acme").await;
    db.run("UPDATE tenant_provisioning SET last_error = 'old', status = 'FAILED'")
        .await;
    let requested = db.request(&tenant).await;
    assert!(!requested.attached);
    let operation = db.operation(requested.operation_id).await;
    assert_eq!(operation.status, OperationStatus::Queued);
    assert_eq!(operation.requested_by, "ana");
    assert_eq!(operation.request_id, "request-1");
    assert_eq!(operation.tenant_code, "acme");
    let names: Vec<_> = operation.steps.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, sindico_provisioning::plan::Step::names());
    let after = db.read(&tenant).await;
    assert_eq!(after.provisioning.status, ProvisioningStatus::Provisioning);
    // Why the last one failed stays known until this one has ended.
    assert_eq!(after.provisioning.last_error, "old");
    assert_eq!(after.version, tenant.version + 1);
    assert_eq!(db.audited().await, ["tenant.create", "tenant.execute"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_at_once_are_one_operation() {
    let db = Db::new("requests_hundred").await;
    // Two programs, each with callers and workers.
    let engines = [db.engine(quick()), db.engine(quick())];
    let tenant = db.tenant("acme").await;
    let calls: Vec<_> = (0..100)
        .map(|number| {
            let (engine, tenant) = (engines[number % 2].clone(), tenant.clone());
            tokio::spawn(async move {
                let requested = execute(&engine, &tenant).await;
                let operation = ended(&engine, requested.operation_id).await;
                assert_eq!(operation.status, OperationStatus::Succeeded);
                requested
            })
        })
        .collect();
    let mut ids = BTreeSet::new();
    let mut made = 0;
    for call in calls {
        let requested = call.await.unwrap();
        ids.insert(requested.operation_id);
        made += usize::from(!requested.attached);
    }
    assert_eq!((ids.len(), made), (1, 1), "{ids:?}");
    let count = db.count("SELECT count(*) FROM operation").await;
    assert_eq!(count, 1);
    assert_eq!(
        db.audited().await,
        ["tenant.create", "tenant.execute", "tenant.ready"]
    );
}

/// One operation that has ended.
async fn executed(engine: &Engine, tenant: &Tenant) -> i64 {
    let id = execute(engine, tenant).await.operation_id;
    ended(engine, id).await.id
}

#[tokio::test]
async fn a_repeat_within_seconds_is_answered_unless_something_happened() {
    let db = Db::new("requests_repeat").await;
    let engine = db.engine(quick());
    let tenant = db.tenant("acme").await;
    let first = executed(&engine, &tenant).await;
    // As if it had ended just now, on however busy a machine.
    db.run("UPDATE operation SET finished_at = clock_timestamp()")
        .await;
    let repeated = db.request(&tenant).await;
    assert_eq!((repeated.operation_id, repeated.attached), (first, true));

    // Other wishes are another request.
    let other = db
        .request_with(&tenant, Some("https://x.example"), Duration::ZERO)
        .await
        .unwrap();
    assert!(!other.attached);
    let other = ended(&engine, other.operation_id).await.id;

    // So is a change of the tenant in between,
    db.run("UPDATE operation SET finished_at = clock_timestamp(); UPDATE company SET version = version + 1")
        .await;
    let after_change = db
        .request_with(&tenant, Some("https://x.example"), Duration::ZERO)
        .await
        .unwrap();
    assert!(!after_change.attached && after_change.operation_id != other);
    ended(&engine, after_change.operation_id).await;

    // and five seconds that went by.
    db.run("UPDATE operation SET finished_at = finished_at - interval '6 seconds'")
        .await;
    let later = db
        .request_with(&tenant, Some("https://x.example"), Duration::ZERO)
        .await
        .unwrap();
    assert!(!later.attached);
}

#[tokio::test]
async fn an_end_after_the_request_came_in_answers_it() {
    let db = Db::new("requests_age").await;
    let engine = db.engine(Config {
        provisioner: "magic".to_owned(),
        ..quick()
    });
    let tenant = db.tenant("acme").await;
    let failed = executed(&engine, &tenant).await;
    db.run("UPDATE operation SET finished_at = clock_timestamp() - interval '5 seconds'")
        .await;
    let ask = async |seconds| {
        let age = Duration::from_secs(seconds);
        let actor = ana();
        let requested = engine.execute(&actor, tenant.id, None, age, None);
        requested.await.unwrap().unwrap()
    };
    let waited = ask(10).await;
    assert_eq!((waited.operation_id, waited.attached), (failed, true));
    let fresh = ask(2).await;
    assert!(!fresh.attached);
    ended(&engine, fresh.operation_id).await;
}

#[tokio::test]
async fn other_wishes_and_a_cancel_under_way_are_a_conflict() {
    let db = Db::new("requests_conflict").await;
    let tenant = db.tenant("acme").await;
    let id = db.request(&tenant).await.operation_id;
    assert_eq!(db.request(&tenant).await.operation_id, id);

    let path = format!("/platform/api/operations/{id}/");
    let ask = async |url| refusal(db.request_with(&tenant, url, Duration::ZERO).await);
    let Refusal::Conflict { location, .. } = ask(Some("https://x.example")).await else {
        panic!("expected a conflict");
    };
    assert_eq!(location.as_deref(), Some(path.as_str()));

    let claimed = operations::claim(&db.store, "w", Duration::from_secs(15)).await;
    assert_eq!(claimed.unwrap().unwrap().operation.id, id);
    operations::cancel(&db.store, &ana(), id, &Precondition::None)
        .await
        .unwrap();
    let Refusal::Conflict { detail, location } = ask(None).await else {
        panic!("expected a conflict");
    };
    assert!(detail.contains("being canceled"), "{detail}");
    assert_eq!(location, Some(path));
}

#[tokio::test]
async fn a_canceled_operation_answers_nobody() {
    let db = Db::new("requests_canceled").await;
    let tenant = db.tenant("acme").await;
    let id = db.request(&tenant).await.operation_id;
    operations::cancel(&db.store, &ana(), id, &Precondition::None)
        .await
        .unwrap();
    let age = Duration::from_secs(60);
    let next = db.request_with(&tenant, None, age).await.unwrap();
    assert!(!next.attached && next.operation_id != id);
}

#[tokio::test]
async fn a_key_answers_with_the_operation_of_its_first_use() {
    let db = Db::new("requests_key").await;
    let engine = db.engine(quick());
    let tenant = db.tenant("acme").await;
    let caller = db
        .count("INSERT INTO app_user (username, email) VALUES ('ana', '') RETURNING id")
        .await;
    let key = |body: &[u8]| Key::new(caller, "k1", "POST", "/execute/", body);
    let ask = async |key: &Key| {
        engine
            .execute(&ana(), tenant.id, None, Duration::ZERO, Some(key))
            .await
    };
    let first = ask(&key(b"{}")).await.unwrap().unwrap();
    assert!(!first.attached);
    ended(&engine, first.operation_id).await;
    db.run("UPDATE operation SET finished_at = finished_at - interval '1 hour'")
        .await;
    let again = ask(&key(b"{}")).await.unwrap().unwrap();
    assert_eq!(
        (again.operation_id, again.attached),
        (first.operation_id, true)
    );
    assert_eq!(refusal(ask(&key(b"{ }")).await), Refusal::KeyReused);
    assert_eq!(db.count("SELECT count(*) FROM operation").await, 1);
}

#[tokio::test]
async fn an_unknown_tenant_is_none_and_leaves_nothing() {
    let db = Db::new("requests_unknown").await;
    let engine = db.engine(quick());
    let caller = db
        .count("INSERT INTO app_user (username, email) VALUES ('ana', '') RETURNING id")
        .await;
    let key = Key::new(caller, "k1", "POST", "/execute/", b"");
    let actor = ana();
    let asked = engine.execute(&actor, 999, None, Duration::ZERO, Some(&key));
    assert_eq!(asked.await.unwrap(), None);
    assert_eq!(db.count("SELECT count(*) FROM idempotency_key").await, 0);
}
