//! Members of a tenant.

use super::audit::{self, NewEvent};
use super::tenants::word;
use super::users::{UNKNOWN_USER, read_user};
use crate::statement::{self, statements};
use crate::{Result, Store};
use serde_json::json;
use sindico_domain::access::{Actor, Membership, Role};
use sindico_domain::{FieldErrors, account};
use tokio_postgres::Row;

statements! { "members":
    // The row lock keeps the count of seats and of owners true until the end.
    LOCK_COMPANY = "SELECT c.id, c.name, c.tenant_code, k.seats
        FROM company c JOIN tenant_contract k ON k.company_id = c.id
        WHERE c.tenant_code = $1 FOR UPDATE OF c";
    FIND_USER = "SELECT id, username, email, is_staff, is_superuser FROM app_user
        WHERE lower(username COLLATE \"und-x-icu\") = lower($1 COLLATE \"und-x-icu\") AND is_active
        FOR SHARE";
    FIND = "SELECT role, is_active FROM company_membership WHERE company_id = $1 AND user_id = $2";
    // An owner whose account is not active can't act as one.
    OTHERS = "SELECT count(*), count(*) FILTER (WHERE m.role = 'OWNER' AND u.is_active)
        FROM company_membership m JOIN app_user u ON u.id = m.user_id
        WHERE m.company_id = $1 AND m.user_id <> $2 AND m.is_active";
    UPSERT = "INSERT INTO company_membership (company_id, user_id, role) VALUES ($1, $2, $3)
        ON CONFLICT ON CONSTRAINT company_membership_key DO UPDATE
        SET role = excluded.role, is_active = true, updated_at = now()";
}

/// Makes a user an active member of a tenant with this role, whether or not they were one.
///
/// # Errors
/// Refused: an unknown tenant or user on its field (`tenant`, `username`), one more member than
/// the contract has seats, and another role for the last active owner (contract section 5); or
/// the database can't be reached.
pub async fn add(
    store: &Store,
    actor: &Actor,
    tenant_code: &str,
    username: &str,
    role: Role,
) -> Result<Membership> {
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    let company = match tenant_code.trim().to_ascii_lowercase() {
        code if code.contains('\0') => None,
        code => statement::row(&tx, &LOCK_COMPANY, &[&code]).await?,
    };
    let user = match account::username(username) {
        Ok(name) => statement::row(&tx, &FIND_USER, &[&name]).await?,
        Err(_) => None,
    };
    let (company, user) = match (company, user) {
        (Some(company), Some(user)) => (company, read_user(&user)),
        (company, user) => {
            let mut errors = FieldErrors::new();
            if company.is_none() {
                errors.add("tenant", "No tenant has this code.");
            }
            if user.is_none() {
                errors.add("username", UNKNOWN_USER);
            }
            return Err(errors.into());
        }
    };
    let membership = Membership {
        company_id: company.get(0),
        company_name: company.get(1),
        tenant_code: company.get(2),
        role,
    };
    let id = membership.company_id;
    let before = statement::row(&tx, &FIND, &[&id, &user.id])
        .await?
        .map(|row| (word::<Role>(&row, 0), row.get::<_, bool>(1)));
    if before == Some((role, true)) {
        return Ok(membership);
    }
    let others = statement::one(&tx, &OTHERS, &[&id, &user.id]).await?;
    let was_active = matches!(before, Some((_, true)));
    let seats: i32 = company.get(3);
    if !was_active && others.get::<_, i64>(0) >= i64::from(seats) {
        return Err(FieldErrors::whole(format!(
            "The contract has {seats} seats, and all are taken."
        ))
        .into());
    }
    if before == Some((Role::Owner, true)) && others.get::<_, i64>(1) == 0 {
        let last = "This is the tenant's last owner. Make another member an owner first.";
        return Err(FieldErrors::one("role", last).into());
    }
    statement::execute(&tx, &UPSERT, &[&id, &user.id, &role.as_str()]).await?;
    let state = |role: Role, is_active: bool| json!({ "role": role, "is_active": is_active });
    let event = NewEvent {
        action: "member.add",
        company_id: Some(id),
        subject: format!("member {} of {}", user.username, membership.tenant_code),
        before: before.map(|(role, is_active)| state(role, is_active)),
        after: Some(state(role, true)),
    };
    audit::record(&tx, actor, event).await?;
    tx.commit().await?;
    Ok(membership)
}

/// The role of a membership that may not be there.
pub(super) fn role(row: &Row, column: usize) -> Option<Role> {
    row.get::<_, Option<&str>>(column)
        .map(|_| word::<Role>(row, column))
}
