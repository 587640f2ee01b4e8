//! What working with a narrow scope is like.

use super::super::{DEDICATED, SHARED, start};
use super::me;
use serde_json::json;
use sindico_domain::access::Role;

#[tokio::test(flavor = "multi_thread")]
async fn who_sees_only_their_own_works_with_it() {
    let (app, houses) = start(&[DEDICATED, SHARED]).await;
    for house in &houses {
        let owner = &house.owner;
        let (ana, bia) = (
            app.member(&house.tenant, Role::Manager).await,
            app.member(&house.tenant, Role::Manager).await,
        );
        let (ana_id, bia_id) = (me(&ana).await, me(&bia).await);
        let own = json!({"SCOPE": {"MANAGER": "own"}, "DELETE": ["MANAGER", "OWNER"]});
        let rules =
            json!({"customers": own, "leads": own, "opportunities": own, "activities": own});
        owner
            .patch("/api/auth/tenant-rbac/", rules)
            .await
            .expect(200);
        let rbac = owner.get("/api/auth/tenant-rbac/").await.expect(200).json;
        assert_eq!(
            rbac["rbac_overrides"]["leads"]["SCOPE"],
            json!({"MANAGER": "OWN"})
        );
        assert_eq!(
            rbac["effective_scopes"]["leads"],
            json!({"MANAGER": "OWN", "MEMBER": "ALL", "OWNER": "ALL"})
        );
        let may = ana.get("/api/auth/capabilities/").await.expect(200).json;
        assert_eq!(may["scopes"]["leads"], "OWN");
        assert_eq!(may["scopes"]["sales_goals"], "ALL");

        // What one makes is one's own.
        let made = ana
            .post(
                "/api/customers/",
                json!({"name": "Padaria", "email": "p@example.com"}),
            )
            .await
            .expect(201);
        assert_eq!(made.json["owner"], json!(ana_id));
        let path = format!("/api/customers/{}/", made.json["id"]);
        ana.get(&path).await.expect(200);
        bia.get(&path).await.expect(404);
        // A taken address is refused, without a word of whose it is.
        let taken = bia
            .post(
                "/api/customers/",
                json!({"name": "Outra", "email": "P@example.com"}),
            )
            .await
            .expect(400);
        assert!(
            taken.json["email"].is_array() && !taken.text.contains("Padaria"),
            "{}",
            taken.text
        );
        // A hidden record can't be referred to.
        let sale = json!({"title": "Pão", "customer": made.json["id"]});
        let refused = bia
            .post("/api/opportunities/", sale.clone())
            .await
            .expect(400);
        assert!(refused.json["customer"].is_array(), "{}", refused.text);
        // What is hidden of what one sees has no name, and may stay as it is.
        let sale = owner
            .post(
                "/api/opportunities/",
                json!({"title": "Pão", "customer": made.json["id"], "owner": bia_id}),
            )
            .await
            .expect(201);
        let sale = format!("/api/opportunities/{}/", sale.json["id"]);
        bia.patch(&sale, json!({"next_step": "ligar"}))
            .await
            .expect(200);
        let page = bia.get(&sale.replace("/api", "")).await;
        assert!(!page.text.contains("Padaria"), "{}", page.text);

        // Given away, it is gone; the answer still tells what was done.
        let given = ana.patch(&path, json!({"owner": bia_id})).await.expect(200);
        assert_eq!(given.json["owner"], json!(bia_id));
        ana.get(&path).await.expect(404);
        bia.get(&path).await.expect(200);
        // Who does not see what a write changed can't take it back, nor read it.
        let set = owner.get(&format!("{path}timeline/")).await;
        let set = match set.status {
            200 => set.json[0]["change_set"].clone(),
            _ => owner.get("/api/changes/").await.expect(200).json[0]["change_set"].clone(),
        };
        ana.post(&format!("/api/changes/{set}/undo/"), json!({}))
            .await
            .expect(404);
        bia.post(&format!("/api/changes/{set}/undo/"), json!({}))
            .await
            .expect(200);
        // Back where it was, by who could see it.
        ana.get(&path).await.expect(200);
        bia.get(&path).await.expect(404);

        // One write that changed what both have: neither has all of it.
        let of = async |who: i64| {
            let body = json!({"source": "Feira", "owner": who, "tags": ["vip"]});
            owner.post("/api/leads/", body).await.expect(201).json["id"].clone()
        };
        let (first, second) = (of(ana_id).await, of(bia_id).await);
        ana.get(&format!("/api/leads/{first}/")).await.expect(200);
        ana.get(&format!("/api/leads/{second}/")).await.expect(404);
        let list = ana.get("/api/leads/?count=exact").await.expect(200);
        assert_eq!(list.json.as_array().unwrap().len(), 1);

        // What is done to all that fits is done to what is seen, and what is named and hidden is not there.
        let body = json!({"filter": {"all": []}, "action": "tag", "values": {"tags": ["feira"]}});
        let preview = ana
            .post("/api/leads/bulk/", body.clone())
            .await
            .expect(200)
            .json;
        assert_eq!(preview["count"], 1);
        let mut run = body;
        run["preview"] = json!(false);
        run["token"] = preview["token"].clone();
        ana.post("/api/leads/bulk/", run).await.expect(200);
        let other = owner
            .get(&format!("/api/leads/{second}/"))
            .await
            .expect(200)
            .json;
        assert_eq!(other["tags"], json!(["vip"]));
        let named = json!({"ids": [second], "action": "tag", "values": {"tags": ["x"]}});
        let preview = ana.post("/api/leads/bulk/", named).await.expect(200).json;
        assert_eq!(preview["count"], 0);

        // A team, and what it lets see.
        let team =
            json!({"name": "Sul", "members": [{"user": ana_id, "leads": true}, {"user": bia_id}]});
        let team = owner.post("/api/teams/", team).await.expect(201).json;
        ana.get(&format!("/api/leads/{second}/")).await.expect(200);
        bia.get(&format!("/api/leads/{first}/")).await.expect(404);
        let rule = json!({"leads": {"SCOPE": {"MANAGER": "TEAM"}}});
        owner
            .patch("/api/auth/tenant-rbac/", rule)
            .await
            .expect(200);
        bia.get(&format!("/api/leads/{first}/")).await.expect(200);
        let team = format!("/api/teams/{}/", team["id"]);
        owner.call("DELETE", &team).await.expect(204);
        bia.get(&format!("/api/leads/{first}/")).await.expect(404);
        owner
            .post(&format!("{team}undo/"), json!({}))
            .await
            .expect(200);
        bia.get(&format!("/api/leads/{first}/")).await.expect(200);
        // Teams are the owners' to change, and of the company's people.
        bia.patch(&team, json!({"name": "Norte"})).await.expect(403);
        owner
            .patch(&team, json!({"members": [{"user": i64::MAX}]}))
            .await
            .expect(400);
        owner
            .post("/api/teams/", json!({"name": "SUL"}))
            .await
            .expect(400);

        // The page of roles keeps what it shows.
        let page = owner.get("/settings/roles/").await;
        assert!(page.text.contains("leads.SCOPE.MANAGER"), "{}", page.status);
    }
}

