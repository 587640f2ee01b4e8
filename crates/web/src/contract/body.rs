//! Request bodies: JSON, `application/x-www-form-urlencoded` and `multipart/form-data` all become
//! one JSON object. A form reaches nested fields by a dot: `contract.seats=5`.

use super::ApiError;
use super::error::{ApiResult, field, invalid};
use crate::App;
use axum::body::to_bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header::CONTENT_TYPE;
use serde_json::{Map, Value};
use sindico_domain::{FieldErrors, Refusal};

/// The object that a request carries; empty when it has no body.
#[derive(Debug, Default)]
pub struct Body(pub Map<String, Value>);

impl Body {
    /// The same bytes for the same content, whatever the order of its fields or its encoding.
    pub fn canonical(&self) -> Vec<u8> {
        Value::Object(self.0.clone()).to_string().into_bytes()
    }
}

impl FromRequest<App> for Body {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> ApiResult<Self> {
        let kind = request
            .headers()
            .get(CONTENT_TYPE)
            .map(|value| value.to_str().unwrap_or("?").to_owned());
        let essence = kind.as_deref().map(|kind| {
            let essence = kind.split(';').next().unwrap_or_default();
            essence.trim().to_ascii_lowercase()
        });
        let limit = app.config().body_limit;
        let (parts, body) = request.into_parts();
        let bytes = to_bytes(body, limit).await.map_err(|error| {
            if std::error::Error::source(&error)
                .is_some_and(|e| e.is::<http_body_util::LengthLimitError>())
            {
                Refusal::TooLarge(limit).into()
            } else {
                invalid("The body ended too early.")
            }
        })?;
        if kind.as_deref().is_some_and(|kind| !is_utf8(kind)) {
            return Err(unsupported());
        }
        match essence.as_deref() {
            None if bytes.is_empty() => Ok(Self::default()),
            Some("application/json") => json(&bytes),
            Some("application/x-www-form-urlencoded") => {
                let text = std::str::from_utf8(&bytes).map_err(|_| not_utf8())?;
                super::query::pairs(text).map(form).map_err(|_| not_utf8())
            }
            Some("multipart/form-data") => {
                let request = Request::from_parts(parts, bytes.into());
                multipart(request, app).await
            }
            _ if bytes.is_empty() => Ok(Self::default()),
            _ => Err(unsupported()),
        }
    }
}

fn json(bytes: &[u8]) -> ApiResult<Body> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(Body::default());
    }
    if std::str::from_utf8(bytes).is_err() {
        return Err(not_utf8());
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(map)) => Ok(Body(map)),
        Ok(_) => Err(ApiError::from(FieldErrors::whole(
            "Expected a JSON object.",
        ))),
        Err(error) => Err(invalid(format!(
            "The body is not valid JSON: line {}, column {}.",
            error.line(),
            error.column()
        ))),
    }
}

async fn multipart(request: Request, app: &App) -> ApiResult<Body> {
    let malformed = || invalid("The body is not valid multipart/form-data.");
    let mut parts = Multipart::from_request(request, app)
        .await
        .map_err(|_| malformed())?;
    let mut pairs = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(|_| malformed())? {
        let name = part.name().unwrap_or_default().to_owned();
        if part.file_name().is_some() {
            return Err(field(&name, "A file is not expected here."));
        }
        let bytes = part.bytes().await.map_err(|_| malformed())?;
        let text = String::from_utf8(bytes.to_vec()).map_err(|_| not_utf8())?;
        pairs.push((name, text));
    }
    Ok(form(pairs))
}

fn form(pairs: Vec<(String, String)>) -> Body {
    let mut map = Map::new();
    for (name, value) in pairs {
        let value = Value::String(value);
        match name.split_once('.') {
            Some((outer, inner)) => {
                let entry = map
                    .entry(outer.to_owned())
                    .or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(nested) = entry {
                    nested.insert(inner.to_owned(), value);
                }
            }
            None => {
                map.insert(name, value);
            }
        }
    }
    Body(map)
}

fn is_utf8(content_type: &str) -> bool {
    content_type.split(';').skip(1).all(|parameter| {
        let parameter = parameter.trim().to_ascii_lowercase();
        parameter.strip_prefix("charset=").is_none_or(|charset| {
            matches!(charset.trim_matches('"'), "utf-8" | "utf8" | "us-ascii")
        })
    })
}

fn not_utf8() -> ApiError {
    invalid("The body is not valid UTF-8.")
}

fn unsupported() -> ApiError {
    Refusal::UnsupportedMediaType.into()
}
