//! Accounts as the platform's administrators see and change them. Only superusers change accounts: staff
//! who could make superusers would be superusers.

use super::audit::{self, NewEvent};
use super::{resets, sessions, users};
use crate::statement::{self, statements};
use crate::{Result, Store};
use deadpool_postgres::GenericClient;
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};
use sindico_domain::access::{Actor, User};
use sindico_domain::account::NewUser;
use sindico_domain::page::{Cursor, Page, PageRequest};
use sindico_domain::precondition::Precondition;
use sindico_domain::{FieldErrors, Refusal};
use tokio_postgres::Row;

/// The order of [`list`], as its cursor names it.
const SORT: &str = "username";

macro_rules! select {
    () => {
        "SELECT u.id, u.username, u.email, u.is_staff, u.is_superuser, u.is_active,
            u.last_sign_in_at, u.created_at, u.updated_at,
            (SELECT count(*) FROM company_membership m JOIN company c ON c.id = m.company_id
                WHERE m.user_id = u.id AND m.is_active AND c.is_active)
        FROM app_user u"
    };
}

macro_rules! filtered {
    () => {
        " WHERE ($1::text IS NULL OR lower(u.username || E'\\n' || u.email) LIKE $1)
            AND ($2::text IS NULL OR ($2 = 'superuser' AND u.is_superuser)
                OR ($2 = 'staff' AND u.is_staff) OR ($2 = 'plain' AND NOT u.is_staff AND NOT u.is_superuser))
            AND ($3::boolean IS NULL OR u.is_active = $3)"
    };
}

statements! { "accounts":
    LIST = concat!(select!(), filtered!(), " AND ($4::text IS NULL
            OR (u.username COLLATE \"und-x-icu\", u.id) > ($4 COLLATE \"und-x-icu\", $5::bigint))
        ORDER BY u.username COLLATE \"und-x-icu\", u.id LIMIT $6");
    COUNT = concat!("SELECT count(*) FROM app_user u", filtered!());
    FIND = concat!(select!(), " WHERE u.id = $1");
    // Whoever changes who is a superuser holds them all: two can't take the last two away at once.
    SUPERUSERS = "SELECT id FROM app_user WHERE is_superuser AND is_active ORDER BY id FOR UPDATE";
    LOCK = "SELECT id FROM app_user WHERE id = $1 FOR UPDATE";
    // Always later than before: it is the version.
    UPDATE = "UPDATE app_user SET email = $2, is_staff = $3, is_superuser = $4, is_active = $5,
            updated_at = greatest(now(), updated_at + interval '1 microsecond')
        WHERE id = $1";
}

/// An account, active or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Id.
    pub id: i64,
    /// Unique whatever the letter case.
    pub username: String,
    /// The mail address.
    pub email: String,
    /// May use the platform API.
    pub is_staff: bool,
    /// Passes every check.
    pub is_superuser: bool,
    /// Whether it can be used.
    pub is_active: bool,
    /// When somebody last signed in by password.
    pub last_sign_in_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// In how many active tenants it has a place.
    pub tenants: i64,
}

impl Account {
    /// Grows with every change.
    pub fn version(&self) -> i64 {
        self.updated_at.as_microsecond()
    }
}

/// Which accounts a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountFilter {
    /// In name or address.
    pub q: Option<String>,
    /// `superuser`, `staff` or `plain`.
    pub kind: Option<String>,
    /// Whether it can be used.
    pub is_active: Option<bool>,
}

/// What to change of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountChanges {
    /// The mail address.
    pub email: Option<String>,
    /// May use the platform API.
    pub is_staff: Option<bool>,
    /// Passes every check.
    pub is_superuser: Option<bool>,
    /// Whether it can be used.
    pub is_active: Option<bool>,
}

/// Accounts by user name, as people sort.
///
/// # Errors
/// A cursor of another list is refused; or the database can't be reached.
pub async fn list(
    store: &Store,
    filter: &AccountFilter,
    page: &PageRequest,
) -> Result<Page<Account>> {
    let after = page.after(SORT)?;
    let (name, id) = (after.map(|c| c.key.as_str()), after.map(|c| c.id));
    let q = filter.q.as_deref().map(like);
    let (kind, limit) = (&filter.kind, page.limit + 1);
    let client = store.client().await?;
    let params: statement::Params<'_> = &[&q, kind, &filter.is_active, &name, &id, &limit];
    let rows = statement::rows(&client, &LIST, params).await?;
    let total = if page.count {
        let params: statement::Params<'_> = &[&q, kind, &filter.is_active];
        Some(statement::one(&client, &COUNT, params).await?.get(0))
    } else {
        None
    };
    let accounts = rows.iter().map(read).collect();
    Ok(Page::of(accounts, page, total, |account: &Account| {
        Cursor {
            sort: SORT.to_owned(),
            key: account.username.clone(),
            id: account.id,
        }
    }))
}

/// The account with this id, active or not.
///
/// # Errors
/// When the database can't be reached.
pub async fn find(store: &Store, id: i64) -> Result<Option<Account>> {
    find_on(&store.client().await?, id).await
}

