//! Pages of duplicates, as a browser without scripts uses them.

use super::view_pages::{hidden, location, send};
use super::{CUSTOMERS, at, start};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn two_are_found_compared_and_made_one() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let stays =
            json!({"name": "Padaria São João", "email": "a@example.com", "notes": "<img onerror>"});
        let stays = t.make(CUSTOMERS, stays).await;
        let goes = json!({"name": "PADARIA SAO JOAO LTDA", "email": "b@example.com", "phone": "11 98765-4321"});
        let goes = t.make(CUSTOMERS, goes).await;

        // As somebody types the name.
        let typed = "/customers/similar/?name=padaria+sao+joao&email=&phone=&csrf=x";
        let hint = t.owner.get(typed).await.expect(200);
        for record in [&stays, &goes] {
            let link = format!("href=\"/customers/{}/\"", record["id"]);
            assert!(hint.text.contains(&link), "{}", hint.text);
        }
        assert!(!hint.text.contains("<html"), "{}", hint.text);
        let nobody = t.owner.get("/customers/similar/?name=Outra").await;
        assert!(!nobody.expect(200).text.contains("href=\"/customers/"));
        let form = t.owner.get("/customers/new/").await.expect(200);
        assert!(form.text.contains("hx-get=\"/customers/similar/\""));

        // All at once, and from there side by side.
        let list = t.owner.get("/customers/duplicates/").await.expect(200);
        let compare = format!("/customers/{}/merge/?other={}", stays["id"], goes["id"]);
        assert!(list.text.contains(&compare), "{}", list.text);
        let page = t.owner.get(&compare).await.expect(200);
        assert!(page.text.contains("&lt;img onerror&gt;") && !page.text.contains("<img onerror>"));
        let path = format!("/customers/{}/merge/", stays["id"]);
        let partners = t.owner.get(&path).await.expect(200);
        assert!(partners.text.contains(&format!("?other={}", goes["id"])));
        let other = goes["id"].to_string();
        let (key, version, seen) = (
            hidden(&page, "idempotency_key"),
            hidden(&page, "version"),
            hidden(&page, "other_version"),
        );
        let filled = [
            ("idempotency_key", key.as_str()),
            ("version", version.as_str()),
            ("other", other.as_str()),
            ("other_version", seen.as_str()),
            ("keep-email", "other"),
        ];

        // A role that may not is not offered it, and is refused.
        let shown = t.manager.get("/customers/duplicates/").await.expect(200);
        assert!(!shown.text.contains("/merge/"), "{}", shown.text);
        send(&t.manager, &path, &filled).await.expect(403);

        // What somebody changed meanwhile is looked at again.
        let notes = json!({"notes": "Nova"});
        t.owner
            .patch(&at(CUSTOMERS, &goes), notes)
            .await
            .expect(200);
        let again = send(&t.owner, &path, &filled).await.expect(412);
        assert!(again.text.contains("keep-email"), "{}", again.text);
        let (key, seen) = (
            hidden(&again, "idempotency_key"),
            hidden(&again, "other_version"),
        );
        let filled = [
            ("idempotency_key", key.as_str()),
            ("version", version.as_str()),
            ("other", other.as_str()),
            ("other_version", seen.as_str()),
            ("keep-email", "other"),
            ("keep-notes", "both"),
        ];
        let done = send(&t.owner, &path, &filled).await;
        assert_eq!(location(&done), format!("/customers/{}/", stays["id"]));
        let merged = t.read(CUSTOMERS, &stays).await;
        assert_eq!(merged["email"], "b@example.com");
        assert_eq!(merged["phone"], "11 98765-4321");
        assert_eq!(merged["notes"], "<img onerror>\n\nNova");
        t.owner.get(&at(CUSTOMERS, &goes)).await.expect(404);
        // Sent twice, it is done once.
        send(&t.owner, &path, &filled).await.expect(303);
        t.owner.get(&compare).await.expect(404);
    }
}
