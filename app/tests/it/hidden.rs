//! What a role may not read is told on no other way: not by links, histories, searches, boards, changes or
//! the start page. Driven by the table of routes.

use crate::begin;
use serde_json::{Value, json};
use sindico_domain::access::Role;
use sindico_testkit::{Options, TestApp};

/// A word that stands in every activity and nowhere else.
const SECRET: &str = "segredo";

#[tokio::test(flavor = "multi_thread")]
async fn no_route_tells_a_role_of_records_that_it_may_not_read() {
    begin();
    let app = TestApp::start_with(Options::local_postgres().await).await;
    let staff = app.staff().await;
    for model in ["DATABASE_PER_TENANT", "SHARED_SCHEMA"] {
        let tenant = app.ready(&staff, "acme", model).await;
        let owner = app.member(&tenant, Role::Owner).await;
        let member = app.member(&tenant, Role::Member).await;
        let me = member.get("/api/auth/tenant-me/").await.expect(200).json["user_id"].clone();
        let make = async |path: &str, body: Value| {
            owner.post(path, body).await.expect(201).json["id"].clone()
        };
        let customer = make(
            "/api/customers/",
            json!({"name": "Ana", "email": "ana@example.com"}),
        )
        .await;
        let lead = make(
            "/api/leads/",
            json!({"source": "Site", "customer": customer}),
        )
        .await;
        let sale = make(
            "/api/opportunities/",
            json!({"title": "Pão", "customer": customer, "source_lead": lead}),
        )
        .await;
        let body = json!({"title": SECRET, "lead": lead, "opportunity": sale, "assigned_to": me,
            "due_at": "2026-11-23T11:00:00Z", "reminder_at": "2026-11-23T10:00:00Z"});
        let told = make("/api/activities/", body.clone()).await;
        let request = owner.request(
            "POST".parse().unwrap(),
            &format!("/api/activities/{told}/attachments/?name={SECRET}.txt"),
        );
        let attached = owner.send(request.body(SECRET)).await.expect(201).json[0]["id"].clone();
        let binned = make("/api/activities/", body).await;
        owner
            .call("DELETE", &format!("/api/activities/{binned}/"))
            .await
            .expect(204);
        let sets = owner.get("/api/changes/").await.expect(200).json;
        let sets: Vec<&Value> = sets
            .as_array()
            .unwrap()
            .iter()
            .map(|change| &change["change_set"])
            .collect();

        let look = async || {
            let mut telling = Vec::new();
            for row in sindico_web::table().rows() {
                if row.method != "GET" || !row.access.needs_tenant() {
                    continue;
                }
                let ids: Vec<&Value> = match row.path.split('/').nth(2) {
                    Some("customers") => vec![&customer],
                    Some("leads") => vec![&lead],
                    Some("opportunities") => vec![&sale],
                    Some("activities") => vec![&told, &binned],
                    Some("attachments") => vec![&attached],
                    Some("changes") => sets.clone(),
                    _ => vec![&Value::Null],
                };
                for id in ids {
                    let path = row.path.replace("{id}", &id.to_string());
                    // A part of the word: a page says again what it was asked for.
                    for query in ["", "?q=segred", "?since=0.0"] {
                        let answer = member.get(&format!("{path}{query}")).await;
                        if answer.text.contains(SECRET)
                            || answer.text.contains("\"kind\":\"activity\"")
                        {
                            telling.push(format!("{path}{query}"));
                        }
                    }
                }
            }
            telling
        };
        assert!(look().await.len() > 15, "there is something to be hidden");
        let rule = json!({"activities": {"GET": ["OWNER"]}});
        owner
            .patch("/api/auth/tenant-rbac/", rule)
            .await
            .expect(200);
        let telling = look().await;
        assert!(telling.is_empty(), "{model}: {telling:?}");
    }
}
