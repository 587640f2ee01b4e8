//! A server of tenants is restarted, and crashes, under load: what was answered with `201` is there
//! afterwards, and nobody gets another's rows.

use crate::begin;
use futures_util::future::join_all;
use serde_json::json;
use sindico_domain::access::Role;
use sindico_testkit::{Answer, Client, Options, PrivateServer, TestApp};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::time::sleep;

const PATH: &str = "/api/customers/";
const MODELS: [&str; 4] = [
    "DATABASE_PER_TENANT",
    "SHARED_SCHEMA",
    "DATABASE_PER_TENANT",
    "SHARED_SCHEMA",
];

/// A tenant's owner, and what each of its customers is called.
struct House {
    owner: Client,
    name: String,
}

async fn house(app: &TestApp, model: &str) -> House {
    let staff = app.staff().await;
    let tenant = app.ready(&staff, "h", model).await;
    let owner = app.member(&tenant, Role::Owner).await;
    let name = format!("of-{}", tenant["id"]);
    let house = House { owner, name };
    house.write(0).await.expect(201);
    house
}

impl House {
    async fn write(&self, number: u64) -> Answer {
        let email = format!("{number}@{}.example.com", self.name);
        let body = json!({"name": self.name, "email": email});
        self.owner.post(PATH, body).await
    }

    async fn read(&self) -> Answer {
        self.owner.get(&format!("{PATH}?limit=500")).await
    }

    /// Whether it got its own rows, or was told when to come back; anything else is a failure.
    #[track_caller]
    fn check(&self, answer: &Answer) -> bool {
        match answer.status {
            200 => {
                let list = answer.json.as_array().unwrap();
                assert!(!list.is_empty(), "a list without its rows");
                for customer in list {
                    assert_eq!(customer["name"], json!(self.name), "another's row");
                }
                true
            }
            201 => {
                assert_eq!(answer.json["name"], json!(self.name));
                true
            }
            503 => {
                let wait: u64 = answer.header("retry-after").parse().unwrap();
                assert!((1..=60).contains(&wait));
                assert!(answer.json["detail"].is_string(), "{}", answer.text);
                false
            }
            other => panic!("{other}: {}", answer.text),
        }
    }

    async fn comes_back(&self) {
        let end = Instant::now() + Duration::from_secs(20);
        while !self.check(&self.read().await) {
            assert!(Instant::now() < end, "it did not come back");
            sleep(Duration::from_millis(50)).await;
        }
    }
}

fn on(server: &PrivateServer) -> Options {
    let mut options = Options::default();
    options.engine.provisioner = "local_postgres".to_owned();
    options.engine.local = server.admin();
    options
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_under_load_loses_and_mixes_up_nothing() {
    begin();
    // Commits are on disk when they are answered, which the tests' servers do without.
    let server = PrivateServer::start(&[("synchronous_commit", "on")]).await;
    let app = TestApp::start_with(on(&server)).await;
    let houses = join_all(MODELS.map(|model| house(&app, model))).await;
    let houses: Arc<Vec<House>> = Arc::new(houses);
    let over = Arc::new(AtomicBool::new(false));
    let clients = (0..16).map(|client: usize| {
        let (houses, over) = (Arc::clone(&houses), Arc::clone(&over));
        tokio::spawn(async move {
            let house = &houses[client % houses.len()];
            let (mut served, mut refused, mut written) = (0, 0, Vec::new());
            let mut number = 0;
            while !over.load(Ordering::Relaxed) {
                number += 1;
                let answer = if number % 4 == 0 {
                    let number = u64::try_from(client).unwrap() * 1_000_000 + number;
                    let answer = house.write(number).await;
                    if answer.status == 201 {
                        written.push(answer.json["id"].as_i64().unwrap());
                    }
                    answer
                } else {
                    house.read().await
                };
                if house.check(&answer) {
                    served += 1;
                } else {
                    refused += 1;
                    sleep(Duration::from_millis(10)).await;
                }
            }
            (served, refused, written)
        })
    });
    let clients: Vec<_> = clients.collect();
    // A clean restart, then a crash.
    for signal in ["INT", "QUIT"] {
        sleep(Duration::from_millis(500)).await;
        server.signal(signal);
        sleep(Duration::from_millis(500)).await;
        for house in houses.iter() {
            house.comes_back().await;
        }
    }
    sleep(Duration::from_millis(300)).await;
    over.store(true, Ordering::Relaxed);
    let (mut served, mut refused) = (0, 0);
    for (client, outcome) in join_all(clients).await.into_iter().enumerate() {
        let (good, bad, written) = outcome.unwrap();
        served += good;
        refused += bad;
        // What was answered with 201 is there.
        for id in written {
            let house = &houses[client % houses.len()];
            house.owner.get(&format!("{PATH}{id}/")).await.expect(200);
        }
    }
    // The load went through both, and met the restart.
    assert!(served > 100 && refused > 0, "{served} {refused}");
}
