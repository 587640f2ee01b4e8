//! What a role's scope hides: no route tells it, and none changes it. Random scopes, teams and owners against a
//! model of who sees what, driven by the table of routes.

mod own;

use super::records::{routes, table_of};
use super::{Chance, DEDICATED, SHARED, call, start};
use serde_json::{Value, json};
use sindico_domain::access::Role;
use sindico_testkit::Client;
use std::collections::{BTreeMap, BTreeSet};

const KINDS: [(&str, &str); 5] = [
    ("customer", "customers"),
    ("lead", "leads"),
    ("opportunity", "opportunities"),
    ("activity", "activities"),
    ("sales_goal", "sales-goals"),
];

fn resource(path: &str) -> String {
    path.replace('-', "_")
}

/// A record of the model.
struct Made {
    kind: usize,
    id: i64,
    /// A word that stands in it and nowhere else.
    word: String,
    owner: Option<i64>,
    /// Whether it is in the bin.
    binned: bool,
    /// What it is about, which has to be seen as well.
    about: Vec<usize>,
}

/// Who sees what.
struct Model {
    scopes: [&'static str; 5],
    /// Of each team: users, and whether each leads it.
    teams: Vec<Vec<(i64, bool)>>,
    made: Vec<Made>,
}

impl Model {
    fn sees(&self, reader: i64, n: usize) -> bool {
        let record = &self.made[n];
        let scope = self.scopes[record.kind];
        let mut owners = BTreeSet::from([reader]);
        for team in &self.teams {
            let mine = team.iter().find(|(user, _)| *user == reader);
            if mine.is_some_and(|(_, leads)| *leads || scope == "TEAM") {
                owners.extend(team.iter().map(|(user, _)| *user));
            }
        }
        let own = scope == "ALL" || record.owner.is_some_and(|owner| owners.contains(&owner));
        own && record.about.iter().all(|about| self.sees(reader, *about))
    }
}

/// A company with three people of one narrowed role.
struct Scene {
    owner: Client,
    people: Vec<(i64, Client)>,
    model: Model,
}

async fn me(client: &Client) -> i64 {
    let me = client.get("/api/auth/tenant-me/").await.expect(200).json;
    me["user_id"].as_i64().unwrap()
}

/// Makes records of everybody and nobody.
async fn fill(owner: &Client, chance: &mut Chance, users: &[i64], tag: &str) -> Vec<Made> {
    let mut made: Vec<Made> = Vec::new();
    for n in 0..12 {
        for (kind, (name, path)) in KINDS.iter().enumerate() {
            let word = format!("{tag}{name}{n}q");
            let whose = users
                .get(usize::try_from(chance.next() % 4).unwrap())
                .copied();
            let of = |kind: usize, chance: &mut Chance| {
                let all: Vec<usize> = (0..made.len())
                    .filter(|n| made[*n].kind == kind && !made[*n].binned)
                    .collect();
                *chance.one(&all)
            };
            let mut about = Vec::new();
            let body = match kind {
                0 => {
                    json!({"name": word, "email": format!("{word}@example.com"), "owner": whose, "tags": [word]})
                }
                1 => {
                    let customer = made[of(0, chance)].id;
                    json!({"source": word, "name": word, "customer": customer, "owner": whose, "notes": word})
                }
                2 => {
                    let (customer, lead) = (made[of(0, chance)].id, made[of(1, chance)].id);
                    json!({"title": word, "customer": customer, "source_lead": lead, "owner": whose, "amount": "10.00"})
                }
                3 => {
                    about = vec![of(1, chance), of(2, chance)];
                    json!({"title": word, "lead": made[about[0]].id, "opportunity": made[about[1]].id, "assigned_to": whose,
                        "due_at": "2026-11-23T11:00:00Z", "reminder_at": "2026-11-23T10:00:00Z"})
                }
                _ => {
                    json!({"year": 2030 + n / 12, "month": 1 + n % 12, "amount": "5.00", "assignee": whose, "notes": word})
                }
            };
            let answer = owner
                .post(&format!("/api/{path}/"), body)
                .await
                .expect(201)
                .json;
            made.push(Made {
                kind,
                id: answer["id"].as_i64().unwrap(),
                word,
                // Who wrote it down: the owner, who sees everything.
                owner: whose,
                binned: false,
                about,
            });
        }
    }
    // The last of the kinds that nothing refers to, and one that something may refer to.
    for kind in [2, 3, 4] {
        let last = made.iter_mut().rev().find(|record| record.kind == kind);
        let record = last.unwrap();
        let path = format!("/api/{}/{}/", KINDS[kind].1, record.id);
        owner.call("DELETE", &path).await.expect(204);
        record.binned = true;
    }
    made
}

async fn scene(
    app: &sindico_testkit::TestApp,
    house: &super::House,
    chance: &mut Chance,
    tag: &str,
) -> Scene {
    let owner = house.owner.clone();
    let mut people = Vec::new();
    for _ in 0..3 {
        let client = app.member(&house.tenant, Role::Member).await;
        people.push((me(&client).await, client));
    }
    let users: Vec<i64> = people.iter().map(|(id, _)| *id).collect();
    let made = fill(&owner, chance, &users, tag).await;
    let mut scopes = ["ALL"; 5];
    let mut rules = serde_json::Map::new();
    for (n, (_, path)) in KINDS.iter().enumerate() {
        // At least one is narrowed in each house.
        let choices: &[&'static str] = match n {
            1 => &["TEAM", "OWN"],
            _ => &["ALL", "TEAM", "OWN"],
        };
        scopes[n] = *chance.one(choices);
        rules.insert(
            resource(path),
            json!({"*": ["MEMBER", "MANAGER", "OWNER"], "SCOPE": {"MEMBER": scopes[n]}}),
        );
    }
    for other in ["views", "imports", "exports"] {
        rules.insert(
            other.to_owned(),
            json!({"*": ["MEMBER", "MANAGER", "OWNER"]}),
        );
    }
    owner
        .patch("/api/auth/tenant-rbac/", Value::Object(rules))
        .await
        .expect(200);
    // One who leads another, and two who are with each other.
    let teams = vec![
        vec![(users[0], true), (users[1], false)],
        vec![(users[1], false), (users[2], false)],
    ];
    for (n, team) in teams.iter().enumerate() {
        let members: Vec<Value> = team
            .iter()
            .map(|(user, leads)| json!({"user": user, "leads": leads}))
            .collect();
        let body = json!({"name": format!("Time {n}"), "members": members});
        owner.post("/api/teams/", body).await.expect(201);
    }
    let model = Model {
        scopes,
        teams,
        made,
    };
    Scene {
        owner,
        people,
        model,
    }
}

/// The record's own ids in a path of its kind's table.
fn kind_of(table: &str) -> Option<usize> {
    KINDS.iter().position(|(name, _)| *name == table)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_route_tells_what_a_scope_hides() {
    let (app, houses) = start(&[DEDICATED, SHARED]).await;
    for (seed, house) in houses.iter().enumerate() {
        let mut chance = Chance(40 + u64::try_from(seed).unwrap());
        let scene = scene(&app, house, &mut chance, "w").await;
        let model = &scene.model;
        let sets = scene
            .owner
            .get("/api/changes/?limit=500")
            .await
            .expect(200)
            .json;
        let sets: BTreeSet<i64> = sets
            .as_array()
            .unwrap()
            .iter()
            .map(|change| change["change_set"].as_i64().unwrap())
            .collect();
        for (reader, client) in &scene.people {
            let hidden: Vec<usize> = (0..model.made.len())
                .filter(|n| !model.sees(*reader, *n))
                .collect();
            assert!(!hidden.is_empty());
            let mut told = 0;
            for (_, template) in routes().iter().filter(|(method, _)| method == "GET") {
                let paths: Vec<(String, Option<usize>)> = match table_of(template) {
                    Some("change_set") if template.contains("{id}") => sets
                        .iter()
                        .map(|id| (template.replace("{id}", &id.to_string()), None))
                        .collect(),
                    Some(table) if template.contains("{id}") => {
                        let of = (0..model.made.len())
                            .filter(|n| Some(model.made[*n].kind) == kind_of(table));
                        of.map(|n| {
                            (
                                template.replace("{id}", &model.made[n].id.to_string()),
                                Some(n),
                            )
                        })
                        .collect()
                    }
                    _ => vec![(template.clone(), None)],
                };
                for (path, of) in paths {
                    let queries: &[&str] = match path.chars().any(|c| c.is_ascii_digit()) {
                        true => &[""],
                        false => &[
                            "",
                            "?limit=500",
                            "?q=w",
                            "?since=0.0",
                            "?name=w&email=w&source=w",
                        ],
                    };
                    for query in queries {
                        let answer = client.get(&format!("{path}{query}")).await;
                        assert!(answer.status < 500, "{path}{query}: {}", answer.text);
                        if let Some(n) = of
                            && hidden.contains(&n)
                        {
                            assert!(
                                [400, 404].contains(&answer.status) || !path.contains("/api/"),
                                "{:?} {path}{query}: {} {}",
                                model.scopes,
                                answer.status,
                                answer.text
                            );
                        }
                        for n in &hidden {
                            let word = &model.made[*n].word;
                            assert!(
                                !answer.text.contains(word.as_str()),
                                "{:?} {path}{query} tells {reader} of {word} of {:?}: {}",
                                model.scopes,
                                model.made[*n].owner,
                                answer.text
                            );
                        }
                        told += usize::from(answer.text.contains("q\""));
                    }
                }
            }
            assert!(told > 20, "only {told} answers told of anything");
            // And lists have all that is seen.
            for (kind, (_, path)) in KINDS.iter().enumerate() {
                let listed = client
                    .get(&format!("/api/{path}/?limit=500&count=exact"))
                    .await
                    .expect(200);
                let ids: BTreeSet<i64> = listed
                    .json
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|r| r["id"].as_i64().unwrap())
                    .collect();
                let mut expected: BTreeSet<i64> = (0..model.made.len())
                    .filter(|n| {
                        model.made[*n].kind == kind
                            && !model.made[*n].binned
                            && model.sees(*reader, *n)
                    })
                    .map(|n| model.made[n].id)
                    .collect();
                // The customer of the house's own has no owner.
                if kind == 0 && model.scopes[0] == "ALL" {
                    expected.extend(
                        ids.iter()
                            .filter(|id| model.made.iter().all(|r| r.kind != 0 || r.id != **id)),
                    );
                }
                assert_eq!(ids, expected, "{:?} {path}", model.scopes);
            }
            let found = client
                .get("/api/search/?q=wlead&limit=50")
                .await
                .expect(200)
                .json;
            let found = found["results"].as_array().unwrap().len();
            let seen = (0..model.made.len())
                .filter(|n| model.made[*n].kind == 1 && model.sees(*reader, *n));
            assert_eq!(found, seen.count());
            // Numbers count what is seen.
            let metrics = client.get("/api/sales/metrics/").await.expect(200).json;
            let leads: i64 = metrics["lead_funnel"]
                .as_object()
                .unwrap()
                .values()
                .map(|n| n.as_i64().unwrap())
                .sum();
            let seen = (0..model.made.len())
                .filter(|n| model.made[*n].kind == 1 && model.sees(*reader, *n));
            assert_eq!(leads, i64::try_from(seen.count()).unwrap());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_answers_as_if_what_a_scope_hides_did_not_exist() {
    let (app, houses) = start(&[DEDICATED, SHARED]).await;
    for (seed, house) in houses.iter().enumerate() {
        let mut chance = Chance(70 + u64::try_from(seed).unwrap());
        let scene = scene(&app, house, &mut chance, "v").await;
        let model = &scene.model;
        let before = house.everything().await;
        let (reader, client) = &scene.people[2];
        let mut tried = BTreeMap::<String, usize>::new();
        for (method, template) in routes().iter().filter(|(_, path)| path.contains("{id}")) {
            let Some(kind) = table_of(template).and_then(kind_of) else {
                continue;
            };
            let hidden: Vec<i64> = (0..model.made.len())
                .filter(|n| model.made[*n].kind == kind && !model.sees(*reader, *n))
                .map(|n| model.made[n].id)
                .collect();
            if hidden.is_empty() {
                continue;
            }
            let path = |id: i64| template.replace("{id}", &id.to_string());
            let bodies = [
                json!({}),
                json!({"name": "x", "email": "x@example.com", "title": "x", "stage": "PROPOSAL",
                    "source": "x", "customer": 1, "year": 2030, "month": 1, "amount": "1.00", "lead": 1}),
            ];
            for body in &bodies {
                let found = call(client, method, &path(*chance.one(&hidden)), Some(body)).await;
                let nothing = call(client, method, &path(i64::MAX), Some(body)).await;
                assert_eq!(found, nothing, "{:?} {method} {template}", model.scopes);
            }
            *tried.entry(format!("{method} {template}")).or_default() += 1;
        }
        assert!(tried.len() > 10, "{tried:?}");
        assert_eq!(house.everything().await, before);
    }
}
