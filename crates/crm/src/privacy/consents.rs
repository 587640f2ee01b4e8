//! On which grounds something is done with a person's data: a log to which is only added.

use crate::work::{By, Work};
use jiff::Timestamp;
use serde::Serialize;
use sindico_db::{Error, Result, Row, Statement, TenantConnection, TenantTransaction, ToSql};
use sindico_domain::crm::Kind;
use sindico_domain::privacy::{Basis, ConsentDraft, ConsentState};
use utoipa::ToSchema;

macro_rules! columns {
    () => {
        "id, purpose, basis, state, source, evidence, user_id, username, at"
    };
}

sindico_db::statements! { "consents":
    // With what people agreed to in the forms that made the lead.
    OF = concat!("SELECT * FROM (SELECT ", columns!(), " FROM consent WHERE kind = $1 AND record_id = $2
            UNION ALL SELECT 0, f.title, 'CONSENT', 'GRANTED', f.source, e.consent, NULL, '', e.at
            FROM lead_form_entry e JOIN lead_form f ON f.company_id = e.company_id AND f.id = e.form_id
            WHERE $1 = 'lead' AND e.lead_id = $2 AND e.consent <> '') c
        ORDER BY at DESC, id DESC LIMIT 500");
    ADD = concat!("INSERT INTO consent (kind, record_id, purpose, basis, state, source, evidence, user_id, username, at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING ", columns!());
}

pub(super) fn statements() -> Vec<Statement> {
    STATEMENTS.to_vec()
}

/// A ground, given or taken back.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Consent {
    /// Its id; 0 for what was agreed to in a form on the web.
    pub id: i64,
    /// What for.
    pub purpose: String,
    /// The ground.
    pub basis: Basis,
    /// Whether it holds since then.
    pub state: ConsentState,
    /// Where it was said.
    pub source: String,
    /// What shows it.
    pub evidence: String,
    /// Who wrote it down.
    pub user: Option<i64>,
    /// Their name.
    pub username: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

fn read(row: &Row) -> Result<Consent> {
    Ok(Consent {
        id: row.get(0),
        purpose: row.get(1),
        basis: row.get::<_, &str>(2).parse().map_err(Error::Internal)?,
        state: row.get::<_, &str>(3).parse().map_err(Error::Internal)?,
        source: row.get(4),
        evidence: row.get(5),
        user: row.get(6),
        username: row.get(7),
        at: row.get(8),
    })
}

/// Those of a customer or a lead, the latest first: of each purpose the latest counts.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn of(data: &TenantConnection, kind: Kind, id: i64) -> Result<Vec<Consent>> {
    let rows = data.rows(&OF, &[&kind.as_str(), &id]).await?;
    rows.iter().map(read).collect()
}

/// The same in a transaction.
pub(super) async fn those_of(tx: &TenantTransaction, kind: Kind, id: i64) -> Result<Vec<Consent>> {
    let rows = tx.rows(&OF, &[&kind.as_str(), &id]).await?;
    rows.iter().map(read).collect()
}

/// Adds one; `None` when there is no such record, or it is in the bin.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn add(
    data: &TenantConnection,
    by: By<'_>,
    (kind, id): (Kind, i64),
    draft: &ConsentDraft,
) -> Result<Option<Consent>> {
    let work = Work::begin(data, by).await?;
    if work.lock(kind, id).await?.is_none() {
        return Ok(None);
    }
    let params: [&(dyn ToSql + Sync); 10] = [
        &kind.as_str(),
        &id,
        &draft.purpose,
        &draft.basis.as_str(),
        &draft.state.as_str(),
        &draft.source,
        &draft.evidence,
        &by.actor.user_id,
        &by.actor.name,
        &by.now,
    ];
    let made = read(&work.tx.one(&ADD, &params).await?)?;
    work.commit().await?;
    Ok(Some(made))
}
