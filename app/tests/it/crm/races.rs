//! Races: one wins, the others are told, and nothing is half done.

use super::{CUSTOMERS, LEADS, OPPORTUNITIES, at, refused_on, start, undo_path};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_and_an_edit_at_once_are_never_both_lost_or_half_done() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        for round in 0..10 {
            let lead = t.lead(json!({"name": "A", "company": "A"})).await;
            let path = at(LEADS, &lead);
            t.owner
                .patch(&path, json!({"name": "B", "company": "B"}))
                .await
                .expect(200);
            let set = t.latest(LEADS, &lead).await;
            let way = undo_path(set);
            let undo = t.owner.post(&way, json!({}));
            let edit = t.manager.patch(&path, json!({"name": "C", "notes": "n"}));
            let (undo, edit) = match round % 2 {
                0 => futures_util::join!(undo, edit),
                _ => {
                    let (edit, undo) = futures_util::join!(edit, undo);
                    (undo, edit)
                }
            };
            let now = t.read(LEADS, &lead).await;
            let found = [&now["name"], &now["company"], &now["notes"]];
            assert_eq!(edit.status, 200, "{}", edit.text);
            match undo.status {
                // The undo was first, and the edit stands on it.
                200 => assert_eq!(found, ["C", "A", "n"]),
                409 => {
                    assert_eq!(found, ["C", "B", "n"]);
                    assert_eq!(undo.json["conflicts"][0]["field"], "name", "{}", undo.text);
                }
                status => panic!("{status} {}", undo.text),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversion_undone_while_its_sale_is_edited_is_undone_whole_or_not_at_all() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        for round in 0..10 {
            let email = format!("ana{round}@example.com");
            let lead = t.lead(json!({"status": "QUALIFIED", "email": email})).await;
            let path = format!("{}convert/", at(LEADS, &lead));
            let made = t.owner.post(&path, json!({})).await.expect(201).json;
            let way = undo_path(t.latest(LEADS, &lead).await);
            let sale = at(OPPORTUNITIES, &made["opportunity"]);
            let undo = t.owner.post(&way, json!({}));
            let edit = t.manager.patch(&sale, json!({"amount": "7"}));
            let (undo, edit) = futures_util::join!(undo, edit);
            let status = t.read(LEADS, &lead).await["status"].clone();
            let customer = format!("{CUSTOMERS}{}/", made["lead"]["customer"]);
            let there = [
                t.owner.get(&sale).await.status,
                t.owner.get(&customer).await.status,
            ];
            match (undo.status, edit.status) {
                (200, 404) => assert_eq!((status, there), (json!("QUALIFIED"), [404, 404])),
                (409, 200) => assert_eq!((status, there), (json!("CONVERTED"), [200, 200])),
                other => panic!("{other:?} {} {}", undo.text, edit.text),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_set_undone_twice_at_once_is_undone_once() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let lead = t.lead(json!({"name": "A"})).await;
        t.owner
            .patch(&at(LEADS, &lead), json!({"name": "B"}))
            .await
            .expect(200);
        let set = t.latest(LEADS, &lead).await;
        let answers = futures_util::future::join_all((0..4).map(|_| t.undo(set))).await;
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409, 409, 409], "{answers:?}");
        assert_eq!(t.read(LEADS, &lead).await["name"], "A");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_customers_with_one_address_made_at_once_one_is_refused() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        for round in 0..5 {
            let body =
                |case: &str| json!({"name": "Ana", "email": format!("{case}{round}@example.com")});
            let (a, b) = futures_util::join!(
                t.owner.post(CUSTOMERS, body("ana")),
                t.manager.post(CUSTOMERS, body("ANA"))
            );
            let (made, lost) = if a.status == 201 { (a, b) } else { (b, a) };
            assert_eq!(made.status, 201, "{}", made.text);
            refused_on(&lost, "email", "the second");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_of_two_who_edit_one_record_is_told() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let lead = t
            .owner
            .post(LEADS, json!({"source": "site"}))
            .await
            .expect(201);
        let path = at(LEADS, &lead.json);
        let seen = lead.header("etag");
        let (owner, manager) = (
            t.owner.with("if-match", seen),
            t.manager.with("if-match", seen),
        );
        let edits = (
            owner.patch(&path, json!({"name": "O"})),
            manager.put(&path, json!({"source": "site", "name": "M"})),
        );
        let (a, b) = futures_util::join!(edits.0, edits.1);
        let mut statuses = [a.status, b.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412], "{} {}", a.text, b.text);
        let name = if a.status == 200 { "O" } else { "M" };
        assert_eq!(t.read(LEADS, &lead.json).await["name"], name);
        for (method, path) in [
            ("DELETE", path.clone()),
            ("POST", format!("{path}qualify/")),
        ] {
            owner.call(method, &path).await.expect(412);
        }
        let now = t.owner.get(&path).await.header("etag").to_owned();
        t.owner
            .with("if-match", &now)
            .post(&format!("{path}qualify/"), json!({}))
            .await
            .expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_of_one_customer_and_sales_to_it_at_once_all_succeed() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let customer = t.customer().await;
        let (path, id) = (at(CUSTOMERS, &customer), &customer["id"]);
        let edits = (0..8).map(|n| t.owner.patch(&path, json!({"notes": format!("{n}")})));
        let sales = (0..8).map(|n| {
            t.manager.post(
                OPPORTUNITIES,
                json!({"customer": id, "title": format!("{n}")}),
            )
        });
        let (edits, sales) = futures_util::join!(
            futures_util::future::join_all(edits),
            futures_util::future::join_all(sales)
        );
        edits.into_iter().for_each(|answer| {
            answer.expect(200);
        });
        sales.into_iter().for_each(|answer| {
            answer.expect(201);
        });
    }
}
