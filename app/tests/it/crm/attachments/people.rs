//! Who reads and changes files, and how pages show them.

use super::super::{CUSTOMERS, LEADS, at, start, undo_path, user_id};
use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn files_are_read_and_changed_as_their_record_is() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let lead = at(LEADS, &t.lead(json!({})).await);
        let made = attach(&t.owner, &lead, &[("a.png", PNG)]).await.expect(201);
        let id = &made.json[0]["id"];
        // A member reads leads, and changes none.
        t.member.get(&file(id, "content/")).await.expect(200);
        t.member.call("DELETE", &file(id, "")).await.expect(403);
        t.member
            .patch(&file(id, ""), json!({"name": "b.png"}))
            .await
            .expect(403);
        attach(&t.member, &lead, &[("a.png", PNG)])
            .await
            .expect(403);
        t.member
            .post(&undo_path(change_set(&made)), json!({}))
            .await
            .expect(403);
        attach(&t.manager, &lead, &[("a.png", PNG)])
            .await
            .expect(201);
        // Who may not read leads does not know of their files.
        let rule = json!({"leads": {"GET": ["OWNER"]}});
        t.owner
            .patch("/api/auth/tenant-rbac/", rule)
            .await
            .expect(200);
        for tail in ["", "content/", "preview/"] {
            t.member.get(&file(id, tail)).await.expect(404);
            t.manager.get(&file(id, tail)).await.expect(404);
        }
        t.manager.call("DELETE", &file(id, "")).await.expect(404);
        assert_eq!(listed(&t.owner, &lead).await.len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_file_is_reached_beyond_ones_sight() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let own = json!({"leads": {"SCOPE": {"MANAGER": "own"}}});
        t.owner
            .patch("/api/auth/tenant-rbac/", own)
            .await
            .expect(200);
        let theirs = at(
            LEADS,
            &t.lead(json!({"owner": user_id(&t.owner).await})).await,
        );
        let made = attach(&t.owner, &theirs, &[("segredo.png", PNG)])
            .await
            .expect(201);
        let id = &made.json[0]["id"];
        let mine = t
            .manager
            .post(LEADS, json!({"source": "site"}))
            .await
            .expect(201)
            .json;
        let mine = at(LEADS, &mine);
        for tail in ["", "content/", "preview/"] {
            t.manager.get(&file(id, tail)).await.expect(404);
        }
        t.manager
            .get(&format!("{theirs}attachments/"))
            .await
            .expect(404);
        attach(&t.manager, &theirs, &[("a.png", PNG)])
            .await
            .expect(404);
        t.manager.call("DELETE", &file(id, "")).await.expect(404);
        t.manager
            .patch(&file(id, ""), json!({"name": "b.png"}))
            .await
            .expect(404);
        t.manager
            .post(&undo_path(change_set(&made)), json!({}))
            .await
            .expect(404);
        // The same content is theirs where they attach it themselves, and nothing tells that it was there.
        let again = attach(&t.manager, &mine, &[("meu.png", PNG)])
            .await
            .expect(201);
        assert_eq!(rows(t, WHOLE).await, 1);
        let own = &again.json[0]["id"];
        let (status, _, sent) = bytes(&t.manager, &file(own, "content/"), &[]).await;
        assert_eq!((status, sent.as_slice()), (200, PNG));
        t.manager.call("DELETE", &file(own, "")).await.expect(204);
        t.manager.get(&file(own, "content/")).await.expect(404);
        t.owner.get(&file(id, "content/")).await.expect(200);
        // Given to them, it is theirs to see.
        let manager = user_id(&t.manager).await;
        t.owner
            .patch(&theirs, json!({"owner": manager}))
            .await
            .expect(200);
        t.manager.get(&file(id, "content/")).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_show_send_and_remove_files() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let customer = t.customer().await;
        let page = format!("/customers/{}/", customer["id"]);
        let upload = format!("{page}attachments/");
        let sent = send(&t.owner, &upload, form(&[("foto <b>.png", PNG)]))
            .await
            .expect(303);
        assert_eq!(sent.header("location"), format!("{page}#files"));
        assert!(
            sent.header("set-cookie").contains("attached."),
            "{:?}",
            sent.headers
        );
        let shown = t.owner.get(&page).await.expect(200);
        assert!(
            shown.text.contains("foto &lt;b&gt;.png") && shown.text.contains("loading=\"lazy\""),
            "{}",
            shown.text
        );
        let wrong = send(&t.owner, &upload, form(&[("a.exe", b"MZ\x90\0")]))
            .await
            .expect(400);
        assert!(
            wrong.text.contains("Este tipo de arquivo não é aceito"),
            "{}",
            wrong.text
        );
        let by_script = t.owner.with("accept", "application/json");
        let wrong = send(&by_script, &upload, form(&[("a.exe", b"MZ\x90\0")]))
            .await
            .expect(400);
        assert!(
            wrong.text.starts_with("Este tipo de arquivo"),
            "{}",
            wrong.text
        );
        let done = send(&by_script, &upload, form(&[("b.png", PNG)]))
            .await
            .expect(204);
        assert!(!done.header("location").is_empty());
        // Members see and send none.
        let seen = t.member.get(&page).await.expect(200);
        assert!(seen.text.contains("b.png") && !seen.text.contains("data-files"));
        send(&t.member, &upload, form(&[("a.png", PNG)]))
            .await
            .expect(403);
        let list = listed(&t.owner, &at(CUSTOMERS, &customer)).await;
        let remove = format!("/attachments/{}/remove/", list[0]);
        t.member.call("POST", &remove).await.expect(403);
        t.owner.call("POST", &remove).await.expect(303);
        assert_eq!(listed(&t.owner, &at(CUSTOMERS, &customer)).await, [list[1]]);
        let shown = t.owner.get(&page).await.expect(200);
        assert!(
            shown.text.contains("removeu um arquivo de"),
            "{}",
            shown.text
        );
    }
}
