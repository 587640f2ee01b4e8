//! Undo: whole, refused with its reasons when later edits stand in the way, and itself undone.

use super::{
    ACTIVITIES, CUSTOMERS, LEADS, OPPORTUNITIES, at, merged, refused_on, start, undo_path,
};
use serde_json::{Value, json};

/// What a record says, without what counts its changes.
fn content(record: &Value) -> Value {
    let mut content = record.clone();
    content.as_object_mut().unwrap().remove("updated_at");
    content
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_moves_and_deletions_are_taken_back_and_done_again() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let lead = t
            .lead(json!({"name": "Ana", "tags": ["a"], "budget": "0.01"}))
            .await;
        let sale = t
            .sale(json!({"amount": "999999999999.99", "expected_close_date": "2026-12-31"}))
            .await;
        let beside = t.sale(json!({})).await;
        let activity = json!({"title": "Ligar", "lead": lead["id"], "sla_hours": 5, "reminder_at": "2026-11-25T10:00:00.123456Z"});
        let activity = t.make(ACTIVITIES, activity).await;
        let contacts = json!({"name": "Ana", "email": "ana@example.com", "addresses": [{"city": "São Paulo", "cep": "01310-100"}],
            "contacts": [{"kind": "PHONE", "value": "11 3333-4444"}]});
        let customer = t.make(CUSTOMERS, contacts).await;
        for (path, record, action, body) in [
            (
                LEADS,
                &lead,
                "",
                json!({"name": "", "tags": [], "budget": null, "owner": null, "score": 7}),
            ),
            (
                LEADS,
                &lead,
                "disqualify/",
                json!({"disqualification_reason": "Não"}),
            ),
            (
                OPPORTUNITIES,
                &sale,
                "",
                json!({"amount": "0.01", "expected_close_date": null, "stage": "LOST"}),
            ),
            (OPPORTUNITIES, &sale, "stage/", json!({"stage": "PROPOSAL"})),
            (
                OPPORTUNITIES,
                &sale,
                "move/",
                json!({"stage": "LOST", "after": beside["id"]}),
            ),
            (OPPORTUNITIES, &sale, "move/", json!({})),
            (
                ACTIVITIES,
                &activity,
                "",
                json!({"sla_hours": 9, "reminder_at": null, "due_at": "2026-12-01T00:00:00Z"}),
            ),
            (
                ACTIVITIES,
                &activity,
                "complete/",
                json!({"outcome": "Feito"}),
            ),
            (ACTIVITIES, &activity, "mark-reminded/", json!({})),
            (
                CUSTOMERS,
                &customer,
                "",
                json!({"addresses": [], "contacts": [], "kind": "PERSON", "email": "outra@example.com"}),
            ),
        ] {
            let what = format!("{} {path} {action} {body}", t.model);
            let one = format!("{}{action}", at(path, record));
            let changed = match action {
                "" => t.owner.patch(&one, body).await.expect(200).json,
                _ => t.owner.post(&one, body).await.expect(200).json,
            };
            assert_ne!(content(&changed), content(record), "{what}");
            let set = t.latest(path, record).await;
            let undo = t.undo(set).await.expect(200).json["change_set"]
                .as_i64()
                .unwrap();
            assert_eq!(
                content(&t.read(path, record).await),
                content(record),
                "{what}"
            );
            t.undo(set).await.expect(409);
            // Done again, and taken back again.
            let redo = t.undo(undo).await.expect(200).json["change_set"]
                .as_i64()
                .unwrap();
            assert_eq!(
                content(&t.read(path, record).await),
                content(&changed),
                "{what}"
            );
            t.undo(redo).await.expect(200);
            assert_eq!(
                content(&t.read(path, record).await),
                content(record),
                "{what}"
            );
        }
        for (path, record) in [(LEADS, &lead), (CUSTOMERS, &customer)] {
            t.delete(path, record).await;
            let set = t.latest(path, record).await;
            let undo = t.undo(set).await.expect(200).json["change_set"]
                .as_i64()
                .unwrap();
            assert_eq!(content(&t.read(path, record).await), content(record));
            t.undo(undo).await.expect(200);
            t.owner.get(&at(path, record)).await.expect(404);
        }
        // What was made goes to the bin.
        let fresh = t.lead(json!({})).await;
        let made = t.latest(LEADS, &fresh).await;
        let undo = t.undo(made).await.expect(200).json["change_set"]
            .as_i64()
            .unwrap();
        t.owner.get(&at(LEADS, &fresh)).await.expect(404);
        t.undo(undo).await.expect(200);
        assert_eq!(content(&t.read(LEADS, &fresh).await), content(&fresh));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversion_is_taken_back_as_a_whole() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let lead = t
            .lead(json!({"status": "QUALIFIED", "email": "ana@example.com"}))
            .await;
        let path = format!("{}convert/", at(LEADS, &lead));
        let made = t.owner.post(&path, json!({})).await.expect(201).json;
        let customer = json!({"id": made["lead"]["customer"]});
        let set = t.latest(LEADS, &lead).await;
        let undo = t.undo(set).await.expect(200).json["change_set"]
            .as_i64()
            .unwrap();
        assert_eq!(content(&t.read(LEADS, &lead).await), content(&lead));
        t.owner
            .get(&at(OPPORTUNITIES, &made["opportunity"]))
            .await
            .expect(404);
        t.owner.get(&at(CUSTOMERS, &customer)).await.expect(404);
        t.undo(undo).await.expect(200);
        assert_eq!(t.read(LEADS, &lead).await["status"], "CONVERTED");
        t.read(CUSTOMERS, &customer).await;
        // A manager may not delete what the conversion made.
        t.manager.post(&undo_path(set), json!({})).await.expect(403);
        // It stands as it was made, and is taken back and done once more.
        let again = t.undo(set).await.expect(200).json["change_set"]
            .as_i64()
            .unwrap();
        t.owner.get(&at(CUSTOMERS, &customer)).await.expect(404);
        t.undo(again).await.expect(200);
        // Something was built on it: nothing of it is taken back.
        let sale = &made["opportunity"];
        t.owner
            .patch(&at(OPPORTUNITIES, sale), json!({"amount": "7"}))
            .await
            .expect(200);
        let refusal = t.undo(set).await.expect(409);
        assert!(
            refusal.json["conflicts"][0]["kind"] == "opportunity",
            "{}",
            refusal.text
        );
        assert_eq!(t.read(LEADS, &lead).await["status"], "CONVERTED");
        t.read(CUSTOMERS, &customer).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_tells_what_is_undone_however_often_it_goes_back_and_forth() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let lead = t.lead(json!({"name": "A"})).await;
        t.owner
            .patch(&at(LEADS, &lead), json!({"name": "B"}))
            .await
            .expect(200);
        let mut sets = vec![t.latest(LEADS, &lead).await];
        for round in 0..5 {
            let undo = t.undo(sets[round]).await.expect(200);
            sets.push(undo.json["change_set"].as_i64().unwrap());
            // Of two that follow each other one stands, and the last does.
            for (n, set) in sets.iter().enumerate() {
                let change = t.owner.get(&format!("/api/changes/{set}/")).await;
                let change = &change.expect(200).json[0];
                let stands = (sets.len() - 1 - n) % 2 == 0;
                let by = if stands {
                    json!(null)
                } else {
                    json!(sets[n + 1])
                };
                assert_eq!(change["undone_by"], by, "{} {round} {n}", t.model);
                let undoes = n.checked_sub(1).map(|n| sets[n]);
                assert_eq!(change["undoes"], json!(undoes));
                if !stands {
                    t.undo(*set).await.expect(409);
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn later_edits_stand_in_the_way_and_are_listed() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let sale = t.sale(json!({"amount": "1.00"})).await;
        let path = at(OPPORTUNITIES, &sale);
        t.owner
            .patch(&path, json!({"amount": "2.00", "title": "B", "notes": "n"}))
            .await
            .expect(200);
        let set = t.latest(OPPORTUNITIES, &sale).await;
        t.owner
            .patch(
                &path,
                json!({"amount": "3.00", "title": "C", "next_step": "ligar"}),
            )
            .await
            .expect(200);
        let now = t.read(OPPORTUNITIES, &sale).await;
        let refusal = t.undo(set).await.expect(409).json;
        assert!(refusal["detail"].is_string());
        let conflicts = refusal["conflicts"].as_array().unwrap();
        let listed: Vec<Value> = conflicts
            .iter()
            .map(|c| json!([c["kind"], c["record"], c["field"], c["left"], c["found"]]))
            .collect();
        let id = &sale["id"];
        assert_eq!(
            listed,
            [
                json!(["opportunity", id, "amount", "2.00", "3.00"]),
                json!(["opportunity", id, "title", "B", "C"])
            ]
        );
        assert_eq!(t.read(OPPORTUNITIES, &sale).await, now, "all or nothing");
        // Edits of other fields are in nobody's way, and stay.
        t.owner
            .patch(&path, json!({"amount": "2.00", "title": "B"}))
            .await
            .expect(200);
        t.undo(set).await.expect(200);
        let back = t.read(OPPORTUNITIES, &sale).await;
        assert_eq!(
            (
                &back["amount"],
                &back["title"],
                &back["notes"],
                &back["next_step"]
            ),
            (&json!("1.00"), &json!("Venda"), &json!(""), &json!("ligar"))
        );
        // A record that was changed since it was made, one in the bin, one restored already.
        let lead = t.lead(json!({})).await;
        let made = t.latest(LEADS, &lead).await;
        t.owner
            .patch(&at(LEADS, &lead), json!({"name": "x"}))
            .await
            .expect(200);
        t.undo(made).await.expect(409);
        let edit = t.latest(LEADS, &lead).await;
        t.delete(LEADS, &lead).await;
        t.undo(edit).await.expect(409);
        let deleted = t.latest(LEADS, &lead).await;
        t.owner
            .post(&format!("{}restore/", at(LEADS, &lead)), json!({}))
            .await
            .expect(200);
        t.undo(deleted).await.expect(409);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_needs_the_right_to_do_the_opposite() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let lead = t.lead(json!({})).await;
        let made = t.latest(LEADS, &lead).await;
        t.manager
            .post(&undo_path(made), json!({}))
            .await
            .expect(403);
        t.owner
            .patch(&at(LEADS, &lead), json!({"name": "x"}))
            .await
            .expect(200);
        let edit = t.latest(LEADS, &lead).await;
        t.member.post(&undo_path(edit), json!({})).await.expect(403);
        assert_eq!(t.read(LEADS, &lead).await["name"], "x");
        t.manager
            .post(&undo_path(edit), json!({}))
            .await
            .expect(200);
        t.delete(LEADS, &lead).await;
        let deletion = t.latest(LEADS, &lead).await;
        t.member
            .post(&undo_path(deletion), json!({}))
            .await
            .expect(403);
        t.manager
            .post(&undo_path(deletion), json!({}))
            .await
            .expect(200);
        let undo = t.latest(LEADS, &lead).await;
        t.manager
            .post(&undo_path(undo), json!({}))
            .await
            .expect(403);
        t.owner.get(&at(LEADS, &lead)).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_unique_may_have_been_taken_meanwhile() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let customer = json!({"name": "Ana", "email": "ana@example.com"});
        let first = t.make(CUSTOMERS, customer.clone()).await;
        t.owner
            .patch(&at(CUSTOMERS, &first), json!({"email": "nova@example.com"}))
            .await
            .expect(200);
        let edit = t.latest(CUSTOMERS, &first).await;
        let second = t
            .make(
                CUSTOMERS,
                merged(customer, json!({"email": "ANA@example.com"})),
            )
            .await;
        refused_on(&t.undo(edit).await, "email", "an edit");
        assert_eq!(t.read(CUSTOMERS, &first).await["email"], "nova@example.com");
        t.delete(CUSTOMERS, &second).await;
        t.undo(edit).await.expect(200);
        refused_on(
            &t.undo(t.latest(CUSTOMERS, &second).await).await,
            "email",
            "a deletion",
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_undo_does_not_refer_to_what_is_in_the_bin_by_now() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let (sale, other) = (t.sale(json!({})).await, t.customer().await);
        let first = json!({"id": sale["customer"]});
        let body = json!({"customer": other["id"]});
        t.owner
            .patch(&at(OPPORTUNITIES, &sale), body)
            .await
            .expect(200);
        let edit = t.latest(OPPORTUNITIES, &sale).await;
        t.delete(CUSTOMERS, &first).await;
        refused_on(&t.undo(edit).await, "customer", "in the bin");
        assert_eq!(t.read(OPPORTUNITIES, &sale).await["customer"], other["id"]);
        t.owner
            .post(&format!("{}restore/", at(CUSTOMERS, &first)), json!({}))
            .await
            .expect(200);
        t.undo(edit).await.expect(200);
        assert_eq!(
            t.read(OPPORTUNITIES, &sale).await["customer"],
            sale["customer"]
        );
    }
}

/// PostgreSQL keeps microseconds. What the history says of an instant is what is found again, or nothing that sets one
/// could be taken back.
#[tokio::test(flavor = "multi_thread")]
async fn an_instant_finer_than_what_is_kept_can_be_taken_back() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let lead = t.lead(json!({})).await;
        let made = json!({"title": "Ligar", "lead": lead["id"], "due_at": "2026-12-01T10:00:00.123456789Z"});
        let made = t.make(ACTIVITIES, made).await;
        assert_eq!(made["due_at"], "2026-12-01T10:00:00.123456Z");
        let finer = json!({"due_at": "2026-12-02T10:00:00.999999999Z"});
        t.owner
            .patch(&at(ACTIVITIES, &made), finer)
            .await
            .expect(200);
        let set = t.latest(ACTIVITIES, &made).await;
        t.undo(set).await.expect(200);
        let now = t.read(ACTIVITIES, &made).await;
        assert_eq!(now["due_at"], made["due_at"]);
    }
}
