//! What searches look in, made anew where a custom field has become searchable, or is so no longer: some hundred
//! records at a time, each piece a transaction of its own that notes how far it came. Whoever stops in the middle
//! leaves the rest to the next who begins.

use super::read_in;
use crate::model;
use serde_json::{Value, json};
use sindico_db::{Result, Statement, TenantConnection};
use sindico_domain::crm::custom::KINDS;
use sindico_domain::crm::{Kind, search};
use std::sync::LazyLock;

/// Records of a piece.
const PIECE: i64 = 500;

sindico_db::statements! { "customs.reindex":
    // The others wait for this one, and find the next piece.
    NEXT = "SELECT id, kind, key, reindex_at FROM custom_field WHERE reindex_at IS NOT NULL ORDER BY id LIMIT 1 FOR UPDATE";
    WAITS = "SELECT EXISTS (SELECT FROM custom_field WHERE reindex_at IS NOT NULL)";
    MARK = "UPDATE custom_field SET reindex_at = $2 WHERE id = $1";
}

/// The records of a kind that have something in a field, and the writing of their texts.
static PIECES: LazyLock<Vec<(Kind, Statement, Statement)>> = LazyLock::new(|| {
    let statement = |name: &'static str, sql: String| Statement {
        name,
        sql: Box::leak(sql.into_boxed_str()),
    };
    let of = |kind: &Kind| {
        let piece = format!(
            "SELECT {} FROM {kind} WHERE id > $1 AND custom ? $2 ORDER BY id LIMIT {PIECE} FOR NO KEY UPDATE",
            model::of(*kind).columns
        );
        // Nobody's change: neither a version nor a day.
        let write = format!(
            "UPDATE {kind} t SET search_text = new.text FROM jsonb_to_recordset($1) AS new (id bigint, text text)
             WHERE t.id = new.id AND t.search_text IS DISTINCT FROM new.text"
        );
        (
            *kind,
            statement("customs.piece", piece),
            statement("customs.texts", write),
        )
    };
    KINDS.iter().map(of).collect()
});

pub(super) fn statements() -> Vec<Statement> {
    let pieces = PIECES.iter().flat_map(|(_, piece, write)| [*piece, *write]);
    STATEMENTS.iter().copied().chain(pieces).collect()
}

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reindexed {
    /// A piece; there may be more.
    Some,
    /// There was nothing to do.
    Nothing,
}

/// Whether there are texts to be made anew.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn waits(data: &TenantConnection) -> Result<bool> {
    let row = data.row(&WAITS, &[]).await?;
    Ok(row.is_some_and(|row| row.get(0)))
}

/// Makes the next piece of texts anew.
///
/// # Errors
/// When the tenant's place can't be reached: nothing of the piece is done then.
pub async fn reindex(data: &TenantConnection) -> Result<Reindexed> {
    let tx = data.begin().await?;
    let Some(next) = tx.row(&NEXT, &[]).await? else {
        return Ok(Reindexed::Nothing);
    };
    let (id, key, from): (i64, String, i64) = (next.get(0), next.get(2), next.get(3));
    let kind = next.get::<_, &str>(1).parse::<Kind>().ok();
    let pieces = PIECES.iter().find(|(of, ..)| Some(*of) == kind);
    let mut reached = None;
    if let Some((kind, piece, write)) = pieces {
        let customs = read_in(&tx).await?;
        let rows = tx.rows(piece, &[&from, &key]).await?;
        let model = model::of(*kind);
        let records = rows.iter().map(|row| model.record(row));
        let texts: Vec<Value> = records
            .map(|record| json!({"id": record.id, "text": search::text_of(&record, &customs)}))
            .collect();
        if texts.len() == usize::try_from(PIECE).unwrap_or_default() {
            reached = texts.last().and_then(|last| last["id"].as_i64());
        }
        tx.execute(write, &[&Value::Array(texts)]).await?;
    }
    tx.execute(&MARK, &[&id, &reached]).await?;
    tx.commit().await?;
    Ok(Reindexed::Some)
}
