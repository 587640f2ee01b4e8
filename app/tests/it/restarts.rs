//! Tenants' servers go away, hang, or cut connections; the control database stays.

use crate::begin;
use futures_util::future::join_all;
use serde_json::{Value, json};
use sindico_domain::access::Role;
use sindico_testkit::{Answer, Client, Options, PrivateServer, TestApp, TestDatabase};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

const PATH: &str = "/api/customers/";
const MODELS: [&str; 4] = [
    "DATABASE_PER_TENANT",
    "SHARED_SCHEMA",
    "DATABASE_PER_TENANT",
    "SHARED_SCHEMA",
];

/// A tenant, its owner, and what each of its customers is called.
struct House {
    tenant: Value,
    owner: Client,
    name: String,
}

async fn house(app: &TestApp, model: &str) -> House {
    let staff = app.staff().await;
    let tenant = app.ready(&staff, "h", model).await;
    let owner = app.member(&tenant, Role::Owner).await;
    let name = format!("of-{}", tenant["id"]);
    let house = House {
        tenant,
        owner,
        name,
    };
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

/// Two servers of tenants behind one program: a private one, and the tests' own. Tenants of both
/// models on each.
async fn two_servers() -> (PrivateServer, TestApp, Vec<House>, Vec<House>) {
    begin();
    let server = PrivateServer::start(&[]).await;
    let database = TestDatabase::new().await;
    let first = TestApp::start_on(database.clone(), on(&server)).await;
    let mut there = vec![
        house(&first, MODELS[0]).await,
        house(&first, MODELS[1]).await,
    ];
    first.engine.stop(Duration::from_secs(5)).await;
    let app = TestApp::start_on(database, Options::local_postgres().await).await;
    let here = vec![house(&app, MODELS[0]).await, house(&app, MODELS[1]).await];
    for house in &mut there {
        let token = house.owner.clone();
        house.owner = token.at(&app.base);
        assert!(house.check(&house.read().await));
    }
    (server, app, there, here)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_restarts_under_load_delays_and_mixes_nothing_up() {
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

/// Asks those of the other server all the time; returns how often they were served.
async fn meanwhile<T>(here: &[House], what: impl Future<Output = T>) -> (T, usize) {
    let over = AtomicBool::new(false);
    let asking = async {
        let mut count = 0;
        while !over.load(Ordering::Relaxed) {
            for house in here {
                let began = Instant::now();
                let answer = house.read().await;
                assert!(house.check(&answer), "a neighbour got {}", answer.text);
                assert!(
                    began.elapsed() < Duration::from_secs(2),
                    "a neighbour waited"
                );
                count += 1;
            }
        }
        count
    };
    let what = async {
        let outcome = what.await;
        over.store(true, Ordering::Relaxed);
        outcome
    };
    tokio::join!(what, asking)
}

/// Many requests at once to a server that does not work: all are told so, in time.
async fn all_refused(there: &[House]) {
    let requests = (0..20).map(|number: usize| async move {
        let house = &there[number % there.len()];
        let asked = Duration::from_secs(10);
        let answer = if number % 4 < 2 {
            timeout(asked, house.read()).await
        } else {
            timeout(asked, house.write(7)).await
        };
        let answer = answer.expect("no answer in ten seconds");
        assert_eq!(answer.status, 503, "{}", answer.text);
        house.check(&answer);
    });
    join_all(requests).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_stopped_concerns_its_own_tenants_only() {
    let (mut server, _app, there, here) = two_servers().await;
    let began = Instant::now();
    let (server, count) = meanwhile(&here, async {
        server.stop().await;
        for _ in 0..3 {
            all_refused(&there).await;
            sleep(Duration::from_millis(300)).await;
        }
        server.start_again().await;
        for house in &there {
            house.comes_back().await;
        }
        server
    })
    .await;
    assert!(count > 20, "only {count} requests in {:?}", began.elapsed());
    drop(server);
}

/// The kernel takes the connections of a frozen server, and nobody answers.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_concerns_its_own_tenants_only() {
    let (_server, app, there, here) = two_servers().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let held = tokio::spawn(async move {
        let mut held = Vec::new();
        loop {
            held.push(listener.accept().await.unwrap());
        }
    });
    let sql = app.database.sql().await;
    sql.batch_execute("CREATE TABLE good AS SELECT company_id, database_host, database_port FROM tenant_provisioning")
        .await
        .unwrap();
    let address = format!("SET database_host = '127.0.0.1', database_port = {port}");
    for house in &there {
        let id = house.tenant["id"].as_i64().unwrap();
        let place = format!("UPDATE tenant_provisioning {address} WHERE company_id = {id}");
        sql.batch_execute(&place).await.unwrap();
    }
    let name = &there[1].tenant["provisioning"]["database_name"];
    let shared = format!(
        "UPDATE shared_database SET host = '127.0.0.1', port = {port} WHERE name = '{}'",
        name.as_str().unwrap()
    );
    sql.batch_execute(&shared).await.unwrap();
    // The directory hears of it.
    sleep(Duration::from_millis(300)).await;
    let ((), count) = meanwhile(&here, async {
        all_refused(&there).await;
        all_refused(&there).await;
    })
    .await;
    assert!(count > 20, "only {count} requests");
    held.abort();

    let back = "UPDATE tenant_provisioning p SET database_host = g.database_host, database_port = g.database_port
            FROM good g WHERE g.company_id = p.company_id;
        UPDATE shared_database s SET host = p.database_host, port = p.database_port
            FROM tenant_provisioning p WHERE p.database_name = s.name";
    sql.batch_execute(back).await.unwrap();
    for house in &there {
        house.comes_back().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_connection_is_no_readers_concern() {
    begin();
    let app = TestApp::start_with(Options::local_postgres().await).await;
    let superuser = TestDatabase::superuser("postgres").await;
    let cut =
        "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = $1";
    for model in &MODELS[..2] {
        let house = house(&app, model).await;
        let database = house.tenant["provisioning"]["database_name"]
            .as_str()
            .unwrap();
        let mut wrote = 0;
        for number in 1..15 {
            // Several open connections, all of which are cut.
            join_all((0..4).map(|_| house.read())).await;
            let ended: i64 = superuser.query_one(cut, &[&database]).await.unwrap().get(0);
            assert!(ended > 0);
            if number % 2 == 0 {
                let answer = house.read().await.expect(200);
                assert!(house.check(&answer));
            } else {
                // Nobody may repeat a write unasked.
                wrote += usize::from(house.check(&house.write(number).await));
            }
            assert!(house.check(&house.read().await));
        }
        let count = house.read().await.json.as_array().unwrap().len();
        assert_eq!(count, 1 + wrote, "a write that was refused is not there");
    }
}
