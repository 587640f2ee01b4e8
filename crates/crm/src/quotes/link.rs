//! A quote behind its link: for whoever holds the key, and no longer than it should be.

use super::acts::{decide_in, hashed};
use super::{Quote, again, find, finish, note, select};
use crate::work::{By, Work};
use jiff::civil::Date;
use sindico_db::{Result, TenantConnection};
use sindico_domain::crm::Kind;
use sindico_domain::quote::Shown;

sindico_db::statements! { "quotes_link":
    BY_KEY = select!("JOIN opportunity o ON o.id = q.opportunity_id AND o.deleted_at IS NULL
        WHERE q.key_hash = $1 AND q.deleted_at IS NULL AND q.revised_by IS NULL AND q.status IN ('SENT', 'ACCEPTED', 'REJECTED')");
    SEEN = "UPDATE quote SET seen_at = now() WHERE id = $1 AND seen_at IS NULL";
}

/// What a key opens.
#[derive(Debug)]
pub enum Opened {
    /// The quote.
    Quote(Box<Quote>),
    /// It was one: its time is over.
    Over(Box<Quote>),
}

/// What this key opens today; `None` for one that opens nothing, whatever it was.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn by_key(data: &TenantConnection, key: &str, today: Date) -> Result<Option<Opened>> {
    let Some(row) = data.row(&BY_KEY, &[&hashed(key)]).await? else {
        return Ok(None);
    };
    let quote = Box::new(Quote::read(&row, today)?);
    let over = quote.link_until.is_none_or(|until| until < today);
    Ok(Some(match over {
        true => Opened::Over(quote),
        false => Opened::Quote(quote),
    }))
}

/// Somebody has opened it: the first time is told. Whether it was that.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn seen(data: &TenantConnection, by: By<'_>, quote: &Quote, today: Date) -> Result<bool> {
    if quote.seen_at.is_some() || quote.status != Shown::Sent {
        return Ok(false);
    }
    let mut work = Work::begin(data, by).await?;
    let Some(record) = work.lock(Kind::Opportunity, quote.opportunity).await? else {
        return Ok(false);
    };
    if work.tx.execute(&SEEN, &[&quote.id]).await? == 0 {
        return Ok(false);
    }
    let after = again(&work, quote.id, today).await?;
    note(&mut work, &record, Some(quote), Some(&after))?;
    finish(work, "quote.seen", after).await?;
    Ok(true)
}

/// The holder of this key answers. The quote with its answer; `None` when the key opens nothing (any more).
///
/// # Errors
/// `409` when it was answered already; a name that is none.
pub async fn decide(
    data: &TenantConnection,
    by: By<'_>,
    key: &str,
    (accepted, name): (bool, &str),
    today: Date,
) -> Result<Option<Quote>> {
    let Some(Opened::Quote(seen)) = by_key(data, key, today).await? else {
        return Ok(None);
    };
    let mut work = Work::begin(data, by).await?;
    let Some(record) = work.lock(Kind::Opportunity, seen.opportunity).await? else {
        return Ok(None);
    };
    let before = again(&work, seen.id, today).await?;
    // The link may have been taken away, or made anew, while this one waited.
    if work.tx.row(&BY_KEY, &[&hashed(key)]).await?.is_none() {
        return Ok(None);
    }
    decide_in(&work, &before, accepted, name).await?;
    let after = again(&work, seen.id, today).await?;
    note(&mut work, &record, Some(&before), Some(&after))?;
    let action = if accepted {
        "quote.accept"
    } else {
        "quote.reject"
    };
    finish(work, action, after).await?;
    find(data, seen.id, today).await
}
