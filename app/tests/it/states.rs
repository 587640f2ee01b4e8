//! An operator's own word on a tenant's state, the audit of every change, and repeated requests.

use crate::begin;
use crate::operations::{OPERATIONS, ask, read, without_workers};
use serde_json::{Value, json};
use sindico_domain::tenant::ContractStatus;
use sindico_store::control::tenants;
use sindico_testkit::{TestApp, execute_path};

fn provision(tenant: &Value) -> String {
    format!("/platform/api/tenants/{}/provision/", tenant["id"])
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operators_word_is_taken() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    let tenant = app.tenant(&admin, "acme").await;
    let path = provision(&tenant);
    let say =
        async |body: Value| admin.post(&path, body).await.expect(200).json["provisioning"].clone();

    let failed = say(json!({"status": "FAILED", "last_error": "No room."})).await;
    assert_eq!(failed["status"], "FAILED");
    assert_eq!(failed["last_error"], "No room.");
    assert_eq!(failed["provisioned_at"], Value::Null);
    // FAILED alone keeps what was said before.
    assert_eq!(
        say(json!({"status": "FAILED"})).await["last_error"],
        "No room."
    );
    for status in ["PENDING", "PROVISIONING", "READY"] {
        say(json!({"status": "FAILED", "last_error": "No room."})).await;
        let other = say(json!({"status": status, "last_error": "ignored"})).await;
        assert_eq!(other["status"], status);
        assert_eq!(other["last_error"], "", "{status}");
    }
    let stamped = read(&admin, &tenant).await["provisioning"]["provisioned_at"].clone();
    assert!(stamped.is_string());
    say(json!({"status": "PENDING"})).await;
    let url = "https://portal.example/acme";
    let ready = say(json!({"status": "READY", "portal_url": url})).await;
    assert_eq!(ready["provisioned_at"], stamped);
    assert_eq!(ready["portal_url"], url);

    for (body, field) in [
        (json!({}), "status"),
        (json!({"status": "DONE"}), "status"),
        (json!({"status": "READY", "portal_url": "x"}), "portal_url"),
    ] {
        let answer = admin.post(&path, body).await.expect(400);
        assert!(answer.json[field][0].is_string(), "{}", answer.text);
    }
    let none = provision(&json!({"id": 999_999}));
    admin
        .post(&none, json!({"status": "READY"}))
        .await
        .expect(404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_operation_keeps_its_place() {
    let app = without_workers().await;
    let admin = app.staff().await;
    let tenant = app.tenant(&admin, "acme").await;
    let asked = ask(&admin, &tenant).await.expect(202);
    let location = asked.header("location");
    let said = admin
        .post(&provision(&tenant), json!({"status": "READY"}))
        .await
        .expect(409);
    assert_eq!(said.header("location"), location);
    let path = format!("/platform/api/tenants/{}/", tenant["id"]);
    let place = json!({"provisioning": {"database_name": "crm_other"}});
    let moved = admin.patch(&path, place.clone()).await.expect(409);
    assert_eq!(moved.header("location"), location);
    let renamed = admin
        .patch(&path, json!({"name": "Other"}))
        .await
        .expect(200)
        .json;
    assert_eq!(renamed["name"], "Other");
    assert_eq!(renamed["provisioning"]["status"], "PROVISIONING");
    // Other wishes are refused with the address; the same ones attach.
    let url = json!({"portal_url": "https://portal.example"});
    let other = admin.post(&execute_path(&tenant), url).await.expect(409);
    assert_eq!(other.header("location"), location);
    assert_eq!(
        ask(&admin, &tenant).await.expect(202).json["id"],
        asked.json["id"]
    );
    admin
        .call("POST", &format!("{location}cancel/"))
        .await
        .expect(200);
    let moved = admin.patch(&path, place).await.expect(200).json;
    assert_eq!(moved["provisioning"]["database_name"], "crm_other");
    admin
        .post(&provision(&tenant), json!({"status": "READY"}))
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_is_in_the_audit() {
    begin();
    let app = TestApp::start().await;
    let admin = app.user("ana", true, false).await;
    let tenant = app
        .tenant(&admin.with("x-request-id", "r-create"), "acme")
        .await;
    let path = format!("/platform/api/tenants/{}/", tenant["id"]);
    let by = |id: &str| admin.with("x-request-id", id);
    by("r-change")
        .patch(&path, json!({"name": "Other"}))
        .await
        .expect(200);
    let failed = json!({"status": "FAILED", "last_error": "No room."});
    by("r-state")
        .post(&provision(&tenant), failed)
        .await
        .expect(200);
    app.execute(&by("r-execute"), &tenant).await.expect(200);

    let query = format!("/platform/api/audit/?company_id={}", tenant["id"]);
    let events = admin.get(&query).await.expect(200).json;
    let events = events.as_array().unwrap();
    let state = |side: &Value| side["provisioning"]["status"].clone();
    // Newest first: action, request, actor, address, and the states before and after.
    let wanted = [
        (
            "tenant.ready",
            "r-execute",
            "system",
            json!(null),
            "PROVISIONING",
            "READY",
        ),
        (
            "tenant.execute",
            "r-execute",
            "ana",
            json!("127.0.0.1"),
            "FAILED",
            "PROVISIONING",
        ),
        (
            "tenant.report_state",
            "r-state",
            "ana",
            json!("127.0.0.1"),
            "PENDING",
            "FAILED",
        ),
        (
            "tenant.change",
            "r-change",
            "ana",
            json!("127.0.0.1"),
            "PENDING",
            "PENDING",
        ),
    ];
    assert_eq!(events.len(), 1 + wanted.len(), "{events:#?}");
    for (event, (action, request, actor, address, before, after)) in events.iter().zip(wanted) {
        assert_eq!(event["action"], action);
        assert_eq!(event["request_id"], request, "{action}");
        assert_eq!(event["actor"], actor, "{action}");
        assert_eq!(event["actor_id"].is_null(), actor == "system", "{action}");
        assert_eq!(event["address"], address, "{action}");
        assert_eq!(event["subject"], "tenant acme", "{action}");
        assert_eq!(state(&event["before"]), before, "{action}");
        assert_eq!(state(&event["after"]), after, "{action}");
    }
    assert_eq!(events[3]["before"]["name"], "Tenant acme");
    assert_eq!(events[3]["after"]["name"], "Other");
    assert_eq!(events[4]["action"], "tenant.create");
    assert_eq!(events[4]["request_id"], "r-create");
    assert_eq!(events[4]["before"], Value::Null);
    assert_eq!(events[4]["after"], tenant);

    let queued = without_workers().await;
    let admin = queued.user("bia", true, false).await;
    let tenant = queued.tenant(&admin, "acme").await;
    let asked = ask(&admin, &tenant).await.expect(202);
    let caller = admin.with("x-request-id", "r-cancel");
    let cancel = format!("{}cancel/", asked.header("location"));
    caller.call("POST", &cancel).await.expect(200);
    let events = admin
        .get("/platform/api/audit/?request_id=r-cancel")
        .await
        .expect(200)
        .json;
    let actions: Vec<&Value> = events
        .as_array()
        .unwrap()
        .iter()
        .map(|e| &e["action"])
        .collect();
    assert_eq!(
        actions,
        ["operation.cancel", "tenant.canceled"],
        "{events:#}"
    );
    assert_eq!(events[0]["before"]["status"], "QUEUED");
    assert_eq!(events[0]["after"]["status"], "CANCELED");
    assert_eq!(events[0]["actor"], "bia");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_makes_a_repeated_request_the_same() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    let keyed = |key: &str| admin.with("idempotency-key", key);

    let tenants = "/platform/api/tenants/";
    let body = json!({"name": "Acme", "tenant_code": "acme", "subdomain": "acme"});
    let first = keyed("create")
        .post(tenants, body.clone())
        .await
        .expect(201);
    let again = keyed("create")
        .post(tenants, body.clone())
        .await
        .expect(201);
    assert_eq!(again.json, first.json);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(first.header("idempotency-replayed"), "");
    let other = json!({"name": "Other", "tenant_code": "other", "subdomain": "other"});
    keyed("create").post(tenants, other).await.expect(422);
    // Without the key, and with another caller's, it is another request.
    admin.post(tenants, body.clone()).await.expect(400);
    let somebody = app.staff().await.with("idempotency-key", "create");
    somebody.post(tenants, body).await.expect(400);

    let tenant = first.json;
    let execute = execute_path(&tenant);
    let url = json!({"portal_url": "https://portal.example"});
    keyed("execute")
        .post(&execute, url.clone())
        .await
        .expect(200);
    // Longer than a double click lasts: only the key makes them one.
    tokio::time::sleep(std::time::Duration::from_millis(1200)).await;
    keyed("execute").post(&execute, url).await.expect(200);
    let count = async || {
        admin
            .get(OPERATIONS)
            .await
            .expect(200)
            .json
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(count().await, 1);
    keyed("execute").post(&execute, json!({})).await.expect(422);
    assert_eq!(count().await, 1);
    keyed("another").post(&execute, json!({})).await.expect(200);
    assert_eq!(count().await, 2);

    let path = provision(&tenant);
    let failed = json!({"status": "FAILED", "last_error": "No room."});
    let first = keyed("state").post(&path, failed.clone()).await.expect(200);
    admin
        .post(&path, json!({"status": "READY"}))
        .await
        .expect(200);
    let again = keyed("state").post(&path, failed).await.expect(200);
    assert_eq!(again.json, first.json);
    assert_eq!(again.header("idempotency-replayed"), "true");
    let now = read(&admin, &tenant).await;
    assert_eq!(
        now["provisioning"]["status"], "READY",
        "it was carried out twice"
    );
    keyed("state")
        .post(&path, json!({"status": "READY"}))
        .await
        .expect(422);
    for key in ["", "a b", "é"] {
        keyed(key)
            .post(&path, json!({"status": "READY"}))
            .await
            .expect(400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_is_resumed_to_what_it_was() {
    begin();
    let app = TestApp::start().await;
    let admin = app.staff().await;
    let tenant = app.tenant(&admin, "acme").await;
    let id = tenant["id"].as_i64().unwrap();
    let path = format!("/platform/api/tenants/{id}/");
    let becomes = async |status: &str| {
        let body = json!({"contract": {"status": status}});
        admin.patch(&path, body).await.expect(200);
        tenants::resumes_to(&app.store, id).await.unwrap()
    };
    for (status, then) in [
        ("TRIAL", ContractStatus::Active),
        ("SUSPENDED", ContractStatus::Trial),
        ("CANCELED", ContractStatus::Trial),
        ("ACTIVE", ContractStatus::Active),
        ("CANCELED", ContractStatus::Active),
        ("TRIAL", ContractStatus::Active),
        ("CANCELED", ContractStatus::Trial),
    ] {
        assert_eq!(becomes(status).await, then, "{status}");
    }
}
