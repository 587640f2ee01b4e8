//! Envelope encryption: each secret is sealed with a key of its own, and that key with a master key
//! made from `SECRET_KEY`. A changed `SECRET_KEY` so changes the small sealed keys only, and while
//! the old one is still listed (`SECRET_KEY_FALLBACKS`), everything stays readable.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::{digest, hkdf};
use secrecy::{ExposeSecret, SecretString};

/// The version of the format; the first byte of what is sealed.
const FORMAT: u8 = 1;

const KEY_LEN: usize = 32;

/// What a secret belongs to. It is part of the seal: a row that is copied to another tenant, to another
/// place of the same tenant, or to another user, can't be opened there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// A tenant's place.
    Place {
        /// The company; 0 for what is no tenant's own.
        company_id: i64,
        /// The generation of its place.
        generation: i64,
    },
    /// The user with this id.
    User(i64),
    /// The webhooks of the company with this id.
    Webhooks(i64),
}

/// A sealed secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Names the master key, and tells nothing of it.
    pub key_id: String,
    /// The secret's own key, sealed with the master key.
    pub wrapped_key: Vec<u8>,
    /// The secret, sealed with its own key.
    pub payload: Vec<u8>,
}

/// Why a sealed secret can't be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It was sealed under another `SECRET_KEY`.
    #[error("it was sealed under another SECRET_KEY: add that one to SECRET_KEY_FALLBACKS")]
    UnknownKey,
    /// It was changed, or belongs elsewhere.
    #[error("it was changed, or is another tenant's")]
    Forged,
}

/// The master keys, the newest first.
pub struct Keyring(Vec<Master>);

struct Master {
    id: String,
    key: LessSafeKey,
}

impl Keyring {
    /// From `SECRET_KEY`, and the older ones.
    ///
    /// # Errors
    /// Only when the cryptographic library refuses, which it has no reason to.
    pub fn new(current: &SecretString, older: &[SecretString]) -> Result<Self, String> {
        let masters: Option<Vec<Master>> = std::iter::once(current)
            .chain(older)
            .map(|secret| Master::derive(secret.expose_secret()))
            .collect();
        masters
            .map(Self)
            .ok_or_else(|| "no master key can be made".to_owned())
    }

    /// The id of the newest master key.
    pub fn newest(&self) -> &str {
        &self.0[0].id
    }

    /// Seals a secret.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn seal(&self, bound: Bound, secret: &SecretString) -> Result<Sealed, String> {
        let mut own = [0u8; KEY_LEN];
        getrandom::fill(&mut own).map_err(|error| format!("no randomness: {error}"))?;
        let fault = || "the secret can't be sealed".to_owned();
        let key = key(&own).ok_or_else(fault)?;
        let master = &self.0[0];
        Ok(Sealed {
            key_id: master.id.clone(),
            wrapped_key: seal(&master.key, &aad("key", bound), &own)?,
            payload: seal(
                &key,
                &aad("secret", bound),
                secret.expose_secret().as_bytes(),
            )?,
        })
    }

    /// Opens a sealed secret.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(&self, bound: Bound, sealed: &Sealed) -> Result<SecretString, OpenError> {
        let own = self.own_key(bound, sealed)?;
        let key = key(&own).ok_or(OpenError::Forged)?;
        let plain = open(&key, &aad("secret", bound), &sealed.payload)?;
        let text = String::from_utf8(plain).map_err(|_| OpenError::Forged)?;
        Ok(text.into())
    }

    /// The same secret under the newest master key; `None` when it is already.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn rewrap(&self, bound: Bound, sealed: &Sealed) -> Result<Option<Sealed>, OpenError> {
        let newest = &self.0[0];
        if sealed.key_id == newest.id {
            return Ok(None);
        }
        let own = self.own_key(bound, sealed)?;
        Ok(Some(Sealed {
            key_id: newest.id.clone(),
            wrapped_key: seal(&newest.key, &aad("key", bound), &own)
                .map_err(|_| OpenError::Forged)?,
            payload: sealed.payload.clone(),
        }))
    }

    fn own_key(&self, bound: Bound, sealed: &Sealed) -> Result<Vec<u8>, OpenError> {
        let master = self.0.iter().find(|master| master.id == sealed.key_id);
        let master = master.ok_or(OpenError::UnknownKey)?;
        open(&master.key, &aad("key", bound), &sealed.wrapped_key)
    }
}

impl Master {
    fn derive(secret: &str) -> Option<Self> {
        struct Length(usize);
        impl hkdf::KeyType for Length {
            fn len(&self) -> usize {
                self.0
            }
        }
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, b"sindico envelope encryption v1");
        let from = salt.extract(secret.as_bytes());
        let mut bytes = [0u8; KEY_LEN];
        let fill = |info: &[&[u8]], out: &mut [u8]| {
            from.expand(info, Length(out.len()))
                .and_then(|okm| okm.fill(out))
                .ok()
        };
        fill(&[b"master key"], &mut bytes)?;
        let mut id = [0u8; 8];
        fill(&[b"key id"], &mut id)?;
        Some(Self {
            id: hex::encode(id),
            key: key(&bytes)?,
        })
    }
}

