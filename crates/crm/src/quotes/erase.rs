//! Quotes of which nothing tells for whom they were: what they are counted by stays.

use sindico_db::{Result, TenantTransaction, ToSql};
use sindico_domain::privacy::{CALLED, Traces};
use sindico_domain::quote::Line;

sindico_db::statements! { "quotes_erase":
    OF = "SELECT id, lines, terms FROM quote WHERE opportunity_id = ANY ($1) ORDER BY id FOR UPDATE";
    ERASE = "UPDATE quote SET notes = '', terms = $2, lines = $3, customer = '', decided_by = CASE decided_by WHEN '' THEN '' ELSE $4 END,
            key_hash = NULL, key_until = NULL, version = version + 1, updated_at = now()
        WHERE id = $1 AND (notes <> '' OR terms <> $2 OR lines <> $3 OR customer <> '' OR decided_by NOT IN ('', $4) OR key_hash IS NOT NULL)";
    // Whoever came by the link called themselves by a name.
    WHO = "UPDATE change_set s SET username = $2, address = NULL FROM change c
        WHERE c.company_id = s.company_id AND c.change_set_id = s.id AND c.kind = 'opportunity' AND c.record_id = ANY ($1)
            AND s.user_id IS NULL AND s.action LIKE 'quote.%' AND s.username <> $2";
}

/// Erases what tells something about these people from the quotes of these sales; of how many.
///
/// # Errors
/// When the tenant's place can't be reached.
pub(crate) async fn erase(tx: &TenantTransaction, sales: &[i64], traces: &Traces) -> Result<u64> {
    let mut count = 0;
    for row in tx.rows(&OF, &[&sales]).await? {
        let (id, terms): (i64, String) = (row.get(0), row.get(2));
        let terms = if traces.named_in(&terms) {
            String::new()
        } else {
            terms
        };
        let lines: Vec<Line> = serde_json::from_value(row.get(1)).unwrap_or_default();
        let line = |mut line: Line| {
            if traces.named_in(&line.name) {
                CALLED.clone_into(&mut line.name);
            }
            line
        };
        let lines: Vec<Line> = lines.into_iter().map(line).collect();
        let lines = crate::records::json(&lines)?;
        let params: [&(dyn ToSql + Sync); 4] = [&id, &terms, &lines, &CALLED];
        count += tx.execute(&ERASE, &params).await?;
    }
    tx.execute(&WHO, &[&sales, &CALLED]).await?;
    Ok(count)
}
