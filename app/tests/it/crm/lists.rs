//! Filters of lists: each finds what it names, and a wrong value is refused by name.

use super::{
    ACTIVITIES, CUSTOMERS, GOALS, LEADS, OPPORTUNITIES, Tenant, ids, refused_on, start, user_id,
};
use serde_json::{Value, json};

async fn found(t: &Tenant, path: &str, query: &str) -> Vec<i64> {
    let answer = t.member.get(&format!("{path}?sort=id&{query}")).await;
    ids(&answer.expect(200).json)
}

fn id(record: &Value) -> i64 {
    record["id"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_filter_of_leads_and_opportunities_finds_what_it_names() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let (customer, manager) = (t.customer().await, user_id(&t.manager).await);
        let a = t.lead(json!({"source": "site", "score": 10, "owner": manager, "tags": ["vip", "sp"], "email": "a@example.com"})).await;
        let b = t.lead(json!({"source": "feira", "status": "QUALIFIED", "score": 50, "owner": null, "tags": ["vip"], "customer": customer["id"]})).await;
        let c = t
            .lead(json!({"source": "site", "status": "DISQUALIFIED", "score": 90}))
            .await;
        let (a, b, c) = (id(&a), id(&b), id(&c));
        let owner = user_id(&t.owner).await;
        for (query, expected) in [
            ("status=NEW".to_owned(), vec![a]),
            ("status=NEW,QUALIFIED".to_owned(), vec![a, b]),
            ("source=site".to_owned(), vec![a, c]),
            (format!("customer={}", customer["id"]), vec![b]),
            ("customer=none".to_owned(), vec![a, c]),
            (format!("owner={manager}"), vec![a]),
            ("owner=none".to_owned(), vec![b]),
            (format!("owner=none,{owner}"), vec![b, c]),
            (format!("owner={owner},{manager}"), vec![a, c]),
            ("tags=vip".to_owned(), vec![a, b]),
            ("tags=vip,sp".to_owned(), vec![a]),
            ("score=50".to_owned(), vec![b]),
            ("score=10,90".to_owned(), vec![a, c]),
            ("score_min=50".to_owned(), vec![b, c]),
            ("score_min=11&score_max=89".to_owned(), vec![b]),
            ("email=a@example.com".to_owned(), vec![a]),
            (
                "created_from=2000-01-01T00:00:00Z".to_owned(),
                vec![a, b, c],
            ),
            ("created_to=2000-01-01T00:00:00Z".to_owned(), vec![]),
            ("status=NEW&tags=vip&score_max=9".to_owned(), vec![]),
            ("q=SITE".to_owned(), vec![a, c]),
            ("q=vip&owner=none".to_owned(), vec![b]),
        ] {
            assert_eq!(
                found(t, LEADS, &query).await,
                expected,
                "{} {query}",
                t.model
            );
        }
        let x = t
            .sale(json!({"amount": "9.99", "expected_close_date": "2026-11-30", "source_lead": a}))
            .await;
        let y = t
            .sale(json!({"amount": "10", "stage": "WON", "expected_close_date": "2026-12-01"}))
            .await;
        let z = t
            .sale(json!({"amount": "1000000.01", "stage": "PROPOSAL"}))
            .await;
        let (x, y, z) = (id(&x), id(&y), id(&z));
        for (query, expected) in [
            ("amount_min=10", vec![y, z]),
            ("amount_min=9.99&amount_max=10.00", vec![x, y]),
            ("amount_max=9.98", vec![]),
            ("amount_min=1000000.01", vec![z]),
            ("expected_close_date_from=2026-12-01", vec![y]),
            ("expected_close_date_to=2026-11-30", vec![x]),
            ("stage=WON,PROPOSAL", vec![y, z]),
            ("closed_at_from=2026-11-23T12:00:00Z", vec![y]),
            ("closed_at_to=2026-11-23T11:59:59Z", vec![]),
            ("source_lead=none", vec![y, z]),
        ] {
            assert_eq!(
                found(t, OPPORTUNITIES, query).await,
                expected,
                "{} {query}",
                t.model
            );
        }
        assert_eq!(
            found(t, OPPORTUNITIES, &format!("source_lead={a}")).await,
            [x]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_filter_of_customers_activities_and_goals_finds_what_it_names() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let manager = user_id(&t.manager).await;
        let a = t
            .make(
                CUSTOMERS,
                json!({"name": "A", "email": "A@example.com", "kind": "PERSON", "tags": ["x"]}),
            )
            .await;
        let b = t
            .make(
                CUSTOMERS,
                json!({"name": "B", "email": "b@example.com", "owner": manager}),
            )
            .await;
        let (a, b) = (id(&a), id(&b));
        for (query, expected) in [
            ("kind=PERSON".to_owned(), vec![a]),
            ("email=b@example.com".to_owned(), vec![b]),
            // An address is the same in any letter case.
            ("email=a@EXAMPLE.com".to_owned(), vec![a]),
            (format!("owner={manager}"), vec![b]),
            ("tags=x".to_owned(), vec![a]),
        ] {
            assert_eq!(
                found(t, CUSTOMERS, &query).await,
                expected,
                "{} {query}",
                t.model
            );
        }
        let (lead, sale) = (t.lead(json!({})).await, t.sale(json!({})).await);
        let one = json!({"title": "1", "lead": lead["id"], "kind": "CALL", "priority": "URGENT", "due_at": "2026-11-30T12:00:00Z", "assigned_to": manager});
        let one = id(&t.make(ACTIVITIES, one).await);
        let two = id(&t
            .make(
                ACTIVITIES,
                json!({"title": "2", "opportunity": sale["id"], "status": "DONE", "sla_hours": 1}),
            )
            .await);
        for (query, expected) in [
            ("kind=CALL,TASK".to_owned(), vec![one, two]),
            ("kind=CALL".to_owned(), vec![one]),
            ("status=DONE".to_owned(), vec![two]),
            ("priority=URGENT".to_owned(), vec![one]),
            (
                "due_at_from=2026-11-30T09:00:00-03:00".to_owned(),
                vec![one],
            ),
            ("due_at_to=2026-11-30T11:59:59Z".to_owned(), vec![]),
            ("sla_due_at_to=2026-11-23T13:00:00Z".to_owned(), vec![two]),
            (
                "completed_at_from=2026-11-23T12:00:00Z".to_owned(),
                vec![two],
            ),
            (format!("lead={}", lead["id"]), vec![one]),
            ("lead=none".to_owned(), vec![two]),
            (format!("opportunity={}", sale["id"]), vec![two]),
            (format!("assigned_to={manager}"), vec![one]),
            ("assigned_to=none".to_owned(), vec![two]),
            (
                format!("created_by={}", user_id(&t.owner).await),
                vec![one, two],
            ),
        ] {
            assert_eq!(
                found(t, ACTIVITIES, &query).await,
                expected,
                "{} {query}",
                t.model
            );
        }
        let jan = id(&t
            .make(GOALS, json!({"year": 2026, "month": 1, "amount": "1"}))
            .await);
        let feb = id(&t
            .make(
                GOALS,
                json!({"year": 2026, "month": 2, "amount": "1", "assignee": manager}),
            )
            .await);
        for (query, expected) in [
            ("year=2026&month_min=2".to_owned(), vec![feb]),
            ("month=1".to_owned(), vec![jan]),
            (format!("assignee={manager}"), vec![feb]),
            ("assignee=none".to_owned(), vec![jan]),
            ("year_max=2025".to_owned(), vec![]),
        ] {
            assert_eq!(
                found(t, GOALS, &query).await,
                expected,
                "{} {query}",
                t.model
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_parameters_are_refused_by_name() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        for (path, query, field) in [
            (LEADS, "sort=name", "sort"),
            (LEADS, "sort=--id", "sort"),
            (LEADS, "sort=id,score", "sort"),
            (LEADS, "status=new", "status"),
            (LEADS, "status=NEW,,", "status"),
            (LEADS, "owner=me", "owner"),
            (LEADS, "owner=99999999999999999999", "owner"),
            (LEADS, "score=x", "score"),
            (LEADS, "score_min=1.5", "score_min"),
            (LEADS, "created_from=yesterday", "created_from"),
            (LEADS, "created_to=-009999-01-01T00:00:00Z", "created_to"),
            (LEADS, "tags=%00", "tags"),
            (LEADS, "limit=501", "limit"),
            (LEADS, "count=all", "count"),
            (OPPORTUNITIES, "amount_min=1,5", "amount_min"),
            (OPPORTUNITIES, "amount_max=1e400", "amount_max"),
            (
                OPPORTUNITIES,
                "expected_close_date_from=30/11/2026",
                "expected_close_date_from",
            ),
            (
                OPPORTUNITIES,
                "expected_close_date_to=0000-01-01",
                "expected_close_date_to",
            ),
            (ACTIVITIES, "due_at_from=2026-11-30", "due_at_from"),
            (GOALS, "year=MMXXVI", "year"),
            (CUSTOMERS, "kind=ROBOT", "kind"),
        ] {
            refused_on(
                &t.member.get(&format!("{path}?{query}")).await,
                field,
                query,
            );
        }
    }
}
