//! Rules of assignment: who gets new leads that nobody was named for, in turn, whichever way they come.

use crate::begin;
use serde_json::{Value, json};
use sindico_domain::access::Role;
use sindico_testkit::{Client, Options, TestApp};
use std::collections::BTreeMap;

const PATH: &str = "/api/assignment-rules/";

/// A tenant with an owner, a manager, and three members by their ids.
struct Place {
    owner: Client,
    manager: Client,
    members: Vec<(i64, Client)>,
}

impl Place {
    async fn new(app: &TestApp, model: &str) -> Self {
        let staff = app.staff().await;
        let tenant = app.ready(&staff, "acme", model).await;
        let owner = app.member(&tenant, Role::Owner).await;
        let manager = app.member(&tenant, Role::Manager).await;
        let mut members = Vec::new();
        for _ in 0..3 {
            let member = app.member(&tenant, Role::Member).await;
            let id = id_of(&member).await;
            members.push((id, member));
        }
        Self {
            owner,
            manager,
            members,
        }
    }

    fn ids(&self) -> Vec<i64> {
        self.members.iter().map(|(id, _)| *id).collect()
    }

    async fn set(&self, rules: Value) -> Value {
        let set = self.manager.put(PATH, json!({ "rules": rules })).await;
        set.expect(200).json
    }

    async fn lead(&self, source: &str) -> Value {
        let lead = json!({"source": source, "name": "Ana"});
        self.owner.post("/api/leads/", lead).await.expect(201).json
    }

    async fn deactivate(&self, user: i64) {
        let members = "/api/auth/tenant-members/";
        let list = self.owner.get(members).await.expect(200).json["results"].take();
        let found = list
            .as_array()
            .unwrap()
            .iter()
            .find(|one| one["user_id"] == user);
        let path = format!("{members}{}/", found.unwrap()["id"]);
        self.owner
            .patch(&path, json!({"is_active": false}))
            .await
            .expect(200);
    }
}

async fn id_of(caller: &Client) -> i64 {
    let me = caller.get("/api/auth/me/").await.expect(200).json;
    me["id"].as_i64().unwrap()
}

