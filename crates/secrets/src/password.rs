//! Passwords of roles, and what a server is told of them.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::{digest, hmac, pbkdf2};
use secrecy::{ExposeSecret, SecretString};
use std::num::NonZeroU32;

/// The rounds of PBKDF2 that are enough for a password of [`random_password`]: rounds make guessing
/// slow, and 192 random bits can't be guessed. Each sign-in costs that much less.
pub fn weak_iterations() -> NonZeroU32 {
    NonZeroU32::MIN
}

/// A password that nobody has to remember: 192 random bits.
///
/// # Errors
/// When there is no randomness.
pub fn random_password() -> Result<SecretString, String> {
    let mut bytes = [0u8; 24];
    getrandom::fill(&mut bytes).map_err(|error| format!("no randomness: {error}"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes).into())
}

/// What `CREATE ROLE ... PASSWORD` takes in a password's place (PostgreSQL manual, 53.11
/// "pg_authid"; RFC 5803): a server that was told this never sees the password, nor does its log.
/// `None` as iterations is PostgreSQL's own number, 4096.
///
/// # Errors
/// When there is no randomness.
pub fn verifier(password: &SecretString, iterations: Option<NonZeroU32>) -> Result<String, String> {
    let password = password.expose_secret().as_bytes();
    let Some(iterations) = iterations.filter(|_| password.is_ascii()) else {
        return Ok(postgres_protocol::password::scram_sha_256(password));
    };
    let mut salt = [0u8; 16];
    getrandom::fill(&mut salt).map_err(|error| format!("no randomness: {error}"))?;
    let mut salted = [0u8; digest::SHA256_OUTPUT_LEN];
    pbkdf2::derive(
        pbkdf2::PBKDF2_HMAC_SHA256,
        iterations,
        &salt,
        password,
        &mut salted,
    );
    let key = hmac::Key::new(hmac::HMAC_SHA256, &salted);
    let client_key = hmac::sign(&key, b"Client Key");
    let stored_key = digest::digest(&digest::SHA256, client_key.as_ref());
    let server_key = hmac::sign(&key, b"Server Key");
    Ok(format!(
        "SCRAM-SHA-256${iterations}:{}${}:{}",
        STANDARD.encode(salt),
        STANDARD.encode(stored_key),
        STANDARD.encode(server_key)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_differ_and_are_long() {
        let (a, b) = (random_password().unwrap(), random_password().unwrap());
        assert_eq!(a.expose_secret().len(), 32);
        assert_ne!(a.expose_secret(), b.expose_secret());
    }

    #[test]
    fn a_verifier_tells_its_rounds_and_not_the_password() {
        for (iterations, begins) in [
            (None, "SCRAM-SHA-256$4096:"),
            (Some(weak_iterations()), "SCRAM-SHA-256$1:"),
        ] {
            let verifier = verifier(&"hunter2".into(), iterations).unwrap();
            assert!(
                verifier.starts_with(begins) && !verifier.contains("hunter2"),
                "{verifier}"
            );
            assert_eq!(verifier.split('$').count(), 3);
        }
    }

    /// With PostgreSQL's own number of rounds, both ways agree on the form and the lengths.
    #[test]
    fn both_ways_have_one_form() {
        let parts = |v: String| v.split(['$', ':']).map(str::len).collect::<Vec<_>>();
        let own = verifier(&"senha".into(), NonZeroU32::new(4096)).unwrap();
        assert_eq!(parts(own), parts(verifier(&"senha".into(), None).unwrap()));
    }
}
