//! What is done to a quote beside writing it: it is sent, answered, canceled, revised; its link is made anew or taken
//! away.

use super::{Quote, again, conflict, customer_of, finish, insert, lock, note};
use crate::work::{By, Work};
use jiff::civil::Date;
use sha2::{Digest, Sha256};
use sindico_db::{Result, TenantConnection, ToSql};
use sindico_domain::FieldErrors;
use sindico_domain::crm::Record;
use sindico_domain::precondition::Precondition;
use sindico_domain::quote::{Shown, Status, link_until};

sindico_db::statements! { "quotes_acts":
    // The row is held until the number is written: who takes one back leaves no gap.
    NUMBER = "INSERT INTO quote_number (last) VALUES (1)
        ON CONFLICT (company_id) DO UPDATE SET last = quote_number.last + 1 RETURNING last";
    SEND = "UPDATE quote SET status = 'SENT', number = $2, customer = $3, key_hash = $4, key_until = $5, sent_at = now(),
        version = version + 1, updated_at = now() WHERE id = $1";
    DECIDE = "UPDATE quote SET status = $2, decided_by = $3, decided_at = now(), version = version + 1, updated_at = now()
        WHERE id = $1";
    CANCEL = "UPDATE quote SET status = 'CANCELED', key_hash = NULL, key_until = NULL, version = version + 1, updated_at = now()
        WHERE id = $1";
    LINK = "UPDATE quote SET key_hash = $2, key_until = $3, version = version + 1, updated_at = now() WHERE id = $1";
    REVISED = "UPDATE quote SET revised_by = $2, key_hash = NULL, key_until = NULL, version = version + 1, updated_at = now()
        WHERE id = $1";
}

