//! Bulk edits: one change to all records that fit a filter, in one transaction and one change set, with a
//! statement for all of them and not for each.
//!
//! What would be done is planned by the same function for the preview and for the deed. The preview's token
//! names each row with its version; the deed is done only to what its token names.

use crate::idempotency;
use crate::list::{Filter, Sql, conditions};
use crate::model;
use crate::records::json;
use crate::work::{By, Work};
use serde::Serialize;
use serde_json::{Map, Value};
use sindico_db::idempotency::{Key, Once};
use sindico_db::{Result, Statement, TenantConnection};
use sindico_domain::access::sight::Sight;
use sindico_domain::crm::bulk::{Action, Bulk, MOST};
use sindico_domain::crm::{Datum, FieldType, Kind, Record, settle};
use sindico_domain::{FieldErrors, Refusal};
use std::collections::HashMap;
use utoipa::ToSchema;

/// How many rows a preview shows of those that change, and of those that can't.
pub const SHOWN: usize = 20;

/// What is asked for.
#[derive(Debug)]
pub struct Asked<'a> {
    /// What is done.
    pub bulk: &'a Bulk,
    /// To which records.
    pub filter: &'a Filter,
    /// The active members among those whom it names.
    pub members: &'a HashMap<i64, String>,
}

/// A record that changes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Changing {
    /// Its id.
    pub id: i64,
    /// What it is called.
    pub title: String,
    /// The fields that change, as they are.
    #[schema(value_type = Object)]
    pub before: Map<String, Value>,
    /// The same fields, as they will be.
    #[schema(value_type = Object)]
    pub after: Map<String, Value>,
}

/// A record that can't be changed so.
#[derive(Debug, Serialize, ToSchema)]
pub struct Refused {
    /// Its id.
    pub id: i64,
    /// What it is called.
    pub title: String,
    /// Why not, by field.
    #[schema(value_type = Object)]
    pub errors: FieldErrors,
}

/// What a bulk edit would do.
#[derive(Debug, Serialize, ToSchema)]
pub struct Preview {
    /// How many records fit.
    pub count: usize,
    /// How many of them change.
    pub changes: usize,
    /// How many are so already.
    pub unchanged: usize,
    /// How many can't be changed so: they stay as they are.
    pub refused: usize,
    /// The first of those that change.
    pub sample: Vec<Changing>,
    /// The first of those that can't.
    pub refusals: Vec<Refused>,
    /// To be sent back to have it done.
    pub token: String,
}

struct Plan {
    count: usize,
    changes: Vec<(Record, Record)>,
    refused: Vec<(Record, FieldErrors)>,
    token: String,
}

/// What would be done; nothing is changed.
///
/// # Errors
/// More records than a bulk edit takes are refused; or the tenant's place can't be reached.
pub async fn preview(data: &TenantConnection, by: By<'_>, asked: &Asked<'_>) -> Result<Preview> {
    let work = Work::begin(data, by).await?;
    let plan = plan(&work, asked, false).await?;
    let delete = asked.bulk.action == Action::Delete;
    let title = |record: &Record| {
        let mut told = record.clone();
        work.tx.sight().veil().over(&mut told);
        told.title()
    };
    let changing = |(before, after): &(Record, Record)| {
        let (was, is) = match delete {
            true => (Map::new(), Map::new()),
            false => before.changed(after),
        };
        Changing {
            id: before.id,
            title: title(before),
            before: was,
            after: is,
        }
    };
    let refused = |(record, errors): &(Record, FieldErrors)| Refused {
        id: record.id,
        title: title(record),
        errors: errors.clone(),
    };
    Ok(Preview {
        count: plan.count,
        changes: plan.changes.len(),
        unchanged: plan.count - plan.changes.len() - plan.refused.len(),
        refused: plan.refused.len(),
        sample: plan.changes.iter().take(SHOWN).map(changing).collect(),
        refusals: plan.refused.iter().take(SHOWN).map(refused).collect(),
        token: plan.token,
    })
}

/// Does it: to all records that can be changed so, or to none.
///
/// # Errors
/// As [`preview`]; a conflict when it is not what the token names any more.
pub async fn run(
    data: &TenantConnection,
    by: By<'_>,
    asked: &Asked<'_>,
    token: &str,
    key: Option<&Key>,
) -> Result<Once<Value>> {
    let mut work = Work::begin(data, by).await?;
    if let Some(earlier) = idempotency::begin(&work.tx, key).await? {
        return Ok(earlier);
    }
    let plan = plan(&work, asked, true).await?;
    if plan.token != token {
        return Err(Refusal::Conflict {
            detail: "What it would do has changed since the preview. Nothing was done: look at it again."
                .to_owned(),
            location: None,
        }
        .into());
    }
    let kind = asked.bulk.kind;
    if asked.bulk.action == Action::Delete {
        let gone: Vec<Record> = plan.changes.iter().map(|(gone, _)| gone.clone()).collect();
        work.delete_many(kind, &gone).await?;
    } else {
        work.put_many(&plan.changes).await?;
    }
    let action = format!("{kind}.bulk_{}", asked.bulk.action);
    let change_set = work.record(&action, None).await?;
    let answer = Done {
        change_set,
        changed: plan.changes.len(),
        unchanged: plan.count - plan.changes.len() - plan.refused.len(),
        refused: plan.refused.len(),
    };
    work.finish(key, json(&answer)?, change_set.unwrap_or_default())
        .await
}

