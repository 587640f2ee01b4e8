//! The use cases of the control database, one file a noun.

pub(crate) mod access;
pub mod accounts;
pub mod audit;
pub mod challenges;
pub mod chores;
pub mod domains;
pub mod hand_overs;
mod housekeeping;
pub mod idempotency;
pub mod members;
pub mod notifications;
pub mod operations;
pub mod overview;
mod passwords;
pub mod places;
pub mod preferences;
pub mod resets;
pub mod role_matrix;
mod secrets;
pub mod sessions;
mod sign_in;
pub mod support;
pub mod tenants;
pub mod throttle;
pub mod tokens;
pub mod totp;
pub mod users;
pub mod webhooks;

pub use housekeeping::{Purged, purge};
pub use sign_in::sign_in;

use crate::{Result, Statement, Store};

/// Every statement of the control database; a test prepares each against the migrated schema.
pub fn statements() -> Vec<Statement> {
    [
        accounts::STATEMENTS,
        audit::STATEMENTS,
        challenges::STATEMENTS,
        chores::STATEMENTS,
        domains::STATEMENTS,
        hand_overs::STATEMENTS,
        idempotency::STATEMENTS,
        &members::all_statements(),
        notifications::STATEMENTS,
        overview::STATEMENTS,
        places::STATEMENTS,
        preferences::STATEMENTS,
        resets::STATEMENTS,
        role_matrix::STATEMENTS,
        sessions::STATEMENTS,
        sign_in::STATEMENTS,
        support::STATEMENTS,
        &operations::all_statements(),
        &tenants::all_statements(),
        throttle::STATEMENTS,
        tokens::STATEMENTS,
        &totp::all_statements(),
        crate::tenant::directory::statements(),
        crate::tenant::news::all_statements(),
        users::STATEMENTS,
        webhooks::STATEMENTS,
    ]
    .concat()
}

/// Prepares every statement, and names those that PostgreSQL refuses.
///
/// # Errors
/// When the database can't be reached.
pub async fn check_statements(store: &Store) -> Result<Vec<String>> {
    let client = store.client().await?;
    let mut wrong = Vec::new();
    for statement in statements() {
        if let Err(error) = client.prepare(statement.sql).await {
            wrong.push(format!(
                "{}: {}",
                statement.name,
                sindico_db::describe(&error)
            ));
        }
    }
    Ok(wrong)
}
