//! What records are called that others refer to: a card's customer, an activity's lead.

use sindico_db::{Result, Row, Statement, TenantConnection};
use sindico_domain::crm::{FieldType, Kind, Record};
use std::collections::HashMap;

sindico_db::statements! { "titles":
    // What is in the bin is still what others are about.
    TITLES = "SELECT 'customer', id, name FROM customer WHERE id = ANY ($1)
        UNION ALL SELECT 'lead', id, coalesce(nullif(name, ''), nullif(company, ''), nullif(email, ''), source)
            FROM lead WHERE id = ANY ($2)
        UNION ALL SELECT 'opportunity', id, title FROM opportunity WHERE id = ANY ($3)";
}

pub(crate) fn statements() -> Vec<Statement> {
    STATEMENTS.to_vec()
}

/// Titles, by kind and id.
pub type Titles = HashMap<(Kind, i64), String>;

/// The titles of all that these records refer to, as far as the caller may read those kinds: one
/// statement, none when there is nothing to look up.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn of<'a>(
    data: &TenantConnection,
    records: impl Iterator<Item = &'a Record>,
    kinds: &[Kind],
) -> Result<Titles> {
    let mut ids: [Vec<i64>; 3] = Default::default();
    for record in records {
        for field in record.kind.fields() {
            let FieldType::Ref(kind) = field.ty else {
                continue;
            };
            if let Some(id) = record.int(field.name).filter(|_| kinds.contains(&kind)) {
                ids[kind as usize].push(id);
            }
        }
    }
    if ids.iter().all(Vec::is_empty) {
        return Ok(Titles::new());
    }
    let rows = data.rows(&TITLES, &[&ids[0], &ids[1], &ids[2]]).await?;
    Ok(rows.iter().filter_map(read).collect())
}

fn read(row: &Row) -> Option<((Kind, i64), String)> {
    let kind: Kind = row.get::<_, &str>(0).parse().ok()?;
    Some(((kind, row.get(1)), row.get(2)))
}
