//! Forms on the web: what people send becomes a lead, what may be spam waits, and a form is its tenant's alone.

mod customs;

use crate::begin;
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};
use sindico_domain::access::Role;
use sindico_testkit::{Answer, Client, Options, TestApp};
use std::sync::atomic::{AtomicI64, Ordering};

const PATH: &str = "/api/lead-forms/";
static LATER: AtomicI64 = AtomicI64::new(0);

fn clock() -> Timestamp {
    let base: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
    base + SignedDuration::from_secs(LATER.load(Ordering::SeqCst))
}

struct World {
    app: TestApp,
    tenant: Value,
    owner: Client,
    /// Anybody, on the tenant's host.
    visitor: Client,
}

async fn world(model: &str) -> World {
    begin();
    let mut options = Options::local_postgres().await;
    options.clock = clock;
    let app = TestApp::start_with(options).await;
    let staff = app.staff().await;
    let tenant = app.ready(&staff, "acme", model).await;
    let owner = app.member(&tenant, Role::Owner).await;
    let visitor = on_host(&app, &tenant);
    World {
        app,
        tenant,
        owner,
        visitor,
    }
}

fn on_host(app: &TestApp, tenant: &Value) -> Client {
    app.anonymous().on(&format!(
        "{}.mksbrasil.com",
        tenant["subdomain"].as_str().unwrap()
    ))
}

async fn form(owner: &Client, more: Value) -> (Value, String) {
    let mut body = json!({"title": "Fale com a gente", "fields": ["company", "email", "phone", "notes"], "source": "site", "tags": ["site"]});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let made = owner.post(PATH, body).await.expect(201).json;
    let path = format!("/f/{}/", made["key"].as_str().unwrap());
    (made, path)
}

