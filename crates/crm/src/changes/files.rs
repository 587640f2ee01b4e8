//! Taking back what was done to files: they go where they were.

use super::Change;
use super::undo::Conflict;
use crate::attachments::{FIELD, Placed, told};
use crate::work::{Op, Work};
use serde_json::{Map, Value};
use sindico_db::{Result, Statement, ToSql};
use sindico_domain::crm::{Kind, Record};
use std::collections::BTreeMap;

sindico_db::statements! { "undo_files":
    FILES = "SELECT id, kind, record_id, name, deleted_at IS NOT NULL FROM attachment WHERE id = ANY ($1) ORDER BY id FOR UPDATE";
    PUT = "UPDATE attachment SET record_id = $2, name = $3, media_type = $4, deleted_at = NULL,
            version = version + 1, updated_at = now() WHERE id = $1";
    TAKE = "UPDATE attachment SET deleted_at = now(), version = version + 1, updated_at = now() WHERE id = $1 AND deleted_at IS NULL";
}

pub(super) fn statements() -> &'static [Statement] {
    STATEMENTS
}

/// Where a file is now.
struct Found {
    kind: Kind,
    record: i64,
    name: String,
    removed: bool,
}

/// The files of a change set, and where each is to be.
pub(super) struct Files {
    found: BTreeMap<i64, Found>,
    wanted: BTreeMap<i64, Option<Placed>>,
}

fn of(change: &Change) -> Option<(Option<Placed>, Option<Placed>)> {
    told(&change.before, &change.after)
}

fn id_of(before: Option<&Placed>, after: Option<&Placed>) -> i64 {
    after.or(before).map_or(0, |placed| placed.id)
}

/// Whether a change is of a file.
pub(super) fn is_of_file(change: &Change) -> bool {
    of(change).is_some()
}

impl Files {
    /// Locks those of these changes.
    pub(super) async fn lock(work: &Work<'_>, changes: &[Change]) -> Result<Self> {
        let told = changes.iter().filter_map(of);
        let ids: Vec<i64> = told
            .map(|(before, after)| id_of(before.as_ref(), after.as_ref()))
            .collect();
        let mut files = Self {
            found: BTreeMap::new(),
            wanted: BTreeMap::new(),
        };
        if ids.is_empty() {
            return Ok(files);
        }
        for row in work.tx.rows(&FILES, &[&ids]).await? {
            let found = Found {
                kind: row.get::<_, &str>(1).parse().unwrap_or(Kind::Customer),
                record: row.get(2),
                name: row.get(3),
                removed: row.get(4),
            };
            files.found.insert(row.get(0), found);
        }
        Ok(files)
    }

    /// What of a change is not as it was left.
    pub(super) fn check(&self, change: &Change, conflicts: &mut Vec<Conflict>) {
        let Some((before, after)) = of(change) else {
            return;
        };
        let found = self.found.get(&id_of(before.as_ref(), after.as_ref()));
        let detail = match (&after, found) {
            (_, None) => "It is not there any more.",
            (None, Some(found)) if !found.removed => "It has been restored already.",
            (Some(_), Some(found)) if found.removed => "It is not there any more.",
            (Some(after), Some(found))
                if (found.kind, found.record, &found.name)
                    != (change.kind, after.record, &after.name) =>
            {
                "It was changed again since."
            }
            _ => return,
        };
        let left = change.after.get(FIELD).cloned().unwrap_or_default();
        let now = found
            .filter(|found| !found.removed)
            .map(|found| found.name.clone());
        conflicts.push(Conflict {
            kind: change.kind,
            record: change.record,
            title: change.title.clone(),
            field: Some(FIELD.to_owned()),
            left: left.get("name").cloned().unwrap_or_default(),
            found: now.map_or(Value::Null, Value::String),
            detail: detail.to_owned(),
        });
    }

    /// Does the opposite of a change, in thought, and notes it at its record.
    pub(super) fn take_back(&mut self, work: &mut Work<'_>, change: &Change, record: &Record) {
        let Some((before, after)) = of(change) else {
            return;
        };
        let side = |value: Option<&Value>| {
            Map::from_iter([(FIELD.to_owned(), value.cloned().unwrap_or_default())])
        };
        work.note(
            Op::Update,
            record,
            side(change.after.get(FIELD)),
            side(change.before.get(FIELD)),
        );
        let id = id_of(before.as_ref(), after.as_ref());
        self.wanted.insert(id, before);
    }

    /// Writes what was taken back.
    pub(super) async fn write(&self, work: &Work<'_>) -> Result<()> {
        for (id, wanted) in &self.wanted {
            match wanted {
                None => work.tx.execute(&TAKE, &[id]).await?,
                Some(at) => {
                    let params: [&(dyn ToSql + Sync); 4] =
                        [id, &at.record, &at.name, &at.media_type];
                    work.tx.execute(&PUT, &params).await?
                }
            };
        }
        Ok(())
    }
}
