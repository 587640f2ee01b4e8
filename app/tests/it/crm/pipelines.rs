//! Pipelines and stages: set up, moved through, and taken back.

use super::{OPPORTUNITIES, Tenant, at, refused_on, start, undo_path};
use serde_json::{Value, json};
use sindico_testkit::Answer;

pub(super) const PIPELINES: &str = "/api/pipelines/";
pub(super) const REASONS: &str = "/api/loss-reasons/";
pub(super) const FIRST: &str = "/api/pipelines/1/";

/// The stage of the first pipeline with this code.
async fn stage(t: &Tenant, code: &str) -> Value {
    let first = t.owner.get(FIRST).await.expect(200).json;
    let stages = first["stages"].as_array().unwrap();
    stages
        .iter()
        .find(|one| one["code"] == code)
        .unwrap()
        .clone()
}

/// Changes a stage of the first pipeline.
pub(super) async fn set(t: &Tenant, code: &str, body: Value) -> Answer {
    let id = &stage(t, code).await["id"];
    t.owner.patch(&format!("{FIRST}stages/{id}/"), body).await
}

pub(super) fn codes(pipeline: &Value) -> Vec<&str> {
    let stages = pipeline["stages"].as_array().unwrap();
    stages
        .iter()
        .map(|one| one["code"].as_str().unwrap())
        .collect()
}

