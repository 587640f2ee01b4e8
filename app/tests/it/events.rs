//! `/api/events/`: who watches a tenant's data is told of each change, of no other tenant's, and misses
//! none.

use crate::begin;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use sindico_domain::access::Role;
use sindico_testkit::{Client, Options, TestApp};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::timeout;

const PATH: &str = "/api/events/";
const MODELS: [&str; 2] = ["DATABASE_PER_TENANT", "SHARED_SCHEMA"];

async fn start() -> (TestApp, Client) {
    begin();
    let app = TestApp::start_with(Options::local_postgres().await).await;
    let staff = app.staff().await;
    (app, staff)
}

/// A stream that is read event by event.
struct Stream {
    response: Response,
    text: String,
}

/// An event: its id, its name, its data.
type Told = (String, String, Value);

impl Stream {
    async fn open(caller: &Client) -> Self {
        let request = caller
            .request(Method::GET, PATH)
            .header("accept", "text/event-stream");
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        Self {
            response,
            text: String::new(),
        }
    }

    /// The next event; `None` when the stream has ended.
    async fn next(&mut self) -> Option<Told> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let line = |name: &str| {
                    let found = block.lines().find_map(|line| line.strip_prefix(name));
                    found.unwrap_or_default().trim().to_owned()
                };
                let told = (
                    line("id:"),
                    line("event:"),
                    serde_json::from_str(&line("data:")).unwrap_or_default(),
                );
                // A block that begins with a colon keeps the connection alive, and is no event.
                let comment = block.starts_with(':');
                self.text = rest.to_owned();
                if !comment {
                    return Some(told);
                }
                continue;
            }
            let chunk = self.response.chunk().await.ok()??;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The next event, within the second in which everybody must have heard.
    async fn soon(&mut self) -> Told {
        let told = timeout(Duration::from_secs(1), self.next()).await;
        told.expect("nothing was told within a second")
            .expect("the stream has ended")
    }

    /// Nothing comes for a while.
    async fn quiet(&mut self) {
        let told = timeout(Duration::from_millis(400), self.next()).await;
        assert!(told.is_err(), "{told:?}");
    }

    /// It ends within so many seconds.
    async fn ends(&mut self, seconds: u64) {
        let ended = timeout(Duration::from_secs(seconds), self.next()).await;
        assert_eq!(ended.expect("the stream did not end"), None);
    }
}

