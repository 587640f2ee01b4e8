//! The control database goes away and comes back; the program stays.

use crate::begin;
use reqwest::Method;
use serde_json::json;
use sindico_testkit::{Answer, Client, TestApp, execute_path};
use std::time::{Duration, Instant};

const TENANTS: &str = "/platform/api/tenants/";

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

/// Every kind of request, also many at once.
async fn assert_all_unavailable(admin: &Client, tenant: &str) {
    let execute = format!("{tenant}provision/execute/");
    let body = json!({"name": "x", "tenant_code": "x", "subdomain": "x"});
    assert_unavailable(&admin.get(TENANTS).await, "list");
    assert_unavailable(&admin.get(tenant).await, "read");
    assert_unavailable(&admin.get("/platform/api/operations/").await, "operations");
    assert_unavailable(&admin.get("/platform/api/audit/").await, "audit");
    assert_unavailable(&admin.post(TENANTS, body).await, "create");
    assert_unavailable(&admin.patch(tenant, json!({"name": "y"})).await, "change");
    assert_unavailable(&admin.post(&execute, json!({})).await, "execute");
    let many = (0..40).map(|_| admin.get(tenant));
    for answer in futures_util::future::join_all(many).await {
        assert_unavailable(&answer, "one of many");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_is_told_and_survived() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    let tenant = app.tenant(&admin, "acme").await;
    let path = format!("{TENANTS}{}/", tenant["id"]);
    app.execute(&admin, &tenant).await.expect(200);
    admin.get("/readyz/").await.expect(200);
    for round in 0..2 {
        app.database.shut().await;
        assert_all_unavailable(&admin, &path).await;
        admin.get("/readyz/").await.expect(503);
        admin.get("/healthz/").await.expect(200);

        app.database.open().await;
        let end = Instant::now() + Duration::from_secs(10);
        while admin.get("/readyz/").await.status != 200 {
            assert!(Instant::now() < end, "it did not get ready again");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let other = app.tenant(&admin, &format!("other-{round}")).await;
        let left = end.saturating_duration_since(Instant::now());
        let executed = tokio::time::timeout(left, app.execute(&admin, &other)).await;
        let ready = executed.expect("the engine did not come back").expect(200);
        assert_eq!(ready.json["provisioning"]["status"], "READY");
    }
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
