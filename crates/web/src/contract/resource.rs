//! Answers with one resource: its `ETag`, `If-None-Match` and `If-Match` (RFC 9110, 8.8.3 and 13).

use super::error::ApiError;
use axum::Json;
use axum::extract::{FromRequestParts, Path};
use axum::http::header::{ETAG, IF_MATCH, IF_NONE_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sindico_domain::Refusal;
use sindico_domain::precondition::Precondition;

/// The id in a path. What is not an id names nothing: `404`.
pub struct Id(pub i64);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| Refusal::NotFound)?;
        Ok(Self(id(&text)?))
    }
}

/// The two ids in a path: of what something belongs to, and its own.
pub struct Ids(pub i64, pub i64);

impl<S: Send + Sync> FromRequestParts<S> for Ids {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path((of, own)) = Path::<(String, String)>::from_request_parts(parts, state)
            .await
            .map_err(|_| Refusal::NotFound)?;
        Ok(Self(id(&of)?, id(&own)?))
    }
}

fn id(text: &str) -> Result<i64, Refusal> {
    match text.parse() {
        Ok(id) if text.bytes().all(|b| b.is_ascii_digit()) => Ok(id),
        _ => Err(Refusal::NotFound),
    }
}

/// The resource with its `ETag`.
pub fn respond<T: Serialize>(status: StatusCode, value: &T, version: i64) -> Response {
    let mut response = (status, Json(value)).into_response();
    response.headers_mut().insert(ETAG, etag(version));
    response
}

/// The answer to a read: `304` when the caller has this version already.
pub fn read<T: Serialize>(headers: &HeaderMap, value: &T, version: i64) -> Response {
    let known = headers
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(','))
        .map(|tag| tag.trim().trim_start_matches("W/"))
        .any(|tag| tag == "*" || tag == format!("\"{version}\""));
    if known {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        response.headers_mut().insert(ETAG, etag(version));
        return response;
    }
    respond(StatusCode::OK, value, version)
}

/// What `If-Match` asks for. Tags that are not ours match nothing, so the answer is `412`.
pub fn precondition(headers: &HeaderMap) -> Precondition {
    let mut versions = Vec::new();
    let mut present = false;
    for header in headers.get_all(IF_MATCH) {
        present = true;
        for tag in header.to_str().unwrap_or_default().split(',') {
            let tag = tag.trim();
            if tag == "*" {
                return Precondition::None;
            }
            let inner = tag.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
            versions.extend(inner.and_then(|version| version.parse::<i64>().ok()));
        }
    }
    if present {
        Precondition::OneOf(versions)
    } else {
        Precondition::None
    }
}

fn etag(version: i64) -> HeaderValue {
    HeaderValue::try_from(format!("\"{version}\""))
        .unwrap_or_else(|_| HeaderValue::from_static("\"0\""))
}
