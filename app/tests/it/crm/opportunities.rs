//! Opportunities: their shape, the moves of their stage on every path, their money and their history.

use super::{ACTIVITIES, OPPORTUNITIES, at, has, ids, refused, refused_on, start};
use serde_json::{Value, json};
use sindico_domain::crm::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn an_opportunity_has_the_contracts_fields_and_the_newest_comes_first() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let customer = t.customer().await;
        let body = json!({"customer": customer["id"], "title": "Fornecimento"});
        let created = t.owner.post(OPPORTUNITIES, body).await.expect(201);
        let sale = &created.json;
        has(
            sale,
            &[
                "id",
                "customer",
                "source_lead",
                "title",
                "stage",
                "amount",
                "expected_close_date",
                "created_at",
                "updated_at",
            ],
        );
        assert_eq!(
            (&sale["stage"], &sale["amount"]),
            (&json!("DISCOVERY"), &json!("0.00"))
        );
        assert_eq!(created.header("location"), at(OPPORTUNITIES, sale));
        let read = t.member.get(&at(OPPORTUNITIES, sale)).await.expect(200);
        assert_eq!(
            (&read.json, read.header("etag")),
            (sale, created.header("etag"))
        );
        let second = t.sale(json!({})).await;
        let list = t.member.get(OPPORTUNITIES).await.expect(200).json;
        assert_eq!(list, json!([second, sale]));

        let id = &customer["id"];
        for (body, field) in [
            (json!({"title": "x"}), "customer"),
            (json!({"customer": id}), "title"),
            (json!({"customer": id, "title": "x".repeat(201)}), "title"),
            (
                json!({"customer": id, "title": "x", "stage": "OPEN"}),
                "stage",
            ),
            (
                json!({"customer": id, "title": "x", "amount": "0.001"}),
                "amount",
            ),
            (
                json!({"customer": id, "title": "x", "amount": "1000000000000"}),
                "amount",
            ),
            (
                json!({"customer": id, "title": "x", "amount": -1}),
                "amount",
            ),
            (
                json!({"customer": id, "title": "x", "amount": null}),
                "amount",
            ),
            (
                json!({"customer": id, "title": "x", "probability": 101}),
                "probability",
            ),
            (
                json!({"customer": id, "title": "x", "expected_close_date": "2026-02-30"}),
                "expected_close_date",
            ),
        ] {
            refused_on(
                &t.owner.post(OPPORTUNITIES, body.clone()).await,
                field,
                &body.to_string(),
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_moves_of_a_stage_hold_by_put_patch_action_and_board() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        for &from in Stage::ALL {
            for &to in Stage::ALL {
                let what = format!("{} {from} -> {to}", t.model);
                let moves = from.next().contains(&to);
                for way in ["PATCH", "PUT", "stage", "move"] {
                    let what = format!("{what} by {way}");
                    let sale = t.sale(json!({"stage": from.as_str()})).await;
                    let path = at(OPPORTUNITIES, &sale);
                    let body = json!({"stage": to.as_str()});
                    let answer = match way {
                        "PATCH" => t.owner.patch(&path, body).await,
                        "PUT" => t.owner.put(&path, super::merged(sale.clone(), body)).await,
                        way => t.owner.post(&format!("{path}{way}/"), body).await,
                    };
                    // Only the action refuses what is so already.
                    if moves || (from == to && way != "stage") {
                        let after = answer.expect(200).json;
                        assert_eq!(after["stage"], to.as_str(), "{what}");
                        assert_eq!(after["closed_at"].is_null(), !to.is_final(), "{what}");
                        continue;
                    }
                    match way {
                        "PATCH" | "PUT" => refused_on(&answer, "stage", &what),
                        _ => refused(&answer, &what),
                    }
                    assert_eq!(t.read(OPPORTUNITIES, &sale).await, sale, "{what}");
                }
            }
        }
        let sale = t.sale(json!({})).await;
        let path = format!("{}stage/", at(OPPORTUNITIES, &sale));
        refused_on(&t.owner.post(&path, json!({})).await, "stage", "none");
        refused_on(
            &t.owner.post(&path, json!({"stage": "OPEN"})).await,
            "stage",
            "unknown",
        );
        let lost = json!({"stage": "LOST", "loss_reason": "Preço"});
        let lost = t.owner.post(&path, lost).await.expect(200).json;
        assert_eq!(lost["loss_reason"], "Preço");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn money_survives_every_round_trip() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        for (sent, kept) in [
            (json!("0.01"), "0.01"),
            (json!(0.01), "0.01"),
            (json!("999999999999.99"), "999999999999.99"),
            (json!(999_999_999_999.99), "999999999999.99"),
            (json!(999_999_999_999_u64), "999999999999.00"),
            (json!("1299.9"), "1299.90"),
            (json!(0.1), "0.10"),
            (json!(0), "0.00"),
            (json!("-0.00"), "0.00"),
            (json!("1e3"), "1000.00"),
        ] {
            let what = format!("{} {sent}", t.model);
            let sale = t.sale(json!({"amount": sent})).await;
            assert_eq!(sale["amount"], kept, "{what}");
            let path = at(OPPORTUNITIES, &sale);
            assert_eq!(t.read(OPPORTUNITIES, &sale).await["amount"], kept, "{what}");
            // Sent back as it was read, it is no change.
            let same = t.owner.put(&path, sale.clone()).await.expect(200);
            assert_eq!(same.json, sale, "{what}");
            let changed = t
                .owner
                .patch(&path, json!({"amount": "5.05"}))
                .await
                .expect(200);
            assert_eq!(changed.json["amount"], "5.05");
            let timeline = t
                .owner
                .get(&format!("{path}timeline/"))
                .await
                .expect(200)
                .json;
            assert_eq!(
                (
                    &timeline[0]["before"]["amount"],
                    &timeline[0]["after"]["amount"]
                ),
                (&json!(kept), &json!("5.05")),
                "{what}"
            );
            t.undo(timeline[0]["change_set"].as_i64().unwrap())
                .await
                .expect(200);
            assert_eq!(t.read(OPPORTUNITIES, &sale).await["amount"], kept, "{what}");
            let found = format!("{OPPORTUNITIES}?amount_min={kept}&amount_max={kept}");
            assert!(
                ids(&t.owner.get(&found).await.expect(200).json)
                    .contains(&sale["id"].as_i64().unwrap()),
                "{what}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opportunity_tells_its_activities() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let (sale, other) = (t.sale(json!({})).await, t.sale(json!({})).await);
        let mut made: Vec<Value> = Vec::new();
        for (title, of) in [("Ligar", &sale), ("Outra", &other), ("Visitar", &sale)] {
            made.push(
                t.make(ACTIVITIES, json!({"title": title, "opportunity": of["id"]}))
                    .await,
            );
        }
        let path = format!("{}history/", at(OPPORTUNITIES, &sale));
        let history = t.member.get(&path).await.expect(200).json;
        assert_eq!(
            history,
            json!({"opportunity": sale, "activities": [made[2], made[0]]})
        );
        t.owner
            .get(&format!("{OPPORTUNITIES}999999999/history/"))
            .await
            .expect(404);
    }
}
