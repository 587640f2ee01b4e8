//! The application on a database of its own, and requests to it.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use secrecy::SecretString;
use serde_json::Value;
use sindico_domain::access::{Actor, User};
use sindico_domain::account::NewUser;
use sindico_domain::host::Zones;
use sindico_domain::tenant::Rules;
use sindico_embedded::{GuardianCommand, Options, Role, Server};
use sindico_provisioning::Engine;
use sindico_store::control::users;
use sindico_store::listen::Wakeups;
use sindico_store::{DatabaseConfig, Store, migrate};
use sindico_web::gate::address::Proxies;
use sindico_web::mail::{MailConfig, Mailer};
use sindico_web::{App, Config, router};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;
use tempfile::TempDir;
use tower::ServiceExt;

/// The password of every account that [`Site::user`] makes.
pub const PASSWORD: &str = "correct horse battery";

static SERVER: OnceLock<Server> = OnceLock::new();

/// The application.
pub struct Site {
    pub store: Store,
    router: Router,
    mailer: Mailer,
    folder: TempDir,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// `name=value` of the cookie that was set.
    pub fn cookie(&self) -> &str {
        let all = self.headers[header::SET_COOKIE].to_str().unwrap();
        all.split(';').next().unwrap()
    }
}

impl Site {
    /// On a database of this name.
    pub async fn new(name: &str) -> Self {
        let at = SERVER.get_or_init(start).connection();
        let config = DatabaseConfig::socket(
            &at.socket_dir,
            at.port,
            &at.user,
            at.password.expose(),
            name,
        );
        migrate::ensure_database(&config).await.unwrap();
        migrate::control(&config).await.unwrap();
        let store = Store::new(config.clone(), 8).unwrap();
        let folder = TempDir::new().unwrap();
        let mailer = Mailer::new(MailConfig {
            from: "Síndico <sindico@example.com>".to_owned(),
            smtp: None,
            directory: folder.path().join("mail"),
        })
        .unwrap();
        let (wakeups, _) = Wakeups::start(config);
        let engine = Engine::start(
            store.clone(),
            wakeups,
            sindico_provisioning::Config {
                workers: 0,
                ..Default::default()
            },
        );
        let config = Config {
            rules: Rules {
                zones: Zones::default(),
                shared_database: "crm_shared".to_owned(),
                reserved_databases: Vec::new(),
            },
            time_zone: TimeZone::UTC,
            body_limit: 100_000,
            proxies: Proxies(vec!["127.0.0.0/8".parse().unwrap()]),
            execute_wait: Duration::from_secs(1),
            public_url: "https://sistema.example.com".to_owned(),
            mailer: mailer.clone(),
            clock: || Timestamp::UNIX_EPOCH,
        };
        Self {
            router: router(App::new(store.clone(), engine, config)),
            store,
            mailer,
            folder,
        }
    }

    /// An account with [`PASSWORD`].
    pub async fn user(&self, name: &str) -> User {
        let email = format!("{name}@example.com");
        let new = NewUser::parse(name, &email, PASSWORD, false, false).unwrap();
        let password = SecretString::from(PASSWORD);
        users::create(&self.store, &Actor::system("test"), &new, &password)
            .await
            .unwrap()
    }

    /// A request with these headers and this body: JSON when it begins with a brace, else a form.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let kind = if body.starts_with('{') {
            "application/json"
        } else {
            "application/x-www-form-urlencoded"
        };
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "sistema.example.com")
            .header(header::CONTENT_TYPE, kind);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::from(body.to_owned())).unwrap();
        let peer: SocketAddr = "127.0.0.1:4711".parse().unwrap();
        request.extensions_mut().insert(ConnectInfo(peer));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 1 << 20).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.send(Method::POST, path, headers, body).await
    }

    pub async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(Method::GET, path, headers, "").await
    }

    /// Signs in for a token.
    pub async fn sign_in(&self, name: &str, password: &str) -> Answer {
        let body = serde_json::json!({ "username": name, "password": password });
        self.post("/api/auth/token/", &[], &body.to_string()).await
    }

    /// All mails, once the background is quiet.
    pub async fn mails(&self) -> Vec<String> {
        self.mailer.finish(Duration::from_secs(10)).await;
        let Ok(files) = std::fs::read_dir(self.folder.path().join("mail")) else {
            return Vec::new();
        };
        let files: Vec<_> = files.map(|entry| entry.unwrap().path()).collect();
        for file in &files {
            let mode = std::fs::metadata(file).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "others can read {}", file.display());
        }
        files
            .iter()
            .map(|file| std::fs::read_to_string(file).unwrap())
            .collect()
    }

    /// The secret in the link of the only mail.
    pub async fn link(&self) -> String {
        let mails = self.mails().await;
        assert_eq!(mails.len(), 1, "{mails:?}");
        // Quoted-printable: soft line ends, and = itself.
        let text = mails[0].replace("=\r\n", "").replace("=3D", "=");
        let begin = "https://sistema.example.com/password-reset/?token=";
        let token = text.split(begin).nth(1).unwrap_or_else(|| panic!("{text}"));
        token.chars().take_while(char::is_ascii_hexdigit).collect()
    }
}

/// Starts the server in a directory named after this process, and removes those of processes that
/// are gone: a static has no end at which to remove its own.
fn start() -> Server {
    let prefix = "sindico-web-auth-";
    for entry in std::fs::read_dir("/tmp").unwrap().flatten() {
        let name = entry.file_name();
        let pid = name.to_str().and_then(|name| name.strip_prefix(prefix));
        if pid.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    let dir = Path::new("/tmp").join(format!("{prefix}{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    // Root's server runs as another account.
    std::fs::set_permissions(&dir, PermissionsExt::from_mode(0o755)).unwrap();
    let entry = [
        "guardian",
        "--exact",
        "--ignored",
        "--nocapture",
        "--test-threads=1",
        "--",
    ];
    let guardian = GuardianCommand {
        args: entry.iter().map(Into::into).collect(),
        ..GuardianCommand::this_program("")
    };
    Server::start(Options {
        data_dir: dir.join("data"),
        bin_dir: None,
        install: false,
        durable: false,
        guardian,
        role: Role::Owner,
        extra_conf: vec![("max_connections".into(), "300".into())],
    })
    .unwrap()
}
