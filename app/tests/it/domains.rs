//! Domains of tenants' own: claimed, proved by DNS, served by host.

use crate::begin;
use serde_json::{Value, json};
use sindico_domain::access::Role;
use sindico_testkit::{Client, Options, TestApp, execute_path};
use std::time::{Duration, Instant};

const ME: &str = "/api/auth/tenant-me/";

async fn ready(app: &TestApp, staff: &Client, code: &str) -> Value {
    let tenant = app.tenant(staff, code).await;
    staff
        .post(&execute_path(&tenant), json!({}))
        .await
        .expect(200)
        .json
}

fn path(tenant: &Value) -> String {
    format!("/platform/api/tenants/{}/domains/", tenant["id"])
}

/// Says in DNS what the claim asks for.
fn publish(app: &TestApp, claim: &Value) {
    let name = claim["record_name"].as_str().unwrap().to_owned();
    let value = claim["record_value"].as_str().unwrap().to_owned();
    let others = "v=spf1 -all".to_owned();
    app.txt.lock().unwrap().insert(name, vec![others, value]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_is_claimed_proved_served_and_removed() {
    begin();
    let app = TestApp::start().await;
    let other = TestApp::start_on(app.database.clone(), Options::default()).await;
    let staff = app.staff().await;
    let acme = ready(&app, &staff, "acme").await;
    let owner = app.member(&acme, Role::Owner).await.without("x-tenant-id");
    let there = owner.on("CRM.Acme.com.br.:443");
    let claim = staff
        .post(&path(&acme), json!({"host": "CRM.acme.com.br."}))
        .await
        .expect(201)
        .json;
    assert_eq!(claim["host"], "crm.acme.com.br");
    assert_eq!(claim["record_name"], "_sindico.crm.acme.com.br");
    assert_eq!(claim["verified_at"], Value::Null);
    // The same claim again is the same record to set.
    let again = staff
        .post(&path(&acme), json!({"host": "crm.acme.com.br"}))
        .await
        .expect(201)
        .json;
    assert_eq!(again, claim);
    there.get(ME).await.expect(400);

    let verify = format!("{}{}/verify/", path(&acme), claim["id"]);
    let nothing = staff.post(&verify, json!({})).await.expect(400);
    let detail = nothing.json["detail"].as_str().unwrap();
    assert!(
        detail.contains("_sindico.crm.acme.com.br") && detail.contains("no such record"),
        "{detail}"
    );
    let name = claim["record_name"].as_str().unwrap().to_owned();
    app.txt
        .lock()
        .unwrap()
        .insert(name.clone(), vec!["sindico-verify=other".to_owned()]);
    let wrong = staff.post(&verify, json!({})).await.expect(400);
    assert!(
        wrong.json["detail"]
            .as_str()
            .unwrap()
            .contains("sindico-verify=other"),
        "{}",
        wrong.text
    );
    app.txt.lock().unwrap().insert(name, Vec::new());
    let silent = staff.post(&verify, json!({})).await.expect(503);
    assert!(!silent.header("retry-after").is_empty());

    publish(&app, &claim);
    let verified = staff.post(&verify, json!({})).await.expect(200).json;
    assert!(verified["verified_at"].is_string());
    assert_eq!(there.get(ME).await.expect(200).json["tenant_code"], "acme");
    let elsewhere = there.at(&other.base);
    let soon = async |status: u16| {
        let changed = Instant::now();
        while elsewhere.get(ME).await.status != status {
            assert!(
                changed.elapsed() < Duration::from_secs(1),
                "not {status} within a second"
            );
        }
    };
    soon(200).await;
    // Host and header must agree here, too.
    ready(&app, &staff, "other").await;
    there.tenant("other").get(ME).await.expect(400);
    assert_eq!(
        staff.get(&path(&acme)).await.expect(200).json,
        json!([verified])
    );

    let gone = format!("{}{}/", path(&acme), claim["id"]);
    staff.call("DELETE", &gone).await.expect(204);
    there.get(ME).await.expect(400);
    soon(400).await;
    staff.call("DELETE", &gone).await.expect(404);
    let audit = staff.get("/platform/api/audit/").await.expect(200).text;
    for action in ["domain.add", "domain.verify", "domain.remove"] {
        assert!(audit.contains(action), "{action}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_proves_it_has_it() {
    begin();
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let (one, two) = (
        ready(&app, &staff, "one").await,
        ready(&app, &staff, "two").await,
    );
    let host = json!({"host": "loja.com.br"});
    let first = staff.post(&path(&one), host.clone()).await.expect(201).json;
    let second = staff.post(&path(&two), host.clone()).await.expect(201).json;
    assert_ne!(first["record_value"], second["record_value"]);
    publish(&app, &second);
    let verify = |tenant: &Value, claim: &Value| format!("{}{}/verify/", path(tenant), claim["id"]);
    staff
        .post(&verify(&one, &first), json!({}))
        .await
        .expect(400);
    staff
        .post(&verify(&two, &second), json!({}))
        .await
        .expect(200);
    // The first can't prove it any more, even with the right record.
    publish(&app, &first);
    let taken = staff
        .post(&verify(&one, &first), json!({}))
        .await
        .expect(400);
    assert!(taken.json["host"].is_array(), "{}", taken.text);
    let third = ready(&app, &staff, "three").await;
    let taken = staff.post(&path(&third), host).await.expect(400);
    assert!(taken.json["host"].is_array(), "{}", taken.text);
    // Another tenant's claim is no claim of this one's.
    staff
        .post(&verify(&one, &second), json!({}))
        .await
        .expect(404);
    for host in ["acme.mksbrasil.com", "localhost", "10.0.0.1", "", "a b"] {
        let wrong = staff
            .post(&path(&one), json!({ "host": host }))
            .await
            .expect(400);
        assert!(wrong.json["host"].is_array(), "{host}: {}", wrong.text);
    }
}
