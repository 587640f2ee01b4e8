//! Records that look like one and of which somebody said that they are not.

mod walls;

use super::{CUSTOMERS, LEADS, Tenant, at, ids, refused_on, start, user_id};
use serde_json::{Value, json};
use sindico_testkit::{Answer, Client};

const PHONE: &str = "(11) 98765-4321";

fn id(record: &Value) -> i64 {
    record["id"].as_i64().unwrap()
}

fn path(of: &str) -> String {
    format!("{of}duplicates/dismissed/")
}

/// Says that these are not one.
async fn say(caller: &Client, of: &str, records: &[&Value]) -> Answer {
    let ids: Vec<i64> = records.iter().map(|record| id(record)).collect();
    caller.post(&path(of), json!({"ids": ids})).await
}

async fn take_back(caller: &Client, of: &str, records: &[&Value]) -> Answer {
    let ids: Vec<String> = records
        .iter()
        .map(|record| id(record).to_string())
        .collect();
    let path = format!("{}?ids={}", path(of), ids.join(","));
    caller.call("DELETE", &path).await
}

/// The groups of duplicates: what they share, and who.
async fn groups(caller: &Client, of: &str) -> Vec<(String, Vec<i64>)> {
    let found = caller.get(&format!("{of}duplicates/")).await.expect(200);
    let groups = found.json.as_array().unwrap().clone();
    let told = groups.iter().map(|group| {
        let shown = ids(&group["records"]);
        assert_eq!(group["count"], shown.len(), "{group}");
        (group["reason"].as_str().unwrap().to_owned(), shown)
    });
    told.collect()
}

/// Who is told while this one is changed, and why.
async fn alike(caller: &Client, of: &str, record: &Value) -> Vec<(i64, Value)> {
    let record = caller.get(&at(of, record)).await.expect(200).json;
    // Of what these tests write, this has to be encoded.
    let word = |name: &str| {
        let text = record[name].as_str().unwrap_or_default();
        text.replace('+', "%2B").replace(' ', "+")
    };
    let signs = ["name", "email", "phone", "document"].map(|name| format!("{name}={}", word(name)));
    let query = format!("{}&except={}", signs.join("&"), record["id"]);
    told(caller, of, &query).await
}

async fn told(caller: &Client, of: &str, query: &str) -> Vec<(i64, Value)> {
    let found = caller.get(&format!("{of}similar/?{query}")).await;
    let found = found.expect(200).json.as_array().unwrap().clone();
    let pair = |one: &Value| (id(&one["record"]), one["reasons"].clone());
    found.iter().map(pair).collect()
}

async fn listed(caller: &Client, of: &str) -> Vec<Value> {
    let list = caller.get(&path(of)).await.expect(200).json;
    list.as_array()
        .unwrap()
        .iter()
        .map(|one| one["ids"].clone())
        .collect()
}

