//! Pages of filters, saved views and bulk edits, as a browser without scripts uses them.

use super::{LEADS, Tenant, at, start};
use reqwest::Method;
use serde_json::{Value, json};
use sindico_testkit::{Answer, Client};

pub(super) async fn send(caller: &Client, path: &str, fields: &[(&str, &str)]) -> Answer {
    let request = caller.request(Method::POST, path);
    let request = request.header("sec-fetch-site", "same-origin").form(fields);
    caller.send(request).await
}

/// The value of a hidden field.
pub(super) fn hidden(page: &Answer, name: &str) -> String {
    let begin = format!("name=\"{name}\" value=\"");
    let rest = page.text.split(&begin).nth(1);
    let rest = rest.unwrap_or_else(|| panic!("no {name} in {}", page.text));
    let value = rest.split('"').next().unwrap();
    value
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
}

fn shows(page: &Answer, record: &Value) -> bool {
    page.text.contains(&format!("id=\"lead-{}\"", record["id"]))
}

pub(super) fn location(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text);
    answer.header("location").to_owned()
}

async fn two(t: &Tenant) -> (Value, Value) {
    let hot = t.lead(json!({"name": "Quente", "score": 90})).await;
    let cold = t.lead(json!({"name": "Frio", "score": 10})).await;
    (hot, cold)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_is_made_condition_by_condition() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let (hot, cold) = two(t).await;
        let page = t.member.get("/leads/adjust/").await.expect(200);
        assert!(page.text.contains("value=\"score\""));
        let page = t
            .member
            .get("/leads/adjust/?match=all&do=add&new=score")
            .await
            .expect(200);
        assert!(page.text.contains("f.0.op") && page.text.contains("value=\"between\""));
        // What is wrong is said, and the list is not asked for.
        let wrong = "/leads/adjust/?match=all&f.0.field=score&f.0.op=gte&f.0.value=muito&do=apply";
        let page = t.member.get(wrong).await.expect(200);
        assert!(page.text.contains("field-error"), "{}", page.text);
        let right = "/leads/adjust/?match=all&f.0.field=score&f.0.op=gte&f.0.value=50&f.1.field=status&f.1.op=in&f.1.pick.NEW=1&sort=-score&density=COMPACT&c.score=1&c.tags=1&do=apply";
        let list = location(&t.member.get(right).await);
        assert!(list.starts_with("/leads/?filter="), "{list}");
        let page = t.member.get(&list).await.expect(200);
        assert!(shows(&page, &hot) && !shows(&page, &cold), "{list}");
        assert!(page.text.contains("class=\"compact\""));
        // Its conditions stand there as chips, and the form shows them again.
        assert_eq!(
            page.text.matches("class=\"chip\"").count(),
            2,
            "{}",
            page.text
        );
        let form = list.replacen("/leads/?", "/leads/adjust/?", 1);
        let page = t.member.get(&form).await.expect(200);
        assert!(page.text.contains("value=\"50\"") && page.text.contains("f.1.pick.NEW"));
        let dropped = format!("{right}&drop=0").replace("&do=apply", "");
        let page = t.member.get(&dropped).await.expect(200);
        assert!(!page.text.contains("f.1.op"));
        // On the board as well.
        let board = location(&t.member.get(&format!("{right}&board=1")).await);
        let page = t.member.get(&board).await.expect(200);
        assert!(
            page.text.contains("Quente") && !page.text.contains(">Frio<"),
            "{board}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_is_saved_shown_changed_and_had_back() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let (hot, cold) = two(t).await;
        let filter = r#"{"field":"score","op":"gte","value":50}"#;
        let fields = [
            ("kind", "lead"),
            ("name", "Quentes"),
            ("visibility", "TENANT"),
            ("filter", filter),
            ("sort", ""),
            ("columns", ""),
            ("density", ""),
            ("roles_asked", "1"),
            ("role.MEMBER", "1"),
        ];
        let blank = [("kind", "lead"), ("name", ""), ("filter", filter)];
        let page = send(&t.manager, "/views/new/", &blank).await.expect(400);
        assert!(page.text.contains("field-error"));
        let saved = location(&send(&t.manager, "/views/new/", &fields).await);
        let page = t.manager.get(&saved).await.expect(200);
        assert!(shows(&page, &hot) && !shows(&page, &cold));
        // The role begins with it; others with all.
        let page = t.member.get("/leads/").await.expect(200);
        assert!(shows(&page, &hot) && !shows(&page, &cold) && page.text.contains("Quentes"));
        let page = t.member.get("/leads/?view=all").await.expect(200);
        assert!(shows(&page, &cold));
        assert!(shows(&t.owner.get("/leads/").await.expect(200), &cold));
        // Another order is a change, which can be saved.
        let page = t
            .manager
            .get(&format!("{saved}&sort=-score"))
            .await
            .expect(200);
        let id = saved.rsplit('=').next().unwrap();
        assert!(
            page.text.contains(&format!("/views/{id}/edit/?")),
            "{}",
            page.text
        );
        assert!(
            !t.manager
                .get(&saved)
                .await
                .text
                .contains(&format!("/views/{id}/edit/?"))
        );
        let edit = format!("/views/{id}/edit/");
        let form = t
            .manager
            .get(&format!("{edit}?sort=-score&filter={{}}"))
            .await
            .expect(200);
        let version = hidden(&form, "version");
        let change = |name: &'static str, version: String| {
            let edit = edit.clone();
            async move {
                let fields = [
                    ("version", version.as_str()),
                    ("kind", "lead"),
                    ("name", name),
                    ("visibility", "TENANT"),
                    ("filter", filter),
                    ("sort", "-score"),
                    ("columns", ""),
                    ("density", ""),
                ];
                send(&t.manager, &edit, &fields).await
            }
        };
        location(&change("Mais quentes", version.clone()).await);
        // Whoever had the form open since before sees both, and decides.
        let both = change("Os meus", version.clone()).await.expect(409);
        assert!(
            both.text.contains("Mais quentes") && both.text.contains("Os meus"),
            "{}",
            both.text
        );
        assert_eq!(hidden(&both, "version"), "2");
        location(&change("Os meus", hidden(&both, "version")).await);
        for path in ["delete", "undo"] {
            send(
                &t.member,
                &format!("/views/{id}/{path}/"),
                &[("version", "3")],
            )
            .await
            .expect(403);
            send(&t.manager, &format!("/views/{id}/{path}/"), &[])
                .await
                .expect(412);
        }
        location(
            &send(
                &t.manager,
                &format!("/views/{id}/delete/"),
                &[("version", "3")],
            )
            .await,
        );
        let page = t.manager.get("/views/").await.expect(200);
        assert!(page.text.contains(&format!("/views/{id}/undo/")) && !page.text.contains(&edit));
        location(
            &send(
                &t.manager,
                &format!("/views/{id}/undo/"),
                &[("version", "4")],
            )
            .await,
        );
        assert!(
            t.member
                .get("/views/")
                .await
                .expect(200)
                .text
                .contains("Os meus")
        );
        for board in ["/leads/board/", "/opportunities/"] {
            t.owner.get(board).await.expect(200);
        }
        assert!(!t.member.get("/leads/board/").await.text.contains(">Frio<"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_changed_after_a_look() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let (hot, cold) = two(t).await;
        let list = t
            .owner
            .get("/leads/?filter=%7B%22field%22:%22score%22,%22op%22:%22gte%22,%22value%22:50%7D")
            .await
            .expect(200);
        assert!(
            list.text
                .contains(&format!("form=\"selection\" name=\"id.{}\"", hot["id"]))
        );
        let filter = hidden(&list, "filter");
        assert!(
            !t.member
                .get("/leads/")
                .await
                .text
                .contains("id=\"selection\"")
        );
        let bulk = "/leads/bulk/";
        send(&t.member, bulk, &[("which", "all"), ("filter", &filter)])
            .await
            .expect(403);
        send(&t.owner, bulk, &[("which", "ids"), ("filter", &filter)])
            .await
            .expect(400);
        let row = format!("id.{}", cold["id"]);
        let choose = send(
            &t.owner,
            bulk,
            &[
                ("which", "ids"),
                (&row, "1"),
                ("filter", &filter),
                ("next", "/leads/?q=x"),
            ],
        )
        .await
        .expect(200);
        let target = hidden(&choose, "filter");
        assert_eq!(
            target,
            format!(
                "{{\"field\":\"id\",\"op\":\"is\",\"value\":{}}}",
                cold["id"]
            )
        );
        // What is wrong, and that nothing was chosen, is said in place.
        for fields in [
            vec![("set.score", "1"), ("score", "900")],
            vec![("score", "7")],
        ] {
            let all: Vec<(&str, &str)> = [("filter", target.as_str()), ("action", "edit")]
                .into_iter()
                .chain(fields)
                .collect();
            assert!(
                send(&t.owner, bulk, &all)
                    .await
                    .expect(400)
                    .text
                    .contains("error-summary")
            );
        }
        let ask = [
            ("filter", target.as_str()),
            ("action", "edit"),
            ("set.score", "1"),
            ("score", "77"),
            ("set.budget", "1"),
            ("budget", "1.234,50"),
            ("next", "/leads/?q=x"),
        ];
        let look = send(&t.owner, bulk, &ask).await.expect(200);
        assert!(
            look.text.contains("77") && look.text.contains("Frio"),
            "{}",
            look.text
        );
        let (token, values, key) = (
            hidden(&look, "token"),
            hidden(&look, "values"),
            hidden(&look, "idempotency_key"),
        );
        let run = [
            ("filter", target.as_str()),
            ("action", "edit"),
            ("values", &values),
            ("token", &token),
            ("idempotency_key", &key),
            ("next", "/leads/?q=x"),
        ];
        t.owner
            .patch(&at(LEADS, &cold), json!({"name": "Gelado"}))
            .await
            .expect(200);
        let stale = send(&t.owner, bulk, &run).await.expect(409);
        let token = hidden(&stale, "token");
        let run = [
            ("filter", target.as_str()),
            ("action", "edit"),
            ("values", &values),
            ("token", &token),
            ("idempotency_key", &key),
            ("next", "/leads/?q=x"),
        ];
        let done = send(&t.owner, bulk, &run).await;
        assert_eq!(location(&done), "/leads/?q=x");
        let change = t.latest(LEADS, &cold).await;
        assert!(
            done.header("set-cookie")
                .contains(&format!("many_changed.{change}"))
        );
        // A double click counts once.
        assert_eq!(location(&send(&t.owner, bulk, &run).await), "/leads/?q=x");
        let now = t.read(LEADS, &cold).await;
        assert_eq!(
            (&now["score"], &now["budget"]),
            (&json!(77), &json!("1234.50"))
        );
        assert_eq!(t.read(LEADS, &hot).await["score"], 90);
        t.undo(change).await.expect(200);
        // Tags and the bin, for all that fit.
        let tag = [
            ("filter", filter.as_str()),
            ("action", "tag"),
            ("tags", "vip, sp"),
        ];
        let look = send(&t.owner, bulk, &tag).await.expect(200);
        let run = [
            ("filter", filter.as_str()),
            ("action", "tag"),
            ("values", &hidden(&look, "values")),
            ("token", &hidden(&look, "token")),
        ];
        location(&send(&t.owner, bulk, &run).await);
        assert_eq!(t.read(LEADS, &hot).await["tags"], json!(["vip", "sp"]));
        let delete = [("filter", filter.as_str()), ("action", "delete")];
        send(&t.manager, bulk, &delete).await.expect(403);
        let look = send(&t.owner, bulk, &delete).await.expect(200);
        let run = [
            ("filter", filter.as_str()),
            ("action", "delete"),
            ("values", &hidden(&look, "values")),
            ("token", &hidden(&look, "token")),
        ];
        location(&send(&t.owner, bulk, &run).await);
        t.owner.get(&at(LEADS, &hot)).await.expect(404);
        t.read(LEADS, &cold).await;
    }
}
