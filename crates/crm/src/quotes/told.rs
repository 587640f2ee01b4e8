//! Quotes in the history of their sales, and taking back what was done to one that is being written.

use super::{CONTENT, FREE};
use crate::changes::{Change, Conflict};
use crate::work::{Op, Work};
use serde_json::{Map, Value};
use sindico_db::{Result, ToSql};
use sindico_domain::crm::Record;
use sindico_domain::quote::{Content, total};

/// The name under which a change of a sale tells of its quotes; no kind has such a field.
pub const FIELD: &str = "quote";

/// What is said of a quote that can't be changed any more.
pub(super) const STAYS: &str = "A quote that was sent stays as it is. Cancel it, or revise it.";

sindico_db::statements! { "quotes_told":
    NOW = "SELECT version, status, valid_until, language, notes, terms, lines, deleted_at IS NOT NULL FROM quote WHERE id = $1 FOR UPDATE";
}

/// Whether a change is of a quote.
pub(crate) fn told(before: &Map<String, Value>, after: &Map<String, Value>) -> bool {
    before.contains_key(FIELD) && after.contains_key(FIELD)
}

/// What was told of one side; `None` for none.
fn side(side: &Map<String, Value>) -> Option<&Value> {
    side.get(FIELD).filter(|told| !told.is_null())
}

fn content(told: &Value) -> Option<Content> {
    serde_json::from_value(told.clone()).ok()
}

/// What of a change of a quote is in the way of taking it back: `None` when nothing is.
async fn obstacle(work: &Work<'_>, change: &Change, id: i64) -> Result<Option<&'static str>> {
    let sides = [side(&change.before), side(&change.after)];
    if sides.iter().flatten().any(|told| told["status"] != "DRAFT") {
        return Ok(Some(STAYS));
    }
    let Some(row) = work.tx.row(&NOW, &[&id]).await? else {
        return Ok(Some("It is not there any more."));
    };
    if row.get::<_, &str>(1) != "DRAFT" {
        return Ok(Some(STAYS));
    }
    let deleted: bool = row.get(7);
    let now = serde_json::json!({
        "valid_until": row.get::<_, Option<jiff::civil::Date>>(2), "language": row.get::<_, &str>(3),
        "notes": row.get::<_, &str>(4), "terms": row.get::<_, &str>(5), "lines": row.get::<_, Value>(6),
    });
    Ok(match sides[1] {
        None if !deleted => Some("It has been restored already."),
        Some(_) if deleted => Some("It is not there any more."),
        Some(after) if content(after) != content(&now) => Some("It was changed again since."),
        _ => None,
    })
}

/// Takes a change of a quote back, and notes it at its sale; what is in the way, if something is.
pub(crate) async fn undo(
    work: &mut Work<'_>,
    change: &Change,
    record: &Record,
) -> Result<Option<Conflict>> {
    let (before, after) = (side(&change.before), side(&change.after));
    let id = after.or(before).and_then(|told| told["id"].as_i64());
    let id = id.unwrap_or_default();
    if let Some(detail) = obstacle(work, change, id).await? {
        return Ok(Some(Conflict {
            kind: change.kind,
            record: change.record,
            title: change.title.clone(),
            field: Some(FIELD.to_owned()),
            left: Value::Null,
            found: Value::Null,
            detail: detail.to_owned(),
        }));
    }
    // What comes to be is what was; what goes keeps what it has.
    let Some(wanted) = before.or(after).and_then(content) else {
        return Ok(None);
    };
    let lines = crate::records::json(&wanted.lines)?;
    let sum = total(&wanted.lines).unwrap_or_default();
    let gone = before.is_none();
    let params: [&(dyn ToSql + Sync); 8] = [
        &id,
        &wanted.valid_until,
        &wanted.language.as_str(),
        &wanted.notes,
        &wanted.terms,
        &lines,
        &sum,
        &gone,
    ];
    work.tx.execute(&CONTENT, &params).await?;
    if gone {
        work.tx.execute(&FREE, &[&id]).await?;
    }
    let side = |told: Option<&Value>| {
        Map::from_iter([(FIELD.to_owned(), told.cloned().unwrap_or_default())])
    };
    work.note(Op::Update, record, side(after), side(before));
    Ok(None)
}