async fn people<const N: usize>(t: &Tenant, more: Value) -> [Value; N] {
    let mut all = Vec::new();
    for n in 0..N {
        let body = json!({"name": format!("Ana {n}"), "email": format!("ana{n}@example.com")});
        all.push(t.make(CUSTOMERS, super::merged(body, more.clone())).await);
    }
    all.try_into().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_one_leaves_the_list_and_the_hint_and_comes_back() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let [a, b] = people(t, json!({"phone": PHONE})).await;
        assert_eq!(groups(&t.owner, CUSTOMERS).await.len(), 1);
        let said = say(&t.manager, CUSTOMERS, &[&b, &a]).await.expect(200).json;
        assert_eq!(said[0]["ids"], json!([id(&a), id(&b)]));
        assert_eq!(said[0]["reasons"], json!(["phone"]));
        assert_eq!(said[0]["user"], user_id(&t.manager).await);
        assert_eq!(groups(&t.owner, CUSTOMERS).await, []);
        assert_eq!(alike(&t.owner, CUSTOMERS, &a).await, []);
        assert_eq!(alike(&t.owner, CUSTOMERS, &b).await, []);
        // Of somebody new nobody has said anything.
        let new = told(&t.owner, CUSTOMERS, "phone=11987654321").await;
        assert_eq!(new.len(), 2);
        // Said again, it was said once, by who said it first.
        let again = say(&t.owner, CUSTOMERS, &[&a, &b]).await.expect(200).json;
        assert_eq!(again, said);
        let list = t.owner.get(&path(CUSTOMERS)).await.expect(200).json;
        assert_eq!(list.as_array().unwrap().len(), 1);
        assert_eq!(ids(&list[0]["records"]), [id(&a), id(&b)]);
        assert_eq!(list[0]["records"][0]["name"], "Ana 0");
        assert_eq!(list[0]["at"], said[0]["at"]);
        // Of leads nobody said anything.
        assert_eq!(listed(&t.owner, LEADS).await, Vec::<Value>::new());
        // Neither record was changed.
        assert_eq!(t.read(CUSTOMERS, &a).await, a);
        // In the bin nobody is anybody's duplicate; it holds when they are back.
        t.delete(CUSTOMERS, &b).await;
        assert_eq!(listed(&t.owner, CUSTOMERS).await, Vec::<Value>::new());
        take_back(&t.owner, CUSTOMERS, &[&a, &b]).await.expect(404);
        let restore = format!("{}restore/", at(CUSTOMERS, &b));
        t.owner.post(&restore, json!({})).await.expect(200);
        assert_eq!(groups(&t.owner, CUSTOMERS).await, []);

        take_back(&t.owner, CUSTOMERS, &[&a, &b]).await.expect(204);
        assert_eq!(groups(&t.owner, CUSTOMERS).await.len(), 1);
        assert_eq!(
            alike(&t.owner, CUSTOMERS, &a).await,
            [(id(&b), json!(["phone"]))]
        );
        assert_eq!(listed(&t.owner, CUSTOMERS).await, Vec::<Value>::new());
        take_back(&t.owner, CUSTOMERS, &[&a, &b]).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_of_a_group_is_still_told() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let [a, b, c, d] = people(t, json!({"phone": PHONE})).await;
        let all = [&a, &b, &c, &d].map(id);
        let phone = |ids: &[i64]| ("phone".to_owned(), ids.to_vec());
        assert_eq!(groups(&t.owner, CUSTOMERS).await, [phone(&all)]);
        say(&t.owner, CUSTOMERS, &[&a, &b]).await.expect(200);
        let parts = [
            phone(&[all[0], all[2], all[3]]),
            phone(&[all[1], all[2], all[3]]),
        ];
        assert_eq!(groups(&t.owner, CUSTOMERS).await, parts);
        let left = [(all[2], json!(["phone"])), (all[3], json!(["phone"]))];
        assert_eq!(alike(&t.owner, CUSTOMERS, &a).await, left);
        // One of the parts as a whole.
        let said = say(&t.owner, CUSTOMERS, &[&a, &c, &d]).await.expect(200);
        assert_eq!(said.json.as_array().unwrap().len(), 3);
        let parts = [phone(&[all[1], all[2]]), phone(&[all[1], all[3]])];
        assert_eq!(groups(&t.owner, CUSTOMERS).await, parts);
        // And all of them.
        let said = say(&t.owner, CUSTOMERS, &[&a, &b, &c, &d])
            .await
            .expect(200);
        assert_eq!(said.json.as_array().unwrap().len(), 6);
        assert_eq!(groups(&t.owner, CUSTOMERS).await, []);
        // Page by page, the latest first.
        let first = format!("{}?limit=4", path(CUSTOMERS));
        let page = t.owner.get(&first).await.expect(200);
        assert_eq!(page.json.as_array().unwrap().len(), 4);
        let next = page
            .header("link")
            .split(['<', '>'])
            .nth(1)
            .unwrap()
            .to_owned();
        let rest = t.owner.get(&next).await.expect(200);
        assert_eq!(rest.json.as_array().unwrap().len(), 2);
        assert_eq!(rest.json[1]["ids"], json!(&all[..2]));
        take_back(&t.owner, CUSTOMERS, &[&a, &b, &c])
            .await
            .expect(204);
        assert_eq!(groups(&t.owner, CUSTOMERS).await, [phone(&all[..3])]);
    }
}

