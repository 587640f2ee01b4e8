//! Custom fields: read and set up. Whatever is set up is a change set, with an undo as any other
//! ([`crate::changes`]).

mod change;
mod reindex;

pub use change::{change, create, order, remove};
pub(crate) use change::{hold, lower, raise};
pub use reindex::{Reindexed, reindex, waits};

use crate::pipelines::{HISTORY_SQL, SetupChange, told};
use sindico_db::{Error, Result, Row, Statement, TenantConnection, TenantTransaction};
use sindico_domain::crm::custom::{CustomField, Customs};

macro_rules! columns {
    () => {
        "id, kind, key, label, type, options, help, position, required, required_roles, searchable, on_card, pii, version"
    };
}
use columns;

sindico_db::statements! { "customs":
    ALL = concat!("SELECT ", columns!(), " FROM custom_field WHERE deleted_at IS NULL ORDER BY kind, position, id");
}

pub(crate) fn statements() -> Vec<Statement> {
    [STATEMENTS, change::statements(), &reindex::statements()].concat()
}

/// All of a company that are there.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn read(data: &TenantConnection) -> Result<Customs> {
    all(&data.rows(&ALL, &[]).await?)
}

pub(crate) async fn read_in(tx: &TenantTransaction) -> Result<Customs> {
    all(&tx.rows(&ALL, &[]).await?)
}

fn all(rows: &[Row]) -> Result<Customs> {
    let all = rows.iter().map(field).collect::<Result<Vec<_>>>();
    all.map(Customs::new)
}

fn field(row: &Row) -> Result<CustomField> {
    let word = |n: usize| row.get::<_, &str>(n);
    let roles: Vec<&str> = row.get(9);
    Ok(CustomField {
        id: row.get(0),
        kind: word(1).parse().map_err(Error::Internal)?,
        key: row.get(2),
        label: row.get(3),
        ty: word(4).parse().map_err(Error::Internal)?,
        options: serde_json::from_value(row.get(5))
            .map_err(|error| Error::Internal(format!("options that can't be read: {error}")))?,
        help: row.get(6),
        position: row.get(7),
        required: row.get(8),
        required_roles: roles.iter().filter_map(|role| role.parse().ok()).collect(),
        searchable: row.get(10),
        on_card: row.get(11),
        pii: row.get(12),
        version: row.get(13),
    })
}

/// The latest changes of how they are set up, the newest first.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn history(data: &TenantConnection) -> Result<Vec<SetupChange>> {
    let rows = data.rows(HISTORY_SQL, &[&true]).await?;
    Ok(rows.iter().map(told).collect())
}

/// The same, and all that are there, in one round trip.
///
/// # Errors
/// When the tenant's place can't be reached.
pub async fn with_history(data: &TenantConnection) -> Result<(Customs, Vec<SetupChange>)> {
    let answers = data.read(&[(&ALL, &[]), (HISTORY_SQL, &[&true])]).await?;
    Ok((all(&answers[0])?, answers[1].iter().map(told).collect()))
}