async fn start() -> TestApp {
    begin();
    TestApp::start_with(Options::local_postgres().await).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_rule_that_fits_gives_and_is_told() {
    let app = start().await;
    for model in ["DATABASE_PER_TENANT", "SHARED_SCHEMA"] {
        let place = Place::new(&app, model).await;
        let (ids, me) = (place.ids(), id_of(&place.owner).await);
        assert_eq!(
            place.lead("site").await["owner"],
            me,
            "without rules, who writes it down"
        );
        let site = json!({"field": "source", "op": "is", "value": "site"});
        let set = place
            .set(json!([
                {"name": "off", "users": [ids[2]], "active": false},
                {"name": "Site", "filter": site, "users": [ids[0]]},
                {"name": "Resto", "users": [ids[1]]},
            ]))
            .await;
        let lead = place.lead("site").await;
        assert_eq!(
            (&lead["owner"], place.lead("feira").await["owner"].as_i64()),
            (&json!(ids[0]), Some(ids[1]))
        );
        let timeline = format!("/api/leads/{}/timeline/", lead["id"]);
        let told = place.owner.get(&timeline).await.expect(200).json;
        assert_eq!(told[0]["action"], "lead.create");
        assert_eq!(told[0]["assigned"]["name"], "Site", "{told}");
        assert_eq!(told[0]["after"]["owner"]["id"], ids[0]);
        let news = place.members[0]
            .1
            .get("/api/notifications/")
            .await
            .expect(200)
            .json;
        assert_eq!(
            (&news[0]["topic"], &news[0]["record"]),
            (&json!("ASSIGNED"), &lead["id"])
        );
        // Who is named gets it, and nobody when nobody is meant.
        for (owner, expected) in [(json!(ids[2]), json!(ids[2])), (Value::Null, Value::Null)] {
            let lead = json!({"source": "site", "owner": owner});
            let lead = place.owner.post("/api/leads/", lead).await.expect(201).json;
            assert_eq!(lead["owner"], expected);
        }
        // In another order the other gives; undone, as before. Rules stay who they are.
        let mut turned = set["rules"].as_array().unwrap().clone();
        turned.swap(1, 2);
        let turned = place.set(json!(turned)).await;
        assert_eq!(turned["rules"][1]["id"], set["rules"][2]["id"]);
        assert_eq!(place.lead("site").await["owner"], ids[1]);
        let undone = place
            .manager
            .post(&format!("{PATH}undo/"), json!({}))
            .await
            .expect(200)
            .json;
        assert_eq!(undone["rules"], set["rules"]);
        assert_eq!(place.lead("site").await["owner"], ids[0]);
        let history = place
            .owner
            .get(&format!("{PATH}history/"))
            .await
            .expect(200)
            .json;
        let actions: Vec<_> = history
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["action"].as_str().unwrap())
            .collect();
        assert_eq!(actions, ["undo", "update", "update"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn turns_are_fair_also_for_many_at_once_and_pass_over_who_left() {
    let app = start().await;
    let second = TestApp::start_on(app.database.clone(), Options::local_postgres().await).await;
    for model in ["DATABASE_PER_TENANT", "SHARED_SCHEMA"] {
        let place = Place::new(&app, model).await;
        let ids = place.ids();
        place
            .set(json!([{"name": "Todos", "users": ids, "fallback": ids[0]}]))
            .await;
        let count = |leads: &[Value]| {
            let mut counts = BTreeMap::<i64, usize>::new();
            for lead in leads {
                *counts.entry(lead["owner"].as_i64().unwrap()).or_default() += 1;
            }
            counts
        };
        let beside = place.owner.at(&second.base);
        let mut leads: Vec<Value> = Vec::new();
        // A few at once: a server has so many connections to a tenant.
        for _ in 0..5 {
            let writing = (0..6).map(|n| {
                let by = if n % 2 == 0 { &place.owner } else { &beside };
                by.post("/api/leads/", json!({"source": "x"}))
            });
            let made = futures_util::future::join_all(writing).await;
            leads.extend(made.into_iter().map(|made| made.expect(201).json));
        }
        assert!(
            count(&leads).values().all(|count| *count == 10),
            "{:?}",
            count(&leads)
        );
        // A look takes no turn, and tells whose it is.
        let try_it = json!({"source": "x", "name": "y"});
        let path = format!("{PATH}preview/");
        let looked = place
            .manager
            .post(&path, try_it.clone())
            .await
            .expect(200)
            .json;
        assert_eq!(
            looked,
            place.manager.post(&path, try_it).await.expect(200).json
        );
        let next = place.lead("x").await;
        assert_eq!(next["owner"], looked["user"]);
        let again = json!({"lead": next["id"]});
        let again = place.manager.post(&path, again).await.expect(200).json;
        assert_eq!(again["name"], "Todos");
        place
            .manager
            .post(&path, json!({"lead": i64::MAX}))
            .await
            .expect(404);
        place.deactivate(ids[1]).await;
        let leads = [
            place.lead("x").await,
            place.lead("x").await,
            place.lead("x").await,
            place.lead("x").await,
        ];
        assert_eq!(count(&leads), BTreeMap::from([(ids[0], 2), (ids[2], 2)]));
        for gone in [ids[0], ids[2]] {
            place.deactivate(gone).await;
        }
        // Nobody is left: it is of whom it would be without rules.
        assert_eq!(place.lead("x").await["owner"], id_of(&place.owner).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_and_imports_give_as_well() {
    let app = start().await;
    let place = Place::new(&app, "SHARED_SCHEMA").await;
    let ids = place.ids();
    let team = json!({"name": "Sul", "members": [{"user": ids[0]}, {"user": ids[1]}]});
    let team = place.owner.post("/api/teams/", team).await.expect(201).json;
    place
        .set(json!([{"name": "Sul", "team": team["id"]}]))
        .await;
    let file = "name,source\nAna,x\nBia,x\nCaio,x\nDora,x";
    let job = place.owner.send_sheet("lead", file).await.expect(201).json;
    for (act, state) in [("dry-run", "CHECKED"), ("commit", "DONE")] {
        assert_eq!(place.owner.until_done(&job, act).await["state"], state);
    }
    let leads = place.owner.get("/api/leads/").await.expect(200).json;
    let owners = |user: i64| {
        leads
            .as_array()
            .unwrap()
            .iter()
            .filter(|lead| lead["owner"] == user)
            .count()
    };
    assert_eq!((owners(ids[0]), owners(ids[1])), (2, 2), "{leads}");
    let news = place.members[0]
        .1
        .get("/api/notifications/")
        .await
        .expect(200)
        .json;
    assert_eq!(news[0]["count"], 2);
    // What was sent by a form and is accepted is given, too.
    let form = place
        .owner
        .post("/api/lead-forms/", json!({"title": "Fale"}))
        .await
        .expect(201)
        .json;
    let sent = json!({"name": "Eva", "email": "eva@example.com"});
    place
        .owner
        .post(&format!("/f/{}/", form["key"].as_str().unwrap()), sent)
        .await
        .expect(201);
    let entries = format!("/api/lead-forms/{}/entries/", form["id"]);
    let entry = place.owner.get(&entries).await.expect(200).json[0].clone();
    let lead = match entry["lead"].as_i64() {
        Some(lead) => lead,
        None => {
            let path = format!("/api/lead-form-entries/{}/accept/", entry["id"]);
            let accepted = place.owner.post(&path, json!({})).await.expect(200).json;
            accepted["lead"].as_i64().unwrap()
        }
    };
    let lead = place
        .owner
        .get(&format!("/api/leads/{lead}/"))
        .await
        .expect(200)
        .json;
    assert_eq!(lead["owner"], ids[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_rules_are_refused_as_a_whole() {
    let app = start().await;
    let place = Place::new(&app, "DATABASE_PER_TENANT").await;
    let other = Place::new(&app, "DATABASE_PER_TENANT").await;
    let ids = place.ids();
    place
        .manager
        .post(&format!("{PATH}undo/"), json!({}))
        .await
        .expect(409);
    let set = place.set(json!([{"name": "a", "users": [ids[0]]}])).await;
    for (rule, field) in [
        (json!({"name": "b", "users": [other.ids()[0]]}), "users"),
        (json!({"name": "b", "fallback": other.ids()[0]}), "fallback"),
        (json!({"name": "b", "team": 77}), "team"),
        (json!({"name": "b"}), "users"),
        (json!({"name": "", "users": [ids[0]]}), "name"),
        (
            json!({"name": "b", "users": [ids[0]], "filter": {"field": "x", "op": "is", "value": 1}}),
            "filter",
        ),
    ] {
        let body = json!({"rules": [{"name": "a", "users": [ids[0]]}, rule]});
        let wrong = place.manager.put(PATH, body.clone()).await.expect(400).json;
        assert!(wrong["rules.1"][field].is_array(), "{body}: {wrong}");
    }
    let many = vec![json!({"name": "a", "users": [ids[0]]}); 51];
    place
        .manager
        .put(PATH, json!({ "rules": many }))
        .await
        .expect(400);
    let read = place.owner.get(PATH).await.expect(200);
    assert_eq!(read.json["rules"], set["rules"]);
    let stale = place.manager.with("if-match", "\"77\"");
    stale.put(PATH, json!({"rules": []})).await.expect(412);
    place.members[0]
        .1
        .put(PATH, json!({"rules": []}))
        .await
        .expect(403);
    place.members[0].1.get(PATH).await.expect(200);
    assert_eq!(
        other.owner.get(PATH).await.expect(200).json["rules"],
        json!([])
    );
}
