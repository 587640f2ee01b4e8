//! A route that leads to the wrong place, and a role that could climb the walls, are not used.

use super::{DEDICATED, House, PATH, SHARED, start};
use serde_json::json;
use sindico_testkit::{Answer, TestApp, TestDatabase};

/// `503`, without a word about where it led.
fn unavailable(answer: &Answer, houses: &[House]) {
    assert_eq!(answer.status, 503, "{}", answer.text);
    assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
    for house in houses {
        for word in [house.place("database_name"), house.place("database_user")] {
            assert!(!answer.text.contains(word), "{}", answer.text);
        }
    }
}

async fn change(app: &TestApp, sql: &str) {
    app.database.sql().await.batch_execute(sql).await.unwrap();
    // As the notification does, but not a moment later.
    for id in app.ids().await {
        app.directory.refresh(id).await.unwrap();
    }
}

/// Tries everything that a request can do at this tenant; nothing of it may reach anybody's rows.
async fn refused_everywhere(houses: &[House], wrong: &House, others: &[&House]) {
    let before = [wrong.rows().await, others[0].rows().await];
    let id = others[0].first().await;
    for _ in 0..2 {
        unavailable(&wrong.owner.get(PATH).await, houses);
        let one = format!("{PATH}{id}/");
        unavailable(&wrong.owner.get(&one).await, houses);
        let body = json!({"name": "astray", "email": "astray@example.com"});
        unavailable(&wrong.owner.post(PATH, body.clone()).await, houses);
        unavailable(&wrong.owner.patch(&one, body).await, houses);
        unavailable(&wrong.owner.call("DELETE", &one).await, houses);
        for other in others {
            assert!(!other.names().await.is_empty());
        }
    }
    assert_eq!(before, [wrong.rows().await, others[0].rows().await]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_route_to_another_house_is_refused() {
    let (app, houses) = start(&[DEDICATED, DEDICATED, SHARED]).await;
    let (a, b, c) = (&houses[0], &houses[1], &houses[2]);
    // What the control database itself would not let happen.
    change(
        &app,
        "DROP INDEX tenant_provisioning_database_key; DROP INDEX tenant_provisioning_user_key;
         CREATE TABLE good AS SELECT * FROM tenant_provisioning",
    )
    .await;
    let id = a.id();
    for wrong in [
        // Only the database: the role does not get in.
        format!("database_name = '{}'", b.place("database_name")),
        format!("database_name = '{}'", c.place("database_name")),
        // The whole way, role and password included: only the house itself can tell.
        format!(
            "database_name = '{}', database_user = '{}', database_password_secret = '{}'",
            b.place("database_name"),
            b.place("database_user"),
            b.place("database_password_secret")
        ),
        "(database_name, database_user, database_password_secret) =
            (SELECT name, login, secret FROM shared_database)"
            .to_owned(),
        // An older or a newer place than the one that is there.
        "generation = generation + 1".to_owned(),
        // Somebody else's place, which would have no identity.
        "generation = 0".to_owned(),
        // A role that does not exist, and another's password.
        "database_user = 'nobody_at_all'".to_owned(),
        format!(
            "database_password_secret = '{}'",
            b.place("database_password_secret")
        ),
        "database_password_secret = 'db:999999'".to_owned(),
    ] {
        let sql = format!("UPDATE tenant_provisioning SET {wrong} WHERE company_id = {id}");
        change(&app, &sql).await;
        refused_everywhere(&houses, a, &[b, c]).await;
        let undo = "UPDATE tenant_provisioning p SET database_name = g.database_name,
            database_user = g.database_user, generation = g.generation,
            database_password_secret = g.database_password_secret
            FROM good g WHERE g.company_id = p.company_id";
        change(&app, undo).await;
        assert_eq!(a.names().await, [format!("of-{id}")], "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_route_to_another_house_is_refused() {
    let (app, houses) = start(&[DEDICATED, SHARED]).await;
    let (dedicated, shared) = (&houses[0], &houses[1]);
    let (database, user, secret) = (
        dedicated.place("database_name"),
        dedicated.place("database_user"),
        dedicated.place("database_password_secret"),
    );
    change(&app, "DROP INDEX tenant_provisioning_database_key").await;
    for (wrong, undo) in [
        (
            "UPDATE shared_database SET generation = 2".to_owned(),
            "UPDATE shared_database SET generation = 1".to_owned(),
        ),
        (
            format!(
                "CREATE TABLE good AS SELECT * FROM shared_database;
                 UPDATE shared_database SET name = '{database}', login = '{user}', secret = '{secret}';
                 UPDATE tenant_provisioning SET database_name = '{database}' WHERE company_id = {}",
                shared.id()
            ),
            format!(
                "UPDATE shared_database s SET name = g.name, login = g.login, secret = g.secret FROM good g;
                 UPDATE tenant_provisioning SET database_name = '{}' WHERE company_id = {}",
                shared.place("database_name"),
                shared.id()
            ),
        ),
    ] {
        change(&app, &wrong).await;
        refused_everywhere(&houses, shared, &[dedicated]).await;
        change(&app, &undo).await;
        assert_eq!(shared.names().await.len(), 1, "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_role_that_could_pass_the_walls_is_not_used() {
    let (app, houses) = start(&[DEDICATED, SHARED]).await;
    let (dedicated, shared) = (&houses[0], &houses[1]);
    let database = shared.place("database_name");
    let (login, _) = shared.login(&app).await;
    let superuser = TestDatabase::superuser(database).await;
    for (climb, undo) in [
        (
            format!("ALTER ROLE \"{login}\" BYPASSRLS"),
            format!("ALTER ROLE \"{login}\" NOBYPASSRLS"),
        ),
        (
            format!("ALTER ROLE \"{login}\" SUPERUSER"),
            format!("ALTER ROLE \"{login}\" NOSUPERUSER"),
        ),
        (
            format!("ALTER TABLE customer OWNER TO \"{login}\""),
            "ALTER TABLE customer OWNER TO sindico_migrator".to_owned(),
        ),
        (
            format!("GRANT sindico_migrator TO \"{login}\""),
            format!("REVOKE sindico_migrator FROM \"{login}\""),
        ),
        (
            format!("ALTER DATABASE \"{database}\" OWNER TO \"{login}\""),
            // Its own right to connect became the owner's, and went with it.
            format!(
                "ALTER DATABASE \"{database}\" OWNER TO admin;
                 GRANT CONNECT ON DATABASE \"{database}\" TO \"{login}\""
            ),
        ),
        (
            "ALTER TABLE customer DISABLE ROW LEVEL SECURITY".to_owned(),
            "ALTER TABLE customer ENABLE ROW LEVEL SECURITY".to_owned(),
        ),
        (
            "ALTER TABLE customer NO FORCE ROW LEVEL SECURITY".to_owned(),
            "ALTER TABLE customer FORCE ROW LEVEL SECURITY".to_owned(),
        ),
        (
            "ALTER POLICY company ON customer USING (true)".to_owned(),
            // What `protect` writes.
            "ALTER POLICY company ON customer USING (company_id =
                (SELECT nullif(current_setting('sindico.company_id', true), '')::bigint))"
                .to_owned(),
        ),
        (
            "CREATE POLICY hole ON customer USING (true)".to_owned(),
            "DROP POLICY hole ON customer".to_owned(),
        ),
    ] {
        let cut = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()";
        superuser.batch_execute(&climb).await.unwrap();
        superuser.batch_execute(cut).await.unwrap();
        let answer = shared.owner.get(PATH).await;
        assert_eq!(answer.status, 503, "{climb}: {}", answer.text);
        unavailable(&answer, &houses);
        let body = json!({"name": "astray", "email": "astray@example.com"});
        unavailable(&shared.owner.post(PATH, body).await, &houses);
        assert_eq!(dedicated.names().await.len(), 1, "{climb}");
        superuser.batch_execute(&undo).await.unwrap();
        let answer = shared.owner.get(PATH).await;
        assert_eq!(answer.status, 200, "after {undo}: {}", answer.text);
        assert_eq!(answer.json.as_array().unwrap().len(), 1, "{undo}");
    }
}

impl House {
    /// The id of a customer of it.
    async fn first(&self) -> i64 {
        let list = self.owner.get(PATH).await.expect(200).json;
        list[0]["id"].as_i64().unwrap()
    }
}

/// Ids of all companies.
trait Ids {
    async fn ids(&self) -> Vec<i64>;
}

impl Ids for TestApp {
    async fn ids(&self) -> Vec<i64> {
        let sql = "SELECT id FROM company";
        let rows = self.database.sql().await.query(sql, &[]).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }
}
