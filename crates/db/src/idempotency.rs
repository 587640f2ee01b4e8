//! What the control database and tenants' places have in common about repeated requests.

use sha2::{Digest, Sha256};

/// A caller's key for one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The user.
    pub caller: i64,
    /// As it was sent, or of one company.
    pub key: String,
    /// Over method, path and body: another request with the same key is no repetition.
    pub fingerprint: Vec<u8>,
}

impl Key {
    /// The key of `caller` for the request with this method, path and body.
    pub fn new(caller: i64, key: &str, method: &str, path: &str, body: &[u8]) -> Self {
        let mut hash = Sha256::new();
        for part in [method.as_bytes(), path.as_bytes(), body] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        Self {
            caller,
            key: key.to_owned(),
            fingerprint: hash.finalize().to_vec(),
        }
    }

    /// The same key, among those of one company. A caller's own have no space in them, so the two
    /// kinds never meet.
    #[must_use]
    pub fn in_company(self, company_id: i64) -> Self {
        Self {
            key: format!("company {company_id} {}", self.key),
            ..self
        }
    }
}

/// What came of a request that may have been made before.
#[derive(Debug, Clone, PartialEq)]
pub struct Once<T> {
    /// The resource, as it was answered the first time.
    pub value: T,
    /// Its version then.
    pub version: i64,
    /// Whether this is the answer to an earlier request.
    pub replayed: bool,
    /// The change set that it left in a tenant's data: what can be undone. An earlier request's is not told
    /// again.
    pub change_set: Option<i64>,
}
