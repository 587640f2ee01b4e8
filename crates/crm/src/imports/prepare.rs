//! What would become of rows: by the rules that every other write goes by, all errors at once.

use super::Desk;
use super::cells::{self, Said};
use super::job::{Job, Verb};
use super::matching::{self, Key};
use crate::work::By;
use crate::{customs, model, pipelines};
use serde_json::{Value, json};
use sindico_db::{Result, TenantTransaction};
use sindico_domain::FieldErrors;
use sindico_domain::access::fields::Veil;
use sindico_domain::crm::draft::{Draft, Whole};
use sindico_domain::crm::pipeline::Pipelines;
use sindico_domain::crm::{Datum, Kind, Record, Rules, UserRef, settle};
use std::collections::HashMap;

/// What becomes of a row.
pub(super) enum Plan {
    Create(Box<Record>),
    Update(Box<(Record, Record)>),
    /// It is this record already, or was on this line.
    Skip(Option<i64>, Value),
    Wrong(FieldErrors),
}

/// A row of the file.
pub(super) struct Line {
    pub(super) line: i64,
    pub(super) cells: Value,
}

/// Judges rows. `seen` knows what earlier rows of the file were.
pub(super) async fn prepare(
    tx: &TenantTransaction,
    by: By<'_>,
    desk: &Desk<'_>,
    job: &Job,
    lines: &[Line],
    seen: &mut HashMap<String, i64>,
) -> Result<Vec<Plan>> {
    let pipelines = match job.kind {
        Kind::Opportunity => pipelines::read_in(tx).await?,
        _ => Pipelines::contract().clone(),
    };
    let customs = customs::read_in(tx).await?;
    let rules = Rules {
        pipelines: &pipelines,
        customs: &customs,
        writer: by.writer,
    };
    let read = |line: &Line| {
        let cells = line.cells.as_array().map(Vec::as_slice).unwrap_or_default();
        cells::read(
            job.kind,
            &job.mapping,
            job.options.style,
            cells,
            (desk, rules),
        )
    };
    let mut said: Vec<Said> = lines.iter().map(read).collect();
    let named = matching::named(tx, &said).await?;
    for row in &mut said {
        for (field, kind, text) in std::mem::take(&mut row.named) {
            match named.get(&(kind, text.clone())).map(Vec::as_slice) {
                Some([one]) => {
                    row.body.insert(field.to_owned(), json!(one));
                }
                Some(_) => row.errors.add(
                    field,
                    format!("There are several called {text:?}. Use the id."),
                ),
                None => row
                    .errors
                    .add(field, format!("There is no {kind} called {text:?}.")),
            }
        }
    }
    let keys: Vec<Vec<Key>> = said.iter().map(|row| matching::keys(job, row)).collect();
    let known = matching::by_keys(tx, job.kind, &keys).await?;
    let verb = job.options.verb();
    let there: Vec<Option<i64>> = said
        .iter()
        .zip(&keys)
        .map(|(row, keys)| match row.id {
            Some(id) if verb != Verb::Create => Some(id),
            _ => keys.iter().find_map(|key| known.get(key).copied()),
        })
        .collect();
    let mut ids: Vec<i64> = there.iter().flatten().copied().collect();
    ids.sort_unstable();
    ids.dedup();
    let model = model::of(job.kind);
    let mut records: HashMap<i64, Record> = HashMap::new();
    if !ids.is_empty() {
        let rows = tx.found(&model.find_many, &[&ids]).await?;
        records.extend(rows.iter().map(|row| {
            let record = model.record(row);
            (record.id, record)
        }));
    }
    let mut judge = Judge {
        by,
        desk,
        job,
        rules,
        veil: tx.sight().veil(),
        seen,
    };
    let rows = lines.iter().zip(said).zip(keys).zip(there);
    Ok(rows
        .map(|(((line, said), keys), there)| judge.judge(line.line, said, &keys, there, &records))
        .collect())
}

struct Judge<'a> {
    by: By<'a>,
    desk: &'a Desk<'a>,
    job: &'a Job,
    rules: Rules<'a>,
    veil: &'a Veil,
    seen: &'a mut HashMap<String, i64>,
}

