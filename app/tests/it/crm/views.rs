//! Saved views: whose they are, who may change them, that no change is lost, and the way back.

use super::{Tenant, refused_on, start, user_id};
use serde_json::{Value, json};
use sindico_testkit::{Answer, Client};

const VIEWS: &str = "/api/views/";

fn at(view: &Value) -> String {
    format!("{VIEWS}{}/", view["id"])
}

async fn make(caller: &Client, more: Value) -> Value {
    let body = json!({"kind": "lead", "name": "Quentes", "sort": "-score",
        "filter": {"field": "score", "op": "gte", "value": "70"}});
    caller
        .post(VIEWS, super::merged(body, more))
        .await
        .expect(201)
        .json
}

async fn names(caller: &Client) -> Vec<String> {
    let list = caller
        .get(&format!("{VIEWS}?kind=lead"))
        .await
        .expect(200)
        .json;
    let names = list.as_array().unwrap().iter();
    names
        .map(|view| view["name"].as_str().unwrap().to_owned())
        .collect()
}

fn with(caller: &Client, version: &str) -> Client {
    caller.with("if-match", version)
}

/// A change over this version.
async fn over(caller: &Client, version: &str, view: &Value, change: Value) -> Answer {
    with(caller, version).patch(&at(view), change).await
}

fn statuses(answers: &[Answer]) -> Vec<u16> {
    answers.iter().map(|answer| answer.status).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_views_are_nobody_elses() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let mine = make(&t.member, json!({})).await;
        assert_eq!(
            (&mine["visibility"], &mine["owner"]),
            (&json!("PRIVATE"), &json!(user_id(&t.member).await))
        );
        assert_eq!(mine["filter"]["value"], 70);
        assert_eq!(names(&t.member).await, ["Quentes"]);
        for other in [&t.owner, &t.manager] {
            assert!(names(other).await.is_empty());
            let answers = [
                other.get(&at(&mine)).await,
                other.patch(&at(&mine), json!({"name": "x"})).await,
                other.call("DELETE", &at(&mine)).await,
                other.post(&format!("{}undo/", at(&mine)), json!({})).await,
            ];
            assert_eq!(statuses(&answers), [404; 4]);
        }
        // Two may have the same name for their own, one may not.
        make(&t.owner, json!({})).await;
        let again = t
            .member
            .post(VIEWS, json!({"kind": "lead", "name": "QUENTES"}))
            .await;
        refused_on(&again, "name", "a name twice");
        t.member
            .post(VIEWS, json!({"kind": "customer", "name": "Quentes"}))
            .await
            .expect(201);
        let changed = t
            .member
            .patch(
                &at(&mine),
                json!({"density": "COMPACT", "columns": ["score"]}),
            )
            .await
            .expect(200)
            .json;
        assert_eq!(
            (
                &changed["density"],
                &changed["columns"],
                &changed["version"]
            ),
            (&json!("COMPACT"), &json!(["score"]), &json!(2))
        );
        assert_eq!(changed["sort"], "-score");
        with(&t.member, "\"1\"")
            .patch(&at(&mine), json!({"name": "x"}))
            .await
            .expect(412);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn shared_views_are_changed_by_who_may_and_never_unseen() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        t.member
            .post(
                VIEWS,
                json!({"kind": "lead", "name": "x", "visibility": "TENANT"}),
            )
            .await
            .expect(403);
        let mine = make(&t.member, json!({"name": "Minha"})).await;
        t.member
            .patch(&at(&mine), json!({"visibility": "TENANT"}))
            .await
            .expect(403);
        let view = make(&t.manager, json!({"visibility": "TENANT"})).await;
        assert_eq!(names(&t.member).await, ["Quentes", "Minha"]);
        t.member.get(&at(&view)).await.expect(200);
        with(&t.member, "\"1\"")
            .patch(&at(&view), json!({"name": "x"}))
            .await
            .expect(403);
        with(&t.member, "\"1\"")
            .call("DELETE", &at(&view))
            .await
            .expect(403);
        // Without a version, or with "any", nobody knows what is overwritten.
        for caller in [t.owner.clone(), with(&t.owner, "*")] {
            let answers = [
                caller.patch(&at(&view), json!({"name": "x"})).await,
                caller.call("DELETE", &at(&view)).await,
                caller.post(&format!("{}undo/", at(&view)), json!({})).await,
            ];
            assert_eq!(statuses(&answers), [428; 3]);
        }
        let first = over(&t.owner, "\"1\"", &view, json!({"name": "Do dono"}));
        let second = over(&t.manager, "\"1\"", &view, json!({"name": "Da gerente"}));
        let (first, second) = tokio::join!(first, second);
        let mut both = statuses(&[first, second]);
        both.sort_unstable();
        assert_eq!(both, [200, 412], "{}", t.model);
        // Both roles begin with one view each.
        let set = over(
            &t.owner,
            "\"2\"",
            &view,
            json!({"default_for": ["MEMBER", "OWNER"]}),
        );
        assert_eq!(
            set.await.expect(200).json["default_for"],
            json!(["MEMBER", "OWNER"])
        );
        let other = t.manager.post(
            VIEWS,
            json!({"kind": "lead", "name": "b", "visibility": "TENANT", "default_for": ["OWNER"]}),
        );
        refused_on(&other.await, "default_for", "two for one role");
        refused_on(
            &t.member
                .patch(&at(&mine), json!({"default_for": ["MEMBER"]}))
                .await,
            "default_for",
            "a private one",
        );
        with(&t.manager, "\"3\"")
            .call("DELETE", &at(&view))
            .await
            .expect(204);
        t.manager.get(&at(&view)).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_teams_view_is_its_members() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let (manager, member) = (user_id(&t.manager).await, user_id(&t.member).await);
        let team = json!({"name": "Sul", "members": [{"user": manager}, {"user": member}]});
        let team = t.owner.post("/api/teams/", team).await.expect(201).json;
        let other = json!({"name": "Norte"});
        let other = t.owner.post("/api/teams/", other).await.expect(201).json;
        let body = json!({"kind": "lead", "name": "x", "visibility": "TEAM"});
        refused_on(
            &t.manager.post(VIEWS, body.clone()).await,
            "team",
            "no team",
        );
        let theirs = super::merged(body.clone(), json!({"team": other["id"]}));
        refused_on(
            &t.manager.post(VIEWS, theirs).await,
            "team",
            "another's team",
        );
        let own = super::merged(body, json!({"team": team["id"]}));
        t.member.post(VIEWS, own).await.expect(403);
        let view = make(
            &t.manager,
            json!({"visibility": "TEAM", "team": team["id"]}),
        )
        .await;
        // One of the same name for all, and one of one's own, are others.
        make(&t.owner, json!({"visibility": "TENANT"})).await;
        assert_eq!(names(&t.member).await, ["Quentes", "Quentes"]);
        t.member.get(&at(&view)).await.expect(200);
        assert_eq!(names(&t.owner).await, ["Quentes"]);
        t.owner.get(&at(&view)).await.expect(404);
        over(&t.owner, "\"1\"", &view, json!({"name": "x"}))
            .await
            .expect(404);
        over(&t.member, "\"1\"", &view, json!({"name": "x"}))
            .await
            .expect(403);
        over(&t.manager, "\"1\"", &view, json!({"name": "Do Sul"}))
            .await
            .expect(200);
        // No role begins with what not all of it see.
        let begin = over(
            &t.manager,
            "\"2\"",
            &view,
            json!({"default_for": ["MEMBER"]}),
        )
        .await;
        refused_on(&begin, "default_for", "a team's");
        // Whoever leaves the team sees it no more, but for who made it.
        let path = format!("/api/teams/{}/", team["id"]);
        t.owner
            .patch(&path, json!({"members": []}))
            .await
            .expect(200);
        t.member.get(&at(&view)).await.expect(404);
        let own = over(&t.manager, "\"2\"", &view, json!({"visibility": "PRIVATE"})).await;
        assert_eq!(own.expect(200).json["team"], json!(null));
        // Back to the team that one is not in any more is no way.
        let back = with(&t.manager, "\"3\"")
            .post(&format!("{}undo/", at(&view)), json!({}))
            .await;
        refused_on(&back, "team", "a team that was left");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_change_of_a_view_is_taken_back() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let view = make(&t.manager, json!({"visibility": "TENANT"})).await;
        let undo = |version: i64| {
            let caller = with(&t.manager, &format!("\"{version}\""));
            let path = format!("{}undo/", at(&view));
            async move { caller.post(&path, json!({})).await }
        };
        with(&t.manager, "\"1\"")
            .patch(&at(&view), json!({"name": "Mornos", "filter": null}))
            .await
            .expect(200);
        undo(1).await.expect(412);
        let back = undo(2).await.expect(200).json;
        assert_eq!(
            (&back["name"], &back["filter"], &back["version"]),
            (&view["name"], &view["filter"], &json!(3))
        );
        assert_eq!(undo(3).await.expect(200).json["name"], "Mornos");
        with(&t.manager, "\"4\"")
            .call("DELETE", &at(&view))
            .await
            .expect(204);
        assert!(names(&t.member).await.is_empty());
        undo(5).await.expect(200);
        assert_eq!(names(&t.member).await, ["Mornos"]);
        // To take back that it was made is to delete it.
        let new = make(&t.member, json!({})).await;
        t.member
            .post(&format!("{}undo/", at(&new)), json!({}))
            .await
            .expect(204);
        t.member.get(&at(&new)).await.expect(404);
        audited(t, &view).await;
    }
}

