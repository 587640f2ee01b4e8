//! SIGKILL before a reminder is due: whoever comes after reminds of it, once.

use crate::crash_places::settings;
use crate::world::World;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sindico_testkit::{Client, Program, TestDatabase};
use std::time::{Duration, Instant};

async fn started(world: &World, code: &str) -> Program {
    let settings = settings("local_postgres", &format!("shared_{code}")).await;
    let settings: Vec<(&str, &str)> = settings.iter().map(|(k, v)| (*k, v.as_str())).collect();
    world.program_with("", &settings).await
}

async fn told(caller: &Client) -> Value {
    caller.get("/api/notifications/").await.expect(200).json
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_before_reminders_are_due_loses_none() {
    let world = World::new().await;
    let code = TestDatabase::unique();
    let first = started(&world, &code).await;
    let tenant = world.tenant(&first, &code).await;
    world.ask(&first, &tenant).await;
    world.one_outcome("provision").await;
    let sql = world.database.sql().await;
    sql.execute("UPDATE app_user SET is_superuser = true", &[])
        .await
        .unwrap();
    let caller = world.admin(&first).tenant(&code);
    let lead = caller
        .post("/api/leads/", json!({"source": "x"}))
        .await
        .expect(201)
        .json;
    // The place is known by then.
    tokio::time::sleep(Duration::from_secs(3)).await;
    #[expect(clippy::disallowed_methods, reason = "programs have no other clock")]
    let soon = Timestamp::now() + SignedDuration::from_secs(4);
    for n in 0..5 {
        let todo = json!({"title": format!("{n}"), "lead": lead["id"], "reminder_at": soon});
        caller.post("/api/activities/", todo).await.expect(201);
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(told(&caller).await, json!([]));
    let mut first = first;
    first.signal("KILL");
    first.ended(Duration::from_secs(10)).await;
    let second = started(&world, &code).await;
    let third = started(&world, &code).await;
    let caller = world.admin(&second).tenant(&code);
    let end = Instant::now() + Duration::from_secs(40);
    while told(&caller).await.as_array().unwrap().len() < 5 {
        assert!(Instant::now() < end, "{}", told(&caller).await);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let all = told(&world.admin(&third).tenant(&code)).await;
    assert_eq!(all.as_array().unwrap().len(), 5, "{all}");
}
