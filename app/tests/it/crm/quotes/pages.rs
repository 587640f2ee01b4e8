//! The pages of quotes and products, without a script.

use super::super::start;
use super::{PRODUCTS, act, content, draft};
use reqwest::Method;
use serde_json::json;
use sindico_testkit::{Answer, Client};

pub(super) async fn send(caller: &Client, path: &str, form: &[(&str, &str)]) -> Answer {
    let sent = |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    let pairs = form
        .iter()
        .map(|(name, value)| format!("{}={}", sent(name), sent(value)));
    let body: Vec<String> = pairs.collect();
    let request = caller.request(Method::POST, path);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    caller.send(request.body(body.join("&"))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn quotes_are_written_and_sent_on_pages() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let product = t
            .make(
                PRODUCTS,
                json!({"name": "Consultoria <b>", "price": "180.00", "unit": "h"}),
            )
            .await;
        let sale = t.sale(json!({})).await;
        let begin = format!("/opportunities/{}/quotes/new/", sale["id"]);
        let begun = send(&t.owner, &begin, &[]).await.expect(303);
        let edit = begun.header("location").to_owned();
        let page = t.owner.get(&edit).await.expect(200);
        assert!(
            page.text.contains("Consultoria &lt;b&gt;") && page.text.contains("lines.0.product"),
            "{}",
            page.text
        );
        // A line of a product takes what it does not say itself; the button asks for one more.
        let id = product["id"].to_string();
        let first = [
            ("valid_until", "31/12/2026"),
            ("language", "en"),
            ("notes", "Oi"),
            ("terms", ""),
            ("lines.0.product", id.as_str()),
            ("lines.0.quantity", "2,5"),
            ("lines.0.price", ""),
            ("more", "1"),
        ];
        let more = send(&t.owner, &edit, &first).await.expect(303);
        assert_eq!(more.header("location"), format!("{edit}#lines"));
        let page = t.owner.get(&edit).await.expect(200);
        assert!(
            page.text.contains("lines.1.name") && page.text.contains("450,00"),
            "{}",
            page.text
        );
        let wrong = [
            ("language", "en"),
            ("lines.0.name", "Visita"),
            ("lines.0.quantity", "zero"),
            ("lines.0.price", "1.234,50"),
        ];
        let wrong = send(&t.owner, &edit, &wrong).await.expect(400);
        assert!(
            wrong.text.contains("zero") && wrong.text.contains("Visita"),
            "{}",
            wrong.text
        );
        let right = [
            ("valid_until", "2026-12-31"),
            ("language", "pt-BR"),
            ("lines.0.name", "Visita"),
            ("lines.0.quantity", "1"),
            ("lines.0.price", "1.234,50"),
            ("lines.0.discount", "10"),
            ("lines.1.name", ""),
            ("lines.1.quantity", "9"),
        ];
        send(&t.owner, &edit, &right).await.expect(303);
        let quote = edit.trim_end_matches("edit/");
        let page = t.owner.get(quote).await.expect(200);
        assert!(
            page.text.contains("1.111,05") && page.text.contains("Visita"),
            "{}",
            page.text
        );
        let sent = send(&t.owner, &format!("{quote}send/"), &[])
            .await
            .expect(200);
        assert!(
            sent.text.contains("/q/") && sent.text.contains("não é mostrado de novo"),
            "{}",
            sent.text
        );
        assert!(!t.owner.get(quote).await.expect(200).text.contains("/q/"));
        let print = t.owner.get(&format!("{quote}print/")).await.expect(200);
        assert!(print.text.contains("1.111,05") && !print.text.contains("<nav"));
        let shown = t
            .owner
            .get(&format!("/opportunities/{}/", sale["id"]))
            .await
            .expect(200);
        assert!(
            shown.text.contains("Proposta 1") && shown.text.contains("enviou uma proposta de"),
            "{}",
            shown.text
        );
        let list = t.owner.get("/quotes/").await.expect(200);
        assert!(list.text.contains("Proposta 1") && list.text.contains("Enviada"));
        send(&t.owner, &format!("{quote}accept/"), &[])
            .await
            .expect(303);
        send(&t.owner, &format!("{quote}amount/"), &[])
            .await
            .expect(303);
        let amount = t
            .owner
            .get(&format!("/api/opportunities/{}/", sale["id"]))
            .await
            .expect(200)
            .json;
        assert_eq!(amount["amount"], "1111.05");
        // Members read, and are offered nothing more.
        let seen = t.member.get(quote).await.expect(200);
        assert!(!seen.text.contains("action=\"/quotes/"), "{}", seen.text);
        send(&t.member, &format!("{quote}revise/"), &[])
            .await
            .expect(403);
        let draft = draft(t, content()).await;
        act(&t.owner, &draft, "send").await.expect(200);
        let stuck = send(&t.owner, &format!("/quotes/{}/edit/", draft["id"]), &right)
            .await
            .expect(409);
        assert!(
            stuck.text.contains("Uma proposta enviada fica como está"),
            "{}",
            stuck.text
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn products_are_kept_on_pages() {
    let (_app, tenants) = start().await;
    for t in &tenants {
        let made = send(
            &t.owner,
            "/products/new/",
            &[
                ("name", "Pão"),
                ("code", "P1"),
                ("price", "1.234,50"),
                ("active", "on"),
            ],
        )
        .await
        .expect(303);
        assert_eq!(made.header("location"), "/products/");
        let list = t.owner.get("/products/").await.expect(200);
        assert!(
            list.text.contains("Pão") && list.text.contains("1.234,50"),
            "{}",
            list.text
        );
        let found = t.owner.get(PRODUCTS).await.expect(200).json;
        let one = format!("/products/{}/", found[0]["id"]);
        let wrong = send(&t.owner, &one, &[("name", ""), ("price", "x")])
            .await
            .expect(400);
        assert!(wrong.text.contains("field-error"), "{}", wrong.text);
        send(&t.owner, &one, &[("name", "Pão"), ("price", "2")])
            .await
            .expect(303);
        let now = t
            .owner
            .get(&format!("{PRODUCTS}{}/", found[0]["id"]))
            .await
            .expect(200)
            .json;
        assert_eq!(
            (&now["price"], &now["active"]),
            (&json!("2.00"), &json!(false))
        );
        let gone = send(&t.owner, &format!("{one}delete/"), &[])
            .await
            .expect(303);
        let told = t.owner.get(gone.header("location")).await.expect(200);
        assert!(told.text.contains("Produto excluído"), "{}", told.text);
        send(&t.owner, &format!("{one}undo/"), &[])
            .await
            .expect(303);
        t.owner.get(&one).await.expect(200);
        t.member.get(&one).await.expect(200);
        send(&t.member, &one, &[("name", "x")]).await.expect(403);
    }
}
