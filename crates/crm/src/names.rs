//! What records are called that others refer to, so that lists show names and no numbers.

use crate::bin::title;
use crate::row::Listed;
use sindico_db::{Result, Row, Statement, TenantConnection, TenantTransaction};
use sindico_domain::crm::{Datum, FieldType, Kind, Record};
use std::collections::HashMap;
use std::sync::LazyLock;

/// Kinds that others refer to.
const REFERRED: [Kind; 3] = [Kind::Customer, Kind::Lead, Kind::Opportunity];

static NAMES: LazyLock<Statement> = LazyLock::new(|| {
    let of = |(n, kind): (usize, &Kind)| {
        format!(
            "SELECT '{kind}'::text AS kind, id, {} AS title FROM {kind} WHERE id = ANY (${})",
            title(*kind),
            n + 1
        )
    };
    let all: Vec<String> = REFERRED.iter().enumerate().map(of).collect();
    Statement {
        name: "names.of",
        sql: Box::leak(all.join(" UNION ALL ").into_boxed_str()),
    }
});

pub(crate) fn statements() -> Vec<Statement> {
    vec![*NAMES]
}

/// Names by kind and id.
pub type Names = HashMap<(Kind, i64), String>;

/// The names of what these rows refer to, as far as it is of these kinds: one statement, none when they
/// refer to nothing. What is in the bin has its name still.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn of(data: &TenantConnection, rows: &[Listed], kinds: &[Kind]) -> Result<Names> {
    let mut wanted = Vec::new();
    for row in rows {
        collect(&row.record(), &mut wanted);
    }
    find(data, &wanted, kinds).await
}

/// The names of these records, as far as they are of these kinds.
///
/// # Errors
/// As [`of`].
pub async fn find(
    data: &TenantConnection,
    wanted: &[(Kind, i64)],
    kinds: &[Kind],
) -> Result<Names> {
    let ids = ids_of(wanted, kinds);
    if ids.iter().all(Vec::is_empty) {
        return Ok(Names::new());
    }
    let [customers, leads, opportunities] = &ids;
    let rows = data
        .rows(&NAMES, &[customers, leads, opportunities])
        .await?;
    Ok(read(&rows))
}

/// The same as [`of`], within a transaction.
pub(crate) async fn within(
    tx: &TenantTransaction,
    records: &[Record],
    kinds: &[Kind],
) -> Result<Names> {
    let mut wanted = Vec::new();
    for record in records {
        collect(record, &mut wanted);
    }
    let ids = ids_of(&wanted, kinds);
    if ids.iter().all(Vec::is_empty) {
        return Ok(Names::new());
    }
    let [customers, leads, opportunities] = &ids;
    let rows = tx.rows(&NAMES, &[customers, leads, opportunities]).await?;
    Ok(read(&rows))
}

/// The ids of each kind that others refer to, once.
fn ids_of(wanted: &[(Kind, i64)], kinds: &[Kind]) -> [Vec<i64>; 3] {
    REFERRED.map(|kind| {
        let of_kind = wanted.iter().filter(|(one, _)| *one == kind);
        let mut ids: Vec<i64> = of_kind.map(|(_, id)| *id).collect();
        if !kinds.contains(&kind) {
            ids.clear();
        }
        ids.sort_unstable();
        ids.dedup();
        ids
    })
}

fn read(rows: &[Row]) -> Names {
    rows.iter()
        .filter_map(|row| {
            let kind: Kind = row.get::<_, &str>(0).parse().ok()?;
            Some(((kind, row.get(1)), row.get(2)))
        })
        .collect()
}

/// What a record refers to.
pub fn collect(record: &Record, wanted: &mut Vec<(Kind, i64)>) {
    for (field, value) in record.kind.fields().iter().zip(&record.values) {
        if let (FieldType::Ref(kind), Datum::Int(id)) = (field.ty, value) {
            wanted.push((kind, *id));
        }
    }
}
