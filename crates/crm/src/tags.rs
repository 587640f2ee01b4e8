//! Tags of the whole company: which there are, on how many records; one renamed, or taken off everywhere.

use crate::model;
use crate::work::{By, Work};
use serde_json::{Map, Value};
use sindico_db::{Result, Statement, TenantConnection};
use sindico_domain::crm::draft::{Draft, Whole};
use sindico_domain::crm::{Datum, Kind, Record, settle};
use sindico_domain::{FieldErrors, Refusal};
use std::collections::HashMap;
use std::sync::LazyLock;

/// The kinds whose records have tags, in the order in which they are locked.
pub const KINDS: [Kind; 3] = [Kind::Customer, Kind::Lead, Kind::Opportunity];

/// How many tags are listed at the most.
pub const LISTED: i64 = 500;

/// How many records one change set may touch: each is written by the rules, in one transaction.
pub const MOST: usize = 2000;

static LIST: LazyLock<Statement> = LazyLock::new(|| {
    let of = |kind: &Kind| {
        format!(
            "SELECT '{kind}'::text AS kind, unnest(tags) AS tag FROM {kind}
             WHERE '{kind}' = ANY ($1) AND deleted_at IS NULL AND tags <> '{{}}'"
        )
    };
    let all: Vec<String> = KINDS.iter().map(of).collect();
    let sql = format!(
        "SELECT tag, count(*) FILTER (WHERE kind = 'customer'), count(*) FILTER (WHERE kind = 'lead'),
            count(*) FILTER (WHERE kind = 'opportunity')
         FROM ({}) t GROUP BY tag ORDER BY count(*) DESC, tag LIMIT $2",
        all.join(" UNION ALL ")
    );
    Statement {
        name: "tags.list",
        sql: Box::leak(sql.into_boxed_str()),
    }
});

/// Of each of [`KINDS`], the records that have a tag, locked.
static TAGGED: LazyLock<Vec<Statement>> = LazyLock::new(|| {
    let of = |kind: &Kind| {
        let sql = format!(
            "SELECT {} FROM {kind} WHERE deleted_at IS NULL AND tags @> ARRAY[$1::text]
             ORDER BY id LIMIT $2 FOR NO KEY UPDATE",
            model::of(*kind).columns
        );
        Statement {
            name: "tags.tagged",
            sql: Box::leak(sql.into_boxed_str()),
        }
    };
    KINDS.iter().map(of).collect()
});

pub(crate) fn statements() -> Vec<Statement> {
    [vec![*LIST], TAGGED.clone()].concat()
}

/// A tag, and how many records of each of [`KINDS`] have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// The tag.
    pub name: String,
    /// On how many records.
    pub counts: [i64; 3],
}

/// The tags on records of these kinds, those in most use first.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn list(data: &TenantConnection, kinds: &[Kind]) -> Result<Vec<Tag>> {
    let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    let rows = data.rows(&LIST, &[&kinds, &LISTED]).await?;
    let read = |row: &sindico_db::Row| Tag {
        name: row.get(0),
        counts: [row.get(1), row.get(2), row.get(3)],
    };
    Ok(rows.iter().map(read).collect())
}

/// Calls a tag by another name on all records that have it; where the other is there already, they become
/// one. The change set; `None` when no record has it.
///
/// # Errors
/// Refused: a `name` that no tag may have, and more records than [`MOST`]; or the tenant's place can't be
/// reached.
pub async fn rename(
    data: &TenantConnection,
    by: By<'_>,
    tag: &str,
    name: &str,
) -> Result<Option<i64>> {
    let name = read(name, by)?;
    write(data, by, "tags.rename", tag, Some(&name)).await
}

/// Takes a tag off all records that have it. The change set; `None` when no record has it.
///
/// # Errors
/// Refused: more records than [`MOST`]; or the tenant's place can't be reached.
pub async fn remove(data: &TenantConnection, by: By<'_>, tag: &str) -> Result<Option<i64>> {
    write(data, by, "tags.remove", tag, None).await
}

