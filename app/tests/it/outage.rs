//! The control database goes away and comes back.

use crate::begin;
use serde_json::json;
use sindico_testkit::TestApp;
use std::time::{Duration, Instant};

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

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_that_waits_through_an_outage_is_done_afterwards() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    let tenant = app.tenant(&admin, "acme").await;
    // Asked for while nobody works, then the database goes, then the worker comes.
    let mut options = sindico_testkit::Options::default();
    options.engine.workers = 0;
    let idle = TestApp::start_on(app.database.clone(), options).await;
    let sql = app.database.sql().await;
    sql.batch_execute("UPDATE operation SET next_attempt_at = now()")
        .await
        .unwrap();
    let path = sindico_testkit::execute_path(&tenant);
    let caller = idle
        .user("bia", true, false)
        .await
        .with("prefer", "respond-async");
    drop(sql);
    let asked = caller.post(&path, json!({}));
    let (answer, ()) = tokio::join!(asked, async {
        tokio::time::sleep(Duration::from_millis(5)).await;
        app.database.shut().await;
    });
    app.database.open().await;
    if answer.status == 503 {
        // Nothing half done: it was asked for, or it was not.
        tokio::time::sleep(Duration::from_millis(300)).await;
        caller.post(&path, json!({})).await;
    }
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let read = admin.get("/platform/api/tenants/1/").await;
        if read.json["provisioning"]["status"] == "READY" {
            break;
        }
        assert!(Instant::now() < end, "{} then {}", answer.text, read.text);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let sql = app.database.sql().await;
    let live = "SELECT count(*) FROM operation WHERE finished_at IS NULL";
    assert_eq!(sql.query_one(live, &[]).await.unwrap().get::<_, i64>(0), 0);
}
