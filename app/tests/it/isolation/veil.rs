//! Fields that are kept from a role: no route tells what is in them, none loses it, and none changes it.

mod ways;

use super::records::{routes, table_of};
use super::{DEDICATED, House, SHARED, start};
use serde_json::{Value, json};
use sindico_domain::access::Role;
use sindico_domain::access::fields::protectable;
use sindico_domain::crm::Kind;
use sindico_testkit::Client;

/// What stands in the fields that are kept, however it is written.
const TOLD: [&str; 24] = [
    "canarymail",
    "98765-1234",
    "987651234",
    "529.982.247-25",
    "52998224725",
    "canarynotes",
    "canarycity",
    "canarycontact",
    "48151.62",
    "48.151,62",
    "31415.92",
    "31.415,92",
    "3141592",
    "canaryloss",
    "canarystep",
    "canarydisq",
    "canarydescription",
    "canaryoutcome",
    "canarygoal",
    "canarycustom",
    "2031-05-17",
    "17/05/2031",
    "canarybefore",
    "98765-9999",
];

/// Records whose kept fields are full, and that have been changed, by their tables.
struct Full {
    customer: i64,
    lead: i64,
    nameless: i64,
    sale: i64,
    lost: i64,
    activity: i64,
    goal: i64,
}

impl Full {
    fn ids(&self, table: &str) -> Vec<i64> {
        match table {
            "customer" => vec![self.customer],
            "lead" => vec![self.lead, self.nameless],
            "opportunity" => vec![self.sale, self.lost],
            "activity" => vec![self.activity],
            "sales_goal" => vec![self.goal],
            _ => Vec::new(),
        }
    }
}

async fn fill(owner: &Client) -> Full {
    for kind in ["customer", "lead", "opportunity", "activity"] {
        let field = json!({"kind": kind, "label": "Segredo", "key": "secret", "type": "TEXT", "searchable": true, "on_card": true});
        owner.post("/api/custom-fields/", field).await.expect(201);
    }
    let post = |path: &'static str, body: Value| async move {
        let made = owner.post(path, body).await.expect(201);
        made.json["id"].as_i64().unwrap()
    };
    let customer = post("/api/customers/", json!({"name": "Ana", "email": "canarymail@example.com", "phone": "(11) 98765-1234",
        "document": "529.982.247-25", "notes": "canarybefore", "addresses": [{"city": "canarycity"}],
        "contacts": [{"kind": "EMAIL", "value": "canarycontact@example.com"}], "custom_fields": {"secret": "canarycustom"}})).await;
    let lead = json!({"source": "site", "name": "Bia", "email": "canarymail@example.com", "phone": "(11) 98765-1234",
        "document": "529.982.247-25", "notes": "canarybefore", "budget": "48151.62", "score": 91, "custom_fields": {"secret": "canarycustom"}});
    let lead = post("/api/leads/", lead).await;
    let nameless = json!({"source": "site", "email": "canarymail2@example.com"});
    let nameless = post("/api/leads/", nameless).await;
    let sale = |title: &str| {
        json!({"customer": customer, "source_lead": lead, "title": title, "amount": "31415.92", "notes": "canarybefore",
        "next_step": "canarystep", "expected_close_date": "2031-05-17", "custom_fields": {"secret": "canarycustom"}})
    };
    let (open, lost) = (
        post("/api/opportunities/", sale("Aberta")).await,
        post("/api/opportunities/", sale("Perdida")).await,
    );
    let activity = json!({"title": "Ligar", "lead": lead, "description": "canarydescription", "outcome": "canaryoutcome",
        "custom_fields": {"secret": "canarycustom"}, "due_at": "2026-11-23T11:00:00Z"});
    let activity = post("/api/activities/", activity).await;
    let goal = json!({"year": 2030, "month": 1, "amount": "5.00", "notes": "canarygoal"});
    let goal = post("/api/sales-goals/", goal).await;
    let quotes = format!("/api/opportunities/{open}/quotes/");
    let quote = json!({"valid_until": "2031-12-31", "lines": [{"name": "x", "quantity": 1, "price": "31415.92"}]});
    owner.post(&quotes, quote).await.expect(201);
    // With a history, in which they were something else.
    let second = json!({"notes": "canarynotes", "phone": "(11) 98765-1234"});
    for (path, id) in [
        ("customers", customer),
        ("leads", lead),
        ("opportunities", open),
    ] {
        let path = format!("/api/{path}/{id}/");
        owner
            .patch(&path, json!({"phone": "(11) 98765-9999"}))
            .await;
        owner.patch(&path, second.clone()).await.expect(200);
    }
    let disqualified = json!({"status": "DISQUALIFIED", "disqualification_reason": "canarydisq"});
    let path = format!("/api/leads/{nameless}/");
    owner.patch(&path, disqualified).await.expect(200);
    let path = format!("/api/opportunities/{lost}/");
    let gone = json!({"stage": "LOST", "loss_reason": "canaryloss"});
    owner.patch(&path, gone).await.expect(200);
    Full {
        customer,
        lead,
        nameless,
        sale: open,
        lost,
        activity,
        goal,
    }
}

