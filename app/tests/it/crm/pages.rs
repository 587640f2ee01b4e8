//! Pages of lists: every order, every page, every count, and cursors that are not theirs.

use super::{
    ACTIVITIES, CUSTOMERS, GOALS, LEADS, OPPORTUNITIES, Tenant, ids, merged, refused_on, start,
    user_id, walk,
};
use serde_json::json;
use sindico_domain::crm::Kind;

/// Several records of each kind, many of which are the same in what they are sorted by.
async fn many(t: &Tenant) {
    let customer = t.customer().await;
    let lead = t.lead(json!({})).await;
    let (owner, manager) = (user_id(&t.owner).await, user_id(&t.manager).await);
    for n in 0..7_usize {
        let nth = n % 3;
        t.make(
            CUSTOMERS,
            json!({"name": format!("Nome {nth}"), "email": format!("n{n}@example.com")}),
        )
        .await;
        t.lead(if nth == 0 {
            json!({})
        } else {
            json!({"score": nth})
        })
        .await;
        let mut sale = json!({"customer": customer["id"], "title": "x", "amount": nth});
        let mut activity = json!({"title": "x", "lead": lead["id"]});
        if nth > 0 {
            sale = merged(
                sale,
                json!({"expected_close_date": format!("2026-12-0{nth}"), "stage": "WON"}),
            );
            activity = merged(
                activity,
                json!({"due_at": format!("2026-12-0{nth}T00:00:00.123456Z")}),
            );
        }
        t.make(OPPORTUNITIES, sale).await;
        t.make(ACTIVITIES, activity).await;
        let assignee = [json!(null), json!(owner), json!(manager)][nth].clone();
        let goal = json!({"year": 2026, "month": n / 3 + 1, "amount": "1", "assignee": assignee});
        t.make(GOALS, goal).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_every_order_give_each_row_once() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        many(t).await;
        for &kind in Kind::ALL {
            let path = kind.path();
            let mut of_sorts = vec![kind.default_sort().to_owned()];
            of_sorts.extend(
                kind.sorts()
                    .iter()
                    .flat_map(|key| [key.name.to_owned(), format!("-{}", key.name)]),
            );
            for sort in of_sorts {
                let whole = ids(&t
                    .owner
                    .get(&format!("{path}?sort={sort}"))
                    .await
                    .expect(200)
                    .json);
                assert!(whole.len() >= 7);
                for limit in [1, 3] {
                    let pages = walk(&t.member, &format!("{path}?sort={sort}&limit={limit}")).await;
                    assert_eq!(pages, whole, "{} {path} {sort}", t.model);
                }
                let name = sort.trim_start_matches('-');
                let other = if sort.starts_with('-') {
                    name.to_owned()
                } else {
                    format!("-{name}")
                };
                let mut turned = ids(&t
                    .owner
                    .get(&format!("{path}?sort={other}"))
                    .await
                    .expect(200)
                    .json);
                turned.reverse();
                assert_eq!(
                    turned, whole,
                    "{} {path} {sort}: the other way round",
                    t.model
                );
            }
        }
        // Filters and searches go on from page to page as well.
        let filtered = format!("{OPPORTUNITIES}?stage=WON&sort=-amount");
        let whole = ids(&t.owner.get(&filtered).await.json);
        assert_eq!(walk(&t.owner, &format!("{filtered}&limit=1")).await, whole);
        let search = format!("{CUSTOMERS}?q=nome&sort=-name");
        let whole = ids(&t.owner.get(&search).await.json);
        assert_eq!(
            (
                whole.len(),
                walk(&t.owner, &format!("{search}&limit=2")).await
            ),
            (7, whole)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_counted_when_it_is_asked() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        many(t).await;
        for (query, total) in [
            ("", ""),
            ("count=exact", "8"),
            ("count=some", "8"),
            ("count=exact&limit=1", "8"),
            ("count=some&score_min=1", "4"),
            ("count=exact&q=site", "8"),
            ("count=some&q=nada", "0"),
        ] {
            let list = t.owner.get(&format!("{LEADS}?{query}")).await.expect(200);
            assert_eq!(list.header("x-total-count"), total, "{} {query}", t.model);
            assert_eq!(list.header("x-total-capped"), "");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_of_another_list_or_a_made_up_one_is_refused() {
    use sindico_domain::page::Cursor;
    let (_app, tenants) = start().await;
    for t in &tenants {
        many(t).await;
        let keys = [
            "",
            " ",
            "x",
            "infinity",
            "-infinity",
            "9999999999999999999999",
            "-009999-01-01T00:00:00Z",
            "-009999-01-01",
            "2026-11-23T12:00:00Z[America/Sao_Paulo]",
            "9999-12-31T23:59:59Z",
            "now",
            "epoch",
            "2026-11-23",
            "2026-02-30",
            "💥",
            "\u{202e}",
            "'; --",
        ];
        let lists: Vec<(String, Vec<String>)> = Kind::ALL
            .iter()
            .map(|kind| {
                (
                    kind.path().to_owned(),
                    kind.sorts().iter().map(|key| key.name.to_owned()).collect(),
                )
            })
            .chain([
                (
                    format!("{ACTIVITIES}reminders/"),
                    vec!["reminder_at".to_owned()],
                ),
                ("/api/bin/".to_owned(), vec!["-deleted_at".to_owned()]),
                ("/api/changes/".to_owned(), vec!["-change".to_owned()]),
            ])
            .collect();
        for (path, sorts) in &lists {
            for sort in sorts {
                for key in keys {
                    for id in [i64::MIN, 0, i64::MAX] {
                        for key in [key.to_owned(), format!("{key} lead")] {
                            let cursor = Cursor {
                                sort: sort.clone(),
                                key: key.clone(),
                                id,
                            }
                            .encode();
                            let own = if path.contains("/bin/")
                                || path.contains("/changes/")
                                || path.contains("reminders")
                            {
                                String::new()
                            } else {
                                format!("sort={sort}&")
                            };
                            let answer = t.owner.get(&format!("{path}?{own}cursor={cursor}")).await;
                            assert!(
                                [200, 400].contains(&answer.status),
                                "{path} {sort} {key:?} {id}: {} {}",
                                answer.status,
                                answer.text
                            );
                        }
                    }
                }
            }
        }
        // One that another order, or another list, has handed out.
        let link = t
            .owner
            .get(&format!("{LEADS}?limit=1&sort=score"))
            .await
            .header("link")
            .to_owned();
        let cursor = link
            .split("cursor=")
            .nth(1)
            .unwrap()
            .split(['>', '&'])
            .next()
            .unwrap()
            .to_owned();
        for path in [
            format!("{LEADS}?"),
            format!("{LEADS}?sort=-score&"),
            format!("{GOALS}?"),
            "/api/bin/?".to_owned(),
            "/api/changes/?".to_owned(),
            format!("{ACTIVITIES}reminders/?"),
        ] {
            refused_on(
                &t.owner.get(&format!("{path}cursor={cursor}")).await,
                "cursor",
                &path,
            );
        }
        for broken in ["x", "%00", "W10", &cursor[1..], &cursor.to_uppercase()] {
            let answer = t
                .owner
                .get(&format!("{LEADS}?sort=score&cursor={broken}"))
                .await;
            refused_on(&answer, "cursor", broken);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_very_many_rows_some_are_counted_and_all_are_found() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        t.sql(
            "INSERT INTO lead (company_id, source, name, search_text)
            SELECT $1, 'feira', 'Lead ' || n, 'feira lead ' || n FROM generate_series(1, 10001) n",
        )
        .await;
        for (query, total, capped) in [
            ("count=some", "10000", "true"),
            ("count=exact", "10001", ""),
            ("count=some&q=feira", "10000", "true"),
            ("count=exact&q=feira", "10001", ""),
            ("count=some&q=lead+77", "280", ""),
            ("count=some&status=QUALIFIED", "0", ""),
        ] {
            let list = t
                .owner
                .get(&format!("{LEADS}?limit=3&{query}"))
                .await
                .expect(200);
            assert_eq!(
                (list.header("x-total-count"), list.header("x-total-capped")),
                (total, capped),
                "{} {query}",
                t.model
            );
        }
        // More than a search looks up by their text: in the list's order all the same.
        for sort in ["id", "-id"] {
            let whole = ids(&t
                .owner
                .get(&format!("{LEADS}?sort={sort}&limit=500"))
                .await
                .json);
            let first = t
                .owner
                .get(&format!("{LEADS}?sort={sort}&limit=250&q=feira"))
                .await
                .expect(200);
            let next = first
                .header("link")
                .split(['<', '>'])
                .nth(1)
                .unwrap()
                .to_owned();
            let second = t.owner.get(&next).await.expect(200);
            assert_eq!([ids(&first.json), ids(&second.json)].concat(), whole);
        }
        let found = t.owner.get("/api/search/?q=feira").await.expect(200).json;
        assert_eq!(
            (&found["capped"], found["results"].as_array().unwrap().len()),
            (&json!(true), 20)
        );
    }
}
