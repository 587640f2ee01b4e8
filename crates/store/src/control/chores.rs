//! In which tenants' data some work waits. The work itself, and how far it has come, is in the tenant's
//! own tables; this only tells programs where to look.

use crate::statement::{self, statements};
use crate::{Result, Store};

statements! { "chores":
    ASK = "INSERT INTO tenant_chore (company_id) VALUES ($1)
        ON CONFLICT (company_id) DO UPDATE SET asked_at = now()";
    CLAIM = "UPDATE tenant_chore SET lease_until = now() + interval '15 seconds' WHERE company_id = (
            SELECT company_id FROM tenant_chore WHERE lease_until < now()
            ORDER BY lease_until, asked_at LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING company_id";
    HOLD = "UPDATE tenant_chore SET lease_until = now() + interval '15 seconds' WHERE company_id = $1";
    // Long enough for whoever asked to write down what is to be done.
    DONE = "DELETE FROM tenant_chore WHERE company_id = $1 AND asked_at < now() - interval '1 minute'";
    REST = "UPDATE tenant_chore SET lease_until = now() + $2 * interval '1 second' WHERE company_id = $1";
}

/// Has programs look into this tenant's data. Ask first, then write down the work.
///
/// # Errors
/// When the control database can't be reached; so with the others.
pub async fn ask(store: &Store, company_id: i64) -> Result<()> {
    let client = store.client().await?;
    statement::rows(&client, &ASK, &[&company_id]).await?;
    Ok(())
}

/// Takes the tenant that waits longest, for fifteen seconds.
///
/// # Errors
/// See [`ask`].
pub async fn claim(store: &Store) -> Result<Option<i64>> {
    let client = store.client().await?;
    let rows = statement::rows(&client, &CLAIM, &[]).await?;
    Ok(rows.first().map(|row| row.get(0)))
}

/// Keeps it for fifteen seconds more.
///
/// # Errors
/// See [`ask`].
pub async fn hold(store: &Store, company_id: i64) -> Result<()> {
    let client = store.client().await?;
    statement::rows(&client, &HOLD, &[&company_id]).await?;
    Ok(())
}

/// Nothing is left to do there: gives it back, for good unless somebody has asked just now.
///
/// # Errors
/// See [`ask`].
pub async fn done(store: &Store, company_id: i64) -> Result<()> {
    let client = store.client().await?;
    statement::rows(&client, &DONE, &[&company_id]).await?;
    statement::rows(&client, &REST, &[&company_id, &0.5_f64]).await?;
    Ok(())
}

/// Gives it back with its work, for who comes after so many seconds.
///
/// # Errors
/// See [`ask`].
pub async fn rest(store: &Store, company_id: i64, seconds: f64) -> Result<()> {
    let client = store.client().await?;
    statement::rows(&client, &REST, &[&company_id, &seconds]).await?;
    Ok(())
}
