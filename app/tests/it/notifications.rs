//! Notifications: what is told, once, to whom, and what is not.

use crate::begin;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sindico_domain::access::Role;
use sindico_testkit::{Client, Options, TestApp, TestDatabase};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

const PATH: &str = "/api/notifications/";

/// A clock that a test can put forward: reminders are set after what they remind of was made, by the database's clock.
macro_rules! clock {
    ($later:ident, $clock:ident) => {
        static $later: AtomicI64 = AtomicI64::new(0);

        #[expect(clippy::disallowed_methods, reason = "the database has no other clock")]
        fn $clock() -> Timestamp {
            Timestamp::now() + SignedDuration::from_secs($later.load(Ordering::SeqCst))
        }
    };
}

/// A tenant with people in it.
struct Place {
    tenant: Value,
    owner: Client,
    manager: Client,
    member: Client,
}

impl Place {
    async fn new(app: &TestApp, model: &str) -> Self {
        let staff = app.staff().await;
        let tenant = app.ready(&staff, "acme", model).await;
        Self {
            owner: app.member(&tenant, Role::Owner).await,
            manager: app.member(&tenant, Role::Manager).await,
            member: app.member(&tenant, Role::Member).await,
            tenant,
        }
    }

    /// Waits until what becomes due is looked for.
    async fn begun(&self) {
        let name = self.tenant["provisioning"]["database_name"]
            .as_str()
            .unwrap();
        let inside = TestDatabase::superuser(name).await;
        let sql = "SELECT FROM notification_seen WHERE company_id = $1";
        let end = Instant::now() + Duration::from_secs(20);
        let id = self.tenant["id"].as_i64().unwrap();
        while inside.query(sql, &[&id]).await.unwrap().is_empty() {
            assert!(Instant::now() < end, "nobody looks");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

async fn id_of(caller: &Client) -> i64 {
    let me = caller.get("/api/auth/me/").await.expect(200).json;
    me["id"].as_i64().unwrap()
}

async fn make(caller: &Client, path: &str, body: Value) -> Value {
    caller.post(path, body).await.expect(201).json
}

async fn lead(caller: &Client, owner: i64) -> Value {
    make(
        caller,
        "/api/leads/",
        json!({"source": "x", "name": "Ana", "owner": owner}),
    )
    .await
}

/// What somebody was told of these topics, the newest first.
async fn told(caller: &Client, topic: &str) -> Vec<Value> {
    let all = caller
        .get(&format!("{PATH}?limit=500"))
        .await
        .expect(200)
        .json;
    let all = all.as_array().unwrap().clone();
    all.into_iter()
        .filter(|one| one["topic"] == topic)
        .collect()
}

/// Waits until somebody was told so often.
async fn until(caller: &Client, topic: &str, times: usize) -> Vec<Value> {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        let now = told(caller, topic).await;
        if now.len() >= times {
            assert_eq!(now.len(), times, "{now:#?}");
            return now;
        }
        assert!(Instant::now() < end, "{} of {times} {topic}", now.len());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn usual() -> Options {
    begin();
    Options::local_postgres().await
}

clock!(REMINDING, reminding);

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_remind_once_and_again_of_what_was_moved() {
    let options = || async {
        let mut options = usual().await;
        options.clock = reminding;
        options
    };
    let app = TestApp::start_with(options().await).await;
    let second = TestApp::start_on(app.database.clone(), options().await).await;
    for model in ["DATABASE_PER_TENANT", "SHARED_SCHEMA"] {
        let place = Place::new(&app, model).await;
        let (owner, member) = (&place.owner, &place.member);
        let id = place.tenant["id"].as_i64().unwrap();
        second.directory.refresh(id).await.unwrap();
        let me = id_of(member).await;
        let lead = lead(owner, id_of(owner).await).await;
        place.begun().await;
        let hour = |hours: i64| json!(reminding() + SignedDuration::from_hours(hours));
        let todo = |at: Value| json!({"title": "Ligar", "lead": lead["id"], "assigned_to": me, "reminder_at": at});
        let mut all = Vec::new();
        for _ in 0..12 {
            all.push(make(owner, "/api/activities/", todo(hour(1))).await);
        }
        let path = |activity: &Value| format!("/api/activities/{}/", activity["id"]);
        // Nobody is reminded of what is done, of what is reminded of already, or of what was past when it was written.
        let done = make(owner, "/api/activities/", todo(hour(1))).await;
        owner
            .post(&format!("{}complete/", path(&done)), json!({}))
            .await
            .expect(200);
        let marked = make(owner, "/api/activities/", todo(hour(1))).await;
        owner
            .post(&format!("{}mark-reminded/", path(&marked)), json!({}))
            .await
            .expect(200);
        let late = make(owner, "/api/activities/", todo(hour(-1))).await;
        assert!(told(member, "REMINDER").await.is_empty());

        REMINDING.fetch_add(7_200, Ordering::SeqCst);
        let beside = owner.at(&second.base);
        for caller in [owner, &beside] {
            caller
                .patch(&path(&done), json!({"outcome": "x"}))
                .await
                .expect(200);
        }
        let first = until(member, "REMINDER", 12).await;
        assert!(
            first
                .iter()
                .all(|one| one["title"] == "Ligar" && one["kind"] == "activity")
        );
        for activity in &all {
            let now = owner.get(&path(activity)).await.expect(200).json;
            assert_eq!(now["reminder_sent"], true);
            let timeline = owner
                .get(&format!("{}timeline/", path(activity)))
                .await
                .expect(200)
                .json;
            assert_eq!(timeline[0]["action"], "activity.remind");
        }
        // What was past already waits where people look, as ever.
        let open = owner
            .get("/api/activities/reminders/")
            .await
            .expect(200)
            .json;
        let open: Vec<_> = open
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].clone())
            .collect();
        assert_eq!(open, [late["id"].clone()]);

        owner
            .patch(&path(&all[0]), json!({"reminder_at": hour(1)}))
            .await
            .expect(200);
        REMINDING.fetch_add(7_200, Ordering::SeqCst);
        for caller in [owner, &beside] {
            caller
                .patch(&path(&done), json!({"outcome": "y"}))
                .await
                .expect(200);
        }
        let again = until(member, "REMINDER", 13).await;
        assert_eq!(again[0]["record"], all[0]["id"]);
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        until(member, "REMINDER", 13).await;
        assert!(told(owner, "REMINDER").await.is_empty());
    }
}

clock!(LATE, late);

#[tokio::test(flavor = "multi_thread")]
async fn what_is_past_due_is_told_once() {
    let mut options = usual().await;
    options.clock = late;
    let app = TestApp::start_with(options).await;
    let place = Place::new(&app, "SHARED_SCHEMA").await;
    let (owner, member) = (&place.owner, &place.member);
    let me = id_of(member).await;
    let lead = lead(owner, id_of(owner).await).await;
    place.begun().await;
    let due = |hours: i64| json!(late() + SignedDuration::from_hours(hours));
    let todo = |more: Value| {
        let mut body = json!({"title": "Ligar", "lead": lead["id"], "assigned_to": me});
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        body
    };
    make(owner, "/api/activities/", todo(json!({"due_at": due(1)}))).await;
    make(owner, "/api/activities/", todo(json!({"sla_hours": 1}))).await;
    make(owner, "/api/activities/", todo(json!({"due_at": due(100)}))).await;
    // Late from its beginning is no news.
    make(owner, "/api/activities/", todo(json!({"due_at": due(-1)}))).await;
    LATE.fetch_add(7_200, Ordering::SeqCst);
    for _ in 0..2 {
        owner
            .patch(
                &format!("/api/leads/{}/", lead["id"]),
                json!({"notes": "x"}),
            )
            .await
            .expect(200);
        until(member, "OVERDUE", 1).await;
        until(member, "SLA_BREACHED", 1).await;
        tokio::time::sleep(Duration::from_millis(1_200)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_that_are_given_at_once_are_one_notification() {
    let app = TestApp::start_with(usual().await).await;
    for model in ["DATABASE_PER_TENANT", "SHARED_SCHEMA"] {
        let place = Place::new(&app, model).await;
        let (owner, member) = (&place.owner, &place.member);
        let (mine, theirs) = (id_of(owner).await, id_of(member).await);
        for _ in 0..30 {
            lead(owner, mine).await;
        }
        assert!(
            told(owner, "ASSIGNED").await.is_empty(),
            "one's own doing is no news"
        );
        let bulk = "/api/leads/bulk/";
        let mut body =
            json!({"filter": {"all": []}, "action": "assign", "values": {"owner": theirs}});
        body["action"] = json!("edit");
        let preview = owner.post(bulk, body.clone()).await.expect(200).json;
        body["preview"] = json!(false);
        body["token"] = preview["token"].clone();
        let done = owner.post(bulk, body).await.expect(200).json;
        let all = told(member, "ASSIGNED").await;
        assert_eq!(all.len(), 1, "{all:#?}");
        assert_eq!(
            (&all[0]["count"], &all[0]["record"]),
            (&json!(30), &Value::Null)
        );
        // Undone and not read, it never was.
        let undo = format!("/api/changes/{}/undo/", done["change_set"]);
        owner.post(&undo, json!({})).await.expect(200);
        assert!(told(member, "ASSIGNED").await.is_empty());
        let one = lead(owner, theirs).await;
        let all = told(member, "ASSIGNED").await;
        assert_eq!(
            (&all[0]["record"], &all[0]["title"]),
            (&one["id"], &json!("Ana"))
        );
        let me = owner.get("/api/auth/me/").await.expect(200).json;
        assert_eq!(all[0]["data"]["by"], me["username"]);
        // What is in the bin is not shown, and is again when it is back.
        let path = format!("/api/leads/{}/", one["id"]);
        owner.call("DELETE", &path).await.expect(204);
        assert!(told(member, "ASSIGNED").await.is_empty());
        let count = member.get(&format!("{PATH}count/")).await.expect(200).json;
        assert_eq!(count["unread"], 0);
        owner
            .post(&format!("{path}restore/"), json!({}))
            .await
            .expect(200);
        assert_eq!(told(member, "ASSIGNED").await.len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_reads_their_own_alone() {
    let app = TestApp::start_with(usual().await).await;
    let place = Place::new(&app, "SHARED_SCHEMA").await;
    let (owner, manager, member) = (&place.owner, &place.manager, &place.member);
    let theirs = id_of(member).await;
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(lead(owner, theirs).await);
    }
    let all = told(member, "ASSIGNED").await;
    assert_eq!(all.len(), 3);
    let act = |one: &Value, act: &str| format!("{PATH}{}/{act}/", one["id"]);
    for stranger in [owner, manager] {
        assert!(told(stranger, "ASSIGNED").await.is_empty());
        for one in ["read", "unread"] {
            stranger
                .post(&act(&all[0], one), json!({}))
                .await
                .expect(404);
        }
        stranger
            .post(&format!("{PATH}read/"), json!({}))
            .await
            .expect(200);
    }
    let unread = || async {
        let count = member.get(&format!("{PATH}count/")).await.expect(200).json;
        let list = member
            .get(&format!("{PATH}?unread=true"))
            .await
            .expect(200)
            .json;
        assert_eq!(count["unread"], list.as_array().unwrap().len());
        count["unread"].as_i64().unwrap()
    };
    assert_eq!(unread().await, 3);
    for _ in 0..2 {
        member
            .post(&act(&all[0], "read"), json!({}))
            .await
            .expect(204);
    }
    assert_eq!(unread().await, 2);
    member
        .post(&act(&all[0], "unread"), json!({}))
        .await
        .expect(204);
    assert_eq!(unread().await, 3);
    // Up to what was seen: what came since stays new.
    let until = json!({"until": all[1]["id"]});
    let read = member
        .post(&format!("{PATH}read/"), until)
        .await
        .expect(200);
    assert_eq!((read.json, unread().await), (json!({"read": 2}), 1));
    member
        .post(&format!("{PATH}read/"), json!({"until": "x"}))
        .await
        .expect(400);
    // What somebody else has by now is not named to who sees their own alone.
    let narrow = json!({"leads": {"SCOPE": {"MEMBER": "OWN"}}});
    owner
        .patch("/api/auth/tenant-rbac/", narrow)
        .await
        .expect(200);
    let path = format!("/api/leads/{}/", made[0]["id"]);
    owner
        .patch(&path, json!({"owner": id_of(owner).await}))
        .await
        .expect(200);
    let left = told(member, "ASSIGNED").await;
    assert!(
        left.len() == 2 && left.iter().all(|one| one["record"] != made[0]["id"]),
        "{left:#?}"
    );
    // A page at a time.
    let page = member.get(&format!("{PATH}?limit=1")).await.expect(200);
    assert!(page.header("link").contains("cursor="));
    member
        .get(&format!("{PATH}?unread=perhaps"))
        .await
        .expect(400);
    let staff = app.staff().await;
    let other = Place::new(&app, "SHARED_SCHEMA").await;
    staff.get(PATH).await.expect(400);
    assert!(told(&other.member, "ASSIGNED").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_what_they_do_not_want() {
    let app = TestApp::start_with(usual().await).await;
    let place = Place::new(&app, "DATABASE_PER_TENANT").await;
    let (owner, member) = (&place.owner, &place.member);
    let theirs = id_of(member).await;
    let preferences = format!("{PATH}preferences/");
    let before = member.get(&preferences).await.expect(200).json;
    assert_eq!(before["OVERDUE"], json!({"portal": true, "mail": false}));
    let off = json!({"ASSIGNED": {"portal": false, "mail": false}, "NOTHING": {"mail": true}});
    let after = member.patch(&preferences, off).await.expect(200).json;
    assert_eq!(after["ASSIGNED"], json!({"portal": false, "mail": false}));
    assert_eq!(after["REMINDER"], before["REMINDER"]);
    assert!(after.get("NOTHING").is_none());
    lead(owner, theirs).await;
    assert!(told(member, "ASSIGNED").await.is_empty());
    let wrong = json!({"ASSIGNED": {"portal": "perhaps"}});
    let wrong = member.patch(&preferences, wrong).await.expect(400).json;
    assert!(wrong["ASSIGNED"]["portal"].is_array(), "{wrong}");
    member
        .patch(&preferences, json!({"ASSIGNED": {"portal": true}}))
        .await
        .expect(200);
    lead(owner, theirs).await;
    assert_eq!(told(member, "ASSIGNED").await.len(), 1);
    // Of others nothing was changed.
    let others = owner.get(&preferences).await.expect(200).json;
    assert_eq!(others, before);
}