/// What a bulk edit did.
#[derive(Debug, Serialize, ToSchema)]
pub struct Done {
    /// The change set, which can be undone; null when nothing changed.
    pub change_set: Option<i64>,
    /// How many records changed.
    pub changed: usize,
    /// How many were so already.
    pub unchanged: usize,
    /// How many could not be changed so.
    pub refused: usize,
}

async fn plan(work: &Work<'_>, asked: &Asked<'_>, lock: bool) -> Result<Plan> {
    let kind = asked.bulk.kind;
    let mut sql = Sql::default();
    let sight = work.tx.sight();
    select(
        (kind, sight),
        std::slice::from_ref(asked.filter),
        lock,
        &mut sql,
    );
    let rows = work.tx.rows_sql(&sql.text, &sql.params).await?;
    if rows.len() > MOST {
        let message = format!(
            "More than {MOST} records fit, and that many can be changed at once. Narrow it, and do the rest after."
        );
        return Err(FieldErrors::one("filter", message).into());
    }
    let model = model::of(kind);
    let mut plan = Plan {
        count: rows.len(),
        changes: Vec::new(),
        refused: Vec::new(),
        token: String::new(),
    };
    let delete = asked.bulk.action == Action::Delete;
    let rules = work.rules(kind).await?;
    let mut seen = Vec::with_capacity(rows.len());
    let found = rows.iter().map(|row| model.record(row)).collect();
    for before in work.whole(kind, found).await? {
        let mut after = before.clone();
        let settled = match delete {
            true => Ok(()),
            false => asked
                .bulk
                .apply(&mut after, asked.members)
                .and_then(|()| sight.veil().permit(Some(&before), &after))
                .and_then(|()| settle(Some(&before), &mut after, work.by.now, rules)),
        };
        let (id, version) = (before.id, before.version);
        let mut changes = false;
        match settled {
            Err(errors) => plan.refused.push((before, errors)),
            Ok(()) => {
                changes = delete || !before.differs(&after).is_empty();
                if changes {
                    plan.changes.push((before, after));
                }
            }
        }
        seen.push((id, version, changes));
    }
    let missing = work.missing(&plan.changes).await?;
    if !missing.is_empty() {
        let all = std::mem::take(&mut plan.changes);
        for (before, after) in all {
            let mut errors = FieldErrors::new();
            for (n, field) in kind.fields().iter().enumerate() {
                if let (FieldType::Ref(to), Datum::Int(id)) = (field.ty, &after.values[n])
                    && missing.contains(&(to, *id))
                    && before.values[n] != after.values[n]
                {
                    errors.add(field.name, format!("There is no {to} with the id {id}."));
                }
            }
            match errors.is_empty() {
                true => plan.changes.push((before, after)),
                false => {
                    if let Ok(at) = seen.binary_search_by_key(&before.id, |(id, ..)| *id) {
                        seen[at].2 = false;
                    }
                    plan.refused.push((before, errors));
                }
            }
        }
    }
    plan.token = asked.bulk.token(seen.into_iter());
    Ok(plan)
}

/// The rows that it is about, in the order of their ids: two bulk edits at once wait for each other and
/// never in a circle.
fn select<'a>((kind, sight): (Kind, &Sight), filters: &'a [Filter], lock: bool, sql: &mut Sql<'a>) {
    let conditions = conditions((kind, sight), filters, sql);
    sql.text = format!(
        "SELECT {} FROM {kind} t WHERE {conditions} ORDER BY id LIMIT {}{}",
        model::of(kind).columns,
        MOST + 1,
        if lock { " FOR NO KEY UPDATE" } else { "" }
    );
}

pub(crate) fn statements() -> Vec<Statement> {
    let of = |kind: &Kind| {
        let filters = Filter::samples(*kind);
        let mut sql = Sql::default();
        select((*kind, &Sight::whole()), &filters, true, &mut sql);
        Statement {
            name: "bulk.rows",
            sql: Box::leak(sql.text.into_boxed_str()),
        }
    };
    Kind::ALL.iter().map(of).collect()
}
