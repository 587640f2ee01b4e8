//! Custom fields as they are set up: made, changed, put in order, retired, taken back, and never too many.

use super::{FIELDS, LEADS, at, ids, refused_on, set_of, sizes, start};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_definition_is_made_changed_and_taken_back() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let body =
            json!({"kind": "lead", "label": "Área (m²)", "type": "DECIMAL", "on_card": true});
        let request = |body: Value| {
            let request = t.manager.request("POST".parse().unwrap(), FIELDS);
            request.header("idempotency-key", "once").json(&body)
        };
        let made = t.manager.send(request(body.clone())).await.expect(201);
        let again = t.manager.send(request(body)).await.expect(201);
        assert_eq!(made.json, again.json);
        let made = made.json;
        assert_eq!(
            (&made["key"], &made["version"]),
            (&json!("area_m2"), &json!(1))
        );
        let list = t.member.get(FIELDS).await.expect(200).json;
        assert_eq!(ids(&list).len(), 1);
        for (method, path) in [
            ("POST", FIELDS.to_owned()),
            ("PATCH", at(FIELDS, &made)),
            ("DELETE", at(FIELDS, &made)),
        ] {
            t.member.call(method, &path).await.expect(403);
        }
        let path = at(FIELDS, &made);
        let etag = t
            .owner
            .get(&path)
            .await
            .expect(200)
            .header("etag")
            .to_owned();
        let changed = t
            .owner
            .patch(&path, json!({"label": "Área", "required": true}))
            .await
            .expect(200);
        assert_eq!(
            (&changed.json["label"], &changed.json["version"]),
            (&json!("Área"), &json!(2))
        );
        let stale = t
            .owner
            .request("PATCH".parse().unwrap(), &path)
            .header("if-match", &etag);
        t.owner
            .send(stale.json(&json!({"help": "x"})))
            .await
            .expect(412);
        for (body, field) in [
            (json!({"key": "b"}), "key"),
            (json!({"type": "TEXT"}), "type"),
            (json!({"kind": "customer"}), "kind"),
            (json!({"label": ""}), "label"),
            (json!({"options": ["a"]}), "options"),
            (json!({"searchable": true}), "searchable"),
        ] {
            refused_on(&t.owner.patch(&path, body).await, field, field);
        }
        let history = t
            .member
            .get("/api/custom-fields/history/")
            .await
            .expect(200)
            .json;
        assert_eq!(history[0]["before"]["label"], "Área (m²)");
        t.undo(set_of(&changed)).await.expect(200);
        let now = t.owner.get(&path).await.expect(200).json;
        assert_eq!(
            (&now["label"], &now["required"]),
            (&json!("Área (m²)"), &json!(false))
        );
        // Pipelines tell theirs alone.
        let others = t
            .owner
            .get("/api/pipelines/history/")
            .await
            .expect(200)
            .json;
        assert!(
            others
                .as_array()
                .unwrap()
                .iter()
                .all(|one| one["what"] != "custom_field")
        );
        t.owner.get("/api/custom-fields/999/").await.expect(404);
        t.owner
            .patch("/api/custom-fields/999/", json!({"label": ""}))
            .await
            .expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_once_at_the_limit_are_one_too_many() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        for n in 1..50 {
            t.field("activity", &format!("Campo {n}"), "TEXT", json!({}))
                .await;
        }
        let make = |label: &'static str| {
            t.owner.post(
                FIELDS,
                json!({"kind": "activity", "label": label, "type": "TEXT"}),
            )
        };
        let (a, b, c) = tokio::join!(make("A"), make("B"), make("C"));
        let mut states = [a.status, b.status, c.status];
        states.sort_unstable();
        assert_eq!(states, [201, 400, 400]);
        let list = t
            .owner
            .get("/api/custom-fields/?kind=activity")
            .await
            .expect(200)
            .json;
        assert_eq!(ids(&list).len(), 50);
        t.field("lead", "Ainda", "TEXT", json!({})).await;
        // Two of one label at once are one.
        let twin = || {
            t.owner.post(
                FIELDS,
                json!({"kind": "customer", "label": "Gêmeo", "type": "TEXT"}),
            )
        };
        let (a, b) = tokio::join!(twin(), twin());
        assert_eq!(a.status.min(b.status), 201);
        refused_on(if a.status == 400 { &a } else { &b }, "label", "twins");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_are_put_in_order_and_back() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let mut made = Vec::new();
        for label in ["A", "B", "C"] {
            made.push(
                t.field("customer", label, "TEXT", json!({})).await["id"]
                    .as_i64()
                    .unwrap(),
            );
        }
        let path = "/api/custom-fields/order/";
        let turned: Vec<i64> = made.iter().rev().copied().collect();
        let ordered = t
            .manager
            .post(path, json!({"kind": "customer", "ids": turned}))
            .await
            .expect(200);
        assert_eq!(ids(&ordered.json), turned);
        for wrong in [
            json!([made[0]]),
            json!([made[0], made[0], made[1]]),
            json!("x"),
        ] {
            refused_on(
                &t.owner
                    .post(path, json!({"kind": "customer", "ids": wrong}))
                    .await,
                "ids",
                "ids",
            );
        }
        t.member
            .post(path, json!({"kind": "customer", "ids": made}))
            .await
            .expect(403);
        t.undo(set_of(&ordered)).await.expect(200);
        assert_eq!(ids(&t.owner.get(FIELDS).await.expect(200).json), made);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_option_in_use_is_retired_and_stays() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let field = t.field("lead", "Tamanho", "CHOICE", sizes()).await;
        let several = t.field("lead", "Vários", "MULTI_CHOICE", sizes()).await;
        let lead = t
            .lead(json!({"custom_fields": {"tamanho": "P", "varios": ["P"]}}))
            .await;
        let other = t.lead(json!({})).await;
        for one in [&field, &several] {
            let left = json!({"options": [{"value": "G", "label": "Grande"}]});
            refused_on(
                &t.owner.patch(&at(FIELDS, one), left).await,
                "options",
                "in use",
            );
            let retired = json!({"options": [{"value": "P", "label": "Pequeno", "retired": true}, {"value": "G", "label": "Grande"}]});
            t.owner.patch(&at(FIELDS, one), retired).await.expect(200);
        }
        assert_eq!(
            t.told(LEADS, &lead).await,
            json!({"tamanho": "P", "varios": ["P"]})
        );
        t.tell(LEADS, &lead, json!({"tamanho": "P", "varios": ["P", "G"]}))
            .await
            .expect(200);
        let refused = t
            .tell(LEADS, &other, json!({"tamanho": "P", "varios": ["P"]}))
            .await
            .expect(400)
            .json;
        assert!(
            refused["custom_fields"]["tamanho"].is_array()
                && refused["custom_fields"]["varios"].is_array()
        );
        // What nobody has may go.
        t.tell(LEADS, &lead, json!({"tamanho": "G", "varios": ["G"]}))
            .await
            .expect(200);
        t.owner
            .patch(
                &at(FIELDS, &field),
                json!({"options": [{"value": "G", "label": "Grande"}]}),
            )
            .await
            .expect(200);
    }
}
