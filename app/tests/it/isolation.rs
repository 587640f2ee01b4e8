//! The walls between tenants, from outside and from inside: what strangers see over HTTP, what a
//! tenant's own role can do, what the shared schema lets through, and what a wrong route does.

mod inside;
mod reads;
mod records;
mod roles;
mod routes;
mod sight;
mod strangers;
mod veil;

use crate::begin;
use reqwest::Method;
use serde_json::{Value, json};
use sindico_domain::access::Role;
use sindico_testkit::{Answer, Client, Options, Sql, SqlError, TestApp, TestDatabase, vault};

const PATH: &str = "/api/customers/";
const DEDICATED: &str = "DATABASE_PER_TENANT";
const SHARED: &str = "SHARED_SCHEMA";

/// Chance that is the same in each run (SplitMix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let index = self.next() % u64::try_from(of.len()).unwrap();
        &of[usize::try_from(index).unwrap()]
    }
}

/// A tenant with an owner.
struct House {
    tenant: Value,
    owner: Client,
}

impl House {
    fn id(&self) -> i64 {
        self.tenant["id"].as_i64().unwrap()
    }

    fn code(&self) -> &str {
        self.tenant["tenant_code"].as_str().unwrap()
    }

    fn place(&self, field: &str) -> &str {
        self.tenant["provisioning"][field].as_str().unwrap()
    }

    fn is_shared(&self) -> bool {
        self.place("isolation_model") == SHARED
    }

    /// Creates a customer and returns its id.
    async fn customer(&self, name: &str) -> i64 {
        let body = json!({"name": name, "email": format!("{name}@example.com")});
        let created = self.owner.post(PATH, body).await.expect(201);
        created.json["id"].as_i64().unwrap()
    }

    /// The names in its list.
    async fn names(&self) -> Vec<String> {
        let list = self.owner.get(PATH).await.expect(200).json;
        let names = list.as_array().unwrap().iter();
        names
            .map(|customer| customer["name"].as_str().unwrap().to_owned())
            .collect()
    }

    /// All of its rows, as the superuser sees them.
    async fn rows(&self) -> String {
        let inside = TestDatabase::superuser(self.place("database_name")).await;
        let sql = "SELECT coalesce(string_agg(replace(c::text, E'\\n', ' '), E'\\n' ORDER BY id), '') FROM customer c
            WHERE company_id = $1";
        inside.query_one(sql, &[&self.id()]).await.unwrap().get(0)
    }

    /// The role that its data are reached by, and its password.
    async fn login(&self, app: &TestApp) -> (String, String) {
        use secrecy::ExposeSecret;
        let (role, reference) = if self.is_shared() {
            let sql = "SELECT login, secret FROM shared_database WHERE name = $1";
            let control = app.database.sql().await;
            let row = control
                .query_one(sql, &[&self.place("database_name")])
                .await;
            let row = row.unwrap();
            (row.get(0), row.get(1))
        } else {
            let of = |field| self.place(field).to_owned();
            (of("database_user"), of("database_password_secret"))
        };
        let password: String = vault(&app.store)
            .find(&reference)
            .await
            .unwrap()
            .expose_secret()
            .to_owned();
        assert!(password.len() >= 32);
        (role, password)
    }

    /// Signs in to a database as the role of this tenant.
    async fn sign_in(&self, app: &TestApp, database: &str) -> Result<Sql, SqlError> {
        let (role, password) = self.login(app).await;
        let options = if self.is_shared() {
            String::new()
        } else {
            format!("-c sindico.company_id={}", self.id())
        };
        TestDatabase::sign_in(database, &role, &password, &options).await
    }

    /// Signs in to its own database.
    async fn inside(&self, app: &TestApp) -> Sql {
        self.sign_in(app, self.place("database_name"))
            .await
            .unwrap()
    }
}

/// A server with tenants of these models; each has an owner and a customer named after it.
async fn houses(options: Options, models: &[&str]) -> (TestApp, Vec<House>) {
    begin();
    let app = TestApp::start_with(options).await;
    let staff = app.staff().await;
    let mut houses = Vec::new();
    for model in models {
        let tenant = app.ready(&staff, "h", model).await;
        let owner = app.member(&tenant, Role::Owner).await;
        let house = House { tenant, owner };
        house.customer(&format!("of-{}", house.id())).await;
        houses.push(house);
    }
    (app, houses)
}

async fn start(models: &[&str]) -> (TestApp, Vec<House>) {
    begin();
    houses(Options::local_postgres().await, models).await
}

/// The SQLSTATE with which a statement is refused; empty when it is not.
async fn refusal(client: &Sql, sql: &str) -> String {
    match client.batch_execute(sql).await {
        Ok(()) => String::new(),
        Err(error) => error.code().map_or("lost", |code| code.code()).to_owned(),
    }
}

/// Everything of an answer that its request does not make unique.
fn print(answer: &Answer) -> String {
    let mut headers: Vec<String> = answer
        .headers
        .iter()
        .filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
        .collect();
    headers.sort();
    format!("{} {} {}", answer.status, headers.join("; "), answer.text)
}

async fn call(caller: &Client, method: &str, path: &str, body: Option<&Value>) -> String {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = caller.request(method, path);
    if let Some(body) = body {
        request = request.json(body);
    }
    print(&caller.send(request).await)
}
