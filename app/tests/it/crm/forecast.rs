//! The forecast: by month, by what stages count as, by probability, in money and not in fractions.

use super::{GOALS, refused_on, start, user_id};
use serde_json::{Value, json};

const FORECAST: &str = "/api/sales/forecast/";

fn sums(expected: &Value) -> [&str; 5] {
    ["won", "committed", "best_case", "pipeline", "weighted"]
        .map(|name| expected[name].as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn months_are_told_by_what_is_sure_and_what_is_likely() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        // The clock of the tests stands in November 2026.
        for (stage, amount, close, probability) in [
            ("DISCOVERY", "100.00", json!("2026-11-30"), json!(null)),
            ("PROPOSAL", "200.01", json!("2026-11-01"), json!(33)),
            ("NEGOTIATION", "300.00", json!("2026-12-15"), json!(null)),
            ("NEGOTIATION", "0.05", json!("2026-10-31"), json!(10)),
            ("PROPOSAL", "7.00", json!("2028-01-01"), json!(null)),
            ("PROPOSAL", "9.00", json!(null), json!(100)),
            ("WON", "50.00", json!("2026-09-01"), json!(null)),
            ("LOST", "999.00", json!("2026-11-30"), json!(null)),
        ] {
            let body = json!({"stage": stage, "amount": amount, "expected_close_date": close, "probability": probability});
            t.sale(body).await;
        }
        t.make(GOALS, json!({"year": 2026, "month": 11, "amount": "1000"}))
            .await;
        let told = t.member.get(FORECAST).await.expect(200).json;
        let months = told["months"].as_array().unwrap();
        assert_eq!(months.len(), 6);
        assert_eq!(
            (&months[0]["month"], &months[0]["goal"]),
            (&json!("2026-11"), &json!("1000.00"))
        );
        // 50 won; 20 per cent of 100; 33 of 200.01: 66.0033.
        assert_eq!(
            sums(&months[0]),
            ["50.00", "50.00", "250.01", "350.01", "136.00"]
        );
        assert_eq!(months[0]["open_total"], 2);
        assert_eq!(
            sums(&months[1]),
            ["0.00", "300.00", "300.00", "300.00", "225.00"]
        );
        assert_eq!(
            sums(&told["overdue"]),
            ["0.00", "0.05", "0.05", "0.05", "0.01"]
        );
        assert_eq!(
            sums(&told["later"]),
            ["0.00", "0.00", "7.00", "7.00", "3.50"]
        );
        assert_eq!(
            sums(&told["undated"]),
            ["0.00", "0.00", "9.00", "9.00", "9.00"]
        );

        let none = t
            .member
            .get(&format!("{FORECAST}?pipeline=99&months=2"))
            .await
            .expect(200)
            .json;
        assert_eq!(none["months"].as_array().unwrap().len(), 2);
        assert_eq!(sums(&none["months"][0]), ["0.00"; 5]);
        let me = user_id(&t.member).await;
        t.sale(json!({"owner": me, "amount": "1.00", "stage": "NEGOTIATION", "expected_close_date": "2026-11-23"})).await;
        let mine = t
            .member
            .get(&format!("{FORECAST}?owner={me}&months=1"))
            .await
            .expect(200)
            .json;
        assert_eq!(mine["months"][0]["committed"], "1.00", "{mine}");
        assert!(mine["months"][0]["goal"].is_null());
        for (query, field) in [
            ("months=0", "months"),
            ("months=25", "months"),
            ("owner=x", "owner"),
            ("opportunities=x", "opportunities"),
        ] {
            refused_on(
                &t.member.get(&format!("{FORECAST}?{query}")).await,
                field,
                query,
            );
        }
        // A condition is for who may read what it is about; a goal for who may read goals.
        let matrix =
            json!({"opportunities": {"GET": ["OWNER"]}, "sales_goals": {"GET": ["OWNER"]}});
        t.owner
            .put("/api/auth/tenant-rbac/", matrix)
            .await
            .expect(200);
        let tree =
            "%7B%22field%22%3A%22amount%22%2C%22op%22%3A%22gte%22%2C%22value%22%3A%22100%22%7D";
        let narrowed = format!("{FORECAST}?opportunities={tree}&months=1");
        let owners = t.owner.get(&narrowed).await.expect(200).json;
        assert_eq!(sums(&owners["months"][0])[3], "300.01");
        t.member.get(&narrowed).await.expect(403);
        assert!(t.member.get(FORECAST).await.expect(200).json["months"][0]["goal"].is_null());
    }
}
