//! `Idempotency-Key`: a repeated request gets the answer of the first one.

use super::Body;
use super::error::{ApiResult, invalid};
use axum::http::{HeaderMap, HeaderValue, Method, Uri};
use axum::response::Response;
use sindico_store::control::idempotency::Key;

/// The header with the caller's key.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// The key of this request, if it carries one: 1 to 255 visible ASCII characters.
pub fn key(
    headers: &HeaderMap,
    caller: i64,
    method: &Method,
    uri: &Uri,
    body: &Body,
) -> ApiResult<Option<Key>> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default();
    if text.is_empty() || text.len() > 255 || !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(invalid(
            "The header Idempotency-Key takes 1 to 255 visible ASCII characters.",
        ));
    }
    Ok(Some(Key::new(
        caller,
        text,
        method.as_str(),
        uri.path(),
        &body.canonical(),
    )))
}

/// The key of this request to a tenant. Each tenant has keys of its own: the same address means
/// another resource there, and an answer must never be told behind another wall.
pub fn key_in(
    company_id: i64,
    headers: &HeaderMap,
    caller: i64,
    method: &Method,
    uri: &Uri,
    body: &Body,
) -> ApiResult<Option<Key>> {
    let key = key(headers, caller, method, uri, body)?;
    Ok(key.map(|key| key.in_company(company_id)))
}

/// Marks an answer that was given before.
pub fn mark(mut response: Response, replayed: bool) -> Response {
    if replayed {
        response
            .headers_mut()
            .insert("idempotency-replayed", HeaderValue::from_static("true"));
    }
    response
}
