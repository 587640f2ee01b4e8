//! What happens when many do the same at once.

use crate::begin;
use futures_util::future::join_all;
use serde_json::json;
use sindico_testkit::{Answer, TestApp, execute_path};
use std::collections::BTreeSet;

const TENANTS: &str = "/platform/api/tenants/";

fn statuses(answers: &[Answer], status: u16) -> usize {
    answers
        .iter()
        .filter(|answer| answer.status == status)
        .count()
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

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_executes_are_one_operation() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    let tenant = app.tenant(&admin, "acme").await;
    let answers = join_all((0..100).map(|_| app.execute(&admin, &tenant))).await;
    assert_eq!(statuses(&answers, 200), 100);
    for answer in &answers {
        assert_eq!(answer.json["provisioning"]["status"], "READY");
    }
    assert_eq!(count(&app, "SELECT count(*) FROM operation").await, 1);
    assert_eq!(
        count(
            &app,
            "SELECT count(*) FROM audit_event WHERE action = 'tenant.ready'"
        )
        .await,
        1
    );
    // One that comes later is an operation of its own.
    app.later().await;
    app.execute(&admin, &tenant).await.expect(200);
    assert_eq!(count(&app, "SELECT count(*) FROM operation").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_executes_over_two_programs_are_one_operation() {
    begin();
    let one = TestApp::start().await;
    let two = TestApp::start_on(one.database.clone(), sindico_testkit::Options::default()).await;
    let admin = one.user("ana", true, false).await;
    let other = two.user("bia", true, false).await;
    let tenant = one.tenant(&admin, "acme").await;
    let path = execute_path(&tenant);
    let calls = (0..100).map(|n| {
        if n % 2 == 0 {
            admin.post(&path, json!({}))
        } else {
            other.post(&path, json!({}))
        }
    });
    let answers = join_all(calls).await;
    assert_eq!(statuses(&answers, 200), 100);
    assert_eq!(count(&one, "SELECT count(*) FROM operation").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_tenants_at_once_have_each_their_operation() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    let tenants = join_all((0..20).map(|n| {
        let (app, admin) = (&app, &admin);
        async move { app.tenant(admin, &format!("t{n}")).await }
    }))
    .await;
    let answers = join_all(tenants.iter().map(|tenant| app.execute(&admin, tenant))).await;
    assert_eq!(statuses(&answers, 200), 20);
    let wrong = "SELECT count(*) FROM operation WHERE status <> 'SUCCEEDED' OR attempts <> 1";
    assert_eq!(count(&app, wrong).await, 0);
    assert_eq!(
        count(&app, "SELECT count(DISTINCT company_id) FROM operation").await,
        20
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_creates_of_one_code_are_one_tenant() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    let answers = join_all((0..50).map(|n| {
        let body =
            json!({"name": format!("N{n}"), "tenant_code": "acme", "subdomain": format!("s{n}")});
        admin.post(TENANTS, body)
    }))
    .await;
    assert_eq!(statuses(&answers, 201), 1);
    assert_eq!(statuses(&answers, 400), 49);
    for answer in answers.iter().filter(|answer| answer.status == 400) {
        assert!(answer.json["tenant_code"].is_array(), "{}", answer.text);
    }
    for table in ["company", "tenant_contract", "tenant_provisioning"] {
        assert_eq!(
            count(&app, &format!("SELECT count(*) FROM {table}")).await,
            1,
            "{table}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_that_look_alike_come_at_once() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    for round in 0..10 {
        let codes = [format!("a-b{round}"), format!("a_b{round}")];
        let answers = join_all(codes.iter().enumerate().map(|(n, code)| {
            let body =
                json!({"name": code, "tenant_code": code, "subdomain": format!("s{round}{n}")});
            admin.post(TENANTS, body)
        }))
        .await;
        let mut aliases = BTreeSet::new();
        for answer in answers {
            let answer = answer.expect(201);
            aliases.insert(
                answer.json["provisioning"]["database_alias"]
                    .as_str()
                    .unwrap()
                    .to_owned(),
            );
        }
        assert_eq!(aliases.len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_changes_of_one_version_one_is_told() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    app.tenant(&admin, "acme").await;
    let path = "/platform/api/tenants/1/";
    let tag = admin.get(path).await.header("etag").to_owned();
    let caller = admin.with("if-match", &tag);
    let answers =
        join_all((0..8).map(|n| caller.patch(path, json!({"name": format!("N{n}")})))).await;
    assert_eq!((statuses(&answers, 200), statuses(&answers, 412)), (1, 7));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_is_one_tenant_however_often_it_is_sent() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    let caller = admin.with("idempotency-key", "order-17");
    let body = json!({"name": "A", "tenant_code": "a", "subdomain": "a"});
    let answers = join_all((0..20).map(|_| caller.post(TENANTS, body.clone()))).await;
    assert_eq!(statuses(&answers, 201), 20);
    let texts: BTreeSet<&str> = answers.iter().map(|answer| answer.text.as_str()).collect();
    assert_eq!(texts.len(), 1);
    let tags: BTreeSet<&str> = answers.iter().map(|answer| answer.header("etag")).collect();
    assert_eq!(tags.len(), 1);
    let replayed = answers
        .iter()
        .filter(|a| a.header("idempotency-replayed") == "true")
        .count();
    assert_eq!(replayed, 19);
    assert_eq!(count(&app, "SELECT count(*) FROM company").await, 1);
    // Another body, or another address, is another request.
    let other = json!({"name": "B", "tenant_code": "b", "subdomain": "b"});
    caller.post(TENANTS, other.clone()).await.expect(422);
    caller
        .post(
            "/platform/api/tenants/1/provision/",
            json!({"status": "READY"}),
        )
        .await
        .expect(422);
    // Another caller's key is another key; a refused request leaves its key free.
    app.superuser()
        .await
        .with("idempotency-key", "order-17")
        .post(TENANTS, other)
        .await
        .expect(201);
    let free = admin.with("idempotency-key", "order-18");
    free.post(
        TENANTS,
        json!({"name": "C", "tenant_code": "a", "subdomain": "c"}),
    )
    .await
    .expect(400);
    free.post(
        TENANTS,
        json!({"name": "C", "tenant_code": "c", "subdomain": "c"}),
    )
    .await
    .expect(201);
}
