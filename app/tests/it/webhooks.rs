//! Webhooks: what is told, signed and in order; receivers that misbehave; pauses, replays, secrets; and addresses
//! that nobody calls.

use crate::begin;
use crate::receiver::{Receiver, Reply};
use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sindico_domain::access::Role;
use sindico_outbound::Outbound;
use sindico_testkit::{Client, Options, TestApp, TestDatabase};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

const PATH: &str = "/api/webhooks/";

/// A server with a tenant, and its owner.
async fn start(model: &str, options: Options) -> (TestApp, Value, Client) {
    let app = TestApp::start_with(options).await;
    let staff = app.staff().await;
    let tenant = app.ready(&staff, "acme", model).await;
    let owner = app.member(&tenant, Role::Owner).await;
    (app, tenant, owner)
}

async fn usual() -> Options {
    begin();
    Options::local_postgres().await
}

async fn hook(owner: &Client, url: &str, events: &[&str]) -> Value {
    let body = json!({"name": "Site", "url": url, "events": events});
    owner.post(PATH, body).await.expect(201).json
}

async fn lead(owner: &Client, name: &str) -> i64 {
    let made = owner
        .post("/api/leads/", json!({"source": "x", "name": name}))
        .await;
    made.expect(201).json["id"].as_i64().unwrap()
}

