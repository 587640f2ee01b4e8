//! Records that are there twice: found by what they share, made one, and taken apart again.

use super::{
    ACTIVITIES, CUSTOMERS, LEADS, OPPORTUNITIES, Tenant, at, ids, refused, refused_on, start,
};
use serde_json::{Value, json};
use sindico_testkit::{Answer, TestDatabase};

const CNPJ: &str = "12.ABC.345/01DE-35";

/// Two customers that are one, each with a lead and a sale; the second's lead has an activity, and one sale of it is
/// in the bin.
struct Twins {
    stays: Value,
    goes: Value,
    lead: Value,
    sale: Value,
    binned: Value,
}

async fn twins(t: &Tenant) -> Twins {
    let stays = json!({"name": "Padaria São João", "email": "contato@saojoao.example", "tags": ["vip"], "notes": "Paga em dia."});
    let stays = t.make(CUSTOMERS, stays).await;
    let goes = json!({"name": "PADARIA SAO JOAO LTDA", "email": "ana@saojoao.example", "phone": "(11) 98765-4321",
        "document": CNPJ, "tags": ["sul"], "notes": "Fala com Ana."});
    let goes = t.make(CUSTOMERS, goes).await;
    let lead = t.lead(json!({"customer": goes["id"]})).await;
    let sale =
        |title: &str| json!({"title": title, "customer": goes["id"], "source_lead": lead["id"]});
    let kept = t.make(OPPORTUNITIES, sale("Pão")).await;
    let binned = t.make(OPPORTUNITIES, sale("Bolo")).await;
    t.delete(OPPORTUNITIES, &binned).await;
    t.make(ACTIVITIES, json!({"title": "Ligar", "lead": lead["id"]}))
        .await;
    Twins {
        stays,
        goes,
        lead,
        sale: kept,
        binned,
    }
}

fn change_set(answer: &Answer) -> i64 {
    answer.header("x-change-set").parse().unwrap()
}

