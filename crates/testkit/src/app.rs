//! A whole server in the test's process, on a port and a database of its own.

use crate::cluster::{TestDatabase, random};
use crate::{Answer, Client};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sindico_domain::access::member::NewMember;
use sindico_domain::access::overrides::Overrides;
use sindico_domain::access::{Actor, Role};
use sindico_domain::account::NewUser;
use sindico_domain::attachment::Limits;
use sindico_domain::host::{Host, Zones};
use sindico_domain::tenant::Rules;
use sindico_outbound::Outbound;
use sindico_provisioning::{Config as EngineConfig, Engine};
use sindico_secrets::{Keyring, Sources};
use sindico_store::Store;
use sindico_store::control::{members, tenants, tokens, users};
use sindico_store::listen::Wakeups;
use sindico_store::tenant::directory::Directory;
use sindico_store::tenant::news::News;
use sindico_store::tenant::pool::{Places, Pools};
use sindico_store::tenant::vault::Vault;
use sindico_web::dns::TxtLookup;
use sindico_web::gate::address::Proxies;
use sindico_web::gate::tenant::TenantRules;
use sindico_web::mail::{MailConfig, MailTls, Mailer};
use sindico_web::{App, Config};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;

/// The `SECRET_KEY` of a test's servers.
pub const TEST_KEY: &str = "a key of tests, and of nothing else";

/// The password of every user that a test makes.
pub const PASSWORD: &str = "uma-senha-boa";

/// What a test wants of its server.
pub struct Options {
    /// The engine's settings.
    pub engine: EngineConfig,
    /// Hosts and domains.
    pub zones: Zones,
    /// The database of SHARED_SCHEMA tenants: on one server with those of other tests.
    pub shared_database: String,
    /// Connections to each server of tenants.
    pub server_connections: usize,
    /// `TENANT_ROLE_MATRICES`.
    pub roles: Overrides,
    /// Calls addresses that tenants name; on this machine only, unless told.
    pub outbound: Outbound,
    /// How much room files at records may take.
    pub files: Limits,
    /// What the server takes for now; the database has a clock of its own.
    pub clock: fn() -> Timestamp,
}

impl Options {
    /// With `local_postgres` on the tests' server, as an administrator without superuser rights.
    pub async fn local_postgres() -> Self {
        let mut options = Self::default();
        options.engine.provisioner = "local_postgres".to_owned();
        options.engine.local = TestDatabase::admin();
        options
    }
}

impl Default for Options {
    fn default() -> Self {
        let host = |text: &str| -> Host { text.parse().unwrap() };
        Self {
            engine: EngineConfig {
                base_domain: Some("mksbrasil.com".to_owned()),
                backoff: Duration::from_millis(20),
                ..EngineConfig::default()
            },
            shared_database: format!("shared_{}", random()),
            server_connections: 20,
            roles: Overrides::default(),
            outbound: Outbound::new(
                vec!["127.0.0.0/8".parse().unwrap()],
                sindico_outbound::system(),
            ),
            files: Limits::default(),
            clock: || "2026-11-23T12:00:00Z".parse().unwrap(),
            zones: Zones {
                base_domain: Some(host("mksbrasil.com")),
                control_plane_host: Some(host("sistema.mksbrasil.com")),
                reserved: ["sistema", "www", "api", "admin", "static", "media"]
                    .map(str::to_owned)
                    .into(),
                public: ["localhost", "127.0.0.1"].map(host).into(),
                allowed: ["localhost", "127.0.0.1"].map(host).into(),
            },
        }
    }
}

