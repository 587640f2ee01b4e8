//! Answers with lists: an array, `Link` to the next page (RFC 8288), `X-Total-Count`.

use super::Query;
use axum::Json;
use axum::http::HeaderValue;
use axum::http::header::LINK;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sindico_domain::page::Page;

/// One page of the list at `path`, as a bare array.
pub fn respond<T: Serialize>(path: &str, query: &Query, page: &Page<T>) -> Response {
    respond_in(path, query, page, &page.items)
}

/// One page of the list at `path`, inside `body`.
pub fn respond_in<T>(path: &str, query: &Query, page: &Page<T>, body: &impl Serialize) -> Response {
    let mut response = Json(body).into_response();
    let headers = response.headers_mut();
    if let Some(next) = &page.next {
        let params = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(query.without("cursor"))
            .append_pair("cursor", &next.encode())
            .finish();
        // A relative reference: the client's own way here, whatever proxies stand between.
        if let Ok(link) = HeaderValue::try_from(format!("<{path}?{params}>; rel=\"next\"")) {
            headers.insert(LINK, link);
        }
    }
    if let Some(total) = page.total {
        headers.insert("x-total-count", HeaderValue::from(total));
    }
    response
}
