//! Leases: one holder at a time, and nothing from those that were.

use crate::support::{Db, ended, quick};
use sindico_domain::operation::{OperationStatus, StepStatus};
use sindico_domain::tenant::ProvisioningStatus;
use sindico_store::control::operations::{self as ops, Claimed, StepEnd, WorkError};
use std::collections::BTreeSet;
use std::time::Duration;

const LEASE: Duration = Duration::from_secs(15);

async fn claim(db: &Db, worker: &str) -> Option<Claimed> {
    ops::claim(&db.store, worker, LEASE).await.unwrap()
}

#[tokio::test]
async fn two_workers_never_have_the_same_operation() {
    let db = Db::new("leases_race").await;
    for number in 0..8 {
        let tenant = db.tenant(&format!("t{number}")).await;
        db.request(&tenant).await;
    }
    let claims: Vec<_> = (0..40)
        .map(|_| {
            let store = db.store.clone();
            tokio::spawn(async move { ops::claim(&store, "w", LEASE).await.unwrap() })
        })
        .collect();
    let mut taken = Vec::new();
    for claim in claims {
        taken.extend(
            claim
                .await
                .unwrap()
                .map(|claimed| claimed.lease.operation_id),
        );
    }
    // One that skips a locked row may come away empty, but in the end each is taken once.
    while let Some(claimed) = claim(&db, "w").await {
        taken.push(claimed.lease.operation_id);
    }
    let distinct: BTreeSet<_> = taken.iter().collect();
    assert_eq!((taken.len(), distinct.len()), (8, 8), "{taken:?}");
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_can_write_nothing() {
    let db = Db::new("leases_fence").await;
    let tenant = db.tenant("acme").await;
    let id = db.request(&tenant).await.operation_id;
    let old = claim(&db, "frozen").await.unwrap();
    ops::step_begin(&db.store, &old.lease, 1).await.unwrap();
    assert!(claim(&db, "other").await.is_none(), "the lease is live");
    db.expire().await;
    let new = claim(&db, "other").await.unwrap();
    assert_eq!(new.lease.epoch, old.lease.epoch + 1);

    let everything = "SELECT string_agg(t::text, '; ') FROM (
        SELECT o::text FROM operation o UNION ALL SELECT s::text FROM operation_step s
        UNION ALL SELECT p::text FROM tenant_provisioning p UNION ALL SELECT c::text FROM company c
        UNION ALL SELECT a::text FROM audit_event a) AS t";
    // While another works, and when that one has finished.
    for finished in [false, true] {
        if finished {
            ops::finish_success(&db.store, &new.lease, "https://x.example")
                .await
                .unwrap();
        }
        let before: String = db.row(everything).await.get(0);
        let (s, l) = (&db.store, &old.lease);
        let refused = [
            ("heartbeat", ops::heartbeat(s, l, LEASE).await.map(drop)),
            ("begin", ops::step_begin(s, l, 1).await.map(drop)),
            (
                "end",
                ops::step_end(s, l, 1, StepEnd::Done, "late", Some(2))
                    .await
                    .map(drop),
            ),
            ("retry", ops::step_retry(s, l, 1, "late", "", LEASE).await),
            ("release", ops::release(s, l, Duration::ZERO).await),
            (
                "success",
                ops::finish_success(s, l, "https://late.example").await,
            ),
            (
                "failure",
                ops::finish_failure(s, l, Some(1), "late", "").await,
            ),
            ("cancel", ops::finish_cancel(s, l).await),
        ];
        for (name, result) in refused {
            assert!(
                matches!(result, Err(WorkError::Fenced)),
                "{name}: {result:?}"
            );
        }
        let after: String = db.row(everything).await.get(0);
        assert_eq!(before, after, "finished: {finished}");
    }
    // Nor can the one that has finished write again.
    let again = ops::finish_failure(&db.store, &new.lease, None, "late", "").await;
    assert!(matches!(again, Err(WorkError::Fenced)));
    assert_eq!(db.operation(id).await.status, OperationStatus::Succeeded);
}

