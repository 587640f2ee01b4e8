//! Two customers, or two leads, become one: one stays with the best of both, everything that referred to the other
//! refers to it, and the other goes to the bin. One change set, which can be taken back.

use crate::attachments;
use crate::duplicates::dismissed;
use crate::idempotency;
use crate::leads::May;
use crate::model;
use crate::work::{By, Work};
use serde_json::{Map, Value};
use sindico_db::idempotency::{Key, Once};
use sindico_db::{Result, Statement, TenantConnection};
use sindico_domain::access::capability::Method;
use sindico_domain::crm::custom::Known;
use sindico_domain::crm::draft;
use sindico_domain::crm::merge::{Choices, is_mergeable, merged};
use sindico_domain::crm::{FieldType, Kind};
use sindico_domain::input::{Fields, integer};
use sindico_domain::precondition::Precondition;
use sindico_domain::{FieldErrors, Refusal};
use std::sync::LazyLock;

/// Whatever refers to records of a kind: by which statement it is moved, which kind it is, and its field.
type Reference = (Kind, Statement, Kind, &'static str);

/// Made of the tables of fields, so that none is forgotten.
static REFERENCES: LazyLock<Vec<Reference>> = LazyLock::new(|| {
    let mut all = Vec::new();
    for &kind in Kind::ALL {
        for field in kind.fields() {
            if let FieldType::Ref(to) = field.ty
                && is_mergeable(to)
            {
                all.push((to, moving(kind, &field.columns()[0]), kind, field.name));
            }
        }
    }
    all
});

/// Locked in the order of their ids, so that two who do this at once wait for each other and never in a circle.
fn moving(kind: Kind, column: &str) -> Statement {
    let columns = model::of(kind).columns;
    let sql = format!(
        "WITH those AS (SELECT id AS that FROM {kind} WHERE {column} = $1 ORDER BY id FOR NO KEY UPDATE)
         UPDATE {kind} SET {column} = $2, version = version + 1, updated_at = now()
         FROM those WHERE id = that RETURNING {columns}"
    );
    Statement {
        name: "merge.moving",
        sql: Box::leak(sql.into_boxed_str()),
    }
}

pub(crate) fn statements() -> Vec<Statement> {
    REFERENCES.iter().map(|reference| reference.1).collect()
}

/// What a merge is told.
#[derive(Debug, Clone)]
pub struct Merge {
    /// The record that goes.
    pub other: i64,
    /// Its version that the caller has seen.
    pub other_version: Option<i64>,
    /// Which values stay.
    pub choices: Choices,
}

impl Merge {
    /// Reads the body of `POST /api/customers/{id}/merge/`.
    ///
    /// # Errors
    /// What is wrong, by field.
    pub fn parse<'a>(
        known: impl Into<Known<'a>>,
        body: &Map<String, Value>,
    ) -> Result<Self, FieldErrors> {
        let mut f = Fields::new(body);
        let other = f.require("other", draft::id);
        let other_version = f.read("other_version", integer(1..=i64::MAX));
        let told = f.read("fields", |value| match value {
            Value::Object(told) => Ok(told.clone()),
            _ => Err("Expected an object of field names and choices.".to_owned()),
        });
        let mut errors = f.finish();
        let choices = match Choices::parse(known, &told.unwrap_or_default()) {
            Ok(choices) => choices,
            Err(wrong) => {
                errors.nest("fields", wrong);
                Choices::default()
            }
        };
        errors.check(Self {
            other: other.unwrap_or_default(),
            other_version,
            choices,
        })
    }
}

/// Merges another record into this one; the record that stays. `None` when it is not there. `may` tells what the
/// caller's role may use: a merge is no way to delete or change what one may not.
///
/// # Errors
/// Another record that is not there is refused on its field; two that can't become one as a whole; else as
/// [`records::change`](crate::records::change).
pub async fn merge(
    data: &TenantConnection,
    by: By<'_>,
    (kind, id): (Kind, i64),
    (told, may): (&Merge, May<'_>),
    (condition, key): (&Precondition, Option<&Key>),
) -> Result<Option<Once<Value>>> {
    allowed(may, kind)?;
    let mut work = Work::begin(data, by).await?;
    if let Some(earlier) = idempotency::begin(&work.tx, key).await? {
        return Ok(Some(earlier));
    }
    let (first, second) = (id.min(told.other), id.max(told.other));
    let first = work.lock(kind, first).await?;
    let second = match id == told.other {
        true => first.clone(),
        false => work.lock(kind, second).await?,
    };
    let (this, other) = match id <= told.other {
        true => (first, second),
        false => (second, first),
    };
    let Some(this) = this else {
        return Ok(None);
    };
    condition.check(this.version)?;
    let Some(other) = other else {
        let message = format!("There is no {kind} with the id {}.", told.other);
        return Err(FieldErrors::one("other", message).into());
    };
    if told.other_version.is_some_and(|seen| seen != other.version) {
        return Err(Refusal::PreconditionFailed.into());
    }
    let after = merged(&this, &other, &told.choices)?;
    // In this order, and taken back in the opposite one: what is unique is free before it is taken, and what is
    // referred to is there before it is referred to.
    for (_, statement, of, field) in REFERENCES.iter().filter(|(to, ..)| *to == kind) {
        work.refer_to((statement, *of, field), (other.id, this.id))
            .await?;
    }
    attachments::follow(&mut work, &other, &this).await?;
    work.delete(&other).await?;
    let stays = work.update(&this, after).await?;
    if let Some(merge) = work.record(&format!("{kind}.merge"), None).await? {
        dismissed::follow(&work.tx, kind, (other.id, this.id), merge).await?;
    }
    let told = work.told(&stays)?;
    Ok(Some(work.finish(key, told, stays.version).await?))
}

/// Both records, and all kinds that may refer to them, have to be the caller's to change.
fn allowed(may: May<'_>, kind: Kind) -> Result<()> {
    let referring = REFERENCES.iter().filter(|(to, ..)| *to == kind);
    let mut wanted = vec![(kind, Method::Delete, "DELETE")];
    wanted.push((kind, Method::Patch, "PATCH"));
    wanted.extend(referring.map(|(_, _, of, _)| (*of, Method::Patch, "PATCH")));
    match wanted.iter().find(|(of, method, _)| !may(*of, *method)) {
        None => Ok(()),
        Some((of, _, word)) => Err(Refusal::Forbidden(format!(
            "To merge is to use {word} on {}, which your role may not in this tenant.",
            of.resource()
        ))
        .into()),
    }
}

/// Whether a role that may do this much may merge records of this kind: what is not possible is not offered.
pub fn may_merge(may: May<'_>, kind: Kind) -> bool {
    is_mergeable(kind) && allowed(may, kind).is_ok()
}
