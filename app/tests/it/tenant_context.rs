//! Which tenant a request is for (contract section 3).

mod named;

use crate::begin;
use serde_json::{Value, json};
use sindico_domain::access::Role;
use sindico_testkit::{Answer, Client, Options, TestApp, execute_path};
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

fn code(answer: &Answer) -> &str {
    answer.json["tenant_code"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn host_and_header_name_the_tenant() {
    begin();
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let acme = ready(&app, &staff, "acme").await;
    let other = ready(&app, &staff, "other").await;
    let ana = app.member(&acme, Role::Member).await.without("x-tenant-id");
    sindico_testkit::join(
        &app.store,
        "other",
        &me(&ana.tenant("acme")).await,
        Role::Owner,
    )
    .await;

    for host in [
        "acme.mksbrasil.com",
        "ACME.mksbrasil.com:8000",
        "acme.mksbrasil.com.",
        "acme.localhost",
        "acme.localhost:1",
    ] {
        assert_eq!(
            code(&ana.on(host).get(ME).await.expect(200)),
            "acme",
            "{host}"
        );
    }
    // Hosts that stand for no tenant leave it to the header, in any letter case.
    for host in [
        "localhost:8000",
        "127.0.0.1",
        "sistema.mksbrasil.com",
        "www.mksbrasil.com",
        "mksbrasil.com",
        "a.b.mksbrasil.com",
        "example.org",
    ] {
        assert_eq!(
            code(&ana.on(host).tenant("AcMe").get(ME).await.expect(200)),
            "acme",
            "{host}"
        );
        let neither = ana.on(host).get(ME).await.expect(400);
        assert!(
            neither.json["detail"]
                .as_str()
                .unwrap()
                .contains("X-Tenant-ID"),
            "{}",
            neither.text
        );
    }
    // Both, and the same.
    ana.on("acme.localhost")
        .tenant("acme")
        .get(ME)
        .await
        .expect(200);
    let both = ana
        .on("acme.localhost")
        .tenant("other")
        .get(ME)
        .await
        .expect(400);
    assert!(
        both.json["detail"].as_str().unwrap().contains("different"),
        "{}",
        both.text
    );
    // Nobody's.
    for caller in [
        ana.on("nobody.localhost"),
        ana.on("nobody.localhost").tenant("acme"),
        ana.on("a_b.localhost").tenant("acme"),
        ana.tenant("nobody"),
    ] {
        let answer = caller.get(ME).await.expect(404);
        assert!(answer.json["detail"].is_string());
    }
    let empty = ana.tenant("").get(ME).await.expect(400);
    let detail = empty.json["detail"].as_str().unwrap();
    assert!(detail.contains("X-Tenant-ID"), "{detail}");
    assert_eq!(
        code(&ana.tenant("other").get(ME).await.expect(200)),
        "other"
    );
    assert_eq!(other["tenant_code"], "other");
    // Who is not known is told so, once the tenant is.
    app.anonymous().tenant("acme").get(ME).await.expect(401);
    // The platform ignores the header, and what needs no tenant does, too.
    staff
        .tenant("nobody")
        .get("/platform/api/tenants/")
        .await
        .expect(200);
    ana.on("nobody.localhost")
        .get("/api/auth/me/")
        .await
        .expect(200);
}

async fn me(caller: &Client) -> String {
    caller.get(ME).await.expect(200).json["username"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_that_is_not_served_says_why_to_its_members_only() {
    begin();
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let tenant = ready(&app, &staff, "acme").await;
    let path = format!("/platform/api/tenants/{}/", tenant["id"]);
    let owner = app.member(&tenant, Role::Owner).await;
    let stranger = app.plain().await.tenant("acme");
    let nobody = stranger.tenant("nobody").get(ME).await.expect(404);

    for (change, status, word) in [
        (
            json!({"contract": {"status": "SUSPENDED"}}),
            403,
            "suspended",
        ),
        (json!({"contract": {"status": "CANCELED"}}), 403, "canceled"),
    ] {
        staff.patch(&path, change).await.expect(200);
        let answer = owner.get(ME).await.expect(status);
        assert!(
            answer.json["detail"].as_str().unwrap().contains(word),
            "{}",
            answer.text
        );
        assert_eq!(stranger.get(ME).await.expect(404).text, nobody.text);
    }
    staff
        .patch(&path, json!({"contract": {"status": "ACTIVE"}}))
        .await
        .expect(200);
    for state in ["PENDING", "FAILED"] {
        let body = json!({"status": state, "last_error": "x"});
        staff
            .post(&format!("{path}provision/"), body)
            .await
            .expect(200);
        let answer = owner.get(ME).await.expect(503);
        assert!(!answer.header("retry-after").is_empty());
        assert_eq!(stranger.get(ME).await.expect(404).text, nobody.text);
    }
    staff
        .post(&format!("{path}provision/"), json!({"status": "READY"}))
        .await
        .expect(200);
    owner.get(ME).await.expect(200);
    // READY by somebody's word, and nobody there: a clear word, and none of anybody's data.
    let answer = owner.get("/api/customers/").await.expect(503);
    assert!(
        answer.json["detail"]
            .as_str()
            .unwrap()
            .contains("can't be reached"),
        "{}",
        answer.text
    );
    staff
        .patch(&path, json!({"is_active": false}))
        .await
        .expect(200);
    assert_eq!(owner.get(ME).await.expect(404).text, nobody.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_superuser_enters_every_tenant_and_it_is_recorded_once() {
    begin();
    let app = TestApp::start().await;
    let staff = app.staff().await;
    ready(&app, &staff, "acme").await;
    let root = app.superuser().await.tenant("acme");
    for _ in 0..3 {
        let answer = root.get(ME).await.expect(200);
        assert_eq!(answer.json["role"], Value::Null);
    }
    // Staff are no members either, and pass no check of a tenant.
    staff.tenant("acme").get(ME).await.expect(404);
    let events = staff
        .get("/platform/api/audit/?action=tenant.enter")
        .await
        .expect(200)
        .json;
    assert_eq!(events.as_array().unwrap().len(), 1);
    // Also when many requests come at once, and nobody has recorded anything yet.
    let root = app.superuser().await.tenant("acme");
    let calls = (0..20).map(|_| root.get(ME));
    for answer in futures_util::future::join_all(calls).await {
        answer.expect(200);
    }
    let events = staff
        .get("/platform/api/audit/?action=tenant.enter")
        .await
        .expect(200)
        .json;
    assert_eq!(events.as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_programs_see_a_change_within_a_second() {
    begin();
    let app = TestApp::start().await;
    let other = TestApp::start_on(app.database.clone(), Options::default()).await;
    let staff = app.staff().await;
    let tenant = ready(&app, &staff, "acme").await;
    let path = format!("/platform/api/tenants/{}/", tenant["id"]);
    let owner = app
        .member(&tenant, Role::Owner)
        .await
        .without("x-tenant-id");
    let there = owner.at(&other.base);
    let soon = async |caller: &Client, status: u16, what: &str| {
        let changed = Instant::now();
        while caller.get(ME).await.status != status {
            assert!(changed.elapsed() < Duration::from_secs(1), "{what}");
        }
    };
    soon(&there.on("acme.localhost"), 200, "a new tenant").await;
    for (change, host, status) in [
        (json!({"subdomain": "acme2"}), "acme2.localhost", 200),
        (
            json!({"contract": {"status": "SUSPENDED"}}),
            "acme2.localhost",
            403,
        ),
        (
            json!({"contract": {"status": "ACTIVE"}}),
            "acme2.localhost",
            200,
        ),
        (json!({"is_active": false}), "acme2.localhost", 404),
        (
            json!({"is_active": true, "subdomain": "acme"}),
            "acme.localhost",
            200,
        ),
    ] {
        staff.patch(&path, change.clone()).await.expect(200);
        // At once where it was changed.
        owner.on(host).get(ME).await.expect(status);
        soon(&there.on(host), status, &change.to_string()).await;
    }
    soon(
        &there.on("acme2.localhost"),
        404,
        "the name that was given up",
    )
    .await;
    // Also when the connection that listens was cut just before.
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'sindico-listen' AND datname = current_database()";
    app.database.sql().await.batch_execute(cut).await.unwrap();
    staff
        .patch(&path, json!({"subdomain": "acme3"}))
        .await
        .expect(200);
    let changed = Instant::now();
    while there.on("acme3.localhost").get(ME).await.status != 200 {
        assert!(
            changed.elapsed() < Duration::from_secs(8),
            "it was missed for good"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_programs_are_told_of_a_role_and_of_a_token_at_once() {
    begin();
    let app = TestApp::start().await;
    let other = TestApp::start_on(app.database.clone(), Options::default()).await;
    let staff = app.staff().await;
    let tenant = ready(&app, &staff, "acme").await;
    let owner = app.member(&tenant, Role::Owner).await;
    let second = app.member(&tenant, Role::Owner).await;
    let there = second.at(&other.base);
    let list = owner.get("/api/auth/tenant-members/").await.expect(200);
    let username = me(&second).await;
    let id = list.json["results"]
        .as_array()
        .unwrap()
        .iter()
        .find(|member| member["username"] == username.as_str())
        .unwrap()["id"]
        .clone();
    // What a read remembers lasts a second. To be seen well before, it must have been told.
    let told = Duration::from_millis(500);

    assert_eq!(there.get(ME).await.expect(200).json["role"], "OWNER");
    let path = format!("/api/auth/tenant-members/{id}/");
    owner
        .patch(&path, json!({"role": "MEMBER"}))
        .await
        .expect(200);
    let changed = Instant::now();
    while there.get(ME).await.expect(200).json["role"] != "MEMBER" {
        assert!(changed.elapsed() < told, "the role was not told");
    }

    // Remembered anew, until it is revoked.
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    there.get(ME).await.expect(200);
    second
        .post("/api/auth/logout/", json!({}))
        .await
        .expect(204);
    let changed = Instant::now();
    while there.get(ME).await.status != 401 {
        assert!(changed.elapsed() < told, "the revoked token was not told");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_nobody_has_reach_no_database() {
    begin();
    let app = TestApp::start().await;
    let anonymous = app.anonymous();
    // What the program does by itself meanwhile is all that may be counted.
    let before = sindico_store::executed();
    let asked = Instant::now();
    for number in 0..10_000 {
        let host = format!("nobody-{number}.mksbrasil.com");
        anonymous.on(&host).get(ME).await.expect(404);
    }
    let ran = sindico_store::executed() - before;
    let alone = 50 + 20 * asked.elapsed().as_secs();
    assert!(
        ran < alone,
        "{ran} statements for names that nobody has, {alone} allowed"
    );
}
