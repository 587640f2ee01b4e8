//! One database, its administrator, and one tenant to be executed, for tests that start, kill and
//! freeze programs; and the look behind the scenes at what became of it.

use crate::{PROGRAM, begin};
use reqwest::Method;
use serde_json::{Value, json};
use sindico_testkit::{Client, Program, TestDatabase, execute_path, token};
use std::time::{Duration, Instant};

/// The steps of a provisioning, in their order.
pub const STEPS: [&str; 11] = [
    "reserve", "secret", "roles", "database", "grants", "settings", "open", "migrate", "identity",
    "sign_in", "publish",
];

/// A database that outlives its programs.
pub struct World {
    pub database: TestDatabase,
    token: String,
}

impl World {
    pub async fn new() -> Self {
        begin();
        let database = TestDatabase::new().await;
        let token = token(&database.store(), "ana", true, false).await;
        Self { database, token }
    }

    /// A program with these fail points. Its lease is the default one, which no busy machine makes
    /// it lose.
    pub async fn program(&self, failpoints: &str) -> Program {
        self.program_with(failpoints, &[]).await
    }

    pub async fn program_with(&self, failpoints: &str, more: &[(&str, &str)]) -> Program {
        let mut settings = vec![("FAILPOINTS", failpoints)];
        settings.extend(more);
        Program::serve(PROGRAM, &self.database, &settings).await
    }

    /// The administrator, calling this program.
    pub fn admin(&self, program: &Program) -> Client {
        program.anonymous().token(&self.token)
    }

    /// A new tenant, made by this program.
    pub async fn tenant(&self, program: &Program, code: &str) -> Value {
        let body = json!({"name": code, "tenant_code": code, "subdomain": code});
        let admin = self.admin(program);
        admin
            .post("/platform/api/tenants/", body)
            .await
            .expect(201)
            .json
    }

    /// Asks for an execution without waiting; the program may be killed before it can answer.
    pub async fn ask(&self, program: &Program, tenant: &Value) {
        let admin = self.admin(program).with("prefer", "respond-async");
        let request = admin.request(Method::POST, &execute_path(tenant));
        let _ = request.json(&json!({})).send().await;
    }

    /// The newest operation as it stands in the database.
    pub async fn operation(&self) -> Value {
        self.look(
            "SELECT coalesce((SELECT to_jsonb(o) || jsonb_build_object('steps', (
                SELECT jsonb_agg(to_jsonb(s) ORDER BY position) FROM operation_step s
                WHERE s.operation_id = o.id)) FROM operation o ORDER BY id DESC LIMIT 1), 'null')",
        )
        .await
    }

    /// Everything that a late writer could have touched.
    pub async fn snapshot(&self) -> Value {
        self.look(
            "SELECT jsonb_build_object(
                'operations', (SELECT jsonb_agg(to_jsonb(o) ORDER BY id) FROM operation o),
                'steps', (SELECT jsonb_agg(to_jsonb(s) ORDER BY operation_id, position) FROM operation_step s),
                'companies', (SELECT jsonb_agg(to_jsonb(c) ORDER BY id) FROM company c),
                'places', (SELECT jsonb_agg(to_jsonb(p) ORDER BY company_id) FROM tenant_provisioning p),
                'audit', (SELECT jsonb_agg(to_jsonb(a) ORDER BY id) FROM audit_event a))",
        )
        .await
    }

    async fn look(&self, sql: &str) -> Value {
        self.database
            .sql()
            .await
            .query_one(sql, &[])
            .await
            .unwrap()
            .get(0)
    }

    /// Waits until the newest operation is as wanted; fails with its last state.
    pub async fn until(&self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let operation = self.operation().await;
            if wanted(&operation) {
                return operation;
            }
            assert!(Instant::now() < end, "{what}: {operation:#}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits for the end of the newest operation, and asserts that it is the only outcome of its
    /// tenant: one operation, SUCCEEDED with every step, and one READY, told once.
    pub async fn one_outcome(&self, what: &str) -> Value {
        let ended = |operation: &Value| !operation["finished_at"].is_null();
        let operation = self.until(what, ended).await;
        assert_eq!(operation["status"], "SUCCEEDED", "{what}: {operation:#}");
        for step in operation["steps"].as_array().unwrap() {
            let done = step["status"] == "DONE" || step["status"] == "SKIPPED";
            assert!(done && !step["finished_at"].is_null(), "{what}: {step}");
        }
        let world = self.snapshot().await;
        let count = |name: &str, wanted: &dyn Fn(&Value) -> bool| {
            world[name]
                .as_array()
                .unwrap()
                .iter()
                .filter(|v| wanted(v))
                .count()
        };
        let tenant = &operation["company_id"];
        assert_eq!(
            count("operations", &|o| &o["company_id"] == tenant),
            1,
            "{what}"
        );
        let told =
            |event: &Value| event["action"] == "tenant.ready" && &event["company_id"] == tenant;
        assert_eq!(count("audit", &told), 1, "{what}");
        let ready = |place: &Value| {
            &place["company_id"] == tenant
                && place["status"] == "READY"
                && place["last_error"] == ""
                && !place["provisioned_at"].is_null()
        };
        assert_eq!(count("places", &ready), 1, "{what}");
        operation
    }
}

/// How many steps have ended well.
pub fn done(operation: &Value) -> usize {
    let steps = operation["steps"].as_array().unwrap();
    let done = |step: &&Value| step["status"] == "DONE" || step["status"] == "SKIPPED";
    steps.iter().filter(done).count()
}
