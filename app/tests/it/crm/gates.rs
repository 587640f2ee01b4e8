//! Gates hold on every way, what stands too long rots, and two at once leave one truth.

use super::pipelines::{FIRST, REASONS, codes, set};
use super::{LEADS, OPPORTUNITIES, at, merged, refused_on, start};
use serde_json::{Value, json};
use sindico_testkit::{Answer, TestDatabase};

/// Ways into a stage. Each is told to bring a sale there without what the gate asks for.
#[tokio::test(flavor = "multi_thread")]
async fn a_gate_holds_on_every_way() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let gate = json!({"required_fields": ["amount", "next_step"]});
        set(t, "PROPOSAL", gate).await.expect(200);
        let to = json!({"stage": "PROPOSAL"});
        let missing = |answer: &Answer, what: &str| {
            let what = format!("{} {what}", t.model);
            assert_eq!(answer.status, 400, "{what}: {}", answer.text);
            for field in ["amount", "next_step"] {
                assert!(answer.json[field].is_array(), "{what}: {}", answer.text);
            }
        };
        let sale = t.sale(json!({})).await;
        let path = at(OPPORTUNITIES, &sale);
        missing(&t.owner.patch(&path, to.clone()).await, "PATCH");
        missing(
            &t.owner.put(&path, merged(sale.clone(), to.clone())).await,
            "PUT",
        );
        missing(
            &t.owner.post(&format!("{path}stage/"), to.clone()).await,
            "stage",
        );
        missing(
            &t.owner.post(&format!("{path}move/"), to.clone()).await,
            "move",
        );
        let new = json!({"customer": sale["customer"], "title": "x", "stage": "PROPOSAL"});
        missing(&t.owner.post(OPPORTUNITIES, new).await, "POST");
        let lead = json!({"status": "QUALIFIED", "customer": sale["customer"]});
        let lead = t.lead(lead).await;
        let convert = format!("{}convert/", at(LEADS, &lead));
        missing(&t.owner.post(&convert, to.clone()).await, "convert");
        assert_eq!(t.read(LEADS, &lead).await["status"], "QUALIFIED");
        let bulk = json!({"ids": [sale["id"]], "action": "edit", "values": to, "preview": true});
        let preview = t
            .owner
            .post("/api/opportunities/bulk/", bulk)
            .await
            .expect(200)
            .json;
        let errors = &preview["refusals"][0]["errors"];
        assert!(
            errors["amount"].is_array() && errors["next_step"].is_array(),
            "{preview}"
        );
        assert_eq!(t.read(OPPORTUNITIES, &sale).await, sale, "nothing was done");

        // A move brings what is asked for, and nothing else that is not asked.
        let told =
            json!({"stage": "PROPOSAL", "amount": "9.00", "next_step": "Ligar", "title": "Outro"});
        let now = t
            .owner
            .post(&format!("{path}move/"), told)
            .await
            .expect(200)
            .json;
        assert_eq!(
            (
                &now["stage"],
                &now["amount"],
                &now["next_step"],
                &now["title"]
            ),
            (
                &json!("PROPOSAL"),
                &json!("9.00"),
                &json!("Ligar"),
                &json!("Venda")
            )
        );
        // What the gate asked for stays told, as long as it is there.
        refused_on(
            &t.owner.patch(&path, json!({"next_step": ""})).await,
            "next_step",
            "taken away",
        );
        t.owner
            .patch(&path, json!({"notes": "x", "amount": "8.00"}))
            .await
            .expect(200);
        // Undo takes back what was done, whatever a gate says: of that it is the opposite.
        let on = t
            .owner
            .patch(&path, json!({"stage": "NEGOTIATION"}))
            .await
            .expect(200);
        let change = t.latest(OPPORTUNITIES, &on.json).await;
        t.sql("UPDATE opportunity SET next_step = '' WHERE company_id = $1")
            .await;
        t.undo(change).await.expect(200);
        assert_eq!(t.read(OPPORTUNITIES, &sale).await["stage"], "PROPOSAL");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_asks_for_a_reason_where_the_company_wants_it() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        // The contract's clients send the stage alone.
        let sale = t.sale(json!({})).await;
        t.owner
            .patch(&at(OPPORTUNITIES, &sale), json!({"stage": "LOST"}))
            .await
            .expect(200);
        set(t, "LOST", json!({"required_fields": ["loss_reason"]}))
            .await
            .expect(200);
        let price = t
            .owner
            .post(REASONS, json!({"name": "Preço"}))
            .await
            .expect(201)
            .json;
        refused_on(
            &t.owner.post(REASONS, json!({"name": "preco"})).await,
            "name",
            "a twin",
        );
        let sale = t.sale(json!({})).await;
        let path = format!("{}stage/", at(OPPORTUNITIES, &sale));
        refused_on(
            &t.owner.post(&path, json!({"stage": "LOST"})).await,
            "loss_reason",
            "none",
        );
        let other = json!({"stage": "LOST", "loss_reason": "Porque sim"});
        refused_on(
            &t.owner.post(&path, other).await,
            "loss_reason",
            "not one of them",
        );
        let told = json!({"stage": "LOST", "loss_reason": "Preço"});
        t.owner.post(&path, told).await.expect(200);
        // Its words stay with the sale, whatever becomes of the reason.
        let reason = format!("{REASONS}{}/", price["id"]);
        t.owner
            .patch(&reason, json!({"name": "Preço alto"}))
            .await
            .expect(200);
        let removed = t.owner.call("DELETE", &reason).await.expect(200).json;
        assert_eq!(t.member.get(REASONS).await.json, json!([]));
        assert_eq!(t.read(OPPORTUNITIES, &sale).await["loss_reason"], "Preço");
        t.undo(removed["change_set"].as_i64().unwrap())
            .await
            .expect(200);
        assert_eq!(t.member.get(REASONS).await.json[0]["name"], "Preço alto");
        t.owner
            .call("DELETE", "/api/loss-reasons/999999/")
            .await
            .expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_once_leave_one_truth() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        // Two move one card from the same place: both see where it is then.
        let sale = t.sale(json!({})).await;
        let path = format!("{}stage/", at(OPPORTUNITIES, &sale));
        let (a, b) = tokio::join!(
            t.owner.post(&path, json!({"stage": "PROPOSAL"})),
            t.manager.post(&path, json!({"stage": "PROPOSAL"}))
        );
        let mut statuses = [a.status, b.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 400], "{} {}", a.text, b.text);
        // A stage goes while cards come in: no card is left in a stage that is not there.
        for round in 0..6 {
            let name = json!({"name": format!("Passagem {round}"), "position": 2});
            let now = t
                .owner
                .post(&format!("{FIRST}stages/"), name)
                .await
                .expect(201)
                .json;
            let code = codes(&now)[1].to_owned();
            let id = &now["stages"][1]["id"];
            let mut cards = Vec::new();
            for _ in 0..4 {
                cards.push(t.sale(json!({})).await);
            }
            let gone = format!("{FIRST}stages/{id}/?move_to={}", now["stages"][2]["id"]);
            let enter = |n: usize| {
                let path = format!("{}stage/", at(OPPORTUNITIES, &cards[n]));
                let body = json!({"stage": code});
                async move { t.manager.post(&path, body).await }
            };
            let (removed, a, b, c, d) = tokio::join!(
                t.owner.call("DELETE", &gone),
                enter(0),
                enter(1),
                enter(2),
                enter(3)
            );
            assert!([200, 409].contains(&removed.status), "{}", removed.text);
            for moved in [&a, &b, &c, &d] {
                assert!([200, 400].contains(&moved.status), "{}", moved.text);
            }
            let left = t
                .owner
                .get(&format!("{OPPORTUNITIES}?stage={code}&limit=500"))
                .await
                .expect(200)
                .json;
            let there = codes(&t.owner.get(FIRST).await.json).contains(&code.as_str());
            assert_eq!(there, removed.status == 409);
            assert!(there || left.as_array().unwrap().is_empty(), "{left}");
            if there {
                t.owner.call("DELETE", &gone).await.expect(200);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_too_long_rots_until_something_is_done() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let sale = t.sale(json!({})).await;
        let other = t.sale(json!({})).await;
        let age =
            "UPDATE opportunity SET stage_since = now() - interval '10 days' WHERE company_id = $1";
        t.sql(age).await;
        let now = t.read(OPPORTUNITIES, &sale).await;
        assert_eq!(
            (&now["rotting"], &now["rots_at"]),
            (&json!(false), &Value::Null)
        );
        assert_eq!(now["days_in_stage"], 10);
        // It counts for what stands there already.
        set(t, "DISCOVERY", json!({"rots_after_days": 7}))
            .await
            .expect(200);
        let now = t.read(OPPORTUNITIES, &sale).await;
        assert_eq!(now["rotting"], true, "{now}");
        let rotting = |value: bool| {
            let tree = format!(
                "%7B%22field%22%3A%22rotting%22%2C%22op%22%3A%22is%22%2C%22value%22%3A{value}%7D"
            );
            let path = format!("{OPPORTUNITIES}?sort=id&filter={tree}");
            async move { super::ids(&t.member.get(&path).await.expect(200).json) }
        };
        // The program's clock stands before that of these rows: the filter asks by the former.
        assert!(rotting(false).await.len() <= 2);
        let todo = json!({"title": "Ligar", "opportunity": sale["id"]});
        let todo = t.make("/api/activities/", todo).await;
        assert_eq!(t.read(OPPORTUNITIES, &sale).await["rotting"], false);
        assert_eq!(t.read(OPPORTUNITIES, &other).await["rotting"], true);
        let old =
            "UPDATE activity SET created_at = now() - interval '8 days' WHERE company_id = $1";
        t.sql(old).await;
        assert_eq!(t.read(OPPORTUNITIES, &sale).await["rotting"], true);
        let _ = todo;
        // A move begins anew.
        let moved = t
            .owner
            .patch(&at(OPPORTUNITIES, &other), json!({"stage": "PROPOSAL"}))
            .await;
        assert_eq!(moved.expect(200).json["rots_at"], Value::Null);
        set(t, "DISCOVERY", json!({"rots_after_days": null}))
            .await
            .expect(200);
        assert_eq!(t.read(OPPORTUNITIES, &sale).await["rotting"], false);
    }
}

