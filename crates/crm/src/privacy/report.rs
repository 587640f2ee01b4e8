//! A person's copy of what is kept of them (LGPD, articles 18 II and 19): all of it, readable by people and programs.

use super::consents;
use super::person::{Person, ids};
use super::requests::RequestRow;
use crate::records::json;
use crate::work::{By, Work};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sindico_db::{Result, Row, Statement, TenantConnection};
use sindico_domain::crm::Kind;

sindico_db::statements! { "report":
    HISTORY = "SELECT c.kind, c.record_id, c.op, s.action, s.at, c.before, c.after
        FROM change c JOIN change_set s ON s.company_id = c.company_id AND s.id = c.change_set_id
        WHERE c.kind = $1 AND c.record_id = ANY ($2) ORDER BY c.id";
    ENTRIES = "SELECT f.title, e.at, e.consent, e.address FROM lead_form_entry e
        JOIN lead_form f ON f.company_id = e.company_id AND f.id = e.form_id WHERE e.lead_id = ANY ($1) ORDER BY e.id";
    LOOKS = "SELECT day, username, times FROM access_log WHERE kind = $1 AND record_id = ANY ($2) ORDER BY id";
}

pub(super) fn statements() -> Vec<Statement> {
    STATEMENTS.to_vec()
}

/// The kinds that a person's records are of, and what they are called in their copy.
const KINDS: [(Kind, &str); 4] = [
    (Kind::Customer, "customers"),
    (Kind::Lead, "leads"),
    (Kind::Opportunity, "opportunities"),
    (Kind::Activity, "activities"),
];

/// All that is kept of the person that a request is about.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn report(data: &TenantConnection, by: By<'_>, request: &RequestRow) -> Result<Value> {
    let work = Work::begin(data, by).await?;
    let person = Person::lock(&work, &request.customers, &request.leads).await?;
    let mut all = Map::new();
    all.insert("generated_at".to_owned(), json!(by.now));
    all.insert("law".to_owned(), json!("LGPD, Lei 13.709/2018, art. 18"));
    let (mut history, mut grounds, mut looks) = (Vec::new(), Vec::new(), Vec::new());
    for (kind, name) in KINDS {
        let records = person.of(kind);
        all.insert(name.to_owned(), json(&records)?);
        let (word, ids) = (kind.as_str(), ids(records));
        let rows = work.tx.rows(&HISTORY, &[&word, &ids]).await?;
        history.extend(rows.iter().map(change));
        if matches!(kind, Kind::Customer | Kind::Lead) {
            let rows = work.tx.rows(&LOOKS, &[&word, &ids]).await?;
            looks.extend(rows.iter().map(|row| {
                json!({"day": row.get::<_, jiff::civil::Date>(0).to_string(), "who": row.get::<_, &str>(1), "times": row.get::<_, i64>(2)})
            }));
            for id in ids {
                grounds.extend(consents::those_of(&work.tx, kind, id).await?);
            }
        }
    }
    let entries = work.tx.rows(&ENTRIES, &[&ids(&person.leads)]).await?;
    let entries = entries.iter().map(|row| {
        json!({
            "form": row.get::<_, &str>(0), "at": row.get::<_, Timestamp>(1),
            "agreed_to": row.get::<_, &str>(2), "address": row.get::<_, Option<&str>>(3),
        })
    });
    all.insert("forms".to_owned(), Value::Array(entries.collect()));
    all.insert("grounds".to_owned(), json(&grounds)?);
    all.insert("history".to_owned(), Value::Array(history));
    all.insert("looked_at_by".to_owned(), Value::Array(looks));
    Ok(Value::Object(all))
}

fn change(row: &Row) -> Value {
    json!({
        "kind": row.get::<_, &str>(0), "record": row.get::<_, i64>(1), "op": row.get::<_, &str>(2),
        "action": row.get::<_, &str>(3), "at": row.get::<_, Timestamp>(4),
        "before": row.get::<_, Value>(5), "after": row.get::<_, Value>(6),
    })
}
