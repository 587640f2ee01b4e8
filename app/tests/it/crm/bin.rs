//! The bin: where deleted records are, and how they come back.

use super::{ACTIVITIES, CUSTOMERS, GOALS, LEADS, OPPORTUNITIES, at, merged, refused_on, start};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_is_in_the_bin_and_comes_back_as_it_was() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let (customer, lead) = (
            t.customer().await,
            t.lead(json!({"company": "Padaria"})).await,
        );
        let sale = t.sale(json!({"amount": "0.01"})).await;
        let activity = t
            .make(
                ACTIVITIES,
                json!({"title": "Ligar", "opportunity": sale["id"]}),
            )
            .await;
        let goal = t
            .make(GOALS, json!({"year": 2026, "month": 3, "amount": "1"}))
            .await;
        let all = [
            (CUSTOMERS, "customer", &customer, customer["name"].clone()),
            (LEADS, "lead", &lead, json!("Padaria")),
            (OPPORTUNITIES, "opportunity", &sale, json!("Venda")),
            (ACTIVITIES, "activity", &activity, json!("Ligar")),
            (GOALS, "sales_goal", &goal, json!("2026-03")),
        ];
        assert_eq!(t.member.get("/api/bin/").await.expect(200).json, json!([]));
        for (path, _, record, _) in &all {
            t.manager
                .call("DELETE", &at(path, record))
                .await
                .expect(403);
            t.delete(path, record).await;
            for method in ["GET", "DELETE"] {
                t.owner.call(method, &at(path, record)).await.expect(404);
            }
            t.owner
                .patch(&at(path, record), json!({}))
                .await
                .expect(404);
            let list = super::ids(&t.owner.get(path).await.json);
            assert!(!list.contains(&record["id"].as_i64().unwrap()), "{path}");
        }
        let binned = t.member.get("/api/bin/").await.expect(200).json;
        let told: Vec<Value> = binned
            .as_array()
            .unwrap()
            .iter()
            .map(|b| json!([b["kind"], b["id"], b["title"]]))
            .collect();
        let expected: Vec<Value> = all
            .iter()
            .rev()
            .map(|(_, kind, record, title)| json!([kind, record["id"], title]))
            .collect();
        assert_eq!(told, expected, "the latest first");
        assert!(binned[0]["deleted_at"].is_string());
        assert_eq!(
            super::walk(&t.member, "/api/bin/?limit=2").await,
            super::ids(&binned)
        );

        let roles = json!({"leads": {"GET": ["OWNER"]}});
        t.owner
            .put("/api/auth/tenant-rbac/", roles)
            .await
            .expect(200);
        let kinds = t.member.get("/api/bin/").await.expect(200);
        assert!(!kinds.text.contains("\"lead\""), "{}", kinds.text);
        for (path, _, record, _) in &all {
            let restore = format!("{}restore/", at(path, record));
            t.member.post(&restore, json!({})).await.expect(403);
            let back = t.owner.post(&restore, json!({})).await.expect(200).json;
            let same = merged((*record).clone(), json!({"updated_at": back["updated_at"]}));
            assert_eq!(back, same, "{path}");
            assert_eq!(t.read(path, record).await, same);
            t.owner.post(&restore, json!({})).await.expect(404);
        }
        assert_eq!(t.owner.get("/api/bin/").await.expect(200).json, json!([]));
        t.owner
            .post(&format!("{LEADS}999999999/restore/"), json!({}))
            .await
            .expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_whose_address_was_taken_meanwhile_does_not_come_back() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let body = json!({"name": "Ana", "email": "ana@example.com"});
        let first = t.make(CUSTOMERS, body.clone()).await;
        t.delete(CUSTOMERS, &first).await;
        let second = t
            .make(CUSTOMERS, merged(body, json!({"email": "Ana@Example.com"})))
            .await;
        let restore = format!("{}restore/", at(CUSTOMERS, &first));
        refused_on(&t.owner.post(&restore, json!({})).await, "email", "restore");
        let page = format!("/customers/{}/restore/", first["id"]);
        let told = t.owner.post(&page, json!({})).await.expect(400);
        assert!(
            told.text.contains("Outro cliente já tem este e-mail."),
            "{}",
            told.text
        );
        assert!(!told.text.contains("email:"), "{}", told.text);
        t.delete(CUSTOMERS, &second).await;
        t.owner.post(&restore, json!({})).await.expect(200);
    }
}
