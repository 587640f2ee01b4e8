//! Where a file is, as histories tell it: at a record under a name, or nowhere. From that it is taken back.

use super::field;
use crate::work::{Op, Work};
use serde_json::{Value, json};
use sindico_db::Result;
use sindico_domain::attachment::has_files;
use sindico_domain::crm::Record;

/// The name under which a change of a record tells of its files; no kind has such a field.
pub const FIELD: &str = "attachment";

sindico_db::statements! { "attachment_place":
    MOVE = "UPDATE attachment a SET record_id = $3, version = a.version + 1, updated_at = now()
        FROM file_content c
        WHERE a.kind = $1 AND a.record_id = $2 AND a.deleted_at IS NULL AND c.company_id = a.company_id AND c.id = a.content_id
        RETURNING a.id, a.name, a.media_type, c.size";
}

/// A file at a record; of which kind, the change tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placed {
    pub(crate) id: i64,
    pub(crate) record: i64,
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) size: i64,
}

impl Placed {
    pub(crate) fn to_json(&self) -> Value {
        json!({"id": self.id, "record": self.record, "name": self.name, "media_type": self.media_type, "size": self.size})
    }

    fn from_json(value: &Value) -> Option<Self> {
        Some(Self {
            id: value["id"].as_i64()?,
            record: value["record"].as_i64()?,
            name: value["name"].as_str()?.to_owned(),
            media_type: value["media_type"].as_str()?.to_owned(),
            size: value["size"].as_i64()?,
        })
    }
}

/// What a change tells of a file: where it was, and where it was then. `None` when it is of something else.
pub(crate) fn told(
    before: &serde_json::Map<String, Value>,
    after: &serde_json::Map<String, Value>,
) -> Option<(Option<Placed>, Option<Placed>)> {
    let of = |side: &serde_json::Map<String, Value>| side.get(FIELD).map(Placed::from_json);
    match (of(before)?, of(after)?) {
        (None, None) => None,
        both => Some(both),
    }
}

/// Lets the files of a record that goes come to the one that stays.
pub(crate) async fn follow(work: &mut Work<'_>, from: &Record, to: &Record) -> Result<()> {
    if !has_files(to.kind) {
        return Ok(());
    }
    let kind = to.kind.as_str();
    let moved = work.tx.write(&MOVE, &[&kind, &from.id, &to.id]).await?;
    for row in moved {
        let at = |record: i64| Placed {
            id: row.get(0),
            record,
            name: row.get(1),
            media_type: row.get(2),
            size: row.get(3),
        };
        let (before, after) = (at(from.id), at(to.id));
        work.note(Op::Update, to, field(Some(&before)), field(Some(&after)));
    }
    Ok(())
}
