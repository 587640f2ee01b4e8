//! A program that is killed in the middle of a bulk edit, and in the middle of taking one back: all rows have
//! been written by then, and the history has not. Nothing of it stays; asked again, it is done once.

use crate::world::World;
use serde_json::{Value, json};
use sindico_domain::access::Role;
use sindico_testkit::{
    Client, Program, Sql, TestDatabase, execute_path, join, token, until_given_up, until_locked,
};

const ROWS: i64 = 2_000;

struct Place {
    world: World,
    settings: Vec<(&'static str, String)>,
    owner: String,
    code: String,
    inside: Sql,
    company: i64,
}

impl Place {
    async fn new(isolation: &str) -> (Self, Program) {
        let world = World::new().await;
        let code = TestDatabase::unique();
        let admin = TestDatabase::admin();
        let settings = vec![
            ("CONTROL_PLANE_PROVISIONER", "local_postgres".to_owned()),
            ("TENANT_SHARED_DATABASE", format!("shared_{code}")),
            ("SINDICO_WARM_POOL", "0".to_owned()),
            ("CONTROL_PLANE_LOCAL_DB_ADMIN_USER", admin.user.clone()),
            (
                "CONTROL_PLANE_LOCAL_DB_ADMIN_PASSWORD",
                TestDatabase::admin_password().to_owned(),
            ),
            ("CONTROL_PLANE_LOCAL_DB_ADMIN_HOST", admin.host.clone()),
            ("CONTROL_PLANE_LOCAL_DB_ADMIN_PORT", admin.port.to_string()),
        ];
        let borrowed: Vec<(&str, &str)> = settings.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let program = world.program_with("", &borrowed).await;
        let body = json!({"name": code, "tenant_code": code, "subdomain": code,
            "provisioning": {"isolation_model": isolation}});
        let caller = world.admin(&program);
        let tenant = caller
            .post("/platform/api/tenants/", body)
            .await
            .expect(201)
            .json;
        let made = caller
            .post(&execute_path(&tenant), json!({}))
            .await
            .expect(200)
            .json;
        let database = made["provisioning"]["database_name"].as_str().unwrap();
        let inside = TestDatabase::superuser(database).await;
        let company = tenant["id"].as_i64().unwrap();
        let store = world.database.store();
        let owner = token(&store, "dona", false, false).await;
        join(&store, &code, "dona", Role::Owner).await;
        let fill = format!(
            "INSERT INTO lead (company_id, source, search_text) SELECT {company}, 'site', 'site' FROM generate_series(1, {ROWS})"
        );
        inside.batch_execute(&fill).await.unwrap();
        let place = Self {
            world,
            settings,
            owner,
            code,
            inside,
            company,
        };
        (place, program)
    }

    async fn again(&self) -> Program {
        let settings: Vec<(&str, &str)> = self
            .settings
            .iter()
            .map(|(k, v)| (*k, v.as_str()))
            .collect();
        self.world.program_with("", &settings).await
    }

    fn caller(&self, program: &Program) -> Client {
        program.anonymous().token(&self.owner).tenant(&self.code)
    }

    async fn count(&self, sql: &str) -> i64 {
        let row = self.inside.query_one(sql, &[&self.company]).await.unwrap();
        row.get(0)
    }

    /// Rows with the new score, and what the history knows of them.
    async fn counts(&self) -> (i64, i64, i64) {
        (
            self.count("SELECT count(*) FROM lead WHERE company_id = $1 AND score = 9")
                .await,
            self.count("SELECT count(*) FROM change WHERE company_id = $1 AND kind = 'lead'")
                .await,
            self.count("SELECT count(*) FROM change_set WHERE company_id = $1")
                .await,
        )
    }

    /// Kills the program while it has written all rows and waits to write the history.
    async fn kill_in_the_middle(&self, program: Program, path: &str, body: &Value) {
        let database = self
            .inside
            .query_one("SELECT current_database()", &[])
            .await;
        let database: String = database.unwrap().get(0);
        let lock = TestDatabase::superuser(&database).await;
        lock.batch_execute("BEGIN; LOCK TABLE change IN SHARE MODE")
            .await
            .unwrap();
        // A key is of one request.
        let key = path.replace('/', "-");
        let caller = self.caller(&program).with("idempotency-key", &key);
        let request = caller.request(reqwest::Method::POST, path).json(body);
        let asked = tokio::spawn(request.send());
        until_locked(&self.inside, "INSERT INTO change").await;
        program.signal("KILL");
        assert!(asked.await.unwrap().is_err(), "it answered");
        drop(program);
        lock.batch_execute("ROLLBACK").await.unwrap();
        until_given_up(&self.inside, "INSERT INTO change").await;
    }
}

async fn killed_and_asked_again(isolation: &str) {
    let (place, first) = Place::new(isolation).await;
    let caller = place.caller(&first);
    let path = "/api/leads/bulk/";
    let mut body = json!({"filter": {"all": []}, "action": "edit", "values": {"score": 9}});
    let preview = caller.post(path, body.clone()).await.expect(200).json;
    assert_eq!(preview["changes"], ROWS);
    body["preview"] = json!(false);
    body["token"] = preview["token"].clone();
    place.kill_in_the_middle(first, path, &body).await;
    assert_eq!(place.counts().await, (0, 0, 0), "{isolation}");

    let second = place.again().await;
    let keyed = place
        .caller(&second)
        .with("idempotency-key", "-api-leads-bulk-");
    let done = keyed.post(path, body.clone()).await.expect(200).json;
    assert_eq!(done["changed"], ROWS);
    assert_eq!(keyed.post(path, body).await.expect(200).json, done);
    assert_eq!(place.counts().await, (ROWS, ROWS, 1), "{isolation}");

    let undo = format!("/api/changes/{}/undo/", done["change_set"]);
    let nothing = json!({});
    place.kill_in_the_middle(second, &undo, &nothing).await;
    assert_eq!(place.counts().await, (ROWS, ROWS, 1), "{isolation}");

    let third = place.again().await;
    let caller = place.caller(&third);
    caller.post(&undo, nothing.clone()).await.expect(200);
    caller.post(&undo, nothing).await.expect(409);
    assert_eq!(place.counts().await, (0, 2 * ROWS, 2), "{isolation}");
}

#[tokio::test(flavor = "multi_thread")]
async fn crash_in_the_middle_of_a_bulk_edit_leaves_nothing_half_done() {
    for isolation in ["DATABASE_PER_TENANT", "SHARED_SCHEMA"] {
        killed_and_asked_again(isolation).await;
    }
}
