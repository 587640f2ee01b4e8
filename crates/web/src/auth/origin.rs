//! Keeps other sites from signing a browser in: there is no session yet whose proof could be asked
//! for, but what the browser itself says of the request is enough.

use crate::contract::ApiError;
use crate::gate::host;
use axum::extract::FromRequestParts;
use axum::http::header::{HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::uri::Authority;
use sindico_domain::Refusal;
use url::Url;

/// A request that no other site made, as far as its headers tell: browsers always send them,
/// programs need not.
pub struct OwnSite;

impl<S: Sync> FromRequestParts<S> for OwnSite {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        if is_own(parts) {
            return Ok(Self);
        }
        let words = "Another site can't sign in here. Send this from our own pages.";
        Err(Refusal::Forbidden(words.to_owned()).into())
    }
}

/// Whether no other site made this request, as far as its headers tell.
pub(crate) fn is_own(parts: &Parts) -> bool {
    let header = |name: &str| parts.headers.get(name).map(|value| value.as_bytes());
    let site = header("sec-fetch-site");
    if !matches!(site, None | Some(b"same-origin" | b"none")) {
        return false;
    }
    match header(ORIGIN.as_str()) {
        None => true,
        // Forms of pages with `Referrer-Policy: no-referrer` send this too, as ours have (Fetch,
        // 3.2.5); then only the browser's word tells them from others.
        Some(b"null") => site.is_some(),
        Some(origin) => std::str::from_utf8(origin).is_ok_and(|origin| names_host(origin, parts)),
    }
}

/// Whether an origin is of the host that the request is for, and of its port, if it has one: a
/// proxy in front may have dropped it.
fn names_host(origin: &str, parts: &Parts) -> bool {
    let Ok(origin) = Url::parse(origin) else {
        return false;
    };
    if !matches!(origin.scheme(), "http" | "https") {
        return false;
    }
    let named = origin.host_str().and_then(|host| host.parse().ok());
    let same_host = named.is_some() && named == host::of(parts);
    same_host && port(parts).is_none_or(|port| origin.port_or_known_default() == Some(port))
}

fn port(parts: &Parts) -> Option<u16> {
    if let Some(authority) = parts.uri.authority() {
        return authority.port_u16();
    }
    let host = parts.headers.get(HOST)?.to_str().ok()?;
    host.parse::<Authority>().ok()?.port_u16()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn own(headers: &[(&str, &str)]) -> bool {
        let mut request = Request::builder().uri("/api/auth/session/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        is_own(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn fetch_metadata_tells_where_a_request_comes_from() {
        assert!(own(&[("host", "a.example")]));
        for (site, expected) in [
            ("same-origin", true),
            ("none", true),
            ("same-site", false),
            ("cross-site", false),
            ("odd", false),
            ("", false),
        ] {
            assert_eq!(
                own(&[("host", "a.example"), ("sec-fetch-site", site)]),
                expected,
                "{site}"
            );
        }
    }

    #[test]
    fn a_foreign_origin_is_refused() {
        for (host, origin, expected) in [
            ("a.example", "https://a.example", true),
            ("A.example:443", "https://a.example", true),
            ("a.example:8000", "http://a.example:8000", true),
            ("a.example", "https://a.example:8443", true),
            ("[::1]:8000", "http://[::1]:8000", true),
            ("a.example:8000", "http://a.example:8001", false),
            ("a.example:8000", "http://a.example", false),
            ("a.example", "https://b.example", false),
            ("a.example", "https://a.example.evil", false),
            ("a.example", "file://a.example", false),
            ("a.example", "a.example", false),
            ("a.example", "null", false),
            ("", "https://a.example", false),
        ] {
            assert_eq!(
                own(&[("host", host), ("origin", origin)]),
                expected,
                "{host} {origin}"
            );
        }
    }

    #[test]
    fn both_must_agree() {
        let host = ("host", "a.example");
        let same = ("sec-fetch-site", "same-origin");
        assert!(own(&[host, same, ("origin", "null")]));
        assert!(own(&[host, same, ("origin", "https://a.example")]));
        assert!(!own(&[host, same, ("origin", "https://b.example")]));
        assert!(!own(&[
            host,
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://a.example")
        ]));
    }
}
