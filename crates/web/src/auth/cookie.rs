//! The session cookie.

use crate::gate::actor::{PLAIN_COOKIE, SECURE_COOKIE};
use axum::http::HeaderValue;
use axum::http::header::{InvalidHeaderValue, SET_COOKIE};
use axum::response::Response;
use sindico_store::control::sessions::MAX_AGE;

/// Gives the browser its session. Over https the name's prefix makes the browser see to it that
/// no other host, not even one of the same domain, can have set it (RFC 6265bis, 4.1.3).
pub(super) fn set(
    response: &mut Response,
    secret: &str,
    secure: bool,
) -> Result<(), InvalidHeaderValue> {
    let age = MAX_AGE.as_secs();
    let value = HeaderValue::try_from(if secure {
        format!("{SECURE_COOKIE}={secret}; Path=/; Max-Age={age}; Secure; HttpOnly; SameSite=Lax")
    } else {
        format!("{PLAIN_COOKIE}={secret}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax")
    })?;
    response.headers_mut().append(SET_COOKIE, value);
    Ok(())
}

/// Takes it away, under either name.
pub(super) fn clear(response: &mut Response, secure: bool) {
    let headers = response.headers_mut();
    if secure {
        let gone = "__Host-sindico_session=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax";
        headers.append(SET_COOKIE, HeaderValue::from_static(gone));
    }
    let gone = "sindico_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax";
    headers.append(SET_COOKIE, HeaderValue::from_static(gone));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_taken_away_under_the_names_they_were_given() {
        for secure in [true, false] {
            let mut response = Response::default();
            set(&mut response, "abc", secure).unwrap();
            clear(&mut response, secure);
            let cookies: Vec<&str> = response
                .headers()
                .get_all(SET_COOKIE)
                .iter()
                .map(|value| value.to_str().unwrap())
                .collect();
            let name = cookies[0].split('=').next().unwrap();
            let gone = format!("{name}=; Path=/; Max-Age=0;");
            assert!(
                cookies[1..].iter().any(|c| c.starts_with(&gone)),
                "{cookies:?}"
            );
            assert_eq!(cookies[0].contains("; Secure;"), secure);
        }
        assert!(HeaderValue::try_from("a\r\nb").is_err());
    }
}
