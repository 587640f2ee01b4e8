//! SIGKILL in the middle of an upload: nothing of it is shown, and what came is swept away.

use crate::crash_places::started;
use crate::world::World;
use serde_json::json;
use sindico_testkit::TestDatabase;
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

#[tokio::test(flavor = "multi_thread")]
async fn crash_in_the_middle_of_an_upload_shows_nothing() {
    let world = World::new().await;
    let code = TestDatabase::unique();
    let mut program = started(&world, "local_postgres", &code, "").await;
    let tenant = world.tenant(&program, &code).await;
    world.ask(&program, &tenant).await;
    let operation = world.one_outcome("provision").await;
    let sql = world.database.sql().await;
    sql.execute("UPDATE app_user SET is_superuser = true", &[])
        .await
        .unwrap();
    let place = "SELECT database_name FROM tenant_provisioning WHERE company_id = $1";
    let company = operation["company_id"].as_i64().unwrap();
    let database: String = sql.query_one(place, &[&company]).await.unwrap().get(0);
    let inside = TestDatabase::superuser(&database).await;
    let count = async |table: &str| -> i64 {
        let sql = format!("SELECT count(*) FROM {table}");
        inside.query_one(&sql, &[]).await.unwrap().get(0)
    };

    let caller = world.admin(&program).tenant(&code);
    let customer = json!({"name": "Ana", "email": "ana@example.com"});
    let customer = caller
        .post("/api/customers/", customer)
        .await
        .expect(201)
        .json["id"]
        .clone();
    // A client that sends a part, and waits.
    let request = caller
        .request(
            "POST".parse().unwrap(),
            &format!("/api/customers/{customer}/attachments/?name=a.png"),
        )
        .build()
        .unwrap();
    let url = request.url();
    let (host, port) = (url.host_str().unwrap(), url.port().unwrap());
    let mut stream = TcpStream::connect((host, port)).await.unwrap();
    let header = |name: &str| request.headers()[name].to_str().unwrap().to_owned();
    let head = format!(
        "POST {}?{} HTTP/1.1\r\nhost: {host}\r\nauthorization: {}\r\nx-tenant-id: {code}\r\ncontent-length: 5000000\r\n\r\n",
        url.path(),
        url.query().unwrap(),
        header("authorization"),
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
        .write_all(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")
        .await
        .unwrap();
    stream.write_all(&vec![7u8; 1_000_000]).await.unwrap();
    let end = Instant::now() + Duration::from_secs(30);
    while count("file_chunk").await < 2 {
        assert!(Instant::now() < end, "nothing of the upload came");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    program.signal("KILL");
    program.ended(Duration::from_secs(10)).await;
    drop(stream);

    program = started(&world, "local_postgres", &code, "").await;
    let caller = world.admin(&program).tenant(&code);
    let path = format!("/api/customers/{customer}/attachments/");
    assert_eq!(caller.get(&path).await.expect(200).json, json!([]));
    assert_eq!(count("attachment").await, 0);
    assert_eq!(count("file_content WHERE sha256 IS NOT NULL").await, 0);
    // An hour later, whoever sends something sweeps what broke off; the whole of it, sent again, is there.
    let old =
        "UPDATE file_content SET touched_at = now() - interval '2 hours' WHERE sha256 IS NULL";
    assert_eq!(inside.execute(old, &[]).await.unwrap(), 1);
    let request = caller.request("POST".parse().unwrap(), &format!("{path}?name=a.png"));
    let mut whole = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    whole.extend_from_slice(&vec![7u8; 1_000_000]);
    caller.send(request.body(whole)).await.expect(201);
    assert_eq!(count("file_content").await, 1);
    let list = caller.get(&path).await.expect(200).json;
    assert_eq!(list.as_array().unwrap().len(), 1);
}
