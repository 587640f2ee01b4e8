//! Pages of duplicates, as a browser without scripts uses them.

use super::view_pages::{hidden, location, send};
use super::{CUSTOMERS, at, start};
use reqwest::Method;
use serde_json::json;
use sindico_testkit::Answer;

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

/// The address of the form with this label, and what stands in it.
fn form<'a>(page: &'a Answer, action: &str) -> Option<&'a str> {
    let start = page.text.find(&format!("action=\"{action}\""))?;
    page.text[start..].split("</form>").next()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_one_is_said_seen_and_taken_back() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let mut made = Vec::new();
        for (n, kind) in ["COMPANY", "COMPANY", "PERSON"].iter().enumerate() {
            let body = json!({"name": format!("Casa <i>{n}"), "email": format!("c{n}@example.com"), "kind": kind,
                "phone": "11 98765-4321"});
            made.push(t.make(CUSTOMERS, body).await["id"].to_string());
        }
        let (all, dismissed) = ("/customers/duplicates/", "/customers/duplicates/dismissed/");
        let list = t.owner.get(all).await.expect(200);
        let told = form(&list, dismissed).unwrap();
        assert!(told.contains("Não são o mesmo cliente"), "{told}");
        assert!(
            told.contains(&format!("value=\"{}\"", made.join(","))),
            "{told}"
        );
        assert!(
            told.contains("Casa &lt;i&gt;0") && !told.contains("<i>"),
            "{told}"
        );

        // Where two are compared, in their own words.
        let compare = format!("/customers/{}/merge/?other={}", made[0], made[1]);
        let page = t.owner.get(&compare).await.expect(200);
        let told = form(&page, dismissed).unwrap();
        assert!(told.contains("Não são a mesma empresa"), "{told}");
        let pair = format!("{},{}", made[0], made[1]);
        let said = send(&t.owner, dismissed, &[("ids", pair.as_str())]).await;
        assert_eq!(location(&said), all);
        let cookie = said.header("set-cookie").to_owned();
        let undo = format!("not_one.customer-{}-{}", made[0], made[1]);
        assert!(cookie.contains(&undo), "{cookie}");
        // The page that follows offers to undo it, without a script as well.
        let cookie = cookie.split(';').next().unwrap();
        let cookies = t.owner.request(Method::GET, all).header("cookie", cookie);
        let next = t.owner.send(cookies).await.expect(200);
        let back = format!("/customers/duplicates/dismissed/undo/?ids={pair}");
        assert!(
            form(&next, &back).is_some_and(|form| form.contains("Desfazer")),
            "{}",
            next.text
        );
        assert_eq!(
            next.text
                .matches(&format!("action=\"{dismissed}\""))
                .count(),
            2
        );
        // The rest is told as what it is.
        let hint = format!("/customers/similar/?phone=11987654321&except={}", made[0]);
        let hint = t.owner.get(&hint).await.expect(200);
        let link = |id: &str| format!("href=\"/customers/{id}/\"");
        assert!(!hint.text.contains(&link(&made[1])) && hint.text.contains(&link(&made[2])));

        // What was said is seen, and taken back there.
        let seen = t.owner.get(dismissed).await.expect(200);
        assert!(seen.text.contains(&link(&made[0])) && seen.text.contains(&link(&made[1])));
        assert!(!seen.text.contains(&link(&made[2])));
        assert!(form(&seen, &back).is_some_and(|form| form.contains("Mostrar de novo")));
        let taken = send(&t.owner, &back, &[("next", dismissed)]).await;
        assert_eq!(location(&taken), dismissed);
        let taken = send(&t.owner, &back, &[("next", dismissed)]).await;
        assert_eq!(taken.status, 404);
        let none = t.owner.get(dismissed).await.expect(200);
        assert!(none.text.contains("Ninguém foi marcado"), "{}", none.text);

        // Somebody was quicker: it is told where one stands.
        t.owner
            .call("DELETE", &format!("{CUSTOMERS}{}/", made[1]))
            .await
            .expect(204);
        let late = send(&t.owner, dismissed, &[("ids", pair.as_str())]).await;
        assert_eq!(late.status, 400);
        assert!(late.text.contains("Não existe"), "{}", late.text);

        // Who may not change them reads, and is offered nothing.
        let rules = json!({"customers": {"PATCH": ["OWNER"]}});
        t.owner
            .patch("/api/auth/tenant-rbac/", rules)
            .await
            .expect(200);
        let list = t.manager.get(all).await.expect(200);
        assert!(form(&list, dismissed).is_none(), "{}", list.text);
        t.manager.get(dismissed).await.expect(200);
        let pair = format!("{},{}", made[0], made[2]);
        send(&t.manager, dismissed, &[("ids", pair.as_str())])
            .await
            .expect(403);
        // Two who have nothing in common are not asked about.
        let other = t.customer().await;
        let compare = format!("/customers/{}/merge/?other={}", made[0], other["id"]);
        let page = t.owner.get(&compare).await.expect(200);
        assert!(form(&page, dismissed).is_none());
        // Leads are people.
        for _ in 0..2 {
            t.lead(json!({"name": "Ana"})).await;
        }
        let list = t.owner.get("/leads/duplicates/").await.expect(200);
        let told = form(&list, "/leads/duplicates/dismissed/").unwrap();
        assert!(told.contains("Não são a mesma pessoa"), "{told}");
    }
}
