//! The host that a request names.

use axum::http::header::HOST;
use axum::http::request::Parts;
use sindico_domain::host::Host;

/// The request's host in its normal form; `None` when it names none, several, or none that is
/// valid. The target's authority comes before the header (RFC 9112, 3.2.2).
pub fn of(parts: &Parts) -> Option<Host> {
    if let Some(authority) = parts.uri.authority() {
        return authority.as_str().parse().ok();
    }
    let mut headers = parts.headers.get_all(HOST).iter();
    let only = headers.next()?;
    if headers.next().is_some() {
        return None;
    }
    only.to_str().ok()?.parse().ok()
}
