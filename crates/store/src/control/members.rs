//! Members of a tenant: who they are. What changes them is in `write`.

mod write;

pub(crate) use write::require_owner;
pub use write::{Added, add, change, remove};

use super::tenants::word;
use crate::statement::{self, statements};
use crate::{Result, Statement, Store};
use sindico_domain::access::Role;
use sindico_domain::access::member::Member;
use sindico_domain::page::{Cursor, Page, PageRequest};
use std::collections::HashMap;
use tokio_postgres::Row;

/// The order of [`list`], as its cursor names it.
const SORT: &str = "username";

/// A member, and whether the account is active; `read` knows the order.
macro_rules! select {
    () => {
        "SELECT m.id, m.user_id, u.username, u.email, m.role, m.is_active, m.created_at, m.updated_at,
            u.is_active
        FROM company_membership m JOIN app_user u ON u.id = m.user_id WHERE m.company_id = $1"
    };
}
pub(crate) use select;

statements! { "members":
    LIST = concat!(select!(), " AND ($2::text IS NULL
            OR (u.username COLLATE \"und-x-icu\", m.id) > ($2 COLLATE \"und-x-icu\", $3::bigint))
        ORDER BY u.username COLLATE \"und-x-icu\", m.id LIMIT $4");
    COUNT = "SELECT count(*) FROM company_membership WHERE company_id = $1";
    COUNT_ACTIVE = "SELECT count(*) FROM company_membership WHERE company_id = $1 AND is_active";
    ACTIVE = "SELECT u.id, u.username FROM company_membership m JOIN app_user u ON u.id = m.user_id
        WHERE m.company_id = $1 AND u.id = ANY ($2) AND m.is_active AND u.is_active";
    ALL_ACTIVE = "SELECT u.id, u.username, u.email FROM company_membership m JOIN app_user u ON u.id = m.user_id
        WHERE m.company_id = $1 AND m.is_active AND u.is_active";
    OWNERS = "SELECT u.id FROM company_membership m JOIN app_user u ON u.id = m.user_id
        WHERE m.company_id = $1 AND m.role = 'OWNER' AND m.is_active AND u.is_active ORDER BY u.id";
    FIND_BY_USERNAME = concat!(select!(),
        " AND lower(u.username COLLATE \"und-x-icu\") = lower($2 COLLATE \"und-x-icu\")");
}

/// Every statement of this noun.
pub(crate) fn all_statements() -> Vec<Statement> {
    [STATEMENTS, write::STATEMENTS].concat()
}

/// Members of a company, active or not, by user name as people sort.
///
/// # Errors
/// A cursor of another list is refused; or the database can't be reached.
pub async fn list(store: &Store, company_id: i64, page: &PageRequest) -> Result<Page<Member>> {
    let after = page.after(SORT)?;
    let (name, id) = (after.map(|c| c.key.as_str()), after.map(|c| c.id));
    let client = store.client().await?;
    let limit = page.limit + 1;
    let rows = statement::rows(&client, &LIST, &[&company_id, &name, &id, &limit]).await?;
    let total = if page.count {
        let row = statement::one(&client, &COUNT, &[&company_id]).await?;
        Some(row.get(0))
    } else {
        None
    };
    let members = rows.iter().map(read).collect();
    Ok(Page::of(members, page, total, |member: &Member| Cursor {
        sort: SORT.to_owned(),
        key: member.username.clone(),
        id: member.id,
    }))
}

/// How many of a contract's seats are taken: by active members.
///
/// # Errors
/// When the database can't be reached.
pub async fn seats_taken(store: &Store, company_id: i64) -> Result<i64> {
    let client = store.client().await?;
    Ok(statement::one(&client, &COUNT_ACTIVE, &[&company_id])
        .await?
        .get(0))
}

/// The member with this user name, whatever its letter case; also one whose account is not active.
///
/// # Errors
/// When the database can't be reached.
pub async fn find_by_username(
    store: &Store,
    company_id: i64,
    username: &str,
) -> Result<Option<Member>> {
    // What is no name is nobody's name; nor would PostgreSQL take every text.
    let Ok(username) = sindico_domain::account::username(username) else {
        return Ok(None);
    };
    let client = store.client().await?;
    let row = statement::row(&client, &FIND_BY_USERNAME, &[&company_id, &username]).await?;
    Ok(row.as_ref().map(read))
}

/// The active members of a company among these users, with their names.
///
/// # Errors
/// When the database can't be reached.
pub async fn active(store: &Store, company_id: i64, users: &[i64]) -> Result<HashMap<i64, String>> {
    let client = store.client().await?;
    let rows = statement::rows(&client, &ACTIVE, &[&company_id, &users]).await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// All active members: id, name and address.
///
/// # Errors
/// When the database can't be reached.
pub async fn all_active(store: &Store, company_id: i64) -> Result<Vec<(i64, String, String)>> {
    let client = store.client().await?;
    let rows = statement::rows(&client, &ALL_ACTIVE, &[&company_id]).await?;
    Ok(rows
        .iter()
        .map(|row| (row.get(0), row.get(1), row.get(2)))
        .collect())
}

/// The users who are active owners of a company.
///
/// # Errors
/// When the database can't be reached.
pub async fn owners(store: &Store, company_id: i64) -> Result<Vec<i64>> {
    let client = store.client().await?;
    let rows = statement::rows(&client, &OWNERS, &[&company_id]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// The role of a membership that may not be there.
pub(super) fn role(row: &Row, column: usize) -> Option<Role> {
    row.get::<_, Option<&str>>(column)
        .map(|_| word::<Role>(row, column))
}

/// Reads a row of `select!`.
fn read(row: &Row) -> Member {
    Member {
        id: row.get(0),
        user_id: row.get(1),
        username: row.get(2),
        email: row.get(3),
        role: word(row, 4),
        is_active: row.get(5),
        created_at: row.get(6),
        updated_at: row.get(7),
    }
}
