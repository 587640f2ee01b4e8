//! Hashing of passwords: argon2id with the parameters that OWASP recommends (19 MiB, two passes;
//! the crate's defaults). It runs on the threads for blocking work, at most one per core, so that
//! a flood of sign-ins takes neither the memory nor the answers of everybody else.

use crate::{Error, Result};
use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use secrecy::{ExposeSecret, SecretString};
use sindico_domain::Refusal;
use sindico_domain::account::PASSWORD_MAX;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// A hash of nothing that anybody knows: verified when there is no account, or none with a
/// password, so that an answer takes as long as for a wrong password.
const DUMMY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2luZGljby1uby11c2VyIQ$\
    bm9ib2R5IGtub3dzIGEgcGFzc3dvcmQgdG8gdGhpcyE";

/// How long to wait for a core before the caller is told to come back.
const PATIENCE: Duration = Duration::from_secs(10);
/// When to come back then, in seconds.
const COME_BACK: u64 = 5;

static CORES: LazyLock<Arc<Semaphore>> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Arc::new(Semaphore::new(cores))
});

/// The PHC string of a new password.
///
/// # Errors
/// [`Refusal::TooManyRequests`] when all cores stay busy with other passwords.
pub(crate) async fn hash(password: &SecretString) -> Result<String> {
    let password = password.clone();
    on_a_core(move || {
        Argon2::default()
            .hash_password(password.expose_secret().as_bytes())
            .map(|hash| hash.to_string())
            .map_err(|e| Error::Internal(format!("a password can't be hashed: {e}")))
    })
    .await?
}

/// Whether the password is the one of this hash; takes as long when there is no hash.
///
/// # Errors
/// [`Refusal::TooManyRequests`] when all cores stay busy with other passwords.
pub(crate) async fn verify(password: &SecretString, hash: Option<String>) -> Result<bool> {
    // No password is that long; its length should not be ours to pay for.
    let hash = hash.filter(|_| password.expose_secret().len() <= PASSWORD_MAX);
    let password = password.clone();
    on_a_core(move || {
        let known = hash.is_some();
        let text = hash.as_deref().unwrap_or(DUMMY);
        // The error has no part of the hash: what is stored stays out of the log.
        let parsed = PasswordHash::new(text)
            .map_err(|_| Error::Internal("a stored password hash can't be read".to_owned()))?;
        let bytes = password.expose_secret().as_bytes();
        let bytes = &bytes[..bytes.len().min(PASSWORD_MAX)];
        let right = Argon2::default().verify_password(bytes, &parsed).is_ok();
        Ok(known && right)
    })
    .await?
}

async fn on_a_core<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let busy = || Error::Refused(Refusal::TooManyRequests(COME_BACK));
    let permit = timeout(PATIENCE, Arc::clone(&CORES).acquire_owned())
        .await
        .map_err(|_| busy())?
        .map_err(|_| busy())?;
    // The permit goes along: the work runs to its end even when the caller has left.
    tokio::task::spawn_blocking(move || {
        let _permit = permit;
        work()
    })
    .await
    .map_err(|_| Error::Internal("the hashing of a password was cut short".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SecretString {
        SecretString::from(text)
    }

    #[tokio::test]
    async fn passwords_are_verified_against_their_own_hash() {
        let stored = hash(&secret("correct horse")).await.unwrap();
        assert!(stored.starts_with("$argon2id$"), "{stored}");
        assert_ne!(stored, hash(&secret("correct horse")).await.unwrap());
        for (password, right) in [("correct horse", true), ("correct mule", false)] {
            let outcome = verify(&secret(password), Some(stored.clone())).await;
            assert_eq!(outcome.unwrap(), right, "{password}");
        }
    }

    #[tokio::test]
    async fn nobody_has_the_dummys_password() {
        assert!(!verify(&secret(""), None).await.unwrap());
        assert!(!verify(&secret(&"x".repeat(4096)), None).await.unwrap());
    }

    /// Else an unknown name would be answered faster, or slower, than a known one.
    #[tokio::test]
    async fn the_dummy_costs_as_much_as_a_hash() {
        let costs = |text: &str| text.split('$').take(4).collect::<Vec<_>>().join("$");
        let stored = hash(&secret("correct horse")).await.unwrap();
        assert_eq!(costs(&stored), costs(DUMMY));
        assert_eq!(stored.len(), DUMMY.len());
    }
}