/// A running server.
pub struct TestApp {
    /// Its database.
    pub database: TestDatabase,
    /// The store that it uses.
    pub store: Store,
    /// Its engine.
    pub engine: Engine,
    /// The tenants as it knows them.
    pub directory: Directory,
    /// Its ways to their data.
    pub pools: Pools,
    /// `http://127.0.0.1:port`.
    pub base: String,
    /// The folder into which its mails go.
    pub mails: tempfile::TempDir,
    /// What DNS says: TXT records by name. A name that is not there has none; one without any values
    /// can't be looked up.
    pub txt: Txt,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Drop for TestApp {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl TestApp {
    /// A server as it is by default.
    pub async fn start() -> Self {
        Self::start_with(Options::default()).await
    }

    /// A server with other settings.
    pub async fn start_with(options: Options) -> Self {
        Self::start_on(TestDatabase::new().await, options).await
    }

    /// A server on this database: perhaps beside another.
    pub async fn start_on(database: TestDatabase, options: Options) -> Self {
        let store = database.store();
        let (wakeups, listening) = Wakeups::start(database.config.clone());
        store.remember_access(&wakeups);
        let vault = vault(&store);
        let engine = Engine::start(
            store.clone(),
            vault.clone(),
            wakeups.clone(),
            options.engine,
        );
        let mails = tempfile::tempdir().unwrap();
        let txt = Txt::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let config = Config {
            rules: Rules {
                zones: options.zones,
                shared_database: options.shared_database,
                reserved_databases: vec!["sindico".to_owned()],
            },
            time_zone: TimeZone::get("America/Sao_Paulo").unwrap(),
            body_limit: 2 << 20,
            files: options.files,
            proxies: Proxies::default(),
            execute_wait: Duration::from_secs(30),
            mail: Mailer::new(&to_files(), mails.path()).unwrap(),
            public_url: base.clone(),
            dns: dns_of(Arc::clone(&txt)),
            outbound: options.outbound,
            tenants: TenantRules::default(),
            settings: vec![
                sindico_web::ToldSetting {
                    topic: "Program",
                    name: "SECRET_KEY",
                    meaning: "Signing and envelope encryption.",
                    value: None,
                    is_set: true,
                },
                sindico_web::ToldSetting {
                    topic: "Program",
                    name: "SINDICO_TIME_ZONE",
                    meaning: "Where \"today\" is.",
                    value: Some("America/Sao_Paulo".to_owned()),
                    is_set: false,
                },
            ],
            server_connections: 20,
            clock: options.clock,
        };
        let directory = Directory::start(store.clone(), &wakeups, options.roles)
            .await
            .unwrap();
        let pools = Pools::new(Places::new(vault), options.server_connections);
        let app = App::new(
            store.clone(),
            engine.clone(),
            directory.clone(),
            pools.clone(),
            News::start(store.clone(), &wakeups),
            config,
        );
        let serving = tokio::spawn(async move {
            let grace = Duration::from_secs(5);
            let listener = sindico_web::Listener::Tcp(listener);
            sindico_web::serve(app, listener, std::future::pending(), grace)
                .await
                .unwrap();
        });
        Self {
            database,
            store,
            engine,
            directory,
            pools,
            base,
            mails,
            txt,
            tasks: vec![listening, serving],
        }
    }

    /// Nobody in particular.
    pub fn anonymous(&self) -> Client {
        Client::new(&self.base)
    }

    /// A user of this name; returns the caller.
    pub async fn user(&self, username: &str, staff: bool, superuser: bool) -> Client {
        let token = token(&self.store, username, staff, superuser).await;
        self.anonymous().token(&token)
    }

    /// A user without any rights on the platform.
    pub async fn plain(&self) -> Client {
        self.user(&format!("plain-{}", random()), false, false)
            .await
    }

    /// Platform staff.
    pub async fn staff(&self) -> Client {
        self.user(&format!("staff-{}", random()), true, false).await
    }

    /// A superuser who is no staff.
    pub async fn superuser(&self) -> Client {
        self.user(&format!("super-{}", random()), false, true).await
    }

    /// A new user who is an active member of this tenant, calling it.
    pub async fn member(&self, tenant: &Value, role: Role) -> Client {
        let code = tenant["tenant_code"].as_str().unwrap();
        let username = format!("{}-{}", role.as_str().to_lowercase(), random());
        let caller = self.user(&username, false, false).await;
        join(&self.store, code, &username, role).await;
        caller.tenant(code)
    }

    /// Creates and provisions a tenant with a code like this one, and returns it. On the server that
    /// tests share, names must differ.
    pub async fn ready(&self, caller: &Client, code: &str, isolation: &str) -> Value {
        let code = format!("{code}-{}", random());
        let body = json!({
            "name": format!("Tenant {code}"), "tenant_code": code, "subdomain": code,
            "contract": {"seats": 100}, "provisioning": {"isolation_model": isolation},
        });
        let created = caller
            .post("/platform/api/tenants/", body)
            .await
            .expect(201);
        self.execute(caller, &created.json).await.expect(200).json
    }

    /// Creates a tenant with this code and returns it.
    pub async fn tenant(&self, caller: &Client, code: &str) -> Value {
        let body =
            json!({"name": format!("Tenant {code}"), "tenant_code": code, "subdomain": code});
        caller
            .post("/platform/api/tenants/", body)
            .await
            .expect(201)
            .json
    }

    /// Lets a minute pass since every operation that has ended: a repeated execution of one that
    /// has just succeeded would be taken for the same.
    pub async fn later(&self) {
        let sql = "UPDATE operation SET finished_at = finished_at - interval '1 minute'";
        self.database.sql().await.execute(sql, &[]).await.unwrap();
    }

    /// Executes the provisioning of this tenant.
    pub async fn execute(&self, caller: &Client, tenant: &Value) -> Answer {
        caller.post(&execute_path(tenant), json!({})).await
    }
}

/// TXT records by name.
pub type Txt = Arc<Mutex<HashMap<String, Vec<String>>>>;

fn dns_of(txt: Txt) -> TxtLookup {
    Arc::new(move |name| {
        let found = txt.lock().unwrap().get(&name).cloned();
        let answer = match found {
            Some(values) if values.is_empty() => Err("no server answers".to_owned()),
            values => Ok(values.unwrap_or_default()),
        };
        Box::pin(async move { answer })
    })
}

/// The passwords of a test's tenants.
pub fn vault(store: &Store) -> Vault {
    let key = TEST_KEY.into();
    let keyring = Keyring::new(&key, &[]).unwrap();
    Vault::new(store.clone(), keyring, Sources::new(Arc::new(|_| None)))
}

/// A token of a new user, made without a server.
pub async fn token(store: &Store, username: &str, staff: bool, superuser: bool) -> String {
    let email = format!("{username}@example.com");
    let new = NewUser::parse(username, &email, PASSWORD, staff, superuser).unwrap();
    let actor = Actor::system("test");
    let user = users::create(store, &actor, &new, &PASSWORD.into())
        .await
        .unwrap();
    let token = tokens::create(store, &actor, user.id).await.unwrap();
    token.expose_secret().to_owned()
}

/// Makes this user an active member of the tenant with this code, without a server.
pub async fn join(store: &Store, code: &str, username: &str, role: Role) {
    let tenant = tenants::find_by_code(store, code).await.unwrap().unwrap();
    let new = NewMember {
        username: username.to_owned(),
        role: Some(role),
        is_active: true,
    };
    members::add(store, &Actor::system("test"), tenant.id, &new, None)
        .await
        .unwrap();
}

/// Mails become files.
fn to_files() -> MailConfig {
    MailConfig {
        host: String::new(),
        port: 25,
        tls: MailTls::None,
        user: String::new(),
        password: None,
        from: "Síndico <sindico@example.com>".to_owned(),
    }
}

/// The address at which this tenant is executed.
pub fn execute_path(tenant: &Value) -> String {
    format!("/platform/api/tenants/{}/provision/execute/", tenant["id"])
}