/// One tag, as the rules of records take it.
fn read(name: &str, by: By<'_>) -> std::result::Result<String, Refusal> {
    let wrong = |message: &str| Refusal::Fields(FieldErrors::one("name", message));
    let body: Map<String, Value> = Map::from_iter([("tags".to_owned(), Value::from(vec![name]))]);
    let draft = Draft::parse(Kind::Customer, &body, Whole::No);
    let draft = draft.map_err(|errors| {
        let told = errors.messages("tags").first().cloned();
        wrong(&told.unwrap_or_else(|| errors.to_line()))
    })?;
    let mut record = Record::new(Kind::Customer, by.now);
    draft
        .apply(&mut record, &HashMap::new())
        .map_err(Refusal::Fields)?;
    match record.get("tags") {
        Datum::Tags(tags) if tags.len() == 1 => Ok(tags[0].clone()),
        _ => Err(wrong("This field may not be blank.")),
    }
}

async fn write(
    data: &TenantConnection,
    by: By<'_>,
    action: &str,
    tag: &str,
    name: Option<&str>,
) -> Result<Option<i64>> {
    // No record has a tag that is no text.
    if name == Some(tag) || tag.contains('\0') {
        return Ok(None);
    }
    let mut work = Work::begin(data, by).await?;
    let mut found = Vec::new();
    for (kind, statement) in KINDS.into_iter().zip(TAGGED.iter()) {
        let limit = i64::try_from(MOST + 1 - found.len()).unwrap_or(1);
        let rows = work.tx.rows(statement, &[&tag, &limit]).await?;
        let tagged = rows.iter().map(|row| model::of(kind).record(row));
        found.extend(work.whole(kind, tagged.collect()).await?);
        if found.len() > MOST {
            let detail =
                format!("More than {MOST} records have this tag: that is too many at once.");
            return Err(Refusal::Invalid(detail).into());
        }
    }
    for kind in KINDS {
        let rules = work.rules(kind).await?;
        let of_kind = found.iter().filter(|before| before.kind == kind);
        let pairs = of_kind.map(|before| {
            let mut after = before.clone();
            if let Datum::Tags(tags) = before.get("tags") {
                after.set("tags", Datum::Tags(renamed(tags, tag, name)));
            }
            settle(Some(before), &mut after, by.now, rules)?;
            Ok((before.clone(), after))
        });
        let pairs: Vec<(Record, Record)> = pairs.collect::<Result<_>>()?;
        work.put_many(&pairs).await?;
    }
    let change_set = work.record(action, None).await?;
    work.commit().await?;
    Ok(change_set)
}

/// The tags with this one called otherwise, or left out; each once.
fn renamed(tags: &[String], tag: &str, name: Option<&str>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::with_capacity(tags.len());
    for one in tags {
        let one = match one == tag {
            true => name,
            false => Some(one.as_str()),
        };
        if let Some(one) = one
            && !kept.iter().any(|known| known == one)
        {
            kept.push(one.to_owned());
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use sindico_domain::access::Actor;
    use sindico_domain::crm::custom::Writer;

    #[test]
    fn a_tag_is_there_once() {
        let tags = |words: &[&str]| {
            words
                .iter()
                .map(|&word| word.to_owned())
                .collect::<Vec<_>>()
        };
        let all = tags(&["a", "b", "c"]);
        assert_eq!(renamed(&all, "b", Some("x")), tags(&["a", "x", "c"]));
        assert_eq!(renamed(&all, "a", Some("c")), tags(&["c", "b"]));
        assert_eq!(renamed(&all, "c", Some("a")), tags(&["a", "b"]));
        assert_eq!(renamed(&all, "b", None), tags(&["a", "c"]));
        assert_eq!(renamed(&all, "z", None), all);
    }

    #[test]
    fn a_name_is_one_tag() {
        let actor = Actor::system("x");
        let by = By {
            actor: &actor,
            now: Timestamp::UNIX_EPOCH,
            writer: Writer::Exempt,
        };
        let read = |name| read(name, by);
        assert_eq!(read(" vip ").unwrap(), "vip");
        for wrong in ["", "  ", "a,b", &"x".repeat(51), "a\0"] {
            assert!(
                matches!(read(wrong), Err(Refusal::Fields(errors)) if errors.has("name")),
                "{wrong}"
            );
        }
    }
}
