//! The session cookie, as it is set and cleared.

use crate::gate::actor::{PLAIN_COOKIE, SECURE_COOKIE};
use axum::http::HeaderValue;
use axum::http::header::SET_COOKIE;
use axum::response::Response;
use sindico_store::control::sessions::MAX_AGE;

/// Lets the browser keep a session; over https under the name that binds it to this host.
pub(crate) fn set(response: &mut Response, secret: &str, secure: bool) {
    append(response, &cookie(secret, secure, MAX_AGE.as_secs()));
}

/// Lets the browser forget its session, under either name.
pub(crate) fn clear(response: &mut Response) {
    for secure in [true, false] {
        append(response, &cookie("", secure, 0));
    }
}

/// No script reads it, other sites' requests lack it save for plain links, and without `Domain` no
/// other host gets it.
fn cookie(value: &str, secure: bool, age: u64) -> String {
    let (name, end) = if secure {
        (SECURE_COOKIE, "; Secure")
    } else {
        (PLAIN_COOKIE, "")
    };
    format!("{name}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{end}")
}

fn append(response: &mut Response, cookie: &str) {
    if let Ok(mut value) = HeaderValue::try_from(cookie) {
        value.set_sensitive(true);
        response.headers_mut().append(SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set_by(response: &Response) -> Vec<&str> {
        let values = response.headers().get_all(SET_COOKIE).iter();
        values.map(|value| value.to_str().unwrap()).collect()
    }

    #[test]
    fn the_cookie_is_out_of_reach() {
        for (secure, expected) in [
            (
                true,
                "__Host-sindico_session=abc; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure",
            ),
            (
                false,
                "sindico_session=abc; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax",
            ),
        ] {
            let mut response = Response::default();
            set(&mut response, "abc", secure);
            assert_eq!(set_by(&response), [expected]);
        }
    }

    #[test]
    fn both_names_are_cleared() {
        let mut response = Response::default();
        clear(&mut response);
        assert_eq!(
            set_by(&response),
            [
                "__Host-sindico_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure",
                "sindico_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax",
            ]
        );
    }
}
