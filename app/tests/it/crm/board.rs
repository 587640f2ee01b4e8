//! The board: its columns, where they go on, and moving a card.

use super::{OPPORTUNITIES, Tenant, at, ids, refused_on, start, walk};
use serde_json::{Value, json};

const BOARD: &str = "/api/opportunities/board/";

async fn column(t: &Tenant, stage: &str) -> Value {
    let board = t.member.get(BOARD).await.expect(200).json;
    let columns = board["columns"].as_array().unwrap();
    columns
        .iter()
        .find(|column| column["stage"] == stage)
        .unwrap()
        .clone()
}

async fn order(t: &Tenant, stage: &str) -> Vec<i64> {
    ids(&column(t, stage).await["cards"])
}

async fn etag(t: &Tenant, id: i64) -> String {
    let read = t
        .owner
        .get(&format!("{OPPORTUNITIES}{id}/"))
        .await
        .expect(200);
    read.header("etag").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_shows_thirty_cards_its_totals_and_where_it_goes_on() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let customer = t.customer().await;
        let mut made = Vec::new();
        for n in 1..=35 {
            let body = json!({"customer": customer["id"], "title": format!("Venda {n}"), "amount": format!("{n}.10")});
            made.push(t.make(OPPORTUNITIES, body).await["id"].as_i64().unwrap());
        }
        let board = t.member.get(BOARD).await.expect(200).json;
        let stages: Vec<&str> = board["columns"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| c["stage"].as_str().unwrap())
            .collect();
        assert_eq!(
            stages,
            ["DISCOVERY", "PROPOSAL", "NEGOTIATION", "WON", "LOST"]
        );
        let first = column(t, "DISCOVERY").await;
        assert_eq!(
            (&first["count"], &first["amount_total"]),
            (&json!(35), &json!("633.50"))
        );
        let mut cards = ids(&first["cards"]);
        assert_eq!(cards.len(), 30);
        let (sort, next) = (
            first["sort"].as_str().unwrap(),
            first["next"].as_str().unwrap(),
        );
        let rest = format!("{OPPORTUNITIES}?stage=DISCOVERY&sort={sort}&cursor={next}&limit=2");
        cards.extend(walk(&t.owner, &rest).await);
        made.reverse();
        assert_eq!(cards, made, "the newest card stands above the older ones");
        let empty = column(t, "PROPOSAL").await;
        assert_eq!(
            empty,
            json!({"stage": "PROPOSAL", "count": 0, "amount_total": "0.00", "cards": [], "sort": "rank", "next": null})
        );
        let card = &first["cards"][0];
        assert_eq!(
            *card,
            t.read(OPPORTUNITIES, card).await,
            "a card shows what a record shows"
        );
        let few = t
            .member
            .get(&format!("{BOARD}?amount_min=34"))
            .await
            .expect(200)
            .json;
        assert_eq!(few["columns"][0]["count"], 2);
        refused_on(
            &t.member.get(&format!("{BOARD}?amount_min=x")).await,
            "amount_min",
            "filter",
        );
        refused_on(
            &t.member.get(&format!("{BOARD}?closed_days=0")).await,
            "closed_days",
            "days",
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_moved_by_one_request_that_changes_one_row() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let mut cards = Vec::new();
        for _ in 0..4 {
            cards.push(t.sale(json!({})).await["id"].as_i64().unwrap());
        }
        let [a, b, c, d] = cards[..] else {
            panic!("four cards")
        };
        assert_eq!(order(t, "DISCOVERY").await, [d, c, b, a]);
        for (card, place, expected) in [
            (a, json!({"after": d}), [d, a, c, b]),
            (d, json!({"before": b}), [a, c, d, b]),
            (b, json!({}), [b, a, c, d]),
            (b, json!({"after": c, "before": d}), [a, c, b, d]),
            (a, json!({"after": d}), [c, b, d, a]),
            (a, json!({"after": a}), [a, c, b, d]),
            // The neighbour is not there: it does not count.
            (d, json!({"after": 999_999_999}), [d, a, c, b]),
            // Neighbours the wrong way round: the one above counts.
            (b, json!({"after": a, "before": d}), [d, a, b, c]),
        ] {
            let what = format!("{} {card} {place}", t.model);
            let mut before = Vec::new();
            for &id in &cards {
                before.push(etag(t, id).await);
            }
            let path = format!("{OPPORTUNITIES}{card}/move/");
            t.owner.post(&path, place).await.expect(200);
            assert_eq!(order(t, "DISCOVERY").await, expected, "{what}");
            for (n, &id) in cards.iter().enumerate() {
                assert_eq!(
                    etag(t, id).await != before[n],
                    id == card,
                    "{what}: the row of {id}"
                );
            }
        }
        // Into another column, beside a card there.
        for (card, place, expected) in [
            (a, json!({"stage": "PROPOSAL"}), vec![a]),
            (b, json!({"stage": "PROPOSAL", "after": a}), vec![a, b]),
            (
                c,
                json!({"stage": "PROPOSAL", "after": a, "before": b}),
                vec![a, c, b],
            ),
            (d, json!({"stage": "PROPOSAL"}), vec![d, a, c, b]),
        ] {
            let path = format!("{OPPORTUNITIES}{card}/move/");
            let moved = t.owner.post(&path, place).await.expect(200).json;
            assert_eq!(moved["stage"], "PROPOSAL");
            assert_eq!(order(t, "PROPOSAL").await, expected, "{}", t.model);
        }
        t.member
            .post(&format!("{OPPORTUNITIES}{a}/move/"), json!({}))
            .await
            .expect(403);
        refused_on(
            &t.owner
                .post(&format!("{OPPORTUNITIES}{a}/move/"), json!({"after": "x"}))
                .await,
            "after",
            "move",
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cards_moved_at_once_into_one_place_all_arrive() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let (top, bottom) = (t.sale(json!({})).await, t.sale(json!({})).await);
        let mut cards = Vec::new();
        for _ in 0..5 {
            cards.push(t.sale(json!({})).await);
        }
        let place = json!({"after": bottom["id"], "before": top["id"]});
        let moves = cards.iter().map(|card| {
            let path = format!("{}move/", at(OPPORTUNITIES, card));
            let place = place.clone();
            async move { t.owner.post(&path, place).await }
        });
        for answer in futures_util::future::join_all(moves).await {
            answer.expect(200);
        }
        let column = order(t, "DISCOVERY").await;
        assert_eq!(column.len(), 7);
        assert_eq!(
            (column[0], column[6]),
            (bottom["id"].as_i64().unwrap(), top["id"].as_i64().unwrap())
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_what_is_closed_only_the_last_days_are_shown() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let mut closed = Vec::new();
        for (stage, amount) in [
            ("WON", "1.00"),
            ("WON", "2.00"),
            ("WON", "4.00"),
            ("LOST", "8.00"),
        ] {
            closed.push(t.sale(json!({"stage": stage, "amount": amount})).await);
        }
        let won = column(t, "WON").await;
        assert_eq!(
            (&won["count"], &won["amount_total"], &won["sort"]),
            (&json!(3), &json!("7.00"), &json!("-closed_at"))
        );
        assert_eq!(column(t, "LOST").await["count"], 1);
        // The server's clock stands on 2026-11-23: a month before it, one was won.
        for (n, at) in [(0, "2026-10-20T12:00:00Z"), (1, "2026-10-25T12:00:00Z")] {
            let id = closed[n]["id"].as_i64().unwrap();
            t.sql(&format!(
                "UPDATE opportunity SET closed_at = '{at}' WHERE id = {id} AND company_id = $1"
            ))
            .await;
        }
        let won = column(t, "WON").await;
        let expected = [2, 1].map(|n: usize| closed[n]["id"].as_i64().unwrap());
        assert_eq!(
            (ids(&won["cards"]), &won["amount_total"]),
            (expected.to_vec(), &json!("6.00"))
        );
        let wide = t
            .member
            .get(&format!("{BOARD}?closed_days=60"))
            .await
            .expect(200)
            .json;
        assert_eq!(wide["columns"][3]["count"], 3);
        assert_eq!(wide["closed_since"], "2026-09-24T12:00:00Z");
    }
}
