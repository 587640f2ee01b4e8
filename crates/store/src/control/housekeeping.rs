//! What nobody needs any more.

use super::{challenges, hand_overs, idempotency, resets, sessions, throttle, tokens, webhooks};
use crate::{Result, Store};

/// How many rows were forgotten.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purged {
    /// Sessions that are over.
    pub sessions: u64,
    /// Tokens revoked a month ago.
    pub tokens: u64,
    /// Links for a reset.
    pub resets: u64,
    /// Full buckets of limits.
    pub throttle: u64,
    /// Second steps of signing in that nobody finished.
    pub challenges: u64,
    /// Ways to another host that are over.
    pub hand_overs: u64,
    /// Old idempotency keys.
    pub idempotency_keys: u64,
    /// Secrets of webhooks that were made anew.
    pub webhook_secrets: u64,
}

/// Forgets what is over: sessions, tokens, reset links, limits, idempotency keys. Any program may
/// do it at any time; once an hour is plenty.
///
/// # Errors
/// When the database can't be reached.
pub async fn purge(store: &Store) -> Result<Purged> {
    Ok(Purged {
        sessions: sessions::purge(store).await?,
        tokens: tokens::purge(store).await?,
        resets: resets::purge(store).await?,
        throttle: throttle::purge(store).await?,
        challenges: challenges::purge(store).await?,
        hand_overs: hand_overs::purge(store).await?,
        idempotency_keys: idempotency::forget_old(store).await?,
        webhook_secrets: webhooks::purge(store).await?,
    })
}