#[tokio::test]
async fn a_dead_workers_operation_goes_on_where_it_stood() {
    let db = Db::new("leases_takeover").await;
    let tenant = db.tenant("acme").await;
    let id = db.request(&tenant).await.operation_id;
    let dead = claim(&db, "dead").await.unwrap();
    ops::step_begin(&db.store, &dead.lease, 1).await.unwrap();
    ops::step_end(
        &db.store,
        &dead.lease,
        1,
        StepEnd::Done,
        "by the dead",
        Some(2),
    )
    .await
    .unwrap();
    db.expire().await;
    let engine = db.engine(quick());
    let operation = ended(&engine, id).await;
    assert_eq!(operation.status, OperationStatus::Succeeded);
    assert_eq!(operation.attempts, 2);
    let attempts: Vec<_> = operation.steps.iter().map(|step| step.attempts).collect();
    assert_eq!(attempts[..3], [1, 2, 1]);
    assert_eq!(operation.steps[0].outcome, "by the dead");
}

#[tokio::test]
async fn a_live_lease_is_left_alone() {
    let db = Db::new("leases_live").await;
    let tenant = db.tenant("acme").await;
    let id = db.request(&tenant).await.operation_id;
    let short = Duration::from_millis(700);
    let claimed = ops::claim(&db.store, "slow", short).await.unwrap().unwrap();
    let engine = db.engine(quick());
    for _ in 0..8 {
        tokio::time::sleep(short / 4).await;
        ops::heartbeat(&db.store, &claimed.lease, short)
            .await
            .unwrap();
    }
    assert_eq!(db.operation(id).await.attempts, 1);
    // Nobody renews it any more.
    assert_eq!(ended(&engine, id).await.attempts, 2);
}

#[tokio::test]
async fn a_step_that_takes_every_program_down_is_given_up() {
    let db = Db::new("leases_poison").await;
    let tenant = db.tenant("acme").await;
    let id = db.request(&tenant).await.operation_id;
    let config = quick();
    for _ in 0..config.attempts {
        let dead = claim(&db, "dead").await.unwrap();
        ops::step_begin(&db.store, &dead.lease, 1).await.unwrap();
        db.expire().await;
    }
    let engine = db.engine(config);
    let operation = ended(&engine, id).await;
    assert_eq!(operation.status, OperationStatus::Failed, "{operation:#?}");
    assert!(operation.error.contains("reserve"), "{}", operation.error);
    assert!(!operation.hint.is_empty());
    assert_eq!(operation.steps[0].status, StepStatus::Failed);
    let place = db.read(&tenant).await.provisioning;
    assert_eq!(place.status, ProvisioningStatus::Failed);
}

#[tokio::test]
async fn what_waits_is_not_taken_before_its_time_nor_after_its_deadline() {
    let db = Db::new("leases_pause").await;
    let tenant = db.tenant("acme").await;
    let id = db.request(&tenant).await.operation_id;
    let first = claim(&db, "w").await.unwrap();
    ops::step_begin(&db.store, &first.lease, 1).await.unwrap();
    let hours = Duration::from_secs(7200);
    ops::step_retry(&db.store, &first.lease, 1, "No room.", "Make some.", hours)
        .await
        .unwrap();
    assert!(claim(&db, "w").await.is_none());
    let operation = db.operation(id).await;
    assert_eq!(operation.next_attempt_at, Some(operation.deadline_at));
    assert_eq!(operation.steps[0].error, "No room.");

    db.run("UPDATE operation SET next_attempt_at = now()").await;
    let second = claim(&db, "w").await.unwrap();
    ops::step_begin(&db.store, &second.lease, 1).await.unwrap();
    ops::release(&db.store, &second.lease, Duration::ZERO)
        .await
        .unwrap();
    let released = db.operation(id).await;
    assert_eq!(released.status, OperationStatus::Queued);
    assert_eq!(released.steps[0].status, StepStatus::Pending);
    assert!(claim(&db, "w").await.is_some(), "given back at once");
}
