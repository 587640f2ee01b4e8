//! With merges, with who sees one of two alone, and with fields that are kept from somebody.

use super::super::{CUSTOMERS, LEADS, at, refused_on, start, user_id};
use super::{PHONE, alike, groups, id, listed, path, people, say, take_back};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn it_goes_with_who_is_merged_and_comes_back_with_them() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let [stays, goes, third] = people(t, json!({"phone": PHONE})).await;
        say(&t.owner, CUSTOMERS, &[&goes, &third]).await.expect(200);
        let merge = format!("{}merge/", at(CUSTOMERS, &stays));
        let merged = t
            .owner
            .post(&merge, json!({"other": id(&goes)}))
            .await
            .expect(200);
        let set: i64 = merged.header("x-change-set").parse().unwrap();
        assert_eq!(groups(&t.owner, CUSTOMERS).await, []);
        assert_eq!(alike(&t.owner, CUSTOMERS, &third).await, []);
        let pair = [json!([id(&stays), id(&third)])];
        assert_eq!(listed(&t.owner, CUSTOMERS).await, pair);

        let parts = vec![
            ("phone".to_owned(), vec![id(&stays), id(&goes)]),
            ("phone".to_owned(), vec![id(&stays), id(&third)]),
        ];
        let as_before = async || {
            let mut found = groups(&t.owner, CUSTOMERS).await;
            found.sort();
            assert_eq!(found, parts, "{}", t.model);
            let other = json!([id(&goes), id(&third)]);
            assert_eq!(listed(&t.owner, CUSTOMERS).await, [other]);
        };
        let undone = t.undo(set).await.expect(200).json["change_set"]
            .as_i64()
            .unwrap();
        as_before().await;
        // The undo undone is the merge again.
        let redone = t.undo(undone).await.expect(200).json["change_set"]
            .as_i64()
            .unwrap();
        assert_eq!(groups(&t.owner, CUSTOMERS).await, []);
        t.undo(redone).await.expect(200);
        as_before().await;
        // What was said of the one that stays remains of it.
        say(&t.owner, CUSTOMERS, &[&stays, &third])
            .await
            .expect(200);
        let merged = t
            .owner
            .post(&merge, json!({"other": id(&goes)}))
            .await
            .expect(200);
        assert_eq!(listed(&t.owner, CUSTOMERS).await, pair);
        let set: i64 = merged.header("x-change-set").parse().unwrap();
        t.undo(set).await.expect(200);
        let only = [("phone".to_owned(), vec![id(&stays), id(&goes)])];
        assert_eq!(groups(&t.owner, CUSTOMERS).await, only);
        // Taken back while they are one, it is told again.
        t.owner
            .post(&merge, json!({"other": id(&goes)}))
            .await
            .expect(200);
        take_back(&t.owner, CUSTOMERS, &[&stays, &third])
            .await
            .expect(204);
        let told = [("phone".to_owned(), vec![id(&stays), id(&third)])];
        assert_eq!(groups(&t.owner, CUSTOMERS).await, told);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_see_both_neither_says_so_nor_learns_of_it() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let own = json!({"*": ["MEMBER", "MANAGER", "OWNER"], "SCOPE": {"MANAGER": "OWN"}});
        let rules = json!({"customers": own});
        t.owner
            .patch("/api/auth/tenant-rbac/", rules)
            .await
            .expect(200);
        let me = user_id(&t.manager).await;
        let [hidden, theirs] = people(t, json!({"phone": PHONE})).await;
        let mut mine = Vec::new();
        for n in 0..2 {
            let body = json!({"name": format!("Minha {n}"), "email": format!("m{n}@example.com"), "phone": PHONE, "owner": me});
            mine.push(t.make(CUSTOMERS, body).await);
        }
        let refused = say(&t.manager, CUSTOMERS, &[&mine[0], &hidden]).await;
        refused_on(&refused, "ids", "a hidden one");
        let nobody = t
            .manager
            .post(
                &path(CUSTOMERS),
                json!({"ids": [id(&mine[0]), 999_999_999]}),
            )
            .await;
        let same = refused.text.replace(&id(&hidden).to_string(), "N");
        assert_eq!(same, nobody.text.replace("999999999", "N"));
        say(&t.owner, CUSTOMERS, &[&mine[0], &hidden])
            .await
            .expect(200);
        assert_eq!(listed(&t.manager, CUSTOMERS).await, Vec::<Value>::new());
        take_back(&t.manager, CUSTOMERS, &[&mine[0], &hidden])
            .await
            .expect(404);
        // Of their own they say and see it.
        say(&t.manager, CUSTOMERS, &[&mine[0], &mine[1]])
            .await
            .expect(200);
        assert_eq!(groups(&t.manager, CUSTOMERS).await, []);
        assert_eq!(listed(&t.manager, CUSTOMERS).await.len(), 1);
        assert_eq!(listed(&t.owner, CUSTOMERS).await.len(), 2);
        // A merge has it go with the record, seen or not.
        let merge = format!("{}merge/", at(CUSTOMERS, &mine[1]));
        t.manager
            .post(&merge, json!({"other": id(&mine[0])}))
            .await
            .expect(200);
        let mut pair = [id(&mine[1]), id(&hidden)];
        pair.sort_unstable();
        assert_eq!(listed(&t.owner, CUSTOMERS).await, [json!(pair)]);
        assert_eq!(listed(&t.manager, CUSTOMERS).await, Vec::<Value>::new());
        let told = alike(&t.owner, CUSTOMERS, &mine[1]).await;
        assert_eq!(told, [(id(&theirs), json!(["phone"]))]);
    }
}

/// Under what is kept from somebody nothing tells that two have it in common.
#[tokio::test(flavor = "multi_thread")]
async fn no_reason_tells_of_a_field_that_is_kept() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let kept = json!({"phone": {"MANAGER": "NONE"}, "email": {"MANAGER": "NONE"}});
        let rules = json!({"leads": {"*": ["MEMBER", "MANAGER", "OWNER"], "FIELDS": kept}});
        t.owner
            .patch("/api/auth/tenant-rbac/", rules)
            .await
            .expect(200);
        let lead = |name: &str| json!({"name": name, "phone": PHONE});
        let a = t.lead(lead("Ana")).await;
        let b = t.lead(lead("ANA")).await;
        let c = t.lead(lead("Eva")).await;
        // By the telephone alone: to them the two have nothing in common.
        refused_on(&say(&t.manager, LEADS, &[&a, &c]).await, "ids", "kept");
        say(&t.owner, LEADS, &[&a, &b, &c]).await.expect(200);
        let list = t.manager.get(&path(LEADS)).await.expect(200);
        assert_eq!(list.json.as_array().unwrap().len(), 1);
        assert_eq!(list.json[0]["ids"], json!([id(&a), id(&b)]));
        assert_eq!(list.json[0]["reasons"], json!(["name"]));
        assert!(!list.text.contains("phone\":\"("), "{}", list.text);
        take_back(&t.manager, LEADS, &[&a, &c]).await.expect(404);
        assert_eq!(listed(&t.owner, LEADS).await.len(), 3);
        // What they say of the rest takes nothing from what was said.
        assert_eq!(groups(&t.manager, LEADS).await, []);
        let said = say(&t.manager, LEADS, &[&a, &b, &c]).await.expect(200);
        assert_eq!(said.json.as_array().unwrap().len(), 1);
        assert_eq!(said.json[0]["reasons"], json!(["name"]));
        assert_eq!(groups(&t.owner, LEADS).await, []);
    }
}
