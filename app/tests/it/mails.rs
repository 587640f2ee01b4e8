//! Notifications by e-mail, by a company's own server: once, to whom they are for, with what they may see; and a
//! password that goes in and never out.

use crate::begin;
use crate::mailbox::{Mailbox, Reply, header};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sindico_domain::access::Role;
use sindico_outbound::Outbound;
use sindico_testkit::{Client, Options, TestApp, TestDatabase};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

const PATH: &str = "/api/mail-settings/";
const LOG: &str = "/api/mail-settings/log/";
const SECRET: &str = "uma senha muito secreta";

async fn usual() -> Options {
    begin();
    Options::local_postgres().await
}

fn settings(mailbox: &Mailbox) -> Value {
    json!({"host": "127.0.0.1", "port": mailbox.port, "security": "NONE", "username": "ana", "password": SECRET,
        "from_address": "vendas@example.com", "from_name": "Vendas", "reply_to": "balcao@example.com"})
}

/// A tenant whose mail leaves by this mailbox, its owner, and a member with their id and name.
struct Place {
    tenant: Value,
    owner: Client,
    member: Client,
    me: Value,
}

impl Place {
    async fn new(app: &TestApp, model: &str, mailbox: &Mailbox) -> Self {
        let staff = app.staff().await;
        let tenant = app.ready(&staff, "acme", model).await;
        let owner = app.member(&tenant, Role::Owner).await;
        let member = app.member(&tenant, Role::Member).await;
        let me = member.get("/api/auth/me/").await.expect(200).json;
        owner.put(PATH, settings(mailbox)).await.expect(200);
        Self {
            tenant,
            owner,
            member,
            me,
        }
    }

    async fn give(&self, name: &str) -> Value {
        let lead = json!({"source": "x", "name": name, "owner": self.me["id"]});
        self.owner.post("/api/leads/", lead).await.expect(201).json
    }

