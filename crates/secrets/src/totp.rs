//! Codes of a generator in somebody's pocket (RFC 6238 over RFC 4226), as all of its programs make them:
//! HMAC-SHA-1, six digits, a new one every thirty seconds.

use ring::hmac;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

/// Seconds a code is good for.
pub const STEP: i64 = 30;
/// Digits of a code.
pub const DIGITS: usize = 6;
/// How many steps a clock may be off, each way (RFC 6238, 5.2).
const WINDOW: i64 = 1;
/// Bytes of a secret: as long as the hash (RFC 4226, 4, R6).
const SECRET_LEN: usize = 20;

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A new secret, in base 32: what people type who can't scan.
///
/// # Errors
/// When there is no randomness.
pub fn new_secret() -> Result<SecretString, String> {
    let mut bytes = [0u8; SECRET_LEN];
    getrandom::fill(&mut bytes).map_err(|error| format!("no randomness: {error}"))?;
    Ok(base32(&bytes).into())
}

/// The step in which this second is.
pub fn step(seconds: i64) -> i64 {
    seconds.div_euclid(STEP)
}

/// The step around this second whose code this is, if it is later than the one that was taken last.
pub fn matching_step(secret: &SecretString, code: &str, seconds: i64, last: i64) -> Option<i64> {
    let key = from_base32(secret.expose_secret())?;
    let now = step(seconds);
    (now - WINDOW..=now + WINDOW)
        .filter(|step| *step > last)
        .find(|step| {
            code_at(&key, *step)
                .as_bytes()
                .ct_eq(code.as_bytes())
                .into()
        })
}

/// What a generator shows at this second; `None` for what is no secret.
pub fn code(secret: &SecretString, seconds: i64) -> Option<String> {
    let key = from_base32(secret.expose_secret())?;
    Some(code_at(&key, step(seconds)))
}

/// What a generator reads, as a link or a QR code ("Key URI Format").
pub fn uri(issuer: &str, account: &str, secret: &SecretString) -> String {
    let (issuer, account) = (escape(issuer), escape(account));
    let secret = secret.expose_secret();
    format!("otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}")
}

/// Bytes in base 32, without filling (RFC 4648, 6).
pub fn base32(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(5) {
        let mut group = [0u8; 5];
        group[..chunk.len()].copy_from_slice(chunk);
        let bits = group
            .iter()
            .fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
        for place in 0..(chunk.len() * 8).div_ceil(5) {
            let index = bits >> (35 - 5 * place) & 31;
            text.push(char::from(ALPHABET[index as usize]));
        }
    }
    text
}

fn from_base32(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0u32, 0);
    for letter in text.bytes() {
        let value = ALPHABET.iter().position(|known| *known == letter)?;
        bits = bits << 5 | value as u32;
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    Some(bytes)
}

/// RFC 4226, 5.3.
fn code_at(key: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, key);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag[tag.len() - 1] & 15);
    let number = tag[at..at + 4]
        .iter()
        .fold(0u32, |number, byte| number << 8 | u32::from(*byte));
    let code = (number & 0x7fff_ffff) % 10u32.pow(DIGITS as u32);
    format!("{code:0DIGITS$}")
}

fn escape(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().fold(String::new(), |mut out, byte| {
        match plain(byte) {
            true => out.push(char::from(byte)),
            false => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rfc() -> SecretString {
        base32(b"12345678901234567890").into()
    }

    /// RFC 6238, appendix B, cut to six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(
                matching_step(&rfc(), code, seconds, 0),
                Some(step(seconds)),
                "{code}"
            );
        }
    }

    #[test]
    fn a_code_is_good_a_step_early_and_late_and_once() {
        let at = 1_234_567_890;
        let here = step(at);
        for (seconds, good) in [
            (at - 60, false),
            (at - 30, true),
            (at + 30, true),
            (at + 60, false),
        ] {
            assert_eq!(
                matching_step(&rfc(), "005924", seconds, 0).is_some(),
                good,
                "{seconds}"
            );
        }
        assert_eq!(
            matching_step(&rfc(), "005924", at, here),
            None,
            "it was taken"
        );
        assert_eq!(matching_step(&rfc(), "005924", at, here - 1), Some(here));
        for odd in ["", "5924", "0059241", "００５９２４", "abcdef"] {
            assert_eq!(matching_step(&rfc(), odd, at, 0), None, "{odd}");
        }
        assert_eq!(matching_step(&"not base 32!".into(), "005924", at, 0), None);
    }

    #[test]
    fn base_32_is_that_of_the_standard() {
        for (plain, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(plain.as_bytes()), text);
            assert_eq!(from_base32(text).unwrap(), plain.as_bytes());
        }
        let secret = new_secret().unwrap();
        assert_eq!(secret.expose_secret().len(), 32);
        assert_ne!(
            secret.expose_secret(),
            new_secret().unwrap().expose_secret()
        );
    }

    #[test]
    fn the_link_names_issuer_and_account() {
        assert_eq!(
            uri("Síndico", "ana+x@a.br", &"ABC".into()),
            "otpauth://totp/S%C3%ADndico:ana%2Bx%40a.br?secret=ABC&issuer=S%C3%ADndico"
        );
    }
}
