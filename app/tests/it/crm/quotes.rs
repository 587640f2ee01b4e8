//! Quotes: written, sent under a number, answered, and never changed; and products, of which they are made.

mod lines;
mod link;
mod pages;
mod shelf;

use super::{OPPORTUNITIES, Tenant, at, refused_on, start, undo_path, user_id};
use futures_util::future::join_all;
use serde_json::{Value, json};
use sindico_testkit::{Answer, Client};
use std::collections::BTreeSet;

const PRODUCTS: &str = "/api/products/";
const QUOTES: &str = "/api/quotes/";

fn change_set(answer: &Answer) -> i64 {
    answer.header("x-change-set").parse().unwrap()
}

fn content() -> Value {
    json!({"valid_until": "2026-12-31", "notes": "Olá", "terms": "50 % na entrega", "lines": [
        {"name": "Consultoria", "unit": "h", "quantity": "2.5", "price": "19.99", "discount": "12.5"},
        {"name": "Visita", "quantity": "1", "price": "100.00"}]})
}

/// A quote of a new sale.
async fn draft(t: &Tenant, body: Value) -> Value {
    let sale = at(
        OPPORTUNITIES,
        &t.sale(json!({"title": "Segredo da casa"})).await,
    );
    t.make(&format!("{sale}quotes/"), body).await
}

async fn act(caller: &Client, quote: &Value, what: &str) -> Answer {
    caller
        .post(&format!("{}{what}/", at(QUOTES, quote)), json!({}))
        .await
}

