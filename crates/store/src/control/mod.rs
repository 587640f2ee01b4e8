//! The use cases of the control database, one file a noun.

pub mod audit;
pub mod idempotency;
pub mod operations;
pub mod tenants;

use crate::{Result, Statement, Store};

/// Every statement of the control database; a test prepares each against the migrated schema.
pub fn statements() -> Vec<Statement> {
    [
        audit::STATEMENTS,
        idempotency::STATEMENTS,
        &operations::all_statements(),
        &tenants::all_statements(),
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
                crate::error::describe(&error)
            ));
        }
    }
    Ok(wrong)
}