/// Waits until an answer is so.
async fn until(owner: &Client, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        let now = owner.get(path).await.expect(200).json;
        if wanted(&now) {
            return now;
        }
        assert!(Instant::now() < end, "{now:#}");
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

fn log_of(hook: &Value) -> String {
    format!("{PATH}{}/deliveries/", hook["id"])
}

async fn act(owner: &Client, hook: &Value, act: &str, body: Value) -> Value {
    let done = owner
        .post(&format!("{PATH}{}/{act}/", hook["id"]), body)
        .await;
    assert!(done.status < 300, "{act}: {}", done.text);
    done.json
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_told_in_order_and_signed() {
    for model in ["DATABASE_PER_TENANT", "SHARED_SCHEMA"] {
        let (_app, tenant, owner) = start(model, usual().await).await;
        let receiver = Receiver::start().await;
        let made = hook(
            &owner,
            &receiver.url,
            &["lead.created", "lead.updated", "lead.deleted"],
        )
        .await;
        let secret = made["secret"].as_str().unwrap();
        // Of the secret nothing is told again.
        let told = owner
            .get(&format!("{PATH}{}/", made["id"]))
            .await
            .expect(200);
        assert!(
            !told.text.contains("secret") && !told.text.contains(secret),
            "{}",
            told.text
        );
        let id = lead(&owner, "Ana").await;
        let path = format!("/api/leads/{id}/");
        owner.patch(&path, json!({"notes": "x"})).await.expect(200);
        owner
            .post(
                "/api/customers/",
                json!({"name": "c", "email": "c@example.com"}),
            )
            .await
            .expect(201);
        owner.call("DELETE", &path).await.expect(204);
        let calls = receiver.called(3).await;
        let types: Vec<_> = calls
            .iter()
            .map(|call| call.json()["type"].clone())
            .collect();
        assert_eq!(types, ["lead.created", "lead.updated", "lead.deleted"]);
        for call in &calls {
            assert_eq!(call.signed_with(secret), 1);
            let body = call.json();
            assert_eq!(body["data"]["id"], id);
            assert_eq!(body["tenant"], tenant["tenant_code"]);
            // Ids, and no word of what is in a record.
            assert!(!call.body.contains("Ana"), "{}", call.body);
            let keys: Vec<_> = body["data"].as_object().unwrap().keys().cloned().collect();
            assert_eq!(keys, ["change_set", "id", "kind"]);
            assert_eq!(call.headers["content-type"], "application/json");
        }
        let log = until(&owner, &log_of(&made), |log| {
            log.as_array().unwrap().len() == 3 && log[0]["state"] == "DELIVERED"
        })
        .await;
        assert_eq!(log[0]["status"], 204);
        assert_eq!(log[0]["tries"].as_array().unwrap().len(), 1);
        assert_eq!(log[0]["message"], calls[2].id());
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(receiver.calls().len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_tell_each_change_once() {
    let options = usual().await;
    let database = TestDatabase::new().await;
    let app = TestApp::start_on(database, options).await;
    let second = TestApp::start_on(app.database.clone(), usual().await).await;
    let staff = app.staff().await;
    let tenant = app.ready(&staff, "acme", "DATABASE_PER_TENANT").await;
    second
        .directory
        .refresh(tenant["id"].as_i64().unwrap())
        .await
        .unwrap();
    let owner = app.member(&tenant, Role::Owner).await;
    let receiver = Receiver::start().await;
    hook(&owner, &receiver.url, &["lead.created"]).await;
    let beside = owner.at(&second.base);
    for n in 0..20 {
        lead(if n % 2 == 0 { &owner } else { &beside }, &format!("{n}")).await;
    }
    let calls = receiver.called(20).await;
    let ids: Vec<_> = calls
        .iter()
        .map(|call| call.json()["data"]["id"].as_i64().unwrap())
        .collect();
    assert!(ids.is_sorted(), "{ids:?}");
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(receiver.calls().len(), 20);
}

static LATER: AtomicI64 = AtomicI64::new(0);

fn clock() -> Timestamp {
    let base: Timestamp = "2026-11-23T12:00:00Z".parse().unwrap();
    base + SignedDuration::from_secs(LATER.load(Ordering::SeqCst))
}

/// The one test that moves this clock.
#[tokio::test(flavor = "multi_thread")]
async fn failures_are_tried_again_ever_later_and_stop_a_webhook_in_the_end() {
    let mut options = usual().await;
    options.clock = clock;
    let (_app, _, owner) = start("DATABASE_PER_TENANT", options).await;
    let receiver = Receiver::start().await;
    let made = hook(&owner, &receiver.url, &["lead.created"]).await;
    let path = format!("{PATH}{}/", made["id"]);
    let log = log_of(&made);
    receiver.answer([
        Reply::status(500),
        Reply::Close,
        Reply::Bytes(
            "HTTP/1.1 302 Go\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"
                .to_owned(),
        ),
        Reply::with(503, "retry-after: 9000\r\n"),
    ]);
    receiver.answer(vec![Reply::status(400); 8]);
    lead(&owner, "Ana").await;
    let mut waits = Vec::new();
    for attempt in 1..=8 {
        receiver.called(attempt).await;
        let tried = |log: &Value| {
            log[0]["tries"]
                .as_array()
                .is_some_and(|tries| tries.len() == attempt)
        };
        let one = until(&owner, &log, tried).await[0].clone();
        if attempt == 8 {
            assert_eq!(one["state"], "FAILED", "{one:#}");
            break;
        }
        assert_eq!(one["state"], "PENDING", "{one:#}");
        let due: Timestamp = one["due_at"].as_str().unwrap().parse().unwrap();
        let wait = due.duration_since(clock()).as_secs();
        waits.push(wait);
        // Not a moment before.
        LATER.fetch_add(wait - 2, Ordering::SeqCst);
        owner
            .post(
                "/api/customers/",
                json!({"name": "n", "email": format!("{attempt}@example.com")}),
            )
            .await
            .expect(201);
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert_eq!(receiver.calls().len(), attempt);
        LATER.fetch_add(4, Ordering::SeqCst);
        owner
            .patch(&path, json!({"name": format!("n{attempt}")}))
            .await
            .expect(200);
    }
    assert!(
        waits[0] >= 9 && waits[1] >= 54 && waits[2] >= 270,
        "{waits:?}"
    );
    assert_eq!(waits[3], 9_000, "what the receiver asks for: {waits:?}");
    assert!(waits[6] >= 38_000, "{waits:?}");
    let calls = receiver.calls();
    assert!(calls.iter().all(|call| call.id() == calls[0].id()));
    // The signature is of each attempt's own time.
    assert_ne!(
        calls[0].headers["webhook-timestamp"],
        calls[7].headers["webhook-timestamp"]
    );
    let stopped = until(&owner, &path, |hook| hook["state"] == "STOPPED").await;
    assert_eq!(stopped["reason"], "The receiver answered 400.");
    let told = owner.get("/api/notifications/").await.expect(200).json;
    assert_eq!(told.as_array().unwrap().len(), 1, "{told}");
    assert_eq!(
        (&told[0]["topic"], &told[0]["data"]["webhook"]),
        (&json!("WEBHOOK_STOPPED"), &made["id"])
    );
    // What happens while it rests waits, and all that failed can be sent once more.
    lead(&owner, "Bia").await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(receiver.calls().len(), 8);
    receiver.answer([]);
    let replayed = act(&owner, &made, "replay", json!({})).await;
    assert_eq!(replayed["replayed"], 1);
    act(&owner, &made, "resume", json!({})).await;
    // Four answers of 400 are left.
    LATER.fetch_add(700, Ordering::SeqCst);
    for n in 0..6 {
        LATER.fetch_add(7_000, Ordering::SeqCst);
        owner
            .patch(&path, json!({"name": format!("m{n}")}))
            .await
            .expect(200);
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    let all = until(&owner, &log, |log| {
        let log = log.as_array().unwrap();
        log.len() == 2 && log.iter().all(|one| one["state"] == "DELIVERED")
    })
    .await;
    assert_eq!(all.as_array().unwrap().len(), 2);
    let well = owner.get(&path).await.expect(200).json;
    assert_eq!(
        (&well["state"], &well["failures"]),
        (&json!("ACTIVE"), &json!(0))
    );
    // After a month the log forgets.
    LATER.fetch_add(31 * 86_400, Ordering::SeqCst);
    owner.patch(&path, json!({"name": "old"})).await.expect(200);
    until(&owner, &log, |log| log.as_array().unwrap().is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_gone_is_not_called_again() {
    let (_app, _, owner) = start("DATABASE_PER_TENANT", usual().await).await;
    let receiver = Receiver::start().await;
    let made = hook(&owner, &receiver.url, &["lead.created"]).await;
    receiver.answer([Reply::status(410)]);
    lead(&owner, "Ana").await;
    let path = format!("{PATH}{}/", made["id"]);
    let stopped = until(&owner, &path, |hook| hook["state"] == "STOPPED").await;
    assert_eq!(stopped["reason"], "The receiver answered 410.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_keeps_what_happens_or_skips_it() {
    let (_app, _, owner) = start("SHARED_SCHEMA", usual().await).await;
    let receiver = Receiver::start().await;
    let made = hook(&owner, &receiver.url, &["lead.created"]).await;
    act(&owner, &made, "pause", json!({})).await;
    let kept = lead(&owner, "Ana").await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(receiver.calls().is_empty());
    act(&owner, &made, "resume", json!({})).await;
    assert_eq!(receiver.called(1).await[0].json()["data"]["id"], kept);
    act(&owner, &made, "pause", json!({})).await;
    lead(&owner, "Bia").await;
    act(&owner, &made, "resume", json!({"skip": true})).await;
    let last = lead(&owner, "Caio").await;
    assert_eq!(receiver.called(2).await[1].json()["data"]["id"], last);
    let log = until(&owner, &log_of(&made), |log| log[0]["state"] == "DELIVERED").await;
    let again = format!("/api/webhook-deliveries/{}/replay/", log[0]["id"]);
    owner.post(&again, json!({})).await.expect(202);
    let calls = receiver.called(3).await;
    assert_eq!(calls[2].id(), calls[1].id());
    assert_eq!(calls[2].body, calls[1].body);
    for body in [json!({"skip": "perhaps"}), json!({"skip": []})] {
        owner
            .post(&format!("{PATH}{}/resume/", made["id"]), body)
            .await
            .expect(400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_secret_goes_beside_the_old_one_for_a_while() {
    let (app, tenant, owner) = start("DATABASE_PER_TENANT", usual().await).await;
    let receiver = Receiver::start().await;
    let made = hook(&owner, &receiver.url, &["lead.created"]).await;
    let old = made["secret"].as_str().unwrap().to_owned();
    let new = act(&owner, &made, "secret", json!({})).await["secret"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_ne!(old, new);
    act(&owner, &made, "test", json!({})).await;
    let calls = receiver.called(1).await;
    assert_eq!(
        (calls[0].signed_with(&old), calls[0].signed_with(&new)),
        (1, 1)
    );
    assert_eq!(calls[0].json()["type"], "test");
    let control = app.database.sql().await;
    let over =
        "UPDATE webhook_secret SET until = now() - interval '1 second' WHERE until IS NOT NULL";
    assert_eq!(control.execute(over, &[]).await.unwrap(), 1);
    act(&owner, &made, "test", json!({})).await;
    let calls = receiver.called(2).await;
    assert_eq!(
        (calls[1].signed_with(&old), calls[1].signed_with(&new)),
        (0, 1)
    );
    // Nobody who reads either database finds a secret, and it goes with its webhook.
    let inside =
        TestDatabase::superuser(tenant["provisioning"]["database_name"].as_str().unwrap()).await;
    let rows = "SELECT string_agg(t::text, ' ') FROM webhook t";
    let rows: String = inside.query_one(rows, &[]).await.unwrap().get(0);
    assert!(!rows.contains(&new) && !rows.contains(new.trim_start_matches("whsec_")));
    owner
        .call("DELETE", &format!("{PATH}{}/", made["id"]))
        .await
        .expect(204);
    let left: i64 = control
        .query_one("SELECT count(*) FROM webhook_secret", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(left, 0);
    let told = "SELECT string_agg(action, ' ' ORDER BY id) FROM setting_change";
    let told: String = inside.query_one(told, &[]).await.unwrap().get(0);
    assert_eq!(told, "create secret delete");
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_nobody_calls_are_refused_at_once() {
    let mut options = usual().await;
    options.outbound = Outbound::new(
        Vec::new(),
        std::sync::Arc::new(|name: String| {
            async move {
                match name.as_str() {
                    "public.example" => Ok(vec!["8.8.8.8".parse().unwrap()]),
                    "inside.example" => Ok(vec!["10.0.0.7".parse().unwrap()]),
                    _ => Err("nobody".to_owned()),
                }
            }
            .boxed()
        }),
    );
    let (_app, _, owner) = start("DATABASE_PER_TENANT", options).await;
    let good = hook(&owner, "https://public.example/hook", &["lead.created"]).await;
    for url in [
        "https://inside.example/",
        "https://nobody.example/",
        "http://public.example/",
        "https://127.0.0.1/",
        "https://localhost/",
        "https://[::1]/",
        "https://169.254.169.254/",
        "https://2130706433/",
        "ftp://public.example/",
        "https://user:pass@public.example/",
        "nothing",
        "",
        "https://public.example/#x",
        "https://public.example/ x",
    ] {
        let body = json!({"name": "x", "url": url, "events": ["lead.created"]});
        let refused = owner.post(PATH, body).await.expect(400);
        assert!(
            refused.json["url"][0].is_string(),
            "{url}: {}",
            refused.text
        );
        let changed = owner
            .patch(&format!("{PATH}{}/", good["id"]), json!({"url": url}))
            .await;
        assert_eq!(changed.status, 400, "{url}");
    }
    for body in [
        json!({}),
        json!({"name": "", "url": "https://public.example/", "events": []}),
        json!({"name": ["x"], "url": {}, "events": 7}),
        json!({"name": "x".repeat(61), "url": "https://public.example/", "events": ["lead.exploded"]}),
        json!({"name": "a\u{0}b", "url": "https://public.example/\u{0}", "events": ["\u{0}"]}),
    ] {
        let refused = owner.post(PATH, body).await.expect(400);
        assert!(
            refused.json["name"].is_array() && refused.json["events"].is_array(),
            "{}",
            refused.text
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_owners_have_to_do_with_webhooks_and_have_so_many() {
    let (app, tenant, owner) = start("DATABASE_PER_TENANT", usual().await).await;
    let made = hook(&owner, "http://127.0.0.1:9/", &["lead.created"]).await;
    let path = format!("{PATH}{}/", made["id"]);
    for role in [Role::Member, Role::Manager] {
        let caller = app.member(&tenant, role).await;
        for path in [PATH, &path, &log_of(&made)] {
            caller.get(path).await.expect(403);
        }
        let body = json!({"name": "x", "url": "http://127.0.0.1:9/", "events": ["lead.created"]});
        caller.post(PATH, body).await.expect(403);
        caller.call("DELETE", &path).await.expect(403);
    }
    for _ in 1..20 {
        hook(&owner, "http://127.0.0.1:9/", &["lead.created"]).await;
    }
    let body = json!({"name": "x", "url": "http://127.0.0.1:9/", "events": ["lead.created"]});
    let refused = owner.post(PATH, body).await.expect(400);
    assert!(refused.text.contains("at most 20"), "{}", refused.text);
    let control = app.database.sql().await;
    let kept: i64 = control
        .query_one("SELECT count(*) FROM webhook_secret", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(kept, 20, "what was refused leaves no secret");
    let version = owner.get(&path).await.expect(200).header("etag").to_owned();
    let over = owner.with("if-match", "\"99\"");
    over.patch(&path, json!({"name": "y"})).await.expect(412);
    let over = owner.with("if-match", Box::leak(version.into_boxed_str()));
    over.patch(&path, json!({"name": "y"})).await.expect(200);
}
