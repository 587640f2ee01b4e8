//! Every class of error at every step, and an orderly stop in the middle (tenancy.md section 1).

use crate::world::{STEPS, World};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use sindico_testkit::execute_path;
use std::time::Duration;

/// `action` at this place of every step.
fn everywhere(place: &str, action: &str) -> String {
    STEPS
        .map(|step| format!("provision:{step}:{place}={action}"))
        .join(";")
}

/// Each step fails once, and is done at its second attempt.
async fn failing_for_now((place, code): (&str, &str)) {
    let what = format!("{code} {place}");
    let world = World::new().await;
    let points = everywhere(place, &format!("1*return(error({code}))"));
    let program = world.program(&points).await;
    let tenant = world.tenant(&program, "acme").await;
    world.ask(&program, &tenant).await;
    let operation = world.one_outcome(&what).await;
    assert_eq!(operation["attempts"], 1 + STEPS.len(), "{what}");
    for step in operation["steps"].as_array().unwrap() {
        assert_eq!(step["attempts"], 2, "{what}: {step}");
        assert_eq!(step["error"], "", "{what}: {step}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_passing_errors_at_every_step_are_retried() {
    let faults = [
        ("before", "53300"),
        ("before", "57P03"),
        ("after", "55006"),
        ("after", "40P01"),
        ("before", "08006"),
        ("after", "53100"),
    ];
    stream::iter(faults)
        .for_each_concurrent(6, failing_for_now)
        .await;
}

/// Each execution fails for good one step further on; the one after the last step succeeds.
#[tokio::test(flavor = "multi_thread")]
async fn crash_lasting_errors_at_every_step_fail_until_executed_again() {
    let world = World::new().await;
    let program = world
        .program(&everywhere("after", "1*return(error(42501))"))
        .await;
    let admin = world.admin(&program);
    let tenant = world.tenant(&program, "acme").await;
    for step in STEPS {
        let answer = admin
            .post(&execute_path(&tenant), json!({}))
            .await
            .expect(400);
        let told = &answer.json;
        let detail = told["detail"].as_str().unwrap();
        assert!(detail.contains("42501"), "{step}: {told}");
        assert!(
            told["hint"].as_str().unwrap().contains("rights"),
            "{step}: {told}"
        );
        assert_eq!(told["provider"], "noop", "{step}");
        let place = &told["tenant"]["provisioning"];
        assert_eq!(place["status"], "FAILED", "{step}");
        assert_eq!(place["last_error"], detail, "{step}");
        let operation = admin.get(answer.header("location")).await.expect(200).json;
        assert_eq!(operation["status"], "FAILED", "{step}");
        assert_eq!(operation["error"], detail, "{step}");
        let failed: Vec<&Value> = operation["steps"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|s| s["status"] == "FAILED")
            .collect();
        assert_eq!(failed.len(), 1, "{step}: {operation:#}");
        assert_eq!(failed[0]["name"], step);
        assert_eq!(failed[0]["error"], detail, "{step}");
        assert_eq!(
            failed[0]["attempts"], 1,
            "{step}: it was tried again in vain"
        );
    }
    let ready = admin
        .post(&execute_path(&tenant), json!({}))
        .await
        .expect(200)
        .json;
    assert_eq!(ready["provisioning"]["status"], "READY");
    assert_eq!(ready["provisioning"]["last_error"], "");
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_a_full_disk_waits_for_room() {
    let world = World::new().await;
    let program = world
        .program("provision:database:before=3*return(error(53100))")
        .await;
    let admin = world.admin(&program);
    let tenant = world.tenant(&program, "acme").await;
    world.ask(&program, &tenant).await;
    let waits = |o: &Value| o["status"] == "QUEUED" && o["steps"][3]["status"] == "RETRYING";
    let waiting = world.until("it waits", waits).await;
    let path = format!("/platform/api/operations/{}/", waiting["id"]);
    let read = admin.get(&path).await.expect(200).json;
    // Between its attempts it waits as well; only the third pause is long enough to be seen for sure.
    if read["status"] == "QUEUED" {
        assert!(read["next_attempt_at"].is_string(), "{read}");
    }
    let step = &waiting["steps"][3];
    assert!(step["error"].as_str().unwrap().contains("53100"), "{step}");
    assert!(step["hint"].as_str().unwrap().contains("room"), "{step}");
    assert!(waiting["next_attempt_at"].as_str() > waiting["started_at"].as_str());
    let operation = world.one_outcome("after the wait").await;
    assert_eq!(operation["steps"][3]["attempts"], 4);
}

const SLOW: &str = "provision:database:before=1*sleep(4000)";

/// An operation that is inside its fourth step, and the program that is told to stop then.
async fn stopped_within_a_step(grace: &str) -> World {
    let world = World::new().await;
    let settings = [("SINDICO_STOP_GRACE", grace)];
    let mut program = world.program_with(SLOW, &settings).await;
    let tenant = world.tenant(&program, "acme").await;
    world.ask(&program, &tenant).await;
    let inside = |o: &Value| o["steps"][3]["status"] == "RUNNING";
    world.until("it is inside the step", inside).await;
    program.signal("TERM");
    let status = program.ended(Duration::from_secs(20)).await;
    assert!(
        status.is_some_and(|status| status.code() == Some(0)),
        "{status:?}"
    );
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_free_stop_lets_an_operation_finish() {
    let world = stopped_within_a_step("25").await;
    let operation = world.operation().await;
    assert_eq!(operation["status"], "SUCCEEDED", "{operation:#}");
    assert_eq!(world.one_outcome("stop").await["lease_epoch"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_free_stop_without_time_hands_over() {
    let world = stopped_within_a_step("0").await;
    let operation = world.operation().await;
    assert_eq!(operation["status"], "QUEUED", "{operation:#}");
    assert!(operation["lease_until"].is_null());
    let _second = world.program("").await;
    assert_eq!(world.one_outcome("hand-over").await["lease_epoch"], 2);
}
