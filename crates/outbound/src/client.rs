//! One call: resolve, check, connect to what was checked, send, read a little of the answer.

use crate::address::is_public;
use crate::target::{Refused, Target};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST, RETRY_AFTER, USER_AGENT};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use ipnet::IpNet;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

/// How long a call may take in all: name, connection, and the answer's head.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// Where mail servers are.
const MAIL_PORTS: [u16; 4] = [25, 465, 587, 2525];

/// How much of an answer's head and of its body is read.
const HEAD: usize = 32 * 1_024;
const EXCERPT: usize = 1_000;

/// How long the body of an answer is waited for: it is only for people to look at.
const BODY_PATIENCE: Duration = Duration::from_secs(2);

/// Finds the addresses of a host.
pub type Lookup =
    Arc<dyn Fn(String) -> BoxFuture<'static, Result<Vec<IpAddr>, String>> + Send + Sync>;

/// As the system finds them.
pub fn system() -> Lookup {
    Arc::new(|name| {
        async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await;
            let found = found.map_err(|error| error.to_string())?;
            Ok(found.map(|address| address.ip()).collect())
        }
        .boxed()
    })
}

/// What a receiver answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The seconds after which it wants to be asked again.
    pub retry_after: Option<u64>,
    /// The beginning of its body, as text.
    pub excerpt: String,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Nothing was sent.
    #[error("{0}")]
    Refused(#[from] Refused),
    /// No connection, or none that could be trusted.
    #[error("No connection: {0}.")]
    Connect(String),
    /// It broke off.
    #[error("The connection broke: {0}.")]
    Broken(String),
    /// It took too long.
    #[error("No answer within {} seconds.", PATIENCE.as_secs())]
    Late,
}

/// The way out. Clones are the same.
#[derive(Clone)]
pub struct Outbound(Arc<Inner>);

struct Inner {
    networks: Vec<IpNet>,
    lookup: Lookup,
    tls: Arc<ClientConfig>,
}

impl Outbound {
    /// Into the public internet by https, and into these networks, without it too.
    pub fn new(networks: Vec<IpNet>, lookup: Lookup) -> Self {
        Self::trusting(networks, lookup, &[])
    }

    /// The same, with more roots than the usual ones.
    pub fn trusting(
        networks: Vec<IpNet>,
        lookup: Lookup,
        roots: &[CertificateDer<'static>],
    ) -> Self {
        let mut store = RootCertStore::empty();
        store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        store.add_parsable_certificates(roots.iter().cloned());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(rustls::DEFAULT_VERSIONS);
        #[expect(
            clippy::expect_used,
            reason = "the provider has the versions that it is built with"
        )]
        let builder = builder.expect("TLS as it is by default");
        let tls = builder.with_root_certificates(store).with_no_client_auth();
        Self(Arc::new(Inner {
            networks,
            lookup,
            tls: Arc::new(tls),
        }))
    }

    /// Where this leads to, if that may be called.
    ///
    /// # Errors
    /// [`Refused`]. A host of which one address may not be called is refused as a whole.
    pub async fn check(&self, target: &Target) -> Result<Vec<SocketAddr>, Refused> {
        let found = self.resolve(target.host()).await?;
        if !found.listed && !target.is_secure() {
            return Err(Refused::NotSecure);
        }
        Ok(found.at(target.port()))
    }

    /// Where a mail server is, if mail may go there: as all that somebody typed, never into a private network; on the
    /// ports of mail servers, with TLS. Networks that are listed are open on each port, without it too.
    ///
    /// # Errors
    /// As [`Outbound::check`].
    pub async fn mail_server(
        &self,
        host: &str,
        port: u16,
        secure: bool,
    ) -> Result<Vec<SocketAddr>, Refused> {
        let found = self
            .resolve(host.parse().map_err(|_| host.to_owned()))
            .await?;
        if !found.listed && !secure {
            return Err(Refused::InTheClear);
        }
        if !found.listed && !MAIL_PORTS.contains(&port) {
            return Err(Refused::Port);
        }
        Ok(found.at(port))
    }

    async fn resolve(&self, host: Result<IpAddr, String>) -> Result<Found, Refused> {
        let found = match host {
            Ok(address) => vec![address],
            Err(name) => {
                let found = timeout(PATIENCE, (self.0.lookup)(name)).await;
                found
                    .map_err(|_| Refused::Unknown)?
                    .map_err(|_| Refused::Unknown)?
            }
        };
        let mut listed = true;
        let mut addresses = Vec::with_capacity(found.len());
        for address in found.into_iter().map(|address| address.to_canonical()) {
            let ours = self
                .0
                .networks
                .iter()
                .any(|network| network.contains(&address));
            if !ours && !is_public(address) {
                return Err(Refused::Private);
            }
            listed &= ours;
            addresses.push(address);
        }
        match addresses.is_empty() {
            true => Err(Refused::Unknown),
            false => Ok(Found { addresses, listed }),
        }
    }

    /// Posts this JSON there. Redirects are answers like all others: they are not followed.
    ///
    /// # Errors
    /// [`CallError`].
    pub async fn post(
        &self,
        target: &Target,
        headers: &[(&str, String)],
        body: String,
    ) -> Result<Answer, CallError> {
        let call = async {
            let addresses = self.check(target).await?;
            let stream = connect(&addresses).await?;
            if !target.is_secure() {
                return exchange(stream, target, headers, body).await;
            }
            let name = match target.host() {
                Ok(address) => ServerName::from(address),
                Err(name) => ServerName::try_from(name)
                    .map_err(|error| CallError::Connect(error.to_string()))?,
            };
            let tls = TlsConnector::from(Arc::clone(&self.0.tls))
                .connect(name, stream)
                .await;
            let tls = tls.map_err(|error| CallError::Connect(error.to_string()))?;
            exchange(tls, target, headers, body).await
        };
        timeout(PATIENCE, call).await.map_err(|_| CallError::Late)?
    }
}

