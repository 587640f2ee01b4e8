//! Tokens with limits: each route of the table takes its scope, whatever the token's user may do, and what a token
//! may do is never more than its user may.

use crate::begin;
use serde_json::{Value, json};
use sindico_domain::access::Role;
use sindico_domain::access::scopes::{Need, Scopes};
use sindico_testkit::{Client, Options, PASSWORD, TestApp};
use sindico_web::{Access, need};
use std::collections::HashMap;

/// A token of this user for these scopes.
async fn token(app: &TestApp, username: &str, scopes: Value) -> Client {
    let body =
        json!({"username": username, "password": PASSWORD, "scopes": scopes, "expires_in_days": 7});
    let made = app
        .anonymous()
        .post("/api/auth/token/", body)
        .await
        .expect(200);
    app.anonymous().token(made.json["token"].as_str().unwrap())
}

/// The same, made once.
async fn kept(
    made: &mut HashMap<Vec<String>, Client>,
    app: &TestApp,
    username: &str,
    scopes: &[String],
) -> Client {
    if let Some(client) = made.get(scopes) {
        return client.clone();
    }
    let client = token(app, username, json!(scopes)).await;
    made.insert(scopes.to_vec(), client.clone());
    client
}

struct World {
    app: TestApp,
    code: String,
    /// A superuser, whose role would let everything pass.
    name: String,
}

