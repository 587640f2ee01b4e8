//! Writing: every write of a tenant's data is a change set, recorded in the transaction of the write
//! (portal.md 4.2). There is no other way to write.

mod change;
mod many;
mod setup;

pub(crate) use change::{Change, Op};

use crate::assignment::{Assigning, Given};
use crate::idempotency;
use crate::model::{self, Cells};
use crate::records;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sindico_db::idempotency::{Key, Once};
use sindico_db::{Error, Result, Statement, TenantConnection, TenantTransaction, ToSql};
use sindico_domain::FieldErrors;
use sindico_domain::access::sight::{Scope, Sight};
use sindico_domain::access::{Actor, Support};
use sindico_domain::crm::custom::{Customs, Writer};
use sindico_domain::crm::pipeline::Pipelines;
use sindico_domain::crm::{Datum, FieldType, Kind, Record, Rules, UserRef, settle};
use sindico_domain::precondition::Precondition;
use std::collections::BTreeMap;
use std::sync::OnceLock;

sindico_db::statements! { "work":
    REFERRED = "SELECT EXISTS (SELECT FROM customer WHERE id = $1 AND deleted_at IS NULL),
        EXISTS (SELECT FROM lead WHERE id = $2 AND deleted_at IS NULL),
        EXISTS (SELECT FROM opportunity WHERE id = $3 AND deleted_at IS NULL)";
}

pub(crate) fn statements() -> Vec<Statement> {
    [
        STATEMENTS,
        change::STATEMENTS,
        many::statements(),
        setup::statements(),
    ]
    .concat()
}

/// Who writes, and when.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    /// Who, and from where.
    pub actor: &'a Actor,
    /// The instant that counts as now.
    pub now: Timestamp,
    /// Of whom may be asked what has to be told.
    pub writer: Writer,
}

/// A transaction, and what it has done so far.
pub(crate) struct Work<'a> {
    pub(crate) tx: TenantTransaction,
    pub(crate) by: By<'a>,
    changes: Vec<Change>,
    setups: Vec<Value>,
    pipelines: OnceLock<Pipelines>,
    customs: OnceLock<Customs>,
    pub(crate) given: BTreeMap<i64, Given>,
    recorded: Option<i64>,
}

impl<'a> Work<'a> {
    pub(crate) async fn begin(data: &TenantConnection, by: By<'a>) -> Result<Self> {
        Ok(Self {
            tx: data.begin().await?,
            by,
            changes: Vec::new(),
            setups: Vec::new(),
            pipelines: OnceLock::new(),
            customs: OnceLock::new(),
            given: BTreeMap::new(),
            recorded: None,
        })
    }

    /// The record, locked; `None` when it is not there, or in the bin.
    pub(crate) async fn lock(&self, kind: Kind, id: i64) -> Result<Option<Record>> {
        let model = model::of(kind);
        let row = self.tx.found(&model.lock, &[&id]).await?.pop();
        Ok(row.map(|row| model.record(&row)))
    }

    /// The same, at the version that the caller means.
    pub(crate) async fn lock_at(
        &self,
        (kind, id): (Kind, i64),
        condition: &Precondition,
    ) -> Result<Option<Record>> {
        let Some(record) = self.lock(kind, id).await? else {
            return Ok(None);
        };
        condition.check(record.version)?;
        Ok(Some(record))
    }

    /// The record and when it went to the bin, locked.
    pub(crate) async fn lock_any(
        &self,
        kind: Kind,
        id: i64,
    ) -> Result<Option<(Record, Option<Timestamp>)>> {
        let model = model::of(kind);
        let row = self.tx.found(&model.lock_any, &[&id]).await?.pop();
        Ok(row.map(|row| (model.record(&row), row.get(model.width()))))
    }

    /// Writes a new record, once the rules have completed it.
    pub(crate) async fn create(&mut self, record: Record) -> Result<Record> {
        self.create_of(record, self.by.writer, None).await
    }

    /// The same for a record that comes of something else, of which nobody can be asked for more.
    pub(crate) async fn create_besides(&mut self, record: Record) -> Result<Record> {
        self.create_of(record, Writer::Exempt, None).await
    }

    /// The same for a lead that nobody was named for: it is of whom the company's rules say.
    pub(crate) async fn create_open(
        &mut self,
        record: Record,
        assigning: &Assigning,
    ) -> Result<Record> {
        self.create_of(record, self.by.writer, Some(assigning))
            .await
    }