impl Judge<'_> {
    fn judge(
        &mut self,
        line: i64,
        said: Said,
        keys: &[Key],
        there: Option<i64>,
        records: &HashMap<i64, Record>,
    ) -> Plan {
        let verb = self.job.options.verb();
        let email = |keys: &[Key]| keys.iter().any(|(name, _)| *name == "email");
        let unique = self.job.kind == Kind::Customer && email(keys);
        let before = there.and_then(|id| records.get(&id));
        let mut errors = said.errors.clone();
        if let (Some(id), None) = (there, before) {
            errors.add(
                "id",
                format!("There is no {} with the id {id}.", self.job.kind),
            );
        }
        // Rows of one file that are the same record.
        let chosen = |name: &str| self.job.options.keys.iter().any(|key| key == name);
        let mut marks: Vec<String> = keys
            .iter()
            .filter(|(name, _)| verb != Verb::Create && chosen(name) || unique && *name == "email")
            .map(|(name, value)| format!("{name}:{value}"))
            .collect();
        if verb != Verb::Create {
            // Whatever key it was found by.
            marks.extend(there.map(|id| format!("id:{id}")));
        }
        let earlier = marks.iter().find_map(|mark| self.seen.get(mark).copied());
        if let Some(earlier) = earlier.filter(|_| errors.is_empty()) {
            return match verb {
                Verb::Create => {
                    errors.add("email", format!("Line {earlier} has the same address."));
                    Plan::Wrong(errors)
                }
                _ => Plan::Skip(there, json!({"repeats": earlier})),
            };
        }
        let plan = match (before, verb) {
            (Some(_), Verb::Skip) if errors.is_empty() => Plan::Skip(there, json!({})),
            (Some(before), Verb::Update) => self.update(before, &said, errors),
            (Some(_), Verb::Create) if unique => {
                errors.add("email", "A customer with this address is there already.");
                Plan::Wrong(errors)
            }
            _ => self.create(&said, errors),
        };
        if !matches!(plan, Plan::Wrong(_)) {
            self.seen.extend(marks.into_iter().map(|mark| (mark, line)));
        }
        plan
    }

    fn create(&self, said: &Said, mut errors: FieldErrors) -> Plan {
        let kind = self.job.kind;
        let mut record = Record::new(kind, self.by.now);
        let draft = match Draft::parse((kind, self.rules.customs), &said.body, Whole::Yes) {
            Ok(draft) => draft,
            Err(mut wrong) => {
                wrong.merge(errors);
                return Plan::Wrong(wrong);
            }
        };
        self.lay(&draft, &mut record, &mut errors);
        let me = self.by.actor.user_id.and_then(|id| self.member(id));
        if let (Some(_), Some(user)) = (kind.position("owner"), &me)
            && !draft.tells(kind, "owner")
            && !super::open_owner(self.job)
        {
            record.set("owner", Datum::User(user.clone()));
        }
        if let (Some(_), Some(id)) = (kind.position("created_by"), self.by.actor.user_id) {
            let username = self.by.actor.name.clone();
            record.set("created_by", Datum::User(UserRef { id, username }));
        }
        let settled = self
            .veil
            .permit(None, &record)
            .and_then(|()| settle(None, &mut record, self.by.now, self.rules));
        if let Err(wrong) = settled {
            errors.merge(wrong);
        }
        match errors.is_empty() {
            true => Plan::Create(Box::new(record)),
            false => Plan::Wrong(errors),
        }
    }

    fn update(&self, before: &Record, said: &Said, mut errors: FieldErrors) -> Plan {
        let mut after = before.clone();
        match Draft::parse((self.job.kind, self.rules.customs), &said.body, Whole::No) {
            Ok(draft) => self.lay(&draft, &mut after, &mut errors),
            Err(wrong) => errors.merge(wrong),
        }
        if errors.is_empty()
            && let Err(wrong) = self
                .veil
                .permit(Some(before), &after)
                .and_then(|()| settle(Some(before), &mut after, self.by.now, self.rules))
        {
            errors.merge(wrong);
        }
        match errors.is_empty() {
            false => Plan::Wrong(errors),
            true if before.differs(&after).is_empty() => {
                Plan::Skip(Some(before.id), json!({"same": true}))
            }
            true => Plan::Update(Box::new((before.clone(), after))),
        }
    }

    fn lay(&self, draft: &Draft, record: &mut Record, errors: &mut FieldErrors) {
        let users = draft.users().into_iter().filter_map(|id| self.member(id));
        let members = users.map(|user| (user.id, user.username)).collect();
        if let Err(wrong) = draft.apply(record, &members) {
            errors.merge(wrong);
        }
    }

    fn member(&self, id: i64) -> Option<UserRef> {
        self.desk
            .members
            .values()
            .find(|user| user.id == id)
            .cloned()
    }
}
