//! Programs that are killed while they make a place on a real server: both providers, at every fail
//! point, and inside of steps. Afterwards all is as if nothing had happened.

use crate::world::World;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use sindico_domain::access::Role;
use sindico_store::control::places;
use sindico_testkit::{Program, TestDatabase, execute_path, join, token};
use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

const SIGKILL: i32 = 9;

/// What is killed where.
struct Case {
    provider: &'static str,
    isolation: &'static str,
    point: String,
}

/// The settings of a provider on the tests' server.
pub(crate) fn settings(provider: &str, shared: &str) -> Vec<(&'static str, String)> {
    let admin = TestDatabase::admin();
    let password = TestDatabase::admin_password().to_owned();
    let mut settings = vec![
        ("CONTROL_PLANE_PROVISIONER", provider.to_owned()),
        ("TENANT_SHARED_DATABASE", shared.to_owned()),
        ("SINDICO_WARM_POOL", "0".to_owned()),
    ];
    let (host, port) = (admin.host.clone(), admin.port.to_string());
    settings.extend(match provider {
        "local_postgres" => [
            ("CONTROL_PLANE_LOCAL_DB_ADMIN_USER", admin.user.clone()),
            ("CONTROL_PLANE_LOCAL_DB_ADMIN_PASSWORD", password),
            ("CONTROL_PLANE_LOCAL_DB_ADMIN_HOST", host),
            ("CONTROL_PLANE_LOCAL_DB_ADMIN_PORT", port),
        ],
        _ => [
            ("CONTROL_PLANE_CLOUDSQL_ADMIN_USER", admin.user.clone()),
            ("CONTROL_PLANE_CLOUDSQL_ADMIN_PASSWORD", password),
            ("CONTROL_PLANE_CLOUDSQL_ADMIN_HOST", host),
            ("CONTROL_PLANE_CLOUDSQL_ADMIN_PORT", port),
        ],
    });
    settings
}

async fn killed_and_started_again(case: Case) {
    let Case {
        provider,
        isolation,
        point,
    } = case;
    let name = format!("{provider} {isolation} {point}");
    let world = World::new().await;
    let code = TestDatabase::unique();
    let settings = settings(provider, &format!("shared_{code}"));
    let settings: Vec<(&str, &str)> = settings.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let mut first = settings.clone();
    first.push(("SINDICO_LEASE", "1"));
    let mut first = world
        .program_with(&format!("{point}=return(kill)"), &first)
        .await;
    let body = json!({"name": code, "tenant_code": code, "subdomain": code,
        "provisioning": {"isolation_model": isolation}});
    let admin = world.admin(&first);
    let tenant = admin
        .post("/platform/api/tenants/", body)
        .await
        .expect(201)
        .json;
    world.ask(&first, &tenant).await;
    let status = first.ended(Duration::from_secs(40)).await;
    assert_eq!(
        status.and_then(|status| status.signal()),
        Some(SIGKILL),
        "{name} was not reached"
    );

    let second = world.program_with("", &settings).await;
    world.one_outcome(&name).await;
    let path = format!("/platform/api/tenants/{}/", tenant["id"]);
    let tenant = world.admin(&second).get(&path).await.expect(200).json;
    assert_eq!(tenant["provisioning"]["status"], "READY", "{name}");
    nothing_is_left(&world, &tenant, &name).await;
    it_serves(&world, &second, &code, &name).await;
}

