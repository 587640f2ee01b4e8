//! The filter language over real HTTP: each operator finds what it says, on lists, on the board, page by
//! page; and what is wrong is named by its path.

use super::{ACTIVITIES, CUSTOMERS, LEADS, OPPORTUNITIES, Tenant, ids, start, user_id, walk};
use serde_json::{Value, json};
use sindico_domain::crm::Kind;
use sindico_domain::crm::filter::Subject;

fn address(path: &str, more: &str, filter: &Value) -> String {
    let filter = filter.to_string();
    let filter: String = filter.bytes().map(|byte| format!("%{byte:02X}")).collect();
    format!("{path}?{more}&filter={filter}")
}

async fn found(t: &Tenant, path: &str, filter: &Value) -> Vec<i64> {
    let answer = t.member.get(&address(path, "sort=id", filter)).await;
    ids(&answer.expect(200).json)
}

fn id(record: &Value) -> i64 {
    record["id"].as_i64().unwrap()
}

fn is(field: &str, op: &str, value: Value) -> Value {
    json!({"field": field, "op": op, "value": value})
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operator_finds_what_it_says() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let me = user_id(&t.member).await;
        let a = t
            .lead(json!({"source": "site", "name": "São João", "phone": "(11) 98765-4321", "score": 10,
                "owner": me, "tags": ["vip", "sp"], "budget": "10.50", "email": "a@example.com"}))
            .await;
        let b = t
            .lead(
                json!({"source": "Feira 100%", "name": "Maria", "status": "QUALIFIED", "score": 50,
                "owner": null, "tags": ["vip"], "budget": "99"}),
            )
            .await;
        let c = t
            .lead(json!({"source": "site", "status": "DISQUALIFIED", "document": "529.982.247-25"}))
            .await;
        let (a, b, c) = (id(&a), id(&b), id(&c));
        let day = a_day(t, LEADS, a).await;
        for (filter, expected) in [
            (is("source", "is", json!("site")), vec![a, c]),
            (is("source", "is_not", json!("site")), vec![b]),
            (is("source", "in", json!(["site", "x"])), vec![a, c]),
            (is("source", "not_in", json!(["site", "x"])), vec![b]),
            (is("source", "contains", json!("100%")), vec![b]),
            (is("source", "contains", json!("_")), vec![]),
            (is("name", "contains", json!("sao j")), vec![a]),
            (is("name", "contains", json!("JOÃO")), vec![a]),
            (is("name", "starts_with", json!("mar")), vec![b]),
            (is("name", "starts_with", json!("joao")), vec![]),
            (is("name", "is_empty", json!(null)), vec![c]),
            (is("name", "is_set", json!(null)), vec![a, b]),
            (is("phone", "contains", json!("98765 43")), vec![a]),
            (is("phone", "is", json!("11987654321")), vec![a]),
            (is("document", "starts_with", json!("529982")), vec![c]),
            (is("email", "is", json!("A@EXAMPLE.com")), vec![a]),
            (is("status", "in", json!(["NEW", "QUALIFIED"])), vec![a, b]),
            (is("status", "is_not", json!("NEW")), vec![b, c]),
            (is("score", "is", json!(50)), vec![b]),
            (is("score", "is_not", json!(50)), vec![a, c]),
            (is("score", "lt", json!(50)), vec![a]),
            (is("score", "lte", json!(50)), vec![a, b]),
            (is("score", "gt", json!(10)), vec![b]),
            (is("score", "between", json!([10, 49])), vec![a]),
            (is("score", "is_empty", json!(null)), vec![c]),
            (is("budget", "gte", json!("10.51")), vec![b]),
            (is("budget", "is", json!("10.5")), vec![a]),
            (is("owner", "is", json!("me")), vec![a]),
            (is("owner", "in", json!(["me", 1])), vec![a]),
            (is("owner", "is_not", json!("me")), vec![b, c]),
            (is("owner", "is_empty", json!(null)), vec![b]),
            (is("tags", "has_any", json!(["sp", "x"])), vec![a]),
            (is("tags", "has_all", json!(["sp", "vip"])), vec![a]),
            (is("tags", "has_none", json!(["sp"])), vec![b, c]),
            (is("tags", "is_empty", json!(null)), vec![c]),
            (is("text", "contains", json!("joao 98765-4321")), vec![a]),
            (is("text", "contains", json!("...")), vec![]),
            (is("id", "in", json!([a, c, i64::MAX])), vec![a, c]),
            (is("created_at", "is", json!(day)), vec![a, b, c]),
            (is("created_at", "is_not", json!(day)), vec![]),
            (is("created_at", "gte", json!(day)), vec![a, b, c]),
            (is("created_at", "lt", json!(day)), vec![]),
            (
                is("created_at", "gt", json!("2000-01-01T00:00:00Z")),
                vec![a, b, c],
            ),
            (
                is("created_at", "between", json!(["2000-01-01", "2000-12-31"])),
                vec![],
            ),
            (json!({"all": []}), vec![a, b, c]),
            (json!({"any": []}), vec![]),
            (
                json!({"all": [is("source", "is", json!("site")), is("score", "gt", json!(1))]}),
                vec![a],
            ),
            (
                json!({"any": [is("score", "gt", json!(20)), is("tags", "has_any", json!("sp"))]}),
                vec![a, b],
            ),
            // What is not known is not so: the score of the third.
            (json!({"not": is("score", "gt", json!(20))}), vec![a, c]),
            (
                json!({"not": {"not": is("score", "gt", json!(20))}}),
                vec![b],
            ),
            (
                json!({"not": {"any": [is("score", "gt", json!(20)), is("owner", "is", json!("me"))]}}),
                vec![c],
            ),
        ] {
            assert_eq!(
                found(t, LEADS, &filter).await,
                expected,
                "{} {filter}",
                t.model
            );
        }
        // Beside short parameters, searched, and page by page.
        let filter = is("score", "is_set", json!(null));
        let both = t.member.get(&address(LEADS, "status=NEW", &filter)).await;
        assert_eq!(ids(&both.expect(200).json), [a]);
        let searched = t
            .member
            .get(&address(LEADS, "q=joao&count=exact", &filter))
            .await
            .expect(200);
        assert_eq!(
            (ids(&searched.json), searched.header("x-total-count")),
            (vec![a], "1")
        );
        let pages = walk(&t.member, &address(LEADS, "sort=-score&limit=1", &filter)).await;
        assert_eq!(pages, [b, a]);
    }
}

