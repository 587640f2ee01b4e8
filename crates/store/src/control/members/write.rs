//! What changes the members of a tenant. Each use case locks the company row first, so that seats
//! and owners are counted by one at a time.

use super::{read, select};
use crate::control::audit::{self, NewEvent};
use crate::control::idempotency::{self, Key, Once};
use crate::control::tenants;
use crate::control::users::{UNKNOWN_USER, read_user};
use crate::statement::{self, statements};
use crate::{Result, Store};
use deadpool_postgres::GenericClient;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sindico_domain::access::member::{Member, MemberChanges, NewMember};
use sindico_domain::access::{Actor, Role};
use sindico_domain::precondition::Precondition;
use sindico_domain::tenant::Tenant;
use sindico_domain::{FieldErrors, Refusal};
use tokio_postgres::Row;

statements! { "members":
    FIND_USER = "SELECT id, username, email, is_staff, is_superuser FROM app_user
        WHERE lower(username COLLATE \"und-x-icu\") = lower($1 COLLATE \"und-x-icu\") AND is_active
        FOR SHARE";
    OF_USER = concat!(select!(), " AND m.user_id = $2");
    OF_ID = concat!(select!(), " AND m.id = $2");
    // An owner whose account is not active can't act as one.
    OTHERS = "SELECT count(*), count(*) FILTER (WHERE m.role = 'OWNER' AND u.is_active)
        FROM company_membership m JOIN app_user u ON u.id = m.user_id
        WHERE m.company_id = $1 AND m.user_id <> $2 AND m.is_active";
    IS_OWNER = "SELECT u.is_superuser OR EXISTS (SELECT FROM company_membership m
            WHERE m.company_id = $1 AND m.user_id = u.id AND m.is_active AND m.role = 'OWNER')
        FROM app_user u WHERE u.id = $2 AND u.is_active";
    INSERT = "INSERT INTO company_membership (company_id, user_id, role, is_active)
        VALUES ($1, $2, $3, $4) RETURNING id, created_at, updated_at";
    // Always later than before: it is the version. now() is when the transaction began to wait.
    UPDATE = "UPDATE company_membership SET role = $2, is_active = $3,
            updated_at = greatest(now(), updated_at + interval '1 microsecond')
        WHERE id = $1 RETURNING updated_at";
}

/// What [`add`] has done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Added {
    /// Whether they were no member before, active or not.
    pub created: bool,
    /// The member.
    pub member: Member,
}

/// A membership as it is under the lock.
struct Standing {
    member: Member,
    account_active: bool,
}

impl Standing {
    fn of(row: &Row) -> Self {
        Self {
            member: read(row),
            account_active: row.get(8),
        }
    }
}

/// Makes a user a member of a company, or changes the place of one who is. A role that is not told
/// is the one that they have, else MEMBER.
///
/// # Errors
/// Refused: an unknown company ([`Refusal::NotFound`]) or user (on `username`), one more active
/// member than the contract has seats, whatever takes the ownership of the caller or of the last
/// active owner (on `role`, `is_active`), a caller who is no owner any more; or the database can't
/// be reached.
pub async fn add(
    store: &Store,
    actor: &Actor,
    company_id: i64,
    new: &NewMember,
    key: Option<&Key>,
) -> Result<Once<Added>> {
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    if let Some(earlier) = idempotency::begin(&tx, key).await? {
        return Ok(earlier);
    }
    let tenant = tenants::lock(&tx, company_id)
        .await?
        .ok_or(Refusal::NotFound)?;
    require_owner(&tx, actor, company_id).await?;
    let Some(user) = statement::row(&tx, &FIND_USER, &[&new.username]).await? else {
        return Err(FieldErrors::one("username", UNKNOWN_USER).into());
    };
    let user = read_user(&user);
    let row = statement::row(&tx, &OF_USER, &[&company_id, &user.id]).await?;
    let added = match row.as_ref().map(Standing::of) {
        Some(before) => {
            let changes = MemberChanges {
                role: new.role,
                is_active: Some(new.is_active),
            };
            let member = apply(&tx, actor, &tenant, before, changes, fields).await?;
            Added {
                created: false,
                member,
            }
        }
        None => {
            if new.is_active {
                refuse_without_seat(&others(&tx, company_id, user.id).await?, &tenant)?;
            }
            let role = new.role.unwrap_or(Role::Member);
            let row = statement::one(
                &tx,
                &INSERT,
                &[&company_id, &user.id, &role.as_str(), &new.is_active],
            )
            .await?;
            let member = Member {
                id: row.get(0),
                user_id: user.id,
                username: user.username,
                email: user.email,
                role,
                is_active: new.is_active,
                created_at: row.get(1),
                updated_at: row.get(2),
            };
            record(&tx, actor, &tenant, None, &member).await?;
            Added {
                created: true,
                member,
            }
        }
    };
    let version = added.member.version();
    let once = idempotency::finish(&tx, key, added, version).await?;
    tx.commit().await?;
    store.memory().forget();
    Ok(once)
}

/// Changes role or activity of a member.
///
/// # Errors
/// `None` when the company has no such member, or is none; else as [`add`], and a stale
/// precondition.
pub async fn change(
    store: &Store,
    actor: &Actor,
    company_id: i64,
    member_id: i64,
    changes: MemberChanges,
    precondition: &Precondition,
) -> Result<Option<Member>> {
    write(
        store,
        actor,
        (company_id, member_id),
        changes,
        precondition,
        fields,
    )
    .await
}

