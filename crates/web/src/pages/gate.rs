//! In front of every page: the same gate as before the API, with answers for people. Who is not signed in
//! is led to the sign-in page and back; what they had typed comes along.

use super::page::View;
use super::{compress, error};
use crate::App;
use crate::auth::origin;
use crate::contract::error::{Told, invalid};
use crate::gate::access::{Access, pass};
use crate::gate::actor::CSRF_HEADER;
use crate::gate::trace;
use crate::table::Face;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{
    CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, VARY,
};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use sindico_domain::Refusal;
use std::future::ready;

/// The field of a form that proves that it is one of our pages.
pub const CSRF_FIELD: &str = "csrf_token";

/// Pages load what is ours, run no text as a script or a style, and stand in nobody's frame.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; \
                      form-action 'self'; frame-ancestors 'none'";

/// The layer in front of every page of the table.
pub(crate) async fn gate(
    State((app, access, path)): State<(App, Access, &'static str)>,
    request: Request,
    next: Next,
) -> Response {
    trace::is_of(path);
    let (mut parts, body) = request.into_parts();
    let view = View::of(&parts);
    let gzip = super::assets::accepts(&parts.headers, "gzip");
    let mut sent = Bytes::new();
    let mut given = body;
    let mut refused = None;
    if !parts.method.is_safe() {
        let site = "This form was sent by another site. Open the page here, and send it again.";
        if !origin::is_own(&parts) {
            refused = Some(Refusal::Forbidden(site.to_owned()).into());
        }
        let limit = app.config().body_limit;
        let mut proof = None;
        if is_upload(&parts) {
            // A file is not kept in memory: only the form's start is looked at.
            match begun(given).await {
                Ok((start, whole)) => {
                    proof = first_field(&start, CSRF_FIELD);
                    given = whole;
                }
                Err(_) => {
                    refused = Some(invalid("The form ended too early."));
                    given = Body::empty();
                }
            }
        } else {
            match to_bytes(given, limit).await {
                Ok(bytes) => sent = bytes,
                Err(_) => refused = Some(invalid("The form is too large, or ended too early.")),
            }
            given = Body::from(sent.clone());
        }
        // The proof of a form without scripts is one of its fields.
        if !parts.headers.contains_key(CSRF_HEADER)
            && let Some(token) = proof.or_else(|| field(&sent, CSRF_FIELD))
            && let Ok(value) = HeaderValue::try_from(token)
        {
            parts
                .headers
                .insert(HeaderName::from_static(CSRF_HEADER), value);
        }
    }
    let asked = parts.clone();
    let response = match refused {
        Some(error) => crate::contract::ApiError::into_response(error),
        None => pass(&app, (access, Face::Page), parts, given, next).await,
    };
    let response = match response.extensions().get::<Told>().cloned() {
        Some(told) => error::respond(&app, &view, asked, told, &sent, response).await,
        None => response,
    };
    finish(&view, gzip, response)
}

/// The field of a sent form; none of another kind of body, and none that is there twice.
fn field(sent: &[u8], name: &str) -> Option<String> {
    let mut found = form_urlencoded::parse(sent).filter(|(key, _)| key == name);
    let (_, value) = found.next()?;
    found.next().is_none().then(|| value.into_owned())
}

/// As much of an upload as is looked at for its proof, which our forms have in front.
const START: usize = 4_096;

fn is_upload(parts: &Parts) -> bool {
    let kind = parts.headers.get(CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/form-data"))
}

/// The start of a body, and the whole of it.
async fn begun(body: Body) -> Result<(Vec<u8>, Body), axum::Error> {
    let mut rest = body.into_data_stream();
    let mut start = Vec::new();
    while start.len() < START {
        match rest.next().await {
            Some(piece) => start.extend_from_slice(&piece?),
            None => break,
        }
    }
    let first = stream::once(ready(Ok(Bytes::from(start.clone()))));
    Ok((start, Body::from_stream(first.chain(rest))))
}

/// The first field of a form with a file, if it has this name.
fn first_field(start: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(start);
    let (head, rest) = text.split_once("\r\n\r\n")?;
    let named = head
        .to_ascii_lowercase()
        .contains(&format!("; name=\"{name}\""));
    let (value, _) = rest.split_once("\r\n")?;
    named.then(|| value.to_owned())
}

/// The headers of a page, and its size on the wire.
pub(super) fn finish(view: &View, gzip: bool, mut response: Response) -> Response {
    let is_page = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        // With `no-referrer` a form would not tell where it comes from (Fetch, 3.2.5).
        (REFERRER_POLICY, "same-origin"),
        (
            VARY,
            "accept-language, accept-encoding, cookie, hx-request, hx-request-type",
        ),
        (CONTENT_LANGUAGE, view.language.tag()),
    ] {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    if is_page && gzip {
        response = compress::gzip(response);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proof_of_an_upload_is_its_first_field() {
        let part = |name: &str, value: &str| {
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let own = part(CSRF_FIELD, "abc") + &part("kind", "lead");
        assert_eq!(
            first_field(own.as_bytes(), CSRF_FIELD).as_deref(),
            Some("abc")
        );
        let late = part("kind", "lead") + &part(CSRF_FIELD, "abc");
        assert_eq!(first_field(late.as_bytes(), CSRF_FIELD), None);
        assert_eq!(first_field(b"--x\r\n", CSRF_FIELD), None);
    }

    #[test]
    fn the_proof_of_a_form_is_one_field() {
        assert_eq!(
            field(b"a=1&csrf_token=x%2By", CSRF_FIELD).as_deref(),
            Some("x+y")
        );
        assert_eq!(field(b"csrf_token=a&csrf_token=b", CSRF_FIELD), None);
        assert_eq!(field(b"{\"csrf_token\": \"a\"}", CSRF_FIELD), None);
    }
}
