//! Executions and the record of them (contract section 4, tenancy.md section 1).

use crate::begin;
use serde_json::{Value, json};
use sindico_testkit::{Answer, Client, Options, TestApp, execute_path};
use std::time::Duration;

const OPERATIONS: &str = "/platform/api/operations/";

async fn app_with(change: impl FnOnce(&mut Options)) -> (TestApp, Client, Value) {
    begin();
    let mut options = Options::default();
    change(&mut options);
    let app = TestApp::start_with(options).await;
    let admin = app.user("ana", true, false).await;
    let tenant = app.tenant(&admin, "acme").await;
    (app, admin, tenant)
}

async fn read(admin: &Client) -> Value {
    admin.get("/platform/api/tenants/1/").await.expect(200).json
}

#[tokio::test(flavor = "multi_thread")]
async fn an_execution_makes_ready_and_may_be_repeated() {
    let (app, admin, tenant) = app_with(|_| {}).await;
    let first = app.execute(&admin, &tenant).await.expect(200).json;
    let place = &first["provisioning"];
    assert_eq!(place["status"], "READY");
    assert_eq!(place["last_error"], "");
    assert_eq!(place["portal_url"], "https://acme.mksbrasil.com");
    assert!(place["provisioned_at"].is_string());
    app.later().await;
    let again = app.execute(&admin, &tenant).await.expect(200).json;
    assert_eq!(
        again["provisioning"]["provisioned_at"],
        place["provisioned_at"]
    );
    let other = admin
        .post(
            &execute_path(&tenant),
            json!({"portal_url": "https://x.example"}),
        )
        .await
        .expect(200);
    assert_eq!(
        other.json["provisioning"]["portal_url"],
        "https://x.example"
    );
    admin
        .post("/platform/api/tenants/99/provision/execute/", json!({}))
        .await
        .expect(404);
    admin
        .post(&execute_path(&tenant), json!({"portal_url": "nope"}))
        .await
        .expect(400);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_record_has_every_step_with_its_times() {
    let (app, admin, tenant) = app_with(|_| {}).await;
    app.execute(&admin, &tenant).await.expect(200);
    let answer = admin.get("/platform/api/operations/1/").await.expect(200);
    let operation = &answer.json;
    assert_eq!(operation["status"], "SUCCEEDED");
    assert_eq!(operation["provider"], "noop");
    assert_eq!(operation["requested_by"], "ana");
    assert_eq!(operation["attempts"], 1);
    let steps = operation["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 11);
    for step in steps {
        assert!(
            ["DONE", "SKIPPED"].contains(&step["status"].as_str().unwrap()),
            "{step}"
        );
        assert!(
            step["started_at"].is_string() && step["finished_at"].is_string(),
            "{step}"
        );
        assert_ne!(step["outcome"], "");
    }
    admin
        .with("if-none-match", answer.header("etag"))
        .get("/platform/api/operations/1/")
        .await
        .expect(304);
    let list = admin
        .get(&format!(
            "{OPERATIONS}?company_id=1&status=SUCCEEDED&count=exact"
        ))
        .await
        .expect(200);
    assert_eq!(list.json, json!([operation]));
    assert_eq!(list.header("x-total-count"), "1");
    assert_eq!(
        admin.get(&format!("{OPERATIONS}?status=FAILED")).await.json,
        json!([])
    );
    assert_eq!(
        admin.get(&format!("{OPERATIONS}?company_id=2")).await.json,
        json!([])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn who_prefers_not_to_wait_gets_the_operation() {
    let (_app, admin, tenant) = app_with(|_| {}).await;
    let caller = admin.with("prefer", "respond-async, wait=5");
    let answer = caller
        .post(&execute_path(&tenant), json!({}))
        .await
        .expect(202);
    assert_eq!(answer.header("location"), "/platform/api/operations/1/");
    assert_eq!(answer.header("preference-applied"), "respond-async");
    assert_eq!(answer.json["id"], 1);
}

fn events(text: &str) -> Vec<(i64, Value)> {
    text.split("\n\n")
        .filter(|part| part.contains("event: operation"))
        .map(|part| {
            let line = |name: &str| {
                part.lines()
                    .find_map(|line| line.strip_prefix(name))
                    .unwrap()
            };
            (
                line("id: ").parse().unwrap(),
                serde_json::from_str(line("data: ")).unwrap(),
            )
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn events_tell_each_change_up_to_the_end() {
    let (app, admin, tenant) = app_with(|options| options.engine.workers = 0).await;
    let caller = admin.with("prefer", "respond-async");
    caller
        .post(&execute_path(&tenant), json!({}))
        .await
        .expect(202);
    let watching = {
        let admin = admin.clone();
        tokio::spawn(async move {
            admin
                .get("/platform/api/operations/1/events/")
                .await
                .expect(200)
        })
    };
    tokio::time::sleep(Duration::from_millis(200)).await;
    let _worker = TestApp::start_on(app.database.clone(), Options::default()).await;
    let answer: Answer = tokio::time::timeout(Duration::from_secs(20), watching)
        .await
        .unwrap()
        .unwrap();
    assert!(
        answer
            .header("content-type")
            .starts_with("text/event-stream")
    );
    let seen = events(&answer.text);
    assert!(seen.len() >= 2, "{}", answer.text);
    assert!(seen.windows(2).all(|pair| pair[0].0 < pair[1].0));
    assert_eq!(seen[0].1["status"], "QUEUED");
    assert_eq!(seen.last().unwrap().1["status"], "SUCCEEDED");
    // What was seen is left out.
    let last = seen.last().unwrap().0;
    let all = admin
        .with("last-event-id", &(last - 1).to_string())
        .get("/platform/api/operations/1/events/")
        .await;
    assert_eq!(events(&all.text).len(), 1);
    let none = admin
        .with("last-event-id", &last.to_string())
        .get("/platform/api/operations/1/events/")
        .await;
    assert_eq!(events(&none.text).len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_begun_is_canceled_without_a_trace_on_the_tenant() {
    let (_app, admin, tenant) = app_with(|options| options.engine.workers = 0).await;
    let caller = admin.with("prefer", "respond-async");
    caller
        .post(&execute_path(&tenant), json!({}))
        .await
        .expect(202);
    assert_eq!(read(&admin).await["provisioning"]["status"], "PROVISIONING");
    // Meanwhile the place and the operator's word must wait; the name need not.
    let place = json!({"provisioning": {"database_name": "other"}});
    let refused = admin
        .patch("/platform/api/tenants/1/", place)
        .await
        .expect(409);
    assert_eq!(refused.header("location"), "/platform/api/operations/1/");
    let word = admin
        .post(
            "/platform/api/tenants/1/provision/",
            json!({"status": "READY"}),
        )
        .await
        .expect(409);
    assert_eq!(word.header("location"), "/platform/api/operations/1/");
    admin
        .patch("/platform/api/tenants/1/", json!({"name": "Nova"}))
        .await
        .expect(200);
    // So must another execution with other wishes; one with the same attaches.
    let other = caller
        .post(
            &execute_path(&tenant),
            json!({"portal_url": "https://x.example"}),
        )
        .await
        .expect(409);
    assert_eq!(other.header("location"), "/platform/api/operations/1/");
    assert_eq!(
        caller
            .post(&execute_path(&tenant), json!({}))
            .await
            .expect(202)
            .json["id"],
        1
    );

    admin
        .with("if-match", "\"99\"")
        .call("POST", "/platform/api/operations/1/cancel/")
        .await
        .expect(412);
    let canceled = admin
        .call("POST", "/platform/api/operations/1/cancel/")
        .await
        .expect(200)
        .json;
    assert_eq!(canceled["status"], "CANCELED");
    assert_eq!(read(&admin).await["provisioning"]["status"], "PENDING");
    admin
        .call("POST", "/platform/api/operations/1/cancel/")
        .await
        .expect(409);
    admin
        .call("POST", "/platform/api/operations/99/cancel/")
        .await
        .expect(404);
}

async fn fails(change: impl FnOnce(&mut Options), words: &[&str]) {
    let (app, admin, tenant) = app_with(change).await;
    let answer = app.execute(&admin, &tenant).await.expect(400).json;
    let detail = answer["detail"].as_str().unwrap();
    for word in words {
        assert!(detail.contains(word), "{detail}");
    }
    assert!(answer["provider"].is_string());
    let place = &answer["tenant"]["provisioning"];
    assert_eq!(place["status"], "FAILED");
    assert_eq!(place["last_error"], detail);
    let operation = admin
        .get("/platform/api/operations/1/")
        .await
        .expect(200)
        .json;
    assert_eq!(operation["status"], "FAILED");
    assert_eq!(operation["error"], detail);
    assert_ne!(operation["hint"], "");
    assert_eq!(operation["steps"][0]["status"], "FAILED");
    // The way on: the operator's word clears the error.
    let ready = admin
        .post(
            "/platform/api/tenants/1/provision/",
            json!({"status": "READY"}),
        )
        .await
        .expect(200)
        .json;
    assert_eq!(ready["provisioning"]["last_error"], "");
    assert!(ready["provisioning"]["provisioned_at"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_provider_is_named() {
    let words = ["Unknown control-plane provisioner", "magic"];
    fails(
        |options| options.engine.provisioner = "magic".to_owned(),
        &words,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_admin_settings_are_named() {
    let words = [
        "CONTROL_PLANE_LOCAL_DB_ADMIN_USER",
        "CONTROL_PLANE_LOCAL_DB_ADMIN_PASSWORD",
    ];
    fails(
        |options| options.engine.provisioner = "local_postgres".to_owned(),
        &words,
    )
    .await;
    let words = ["CONTROL_PLANE_CLOUDSQL_ADMIN_HOST"];
    fails(
        |options| options.engine.provisioner = "cloudsql_postgres".to_owned(),
        &words,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_template_is_named() {
    let template = "https://{sub_domain}.example";
    fails(
        |options| options.engine.portal_url_template = template.to_owned(),
        &["{sub_domain}"],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operators_word_stamps_once_and_keeps_errors_of_failed_only() {
    let (_app, admin, _) = app_with(|_| {}).await;
    let path = "/platform/api/tenants/1/provision/";
    let say =
        async |body: Value| admin.post(path, body).await.expect(200).json["provisioning"].clone();
    let ready =
        say(json!({"status": "READY", "portal_url": "https://x.example", "last_error": "x"})).await;
    assert_eq!(
        (&ready["last_error"], &ready["portal_url"]),
        (&json!(""), &json!("https://x.example"))
    );
    let failed = say(json!({"status": "FAILED", "last_error": "disco cheio"})).await;
    assert_eq!(failed["last_error"], "disco cheio");
    assert_eq!(failed["provisioned_at"], ready["provisioned_at"]);
    assert_eq!(
        say(json!({"status": "FAILED"})).await["last_error"],
        "disco cheio"
    );
    assert_eq!(say(json!({"status": "PENDING"})).await["last_error"], "");
    assert_eq!(
        say(json!({"status": "READY"})).await["provisioned_at"],
        ready["provisioned_at"]
    );
    assert!(admin.post(path, json!({})).await.expect(400).json["status"].is_array());
    assert!(
        admin
            .post(path, json!({"status": "DONE"}))
            .await
            .expect(400)
            .json["status"]
            .is_array()
    );
    admin
        .post(
            "/platform/api/tenants/99/provision/",
            json!({"status": "READY"}),
        )
        .await
        .expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_answers_with_its_operation() {
    let (app, admin, tenant) = app_with(|_| {}).await;
    let caller = admin.with("idempotency-key", "k1");
    caller
        .post(&execute_path(&tenant), json!({}))
        .await
        .expect(200);
    app.later().await;
    caller
        .post(&execute_path(&tenant), json!({}))
        .await
        .expect(200);
    let count = "SELECT count(*) FROM operation";
    assert_eq!(
        app.database
            .sql()
            .await
            .query_one(count, &[])
            .await
            .unwrap()
            .get::<_, i64>(0),
        1
    );
    caller
        .post(
            &execute_path(&tenant),
            json!({"portal_url": "https://x.example"}),
        )
        .await
        .expect(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_ends_what_nobody_took_up() {
    let (app, admin, tenant) = app_with(|options| {
        options.engine.workers = 0;
        options.engine.deadline = Duration::from_millis(100);
    })
    .await;
    admin
        .with("prefer", "respond-async")
        .post(&execute_path(&tenant), json!({}))
        .await
        .expect(202);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let worker = TestApp::start_on(app.database.clone(), Options::default()).await;
    let ended = worker
        .engine
        .wait(1, Duration::from_secs(10))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(ended.status.as_str(), "FAILED", "{ended:?}");
    assert_eq!(read(&admin).await["provisioning"]["status"], "FAILED");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_execution_is_audited_from_request_to_outcome() {
    let (_app, admin, tenant) = app_with(|_| {}).await;
    let caller = admin.with("x-request-id", "req-9");
    caller
        .post(&execute_path(&tenant), json!({}))
        .await
        .expect(200);
    let events = admin
        .get("/platform/api/audit/?request_id=req-9")
        .await
        .expect(200)
        .json;
    let told: Vec<(&str, &str, &str, &str)> = events
        .as_array()
        .unwrap()
        .iter()
        .map(|event| {
            let state = |side: &str| event[side]["provisioning"]["status"].as_str().unwrap();
            let text = |name: &str| event[name].as_str().unwrap();
            (
                text("action"),
                text("actor"),
                state("before"),
                state("after"),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("tenant.ready", "system", "PROVISIONING", "READY"),
            ("tenant.execute", "ana", "PENDING", "PROVISIONING"),
        ]
    );
}
