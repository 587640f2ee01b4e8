//! Waiting for operations and watching them, with and without a control database.

use crate::support::{Db, SOON, ended, execute, quick};
use futures_util::StreamExt;
use sindico_domain::operation::{Operation, OperationStatus};
use sindico_provisioning::Config;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// Takes requests and lets others wait, but runs nothing.
fn idle() -> Config {
    Config {
        workers: 0,
        ..quick()
    }
}

#[tokio::test]
async fn a_wait_is_over_with_the_operation_or_with_patience() {
    let db = Db::new("waiting_wait").await;
    let here = db.engine(idle());
    let tenant = db.tenant("acme").await;
    let id = execute(&here, &tenant).await.operation_id;
    let began = Instant::now();
    let patience = Duration::from_millis(300);
    let operation = here.wait(id, patience).await.unwrap().unwrap();
    assert_eq!(operation.status, OperationStatus::Queued);
    assert!(began.elapsed() >= patience);
    assert_eq!(here.wait(999, SOON).await.unwrap(), None);

    // Another program does it; the wait ends with it.
    let waiting = tokio::spawn({
        let here = here.clone();
        async move { ended(&here, id).await }
    });
    sleep(Duration::from_millis(100)).await;
    db.engine(quick());
    let operation = waiting.await.unwrap();
    assert_eq!(operation.status, OperationStatus::Succeeded);
}

#[tokio::test]
async fn a_watch_shows_every_state_in_order_and_ends() {
    let db = Db::new("waiting_watch").await;
    let here = db.engine(idle());
    let tenant = db.tenant("acme").await;
    let id = execute(&here, &tenant).await.operation_id;
    let watching = here.watch(id, 0);
    let watching = tokio::spawn(watching.collect::<Vec<Operation>>());
    sleep(Duration::from_millis(100)).await;
    db.engine(quick());
    let seen = timeout(SOON, watching).await.expect("an end").unwrap();
    assert_eq!(seen.first().unwrap().status, OperationStatus::Queued);
    assert!(seen.is_sorted_by(|a, b| a.version < b.version), "{seen:#?}");
    let last = seen.last().unwrap();
    assert_eq!(last.status, OperationStatus::Succeeded);
    assert_eq!(*last, db.operation(id).await);

    // Who has seen the end sees nothing more; who has not, sees it.
    let rest: Vec<_> = here.watch(id, last.version).collect().await;
    assert!(rest.is_empty(), "{rest:#?}");
    let rest: Vec<_> = here.watch(id, last.version - 1).collect().await;
    assert_eq!(rest, std::slice::from_ref(last));
    assert_eq!(here.watch(999, 0).count().await, 0);
}

#[tokio::test]
async fn a_lost_control_database_is_waited_for() {
    let db = Db::new("waiting_lost").await;
    let here = db.engine(idle());
    let worker = db.engine(quick());
    let tenant = db.tenant("acme").await;
    ended(&worker, execute(&here, &tenant).await.operation_id).await;
    worker.stop(SOON).await;

    db.run("UPDATE operation SET finished_at = finished_at - interval '1 hour'")
        .await;
    let id = execute(&here, &tenant).await.operation_id;
    let watching = tokio::spawn(here.watch(id, 0).collect::<Vec<Operation>>());
    let worker = {
        db.shut().await;
        // It finds no database, and must not give up.
        let worker = db.engine(quick());
        sleep(Duration::from_millis(1500)).await;
        assert!(here.wait(id, Duration::ZERO).await.is_err());
        db.open().await;
        worker
    };
    let seen = timeout(SOON, watching).await.expect("an end").unwrap();
    assert_eq!(seen.last().unwrap().status, OperationStatus::Succeeded);
    let again = db.tenant("later").await;
    ended(&worker, execute(&here, &again).await.operation_id).await;
}
