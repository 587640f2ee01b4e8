//! Around everything else: a request id, one log line, metrics. The query is never logged, since it
//! may carry the token of a password reset.

use super::address::Proxies;
use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use metrics::SharedString;
use std::cell::Cell;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Instant;

/// The header that carries the request id, both ways.
pub const REQUEST_ID: &str = "x-request-id";

/// What is known of a request before anything is read of it.
#[derive(Debug, Clone)]
pub struct RequestInfo {
    /// Its id: the client's own if it is sane, else a random one.
    pub id: Arc<str>,
    /// Where it came from.
    pub client: IpAddr,
    /// Whether the client spoke TLS with a proxy of ours.
    pub secure: bool,
    /// When it arrived.
    pub received: Instant,
}

/// What a task knows of the request that it works for. A span of the log could carry it too, and would
/// take as long as a tenth of a read.
struct Current {
    id: Arc<str>,
    route: Cell<SharedString>,
}

tokio::task_local! {
    static CURRENT: Current;
}

/// The id of the request that this task works for, if it does. The log adds it to each line.
pub fn current_id() -> Option<Arc<str>> {
    let id = CURRENT.try_with(|current| Arc::clone(&current.id)).ok();
    id.filter(|id| !id.is_empty())
}

/// Work that goes on without the request, with its id.
pub fn in_current_request<F: Future>(work: F) -> impl Future<Output = F::Output> {
    let current = Current {
        id: current_id().unwrap_or_default(),
        route: Cell::default(),
    };
    CURRENT.scope(current, work)
}

/// The request is one of this route, as far as the metrics are concerned.
pub(crate) fn is_of(route: impl Into<SharedString>) {
    let _ = CURRENT.try_with(|current| current.route.set(route.into()));
}

/// A layer for routes that are not in the table.
pub(crate) async fn name_route(path: MatchedPath, request: Request, next: Next) -> Response {
    is_of(path.as_str().to_owned());
    next.run(request).await
}

/// Answers a request by `answer`, and tells of it.
pub(crate) async fn trace<F>(
    proxies: &Proxies,
    peer: IpAddr,
    mut request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Response
where
    F: Future<Output = Response>,
{
    let received = Instant::now();
    let id = request_id(request.headers());
    let info = RequestInfo {
        id: Arc::clone(&id),
        client: proxies.client(peer, request.headers()),
        secure: proxies.secure(peer, request.headers()),
        received,
    };
    let header = HeaderValue::try_from(&*id);
    let method = request.method().clone();
    // A copy that shares the text.
    let uri = request.uri().clone();
    request.extensions_mut().insert(info);

    let current = Current {
        id,
        route: Cell::new(SharedString::const_str("none")),
    };
    let answered = async {
        let response = answer(request).await;
        let (path, status) = (uri.path(), response.status().as_u16());
        let ms = received.elapsed().as_millis() as u64;
        tracing::info!(target: "sindico::access", %method, path, status, ms);
        let route = CURRENT.with(|current| current.route.take());
        (response, route)
    };
    let (mut response, route) = CURRENT.scope(current, answered).await;

    count(&method, route, &response, received);
    if let Ok(value) = header {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

fn count(method: &Method, route: SharedString, response: &Response, received: Instant) {
    // Anybody can make up a method; the metrics have a series for each that they are told.
    let method = match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        _ => "other",
    };
    let status = response.status().as_str().to_owned();
    let elapsed = received.elapsed().as_secs_f64();
    metrics::histogram!("sindico_http_request_seconds", "method" => method, "route" => route.clone())
        .record(elapsed);
    metrics::counter!("sindico_http_requests_total", "method" => method, "route" => route, "status" => status)
        .increment(1);
}

/// The client's own id if it is sane, else one that no other request has. Ids are no secrets: they
/// count on from where chance began.
fn request_id(headers: &HeaderMap) -> Arc<str> {
    static NEXT: LazyLock<(u64, AtomicU64)> = LazyLock::new(|| {
        let mut bytes = [0; 16];
        // Without randomness an id is still better than none.
        let _ = getrandom::fill(&mut bytes);
        let (first, second) = bytes.split_at(8);
        let number = |bytes: &[u8]| u64::from_ne_bytes(bytes.try_into().unwrap_or_default());
        (number(first), AtomicU64::new(number(second)))
    });
    let own = headers
        .get(REQUEST_ID)
        .and_then(|value| value.to_str().ok())
        .filter(|id| {
            (1..=64).contains(&id.len())
                && id
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
        });
    own.map_or_else(
        || {
            let (program, next) = &*NEXT;
            let mut bytes = [0; 16];
            bytes[..8].copy_from_slice(&program.to_be_bytes());
            bytes[8..].copy_from_slice(&next.fetch_add(1, Ordering::Relaxed).to_be_bytes());
            let mut id = [0; 32];
            let _ = hex::encode_to_slice(bytes, &mut id);
            str::from_utf8(&id).unwrap_or_default().into()
        },
        Arc::from,
    )
}
