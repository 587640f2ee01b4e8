//! SIGKILL before a reminder is due: whoever comes after reminds of it, once.

use crate::crash_places::settings;
use crate::mailbox::{Mailbox, Reply, header};
use crate::world::World;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sindico_domain::access::Role;
use sindico_testkit::{Client, Program, TestDatabase, join, token};
use std::time::{Duration, Instant};

async fn started(world: &World, code: &str) -> Program {
    let settings = settings("local_postgres", &format!("shared_{code}"));
    let mut settings: Vec<(&str, &str)> = settings.iter().map(|(k, v)| (*k, v.as_str())).collect();
    settings.push(("SINDICO_WEBHOOK_NETWORKS", "127.0.0.0/8"));
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

#[tokio::test(flavor = "multi_thread")]
async fn crash_while_a_mail_is_sent_sends_it_again_with_its_id() {
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
    let mailbox = Mailbox::start("x").await;
    mailbox.answer([Reply::Silence]);
    let settings = json!({"host": "127.0.0.1", "port": mailbox.port, "security": "NONE", "username": "ana",
        "password": "x", "from_address": "vendas@example.com"});
    caller
        .put("/api/mail-settings/", settings)
        .await
        .expect(200);
    let store = world.database.store();
    let bia = token(&store, "bia", false, false).await;
    join(&store, &code, "bia", Role::Member).await;
    let bia = first.anonymous().token(&bia);
    let bia = bia.get("/api/auth/me/").await.expect(200).json;
    let lead = json!({"source": "x", "owner": bia["id"]});
    caller.post("/api/leads/", lead).await.expect(201);
    mailbox.received(1).await;
    first.signal("KILL");
    first.ended(Duration::from_secs(10)).await;
    let second = started(&world, &code).await;
    let caller = world.admin(&second).tenant(&code);
    // Whoever comes after waits for the lease of a minute.
    let mails = tokio::time::timeout(Duration::from_secs(150), async {
        loop {
            let mails = mailbox.mails();
            if mails.len() > 1 {
                return mails;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    let mails = mails.await.expect("it is not sent again");
    assert_eq!(
        header(&mails[0], "Message-ID"),
        header(&mails[1], "Message-ID")
    );
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        let log = caller.get("/api/mail-settings/log/").await.expect(200).json;
        if log[0]["state"] == "SENT" {
            assert_eq!(log[0]["attempts"], 2, "{log}");
            break;
        }
        assert!(Instant::now() < end, "{log}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(mailbox.mails().len(), 2);
}