    async fn create_of(
        &mut self,
        mut record: Record,
        writer: Writer,
        open: Option<&Assigning>,
    ) -> Result<Record> {
        if let (Some(n), Some(id)) = (record.kind.position("created_by"), self.by.actor.user_id) {
            let username = self.by.actor.name.clone();
            record.values[n] = Datum::User(UserRef { id, username });
        }
        let giving = self.giving(open).await?;
        self.own_at_once(&mut record, open, &giving);
        let rules = Rules {
            writer,
            ..self.rules(record.kind).await?
        };
        settle(None, &mut record, self.by.now, rules)?;
        self.check_references(None, &record).await?;
        let values = model::values(&record, rules.customs);
        let mut made = self.write(record.kind, None, &values).await?;
        if let Some(assigning) = open {
            let owned = self.assign(vec![made.clone()], assigning, &giving).await?;
            let owned = owned.into_iter().next();
            made = owned.unwrap_or(made);
        }
        self.note_created(&made);
        Ok(made)
    }

    /// What somebody makes who does not see everything is theirs, unless they name another owner: nobody would
    /// see it else but who sees all.
    pub(crate) fn own(&self, record: &mut Record) {
        let (actor, field) = (self.by.actor, Sight::owner(record.kind));
        let Some(id) = actor.user_id else { return };
        if self.tx.sight().scope(record.kind) != Scope::All && record.get(field).is_empty() {
            let username = actor.name.clone();
            record.set(field, Datum::User(UserRef { id, username }));
        }
    }

    /// Writes new records of one kind by one statement, at the times that they have; they come back in
    /// the order in which they were given. The rules have completed them already ([`settle`]); the keys
    /// of the tables hold what they refer to, which may be in the bin. Those that are `open` are leads that nobody was
    /// named for.
    pub(crate) async fn create_many(
        &mut self,
        mut records: Vec<Record>,
        open: Option<&Assigning>,
    ) -> Result<Vec<Record>> {
        let Some(kind) = records.first().map(|record| record.kind) else {
            return Ok(Vec::new());
        };
        if records.iter().any(|record| record.kind != kind) {
            return Err(Error::Internal("records of several kinds".to_owned()));
        }
        let model = model::of(kind);
        let customs = self.rules(kind).await?.customs;
        let giving = self.giving(open).await?;
        for record in &mut records {
            self.own_at_once(record, open, &giving);
        }
        let cells = model.new.fill(records.iter(), customs)?;
        let params: Vec<_> = cells.iter().map(Cells::param).collect();
        let made = self.tx.write(&model.insert_many, &params).await?;
        if made.len() != records.len() {
            let (made, all) = (made.len(), records.len());
            return Err(Error::Internal(format!("{made} of {all} were written")));
        }
        let mut made: Vec<Record> = made.iter().map(|row| model.record(row)).collect();
        if let Some(assigning) = open {
            made = self.assign(made, assigning, &giving).await?;
        }
        for record in &made {
            self.note_created(record);
        }
        Ok(made)
    }

    /// A record as it is told to who wrote it.
    pub(crate) fn told(&self, record: &Record) -> Result<Value> {
        let mut told = record.clone();
        self.tx.sight().veil().over(&mut told);
        records::json(&told)
    }

    /// These records with every field, where some are kept from who writes: what is written back has to be whole.
    pub(crate) async fn whole(&self, kind: Kind, found: Vec<Record>) -> Result<Vec<Record>> {
        if !self.tx.sight().veil().keeps(kind) {
            return Ok(found);
        }
        let ids: Vec<i64> = found.iter().map(|record| record.id).collect();
        let whole = self.lock_many(kind, &ids).await?;
        Ok(whole.into_iter().map(|(record, _)| record).collect())
    }

    /// Writes a changed record, once the rules have completed it. One that is as it was stays untouched.
    pub(crate) async fn update(&mut self, before: &Record, mut after: Record) -> Result<Record> {
        self.tx.sight().veil().permit(Some(before), &after)?;
        let rules = self.rules(after.kind).await?;
        settle(Some(before), &mut after, self.by.now, rules)?;
        if before.differs(&after).is_empty() {
            return Ok(before.clone());
        }
        self.check_references(Some(before), &after).await?;
        self.put(before, &after).await
    }

    /// Writes a record as it is given: back to what it was, whatever the rules say of such a move.
    pub(crate) async fn put(&mut self, before: &Record, after: &Record) -> Result<Record> {
        let customs = self.rules(after.kind).await?.customs;
        let values = model::values(after, customs);
        let written = self.write(after.kind, Some(after.id), &values).await?;
        let (was, is) = before.changed(&written);
        self.note(Op::Update, &written, was, is);
        Ok(written)
    }

