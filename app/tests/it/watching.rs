//! The server-sent events of an operation.

use crate::operations::{ask, without_workers};
use reqwest::Method;
use serde_json::Value;
use sindico_testkit::{Client, Options, TestApp, until_locked};
use std::time::Duration;

/// The events that this caller gets until the stream ends by itself.
async fn events(caller: &Client, path: &str) -> Vec<(i64, Value)> {
    let request = caller.request(Method::GET, &format!("{path}events/"));
    let reading = async {
        let mut response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.unwrap() {
            bytes.extend_from_slice(&chunk);
        }
        String::from_utf8(bytes).unwrap()
    };
    let limit = Duration::from_secs(20);
    let text = tokio::time::timeout(limit, reading).await;
    let text = text.map_err(|_| "the stream did not end").unwrap();
    // A block that begins with a colon keeps the connection alive, and is no event.
    let blocks = text.split("\n\n").filter(|block| !block.trim().is_empty());
    blocks
        .filter(|block| !block.starts_with(':'))
        .map(event)
        .collect()
}

fn event(block: &str) -> (i64, Value) {
    let line = |name: &str| {
        let found = block.lines().find_map(|line| line.strip_prefix(name));
        found.ok_or(block).unwrap().trim()
    };
    assert_eq!(line("event:"), "operation");
    (
        line("id:").parse().unwrap(),
        serde_json::from_str(line("data:")).unwrap(),
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn events_grow_and_end_with_the_operation() {
    let app = without_workers().await;
    let admin = app.staff().await;
    let tenant = app.tenant(&admin, "acme").await;
    let asked = ask(&admin, &tenant).await.expect(202);
    let path = asked.header("location");
    let watching = {
        let (admin, path) = (admin.clone(), path.to_owned());
        tokio::spawn(async move { events(&admin, &path).await })
    };
    tokio::time::sleep(Duration::from_millis(300)).await;
    // Another program does the work, so the changes are heard through the database.
    let _worker = TestApp::start_on(app.database.clone(), Options::default()).await;
    let seen = watching.await.unwrap();
    assert!(seen.len() >= 3, "{seen:#?}");
    assert_eq!(seen[0].1["status"], "QUEUED");
    assert!(
        seen.windows(2).all(|pair| pair[0].0 < pair[1].0),
        "{seen:#?}"
    );
    let (last_id, last) = &seen[seen.len() - 1];
    assert_eq!(last["status"], "SUCCEEDED");
    let finals = seen.iter().filter(|(_, o)| !o["finished_at"].is_null());
    assert_eq!(finals.count(), 1);
    let read = admin.get(path).await.expect(200);
    assert_eq!(&read.json, last);
    assert_eq!(read.header("etag"), format!("\"{last_id}\""));

    // Whoever comes back is not told again what they saw.
    let after = |id: i64| admin.with("last-event-id", &id.to_string());
    assert_eq!(
        events(&after(seen[0].0), path).await,
        [(*last_id, last.clone())]
    );
    assert_eq!(events(&after(*last_id), path).await, []);
    assert_eq!(events(&after(last_id + 5), path).await, []);
    let nonsense = admin.with("last-event-id", "x");
    assert_eq!(events(&nonsense, path).await.len(), 1);
}

/// A page reads the operation and the tenant one by one. When the end falls between, it must tell of it, or
/// ask again: else it stays at "being set up" for as long as somebody looks at it.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_read_while_the_operation_ends_misses_nothing() {
    let app = without_workers().await;
    let admin = app.staff().await.with("accept-language", "en");
    for (code, part) in [("whole", ""), ("part", "provisioning/")] {
        let tenant = app.tenant(&admin, code).await;
        ask(&admin, &tenant).await.expect(202);
        let ending = app.database.sql().await;
        ending
            .batch_execute("BEGIN; LOCK TABLE operation")
            .await
            .unwrap();
        let path = format!("/platform/tenants/{}/{part}", tenant["id"]);
        let reading = {
            let admin = admin.with("hx-request", "true");
            tokio::spawn(async move { admin.get(&path).await })
        };
        until_locked(&ending, "operation").await;
        ending
            .batch_execute(&format!(
                "UPDATE operation SET status = 'FAILED', finished_at = now() WHERE company_id = {id};
                 UPDATE tenant_provisioning SET status = 'FAILED' WHERE company_id = {id}; COMMIT",
                id = tenant["id"]
            ))
            .await
            .unwrap();
        let page = reading.await.unwrap().expect(200).text;
        let state = page.split_once(r#"id="tenant-state""#).expect(code).1;
        let state = state.split_once("</span></span>").expect(code).0;
        let asks_again = page.contains(r#"hx-trigger="every 1s""#);
        assert!(asks_again || state.contains("Failed"), "{code}: {state}");
    }
}
