//! Many tenants, many callers, few connections: nobody is turned away, and nobody waits for ever.

use crate::begin;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use sindico_domain::access::Role;
use sindico_testkit::{Client, Options, TestApp, TestDatabase};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const TENANTS: usize = 300;
const CLIENTS: usize = 200;
const BUDGET: usize = 40;
/// How many tenants each caller who goes round asks; each tenant is asked three times.
const TURNS: usize = 9;
const PATH: &str = "/api/customers/";

/// Every tenant's customer, with a name that only that tenant has.
fn customer(tenant: &Value) -> Value {
    json!({"name": tenant["tenant_code"], "email": "a@example.com"})
}

async fn crowd(app: &TestApp, staff: &Client) -> Vec<(Client, Value)> {
    // A superuser may enter every tenant: one caller for all of them.
    let root = app.superuser().await;
    let tenants: Vec<Value> = stream::iter(0..TENANTS)
        .map(|_| app.ready(staff, "c", "DATABASE_PER_TENANT"))
        .buffer_unordered(4)
        .collect()
        .await;
    stream::iter(tenants)
        .map(|tenant| {
            let caller = root.tenant(tenant["tenant_code"].as_str().unwrap());
            async move {
                caller.post(PATH, customer(&tenant)).await.expect(201);
                (caller, tenant)
            }
        })
        .buffer_unordered(8)
        .collect()
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_tenants_share_forty_connections() {
    begin();
    let mut options = Options::local_postgres().await;
    options.server_connections = BUDGET;
    let app = TestApp::start_with(options).await;
    let staff = app.staff().await;
    let crowd = crowd(&app, &staff).await;
    let busy = app.member(&crowd[0].1, Role::Owner).await;
    let served: Vec<AtomicUsize> = (0..TENANTS).map(|_| AtomicUsize::new(0)).collect();
    let slowest = AtomicUsize::new(0);
    // Callers who still go round; the greedy ones go on for as long as there are any.
    let going = AtomicUsize::new(CLIENTS / 2);

    let one = |number: usize| {
        let (app, busy, crowd, served, slowest) = (&app, &busy, &crowd, &served, &slowest);
        let going = &going;
        async move {
            // Half of the callers all want the same tenant; the others go round, past all of them.
            let greedy = number.is_multiple_of(2);
            let mut turn = 0;
            while (greedy && going.load(Ordering::Relaxed) > 0) || (!greedy && turn < TURNS) {
                let first = number / 2 * TENANTS / (CLIENTS / 2);
                let which = if greedy { 0 } else { (first + turn) % TENANTS };
                turn += 1;
                let (caller, tenant) = &crowd[which];
                let caller = if which == 0 { busy } else { caller };
                let asked = Instant::now();
                let answer = caller.get(PATH).await.expect(200);
                assert_eq!(
                    answer.json[0]["name"], tenant["tenant_code"],
                    "another tenant's data"
                );
                let waited = usize::try_from(asked.elapsed().as_millis()).unwrap();
                slowest.fetch_max(waited, Ordering::Relaxed);
                served[which].fetch_add(1, Ordering::Relaxed);
                for usage in app.pools.usage() {
                    assert!(usage.open <= BUDGET, "{usage:?}");
                }
            }
            if !greedy {
                going.fetch_sub(1, Ordering::Relaxed);
            }
        }
    };
    let watching = async {
        let server = TestDatabase::superuser("postgres").await;
        let mut most = 0i64;
        while going.load(Ordering::Relaxed) > 0 {
            let sql = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sindico' AND datname LIKE 'crm_%'";
            most = most.max(server.query_one(sql, &[]).await.unwrap().get(0));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        most
    };
    let callers = stream::iter(0..CLIENTS).for_each_concurrent(CLIENTS, one);
    // Nobody was ever told to come again: each answer above is a 200.
    let (most, ()) = futures_util::join!(watching, callers);
    let counts: Vec<usize> = served.iter().map(|n| n.load(Ordering::Relaxed)).collect();
    let starved = counts.iter().filter(|count| **count == 0).count();
    assert_eq!(
        starved, 0,
        "tenants without any answer; slowest {slowest:?} ms, {counts:?}"
    );
    // Server processes end a moment after their connections.
    let most = usize::try_from(most).unwrap();
    assert!(most <= BUDGET + 10, "{most} server processes");
    println_sum(&counts, most, slowest.load(Ordering::Relaxed));
}

#[expect(
    clippy::print_stdout,
    reason = "shown with --no-capture, for who tunes it"
)]
fn println_sum(counts: &[usize], most: usize, slowest: usize) {
    let sum: usize = counts.iter().sum();
    println!(
        "{sum} answers, {} of them to one tenant; {most} server processes; slowest {slowest} ms",
        counts[0]
    );
}