/// The addresses of a host.
struct Found {
    addresses: Vec<IpAddr>,
    /// Whether all of them are in networks that are listed.
    listed: bool,
}

impl Found {
    fn at(&self, port: u16) -> Vec<SocketAddr> {
        let addresses = self.addresses.iter();
        addresses
            .map(|address| SocketAddr::new(*address, port))
            .collect()
    }
}

async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, CallError> {
    let mut why = String::new();
    for address in addresses.iter().take(3) {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => why = error.kind().to_string(),
        }
    }
    Err(CallError::Connect(why))
}

async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    target: &Target,
    headers: &[(&str, String)],
    body: String,
) -> Result<Answer, CallError> {
    let broken = |error: hyper::Error| CallError::Broken(error.to_string());
    let mut builder = http1::Builder::new();
    builder.max_buf_size(HEAD);
    let (mut sender, connection) = builder
        .handshake(TokioIo::new(stream))
        .await
        .map_err(broken)?;
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(target.path())
        .header(HOST, target.authority())
        .header(
            USER_AGENT,
            concat!("Sindico-Webhooks/", env!("CARGO_PKG_VERSION")),
        )
        .header(CONTENT_TYPE, "application/json");
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let request = request.body(Full::new(Bytes::from(body)));
    let request = request.map_err(|error| CallError::Broken(error.to_string()))?;
    // The connection moves while its answer is waited for, and ends with it.
    let driven = async {
        let _ = connection.await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        answer = async {
            let response = sender.send_request(request).await.map_err(broken)?;
            Ok(read(response).await)
        } => answer,
        () = driven => Err(CallError::Late),
    }
}

async fn read(response: Response<hyper::body::Incoming>) -> Answer {
    let status = response.status().as_u16();
    let retry_after = response.headers().get(RETRY_AFTER);
    let retry_after = retry_after.and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let mut body = response.into_body();
    let mut read = Vec::new();
    let reading = async {
        while read.len() < EXCERPT {
            let Some(Ok(frame)) = body.frame().await else {
                break;
            };
            if let Ok(data) = frame.into_data() {
                let room = EXCERPT - read.len();
                read.extend_from_slice(&data[..data.len().min(room)]);
            }
        }
    };
    // What came in time is enough.
    let _ = timeout(BODY_PATIENCE, reading).await;
    let text = String::from_utf8_lossy(&read);
    Answer {
        status,
        retry_after,
        // What PostgreSQL would not keep.
        excerpt: text
            .chars()
            .map(|c| if c == '\0' { ' ' } else { c })
            .collect(),
    }
}
