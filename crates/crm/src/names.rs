//! What records are called that others refer to, so that lists show names and no numbers.

use crate::bin::title;
use crate::row::Listed;
use sindico_db::{Result, Statement, TenantConnection};
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
    let mut wanted: [Vec<i64>; 3] = Default::default();
    for row in rows {
        collect(&row.record(), kinds, &mut wanted);
    }
    if wanted.iter().all(Vec::is_empty) {
        return Ok(Names::new());
    }
    for ids in &mut wanted {
        ids.sort_unstable();
        ids.dedup();
    }
    let [customers, leads, opportunities] = &wanted;
    let rows = data.rows(&NAMES, &[customers, leads, opportunities]).await?;
    Ok(rows
        .iter()
        .filter_map(|row| {
            let kind: Kind = row.get::<_, &str>(0).parse().ok()?;
            Some(((kind, row.get(1)), row.get(2)))
        })
        .collect())
}

fn collect(record: &Record, kinds: &[Kind], wanted: &mut [Vec<i64>; 3]) {
    for (field, value) in record.kind.fields().iter().zip(&record.values) {
        let (FieldType::Ref(kind), Datum::Int(id)) = (field.ty, value) else {
            continue;
        };
        if let Some(n) = REFERRED.iter().position(|one| *one == kind)
            && kinds.contains(&kind)
        {
            wanted[n].push(*id);
        }
    }
}