async fn world() -> World {
    begin();
    let app = TestApp::start_with(Options::local_postgres().await).await;
    let staff = app.staff().await;
    let tenant = app.ready(&staff, "acme", "DATABASE_PER_TENANT").await;
    let code = tenant["tenant_code"].as_str().unwrap().to_owned();
    let all = app.superuser().await;
    let me = all.get("/api/auth/me/").await.expect(200).json;
    let name = me["username"].as_str().unwrap().to_owned();
    World { app, code, name }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_takes_its_scope() {
    let world = world().await;
    let (app, code) = (&world.app, world.code.as_str());
    let all: Vec<String> = Need::all().into_iter().filter_map(Need::name).collect();
    let mut tried = 0;
    let mut tokens = HashMap::<Vec<String>, Client>::new();
    let table = sindico_web::table();
    for row in table
        .rows()
        .iter()
        .filter(|row| row.access != Access::Anyone)
    {
        let needed = need(row.access, row.face, &row.method, &row.path);
        if needed == Need::Nothing {
            continue;
        }
        // All scopes but the one that is needed, and those that bring it along.
        let without: Vec<String> = all
            .iter()
            .filter(|name| !Scopes::of(Some(&[(*name).clone()])).meet(needed))
            .cloned()
            .collect();
        let caller = kept(&mut tokens, app, &world.name, &without).await;
        let caller = match row.access.needs_tenant() {
            true => caller.tenant(code),
            false => caller,
        };
        let path = row
            .path
            .replace("{id}", "9")
            .replace("{company_id}", "9")
            .replace("{member_id}", "9")
            .replace("{operation_id}", "9")
            .replace("{user_id}", "9");
        let send = async |caller: &Client| {
            let request = caller.request(row.method.parse().unwrap(), &path);
            caller
                .send(request.header("origin", &app.base).json(&json!({})))
                .await
        };
        let refused = send(&caller).await;
        assert_eq!(
            refused.status, 403,
            "{} {}: {}",
            row.method, row.path, refused.text
        );
        if let Some(name) = needed.name() {
            assert!(
                refused.text.contains(&format!("lacks the scope {name}.")),
                "{} {}: {}",
                row.method,
                row.path,
                refused.text
            );
            let one = kept(&mut tokens, app, &world.name, std::slice::from_ref(&name)).await;
            let one = if row.access.needs_tenant() {
                one.tenant(code)
            } else {
                one
            };
            // Streams answer as long as they are listened to.
            if !row.path.ends_with("/events/") {
                let passed = send(&one).await;
                assert!(
                    !passed.text.contains(&format!("lacks the scope {name}.")),
                    "{} {}: {}",
                    row.method,
                    row.path,
                    passed.text
                );
            }
        }
        tried += 1;
    }
    assert!(tried > 150, "{tried}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_may_do_what_it_was_made_for() {
    let world = world().await;
    let app = &world.app;
    let reader = token(app, &world.name, json!(["leads:read"]))
        .await
        .tenant(&world.code);
    let writer = token(app, &world.name, json!(["leads:write"]))
        .await
        .tenant(&world.code);
    let made = writer
        .post("/api/leads/", json!({"source": "x", "name": "Ana"}))
        .await
        .expect(201)
        .json;
    assert_eq!(
        reader
            .get("/api/leads/")
            .await
            .expect(200)
            .json
            .as_array()
            .unwrap()
            .len(),
        1
    );
    reader
        .post("/api/leads/", json!({"source": "x"}))
        .await
        .expect(403);
    reader.get("/api/customers/").await.expect(403);
    // What shows several kinds shows those alone.
    let found = reader.get("/api/search/?q=Ana").await.expect(200);
    assert!(found.text.contains("Ana"), "{}", found.text);
    let other = token(app, &world.name, json!(["customers:write"]))
        .await
        .tenant(&world.code);
    for path in ["/api/search/?q=Ana", "/api/changes/", "/api/bin/"] {
        let nothing = other.get(path).await.expect(200);
        assert!(!nothing.text.contains("Ana"), "{path}: {}", nothing.text);
    }
    let changes = writer.get("/api/changes/").await.expect(200).json;
    let undo = format!("/api/changes/{}/undo/", changes[0]["id"]);
    reader.post(&undo, json!({})).await.expect(403);
    other.post(&undo, json!({})).await;
    writer
        .get(&format!("/api/leads/{}/", made["id"]))
        .await
        .expect(200);
    let may = reader.get("/api/auth/capabilities/").await.expect(200).json;
    assert_eq!(may["capabilities"]["leads"]["list"], true);
    assert_eq!(may["capabilities"]["leads"]["create"], false);
    assert_eq!(may["capabilities"]["customers"]["list"], false);
    // Whoever has it may give it back.
    reader
        .post("/api/auth/logout/", json!({}))
        .await
        .expect(204);
    reader.get("/api/leads/").await.expect(401);
}

#[tokio::test(flavor = "multi_thread")]
async fn scopes_never_go_beyond_the_role() {
    let world = world().await;
    let app = &world.app;
    let staff = app.staff().await;
    let tenant = app.ready(&staff, "beta", "SHARED_SCHEMA").await;
    let member = app.member(&tenant, Role::Member).await;
    let me = member.get("/api/auth/tenant-me/").await.expect(200).json;
    let all: Vec<String> = Need::all().into_iter().filter_map(Need::name).collect();
    let code = tenant["tenant_code"].as_str().unwrap();
    let most = token(app, me["username"].as_str().unwrap(), json!(all))
        .await
        .tenant(code);
    most.get("/api/leads/").await.expect(200);
    let refused = most
        .post("/api/leads/", json!({"source": "x"}))
        .await
        .expect(403);
    assert!(refused.text.contains("The role MEMBER"), "{}", refused.text);
    most.get("/api/webhooks/").await.expect(403);
    most.get("/platform/api/tenants/").await.expect(403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_ends_and_odd_wishes_are_refused() {
    let world = world().await;
    let app = &world.app;
    let caller = token(app, &world.name, json!(["platform:read"])).await;
    caller.get("/platform/api/tenants/").await.expect(200);
    let sql = app.database.sql().await;
    sql.execute(
        "UPDATE auth_token SET expires_at = now() - interval '1 second' WHERE scopes IS NOT NULL",
        &[],
    )
    .await
    .unwrap();
    // What was remembered for a moment is over by then.
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    caller.get("/platform/api/tenants/").await.expect(401);
    for (field, value) in [
        ("scopes", json!([])),
        ("scopes", json!(["leads"])),
        ("scopes", json!("leads:read")),
        ("scopes", json!({"a": 1})),
        ("expires_in_days", json!(0)),
        ("expires_in_days", json!("x")),
        ("name", json!("x".repeat(101))),
    ] {
        let mut body = json!({"username": world.name, "password": PASSWORD});
        body[field] = value.clone();
        let refused = app
            .anonymous()
            .post("/api/auth/token/", body)
            .await
            .expect(400);
        assert!(
            refused.json[field].is_array(),
            "{field} {value}: {}",
            refused.text
        );
    }
}
