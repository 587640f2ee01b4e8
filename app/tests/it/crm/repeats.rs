//! `Idempotency-Key`: on every creation and every action a repeated request has no second effect.

use super::{ACTIVITIES, CUSTOMERS, GOALS, LEADS, OPPORTUNITIES, at, ids, merged, start, tenant};
use serde_json::{Value, json};
use sindico_testkit::Client;

/// Asks twice with one key, then for something else with it.
async fn twice(caller: &Client, key: &str, path: &str, body: Value) -> Value {
    let keyed = caller.with("idempotency-key", key);
    let first = keyed.post(path, body.clone()).await;
    assert!((200..300).contains(&first.status), "{path}: {}", first.text);
    assert_eq!(first.header("idempotency-replayed"), "", "{path}");
    let again = keyed.post(path, body.clone()).await;
    assert_eq!(
        (again.status, &again.json),
        (first.status, &first.json),
        "{path}"
    );
    assert_eq!(again.header("idempotency-replayed"), "true", "{path}");
    for name in ["etag", "location"] {
        assert_eq!(again.header(name), first.header(name), "{path} {name}");
    }
    keyed
        .post(path, merged(body, json!({"other": 1})))
        .await
        .expect(422);
    first.json
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_creation_or_action_has_one_effect_and_one_answer() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let o = &t.owner;
        let customer = twice(
            o,
            "c",
            CUSTOMERS,
            json!({"name": "Ana", "email": "ana@example.com"}),
        )
        .await;
        let lead = twice(
            o,
            "l",
            LEADS,
            json!({"source": "site", "customer": customer["id"]}),
        )
        .await;
        let sale = twice(
            o,
            "o",
            OPPORTUNITIES,
            json!({"customer": customer["id"], "title": "Venda"}),
        )
        .await;
        let body =
            json!({"title": "Ligar", "lead": lead["id"], "reminder_at": "2026-11-23T10:00:00Z"});
        let activity = twice(o, "a", ACTIVITIES, body).await;
        let goal = twice(
            o,
            "g",
            GOALS,
            json!({"year": 2026, "month": 1, "amount": "1"}),
        )
        .await;
        let lost = t.lead(json!({})).await;
        for (n, (path, record, action, body)) in [
            (LEADS, &lead, "qualify", json!({})),
            (LEADS, &lead, "convert", json!({})),
            (LEADS, &lost, "disqualify", json!({})),
            (OPPORTUNITIES, &sale, "stage", json!({"stage": "PROPOSAL"})),
            (
                OPPORTUNITIES,
                &sale,
                "move",
                json!({"stage": "NEGOTIATION"}),
            ),
            (ACTIVITIES, &activity, "mark-reminded", json!({})),
            (ACTIVITIES, &activity, "complete", json!({})),
            (ACTIVITIES, &activity, "reopen", json!({})),
        ]
        .into_iter()
        .enumerate()
        {
            twice(
                o,
                &format!("act-{n}"),
                &format!("{}{action}/", at(path, record)),
                body,
            )
            .await;
        }
        assert_eq!(ids(&o.get(OPPORTUNITIES).await.json).len(), 2);
        let gone = t.lead(json!({})).await;
        for (path, record) in [(LEADS, &gone), (CUSTOMERS, &customer), (GOALS, &goal)] {
            t.delete(path, record).await;
            twice(
                o,
                &format!("restore-{path}"),
                &format!("{}restore/", at(path, record)),
                json!({}),
            )
            .await;
        }
        let set = t.latest(LEADS, &gone).await;
        twice(o, "undo", &super::undo_path(set), json!({})).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_request_leaves_its_key_free() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let keyed = t.owner.with("idempotency-key", "k");
        keyed.post(LEADS, json!({})).await.expect(400);
        keyed
            .post(LEADS, json!({"source": "site"}))
            .await
            .expect(201);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_one_tenant_or_caller_means_nothing_to_another() {
    let (app, tenants) = start().await;
    for t in &tenants {
        let other = tenant(&app, t.model).await;
        // One user in both tenants.
        let username = t.owner.get("/api/auth/me/").await.json["username"]
            .as_str()
            .unwrap()
            .to_owned();
        sindico_testkit::join(
            &app.store,
            &other.code,
            &username,
            sindico_domain::access::Role::Owner,
        )
        .await;
        let here = t.owner.with("idempotency-key", "k");
        let there = here.tenant(&other.code);
        let body = json!({"source": "site", "name": t.code});
        here.post(LEADS, body.clone()).await.expect(201);
        for caller in [&there, &t.manager.with("idempotency-key", "k")] {
            let answer = caller.post(LEADS, body.clone()).await.expect(201);
            assert_eq!(answer.header("idempotency-replayed"), "");
        }
        there
            .post(LEADS, json!({"source": "other"}))
            .await
            .expect(422);
        assert_eq!(ids(&other.owner.get(LEADS).await.json).len(), 1);
        assert_eq!(ids(&t.owner.get(LEADS).await.json).len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_key_sent_six_times_at_once_converts_once_for_all() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let lead = t
            .lead(json!({"status": "QUALIFIED", "email": "ana@example.com"}))
            .await;
        let path = format!("{}convert/", at(LEADS, &lead));
        let keyed = t.owner.with("idempotency-key", "k");
        let answers =
            futures_util::future::join_all((0..6).map(|_| keyed.post(&path, json!({})))).await;
        for answer in &answers {
            assert_eq!(
                (answer.status, &answer.json),
                (201, &answers[0].json),
                "{}",
                answer.text
            );
        }
        let replayed = answers
            .iter()
            .filter(|a| a.header("idempotency-replayed") == "true")
            .count();
        assert_eq!(
            (replayed, ids(&t.owner.get(OPPORTUNITIES).await.json).len()),
            (5, 1)
        );
    }
}