/// Many more than a list shows: those of whom nothing was said come forward, and the list goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_group_comes_to_its_end() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let mut made = Vec::new();
        for n in 0..14 {
            let lead = json!({"name": format!("Ana {n}"), "phone": PHONE});
            made.push(t.lead(lead).await);
        }
        let mut turns = 0;
        loop {
            let found = t
                .owner
                .get(&format!("{LEADS}duplicates/"))
                .await
                .expect(200);
            let Some(group) = found.json.as_array().unwrap().first() else {
                break;
            };
            let shown = ids(&group["records"]);
            assert!((2..=10).contains(&shown.len()), "{shown:?}");
            let said = t.owner.post(&path(LEADS), json!({"ids": shown})).await;
            said.expect(200);
            turns += 1;
            assert!(turns < 91, "the list never empties");
        }
        assert!(turns > 1);
        let list = t
            .owner
            .get(&format!("{}?limit=500", path(LEADS)))
            .await
            .expect(200);
        assert_eq!(list.json.as_array().unwrap().len(), 14 * 13 / 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_they_come_to_share_is_told_again() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let a = t.lead(json!({"name": "Ana Lima"})).await;
        let b = t
            .lead(json!({"name": "ANA LIMA", "email": "ana@example.com"}))
            .await;
        say(&t.owner, LEADS, &[&a, &b]).await.expect(200);
        assert_eq!(groups(&t.owner, LEADS).await, []);
        let email = json!({"email": "Ana@example.com"});
        t.owner.patch(&at(LEADS, &a), email).await.expect(200);
        let both = vec![id(&a), id(&b)];
        assert_eq!(groups(&t.owner, LEADS).await, [("email".to_owned(), both)]);
        let hint = alike(&t.owner, LEADS, &a).await;
        assert_eq!(hint, [(id(&b), json!(["email"]))]);
        // Who says so again has seen that as well.
        let said = say(&t.manager, LEADS, &[&a, &b]).await.expect(200).json;
        assert_eq!(said[0]["reasons"], json!(["email", "name"]));
        assert_eq!(said[0]["user"], user_id(&t.manager).await);
        assert_eq!(groups(&t.owner, LEADS).await, []);
        // What they share no more and share again they had shared then.
        let other = json!({"email": "outra@example.com"});
        t.owner.patch(&at(LEADS, &a), other).await.expect(200);
        let email = json!({"email": "ana@example.com"});
        t.owner.patch(&at(LEADS, &a), email).await.expect(200);
        assert_eq!(groups(&t.owner, LEADS).await, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_said_is_refused() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let [a, b] = people(t, json!({"phone": PHONE})).await;
        let alone = t.customer().await;
        let gone = t
            .make(
                CUSTOMERS,
                json!({"name": "Ana 7", "email": "g@example.com", "phone": PHONE}),
            )
            .await;
        t.delete(CUSTOMERS, &gone).await;
        let (a, b, alone, gone) = (id(&a), id(&b), id(&alone), id(&gone));
        let many: Vec<i64> = (1..=51).collect();
        // As a lead has another number, it is no customer.
        for _ in 0..9 {
            t.lead(json!({})).await;
        }
        let lead = t.lead(json!({"phone": PHONE})).await;
        for ids in [
            json!([]),
            json!([a]),
            json!([a, a]),
            json!([a, b, a]),
            json!([a, "x"]),
            json!([a, 0]),
            json!([a, null]),
            json!({"a": b}),
            json!(7),
            json!(null),
            json!(many),
            json!([a, 999_999_999]),
            json!([a, gone]),
            json!([a, id(&lead) + 1_000]),
            json!([a, alone]),
        ] {
            let answer = t.owner.post(&path(CUSTOMERS), json!({"ids": ids})).await;
            refused_on(&answer, "ids", &ids.to_string());
        }
        refused_on(
            &t.owner.post(&path(CUSTOMERS), json!({})).await,
            "ids",
            "nothing",
        );
        for query in ["", "?ids=", "?ids=7", "?ids=7,x", "?ids=7,7"] {
            let answer = t
                .owner
                .call("DELETE", &format!("{}{query}", path(CUSTOMERS)))
                .await;
            refused_on(&answer, "ids", query);
        }
        let answer = t.owner.get(&format!("{}?limit=x", path(CUSTOMERS))).await;
        refused_on(&answer, "limit", "a word");
        assert_eq!(listed(&t.owner, CUSTOMERS).await, Vec::<Value>::new());
        // Who may not change them may not say so either, and reads it all the same.
        let rules = json!({"customers": {"PATCH": ["OWNER"]}});
        t.owner
            .patch("/api/auth/tenant-rbac/", rules)
            .await
            .expect(200);
        let body = json!({"ids": [a, b]});
        t.manager
            .post(&path(CUSTOMERS), body.clone())
            .await
            .expect(403);
        t.owner.post(&path(CUSTOMERS), body).await.expect(200);
        let back = format!("{}?ids={a},{b}", path(CUSTOMERS));
        t.manager.call("DELETE", &back).await.expect(403);
        assert_eq!(listed(&t.manager, CUSTOMERS).await, [json!([a, b])]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_say_so_at_once_say_it_once() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let [a, b, c] = people(t, json!({"phone": PHONE})).await;
        for _ in 0..5 {
            let (first, second) = ([&a, &b, &c], [&c, &b, &a]);
            let (one, two) = tokio::join!(
                say(&t.owner, CUSTOMERS, &first),
                say(&t.manager, CUSTOMERS, &second)
            );
            assert_eq!(one.expect(200).json, two.expect(200).json);
            assert_eq!(listed(&t.owner, CUSTOMERS).await.len(), 3);
            let (one, two) = tokio::join!(
                take_back(&t.owner, CUSTOMERS, &first),
                take_back(&t.manager, CUSTOMERS, &second)
            );
            let mut answers = [one.status, two.status];
            answers.sort_unstable();
            assert!(
                answers == [204, 204] || answers == [204, 404],
                "{answers:?}"
            );
            assert_eq!(groups(&t.owner, CUSTOMERS).await.len(), 1);
        }
    }
}
