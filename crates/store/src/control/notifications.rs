//! In which tenants' data somebody may be to be told of something, and when to look there next. What is due is in the
//! tenant's own tables; this only tells programs where to look.

use crate::statement::{self, statements};
use crate::{Result, Store};

statements! { "notifications":
    ASK = "INSERT INTO notification_chore (company_id)
        SELECT id FROM company WHERE id = ANY ($1)
        ON CONFLICT (company_id) DO UPDATE SET asked = true WHERE NOT notification_chore.asked";
    // Not all at once: nobody has asked.
    ASK_ALL = "INSERT INTO notification_chore (company_id, asked, look_at)
        SELECT id, false, now() + random() * interval '10 minutes' FROM company
        ON CONFLICT (company_id) DO UPDATE SET look_at = least(notification_chore.look_at, excluded.look_at)";
    CLAIM = "UPDATE notification_chore SET asked = false, look_at = now(), lease_until = now() + interval '15 seconds'
        WHERE company_id = (SELECT company_id FROM notification_chore
            WHERE (asked OR look_at <= now()) AND lease_until < now()
            ORDER BY look_at LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING company_id";
    HOLD = "UPDATE notification_chore SET lease_until = now() + interval '15 seconds' WHERE company_id = $1";
    REST = "UPDATE notification_chore SET look_at = now() + $2 * interval '1 second', lease_until = '-infinity'
        WHERE company_id = $1";
}

/// Something is new in these tenants' data.
///
/// # Errors
/// When the control database can't be reached; so with the others.
pub async fn ask(store: &Store, companies: &[i64]) -> Result<()> {
    statement::execute(&store.client().await?, &ASK, &[&companies]).await?;
    Ok(())
}

/// Something may have been missed: all are looked at within ten minutes.
///
/// # Errors
/// See [`ask`].
pub async fn ask_all(store: &Store) -> Result<()> {
    statement::execute(&store.client().await?, &ASK_ALL, &[]).await?;
    Ok(())
}

/// Takes a tenant that is to be looked at, for fifteen seconds.
///
/// # Errors
/// See [`ask`].
pub async fn claim(store: &Store) -> Result<Option<i64>> {
    let rows = statement::rows(&store.client().await?, &CLAIM, &[]).await?;
    Ok(rows.first().map(|row| row.get(0)))
}

/// Keeps it for fifteen seconds more.
///
/// # Errors
/// See [`ask`].
pub async fn hold(store: &Store, company_id: i64) -> Result<()> {
    statement::execute(&store.client().await?, &HOLD, &[&company_id]).await?;
    Ok(())
}

/// Gives it back, for who looks after so many seconds; at once, if somebody has asked meanwhile.
///
/// # Errors
/// See [`ask`].
pub async fn rest(store: &Store, company_id: i64, seconds: f64) -> Result<()> {
    let client = store.client().await?;
    statement::execute(&client, &REST, &[&company_id, &seconds]).await?;
    Ok(())
}
