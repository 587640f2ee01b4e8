//! `If-Match` (RFC 9110, 13.1.1): write only over the version that the caller has read.

use crate::Refusal;

/// What the caller says of the version it writes over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Precondition {
    /// Nothing.
    #[default]
    None,
    /// One of these versions (`*` is no condition for a resource that exists).
    OneOf(Vec<i64>),
}

impl Precondition {
    /// Refuses when the current version is not the one that the caller means.
    ///
    /// # Errors
    /// [`Refusal::PreconditionFailed`].
    pub fn check(&self, version: i64) -> Result<(), Refusal> {
        match self {
            Self::None => Ok(()),
            Self::OneOf(versions) if versions.contains(&version) => Ok(()),
            Self::OneOf(_) => Err(Refusal::PreconditionFailed),
        }
    }
}
