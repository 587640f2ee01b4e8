//! Signatures as the Standard Webhooks specification has them: HMAC-SHA256 over `id.timestamp.body`.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;

/// What secrets begin with, so that people and scanners know them for what they are.
const PREFIX: &str = "whsec_";

/// A new secret: 256 random bits.
///
/// # Errors
/// When there is no randomness.
pub fn new_secret() -> Result<String, String> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| format!("no randomness: {error}"))?;
    Ok(format!("{PREFIX}{}", STANDARD.encode(bytes)))
}

/// The value of `webhook-signature`: one signature for each secret, so that a receiver which knows either is
/// content. `None` when one of them is no secret of ours.
pub fn sign(secrets: &[&str], id: &str, timestamp: i64, body: &str) -> Option<String> {
    let signatures: Option<Vec<String>> = secrets
        .iter()
        .map(|secret| {
            let key = STANDARD.decode(secret.strip_prefix(PREFIX)?).ok()?;
            let key = hmac::Key::new(hmac::HMAC_SHA256, &key);
            let tag = hmac::sign(&key, format!("{id}.{timestamp}.{body}").as_bytes());
            Some(format!("v1,{}", STANDARD.encode(tag)))
        })
        .collect();
    signatures.map(|all| all.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    // The example of the specification's own libraries.
    #[test]
    fn the_specifications_example() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let (id, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", "{\"test\": 2432232314}");
        assert_eq!(
            sign(&[secret], id, 1_614_265_330, body).unwrap(),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
        let twice = sign(&[secret, secret], id, 1_614_265_330, body).unwrap();
        assert_eq!(twice.split(' ').count(), 2);
    }

    #[test]
    fn a_secret_is_new_each_time_and_signs() {
        let (one, two) = (new_secret().unwrap(), new_secret().unwrap());
        assert_ne!(one, two);
        assert_ne!(sign(&[&one], "a", 1, "b"), sign(&[&two], "a", 1, "b"));
        assert_eq!(sign(&["whsec_%"], "a", 1, "b"), None);
        assert_eq!(sign(&["other"], "a", 1, "b"), None);
    }
}
