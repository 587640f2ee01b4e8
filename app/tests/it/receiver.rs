//! A receiver of webhooks that answers as it is told, and keeps what it was sent.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::Sha256;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How a call is answered.
#[derive(Debug, Clone)]
pub enum Reply {
    /// With these bytes.
    Bytes(String),
    /// Not at all, for as long as the caller waits.
    Silence,
    /// The connection is closed.
    Close,
}

impl Reply {
    /// An answer without a body.
    pub fn status(status: u16) -> Self {
        Self::with(status, "")
    }

    /// The same with more headers.
    pub fn with(status: u16, headers: &str) -> Self {
        Self::Bytes(format!(
            "HTTP/1.1 {status} So\r\n{headers}content-length: 5\r\n\r\nthere"
        ))
    }
}

/// What was received.
#[derive(Debug, Clone)]
pub struct Call {
    /// Headers in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: String,
}

impl Call {
    /// The header `webhook-id`.
    pub fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }

    /// The body, read.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// How many of its signatures are made with this secret.
    pub fn signed_with(&self, secret: &str) -> usize {
        let key = STANDARD
            .decode(secret.strip_prefix("whsec_").unwrap())
            .unwrap();
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(
            format!(
                "{}.{}.{}",
                self.id(),
                self.headers["webhook-timestamp"],
                self.body
            )
            .as_bytes(),
        );
        let expected = format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()));
        let signatures = self.headers["webhook-signature"].split(' ');
        signatures
            .filter(|signature| *signature == expected)
            .count()
    }
}

/// The receiver.
#[derive(Clone)]
pub struct Receiver {
    /// Its address.
    pub url: String,
    calls: Arc<Mutex<Vec<Call>>>,
    replies: Arc<Mutex<VecDeque<Reply>>>,
}

impl Receiver {
    /// One that answers `204` unless told otherwise.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self {
            url: format!("http://{}/hook", listener.local_addr().unwrap()),
            calls: Arc::default(),
            replies: Arc::default(),
        };
        let own = receiver.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(own.clone().attend(stream));
            }
        });
        receiver
    }

    /// The next calls are answered so, one after the other.
    pub fn answer(&self, replies: impl IntoIterator<Item = Reply>) {
        self.replies.lock().unwrap().extend(replies);
    }

    /// What it was sent so far.
    pub fn calls(&self) -> Vec<Call> {
        self.calls.lock().unwrap().clone()
    }

    /// Waits until it was called so often.
    pub async fn called(&self, times: usize) -> Vec<Call> {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let calls = self.calls();
            if calls.len() >= times {
                return calls;
            }
            assert!(Instant::now() < end, "{} of {times} calls", calls.len());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn attend(self, mut stream: TcpStream) {
        let mut read = Vec::new();
        let (head, length) = loop {
            if stream.read_buf(&mut read).await.unwrap_or(0) == 0 {
                return;
            }
            let text = String::from_utf8_lossy(&read).into_owned();
            if let Some((head, _)) = text.split_once("\r\n\r\n") {
                let headers: BTreeMap<String, String> = head
                    .lines()
                    .skip(1)
                    .filter_map(|line| line.split_once(": "))
                    .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
                    .collect();
                let length: usize = headers["content-length"].parse().unwrap();
                break (headers, head.len() + 4 + length);
            }
        };
        while read.len() < length {
            if stream.read_buf(&mut read).await.unwrap_or(0) == 0 {
                return;
            }
        }
        let text = String::from_utf8(read).unwrap();
        let (_, body) = text.split_once("\r\n\r\n").unwrap();
        let call = Call {
            headers: head,
            body: body.to_owned(),
        };
        let reply = self.replies.lock().unwrap().pop_front();
        self.calls.lock().unwrap().push(call);
        match reply.unwrap_or(Reply::Bytes("HTTP/1.1 204 So\r\n\r\n".to_owned())) {
            Reply::Bytes(bytes) => {
                let _ = stream.write_all(bytes.as_bytes()).await;
            }
            Reply::Silence => tokio::time::sleep(Duration::from_secs(120)).await,
            Reply::Close => {}
        }
    }
}