fn key(bytes: &[u8]) -> Option<LessSafeKey> {
    UnboundKey::new(&AES_256_GCM, bytes)
        .ok()
        .map(LessSafeKey::new)
}

/// What the seal is bound to: with its purpose, lest a sealed key be taken for a sealed secret.
fn aad(purpose: &str, bound: Bound) -> Vec<u8> {
    let text = match bound {
        Bound::Place {
            company_id,
            generation,
        } => format!("sindico {purpose} {company_id} {generation}"),
        Bound::User(id) => format!("sindico {purpose} user {id}"),
        Bound::Webhooks(id) => format!("sindico {purpose} webhooks {id}"),
    };
    digest::digest(&digest::SHA256, text.as_bytes())
        .as_ref()
        .to_vec()
}

/// Format, nonce, ciphertext with its tag. Each key seals few things, so a random nonce is never the
/// same twice (NIST SP 800-38D, 8.3).
fn seal(key: &LessSafeKey, aad: &[u8], plain: &[u8]) -> Result<Vec<u8>, String> {
    let mut nonce = [0u8; NONCE_LEN];
    getrandom::fill(&mut nonce).map_err(|error| format!("no randomness: {error}"))?;
    let mut sealed = plain.to_vec();
    key.seal_in_place_append_tag(
        Nonce::assume_unique_for_key(nonce),
        Aad::from(aad),
        &mut sealed,
    )
    .map_err(|_| "the secret can't be sealed".to_owned())?;
    Ok([&[FORMAT][..], &nonce, &sealed].concat())
}

fn open(key: &LessSafeKey, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
    let (format, rest) = sealed.split_first().ok_or(OpenError::Forged)?;
    let (nonce, sealed) = rest
        .split_first_chunk::<NONCE_LEN>()
        .ok_or(OpenError::Forged)?;
    if *format != FORMAT {
        return Err(OpenError::Forged);
    }
    let mut plain = sealed.to_vec();
    let nonce = Nonce::assume_unique_for_key(*nonce);
    let length = key
        .open_in_place(nonce, Aad::from(aad), &mut plain)
        .map_err(|_| OpenError::Forged)?
        .len();
    plain.truncate(length);
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MINE: Bound = Bound::Place {
        company_id: 7,
        generation: 1,
    };

    fn ring(current: &str, older: &[&str]) -> Keyring {
        let older: Vec<SecretString> = older.iter().map(|key| (*key).into()).collect();
        Keyring::new(&current.into(), &older).unwrap()
    }

    fn opened(ring: &Keyring, bound: Bound, sealed: &Sealed) -> Result<String, OpenError> {
        ring.open(bound, sealed)
            .map(|secret| secret.expose_secret().to_owned())
    }

    #[test]
    fn a_changed_key_still_reads_while_the_old_one_is_listed() {
        let sealed = ring("old key", &[]).seal(MINE, &"senha".into()).unwrap();
        assert_eq!(
            opened(&ring("new key", &[]), MINE, &sealed),
            Err(OpenError::UnknownKey)
        );
        let both = ring("new key", &["old key"]);
        assert_eq!(opened(&both, MINE, &sealed).unwrap(), "senha");
        let rewrapped = both.rewrap(MINE, &sealed).unwrap().unwrap();
        assert_eq!(rewrapped.payload, sealed.payload);
        assert_eq!(
            opened(&ring("new key", &[]), MINE, &rewrapped).unwrap(),
            "senha"
        );
        assert_eq!(both.rewrap(MINE, &rewrapped).unwrap(), None);
    }

    #[test]
    fn another_tenant_or_generation_can_not_open_it() {
        let ring = ring("key", &[]);
        let sealed = ring.seal(MINE, &"senha".into()).unwrap();
        for (company_id, generation) in [(8, 1), (7, 2), (71, 1), (0, 1)] {
            let bound = Bound::Place {
                company_id,
                generation,
            };
            assert_eq!(opened(&ring, bound, &sealed), Err(OpenError::Forged));
        }
        assert_eq!(
            opened(&ring, Bound::User(7), &sealed),
            Err(OpenError::Forged)
        );
    }

    proptest! {
        #[test]
        fn any_secret_comes_back(secret in "\\PC{0,80}") {
            let ring = ring("key", &[]);
            let sealed = ring.seal(MINE, &secret.clone().into()).unwrap();
            prop_assert!(secret.len() < 4 || !sealed.payload.windows(secret.len()).any(|w| w == secret.as_bytes()));
            prop_assert_eq!(opened(&ring, MINE, &sealed).unwrap(), secret);
        }

        /// A change of any bit is noticed, and nothing makes it panic.
        #[test]
        fn any_change_is_noticed(which in any::<bool>(), at in 0usize..60, bit in 0u8..8, cut in any::<bool>()) {
            let ring = ring("key", &[]);
            let mut sealed = ring.seal(MINE, &"uma senha qualquer".into()).unwrap();
            let part = if which { &mut sealed.wrapped_key } else { &mut sealed.payload };
            let at = at % part.len();
            if cut { part.truncate(at) } else { part[at] ^= 1 << bit }
            prop_assert_eq!(opened(&ring, MINE, &sealed), Err(OpenError::Forged));
        }
    }
}