/// Keeps every field that can be kept from managers, who may do everything else.
async fn keep(owner: &Client, access: &str) {
    let mut rules = serde_json::Map::new();
    for kind in Kind::ALL {
        let mut fields: serde_json::Map<String, Value> = protectable(*kind)
            .iter()
            .map(|name| ((*name).to_owned(), json!({"MANAGER": access})))
            .collect();
        if *kind != Kind::SalesGoal {
            fields.insert("custom.secret".to_owned(), json!({"MANAGER": access}));
        }
        let rule = json!({"*": ["MEMBER", "MANAGER", "OWNER"], "FIELDS": fields});
        rules.insert(kind.resource().to_string(), rule);
    }
    for other in ["views", "imports", "exports"] {
        let rule = json!({"*": ["MEMBER", "MANAGER", "OWNER"]});
        rules.insert(other.to_owned(), rule);
    }
    let path = "/api/auth/tenant-rbac/";
    owner.patch(path, Value::Object(rules)).await.expect(200);
}

async fn read(owner: &Client, full: &Full) -> Vec<Value> {
    let mut all = Vec::new();
    for (path, id) in [
        ("customers", full.customer),
        ("leads", full.lead),
        ("leads", full.nameless),
        ("opportunities", full.sale),
        ("opportunities", full.lost),
        ("activities", full.activity),
        ("sales-goals", full.goal),
    ] {
        let path = format!("/api/{path}/{id}/");
        all.push(owner.get(&path).await.expect(200).json);
    }
    all
}

/// What is kept of these records.
fn kept(records: &[Value]) -> Vec<Value> {
    let names: Vec<&str> = Kind::ALL
        .iter()
        .flat_map(|kind| protectable(*kind))
        .copied()
        .collect();
    let of = |record: &Value| {
        let fields = names.iter().map(|name| (*name, record[*name].clone()));
        let mut kept: Vec<(&str, Value)> = fields.collect();
        kept.push(("custom", record["custom_fields"]["secret"].clone()));
        json!(kept)
    };
    records.iter().map(of).collect()
}

#[track_caller]
fn silent(what: &str, text: &str) {
    for word in TOLD {
        let at = text.find(word);
        let around = at.map(|at| {
            let before = text[..at].chars().rev().take(200).collect::<Vec<char>>();
            let after = text[at..].chars().take(80);
            before.into_iter().rev().chain(after).collect::<String>()
        });
        assert!(at.is_none(), "{what} tells {word}: {around:?}");
    }
}