/// The schema as it was before there were pipelines.
const BEFORE: &str = "SET client_min_messages = warning; SET ROLE sindico_migrator;
    DROP VIEW veil.opportunity;
    ALTER TABLE opportunity DROP CONSTRAINT opportunity_stage_there;
    DROP TABLE setup_change, loss_reason, pipeline_stage, pipeline;
    DROP TRIGGER placed ON opportunity; DROP TRIGGER moved ON opportunity;
    DROP FUNCTION place_card; DROP PROCEDURE seed_pipeline;
    ALTER TABLE opportunity DROP pipeline, DROP stage_since, DROP rots_at;
    CREATE INDEX opportunity_totals ON opportunity (company_id, stage, created_at) INCLUDE (amount_cents, owner_id) WHERE deleted_at IS NULL;
    CREATE INDEX opportunity_closed ON opportunity (company_id, stage, closed_at);
    RESET ROLE";

#[tokio::test(flavor = "multi_thread")]
async fn sales_of_before_are_where_they_were() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let mut sales = Vec::new();
        for stage in ["DISCOVERY", "PROPOSAL", "NEGOTIATION", "WON", "LOST"] {
            sales.push(t.sale(json!({"stage": stage, "amount": "3.00"})).await);
        }
        let moved = t.sale(json!({})).await;
        let path = at(OPPORTUNITIES, &moved);
        t.owner
            .patch(&path, json!({"stage": "PROPOSAL"}))
            .await
            .expect(200);
        let history = "UPDATE change_set SET at = '2026-11-20T12:00:00Z' WHERE company_id = $1 AND action = 'opportunity.update'";
        t.sql(history).await;
        let made = "UPDATE change_set SET at = '2026-10-02T12:00:00Z' WHERE company_id = $1 AND action = 'opportunity.create'";
        t.sql(made).await;
        let older = t.sale(json!({})).await;
        let made =
            "UPDATE opportunity SET created_at = '2026-10-01T12:00:00Z' WHERE company_id = $1";
        t.sql(made).await;
        let inside = TestDatabase::superuser(&t.database).await;
        let forgotten = format!(
            "DELETE FROM change WHERE company_id = {} AND kind = 'opportunity' AND record_id = {}",
            t.company, older["id"]
        );
        inside.batch_execute(&forgotten).await.unwrap();
        inside.batch_execute(BEFORE).await.unwrap();
        let migration = include_str!("../../../../migrations/tenant/0010_pipelines.sql");
        let again = format!("SET ROLE sindico_migrator; BEGIN; {migration}; COMMIT; RESET ROLE");
        inside.batch_execute(&again).await.unwrap();
        for sale in &sales {
            let now = t.read(OPPORTUNITIES, sale).await;
            assert_eq!(
                (
                    &now["pipeline"],
                    &now["stage"],
                    &now["closed_at"],
                    &now["version"]
                ),
                (
                    &json!(1),
                    &sale["stage"],
                    &sale["closed_at"],
                    &sale["version"]
                ),
                "{}",
                t.model
            );
            // Made there, as the history knows.
            assert_eq!(now["stage_since"], "2026-10-02T12:00:00Z");
        }
        // One that the history knows nothing of is there since it was made.
        let unknown = t.read(OPPORTUNITIES, &older).await;
        assert_eq!(unknown["stage_since"], "2026-10-01T12:00:00Z");
        let now = t.read(OPPORTUNITIES, &moved).await;
        assert_eq!(now["stage_since"], "2026-11-20T12:00:00Z");
        let pipelines = t.owner.get("/api/pipelines/").await.expect(200).json;
        assert_eq!(
            codes(&pipelines[0]),
            ["DISCOVERY", "PROPOSAL", "NEGOTIATION", "WON", "LOST"]
        );
        let on = json!({"stage": "PROPOSAL"});
        t.owner
            .patch(&at(OPPORTUNITIES, &sales[0]), on.clone())
            .await
            .expect(200);
        t.owner
            .patch(&at(OPPORTUNITIES, &sales[3]), on)
            .await
            .expect(400);
        let board = t
            .member
            .get("/api/opportunities/board/")
            .await
            .expect(200)
            .json;
        assert_eq!(board["columns"][1]["count"], 3);
    }
}
