//! Programs that are killed or frozen at every fail point (tenancy.md section 1).

use crate::world::{STEPS, World, done};
use futures_util::{StreamExt, stream};
use serde_json::Value;
use sindico_testkit::{Program, free_port};
use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

const SIGKILL: i32 = 9;

/// A program that is to be killed or frozen has a short lease, so that nobody waits long for it; long enough for a
/// machine that stands still for a moment not to lose it.
const SHORT: (&str, &str) = ("SINDICO_LEASE", "4");

async fn assert_killed(program: &mut Program, name: &str) {
    let status = program.ended(Duration::from_secs(30)).await;
    let signal = status.and_then(|status| status.signal());
    assert_eq!(signal, Some(SIGKILL), "{name} was not reached");
}

/// The operation stands as it must when its worker dies at this fail point: so the test really
/// reached it, and not one that comes before or after.
fn assert_reached(name: &str, operation: &Value) {
    let (status, ended, begun) = match name.split(':').collect::<Vec<_>>()[..] {
        [_, "claimed"] => ("RUNNING", 0, false),
        [_, "finish", "before"] => ("RUNNING", STEPS.len(), false),
        [_, "finish", "after"] => ("SUCCEEDED", STEPS.len(), false),
        [_, step, place] => {
            let at = STEPS.iter().position(|known| *known == step).unwrap();
            let recorded = place == "recorded";
            (
                "RUNNING",
                at + usize::from(recorded),
                !recorded || at + 1 < STEPS.len(),
            )
        }
        _ => panic!("{name} has another form"),
    };
    assert_eq!(operation["status"], status, "{name}: {operation:#}");
    assert_eq!(operation["lease_epoch"], 1, "{name}: {operation:#}");
    assert_eq!(done(operation), ended, "{name}: {operation:#}");
    let next = operation["steps"].get(ended);
    let running = next.is_some_and(|step| step["status"] == "RUNNING");
    assert_eq!(running, begun, "{name}: {operation:#}");
}

async fn killed_and_started_again(name: String) {
    let world = World::new().await;
    let mut first = world
        .program_with(&format!("{name}=return(kill)"), &[SHORT])
        .await;
    let tenant = world.tenant(&first, "acme").await;
    world.ask(&first, &tenant).await;
    assert_killed(&mut first, &name).await;
    assert_reached(&name, &world.operation().await);

    let second = world.program("").await;
    let operation = world.one_outcome(&name).await;
    let leases = if name.ends_with("finish:after") { 1 } else { 2 };
    assert_eq!(operation["lease_epoch"], leases, "{name}");
    // And to a caller it looks like any other.
    let path = format!("/platform/api/tenants/{}/", tenant["id"]);
    let read = world.admin(&second).get(&path).await.expect(200);
    assert_eq!(read.json["provisioning"]["status"], "READY", "{name}");
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_at_every_fail_point_ends_ready() {
    let names = sindico_provisioning::failpoints::all();
    assert_eq!(names.len(), 3 + 3 * STEPS.len());
    stream::iter(names)
        .for_each_concurrent(6, killed_and_started_again)
        .await;
}

/// Both programs want the work, so several tenants are asked for: the first program is killed as
/// soon as it gets one, and the second finishes whatever was asked for.
#[tokio::test(flavor = "multi_thread")]
async fn crash_of_one_of_two_programs_is_taken_over() {
    let name = "provision:database:after";
    let world = World::new().await;
    let mut first = world
        .program_with(&format!("{name}=return(kill)"), &[SHORT])
        .await;
    let second = world.program("").await;
    let mut tenants = Vec::new();
    for number in 0..12 {
        tenants.push(world.tenant(&second, &format!("acme-{number}")).await);
    }
    for tenant in &tenants {
        world.ask(&first, tenant).await;
    }
    assert_killed(&mut first, name).await;
    let asked = world.snapshot().await["operations"]
        .as_array()
        .unwrap()
        .len();
    assert!(asked > 0);
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let all = world.snapshot().await;
        let operations = all["operations"].as_array().unwrap();
        if operations.iter().all(|o| o["status"] == "SUCCEEDED") {
            assert_eq!(operations.len(), asked);
            let taken_over = operations.iter().any(|o| o["lease_epoch"] == 2);
            assert!(taken_over, "the first program had none of them");
            let told = all["audit"].as_array().unwrap().iter();
            assert_eq!(
                told.filter(|e| e["action"] == "tenant.ready").count(),
                asked
            );
            return;
        }
        assert!(Instant::now() < end, "{operations:#?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The holder of the lease is frozen, another takes over and finishes, then the first wakes up in
/// the middle of its step, and must not write anything.
async fn frozen(name: &str) {
    let world = World::new().await;
    let metrics = format!("127.0.0.1:{}", free_port());
    let settings = [SHORT, ("SINDICO_METRICS_BIND", metrics.as_str())];
    let points = format!("{name}=1*return(stop)");
    let mut first = world.program_with(&points, &settings).await;
    let tenant = world.tenant(&first, "acme").await;
    // The frozen program may have been about to answer: nobody waits for that.
    let _ = tokio::time::timeout(Duration::from_secs(2), world.ask(&first, &tenant)).await;
    let end = Instant::now() + Duration::from_secs(20);
    while first.state() != 'T' {
        assert!(Instant::now() < end, "{name} was not reached");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_reached(name, &world.operation().await);

    let _second = world.program("").await;
    let operation = world.one_outcome(name).await;
    assert_eq!(operation["lease_epoch"], 2, "{name}");
    let before = world.snapshot().await;
    assert_eq!(first.state(), 'T', "{name}: it must sleep until here");
    first.signal("CONT");
    // It says itself that its lease was lost.
    let lost = r#"sindico_operations_total{kind="PROVISION",outcome="lost"} 1"#;
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let page = reqwest::get(format!("http://{metrics}/metrics"))
            .await
            .unwrap();
        let page = page.text().await.unwrap();
        if page.contains(lost) {
            break;
        }
        assert!(Instant::now() < end, "{name}: {page}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    // What it may have sent before it gave up is done by now.
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(
        world.snapshot().await,
        before,
        "{name}: a late write was accepted"
    );
    // It is as good as any other program again.
    let other = world.tenant(&first, "other").await;
    world.ask(&first, &other).await;
    world.one_outcome(name).await;
    first.signal("TERM");
    let status = first.ended(Duration::from_secs(20)).await;
    assert!(status.is_some_and(|status| status.success()), "{name}");
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_a_frozen_holder_can_harm_nothing() {
    let names = [
        "provision:claimed",
        "provision:database:before",
        "provision:database:after",
        "provision:publish:recorded",
        "provision:finish:before",
    ];
    stream::iter(names).for_each_concurrent(5, frozen).await;
}