/// The proof in a form's page.
async fn proof(visitor: &Client, path: &str) -> String {
    let page = visitor.get(path).await.expect(200).text;
    let (_, rest) = page.split_once("name=\"proof\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

/// Sends it as a browser does.
async fn send(visitor: &Client, path: &str, fields: &[(&str, &str)]) -> Answer {
    visitor
        .send(visitor.request(Method::POST, path).form(fields))
        .await
}

async fn entries(owner: &Client, form: &Value) -> Vec<Value> {
    let list = owner
        .get(&format!("{PATH}{}/entries/", form["id"]))
        .await
        .expect(200)
        .json;
    list.as_array().unwrap().clone()
}

/// The one test that moves this clock.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_sends_is_a_lead_and_what_may_be_spam_waits() {
    for model in ["DATABASE_PER_TENANT", "SHARED_SCHEMA"] {
        let World {
            app: _app,
            owner,
            visitor,
            ..
        } = world(model).await;
        let (made, path) = form(&owner, json!({"consent": "Podem me escrever."})).await;
        let first = proof(&visitor, &path).await;
        let fields = [
            ("proof", first.as_str()),
            ("name", "Ana <b>"),
            ("email", "ana@example.com"),
            ("notes", "Oi"),
            ("consent", "on"),
        ];
        // Nobody types that fast.
        let quick = send(&visitor, &path, &fields).await.expect(200);
        assert!(
            quick.text.contains("We have it") || quick.text.contains("Recebemos"),
            "{}",
            quick.text
        );
        assert_eq!(
            entries(&owner, &made).await[0]["suspicions"],
            json!(["TOO_FAST"])
        );
        assert!(
            owner
                .get("/api/leads/")
                .await
                .expect(200)
                .json
                .as_array()
                .unwrap()
                .is_empty()
        );
        let good = proof(&visitor, &path).await;
        LATER.fetch_add(20, Ordering::SeqCst);
        let fields = fields.map(|(name, value)| {
            (
                name,
                if name == "proof" {
                    good.as_str()
                } else {
                    value
                },
            )
        });
        send(&visitor, &path, &fields).await.expect(200);
        // Twice is once.
        send(&visitor, &path, &fields).await.expect(200);
        let leads = owner.get("/api/leads/").await.expect(200).json;
        assert_eq!(leads.as_array().unwrap().len(), 1);
        let lead = &leads[0];
        assert_eq!(
            (&lead["name"], &lead["source"], &lead["tags"]),
            (&json!("Ana <b>"), &json!("site"), &json!(["site"]))
        );
        let list = entries(&owner, &made).await;
        let taken = list.iter().find(|entry| entry["state"] == "LEAD").unwrap();
        assert_eq!(
            (&taken["lead"], &taken["consent"], &taken["sent"]),
            (&lead["id"], &json!("Podem me escrever."), &json!({}))
        );
        assert!(taken["at"].is_string() && taken["address"].is_string());
        // The write is one like all others: it can be undone.
        let changes = owner.get("/api/changes/").await.expect(200).json;
        assert_eq!(changes[0]["action"], "lead.form");
        assert_eq!(changes[0]["username"], "form: Fale com a gente");
        // A trap, links, a proof that was changed, and none at all.
        for (name, value, why) in [
            ("website", "http://x", "TRAP"),
            ("notes", "http://a http://b https://c", "LINKS"),
            ("proof", "a.1.v1,x", "PROOF"),
            ("proof", "", "UNKNOWN_ORIGIN"),
        ] {
            let fresh = proof(&visitor, &path).await;
            LATER.fetch_add(20, Ordering::SeqCst);
            let others = [
                ("proof", fresh.as_str()),
                ("name", "Ana"),
                ("email", "ana@example.com"),
                ("consent", "on"),
            ];
            let mut sent: Vec<_> = others
                .into_iter()
                .filter(|(field, _)| *field != name)
                .collect();
            sent.push((name, value));
            send(&visitor, &path, &sent).await.expect(200);
            assert_eq!(
                entries(&owner, &made).await[0]["suspicions"],
                json!([why]),
                "{name}"
            );
        }
        let list = entries(&owner, &made).await;
        let (yes, no) = (&list[0]["id"], &list[1]["id"]);
        let accepted = owner
            .post(&format!("/api/lead-form-entries/{yes}/accept/"), json!({}))
            .await
            .expect(200)
            .json;
        assert_eq!(accepted["state"], "LEAD");
        let again = owner
            .post(&format!("/api/lead-form-entries/{yes}/accept/"), json!({}))
            .await
            .expect(200)
            .json;
        assert_eq!(again["lead"], accepted["lead"]);
        let gone = owner
            .post(&format!("/api/lead-form-entries/{no}/discard/"), json!({}))
            .await
            .expect(200)
            .json;
        assert_eq!(
            (&gone["state"], &gone["sent"]),
            (&json!("DISCARDED"), &json!({}))
        );
        assert_eq!(
            owner
                .get("/api/leads/")
                .await
                .expect(200)
                .json
                .as_array()
                .unwrap()
                .len(),
            2
        );
        // They are like the one who is there.
        assert_eq!(list[0]["alike"], true);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sites_that_are_listed_send_and_show_the_form() {
    let World {
        app: _app,
        owner,
        visitor,
        ..
    } = world("DATABASE_PER_TENANT").await;
    let (made, path) = form(
        &owner,
        json!({"origins": ["https://site.example"], "redirect": "https://site.example/obrigado"}),
    )
    .await;
    let page = visitor.get(&path).await.expect(200);
    let policy = page.header("content-security-policy").to_owned();
    assert!(
        policy.contains("frame-ancestors https://site.example")
            && policy.contains("form-action 'self' https://site.example;"),
        "{policy}"
    );
    let body = json!({"name": "Ana", "email": "ana@example.com"});
    let site = visitor.with("origin", "https://site.example");
    let answer = site.post(&path, body.clone()).await.expect(201);
    assert_eq!(answer.json, json!({"state": "received"}));
    let plain = send(&site, &path, &[("name", "Bia"), ("phone", "11 98765-4321")]).await;
    assert_eq!(
        (plain.status, plain.header("location")),
        (303, "https://site.example/obrigado")
    );
    let other = visitor.with("origin", "https://other.example");
    // What may be spam is told nothing else.
    assert_eq!(other.post(&path, body).await.expect(201).json, answer.json);
    let states: Vec<Value> = entries(&owner, &made)
        .await
        .iter()
        .map(|entry| entry["state"].clone())
        .collect();
    assert_eq!(states, ["QUARANTINE", "LEAD", "LEAD"]);
    // Nobody else's page shows one that lists no sites.
    let (_, path) = form(&owner, json!({})).await;
    let page = visitor.get(&path).await.expect(200);
    assert!(
        page.header("content-security-policy")
            .ends_with("frame-ancestors 'none'")
    );
    assert!(!page.text.contains("<script"), "it has no script");
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_forms_are_told_what_is_wrong_and_floods_end() {
    let World {
        app: _app,
        owner,
        visitor,
        ..
    } = world("DATABASE_PER_TENANT").await;
    let (_, path) = form(&owner, json!({"consent": "Sim."})).await;
    for (body, field) in [
        (json!({}), "name"),
        (json!({"name": "Ana", "consent": true}), "email"),
        (
            json!({"name": "Ana", "email": "ana@example.com"}),
            "consent",
        ),
        (
            json!({"name": "Ana", "email": "nobody", "consent": true}),
            "email",
        ),
        (
            json!({"name": {"a": 1}, "email": ["x"], "consent": true}),
            "name",
        ),
        (
            json!({"name": "x".repeat(300), "email": "a@example.com", "consent": true}),
            "name",
        ),
        (
            json!({"name": "a\u{0}b", "email": "a@example.com", "consent": true}),
            "name",
        ),
    ] {
        let refused = visitor.post(&path, body).await.expect(400);
        assert!(refused.json[field].is_array(), "{field}: {}", refused.text);
    }
    // What was typed stays, as text.
    let page = send(
        &visitor,
        &path,
        &[("name", "<script>x"), ("email", "nobody")],
    )
    .await
    .expect(400);
    assert!(
        page.text.contains("&lt;script&gt;x") && !page.text.contains("<script>x"),
        "{}",
        page.text
    );
    let mut last = 0;
    for _ in 0..12 {
        last = send(&visitor, &path, &[("name", "Ana")]).await.status;
    }
    assert_eq!(last, 429);
    for key in ["nobody", "x", "%00", "a%2fb"] {
        let missing = visitor.get(&format!("/f/{key}/")).await;
        assert_eq!(missing.status, 404, "{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_its_tenants_alone() {
    let World {
        app,
        tenant,
        owner,
        visitor,
    } = world("SHARED_SCHEMA").await;
    let staff = app.staff().await;
    let other = app.ready(&staff, "beta", "SHARED_SCHEMA").await;
    let (made, path) = form(&owner, json!({})).await;
    visitor.get(&path).await.expect(200);
    let beside = on_host(&app, &other);
    beside.get(&path).await.expect(404);
    beside
        .post(&path, json!({"name": "Ana", "email": "a@example.com"}))
        .await
        .expect(404);
    app.anonymous()
        .on("sistema.mksbrasil.com")
        .get(&path)
        .await
        .expect(404);
    for role in [Role::Member, Role::Manager] {
        let caller = app.member(&tenant, role).await;
        caller.get(PATH).await.expect(403);
        caller.post(PATH, json!({"title": "x"})).await.expect(403);
    }
    let own = format!("{PATH}{}/", made["id"]);
    owner
        .patch(&own, json!({"owner": i64::MAX}))
        .await
        .expect(400);
    owner
        .patch(&own, json!({"active": false}))
        .await
        .expect(200);
    visitor.get(&path).await.expect(404);
    visitor
        .post(&path, json!({"name": "Ana", "email": "a@example.com"}))
        .await
        .expect(404);
    owner.call("DELETE", &own).await.expect(204);
    owner.get(&own).await.expect(404);
}
