//! Metrics and the start page, against numbers of what the test made.

use super::{ACTIVITIES, GOALS, LEADS, OPPORTUNITIES, Tenant, at, refused_on, start, user_id};
use serde_json::{Value, json};

const METRICS: &str = "/api/sales/metrics/";

async fn metrics(t: &Tenant, query: &str) -> Value {
    t.member
        .get(&format!("{METRICS}{query}"))
        .await
        .expect(200)
        .json
}

/// Six leads, seven sales and eight activities, some of them the manager's.
async fn filled(t: &Tenant) -> i64 {
    let manager = user_id(&t.manager).await;
    for (status, whose) in [
        ("NEW", None),
        ("NEW", Some(manager)),
        ("QUALIFIED", None),
        ("DISQUALIFIED", None),
        ("CONVERTED", Some(manager)),
        ("CONVERTED", None),
    ] {
        t.lead(json!({"status": status, "owner": whose})).await;
    }
    for (stage, amount, whose) in [
        ("DISCOVERY", "0.01", None),
        ("DISCOVERY", "999999999999.99", Some(manager)),
        ("PROPOSAL", "10.50", None),
        ("NEGOTIATION", "0.10", Some(manager)),
        ("WON", "500.00", Some(manager)),
        ("WON", "70.25", None),
        ("LOST", "3.00", None),
    ] {
        t.sale(json!({"stage": stage, "amount": amount, "owner": whose}))
            .await;
    }
    let lead = t.lead(json!({})).await;
    for (priority, more) in [
        ("LOW", json!({})),
        (
            "MEDIUM",
            json!({"due_at": "2026-11-23T11:59:59Z", "assigned_to": manager}),
        ),
        ("HIGH", json!({"due_at": "2026-11-23T12:00:00Z"})),
        (
            "HIGH",
            json!({"due_at": "2026-11-24T02:59:59Z", "reminder_at": "2026-11-23T12:00:00Z"}),
        ),
        (
            "URGENT",
            json!({"due_at": "2026-11-24T03:00:00Z", "reminder_at": "2026-11-23T12:00:01Z"}),
        ),
        (
            "URGENT",
            json!({"due_at": "2026-11-23T02:59:59Z", "reminder_at": "2026-11-23T01:00:00Z", "assigned_to": manager}),
        ),
        (
            "URGENT",
            json!({"status": "DONE", "due_at": "2026-11-23T02:00:00Z"}),
        ),
        ("LOW", json!({"status": "CANCELED"})),
    ] {
        let mut body = json!({"title": "x", "lead": lead["id"], "priority": priority});
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        t.make(ACTIVITIES, body).await;
    }
    t.delete(LEADS, &lead).await;
    manager
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_count_what_there_is() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let empty = metrics(t, "").await;
        assert_eq!(
            empty["conversion"],
            json!({"lead_to_opportunity_rate": "0.00", "opportunity_win_rate": "0.00"})
        );
        assert_eq!(empty["pipeline_value"], "0.00");
        let manager = filled(t).await;
        let all = metrics(t, "").await;
        assert_eq!(
            all,
            json!({
                "tenant_code": t.code, "period": {"from": null, "to": null},
                "lead_funnel": {"NEW": 2, "QUALIFIED": 1, "DISQUALIFIED": 1, "CONVERTED": 2},
                "opportunity_funnel": {"DISCOVERY": 2, "PROPOSAL": 1, "NEGOTIATION": 1, "WON": 2, "LOST": 1},
                "activities": {"open_total": 6, "overdue_total": 2, "due_today_total": 3, "reminders_due_total": 2, "sla_breached_total": 0},
                "activities_by_priority": {"LOW": 1, "MEDIUM": 1, "HIGH": 2, "URGENT": 2},
                "pipeline_value": "1000000000010.60",
                "conversion": {"lead_to_opportunity_rate": "33.33", "opportunity_win_rate": "66.67"},
            })
        );
        let mine = metrics(t, &format!("?assigned_to={manager}")).await;
        assert_eq!(
            mine["lead_funnel"],
            json!({"NEW": 1, "QUALIFIED": 0, "DISQUALIFIED": 0, "CONVERTED": 1})
        );
        assert_eq!(
            mine["opportunity_funnel"],
            json!({"DISCOVERY": 1, "PROPOSAL": 0, "NEGOTIATION": 1, "WON": 1, "LOST": 0})
        );
        assert_eq!(
            (
                &mine["activities"]["open_total"],
                &mine["activities"]["overdue_total"]
            ),
            (&json!(2), &json!(2))
        );
        assert_eq!(
            (
                &mine["pipeline_value"],
                &mine["conversion"]["opportunity_win_rate"]
            ),
            (&json!("1000000000000.09"), &json!("100.00"))
        );
        assert_eq!(
            metrics(t, "?from=2000-01-01&to=2999-12-31").await["lead_funnel"],
            all["lead_funnel"]
        );
        for nothing in [
            "?to=2000-01-01",
            "?from=2999-01-01",
            "?from=0001-01-01&to=0001-01-01",
            "?from=9999-12-31&to=9999-12-31",
            "?assigned_to=999999999",
        ] {
            let none = metrics(t, nothing).await;
            assert_eq!(
                (
                    &none["lead_funnel"]["NEW"],
                    &none["activities"]["open_total"]
                ),
                (&json!(0), &json!(0)),
                "{nothing}"
            );
        }
        assert_eq!(
            metrics(t, "?from=2026-02-01&to=2026-02-28").await["period"],
            json!({"from": "2026-02-01", "to": "2026-02-28"})
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_periods_are_refused_by_name() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        for (query, field) in [
            ("from=2026-02-30", "from"),
            ("from=01/02/2026", "from"),
            ("from=2026-02-01T00:00:00Z", "from"),
            ("to=x", "to"),
            ("to=0000-01-01", "to"),
            ("from=%00", "from"),
            ("from=2026-02-02&to=2026-02-01", "to"),
            ("assigned_to=me", "assigned_to"),
            ("assigned_to=0", "assigned_to"),
        ] {
            refused_on(
                &t.member.get(&format!("{METRICS}?{query}")).await,
                field,
                query,
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_start_page_shows_the_day_and_the_month_of_the_member() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let empty = t
            .member
            .get("/api/dashboard/summary/")
            .await
            .expect(200)
            .json;
        assert_eq!(
            empty["pipeline"],
            json!({"open_total": 0, "value": "0.00", "stages": {
            "DISCOVERY": {"count": 0, "amount": "0.00"}, "PROPOSAL": {"count": 0, "amount": "0.00"}, "NEGOTIATION": {"count": 0, "amount": "0.00"}}})
        );
        let none = json!({"won_total": 0, "won_value": "0.00", "goal": null});
        assert_eq!(
            empty["month"],
            json!({"year": 2026, "month": 11, "company": none, "mine": none})
        );
        let manager = filled(t).await;
        for (month, assignee, amount) in [
            (11, None, "1000"),
            (11, Some(manager), "800.5"),
            (11, Some(user_id(&t.owner).await), "1"),
            (12, None, "9"),
        ] {
            t.make(
                GOALS,
                json!({"year": 2026, "month": month, "assignee": assignee, "amount": amount}),
            )
            .await;
        }
        let page = t
            .manager
            .get("/api/dashboard/summary/")
            .await
            .expect(200)
            .json;
        assert_eq!(
            (
                &page["today"],
                &page["tenant_code"],
                &page["new_leads_total"]
            ),
            (&json!("2026-11-23"), &json!(t.code), &json!(2))
        );
        assert_eq!(
            page["activities"],
            json!({"open_total": 2, "overdue_total": 2, "due_today_total": 1, "reminders_due_total": 1, "sla_breached_total": 0})
        );
        let due: Vec<&Value> = page["agenda"]
            .as_array()
            .unwrap()
            .iter()
            .map(|a| &a["due_at"])
            .collect();
        assert_eq!(due, ["2026-11-23T02:59:59Z", "2026-11-23T11:59:59Z"]);
        assert_eq!(
            page["pipeline"],
            json!({"open_total": 4, "value": "1000000000010.60", "stages": {
            "DISCOVERY": {"count": 2, "amount": "1000000000000.00"}, "PROPOSAL": {"count": 1, "amount": "10.50"}, "NEGOTIATION": {"count": 1, "amount": "0.10"}}})
        );
        assert_eq!(
            page["month"],
            json!({"year": 2026, "month": 11,
            "company": {"won_total": 2, "won_value": "570.25", "goal": "1000.00"}, "mine": {"won_total": 1, "won_value": "500.00", "goal": "800.50"}})
        );
        let sale = t.sale(json!({"stage": "WON"})).await;
        t.delete(OPPORTUNITIES, &sale).await;
        t.owner.get(&at(OPPORTUNITIES, &sale)).await.expect(404);
        let again = t
            .manager
            .get("/api/dashboard/summary/")
            .await
            .expect(200)
            .json;
        assert_eq!(again, page, "what is in the bin does not count");
    }
}
