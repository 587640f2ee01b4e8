//! The engine when things go wrong at its fail points, which are the process's: one test at a time.
#![allow(clippy::unwrap_used, reason = "a test may end at once")]

#[path = "../support/mod.rs"]
mod support;

use fail::FailScenario;
use sindico_domain::operation::{OperationStatus, StepStatus};
use sindico_domain::tenant::ProvisioningStatus;
use sindico_provisioning::Config;
use sindico_provisioning::failpoints;
use std::time::Duration;
use support::{Db, SOON, ended, execute, quick};
use tokio::time::{Instant, sleep};

/// The errors that are worth another try, and the end that a repeat must come to.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_passing_error_at_any_fail_point_is_tried_again() {
    let scenario = FailScenario::setup();
    let db = Db::new("faults_passing").await;
    let engine = db.engine(quick());
    for (number, code) in ["53300", "57P03", "55006", "40P01", "08006", "53100"]
        .iter()
        .cycle()
        .zip(failpoints::all())
        .enumerate()
        .map(|(number, (code, name))| (number, (*code, name)))
    {
        let (code, name) = code;
        fail::cfg(&name, &format!("1*return(error({code}))")).unwrap();
        let tenant = db.tenant(&format!("t{number}")).await;
        let operation = ended(&engine, execute(&engine, &tenant).await.operation_id).await;
        assert_eq!(
            operation.status,
            OperationStatus::Succeeded,
            "{name} {code}: {operation:#?}"
        );
        // What fails after the end is nobody's.
        let attempts = if name.ends_with("finish:after") { 1 } else { 2 };
        assert_eq!(operation.attempts, attempts, "{name} {code}");
        assert_eq!(operation.error, "");
        let place = db.read(&tenant).await.provisioning;
        assert_eq!(place.status, ProvisioningStatus::Ready, "{name} {code}");
    }
    scenario.teardown();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_lasting_error_at_any_fail_point_fails_at_once_and_a_repeat_is_safe() {
    let scenario = FailScenario::setup();
    let db = Db::new("faults_lasting").await;
    let engine = db.engine(quick());
    let names = failpoints::all();
    for (number, name) in names.iter().enumerate() {
        if name.ends_with("finish:after") {
            continue;
        }
        let code = ["42501", "22023", "42P04"][number % 3];
        fail::cfg(name, &format!("1*return(error({code}))")).unwrap();
        let tenant = db.tenant(&format!("t{number}")).await;
        let operation = ended(&engine, execute(&engine, &tenant).await.operation_id).await;
        assert_eq!(operation.status, OperationStatus::Failed, "{name}");
        assert_eq!(operation.attempts, 1, "{name}");
        assert!(
            operation.error.contains(code),
            "{name}: {}",
            operation.error
        );
        assert!(!operation.hint.is_empty(), "{name}");
        let place = db.read(&tenant).await.provisioning;
        assert_eq!(place.status, ProvisioningStatus::Failed, "{name}");
        assert_eq!(place.last_error, operation.error, "{name}");

        let again = ended(&engine, execute(&engine, &tenant).await.operation_id).await;
        assert_eq!(again.status, OperationStatus::Succeeded, "{name}");
        let place = db.read(&tenant).await.provisioning;
        assert_eq!(place.status, ProvisioningStatus::Ready, "{name}");
        assert_eq!(place.last_error, "", "{name}");
    }
    scenario.teardown();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tries_are_bounded_and_waiting_is_bounded_by_the_deadline() {
    let scenario = FailScenario::setup();
    let db = Db::new("faults_bounds").await;
    let config = Config {
        attempts: 3,
        ..quick()
    };
    let engine = db.engine(config.clone());
    fail::cfg("provision:roles:after", "return(error(57P03))").unwrap();
    let tenant = db.tenant("restless").await;
    let operation = ended(&engine, execute(&engine, &tenant).await.operation_id).await;
    assert_eq!(operation.status, OperationStatus::Failed);
    assert_eq!(operation.attempts, 3, "{operation:#?}");
    let step = operation.steps.iter().find(|s| s.name == "roles").unwrap();
    assert_eq!((step.status, step.attempts), (StepStatus::Failed, 3));
    engine.stop(SOON).await;

    fail::cfg("provision:roles:after", "return(error(53100))").unwrap();
    let engine = db.engine(Config {
        deadline: Duration::from_secs(2),
        ..config
    });
    let tenant = db.tenant("patient").await;
    let began = Instant::now();
    let operation = ended(&engine, execute(&engine, &tenant).await.operation_id).await;
    assert!(began.elapsed() >= Duration::from_secs(2));
    assert_eq!(operation.status, OperationStatus::Failed);
    assert!(operation.attempts > 3, "{operation:#?}");
    assert!(operation.error.contains("2 seconds"), "{}", operation.error);
    scenario.teardown();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_worker_that_panics_does_not_keep_its_lease() {
    let scenario = FailScenario::setup();
    let db = Db::new("faults_panic").await;
    let engine = db.engine(Config {
        lease: Duration::from_millis(900),
        ..quick()
    });
    fail::cfg("provision:roles:before", "1*panic(a fault of ours)").unwrap();
    let tenant = db.tenant("acme").await;
    let operation = ended(&engine, execute(&engine, &tenant).await.operation_id).await;
    assert_eq!(operation.status, OperationStatus::Succeeded);
    assert_eq!(operation.attempts, 2);
    scenario.teardown();
}

/// A worker that is frozen within a step, and not heard of for a whole lease. Another takes over and
/// is at work, or has finished, when the first wakes up: it changes nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 6)]
async fn a_worker_that_was_frozen_changes_nothing() {
    let scenario = FailScenario::setup();
    let db = Db::new("faults_frozen").await;
    for finished in [false, true] {
        let code = if finished { "finished" } else { "at-work" };
        fail::cfg("provision:database:after", "1*pause").unwrap();
        let frozen = db.engine(quick());
        let tenant = db.tenant(code).await;
        let id = execute(&frozen, &tenant).await.operation_id;
        let of = format!("operation_id = {id} AND status = 'RUNNING'");
        db.until(&format!(
            "SELECT count(*) = 1 FROM operation_step WHERE name = 'database' AND {of}"
        ))
        .await;
        // Its dispatcher claims nothing more, so that it is not its own successor.
        let stopping = tokio::spawn({
            let frozen = frozen.clone();
            async move { frozen.stop(SOON).await }
        });
        sleep(Duration::from_millis(100)).await;

        fail::cfg("provision:open:before", "1*pause").unwrap();
        db.expire().await;
        let other = db.engine(quick());
        db.until(&format!(
            "SELECT count(*) = 1 FROM operation_step WHERE name = 'open' AND {of}"
        ))
        .await;
        let mut before = db.operation(id).await;
        if finished {
            fail::remove("provision:open:before");
            before = ended(&other, id).await;
        }
        fail::remove("provision:database:after");
        stopping.await.unwrap();
        assert_eq!(db.operation(id).await, before, "{code}");

        fail::remove("provision:open:before");
        let operation = ended(&other, id).await;
        assert_eq!(operation.status, OperationStatus::Succeeded, "{code}");
        assert_eq!(operation.attempts, 2, "{code}");
        let ends = format!(
            "SELECT count(*) FROM audit_event WHERE action = 'tenant.ready' AND company_id = {}",
            tenant.id
        );
        assert_eq!(db.count(&ends).await, 1, "{code}");
        other.stop(SOON).await;
    }
    scenario.teardown();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stop_lets_finish_within_its_grace_and_else_hands_over() {
    let scenario = FailScenario::setup();
    let db = Db::new("faults_stop").await;
    fail::cfg("provision:grants:before", "sleep(600)").unwrap();
    let reached = |id: i64| {
        format!(
            "SELECT status = 'RUNNING' FROM operation_step WHERE name = 'grants' AND operation_id = {id}"
        )
    };

    let engine = db.engine(quick());
    let tenant = db.tenant("finishes").await;
    let id = execute(&engine, &tenant).await.operation_id;
    db.until(&reached(id)).await;
    engine.stop(SOON).await;
    assert_eq!(db.operation(id).await.status, OperationStatus::Succeeded);

    let engine = db.engine(quick());
    let tenant = db.tenant("handed").await;
    let id = execute(&engine, &tenant).await.operation_id;
    db.until(&reached(id)).await;
    engine.stop(Duration::from_millis(50)).await;
    let operation = db.operation(id).await;
    assert_eq!(operation.status, OperationStatus::Queued, "{operation:#?}");
    let of = |name: &str| operation.steps.iter().find(|s| s.name == name).unwrap();
    // The step that was at work came to its end, and the next one was not begun.
    assert_eq!(of("grants").status, StepStatus::Skipped);
    assert_eq!(of("settings").status, StepStatus::Pending);

    // Nothing is claimed after a stop; another program goes on at once, long before the lease ends.
    sleep(Duration::from_millis(300)).await;
    assert_eq!(db.operation(id).await.attempts, 1);
    let other = db.engine(quick());
    let operation = ended(&other, id).await;
    assert_eq!(operation.status, OperationStatus::Succeeded);
    assert_eq!(operation.attempts, 2);
    let grants = operation.steps.iter().find(|s| s.name == "grants").unwrap();
    assert_eq!(grants.attempts, 1);
    scenario.teardown();
}

/// A short loss of the control database costs a short pause, not the lease.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_could_not_be_recorded_is_recorded_later() {
    let scenario = FailScenario::setup();
    let db = Db::new("faults_outage").await;
    fail::cfg("provision:grants:before", "1*sleep(400)").unwrap();
    let engine = db.engine(quick());
    let tenant = db.tenant("acme").await;
    let began = Instant::now();
    let id = execute(&engine, &tenant).await.operation_id;
    db.until("SELECT status = 'RUNNING' FROM operation_step WHERE name = 'grants'")
        .await;
    db.shut().await;
    sleep(Duration::from_millis(1500)).await;
    db.open().await;
    db.until("SELECT status = 'SUCCEEDED' FROM operation").await;
    let operation = db.operation(id).await;
    assert_eq!(operation.attempts, 1, "{operation:#?}");
    assert!(
        began.elapsed() < Duration::from_secs(12),
        "{:?}",
        began.elapsed()
    );
    scenario.teardown();
}

/// A retry comes when its pause is over, not when somebody happens to look.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_retry_comes_on_time() {
    let scenario = FailScenario::setup();
    let db = Db::new("faults_on_time").await;
    let engine = db.engine(quick());
    fail::cfg("provision:roles:before", "6*return(error(53300))").unwrap();
    let tenant = db.tenant("acme").await;
    let began = Instant::now();
    let operation = ended(&engine, execute(&engine, &tenant).await.operation_id).await;
    assert_eq!(operation.status, OperationStatus::Succeeded);
    assert_eq!(operation.attempts, 7);
    // Six pauses of at most 2 + 4 + 8 + 16 + 32 + 64 ms; six looks would be six seconds.
    assert!(
        began.elapsed() < Duration::from_secs(3),
        "{:?}",
        began.elapsed()
    );
    scenario.teardown();
}