/// Deactivates a member; one who is inactive stays so.
///
/// # Errors
/// As [`change`], but what takes an owner away is refused as a whole.
pub async fn remove(
    store: &Store,
    actor: &Actor,
    company_id: i64,
    member_id: i64,
    precondition: &Precondition,
) -> Result<Option<Member>> {
    let changes = MemberChanges {
        role: None,
        is_active: Some(false),
    };
    let whole = |message: &str, _: &Member| Refusal::Invalid(message.to_owned());
    write(
        store,
        actor,
        (company_id, member_id),
        changes,
        precondition,
        whole,
    )
    .await
}

/// Refuses when the acting user is neither an active owner of this company nor a superuser: the
/// gate has looked before, but what it saw may have changed while this waited for the lock. The
/// shell and the program itself pass.
pub(crate) async fn require_owner(
    tx: &impl GenericClient,
    actor: &Actor,
    company_id: i64,
) -> Result<()> {
    let Some(user_id) = actor.user_id else {
        return Ok(());
    };
    let row = statement::row(tx, &IS_OWNER, &[&company_id, &user_id]).await?;
    if row.is_some_and(|row| row.get(0)) {
        return Ok(());
    }
    Err(Refusal::Forbidden("Only an owner of this tenant may do this.".to_owned()).into())
}

async fn write(
    store: &Store,
    actor: &Actor,
    (company_id, member_id): (i64, i64),
    changes: MemberChanges,
    precondition: &Precondition,
    refusal: impl Fn(&str, &Member) -> Refusal,
) -> Result<Option<Member>> {
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    let Some(tenant) = tenants::lock(&tx, company_id).await? else {
        return Ok(None);
    };
    require_owner(&tx, actor, company_id).await?;
    let Some(row) = statement::row(&tx, &OF_ID, &[&company_id, &member_id]).await? else {
        return Ok(None);
    };
    let before = Standing::of(&row);
    precondition.check(before.member.version())?;
    let member = apply(&tx, actor, &tenant, before, changes, refusal).await?;
    tx.commit().await?;
    store.memory().forget();
    Ok(Some(member))
}

/// Changes a membership by the rules and records it; `refusal` says what takes an owner away.
async fn apply(
    tx: &impl GenericClient,
    actor: &Actor,
    tenant: &Tenant,
    before: Standing,
    changes: MemberChanges,
    refusal: impl Fn(&str, &Member) -> Refusal,
) -> Result<Member> {
    let mut after = before.member.clone();
    after.role = changes.role.unwrap_or(after.role);
    after.is_active = changes.is_active.unwrap_or(after.is_active);
    if after == before.member {
        return Ok(after);
    }
    let others = others(tx, tenant.id, after.user_id).await?;
    if !before.member.is_active && after.is_active {
        refuse_without_seat(&others, tenant)?;
    }
    if owns(&before.member) && !owns(&after) {
        if actor.user_id == Some(after.user_id) {
            let own = "You can't give up your own ownership. Another owner can take it from you.";
            return Err(refusal(own, &after).into());
        }
        // Who can't sign in is not the last who can act.
        if before.account_active && others.owners == 0 {
            let last = "This is the tenant's last owner. Make another member an owner first.";
            return Err(refusal(last, &after).into());
        }
    }
    let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 3] =
        [&after.id, &after.role.as_str(), &after.is_active];
    let row = statement::one(tx, &UPDATE, &parameters).await?;
    after.updated_at = row.get::<_, Timestamp>(0);
    record(tx, actor, tenant, Some(&before.member), &after).await?;
    Ok(after)
}

fn owns(member: &Member) -> bool {
    member.role == Role::Owner && member.is_active
}

/// The message at each field that takes the ownership away.
fn fields(message: &str, after: &Member) -> Refusal {
    let mut errors = FieldErrors::new();
    if after.role != Role::Owner {
        errors.add("role", message);
    }
    if !after.is_active {
        errors.add("is_active", message);
    }
    errors.into()
}

/// The active members of a tenant beside one.
struct Others {
    active: i64,
    owners: i64,
}

async fn others(tx: &impl GenericClient, company_id: i64, user_id: i64) -> Result<Others> {
    let row = statement::one(tx, &OTHERS, &[&company_id, &user_id]).await?;
    Ok(Others {
        active: row.get(0),
        owners: row.get(1),
    })
}

fn refuse_without_seat(others: &Others, tenant: &Tenant) -> Result<(), FieldErrors> {
    let seats = tenant.contract.seats;
    if others.active < i64::from(seats) {
        return Ok(());
    }
    let taken = "all are taken. Deactivate a member, or ask for more seats.";
    Err(FieldErrors::whole(format!(
        "The contract has {seats} seats, and {taken}"
    )))
}

async fn record(
    tx: &impl GenericClient,
    actor: &Actor,
    tenant: &Tenant,
    before: Option<&Member>,
    after: &Member,
) -> Result<()> {
    let was_active = before.is_some_and(|member| member.is_active);
    let action = match (before, was_active, after.is_active) {
        (None, ..) | (_, false, true) => "member.add",
        (_, true, false) => "member.remove",
        _ => "member.change",
    };
    let state = |member: &Member| {
        json!({
            "id": member.id,
            "user_id": member.user_id,
            "username": member.username,
            "role": member.role,
            "is_active": member.is_active,
        })
    };
    let event = NewEvent {
        action,
        company_id: Some(tenant.id),
        subject: format!("member {} of {}", after.username, tenant.tenant_code),
        before: before.map(state),
        after: Some(state(after)),
    };
    audit::record(tx, actor, event).await
}
