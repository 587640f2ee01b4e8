//! The CRM over real HTTP: each rule for a database of the tenant's own and for the shared schema.

mod activities;
mod attachments;
mod bin;
mod board;
mod bulk;
mod conversion;
mod custom_fields;
mod dates;
mod dismissed;
mod duplicates;
mod export;
mod filters;
mod forecast;
mod fresh;
mod gates;
mod goals;
mod history;
mod import_courses;
mod imports;
mod leads;
mod lists;
mod metrics;
mod odd;
mod opportunities;
mod pages;
mod pipelines;
mod plans;
mod privacy;
mod quotes;
mod races;
mod references;
mod repeats;
mod search;
mod set_up;
mod statements;
mod tags;
mod twin_pages;
mod undo;
mod view_pages;
mod views;
mod work;

use crate::begin;
use jiff::Timestamp;
use serde_json::{Value, json};
use sindico_domain::access::Role;
use sindico_testkit::{Answer, Client, Options, TestApp, TestDatabase};
use std::sync::atomic::{AtomicU32, Ordering};

const CUSTOMERS: &str = "/api/customers/";
const LEADS: &str = "/api/leads/";
const OPPORTUNITIES: &str = "/api/opportunities/";
const ACTIVITIES: &str = "/api/activities/";
const GOALS: &str = "/api/sales-goals/";

/// A tenant with a caller of each role.
struct Tenant {
    model: &'static str,
    code: String,
    company: i64,
    /// Where its data are.
    database: String,
    owner: Client,
    manager: Client,
    member: Client,
}

/// A server, and a tenant of each isolation model.
async fn start() -> (TestApp, Vec<Tenant>) {
    begin();
    start_with(Options::local_postgres().await).await
}

/// The same at another time.
async fn start_at(clock: fn() -> Timestamp) -> (TestApp, Vec<Tenant>) {
    begin();
    let mut options = Options::local_postgres().await;
    options.clock = clock;
    start_with(options).await
}

async fn start_with(options: Options) -> (TestApp, Vec<Tenant>) {
    let shared = options.shared_database.clone();
    let app = TestApp::start_with(options).await;
    let mut tenants = Vec::new();
    for model in ["DATABASE_PER_TENANT", "SHARED_SCHEMA"] {
        let mut tenant = tenant(&app, model).await;
        if model == "SHARED_SCHEMA" {
            shared.clone_into(&mut tenant.database);
        }
        tenants.push(tenant);
    }
    (app, tenants)
}

async fn tenant(app: &TestApp, model: &'static str) -> Tenant {
    let staff = app.staff().await;
    let tenant = app.ready(&staff, "acme", model).await;
    let database = tenant["provisioning"]["database_name"].as_str();
    Tenant {
        model,
        code: tenant["tenant_code"].as_str().unwrap().to_owned(),
        company: tenant["id"].as_i64().unwrap(),
        database: database.unwrap().to_owned(),
        owner: app.member(&tenant, Role::Owner).await,
        manager: app.member(&tenant, Role::Manager).await,
        member: app.member(&tenant, Role::Member).await,
    }
}

impl Tenant {
    /// Creates a record.
    async fn make(&self, path: &str, body: Value) -> Value {
        self.owner.post(path, body).await.expect(201).json
    }

    /// A customer whom nobody else resembles.
    async fn customer(&self) -> Value {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let body =
            json!({"name": format!("Cliente {n}"), "email": format!("cliente{n}@example.com")});
        self.make(CUSTOMERS, body).await
    }

    /// A sale to a customer of its own, with these values.
    async fn sale(&self, more: Value) -> Value {
        let customer = self.customer().await;
        let body = json!({"customer": customer["id"], "title": "Venda"});
        self.make(OPPORTUNITIES, merged(body, more)).await
    }

    /// A lead with these values.
    async fn lead(&self, more: Value) -> Value {
        self.make(LEADS, merged(json!({"source": "site"}), more))
            .await
    }

    /// Changes rows behind the program's back.
    async fn sql(&self, sql: &str) {
        let inside = TestDatabase::superuser(&self.database).await;
        assert!(inside.execute(sql, &[&self.company]).await.unwrap() > 0);
    }

    /// Reads a record.
    async fn read(&self, path: &str, record: &Value) -> Value {
        self.owner.get(&at(path, record)).await.expect(200).json
    }

    /// Puts a record into the bin.
    async fn delete(&self, path: &str, record: &Value) {
        self.owner
            .call("DELETE", &at(path, record))
            .await
            .expect(204);
    }

    /// The newest change set of a record.
    async fn latest(&self, path: &str, record: &Value) -> i64 {
        let timeline = self
            .owner
            .get(&format!("{}timeline/", at(path, record)))
            .await;
        timeline.expect(200).json[0]["change_set"].as_i64().unwrap()
    }

    /// Asks to take a change set back.
    async fn undo(&self, change_set: i64) -> Answer {
        self.owner.post(&undo_path(change_set), json!({})).await
    }
}

fn undo_path(change_set: i64) -> String {
    format!("/api/changes/{change_set}/undo/")
}

fn merged(mut body: Value, more: Value) -> Value {
    let Value::Object(more) = more else {
        return body;
    };
    body.as_object_mut().unwrap().extend(more);
    body
}

/// The address of a record.
fn at(path: &str, record: &Value) -> String {
    format!("{path}{}/", record["id"])
}

/// The id of a caller.
async fn user_id(caller: &Client) -> i64 {
    let me = caller.get("/api/auth/me/").await.expect(200);
    me.json["id"].as_i64().unwrap()
}

fn ids(list: &Value) -> Vec<i64> {
    let list = list.as_array().unwrap_or_else(|| panic!("no list: {list}"));
    list.iter().map(|one| one["id"].as_i64().unwrap()).collect()
}

/// All ids of a list, page by page as the Link header leads.
async fn walk(caller: &Client, path: &str) -> Vec<i64> {
    let (mut seen, mut next) = (Vec::new(), path.to_owned());
    loop {
        let page = caller.get(&next).await.expect(200);
        seen.extend(ids(&page.json));
        match page.header("link").split(['<', '>']).nth(1) {
            Some(link) => next = link.to_owned(),
            None => return seen,
        }
        assert!(seen.len() < 10_000, "{path} never ends");
    }
}

/// Asserts a 400 that names this field and no other.
#[track_caller]
fn refused_on(answer: &Answer, field: &str, what: &str) {
    assert_eq!(answer.status, 400, "{what}: {}", answer.text);
    let errors = answer.json.as_object().unwrap();
    assert!(errors[field].is_array(), "{what}: {}", answer.text);
    assert_eq!(errors.len(), 1, "{what}: {}", answer.text);
}

/// Asserts a 400 of the request as a whole.
#[track_caller]
fn refused(answer: &Answer, what: &str) {
    assert_eq!(answer.status, 400, "{what}: {}", answer.text);
    assert!(answer.json["detail"].is_string(), "{what}: {}", answer.text);
}

/// Asserts that all of these are there, null or not.
#[track_caller]
fn has(record: &Value, fields: &[&str]) {
    let map = record.as_object().unwrap();
    let missing: Vec<_> = fields.iter().filter(|f| !map.contains_key(**f)).collect();
    assert!(missing.is_empty(), "{missing:?} not in {record}");
}
