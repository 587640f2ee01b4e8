//! What a company sets up beside its records: its history, the way back, and how much of it there may be.

use super::start;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn edits_of_webhooks_and_forms_are_told_and_taken_back() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let hook =
            json!({"name": "Site", "url": "http://127.0.0.1:9/a", "events": ["lead.created"]});
        let form = json!({"title": "Contato", "fields": ["email"], "source": "site"});
        for (path, what, body, edit) in [
            (
                "/api/webhooks/",
                "webhook",
                hook,
                json!({"name": "Outro", "events": ["lead.updated"]}),
            ),
            (
                "/api/lead-forms/",
                "lead_form",
                form,
                json!({"title": "Outro", "active": false}),
            ),
        ] {
            let made = t.make(path, body).await;
            let at = format!("{path}{}/", made["id"]);
            let undo = format!("{at}undo/");
            t.owner.post(&undo, json!({})).await.expect(409);
            t.owner.patch(&at, edit.clone()).await.expect(200);
            t.manager.post(&undo, json!({})).await.expect(403);
            t.owner
                .with("if-match", "\"1\"")
                .post(&undo, json!({}))
                .await
                .expect(412);
            let back = t.owner.post(&undo, json!({})).await.expect(200).json;
            let again = t.owner.post(&undo, json!({})).await.expect(200).json;
            for (name, value) in edit.as_object().unwrap() {
                assert_eq!((&back[name], &again[name]), (&made[name], value), "{name}");
            }
            t.owner.call("DELETE", &at).await.expect(204);
            let history = format!("/api/setting-history/?what={what}&id={}", made["id"]);
            let told = t.owner.get(&history).await.expect(200).json;
            let actions: Vec<&Value> = told
                .as_array()
                .unwrap()
                .iter()
                .map(|one| &one["action"])
                .collect();
            assert_eq!(actions, ["delete", "update", "update", "update", "create"]);
            assert_eq!(told[0]["after"], json!(null));
            t.manager.get(&history).await.expect(403);
            t.owner.post(&undo, json!({})).await.expect(404);
        }
        t.owner
            .get("/api/setting-history/?what=team")
            .await
            .expect(400);
    }
}

/// Many at once are no more than one after the other.
#[tokio::test(flavor = "multi_thread")]
async fn there_are_never_too_many() {
    let (_app, tenants) = start().await;
    let t = &tenants[1];
    for (path, body) in [
        (
            "/api/webhooks/",
            json!({"name": "Site", "url": "http://127.0.0.1:9/a", "events": ["lead.created"]}),
        ),
        (
            "/api/lead-forms/",
            json!({"title": "Contato", "fields": ["email"], "source": "site"}),
        ),
    ] {
        let some = (0..24).map(|_| t.owner.post(path, body.clone()));
        let all = futures_util::future::join_all(some).await;
        let made = all.iter().filter(|answer| answer.status == 201).count();
        let refused = all.iter().filter(|answer| answer.status == 400).count();
        assert_eq!((made, refused), (20, 4), "{path}");
    }
}
