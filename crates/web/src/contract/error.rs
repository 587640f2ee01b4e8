//! The one place that turns an error into an HTTP answer.

use axum::Json;
use axum::http::header::{LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use sindico_domain::{FieldErrors, Refusal};
use sindico_store::Error;

/// What a handler ends with when it does not answer `2xx`.
#[derive(Debug)]
pub struct ApiError(Error);

/// The result of a handler.
pub type ApiResult<T = Response> = Result<T, ApiError>;

impl<E: Into<Error>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl ApiError {
    /// What went wrong, for a page that tells it in its own place.
    pub(crate) fn into_inner(self) -> Error {
        self.0
    }
}

/// The resource is not there, or not the caller's, which is the same.
pub fn not_found() -> ApiError {
    Refusal::NotFound.into()
}

/// A request that is wrong as a whole.
pub fn invalid(detail: impl Into<String>) -> ApiError {
    Refusal::Invalid(detail.into()).into()
}

/// One field is wrong.
pub fn field(name: &str, message: impl Into<String>) -> ApiError {
    FieldErrors::one(name, message).into()
}

/// `{"detail": ...}` with this status.
pub fn detail(status: StatusCode, detail: impl Into<String>) -> Response {
    (status, Json(json!({ "detail": detail.into() }))).into_response()
}

/// What an answer was refused for, kept with it: a page tells the same to a person.
#[derive(Debug, Clone)]
pub(crate) enum Told {
    /// Something that the caller can mend.
    Refused(Refusal),
    /// A database is away for a moment.
    Unavailable,
    /// A fault of ours.
    Fault,
}

/// Seconds after which a client may ask again for what is not available.
const RETRY_SECONDS: u64 = 2;

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let told = match &self.0 {
            Error::Refused(refusal) => Told::Refused(refusal.clone()),
            Error::Unavailable(_) => Told::Unavailable,
            Error::Internal(_) => Told::Fault,
        };
        let mut response = answer(self.0);
        response.extensions_mut().insert(told);
        response
    }
}

fn answer(error: Error) -> Response {
    let refusal = match error {
        Error::Refused(refusal) => refusal,
        Error::Unavailable(context) => {
            tracing::warn!(%context, "a database is not available");
            return unavailable(
                "The service is not available for a moment. Try again shortly.".to_owned(),
            );
        }
        Error::Internal(context) => {
            tracing::error!(%context, "a fault of ours");
            let words = "Something went wrong on our side. Quote the X-Request-Id of this \
                             answer when you report it.";
            return detail(StatusCode::INTERNAL_SERVER_ERROR, words);
        }
    };
    let line = refusal.to_line();
    match refusal {
        Refusal::Fields(errors) => (StatusCode::BAD_REQUEST, Json(errors)).into_response(),
        Refusal::Invalid(_) => detail(StatusCode::BAD_REQUEST, line),
        Refusal::Unauthenticated(_) => {
            let mut response = detail(StatusCode::UNAUTHORIZED, line);
            response
                .headers_mut()
                .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Token"));
            response
        }
        Refusal::Unavailable(_) => unavailable(line),
        Refusal::Forbidden(_) => detail(StatusCode::FORBIDDEN, line),
        Refusal::NotFound | Refusal::Missing(_) => detail(StatusCode::NOT_FOUND, line),
        Refusal::Conflict { location, .. } => {
            let mut response = detail(StatusCode::CONFLICT, line);
            if let Some(value) = location.and_then(|l| HeaderValue::try_from(l).ok()) {
                response.headers_mut().insert(LOCATION, value);
            }
            response
        }
        Refusal::PreconditionFailed => detail(StatusCode::PRECONDITION_FAILED, line),
        Refusal::PreconditionRequired => detail(StatusCode::PRECONDITION_REQUIRED, line),
        Refusal::KeyReused => detail(StatusCode::UNPROCESSABLE_ENTITY, line),
        Refusal::TooLarge(_) => detail(StatusCode::PAYLOAD_TOO_LARGE, line),
        Refusal::UnsupportedMediaType => detail(StatusCode::UNSUPPORTED_MEDIA_TYPE, line),
        Refusal::TooManyRequests(seconds) => too_many(line, seconds.max(1)),
        Refusal::TooManyOpen(_) => too_many(line, RETRY_SECONDS),
    }
}

fn too_many(words: String, seconds: u64) -> Response {
    let mut response = detail(StatusCode::TOO_MANY_REQUESTS, words);
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from(seconds));
    response
}

fn unavailable(words: String) -> Response {
    let mut response = detail(StatusCode::SERVICE_UNAVAILABLE, words);
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from(RETRY_SECONDS));
    response
}
