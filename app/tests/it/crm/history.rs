//! The history: who changed what, when, field by field; and who may read it.

use super::{
    ACTIVITIES, CUSTOMERS, LEADS, OPPORTUNITIES, Tenant, at, start, tenant, user_id, walk,
};
use serde_json::{Value, json};

async fn timeline(t: &Tenant, path: &str, record: &Value) -> Vec<Value> {
    let path = format!("{}timeline/", at(path, record));
    t.member
        .get(&path)
        .await
        .expect(200)
        .json
        .as_array()
        .unwrap()
        .clone()
}

fn actions(timeline: &[Value]) -> Vec<&str> {
    timeline
        .iter()
        .map(|change| change["action"].as_str().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_tells_who_when_and_field_by_field() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let lead = t.lead(json!({"name": "Ana", "score": 5})).await;
        let path = at(LEADS, &lead);
        let manager = user_id(&t.manager).await;
        t.manager
            .patch(
                &path,
                json!({"name": "Ana Lima", "score": null, "owner": manager, "notes": ""}),
            )
            .await
            .expect(200);
        t.manager
            .patch(&path, json!({"name": "Ana Lima"}))
            .await
            .expect(200);
        t.manager
            .post(&format!("{path}qualify/"), json!({}))
            .await
            .expect(200);
        t.delete(LEADS, &lead).await;
        let told = timeline(t, LEADS, &lead).await;
        assert_eq!(
            actions(&told),
            ["lead.delete", "lead.qualify", "lead.update", "lead.create"],
            "what changes nothing is no change"
        );
        let ops: Vec<&str> = told
            .iter()
            .map(|change| change["op"].as_str().unwrap())
            .collect();
        assert_eq!(ops, ["DELETE", "UPDATE", "UPDATE", "CREATE"]);
        let edit = &told[2];
        let owner = json!({"id": user_id(&t.owner).await, "username": lead["owner_username"]});
        assert_eq!(
            edit["before"],
            json!({"name": "Ana", "score": 5, "owner": owner})
        );
        let username = edit["username"].as_str().unwrap();
        assert_eq!(
            edit["after"],
            json!({"name": "Ana Lima", "score": null, "owner": {"id": manager, "username": username}})
        );
        assert_eq!(
            (&edit["user"], &edit["title"]),
            (&json!(manager), &json!("Ana Lima"))
        );
        assert!(username.starts_with("manager-"));
        assert_eq!(
            (&edit["kind"], &edit["record"]),
            (&json!("lead"), &lead["id"])
        );
        assert_eq!(told[1]["after"], json!({"status": "QUALIFIED"}));
        let created = &told[3];
        assert_eq!(
            (&created["before"], &created["at"]),
            (&json!({}), &lead["created_at"]),
            "in one transaction"
        );
        assert_eq!(
            (&created["after"]["source"], &created["after"]["status"]),
            (&json!("site"), &json!("NEW"))
        );
        let paged = format!("{path}timeline/?limit=1");
        assert_eq!(
            walk(&t.member, &paged).await,
            told.iter()
                .map(|c| c["id"].as_i64().unwrap())
                .collect::<Vec<_>>()
        );
        let set = t
            .member
            .get(&format!("/api/changes/{}/", edit["change_set"]))
            .await
            .expect(200)
            .json;
        assert_eq!(set, json!([edit]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_timeline_holds_what_belongs_to_the_record_as_far_as_the_role_may_read_it() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let customer = t.customer().await;
        let lead = t
            .lead(json!({"status": "QUALIFIED", "customer": customer["id"]}))
            .await;
        let made = t
            .owner
            .post(&format!("{}convert/", at(LEADS, &lead)), json!({}))
            .await
            .expect(201)
            .json;
        let sale = &made["opportunity"];
        t.make(
            ACTIVITIES,
            json!({"title": "Ligar", "opportunity": sale["id"]}),
        )
        .await;
        t.make(ACTIVITIES, json!({"title": "Visitar", "lead": lead["id"]}))
            .await;
        t.sale(json!({})).await;
        let told = timeline(t, CUSTOMERS, &customer).await;
        assert_eq!(
            actions(&told),
            [
                "activity.create",
                "lead.convert",
                "lead.convert",
                "lead.create",
                "customer.create"
            ]
        );
        assert_eq!(
            told[1]["change_set"], told[2]["change_set"],
            "a conversion is one write"
        );
        assert_eq!(
            actions(&timeline(t, LEADS, &lead).await),
            [
                "activity.create",
                "lead.convert",
                "lead.convert",
                "lead.create"
            ]
        );
        assert_eq!(
            actions(&timeline(t, OPPORTUNITIES, sale).await),
            ["activity.create", "lead.convert"]
        );

        let roles = json!({"opportunities": {"GET": ["OWNER"]}, "activities": {"GET": ["OWNER"]}});
        t.owner
            .put("/api/auth/tenant-rbac/", roles)
            .await
            .expect(200);
        assert_eq!(
            actions(&timeline(t, CUSTOMERS, &customer).await),
            ["lead.convert", "lead.create", "customer.create"]
        );
        t.member
            .get(&format!("/api/changes/{}/", told[1]["change_set"]))
            .await
            .expect(404);
        t.owner
            .get(&format!("/api/changes/{}/", told[1]["change_set"]))
            .await
            .expect(200);
        let kinds = |list: &Value| {
            list.as_array()
                .unwrap()
                .iter()
                .map(|c| c["kind"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        let all = kinds(&t.member.get("/api/changes/").await.expect(200).json);
        assert!(
            all.iter().all(|kind| kind == "customer" || kind == "lead"),
            "{all:?}"
        );
        assert!(
            kinds(&t.owner.get("/api/changes/").await.json).contains(&"opportunity".to_owned())
        );
        // Nor by the history of the lead.
        let history = t
            .member
            .get(&format!("{}history/", at(LEADS, &lead)))
            .await
            .expect(200)
            .json;
        assert_eq!(
            (&history["activities"], &history["converted_opportunities"]),
            (&json!([]), &json!([]))
        );
        let history = t
            .owner
            .get(&format!("{}history/", at(LEADS, &lead)))
            .await
            .expect(200)
            .json;
        assert_eq!(history["converted_opportunities"], json!([sale]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_of_another_tenant_is_not_there() {
    let (app, tenants) = start().await;
    for t in &tenants {
        let other = tenant(&app, t.model).await;
        // In a database of its own the ids begin anew: so many that this one is not here.
        let mut theirs = other.lead(json!({})).await;
        for _ in 0..3 {
            theirs = other.lead(json!({})).await;
        }
        let set = other.latest(LEADS, &theirs).await;
        t.owner.get(&at(LEADS, &theirs)).await.expect(404);
        t.owner
            .get(&format!("{}timeline/", at(LEADS, &theirs)))
            .await
            .expect(404);
        t.owner
            .get(&format!("{}history/", at(LEADS, &theirs)))
            .await
            .expect(404);
        t.owner
            .get(&format!("/api/changes/{set}/"))
            .await
            .expect(404);
        t.undo(set).await.expect(404);
        assert_eq!(
            t.owner.get("/api/changes/").await.expect(200).json,
            json!([])
        );
        assert_eq!(other.read(LEADS, &theirs).await, theirs);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_names_its_request_to_all_and_its_address_to_owners() {
    let (app, tenants) = start().await;
    for t in &tenants {
        let writer = t.manager.with("x-request-id", "from-the-fair-7");
        let body = json!({"source": "Feira"});
        let lead = writer.post(LEADS, body).await.expect(201).json;
        let set = t.latest(LEADS, &lead).await;
        // A superuser who is no member passes every check.
        let superuser = app.superuser().await.tenant(&t.code);
        for (caller, address) in [
            (&t.member, json!(null)),
            (&t.manager, json!(null)),
            (&t.owner, json!("127.0.0.1")),
            (&superuser, json!("127.0.0.1")),
        ] {
            for path in [
                "/api/changes/".to_owned(),
                format!("/api/changes/{set}/"),
                format!("{}timeline/", at(LEADS, &lead)),
            ] {
                let change = caller.get(&path).await.expect(200).json[0].take();
                assert_eq!(change["change_set"], set, "{path}");
                assert_eq!(change["request_id"], "from-the-fair-7", "{path}");
                assert_eq!(change["address"], address, "{} {path}", t.model);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_names_the_change_set_that_takes_it_back() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let made = t
            .owner
            .post(LEADS, json!({"source": "Site", "name": "Ana"}))
            .await
            .expect(201);
        let path = at(LEADS, &made.json);
        let changed = t
            .owner
            .patch(&path, json!({"name": "Bia"}))
            .await
            .expect(200);
        let removed = t.owner.call("DELETE", &path).await.expect(204);
        for (answer, status, name) in [
            (&removed, 200, "Bia"),
            (&changed, 200, "Ana"),
            (&made, 404, ""),
        ] {
            let id = answer.header("x-change-set");
            let undo = format!("/api/changes/{id}/undo/");
            t.owner.post(&undo, json!({})).await.expect(200);
            let now = t.owner.get(&path).await.expect(status);
            assert_eq!(
                now.json["name"].as_str().unwrap_or_default(),
                name,
                "{}",
                t.model
            );
        }
        // What changes nothing leaves nothing to be taken back.
        let lead = t.lead(json!({"name": "Caio"})).await;
        let same = t
            .owner
            .patch(&at(LEADS, &lead), json!({"name": "Caio"}))
            .await
            .expect(200);
        assert!(!same.headers.contains_key("x-change-set"));
    }
}
