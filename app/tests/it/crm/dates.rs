//! Days are those of the company's people: between 21:00 and midnight in São Paulo it is tomorrow in
//! UTC already, and no date may shift for that.

use super::{ACTIVITIES, GOALS, OPPORTUNITIES, Tenant, at, ids, merged, start_at};
use jiff::Timestamp;
use serde_json::{Value, json};

fn at_half_past_nine() -> Timestamp {
    "2026-11-24T00:30:00Z".parse().unwrap()
}

fn before_midnight() -> Timestamp {
    "2026-11-24T02:59:59Z".parse().unwrap()
}

fn at_midnight() -> Timestamp {
    "2026-11-24T03:00:00Z".parse().unwrap()
}

/// The last second of November in São Paulo.
fn before_december() -> Timestamp {
    "2026-12-01T02:59:59Z".parse().unwrap()
}

async fn due(t: &Tenant, instants: &[&str]) {
    let lead = t.lead(json!({})).await;
    let me = super::user_id(&t.owner).await;
    for due_at in instants {
        t.make(
            ACTIVITIES,
            json!({"title": due_at, "lead": lead["id"], "due_at": due_at, "assigned_to": me}),
        )
        .await;
    }
}

async fn summary(t: &Tenant) -> Value {
    t.owner
        .get("/api/dashboard/summary/")
        .await
        .expect(200)
        .json
}

#[tokio::test(flavor = "multi_thread")]
async fn today_is_the_day_in_sao_paulo() {
    // The 22nd's last second, the 23rd's first and last, the 24th's first and last.
    let instants = [
        "2026-11-23T02:59:59Z",
        "2026-11-23T03:00:00Z",
        "2026-11-24T02:59:59Z",
        "2026-11-24T03:00:00Z",
        "2026-11-25T02:59:59Z",
    ];
    for (clock, today, agenda) in [
        (at_half_past_nine as fn() -> Timestamp, "2026-11-23", 3),
        (before_midnight, "2026-11-23", 3),
        (at_midnight, "2026-11-24", 5),
    ] {
        let (_app, tenants) = start_at(clock).await;
        for t in &tenants {
            due(t, &instants).await;
            let page = summary(t).await;
            assert_eq!(page["today"], today, "{}", t.model);
            assert_eq!(page["activities"]["due_today_total"], 2);
            assert_eq!(page["agenda"].as_array().unwrap().len(), agenda);
            let metrics = t.owner.get("/api/sales/metrics/").await.expect(200).json;
            assert_eq!(metrics["activities"]["due_today_total"], 2);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_ends_at_midnight_in_sao_paulo() {
    let (_app, tenants) = start_at(before_december).await;
    for t in &tenants {
        for month in [11, 12] {
            t.make(
                GOALS,
                json!({"year": 2026, "month": month, "amount": month}),
            )
            .await;
        }
        for (amount, closed_at) in [
            ("1", "2026-11-01T02:59:59Z"),
            ("2", "2026-11-01T03:00:00Z"),
            ("4", "2026-12-01T02:59:59Z"),
            ("8", "2026-12-01T03:00:00Z"),
        ] {
            let sale = t.sale(json!({"stage": "WON", "amount": amount})).await;
            t.sql(&format!("UPDATE opportunity SET closed_at = '{closed_at}' WHERE id = {} AND company_id = $1", sale["id"])).await;
        }
        let page = summary(t).await;
        assert_eq!(page["today"], "2026-11-30");
        let month = &page["month"];
        assert_eq!(
            (&month["month"], &month["company"]),
            (
                &json!(11),
                &json!({"won_total": 2, "won_value": "6.00", "goal": "11.00"})
            )
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_period_of_metrics_begins_and_ends_at_midnight_in_sao_paulo() {
    let (_app, tenants) = start_at(before_midnight).await;
    for t in &tenants {
        for created in [
            "2026-11-23T02:59:59Z",
            "2026-11-23T03:00:00Z",
            "2026-11-24T02:59:59.999999Z",
            "2026-11-24T03:00:00Z",
        ] {
            for (table, record) in [
                ("lead", t.lead(json!({})).await),
                ("opportunity", t.sale(json!({})).await),
            ] {
                t.sql(&format!(
                    "UPDATE {table} SET created_at = '{created}' WHERE id = {} AND company_id = $1",
                    record["id"]
                ))
                .await;
            }
        }
        for (query, expected) in [
            ("from=2026-11-23&to=2026-11-23", 2),
            ("to=2026-11-22", 1),
            ("to=2026-11-23", 3),
            ("from=2026-11-23", 3),
            ("from=2026-11-24", 1),
            ("from=2026-11-22&to=2026-11-24", 4),
        ] {
            let metrics = t
                .owner
                .get(&format!("/api/sales/metrics/?{query}"))
                .await
                .expect(200)
                .json;
            assert_eq!(
                (
                    &metrics["lead_funnel"]["NEW"],
                    &metrics["opportunity_funnel"]["DISCOVERY"]
                ),
                (&json!(expected), &json!(expected)),
                "{query}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_goes_in_and_out_as_it_is() {
    let (_app, tenants) = start_at(at_half_past_nine).await;
    for t in &tenants {
        for day in [
            "2026-11-23",
            "2026-11-24",
            "2026-12-31",
            "2027-01-01",
            "2028-02-29",
            "0001-01-01",
            "9999-12-31",
            // A day on which São Paulo's clocks once went forward at midnight.
            "2018-11-04",
        ] {
            let sale = t.sale(json!({"expected_close_date": day})).await;
            assert_eq!(sale["expected_close_date"], day);
            let path = at(OPPORTUNITIES, &sale);
            t.owner
                .patch(&path, json!({"expected_close_date": null}))
                .await
                .expect(200);
            let set = t.latest(OPPORTUNITIES, &sale).await;
            let told = t
                .owner
                .get(&format!("/api/changes/{set}/"))
                .await
                .expect(200)
                .json;
            assert_eq!(told[0]["before"]["expected_close_date"], day);
            t.undo(set).await.expect(200);
            let read = t.read(OPPORTUNITIES, &sale).await;
            assert_eq!(read["expected_close_date"], day);
            t.owner
                .put(&path, merged(read, json!({"title": "x"})))
                .await
                .expect(200);
            let found = t
                .owner
                .get(&format!(
                    "{OPPORTUNITIES}?expected_close_date_from={day}&expected_close_date_to={day}"
                ))
                .await
                .expect(200)
                .json;
            assert_eq!(
                (ids(&found), &found[0]["expected_close_date"]),
                (vec![sale["id"].as_i64().unwrap()], &json!(day))
            );
            t.delete(OPPORTUNITIES, &sale).await;
        }
        let lead = t.lead(json!({})).await;
        let activity = t
            .make(
                ACTIVITIES,
                json!({"title": "x", "lead": lead["id"], "due_at": "2026-11-23T23:30:00-03:00"}),
            )
            .await;
        assert_eq!(activity["due_at"], "2026-11-24T02:30:00Z");
    }
}
