//! The host that a request names.

use axum::http::header::HOST;
use axum::http::request::Parts;
use sindico_domain::host::Host;

/// A request that names several hosts, or one that is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Odd;

/// The request's host in its normal form; `None` when it names none. The target's authority comes
/// before the header (RFC 9112, 3.2.2).
///
/// # Errors
/// [`Odd`] when several are named, or none that is valid (RFC 9112, 3.2).
pub fn read(parts: &Parts) -> Result<Option<Host>, Odd> {
    if let Some(authority) = parts.uri.authority() {
        return authority.as_str().parse().map(Some).map_err(|_| Odd);
    }
    let mut headers = parts.headers.get_all(HOST).iter();
    let Some(only) = headers.next() else {
        return Ok(None);
    };
    if headers.next().is_some() {
        return Err(Odd);
    }
    let text = only.to_str().map_err(|_| Odd)?;
    // A target without an authority comes with an empty header.
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| Odd)
}

/// As [`read`]; an odd host is none.
pub fn of(parts: &Parts) -> Option<Host> {
    read(parts).ok().flatten()
}