/// A quote that was sent, with the path of its link.
async fn sent(t: &Tenant) -> (Value, String) {
    let quote = draft(t, content()).await;
    let sent = act(&t.owner, &quote, "send").await.expect(200).json;
    let link = sent["link"].as_str().unwrap().to_owned();
    (sent, link)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quote_is_written_sent_and_never_changes() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let product = t
            .make(
                PRODUCTS,
                json!({"name": "Consultoria", "code": "C1", "price": "180.00", "unit": "h"}),
            )
            .await;
        let sale = at(OPPORTUNITIES, &t.sale(json!({})).await);
        let made = t
            .owner
            .post(&format!("{sale}quotes/"), content())
            .await
            .expect(201);
        let quote = &made.json;
        assert_eq!(
            (&quote["status"], &quote["number"]),
            (&json!("DRAFT"), &Value::Null)
        );
        // 2.5 x 19.99 less an eighth is 43.728125.
        assert_eq!(quote["total"], "143.73");
        let path = at(QUOTES, quote);
        assert_eq!(made.header("location"), path);
        let wrong = json!({"lines": [{"name": "x", "quantity": "1", "price": "1", "product": 999_999_999}]});
        let wrong = t.owner.patch(&path, wrong).await.expect(400);
        assert!(
            wrong.json["lines"]["0"]["product"].is_array(),
            "{}",
            wrong.text
        );
        let lines = json!({"lines": [{"name": "Consultoria", "quantity": 1, "price": "170", "product": product["id"]}]});
        let changed = t.owner.patch(&path, lines).await.expect(200);
        assert_eq!(changed.json["total"], "170.00");
        // The product's own price is another's business from then on.
        t.owner
            .patch(&at(PRODUCTS, &product), json!({"price": "999"}))
            .await
            .expect(200);
        assert_eq!(t.owner.get(&path).await.expect(200).json["total"], "170.00");

        // While it is written, all of it can be taken back.
        t.undo(change_set(&changed)).await.expect(200);
        assert_eq!(t.owner.get(&path).await.expect(200).json["total"], "143.73");
        let gone = t.owner.call("DELETE", &path).await.expect(204);
        t.owner.get(&path).await.expect(404);
        t.undo(change_set(&gone)).await.expect(200);
        assert_eq!(t.owner.get(&path).await.expect(200).json["total"], "143.73");

        // What is missing is told before it is sent.
        let empty = t.make(&format!("{sale}quotes/"), json!({})).await;
        let missing = act(&t.owner, &empty, "send").await.expect(400);
        assert!(
            missing.json["lines"].is_array() && missing.json["valid_until"].is_array(),
            "{}",
            missing.text
        );
        for what in ["accept", "cancel", "revise", "link"] {
            act(&t.owner, &empty, what).await.expect(409);
        }

        let sent = act(&t.owner, quote, "send").await.expect(200);
        assert_eq!(
            (&sent.json["status"], &sent.json["number"]),
            (&json!("SENT"), &json!(1))
        );
        assert!(sent.json["link"].as_str().unwrap().starts_with("/q/"));
        assert_eq!(sent.json["link_until"], "2026-12-31");
        // The link is told once, and what is kept opens nothing.
        let read = t.owner.get(&path).await.expect(200);
        assert!(read.json.get("link").is_none() && read.json["has_link"] == true);
        for answer in [
            t.owner.patch(&path, json!({"notes": "x"})).await,
            t.owner.call("DELETE", &path).await,
            act(&t.owner, quote, "send").await,
            t.undo(change_set(&sent)).await,
            t.undo(change_set(&made)).await,
        ] {
            assert_eq!(answer.status, 409, "{}", answer.text);
        }
        assert_eq!(t.owner.get(&path).await.expect(200).text, read.text);
        let timeline = t
            .owner
            .get(&format!("{sale}timeline/"))
            .await
            .expect(200)
            .json;
        assert_eq!(timeline[0]["action"], "quote.send");
        assert_eq!(timeline[0]["after"]["quote"]["label"], "1");

        // A revision stands in its place, with its number.
        let new = act(&t.owner, quote, "revise").await.expect(201).json;
        assert_eq!(
            (&new["number"], &new["revision"], &new["status"]),
            (&json!(1), &json!(2), &json!("DRAFT"))
        );
        assert_eq!(
            t.owner.get(&path).await.expect(200).json["status"],
            "REVISED"
        );
        act(&t.owner, quote, "revise").await.expect(409);
        // Deleted, it leaves the place, and another may take it.
        t.owner.call("DELETE", &at(QUOTES, &new)).await.expect(204);
        assert_eq!(t.owner.get(&path).await.expect(200).json["status"], "SENT");
        let new = act(&t.owner, quote, "revise").await.expect(201).json;
        act(&t.owner, &new, "send").await.expect(200);
        act(&t.owner, &new, "accept").await.expect(200);
        act(&t.owner, &new, "cancel").await.expect(409);
        // The sale takes the amount when somebody says so, and gives it back.
        assert_ne!(
            t.owner.get(&sale).await.expect(200).json["amount"],
            "143.73"
        );
        let given = act(&t.owner, &new, "amount").await.expect(200);
        assert_eq!(given.json["amount"], "143.73");
        t.undo(change_set(&given)).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_have_no_gaps_however_many_send_at_once() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let mut quotes = Vec::new();
        for n in 0..12 {
            // Some that can't be sent are among them.
            let body = if n % 4 == 3 { json!({}) } else { content() };
            quotes.push(draft(t, body).await);
        }
        let sent = join_all(quotes.iter().map(|quote| act(&t.owner, quote, "send"))).await;
        let numbers: BTreeSet<i64> = sent
            .iter()
            .filter(|answer| answer.status == 200)
            .map(|answer| answer.json["number"].as_i64().unwrap())
            .collect();
        assert_eq!(numbers, (1..=9).collect());
        // One is sent once, by however many.
        let one = draft(t, content()).await;
        let sent = join_all((0..6).map(|_| act(&t.owner, &one, "send"))).await;
        let statuses: Vec<u16> = sent.iter().map(|answer| answer.status).collect();
        assert_eq!(
            statuses.iter().filter(|status| **status == 200).count(),
            1,
            "{statuses:?}"
        );
        assert!(
            statuses.iter().all(|status| [200, 409].contains(status)),
            "{statuses:?}"
        );
        let (next, _) = self::sent(t).await;
        assert_eq!(next["number"], 11);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn quotes_are_seen_and_written_as_their_sale_is() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let (quote, _) = sent(t).await;
        let path = at(QUOTES, &quote);
        t.member.get(&path).await.expect(200);
        for what in ["send", "accept", "cancel", "revise", "link", "amount"] {
            act(&t.member, &quote, what).await.expect(403);
        }
        t.member.patch(&path, json!({})).await.expect(403);
        // Who sees only their own sales sees only their quotes.
        let owner = user_id(&t.owner).await;
        let sale = format!("{OPPORTUNITIES}{}/", quote["opportunity"]);
        t.owner
            .patch(&sale, json!({"owner": owner}))
            .await
            .expect(200);
        let rule = json!({"opportunities": {"SCOPE": {"MANAGER": "own"}}});
        t.owner
            .patch("/api/auth/tenant-rbac/", rule)
            .await
            .expect(200);
        t.manager.get(&path).await.expect(404);
        t.manager.get(&format!("{sale}quotes/")).await.expect(404);
        act(&t.manager, &quote, "cancel").await.expect(404);
        assert_eq!(t.manager.get(QUOTES).await.expect(200).json, json!([]));
        let timeline = t
            .owner
            .get(&format!("{sale}timeline/"))
            .await
            .expect(200)
            .json;
        let set = timeline[0]["change_set"].as_i64().unwrap();
        t.manager.post(&undo_path(set), json!({})).await.expect(404);
        t.owner
            .patch(&sale, json!({"owner": user_id(&t.manager).await}))
            .await
            .expect(200);
        t.manager.get(&path).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn products_are_made_changed_and_taken_back() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let body = json!({"name": "Pão", "code": "P-1", "price": "1.50", "unit": "kg"});
        let made = t.owner.post(PRODUCTS, body).await.expect(201);
        let path = at(PRODUCTS, &made.json);
        let taken = t
            .owner
            .post(PRODUCTS, json!({"name": "Outro", "code": "p-1"}))
            .await;
        refused_on(&taken, "code", "a code that is taken");
        t.make(PRODUCTS, json!({"name": "Sem código"})).await;
        t.make(PRODUCTS, json!({"name": "Também sem"})).await;
        let found = t
            .owner
            .get(&format!("{PRODUCTS}?q=PÃO"))
            .await
            .expect(200)
            .json;
        assert_eq!(found.as_array().unwrap().len(), 1);
        let etag = made.header("etag").to_owned();
        t.owner
            .patch(&path, json!({"price": "2.00"}))
            .await
            .expect(200);
        let stale = t
            .owner
            .with("if-match", &etag)
            .patch(&path, json!({"price": "3"}))
            .await;
        assert_eq!(stale.status, 412);
        let undo = format!("{path}undo/");
        let back = t.owner.post(&undo, json!({})).await.expect(200);
        assert_eq!(back.json["price"], "1.50");
        let again = t.owner.post(&undo, json!({})).await.expect(200);
        assert_eq!(again.json["price"], "2.00");
        t.owner.call("DELETE", &path).await.expect(204);
        t.owner.get(&path).await.expect(404);
        // Its code is free meanwhile; while another has it, it does not come back.
        let other = t
            .make(PRODUCTS, json!({"name": "Outro", "code": "p-1"}))
            .await;
        refused_on(
            &t.owner.post(&undo, json!({})).await,
            "code",
            "taken meanwhile",
        );
        t.owner
            .call("DELETE", &at(PRODUCTS, &other))
            .await
            .expect(204);
        t.owner.post(&undo, json!({})).await.expect(200);
        let history = t
            .owner
            .get(&format!("{path}history/"))
            .await
            .expect(200)
            .json;
        let actions: Vec<&str> = history
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["action"].as_str().unwrap())
            .collect();
        assert_eq!(
            actions,
            ["undo", "delete", "undo", "undo", "update", "create"]
        );
        // By default members read, managers write, owners delete.
        t.member.get(&path).await.expect(200);
        t.member
            .patch(&path, json!({"price": "1"}))
            .await
            .expect(403);
        t.manager
            .patch(&path, json!({"price": "1"}))
            .await
            .expect(200);
        t.manager.call("DELETE", &path).await.expect(403);
        for (wrong, field) in [
            (json!({}), "name"),
            (json!({"name": "x", "price": "-1"}), "price"),
        ] {
            refused_on(&t.owner.post(PRODUCTS, wrong).await, field, field);
        }
    }
}
