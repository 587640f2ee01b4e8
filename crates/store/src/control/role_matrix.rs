//! A company's own overrides of the role matrix.

use super::audit::{self, NewEvent};
use super::{members, tenants};
use crate::statement::{self, statements};
use crate::{Result, Store};
use deadpool_postgres::GenericClient;
use jiff::Timestamp;
use sindico_domain::access::Actor;
use sindico_domain::access::overrides::Overrides;
use sindico_domain::precondition::Precondition;

statements! { "role_matrix":
    FIND = "SELECT overrides, updated_at FROM tenant_role_matrix WHERE company_id = $1";
    // Always later than before: it is the version. now() is when the transaction began to wait.
    SAVE = "INSERT INTO tenant_role_matrix AS m (company_id, overrides) VALUES ($1, $2)
        ON CONFLICT (company_id) DO UPDATE SET overrides = excluded.overrides,
            updated_at = greatest(now(), m.updated_at + interval '1 microsecond')
        RETURNING updated_at";
}

/// What a company says of the matrix.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stored {
    /// The overrides.
    pub overrides: Overrides,
    /// The version for `ETag`: when they were written, in microseconds; 0 when they never were.
    pub version: i64,
}

/// How new overrides meet those that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Write {
    /// In place of them.
    Replace,
    /// Over them, by resource and method.
    Merge,
}

/// The overrides of this company; none when it has said nothing, or is not there.
///
/// # Errors
/// When the database can't be reached.
pub async fn find(store: &Store, company_id: i64) -> Result<Stored> {
    find_on(&store.client().await?, company_id).await
}

/// Writes overrides of this company.
///
/// # Errors
/// `None` when there is no such company. Refused: a stale precondition, and a caller who is no
/// owner any more. Or the database can't be reached.
pub async fn write(
    store: &Store,
    actor: &Actor,
    company_id: i64,
    how: Write,
    overrides: &Overrides,
    precondition: &Precondition,
) -> Result<Option<Stored>> {
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    let Some(tenant) = tenants::lock(&tx, company_id).await? else {
        return Ok(None);
    };
    members::require_owner(&tx, actor, company_id).await?;
    let before = find_on(&tx, company_id).await?;
    precondition.check(before.version)?;
    let after = match how {
        Write::Replace => overrides.clone(),
        Write::Merge => before.overrides.clone().merge(overrides.clone()),
    };
    if after == before.overrides {
        return Ok(Some(before));
    }
    let json = after.to_json();
    let row = statement::one(&tx, &SAVE, &[&company_id, &json]).await?;
    let event = NewEvent {
        action: "rbac.change",
        company_id: Some(company_id),
        subject: format!("roles of {}", tenant.tenant_code),
        before: Some(before.overrides.to_json()),
        after: Some(json),
    };
    audit::record(&tx, actor, event).await?;
    tx.commit().await?;
    Ok(Some(Stored {
        overrides: after,
        version: row.get::<_, Timestamp>(0).as_microsecond(),
    }))
}

async fn find_on(client: &impl GenericClient, company_id: i64) -> Result<Stored> {
    let row = statement::row(client, &FIND, &[&company_id]).await?;
    Ok(row.map_or_else(Stored::default, |row| Stored {
        overrides: Overrides::stored(&row.get(0)),
        version: row.get::<_, Timestamp>(1).as_microsecond(),
    }))
}
