//! Whatever two workers, an operator and the clock do to one operation, in whatever order: it has
//! one outcome at the most, the tenant tells the same, and only the holder of the lease wrote.

use crate::support::{Db, ana};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sindico_domain::operation::OperationStatus;
use sindico_domain::precondition::Precondition;
use sindico_store::control::operations::{self as ops, Lease, StepEnd, WorkError};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

#[derive(Debug, Clone, Copy)]
enum Act {
    Claim,
    Expire,
    OperatorCancels,
    Heartbeat,
    Begin(i32),
    End(i32),
    Retry(i32),
    Release,
    Succeed,
    Fail,
    Cancel,
}

fn act() -> impl Strategy<Value = (usize, Act)> {
    let step = 1..=11;
    let act = prop_oneof![
        4 => Just(Act::Claim),
        3 => Just(Act::Expire),
        1 => Just(Act::OperatorCancels),
        1 => Just(Act::Heartbeat),
        2 => step.clone().prop_map(Act::Begin),
        2 => step.clone().prop_map(Act::End),
        1 => step.prop_map(Act::Retry),
        1 => Just(Act::Release),
        1 => Just(Act::Succeed),
        1 => Just(Act::Fail),
        1 => Just(Act::Cancel),
    ];
    (0..2_usize, act)
}

async fn play(db: &Db, acts: &[(usize, Act)], code: &str) {
    let tenant = db.tenant(code).await;
    let id = db.request(&tenant).await.operation_id;
    let outcomes = format!(
        "SELECT count(*) FROM audit_event WHERE company_id = {}
         AND action IN ('tenant.ready', 'tenant.failed', 'tenant.canceled')",
        tenant.id
    );
    let mut leases: [Option<Lease>; 2] = [None, None];
    for (worker, act) in acts {
        let before = db.operation(id).await;
        let epoch = db
            .count(&format!(
                "SELECT lease_epoch FROM operation WHERE id = {id}"
            ))
            .await;
        let lease = leases[*worker];
        let holds = before.status == OperationStatus::Running
            && lease.is_some_and(|lease| lease.epoch == epoch);
        let s = &db.store;
        let wrote = match (act, &lease) {
            (Act::Claim, _) => {
                let length = Duration::from_secs(60);
                if let Some(claimed) = ops::claim(s, "w", length).await.unwrap() {
                    assert!(!before.status.is_final());
                    leases[*worker] = Some(claimed.lease);
                }
                continue;
            }
            (Act::Expire, _) => {
                db.expire().await;
                continue;
            }
            (Act::OperatorCancels, _) => {
                let asked = ops::cancel(s, &ana(), id, &Precondition::None).await;
                assert_eq!(asked.is_err(), before.status.is_final());
                continue;
            }
            (_, None) => continue,
            (Act::Heartbeat, Some(l)) => ops::heartbeat(s, l, Duration::from_secs(60))
                .await
                .map(drop),
            (Act::Begin(step), Some(l)) => ops::step_begin(s, l, *step).await.map(drop),
            (Act::End(step), Some(l)) => {
                let next = (*step < 11).then_some(step + 1);
                ops::step_end(s, l, *step, StepEnd::Done, "", next)
                    .await
                    .map(drop)
            }
            (Act::Retry(step), Some(l)) => {
                ops::step_retry(s, l, *step, "again", "", Duration::ZERO).await
            }
            (Act::Release, Some(l)) => ops::release(s, l, Duration::ZERO).await,
            (Act::Succeed, Some(l)) => ops::finish_success(s, l, "https://x.example").await,
            (Act::Fail, Some(l)) => ops::finish_failure(s, l, None, "failed", "").await,
            (Act::Cancel, Some(l)) => ops::finish_cancel(s, l).await,
        };
        match wrote {
            Ok(()) => assert!(holds, "{act:?} of one that did not hold the lease"),
            Err(WorkError::Fenced) => {
                assert!(!holds, "{act:?} of the holder was refused");
                assert_eq!(db.operation(id).await, before);
            }
            Err(WorkError::Store(error)) => panic!("{act:?}: {error}"),
        }
    }
    let end = db.operation(id).await;
    let expected = i64::from(end.status.is_final());
    assert_eq!(db.count(&outcomes).await, expected, "{end:#?}");
    let status = db.read(&tenant).await.provisioning.status.as_str();
    let fits = match end.status {
        OperationStatus::Queued | OperationStatus::Running => status == "PROVISIONING",
        OperationStatus::Succeeded => status == "READY",
        OperationStatus::Failed => status == "FAILED",
        // Canceled before anybody began: as it was.
        OperationStatus::Canceled => {
            status
                == if end.attempts == 0 {
                    "PENDING"
                } else {
                    "FAILED"
                }
        }
    };
    assert!(fits, "{status} after {end:#?}");
    // It is over for the next one, which would find this one's place taken.
    db.run("DELETE FROM operation").await;
}

#[test]
fn any_interleaving_has_one_outcome_at_the_most() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let db = runtime.block_on(Db::new("interleavings"));
    let number = AtomicU32::new(0);
    let config = Config {
        cases: 60,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&vec(act(), 5..40), |acts| {
            let code = format!("t{}", number.fetch_add(1, Ordering::Relaxed));
            runtime.block_on(play(&db, &acts, &code));
            Ok(())
        })
        .unwrap();
}
