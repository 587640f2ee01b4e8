//! The pages of daily work, as HTTP: how many statements they take, whose days they show, and what one move
//! writes. What a browser does with them is in `ui/tests/work-*.test.mjs`.

use super::{ACTIVITIES, OPPORTUNITIES, Tenant, start, start_at, user_id};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn every_page_takes_at_most_three_statements() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        for n in 0..5 {
            let lead = t.lead(json!({"owner": null})).await;
            let sale = t.sale(json!({})).await;
            let body = json!({"title": format!("{n}"), "opportunity": sale["id"], "lead": lead["id"],
                "assigned_to": user_id(&t.owner).await, "due_at": "2026-11-23T20:00:00Z", "reminder_at": "2026-11-23T10:00:00Z"});
            t.make(ACTIVITIES, body).await;
        }
        for path in [
            "/today/",
            "/opportunities/",
            "/opportunities/?q=venda&owner=none&closed_days=90&cards=90",
            "/leads/board/",
            "/leads/board/?q=site&cards=60",
            "/activities/calendar/?who=all",
            "/activities/calendar/?view=week",
            "/metrics/?period=all",
            "/goals/board/",
            "/activities/log/",
        ] {
            // The gate asks who calls, whatever the page; the list of members is counted as well.
            let statements = least(t, path).await - least(t, "/api/auth/tenant-me/").await;
            assert!(
                statements <= 3,
                "{} {path}: {statements} statements",
                t.model
            );
        }
    }
}

/// The least of several counts: what this program does besides counts, too.
async fn least(t: &Tenant, path: &str) -> u64 {
    let mut least = u64::MAX;
    for _ in 0..8 {
        let before = sindico_store::executed();
        t.owner.get(path).await.expect(200);
        least = least.min(sindico_store::executed() - before);
    }
    least
}

/// Half past eleven at night in São Paulo, when the day in UTC is the next one already.
fn late() -> jiff::Timestamp {
    "2026-11-25T02:30:00Z".parse().unwrap()
}

/// The part of the calendar that is this day's.
async fn day(t: &Tenant, query: &str, date: &str) -> String {
    let page = t
        .owner
        .get(&format!("/activities/calendar/{query}"))
        .await
        .expect(200)
        .text;
    let start = page
        .find(&format!("id=\"day-{date}\""))
        .expect("the day is shown");
    let rest = &page[start..];
    let end = rest[1..]
        .find("id=\"day-")
        .map_or(rest.len(), |end| end + 1);
    rest[..end].to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn days_end_at_midnight_where_the_people_are() {
    let (_app, tenants) = start_at(late).await;
    for t in &tenants {
        let sale = t.sale(json!({})).await;
        let me = user_id(&t.owner).await;
        for (title, due) in [
            ("Antes da meia-noite", "2026-11-25T02:59:59Z"),
            ("Meia-noite em ponto", "2026-11-25T03:00:00Z"),
            ("Cedo", "2026-11-24T03:00:00Z"),
        ] {
            let body = json!({"title": title, "due_at": due, "opportunity": sale["id"], "assigned_to": me});
            t.make(ACTIVITIES, body).await;
        }
        for query in ["", "?view=week", "?who=all"] {
            let today = day(t, query, "2026-11-24").await;
            assert!(
                today.contains("Antes da meia-noite") && today.contains("23:59"),
                "{query}: {today}"
            );
            assert!(today.contains("Cedo") && today.contains("00:00"), "{query}");
            assert!(!today.contains("Meia-noite em ponto"), "{query}");
            let next = day(t, query, "2026-11-25").await;
            assert!(
                next.contains("Meia-noite em ponto") && !next.contains("Antes da"),
                "{query}"
            );
        }
        let page = t.owner.get("/activities/calendar/").await.expect(200).text;
        let class = page.split("id=\"day-2026-11-24\"").next().unwrap();
        assert!(
            class.ends_with("class=\"calendar-day is-today\" "),
            "the 24th is today"
        );
        let mine = t.owner.get("/today/").await.expect(200).text;
        assert!(mine.contains("terça-feira, 24 de novembro de 2026"));
        assert!(mine.contains("Boa noite"));
        // What is due within half an hour is due today; what is due in half an hour and a second, tomorrow.
        let (today, next) = mine
            .split_once("Próximos 7 dias")
            .expect("both groups are there");
        assert!(today.contains("Antes da meia-noite") && !today.contains("Meia-noite em ponto"));
        assert!(next.contains("Meia-noite em ponto"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_page_does_the_rules_of_the_api_allow() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let sale = t.sale(json!({})).await;
        let id = &sale["id"];
        let path = format!("/opportunities/{id}/move/?from=DISCOVERY");
        t.member
            .post(&path, json!({"stage": "PROPOSAL"}))
            .await
            .expect(403);
        t.manager
            .post(&path, json!({"stage": "NEGOTIATION"}))
            .await
            .expect(400);
        t.manager
            .post(
                "/opportunities/999999999/move/",
                json!({"stage": "PROPOSAL"}),
            )
            .await
            .expect(404);
        t.manager
            .post(&path, json!({"stage": "NOWHERE"}))
            .await
            .expect(400);
        // A loss asks why; a script that does not say is asked as well.
        t.manager
            .post(&path, json!({"stage": "LOST"}))
            .await
            .expect(422);
        assert_eq!(t.read(OPPORTUNITIES, &sale).await["stage"], "DISCOVERY");
        let scripted = t.manager.with("hx-request", "true");
        let answer = scripted
            .post(&path, json!({"stage": "PROPOSAL"}))
            .await
            .expect(200)
            .text;
        for part in [
            "data-moved",
            "board-DISCOVERY-head",
            "board-PROPOSAL-head",
            "data-toast",
            "data-change",
        ] {
            assert!(answer.contains(part), "{part}: {answer}");
        }
        assert!(!answer.contains("<html"), "a part, not a page");
        t.manager
            .post(
                &format!("/opportunities/{id}/move/?from=PROPOSAL"),
                json!({"stage": "LOST", "loss_reason": "Preço"}),
            )
            .await
            .expect(303);
        let now = t.read(OPPORTUNITIES, &sale).await;
        assert_eq!(
            (&now["stage"], &now["loss_reason"]),
            (&json!("LOST"), &json!("Preço"))
        );
        t.manager.get("/sample-data/").await.expect(403);
        t.manager
            .post("/sample-data/remove/", json!({}))
            .await
            .expect(403);
        for odd in [
            "/opportunities/?owner=x",
            "/opportunities/?closed_days=0",
            "/opportunities/?cards=100000",
            "/activities/calendar/?view=year",
            "/activities/calendar/?date=2026-02-30",
            "/activities/calendar/?who=x",
            "/metrics/?from=2026-02-01&to=2026-01-01",
            "/metrics/?period=never",
            "/goals/board/?month=13",
        ] {
            t.owner.get(odd).await.expect(400);
        }
        for far in ["0001-01-01", "9999-12-31"] {
            t.owner
                .get(&format!("/activities/calendar/?date={far}"))
                .await
                .expect(200);
        }
    }
}