fn merge_path(path: &str, record: &Value) -> String {
    format!("{}merge/", at(path, record))
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_who_is_there_is_told_by_what_they_share() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let twins = twins(t).await;
        let found = async |query: &str| -> Vec<(i64, Value)> {
            let path = format!("{CUSTOMERS}similar/?{query}");
            let list = t.owner.get(&path).await.expect(200).json;
            let list = list.as_array().unwrap();
            let pair = |one: &Value| {
                (
                    one["record"]["id"].as_i64().unwrap(),
                    one["reasons"].clone(),
                )
            };
            list.iter().map(pair).collect()
        };
        let (stays, goes) = (
            twins.stays["id"].as_i64().unwrap(),
            twins.goes["id"].as_i64().unwrap(),
        );
        assert_eq!(
            found("document=12abc34501de35").await,
            [(goes, json!(["document"]))]
        );
        assert_eq!(
            found("email=ANA@saojoao.example").await,
            [(goes, json!(["email"]))]
        );
        assert_eq!(
            found("phone=%2B55+11+987654321").await,
            [(goes, json!(["phone"]))]
        );
        let both = [(stays, json!(["name"])), (goes, json!(["name"]))];
        assert_eq!(found("name=padaria+s%C3%A3o+jo%C3%A3o+me").await, both);
        // The surest first, with all that is shared; without the one that is being typed.
        let all =
            found("name=Padaria+Sao+Joao&phone=11987654321&email=contato@saojoao.example").await;
        assert_eq!(
            all,
            [
                (stays, json!(["email", "name"])),
                (goes, json!(["phone", "name"]))
            ]
        );
        let others = found(&format!("name=Padaria+Sao+Joao&except={stays}")).await;
        assert_eq!(others, [(goes, json!(["name"]))]);
        // Half of something is like nothing, and no mistake.
        for query in [
            "",
            "document=12.ABC",
            "phone=11",
            "name=Padaria",
            "name=&email=",
        ] {
            assert_eq!(found(query).await, [], "{query}");
        }
        let wrong = t.owner.get(&format!("{CUSTOMERS}similar/?except=x")).await;
        refused_on(&wrong, "except", "a word for an id");
        t.delete(CUSTOMERS, &twins.goes).await;
        assert_eq!(found("document=12abc34501de35").await, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_are_there_twice_are_listed() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let none = t
            .owner
            .get(&format!("{CUSTOMERS}duplicates/"))
            .await
            .expect(200)
            .json;
        assert_eq!(none, json!([]));
        let twins = twins(t).await;
        let third =
            json!({"name": "Outra", "email": "o@example.com", "document": "12ABC34501DE35"});
        let third = t.make(CUSTOMERS, third).await;
        let groups = t
            .owner
            .get(&format!("{CUSTOMERS}duplicates/"))
            .await
            .expect(200)
            .json;
        let told: Vec<(Value, Value, Vec<i64>)> = groups
            .as_array()
            .unwrap()
            .iter()
            .map(|group| {
                (
                    group["reason"].clone(),
                    group["count"].clone(),
                    ids(&group["records"]),
                )
            })
            .collect();
        let id = |record: &Value| record["id"].as_i64().unwrap();
        let expected = [
            (
                json!("document"),
                json!(2),
                vec![id(&twins.goes), id(&third)],
            ),
            (
                json!("name"),
                json!(2),
                vec![id(&twins.stays), id(&twins.goes)],
            ),
        ];
        assert_eq!(told, expected);
        // Leads have more in common: their e-mail address, too.
        for name in ["Ana", "Eva"] {
            t.lead(json!({"name": name, "email": "a@example.com"}))
                .await;
        }
        let groups = t
            .owner
            .get(&format!("{LEADS}duplicates/"))
            .await
            .expect(200)
            .json;
        assert_eq!(groups[0]["reason"], "email");
        assert_eq!(groups[0]["count"], 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_moves_everything_and_is_taken_back_whole() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let twins = twins(t).await;
        let body = json!({"other": twins.goes["id"], "fields": {"email": "other"}});
        let answer = t
            .owner
            .post(&merge_path(CUSTOMERS, &twins.stays), body)
            .await
            .expect(200);
        let stays = &answer.json;
        assert_eq!(stays["id"], twins.stays["id"]);
        assert_eq!(stays["name"], "Padaria São João");
        assert_eq!(stays["email"], "ana@saojoao.example");
        assert_eq!(stays["document"], CNPJ);
        assert_eq!(stays["tags"], json!(["vip", "sul"]));
        assert_eq!(stays["notes"], "Paga em dia.\n\nFala com Ana.");
        let contacts = json!([{"kind": "EMAIL", "value": "contato@saojoao.example"}]);
        assert_eq!(stays["contacts"], contacts);
        let customer_of =
            async |path: &str, record: &Value| t.read(path, record).await["customer"].clone();
        assert_eq!(customer_of(LEADS, &twins.lead).await, stays["id"]);
        assert_eq!(customer_of(OPPORTUNITIES, &twins.sale).await, stays["id"]);
        t.owner.get(&at(CUSTOMERS, &twins.goes)).await.expect(404);
        // What comes back from the bin leads to somebody who is there.
        let restore = format!("{}restore/", at(OPPORTUNITIES, &twins.binned));
        let restored = t.owner.post(&restore, json!({})).await.expect(200);
        assert_eq!(restored.json["customer"], stays["id"]);
        t.delete(OPPORTUNITIES, &twins.binned).await;

        // Somebody has touched it since, so it stays as it is.
        let set = change_set(&answer);
        t.undo(set).await.expect(409);
        t.undo(t.latest(OPPORTUNITIES, &twins.binned).await)
            .await
            .expect(200);
        t.undo(set).await.expect(200);
        let sale = t.read(OPPORTUNITIES, &twins.binned).await;
        assert_eq!(sale["customer"], twins.goes["id"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_one_is_two_again() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let twins = twins(t).await;
        let body =
            json!({"other": twins.goes["id"], "fields": {"email": "other", "phone": "other"}});
        let answer = t
            .owner
            .post(&merge_path(CUSTOMERS, &twins.stays), body)
            .await
            .expect(200);
        t.undo(change_set(&answer)).await.expect(200);
        for (record, before) in [
            (t.read(CUSTOMERS, &twins.stays).await, &twins.stays),
            (t.read(CUSTOMERS, &twins.goes).await, &twins.goes),
            (t.read(LEADS, &twins.lead).await, &twins.lead),
            (t.read(OPPORTUNITIES, &twins.sale).await, &twins.sale),
        ] {
            let mut now = record.clone();
            now["updated_at"] = before["updated_at"].clone();
            assert_eq!(now, *before, "{}", t.model);
        }
        let restore = format!("{}restore/", at(OPPORTUNITIES, &twins.binned));
        let restored = t.owner.post(&restore, json!({})).await.expect(200);
        assert_eq!(restored.json["customer"], twins.goes["id"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_merged_is_told_and_nothing_is_done() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let twins = twins(t).await;
        let path = merge_path(CUSTOMERS, &twins.stays);
        let other = &twins.goes["id"];
        for (body, field) in [
            (json!({}), "other"),
            (json!({"other": 999_999_999}), "other"),
            (json!({"other": "x"}), "other"),
            (json!({"other": other, "fields": []}), "fields"),
        ] {
            refused_on(
                &t.owner.post(&path, body.clone()).await,
                field,
                &body.to_string(),
            );
        }
        let body = json!({"other": other, "fields": {"name": "both", "a.b": "this"}});
        let nested = t.owner.post(&path, body).await.expect(400).json;
        assert!(
            nested["fields"]["name"].is_array() && nested["fields"]["a.b"].is_array(),
            "{nested}"
        );
        refused(
            &t.owner
                .post(&path, json!({"other": twins.stays["id"]}))
                .await,
            "itself",
        );
        t.owner
            .post(&path, json!({"other": other, "other_version": 7}))
            .await
            .expect(412);

        // A role that may not delete may not merge, nor one that may not change what is moved.
        let forbidden = async |what: &str| {
            let answer = t.manager.post(&path, json!({"other": other})).await;
            let answer = answer.expect(403);
            assert!(answer.text.contains(what), "{}", answer.text);
        };
        forbidden("DELETE on customers").await;
        let rules =
            json!({"customers": {"DELETE": ["MANAGER", "OWNER"]}, "leads": {"PATCH": ["OWNER"]}});
        t.owner
            .patch("/api/auth/tenant-rbac/", rules)
            .await
            .expect(200);
        forbidden("PATCH on leads").await;
        assert_eq!(t.read(CUSTOMERS, &twins.goes).await, twins.goes);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn leads_are_merged_with_what_became_of_them() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let stays = t
            .lead(json!({"name": "Ana Lima", "email": "ana@example.com"}))
            .await;
        let goes = t.lead(json!({"name": "ANA LIMA", "status": "QUALIFIED", "email": "ana@example.com", "score": 7})).await;
        let activity = t
            .make(ACTIVITIES, json!({"title": "Ligar", "lead": goes["id"]}))
            .await;
        let convert = format!("{}convert/", at(LEADS, &goes));
        let converted = t.owner.post(&convert, json!({})).await.expect(201).json;
        let wrong = t
            .owner
            .post(&merge_path(LEADS, &stays), json!({"other": goes["id"]}))
            .await;
        refused(&wrong, "the converted one goes");
        let merged = t
            .owner
            .post(&merge_path(LEADS, &goes), json!({"other": stays["id"]}))
            .await
            .expect(200);
        assert_eq!(merged.json["status"], "CONVERTED");
        assert_eq!(t.read(ACTIVITIES, &activity).await["lead"], goes["id"]);
        assert_eq!(
            t.read(OPPORTUNITIES, &converted["opportunity"]).await["source_lead"],
            goes["id"]
        );
        t.owner.get(&at(LEADS, &stays)).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_merges_at_once_are_one_after_the_other() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        for _ in 0..5 {
            let one = t.customer().await;
            let two = t.customer().await;
            let (there, back) = (json!({"other": two["id"]}), json!({"other": one["id"]}));
            let (one_path, two_path) = (merge_path(CUSTOMERS, &one), merge_path(CUSTOMERS, &two));
            let (first, second) = tokio::join!(
                t.owner.post(&one_path, there),
                t.owner.post(&two_path, back)
            );
            let mut answers = [first.status, second.status];
            answers.sort_unstable();
            // Whoever comes second finds one of the two gone.
            assert!(
                answers == [200, 400] || answers == [200, 404],
                "{answers:?}"
            );
        }
    }
}

/// What was there before these columns were is found like what is written now.
#[tokio::test(flavor = "multi_thread")]
async fn those_that_were_there_before_are_found() {
    const MIGRATION: &str = include_str!("../../../../migrations/tenant/0006_duplicates.sql");
    let begin = MIGRATION.find("ALTER TABLE customer NO FORCE").unwrap();
    let end = MIGRATION.find("CREATE INDEX").unwrap();
    let (_app, tenants) = start().await;
    for t in &tenants {
        let twins = twins(t).await;
        let lead = json!({"company": "Aço Forte S/A", "document": CNPJ, "phone": "11 98765-4321"});
        t.lead(lead).await;
        let before = "UPDATE customer SET name_key = '';
            UPDATE lead SET name_key = '', document_key = '', phone_key = '';";
        let inside = TestDatabase::superuser(&t.database).await;
        let migrated = format!("{before}{}", &MIGRATION[begin..end]);
        inside.batch_execute(&migrated).await.unwrap();
        for (path, query) in [
            (CUSTOMERS, "name=padaria+s%C3%A3o+jo%C3%A3o"),
            (LEADS, "name=aco+forte"),
            (LEADS, "phone=11987654321"),
            (LEADS, "document=12abc34501de35"),
        ] {
            let found = t.owner.get(&format!("{path}similar/?{query}")).await;
            let found = found.expect(200).json;
            assert!(!found.as_array().unwrap().is_empty(), "{path} {query}");
        }
        let path = format!("{CUSTOMERS}similar/?name=padaria+sao+joao");
        let both = t.owner.get(&path).await.expect(200).json;
        assert_eq!(both[1]["record"]["id"], twins.goes["id"]);
    }
}

/// Whatever changes a name or a number, alone, many at once or back again, changes by what it is found.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_at_once_or_taken_back_is_found() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let customer = json!({"name": "Casa Velha", "email": "casa@example.com"});
        let customer = t.make(CUSTOMERS, customer).await;
        let lead = t
            .lead(json!({"name": "Ana Velha", "phone": "11 98765-4321"}))
            .await;
        let found = async |path: &str, query: &str| {
            let found = t.owner.get(&format!("{path}similar/?{query}")).await;
            found.expect(200).json.as_array().unwrap().len()
        };
        let bulk = async |path: &str, record: &Value, values: Value| {
            let body = json!({"ids": [record["id"]], "action": "edit", "values": values});
            let path = format!("{path}bulk/");
            let preview = t.owner.post(&path, body.clone()).await.expect(200).json;
            let mut body = body;
            body["preview"] = json!(false);
            body["token"] = preview["token"].clone();
            t.owner.post(&path, body).await.expect(200)
        };
        let renamed = bulk(CUSTOMERS, &customer, json!({"name": "Casa Nova"})).await;
        assert_eq!(found(CUSTOMERS, "name=casa+nova").await, 1, "{}", t.model);
        assert_eq!(found(CUSTOMERS, "name=casa+velha").await, 0);
        t.undo(change_set(&renamed)).await.expect(200);
        assert_eq!(found(CUSTOMERS, "name=casa+velha").await, 1);
        assert_eq!(found(CUSTOMERS, "name=casa+nova").await, 0);
        bulk(LEADS, &lead, json!({"company": "Aço Forte S/A"})).await;
        assert_eq!(found(LEADS, "name=aco+forte").await, 1);
        let patch = t.owner.patch(&at(LEADS, &lead), json!({"phone": ""})).await;
        t.undo(change_set(&patch.expect(200))).await.expect(200);
        assert_eq!(found(LEADS, "phone=11987654321").await, 1);
    }
}
