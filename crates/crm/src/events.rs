//! What has changed since, in an order that never steps back: for those who watch.
//!
//! Changes are followed by the id of the transaction that made them. One is told only when no older
//! transaction is at work any more, so that whoever has seen it has seen all before it (PostgreSQL
//! manual, 9.28.8, `pg_snapshot_xmin`). An id of a row would not do: rows become visible in another order
//! than they are numbered in.

use serde::Serialize;
use sindico_db::{Result, Statement, TenantConnection};
use sindico_domain::crm::Kind;
use std::str::FromStr;

/// How many changes are told one by one. Who has missed more reads everything anew.
pub const MOST: i64 = 500;

sindico_db::statements! { "events":
    NOW = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint";
    AFTER = "SELECT xid, id, kind, record_id, op, change_set_id FROM change
        WHERE (xid, id) > ($1, $2) AND xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
        ORDER BY xid, id LIMIT $3";
}

pub(crate) fn statements() -> Vec<Statement> {
    STATEMENTS.to_vec()
}

/// A place in the order of changes; written `transaction.change`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    xid: i64,
    id: i64,
}

impl Position {
    /// The transaction.
    pub(crate) fn xid(self) -> i64 {
        self.xid
    }

    /// The change.
    pub(crate) fn id(self) -> i64 {
        self.id
    }
}

impl std::fmt::Display for Position {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.xid, self.id)
    }
}

impl FromStr for Position {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (xid, id) = text.split_once('.').ok_or(())?;
        Ok(Self {
            xid: xid.parse().map_err(|_| ())?,
            id: id.parse().map_err(|_| ())?,
        })
    }
}

/// That a record has changed, without a word of what is in it.
#[derive(Debug, Serialize)]
pub struct Event {
    /// Its place in the order.
    #[serde(skip)]
    pub position: Position,
    /// The kind of record.
    pub kind: Kind,
    /// Its id.
    pub id: i64,
    /// `CREATE`, `UPDATE`, `DELETE` or `RESTORE`.
    pub op: String,
    /// The write that did it.
    pub change_set: i64,
}

/// What has changed.
pub enum News {
    /// These, in order; none, when there is nothing new.
    Changes(Vec<Event>),
    /// More than is told one by one, up to this place; or the place that was seen is not of this
    /// database (it was restored from a copy, or moved).
    TooMany(Position),
}

/// The end of what has changed up to now.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn now(data: &TenantConnection) -> Result<Position> {
    let row = data.row(&NOW, &[]).await?;
    let xid: i64 = row.map_or(0, |row| row.get(0));
    // Whatever is told later has this transaction's number or a higher one.
    Ok(Position { xid, id: 0 })
}

/// What has changed after this place.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn after(data: &TenantConnection, seen: Position) -> Result<News> {
    let limit = MOST + 1;
    let params: [&(dyn sindico_db::ToSql + Sync); 3] = [&seen.xid, &seen.id, &limit];
    let answers = data.read(&[(&AFTER, &params), (&NOW, &[])]).await?;
    let end: i64 = answers[1].first().map_or(0, |row| row.get(0));
    if answers[0].len() > usize::try_from(MOST).unwrap_or_default() || seen.xid > end {
        return Ok(News::TooMany(Position { xid: end, id: 0 }));
    }
    let events = answers[0].iter().map(|row| Event {
        position: Position {
            xid: row.get(0),
            id: row.get(1),
        },
        // The table has no other words in it.
        kind: row.get::<_, &str>(2).parse().unwrap_or(Kind::Customer),
        id: row.get(3),
        op: row.get(4),
        change_set: row.get(5),
    });
    Ok(News::Changes(events.collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn positions_round_trip(xid in any::<i64>(), id in any::<i64>(), text in "\\PC{0,20}") {
            let position = Position { xid, id };
            prop_assert_eq!(position.to_string().parse(), Ok(position));
            let _ = text.parse::<Position>();
        }
    }
}
