//! Creation, change and removal of customers.

use super::{read, search_text, select};
use crate::idempotency;
use sindico_db::idempotency::{Key, Once};
use sindico_db::{Result, Row, Statement, TenantConnection, TenantTransaction};
use sindico_domain::crm::customer::{Customer, CustomerChanges, NewCustomer};
use sindico_domain::precondition::Precondition;

macro_rules! returning {
    ($write:literal) => {
        concat!(
            $write,
            " RETURNING id, name, email, phone, document, created_at, updated_at, version"
        )
    };
}

sindico_db::statements! { "customers":
    LOCK = select!("WHERE id = $1 FOR UPDATE");
    INSERT = returning!("INSERT INTO customer (name, email, phone, document, search_text)
        VALUES ($1, $2, $3, $4, $5)");
    UPDATE = returning!("UPDATE customer SET name = $2, email = $3, phone = $4, document = $5,
        search_text = $6, version = version + 1, updated_at = now() WHERE id = $1");
    DELETE = "DELETE FROM customer WHERE id = $1";
}

pub(super) fn statements() -> &'static [Statement] {
    STATEMENTS
}

/// Creates a customer.
///
/// # Errors
/// An e-mail address that another customer has is refused on its field; a key that was used with
/// another request; or the tenant's place can't be reached.
pub async fn create(
    data: &TenantConnection,
    new: &NewCustomer,
    key: Option<&Key>,
) -> Result<Once<Customer>> {
    let tx = data.begin().await?;
    if let Some(earlier) = idempotency::begin(&tx, key).await? {
        return Ok(earlier);
    }
    let text = search_text(&new.name, &new.email, &new.phone, &new.document);
    let row = tx
        .one(
            &INSERT,
            &[&new.name, &new.email, &new.phone, &new.document, &text],
        )
        .await?;
    let customer = read(&row);
    let version = customer.version;
    let once = idempotency::finish(&tx, key, customer, version).await?;
    tx.commit().await?;
    Ok(once)
}

/// Changes a customer; `None` when there is none with this id. A change that changes nothing leaves
/// its version.
///
/// # Errors
/// As [`create`]; `PreconditionFailed` when it is not at the version that the caller means.
pub async fn change(
    data: &TenantConnection,
    id: i64,
    changes: &CustomerChanges,
    condition: &Precondition,
) -> Result<Option<Customer>> {
    let tx = data.begin().await?;
    let Some(before) = locked(&tx, id, condition).await? else {
        return Ok(None);
    };
    let after = changes.apply(&before);
    if after == before {
        return Ok(Some(before));
    }
    let text = search_text(&after.name, &after.email, &after.phone, &after.document);
    let row: Row = tx
        .one(
            &UPDATE,
            &[
                &id,
                &after.name,
                &after.email,
                &after.phone,
                &after.document,
                &text,
            ],
        )
        .await?;
    tx.commit().await?;
    Ok(Some(read(&row)))
}

/// Removes a customer; whether there was one.
///
/// # Errors
/// As [`change`].
pub async fn remove(data: &TenantConnection, id: i64, condition: &Precondition) -> Result<bool> {
    let tx = data.begin().await?;
    if locked(&tx, id, condition).await?.is_none() {
        return Ok(false);
    }
    tx.execute(&DELETE, &[&id]).await?;
    tx.commit().await?;
    Ok(true)
}

/// The customer at the version that the caller means, locked until the transaction's end.
async fn locked(
    tx: &TenantTransaction,
    id: i64,
    condition: &Precondition,
) -> Result<Option<Customer>> {
    let Some(customer) = tx.row(&LOCK, &[&id]).await?.as_ref().map(read) else {
        return Ok(None);
    };
    condition.check(customer.version)?;
    Ok(Some(customer))
}