async fn scene(house: &House, app: &sindico_testkit::TestApp) -> (Full, Client) {
    let full = fill(&house.owner).await;
    keep(&house.owner, "NONE").await;
    (full, app.member(&house.tenant, Role::Manager).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_route_tells_what_is_in_a_field_that_is_kept() {
    let (app, houses) = start(&[DEDICATED, SHARED]).await;
    for house in &houses {
        let (full, client) = scene(house, &app).await;
        let sets = house
            .owner
            .get("/api/changes/?limit=500")
            .await
            .expect(200)
            .json;
        let sets: Vec<i64> = sets
            .as_array()
            .unwrap()
            .iter()
            .map(|c| c["change_set"].as_i64().unwrap())
            .collect();
        let mut told = 0;
        for (_, template) in routes().iter().filter(|(method, _)| method == "GET") {
            let table = table_of(template).filter(|_| template.contains("{id}"));
            let paths: Vec<String> = match table {
                Some("change_set") => sets
                    .iter()
                    .map(|id| template.replace("{id}", &id.to_string()))
                    .collect(),
                Some(table) => {
                    let ids = full.ids(table);
                    let ids = if ids.is_empty() { vec![1] } else { ids };
                    ids.iter()
                        .map(|id| template.replace("{id}", &id.to_string()))
                        .collect()
                }
                None => vec![template.clone()],
            };
            for path in paths {
                let queries: &[&str] = match table {
                    Some(_) => &[""],
                    None => &[
                        "",
                        "?limit=500",
                        "?q=canary",
                        "?q=1198765",
                        "?sort=-amount",
                        "?since=0.0",
                        "?name=Ana&email=canarym%40example.com&phone=11987651&source=site",
                        "?format=xlsx",
                    ],
                };
                for query in queries {
                    let answer = client.get(&format!("{path}{query}")).await;
                    assert!(answer.status < 500, "{path}{query}: {}", answer.text);
                    silent(&format!("{} {path}{query}", house.code()), &answer.text);
                    told += usize::from(answer.text.contains("Bia"));
                }
            }
        }
        assert!(told > 20, "only {told} answers told of anything");
        // Nothing is found by what is kept, and by the rest it is.
        for (query, found) in [
            ("canarymail", 0),
            ("98765", 0),
            ("canarycustom", 0),
            ("Bia", 1),
        ] {
            let path = format!("/api/search/?q={query}");
            let answer = client.get(&path).await.expect(200).json;
            assert_eq!(
                answer["results"].as_array().unwrap().len(),
                found,
                "{query}: {answer}"
            );
            let path = format!("/api/leads/?q={query}");
            let listed = client.get(&path).await.expect(200).json;
            assert_eq!(listed.as_array().unwrap().len(), found, "{query}");
        }
        let mail = client
            .get("/api/customers/?email=canarymail@example.com")
            .await
            .expect(200)
            .json;
        assert_eq!(mail, json!([]));
        let lead = client
            .get(&format!("/api/leads/{}/", full.lead))
            .await
            .expect(200)
            .json;
        assert_eq!(
            (&lead["phone"], &lead["budget"]),
            (&json!(""), &Value::Null)
        );
        let may = client.get("/api/auth/capabilities/").await.expect(200).json;
        assert_eq!(may["fields"]["leads"]["phone"], "NONE");
        let owner = house
            .owner
            .get("/api/auth/capabilities/")
            .await
            .expect(200)
            .json;
        assert_eq!(owner["fields"], json!({}));
        assert!(
            house
                .owner
                .get("/api/search/?q=canarymail")
                .await
                .expect(200)
                .text
                .contains("Bia")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_is_neither_lost_nor_changed() {
    let (app, houses) = start(&[DEDICATED, SHARED]).await;
    for house in &houses {
        let (full, client) = scene(house, &app).await;
        let before = read(&house.owner, &full).await;
        let answers = [
            client
                .patch(
                    &format!("/api/customers/{}/", full.customer),
                    json!({"name": "Ana Maria", "tags": ["nova"]}),
                )
                .await,
            client
                .patch(
                    &format!("/api/leads/{}/", full.lead),
                    json!({"name": "Bia Maria", "tags": ["nova"]}),
                )
                .await,
            client
                .post(
                    &format!("/api/opportunities/{}/stage/", full.sale),
                    json!({"stage": "PROPOSAL"}),
                )
                .await,
            client
                .post(
                    &format!("/api/activities/{}/complete/", full.activity),
                    json!({}),
                )
                .await,
        ];
        for answer in answers {
            let answer = answer.expect(200);
            silent("an answer", &answer.text);
        }
        // What one was shown can be sent back.
        for (path, id) in [
            ("customers", full.customer),
            ("leads", full.lead),
            ("opportunities", full.sale),
        ] {
            let path = format!("/api/{path}/{id}/");
            let mut shown = client.get(&path).await.expect(200).json;
            shown.as_object_mut().unwrap().remove("email");
            silent(&path, &client.patch(&path, shown).await.expect(200).text);
        }
        // Many at once.
        let mut bulk = json!({"action": "edit", "filter": {"field": "source", "op": "is", "value": "site"}, "values": {"source": "feira"}});
        let preview = client
            .post("/api/leads/bulk/", bulk.clone())
            .await
            .expect(200);
        silent("a preview", &preview.text);
        assert_eq!(preview.json["changes"], 2, "{}", preview.text);
        bulk["preview"] = json!(false);
        bulk["token"] = preview.json["token"].clone();
        let done = client
            .post("/api/leads/bulk/", bulk.clone())
            .await
            .expect(200);
        assert_eq!(done.json["changed"], 2, "{}", done.text);
        let refused = json!({"action": "edit", "filter": {"field": "source", "op": "is", "value": "feira"}, "values": {"budget": "1.00"}});
        let refused = client.post("/api/leads/bulk/", refused).await.expect(200);
        assert_eq!(
            (&refused.json["changes"], &refused.json["refused"]),
            (&json!(0), &json!(2)),
            "{}",
            refused.text
        );
        silent("refusals", &refused.text);
        let now = read(&house.owner, &full).await;
        assert_eq!(kept(&now), kept(&before), "{}", house.code());
        assert_eq!(now[0]["name"], "Ana Maria");
        // Who may read it finds it still, by what was kept as well.
        let found = house
            .owner
            .get("/api/search/?q=canarymail")
            .await
            .expect(200)
            .text;
        assert!(found.contains("Bia Maria"), "{found}");
        // Nobody writes what is kept from them.
        for (path, id, field, value) in [
            ("customers", full.customer, "phone", json!("(11) 3333-4444")),
            ("leads", full.lead, "budget", json!("1.00")),
            ("opportunities", full.sale, "amount", json!("1.00")),
            (
                "opportunities",
                full.sale,
                "custom_fields",
                json!({"secret": "x"}),
            ),
        ] {
            let path = format!("/api/{path}/{id}/");
            let refused = client.patch(&path, json!({field: value})).await.expect(400);
            assert!(
                refused
                    .text
                    .contains("Your role may not change this field."),
                "{}",
                refused.text
            );
            silent(&path, &refused.text);
        }
        let made = json!({"source": "site", "name": "Caio", "budget": "1.00"});
        let refused = client.post("/api/leads/", made).await.expect(400);
        assert!(refused.json["budget"].is_array(), "{}", refused.text);
        // What every record has to have can be told of a new one.
        let made = json!({"name": "Caio", "email": "caio@example.com"});
        client.post("/api/customers/", made).await.expect(201);
        let quotes = format!("/api/opportunities/{}/quotes/", full.sale);
        let quote = json!({"lines": [{"name": "x", "quantity": 1, "price": "1.00"}]});
        client.post(&quotes, quote).await.expect(403);
        // No undo brings back what one may not write.
        let sets = house
            .owner
            .get(&format!("/api/leads/{}/timeline/", full.lead))
            .await
            .expect(200)
            .json;
        let set = sets
            .as_array()
            .unwrap()
            .iter()
            .find(|entry| entry.to_string().contains("canarynotes"));
        if let Some(set) = set.and_then(|entry| entry["change_set"].as_i64()) {
            let undone = client
                .post(&format!("/api/changes/{set}/undo/"), json!({}))
                .await;
            assert!(undone.status >= 400, "{}", undone.text);
            silent("an undo", &undone.text);
        }
        assert_eq!(kept(&read(&house.owner, &full).await), kept(&before));
        // Who may read only, reads.
        keep(&house.owner, "READ").await;
        let path = format!("/api/leads/{}/", full.lead);
        let lead = client.get(&path).await.expect(200).json;
        assert_eq!(lead["notes"], "canarynotes");
        client.patch(&path, json!({"notes": "x"})).await.expect(400);
        client
            .patch(&path, json!({"notes": "canarynotes", "name": "Bia"}))
            .await
            .expect(200);
        keep(&house.owner, "WRITE").await;
        client.patch(&path, json!({"notes": "x"})).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_of_fields_say_what_is_wrong_with_them() {
    let (_app, houses) = start(&[DEDICATED]).await;
    let owner = &houses[0].owner;
    for (fields, said) in [
        (json!({"name": {"MEMBER": "NONE"}}), "can't be kept"),
        (json!({"custom.A b": {"MEMBER": "NONE"}}), "can't be kept"),
        (json!({"notes": {"OWNER": "NONE"}}), "OWNER sees"),
        (json!({"notes": {"BOSS": "NONE"}}), "no such role"),
        (json!({"notes": {"MEMBER": "HALF"}}), "WRITE, READ, NONE"),
        (json!({"notes": "NONE"}), "object of roles"),
        (json!(["notes"]), "object of fields"),
    ] {
        let rules = json!({"customers": {"FIELDS": fields}});
        let refused = owner
            .patch("/api/auth/tenant-rbac/", rules)
            .await
            .expect(400);
        assert!(refused.text.contains(said), "{fields}: {}", refused.text);
    }
    let rules = json!({"metrics": {"FIELDS": {}}});
    owner
        .patch("/api/auth/tenant-rbac/", rules)
        .await
        .expect(400);
    let rules = json!({"leads": {"FIELDS": {"Notes": {"member": "none"}}}});
    owner
        .patch("/api/auth/tenant-rbac/", rules)
        .await
        .expect(200);
    let rbac = owner.get("/api/auth/tenant-rbac/").await.expect(200).json;
    assert_eq!(
        rbac["effective_fields"],
        json!({"leads": {"notes": {"MEMBER": "NONE"}}})
    );
}
