//! Bulk edits: what a preview shows is what is done, in one change set, and taken back as one.

use super::{
    ACTIVITIES, CUSTOMERS, GOALS, LEADS, OPPORTUNITIES, Tenant, at, ids, refused_on, start, user_id,
};
use serde_json::{Value, json};
use sindico_testkit::{Answer, Client, TestDatabase};

async fn ask(caller: &Client, path: &str, body: &Value) -> Answer {
    caller.post(&format!("{path}bulk/"), body.clone()).await
}

/// Looks at it first, then has it done.
async fn run(caller: &Client, path: &str, mut body: Value) -> (Value, Value) {
    let preview = ask(caller, path, &body).await.expect(200).json;
    body["preview"] = json!(false);
    body["token"] = preview["token"].clone();
    let done = ask(caller, path, &body).await.expect(200);
    assert_eq!(
        done.header("x-change-set"),
        match &done.json["change_set"] {
            Value::Null => String::new(),
            id => id.to_string(),
        }
    );
    (preview, done.json)
}

fn everything() -> Value {
    json!({"all": []})
}

async fn all(t: &Tenant, path: &str) -> Value {
    t.owner
        .get(&format!("{path}?sort=id&limit=500"))
        .await
        .expect(200)
        .json
}

/// Rows without what every write touches.
fn bare(mut list: Value) -> Value {
    for one in list.as_array_mut().unwrap() {
        one.as_object_mut().unwrap().remove("updated_at");
    }
    list
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_is_set_where_the_rules_let_it() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let a = t.sale(json!({"title": "a"})).await;
        let b = t.sale(json!({"title": "b", "stage": "PROPOSAL"})).await;
        let c = t.sale(json!({"title": "c", "stage": "WON"})).await;
        let before = bare(all(t, OPPORTUNITIES).await);
        let body =
            json!({"filter": everything(), "action": "edit", "values": {"stage": "PROPOSAL"}});
        let (preview, done) = run(&t.manager, OPPORTUNITIES, body).await;
        assert_eq!(preview["count"], 3);
        assert_eq!(
            (
                &preview["changes"],
                &preview["unchanged"],
                &preview["refused"]
            ),
            (&json!(1), &json!(1), &json!(1))
        );
        assert_eq!(
            preview["sample"],
            json!([{"id": a["id"], "title": "a", "before": {"stage": "DISCOVERY"}, "after": {"stage": "PROPOSAL"}}])
        );
        assert_eq!(preview["refusals"][0]["id"], c["id"]);
        assert!(
            preview["refusals"][0]["errors"]["stage"].is_array(),
            "{preview}"
        );
        assert_eq!(
            (&done["changed"], &done["unchanged"], &done["refused"]),
            (&json!(1), &json!(1), &json!(1))
        );
        assert_eq!(t.read(OPPORTUNITIES, &a).await["stage"], "PROPOSAL");
        assert_eq!(
            t.read(OPPORTUNITIES, &b).await["updated_at"],
            b["updated_at"]
        );
        // It stands in the history of the record, and is taken back from there.
        let change_set = t.latest(OPPORTUNITIES, &a).await;
        assert_eq!(done["change_set"], change_set);
        let timeline = t
            .owner
            .get(&format!("{}timeline/", at(OPPORTUNITIES, &a)))
            .await
            .json;
        assert_eq!(timeline[0]["action"], "opportunity.bulk_edit");
        t.undo(change_set).await.expect(200);
        assert_eq!(bare(all(t, OPPORTUNITIES).await), before, "{}", t.model);
        // What is derived comes along: lost is closed.
        let lost = json!({"ids": [a["id"], b["id"]], "action": "edit", "values": {"stage": "LOST", "loss_reason": "x"}});
        let (_, done) = run(&t.owner, OPPORTUNITIES, lost).await;
        assert_eq!(done["changed"], 2);
        assert!(t.read(OPPORTUNITIES, &a).await["closed_at"].is_string());
        t.undo(done["change_set"].as_i64().unwrap())
            .await
            .expect(200);
        assert_eq!(bare(all(t, OPPORTUNITIES).await), before);
        // To take that back is to have it again.
        let undo = t.latest(OPPORTUNITIES, &a).await;
        t.undo(undo).await.expect(200);
        assert_eq!(t.read(OPPORTUNITIES, &b).await["stage"], "LOST");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn owners_and_tags_change_and_come_back() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let manager = user_id(&t.manager).await;
        for n in 0..5 {
            t.lead(json!({"name": format!("L{n}"), "tags": if n < 2 { json!(["old"]) } else { json!([]) }})).await;
        }
        let before = bare(all(t, LEADS).await);
        let old = json!({"field": "tags", "op": "has_any", "value": ["old"]});
        let mut sets = Vec::new();
        for (body, changed, fits) in [
            (
                json!({"filter": everything(), "action": "reassign", "values": {"owner": manager}}),
                5,
                format!("owner={manager}"),
            ),
            (
                json!({"filter": old, "action": "tag", "values": {"tags": ["vip", "old"]}}),
                2,
                "tags=vip,old".to_owned(),
            ),
            (
                json!({"filter": old, "action": "untag", "values": {"tags": ["old"]}}),
                2,
                "tags=vip".to_owned(),
            ),
            (
                json!({"filter": everything(), "action": "edit", "values": {"score": 42, "notes": "ção"}}),
                5,
                "score=42&q=cao".to_owned(),
            ),
            (
                json!({"filter": everything(), "action": "reassign", "values": {"owner": null}}),
                5,
                "owner=none".to_owned(),
            ),
            (
                json!({"filter": everything(), "action": "delete"}),
                5,
                "status=NEW".to_owned(),
            ),
        ] {
            let (preview, done) = run(&t.owner, LEADS, body.clone()).await;
            assert_eq!(
                (&preview["changes"], &done["changed"]),
                (&json!(changed), &json!(changed)),
                "{body}"
            );
            let left = ids(&t
                .owner
                .get(&format!("{LEADS}?{fits}"))
                .await
                .expect(200)
                .json);
            let expected = if body["action"] == "delete" {
                0
            } else {
                changed
            };
            assert_eq!(left.len(), expected, "{} {body}", t.model);
            sets.push(done["change_set"].as_i64().unwrap());
        }
        for set in sets.iter().rev() {
            t.undo(*set).await.expect(200);
        }
        assert_eq!(bare(all(t, LEADS).await), before, "{}", t.model);
        // One alone in the way, and nothing is undone.
        let redo = json!({"filter": everything(), "action": "edit", "values": {"score": 7}});
        let (_, done) = run(&t.owner, LEADS, redo).await;
        let one = all(t, LEADS).await[0].clone();
        t.owner
            .patch(&at(LEADS, &one), json!({"score": 8}))
            .await
            .expect(200);
        let stuck = t
            .undo(done["change_set"].as_i64().unwrap())
            .await
            .expect(409);
        assert_eq!(stuck.json["conflicts"].as_array().unwrap().len(), 1);
        let sevens = t.owner.get(&format!("{LEADS}?score=7")).await.json;
        assert_eq!(ids(&sevens).len(), 4);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_done_but_what_was_seen() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let lead = t.lead(json!({})).await;
        let body = json!({"filter": {"field": "status", "op": "is", "value": "NEW"}, "action": "edit", "values": {"score": 1}});
        let token = ask(&t.owner, LEADS, &body).await.expect(200).json["token"].clone();
        let done = |values: Value, token: &Value| {
            let mut body = body.clone();
            body["preview"] = json!(false);
            body["values"] = values;
            body["token"] = token.clone();
            body
        };
        let set = json!({"score": 1});
        // Another deed, a changed record, another record more: each is something else than what was seen.
        ask(&t.owner, LEADS, &done(json!({"score": 2}), &token))
            .await
            .expect(409);
        t.owner
            .patch(&at(LEADS, &lead), json!({"name": "x"}))
            .await
            .expect(200);
        ask(&t.owner, LEADS, &done(set.clone(), &token))
            .await
            .expect(409);
        let token = ask(&t.owner, LEADS, &body).await.json["token"].clone();
        let more = t.lead(json!({})).await;
        ask(&t.owner, LEADS, &done(set.clone(), &token))
            .await
            .expect(409);
        t.delete(LEADS, &more).await;
        assert!(t.read(LEADS, &lead).await["score"].is_null());
        // Twice by the same key is once.
        let repeated = t.owner.with("idempotency-key", "bulk-1");
        let first = ask(&repeated, LEADS, &done(set.clone(), &token))
            .await
            .expect(200);
        let again = ask(&repeated, LEADS, &done(set.clone(), &token))
            .await
            .expect(200);
        assert_eq!(
            (first.json["changed"].clone(), first.json.clone()),
            (json!(1), again.json.clone())
        );
        ask(&t.owner, LEADS, &done(set, &token)).await.expect(409);
        // Where nothing is to do, nothing stands in the history.
        let (preview, done) = run(&t.owner, LEADS, body.clone()).await;
        assert_eq!(
            (&preview["unchanged"], &done["change_set"]),
            (&json!(1), &Value::Null)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_named() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        t.customer().await;
        let goal = json!({"year": 2026, "month": 1, "amount": "1"});
        t.make(GOALS, goal).await;
        let lead = t.lead(json!({})).await;
        let all = everything();
        for (path, body, field) in [
            (LEADS, json!({"action": "delete"}), "non_field_errors"),
            (
                LEADS,
                json!({"action": "delete", "ids": [1], "filter": all}),
                "non_field_errors",
            ),
            (LEADS, json!({"action": "burn", "filter": all}), "action"),
            (LEADS, json!({"filter": all}), "action"),
            (LEADS, json!({"action": "delete", "ids": []}), "ids"),
            (LEADS, json!({"action": "delete", "ids": ["x"]}), "ids"),
            (
                LEADS,
                json!({"action": "delete", "filter": {"field": "x"}}),
                "filter",
            ),
            (
                LEADS,
                json!({"action": "delete", "filter": all, "preview": false}),
                "token",
            ),
            (
                LEADS,
                json!({"action": "edit", "filter": all, "values": 1}),
                "values",
            ),
            (
                GOALS,
                json!({"action": "tag", "filter": all, "values": {"tags": ["a"]}}),
                "action",
            ),
            (
                GOALS,
                json!({"action": "reassign", "filter": all, "values": {"assignee": 1}}),
                "action",
            ),
        ] {
            refused_on(&ask(&t.owner, path, &body).await, field, &body.to_string());
        }
        for (path, values, field) in [
            (CUSTOMERS, json!({"email": "a@b.com"}), "email"),
            (LEADS, json!({"score": 101}), "score"),
            (LEADS, json!({}), "non_field_errors"),
            (LEADS, json!({"status": "new"}), "status"),
        ] {
            let body = json!({"action": "edit", "filter": all, "values": values});
            let answer = ask(&t.owner, path, &body).await.expect(400);
            assert!(
                answer.json["values"][field].is_array(),
                "{body}: {}",
                answer.text
            );
        }
        // What can't be referred to, and who is no member, is a reason of each record.
        for values in [json!({"customer": i64::MAX}), json!({"owner": i64::MAX})] {
            let body = json!({"action": "edit", "ids": [lead["id"]], "values": values});
            let (preview, done) = run(&t.owner, LEADS, body).await;
            assert_eq!(
                (&preview["refused"], &done["changed"]),
                (&json!(1), &json!(0))
            );
        }
        let todo = json!({"title": "x", "lead": lead["id"]});
        t.make(ACTIVITIES, todo).await;
        let bare = json!({"action": "edit", "filter": all, "values": {"lead": null}});
        let preview = ask(&t.owner, ACTIVITIES, &bare).await.expect(200).json;
        assert_eq!(preview["refused"], 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_change_one_may_not_change_many() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        t.lead(json!({})).await;
        let edit = json!({"action": "edit", "filter": everything(), "values": {"score": 1}});
        let delete = json!({"action": "delete", "filter": everything()});
        ask(&t.member, LEADS, &edit).await.expect(403);
        ask(&t.manager, LEADS, &edit).await.expect(200);
        ask(&t.manager, LEADS, &delete).await.expect(403);
        ask(&t.owner, LEADS, &delete).await.expect(200);
    }
}

/// Another tenant's records are none, by id or by filter.
#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_records_stay_as_they_are() {
    let (app, tenants) = start().await;
    let other = super::tenant(&app, "SHARED_SCHEMA").await;
    let theirs = other.lead(json!({"name": "theirs"})).await;
    let before = other.read(LEADS, &theirs).await;
    for t in &tenants {
        let mine: Vec<i64> = ids(&all(t, LEADS).await);
        for which in [
            json!({"ids": [theirs["id"]]}),
            json!({"filter": everything()}),
        ] {
            for (action, values) in [
                ("edit", json!({"score": 1})),
                ("tag", json!({"tags": ["x"]})),
                ("delete", json!({})),
            ] {
                let body =
                    super::merged(which.clone(), json!({"action": action, "values": values}));
                let (preview, _) = run(&t.owner, LEADS, body).await;
                assert_eq!(preview["count"], mine.len(), "{preview}");
            }
        }
        let alien = json!({"ids": [t.lead(json!({})).await["id"]], "action": "edit", "values": {"customer": other.customer().await["id"]}});
        let inside = ask(&t.owner, LEADS, &alien).await.expect(200).json;
        // An id of theirs may be one of ours as well; then it is ours that is referred to.
        assert_eq!(
            inside["changes"].as_i64().unwrap() + inside["refused"].as_i64().unwrap(),
            1
        );
        t.sql("UPDATE lead SET deleted_at = now() WHERE company_id = $1")
            .await;
    }
    assert_eq!(other.read(LEADS, &theirs).await, before);
}

