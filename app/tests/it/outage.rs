//! The control database goes away and comes back.

use crate::begin;
use reqwest::Method;
use serde_json::json;
use sindico_store::listen::Wakeups;
use sindico_testkit::{Answer, TestApp, TestDatabase, execute_path};
use std::time::{Duration, Instant};

fn assert_unavailable(answer: &Answer, what: &str) {
    assert_eq!(answer.status, 503, "{what}: {}", answer.text);
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{what}: {wait}");
    assert!(answer.json["detail"].is_string(), "{what}: {}", answer.text);
    // The server's own words name databases and roles.
    for word in ["postgres", "sindico", "accepting connections"] {
        assert!(!answer.text.contains(word), "{what}: {}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn meanwhile_503_and_afterwards_all_is_well() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    let tenant = app.tenant(&admin, "acme").await;
    // Many connections are open when they are cut.
    let warm = (0..30).map(|_| admin.get("/platform/api/tenants/"));
    futures_util::future::join_all(warm).await;

    app.database.shut().await;
    let secret = app
        .database
        .url
        .split([':', '@'])
        .nth(2)
        .unwrap()
        .to_owned();
    assert!(secret.len() > 20);
    for _ in 0..3 {
        for path in [
            "/platform/api/tenants/",
            "/platform/api/tenants/1/",
            "/platform/api/audit/",
        ] {
            let answer = admin.get(path).await.expect(503);
            assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
            assert!(answer.json["detail"].is_string() && !answer.text.contains(&secret));
        }
        let body = json!({"username": "ana", "password": "x"});
        app.anonymous()
            .post("/api/auth/token/", body)
            .await
            .expect(503);
        app.execute(&admin, &tenant).await.expect(503);
        app.anonymous().get("/readyz/").await.expect(503);
        app.anonymous().get("/healthz/").await.expect(200);
    }

    app.database.open().await;
    let end = Instant::now() + Duration::from_secs(10);
    while app.anonymous().get("/readyz/").await.status != 200 {
        assert!(Instant::now() < end, "it did not come back");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for _ in 0..30 {
        admin.get("/platform/api/tenants/").await.expect(200);
    }
    // Workers and wake-ups are back as well.
    let began = Instant::now();
    app.execute(&admin, &tenant).await.expect(200);
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wake_up_that_is_missed_delays_and_loses_nothing() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    let tenant = app.tenant(&admin, "acme").await;
    // Nobody is told anything any more.
    let sql = app.database.sql().await;
    sql.batch_execute("DROP TRIGGER operation_changed ON operation")
        .await
        .unwrap();
    let answer = app.execute(&admin, &tenant).await.expect(200);
    assert_eq!(answer.json["provisioning"]["status"], "READY");
}

/// A caller who waits for an outcome, and one who watches, get it although the database went away
/// between: also wake-ups are heard again afterwards.
#[tokio::test(flavor = "multi_thread")]
async fn watching_goes_on_after_an_outage() {
    begin();
    let mut options = sindico_testkit::Options::default();
    options.engine.workers = 0;
    let app = TestApp::start_with(options).await;
    let admin = app.staff().await;
    let tenant = app.tenant(&admin, "acme").await;
    let asked = admin.with("prefer", "respond-async");
    let asked = asked
        .post(&execute_path(&tenant), json!({}))
        .await
        .expect(202);
    let events = format!("{}events/", asked.header("location"));
    let mut stream = admin.request(Method::GET, &events).send().await.unwrap();
    assert_eq!(stream.status(), 200);
    let first = stream.chunk().await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&first).contains("QUEUED"));

    app.database.shut().await;
    // Long enough for the listener and the watch to have run into it.
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_unavailable(&admin.get(&events).await, "events");
    app.database.open().await;
    // Another program does the work; this one only hears of it.
    let worker = TestApp::start_on(app.database.clone(), sindico_testkit::Options::default()).await;
    let rest = tokio::time::timeout(Duration::from_secs(10), stream.text()).await;
    let rest = rest.expect("the stream did not end").unwrap();
    assert!(rest.contains("SUCCEEDED"), "{rest}");
    drop(worker);
}

/// The wake-ups themselves, without the polling behind them that would hide their loss.
#[tokio::test(flavor = "multi_thread")]
async fn the_listener_comes_back_by_itself() {
    begin();
    let database = TestDatabase::new().await;
    let (wakeups, listening) = Wakeups::start(database.config.clone());
    let mut changes = wakeups.subscribe();
    for id in [5, 7] {
        let end = Instant::now() + Duration::from_secs(10);
        let sql = database.sql().await;
        let told = format!("SELECT pg_notify('sindico_operation', '{id} QUEUED')");
        loop {
            assert!(Instant::now() < end, "{id} was not heard");
            sql.batch_execute(&told).await.unwrap();
            let heard = tokio::time::timeout(Duration::from_millis(100), changes.recv()).await;
            if heard.is_ok_and(|change| change.unwrap().id == id) {
                break;
            }
        }
        drop(sql);
        database.shut().await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        database.open().await;
    }
    listening.abort();
}
