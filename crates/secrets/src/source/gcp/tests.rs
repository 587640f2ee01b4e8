//! Against a server that speaks the interface's shape, and injects faults.

use super::*;
use std::sync::Mutex as Lock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const PASSWORD: &str = "uma-senha-do-google";

/// How the fake answers, one after another; the last one again and again.
#[derive(Clone)]
enum Say {
    Token(&'static str),
    Status(u16),
    Secret,
    Payload(String),
    Body(String),
    /// Half of an answer.
    Cut,
    Nothing,
}

struct Fake {
    base: String,
    asked: Arc<Lock<Vec<String>>>,
}

fn payload(data: &[u8], crc: u32) -> String {
    let data = STANDARD.encode(data);
    format!(r#"{{"name": "x", "payload": {{"data": "{data}", "dataCrc32c": "{crc}"}}}}"#)
}

impl Fake {
    /// Tokens and secrets are asked of one server.
    async fn start(tokens: Vec<Say>, secrets: Vec<Say>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Lock::new(Vec::new()));
        let seen = Arc::clone(&asked);
        let said = Arc::new(Lock::new((tokens, secrets)));
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let (seen, said) = (Arc::clone(&seen), Arc::clone(&said));
                tokio::spawn(async move {
                    let mut bytes = vec![0; 8192];
                    let mut filled = 0;
                    while !bytes[..filled].windows(4).any(|four| four == b"\r\n\r\n") {
                        match stream.read(&mut bytes[filled..]).await {
                            Ok(0) | Err(_) => return,
                            Ok(count) => filled += count,
                        }
                    }
                    let request = String::from_utf8_lossy(&bytes[..filled]).into_owned();
                    let say = {
                        let mut said = said.lock().unwrap();
                        let queue = if request.contains("computeMetadata") {
                            &mut said.0
                        } else {
                            &mut said.1
                        };
                        if queue.len() > 1 {
                            queue.remove(0)
                        } else {
                            queue[0].clone()
                        }
                    };
                    seen.lock().unwrap().push(request);
                    let (status, body) = match say {
                        Say::Token(token) => (
                            200,
                            format!(
                                r#"{{"access_token": "{token}", "expires_in": 3600, "token_type": "Bearer"}}"#
                            ),
                        ),
                        Say::Status(status) => {
                            (status, r#"{"error": {"message": "no"}}"#.to_owned())
                        }
                        Say::Secret => (
                            200,
                            payload(PASSWORD.as_bytes(), crc32c::crc32c(PASSWORD.as_bytes())),
                        ),
                        Say::Payload(body) | Say::Body(body) => (200, body),
                        Say::Cut => {
                            let _ = stream
                                .write_all(
                                    b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"payload\":",
                                )
                                .await;
                            return;
                        }
                        Say::Nothing => return sleep(Duration::from_secs(30)).await,
                    };
                    let answer = format!(
                        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
                        body.len()
                    );
                    let _ = stream.write_all(answer.as_bytes()).await;
                });
            }
        });
        Self { base, asked }
    }

    async fn access(&self) -> Result<String, SourceError> {
        let manager = SecretManager::at(&self.base, &self.base).unwrap();
        self.access_by(&manager).await
    }

    async fn access_by(&self, manager: &SecretManager) -> Result<String, SourceError> {
        let found = manager.access("p", "acme-db", 3).await;
        if let Err(error) = &found {
            let text = error.to_string();
            assert!(
                !text.contains(PASSWORD) && !text.contains("secret-token"),
                "{text}"
            );
        }
        found.map(|secret| secret.expose_secret().to_owned())
    }

    fn count(&self, what: &str) -> usize {
        self.asked
            .lock()
            .unwrap()
            .iter()
            .filter(|request| request.contains(what))
            .count()
    }
}

fn token() -> Vec<Say> {
    vec![Say::Token("secret-token")]
}

#[tokio::test]
async fn a_secret_is_read_and_the_token_kept() {
    let fake = Fake::start(token(), vec![Say::Secret]).await;
    let manager = SecretManager::at(&fake.base, &fake.base).unwrap();
    for _ in 0..3 {
        assert_eq!(fake.access_by(&manager).await.unwrap(), PASSWORD);
    }
    assert_eq!(
        fake.count("/v1/projects/p/secrets/acme-db/versions/3:access"),
        3
    );
    assert_eq!(fake.count("computeMetadata"), 1);
    let requests = fake.asked.lock().unwrap().join("\n").to_lowercase();
    assert!(requests.contains("authorization: bearer secret-token"));
    assert!(requests.contains("metadata-flavor: google"));
}

#[tokio::test]
async fn passing_faults_are_tried_again() {
    let bad = payload(PASSWORD.as_bytes(), 1);
    for fault in [
        Say::Status(500),
        Say::Status(503),
        Say::Status(429),
        Say::Cut,
        Say::Payload(bad),
        Say::Body("{".to_owned()),
        Say::Body(r#"{"payload": {"data": "***", "dataCrc32c": "1"}}"#.to_owned()),
    ] {
        let fake = Fake::start(token(), vec![fault.clone(), fault, Say::Secret]).await;
        assert_eq!(fake.access().await.unwrap(), PASSWORD);
        assert_eq!(fake.count(":access"), 3);
    }
}

#[tokio::test]
async fn a_token_that_was_taken_back_is_replaced_once() {
    let tokens = vec![Say::Token("old-secret-token"), Say::Token("secret-token")];
    let fake = Fake::start(tokens, vec![Say::Status(401), Say::Secret]).await;
    assert_eq!(fake.access().await.unwrap(), PASSWORD);
    assert_eq!(fake.count("computeMetadata"), 2);
    let fake = Fake::start(token(), vec![Say::Status(401)]).await;
    let error = fake.access().await.unwrap_err();
    assert!(
        matches!(&error, SourceError::Permanent(why) if why.contains("identity")),
        "{error}"
    );
}

#[tokio::test]
async fn lasting_faults_end_at_once_and_say_what_to_do() {
    for (fault, word) in [
        (Say::Status(403), "secretAccessor"),
        (Say::Status(404), "no such"),
        (Say::Status(400), "disabled"),
        (
            Say::Payload(payload(&[0xff, 0xfe], crc32c::crc32c(&[0xff, 0xfe]))),
            "UTF-8",
        ),
        (Say::Payload(payload(b"\n", crc32c::crc32c(b"\n"))), "empty"),
    ] {
        let fake = Fake::start(token(), vec![fault]).await;
        let error = fake.access().await.unwrap_err();
        assert!(
            matches!(&error, SourceError::Permanent(why) if why.contains(word)),
            "{error}"
        );
        assert_eq!(fake.count(":access"), 1);
    }
}

#[tokio::test]
async fn a_silent_server_ends_by_the_deadline() {
    let fake = Fake::start(token(), vec![Say::Nothing]).await;
    let begun = Instant::now();
    let error = fake.access().await.unwrap_err();
    assert!(matches!(error, SourceError::Passing(_)), "{error}");
    assert!(begun.elapsed() < DEADLINE + Duration::from_secs(2));
}