/// The newest change of what is set up.
async fn last(t: &Tenant) -> Value {
    let history = t.owner.get("/api/pipelines/history/").await;
    history.expect(200).json[0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_begins_with_the_contracts_stages() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let untouched = t.member.get(PIPELINES).await.expect(200).json;
        assert_eq!(
            codes(&untouched[0]),
            ["DISCOVERY", "PROPOSAL", "NEGOTIATION", "WON", "LOST"]
        );
        assert_eq!(untouched[0]["strict"], true);
        // Written down with the first sale, and the same as before.
        let sale = t.sale(json!({})).await;
        assert_eq!(
            (&sale["pipeline"], &sale["stage"]),
            (&json!(1), &json!("DISCOVERY"))
        );
        let written = t.member.get(PIPELINES).await.expect(200);
        assert_eq!(written.json, untouched, "{}", t.model);
        let one = t.member.get(FIRST).await.expect(200);
        assert_eq!(one.json, untouched[0]);
        let same = t.member.with("if-none-match", one.header("etag"));
        same.get(FIRST).await.expect(304);
        t.owner.get("/api/pipelines/999999/").await.expect(404);
        t.owner.get("/api/pipelines/x/").await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stages_are_added_renamed_moved_archived_and_deleted_and_it_is_taken_back() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let begun = t.owner.get(FIRST).await.expect(200).json;
        let body =
            json!({"name": "Visita técnica", "position": 2, "probability": 40, "color": "WARNING"});
        let added = t
            .manager
            .post(&format!("{FIRST}stages/"), body)
            .await
            .expect(201)
            .json;
        assert_eq!(
            codes(&added),
            [
                "DISCOVERY",
                "VISITA_TECNICA",
                "PROPOSAL",
                "NEGOTIATION",
                "WON",
                "LOST"
            ]
        );
        // Strict: the next one is the next one.
        let sale = t.sale(json!({})).await;
        let path = format!("{}stage/", at(OPPORTUNITIES, &sale));
        t.owner
            .post(&path, json!({"stage": "PROPOSAL"}))
            .await
            .expect(400);
        t.owner
            .post(&path, json!({"stage": "VISITA_TECNICA"}))
            .await
            .expect(200);

        let twin = json!({"name": "visita tecnica"});
        refused_on(
            &t.owner.post(&format!("{FIRST}stages/"), twin).await,
            "name",
            "a twin",
        );
        let twin = json!({"name": "Outra", "code": "PROPOSAL"});
        refused_on(
            &t.owner.post(&format!("{FIRST}stages/"), twin).await,
            "code",
            "a code",
        );
        refused_on(
            &set(t, "WON", json!({"archived": true})).await,
            "archived",
            "won",
        );
        let stale = t.owner.with("if-match", "\"99\"");
        let id = &stage(t, "VISITA_TECNICA").await["id"];
        let path = format!("{FIRST}stages/{id}/");
        stale.patch(&path, json!({"name": "x"})).await.expect(412);

        // It keeps its code, whatever it is called, and nothing enters what is archived.
        let renamed = set(
            t,
            "VISITA_TECNICA",
            json!({"name": "Visita", "archived": true}),
        )
        .await;
        assert_eq!(renamed.expect(200).json["stages"][1]["name"], "Visita");
        let other = t.sale(json!({})).await;
        let way = format!("{}stage/", at(OPPORTUNITIES, &other));
        let refusal = t.owner.post(&way, json!({"stage": "VISITA_TECNICA"})).await;
        refused_on(&refusal, "stage", "archived");
        t.owner
            .post(&way, json!({"stage": "PROPOSAL"}))
            .await
            .expect(200);

        // A stage with a sale in it goes only when that is told where to go: all in one change set.
        t.owner.call("DELETE", &path).await.expect(409);
        let to = &stage(t, "PROPOSAL").await["id"];
        let won = &stage(t, "WON").await["id"];
        let refusal = t
            .owner
            .call("DELETE", &format!("{path}?move_to={won}"))
            .await;
        refused_on(&refusal, "move_to", "won is no place to go");
        let removed = t
            .owner
            .call("DELETE", &format!("{path}?move_to={to}"))
            .await
            .expect(200)
            .json;
        assert_eq!(removed["moved"], 1);
        assert_eq!(t.read(OPPORTUNITIES, &sale).await["stage"], "PROPOSAL");
        let now = t.owner.get(FIRST).await.expect(200).json;
        assert_eq!(codes(&now), codes(&begun));
        t.owner.call("DELETE", &path).await.expect(404);

        // Undo brings back the stage and the sale in it; to undo that is to have it again.
        let set = removed["change_set"].as_i64().unwrap();
        let undone = t
            .owner
            .post(&undo_path(set), json!({}))
            .await
            .expect(200)
            .json;
        assert_eq!(
            t.read(OPPORTUNITIES, &sale).await["stage"],
            "VISITA_TECNICA"
        );
        assert_eq!(codes(&t.owner.get(FIRST).await.json).len(), 6);
        let again = undone["change_set"].as_i64().unwrap();
        t.owner.post(&undo_path(again), json!({})).await.expect(200);
        assert_eq!(t.read(OPPORTUNITIES, &sale).await["stage"], "PROPOSAL");
        assert_eq!(codes(&t.owner.get(FIRST).await.json), codes(&begun));
        t.owner.post(&undo_path(again), json!({})).await.expect(409);

        // Nothing is undone that was set up otherwise since.
        t.owner
            .patch(FIRST, json!({"name": "Vendas"}))
            .await
            .expect(200);
        let first = last(t).await;
        assert_eq!(
            (&first["action"], &first["before"]["name"]),
            (&json!("pipeline.update"), &json!(""))
        );
        t.owner
            .patch(FIRST, json!({"strict": false}))
            .await
            .expect(200);
        let conflict = t
            .owner
            .post(&undo_path(first["change_set"].as_i64().unwrap()), json!({}))
            .await;
        conflict.expect(409);
        let newest = last(t).await["change_set"].as_i64().unwrap();
        t.owner
            .post(&undo_path(newest), json!({}))
            .await
            .expect(200);
        assert_eq!(t.owner.get(FIRST).await.json["strict"], true);
        // The last of the open stages stays, and so do WON and LOST.
        let only = json!({"name": "Só um", "stages": [{"name": "Única"}]});
        let only = t.owner.post(PIPELINES, only).await.expect(201).json;
        for stage in only["stages"].as_array().unwrap() {
            let path = format!("{}stages/{}/", at(PIPELINES, &only), stage["id"]);
            t.owner.call("DELETE", &path).await.expect(400);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipeline_of_ones_own_has_its_own_moves_board_and_numbers() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let body = json!({"name": "Renovações", "stages": [{"name": "Aviso"}, {"name": "Acordo", "probability": 80, "forecast": "COMMITTED"}]});
        let made = t.owner.post(PIPELINES, body.clone()).await.expect(201);
        let path = made.header("location").to_owned();
        let made = made.json;
        assert_eq!(codes(&made), ["AVISO", "ACORDO", "WON", "LOST"]);
        refused_on(&t.owner.post(PIPELINES, body).await, "name", "a twin");
        refused_on(
            &t.owner
                .post(PIPELINES, json!({"name": "x", "stages": []}))
                .await,
            "stages",
            "none",
        );
        refused_on(
            &t.owner
                .post(PIPELINES, json!({"name": "x", "stages": [{"name": ""}]}))
                .await,
            "stages",
            "nameless",
        );

        let id = &made["id"];
        let sale = t.sale(json!({"pipeline": id, "amount": "10.00"})).await;
        assert_eq!(sale["stage"], "AVISO");
        let odd = json!({"pipeline": id, "stage": "PROPOSAL", "title": "x", "customer": sale["customer"]});
        refused_on(
            &t.owner.post(OPPORTUNITIES, odd).await,
            "stage",
            "another's stage",
        );
        let odd = json!({"pipeline": 77, "title": "x", "customer": sale["customer"]});
        refused_on(
            &t.owner.post(OPPORTUNITIES, odd).await,
            "pipeline",
            "no pipeline",
        );
        // It is not strict: back, won at once, and open again.
        let way = at(OPPORTUNITIES, &sale);
        for (to, closed) in [
            ("ACORDO", false),
            ("AVISO", false),
            ("WON", true),
            ("ACORDO", false),
        ] {
            let now = t
                .owner
                .patch(&way, json!({"stage": to}))
                .await
                .expect(200)
                .json;
            assert_eq!(
                (&now["stage"], now["closed_at"].is_null()),
                (&json!(to), !closed)
            );
        }
        // From the first pipeline a sale comes to the beginning.
        let moved = t
            .sale(json!({"stage": "NEGOTIATION", "amount": "5.00"}))
            .await;
        let now = t
            .owner
            .patch(&at(OPPORTUNITIES, &moved), json!({"pipeline": id}))
            .await;
        assert_eq!(now.expect(200).json["stage"], "AVISO");
        let lost = t.sale(json!({"stage": "LOST", "amount": "1.00"})).await;

        let board = t
            .member
            .get(&format!("/api/opportunities/board/?pipeline={id}"))
            .await
            .expect(200)
            .json;
        let columns = board["columns"].as_array().unwrap();
        let counts: Vec<_> = columns
            .iter()
            .map(|c| (c["stage"].as_str().unwrap(), c["count"].as_i64().unwrap()))
            .collect();
        assert_eq!(
            counts,
            [("AVISO", 1), ("ACORDO", 1), ("WON", 0), ("LOST", 0)]
        );
        assert_eq!(board["pipeline"]["id"], *id);
        let first = t
            .member
            .get("/api/opportunities/board/")
            .await
            .expect(200)
            .json;
        assert_eq!(first["columns"][4]["count"], 1);
        refused_on(
            &t.member.get("/api/opportunities/board/?pipeline=99").await,
            "pipeline",
            "none",
        );

        // Metrics go by what a stage means, and by pipeline.
        let metrics = t.member.get("/api/sales/metrics/").await.expect(200).json;
        assert_eq!(metrics["opportunity_funnel"]["ACORDO"], 1);
        assert_eq!(metrics["pipeline_value"], "15.00");
        let own = t
            .member
            .get(&format!("/api/sales/metrics/?pipeline={id}"))
            .await
            .expect(200)
            .json;
        assert_eq!(
            (
                &own["opportunity_funnel"]["LOST"],
                &own["opportunity_funnel"]["AVISO"]
            ),
            (&json!(0), &json!(1))
        );
        let day = t
            .member
            .get("/api/dashboard/summary/")
            .await
            .expect(200)
            .json;
        assert_eq!(
            (
                &day["pipeline"]["open_total"],
                &day["pipeline"]["stages"]["AVISO"]["count"]
            ),
            (&json!(2), &json!(1))
        );
        let listed = t
            .member
            .get(&format!("{OPPORTUNITIES}?pipeline={id}&stage=AVISO"))
            .await
            .expect(200)
            .json;
        assert_eq!(listed.as_array().unwrap().len(), 1);

        // It goes when its sales are told where to go; the first one stays.
        t.owner.call("DELETE", &path).await.expect(409);
        t.owner.call("DELETE", FIRST).await.expect(400);
        t.manager.call("DELETE", &path).await.expect(403);
        let removed = t
            .owner
            .call("DELETE", &format!("{path}?move_to=1"))
            .await
            .expect(200)
            .json;
        assert_eq!(removed["moved"], 2);
        let now = t.read(OPPORTUNITIES, &sale).await;
        assert_eq!(
            (&now["pipeline"], &now["stage"]),
            (&json!(1), &json!("DISCOVERY"))
        );
        t.owner.get(&path).await.expect(404);
        t.undo(removed["change_set"].as_i64().unwrap())
            .await
            .expect(200);
        let now = t.read(OPPORTUNITIES, &sale).await;
        assert_eq!((&now["pipeline"], &now["stage"]), (id, &json!("ACORDO")));
        assert_eq!(t.read(OPPORTUNITIES, &lost).await["stage"], "LOST");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_set_up_what_they_may() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        t.member
            .post(PIPELINES, json!({"name": "x"}))
            .await
            .expect(403);
        t.member
            .patch(FIRST, json!({"name": "x"}))
            .await
            .expect(403);
        t.member
            .post(REASONS, json!({"name": "x"}))
            .await
            .expect(403);
        let made = t
            .manager
            .post(PIPELINES, json!({"name": "x"}))
            .await
            .expect(201)
            .json;
        let set = last(t).await["change_set"].as_i64().unwrap();
        // To take back a creation is to delete, which a manager may not.
        t.manager.post(&undo_path(set), json!({})).await.expect(403);
        t.member.post(&undo_path(set), json!({})).await.expect(403);
        t.owner.post(&undo_path(set), json!({})).await.expect(200);
        t.owner.get(&at(PIPELINES, &made)).await.expect(404);
    }
}