async fn audited(t: &Tenant, view: &Value) {
    let inside = sindico_testkit::TestDatabase::superuser(&t.database).await;
    let sql = "SELECT string_agg(action, ' ' ORDER BY id) FROM saved_view_change WHERE company_id = $1 AND view_id = $2";
    let id = view["id"].as_i64().unwrap();
    let told: String = inside
        .query_one(sql, &[&t.company, &id])
        .await
        .unwrap()
        .get(0);
    assert_eq!(told, "create update undo undo delete undo");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_views_are_refused_by_field() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        for (body, wrong) in [
            (json!({"name": "a"}), "kind"),
            (json!({"kind": "view", "name": "a"}), "kind"),
            (json!({"kind": "lead"}), "name"),
            (
                json!({"kind": "lead", "name": "a", "visibility": "TEAM"}),
                "visibility",
            ),
            (
                json!({"kind": "lead", "name": "a", "filter": {"field": "stage", "op": "is", "value": "WON"}}),
                "filter",
            ),
            (
                json!({"kind": "lead", "name": "a", "sort": "amount"}),
                "sort",
            ),
            (
                json!({"kind": "lead", "name": "a", "columns": ["stage"]}),
                "columns",
            ),
            (json!({"kind": "lead", "name": "a\u{0}"}), "name"),
        ] {
            refused_on(
                &t.owner.post(VIEWS, body.clone()).await,
                wrong,
                &body.to_string(),
            );
        }
        t.owner.get("/api/views/?kind=x").await.expect(400);
        let odd: Answer = t.owner.get("/api/views/999999/").await;
        odd.expect(404);
    }
}
