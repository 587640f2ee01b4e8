//! The platform API's provisioning: execute, read, watch and cancel operations (contract section 4).

use crate::begin;
use crate::world::{STEPS, World};
use serde_json::{Value, json};
use sindico_provisioning::Config;
use sindico_testkit::{Answer, Client, Options, TestApp, execute_path};
use std::time::Duration;

pub const OPERATIONS: &str = "/platform/api/operations/";

/// A server that leaves operations in the queue.
pub async fn without_workers() -> TestApp {
    with(|engine| engine.workers = 0).await
}

async fn with(change: impl FnOnce(&mut Config)) -> TestApp {
    begin();
    let mut options = Options::default();
    change(&mut options.engine);
    TestApp::start_with(options).await
}

/// Executes without waiting.
pub async fn ask(admin: &Client, tenant: &Value) -> Answer {
    let admin = admin.with("prefer", "respond-async");
    admin.post(&execute_path(tenant), json!({})).await
}

pub async fn read(admin: &Client, tenant: &Value) -> Value {
    let path = format!("/platform/api/tenants/{}/", tenant["id"]);
    admin.get(&path).await.expect(200).json
}

#[tokio::test(flavor = "multi_thread")]
async fn success_is_stamped_once_and_kept() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    let tenant = app.tenant(&admin, "acme").await;
    let first = app.execute(&admin, &tenant).await.expect(200);
    let place = &first.json["provisioning"];
    assert_eq!(place["status"], "READY");
    assert_eq!(place["last_error"], "");
    assert_eq!(place["portal_url"], "https://acme.mksbrasil.com");
    assert!(place["provisioned_at"].is_string());
    assert_eq!(read(&admin, &tenant).await, first.json);
    // Another wish, so another operation, and not the answer to a double click.
    let url = json!({"portal_url": "https://portal.example/acme"});
    let second = admin.post(&execute_path(&tenant), url).await.expect(200);
    let again = &second.json["provisioning"];
    assert_eq!(again["provisioned_at"], place["provisioned_at"]);
    assert_eq!(again["portal_url"], "https://portal.example/acme");
    let all = admin.get(OPERATIONS).await.expect(200).json;
    assert_eq!(all.as_array().unwrap().len(), 2, "{all:#}");
    // What was given is kept by an execution that gives none.
    app.later().await;
    let third = app.execute(&admin, &tenant).await.expect(200);
    let kept = &third.json["provisioning"]["portal_url"];
    assert_eq!(kept, "https://portal.example/acme");
    let wrong = json!({"portal_url": "ftp://x"});
    let wrong = admin.post(&execute_path(&tenant), wrong).await.expect(400);
    assert!(wrong.json["portal_url"][0].is_string(), "{}", wrong.text);
    let none = json!({"id": 999_999});
    app.execute(&admin, &none).await.expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_portal_address_comes_from_the_template_first() {
    let template = "https://{tenant_code}.portal.example/{company_id}/{subdomain}";
    let app = with(|engine| engine.portal_url_template = template.to_owned()).await;
    let admin = app.staff().await;
    let tenant = app.tenant(&admin, "acme").await;
    let ready = app.execute(&admin, &tenant).await.expect(200).json;
    let wanted = format!("https://acme.portal.example/{}/acme", tenant["id"]);
    assert_eq!(ready["provisioning"]["portal_url"], wanted);

    let app = with(|engine| engine.base_domain = None).await;
    let admin = app.staff().await;
    let tenant = app.tenant(&admin, "acme").await;
    let ready = app.execute(&admin, &tenant).await.expect(200).json;
    assert_eq!(ready["provisioning"]["portal_url"], "");
}

