//! The link of a quote: what it tells, to whom, and for how long.

use super::super::{OPPORTUNITIES, start};
use super::{act, sent};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use sindico_testkit::{Answer, Client};

async fn answer(caller: &Client, link: &str, form: &[(&str, &str)]) -> Answer {
    let request = caller.request(Method::POST, link);
    let body = form
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<Vec<_>>()
        .join("&");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    caller.send(request.body(body)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_tells_what_the_quote_says_and_no_more() {
    let (app, tenants) = start().await;
    for (n, t) in tenants.iter().enumerate() {
        let (quote, link) = sent(t).await;
        let customer = app.anonymous().tenant(&t.code);
        let page = customer.get(&link).await.expect(200);
        for word in [
            "Proposta 1",
            "Consultoria",
            "143,73",
            "50 % na entrega",
            "31/12/2026",
            "Aceitar a proposta",
        ] {
            assert!(page.text.contains(word), "{word}: {}", page.text);
        }
        assert!(
            !page.text.contains("Segredo da casa") && !page.text.contains("<script"),
            "{}",
            page.text
        );
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert!(page.header("x-robots-tag").contains("noindex") && page.text.contains("noindex"));
        assert_eq!(page.header("cache-control"), "no-store");
        assert!(
            page.header("content-security-policy")
                .contains("frame-ancestors 'none'")
        );
        // It is in the quote's language, whatever the browser's.
        let english = customer
            .with("accept-language", "en")
            .get(&link)
            .await
            .expect(200);
        assert!(
            english.text.contains("<html lang=\"pt-BR\""),
            "{}",
            english.text
        );
        // The first look is told, and no other; none by what shows previews of links, or fetches ahead.
        let ahead = customer
            .with("sec-fetch-mode", "navigate")
            .with("sec-purpose", "prefetch;prerender");
        ahead.get(&link).await.expect(200);
        let sale = format!("{OPPORTUNITIES}{}/timeline/", quote["opportunity"]);
        let looks = async || {
            let timeline = t.owner.get(&sale).await.expect(200).json;
            let entries = timeline.as_array().unwrap().iter();
            entries
                .filter(|change| change["action"] == "quote.seen")
                .count()
        };
        assert_eq!(looks().await, 0);
        for _ in 0..2 {
            let browser = customer.with("sec-fetch-mode", "navigate");
            browser.get(&link).await.expect(200);
            assert_eq!(looks().await, 1);
        }
        // Nobody else's host has it; what is no key, and what is no key any more, are one answer.
        let other = &tenants[1 - n];
        let nothing = customer
            .get(&format!("/q/{}/", "0".repeat(64)))
            .await
            .expect(404);
        for (caller, path) in [
            (app.anonymous().tenant(&other.code), link.clone()),
            (app.anonymous(), link.clone()),
            (customer.clone(), "/q/x/".to_owned()),
            (
                customer.clone(),
                format!("{}0/", link.trim_end_matches('/')),
            ),
        ] {
            let answer = caller.get(&path).await;
            assert_eq!(
                (answer.status, &answer.text),
                (404, &nothing.text),
                "{path}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_lives_no_longer_than_it_should() {
    let (app, tenants) = start().await;
    for t in &tenants {
        let customer = app.anonymous().tenant(&t.code);
        let yes = [("name", "Maria"), ("confirm", "on"), ("decision", "accept")];
        let dead = async |link: &str, what: &str| {
            assert_eq!(customer.get(link).await.status, 404, "{what}");
            assert_eq!(answer(&customer, link, &yes).await.status, 404, "{what}");
        };
        // Taken away, and made anew.
        let (quote, link) = sent(t).await;
        customer.get(&link).await.expect(200);
        let path = format!("/api/quotes/{}/link/", quote["id"]);
        t.owner.call("DELETE", &path).await.expect(200);
        dead(&link, "taken away").await;
        let new = t.owner.post(&path, json!({})).await.expect(200).json;
        let new = new["link"].as_str().unwrap();
        customer.get(new).await.expect(200);
        dead(&link, "another was made").await;
        // With its sale, and back with it.
        let sale = format!("{OPPORTUNITIES}{}/", quote["opportunity"]);
        t.owner.call("DELETE", &sale).await.expect(204);
        dead(new, "its sale is in the bin").await;
        t.owner
            .post(&format!("{sale}restore/"), json!({}))
            .await
            .expect(200);
        customer.get(new).await.expect(200);
        act(&t.owner, &quote, "revise").await.expect(201);
        dead(new, "revised").await;
        let (quote, link) = sent(t).await;
        act(&t.owner, &quote, "cancel").await.expect(200);
        dead(&link, "canceled").await;

        // Over, it says so to who has the key, and takes no answer.
        let (quote, link) = sent(t).await;
        t.sql(&format!("UPDATE quote SET valid_until = '2026-11-22', key_until = '2026-11-22' WHERE company_id = $1 AND id = {}", quote["id"])).await;
        let over = customer.get(&link).await.expect(410);
        assert!(
            over.text.contains("terminou") && !over.text.contains("143,73"),
            "{}",
            over.text
        );
        answer(&customer, &link, &yes).await.expect(410);
        assert_eq!(
            t.owner
                .get(&format!("/api/quotes/{}/", quote["id"]))
                .await
                .expect(200)
                .json["status"],
            "EXPIRED"
        );
        act(&t.owner, &quote, "accept").await.expect(409);
        // The last day is one.
        let today = "UPDATE quote SET valid_until = '2026-11-23', key_until = '2026-11-23' WHERE company_id = $1 AND id =";
        t.sql(&format!("{today} {}", quote["id"])).await;
        customer.get(&link).await.expect(200);

        // A tenant that is not served has none.
        let suspend = |status: &str| {
            format!(
                "UPDATE tenant_contract SET status = '{status}' WHERE company_id = {}",
                t.company
            )
        };
        let control = app.database.sql().await;
        control.batch_execute(&suspend("SUSPENDED")).await.unwrap();
        app.directory.refresh(t.company).await.unwrap();
        dead(&link, "suspended").await;
        control.batch_execute(&suspend("ACTIVE")).await.unwrap();
        app.directory.refresh(t.company).await.unwrap();
        customer.get(&link).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quote_is_answered_once() {
    let (app, tenants) = start().await;
    for t in &tenants {
        let (quote, link) = sent(t).await;
        let customer = app.anonymous().tenant(&t.code);
        for (form, told) in [
            (
                vec![("confirm", "on"), ("decision", "accept")],
                "Use de 1 a 120",
            ),
            (vec![("name", "Maria"), ("decision", "accept")], "Confirme"),
            (
                vec![("name", "Maria"), ("confirm", "on"), ("decision", "maybe")],
                "Confira",
            ),
        ] {
            let wrong = answer(&customer, &link, &form).await.expect(400);
            assert!(wrong.text.contains(told), "{told}: {}", wrong.text);
        }
        let answers = join_all((0..6).map(|n| {
            let (customer, link) = (&customer, &link);
            async move {
                let decision = if n % 2 == 0 { "accept" } else { "reject" };
                let name = format!("Maria+{n}");
                answer(
                    customer,
                    link,
                    &[("name", &name), ("confirm", "on"), ("decision", decision)],
                )
                .await
            }
        }))
        .await;
        let won: Vec<usize> = (0..6).filter(|n| answers[*n].status == 303).collect();
        assert_eq!(
            won.len(),
            1,
            "{:?}",
            answers.iter().map(|a| a.status).collect::<Vec<_>>()
        );
        assert!(
            answers
                .iter()
                .all(|answer| [303, 409].contains(&answer.status))
        );
        let read = t
            .owner
            .get(&format!("/api/quotes/{}/", quote["id"]))
            .await
            .expect(200)
            .json;
        let status = if won[0].is_multiple_of(2) {
            "ACCEPTED"
        } else {
            "REJECTED"
        };
        assert_eq!(
            (&read["status"], &read["decided_by"]),
            (&json!(status), &json!(format!("Maria {}", won[0])))
        );
        // Whoever has the key sees what came of it.
        let page = customer.get(&link).await.expect(200);
        assert!(
            page.text.contains(&format!("Maria {}", won[0])) && !page.text.contains("<form"),
            "{}",
            page.text
        );
        let timeline = t
            .owner
            .get(&format!(
                "{OPPORTUNITIES}{}/timeline/",
                quote["opportunity"]
            ))
            .await
            .expect(200)
            .json;
        assert_eq!(timeline[0]["username"], format!("Maria {}", won[0]));
        assert_eq!(timeline[0]["user"], Value::Null);
        let undo = super::super::undo_path(timeline[0]["change_set"].as_i64().unwrap());
        t.owner.post(&undo, json!({})).await.expect(409);
        // Who tries by hundreds has to wait.
        let guess = format!("/q/{}/", "1".repeat(64));
        let mut statuses = Vec::new();
        for _ in 0..25 {
            statuses.push(answer(&customer, &guess, &[("name", "x")]).await.status);
        }
        assert!(statuses.contains(&429), "{statuses:?}");
    }
}
