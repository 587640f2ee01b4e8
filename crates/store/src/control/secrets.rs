//! Secrets that are shown once (tokens, session cookies, reset links): 256 random bits each, of
//! which only the SHA-256 is kept. A fast hash is enough, since nobody can guess 256 bits; and
//! finding the row by its digest tells nothing through timing.

use crate::statement::Statement;
use crate::{Error, Result, Store, statement};
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

/// Length of a secret as text: hex, so that no shell or URL needs quotes.
const TEXT_LENGTH: usize = 64;

/// A new secret and the digest to keep.
pub(crate) fn generate() -> Result<(SecretString, Vec<u8>)> {
    let mut bits = [0u8; 32];
    getrandom::fill(&mut bits).map_err(|e| Error::Internal(format!("no randomness: {e}")))?;
    let text = hex::encode(bits);
    let digest = Sha256::digest(text.as_bytes()).to_vec();
    Ok((SecretString::from(text), digest))
}

/// The digest of what was presented; `None` for what can't be one of our secrets, so that junk
/// costs no statement.
pub(crate) fn digest(presented: &str) -> Option<Vec<u8>> {
    let ours = presented.len() == TEXT_LENGTH
        && presented
            .bytes()
            .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    ours.then(|| Sha256::digest(presented.as_bytes()).to_vec())
}

/// Notes the use of a token or session, out of the request's way. Two at a time: whatever comes
/// on top is left for a later request, so that a busy server keeps its connections for answers.
pub(crate) fn touch_later(store: &Store, statement: &'static Statement, id: i64) {
    static TOUCHING: Semaphore = Semaphore::const_new(2);
    let Ok(permit) = TOUCHING.try_acquire() else {
        return;
    };
    let store = store.clone();
    tokio::spawn(async move {
        let _permit = permit;
        let outcome = async { statement::execute(&store.client().await?, statement, &[&id]).await };
        if let Err(error) = outcome.await {
            tracing::debug!(%error, "the time of last use was not noted");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn secrets_are_long_distinct_and_found_again() {
        let (one, kept) = generate().unwrap();
        let (other, _) = generate().unwrap();
        assert_eq!(one.expose_secret().len(), TEXT_LENGTH);
        assert_ne!(one.expose_secret(), other.expose_secret());
        assert_eq!(digest(one.expose_secret()), Some(kept));
        assert!(!format!("{one:?}").contains(one.expose_secret()));
    }

    #[test]
    fn junk_is_nobodys_secret() {
        for junk in [
            "",
            "abc",
            &"g".repeat(64),
            &"A".repeat(64),
            &"é".repeat(32),
            &"0".repeat(65),
        ] {
            assert_eq!(digest(junk), None, "{junk}");
        }
    }
}
