//! Who is meant: records that rows name, and records that they already are.

use super::cells::Said;
use super::job::{Job, Options};
use serde_json::Value;
use sindico_db::{Result, TenantTransaction};
use sindico_domain::brazil::{Phone, TaxId};
use sindico_domain::crm::Kind;
use std::collections::HashMap;

sindico_db::statements! { "imports.matching":
    // Keys come as they are kept; what rows name comes as it was typed, and is folded before it meets a row: behind a
    // policy an index answers no condition with a function that is not leakproof.
    BY_KEY = "SELECT key, min(id) FROM ids_by_key($1, $2, $3) GROUP BY 1";
    CUSTOMERS_NAMED = "WITH named AS MATERIALIZED (SELECT one, lower(one COLLATE \"und-x-icu\") COLLATE \"C\" AS email FROM unnest($1::text[]) e (one))
        SELECT e.one, t.id FROM ids_by_key('customer', 'email_key', ARRAY(SELECT DISTINCT email FROM named)) t JOIN named e ON e.email = t.key
        UNION SELECT key, id FROM ids_by_key('customer', 'name', $1)
        UNION SELECT t.id::text, t.id FROM customer t WHERE t.id = ANY ($2) AND t.deleted_at IS NULL";
    LEADS_NAMED = "WITH named AS MATERIALIZED (SELECT one, lower(one COLLATE \"und-x-icu\") COLLATE \"C\" AS email FROM unnest($1::text[]) e (one))
        SELECT e.one, t.id FROM ids_by_key('lead', 'email_key', ARRAY(SELECT DISTINCT email FROM named)) t JOIN named e ON e.email = t.key
        UNION SELECT key, id FROM ids_by_text('lead', 'name', $1)
        UNION SELECT t.id::text, t.id FROM lead t WHERE t.id = ANY ($2) AND t.deleted_at IS NULL";
    OPPORTUNITIES_NAMED = "SELECT key, id FROM ids_by_text('opportunity', 'title', $1)
        UNION SELECT t.id::text, t.id FROM opportunity t WHERE t.id = ANY ($2) AND t.deleted_at IS NULL";
}

/// What a row is known by, such as `("email", "ana@example.com")`.
pub(super) type Key = (&'static str, String);

/// The keys of a row, the one that counts most first.
pub(super) fn keys(job: &Job, said: &Said) -> Vec<Key> {
    let text = |name: &str| {
        said.body
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let mut keys = Vec::new();
    for key in Options::keys_of(job.kind) {
        // What must be unique is looked for in any case.
        let wanted = job.options.keys.iter().any(|chosen| chosen == key)
            || (job.kind == Kind::Customer && *key == "email");
        let value = match *key {
            _ if !wanted => continue,
            "email" => text("email").trim().to_lowercase(),
            "document" => match text("document").parse::<TaxId>() {
                Ok(id) => id.normal().to_owned(),
                Err(_) => continue,
            },
            _ => match text("phone").parse::<Phone>() {
                Ok(phone) => phone.e164().to_owned(),
                Err(_) => continue,
            },
        };
        if !value.is_empty() {
            keys.push((*key, value));
        }
    }
    keys
}

/// The records that have these keys.
pub(super) async fn by_keys(
    tx: &TenantTransaction,
    kind: Kind,
    rows: &[Vec<Key>],
) -> Result<HashMap<Key, i64>> {
    let mut found = HashMap::new();
    for key in Options::keys_of(kind) {
        let mut values: Vec<&str> = rows
            .iter()
            .flatten()
            .filter(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
            .collect();
        if values.is_empty() {
            continue;
        }
        values.sort_unstable();
        values.dedup();
        let column = format!("{key}_key");
        let rows = tx
            .rows(&BY_KEY, &[&kind.as_str(), &column, &values])
            .await?;
        for row in rows {
            found.insert((*key, row.get(0)), row.get(1));
        }
    }
    Ok(found)
}

/// The records that rows name, by kind and text; several where the name is not enough.
pub(super) async fn named(
    tx: &TenantTransaction,
    rows: &[Said],
) -> Result<HashMap<(Kind, String), Vec<i64>>> {
    let mut found: HashMap<(Kind, String), Vec<i64>> = HashMap::new();
    for (kind, statement) in [
        (Kind::Customer, &CUSTOMERS_NAMED),
        (Kind::Lead, &LEADS_NAMED),
        (Kind::Opportunity, &OPPORTUNITIES_NAMED),
    ] {
        let mut texts: Vec<&str> = rows
            .iter()
            .flat_map(|said| &said.named)
            .filter(|(_, to, _)| *to == kind)
            .map(|(_, _, text)| text.as_str())
            .collect();
        if texts.is_empty() {
            continue;
        }
        texts.sort_unstable();
        texts.dedup();
        let ids: Vec<i64> = texts.iter().filter_map(|text| text.parse().ok()).collect();
        for row in tx.rows(statement, &[&texts, &ids]).await? {
            found
                .entry((kind, row.get(0)))
                .or_default()
                .push(row.get(1));
        }
    }
    Ok(found)
}
