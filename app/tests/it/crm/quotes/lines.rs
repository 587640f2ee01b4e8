//! Lines of quotes that copy of their products what they leave out.

use super::super::{Tenant, at, refused_on, start};
use super::{OPPORTUNITIES, PRODUCTS, act, draft};
use serde_json::{Value, json};

async fn product(t: &Tenant, more: Value) -> Value {
    let mut body = json!({"name": "Consultoria", "price": "180.00", "unit": "h"});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    t.make(PRODUCTS, body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_has_of_its_product_what_it_leaves_out() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let offered = product(t, json!({})).await;
        let id = &offered["id"];
        let lines = json!({"lines": [
            {"product": id, "quantity": "2"},
            {"product": id, "quantity": "1", "name": "Visita", "unit": "", "price": "50.00"},
            {"product": id, "quantity": "1", "price": "0.00"},
            {"name": "Frete", "quantity": "1", "price": "10.00"}]});
        let quote = draft(t, lines).await;
        let path = at(super::QUOTES, &quote);
        let told = |n: usize| {
            let line = &quote["lines"][n];
            ["name", "unit", "price"].map(|part| line[part].as_str().unwrap())
        };
        assert_eq!(told(0), ["Consultoria", "h", "180.00"]);
        assert_eq!(told(1), ["Visita", "", "50.00"]);
        assert_eq!(told(2), ["Consultoria", "h", "0.00"]);
        assert_eq!(told(3), ["Frete", "", "10.00"]);
        assert_eq!(quote["total"], "420.00");
        // A copy it is: what becomes of the product is another's business.
        let dearer = json!({"price": "999.00", "name": "Outra coisa"});
        let of = at(PRODUCTS, &offered);
        t.owner.patch(&of, dearer).await.expect(200);
        let read = t.owner.get(&path).await.expect(200).json;
        assert_eq!(read["lines"], quote["lines"]);
        // Whoever names it anew has what it is by now.
        let anew = json!({"lines": [{"product": id, "quantity": 1}]});
        let anew = t.owner.patch(&path, anew).await.expect(200).json;
        assert_eq!(anew["lines"][0]["name"], "Outra coisa");
        assert_eq!(anew["total"], "999.00");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_copied_of_a_product_that_is_not_offered() {
    let (_app, tenants) = start().await;
    // Of another company, with an id that this one has not come to.
    let mut foreign = Value::Null;
    for _ in 0..5 {
        foreign = product(&tenants[1], json!({})).await["id"].clone();
    }
    for (n, t) in tenants.iter().enumerate() {
        let active = product(t, json!({})).await;
        let retired = product(t, json!({"active": false})).await;
        let gone = product(t, json!({})).await;
        let bin = t.owner.call("DELETE", &at(PRODUCTS, &gone)).await;
        bin.expect(204);
        let quote = draft(
            t,
            json!({"lines": [{"product": active["id"], "quantity": 1}]}),
        )
        .await;
        let path = at(super::QUOTES, &quote);
        let mut wrong = vec![
            retired["id"].clone(),
            gone["id"].clone(),
            json!(999_999_999),
        ];
        if n == 0 {
            wrong.push(foreign.clone());
        }
        for id in &wrong {
            for line in [
                json!({"product": id, "quantity": 1}),
                json!({"product": id, "quantity": 1, "name": "x", "price": "1"}),
            ] {
                let refused = t
                    .owner
                    .patch(&path, json!({"lines": [line]}))
                    .await
                    .expect(400);
                let told = &refused.json["lines"]["0"];
                assert_eq!(told.as_object().unwrap().len(), 1, "{}", refused.text);
                assert!(told["product"].is_array(), "{}", refused.text);
            }
        }
        // Without a product a line says what it is, and by the page, too.
        let alone = t
            .owner
            .patch(&path, json!({"lines": [{"quantity": 1}]}))
            .await
            .expect(400);
        for part in ["name", "price"] {
            assert!(alone.json["lines"]["0"][part].is_array(), "{}", alone.text);
        }
        refused_on(
            &t.owner.patch(&path, json!({"lines": 7})).await,
            "lines",
            "no list",
        );
        // What a quote has of one that is retired by now it keeps, and a revision with it.
        let of = at(PRODUCTS, &active);
        t.owner
            .patch(&of, json!({"active": false}))
            .await
            .expect(200);
        let kept = json!({"valid_until": "2026-12-31", "lines": [
            {"product": active["id"], "quantity": 3, "name": "Consultoria", "price": "180.00", "unit": "h"}]});
        t.owner.patch(&path, kept).await.expect(200);
        let more = json!({"lines": [{"product": active["id"], "quantity": 3}]});
        t.owner.patch(&path, more).await.expect(400);
        act(&t.owner, &quote, "send").await.expect(200);
        let new = act(&t.owner, &quote, "revise").await.expect(201).json;
        assert_eq!(new["total"], "540.00");
        let sale = at(OPPORTUNITIES, &json!({"id": 999_999_999}));
        let nowhere = t
            .owner
            .post(&format!("{sale}quotes/"), json!({"lines": 7}))
            .await;
        nowhere.expect(404);
    }
}
