//! SIGKILL in the middle of an import, and of taking it back: another program goes on, nothing is doubled
//! and nothing is lost.

use crate::crash_places::started;
use crate::world::World;
use serde_json::{Value, json};
use sindico_testkit::{Client, Program, TestDatabase};
use std::time::{Duration, Instant};

const ROWS: i64 = 6_000;

async fn job(caller: &Client, path: &str) -> Value {
    caller.get(path).await.expect(200).json
}

/// Waits until the import is so.
async fn until(caller: &Client, path: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let end = Instant::now() + Duration::from_secs(120);
    loop {
        let now = job(caller, path).await;
        if wanted(&now) {
            return now;
        }
        assert!(Instant::now() < end, "{now}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn superuser(world: &World, program: &Program, code: &str) -> Client {
    world.admin(program).tenant(code)
}

async fn customers(caller: &Client) -> String {
    let list = caller
        .get("/api/customers/?count=exact&limit=1")
        .await
        .expect(200);
    list.header("x-total-count").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_of_an_import_and_of_its_undo_loses_and_doubles_nothing() {
    let world = World::new().await;
    let code = TestDatabase::unique();
    let mut first = started(&world, "local_postgres", &code, "").await;
    let tenant = world.tenant(&first, &code).await;
    world.ask(&first, &tenant).await;
    world.one_outcome("provision").await;
    let sql = world.database.sql().await;
    sql.execute("UPDATE app_user SET is_superuser = true", &[])
        .await
        .unwrap();
    let caller = superuser(&world, &first, &code);
    let mut file = "name,email\n".to_owned();
    for n in 0..ROWS {
        file.push_str(&format!("Cliente {n},c{n}@many.example\n"));
    }
    let body = format!(
        "--x\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\ncustomer\r\n\
         --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n{file}\r\n--x--\r\n"
    );
    let request = caller
        .request("POST".parse().unwrap(), "/api/imports/")
        .header("content-type", "multipart/form-data; boundary=x")
        .body(body);
    let made = caller.send(request).await.expect(201).json;
    let path = format!("/api/imports/{}/", made["id"]);
    caller
        .post(&format!("{path}dry-run/"), json!({}))
        .await
        .expect(202);
    until(&caller, &path, |job| job["state"] == "CHECKED").await;

    for (act, doing, counted, done, left) in [
        ("commit/", "COMMITTING", "CREATED", "DONE", ROWS),
        ("undo/", "UNDOING", "UNDONE", "UNDONE", 0),
    ] {
        let caller = superuser(&world, &first, &code);
        caller
            .post(&format!("{path}{act}"), json!({}))
            .await
            .expect(202);
        let some = |job: &Value| job["counts"][counted].as_i64().unwrap_or(0) > 0;
        let reached = until(&caller, &path, some).await;
        first.signal("KILL");
        first.ended(Duration::from_secs(10)).await;
        assert_eq!(reached["state"], doing, "the kill came too late: {reached}");
        first = started(&world, "local_postgres", &code, "").await;
        let caller = superuser(&world, &first, &code);
        let ended = until(&caller, &path, |job| job["state"] == done).await;
        assert_eq!(ended["counts"][counted], ROWS, "{ended}");
        assert_eq!(customers(&caller).await, left.to_string());
    }
}