/// The day on which a record was created, in São Paulo, as the program tells days.
async fn a_day(t: &Tenant, path: &str, id: i64) -> String {
    let record = t.owner.get(&format!("{path}{id}/")).await.expect(200).json;
    let at: jiff::Timestamp = record["created_at"].as_str().unwrap().parse().unwrap();
    at.in_tz("America/Sao_Paulo").unwrap().date().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn days_are_told_by_today() {
    // The clock of these tests stands at noon of 23 November 2026, a Monday.
    let (_app, tenants) = start().await;
    for t in &tenants {
        let lead = t.lead(json!({})).await;
        let mut due = Vec::new();
        for at in [
            "2026-10-31T12:00:00Z",
            "2026-11-17T02:59:59Z",
            "2026-11-17T03:00:00Z",
            // Nine in the evening of the 22nd, and of the 23rd, where the people are.
            "2026-11-23T00:00:00Z",
            "2026-11-24T00:00:00Z",
            "2026-11-29T12:00:00Z",
            "2026-11-30T12:00:00Z",
        ] {
            let body = json!({"title": at, "lead": lead["id"], "due_at": at});
            due.push(id(&t.make(ACTIVITIES, body).await));
        }
        let all = |from: usize, to: usize| due[from..to].to_vec();
        for (op, value, expected) in [
            ("today", json!(null), all(4, 5)),
            ("this_week", json!(null), all(4, 6)),
            ("this_month", json!(null), all(1, 7)),
            ("last_n_days", json!(7), all(2, 5)),
            ("next_n_days", json!(7), all(4, 6)),
            ("next_n_days", json!(8), all(4, 7)),
        ] {
            let filter = is("due_at", op, value);
            assert_eq!(
                found(t, ACTIVITIES, &filter).await,
                expected,
                "{} {filter}",
                t.model
            );
        }
        let sale = t.sale(json!({"expected_close_date": "2026-11-29"})).await;
        t.sale(json!({"expected_close_date": "2026-11-22"})).await;
        let filter = is("expected_close_date", "this_week", json!(null));
        assert_eq!(found(t, OPPORTUNITIES, &filter).await, [id(&sale)]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_speaks_the_same_language() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let large = t.sale(json!({"amount": "5000"})).await;
        t.sale(json!({"amount": "5"})).await;
        let filter =
            json!({"any": [is("amount", "gte", json!("1000")), is("stage", "is", json!("WON"))]});
        let board = t
            .member
            .get(&address("/api/opportunities/board/", "", &filter))
            .await;
        let board = board.expect(200).json;
        assert_eq!(board["columns"][0]["count"], 1);
        assert_eq!(board["columns"][0]["cards"][0]["id"], large["id"]);
        for page in ["/opportunities/", "/opportunities/list/"] {
            let page = t.member.get(&address(page, "", &filter)).await.expect(200);
            assert!(
                page.text
                    .contains(&format!("/opportunities/{}/", large["id"]))
            );
        }
        t.member
            .get(&address("/leads/board/", "", &is("score", "gt", json!(1))))
            .await
            .expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_filters_are_refused_with_the_path() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        for (path, filter, begin) in [
            (
                LEADS,
                json!({"all": [{"field": "x", "op": "is", "value": 1}]}),
                "all[0].field: There is no such field.",
            ),
            (
                CUSTOMERS,
                is("addresses", "is_empty", json!(null)),
                "field: There is no such field.",
            ),
            (
                OPPORTUNITIES,
                is("rank", "is", json!("a")),
                "field: There is no such field.",
            ),
            (
                LEADS,
                is("status", "gt", json!("NEW")),
                "op: status takes one of",
            ),
            (
                LEADS,
                json!({"not": is("score", "gt", json!([]))}),
                "not.value: ",
            ),
            (
                LEADS,
                is("source", "is", json!("a\u{0}")),
                "value: Null characters",
            ),
            (LEADS, json!("score"), "Expected an object"),
            (LEADS, json!({"and": []}), "Use one of all, any and not"),
        ] {
            let answer = t.member.get(&address(path, "", &filter)).await.expect(400);
            let told = answer.json["filter"][0].as_str().unwrap_or_default();
            assert!(told.starts_with(begin), "{filter}: {}", answer.text);
        }
        let answer = t.member.get("/api/leads/?filter=%7B").await.expect(400);
        assert!(
            answer.json["filter"][0]
                .as_str()
                .unwrap()
                .contains("not JSON")
        );
        let board = t
            .member
            .get("/api/opportunities/board/?filter=%7B")
            .await
            .expect(400);
        assert!(board.json["filter"].is_array());
    }
}

/// Every operator of every field of every kind is answered.
#[tokio::test(flavor = "multi_thread")]
async fn no_operator_of_any_field_fails() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        t.customer().await;
        for &kind in Kind::ALL {
            for field in Subject::all(kind) {
                for op in field.ops() {
                    for value in [
                        json!(null),
                        json!(1),
                        json!("a"),
                        json!("2026-11-23"),
                        json!([1, 2]),
                        json!(true),
                        json!("me"),
                    ] {
                        let filter = is(&field.name, op.as_str(), value);
                        let answer = t
                            .member
                            .get(&address(kind.path(), "limit=1", &filter))
                            .await;
                        assert!(
                            [200, 400].contains(&answer.status),
                            "{filter}: {}",
                            answer.text
                        );
                    }
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_count_what_fits() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        t.lead(json!({"source": "site"})).await;
        let lead = t.lead(json!({"source": "feira"})).await;
        t.sale(json!({"amount": "10"})).await;
        t.sale(json!({"amount": "1000"})).await;
        for priority in ["LOW", "URGENT"] {
            let todo = json!({"title": "x", "lead": lead["id"], "priority": priority});
            t.make(ACTIVITIES, todo).await;
        }
        let text = |filter: Value| -> String {
            let filter = filter.to_string();
            filter.bytes().map(|byte| format!("%{byte:02X}")).collect()
        };
        let asked = format!(
            "/api/sales/metrics/?leads={}&opportunities={}&activities={}",
            text(is("source", "is", json!("site"))),
            text(is("amount", "gte", json!("100"))),
            text(is("priority", "is", json!("URGENT")))
        );
        for _ in 0..2 {
            let narrowed = t.member.get(&asked).await.expect(200).json;
            assert_eq!(narrowed["lead_funnel"]["NEW"], 1, "{}", t.model);
            assert_eq!(narrowed["pipeline_value"], "1000.00");
            assert_eq!(narrowed["activities"]["open_total"], 1);
            let all = t.member.get("/api/sales/metrics/").await.expect(200).json;
            assert_eq!(
                (&all["lead_funnel"]["NEW"], &all["activities"]["open_total"]),
                (&json!(2), &json!(2))
            );
        }
        let wrong = t
            .member
            .get("/api/sales/metrics/?leads=%7B&activities=%5B%5D")
            .await
            .expect(400);
        assert!(wrong.json["leads"].is_array() && wrong.json["activities"].is_array());
        // Numbers of a condition tell what stands in records that one may not read.
        let rules = json!({"leads": {"GET": ["OWNER"]}});
        let told = t.owner.patch("/api/auth/tenant-rbac/", rules).await;
        told.expect(200);
        t.member.get(&asked).await.expect(403);
        t.member.get("/api/sales/metrics/").await.expect(200);
        t.owner.get(&asked).await.expect(200);
    }
}
