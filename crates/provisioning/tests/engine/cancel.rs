//! Cancels: what they end, and what they leave.

use crate::support::{Db, ana, ended, quick, refusal};
use sindico_domain::Refusal;
use sindico_domain::operation::{OperationStatus, StepStatus};
use sindico_domain::precondition::Precondition;
use sindico_domain::tenant::ProvisioningStatus;
use sindico_store::control::operations::{self, StepEnd};
use std::time::Duration;

const LEASE: Duration = Duration::from_secs(15);
const CANCELED: &str = "Provisioning was canceled by ana. Execute again to finish it.";

#[tokio::test]
async fn what_nobody_began_leaves_the_tenant_as_it_was() {
    let db = Db::new("cancel_queued").await;
    for status in ["PENDING", "READY", "FAILED"] {
        let tenant = db.tenant(&status.to_lowercase()).await;
        db.run(&format!(
            "UPDATE tenant_provisioning SET status = '{status}', last_error = 'old' WHERE company_id = {}",
            tenant.id
        ))
        .await;
        let before = db.read(&tenant).await;
        let id = db.request(&tenant).await.operation_id;
        let canceled = operations::cancel(&db.store, &ana(), id, &Precondition::None)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(canceled.status, OperationStatus::Canceled);
        assert!(canceled.finished_at.is_some() && canceled.cancel_requested);
        let after = db.read(&tenant).await;
        assert_eq!(after.provisioning.status, before.provisioning.status);
        assert_eq!(after.provisioning.last_error, "old");
    }
    assert_eq!(
        db.audited().await[..4],
        [
            "tenant.create",
            "tenant.execute",
            "tenant.canceled",
            "operation.cancel"
        ]
    );
    assert!(
        operations::claim(&db.store, "w", LEASE)
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn one_that_waits_for_its_next_attempt_ends_at_once() {
    let db = Db::new("cancel_waiting").await;
    let tenant = db.tenant("acme").await;
    let id = db.request(&tenant).await.operation_id;
    let claimed = operations::claim(&db.store, "w", LEASE)
        .await
        .unwrap()
        .unwrap();
    let lease = &claimed.lease;
    operations::step_begin(&db.store, lease, 1).await.unwrap();
    operations::step_retry(&db.store, lease, 1, "No room.", "Make some.", LEASE)
        .await
        .unwrap();
    let waiting = db.operation(id).await;
    assert_eq!(waiting.status, OperationStatus::Queued);
    assert_eq!(waiting.steps[0].status, StepStatus::Retrying);
    let canceled = operations::cancel(&db.store, &ana(), id, &Precondition::None)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(canceled.status, OperationStatus::Canceled);
    assert_eq!(canceled.steps[0].status, StepStatus::Failed);
    let place = db.read(&tenant).await.provisioning;
    assert_eq!(place.status, ProvisioningStatus::Failed);
    assert_eq!(place.last_error, CANCELED);
}

#[tokio::test]
async fn one_at_work_ends_at_the_next_boundary() {
    let db = Db::new("cancel_running").await;
    let tenant = db.tenant("acme").await;
    let id = db.request(&tenant).await.operation_id;
    let claimed = operations::claim(&db.store, "w", LEASE)
        .await
        .unwrap()
        .unwrap();
    let lease = &claimed.lease;
    operations::step_begin(&db.store, lease, 1).await.unwrap();

    let asked = operations::cancel(&db.store, &ana(), id, &Precondition::None)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(asked.status, OperationStatus::Running);
    assert!(asked.cancel_requested);
    // Asking twice is asking once.
    let again = operations::cancel(&db.store, &ana(), id, &Precondition::None)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(again, asked);
    let asked = db
        .count("SELECT count(*) FROM audit_event WHERE action = 'operation.cancel'")
        .await;
    assert_eq!(asked, 1);

    let beat = operations::heartbeat(&db.store, lease, LEASE)
        .await
        .unwrap();
    assert!(beat.cancel_requested);
    let next = operations::step_end(&db.store, lease, 1, StepEnd::Done, "found", Some(2))
        .await
        .unwrap();
    assert!(next.cancel_requested && next.attempts == 0);
    operations::finish_cancel(&db.store, lease).await.unwrap();
    let operation = db.operation(id).await;
    assert_eq!(operation.status, OperationStatus::Canceled);
    assert_eq!(operation.steps[0].status, StepStatus::Done);
    assert_eq!(operation.steps[1].status, StepStatus::Pending);
    let place = db.read(&tenant).await.provisioning;
    assert_eq!(place.status, ProvisioningStatus::Failed);
    assert_eq!(place.last_error, CANCELED);
    let by: String = db
        .row("SELECT actor FROM audit_event WHERE action = 'tenant.canceled'")
        .await
        .get(0);
    assert_eq!(by, "system");
}

#[tokio::test]
async fn when_its_worker_is_dead_another_ends_it() {
    let db = Db::new("cancel_dead").await;
    let tenant = db.tenant("acme").await;
    let id = db.request(&tenant).await.operation_id;
    operations::claim(&db.store, "dead", LEASE)
        .await
        .unwrap()
        .unwrap();
    operations::cancel(&db.store, &ana(), id, &Precondition::None)
        .await
        .unwrap();
    db.expire().await;
    let engine = db.engine(quick());
    let operation = ended(&engine, id).await;
    assert_eq!(operation.status, OperationStatus::Canceled);
    assert_eq!(db.read(&tenant).await.provisioning.last_error, CANCELED);
}

#[tokio::test]
async fn an_end_is_final_and_versions_are_minded() {
    let db = Db::new("cancel_final").await;
    let tenant = db.tenant("acme").await;
    let id = db.request(&tenant).await.operation_id;
    let version = db.operation(id).await.version;
    let stale = Precondition::OneOf(vec![version + 7]);
    let refused = refusal(operations::cancel(&db.store, &ana(), id, &stale).await);
    assert_eq!(refused, Refusal::PreconditionFailed);
    let current = Precondition::OneOf(vec![version]);
    operations::cancel(&db.store, &ana(), id, &current)
        .await
        .unwrap();
    let refused = refusal(operations::cancel(&db.store, &ana(), id, &current).await);
    assert!(matches!(refused, Refusal::Conflict { .. }), "{refused:?}");
    let unknown = operations::cancel(&db.store, &ana(), 999, &Precondition::None).await;
    assert_eq!(unknown.unwrap(), None);
}
