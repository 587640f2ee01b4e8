//! A record as it stood: what is there now, with everything that came later taken back in thought.

use super::{Change, read, select};
use crate::model;
use sindico_db::{Result, Statement, TenantConnection};
use sindico_domain::crm::{Kind, Record};

sindico_db::statements! { "past":
    // Of the change itself only who and when are told; what came after it is taken back.
    SINCE = select!("WHERE c.kind = $1 AND c.record_id = $2 AND c.id >= $3 ORDER BY c.id DESC LIMIT 10000");
}

pub(super) fn statements() -> &'static [Statement] {
    STATEMENTS
}

/// A record as it stood.
#[derive(Debug)]
pub struct Past {
    /// Its values then.
    pub record: Record,
    /// The change after which it stood so.
    pub change: Change,
}

/// A record as it stood after this change of it; `None` when it is not there, or had no such change. One
/// round trip.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn as_it_stood(
    data: &TenantConnection,
    (kind, id): (Kind, i64),
    change: i64,
) -> Result<Option<Past>> {
    let model = model::of(kind);
    let answers = data
        .read(&[
            (&model.find, &[&id]),
            (&SINCE, &[&kind.as_str(), &id, &change]),
        ])
        .await?;
    let Some(row) = answers[0].first() else {
        return Ok(None);
    };
    let mut record = model.record(row);
    let mut changes: Vec<Change> = answers[1].iter().map(read).collect();
    let Some(change) = changes.pop().filter(|last| last.id == change) else {
        return Ok(None);
    };
    for later in &changes {
        take_back(&mut record, later);
    }
    record.updated_at = change.at;
    Ok(Some(Past { record, change }))
}

fn take_back(record: &mut Record, later: &Change) {
    for (field, value) in &later.before {
        // What can't be read any more stays as it is.
        let _ = record.tell(field, value);
    }
}