/// What moved with a stage that was deleted comes back with it, or nothing does.
#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_see_every_sale_that_moved_takes_no_stage_back() {
    let (app, houses) = start(&[DEDICATED, SHARED]).await;
    for house in &houses {
        let owner = &house.owner;
        let ana = app.member(&house.tenant, Role::Manager).await;
        let ana_id = me(&ana).await;
        let rules = json!({
            "opportunities": {"SCOPE": {"MANAGER": "own"}, "*": ["MANAGER", "OWNER"]},
            "pipelines": {"*": ["MANAGER", "OWNER"]},
        });
        owner
            .patch("/api/auth/tenant-rbac/", rules)
            .await
            .expect(200);
        let pipeline = json!({"name": "Obras", "stages": [{"name": "Visita"}, {"name": "Obra"}]});
        let pipeline = owner
            .post("/api/pipelines/", pipeline)
            .await
            .expect(201)
            .json;
        let stages: Vec<(i64, &str)> = pipeline["stages"]
            .as_array()
            .unwrap()
            .iter()
            .map(|stage| {
                (
                    stage["id"].as_i64().unwrap(),
                    stage["code"].as_str().unwrap(),
                )
            })
            .collect();
        let customer = json!({"name": "Padaria", "email": "p@example.com"});
        let customer = owner
            .post("/api/customers/", customer)
            .await
            .expect(201)
            .json["id"]
            .clone();
        let mut sales = Vec::new();
        for whose in [Some(ana_id), None] {
            let sale = json!({"title": "Pão", "customer": customer, "owner": whose, "pipeline": pipeline["id"], "stage": stages[1].1});
            sales.push(
                owner
                    .post("/api/opportunities/", sale)
                    .await
                    .expect(201)
                    .json,
            );
        }
        let path = format!(
            "/api/pipelines/{}/stages/{}/?move_to={}",
            pipeline["id"], stages[1].0, stages[0].0
        );
        let gone = owner.call("DELETE", &path).await.expect(200).json;
        assert_eq!(gone["moved"], 2);
        let undo = format!("/api/changes/{}/undo/", gone["change_set"]);
        ana.post(&undo, json!({})).await.expect(404);
        let pipeline = format!("/api/pipelines/{}/", pipeline["id"]);
        let there = async || {
            let now = owner.get(&pipeline).await.expect(200).json;
            now["stages"]
                .as_array()
                .unwrap()
                .iter()
                .any(|stage| stage["id"] == stages[1].0)
        };
        assert!(!there().await);
        owner.post(&undo, json!({})).await.expect(200);
        assert!(there().await);
        for sale in &sales {
            let now = owner
                .get(&format!("/api/opportunities/{}/", sale["id"]))
                .await
                .expect(200)
                .json;
            assert_eq!(now["stage"], stages[1].1);
        }
    }
}