/// Executes with this engine, and asserts a failure that is told everywhere alike.
async fn failure(change: impl FnOnce(&mut Config)) -> (String, Value) {
    let app = with(change).await;
    let admin = app.staff().await;
    let tenant = app.tenant(&admin, "acme").await;
    let answer = app.execute(&admin, &tenant).await.expect(400);
    let detail = answer.json["detail"].as_str().unwrap().to_owned();
    let place = &answer.json["tenant"]["provisioning"];
    assert_eq!(place["status"], "FAILED", "{}", answer.text);
    assert_eq!(place["last_error"], detail);
    assert_eq!(place["provisioned_at"], Value::Null);
    assert_eq!(answer.json["tenant"], read(&admin, &tenant).await);
    let operation = admin.get(answer.header("location")).await.expect(200).json;
    assert_eq!(operation["status"], "FAILED");
    assert_eq!(operation["error"], detail);
    assert_eq!(operation["hint"], answer.json["hint"]);
    assert_eq!(operation["steps"][0]["status"], "FAILED");
    (detail, answer.json)
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_settings_are_named() {
    let (detail, body) = failure(|engine| engine.provisioner = "magic".to_owned()).await;
    assert!(
        detail.contains("Unknown control-plane provisioner"),
        "{detail}"
    );
    assert!(detail.contains("magic"), "{detail}");
    assert_eq!(body["provider"], "magic");

    let (detail, body) = failure(|engine| engine.provisioner = "local_postgres".to_owned()).await;
    assert!(
        detail.contains("CONTROL_PLANE_LOCAL_DB_ADMIN_USER"),
        "{detail}"
    );
    assert!(
        detail.contains("CONTROL_PLANE_LOCAL_DB_ADMIN_PASSWORD"),
        "{detail}"
    );
    assert_eq!(body["provider"], "local_postgres");

    let (detail, _) = failure(|engine| {
        engine.provisioner = "cloudsql_postgres".to_owned();
        engine.cloudsql.user = "postgres".to_owned();
        engine.cloudsql.password = Some("hunter2".into());
    })
    .await;
    assert!(
        detail.contains("CONTROL_PLANE_CLOUDSQL_ADMIN_HOST"),
        "{detail}"
    );
    assert!(
        !detail.contains("ADMIN_USER") && !detail.contains("hunter2"),
        "{detail}"
    );

    let template = "https://{subdomian}.portal.example";
    let (detail, _) = failure(|engine| engine.portal_url_template = template.to_owned()).await;
    assert!(detail.contains("subdomian"), "{detail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_asynchronous_execute_names_its_operation() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    let tenant = app.tenant(&admin, "acme").await;
    let asked = ask(&admin, &tenant).await.expect(202);
    assert_eq!(asked.header("preference-applied"), "respond-async");
    let path = asked.header("location");
    assert_eq!(path, format!("{OPERATIONS}{}/", asked.json["id"]));
    assert_eq!(asked.json["company_id"], tenant["id"]);
    // A caller who waits attaches to the same one.
    app.execute(&admin, &tenant).await.expect(200);
    let operation = admin.get(path).await.expect(200).json;
    assert_eq!(operation["status"], "SUCCEEDED");
    assert_eq!(operation["kind"], "PROVISION");
    assert_eq!(operation["tenant_code"], "acme");
    assert_eq!(operation["provider"], "noop");
    assert_eq!(operation["attempts"], 1);
    assert_eq!(operation["next_attempt_at"], Value::Null);
    assert!(operation["started_at"].as_str() >= operation["created_at"].as_str());
    assert!(operation["finished_at"].as_str() >= operation["started_at"].as_str());
    let steps = operation["steps"].as_array().unwrap();
    let names: Vec<&str> = steps.iter().map(|s| s["name"].as_str().unwrap()).collect();
    assert_eq!(names, STEPS);
    assert_eq!(steps[0]["status"], "DONE");
    for step in steps {
        assert_eq!(step["attempts"], 1, "{step}");
        assert!(
            step["started_at"].is_string() && step["finished_at"].is_string(),
            "{step}"
        );
        assert_ne!(step["outcome"], "", "{step}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_are_listed_filtered_and_paged() {
    let app = without_workers().await;
    let admin = app.staff().await;
    let mut ids = Vec::new();
    for number in 0..5 {
        let tenant = app.tenant(&admin, &format!("acme-{number}")).await;
        ids.insert(0, ask(&admin, &tenant).await.expect(202).json["id"].clone());
    }
    let cancel = format!("{OPERATIONS}{}/cancel/", ids[0]);
    admin.call("POST", &cancel).await.expect(200);
    let list = async |query: &str| admin.get(&format!("{OPERATIONS}{query}")).await.expect(200);
    let id = |answer: &Answer| -> Vec<Value> {
        answer
            .json
            .as_array()
            .unwrap()
            .iter()
            .map(|o| o["id"].clone())
            .collect()
    };
    assert_eq!(id(&list("").await), ids);
    assert_eq!(id(&list("?status=CANCELED").await), ids[..1]);
    assert_eq!(id(&list("?status=QUEUED").await), ids[1..]);
    let company = admin.get(&format!("{OPERATIONS}{}/", ids[2])).await.json["company_id"].clone();
    assert_eq!(
        id(&list(&format!("?company_id={company}")).await),
        ids[2..3]
    );
    let mut page = list("?limit=2&count=exact&status=QUEUED").await;
    assert_eq!(page.header("x-total-count"), "4");
    let mut seen = id(&page);
    while let Some(link) = page.header("link").strip_prefix('<') {
        let (path, rest) = link.split_once('>').unwrap();
        assert_eq!(rest, "; rel=\"next\"");
        page = admin.get(path).await.expect(200);
        assert!(page.json.as_array().unwrap().len() <= 2);
        seen.extend(id(&page));
    }
    assert_eq!(seen, ids[1..]);
    for (query, field) in [
        ("?status=DONE", "status"),
        ("?company_id=x", "company_id"),
        ("?limit=0", "limit"),
        ("?cursor=x", "cursor"),
    ] {
        let answer = admin.get(&format!("{OPERATIONS}{query}")).await.expect(400);
        assert!(
            answer.json[field][0].is_string(),
            "{query}: {}",
            answer.text
        );
    }
    let path = format!("{OPERATIONS}{}/", ids[1]);
    let etag = admin.get(&path).await.expect(200).header("etag").to_owned();
    let known = admin.with("if-none-match", &etag);
    assert_eq!(known.get(&path).await.expect(304).text, "");
    admin
        .call("POST", &format!("{path}cancel/"))
        .await
        .expect(200);
    let changed = known.get(&path).await.expect(200);
    assert_ne!(changed.header("etag"), etag);
    for path in ["999999/", "x/", "0/", "999999/events/"] {
        admin.get(&format!("{OPERATIONS}{path}")).await.expect(404);
    }
    for caller in [app.anonymous(), app.plain().await] {
        let status = caller.get(OPERATIONS).await.status;
        assert!(status == 401 || status == 403, "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn canceling_what_waits_restores_the_tenant() {
    let app = without_workers().await;
    let admin = app.staff().await;
    let tenant = app.tenant(&admin, "acme").await;
    let operation = ask(&admin, &tenant).await.expect(202);
    let working = read(&admin, &tenant).await;
    assert_eq!(working["provisioning"]["status"], "PROVISIONING");
    let path = format!("{}cancel/", operation.header("location"));
    let stale = admin.with("if-match", "\"0\"");
    stale.call("POST", &path).await.expect(412);
    let canceled = admin.call("POST", &path).await.expect(200);
    assert_eq!(canceled.json["status"], "CANCELED");
    assert_eq!(canceled.json["cancel_requested"], true);
    assert!(canceled.json["finished_at"].is_string());
    let after = read(&admin, &tenant).await;
    assert_eq!(after["provisioning"]["status"], "PENDING");
    assert_eq!(after["provisioning"]["last_error"], "");
    let again = admin.call("POST", &path).await.expect(409);
    assert_eq!(again.header("location"), operation.header("location"));
    // The way is free for another.
    let next = ask(&admin, &tenant).await.expect(202);
    assert_ne!(next.json["id"], operation.json["id"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn canceling_what_runs_ends_it_at_the_next_step() {
    let world = World::new().await;
    let program = world
        .program("provision:database:before=1*sleep(1500)")
        .await;
    let admin = world.admin(&program);
    let tenant = world.tenant(&program, "acme").await;
    let asked = ask(&admin, &tenant).await.expect(202);
    let inside = |o: &Value| o["steps"][3]["status"] == "RUNNING";
    world.until("it is inside the step", inside).await;
    let path = format!("{}cancel/", asked.header("location"));
    let answer = admin.call("POST", &path).await.expect(200);
    assert_eq!(answer.json["status"], "RUNNING");
    assert_eq!(answer.json["cancel_requested"], true);
    let ended = |o: &Value| !o["finished_at"].is_null();
    let operation = world.until("it is canceled", ended).await;
    assert_eq!(operation["status"], "CANCELED", "{operation:#}");
    let steps = operation["steps"].as_array().unwrap();
    let status: Vec<&str> = steps
        .iter()
        .map(|s| s["status"].as_str().unwrap())
        .collect();
    assert_eq!(status[..4], ["DONE", "SKIPPED", "SKIPPED", "SKIPPED"]);
    assert_eq!(status[4..], ["PENDING"; 7]);
    let after = read(&admin, &tenant).await;
    assert_eq!(after["provisioning"]["status"], "FAILED");
    let error = after["provisioning"]["last_error"].as_str().unwrap();
    assert!(error.contains("canceled by ana"), "{error}");
    let ready = admin
        .post(&execute_path(&tenant), json!({}))
        .await
        .expect(200);
    assert_eq!(ready.json["provisioning"]["status"], "READY");
    admin.call("POST", &path).await.expect(409);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deadline_ends_what_nobody_took_up() {
    let app = with(|engine| {
        engine.workers = 0;
        engine.deadline = Duration::from_millis(100);
    })
    .await;
    let admin = app.staff().await;
    let tenant = app.tenant(&admin, "acme").await;
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
    assert_eq!(
        read(&admin, &tenant).await["provisioning"]["status"],
        "FAILED"
    );
}