    async fn log(&self, wanted: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + Duration::from_secs(40);
        loop {
            let log = self.owner.get(LOG).await.expect(200).json;
            if wanted(&log) {
                return log;
            }
            assert!(Instant::now() < end, "{log:#}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Has programs look at once.
    async fn nudge(&self) {
        let lead = json!({"source": "nudge"});
        self.owner.post("/api/leads/", lead).await.expect(201);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_send_each_mail_once() {
    let app = TestApp::start_with(usual().await).await;
    let second = TestApp::start_on(app.database.clone(), usual().await).await;
    for model in ["DATABASE_PER_TENANT", "SHARED_SCHEMA"] {
        let mailbox = Mailbox::start(SECRET).await;
        let place = Place::new(&app, model, &mailbox).await;
        second
            .directory
            .refresh(place.tenant["id"].as_i64().unwrap())
            .await
            .unwrap();
        let beside = place.owner.at(&second.base);
        for n in 0..10 {
            let lead = json!({"source": "x", "name": format!("Ana {n}"), "owner": place.me["id"]});
            let by = if n % 2 == 0 { &place.owner } else { &beside };
            by.post("/api/leads/", lead).await.expect(201);
        }
        let mails = mailbox.received(10).await;
        let log = place
            .log(|log| {
                log.as_array()
                    .unwrap()
                    .iter()
                    .all(|one| one["state"] == "SENT")
            })
            .await;
        assert_eq!(log.as_array().unwrap().len(), 10);
        assert_eq!(log[0]["answer"], "250 queued as 7");
        assert_eq!(
            (&log[0]["attempts"], &log[0]["user"]),
            (&json!(1), &place.me["id"])
        );
        // Nothing of what was told is in the log.
        assert!(!log.to_string().contains("Ana"), "{log}");
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        assert_eq!(mailbox.mails().len(), 10);
        let mut ids: Vec<_> = mails
            .iter()
            .map(|mail| header(mail, "Message-ID"))
            .collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 10);
        let mail = &mails[0];
        let subdomain = place.tenant["provisioning"]["subdomain"]
            .as_str()
            .unwrap_or_default();
        assert_eq!(header(mail, "To"), place.me["email"].as_str().unwrap());
        assert_eq!(header(mail, "From"), "Vendas <vendas@example.com>");
        assert_eq!(header(mail, "Reply-To"), "balcao@example.com");
        for part in [
            "text/plain",
            "text/html",
            "/leads/",
            subdomain,
            "/notifications/preferences/",
        ] {
            assert!(mail.contains(part), "{part} is not in\n{mail}");
        }
    }
}

macro_rules! clock {
    ($later:ident, $clock:ident) => {
        static $later: AtomicI64 = AtomicI64::new(0);

        #[expect(clippy::disallowed_methods, reason = "the database has no other clock")]
        fn $clock() -> Timestamp {
            Timestamp::now() + SignedDuration::from_secs($later.load(Ordering::SeqCst))
        }
    };
}

clock!(DUE, due);

#[tokio::test(flavor = "multi_thread")]
async fn reminders_that_are_due_together_are_one_mail() {
    let mut options = usual().await;
    options.clock = due;
    let app = TestApp::start_with(options).await;
    let mailbox = Mailbox::start(SECRET).await;
    let place = Place::new(&app, "SHARED_SCHEMA", &mailbox).await;
    let sql = app.database.sql().await;
    sql.execute(
        "UPDATE app_user SET language = 'en' WHERE id = $1",
        &[&place.me["id"].as_i64().unwrap()],
    )
    .await
    .unwrap();
    place.nudge().await;
    let inside = TestDatabase::superuser(
        place.tenant["provisioning"]["database_name"]
            .as_str()
            .unwrap(),
    )
    .await;
    let id = place.tenant["id"].as_i64().unwrap();
    let begun = "SELECT FROM notification_seen WHERE company_id = $1";
    while inside.query(begun, &[&id]).await.unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let lead = place
        .owner
        .post("/api/leads/", json!({"source": "x"}))
        .await
        .expect(201)
        .json;
    let at = due() + SignedDuration::from_hours(1);
    for n in 0..5 {
        let todo = json!({"title": format!("Call {n}"), "lead": lead["id"], "assigned_to": place.me["id"],
            "reminder_at": at});
        let off = json!({"ASSIGNED": {"mail": false}});
        place
            .member
            .patch("/api/notifications/preferences/", off)
            .await
            .expect(200);
        place.owner.post("/api/activities/", todo).await.expect(201);
    }
    DUE.fetch_add(7_200, Ordering::SeqCst);
    place.nudge().await;
    let mails = mailbox.received(1).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(mailbox.mails().len(), 1);
    assert!(
        header(&mails[0], "Subject").starts_with("5 notifications"),
        "{}",
        mails[0]
    );
    for n in 0..5 {
        assert!(
            mails[0].contains(&format!("Reminder: Call {n}")),
            "{}",
            mails[0]
        );
    }
}

clock!(AGAIN, again);

/// Whether an attempt has come to its end: nothing is to be done about it now.
fn settled(mail: &Value) -> bool {
    let due: Timestamp = mail["due_at"].as_str().unwrap().parse().unwrap();
    mail["state"] != "PENDING" || due > again()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_is_tried_again_and_given_up_in_the_end() {
    let mut options = usual().await;
    options.clock = again;
    let app = TestApp::start_with(options).await;
    let mailbox = Mailbox::start(SECRET).await;
    let place = Place::new(&app, "DATABASE_PER_TENANT", &mailbox).await;
    let busy = || Reply::Line("451 come back later".to_owned());
    mailbox.answer((0..7).map(|_| busy()));
    place.give("Ana").await;
    for attempt in 1..=6_i64 {
        let tried = place
            .log(|log| log[0]["attempts"] == attempt && settled(&log[0]))
            .await;
        let state = if attempt < 6 { "PENDING" } else { "FAILED" };
        assert_eq!(tried[0]["state"], state, "{tried}");
        let answer = tried[0]["answer"].as_str().unwrap();
        assert!(answer.contains("come back later"), "{tried}");
        AGAIN.fetch_add(6 * 3_600 + 1, Ordering::SeqCst);
        place.nudge().await;
    }
    let mails = mailbox.mails();
    assert_eq!(mails.len(), 6);
    let id = header(&mails[0], "Message-ID");
    assert!(
        mails
            .iter()
            .all(|mail| header(mail, "Message-ID") == id && !id.is_empty())
    );
    // What is refused for good is not asked again.
    mailbox.replace([Reply::Line("550 nobody here".to_owned())]);
    place.give("Bia").await;
    let log = place
        .log(|log| {
            log[0]["state"] == "FAILED" && log[0]["answer"].as_str().unwrap().contains("550")
        })
        .await;
    assert_eq!(log[0]["attempts"], 1);
    // Another password on the server waits for the owners to type it.
    mailbox.change("outra");
    place.give("Caio").await;
    let log = place
        .log(|log| log[0]["answer"].as_str().unwrap().contains("535") && settled(&log[0]))
        .await;
    assert_eq!(log[0]["state"], "PENDING");
    assert!(!log.to_string().contains(SECRET), "{log}");
    place
        .owner
        .patch(PATH, json!({"password": "outra"}))
        .await
        .expect(200);
    AGAIN.fetch_add(61, Ordering::SeqCst);
    place.nudge().await;
    place.log(|log| log[0]["state"] == "SENT").await;
    // What was read meanwhile is not sent.
    mailbox.replace([busy()]);
    place.give("Dora").await;
    place
        .log(|log| log[0]["answer"].as_str().unwrap().contains("451") && settled(&log[0]))
        .await;
    place
        .member
        .post("/api/notifications/read/", json!({}))
        .await
        .expect(200);
    AGAIN.fetch_add(61, Ordering::SeqCst);
    place.nudge().await;
    place.log(|log| log[0]["state"] == "DROPPED").await;
    // Nor is what somebody does not see any more.
    mailbox.replace([busy()]);
    let lead = place.give("Eva").await;
    place
        .log(|log| log[0]["answer"].as_str().unwrap().contains("451") && settled(&log[0]))
        .await;
    let narrow = json!({"leads": {"SCOPE": {"MEMBER": "OWN"}}});
    place
        .owner
        .patch("/api/auth/tenant-rbac/", narrow)
        .await
        .expect(200);
    let path = format!("/api/leads/{}/", lead["id"]);
    place
        .owner
        .patch(&path, json!({"owner": null}))
        .await
        .expect(200);
    AGAIN.fetch_add(61, Ordering::SeqCst);
    place.nudge().await;
    place.log(|log| log[0]["state"] == "DROPPED").await;
    let named = mailbox
        .mails()
        .iter()
        .filter(|mail| mail.contains("Eva"))
        .count();
    assert_eq!(
        named, 1,
        "the first attempt, when it was still theirs to see"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_password_goes_in_and_never_out() {
    let app = TestApp::start_with(usual().await).await;
    for model in ["DATABASE_PER_TENANT", "SHARED_SCHEMA"] {
        let mailbox = Mailbox::start(SECRET).await;
        let place = Place::new(&app, model, &mailbox).await;
        let owner = &place.owner;
        let shown = owner.get(PATH).await.expect(200);
        assert_eq!(shown.json["has_password"], true);
        let tested = owner
            .post(&format!("{PATH}test/"), json!({}))
            .await
            .expect(200);
        assert_eq!(
            (&tested.json["sent"], &tested.json["answer"]),
            (&json!(true), &json!("250 queued as 7"))
        );
        let me = owner.get("/api/auth/me/").await.expect(200).json;
        assert_eq!(
            (&tested.json["to"], header(&mailbox.mails()[0], "To")),
            (&me["email"], me["email"].as_str().unwrap().to_owned())
        );
        // What a server repeats of it is left out.
        mailbox.change("outra");
        let refused = owner
            .post(&format!("{PATH}test/"), json!({}))
            .await
            .expect(200);
        assert_eq!(refused.json["sent"], false);
        assert!(
            refused.json["answer"].as_str().unwrap().contains("535"),
            "{}",
            refused.text
        );
        let page = owner.get("/settings/mail/").await;
        for told in [&shown.text, &tested.text, &refused.text, &page.text] {
            assert!(!told.contains(SECRET), "{told}");
            for spelled in [SECRET.to_owned(), format!("\0ana\0{SECRET}")] {
                use base64::Engine;
                let spelled = base64::engine::general_purpose::STANDARD.encode(spelled);
                assert!(!told.contains(&spelled), "{told}");
            }
        }
        // Not sent it stays, and a change of the rest is in the history without it.
        let version = shown.header("etag").to_owned();
        let stale = owner.with("if-match", "\"7\"");
        stale
            .patch(PATH, json!({"from_name": "x"}))
            .await
            .expect(412);
        let fresh = owner.with("if-match", Box::leak(version.into_boxed_str()));
        let changed = fresh
            .patch(PATH, json!({"from_name": "x"}))
            .await
            .expect(200)
            .json;
        assert_eq!(
            (&changed["from_name"], &changed["has_password"]),
            (&json!("x"), &json!(true))
        );
        mailbox.change(SECRET);
        let tested = owner
            .post(&format!("{PATH}test/"), json!({}))
            .await
            .expect(200);
        assert_eq!(tested.json["sent"], true, "{}", tested.text);
        // Taken back, and again, which is to have it once more; the password stays.
        let undo = format!("{PATH}undo/");
        for name in [&shown.json["from_name"], &json!("x")] {
            let undone = owner.post(&undo, json!({})).await.expect(200).json;
            assert_eq!(
                (&undone["from_name"], &undone["has_password"]),
                (name, &json!(true))
            );
        }
        let database = place.tenant["provisioning"]["database_name"]
            .as_str()
            .unwrap();
        let inside = TestDatabase::superuser(database).await;
        for table in ["mail_settings", "mail", "setting_change", "notification"] {
            let sql = format!("SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t");
            let all: String = inside.query_one(&sql, &[]).await.unwrap().get(0);
            assert!(!all.contains(SECRET), "{table}: {all}");
        }
        let control = app.database.sql().await;
        let sealed = "SELECT count(*) FROM webhook_secret WHERE company_id = $1";
        let id = place.tenant["id"].as_i64().unwrap();
        let kept = || async {
            control
                .query_one(sealed, &[&id])
                .await
                .unwrap()
                .get::<_, i64>(0)
        };
        assert_eq!(kept().await, 1);
        let forgotten = owner
            .patch(PATH, json!({"password": null}))
            .await
            .expect(200)
            .json;
        assert_eq!(
            (&forgotten["has_password"], kept().await),
            (&json!(false), 0)
        );
        owner
            .patch(PATH, json!({"password": "x"}))
            .await
            .expect(200);
        owner.call("DELETE", PATH).await.expect(204);
        assert_eq!(kept().await, 0);
        owner.get(PATH).await.expect(404);
        owner
            .post(&format!("{PATH}test/"), json!({}))
            .await
            .expect(404);
        // Only owners have to do with it.
        let manager = app.member(&place.tenant, Role::Manager).await;
        for caller in [&manager, &place.member] {
            caller.get(PATH).await.expect(403);
            caller.put(PATH, settings(&mailbox)).await.expect(403);
            caller
                .post(&format!("{PATH}test/"), json!({}))
                .await
                .expect(403);
            caller.get(LOG).await.expect(403);
            caller.post(&undo, json!({})).await.expect(403);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_goes_to_public_servers_alone_and_with_tls() {
    let mut options = usual().await;
    options.outbound = Outbound::new(Vec::new(), sindico_outbound::system());
    let app = TestApp::start_with(options).await;
    let staff = app.staff().await;
    let tenant = app.ready(&staff, "acme", "SHARED_SCHEMA").await;
    let owner = app.member(&tenant, Role::Owner).await;
    let base = json!({"host": "1.1.1.1", "from_address": "a@example.com"});
    for (field, change) in [
        ("host", json!({"host": "127.0.0.1"})),
        ("host", json!({"host": "10.0.0.1"})),
        ("host", json!({"host": "169.254.169.254"})),
        ("host", json!({"host": "localhost"})),
        ("host", json!({"host": "no-such-host.invalid"})),
        ("host", json!({"host": "::1"})),
        ("host", json!({"host": "a b"})),
        ("port", json!({"port": 5432})),
        ("port", json!({"port": 0})),
        ("security", json!({"security": "NONE"})),
        ("security", json!({"security": "SSL"})),
        (
            "from_address",
            json!({"from_address": "a@b.c\r\nBcc: d@e.f"}),
        ),
        ("reply_to", json!({"reply_to": "nobody"})),
        ("password", json!({"password": "a\r\nb"})),
    ] {
        let mut body = base.clone();
        body.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        let refused = owner.put(PATH, body.clone()).await.expect(400).json;
        assert!(refused[field].is_array(), "{body}: {refused}");
    }
    owner.put(PATH, json!({})).await.expect(400);
    owner.get(PATH).await.expect(404);
    owner.put(PATH, base).await.expect(200);
}