async fn customer(caller: &Client, name: &str) -> i64 {
    let body = json!({"name": name, "email": format!("{name}@example.com")});
    let made = caller.post("/api/customers/", body).await.expect(201);
    made.json["id"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_told_at_once_by_its_id_and_to_its_own_tenant_only() {
    let (app, staff) = start().await;
    // Another program, which hears of writes through the control database.
    let beside = TestApp::start_on(app.database.clone(), Options::local_postgres().await).await;
    for model in MODELS {
        let (acme, zeta) = (
            app.ready(&staff, "acme", model).await,
            app.ready(&staff, "zeta", model).await,
        );
        let owner = app.member(&acme, Role::Owner).await;
        let stranger = app.member(&zeta, Role::Owner).await;
        beside
            .directory
            .refresh(acme["id"].as_i64().unwrap())
            .await
            .unwrap();
        let mut streams = [
            Stream::open(&owner).await,
            Stream::open(&owner.at(&beside.base)).await,
        ];
        let mut elsewhere = Stream::open(&stranger).await;
        let id = customer(&owner, "ana").await;
        for stream in &mut streams {
            let (_, name, data) = stream.soon().await;
            assert_eq!(name, "change");
            let set = &data["change_set"];
            assert_eq!(
                data,
                json!({"kind": "customer", "id": id, "op": "CREATE", "change_set": set})
            );
        }
        let path = format!("/api/customers/{id}/");
        owner.patch(&path, json!({"phone": "1"})).await.expect(200);
        owner.call("DELETE", &path).await.expect(204);
        for stream in &mut streams {
            assert_eq!(stream.soon().await.2["op"], "UPDATE");
            assert_eq!(stream.soon().await.2["op"], "DELETE");
        }
        elsewhere.quiet().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_comes_back_is_told_what_they_missed() {
    let (app, staff) = start().await;
    for model in MODELS {
        let tenant = app.ready(&staff, "acme", model).await;
        let owner = app.member(&tenant, Role::Owner).await;
        let mut stream = Stream::open(&owner).await;
        let first = customer(&owner, "first").await;
        let (seen, _, data) = stream.soon().await;
        assert_eq!(data["id"], first);
        drop(stream);
        let missed = [
            customer(&owner, "second").await,
            customer(&owner, "third").await,
        ];
        let mut stream = Stream::open(&owner.with("last-event-id", &seen)).await;
        let mut last = seen.clone();
        for id in missed {
            let (event, _, data) = stream.soon().await;
            assert_eq!(data["id"], id);
            last = event;
        }
        // The same as JSON, for who asks now and then.
        let news = owner
            .get(&format!("{PATH}?since={seen}"))
            .await
            .expect(200)
            .json;
        assert_eq!(
            (news["events"].as_array().unwrap().len(), &news["reset"]),
            (2, &json!(false))
        );
        assert_eq!(news["last"], last);
        let news = owner
            .get(&format!("{PATH}?since={last}"))
            .await
            .expect(200)
            .json;
        assert_eq!((&news["events"], &news["last"]), (&json!([]), &json!(last)));
        // A place that this database has never seen: it was restored, or moved.
        let mut stream = Stream::open(&owner.with("last-event-id", "9000000000000000000.1")).await;
        assert_eq!(stream.soon().await.1, "reset");
        owner.get(&format!("{PATH}?since=x")).await.expect(400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_at_once_hide_no_change_from_who_follows() {
    let (app, staff) = start().await;
    for model in MODELS {
        let tenant = app.ready(&staff, "acme", model).await;
        let owner = app.member(&tenant, Role::Owner).await;
        let begin = owner.get(PATH).await.expect(200).json["last"]
            .as_str()
            .unwrap()
            .to_owned();
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                let owner = owner.clone();
                tokio::spawn(async move {
                    let mut made = Vec::new();
                    for n in 0..12 {
                        made.push(customer(&owner, &format!("w{writer}-{n}")).await);
                    }
                    made
                })
            })
            .collect();
        // Follows while they write: each change once, none twice.
        let follow = async |since: &mut String, seen: &mut Vec<i64>| {
            let news = owner
                .get(&format!("{PATH}?since={since}"))
                .await
                .expect(200)
                .json;
            assert_eq!(news["reset"], false);
            seen.extend(
                news["events"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|event| event["id"].as_i64().unwrap()),
            );
            *since = news["last"].as_str().unwrap().to_owned();
        };
        let (mut since, mut seen) = (begin, Vec::new());
        while !writers.iter().all(|writer| writer.is_finished()) {
            follow(&mut since, &mut seen).await;
        }
        let mut made = BTreeSet::new();
        for writer in writers {
            made.extend(writer.await.unwrap());
        }
        let deadline = std::time::Instant::now() + Duration::from_secs(5);
        while seen.len() < made.len() && std::time::Instant::now() < deadline {
            follow(&mut since, &mut seen).await;
        }
        assert_eq!(
            seen.len(),
            made.len(),
            "{model}: some were told twice, or not at all"
        );
        assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), made);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_is_told_one_by_one_is_told_as_a_whole() {
    let (app, staff) = start().await;
    let tenant = app.ready(&staff, "acme", MODELS[0]).await;
    let owner = app.member(&tenant, Role::Owner).await;
    let begin = owner.get(PATH).await.expect(200).json["last"]
        .as_str()
        .unwrap()
        .to_owned();
    let id = customer(&owner, "ana").await;
    for n in 0..500 {
        let body = json!({"phone": n.to_string()});
        owner
            .patch(&format!("/api/customers/{id}/"), body)
            .await
            .expect(200);
    }
    let news = owner
        .get(&format!("{PATH}?since={begin}"))
        .await
        .expect(200)
        .json;
    assert_eq!(
        (&news["events"], &news["reset"]),
        (&json!([]), &json!(true))
    );
    let last = news["last"].as_str().unwrap();
    let news = owner
        .get(&format!("{PATH}?since={last}"))
        .await
        .expect(200)
        .json;
    assert_eq!(
        (&news["events"], &news["reset"]),
        (&json!([]), &json!(false))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_told_of_what_they_may_not_read_or_not_any_more() {
    let (app, staff) = start().await;
    for model in MODELS {
        let tenant = app.ready(&staff, "acme", model).await;
        let owner = app.member(&tenant, Role::Owner).await;
        let member = app.member(&tenant, Role::Member).await;
        let mut stream = Stream::open(&member).await;
        customer(&owner, "ana").await;
        assert_eq!(stream.soon().await.2["kind"], "customer");
        let rule = json!({"customers": {"GET": ["OWNER"]}});
        owner
            .patch("/api/auth/tenant-rbac/", rule)
            .await
            .expect(200);
        customer(&owner, "bia").await;
        stream.quiet().await;
        owner
            .post("/api/leads/", json!({"source": "Site"}))
            .await
            .expect(201);
        assert_eq!(stream.soon().await.2["kind"], "lead");

        // Whoever is no member any more hears nothing further, not even the next change.
        let me = member.get("/api/auth/tenant-me/").await.expect(200).json;
        let members = owner
            .get("/api/auth/tenant-members/")
            .await
            .expect(200)
            .json;
        let list = members["results"].as_array().unwrap();
        let mine = list
            .iter()
            .find(|one| one["user_id"] == me["user_id"])
            .unwrap();
        let path = format!("/api/auth/tenant-members/{}/", mine["id"]);
        owner.call("DELETE", &path).await.expect(204);
        owner
            .post("/api/leads/", json!({"source": "Site"}))
            .await
            .expect(201);
        stream.ends(3).await;

        // A suspended tenant's streams end by themselves.
        let mut stream = Stream::open(&owner).await;
        let path = format!("/platform/api/tenants/{}/", tenant["id"]);
        staff
            .patch(&path, json!({"contract": {"status": "SUSPENDED"}}))
            .await
            .expect(200);
        stream.ends(1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_may_have_ten_streams_of_a_tenant_open() {
    let (app, staff) = start().await;
    for model in MODELS {
        let tenant = app.ready(&staff, "acme", model).await;
        let owner = app.member(&tenant, Role::Owner).await;
        let mut open = Vec::new();
        for _ in 0..10 {
            open.push(Stream::open(&owner).await);
        }
        let one_more = || {
            let owner = owner.with("accept", "text/event-stream");
            async move {
                let request = owner.request(Method::GET, PATH);
                timeout(Duration::from_secs(5), request.send())
                    .await
                    .unwrap()
                    .unwrap()
            }
        };
        let refused = one_more().await;
        assert_eq!(refused.status(), 429, "{model}");
        assert!(refused.headers().contains_key("retry-after"));
        let words = refused.text().await.unwrap();
        assert!(words.contains("10 streams of events"), "{words}");
        // Neither who asks now and then, nor a colleague, nor the same person elsewhere is meant.
        owner.get(PATH).await.expect(200);
        let colleague = app.member(&tenant, Role::Member).await;
        Stream::open(&colleague).await;
        // Those that are open go on, and one that is closed makes room.
        let id = customer(&owner, "ana").await;
        for stream in &mut open {
            assert_eq!(stream.soon().await.2["id"], id);
        }
        drop(open.pop());
        let mut tries = 0;
        let again = loop {
            let again = one_more().await;
            if again.status() == 200 || tries == 40 {
                break again;
            }
            tries += 1;
            tokio::time::sleep(Duration::from_millis(100)).await;
        };
        assert_eq!(
            again.status(),
            200,
            "{model}: the closed stream still counts"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_by_itself_with_the_place_and_with_the_membership() {
    let (app, staff) = start().await;
    for model in MODELS {
        let tenant = app.ready(&staff, "acme", model).await;
        let owner = app.member(&tenant, Role::Owner).await;
        let member = app.member(&tenant, Role::Member).await;
        let (mut theirs, mut owners) = (Stream::open(&member).await, Stream::open(&owner).await);
        // Nobody writes: it ends with the next look.
        let me = member.get("/api/auth/tenant-me/").await.expect(200).json;
        let members = "/api/auth/tenant-members/";
        let list = owner.get(members).await.expect(200).json["results"].take();
        let list = list.as_array().unwrap();
        let mine = list.iter().find(|one| one["user_id"] == me["user_id"]);
        let path = format!("{members}{}/", mine.unwrap()["id"]);
        owner.call("DELETE", &path).await.expect(204);
        theirs.ends(7).await;
        owners.quiet().await;

        // The data are somewhere else from now on.
        let id = tenant["id"].as_i64().unwrap();
        let sql =
            "UPDATE tenant_provisioning SET database_host = '127.0.0.9' WHERE company_id = $1";
        let control = app.database.sql().await;
        assert_eq!(control.execute(sql, &[&id]).await.unwrap(), 1);
        app.directory.refresh(id).await.unwrap();
        owners.ends(1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ones_own_notifications_are_told_and_nobody_elses() {
    let (app, staff) = start().await;
    let tenant = app.ready(&staff, "acme", "SHARED_SCHEMA").await;
    let owner = app.member(&tenant, Role::Owner).await;
    let member = app.member(&tenant, Role::Member).await;
    let me = member.get("/api/auth/me/").await.expect(200).json;
    let mut mine = Stream::open(&member).await;
    let mut others = Stream::open(&owner).await;
    let lead = json!({"source": "Ana", "owner": me["id"]});
    owner.post("/api/leads/", lead).await.expect(201);
    let (change, news) = (mine.soon().await, mine.soon().await);
    assert_eq!(
        (change.1.as_str(), news.1.as_str()),
        ("change", "notification")
    );
    assert_eq!(news.2["unread"], 1);
    assert_eq!(
        news.2.as_object().unwrap().len(),
        2,
        "ids and numbers alone"
    );
    assert_eq!(others.soon().await.1, "change");
    others.quiet().await;
    member
        .post("/api/notifications/read/", json!({}))
        .await
        .expect(200);
    assert_eq!(mine.soon().await.2["unread"], 0);
}
