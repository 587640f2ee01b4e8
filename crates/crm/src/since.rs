//! Whether a tenant's data have changed since they were read, in one look at the end of an index.
//!
//! The newest change set's number would not tell: numbers are given at once, and seen when their transactions
//! end, so a write with a smaller number may be seen later. What a statement can see is its snapshot
//! (PostgreSQL manual, 9.28.8), and each change carries the number of its transaction: one that I see and
//! that snapshot does not is new.

use sindico_db::{Error, Result, Statement, TenantConnection};
use std::str::FromStr;

sindico_db::statements! { "since":
    // Numbers beyond those that this server has given are another's: the place was restored from a copy.
    // The order is what has PostgreSQL begin at the index's end, whatever it thinks of the rest.
    CHANGED = "SELECT FROM change
        WHERE xid >= $1 AND xid < pg_snapshot_xmax(pg_current_snapshot())::text::bigint
            AND NOT pg_visible_in_snapshot(xid::text::xid8, $2::text::pg_snapshot)
        ORDER BY xid DESC, id DESC LIMIT 1";
}

pub(crate) fn statements() -> Vec<Statement> {
    STATEMENTS.to_vec()
}

/// What a statement could see, as `pg_current_snapshot()` tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Since {
    /// All transactions before this one had ended.
    first: i64,
    snapshot: String,
}

impl FromStr for Since {
    type Err = Error;

    fn from_str(snapshot: &str) -> Result<Self> {
        let first = snapshot.split(':').next().and_then(|n| n.parse().ok());
        let first = first.ok_or_else(|| Error::Internal(format!("no snapshot: {snapshot}")))?;
        Ok(Self {
            first,
            snapshot: snapshot.to_owned(),
        })
    }
}

/// Whether there is a change by now that was not there then.
///
/// # Errors
/// When the tenant's place can't be reached.
pub(crate) async fn changed(data: &TenantConnection, since: &Since) -> Result<bool> {
    let row = data.row(&CHANGED, &[&since.first, &since.snapshot]).await?;
    Ok(row.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_begins_with_the_oldest_transaction_at_work() {
        let since: Since = "795:799:795,797".parse().unwrap();
        assert_eq!(
            (since.first, since.snapshot.as_str()),
            (795, "795:799:795,797")
        );
        for wrong in ["", "x:1:", ":"] {
            assert!(wrong.parse::<Since>().is_err(), "{wrong}");
        }
    }
}
