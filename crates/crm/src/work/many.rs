//! Writing many records at once: a statement for each kind, and not for each record.

use super::{Op, Work};
use crate::model::{self, Cells, Columns};
use jiff::Timestamp;
use serde_json::Map;
use sindico_db::{Error, Result, Statement};
use sindico_domain::crm::{Datum, FieldType, Kind, Record};
use std::collections::{BTreeSet, HashMap};

sindico_db::statements! { "many":
    THERE = "SELECT 'customer', id FROM customer WHERE id = ANY ($1) AND deleted_at IS NULL
        UNION ALL SELECT 'lead', id FROM lead WHERE id = ANY ($2) AND deleted_at IS NULL
        UNION ALL SELECT 'opportunity', id FROM opportunity WHERE id = ANY ($3) AND deleted_at IS NULL";
}

pub(super) fn statements() -> &'static [Statement] {
    STATEMENTS
}

impl Work<'_> {
    /// The records with these ids and when they went to the bin, locked in the order of their ids.
    pub(crate) async fn lock_many(
        &self,
        kind: Kind,
        ids: &[i64],
    ) -> Result<Vec<(Record, Option<Timestamp>)>> {
        let model = model::of(kind);
        let rows = self.tx.found(&model.lock_many, &[&ids]).await?;
        let read = |row: &sindico_db::Row| (model.record(row), row.get(model.width()));
        Ok(rows.iter().map(read).collect())
    }

    /// Writes records of one kind as they are given, and notes what changed. The rules have completed them
    /// already; each is locked.
    pub(crate) async fn put_many(&mut self, pairs: &[(Record, Record)]) -> Result<()> {
        let written = self.write_many(pairs).await?;
        for (before, after) in pairs {
            let Some(now) = written.get(&after.id) else {
                continue;
            };
            let (was, is) = before.changed(now);
            self.note(Op::Update, now, was, is);
        }
        Ok(())
    }

    /// The same without a note: the records as they are then, by their ids.
    pub(crate) async fn write_many(
        &self,
        pairs: &[(Record, Record)],
    ) -> Result<HashMap<i64, Record>> {
        let Some((_, first)) = pairs.first() else {
            return Ok(HashMap::new());
        };
        let kind = first.kind;
        let differs: BTreeSet<usize> = pairs
            .iter()
            .flat_map(|(before, after)| before.differs(after))
            .collect();
        let columns = Columns::of_changed(kind, &differs.into_iter().collect::<Vec<_>>());
        let customs = self.rules(kind).await?.customs;
        let cells = columns.fill(pairs.iter().map(|(_, after)| after), customs)?;
        let params: Vec<_> = cells.iter().map(Cells::param).collect();
        let model = model::of(kind);
        let sql = columns.update(model.columns);
        let written = self.tx.write_sql(&sql, &params).await?;
        if written.len() != pairs.len() {
            let (written, all) = (written.len(), pairs.len());
            return Err(Error::Internal(format!("{written} of {all} were written")));
        }
        let records = written.iter().map(|row| model.record(row));
        Ok(records.map(|record| (record.id, record)).collect())
    }

    /// Puts records of one kind into the bin, and notes it.
    pub(crate) async fn delete_many(&mut self, kind: Kind, records: &[Record]) -> Result<()> {
        let ids: Vec<i64> = records.iter().map(|record| record.id).collect();
        self.bin_many(kind, &ids, true).await?;
        for record in records {
            self.note_deleted(record);
        }
        Ok(())
    }

    /// Puts records into the bin, or takes them out of it, without a note.
    pub(crate) async fn bin_many(&self, kind: Kind, ids: &[i64], bin: bool) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        let model = model::of(kind);
        let statement = if bin {
            &model.bin_many
        } else {
            &model.unbin_many
        };
        self.tx.execute(statement, &[&ids]).await?;
        Ok(())
    }

    /// The records that these refer to anew, and that are not there: in another tenant, in the bin, or
    /// nowhere.
    pub(crate) async fn missing(
        &self,
        pairs: &[(Record, Record)],
    ) -> Result<BTreeSet<(Kind, i64)>> {
        let mut wanted = BTreeSet::new();
        for (before, after) in pairs {
            for (n, field) in after.kind.fields().iter().enumerate() {
                if let (FieldType::Ref(kind), Datum::Int(id)) = (field.ty, &after.values[n])
                    && before.values[n] != after.values[n]
                {
                    wanted.insert((kind, *id));
                }
            }
        }
        if wanted.is_empty() {
            return Ok(wanted);
        }
        let of = |kind: Kind| {
            let ids = wanted.iter().filter(|(of, _)| *of == kind);
            ids.map(|(_, id)| *id).collect::<Vec<i64>>()
        };
        let ids = [Kind::Customer, Kind::Lead, Kind::Opportunity].map(of);
        let there = self.tx.rows(&THERE, &[&ids[0], &ids[1], &ids[2]]).await?;
        for row in &there {
            if let Ok(kind) = row.get::<_, &str>(0).parse::<Kind>() {
                wanted.remove(&(kind, row.get(1)));
            }
        }
        Ok(wanted)
    }

    /// Notes that a record came out of the bin, by a statement of the caller's.
    pub(crate) fn note_restored(&mut self, record: &Record) {
        self.note(Op::Restore, record, Map::new(), Map::new());
    }
}
