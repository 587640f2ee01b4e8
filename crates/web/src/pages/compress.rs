//! Pages on the wire: text of tables and forms is a tenth of its size, compressed.

use axum::body::{Body, HttpBody};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_ENCODING;
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::FutureExt;
use http_body_util::BodyExt;
use std::io::Write;

/// Below this a page fits into a packet anyway, in bytes.
const WORTH: u64 = 1200;

/// The same answer, compressed. A body that is not all there yet stays as it is.
pub(super) fn gzip(response: Response) -> Response {
    let small = response
        .body()
        .size_hint()
        .exact()
        .is_none_or(|size| size < WORTH);
    if small || response.headers().contains_key(CONTENT_ENCODING) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    // A body of known size is in memory: this waits for nothing.
    let Some(Ok(whole)) = body.collect().now_or_never() else {
        return Response::from_parts(parts, Body::empty());
    };
    let bytes = whole.to_bytes();
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::new(5));
    let written = encoder.write_all(&bytes).and_then(|()| encoder.finish());
    let body = match written {
        Ok(packed) => {
            parts
                .headers
                .insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            Body::from(packed)
        }
        Err(_) => Body::from(bytes),
    };
    Response::from_parts(parts, body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::GzDecoder;
    use std::io::Read;

    #[test]
    fn only_what_is_worth_it_is_packed() {
        let text = "Padaria São João ".repeat(200);
        let packed = gzip(Response::new(Body::from(text.clone())));
        assert_eq!(packed.headers()[CONTENT_ENCODING], "gzip");
        let bytes = packed
            .into_body()
            .collect()
            .now_or_never()
            .unwrap()
            .unwrap()
            .to_bytes();
        let mut unpacked = String::new();
        GzDecoder::new(&bytes[..])
            .read_to_string(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, text);

        let small = gzip(Response::new(Body::from("small")));
        assert!(!small.headers().contains_key(CONTENT_ENCODING));
    }
}
