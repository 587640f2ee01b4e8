//! Tags of the whole company: counted, renamed, and taken off, each as one change set that can be undone.

use super::{LEADS, at, start, undo_path};
use serde_json::{Value, json};

const RENAME: &str = "/settings/tags/rename/";
const REMOVE: &str = "/settings/tags/remove/";

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_is_renamed_and_removed_on_all_records_at_once() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let lead = t.lead(json!({"tags": ["vip", "sul"]})).await;
        let both = t.lead(json!({"tags": ["vip", "norte", "sul"]})).await;
        let sale = t.sale(json!({"tags": ["vip"]})).await;
        let binned = t.lead(json!({"tags": ["vip"]})).await;
        t.owner
            .call("DELETE", &at(LEADS, &binned))
            .await
            .expect(204);
        let tags = async |path: &str, record: &Value| {
            t.owner.get(&at(path, record)).await.expect(200).json["tags"].clone()
        };
        let newest = async || {
            let path = "/api/changes/?limit=1";
            t.owner.get(path).await.expect(200).json[0]["change_set"]
                .as_i64()
                .unwrap()
        };

        let body = json!({"tag": "vip", "name": "norte"});
        t.member.post(RENAME, body.clone()).await.expect(403);
        t.owner.post(RENAME, body.clone()).await.expect(303);
        assert_eq!(tags(LEADS, &lead).await, json!(["norte", "sul"]));
        assert_eq!(tags(LEADS, &both).await, json!(["norte", "sul"]));
        assert_eq!(tags(super::OPPORTUNITIES, &sale).await, json!(["norte"]));
        let renamed = newest().await;
        let changed = format!("/api/changes/{renamed}/");
        let changes = t.owner.get(&changed).await.expect(200).json;
        assert_eq!(changes.as_array().unwrap().len(), 3, "{}", t.model);
        // Nobody has it any more.
        t.owner.post(RENAME, body).await.expect(404);
        t.owner
            .post(REMOVE, json!({"tag": "vip"}))
            .await
            .expect(404);
        for wrong in ["", "a,b", &"x".repeat(51)] {
            let body = json!({"tag": "sul", "name": wrong});
            t.owner.post(RENAME, body).await.expect(400);
        }

        t.manager
            .post(REMOVE, json!({"tag": "sul"}))
            .await
            .expect(303);
        assert_eq!(tags(LEADS, &lead).await, json!(["norte"]));
        for change in [newest().await, renamed] {
            t.owner
                .post(&undo_path(change), json!({}))
                .await
                .expect(200);
        }
        assert_eq!(tags(LEADS, &lead).await, json!(["vip", "sul"]));
        assert_eq!(tags(LEADS, &both).await, json!(["vip", "norte", "sul"]));

        // The page counts what is there, and not what is in the bin.
        let page = t.owner.get("/settings/tags/").await.expect(200).text;
        assert!(page.contains("vip") && page.contains("/leads/?tags=vip"));
    }
    // Another tenant's tags are not seen, nor changed.
    let (one, two) = (&tenants[0], &tenants[1]);
    let mine = one.lead(json!({"tags": ["segredo"]})).await;
    two.owner
        .post(REMOVE, json!({"tag": "segredo"}))
        .await
        .expect(404);
    let page = two.owner.get("/settings/tags/").await.expect(200).text;
    assert!(!page.contains("segredo"));
    let kept = one.owner.get(&at(LEADS, &mine)).await.expect(200).json;
    assert_eq!(kept["tags"], json!(["segredo"]));
}