    /// Lets all records that refer to one by this field refer to another: those in the bin, too, which would come
    /// back to one that is not there.
    pub(crate) async fn refer_to(
        &mut self,
        (statement, kind, field): (&Statement, Kind, &str),
        (from, to): (i64, i64),
    ) -> Result<()> {
        let model = model::of(kind);
        for row in self.tx.write(statement, &[&from, &to]).await? {
            let of = |id: i64| Map::from_iter([(field.to_owned(), id.into())]);
            self.note(Op::Update, &model.record(&row), of(from), of(to));
        }
        Ok(())
    }

    /// Puts a record into the bin.
    pub(crate) async fn delete(&mut self, record: &Record) -> Result<()> {
        self.tx
            .execute(&model::of(record.kind).bin, &[&record.id])
            .await?;
        self.note_deleted(record);
        Ok(())
    }

    /// Takes a record out of the bin.
    pub(crate) async fn restore(&mut self, record: &Record) -> Result<Record> {
        let model = model::of(record.kind);
        let row = self.tx.write_one(&model.unbin, &[&record.id]).await?;
        let restored = model.record(&row);
        self.note(Op::Restore, &restored, Map::new(), Map::new());
        Ok(restored)
    }

    /// Keeps the answer under the caller's key, and makes all of it last.
    pub(crate) async fn finish(
        self,
        key: Option<&Key>,
        answer: Value,
        version: i64,
    ) -> Result<Once<Value>> {
        let once = idempotency::finish(&self.tx, key, answer, version).await?;
        let change_set = self.recorded;
        self.commit().await?;
        Ok(Once { change_set, ..once })
    }

    /// Makes it last. What was not recorded before is not written at all.
    pub(crate) async fn commit(self) -> Result<()> {
        if !self.changes.is_empty() || !self.setups.is_empty() {
            return Err(Error::Internal("a write without its change set".to_owned()));
        }
        self.tx.commit().await
    }

    /// Inserts a record, or updates the one with this id.
    async fn write(
        &self,
        kind: Kind,
        id: Option<i64>,
        values: &[Box<dyn ToSql + Sync + Send>],
    ) -> Result<Record> {
        let model = model::of(kind);
        let mut params: Vec<&(dyn ToSql + Sync)> = Vec::with_capacity(values.len() + 1);
        params.extend(id.iter().map(|id| id as &(dyn ToSql + Sync)));
        params.extend(values.iter().map(|value| &**value as &(dyn ToSql + Sync)));
        let statement = if id.is_some() {
            &model.update
        } else {
            &model.insert
        };
        Ok(model.record(&self.tx.write_one(statement, &params).await?))
    }

    /// New references lead to records that are there, in this tenant and not in the bin.
    pub(crate) async fn check_references(
        &self,
        before: Option<&Record>,
        after: &Record,
    ) -> Result<()> {
        let mut wanted: [Option<(i64, &str)>; 3] = [None; 3];
        for (n, field) in after.kind.fields().iter().enumerate() {
            let (FieldType::Ref(kind), Datum::Int(id)) = (field.ty, &after.values[n]) else {
                continue;
            };
            if before.is_none_or(|before| before.values[n] != after.values[n]) {
                wanted[kind as usize] = Some((*id, field.name));
            }
        }
        if wanted.iter().all(Option::is_none) {
            return Ok(());
        }
        let ids = wanted.map(|wanted| wanted.map(|(id, _)| id));
        let row = self.tx.one(&REFERRED, &[&ids[0], &ids[1], &ids[2]]).await?;
        let mut errors = FieldErrors::new();
        for (n, wanted) in wanted.iter().enumerate() {
            if let Some((id, field)) = wanted
                && !row.get::<_, bool>(n)
            {
                errors.add(
                    field,
                    format!("There is no {} with the id {id}.", Kind::ALL[n]),
                );
            }
        }
        Ok(errors.check(())?)
    }
}

/// Why and for whom support acts, as it is written down; none for everybody else.
pub(crate) fn support_of(actor: &Actor) -> Option<Value> {
    actor.support.as_ref().map(|support| json!(support))
}

/// The same, read.
pub(crate) fn read_support(told: Option<Value>) -> Option<Support> {
    told.and_then(|told| serde_json::from_value(told).ok())
}