/// Ten thousand at once, in few statements, and back; more than that are refused with what to do.
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_rows_are_one_write() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let inside = TestDatabase::superuser(&t.database).await;
        let company = t.company;
        let fill = |n: i64| {
            format!(
                "INSERT INTO lead (company_id, source, status, search_text) SELECT {company}, 'site', 'NEW', 'site' FROM generate_series(1, {n})"
            )
        };
        inside.batch_execute(&fill(10_000)).await.unwrap();
        let body = json!({"filter": everything(), "action": "edit", "values": {"score": 9}});
        let before = sindico_store::executed();
        let (preview, done) = run(&t.owner, LEADS, body.clone()).await;
        let statements = sindico_store::executed() - before;
        assert_eq!(
            (&preview["count"], &done["changed"]),
            (&json!(10_000), &json!(10_000))
        );
        // Other tests of this process may run beside this one.
        assert!(statements < 2_000, "{statements} statements");
        let counted =
            "SELECT count(*) FROM lead WHERE company_id = $1 AND score = 9 AND version = 2";
        let count = async |sql: &str| {
            inside
                .query_one(sql, &[&company])
                .await
                .unwrap()
                .get::<_, i64>(0)
        };
        assert_eq!(count(counted).await, 10_000);
        let before = sindico_store::executed();
        t.undo(done["change_set"].as_i64().unwrap())
            .await
            .expect(200);
        assert!(sindico_store::executed() - before < 2_000);
        assert_eq!(count(counted).await, 0);
        let history = "SELECT count(*) FROM change WHERE company_id = $1 AND kind = 'lead'";
        assert_eq!(count(history).await, 20_000);
        inside.batch_execute(&fill(1)).await.unwrap();
        let answer = ask(&t.owner, LEADS, &body).await;
        refused_on(&answer, "filter", "10,001 records");
    }
}
