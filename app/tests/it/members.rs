//! Members of a tenant: `/api/auth/tenant-members/` (contract section 5).

mod rules;

use crate::begin;
use futures_util::future::join_all;
use serde_json::{Value, json};
use sindico_domain::access::Role;
use sindico_testkit::{Answer, Client, TestApp};

const PATH: &str = "/api/auth/tenant-members/";

async fn start() -> (TestApp, Value, Client) {
    begin();
    let app = TestApp::start().await;
    let staff = app.staff().await;
    let tenant = app.ready(&staff, "acme", "DATABASE_PER_TENANT").await;
    let owner = owner(&app, &tenant, "ana").await;
    (app, tenant, owner)
}

/// A new user of this name who owns the tenant.
async fn owner(app: &TestApp, tenant: &Value, name: &str) -> Client {
    let code = tenant["tenant_code"].as_str().unwrap();
    let root = app.superuser().await.tenant(code);
    let caller = app.user(name, false, false).await.tenant(code);
    let body = json!({"username": name, "role": "OWNER"});
    root.post(PATH, body).await.expect(201);
    caller
}

fn one(member: &Value) -> String {
    format!("{PATH}{}/", member["id"])
}

/// The member of this name in the list.
async fn find(caller: &Client, name: &str) -> Value {
    let list = caller.get(PATH).await.expect(200).json;
    let mut all = list["results"].as_array().unwrap().iter();
    all.find(|m| m["username"] == name).unwrap().clone()
}