/// Refuses when the acting user is no active superuser. The shell and the program itself pass.
///
/// # Errors
/// [`Refusal::Forbidden`]; or the database can't be reached.
pub async fn require_superuser(store: &Store, actor: &Actor) -> Result<()> {
    let superusers = statement::rows(&store.client().await?, &SUPERUSERS, &[]).await?;
    may_change(actor, &superusers)
}

/// Creates an account, for a superuser.
///
/// # Errors
/// As [`require_superuser`] and [`users::create`].
pub async fn create(
    store: &Store,
    actor: &Actor,
    new: &NewUser,
    password: &SecretString,
) -> Result<User> {
    require_superuser(store, actor).await?;
    users::create(store, actor, new, password).await
}

/// Changes an account. One that is deactivated loses its sessions and its links for a reset.
///
/// # Errors
/// `None` when there is no such account. Refused: a caller who is no superuser; whatever takes the
/// caller's own rights or those of the last superuser (on its field); an address that is taken; a stale
/// precondition; or the database can't be reached.
pub async fn change(
    store: &Store,
    actor: &Actor,
    id: i64,
    changes: &AccountChanges,
    precondition: &Precondition,
) -> Result<Option<Account>> {
    let mut client = store.client().await?;
    let tx = client.transaction().await?;
    let superusers = statement::rows(&tx, &SUPERUSERS, &[]).await?;
    may_change(actor, &superusers)?;
    statement::execute(&tx, &LOCK, &[&id]).await?;
    let Some(before) = find_on(&tx, id).await? else {
        return Ok(None);
    };
    precondition.check(before.version())?;
    let mut after = before.clone();
    after.email = changes.email.clone().unwrap_or(after.email);
    after.is_staff = changes.is_staff.unwrap_or(after.is_staff);
    after.is_superuser = changes.is_superuser.unwrap_or(after.is_superuser);
    after.is_active = changes.is_active.unwrap_or(after.is_active);
    if after == before {
        return Ok(Some(before));
    }
    let others = superusers.iter().any(|row| row.get::<_, i64>(0) != id);
    check(actor, &before, &after, others)?;
    let params: statement::Params<'_> = &[
        &id,
        &after.email,
        &after.is_staff,
        &after.is_superuser,
        &after.is_active,
    ];
    statement::execute(&tx, &UPDATE, params).await?;
    if before.is_active && !after.is_active {
        sessions::revoke_others(&tx, id, None).await?;
        resets::void(&tx, id).await?;
    }
    let event = NewEvent {
        action: "user.change",
        company_id: None,
        subject: format!("user {}", after.username),
        before: Some(told(&before)),
        after: Some(told(&after)),
    };
    audit::record(&tx, actor, event).await?;
    let saved = find_on(&tx, id).await?;
    tx.commit().await?;
    store.memory().forget();
    Ok(saved)
}

fn may_change(actor: &Actor, superusers: &[Row]) -> Result<()> {
    let Some(user_id) = actor.user_id else {
        return Ok(());
    };
    if superusers.iter().any(|row| row.get::<_, i64>(0) == user_id) {
        return Ok(());
    }
    Err(Refusal::Forbidden("Only superusers may change accounts.".to_owned()).into())
}

/// Nobody takes their own way in away, and nobody the last superuser's.
fn check(
    actor: &Actor,
    before: &Account,
    after: &Account,
    others: bool,
) -> Result<(), FieldErrors> {
    let mut errors = FieldErrors::new();
    let lost = [
        ("is_superuser", before.is_superuser && !after.is_superuser),
        ("is_active", before.is_active && !after.is_active),
    ];
    let passes = before.is_superuser && before.is_active;
    for (field, is_lost) in lost {
        if !is_lost {
            continue;
        }
        if actor.user_id == Some(before.id) {
            errors.add(
                field,
                "You can't take away your own rights. Another superuser can.",
            );
        } else if passes && !others {
            errors.add(
                field,
                "This is the last superuser. Make another account one first.",
            );
        }
    }
    errors.check(())
}

fn told(account: &Account) -> Value {
    json!({
        "id": account.id,
        "username": account.username,
        "email": account.email,
        "is_staff": account.is_staff,
        "is_superuser": account.is_superuser,
        "is_active": account.is_active,
    })
}

async fn find_on(client: &impl GenericClient, id: i64) -> Result<Option<Account>> {
    let row = statement::row(client, &FIND, &[&id]).await?;
    Ok(row.as_ref().map(read))
}

/// A pattern for names and addresses: their accents count.
fn like(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.trim().to_lowercase().chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

fn read(row: &Row) -> Account {
    Account {
        id: row.get(0),
        username: row.get(1),
        email: row.get(2),
        is_staff: row.get(3),
        is_superuser: row.get(4),
        is_active: row.get(5),
        last_sign_in_at: row.get(6),
        created_at: row.get(7),
        updated_at: row.get(8),
        tenants: row.get(9),
    }
}
