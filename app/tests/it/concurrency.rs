//! Many callers at once: one effect, and an honest answer to each.

use crate::begin;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use sindico_testkit::{Answer, Client, TestApp};
use std::collections::BTreeSet;

const TENANTS: &str = "/platform/api/tenants/";

fn body(code: &str, subdomain: &str) -> Value {
    json!({"name": code, "tenant_code": code, "subdomain": subdomain})
}

async fn count(app: &TestApp, sql: &str) -> i64 {
    app.database
        .sql()
        .await
        .query_one(sql, &[])
        .await
        .unwrap()
        .get(0)
}

fn statuses(answers: &[Answer]) -> Vec<u16> {
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    statuses
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_executes_are_one_operation() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    let tenant = app.tenant(&admin, "acme").await;
    let answers = join_all((0..100).map(|_| app.execute(&admin, &tenant))).await;
    for answer in &answers {
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.json["provisioning"]["status"], "READY");
    }
    assert_eq!(count(&app, "SELECT count(*) FROM operation").await, 1);
    let told = "SELECT count(*) FROM audit_event WHERE action = ";
    assert_eq!(count(&app, &format!("{told}'tenant.ready'")).await, 1);
    assert_eq!(count(&app, &format!("{told}'tenant.execute'")).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_creates_of_one_code_are_one_tenant() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    // The subdomains differ, so that nothing but the code is in the way.
    let answers = join_all((0..50).map(|number| {
        let (admin, body) = (admin.clone(), body("acme", &format!("acme-{number}")));
        async move { admin.post(TENANTS, body).await }
    }))
    .await;
    let made: Vec<&Answer> = answers.iter().filter(|a| a.status == 201).collect();
    assert_eq!(made.len(), 1, "{:?}", statuses(&answers));
    for answer in answers.iter().filter(|a| a.status != 201) {
        assert_eq!(answer.status, 400, "{}", answer.text);
        assert!(answer.json["tenant_code"][0].is_string(), "{}", answer.text);
    }
    for table in ["company", "tenant_contract", "tenant_provisioning"] {
        let rows = count(&app, &format!("SELECT count(*) FROM {table}")).await;
        assert_eq!(rows, 1, "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_with_the_same_default_names_get_distinct_ones() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    let pairs: Vec<(String, String)> = (0..10)
        .flat_map(|n| {
            [
                (format!("a{n}-b"), format!("x{n}")),
                (format!("a{n}_b"), format!("y{n}")),
            ]
        })
        .collect();
    let answers = join_all(pairs.iter().map(|(code, subdomain)| {
        let (admin, body) = (admin.clone(), body(code, subdomain));
        async move { admin.post(TENANTS, body).await }
    }))
    .await;
    assert_eq!(statuses(&answers), [201; 20], "{answers:#?}");
    for field in ["database_alias", "database_name", "database_user"] {
        let names: BTreeSet<&str> = answers
            .iter()
            .map(|a| a.json["provisioning"][field].as_str().unwrap())
            .collect();
        assert_eq!(names.len(), 20, "{field}: {names:?}");
        assert!(names.iter().all(|name| name.len() <= 63), "{names:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_changes_of_one_version_one_is_refused() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    let tenant = app.tenant(&admin, "acme").await;
    let path = format!("{TENANTS}{}/", tenant["id"]);
    for round in 0..10 {
        let read = admin.get(&path).await.expect(200);
        let caller = admin.with("if-match", read.header("etag"));
        let name = |who: &str| json!({"name": format!("{who} {round}")});
        let (one, other) = tokio::join!(
            caller.patch(&path, name("one")),
            caller.patch(&path, name("other")),
        );
        let winner = if one.status == 200 { &one } else { &other };
        let wanted = winner.json["name"].clone();
        assert_eq!(statuses(&[one.clone(), other.clone()]), [200, 412]);
        let now = admin.get(&path).await.expect(200);
        assert_eq!(now.json["name"], wanted);
    }
}

/// One create with this key, as a client repeats it.
async fn create_once(caller: Client, body: Value) -> Answer {
    caller
        .send(caller.request(Method::POST, TENANTS).json(&body))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_is_one_tenant_and_one_answer() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await.with("idempotency-key", "k-1");
    let answers = join_all((0..20).map(|_| create_once(admin.clone(), body("acme", "acme")))).await;
    assert_eq!(statuses(&answers), [201; 20], "{answers:#?}");
    for answer in &answers {
        assert_eq!(answer.json, answers[0].json);
        assert_eq!(answer.header("location"), answers[0].header("location"));
        assert_eq!(answer.header("etag"), answers[0].header("etag"));
    }
    let replayed = answers
        .iter()
        .filter(|a| a.header("idempotency-replayed") == "true");
    assert_eq!(replayed.count(), 19);
    assert_eq!(count(&app, "SELECT count(*) FROM company").await, 1);
    let told = "SELECT count(*) FROM audit_event WHERE action = 'tenant.create'";
    assert_eq!(count(&app, told).await, 1);
}
