//! The outermost layer: a request id, one log line, metrics. The query is never logged, since it
//! may carry the token of a password reset.

use crate::App;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::Response;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Instant;
use tracing::Instrument;

/// The header that carries the request id, both ways.
pub const REQUEST_ID: &str = "x-request-id";

/// What is known of a request before anything is read of it.
#[derive(Debug, Clone)]
pub struct RequestInfo {
    /// Its id: the client's own if it is sane, else a random one.
    pub id: String,
    /// Where it came from.
    pub client: IpAddr,
    /// Whether the client spoke TLS with a proxy of ours.
    pub secure: bool,
    /// When it arrived.
    pub received: Instant,
}

/// The layer.
pub async fn trace(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let peer = request
        .extensions()
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
    let proxies = &app.config().proxies;
    let info = RequestInfo {
        id: request_id(&request),
        client: proxies.client(peer, request.headers()),
        secure: proxies.secure(peer, request.headers()),
        received: Instant::now(),
    };
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("none", MatchedPath::as_str)
        .to_owned();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let span = tracing::info_span!("request", id = %info.id);
    let started = info.received;
    let header = HeaderValue::try_from(&info.id);
    request.extensions_mut().insert(info);

    let mut response = next.run(request).instrument(span.clone()).await;

    let status = response.status();
    let elapsed = started.elapsed();
    span.in_scope(|| {
        tracing::info!(
            target: "sindico::access",
            %method, path, status = status.as_u16(), ms = elapsed.as_millis() as u64,
        );
    });
    let labels = [
        ("method", method.as_str().to_owned()),
        ("route", route),
        ("status", status.as_str().to_owned()),
    ];
    metrics::counter!("sindico_http_requests_total", &labels).increment(1);
    metrics::histogram!("sindico_http_request_seconds", &labels[..2]).record(elapsed.as_secs_f64());
    if let Ok(value) = header {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

fn request_id(request: &Request) -> String {
    let own = request
        .headers()
        .get(REQUEST_ID)
        .and_then(|value| value.to_str().ok())
        .filter(|id| {
            (1..=64).contains(&id.len())
                && id
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        });
    match own {
        Some(id) => id.to_owned(),
        None => {
            let mut bytes = [0u8; 16];
            // Without randomness an id is still better than none.
            let _ = getrandom::fill(&mut bytes);
            hex::encode(bytes)
        }
    }
}
