//! The pages' style, scripts and icons, built by `ui/` and a part of the program. Their addresses tell
//! their content, so that a browser asks for each once.

use axum::extract::Path;
use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

/// A built file.
pub(super) struct Asset {
    name: &'static str,
    url: &'static str,
    kind: &'static str,
    plain: &'static [u8],
    br: &'static [u8],
    gz: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Where a file of `ui/dist` is served, such as `/assets/app.0123456789abcdef.css`. In a check of the code
/// before `ui/` was built, nowhere.
pub fn url(name: &str) -> &'static str {
    let asset = ASSETS.iter().find(|asset| asset.name == name);
    asset.map_or("/assets/missing", |asset| asset.url)
}

/// Whether a request takes answers in this encoding (RFC 9110, 12.5.3).
pub(super) fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    let values = headers.get_all(ACCEPT_ENCODING).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|range| {
            let (name, weight) = range.split_once(';').unwrap_or((range, ""));
            name.trim().eq_ignore_ascii_case(encoding)
                && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
        })
}

/// `GET /assets/{file}`.
pub(crate) async fn serve(Path(file): Path<String>, headers: HeaderMap) -> Response {
    let path = format!("/assets/{file}");
    let Some(asset) = ASSETS.iter().find(|asset| asset.url == path) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let (bytes, encoding) = if accepts(&headers, "br") {
        (asset.br, Some("br"))
    } else if accepts(&headers, "gzip") {
        (asset.gz, Some("gzip"))
    } else {
        (asset.plain, None)
    };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(asset.kind));
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    if let Some(encoding) = encoding {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_taken_as_they_are_offered() {
        let offers = |text: &'static str, encoding: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(text));
            accepts(&headers, encoding)
        };
        assert!(offers("gzip, deflate, br", "br"));
        assert!(offers("GZIP;q=0.5", "gzip"));
        for (text, encoding) in [
            ("gzip;q=0", "gzip"),
            ("identity", "br"),
            ("", "gzip"),
            ("brr", "br"),
        ] {
            assert!(!offers(text, encoding), "{text}");
        }
    }
}