/// What is to be done to a quote.
#[derive(Debug, Clone)]
pub enum Act<'a> {
    /// The customer gets it, by a link with this key.
    Send(&'a str),
    /// The customer takes it, as somebody of the company was told.
    Accept(&'a str),
    /// The customer does not.
    Reject(&'a str),
    /// It is taken back.
    Cancel,
    /// Another is begun in its place.
    Revise,
    /// Its link gets this key; an earlier one opens nothing any more.
    Link(&'a str),
    /// It has no link any more.
    Unlink,
}

/// What an act left.
#[derive(Debug)]
pub struct Acted {
    /// The quote; of a revision the new one.
    pub quote: Quote,
    /// The change set.
    pub change_set: Option<i64>,
    /// The key of its link, where it was just made: it is told once.
    pub link: Option<String>,
}

/// What is kept of a key.
pub(super) fn hashed(key: &str) -> Vec<u8> {
    Sha256::digest(key.as_bytes()).to_vec()
}

/// Does it; `None` when the quote is not there.
///
/// # Errors
/// `409` for one that is not where this can be done; `412` over another version; what is missing before it is sent.
pub async fn act(
    data: &TenantConnection,
    by: By<'_>,
    (id, condition): (i64, &Precondition),
    act: &Act<'_>,
    today: Date,
) -> Result<Option<Acted>> {
    let Some((mut work, record, quote)) = lock(data, by, (id, condition), today).await? else {
        return Ok(None);
    };
    let (action, after) = match act {
        Act::Send(key) => {
            if quote.status != Shown::Draft {
                return Err(conflict("This quote was sent already."));
            }
            send(&work, &record, &quote, key, today).await?;
            ("quote.send", again(&work, id, today).await?)
        }
        Act::Accept(name) | Act::Reject(name) => {
            let accepted = matches!(act, Act::Accept(_));
            decide_in(&work, &quote, accepted, name).await?;
            let action = if accepted {
                "quote.accept"
            } else {
                "quote.reject"
            };
            (action, again(&work, id, today).await?)
        }
        Act::Cancel => {
            if !matches!(quote.status, Shown::Sent | Shown::Expired | Shown::Draft) {
                return Err(conflict(
                    "Only a quote that nobody has answered can be canceled.",
                ));
            }
            if quote.status == Shown::Draft {
                return Err(conflict("It was not sent: delete it instead."));
            }
            work.tx.execute(&CANCEL, &[&id]).await?;
            ("quote.cancel", again(&work, id, today).await?)
        }
        Act::Revise => return revise(work, &record, &quote, today).await.map(Some),
        Act::Link(key) => {
            let until = open(&quote)?;
            let params: [&(dyn ToSql + Sync); 3] = [&id, &hashed(key), &link_until(until, today)];
            work.tx.execute(&LINK, &params).await?;
            ("quote.link", again(&work, id, today).await?)
        }
        Act::Unlink => {
            if !quote.has_link {
                return Err(conflict("This quote has no link."));
            }
            let params: [&(dyn ToSql + Sync); 3] = [&id, &None::<Vec<u8>>, &None::<Date>];
            work.tx.execute(&LINK, &params).await?;
            ("quote.unlink", again(&work, id, today).await?)
        }
    };
    note(&mut work, &record, Some(&quote), Some(&after))?;
    let acted = finish(work, action, after).await?;
    let link = match act {
        Act::Send(key) | Act::Link(key) => Some((*key).to_owned()),
        _ => None,
    };
    Ok(Some(Acted { link, ..acted }))
}

/// The last day of a quote that can be answered.
fn open(quote: &Quote) -> Result<Date> {
    match (quote.status, quote.valid_until) {
        (Shown::Sent, Some(until)) => Ok(until),
        (Shown::Draft, _) => Err(conflict("This quote was not sent yet.")),
        (Shown::Expired, _) => Err(conflict("This quote is over. Revise it.")),
        _ => Err(conflict("This quote was answered, canceled or revised.")),
    }
}

async fn send(
    work: &Work<'_>,
    record: &Record,
    quote: &Quote,
    key: &str,
    today: Date,
) -> Result<()> {
    let until = quote.content().ready(today)?;
    let number = match quote.number {
        Some(number) => number,
        None => work.tx.write_one(&NUMBER, &[]).await?.get(0),
    };
    let customer = customer_of(work, record).await?;
    let (hash, key_until) = (hashed(key), link_until(until, today));
    let params: [&(dyn ToSql + Sync); 5] = [&quote.id, &number, &customer, &hash, &key_until];
    work.tx.execute(&SEND, &params).await?;
    Ok(())
}

/// Writes an answer down: once.
pub(super) async fn decide_in(
    work: &Work<'_>,
    quote: &Quote,
    accepted: bool,
    name: &str,
) -> Result<()> {
    open(quote)?;
    if name.trim().is_empty() || name.chars().count() > 120 {
        return Err(FieldErrors::one("name", "Use 1 to 120 characters.").into());
    }
    let status = if accepted {
        Status::Accepted
    } else {
        Status::Rejected
    };
    let params: [&(dyn ToSql + Sync); 3] = [&quote.id, &status.as_str(), &name.trim()];
    work.tx.execute(&DECIDE, &params).await?;
    Ok(())
}

async fn revise(mut work: Work<'_>, record: &Record, quote: &Quote, today: Date) -> Result<Acted> {
    match quote.status {
        Shown::Sent | Shown::Expired | Shown::Rejected => {}
        Shown::Draft => return Err(conflict("It was not sent: change it as it is.")),
        Shown::Revised => return Err(conflict("Another quote stands in its place already.")),
        _ => return Err(conflict("This quote was accepted or canceled.")),
    }
    if quote.revised_by.is_some() {
        return Err(conflict("Another quote stands in its place already."));
    }
    let content = quote.content();
    let new = insert(&work, record, &content, Some(quote), today).await?;
    work.tx.execute(&REVISED, &[&quote.id, &new.id]).await?;
    note(&mut work, record, None, Some(&new))?;
    finish(work, "quote.revise", new).await
}
