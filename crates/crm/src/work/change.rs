//! What a write did to records, as the history keeps it: a change set, and a change for each record.

use super::{Work, support_of};
use crate::notifications;
use serde_json::{Map, Value};
use sindico_db::{Result, ToSql};
use sindico_domain::crm::{Datum, Kind, Record, custom};

sindico_db::statements! { "change":
    RECORD = "WITH one AS (
            INSERT INTO change_set (action, user_id, username, address, request_id, undoes, support, assigned)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id),
        many AS (
            INSERT INTO change (change_set_id, kind, record_id, op, title, before, after)
            SELECT one.id, c.kind, c.record_id, c.op, c.title, c.before, c.after
            FROM one, unnest($9::text[], $10::bigint[], $11::text[], $12::text[], $13::jsonb[], $14::jsonb[])
                AS c (kind, record_id, op, title, before, after))
        SELECT id FROM one";
}

/// What was done to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Create,
    Update,
    Delete,
    Restore,
}

impl Op {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Restore => "RESTORE",
        }
    }
}

/// A change to a record.
pub(crate) struct Change {
    pub(crate) kind: Kind,
    pub(crate) record: i64,
    pub(crate) op: Op,
    pub(crate) title: String,
    /// Of the fields that changed, by their names.
    pub(crate) before: Value,
    pub(crate) after: Value,
}

/// Changes as arrays.
#[derive(Default)]
struct Arrays {
    kinds: Vec<&'static str>,
    ids: Vec<i64>,
    ops: Vec<&'static str>,
    titles: Vec<String>,
    before: Vec<Value>,
    after: Vec<Value>,
}

impl Arrays {
    fn of(changes: Vec<Change>) -> Self {
        let mut arrays = Self::default();
        for change in changes {
            arrays.kinds.push(change.kind.as_str());
            arrays.ids.push(change.record);
            arrays.ops.push(change.op.as_str());
            arrays.titles.push(change.title);
            arrays.before.push(change.before);
            arrays.after.push(change.after);
        }
        arrays
    }
}

impl Work<'_> {
    /// Records what was done, as one change set; its id, or `None` when nothing was done.
    pub(crate) async fn record(
        &mut self,
        action: &str,
        undoes: Option<i64>,
    ) -> Result<Option<i64>> {
        if self.changes.is_empty() && self.setups.is_empty() {
            return Ok(self.recorded);
        }
        let actor = self.by.actor;
        let address = actor.address.map(|address| address.to_string());
        let told = notifications::assigned(&self.changes, action, actor);
        let changes = Arrays::of(std::mem::take(&mut self.changes));
        let support = support_of(actor);
        let assigned = self.told_given();
        let params: [&(dyn ToSql + Sync); 14] = [
            &action,
            &actor.user_id,
            &actor.name,
            &address,
            &actor.request_id,
            &undoes,
            &support,
            &assigned,
            &changes.kinds,
            &changes.ids,
            &changes.ops,
            &changes.titles,
            &changes.before,
            &changes.after,
        ];
        let id = self.tx.write_one(&RECORD, &params).await?.get(0);
        self.recorded = Some(id);
        if !self.setups.is_empty() {
            self.record_setups(id).await?;
        }
        let write = (action, id, undoes);
        notifications::of_write(&self.tx, told, write, self.by).await?;
        Ok(self.recorded)
    }

    /// Notes that a record went to the bin, by a statement of the caller's.
    pub(crate) fn note_deleted(&mut self, record: &Record) {
        self.note(Op::Delete, record, Map::new(), Map::new());
    }

    /// Notes a new record, with what it has.
    pub(super) fn note_created(&mut self, made: &Record) {
        let empty = Record::new(made.kind, self.by.now);
        let mut after = Map::new();
        for (n, field) in made.kind.fields().iter().enumerate() {
            let (value, empty) = (&made.values[n], &empty.values[n]);
            if !field.is_stored() || value.is_empty() && value == empty {
                continue;
            }
            match value {
                Datum::Custom(values) => {
                    let values = values.shown();
                    after.extend(values.map(|(key, value)| (custom::name(key), value.clone())));
                }
                value => {
                    after.insert(field.name.to_owned(), value.to_json());
                }
            }
        }
        self.note(Op::Create, made, Map::new(), after);
    }

    /// Notes what was done to a record, by a statement of the caller's.
    pub(crate) fn note(
        &mut self,
        op: Op,
        record: &Record,
        before: Map<String, Value>,
        after: Map<String, Value>,
    ) {
        self.changes.push(Change {
            kind: record.kind,
            record: record.id,
            op,
            title: record.title(),
            before: Value::Object(before),
            after: Value::Object(after),
        });
    }
}
