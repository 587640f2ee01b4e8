//! Tenants' passwords: made, sealed, kept, and found again by their reference.

use super::pool::Passwords;
use crate::control::places::{self, KeptSecret};
use crate::control::{totp, webhooks};
use crate::{Error, Result, Store};
use futures_util::future::BoxFuture;
use secrecy::SecretString;
use sindico_secrets::{Bound, Keyring, Reference, Sealed, SourceError, Sources};
use std::num::NonZeroU32;
use std::sync::Arc;

/// Finds and seals passwords. Clones are the same vault.
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    store: Store,
    keyring: Keyring,
    sources: Sources,
}

impl Vault {
    /// Over this control database, with these master keys, and these places outside.
    pub fn new(store: Store, keyring: Keyring, sources: Sources) -> Self {
        Self(Arc::new(Inner {
            store,
            keyring,
            sources,
        }))
    }

    /// The password behind a reference.
    ///
    /// # Errors
    /// [`SourceError`], which says what is wrong with the reference or its place.
    pub async fn find(&self, reference: &str) -> Result<SecretString, SourceError> {
        let wrong =
            |why: String| SourceError::Permanent(format!("database_password_secret: {why}"));
        match reference.parse::<Reference>().map_err(wrong)? {
            Reference::Outside(outside) => self.0.sources.fetch(&outside).await,
            Reference::Db(id) => {
                let kept = places::secret(&self.0.store, id)
                    .await
                    .map_err(|error| SourceError::Passing(error.to_string()))?
                    .ok_or_else(|| wrong(format!("There is no secret db:{id}.")))?;
                self.0
                    .keyring
                    .open(bound(&kept), &kept.sealed)
                    .map_err(|error| wrong(format!("db:{id} can't be opened: {error}.")))
            }
        }
    }

    /// Seals a password for a tenant's place; 0 stands for the shared ones.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn seal(
        &self,
        company_id: i64,
        generation: i64,
        password: &SecretString,
    ) -> Result<Sealed> {
        let bound = Bound::Place {
            company_id,
            generation,
        };
        let sealed = self.0.keyring.seal(bound, password);
        sealed.map_err(Error::Internal)
    }

    /// Seals what a user has to prove who they are.
    ///
    /// # Errors
    /// When there is no randomness.
    pub(crate) fn seal_of_user(&self, user_id: i64, secret: &SecretString) -> Result<Sealed> {
        let sealed = self.0.keyring.seal(Bound::User(user_id), secret);
        sealed.map_err(Error::Internal)
    }

    /// Opens what was sealed for a user.
    ///
    /// # Errors
    /// When it was sealed under a key that is not listed any more, or for somebody else.
    pub(crate) fn open_of_user(&self, user_id: i64, sealed: &Sealed) -> Result<SecretString> {
        let opened = self.0.keyring.open(Bound::User(user_id), sealed);
        opened.map_err(|error| {
            Error::Internal(format!("the second factor of user {user_id}: {error}"))
        })
    }

    /// Seals what a company's webhooks are signed with.
    ///
    /// # Errors
    /// When there is no randomness.
    pub(crate) fn seal_of_webhooks(
        &self,
        company_id: i64,
        secret: &SecretString,
    ) -> Result<Sealed> {
        let sealed = self.0.keyring.seal(Bound::Webhooks(company_id), secret);
        sealed.map_err(Error::Internal)
    }

    /// Opens what was sealed for a company's webhooks.
    ///
    /// # Errors
    /// When it was sealed under a key that is not listed any more, or for somebody else.
    pub(crate) fn open_of_webhooks(
        &self,
        company_id: i64,
        sealed: &Sealed,
    ) -> Result<SecretString> {
        let opened = self.0.keyring.open(Bound::Webhooks(company_id), sealed);
        opened.map_err(|error| {
            Error::Internal(format!(
                "the secret of a webhook of company {company_id}: {error}"
            ))
        })
    }

    /// A new random password.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn random_password(&self) -> Result<SecretString> {
        sindico_secrets::random_password().map_err(Error::Internal)
    }

    /// What a server is told in the place of a password; with few rounds for a random one.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn verifier(&self, password: &SecretString, random: bool) -> Result<String> {
        let rounds: Option<NonZeroU32> = random.then(sindico_secrets::weak_iterations);
        sindico_secrets::verifier(password, rounds).map_err(Error::Internal)
    }

    /// Brings secrets that are still under an older `SECRET_KEY` under the newest; says how many. One
    /// whose key is not listed any more is told, and stays as it is.
    ///
    /// # Errors
    /// When the database can't be reached.
    pub async fn rewrap(&self) -> Result<usize> {
        let Inner { store, keyring, .. } = &*self.0;
        let mut count = 0;
        let old = places::secrets_of_other_keys(store, keyring.newest()).await?;
        for (id, secret) in old {
            match keyring.rewrap(bound(&secret), &secret.sealed) {
                Ok(Some(new)) => {
                    places::rewrap(store, id, &secret.sealed.key_id, &new).await?;
                    count += 1;
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(secret = id, %error, "a tenant's password can't be read")
                }
            }
        }
        for (user_id, sealed) in totp::sealed_with_other_keys(store, keyring.newest()).await? {
            match keyring.rewrap(Bound::User(user_id), &sealed) {
                Ok(Some(new)) => {
                    totp::rewrap(store, user_id, &sealed.key_id, &new).await?;
                    count += 1;
                }
                Ok(None) => {}
                Err(error) => tracing::error!(user_id, %error, "a second factor can't be read"),
            }
        }
        for old in webhooks::sealed_with_other_keys(store, keyring.newest()).await? {
            match keyring.rewrap(Bound::Webhooks(old.company_id), &old.sealed) {
                Ok(Some(new)) => {
                    webhooks::rewrap(store, &old, &new).await?;
                    count += 1;
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::error!(secret = old.id, %error, "a webhook's secret can't be read");
                }
            }
        }
        Ok(count)
    }
}

impl Passwords for Vault {
    fn password<'a>(&'a self, reference: &'a str) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async move {
            let found = self.find(reference).await;
            found.map_err(|error| Error::Unavailable(error.to_string()))
        })
    }
}

fn bound(secret: &KeptSecret) -> Bound {
    Bound::Place {
        company_id: secret.company_id,
        generation: secret.generation,
    }
}
