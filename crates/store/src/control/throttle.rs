//! Limits on attempts, shared by all programs on the database.
//!
//! GCRA: a bucket keeps one instant, the "theoretical arrival time" of the next attempt; each
//! attempt moves it on by the interval, and one that would move it too far ahead is refused. An
//! attempt is reserved before it is made, so that a hundred at once get no further than a hundred
//! in a row, and refunded when it succeeds, so that only failures count.
//!
//! Nothing here is written to the audit: attempts are not changes, and a flood of them must not
//! fill a table that nobody may empty.

use crate::statement::{self, statements};
use crate::{Result, Store};
use sha2::{Digest, Sha256};
use sindico_domain::Refusal;
use std::net::{IpAddr, Ipv6Addr};

/// How often something may be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// What is tried, by whom: buckets of different scopes never meet.
    pub scope: &'static str,
    /// How many attempts at once.
    pub burst: u32,
    /// Seconds until one more.
    pub interval: u32,
}

/// Wrong passwords by account.
pub const SIGN_IN_ACCOUNT: Limit = limit("sign-in:account", 10, 30);
/// Wrong passwords by address.
pub const SIGN_IN_ADDRESS: Limit = limit("sign-in:address", 50, 5);
/// Wrong old passwords on a change, by account.
pub const PASSWORD_CHANGE: Limit = limit("password-change:account", 10, 30);
/// Wrong codes of a second factor, by account: of a million codes three are right at a time.
pub const CODE_ACCOUNT: Limit = limit("code:account", 5, 60);
/// Requests for a reset by address.
pub const RESET_ADDRESS: Limit = limit("reset:address", 10, 60);
/// Mails for a reset by account.
pub const RESET_ACCOUNT: Limit = limit("reset:account", 3, 300);

/// Forms on the web, by form and address.
const LEAD_FORM: Limit = limit("lead-form", 10, 30);

/// Answers to quotes, by company and address.
const QUOTE: Limit = limit("quote", 20, 15);

const fn limit(scope: &'static str, burst: u32, interval: u32) -> Limit {
    Limit {
        scope,
        burst,
        interval,
    }
}

/// An attempt that was let through; dropped, it counts.
#[derive(Debug)]
#[must_use = "refund it when the attempt succeeds"]
pub struct Attempt {
    bucket: String,
    interval: f64,
}

statements! { "throttle":
    // The row lock makes attempts on one bucket wait for each other; the clock is the database's.
    RESERVE = "INSERT INTO throttle AS t (bucket, next_at)
        VALUES ($1, clock_timestamp() + make_interval(secs => $2))
        ON CONFLICT (bucket) DO UPDATE
        SET next_at = greatest(t.next_at, clock_timestamp()) + make_interval(secs => $2)
        WHERE t.next_at <= clock_timestamp() + make_interval(secs => $3)";
    WAIT = "SELECT ceil(extract(epoch FROM next_at - clock_timestamp() - make_interval(secs => $2)))::float8
        FROM throttle WHERE bucket = $1";
    REFUND = "UPDATE throttle SET next_at = next_at - make_interval(secs => $2) WHERE bucket = $1";
    // A bucket whose instant has passed is as good as none.
    PURGE = "DELETE FROM throttle WHERE next_at < now()";
}

/// Counts one attempt.
///
/// # Errors
/// [`Refusal::TooManyRequests`] with the seconds to wait; or the database can't be reached.
pub async fn reserve(store: &Store, limit: &Limit, value: &str) -> Result<Attempt> {
    let bucket = bucket(limit.scope, value);
    let interval = f64::from(limit.interval);
    let ahead = interval * f64::from(limit.burst.saturating_sub(1));
    let client = store.client().await?;
    let let_through = statement::execute(&client, &RESERVE, &[&bucket, &interval, &ahead]).await?;
    if let_through == 1 {
        return Ok(Attempt { bucket, interval });
    }
    let wait: Option<f64> = statement::row(&client, &WAIT, &[&bucket, &ahead])
        .await?
        .map(|row| row.get(0));
    // Whole seconds, small and not negative.
    let seconds = wait.unwrap_or_default().clamp(1.0, 86_400.0) as u64;
    Err(Refusal::TooManyRequests(seconds).into())
}

impl Attempt {
    /// Gives the attempt back, since it succeeded.
    ///
    /// # Errors
    /// When the database can't be reached.
    pub async fn refund(self, store: &Store) -> Result<()> {
        let client = store.client().await?;
        statement::execute(&client, &REFUND, &[&self.bucket, &self.interval]).await?;
        Ok(())
    }
}

/// The address as limits know it: an IPv6 customer commands a whole /64.
pub(crate) fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let prefix = u128::from(v6) & (u128::MAX << 64);
            Ipv6Addr::from(prefix).to_string()
        }
    }
}

/// Counts one form on the web, of this company and this form, from this address.
///
/// # Errors
/// As [`reserve`].
pub async fn lead_form(store: &Store, of: (i64, i64), address: IpAddr) -> Result<()> {
    let value = format!("{} {} {}", of.0, of.1, network(address));
    // It counts, whatever comes of it.
    reserve(store, &LEAD_FORM, &value).await.map(drop)
}

/// Counts one answer to a quote of this company, from this address.
///
/// # Errors
/// As [`reserve`].
pub async fn quote(store: &Store, company_id: i64, address: IpAddr) -> Result<()> {
    let value = format!("{company_id} {}", network(address));
    // It counts, whatever comes of it.
    reserve(store, &QUOTE, &value).await.map(drop)
}

/// Forgets buckets that are full again.
pub(crate) async fn purge(store: &Store) -> Result<u64> {
    statement::execute(&store.client().await?, &PURGE, &[]).await
}

/// Hashed, so that a password typed into the field of the name is not kept here.
fn bucket(scope: &str, value: &str) -> String {
    let mut hash = Sha256::new();
    for part in [scope, value] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex::encode(hash.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_keep_scopes_apart_and_hide_values() {
        assert_ne!(bucket("a", "bc"), bucket("ab", "c"));
        assert_eq!(bucket("a", "b"), bucket("a", "b"));
        assert_eq!(bucket("a", "a secret").len(), 64);
    }

    #[test]
    fn an_ipv6_network_is_one_address() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }
}
