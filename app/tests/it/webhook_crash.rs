//! SIGKILL between sending a webhook and writing down what came of it: it is sent once more with the id that it
//! had, and what was to follow follows.

use crate::crash_places::settings;
use crate::receiver::{Receiver, Reply};
use crate::world::World;
use serde_json::json;
use sindico_testkit::{Program, TestDatabase};
use std::time::{Duration, Instant};

async fn started(world: &World, code: &str) -> Program {
    let settings = settings("local_postgres", &format!("shared_{code}"));
    let mut settings: Vec<(&str, &str)> = settings.iter().map(|(k, v)| (*k, v.as_str())).collect();
    settings.push(("SINDICO_LEASE", "2"));
    settings.push(("SINDICO_WEBHOOK_NETWORKS", "127.0.0.0/8"));
    world.program_with("", &settings).await
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_while_a_webhook_is_told_loses_nothing() {
    let world = World::new().await;
    let code = TestDatabase::unique();
    let mut first = started(&world, &code).await;
    let tenant = world.tenant(&first, &code).await;
    world.ask(&first, &tenant).await;
    world.one_outcome("provision").await;
    let sql = world.database.sql().await;
    sql.execute("UPDATE app_user SET is_superuser = true", &[])
        .await
        .unwrap();
    let caller = world.admin(&first).tenant(&code);
    let receiver = Receiver::start().await;
    receiver.answer([Reply::Silence]);
    let hook = json!({"name": "a", "url": receiver.url, "events": ["lead.created"]});
    let hook = caller.post("/api/webhooks/", hook).await.expect(201).json;
    for name in ["um", "dois", "três"] {
        caller
            .post("/api/leads/", json!({"source": "x", "name": name}))
            .await
            .expect(201);
    }
    let before = receiver.called(1).await;
    first.signal("KILL");
    first.ended(Duration::from_secs(10)).await;
    first = started(&world, &code).await;
    let calls = receiver.called(4).await;
    assert_eq!(
        calls[1].id(),
        before[0].id(),
        "the one that was in the air comes again, first"
    );
    let ids: Vec<_> = calls[1..]
        .iter()
        .map(|call| call.json()["data"]["id"].as_i64().unwrap())
        .collect();
    assert!(ids.is_sorted() && ids.len() == 3, "{ids:?}");
    let caller = world.admin(&first).tenant(&code);
    let log = format!("/api/webhooks/{}/deliveries/?state=DELIVERED", hook["id"]);
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let log = caller.get(&log).await.expect(200).json;
        if log.as_array().unwrap().len() == 3 {
            assert_eq!(log[2]["attempts"], 2, "{log}");
            break;
        }
        assert!(Instant::now() < end, "{log}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(receiver.calls().len(), 4);
}