fn named(answer: Answer, fields: &[&str]) {
    let errors = answer.expect(400).json;
    let found: Vec<_> = errors
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(found, fields, "{errors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_added_listed_changed_and_removed() {
    let (app, tenant, ana) = start().await;
    let code = tenant["tenant_code"].as_str().unwrap();
    let bia = app.user("bia", false, false).await.tenant(code);
    app.user("Álvaro", false, false).await;
    bia.get(PATH).await.expect(404);

    let added = ana
        .post(PATH, json!({"username": " BIA "}))
        .await
        .expect(201)
        .json;
    let keys: Vec<_> = added
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        keys,
        [
            "created_at",
            "email",
            "id",
            "is_active",
            "role",
            "updated_at",
            "user_id",
            "username"
        ]
    );
    assert_eq!(
        (
            &added["username"],
            &added["role"],
            &added["is_active"],
            &added["email"]
        ),
        (
            &json!("bia"),
            &json!("MEMBER"),
            &json!(true),
            &json!("bia@example.com")
        )
    );
    let form = ana.request(reqwest::Method::POST, PATH);
    let form = form.form(&[("username", "Álvaro"), ("is_active", "false")]);
    ana.send(form).await.expect(201);

    let list = bia.get(PATH).await.expect(200).json;
    assert_eq!(list.as_object().unwrap().len(), 2, "{list}");
    assert_eq!(list["tenant_code"], code);
    let names: Vec<_> = list["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| &m["username"])
        .collect();
    assert_eq!(names, ["Álvaro", "ana", "bia"]);
    assert_eq!(list["results"][2], added);

    // Once more is a change, of what is sent only.
    let again = ana
        .post(PATH, json!({"username": "bia", "role": "MANAGER"}))
        .await
        .expect(200)
        .json;
    assert_eq!(
        (&again["id"], &again["role"]),
        (&added["id"], &json!("MANAGER"))
    );
    let kept = ana
        .post(PATH, json!({"username": "bia"}))
        .await
        .expect(200)
        .json;
    assert_eq!(kept, again);
    let body = json!({"role": "OWNER", "username": "x", "id": 7});
    let changed = ana.patch(&one(&added), body).await.expect(200).json;
    assert_eq!(
        (&changed["role"], &changed["username"]),
        (&json!("OWNER"), &json!("bia"))
    );
    // As an owner at once; and no more, at once.
    bia.patch(&one(&added), json!({"role": "OWNER"}))
        .await
        .expect(200);
    ana.patch(&one(&added), json!({"role": "MEMBER"}))
        .await
        .expect(200);
    bia.post(PATH, json!({"username": "bia"})).await.expect(403);

    ana.call("DELETE", &one(&added)).await.expect(204);
    bia.get(PATH).await.expect(404);
    let gone = find(&ana, "bia").await;
    assert_eq!(
        (&gone["is_active"], &gone["role"]),
        (&json!(false), &json!("MEMBER"))
    );
    ana.call("DELETE", &one(&added)).await.expect(204);
    ana.patch(&one(&added), json!({"is_active": true}))
        .await
        .expect(200);
    bia.get(PATH).await.expect(200);
    ana.post(PATH, json!({"username": "bia", "is_active": false}))
        .await
        .expect(200);
    bia.get(PATH).await.expect(404);
    let back = ana
        .post(PATH, json!({"username": "bia"}))
        .await
        .expect(200)
        .json;
    assert_eq!(
        (&back["id"], &back["is_active"]),
        (&added["id"], &json!(true))
    );

    let list = format!("/platform/api/audit/?company_id={}&actor=ana", tenant["id"]);
    let events = app.staff().await.get(&list).await.expect(200).json;
    let events = events.as_array().unwrap();
    let actions: Vec<_> = events
        .iter()
        .rev()
        .map(|e| e["action"].as_str().unwrap())
        .collect();
    assert_eq!(
        actions,
        [
            "member.add",
            "member.add",
            "member.change",
            "member.change",
            "member.change",
            "member.remove",
            "member.add",
            "member.remove",
            "member.add"
        ]
    );
    let (first, change) = (&events[events.len() - 1], &events[events.len() - 3]);
    assert_eq!(first["subject"], format!("member bia of {code}"));
    assert_eq!(
        (&first["before"], &first["after"]["role"]),
        (&Value::Null, &json!("MEMBER"))
    );
    assert_eq!(
        (&change["before"]["role"], &change["after"]["role"]),
        (&json!("MEMBER"), &json!("MANAGER"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn all_wrong_fields_are_told_at_once() {
    let (app, _, ana) = start().await;
    app.user("bia", false, false).await;
    let long = "x".repeat(151);
    for (body, fields) in [
        (json!({}), vec!["username"]),
        (json!({"username": "nobody"}), vec!["username"]),
        (json!({"username": null}), vec!["username"]),
        (json!({"username": ["bia"]}), vec!["username"]),
        (json!({"username": "b\u{0}ia"}), vec!["username"]),
        (json!({"username": long}), vec!["username"]),
        (json!({"username": "bia", "role": "BOSS"}), vec!["role"]),
        (json!({"username": "bia", "role": ["OWNER"]}), vec!["role"]),
        (
            json!({"username": "nobody", "role": null, "is_active": "perhaps"}),
            vec!["is_active", "role", "username"],
        ),
        (
            json!({"username": "a b", "role": 7, "is_active": {}}),
            vec!["is_active", "role", "username"],
        ),
        (json!([]), vec!["non_field_errors"]),
    ] {
        named(ana.post(PATH, body).await, &fields);
    }
    let bia = ana
        .post(PATH, json!({"username": "bia"}))
        .await
        .expect(201)
        .json;
    for (body, fields) in [
        (json!({}), vec!["non_field_errors"]),
        (json!({"email": "x@example.com"}), vec!["non_field_errors"]),
        (json!({"role": "owner"}), vec!["role"]),
        (
            json!({"role": null, "is_active": null}),
            vec!["is_active", "role"],
        ),
    ] {
        named(ana.patch(&one(&bia), body).await, &fields);
    }
    assert_eq!(find(&ana, "bia").await, bia);
    let sql = app.database.sql().await;
    let off = "UPDATE app_user SET is_active = false WHERE username = 'bia'";
    sql.execute(off, &[]).await.unwrap();
    named(
        ana.post(PATH, json!({"username": "bia", "role": "OWNER"}))
            .await,
        &["username"],
    );
    // Who can't sign in can still be taken out.
    ana.call("DELETE", &one(&bia)).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_bounded_and_go_on() {
    let (app, _, ana) = start().await;
    for name in ["caio", "bia", "davi", "Eva"] {
        app.user(name, false, false).await;
        ana.post(PATH, json!({"username": name})).await.expect(201);
    }
    let mut next = format!("{PATH}?limit=2&count=exact");
    let mut names = Vec::new();
    loop {
        let page = ana.get(&next).await.expect(200);
        assert_eq!(page.header("x-total-count"), "5");
        let results = page.json["results"].as_array().unwrap();
        names.extend(
            results
                .iter()
                .map(|m| m["username"].as_str().unwrap().to_owned()),
        );
        let link = page.header("link");
        match link.strip_prefix('<').and_then(|link| link.split_once('>')) {
            Some((address, rest)) => {
                assert!(rest.contains("rel=\"next\""), "{link}");
                next = address.to_owned();
            }
            None => break,
        }
    }
    assert_eq!(names, ["ana", "bia", "caio", "davi", "Eva"]);
    for query in ["limit=0", "limit=501", "limit=x", "cursor=x", "count=many"] {
        let field = query.split('=').next().unwrap();
        named(ana.get(&format!("{PATH}?{query}")).await, &[field]);
    }
    // A cursor of the tenants' list.
    let staff = app.staff().await;
    app.tenant(&staff, "another").await;
    let foreign = staff
        .get("/platform/api/tenants/?limit=1")
        .await
        .expect(200);
    let link = foreign.header("link").to_owned();
    let cursor = link
        .split("cursor=")
        .nth(1)
        .unwrap()
        .split('>')
        .next()
        .unwrap();
    named(
        ana.get(&format!("{PATH}?cursor={cursor}")).await,
        &["cursor"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_gets_the_first_answer() {
    let (app, _, ana) = start().await;
    let staff = app.staff().await;
    let zeta = app.ready(&staff, "zeta", "DATABASE_PER_TENANT").await;
    let zeta_code = zeta["tenant_code"].as_str().unwrap();
    let root = app.superuser().await.tenant(zeta_code);
    root.post(PATH, json!({"username": "ana", "role": "OWNER"}))
        .await
        .expect(201);
    app.user("bia", false, false).await;
    let body = json!({"username": "bia"});
    let keyed = ana.with("idempotency-key", "add-bia");
    let first = keyed.post(PATH, body.clone()).await.expect(201);
    ana.patch(&one(&first.json), json!({"role": "MANAGER"}))
        .await
        .expect(200);
    let again = keyed.post(PATH, body.clone()).await.expect(201);
    assert_eq!(again.json, first.json);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.header("etag"), first.header("etag"));
    keyed
        .post(PATH, json!({"username": "bia", "role": "OWNER"}))
        .await
        .expect(422);
    // The same key and body mean another membership in another tenant.
    let there = keyed
        .tenant(zeta_code)
        .post(PATH, body.clone())
        .await
        .expect(201);
    assert_eq!(there.header("idempotency-replayed"), "");
    assert_ne!(there.json["id"], first.json["id"]);
    // Of many at once, one is the first.
    app.user("caio", false, false).await;
    let keyed = ana.with("idempotency-key", "add-caio");
    let calls = (0..10).map(|_| keyed.post(PATH, json!({"username": "caio"})));
    let mut bodies = Vec::new();
    for answer in join_all(calls).await {
        bodies.push(answer.expect(201).json);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_version_is_412() {
    let (app, _, ana) = start().await;
    app.user("bia", false, false).await;
    let added = ana.post(PATH, json!({"username": "bia"})).await.expect(201);
    let path = one(&added.json);
    let first = ana.with("if-match", added.header("etag"));
    let changed = first
        .patch(&path, json!({"role": "MANAGER"}))
        .await
        .expect(200);
    first
        .patch(&path, json!({"role": "OWNER"}))
        .await
        .expect(412);
    first.call("DELETE", &path).await.expect(412);
    assert_eq!(find(&ana, "bia").await["role"], "MANAGER");
    let second = ana.with("if-match", changed.header("etag"));
    second.call("DELETE", &path).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn members_and_managers_read_only() {
    let (app, tenant, ana) = start().await;
    for role in [Role::Member, Role::Manager] {
        let caller = app.member(&tenant, role).await;
        caller.get(PATH).await.expect(200);
        let mine = find(&ana, "ana").await;
        caller
            .post(PATH, json!({"username": "ana"}))
            .await
            .expect(403);
        caller
            .patch(&one(&mine), json!({"role": "MEMBER"}))
            .await
            .expect(403);
        caller.call("DELETE", &one(&mine)).await.expect(403);
        // Also for an id that is not there: nothing is told.
        caller
            .call("DELETE", &format!("{PATH}0/"))
            .await
            .expect(403);
    }
}
