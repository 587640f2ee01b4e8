//! What is to be told: changes become deliveries, each once, and the place up to which that was done moves on in
//! the same transaction.

use jiff::Timestamp;
use serde_json::json;
use sindico_db::{Result, TenantConnection, TenantTransaction, ToSql};
use sindico_domain::crm::Kind;
use sindico_domain::webhook;

/// How many changes are read at a time.
const PIECE: i64 = 500;

sindico_db::statements! { "webhook_feed":
    // In an order that is always the same: no two wait for each other.
    ACTIVE = "SELECT id, events, seen_xid, seen_id FROM webhook WHERE state = 'ACTIVE' ORDER BY id FOR UPDATE";
    AFTER = "SELECT c.xid, c.id, c.kind, c.record_id, c.op, c.change_set_id, s.at
        FROM change c JOIN change_set s ON s.company_id = c.company_id AND s.id = c.change_set_id
        WHERE (c.xid, c.id) > ($1, $2) AND c.xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint
        ORDER BY c.xid, c.id LIMIT $3";
    END = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint";
    INSERT = "INSERT INTO webhook_delivery (webhook_id, message, event, body, due_at, created_at)
        SELECT $1, n.message, n.event, n.body, $5, $5
        FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS n (message, event, body, place)
        ORDER BY n.place
        ON CONFLICT DO NOTHING";
    SEEN = "UPDATE webhook SET seen_xid = $2, seen_id = $3 WHERE id = $1";
}

/// Makes deliveries of what has changed, for each active webhook; whether there may be more.
///
/// # Errors
/// When the tenant's place can't be reached: then nothing has moved.
pub async fn fetch(data: &TenantConnection, tenant: &str, now: Timestamp) -> Result<bool> {
    let tx = data.begin().await?;
    let mut more = false;
    for row in tx.rows(&ACTIVE, &[]).await? {
        let (id, events): (i64, Vec<String>) = (row.get(0), row.get(1));
        more |= fetch_one(&tx, (id, &events), (row.get(2), row.get(3)), tenant, now).await?;
    }
    tx.commit().await?;
    Ok(more)
}

async fn fetch_one(
    tx: &TenantTransaction,
    (id, events): (i64, &[String]),
    (xid, change): (i64, i64),
    tenant: &str,
    now: Timestamp,
) -> Result<bool> {
    let changes = tx.rows(&AFTER, &[&xid, &change, &PIECE]).await?;
    let Some(last) = changes.last() else {
        // A place that lies ahead is of another server: these data were moved, or are a copy's.
        let end: i64 = tx.one(&END, &[]).await?.get(0);
        if xid > end {
            tx.execute(&SEEN, &[&id, &end, &0_i64]).await?;
        }
        return Ok(false);
    };
    let (mut messages, mut names, mut bodies) = (Vec::new(), Vec::new(), Vec::new());
    for row in &changes {
        let Ok(kind) = row.get::<_, &str>(2).parse::<Kind>() else {
            continue;
        };
        let Some(event) = webhook::event(kind, row.get(4)).filter(|event| events.contains(event))
        else {
            continue;
        };
        let data =
            json!({ "kind": kind, "id": row.get::<_, i64>(3), "change_set": row.get::<_, i64>(5) });
        messages.push(format!("msg_{id}_{}", row.get::<_, i64>(1)));
        bodies.push(webhook::body(&event, row.get(6), tenant, &data));
        names.push(event);
    }
    if !messages.is_empty() {
        let params: [&(dyn ToSql + Sync); 5] = [&id, &messages, &names, &bodies, &now];
        tx.execute(&INSERT, &params).await?;
    }
    let (xid, change): (i64, i64) = (last.get(0), last.get(1));
    tx.execute(&SEEN, &[&id, &xid, &change]).await?;
    Ok(changes.len() as i64 == PIECE)
}