/// One database, one role, one secret, and no more of this installation on the server.
async fn nothing_is_left(world: &World, tenant: &Value, name: &str) {
    let store = world.database.store();
    let mark = format!(
        "sindico:v1:{}.%",
        places::installation(&store).await.unwrap()
    );
    let server = TestDatabase::superuser("postgres").await;
    let named = async |sql: &str| -> Vec<String> {
        let rows = server.query(sql, &[&mark]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    };
    let place = &tenant["provisioning"];
    let database = place["database_name"].as_str().unwrap();
    let role = match place["isolation_model"].as_str() {
        Some("SHARED_SCHEMA") => format!("{database}_login"),
        _ => place["database_user"].as_str().unwrap().to_owned(),
    };
    let databases =
        "SELECT datname::text FROM pg_database WHERE shobj_description(oid, 'pg_database') LIKE $1";
    assert_eq!(named(databases).await, [database], "{name}");
    let roles =
        "SELECT rolname::text FROM pg_roles WHERE shobj_description(oid, 'pg_authid') LIKE $1";
    assert_eq!(named(roles).await, [role], "{name}");
    let sql = "SELECT count(*) FROM tenant_secret";
    let secrets: i64 = world
        .database
        .sql()
        .await
        .query_one(sql, &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(secrets, 1, "{name}");
}

async fn it_serves(world: &World, program: &Program, code: &str, name: &str) {
    let store = world.database.store();
    let owner = token(&store, "dona", false, false).await;
    join(&store, code, "dona", Role::Owner).await;
    let caller = program.anonymous().token(&owner).tenant(code);
    let body = json!({"name": name, "email": "a@example.com"});
    caller.post("/api/customers/", body).await.expect(201);
    let list = caller.get("/api/customers/").await.expect(200).json;
    assert_eq!(list[0]["name"], name);
}

async fn all(provider: &'static str, isolation: &'static str, points: Vec<String>) {
    let cases = points.into_iter().map(|point| Case {
        provider,
        isolation,
        point,
    });
    stream::iter(cases)
        .for_each_concurrent(4, killed_and_started_again)
        .await;
}

fn everywhere() -> Vec<String> {
    let mut points = sindico_provisioning::failpoints::all();
    points.extend(sindico_provisioning::failpoints::inside());
    points
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_of_local_postgres_at_every_fail_point_ends_ready() {
    all("local_postgres", "DATABASE_PER_TENANT", everywhere()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_of_cloudsql_postgres_at_every_fail_point_ends_ready() {
    all("cloudsql_postgres", "DATABASE_PER_TENANT", everywhere()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_in_the_shared_schema_ends_ready() {
    let mut points = sindico_provisioning::failpoints::inside();
    points.extend(
        ["secret", "roles", "database", "open", "identity", "publish"]
            .map(|step| format!("provision:{step}:after")),
    );
    all("local_postgres", "SHARED_SCHEMA", points).await;
}

/// A program on the tests' server, with these fail points and a short lease.
pub(crate) async fn started(world: &World, provider: &str, code: &str, points: &str) -> Program {
    let settings = settings(provider, &format!("shared_{code}"));
    let mut settings: Vec<(&str, &str)> = settings.iter().map(|(k, v)| (*k, v.as_str())).collect();
    settings.push(("SINDICO_LEASE", "2"));
    world.program_with(points, &settings).await
}

/// The worker is frozen while it holds the lock on the place, and in the middle of a step. Another takes
/// over, ends its session, and finishes; when the first wakes up, it changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn crash_a_frozen_worker_loses_the_lock_on_the_place() {
    for point in [
        "provision:roles:inside",
        "provision:database:inside",
        "provision:migrate:before",
    ] {
        let world = World::new().await;
        let code = TestDatabase::unique();
        let first = started(
            &world,
            "local_postgres",
            &code,
            &format!("{point}=1*return(stop)"),
        )
        .await;
        let tenant = world.tenant(&first, &code).await;
        let _ = tokio::time::timeout(Duration::from_secs(2), world.ask(&first, &tenant)).await;
        let end = std::time::Instant::now() + Duration::from_secs(20);
        while first.state() != 'T' {
            assert!(std::time::Instant::now() < end, "{point} was not reached");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let second = started(&world, "local_postgres", &code, "").await;
        world.one_outcome(point).await;
        let path = format!("/platform/api/tenants/{}/", tenant["id"]);
        let tenant = world.admin(&second).get(&path).await.expect(200).json;
        assert_eq!(tenant["provisioning"]["status"], "READY", "{point}");
        first.signal("CONT");
        tokio::time::sleep(Duration::from_secs(1)).await;
        nothing_is_left(&world, &tenant, point).await;
        it_serves(&world, &second, &code, point).await;
        let again = world.admin(&second).get(&path).await.expect(200).json;
        assert_eq!(again["provisioning"], tenant["provisioning"], "{point}");
    }
}

/// Each class of error once at each step: those that pass are tried again, a lasting one fails and is
/// mended by the next execution.
#[tokio::test(flavor = "multi_thread")]
async fn crash_errors_at_every_step_are_retried_or_mended() {
    let points = |action: &str| -> String {
        let mut points = sindico_provisioning::failpoints::inside();
        points.extend(crate::world::STEPS.map(|step| format!("provision:{step}:after")));
        points
            .iter()
            .map(|point| format!("{point}={action};"))
            .collect()
    };
    let cases = stream::iter(["53300", "57P03", "08006", "40P01", "53100"]);
    let passing = cases.for_each_concurrent(3, async |class| {
        let world = World::new().await;
        let code = TestDatabase::unique();
        let program = started(
            &world,
            "local_postgres",
            &code,
            &points(&format!("1*return(error({class}))")),
        )
        .await;
        let tenant = world.tenant(&program, &code).await;
        world.ask(&program, &tenant).await;
        world.one_outcome(class).await;
        let path = format!("/platform/api/tenants/{}/", tenant["id"]);
        let tenant = world.admin(&program).get(&path).await.expect(200).json;
        assert_eq!(tenant["provisioning"]["status"], "READY", "{class}");
        nothing_is_left(&world, &tenant, class).await;
    });
    passing.await;

    let world = World::new().await;
    let code = TestDatabase::unique();
    let program = started(
        &world,
        "cloudsql_postgres",
        &code,
        &points("1*return(error(42501))"),
    )
    .await;
    let tenant = world.tenant(&program, &code).await;
    let admin = world.admin(&program);
    let mut failures = 0;
    let ready = loop {
        let answer = admin.post(&execute_path(&tenant), json!({})).await;
        match answer.status {
            200 => break answer.json,
            400 => failures += 1,
            other => panic!("{other}: {}", answer.text),
        }
        assert!(
            answer.json["detail"].as_str().unwrap().contains("42501"),
            "{}",
            answer.text
        );
    };
    assert_eq!(failures, 3 + crate::world::STEPS.len());
    nothing_is_left(&world, &ready, "42501").await;
}

/// Two programs, many tenants of the shared schema and of their own, all asked for at once.
#[tokio::test(flavor = "multi_thread")]
async fn crash_two_programs_race_for_places() {
    let world = World::new().await;
    let code = TestDatabase::unique();
    let programs = [
        started(&world, "local_postgres", &code, "").await,
        started(&world, "local_postgres", &code, "").await,
    ];
    let mut tenants = Vec::new();
    for n in 0..12 {
        let isolation = ["DATABASE_PER_TENANT", "SHARED_SCHEMA"][n % 2];
        let body = json!({"name": n.to_string(), "tenant_code": format!("{code}-{n}"), "subdomain": format!("{code}-{n}"),
            "provisioning": {"isolation_model": isolation}});
        let admin = world.admin(&programs[n % 2]);
        tenants.push(
            admin
                .post("/platform/api/tenants/", body)
                .await
                .expect(201)
                .json,
        );
    }
    let asked = tenants.iter().enumerate().flat_map(|(n, tenant)| {
        // Both are asked for each.
        [0, 1].map(|which| {
            let admin = world.admin(&programs[(n + which) % 2]);
            async move {
                admin
                    .post(&execute_path(tenant), json!({}))
                    .await
                    .expect(200)
            }
        })
    });
    for answer in futures_util::future::join_all(asked).await {
        assert_eq!(answer.json["provisioning"]["status"], "READY");
    }
    let store = world.database.store();
    let mark = format!(
        "sindico:v1:{}.%",
        places::installation(&store).await.unwrap()
    );
    let server = TestDatabase::superuser("postgres").await;
    let sql =
        "SELECT count(*) FROM pg_database WHERE shobj_description(oid, 'pg_database') LIKE $1";
    let databases: i64 = server.query_one(sql, &[&mark]).await.unwrap().get(0);
    assert_eq!(databases, 6 + 1);
}
