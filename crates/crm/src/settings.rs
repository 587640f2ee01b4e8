//! The history of a company's settings that are no records: who did what, written once, in the transaction that
//! does it.

use crate::work::{By, support_of};
use serde_json::Value;
use sindico_db::{Result, Statement, TenantTransaction, ToSql};

sindico_db::statements! { "settings":
    NOTE = "INSERT INTO setting_change
            (what, what_id, action, user_id, username, address, request_id, support, before, after)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    LAST = "SELECT before FROM setting_change WHERE what = $1 AND what_id = $2 ORDER BY id DESC LIMIT 1";
}

pub(crate) fn statements() -> Vec<Statement> {
    STATEMENTS.to_vec()
}

/// What is set.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Setting {
    /// A webhook.
    Webhook,
    /// A form on the web.
    LeadForm,
    /// Who gets new leads.
    Assignment,
    /// The mail server.
    Mail,
    /// What a person asked for.
    PrivacyRequest,
    /// For how long something is kept.
    RetentionRule,
}

impl Setting {
    fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::LeadForm => "lead_form",
            Self::Assignment => "assignment_rules",
            Self::Mail => "mail_settings",
            Self::PrivacyRequest => "privacy_request",
            Self::RetentionRule => "retention_rule",
        }
    }
}

/// Writes down what was done.
pub(crate) async fn note(
    tx: &TenantTransaction,
    by: By<'_>,
    (what, id, action): (Setting, i64, &str),
    before: Option<Value>,
    after: Option<Value>,
) -> Result<()> {
    let actor = by.actor;
    let address = actor.address.map(|address| address.to_string());
    let params: [&(dyn ToSql + Sync); 10] = [
        &what.as_str(),
        &id,
        &action,
        &actor.user_id,
        &actor.name,
        &address,
        &actor.request_id,
        &support_of(actor),
        &before,
        &after,
    ];
    tx.execute(&NOTE, &params).await?;
    Ok(())
}

/// As it was before its last change; `None` when it has none.
pub(crate) async fn last(tx: &TenantTransaction, what: Setting, id: i64) -> Result<Option<Value>> {
    let row = tx.row(&LAST, &[&what.as_str(), &id]).await?;
    Ok(row.and_then(|row| row.get(0)))
}
